"""发件箱: what the secretariat does with letters: hold, change, send, stop, send again, settle what is unsure."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from qcportal import audit, clock, mail
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.mail_models import EDITABLE
from qcportal.models import Channel, MailMessage, MailPreference, MailState, MailVersion, SendingRules, User
from qcportal.roles import Role, has_role

GONE = "这封信刚刚已发出或被他人处理，请刷新页面后再看。"
BULK_AT_MOST = 500
A_MOMENT = timedelta(seconds=30)


def require_secretariat(actor: User) -> None:
    if not has_role(actor, Role.SECRETARIAT):
        raise NotAllowed


def edit(message: MailMessage, *, actor: User, subject: str, body: str, version: int) -> MailMessage:
    """A letter that has not left has other words; the old ones are kept. The audit row names the fields alone. What
    goes to other addresses as the same letter changes with it.

    Refused: letters that left, codes and private links, empty words, and ``version`` (how many texts there were when
    the form was opened) when somebody else changed it meanwhile.
    """
    subject, body = " ".join(subject.split()), body.replace("\r\n", "\n").strip() + "\n"
    if not subject or not body.strip():
        raise Refusal("主题和正文都要填写。", "empty")
    with transaction.atomic(durable=True):
        row = _locked(message, actor)
        if not row.may_edit:
            raise StaleState(GONE) if row.shows_body else NotAllowed("含验证码或个人链接的邮件不能修改。")
        if row.versions.count() != version:
            raise StaleState("这封信刚刚被他人修改过，请核对现在的文本后再改。")
        changed = [name for name, value in (("subject", subject), ("body", body)) if getattr(row, name) != value]
        if not changed:
            return row
        for each in [*_same_letter(row), row]:
            _replace_words(each, subject, body, changed, actor)
    return row


def _same_letter(row: MailMessage) -> list[MailMessage]:
    """The same words about the same thing to other addresses, written in the same moment and not gone yet."""
    if not row.about or not row.letter:
        return []
    twins = MailMessage.objects.select_for_update().filter(
        letter=row.letter, about=row.about, subject=row.subject, body=row.body, channel=row.channel,
        state__in=EDITABLE, created_at__range=(row.created_at - A_MOMENT, row.created_at + A_MOMENT),
    )  # fmt: skip
    return [twin for twin in twins.exclude(pk=row.pk).order_by("pk") if twin.may_edit]


def _replace_words(row: MailMessage, subject: str, body: str, changed: list[str], actor: User) -> None:
    number = row.versions.count() + 1
    MailVersion.objects.create(
        message=row, number=number, subject=row.subject, body=row.body, replaced_at=clock.now(), replaced_by=actor
    )
    row.subject, row.body = subject, body
    row.save(update_fields=changed)
    audit.record("mail.edited", row, actor=actor, after={"changed": changed, "version": number})


def send_now(message: MailMessage, *, actor: User) -> None:
    """A held letter goes at once, one that failed is tried again from the start. Refused: letters of other states."""
    with transaction.atomic(durable=True):
        row = _locked(message, actor)
        if not row.may_send:
            raise StaleState(GONE)
        _release(row, actor)


def send_all(pks: Iterable[int], *, actor: User) -> int:
    """Of these letters, those that are still held go. Returns how many; what left meanwhile is passed over."""
    require_secretariat(actor)
    with transaction.atomic(durable=True):
        rows = MailMessage.objects.select_for_update().filter(pk__in=list(pks)[:BULK_AT_MOST], state=MailState.HELD)
        found = list(rows.order_by("pk"))
        for row in found:
            _release(row, actor)
    return len(found)


def _release(row: MailMessage, actor: User) -> None:
    before = row.state
    row.state, row.held_until, row.tries, row.error, row.is_quiet = MailState.WAITING, None, 0, "", False
    row.save(update_fields=["state", "held_until", "tries", "error", "is_quiet"])
    mail.order_again(row)
    mail.let_out(row)
    audit.record("mail.released", row, actor=actor, before={"state": before}, after={"state": row.state})


def cancel(message: MailMessage, *, actor: User) -> None:
    """A letter that has not left will not. Refused once it left or is leaving."""
    with transaction.atomic(durable=True):
        row = _locked(message, actor)
        if not row.may_cancel:
            raise StaleState(GONE)
        audit.record("mail.cancelled", row, actor=actor, before={"state": row.state})
        row.state, row.held_until = MailState.CANCELLED, None
        row.save(update_fields=["state", "held_until"])


def resend(message: MailMessage, *, actor: User, to: str = "", seen: int | None = None) -> MailMessage:
    """The same words as a new mail that names the old one, to the same address or a corrected one.

    ``seen`` is how often it had been sent again when the button was shown: pressed twice, it goes once. What was
    unsure counts as not arrived. Refused: letters that have not left, codes and private links.
    """
    address = (to or message.to).strip()
    if message.channel == Channel.MAIL:
        try:
            validate_email(address)
        except ValidationError as error:
            raise Refusal("邮箱地址不正确。", "address") from error
    with transaction.atomic(durable=True):
        row = _locked(message, actor)
        before = row.resends.order_by("pk")
        if seen is not None and before.count() > seen:
            return before[seen]
        if not row.may_resend:
            raise Refusal("只有发出过的信可以重发；还没有发出的请直接发送。", "bad_state")
        new = MailMessage.objects.create(
            kind=row.kind, channel=row.channel, letter=row.letter, to=address, subject=row.subject, body=row.body,
            created_at=clock.now(), about=row.about, resend_of=row,
            recipient=User.objects.filter(email__iexact=address).first() if address != row.to else row.recipient,
        )  # fmt: skip
        mail.order_again(new)
        if row.state == MailState.UNSURE:
            row.state, row.error = MailState.FAILED, "未能确认送达，已另行重发。"
            row.save(update_fields=["state", "error"])
        audit.record("mail.resent", row, actor=actor, after={"mail": new.pk, "other_address": address != row.to})
    return new


def settle(message: MailMessage, *, actor: User) -> None:
    """The other side says that an unsure mail arrived: it counts as sent. Refused: other states."""
    with transaction.atomic(durable=True):
        row = _locked(message, actor)
        if row.state != MailState.UNSURE:
            raise StaleState(GONE)
        row.state, row.sent_at, row.error = MailState.SENT, row.sending_at or clock.now(), ""
        row.save(update_fields=["state", "sent_at", "error"])
        audit.record("mail.settled", row, actor=actor, after={"state": row.state})


def _locked(message: MailMessage, actor: User) -> MailMessage:
    require_secretariat(actor)
    return MailMessage.objects.select_for_update().get(pk=message.pk)


# --- Rules and preferences -----------------------------------------------------------------------


def save_rules(rules: SendingRules, *, actor: User, changed: list[str]) -> SendingRules:
    """What the secretariat set counts from now on, for mail written from now on. The form has checked it."""
    require_secretariat(actor)
    with transaction.atomic(durable=True):
        rules.pk = 1
        rules.save()
        audit.record("sendingrules.changed", rules, actor=actor, after={"changed": changed})
    return rules


def save_preference(*, actor: User, values: dict[str, bool]) -> MailPreference:
    """What a person wants to get. Refused: short messages without a mobile number."""
    if values.get("sms") and not actor.mobile:
        raise Refusal("请先在个人信息中填写手机号码，再开启短信。", "no_mobile")
    with transaction.atomic(durable=True):
        row, _made = MailPreference.objects.select_for_update().get_or_create(user=actor)
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        if changed:
            MailPreference.objects.filter(pk=row.pk).update(**changed)
            audit.record("user.mail_preference", actor, actor=actor, after=dict[str, Any](changed))
    return MailPreference.objects.get(pk=row.pk)
