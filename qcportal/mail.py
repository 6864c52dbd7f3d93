"""Mail: written as a row with the change that causes it, sent later by the outbox, within limits, once.

A letter may be held for a person or some minutes, and wait for the end of the quiet hours (qcportal.sending). Every
try is written down before it begins; one that was cut off after the mail was handed over is never repeated by itself.
"""

from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Model
from django.utils.crypto import salted_hmac

from qcportal import channels, clock, letter_texts, outbox, sending, smtp, wechat
from qcportal.models import Channel, MailAttempt, MailBatch, MailKind, MailMessage, MailState, OutboxMessage, User

TOPIC = "mail.send"
# Longer than every answer that a slow mail server may take in one conversation (EMAIL_TIMEOUT for each).
LEASE_SECONDS = 300
WECOM_GROUP = "企业微信群"
# What the worker may begin with; whatever else is over, or a person's to decide.
SENDABLE = (MailState.WAITING, MailState.HELD, MailState.FAILED)


def about(row: Model) -> str:
    """How a mail names what it is about, for the message centre."""
    return f"{row._meta.label_lower}:{row.uuid}"  # type: ignore[attr-defined]


def already(key: str) -> bool:
    """Whether something was queued under this key before."""
    return MailMessage.objects.filter(key=key).exists() or OutboxMessage.objects.filter(key=key).exists()


def queue(
    *,
    kind: MailKind,
    to: str,
    subject: str,
    body: str,
    key: str = "",
    about_row: Model | None = None,
    private: bool = False,
    letter: str = "",
    quiet: bool = False,
    batch: MailBatch | None = None,
    follow: dict[str, Any] | None = None,
) -> MailMessage | None:
    """Write a mail and its outbox row in the running transaction. None without an address, and for a ``key`` that
    was used before.

    ``about_row`` lets everybody who may see that row read the mail in the message centre; ``private`` keeps a
    mail with a secret link out of it. ``letter`` names its text and the rules for holding it and for further
    channels; ``quiet`` lets it wait for the end of the quiet hours. ``follow`` is work for the outbox when a held
    letter is let out: {"topic", "key", "payload"}.
    """
    if not to or (key and already(key)):
        return None
    now = clock.now()
    rules = sending.rules() if letter or quiet else sending.defaults()
    held, until = sending.hold(rules, letter, now) if letter and kind != MailKind.CODE else (False, None)
    message = MailMessage.objects.create(
        kind=kind,
        letter=letter,
        to=to,
        subject=subject,
        body=body,
        created_at=now,
        recipient=None if private else User.objects.filter(email__iexact=to).first(),
        about=about(about_row) if about_row is not None else "",
        is_private=private,
        key=key or None,
        state=MailState.HELD if held else MailState.WAITING,
        held_until=until,
        is_quiet=quiet,
        batch=batch,
        follow=follow if held and follow else {},
    )
    if not held or until is not None:
        waits = until or (sending.quiet_until(rules, now) if quiet else None)
        _order(message, not_before=waits)
    if letter and message.shows_body:
        _copies(message, sending.channels_of(rules, letter))
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
    quiet: bool = False,
    batch: MailBatch | None = None,
    follow: dict[str, Any] | None = None,
) -> MailMessage | None:
    """Queue the letter ``template``: the secretariat's own text for it, else templates/mail/<template>.txt (first
    line: subject; rest: body)."""
    subject, body = letter_texts.render(template, context, f"mail/{template}.txt")
    return queue(
        kind=kind, to=to, subject=subject, body=body, key=key, about_row=about_row, private=private, letter=template,
        quiet=quiet, batch=batch, follow=follow,
    )  # fmt: skip


