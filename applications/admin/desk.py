"""The first page of the staff site: what waits, what to do first, how filing goes, whether the system is well."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from applications.admin import queue
from applications.admin.calls import due_today
from applications.admin.chips import chip_of
from applications.models import Application, Enterprise, Round, Submission, SubmitAttempt
from applications.states import State
from qcportal import clock
from qcportal.models import Heartbeat, MailMessage, OutboxMessage, OutboxState

DAYS = 14
FIRST_ROWS = 8
RECENT_ROWS = 6
# A process that has shown no life for this long is red. Beat and worker report every 30 s.
SILENT_AFTER = timedelta(minutes=3)
# The heartbeat is sent by the scheduler and written by the worker: one sign of life of both.
PROCESSES = {"worker": "后台处理与定时任务"}


def context(request: HttpRequest) -> dict[str, Any]:
    """The number of queries does not depend on the number of filings."""
    now = clock.now()
    rows = Application.objects.all()
    return {
        "now": now,
        "desk_round": _round(now),
        "cards": _cards(rows, now),
        "first_rows": [_row(row, now) for row in queue.urgent_first(rows, now, FIRST_ROWS)],
        "recent": _recent(),
        "bars": _bars(now),
        "system": _system(now),
    }


def _round(now: datetime) -> dict[str, Any] | None:
    """The open round that closes first, else the one that comes next or closed last."""
    round_ = (
        Round.objects.open_at(now).first()
        or Round.objects.upcoming(now).first()
        or Round.objects.published().order_by("-closes_at").first()
    )
    if round_ is None:
        return None
    counts = round_.applications.aggregate(
        filed=Count("pk", filter=Q(file_number__isnull=False)), drafts=Count("pk", filter=Q(state=State.DRAFT))
    )
    left = round_.closes_at - now
    return {
        "round": round_,
        "is_open": round_.is_open(now),
        "is_ahead": now < round_.opens_at,
        "days": max(left.days, 0),
        "hours": max(left.seconds // 3600, 0),
        **counts,
    }


def _cards(rows: Any, now: datetime) -> list[dict[str, Any]]:
    address = reverse("admin:applications_application_changelist")
    unverified = Enterprise.objects.filter(
        Exists(rows.filter(enterprise=OuterRef("pk"), state=State.SUBMITTED)), verified_at=None
    )
    unchecked = reverse("admin:verification")
    counts = (
        queue.waiting(rows).count(),
        queue.resubmitted(rows).count(),
        rows.filter(state=State.RETURNED).count(),
        queue.overdue(rows, now).count(),
        queue.without_paper(rows).count(),
        unverified.count(),
    )
    return [
        _card("待审查", counts[0], "clock", f"{address}?queue=waiting", "按提交先后逐件审查"),
        _card("已重新提交", counts[1], "return", f"{address}?queue=resubmitted", "补正后交回，请复核"),
        _card("待补正", counts[2], "pencil", f"{address}?queue=returned", "等待单位修改", calm=True),
        _card("补正逾期", counts[3], "alert", f"{address}?queue=overdue", "可延长补正", late=True),
        _card("纸质件未到", counts[4], "box", reverse("admin:paper_missing"), "查看名单与电话"),
        _card("今天要跟进的电话", due_today(now), "phone", reverse("admin:calls"), "答应回电或催办的"),
        _card("单位待核验", counts[5], "building", unchecked, "参评前须核验营业执照"),
    ]


def _card(
    title: str, count: int, icon: str, url: str, note: str, *, calm: bool = False, late: bool = False
) -> dict[str, Any]:
    colour = "calm" if calm or not count else "red" if late else "amber"
    return {"title": title, "count": count, "icon": icon, "url": url, "note": note, "colour": colour}


def _row(row: Application, now: datetime) -> dict[str, Any]:
    return {"application": row, "chip": chip_of(row), "waited": _waited(row, now)}


def _waited(row: Application, now: datetime) -> str:
    since = row.correction_due_at if row.state != State.SUBMITTED else row.last_submitted_at  # type: ignore[attr-defined]
    if since is None:
        return ""
    days = (timezone.localdate(now) - timezone.localdate(since)).days
    if row.state != State.SUBMITTED:
        return f"逾期 {days} 天" if days > 0 else "今天到期"
    return f"已等 {days} 天" if days > 0 else f"今天 {timezone.localtime(since):%H:%M}"


def _recent() -> Any:
    return (
        Submission.objects.select_related("application__enterprise")
        .order_by("-pk")[:RECENT_ROWS]
        .defer("data", "personal")
    )


def _bars(now: datetime) -> dict[str, Any]:
    """First versions per day; the drawing's measures are worked out here, the template only places them."""
    days = [timezone.localdate(now) - timedelta(days=DAYS - 1 - offset) for offset in range(DAYS)]
    starts = [timezone.make_aware(datetime.combine(day, time.min)) for day in [*days, days[-1] + timedelta(days=1)]]
    # Ranges instead of a date function: SQLite would call Python for every row.
    counted = Submission.objects.filter(version=1, submitted_at__gte=starts[0]).aggregate(
        **{
            f"day{offset}": Count("pk", filter=Q(submitted_at__gte=starts[offset], submitted_at__lt=starts[offset + 1]))
            for offset in range(DAYS)
        }
    )
    numbers = [counted[f"day{offset}"] for offset in range(DAYS)]
    highest = max(numbers) or 1
    return {
        "days": [_bar(position, day, numbers[position], highest) for position, day in enumerate(days)],
        "sum": sum(numbers),
    }


def _bar(position: int, day: date, number: int, highest: int) -> dict[str, Any]:
    height = round(120 * number / highest)
    x = 8 + position * 44
    return {
        "day": day,
        "number": number,
        "x": x,
        "middle": x + 14,
        "y": 150 - height,
        "height": height,
        "top": 144 - height,
    }


def _system(now: datetime) -> dict[str, Any]:
    beats = dict(Heartbeat.objects.values_list("name", "at"))
    outbox = OutboxMessage.objects.filter(state__in=[OutboxState.PENDING, OutboxState.DEAD]).aggregate(
        pending=Count("pk", filter=Q(state=OutboxState.PENDING)), dead=Count("pk", filter=Q(state=OutboxState.DEAD))
    )
    mail = MailMessage.objects.aggregate(
        sent=Count("pk", filter=Q(sent_at__gt=now - timedelta(days=1))), waiting=Count("pk", filter=Q(sent_at=None))
    )
    day = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    refused = SubmitAttempt.objects.filter(arrived_at__gte=day).exclude(outcome__in=["accepted", "repeated"]).count()
    processes = [_process(name, label, beats.get(name), now) for name, label in PROCESSES.items()]
    return {
        "processes": processes,
        **outbox,
        "mail_sent": mail["sent"],
        "mail_waiting": mail["waiting"],
        "refused_today": refused,
        "well": all(process["alive"] for process in processes) and not outbox["dead"],
    }


def _process(name: str, label: str, at: datetime | None, now: datetime) -> dict[str, Any]:
    alive = at is not None and now - at < SILENT_AFTER
    said = "从未运行" if at is None else f"最近 {timezone.localtime(at):%m-%d %H:%M:%S}"
    return {"name": name, "label": label, "alive": alive, "said": said}


admin.site.set_desk(context)
