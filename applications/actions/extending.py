"""延期: a new deadline for a round or one enterprise; drafts that lapsed meanwhile come back (design, section 5)."""

from django.db import transaction

from applications import states
from applications.actions.rights import require_secretariat
from applications.extensions import Affected, affected
from applications.models import Application, Extension
from applications.states import State
from qcportal import audit, clock, mail
from qcportal.models import MailKind, User
from qcportal.transitions import move


def grant(extension: Extension, *, actor: User) -> Extension:
    """``extension`` (not saved yet, its dates checked by its clean()) takes effect at once.

    Drafts of the round that lapsed at the old deadline are drafts again while the new one lies ahead; owners of
    unfinished drafts are told once each. Overdue corrections are not touched: they have an extension of their own.
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
            who = affected(extension.round, extension.enterprise_id)
            for row in who.reopened:
                _reopen(row, actor)
            _tell_owners(extension, who)
    return extension


def _reopen(application: Application, actor: User) -> None:
    before = application.state
    move(application, State.DRAFT, table=states.TRANSITIONS)
    audit.record(
        "application.draft_reopened",
        application,
        actor=actor,
        before={"state": before},
        after={"state": application.state},
    )


def _tell_owners(extension: Extension, who: Affected) -> None:
    for owner in who.owners:
        mail.queue_template(
            kind=MailKind.LETTER,
            to=owner.user.email,
            template="extension",
            about_row=owner.enterprise,
            context={
                "extension": extension,
                "enterprise": owner.enterprise,
                "applications": [row for row in who.reopened if row.enterprise_id == owner.enterprise_id],
                "unfinished": [row for row in who.unfinished if row.enterprise_id == owner.enterprise_id],
                "deadline": clock.half_open_label(extension.new_deadline),
            },
        )
