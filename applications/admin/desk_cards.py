"""The numbers on the desk. Each is counted by the same rows as the list that its link opens."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from applications import queueing
from applications.admin import queue_filter
from applications.admin.calls import due_today
from applications.models import Application, Enterprise, JoinRequest, Thread
from applications.states import State
from qcportal import desk
from qcportal.desk import Card
from qcportal.models import OutboxMessage, OutboxState


def queue_address(chosen: str, **more: object) -> str:
    """The queue's list; of one round with ``round``."""
    return f"{reverse('admin:applications_application_changelist')}?{urlencode({'queue': chosen, **more})}"


def list_address(model: str, **lookups: object) -> str:
    return f"{reverse(f'admin:{model}_changelist')}?{urlencode(lookups)}"


def stamp(moment: datetime) -> str:
    """A moment in an address, as a lookup reads it back."""
    return timezone.localtime(moment).isoformat(sep=" ")


@desk.add_cards
def filing_cards(now: datetime) -> Iterator[Card]:
    rows = Application.objects.all()
    yield Card("新提交", queueing.new(rows).count(), "clock", queue_address(queue_filter.NEW), "按提交先后逐件审查")
    again = queueing.resubmitted(rows).count()
    yield Card("已重新提交", again, "return", queue_address(queue_filter.RESUBMITTED), "补正后交回，请复核")
    asked = rows.filter(state=State.RETURNED).count()
    yield Card("待补正", asked, "pencil", queue_address(State.RETURNED), "等待单位修改", "calm")
    late = queueing.overdue(rows, now).count()
    yield Card("补正逾期", late, "alert", queue_address(queue_filter.OVERDUE), "可延长补正", "late")
    warned = queueing.with_open_warnings(rows).count()
    address = queue_address(queue_filter.WAITING, warnings="open")
    yield Card("提醒待处理", warned, "warning", address, "尚无说明，或与其他单位相似")
    yield Card("今天要跟进的电话", due_today(now), "phone", reverse("admin:calls"), "答应回电或催办的")
    yield Card("纸质件未到", queueing.without_paper(rows).count(), "box", reverse("admin:paper_missing"), "名单与电话")


@desk.add_cards
def enterprise_cards(now: datetime) -> Iterator[Card]:
    unverified = list_address("applications_enterprise", verified_at__isempty=1)
    yield Card(
        "单位待核验", Enterprise.objects.filter(verified_at=None).count(), "building", unverified,
        "参评前须核验营业执照",
    )  # fmt: skip
    joining = list_address("applications_joinrequest", state__exact="waiting")
    yield Card("加入申请", JoinRequest.objects.waiting().count(), "user-plus", joining, "单位负责人未处理的也在内")
    unanswered = f"{reverse('admin:message_inbox')}?show=open"
    yield Card("留言未答复", Thread.objects.unanswered().count(), "comment", unanswered, "最后一条来自单位")


@desk.add_cards
def background_cards(now: datetime) -> Iterator[Card]:
    dead = OutboxMessage.objects.filter(state=OutboxState.DEAD).count()
    address = list_address("qcportal_outboxmessage", state__exact=OutboxState.DEAD)
    yield Card("失败事项", dead, "alert", address, "查看原因并重新处理", "late")
