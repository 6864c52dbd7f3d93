"""The archive on disk: folders as the notice names them, checksums, going on after a kill, verification."""

import hashlib
import json
import os
import signal
import subprocess
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from openpyxl import load_workbook

from applications import codes
from applications.actions import submission
from applications.models import Evidence, Submission
from applications.packets import parts as documents
from qcportal import files
from qcportal.exports.tree import folder, listing
from qcportal.exports.tree.items import Archive
from qcportal.exports.tree.names import folder_name, free_folder
from qcportal.models import AuditEvent
from tests.qcportal.exports import season


@pytest.fixture(autouse=True)
def rendered(monkeypatch):
    """Layout is tested elsewhere; here each document is its code, and how often one was made is counted."""
    made = []

    def stub(kind):
        def make(frozen, code=""):
            code = code or frozen.submission.code
            made.append(f"{kind}:{code}")
            return SimpleNamespace(content=f"%PDF {kind} {code}".encode())

        return make

    for kind in ("form", "summary", "statistics"):
        monkeypatch.setattr(documents, kind, stub(kind))
    return made


@pytest.fixture
def root(year, tmp_path):
    target = tmp_path / "导出"
    call_command("export_programme", str(year.programme.year), str(target))
    return target


def again(year, root, *more):
    call_command("export_programme", str(year.programme.year), str(root), *more)


