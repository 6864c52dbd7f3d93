"""审查意见: every decided check with its remarks and what the enterprise answered."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Prefetch

from applications import check_keys
from applications.models import FormalCheck, Remark
from qcportal.exports.scope import Scope
from qcportal.exports.tables import Column, Table

CHUNK = 500
COLUMNS = [
    Column("文件编号", 15), Column("期", 9), Column("单位名称", 32), Column("小组名称", 20),
    Column("所审版本", 9, "whole"),
    Column("审查决定", 12), Column("决定时间", 20, "moment"), Column("审查人", 10), Column("理由", 36),
    Column("序号", 7, "whole"), Column("项目", 24), Column("意见", 48), Column("单位答复", 40),
    Column("答复时间", 20, "moment"), Column("补正截止", 20, "moment"),
]  # fmt: skip


def remarks(scope: Scope) -> list[Table]:
    return [Table("审查意见", COLUMNS, _rows(scope), [scope.label])]


def checks(scope: Scope) -> Any:
    return FormalCheck.objects.filter(application__in=scope.applications()).exclude(outcome="")


def _rows(scope: Scope) -> Iterator[list[Any]]:
    rows = checks(scope).select_related(
        "application__enterprise", "application__round__programme", "submission", "checker"
    )
    notes = Remark.objects.select_related("reply").order_by("position", "pk")
    rows = rows.defer("submission__data", "submission__personal").prefetch_related(Prefetch("remarks", notes))
    for check in rows.order_by("application__file_number", "decided_at", "pk").iterator(chunk_size=CHUNK):
        yield from _lines(check)


def _lines(check: FormalCheck) -> Iterator[list[Any]]:
    filing = check.application
    about = [
        filing.file_number, filing.round.label, filing.enterprise.name, filing.group_name, check.submission.version,
        check.get_outcome_display(), check.decided_at, str(check.checker), check.reason,  # type: ignore[attr-defined]
    ]  # fmt: skip
    said = list(check.remarks.all())
    if not said:
        yield [*about, None, "", "", "", None, check.correction_due_at]
    for number, remark in enumerate(said, 1):
        reply = getattr(remark, "reply", None)
        yield [
            *about, number, check_keys.label(remark.field), remark.text, reply.text if reply else "",
            reply.replied_at if reply else None, check.correction_due_at,
        ]  # fmt: skip