def _copies(message: MailMessage, wanted: list[str]) -> None:
    """The same letter, short, by the further channels: to somebody who asked for short messages, to the staff's
    group once however many addresses it has."""
    number = sending.sms_number(message.recipient) if Channel.SMS in wanted else ""
    if number:
        _copy(message, Channel.SMS, number, f"sms:{message.pk}")
    if Channel.WECOM in wanted:
        once = message.key.rpartition(":")[0] if message.key else f"{message.letter}:{message.about}:{message.subject}"
        key = f"wecom:{once}:{clock.now():%Y%m%d%H}"[:120]
        if not already(key):
            _copy(message, Channel.WECOM, WECOM_GROUP, key)


def _copy(message: MailMessage, channel: Channel, to: str, key: str) -> None:
    text = wechat.sms(message) if channel == Channel.SMS else wechat.text(message)
    copy = MailMessage.objects.create(
        kind=message.kind, channel=channel, letter=message.letter, to=to, subject=message.subject, body=text,
        created_at=message.created_at, recipient=message.recipient if channel == Channel.SMS else None,
        about=message.about, key=key, state=message.state, held_until=message.held_until, is_quiet=message.is_quiet,
        batch=message.batch,
    )  # fmt: skip
    if copy.state != MailState.HELD or copy.held_until is not None:
        quiet_end = sending.quiet_until(sending.rules(), copy.created_at) if copy.is_quiet else None
        _order(copy, not_before=copy.held_until or quiet_end)


def outbox_key(message: MailMessage) -> str:
    return message.key or f"mail:{message.pk}"


def _order(message: MailMessage, *, not_before: datetime | None = None) -> None:
    outbox.add(
        TOPIC, outbox_key(message), {"mail": message.pk}, queue="mail", priority=message.kind,
        lease_seconds=LEASE_SECONDS, not_before=not_before,
    )  # fmt: skip


def order_again(message: MailMessage) -> None:
    """The outbox sends it now: its row is made, or made due again."""
    outbox.again(
        TOPIC, outbox_key(message), {"mail": message.pk}, queue="mail", priority=message.kind,
        lease_seconds=LEASE_SECONDS,
    )  # fmt: skip


def let_out(message: MailMessage) -> None:
    """What was to happen when the letter is let out happens once, however many addresses it has."""
    if message.follow:
        payload = {**message.follow["payload"], "mail": message.pk}
        outbox.add(message.follow["topic"], message.follow["key"], payload)


# --- The worker ----------------------------------------------------------------------------------


def deliver(payload: dict[str, Any]) -> None:
    """Outbox handler ``mail.send``: send one mail unless it is over; wait when it is held or the limits are reached.

    A try that another worker left unfinished is not repeated: the mail may have arrived. It waits for a person,
    except on a channel where the same key cannot make a second message.
    """
    message = MailMessage.objects.get(pk=payload["mail"])
    if message.state == MailState.SENDING and not _takes_up(message):
        return
    if message.state not in (*SENDABLE, MailState.SENDING):
        return
    now = clock.now()
    if message.state == MailState.HELD and (message.held_until is None or message.held_until > now):
        if message.held_until is None:
            return  # a person makes it due again
        raise outbox.Postpone(int((message.held_until - now).total_seconds()) + 1, "信函暂缓发送")
    if message.state == MailState.HELD:
        with transaction.atomic():
            let_out(message)
    if message.is_quiet and (end := sending.quiet_until(sending.rules(), now)) is not None:
        raise outbox.Postpone(int((end - now).total_seconds()) + 1, "免打扰时段")
    if message.channel == Channel.MAIL:
        _require_room(message, now)
    _try(message)


def _require_room(message: MailMessage, at: datetime) -> None:
    sent = MailMessage.objects.filter(channel=Channel.MAIL)
    if sent.filter(sent_at__gt=at - timedelta(minutes=1)).count() >= settings.MAIL_PER_MINUTE:
        # Urgent kinds look again sooner, so codes overtake reminders.
        raise outbox.Postpone(5 * message.kind, "已达每分钟发送上限")
    if sent.filter(sent_at__gt=at - timedelta(days=1)).count() >= settings.MAIL_PER_DAY:
        raise outbox.Postpone(300 * message.kind, "已达每日发送上限")


