"""纸质套 and 电子文件夹: what one enterprise hands in once per round, from its latest submissions."""

import base64
import hashlib
import re
import tempfile
import zipfile
from collections.abc import Iterable
from typing import IO, Any

from django.db.models import Prefetch
from django.utils import timezone

from applications import codes, exchange
from applications.models import Application, Association, Bundle, Enterprise, PaperSet, ReportVersion, Round, Submission
from applications.packets import assembly, building
from applications.packets.content import Frozen, FrozenReport
from applications.states import State
from qcportal import clock, files, pdf
from qcportal.models import StoredFile

ZIP_TYPE = "application/zip"
NAME_LIMIT = 80


class Constituents:
    """The latest submission of every filing that was not withdrawn, in the enterprise's order, and the report."""

    def __init__(self, enterprise: Enterprise, round_: Round) -> None:
        self.enterprise, self.round = enterprise, round_
        latest = Submission.objects.select_related("report_version", "application").order_by("-version")
        rows = Application.objects.filter(enterprise=enterprise, round=round_).exclude(state=State.WITHDRAWN)
        rows = rows.submitted().order_by("preference", "id").prefetch_related(Prefetch("submissions", latest))
        self.submissions: list[Submission] = [row.submissions.all()[0] for row in rows if row.submissions.all()]

    @property
    def report(self) -> ReportVersion:
        return max((s.report_version for s in self.submissions), key=lambda version: version.version)

    @property
    def fingerprint(self) -> str:
        return codes.digest(
            {
                "template": pdf.TEMPLATE_VERSION,
                "submissions": [[s.file_number, s.version, s.sha256] for s in self.submissions],
                "report": self.report.sha256,
            }
        )

    @property
    def contact(self) -> tuple[str, str]:
        """Of the first filing that still has one; a purge takes it away."""
        for submission in self.submissions:
            if submission.personal:
                return submission.personal["contact_name"], submission.personal["contact_phone"]
        return "", ""


def set_code(fingerprint: str, enterprise: Enterprise) -> str:
    """12 characters that follow from what the set holds, so that building again gives the same code."""
    digest = hashlib.sha256(f"{enterprise.credit_code}:{fingerprint}".encode()).digest()
    return base64.b32encode(digest).decode()[: codes.CODE_LENGTH]


def current_set(held: Constituents) -> PaperSet | None:
    rows = PaperSet.objects.filter(enterprise=held.enterprise, round=held.round, fingerprint=held.fingerprint)
    return rows.select_related("file").first()


def current_bundle(held: Constituents) -> Bundle | None:
    rows = Bundle.objects.filter(enterprise=held.enterprise, round=held.round, fingerprint=held.fingerprint)
    return rows.select_related("file").first()


def build_set(enterprise: Enterprise, round_: Round) -> PaperSet | None:
    """The enterprise's paper set of the round exists as of now; None when nothing is filed any more."""
    held = Constituents(enterprise, round_)
    if not held.submissions:
        return None
    found = current_set(held)
    if found is not None:
        return found
    made, parts = _paper_set(held)
    row, _created = PaperSet.objects.get_or_create(
        enterprise=enterprise,
        round=round_,
        fingerprint=held.fingerprint,
        defaults={
            "code": set_code(held.fingerprint, enterprise),
            "parts": parts,
            "file": files.store(made.content, building.PDF_TYPE),
            "pages": made.pages,
            "built_at": clock.now(),
        },
    )
    return row


def _paper_set(held: Constituents) -> tuple[assembly.Assembled, list[dict[str, Any]]]:
    pieces = [(part, row) for part, row in _pieces(held)]
    rows = _numbered_rows(pieces)
    code = set_code(held.fingerprint, held.enterprise)
    name, phone = held.contact
    first = held.submissions[0].data
    context = {
        "data": first,
        "rows": rows,
        "groups": len(held.submissions),
        "pages": sum(row["pages"] for row in rows),
        "contact_name": name,
        "contact_phone": phone,
        "code": code,
        "qr": pdf.qr_svg(pdf.verify_url(code)),
        "round": held.round,
        "association": Association.objects.first(),
    }
    footer = f"纸质套封面 · 第 {{page}} 页 共 {{total}} 页 · 校验码 {codes.grouped(code)}"
    cover = assembly.own("纸质套封面", pdf.layout_template("set_cover.html", context), footer, own_numbers=True)
    title = f"{first['enterprise']['name']} {held.round} 纸质套"
    return assembly.assemble([cover, *(part for part, _row in pieces)], title=title), rows


def _numbered_rows(pieces: list[tuple[assembly.Part, dict[str, Any] | None]]) -> list[dict[str, Any]]:
    """One row per part of the set; pages of an appended document count with the part before it."""
    rows: list[dict[str, Any]] = []
    for part, row in pieces:
        if row is None:
            rows[-1]["pages"] += part.pages
        else:
            rows.append({**row, "pages": part.pages})
    return rows


