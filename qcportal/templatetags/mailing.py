"""How letters and addresses are shown wherever staff meet them."""

from typing import Any

from django import template
from django.db.models import Count, Q
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from qcportal import bounces
from qcportal.models import MailMessage, MailState
from qcportal.templatetags.portal import chip

register = template.Library()

CHIPS = {
    MailState.WAITING: ("grey", "clock"),
    MailState.HELD: ("amber", "clock"),
    MailState.SENDING: ("grey", "send"),
    MailState.SENT: ("tint", "check"),
    MailState.FAILED: ("red", "alert"),
    MailState.BOUNCED: ("red", "return"),
    MailState.UNSURE: ("amber", "warning"),
    MailState.CANCELLED: ("outline", "close"),
}


@register.simple_tag
def state_chip(message: MailMessage) -> SafeString:
    kind, icon = CHIPS[MailState(message.state)]
    word = str(MailState(message.state).label)
    if message.state == MailState.BOUNCED and message.bounce == "soft":
        kind, word = "amber", "暂时退信"
    return chip(kind, icon, word)


@register.simple_tag
def bounce_note(address: str) -> str:
    """Beside a contact: a red note when the last mail to this address came back for good. One question."""
    reason = bounces.returned([address]).get(address.lower()) if address else None
    return render_to_string("components/bounce_note.html", {"reason": reason}) if reason else ""


@register.inclusion_tag("components/mail_lines.html")
def mail_lines() -> dict[str, Any]:
    """For the desk: letters that need a person. One question."""
    wanted = {state.value: Count("pk", filter=Q(state=state)) for state in (
        MailState.HELD, MailState.UNSURE, MailState.FAILED, MailState.BOUNCED,
    )}  # fmt: skip
    rows = MailMessage.objects.filter(state__in=list(wanted))
    return {"mails": rows.aggregate(**wanted)}
