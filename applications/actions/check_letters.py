"""What the enterprise is told about a check: one message in the portal, one mail each to contact and owner."""

from typing import Any

from django.template.loader import render_to_string

from applications import check_keys
from applications.actions import messages
from applications.models import Application, FormalCheck, Membership, MembershipRole
from qcportal import clock, mail
from qcportal.models import MailKind, User


def send(
    application: Application, letter: str, *, actor: User, check: FormalCheck | None = None, reason: str = ""
) -> None:
    """Write the letter ``letter`` in the running transaction: templates/mail/check_<letter>.txt frames the text of
    templates/mail/check_text/<letter>.txt, which is also the message in the portal. Each address gets one mail.
    """
    context = {
        "application": application,
        "check": check,
        "remarks": _remarks(application, check),
        "opened": [
            check_keys.label(key, application.fields, application.topic_type) for key in application.open_fields
        ],
        "due": clock.half_open_label(application.correction_due_at) if application.correction_due_at else "",
        "reason": reason.strip(),
    }
    for address in _addresses(application):
        mail.queue_template(
            kind=MailKind.LETTER, to=address, template=f"check_{letter}", context=context, about_row=application
        )
    body = render_to_string(f"mail/check_text/{letter}.txt", context).strip()
    # The letter has gone by mail; a second mail about the message would say the same.
    messages.post_message(
        messages.thread_for(application), author=actor, body=body[: messages.BODY_LENGTH], from_staff=True, tell=False
    )


def _remarks(application: Application, check: FormalCheck | None) -> list[dict[str, Any]]:
    if check is None:
        return []
    fields, kind = application.fields, application.topic_type
    return [
        {
            "label": f"《{remark.evidence.name}》" if remark.evidence else check_keys.label(remark.field, fields, kind),
            "text": remark.text,
        }
        for remark in check.remarks.select_related("evidence")
    ]


def _addresses(application: Application) -> list[str]:
    owners = Membership.objects.filter(
        enterprise=application.enterprise_id, is_active=True, role=MembershipRole.OWNER
    ).values_list("user__email", flat=True)
    return list(dict.fromkeys(filter(None, [application.contact_email.lower(), *(mail_.lower() for mail_ in owners)])))
