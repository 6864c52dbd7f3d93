"""What a bulk action would do with each filing of the filtered set, and why it leaves one out. Reads only."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, QuerySet

from applications import queueing, reminders
from applications.models import (
    Application,
    BulkAction,
    BulkKind,
    ChecklistItem,
    Claim,
    FormalCheck,
    ItemState,
)
from applications.states import State
from qcportal.models import User

REMINDING = frozenset({BulkKind.REMIND, BulkKind.PAPER})


class Plan(NamedTuple):
    """``reason`` is empty when the filing is included; ``seen`` is compared with when the plan is carried out."""

    application: Application
    reason: str
    seen: str


class Facts(NamedTuple):
    """One filing as a plan sees it; ``check`` is its open check, ``claim`` only while it stands."""

    row: Application
    check: FormalCheck | None
    claim: Claim | None
    unreached: str  # why nobody would be reminded of it
    now: datetime


def plans(
    rows: QuerySet[Application], kind: str, *, actor: User, assignee: User | None, now: datetime,
    but: int | None = None,
) -> list[Plan]:  # fmt: skip
    """Of every filing in ``rows``, in the order they would be worked through. A fixed number of queries, whatever
    theirs. ``but`` is the batch at work, whose own letters do not count as sent soon.
    """
    found = queueing.in_order(queueing.facts(rows)).prefetch_related("round__extensions")
    listed = list(found)
    unreached = _unreached(kind, listed, now, but)
    checks = {check.application_id: check for check in _open_checks(listed)}
    judge = JUDGES[BulkKind(kind)]
    made = []
    for row in listed:
        facts = _facts(row, checks.get(row.pk), now, unreached.get(row.pk, ""))
        made.append(Plan(row, judge(facts, actor, assignee), seen(facts)))
    return made


def _open_checks(rows: Iterable[Application]) -> QuerySet[FormalCheck]:
    checks = FormalCheck.objects.filter(outcome="", application__in=[row.pk for row in rows])
    return checks.select_related("checker").annotate(remark_count=Count("remarks"))


def _unreached(kind: str, rows: list[Application], now: datetime, but: int | None) -> dict[int, str]:
    """The filings of which nobody would be told, with the reasons that the reminders page would give."""
    if kind not in REMINDING:
        return {}
    targets = recipients(kind, [row.pk for row in rows], now, but)
    silent = [target for target in targets if not target.people]
    return {row.pk: _words(target) for target in silent for row in target.applications}


def recipients(kind: str, pks: list[int], now: datetime, but: int | None = None) -> list[reminders.Target]:
    """Whom the bulk reminder of these filings would reach, and who is left out: by the rules of every reminder."""
    found: list[reminders.Target] = []
    for occasion in reminders.BULK[BulkKind(kind)]:
        rows = reminders.waiting(occasion, now).filter(pk__in=pks)
        found += reminders.plan(occasion, rows, now, but_bulk=but)
    return found


def _words(target: reminders.Target) -> str:
    reasons = list(dict.fromkeys(one.reason for one in target.left_out))
    if reasons == [reminders.JUST_TOLD] or reasons == [reminders.SOON_TOLD]:
        return reasons[0]
    return f"没有可以提醒的人（{'；'.join(reasons)}）"


def _facts(row: Application, check: FormalCheck | None, now: datetime, unreached: str) -> Facts:
    claim: Claim | None = getattr(row, "claim", None)
    stands = claim is not None and (claim.keeps_until > now or check is not None)
    return Facts(row, check, claim if stands else None, unreached, now)


def seen(facts: Facts) -> str:
    """What must not have changed between preview and work."""
    holder = facts.claim.holder_id if facts.claim else ""
    check = facts.check.pk if facts.check else ""
    return f"{facts.row.state}|{facts.row.last_version}|{holder}|{check}"  # type: ignore[attr-defined]


# --- one judge a kind: "" to include, else the reason in words ---------------------------------------


def _for_accept(facts: Facts, actor: User, _assignee: User | None) -> str:
    row = facts.row
    if row.state != State.SUBMITTED:
        return f"状态为“{row.state_label}”，不是待审查"
    return (
        _held_by_other(facts, actor)
        or _checklist_open(facts)
        or ("营业执照待核验" if not row.enterprise.is_verified else "")
        or ("单位提交后又有修改，尚未重新提交" if row.has_unsubmitted_changes else "")
        or _open_warnings(facts)
    )


def _held_by_other(facts: Facts, actor: User) -> str:
    if facts.check is not None and facts.check.checker_id != actor.pk:
        return f"{facts.check.checker} 正在审查"
    if facts.claim is not None and facts.claim.holder_id != actor.pk:
        return f"{facts.claim.holder} 已领取"
    return ""


def _checklist_open(facts: Facts) -> str:
    """A checklist can be taken as complete when one's own check says so, or when nothing spoke against it yet."""
    check = facts.check
    if check is None:
        return "补正后交回，需逐件复核" if facts.row.was_returned else ""  # type: ignore[attr-defined]
    if check.remark_count:  # type: ignore[attr-defined]
        return f"审查中已写有 {check.remark_count} 条意见"  # type: ignore[attr-defined]
    failed = sum(line["answer"] == "no" for line in check.checklist)
    if failed:
        return f"清单有 {failed} 项不符"
    unanswered = sum(not line["answer"] for line in check.checklist if line.get("required", True))
    return f"清单还有 {unanswered} 项未核" if unanswered else ""


