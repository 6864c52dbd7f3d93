"""文件编号簿: every number a round gave out, with its versions; and what stands behind a number that is missing."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import Prefetch

from applications.actions.submission import file_number_text
from applications.models import Application, Round, Submission
from applications.states import State
from qcportal.exports.scope import Scope
from qcportal.exports.tables import Column, Table

CHUNK = 500
COLUMNS = [
    Column("文件编号", 15), Column("期", 9), Column("单位名称", 32), Column("小组名称", 20),
    Column("首次提交", 20, "moment"),
    Column("版本", 7, "whole"), Column("提交时间", 20, "moment"), Column("校验码", 15), Column("SHA-256", 68),
    Column("目前状态", 12), Column("说明", 36),
]  # fmt: skip
_SERIAL = re.compile(r"^QC\d{4}-\d-(\d+)$")
NOTES = {
    State.WITHDRAWN: "单位已撤回，编号保留不再使用",
    State.REFUSED: "不予受理，编号保留",
    State.LAPSED: "补正逾期失效，编号保留",
    State.DISQUALIFIED: "取消资格，编号保留",
}
UNKNOWN = "该编号已发出，系统中没有对应的申报，请运行数据核对并查审计记录"
OUT_OF_LINE = "编号超出本期计数，请运行数据核对"


class Entry(NamedTuple):
    """One number. ``application`` is None for a gap."""

    number: str
    round: Round
    application: Application | None
    versions: list[Submission]
    note: str = ""


def rounds(scope: Scope) -> list[Round]:
    rows = Round.objects.select_related("programme").order_by("programme__year", "number")
    if scope.round is not None:
        return list(rows.filter(pk=scope.round.pk))
    return list(rows.filter(programme=scope.programme) if scope.programme else rows)


def filed(scope: Scope) -> Any:
    """Numbers in order, with what a line shows; two questions for 500 of them."""
    versions = Submission.objects.only("application", "version", "submitted_at", "code", "sha256").order_by("version")
    rows = scope.applications().select_related("enterprise", "round__programme")
    rows = rows.prefetch_related(Prefetch("submissions", versions))
    return rows.order_by("round__programme__year", "round__number", "file_number")


def gaps(scope: Scope) -> list[Entry]:
    """Numbers at or below the round's counter that no filing carries. The counter counts with the submission, in one
    transaction, so there should be none: each one is a question to the audit trail."""
    found = []
    for round_ in rounds(scope):
        there = {
            int(match[1])
            for number in Application.objects.submitted().filter(round=round_).values_list("file_number", flat=True)
            if (match := _SERIAL.match(number or ""))
        }
        for serial in range(1, round_.file_number_counter + 1):
            if serial not in there:
                number = file_number_text(round_.programme.year, round_.number, serial)
                found.append(Entry(number, round_, None, [], UNKNOWN))
    return found


def entry_of(row: Application) -> Entry:
    match = _SERIAL.match(row.file_number or "")
    note = NOTES.get(State(row.state), "")
    if match and int(match[1]) > row.round.file_number_counter:
        note = OUT_OF_LINE
    return Entry(row.file_number or "", row.round, row, list(row.submissions.all()), note)


def tables(scope: Scope) -> list[Table]:
    return [Table("文件编号簿", COLUMNS, _rows(scope), [scope.label, "每个版本一行；编号一经发出不再他用。"])]


def _rows(scope: Scope) -> Iterator[list[Any]]:
    for row in filed(scope).iterator(chunk_size=CHUNK):
        entry = entry_of(row)
        first = entry.versions[0].submitted_at if entry.versions else None
        about = [entry.number, row.round.label, row.enterprise.name, row.group_name, first]
        for version in entry.versions:
            yield [
                *about, version.version, version.submitted_at, version.code_grouped, version.sha256,
                row.state_label, entry.note,
            ]  # fmt: skip
        if not entry.versions:
            yield [*about, None, None, "", "", row.state_label, "没有提交版本，请运行数据核对"]
    for gap in gaps(scope):
        yield [gap.number, gap.round.label, "", "", None, None, None, "", "", "空号", gap.note]