def _pieces(held: Constituents) -> Iterable[tuple[assembly.Part, dict[str, Any] | None]]:
    report = FrozenReport(held.report)
    year, version = report.data["programme"]["data_year"], held.report
    identity = {"file_number": "", "version": version.version, "code": version.code, "submission": None, "group": ""}
    summary, *rest = report_parts(report)
    yield summary[0], {**identity, "annex": "附件2", "title": f"{year}年企业质量管理小组活动总结"}
    for extra in summary[1:]:
        yield extra, None
    yield rest[0][0], {**identity, "annex": "附件3", "title": "企业质量管理小组活动统计表"}
    for submission in held.submissions:
        frozen = Frozen(submission)
        yield (
            form_part(frozen),
            {
                "annex": "附件1",
                "title": frozen.data["topic"]["topic_name"],
                "group": frozen.data["group"]["group_name"],
                "file_number": submission.file_number,
                "version": submission.version,
                "code": submission.code,
                "submission": submission.pk,
            },
        )


def form_part(frozen: Frozen) -> assembly.Part:
    title = f"附件1 {frozen.data['group']['group_name']}"
    return assembly.own(title, building.form_layout(frozen), frozen.footer, own_numbers=True)


def report_parts(report: FrozenReport) -> tuple[list[assembly.Part], list[assembly.Part]]:
    """Attachment 2, with the pages of an uploaded summary, and attachment 3."""
    summary, statistics = building.report_layouts(report)
    second, third = report.footer.replace("{part}", "附件2"), report.footer.replace("{part}", "附件3")
    parts = [assembly.own("附件2 企业质量管理小组活动总结", summary, second, own_numbers=True)]
    shown, file = building.summary_file_pages(report), report.summary_file
    if shown is not None and file is not None:
        extra = second.replace("附件2", "附件2附页")
        parts.append(building.document_part(file["name"], file, shown, extra, own_numbers=True, under=True))
    return parts, [assembly.own("附件3 企业质量管理小组活动统计表", statistics, third, own_numbers=True)]


def build_bundle(enterprise: Enterprise, round_: Round) -> Bundle | None:
    """The enterprise's electronic folder of the round exists as of now; None when nothing is filed any more."""
    held = Constituents(enterprise, round_)
    if not held.submissions:
        return None
    found = current_bundle(held)
    if found is not None:
        return found
    name = safe_name("_".join(filter(None, [held.submissions[0].data["enterprise"]["name"], *held.contact])))
    with tempfile.SpooledTemporaryFile(max_size=16 * 1024 * 1024) as stream:
        _write_bundle(stream, name, held)
        stored = files.store(stream, ZIP_TYPE)
    row, _created = Bundle.objects.get_or_create(
        enterprise=enterprise,
        round=round_,
        fingerprint=held.fingerprint,
        defaults={"name": f"{name}.zip", "file": stored, "built_at": clock.now()},
    )
    return row


def _write_bundle(stream: IO[bytes], folder: str, held: Constituents) -> None:
    """Entries carry the time of the last submission: the same versions give the same bytes."""
    moment = timezone.localtime(max(submission.submitted_at for submission in held.submissions))
    taken: set[str] = set()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for path, content in _entries(held):
            entry = zipfile.ZipInfo(f"{folder}/{free_name(path, taken)}", moment.timetuple()[:6])
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)


def _entries(held: Constituents) -> Iterable[tuple[str, bytes]]:
    report = FrozenReport(held.report)
    year = report.data["programme"]["data_year"]
    summary, statistics = report_parts(report)
    for number, submission in enumerate(held.submissions, 1):
        frozen = Frozen(submission)
        group = safe_name(f"{number:02d}_{frozen.data['group']['group_name']}")
        form = assembly.assemble([form_part(frozen)], title=f"{submission.file_number} 申报表")
        yield f"附件1_青海省优秀质量管理小组申报表_{group}.pdf", form.content
        for item in frozen.data["evidence"]:
            yield f"证实性材料/{group}/{safe_name(item['name'])}", _original(item["sha256"])
    title = f"{year}年企业质量管理小组活动总结"
    yield f"附件2_{title}.pdf", assembly.assemble(summary, title=title).content
    if report.summary_file and report.summary_file["content_type"] != building.PDF_TYPE:
        yield f"附件2_{safe_name(report.summary_file['name'])}", _original(report.summary_file["sha256"])
    title = "企业质量管理小组活动统计表"
    yield f"附件3_{title}.pdf", assembly.assemble(statistics, title=title).content
    yield f"附件3_{title}.xlsx", exchange.statistics_workbook(report.data, report.personal)


def _original(sha256: str) -> bytes:
    return files.read(StoredFile.objects.get(pk=sha256))


def safe_name(name: str) -> str:
    """A name that every system unpacks: no separators, control or reserved characters, not too long."""
    cleaned = re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", name).strip(" .")
    if len(cleaned) <= NAME_LIMIT:
        return cleaned or "未命名"
    stem, dot, suffix = cleaned.rpartition(".")
    return f"{stem[: NAME_LIMIT - 8]}.{suffix}" if dot and len(suffix) <= 5 else cleaned[:NAME_LIMIT]


def free_name(path: str, taken: set[str]) -> str:
    """``path``, or with （2）, （3） … when a file of that name is in the folder already."""
    stem, dot, suffix = path.rpartition(".")
    candidate, number = path, 1
    while candidate.lower() in taken:
        number += 1
        candidate = f"{stem}（{number}）.{suffix}" if dot else f"{path}（{number}）"
    taken.add(candidate.lower())
    return candidate