def _open_warnings(facts: Facts) -> str:
    """Likeness to others' topics cannot be explained away: it is looked at by whoever ticks the checklist by hand."""
    summary = getattr(facts.row, "warning_summary", None)
    if summary is None or summary.refreshed_at is None:
        return "提醒还在核算，请稍后再预览"
    if summary.unexplained:
        return f"有 {summary.unexplained} 条提醒未说明"
    if summary.similar and facts.check is None:
        return f"与其他单位的 {summary.similar} 项课题相近"
    return ""


def _for_assign(facts: Facts, actor: User, assignee: User | None) -> str:
    row, check, claim = facts.row, facts.check, facts.claim
    if row.state != State.SUBMITTED:
        return f"状态为“{row.state_label}”，不是待审查"
    if check is not None:
        return f"{check.checker} 已开始审查"
    if claim is not None:
        return "已由本人领取" if claim.holder_id == (assignee or actor).pk else f"{claim.holder} 已领取"
    return ""


def _for_release(facts: Facts, actor: User, _assignee: User | None) -> str:
    if facts.check is not None:
        return f"{facts.check.checker} 已开始审查"
    if facts.claim is None:
        return "没有人领取"
    return f"由 {facts.claim.holder} 领取，不能代为放回" if facts.claim.holder_id != actor.pk else ""


def _for_remind(facts: Facts, _actor: User, _assignee: User | None) -> str:
    row = facts.row
    if row.state not in {State.DRAFT, State.RETURNED}:
        return f"状态为“{row.state_label}”，不是草稿或待补正"
    if row.deadline() <= facts.now:
        return "已过截止时间"
    return facts.unreached


def _for_paper(facts: Facts, _actor: User, _assignee: User | None) -> str:
    row = facts.row
    if row.state not in queueing.PAPER_EXPECTED:
        return f"状态为“{row.state_label}”，不需要纸质件"
    if row.paper_version == row.last_version:  # type: ignore[attr-defined]
        return "纸质件已签收"
    return facts.unreached


JUDGES = {
    BulkKind.ACCEPT: _for_accept,
    BulkKind.ASSIGN: _for_assign,
    BulkKind.RELEASE: _for_release,
    BulkKind.REMIND: _for_remind,
    BulkKind.PAPER: _for_paper,
}


# --- what changed since a preview --------------------------------------------------------------------


class Drift(NamedTuple):
    """What the set has become since it was previewed."""

    changed: list[str]  # file numbers that are no longer as they were, or no longer match
    added: list[str]  # that match now and were not there

    def __bool__(self) -> bool:
        return bool(self.changed or self.added)


def drift(batch: BulkAction, fresh: list[Plan]) -> Drift:
    """The planned filings that would be judged otherwise now, and those that would be new in the plan."""
    planned = {item.application_id: item for item in batch.items.select_related("application")}
    now = {plan.application.pk: plan for plan in fresh}
    changed = [
        _name(item.application)
        for pk, item in planned.items()
        if item.state == ItemState.PLANNED and (pk not in now or now[pk].reason or now[pk].seen != item.seen)
    ]
    was_planned = {pk for pk, item in planned.items() if item.state == ItemState.PLANNED}
    added = [_name(plan.application) for pk, plan in now.items() if not plan.reason and pk not in was_planned]
    return Drift(changed, added)


def _name(application: Application) -> str:
    return application.file_number or application.display_name


def open_checklist(rows: Iterable[Application]) -> list[str]:
    """The lines that a bulk acceptance of filings without a check would answer with 符合."""
    programmes = {row.round.programme_id for row in rows}
    lines = ChecklistItem.objects.filter(programme__in=programmes, is_active=True).order_by("position", "pk")
    return list(dict.fromkeys(lines.values_list("text", flat=True)))
