"""What the enterprise is told about a check: one message in the portal, one mail each to contact and owner."""

from typing import Any

from django.template.loader import render_to_string

from applications import check_keys
from applications.actions import messages
from applications.models import Application, FormalCheck, Membership, MembershipRole
from qcportal import clock, letter_texts, mail
from qcportal.models import MailKind, MailMessage, MailState, User

MAIL_ONLY = ("查看与办理：", "本邮件由系统自动发出")


def send(
    application: Application, letter: str, *, actor: User, check: FormalCheck | None = None, reason: str = ""
) -> None:
    """Write the letter ``letter`` in the running transaction: templates/mail/check_<letter>.txt frames the text of
    templates/mail/check_text/<letter>.txt, which is also the message in the portal. Each address gets one mail.
    """
    context = context_of(application, check, reason)
    own = letter_texts.own(f"check_{letter}", context)
    body = own.body if own else render_to_string(f"mail/check_text/{letter}.txt", context).strip()
    # Where the letter is held, the message in the portal waits for it and has its words.
    key = f"letter.message:{application.pk}:{clock.now().isoformat()}"
    payload = {"application": application.pk, "author": actor.pk, "letter": letter}
    written = [
        mail.queue_template(
            kind=MailKind.LETTER, to=address, template=f"check_{letter}", context=context, about_row=application,
            follow={"topic": "letter.message", "key": key, "payload": payload},
        )
        for address in _addresses(application)
    ]  # fmt: skip
    if not any(message is not None and message.state == MailState.HELD for message in written):
        _post(application, actor, body)


def context_of(application: Application, check: FormalCheck | None, reason: str) -> dict[str, Any]:
    """What the templates and the placeholders of the check letters are filled from."""
    return {
        "application": application,
        "check": check,
        "remarks": _remarks(check),
        "opened": [check_keys.label(key) for key in application.open_fields],
        "due": clock.half_open_label(application.correction_due_at) if application.correction_due_at else "",
        "reason": reason.strip(),
    }


def _post(application: Application, author: User, body: str) -> None:
    """The letter has gone by mail; a second mail about the message would say the same."""
    messages.post_message(
        messages.thread_for(application), author=author, body=body[: messages.BODY_LENGTH], from_staff=True, tell=False
    )


def post_message_of(payload: dict[str, Any]) -> None:
    """Outbox handler ``letter.message``: a letter that was held was let out; it stands in the portal as it was sent."""
    letter = MailMessage.objects.get(pk=payload["mail"])
    application = Application.objects.select_related("enterprise").get(pk=payload["application"])
    lines = [line for line in letter.body.strip().splitlines() if not line.startswith(MAIL_ONLY)]
    _post(application, User.objects.get(pk=payload["author"]), "\n".join(lines).strip())


def _remarks(check: FormalCheck | None) -> list[dict[str, Any]]:
    if check is None:
        return []
    return [
        {
            "label": f"《{remark.evidence.name}》" if remark.evidence else check_keys.label(remark.field),
            "text": remark.text,
        }
        for remark in check.remarks.select_related("evidence")
    ]


def _addresses(application: Application) -> list[str]:
    owners = Membership.objects.filter(
        enterprise=application.enterprise_id, is_active=True, role=MembershipRole.OWNER
    ).values_list("user__email", flat=True)
    return list(dict.fromkeys(filter(None, [application.contact_email.lower(), *(mail_.lower() for mail_ in owners)])))
