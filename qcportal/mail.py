"""Mail: written as a row with the change that causes it, sent later by the outbox, within limits."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from qcportal import clock, outbox
from qcportal.models import MailKind, MailMessage


def queue(*, kind: MailKind, to: str, subject: str, body: str, key: str = "") -> MailMessage | None:
    """Write a mail and its outbox row in the running transaction. Nothing happens without an address."""
    if not to:
        return None
    message = MailMessage.objects.create(kind=kind, to=to, subject=subject, body=body, created_at=clock.now())
    outbox.add("mail.send", key or f"mail:{message.pk}", {"mail": message.pk}, queue="mail", priority=kind)
    return message


def queue_template(*, kind: MailKind, to: str, template: str, context: dict[str, Any]) -> MailMessage | None:
    """Render templates/mail/<template>.txt (first line: subject; rest: body) and queue it."""
    text = render_to_string(f"mail/{template}.txt", {**context, "site_url": settings.SITE_URL})
    subject, _, body = text.lstrip().partition("\n")
    return queue(kind=kind, to=to, subject=subject.strip(), body=body.strip() + "\n")


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
