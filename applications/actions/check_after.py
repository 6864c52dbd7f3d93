"""After a decision, or beside it: taking back a refusal, longer corrections, 取消资格, the licence."""

from datetime import datetime

from django.db import transaction

from applications import states
from applications.actions import check_letters
from applications.actions.check_drafts import require_future, require_reason
from applications.actions.rights import require_secretariat
from applications.models import Application
from applications.states import State
from qcportal import audit, clock
from qcportal.errors import Refusal
from qcportal.models import User
from qcportal.transitions import move


def reopen_refused(application: Application, *, actor: User, reason: str) -> Application:
    """A refused filing stands in the queue again, with its last version. Refused: other states, no reason."""
    with transaction.atomic(durable=True):
        application = _locked(application, actor)
        require_reason(reason)
        if application.state != State.REFUSED:
            raise Refusal("只有“不予受理”的申报可以恢复受理。", "bad_state")
        _change_state(application, State.SUBMITTED, "application.reopened", actor, reason)
        check_letters.send(application, "reopened", actor=actor, reason=reason)
    return application


def extend_correction(
    application: Application, *, actor: User, correction_due_at: datetime, reason: str
) -> Application:
    """A returned filing, or one whose correction lapsed, may be corrected until the new moment; same fields.

    Refused: a moment that is not later than now and than the present one, drafts that lapsed at the round's
    deadline (those need an extension of the round), other states, no reason.
    """
    with transaction.atomic(durable=True):
        application = _locked(application, actor)
        require_reason(reason)
        require_future(correction_due_at)
        lapsed_correction = application.state == State.LAPSED and application.file_number is not None
        if application.state != State.RETURNED and not lapsed_correction:
            raise Refusal("只有退回补正或补正逾期的申报可以延长补正。", "bad_state")
        if application.correction_due_at and correction_due_at <= application.correction_due_at:
            raise Refusal(
                f"新的截止时间应晚于原截止时间 {clock.half_open_label(application.correction_due_at)}。", "not_later"
            )
        if lapsed_correction:
            _change_state(
                application, State.RETURNED, "application.correction_extended", actor, reason,
                correction_due_at=correction_due_at,
            )  # fmt: skip
        else:
            before = application.correction_due_at
            Application.objects.filter(pk=application.pk).update(correction_due_at=correction_due_at)
            application.correction_due_at = correction_due_at
            audit.record(
                "application.correction_extended", application, actor=actor, reason=reason,
                before={"correction_due_at": before.isoformat() if before else ""},
                after={"correction_due_at": correction_due_at.isoformat()},
            )  # fmt: skip
        check_letters.send(application, "extended", actor=actor, reason=reason)
    return application


def disqualify(application: Application, *, actor: User, reason: str) -> Application:
    """取消资格 of a filing that takes part and is not yet scored. Final. Refused: other states, no reason."""
    with transaction.atomic(durable=True):
        application = _locked(application, actor)
        require_reason(reason)
        if application.state not in {State.ACCEPTED, State.IN_REVIEW}:
            raise Refusal("只有参评或评审中的申报可以取消资格。", "bad_state")
        _change_state(application, State.DISQUALIFIED, "application.disqualified", actor, reason)
        check_letters.send(application, "disqualified", actor=actor, reason=reason)
    return application


def _locked(application: Application, actor: User) -> Application:
    require_secretariat(actor)
    return Application.objects.select_for_update().get(pk=application.pk)


def _change_state(
    application: Application, state: State, verb: str, actor: User, reason: str, **fields: datetime
) -> None:
    before = application.state
    move(application, state, table=states.TRANSITIONS, **fields)
    audit.record(
        verb,
        application,
        actor=actor,
        before={"state": before},
        after={"state": application.state, **{name: value.isoformat() for name, value in fields.items()}},
        reason=reason,
    )
