"""补正史: every return with its remarks, what was opened, until when, and when it came back."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, OuterRef, Prefetch, Q, Subquery

from applications import check_keys
from applications.models import FormalCheck, Remark, Submission
from applications.models.checking import Outcome
from qcportal import clock
from qcportal.exports.scope import Scope
from qcportal.exports.tables import Column, Table

CHUNK = 500
STATES = {"waiting": "等待补正", "back": "已补正", "late": "逾期"}
COLUMNS = [
    Column("文件编号", 15), Column("期", 9), Column("单位名称", 32), Column("小组名称", 20),
    Column("第几次退回", 9, "whole"),
    Column("退回版本", 9, "whole"), Column("退回时间", 20, "moment"), Column("审查人", 10),
    Column("意见数", 8, "whole"),
    Column("意见", 60), Column("单位答复", 48), Column("开放项目", 40), Column("补正截止", 20, "moment"),
    Column("重新提交", 20, "moment"), Column("用时（天）", 10, "points"), Column("情况", 10),
]  # fmt: skip
SUM_COLUMNS = [
    Column("对象", 10), Column("名称", 32), Column("退回次数", 10, "whole"), Column("已补正", 9, "whole"),
    Column("逾期", 9, "whole"), Column("平均用时（天）", 14, "points"),
]  # fmt: skip


class Sum(NamedTuple):
    name: str
    returns: int
    back: int
    late: int
    days: float | None


def returns(scope: Scope) -> Any:
    """Returns with ``back_at`` (the first version after it) and ``nth`` (of this filing)."""
    later = Submission.objects.filter(
        application=OuterRef("application"), version__gt=OuterRef("submission__version")
    ).order_by("version")
    before = FormalCheck.objects.filter(
        application=OuterRef("application"), outcome=Outcome.RETURN, decided_at__lte=OuterRef("decided_at")
    )
    nth = before.order_by().values("application").annotate(count=Count("pk")).values("count")
    rows = FormalCheck.objects.filter(application__in=scope.applications(), outcome=Outcome.RETURN)
    rows = rows.annotate(back_at=Subquery(later.values("submitted_at")[:1]), nth=Subquery(nth[:1]))
    return _filtered(rows, scope.filters, clock.now())


def _filtered(rows: Any, filters: dict[str, str], at: datetime) -> Any:
    if filters.get("checker", "").isdigit():
        rows = rows.filter(checker=int(filters["checker"]))
    q = filters.get("q", "").strip()
    if q:
        rows = rows.filter(
            Q(application__file_number__icontains=q) | Q(application__enterprise__name__icontains=q)
            | Q(application__group_name__icontains=q)
        )  # fmt: skip
    state = filters.get("state", "")
    if state == "waiting":
        return rows.filter(back_at=None, correction_due_at__gt=at)
    if state == "back":
        return rows.exclude(back_at=None)
    return rows.filter(back_at=None, correction_due_at__lte=at) if state == "late" else rows


def for_page(rows: Any) -> Any:
    notes = Remark.objects.select_related("reply").order_by("position", "pk")
    rows = rows.select_related("application__enterprise", "application__round__programme", "submission", "checker")
    rows = rows.defer("submission__data", "submission__personal").prefetch_related(Prefetch("remarks", notes))
    return rows.order_by("-decided_at", "-pk")


def days(check: FormalCheck) -> float | None:
    back = check.back_at  # type: ignore[attr-defined]
    if back is None or check.decided_at is None:
        return None
    return round((back - check.decided_at).total_seconds() / 86400, 1)


def state_of(check: FormalCheck, at: datetime) -> str:
    if check.back_at is not None:  # type: ignore[attr-defined]
        return "back"
    return "late" if check.correction_due_at and check.correction_due_at <= at else "waiting"


def opened(check: FormalCheck) -> str:
    return "、".join(check_keys.label(key) for key in check_keys.in_order(set(check.open_fields)))


def sums(scope: Scope, by: str) -> list[Sum]:
    """By checker or by enterprise, most returns first. One question; times are averaged here, as SQLite cannot."""
    name = {"checker": "checker__name", "enterprise": "application__enterprise__name"}[by]
    now, found = clock.now(), dict[str, list[tuple[float | None, bool]]]()
    rows = returns(scope).order_by().values_list(name, "decided_at", "back_at", "correction_due_at")
    for label, decided, back, due in rows.iterator(chunk_size=2000):
        took = (back - decided).total_seconds() / 86400 if back and decided else None
        found.setdefault(label, []).append((took, back is None and due is not None and due <= now))
    made = []
    for label, each in found.items():
        taken = [took for took, _late in each if took is not None]
        average = round(sum(taken) / len(taken), 1) if taken else None
        made.append(Sum(label, len(each), len(taken), sum(late for _took, late in each), average))
    return sorted(made, key=lambda one: (-one.returns, one.name))


def count(scope: Scope) -> int:
    return int(returns(scope).count())


def tables(scope: Scope) -> list[Table]:
    return [
        Table("补正史", COLUMNS, _rows(scope), [scope.label]),
        Table("按审查人和单位", SUM_COLUMNS, _sum_rows(scope), [scope.label]),
    ]


def _rows(scope: Scope) -> Iterator[list[Any]]:
    now = clock.now()
    for check in for_page(returns(scope)).iterator(chunk_size=CHUNK):
        filing, said = check.application, list(check.remarks.all())
        replies = [remark.reply for remark in said if hasattr(remark, "reply")]
        yield [
            filing.file_number, filing.round.label, filing.enterprise.name, filing.group_name, check.nth,
            check.submission.version, check.decided_at, str(check.checker), len(said),
            "；".join(f"{check_keys.label(one.field)}：{one.text}" for one in said),
            "；".join(reply.text for reply in replies), opened(check), check.correction_due_at, check.back_at,
            days(check), STATES[state_of(check, now)],
        ]  # fmt: skip


def _sum_rows(scope: Scope) -> Iterator[list[Any]]:
    for what, by in (("审查人", "checker"), ("单位", "enterprise")):
        for one in sums(scope, by):
            yield [what, one.name, one.returns, one.back, one.late, one.days]
