"""工作简报: each working day one mail to each of the secretariat with what is new, waits, is late or failed."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from applications import reminders
from applications.models import Application, JoinRequest, Submission, Thread, WorkdayException
from applications.states import State
from qcportal import mail, sending, workdays
from qcportal.models import MailKind, MailMessage, MailState, OutboxMessage, OutboxState, User
from qcportal.roles import Role

# A digest that could not go at its hour is sent late, but not in the afternoon.
NOT_AFTER = timedelta(hours=5)


class Line(NamedTuple):
    words: str
    number: int
    address: str


def send_digest(now: datetime) -> int:
    """Once a working day, from the hour that is set; nothing when there is nothing to say. Each person once."""
    rules = sending.rules()
    local = timezone.localtime(now)
    starts = local.replace(hour=rules.digest_at.hour, minute=rules.digest_at.minute, second=0, microsecond=0)
    if not rules.digest_on or not starts <= local < starts + NOT_AFTER:
        return 0
    exceptions = dict(WorkdayException.objects.values_list("day", "is_workday"))
    if not workdays.is_workday(local.date(), exceptions):
        return 0
    readers = _readers(f"mail:digest:{local:%Y%m%d}")
    if not readers:
        return 0
    lines = [line for line in _lines(now) if line.number]
    return sum(_send(user, key, lines, local) for key, user in readers) if lines else 0


def _readers(prefix: str) -> list[tuple[str, User]]:
    """The secretariat's people with an address who did not switch it off and have not got today's."""
    people = User.objects.filter(groups__name=Role.SECRETARIAT, is_active=True).exclude(email="").order_by("pk")
    off = sending.declined([user.pk for user in people], "digest")
    sent = set(MailMessage.objects.filter(key__startswith=f"{prefix}:").values_list("key", flat=True))
    keys = [(f"{prefix}:{user.pk}", user) for user in people if user.pk not in off]
    return [(key, user) for key, user in keys if key not in sent]


def _send(user: User, key: str, lines: list[Line], local: datetime) -> int:
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # one process at a time
        sent = mail.queue_template(
            kind=MailKind.NOTICE, to=user.email, template="digest", key=key, quiet=True,
            context={"user": user, "lines": lines, "day": local},
        )  # fmt: skip
    return int(sent is not None)


def _lines(now: datetime) -> list[Line]:
    """A fixed number of questions. What is new counts from the day before."""
    rows = Application.objects.all()
    queue = _address("admin:applications_application_changelist")
    outbox_page = _address("admin:qcportal_mailmessage_changelist")
    late = Q(state=State.RETURNED, correction_due_at__lte=now) | Q(state=State.LAPSED, file_number__isnull=False)
    day = now - timedelta(days=1)
    mails = MailMessage.objects.all()
    threads = Thread.objects.filter(messages__from_staff=False, messages__read_at=None).distinct()
    dead = OutboxMessage.objects.filter(state=OutboxState.DEAD)
    return [
        Line("最近一天新提交", Submission.objects.filter(submitted_at__gt=day, version=1).count(), queue),
        Line("最近一天补正交回或更新", Submission.objects.filter(submitted_at__gt=day, version__gt=1).count(), queue),
        Line("待审查", rows.filter(state=State.SUBMITTED).count(), f"{queue}?queue=waiting"),
        Line("补正逾期", rows.filter(late).count(), f"{queue}?queue=overdue"),
        Line("两天内到期的补正", rows.filter(
            state=State.RETURNED, correction_due_at__gt=now, correction_due_at__lte=now + timedelta(days=2)
        ).count(), f"{queue}?queue=returned"),
        Line("已过期限而纸质件未到", reminders.waiting("paper", now).filter(round__paper_due_at__lte=now).count(),
             _address("admin:paper_missing")),
        Line("单位来信未读", threads.count(), _address("admin:message_inbox")),
        Line("加入申请待处理", JoinRequest.objects.waiting().count(),
             _address("admin:applications_joinrequest_changelist")),
        Line("暂缓待发的信", mails.of_state(MailState.HELD).count(), f"{outbox_page}?state=held"),
        Line("发送中断、待确认的信", mails.of_state(MailState.UNSURE).count(), f"{outbox_page}?state=unsure"),
        Line("最近一天退回的信", mails.filter(bounced_at__gt=day).count(), f"{outbox_page}?state=bounced"),
        Line("发送失败的信", mails.of_state(MailState.FAILED).count(), f"{outbox_page}?state=failed"),
        Line("后台失败事项", dead.count(), f"{_address('admin:qcportal_outboxmessage_changelist')}?state__exact=dead"),
    ]  # fmt: skip


def _address(name: str, *args: Any) -> str:
    return settings.SITE_URL + reverse(name, args=args)


def preview(now: datetime) -> list[Line]:
    """What today's digest would say."""
    return [line for line in _lines(now) if line.number]
