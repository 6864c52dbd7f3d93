"""Mail: written as a row with the change that causes it, sent later by the outbox, within limits."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Model
from django.template.loader import render_to_string

from qcportal import clock, outbox
from qcportal.models import MailKind, MailMessage, User


def about(row: Model) -> str:
    """How a mail names what it is about, for the message centre."""
    return f"{row._meta.label_lower}:{row.uuid}"  # type: ignore[attr-defined]


def queue(
    *,
    kind: MailKind,
    to: str,
    subject: str,
    body: str,
    key: str = "",
    about_row: Model | None = None,
    private: bool = False,
) -> MailMessage | None:
    """Write a mail and its outbox row in the running transaction. Nothing happens without an address.

    ``about_row`` lets everybody who may see that row read the mail in the message centre; ``private`` keeps a
    mail with a secret link out of it.
    """
    if not to:
        return None
    message = MailMessage.objects.create(
        kind=kind,
        to=to,
        subject=subject,
        body=body,
        created_at=clock.now(),
        recipient=None if private else User.objects.filter(email__iexact=to).first(),
        about=about(about_row) if about_row is not None else "",
        is_private=private,
    )
    outbox.add("mail.send", key or f"mail:{message.pk}", {"mail": message.pk}, queue="mail", priority=kind)
    return message


def queue_template(
    *,
    kind: MailKind,
    to: str,
    template: str,
    context: dict[str, Any],
    key: str = "",
    about_row: Model | None = None,
    private: bool = False,
) -> MailMessage | None:
    """Render templates/mail/<template>.txt (first line: subject; rest: body) and queue it."""
    text = render_to_string(f"mail/{template}.txt", {**context, "site_url": settings.SITE_URL})
    subject, _, body = text.lstrip().partition("\n")
    return queue(
        kind=kind, to=to, subject=subject.strip(), body=body.strip() + "\n", key=key, about_row=about_row,
        private=private,
    )  # fmt: skip


def deliver(payload: dict[str, Any]) -> None:
    """Outbox handler ``mail.send``: send one mail unless sent already; wait when the limits are reached."""
    message = MailMessage.objects.get(pk=payload["mail"])
    if message.sent_at is not None:
        return
    at = clock.now()
    if MailMessage.objects.filter(sent_at__gt=at - timedelta(minutes=1)).count() >= settings.MAIL_PER_MINUTE:
        # Urgent kinds look again sooner, so codes overtake reminders.
        raise outbox.Postpone(5 * message.kind, "已达每分钟发送上限")
    if MailMessage.objects.filter(sent_at__gt=at - timedelta(days=1)).count() >= settings.MAIL_PER_DAY:
        raise outbox.Postpone(300 * message.kind, "已达每日发送上限")
    EmailMessage(message.subject, message.body, settings.DEFAULT_FROM_EMAIL, [message.to]).send()
    MailMessage.objects.filter(pk=message.pk).update(sent_at=clock.now())
