"""填报完成: who fills in a filing says that it is ready for those who submit it (design, section 2)."""

from django.db import transaction

from applications.actions.drafts import lock_for_edit
from applications.models import Application, Membership
from qcportal import audit, mail
from qcportal.models import MailKind, User


def mark_filled(application: Application, *, actor: User) -> Application:
    """The text as it stands is called complete; owner and 质量主管 are told, unless one of them marks it.

    Nothing is locked by it: an edit afterwards shows as such. Refused: people who may not edit the filing, and
    times when it may not be edited (gates.edit_refusal). Marking the same text again changes nothing.
    """
    with transaction.atomic(durable=True):
        row, now = lock_for_edit(application.pk, actor)
        if row.filling == "done":
            return row
        row.filled_at, row.filled_by, row.filled_version = now, actor, row.edit_version
        row.save(update_fields=["filled_at", "filled_by", "filled_version"])
        audit.record("application.filled", row, actor=actor, version=row.edit_version)
        managing = Membership.objects.managing().filter(enterprise=row.enterprise_id).select_related("user")
        if not any(each.user_id == actor.pk for each in managing):
            for each in managing:
                mail.queue_template(
                    kind=MailKind.NOTICE, to=each.user.email, template="application_filled",
                    context={"application": row, "actor": actor, "deadline": row.deadline()},
                    about_row=row,
                )  # fmt: skip
    return row


def unmark_filled(application: Application, *, actor: User) -> Application:
    """There is something left to fill in after all."""
    with transaction.atomic(durable=True):
        row, _now = lock_for_edit(application.pk, actor)
        if row.filled_at is None:
            return row
        row.filled_at = row.filled_by = row.filled_version = None
        row.save(update_fields=["filled_at", "filled_by", "filled_version"])
        audit.record("application.filling_reopened", row, actor=actor)
    return row
