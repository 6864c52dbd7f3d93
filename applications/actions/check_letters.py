"""What the enterprise is told about a check: one message in the portal, one mail each to contact and owner."""

from typing import Any

from django.db import transaction
from django.template.loader import render_to_string

from applications import check_keys
from applications.models import Application, FormalCheck, Membership, MembershipRole, Message, Thread
from qcportal import audit, clock, mail
from qcportal.errors import NotAllowed
from qcportal.models import MailKind, User
from qcportal.roles import Role, has_role


def send(
    application: Application, letter: str, *, actor: User, check: FormalCheck | None = None, reason: str = ""
) -> None:
    """Write the letter ``letter`` in the running transaction: templates/mail/check_<letter>.txt frames the text of
    templates/mail/check_text/<letter>.txt, which is also the message in the portal. Each address gets one mail.
    """
    context = {
        "application": application,
        "check": check,
        "remarks": _remarks(check),
        "opened": [check_keys.label(key) for key in application.open_fields],
        "due": clock.half_open_label(application.correction_due_at) if application.correction_due_at else "",
        "reason": reason.strip(),
    }
    for address in _addresses(application):
        mail.queue_template(kind=MailKind.LETTER, to=address, template=f"check_{letter}", context=context)
    _post(application, render_to_string(f"mail/check_text/{letter}.txt", context).strip(), actor)


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


def _post(application: Application, body: str, actor: User) -> None:
    now = clock.now()
    thread, _created = Thread.objects.get_or_create(
        application=application, defaults={"enterprise": application.enterprise, "created_at": now}
    )
    Message.objects.create(thread=thread, author=actor, from_staff=True, body=body[:4000], created_at=now)


def write_message(application: Application, *, actor: User, body: str) -> None:
    """A person of the secretariat writes to the enterprise about this filing; it shows in the portal, without mail."""
    if not has_role(actor, Role.SECRETARIAT):
        raise NotAllowed
    with transaction.atomic(durable=True):
        _post(application, body, actor)
        audit.record("message.sent", application, actor=actor)
