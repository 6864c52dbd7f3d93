"""通知: the mails of the portal as its message centre shows them, in the same words."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from applications.models import Application, Membership
from qcportal.mail import about
from qcportal.models import MailMessage, MailQuerySet, User

LISTED = 200


class Letter(NamedTuple):
    """One letter, however many addresses it went to."""

    subject: str
    body: str
    created_at: datetime
    addresses: list[str]
    sent_at: datetime | None
    is_new: bool


def visible_to(user: User, membership: Membership) -> MailQuerySet:
    """What was sent to ``user``, and what is about something that ``user`` may see in the enterprise."""
    uuids = Application.objects.visible_to(user).filter(enterprise=membership.enterprise_id)
    subjects = [f"applications.application:{uuid}" for uuid in uuids.values_list("uuid", flat=True)]
    if membership.manages:
        subjects.append(about(membership.enterprise))
    return MailMessage.objects.letters().filter(Q(recipient=user) | Q(about__in=subjects)).order_by("-id")


def letters(user: User, membership: Membership) -> list[Letter]:
    """The latest letters, newest first; the same text to several people of the enterprise is one letter."""
    seen = user.letters_seen_at
    found: dict[tuple[str, str, str], Letter] = {}
    for row in visible_to(user, membership)[:LISTED]:
        key = (row.about, row.subject, row.body)
        if key in found:
            found[key].addresses.append(row.to)
            continue
        is_new = row.recipient_id == user.pk and (seen is None or row.created_at > seen)
        found[key] = Letter(row.subject, row.body, row.created_at, [row.to], row.sent_at, is_new)
    return list(found.values())


def mark_seen(user: User, at: datetime) -> None:
    User.objects.filter(pk=user.pk).update(letters_seen_at=at)
