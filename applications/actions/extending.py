"""延期: a new deadline for a round or one enterprise; drafts that lapsed meanwhile come back (design, section 5)."""

from django.db import transaction

from applications import states
from applications.actions.checking import require_secretariat
from applications.models import Application, Extension, Membership, MembershipRole
from applications.states import State
from qcportal import audit, clock, mail
from qcportal.models import MailKind, User
from qcportal.transitions import move


def grant(extension: Extension, *, actor: User) -> Extension:
    """``extension`` (not saved yet, its dates checked by its clean()) takes effect at once.

    Drafts of the round that lapsed at the old deadline are drafts again while the new one lies ahead; their
    owners are told once each. Overdue corrections are not touched: they have an extension of their own.
    Runs in the caller's transaction where there is one (the staff site opens it).
    """
    require_secretariat(actor)
    with transaction.atomic():
        extension.created_by, extension.created_at = actor, clock.now_in_transaction()
        extension.save()
        audit.record(
            "extension.granted",
            extension,
            actor=actor,
            after={"new_deadline": extension.new_deadline.isoformat()},
            reason=extension.reason,
        )
        if extension.new_deadline > extension.created_at:
            _tell_owners(extension, [_reopen(row, actor) for row in _lapsed_drafts(extension)])
    return extension


def _lapsed_drafts(extension: Extension) -> list[Application]:
    """A lapsed filing without a file number was never submitted: a draft."""
    rows = Application.objects.filter(round=extension.round_id, state=State.LAPSED, file_number=None)
    if extension.enterprise_id is not None:
        rows = rows.filter(enterprise=extension.enterprise_id)
    return list(rows.select_related("enterprise"))


def _reopen(application: Application, actor: User) -> Application:
    before = application.state
    move(application, State.DRAFT, table=states.TRANSITIONS)
    audit.record(
        "application.draft_reopened",
        application,
        actor=actor,
        before={"state": before},
        after={"state": application.state},
    )
    return application


def _tell_owners(extension: Extension, reopened: list[Application]) -> None:
    owners = Membership.objects.filter(
        enterprise__in={row.enterprise_id for row in reopened}, is_active=True, role=MembershipRole.OWNER
    ).select_related("user", "enterprise")
    for owner in owners:
        mine = [row for row in reopened if row.enterprise_id == owner.enterprise_id]
        mail.queue_template(
            kind=MailKind.LETTER,
            to=owner.user.email,
            template="extension",
            about_row=owner.enterprise,
            context={
                "extension": extension,
                "enterprise": owner.enterprise,
                "applications": mine,
                "deadline": clock.half_open_label(extension.new_deadline),
            },
        )
