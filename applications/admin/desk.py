"""The first page of the staff site: what waits, what to do first, how filing goes, whether the system is well.

The numbers are in ``desk_cards``, the dates ahead in ``desk_ahead``, the figures of a round in ``desk_pace``.
"""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from applications.admin import desk_ahead, desk_pace, queue, queue_filter
from applications.admin.chips import chip_of
from applications.admin.desk_cards import list_address, queue_address, stamp
from applications.admin.records import TAKEN
from applications.models import Application, Round, Submission, SubmitAttempt
from applications.states import State
from qcportal import clock, desk
from qcportal.models import Heartbeat, MailMessage, MailState, OutboxMessage, OutboxState

FIRST_ROWS = 8
RECENT_ROWS = 6
# A process that has shown no life for this long is red. Beat and worker report every 30 s.
SILENT_AFTER = timedelta(minutes=3)
# The heartbeat is sent by the scheduler and written by the worker: one sign of life of both.
PROCESSES = {"worker": "后台处理与定时任务"}


def context(request: HttpRequest) -> dict[str, Any]:
    """The number of queries does not depend on the number of filings."""
    now = clock.now()
    round_ = _round(now)
    ahead, unknown_years = desk_ahead.lines(now)
    return {
        "now": now,
        "desk_round": round_,
        "cards": desk.cards(now),
        "first_rows": [_row(row, now) for row in queue.urgent_first(Application.objects.all(), now, FIRST_ROWS)],
        "ahead": ahead,
        "unknown_years": unknown_years,
        "recent": _recent(),
        "pace": desk_pace.context(request.GET, round_["round"] if round_ else None, now),
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
        "filed_url": queue_address(queue_filter.ALL, round=round_.pk),
        "drafts_url": queue_address(State.DRAFT, round=round_.pk),
    }


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


def _system(now: datetime) -> dict[str, Any]:
    beats = dict(Heartbeat.objects.values_list("name", "at"))
    processes = [_process(name, label, beats.get(name), now) for name, label in PROCESSES.items()]
    lines = _background(now)
    return {
        "processes": processes,
        "lines": lines,
        "well": all(process["alive"] for process in processes) and not any(line["late"] for line in lines),
    }


def _background(now: datetime) -> list[dict[str, Any]]:
    """Outbox, mail and refused presses: each number with its list."""
    outbox = OutboxMessage.objects.filter(state__in=[OutboxState.PENDING, OutboxState.DEAD]).aggregate(
        pending=Count("pk", filter=Q(state=OutboxState.PENDING)), dead=Count("pk", filter=Q(state=OutboxState.DEAD))
    )
    yesterday = now - timedelta(days=1)
    mail = MailMessage.objects.aggregate(
        sent=Count("pk", filter=Q(sent_at__gt=yesterday)), waiting=Count("pk", filter=Q(state=MailState.WAITING))
    )
    day = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    refused = SubmitAttempt.objects.filter(arrived_at__gte=day).exclude(outcome__in=TAKEN).count()
    topic, letter = "qcportal_outboxmessage", "qcportal_mailmessage"
    return [
        _line("alert", "失败事项", outbox["dead"], "项", list_address(topic, state__exact=OutboxState.DEAD), late=True),
        _line("files", "待处理事项", outbox["pending"], "项", list_address(topic, state__exact=OutboxState.PENDING)),
        _line("mail", "待发邮件", mail["waiting"], "封", list_address(letter, state=MailState.WAITING)),
        _line("mail", "24 小时内已发邮件", mail["sent"], "封", list_address(letter, sent_at__gt=stamp(yesterday))),
        _line(
            "warning", "今日被拒提交", refused, "次",
            list_address("applications_submitattempt", result="refused", arrived_at__gte=stamp(day)),
        ),
    ]  # fmt: skip


def _line(icon: str, label: str, count: int, unit: str, url: str, *, late: bool = False) -> dict[str, Any]:
    late = late and bool(count)
    shown = icon if count or icon not in {"alert", "warning"} else "check"
    return {"icon": shown, "label": label, "count": count, "unit": unit, "url": url, "late": late}


def _process(name: str, label: str, at: datetime | None, now: datetime) -> dict[str, Any]:
    alive = at is not None and now - at < SILENT_AFTER
    said = "从未运行" if at is None else f"最近 {timezone.localtime(at):%m-%d %H:%M:%S}"
    url = reverse("admin:qcportal_heartbeat_changelist")
    return {"name": name, "label": label, "alive": alive, "said": said, "url": url}


admin.site.set_desk(context)
