"""Files that are refused or doubtful: evidence, Office forms, stamped scans."""

import io
import re
from typing import Any

import pikepdf
from django.db.models import F
from openpyxl import load_workbook

from applications import statistics
from applications.imports import groups_form, statistics_form
from applications.models import AnnualReport, PaperPart
from qcportal import clock
from tests import factories
from tests.applications import scanner
from tests.applications.test_uploads import document
from tests.e2e.scenes import Scene, Stage, enterprise_of, line, open_round, section, submit
from tests.imports import corpus

PARTS = re.compile(r"/uploads/[0-9a-f-]+/\?offset=")
NARROW = {"width": 900, "height": 900}  # type stays readable in the guide
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def locked_pdf() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(factories.PDF)) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="secret", user="secret"))
    return out.getvalue()


def evidence_refused(stage: Stage) -> None:
    owner = stage.owner()
    application = stage.draft(owner)
    seen = stage.window(owner, section(application, "evidence"))
    page = seen.page
    for name, content in (
        ("成果报告（高清）.pdf", b"x" * (51 * 1024 * 1024)), ("活动记录.rar", b"Rar!"), ("活动记录.doc", b"x"),
        ("现场照片.heic", b"x"), ("财务效益证明（加密）.pdf", locked_pdf()), ("成果报告副本.pdf", factories.PDF),
    ):  # fmt: skip
        (stage.scratch / name).write_bytes(content)
    names = {
        "error-upload-size": "成果报告（高清）.pdf", "error-upload-type": "活动记录.rar",
        "error-upload-heic": "现场照片.heic",
        "error-upload-locked": "财务效益证明（加密）.pdf", "error-upload-twice": "成果报告副本.pdf",
        "error-upload-old": "活动记录.doc",
    }  # fmt: skip
    page.set_input_files("[name=files]", [stage.scratch / name for name in names.values()])
    for name in names.values():
        line(page, name).locator("[data-error]:not([hidden])").wait_for(timeout=30_000)
    for picture, name in names.items():
        seen.pieces(picture, line(page, name))


def network_cut(stage: Stage) -> None:
    owner = stage.owner()
    address = section(stage.draft(owner), "evidence")
    seen = stage.window(owner, address)
    page = seen.page
    path = stage.scratch / "小组活动记录全本.pdf"
    path.write_bytes(document(6_000_000))
    held: list[Any] = []

    def handle(route: Any) -> None:
        held.append(route)
        if len(held) != 2:
            route.continue_()

    page.route(PARTS, handle)
    page.set_input_files("[name=files]", path)
    for _ in range(100):
        if len(held) >= 2:
            break
        page.wait_for_timeout(100)
    seen.pieces("enterprise-upload", line(page, path.name))
    page.context.set_offline(True)
    held[1].abort("internetdisconnected")
    row = line(page, path.name)
    row.get_by_text(re.compile("网络已断开|连接中断")).wait_for()
    seen.pieces("error-upload-cut", row)
    page.unroute(PARTS)
    page.goto("about:blank")
    page.context.set_offline(False)
    seen.go(address)
    seen.pieces("error-upload-unfinished", page.locator("#unfinished section"))


