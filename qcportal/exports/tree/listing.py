"""What lies beside the files of an archive: index.xlsx, SHA256SUMS.txt (read by sha256sum -c), manifest.json."""

import json
from collections.abc import Iterable, Iterator
from typing import IO, Any, NamedTuple

from django.db.models import Prefetch
from django.utils import timezone

from applications.models import Application, Submission
from applications.states import State
from qcportal import clock
from qcportal.exports.lists.filings import in_order
from qcportal.exports.tables import Column, Link, Table, write_xlsx
from qcportal.exports.tree.items import WITHDRAWN, Archive

INDEX, SUMS, MANIFEST = "index.xlsx", "SHA256SUMS.txt", "manifest.json"
CHUNK = 500
COLUMNS = [
    Column("文件编号", 15), Column("期", 9), Column("状态", 12), Column("单位名称", 32), Column("统一社会信用代码", 21),
    Column("小组名称", 20), Column("课题名称", 40), Column("版本", 7, "whole"), Column("提交时间", 20, "moment"),
    Column("校验码", 15), Column("SHA-256", 68), Column("文件夹", 30), Column("申报表", 12), Column("说明", 44),
]  # fmt: skip


class Written(NamedTuple):
    """One file of the archive as it lies there."""

    path: str
    sha256: str
    size: int
    source: str


def write_index(archive: Archive, stream: IO[bytes]) -> None:
    """Every application of the year, with links to its folder and its attachment 1; drafts name no content."""
    title = f"{archive.programme.year} 年度申报索引"
    table = Table(title, COLUMNS, _index_rows(archive), ["链接相对于本文件所在的文件夹。"])
    write_xlsx([table], stream)


def _index_rows(archive: Archive) -> Iterator[list[Any]]:
    versions = Submission.objects.only("application", "version", "submitted_at", "code", "sha256").order_by("version")
    rows = in_order(Application.objects.filter(round__programme=archive.programme))
    rows = rows.select_related("enterprise", "round__programme").prefetch_related(Prefetch("submissions", versions))
    for row in rows.iterator(chunk_size=CHUNK):
        yield _index_line(row, archive)


def _index_line(row: Application, archive: Archive) -> list[Any]:
    sent = list(row.submissions.all())
    last = sent[-1] if sent else None
    form = archive.paths.get(last.pk) if last else None
    folder = f"{archive.folders[row.enterprise_id]}/{row.round.label}" if form else archive.withdrawn.get(row.pk, "")
    about = [row.file_number or "", row.round.label, row.state_label, row.enterprise.name, row.enterprise.credit_code]
    if last is None:
        return [*about, *[""] * 2, None, None, *[""] * 4, "没有提交过，没有文件。"]
    return [
        *about, row.group_name, row.topic_name, last.version, last.submitted_at, last.code_grouped, last.sha256,
        Link("打开文件夹", f"{folder}/") if folder else "", Link("打开", form) if form else "",
        _why(row, bool(form), bool(folder)),
    ]  # fmt: skip


def _why(row: Application, has_form: bool, has_folder: bool) -> str:
    """Why a filed application is not in its enterprise's folder."""
    if has_form:
        return ""
    if row.state != State.WITHDRAWN:
        return "没有生成申报表，内容在 submissions 文件夹。"
    where = f"证实性材料在“{WITHDRAWN}”文件夹，" if has_folder else "没有证实性材料，"
    return f"已撤回，不在单位的文件夹里：{where}申报内容在 submissions 文件夹。"


def sums(written: Iterable[Written]) -> bytes:
    """As coreutils writes it: sha256, two spaces, path."""
    return "".join(f"{one.sha256}  {one.path}\n" for one in written).encode()


def manifest(archive: Archive, written: list[Written], missing: list[str]) -> bytes:
    """For programs: every file with its size and source, what could not be found, the frozen versions."""
    programme = archive.programme
    versions = Submission.objects.filter(application__round__programme=programme).order_by("file_number", "version")
    frozen = versions.values("file_number", "version", "code", "sha256")
    content = {
        "programme": {"year": programme.year, "title": programme.title},
        "made_at": timezone.localtime(clock.now()).isoformat(timespec="seconds"),
        "files": [one._asdict() for one in written],
        "missing": missing,
        "submissions": list(frozen),
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()
