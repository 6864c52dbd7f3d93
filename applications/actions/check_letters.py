"""What the enterprise is told about a check: one message in the portal, one mail each to contact and owner."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.template.loader import render_to_string

from applications import check_keys
from applications.actions import messages
from applications.models import Application, FormalCheck, Membership, MembershipRole
from qcportal import clock, letter_texts, mail
from qcportal.errors import Refusal
from qcportal.models import MailKind, MailMessage, MailState, User

SUBJECT_LENGTH = 200


class Composed(NamedTuple):
    """A letter's own words. The mail puts the enterprise's name above and the way to the portal below (``framed``)."""

    subject: str
    body: str


def compose(
    application: Application,
    letter: str,
    *,
    check: FormalCheck | None = None,
    reason: str = "",
    opened: Sequence[str] | None = None,
    due: datetime | None = None,
) -> Composed:
    """The letter ``letter`` as it would be sent now: what the preview shows and what is sent, from one place.

    The association's own text for it (LetterText), else templates/mail/check_<letter>.txt. Writes nothing.
    ``opened`` are keys and ``due`` a moment; left out, they are those of the application.
    """
    keys = application.open_fields if opened is None else opened
    until = due or application.correction_due_at
    context = {
        "application": application,
        "check": check,
        "remarks": _remarks(application, check),
        "opened": [check_keys.label(key, application.fields, application.topic_type) for key in keys],
        "due": clock.half_open_label(until) if until else "",
        "reason": reason.strip(),
    }
    words = letter_texts.render(f"check_{letter}", context, f"mail/check_{letter}.txt")
    return Composed(words.subject, words.body.strip())


def framed(application: Application, body: str) -> str:
    """The whole mail: greeting, ``body``, where to go."""
    context = {"application": application, "text": body, "site_url": settings.SITE_URL}
    return render_to_string("mail/check_frame.txt", context).strip() + "\n"


def unframed(application: Application, text: str) -> str:
    """The words of a mail, which staff may have changed while it was held, without its frame."""
    top, below = framed(application, "\n").strip().split("\n", 1)
    lines = [line for line in text.strip().splitlines() if line not in {top, *filter(None, below.splitlines())}]
    return "\n".join(lines).strip()


def edited(subject: str, body: str) -> Composed:
    """The letter as staff rewrote it. Refused: an empty or too long subject or text."""
    subject, body = " ".join(subject.split()), body.replace("\r\n", "\n").strip()
    if not subject or not body:
        raise Refusal("通知的标题和正文都不能为空。", "empty_letter")
    if len(subject) > SUBJECT_LENGTH:
        raise Refusal(f"标题最多 {SUBJECT_LENGTH} 字。", "long_letter")
    if len(body) > messages.BODY_LENGTH:
        raise Refusal(f"正文最多 {messages.BODY_LENGTH} 字，现为 {len(body)} 字。", "long_letter")
    return Composed(subject, body)


def send(
    application: Application,
    letter: str,
    *,
    actor: User,
    check: FormalCheck | None = None,
    reason: str = "",
    text: Composed | None = None,
) -> Composed:
    """Write the letter in the running transaction, ``text`` in place of the composed words. Returns what was sent.

    Each address gets one mail; the same words are a message in the portal, once the letter is not held any more.
    """
    words = text or compose(application, letter, check=check, reason=reason)
    body = framed(application, words.body)
    # Where the letter is held, the message in the portal waits for it and has its words.
    key = f"letter.message:{application.pk}:{clock.now().isoformat()}"
    payload = {"application": application.pk, "author": actor.pk, "letter": letter}
    written = [
        mail.queue(
            kind=MailKind.LETTER, to=address, subject=words.subject, body=body, about_row=application,
            letter=f"check_{letter}", follow={"topic": "letter.message", "key": key, "payload": payload},
        )
        for address in addresses(application)
    ]  # fmt: skip
    if not any(message is not None and message.state == MailState.HELD for message in written):
        _post(application, actor, words.body)
    return words


def _post(application: Application, author: User, body: str) -> None:
    """The letter has gone by mail; a second mail about the message would say the same."""
    messages.post_message(
        messages.thread_for(application), author=author, body=body[: messages.BODY_LENGTH], from_staff=True, tell=False
    )


def post_message_of(payload: dict[str, Any]) -> None:
    """Outbox handler ``letter.message``: a letter that was held was let out; it stands in the portal as it was sent."""
    letter = MailMessage.objects.get(pk=payload["mail"])
    application = Application.objects.select_related("enterprise").get(pk=payload["application"])
    _post(application, User.objects.get(pk=payload["author"]), unframed(application, letter.body))


def _remarks(application: Application, check: FormalCheck | None) -> list[dict[str, Any]]:
    if check is None:
        return []
    fields, kind = application.fields, application.topic_type
    return [
        {"label": check_keys.place_of(remark, fields, kind), "text": remark.text}
        for remark in check.remarks.select_related("evidence")
    ]


def addresses(application: Application) -> list[str]:
    """The contact and every owner, each once."""
    owners = Membership.objects.filter(
        enterprise=application.enterprise_id, is_active=True, role=MembershipRole.OWNER
    ).values_list("user__email", flat=True)
    return list(dict.fromkeys(filter(None, [application.contact_email.lower(), *(mail_.lower() for mail_ in owners)])))