def office_refused(stage: Stage) -> None:
    owner = stage.owner()
    stage.draft(owner)
    year = open_round().programme.year
    seen = stage.window(owner)
    page = seen.page
    files = {
        "error-office-type": ("附件3.xlsx", factories.PDF),
        "error-office-macro": ("附件3.xlsx", corpus.repacked(corpus.good(), add=(("xl/vbaProject.bin", b"x"),))),
        "error-office-old": ("附件3.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
        "error-office-bomb": ("附件3.xlsx", corpus.zeros()),
        "error-office-link": ("附件3.xlsx", corpus.external("externalLinkPath", "file:///c:/data.xlsx")),
    }
    for name, (file_name, content) in files.items():
        seen.go(f"/applications/reports/{year}/statistics/upload/")
        page.set_input_files("[name=file]", {"name": file_name, "mimeType": XLSX, "buffer": content})
        page.locator("main form button[type=submit]").last.click()
        page.wait_for_load_state()
        seen.pieces(name, page.locator(".error-summary").first)


def office_doubtful(stage: Stage) -> None:
    """One cell that is no number, one that would overwrite; and somebody changed the table meanwhile."""
    owner = stage.owner()
    application = stage.draft(owner)
    year = application.round.programme.year
    seen = stage.window(owner, f"/applications/reports/{year}/statistics/")
    page = seen.page
    page.set_viewport_size(NARROW)
    seen.pieces("enterprise-excel", page.locator(".excel-bar"))
    form = page.context.request.get(f"{seen.base}/applications/reports/{year}/statistics/form.xlsx").body()
    book = load_workbook(io.BytesIO(form))
    sheet = book.active
    values = {"employees": 1300, "participants": "约一百六十人", "results_count": 14, "promoters": 6}
    places = {row.field: place for place, row in enumerate(statistics.ROWS, statistics_form.FIRST_ROW)}
    for field, value in values.items():
        sheet[f"E{places[field]}"] = value
    filled = io.BytesIO()
    book.save(filled)
    seen.go(f"/applications/reports/{year}/statistics/upload/")
    page.set_input_files("[name=file]", {"name": "附件3.xlsx", "mimeType": XLSX, "buffer": filled.getvalue()})
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/imports/**")
    seen.pieces("enterprise-import", page.locator("main .note").first, page.locator("#review .card").first, height=600)
    seen.pieces("error-import-cell", page.locator(".import-problems"))
    AnnualReport.objects.filter(enterprise=enterprise_of(owner)).update(
        results_count=13, edit_version=F("edit_version") + 1
    )
    page.locator("#review button[name=all]").click()
    page.wait_for_load_state()
    seen.pieces("error-import-stale", page.locator("main .note--amber").first)


def groups_refused(stage: Stage) -> None:
    owner = stage.owner()
    stage.draft(owner)
    round_ = open_round()
    address = f"/applications/groups/{round_.programme.year}-{round_.number}/"
    seen = stage.window(owner, address)
    page = seen.page
    page.set_viewport_size(NARROW)
    seen.shot("enterprise-groups", 900, page.locator("[name=file]"))
    form = page.context.request.get(f"{seen.base}{address}form.xlsx").body()
    book = load_workbook(io.BytesIO(form))
    sheet = book.active
    heads = {str(cell.value).strip("*＊ "): cell.column for cell in sheet[groups_form.HEAD_ROW] if cell.value}
    rows = [
        {"小组名称": "晨星QC小组", "课题名称": "降低包装线停机时间", "活动次数": 20},
        {"小组名称": "雪豹QC小组", "课题名称": "提高过滤机利用率", "活动次数": "二十次"},
        {"小组名称": "高原红QC小组", "课题名称": ""},
    ]
    for number, values in enumerate(rows, groups_form.FIRST_ROW):
        for head, value in values.items():
            column = next((at for name, at in heads.items() if name.startswith(head)), None)
            if column:
                sheet.cell(number, column).value = value
    filled = io.BytesIO()
    book.save(filled)
    page.set_input_files("[name=file]", {"name": "小组汇总表.xlsx", "mimeType": XLSX, "buffer": filled.getvalue()})
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/imports/**")
    seen.pieces("error-groups", page.locator("main .note").first, page.locator(".import-problems"))
    seen.pieces("enterprise-groups-good", page.locator("section", has=page.locator("#good")))


def scans_doubtful(stage: Stage) -> None:
    """A page without a readable code, a page of another unit, and one that was printed before a new version."""
    owner, other = stage.owner(), stage.owner()
    application = stage.submitted(owner)
    foreign = scanner.printed(stage.submitted(other).latest_submission)["annex1"]
    first = scanner.printed(application.latest_submission)
    stale = scanner.pictures(first["annex1"])[0]
    PaperPart.objects.filter(enterprise=enterprise_of(owner)).update(printed_at=clock.now())
    annex3 = [scanner.sealed(page, on_code=False) for page in scanner.pictures(first["annex3"])]
    scanner.upload(application.latest_submission, owner, annex3, first["annex3"])
    type(application).objects.filter(pk=application.pk).update(
        topic_name="提高包装合格率", has_unsubmitted_changes=True
    )
    application.refresh_from_db()
    submission = submit(application, owner).latest_submission
    parts = scanner.printed(submission)
    round_ = application.round
    seen = stage.window(owner, f"/applications/paper/{round_.programme.year}-{round_.number}/")
    page = seen.page
    page.set_viewport_size({"width": 1280, "height": 900})
    seen.pieces("error-paper-stale", page.locator("main .note--red").first)
    seen.pieces("enterprise-paper", page.locator("section", has=page.locator("#parts")), height=800)
    seen.pieces("enterprise-paper-upload", page.locator("#upload"))
    seen.pieces("enterprise-folder", page.locator("section", has=page.locator("#folder")))
    blank = scanner.blotted(scanner.pictures(parts["annex2"])[0])
    scan = scanner.upload(submission, owner, [blank, scanner.pictures(foreign)[0], stale])
    page.set_viewport_size(NARROW)
    seen.go(f"/applications/scans/{scan.uuid}/")
    seen.pieces("error-scan", page.locator("section", has=page.locator("#pages")), height=760)


SCENES: tuple[Scene, ...] = (
    evidence_refused, network_cut, office_refused, office_doubtful, groups_refused, scans_doubtful,
)  # fmt: skip