def _takes_up(message: MailMessage) -> bool:
    """What a worker left that died while sending. False: it is a person's to decide now."""
    message.attempts.filter(ended_at=None).update(
        ended_at=clock.now(), outcome="cut_off", detail="发送时进程中断，不知道对方是否收到。"
    )
    if _may_repeat(message):
        return True
    MailMessage.objects.filter(pk=message.pk, state=MailState.SENDING).update(
        state=MailState.UNSURE, error="发送时中断，不知道对方是否收到。请先向对方确认，再决定是否重发。"
    )
    return False


def _may_repeat(message: MailMessage) -> bool:
    """Whether a second try with the same key cannot make a second message."""
    if message.channel == Channel.MAIL:
        return False
    try:
        return channels.backend(message.channel).is_idempotent
    except channels.Refused:  # not configured any more
        return False


class _Taken(Exception):
    """Another worker has it, or a person stopped it a moment ago."""


def _try(message: MailMessage) -> None:
    attempt = MailAttempt(message=message, started_at=clock.now())

    def begin() -> None:
        """Committed before anything can leave, so that it is there whatever happens to this process."""
        begun = MailMessage.objects.filter(pk=message.pk, state=message.state).update(
            state=MailState.SENDING, sending_at=attempt.started_at, tries=F("tries") + 1,
            message_id=message.message_id or message_id_of(message),
        )  # fmt: skip
        if not begun:
            raise _Taken
        attempt.save()

    try:
        _hand_over(message, begin)
    except _Taken:
        return
    except channels.Unsure as unsure:
        _end(attempt, "cut_off", unsure.reason)
        if _may_repeat(message):
            raise
        MailMessage.objects.filter(pk=message.pk).update(
            state=MailState.UNSURE, error=f"{unsure.reason}请先向对方确认，再决定是否重发。"[:300]
        )
    except channels.Refused as refused:
        _refused(message, attempt, refused)
    else:
        _end(attempt, "accepted")
        # Its answer came after all, should someone have taken this try for cut off.
        MailMessage.objects.filter(pk=message.pk, state__in=[MailState.SENDING, MailState.UNSURE]).update(
            state=MailState.SENT, sent_at=clock.now(), error=""
        )


def _hand_over(message: MailMessage, begin: Any) -> None:
    if message.channel == Channel.MAIL:
        headers = {"Message-ID": message.message_id or message_id_of(message), "Auto-Submitted": "auto-generated"}
        smtp.send(
            EmailMessage(message.subject, message.body, settings.DEFAULT_FROM_EMAIL, [message.to], headers=headers),
            before_data=begin,
        )
        return
    backend = channels.backend(message.channel)
    begin()
    backend.send(channels.Note(message.channel, message.to, message.body, f"qcportal-{message.pk}"))


def _end(attempt: MailAttempt, outcome: str, detail: str = "") -> None:
    attempt.ended_at, attempt.outcome, attempt.detail = clock.now(), outcome, detail[:300]
    attempt.save()


def _refused(message: MailMessage, attempt: MailAttempt, refused: channels.Refused) -> None:
    """Certainly not taken: later again, unless the other side said never or it was tried often enough."""
    begun = attempt.pk is not None
    _end(attempt, "refused" if refused.is_final else "failed", refused.reason)
    tries = message.tries + 1
    over = refused.is_final or tries >= settings.OUTBOX_MAX_ATTEMPTS
    state = MailState.FAILED if over else MailState.WAITING
    row = MailMessage.objects.filter(pk=message.pk, state=MailState.SENDING if begun else message.state)
    row.update(state=state, tries=tries, error=refused.reason[:300])
    if not refused.is_final:
        raise refused


def message_id_of(message: MailMessage) -> str:
    """The same for every try of this mail, and not to be guessed by somebody who would forge a bounce."""
    said = f"{message.pk}:{message.created_at.timestamp():.0f}"
    mark = salted_hmac("qcportal.mail.message-id", said).hexdigest()[:16]
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<qc.{message.pk}.{mark}@{domain}>"
