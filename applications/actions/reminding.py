"""Reminders of what is not submitted yet: 14, 7, 3, 1 days and 3 hours before the deadline (design, section 6)."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from applications.models import Application, Enterprise
from applications.states import State
from qcportal import mail
from qcportal.models import MailKind, OutboxMessage


def send_reminders(now: datetime) -> int:
    """Every owner and 质量主管 with unfinished drafts, or with corrections to make, is told once a step.

    One mail for all drafts of an enterprise with the same deadline. A step that passed before a draft was made,
    or while nothing ran and the next one is there already, is left out. Safe to run at any time, by several
    processes. Returns how many mails were written.
    """
    rows = Application.objects.filter(state__in=[State.DRAFT, State.RETURNED], round__opens_at__lte=now)
    rows = rows.select_related("round__programme", "enterprise").prefetch_related("round__extensions")
    waiting: dict[tuple[int, datetime], list[Application]] = defaultdict(list)
    for application in rows.order_by("enterprise_id", "preference", "pk"):
        deadline = application.deadline()
        step = _step(deadline, now)
        if step is not None and application.created_at < deadline - step:
            waiting[application.enterprise_id, deadline].append(application)
    return sum(
        _remind(drafts, deadline, step)
        for (_enterprise, deadline), drafts in waiting.items()
        if (step := _step(deadline, now)) is not None
    )


def _step(deadline: datetime, now: datetime) -> timedelta | None:
    """The last step that has come, or None before the first and after the deadline."""
    if now >= deadline:
        return None
    return min((step for step in settings.REMINDERS if deadline - step <= now), default=None)


def _remind(drafts: list[Application], deadline: datetime, step: timedelta) -> int:
    count = 0
    with transaction.atomic():
        enterprise = Enterprise.objects.select_for_update().get(pk=drafts[0].enterprise_id)  # one process at a time
        for membership in enterprise.memberships.managing().select_related("user"):
            key = f"mail:reminder:{deadline:%Y%m%d%H%M}:{int(step.total_seconds())}:{membership.pk}"
            if OutboxMessage.objects.filter(key=key).exists():
                continue
            sent = mail.queue_template(
                kind=MailKind.NOTICE, to=membership.user.email, template="reminder", key=key, about_row=enterprise,
                context={"enterprise": enterprise, "drafts": drafts, "deadline": deadline, "left": _left(step)},
            )  # fmt: skip
            count += sent is not None
    return count


def _left(step: timedelta) -> str:
    return f"{step.days} 天" if step.days else f"{step.seconds // 3600} 小时"
