"""电话记录: logged while somebody is on the line, followed up on the day that was agreed."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from applications import validators
from applications.actions.rights import require_secretariat
from applications.models import Application, CallOutcome, Enterprise, PhoneCall
from qcportal import audit, clock
from qcportal.errors import Refusal, StaleState
from qcportal.models import User

SUBJECT_LENGTH = 500
NUMBER_LENGTH = 20


def log_call(
    *,
    actor: User,
    subject: str,
    outcome: str,
    enterprise: Enterprise | None = None,
    application: Application | None = None,
    caller: str = "",
    number: str = "",
    is_incoming: bool = True,
    follow_up_on: date | None = None,
    called_at: datetime | None = None,
) -> PhoneCall:
    """The call is on record. With ``follow_up_on`` it stands on the desk from that day until somebody closes it.

    Refused: everybody but the secretariat; no subject; a follow-up in the past; "需要回电" without a day; a filing
    of another enterprise. Neither number nor name is in the audit row.
    """
    require_secretariat(actor)
    subject = subject.strip()
    if not subject:
        raise Refusal("请写明事由。", "subject")
    if len(subject) > SUBJECT_LENGTH:
        raise Refusal(f"事由最多 {SUBJECT_LENGTH} 字。", "subject")
    if application is not None and enterprise is None:
        enterprise = application.enterprise
    if application is not None and enterprise is not None and application.enterprise_id != enterprise.pk:
        raise Refusal("请选择该单位的申报。", "application")
    now = clock.now()
    if follow_up_on is not None and follow_up_on < timezone.localdate(now):
        raise Refusal("跟进日期不能早于今天。", "follow_up_on")
    if outcome == CallOutcome.CALL_BACK and follow_up_on is None:
        raise Refusal("需要回电时，请填跟进日期，到那天会出现在工作台。", "follow_up_on")
    with transaction.atomic(durable=True):
        call = PhoneCall.objects.create(
            enterprise=enterprise, application=application, is_incoming=is_incoming, caller=caller.strip()[:50],
            number=validators.normalise_phone(number)[:NUMBER_LENGTH], subject=subject, outcome=CallOutcome(outcome),
            follow_up_on=follow_up_on, called_at=called_at or now, created_by=actor,
        )  # fmt: skip
        audit.record(
            "call.logged", call, actor=actor, enterprise=enterprise.name if enterprise else "", outcome=outcome,
            follow_up_on=follow_up_on.isoformat() if follow_up_on else "",
        )  # fmt: skip
    return call


def close_call(call: PhoneCall, *, actor: User, note: str = "") -> PhoneCall:
    """The follow-up is done. Refused: a call without one, or one that somebody closed."""
    require_secretariat(actor)
    with transaction.atomic(durable=True):
        waiting = PhoneCall.objects.filter(pk=call.pk, followed_up_at=None).exclude(follow_up_on=None)
        done = {"followed_up_at": clock.now(), "followed_up_by": actor, "follow_up_note": note.strip()[:200]}
        if not waiting.update(**done):
            raise StaleState("这条跟进已经办结。")
        audit.record("call.closed", call, actor=actor)
    call.refresh_from_db()
    return call