def everything(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_one_folder_for_each_enterprise_named_by_the_rule(year, root):
    names = sorted(path.name for path in (root / "各单位").iterdir())
    assert names == ["青海湖光盐化股份有限公司_李文静_13900000043", "青海瀚澄盐湖化工有限公司_李文静_13900000043"]
    own = root / "各单位" / names[0]
    inside = {path.relative_to(own).as_posix() for path in own.rglob("*.*")}
    year_ = year.programme.data_year
    assert inside >= {
        "第一期/附件1_青海省优秀质量管理小组申报表_01_红柳QC小组.pdf",
        "第一期/附件1_青海省优秀质量管理小组申报表_02_沙柳QC小组.pdf",
        f"第一期/附件2_{year_}年企业质量管理小组活动总结.pdf",
        "第一期/附件3_企业质量管理小组活动统计表.pdf",
        "第一期/附件3_企业质量管理小组活动统计表.xlsx",
        "第一期/证实性材料/01_红柳QC小组/成果报告.pdf",
    }
    assert any("往来信函" in path for path in inside)


def test_coreutils_agrees_with_the_checksums(root):
    done = subprocess.run(["sha256sum", "--check", "--strict", "--quiet", listing.SUMS], cwd=root, capture_output=True)
    assert (done.returncode, done.stdout) == (0, b"")
    listed = {line.split("  ", 1)[1] for line in (root / listing.SUMS).read_text().splitlines()}
    assert listed == set(everything(root)) - {listing.SUMS}


def test_the_index_leads_to_each_form(year, root):
    sheet = load_workbook(root / listing.INDEX).active
    head = [cell.value for cell in sheet[3]]
    rows = [dict(zip(head, row, strict=True)) for row in sheet.iter_rows(min_row=4)]
    assert [row["文件编号"].value for row in rows] == [f"QC{year.programme.year}-1-000{number}" for number in (1, 2, 3)]
    for row in rows:
        target = root / unquote(row["申报表"].hyperlink.target)
        submission = Submission.objects.get(file_number=row["文件编号"].value)
        assert target.read_bytes() == f"%PDF form {submission.code}".encode()
        assert (root / unquote(row["文件夹"].hyperlink.target)).is_dir()
        assert row["SHA-256"].value == submission.sha256


def test_what_was_withdrawn_lies_apart_and_the_index_says_so(year, tmp_path):
    """In the folder on disk and in the parts of the ZIP alike: its evidence as last submitted, nothing elsewhere."""
    names = [one["name"] for one in year.returned.submissions.get().data["evidence"]]
    submission.withdraw(year.returned, actor=year.owner, reason="不再申报")
    root = tmp_path / "导出"
    again(year, root)
    number = year.returned.file_number
    apart = root / "已撤回" / year.round.label / f"{number}_沙柳QC小组"
    assert sorted(path.name for path in apart.iterdir()) == [
        f"{position:02d}-{name}" for position, name in enumerate(names, 1)
    ]
    assert not [path for path in (root / "各单位").rglob("*") if "沙柳" in path.name]
    sheet = load_workbook(root / listing.INDEX).active
    head = [cell.value for cell in sheet[3]]
    rows = {row[0].value: dict(zip(head, row, strict=True)) for row in sheet.iter_rows(min_row=4)}
    line = rows[number]
    where = "证实性材料在“已撤回”文件夹，申报内容在 submissions 文件夹。"
    assert line["说明"].value == f"已撤回，不在单位的文件夹里：{where}"
    assert (root / unquote(line["文件夹"].hyperlink.target)) == apart
    assert line["申报表"].value in ("", None)
    assert not rows[year.first.file_number]["说明"].value
    zipped = {item.path for item in Archive(year.programme).items(flat=False)}
    assert {path.relative_to(root).as_posix() for path in apart.iterdir()} <= zipped


def test_what_was_there_before_is_still_there(year, root):
    book = load_workbook(root / "汇总.xlsx")
    assert book.sheetnames == ["申报", "统计表", "纸质件", "评分", "排名", "推荐意见"]
    for path in (root / "submissions").glob("*.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        assert codes.digest(content["data"]) == content["sha256"]
    assert list((root / "files" / year.first.file_number).glob("*成果报告.pdf"))
    assert AuditEvent.objects.filter(verb="programme.exported").exists()


def test_running_again_keeps_everything_and_renders_nothing(year, root, rendered):
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*.pdf")}
    rendered.clear()
    again(year, root)
    assert rendered == []
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*.pdf")} == before


def test_damaged_lost_and_stray_files_are_put_right(year, root):
    wanted = everything(root)
    forms = sorted((root / "各单位").rglob("附件1*.pdf"))
    forms[0].write_bytes(b"damaged!")
    forms[1].unlink()
    (forms[0].parent / "x.pdf.part").write_bytes(b"half")
    again(year, root)
    now = everything(root)
    assert set(now) == set(wanted)
    assert now[forms[0].relative_to(root).as_posix()] == wanted[forms[0].relative_to(root).as_posix()]


def test_a_new_version_replaces_the_old_documents(year, root):
    season.give_back(year)
    again(year, root)
    again(year, root, "--verify")
    submission = year.returned.submissions.get(version=2)
    (form,) = (root / "各单位").rglob("*沙柳QC小组.pdf")
    assert form.read_bytes() == f"%PDF form {submission.code}".encode()
    assert len(list((root / "submissions").glob(f"{year.returned.file_number}-v*.json"))) == 2


@pytest.mark.skipif(connection.vendor == "postgresql", reason="the child would speak on the test's own connection")
@pytest.mark.parametrize("stop_at", [1, 5, 12])
def test_killed_in_the_middle_it_goes_on(year, tmp_path, stop_at, rendered):
    """The child is killed by SIGKILL just before a file would get its name: no half file ever has a final name."""
    target = tmp_path / "导出"
    child = os.fork()
    if not child:
        replace, seen = os.replace, []

        def deadly(source, place):
            seen.append(place)
            if len(seen) == stop_at:
                os.kill(os.getpid(), signal.SIGKILL)
            replace(source, place)

        os.replace = deadly
        folder.write(year.programme, target)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    left = [path for path in target.rglob("*") if path.is_file() and path.name != folder.JOURNAL]
    assert [path.suffix for path in left].count(".part") == 1
    complete = [path for path in left if path.suffix != ".part"]
    assert len(complete) == stop_at - 1
    stamps = {path: path.stat().st_mtime_ns for path in complete if path.suffix == ".pdf"}

    counts = folder.write(year.programme, target)

    assert counts["kept"] >= len(stamps)
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
    assert not list(target.rglob("*.part"))
    assert not (target / folder.JOURNAL).exists()
    again(year, target, "--verify")


def test_verify_names_what_is_wrong(year, root, capsys):
    again(year, root, "--verify")
    assert "全部一致" in capsys.readouterr().out
    form = next((root / "各单位").rglob("附件1*.pdf"))
    form.write_bytes(b"other")
    (root / "汇总.xlsx").unlink()
    (root / "陌生.txt").write_text("x")
    json_file = next((root / "submissions").glob("*.json"))
    content = json.loads(json_file.read_text(encoding="utf-8"))
    content["data"]["group"]["group_name"] = "改过的小组"
    json_file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(CommandError, match="5 处问题"):
        again(year, root, "--verify")
    said = capsys.readouterr().err
    for words in ("内容已变：各单位/", "缺少：汇总.xlsx", "多余：陌生.txt", "冻结内容与校验值不符：submissions/"):
        assert words in said


def test_verify_compares_with_the_frozen_sha256_of_the_database(year, root):
    json_file = next((root / "submissions").glob("*.json"))
    content = json.loads(json_file.read_text(encoding="utf-8"))
    content["data"]["group"]["group_name"] = "改过的小组"
    content["sha256"] = codes.digest(content["data"])
    json_file.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    sums = (root / listing.SUMS).read_text()
    old = next(line for line in sums.splitlines() if line.endswith(f"submissions/{json_file.name}"))
    new = f"{hashlib.sha256(json_file.read_bytes()).hexdigest()}  submissions/{json_file.name}"
    (root / listing.SUMS).write_text(sums.replace(old, new))
    with pytest.raises(CommandError, match="1 处问题"):
        again(year, root, "--verify")


def test_a_foreign_folder_and_an_unknown_year_are_refused(year, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(CommandError, match="空目录"):
        again(year, tmp_path / "mine")
    assert (tmp_path / "mine" / "notes.txt").read_text() == "mine"
    with pytest.raises(CommandError, match="没有 1999"):
        call_command("export_programme", "1999", str(tmp_path / "x"))


def test_a_damaged_storage_gives_no_file_and_says_so(year, tmp_path):
    stored = Evidence.objects.first().file
    default_storage.delete(stored.storage_name)
    from django.core.files.base import ContentFile

    default_storage.save(stored.storage_name, ContentFile(b"%PDF other bytes"))
    with pytest.raises(CommandError, match="不符"):
        again(year, tmp_path / "x")
    assert not list((tmp_path / "x").rglob("*成果报告*"))


def test_files_that_are_gone_are_listed_not_hidden(year, tmp_path):
    stored = Evidence.objects.first().file
    default_storage.delete(stored.storage_name)
    again(year, tmp_path / "x")
    manifest = json.loads((tmp_path / "x" / listing.MANIFEST).read_text(encoding="utf-8"))
    assert manifest["missing"]
    assert not files.exists(stored)


@pytest.mark.parametrize(
    ("unit", "contact", "phone", "expected"),
    [
        ("青海湖光盐化股份有限公司", "马启明", "13900000042", "青海湖光盐化股份有限公司_马启明_13900000042"),
        ("甲" * 90, "马启明", "13900000042", "甲" * 44 + "_马启明_13900000042"),
        ('a/b\\c:d*e?f"g<h>i|j', "", "", "a_b_c_d_e_f_g_h_i_j"),
        ("青海公司. .", "", "", "青海公司"),
        ("青海公司", "王. ", "", "青海公司_王"),
        ("CON", "", "", "CON_"),
        ("", "", "", "未命名"),
        ("甲" * 59 + ".乙丙", "", "", "甲" * 59),
        ("乙\u202e公司\n", "李\t四", "0971/555", "乙公司_李_四_0971_555"),
    ],
)
def test_folder_names_open_on_every_system(unit, contact, phone, expected):
    name = folder_name(unit, contact, phone)
    assert name == expected
    assert len(name) <= 60
    assert len(name.encode()) <= 240
    assert not name.endswith((".", " "))


def test_folders_of_the_same_name_stay_apart():
    taken: set[str] = set()
    assert [free_folder(name, taken) for name in ("甲_A", "甲_a", "甲_A")] == ["甲_A", "甲_a（2）", "甲_A（3）"]
