"""提交经过: what the portal knows of the minutes in which somebody says that it failed.

Presses of submit with their answers, saves, wrong passwords, broken pages; and how the portal was in those minutes
for everybody, so that "the site failed at 23:59" has an answer that can be printed.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Q
from django.utils import timezone

from applications import check_keys
from applications.models import AnnualReport, Application, Enterprise, Membership, SubmitAttempt
from qcportal import audit_labels
from qcportal.models import AuditEvent, ServerFault

SUCCESS = ("accepted", "repeated")
OUTCOMES = {"accepted": "提交成功", "repeated": "重复按下，已提交过"}
REFUSED = {
    "incomplete": "缺项，没有提交",
    "unexplained": "有提醒没有核实",
    "unconfirmed": "没有勾选确认",
    "after_deadline": "已过截止时间",
    "not_open": "本期还没有开放",
    "check_begun": "秘书处已开始审查",
    "text_changed": "确认文本刚更新",
    "not_allowed": "没有提交的权限",
    "bad_state": "状态不允许提交",
}
SAVES = ("application.saved", "report.changed", "application.created", "application.filled", "evidence.added",
         "evidence.removed", "application.withdrawn", "application.lapsed")  # fmt: skip
LOGINS = ("user.login_failed", "user.login_locked", "user.registered", "user.email_verified")
MOST = 300


class Step(NamedTuple):
    """One thing that happened, for the line of time and the printed statement."""

    at: datetime
    kind: str  # "attempt", "save", "login", "fault"
    title: str
    text: str
    who: str
    good: bool
    about: str = ""
    decided_at: datetime | None = None
    missing: tuple[str, ...] = ()

    @property
    def took(self) -> str:
        """How long the portal needed for its answer."""
        if self.decided_at is None:
            return ""
        return f"{(self.decided_at - self.at).total_seconds():.2f} 秒"


class Health(NamedTuple):
    """The whole portal in a stretch of time."""

    start: datetime
    end: datetime
    accepted: int
    refused: int
    enterprises: int
    actions: int
    faults: list[ServerFault]

    @property
    def sentence(self) -> str:
        if self.faults:
            return f"期间平台有 {len(self.faults)} 次服务器错误，见下。"
        if self.accepted or self.actions:
            return "期间平台没有服务器错误，其他操作正常完成。"
        return "期间平台没有服务器错误记录，也没有其他操作。"


def outcome_label(attempt: SubmitAttempt) -> str:
    return OUTCOMES.get(attempt.outcome) or REFUSED.get(attempt.outcome, "没有提交成功")


def missing_of(attempt: SubmitAttempt) -> tuple[str, ...]:
    """The missing items by the names that the forms use."""
    return tuple(dict.fromkeys(check_keys.label(str(key)) for key in attempt.missing))


def window(start: datetime | None, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """What is asked for; without a start the last 30 days, and never backwards."""
    end = end or now
    start = start or end - timedelta(days=30)
    return (start, end) if start <= end else (end, start)


def steps(enterprise: Enterprise, start: datetime, end: datetime) -> list[Step]:
    """In the order in which they happened; five questions whatever the enterprise filed."""
    people = list(Membership.objects.filter(enterprise=enterprise).values_list("user_id", flat=True))
    found = [*_attempts(enterprise, start, end), *_saves(enterprise, start, end)]
    found += _logins(people, start, end) + _faults(people, start, end)
    return sorted(found, key=lambda step: step.at)


def _attempts(enterprise: Enterprise, start: datetime, end: datetime) -> list[Step]:
    rows = SubmitAttempt.objects.filter(application__enterprise=enterprise, arrived_at__gte=start, arrived_at__lte=end)
    return [
        Step(
            row.arrived_at, "attempt", outcome_label(row), row.message, str(row.user), row.outcome in SUCCESS,
            f"{row.application.file_number or '草稿'} {row.application.display_name}", row.decided_at, missing_of(row),
        )
        for row in rows.select_related("application", "user").order_by("arrived_at")[:MOST]
    ]  # fmt: skip


def _saves(enterprise: Enterprise, start: datetime, end: datetime) -> list[Step]:
    """Saves by hand and what autosave summed up; the last save of a draft stands on the draft itself."""
    applications = {str(row.pk): row for row in Application.objects.filter(enterprise=enterprise).only(
        "pk", "file_number", "group_name", "updated_at")}  # fmt: skip
    reports = [str(pk) for pk in AnnualReport.objects.filter(enterprise=enterprise).values_list("pk", flat=True)]
    of_them = Q(target_type="applications.application", target_id__in=list(applications))
    of_them |= Q(target_type="applications.annualreport", target_id__in=reports)
    rows = AuditEvent.objects.filter(of_them, verb__in=SAVES, at__gte=start, at__lte=end).order_by("at")[:MOST]
    from_trail = [
        Step(row.at, "save", audit_labels.label(row.verb), "", row.actor_label, True, row.target_label) for row in rows
    ]  # fmt: skip
    last = [
        Step(row.updated_at, "save", "最后一次保存（含自动保存）", "", "", True, str(row))
        for row in applications.values()
        if start <= row.updated_at <= end
    ]
    return from_trail + last


def _logins(people: list[int], start: datetime, end: datetime) -> list[Step]:
    rows = AuditEvent.objects.filter(
        target_type="qcportal.user", target_id__in=[str(pk) for pk in people], verb__in=LOGINS, at__gte=start,
        at__lte=end,
    )  # fmt: skip
    return [
        Step(
            row.at, "login", audit_labels.label(row.verb), "", row.target_label, not row.verb.startswith("user.login_")
        )
        for row in rows.order_by("at")[:MOST]
    ]


def _faults(people: list[int], start: datetime, end: datetime) -> list[Step]:
    rows = ServerFault.objects.filter(user__in=people, at__gte=start, at__lte=end).select_related("user")
    return [
        Step(row.at, "fault", "服务器错误", f"{row.path}（编号 {row.request_id or '无'}）", str(row.user), good=False)
        for row in rows.order_by("at")[:MOST]
    ]


def health(start: datetime, end: datetime) -> Health:
    """How the portal was for everybody, in three questions."""
    presses = SubmitAttempt.objects.filter(arrived_at__gte=start, arrived_at__lte=end).aggregate(
        accepted=Count("pk", filter=Q(outcome__in=SUCCESS)),
        refused=Count("pk", filter=~Q(outcome__in=SUCCESS)),
        enterprises=Count("application__enterprise", distinct=True),
    )
    actions = AuditEvent.objects.filter(at__gte=start, at__lte=end).count()
    faults = list(ServerFault.objects.filter(at__gte=start, at__lte=end).order_by("at")[:50])
    return Health(start, end, presses["accepted"], presses["refused"], presses["enterprises"], actions, faults)


def minute_of(moment: datetime) -> tuple[datetime, datetime]:
    start = timezone.localtime(moment).replace(second=0, microsecond=0)
    return start, start + timedelta(seconds=59, microseconds=999_999)


def health_of_minutes(rows: list[Any]) -> dict[datetime, tuple[int, int, int]]:
    """For a list of attempts: of the minute of each, how many others were answered well, refused, and broke."""
    if not rows:
        return {}
    minutes = {minute_of(row.arrived_at)[0] for row in rows}
    earliest, latest = min(minutes), max(minutes) + timedelta(minutes=1)
    counted = {minute: [0, 0, 0] for minute in minutes}
    presses = SubmitAttempt.objects.filter(arrived_at__gte=earliest, arrived_at__lt=latest)
    for arrived, outcome in presses.values_list("arrived_at", "outcome"):
        minute = minute_of(arrived)[0]
        if minute in counted:
            counted[minute][0 if outcome in SUCCESS else 1] += 1
    faults = ServerFault.objects.filter(at__gte=earliest, at__lt=latest).values_list("at", flat=True)
    for at in faults:
        minute = minute_of(at)[0]
        if minute in counted:
            counted[minute][2] += 1
    return {minute: (numbers[0], numbers[1], numbers[2]) for minute, numbers in counted.items()}
