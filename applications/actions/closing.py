"""What happens at a deadline: drafts and overdue corrections lapse, people are told.

Enforcement never waits for it: gates and submit read the clock themselves.
"""

from datetime import datetime

from django.db import transaction

from applications import states
from applications.models import Application, Association, Membership, MembershipRole, Round
from applications.states import State
from qcportal import audit, clock, mail
from qcportal.errors import StaleState
from qcportal.models import MailKind
from qcportal.transitions import move


def close_due_rounds(now: datetime) -> int:
    """Every draft past its deadline and every returned filing past its correction deadline lapses. Returns how many.

    Safe to run at any time and by several processes: each application is moved once, by whoever is first.
    """
    lapsed = 0
    due = Application.objects.filter(state=State.DRAFT, round__closes_at__lte=now) | Application.objects.filter(
        state=State.RETURNED, correction_due_at__lte=now
    )
    for application in due.select_related("round__programme", "enterprise").prefetch_related("round__extensions"):
        if application.deadline() <= now:
            lapsed += _lapse(application)
    for round_ in Round.objects.filter(closed_at=None, closes_at__lte=now).select_related("programme"):
        _close(round_, now)
    return lapsed


def _lapse(application: Application) -> int:
    overdue_correction = application.state == State.RETURNED
    try:
        with transaction.atomic():
            before = application.state
            move(application, State.LAPSED, table=states.TRANSITIONS)
            audit.record(
                "application.lapsed",
                application,
                actor=None,
                before={"state": before},
                after={"state": application.state},
            )
            owners = Membership.objects.filter(
                enterprise=application.enterprise_id, is_active=True, role=MembershipRole.OWNER
            ).select_related("user")
            for owner in owners:
                mail.queue_template(
                    kind=MailKind.LETTER,
                    to=owner.user.email,
                    template="lapsed",
                    about_row=application,
                    context={"application": application, "overdue_correction": overdue_correction},
                )
    except StaleState:
        return 0
    return 1


def _close(round_: Round, now: datetime) -> None:
    with transaction.atomic():
        if not Round.objects.filter(pk=round_.pk, closed_at=None).update(closed_at=now):
            return
        counts = {
            "submitted": round_.applications.submitted().count(),
            "lapsed": round_.applications.filter(state=State.LAPSED).count(),
        }
        audit.record("round.closed", round_, actor=None, after=counts)
        association = Association.objects.first()
        if association is not None:
            mail.queue(
                kind=MailKind.NOTICE,
                to=association.email,
                subject=f"【{round_}】申报已截止",
                body=(
                    f"{round_} 已于 {clock.half_open_label(round_.closes_at)} 截止。\n"
                    f"共收到 {counts['submitted']} 份申报，{counts['lapsed']} 份草稿未提交而失效。\n"
                ),
                key=f"mail:round.closed:{round_.pk}",
                letter="round_closed",
            )
