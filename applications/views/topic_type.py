"""The question before another topic type hides steps that were written: what stays, what is kept, what is new."""

import uuid as uuids
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from applications import topics, type_change
from applications.actions import drafts
from applications.actions.enterprises import StaleEdit
from applications.sections import is_open
from applications.views.filing_desk import Desk
from qcportal.errors import NotAllowed, Refusal


def take_unconfirmed(request: HttpRequest, desk: Desk, values: dict[str, Any]) -> str:
    """A new type that would hide written steps leaves ``values`` and comes back to be asked about; else "".

    Whoever saw the preview on the page (a script shows it at once) is not asked again.
    """
    now, to = desk.application.topic_type, values.get("topic_type", "")
    if not now or not to or to == now or request.POST.get("type_seen") == to:
        return ""
    typed = {key.removeprefix("steps."): value for key, value in values.items() if key.startswith("steps.")}
    if not type_change.change({**desk.application.steps, **typed}, now, to, desk.application.fields).dropped:
        return ""
    del values["topic_type"]
    return str(to)


def question(desk: Desk, to: str) -> HttpResponseRedirect:
    return redirect(reverse("applications:topic_type", args=[desk.application.uuid]) + f"?to={to}")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def topic_type(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    desk = Desk(request, uuid)
    if desk.membership is None:
        raise PermissionDenied
    to = request.POST.get("to", "") if request.method == "POST" else request.GET.get("to", "")
    application = desk.application
    closed = desk.keys is not None and not is_open("topic_type", desk.keys)
    back = desk.section_url("topic")
    if to not in topics.TopicType.__members__.values() or to == application.topic_type or closed or desk.refusal:
        return redirect(back)
    if request.method == "POST":
        return _change(request, desk, to, back)
    change = type_change.change(application.steps, application.topic_type, to, application.fields)
    return render(request, "applications/topic_type.html", desk.context(change=change, back=back))


def _change(request: HttpRequest, desk: Desk, to: str, back: str) -> HttpResponse:
    seen = request.POST.get("seen_version", "")
    try:
        drafts.save_section(
            desk.application,
            actor=request.user,  # type: ignore[arg-type]
            section="topic",
            values={"topic_type": to},
            seen_version=int(seen) if seen.isdigit() else 0,
        )
    except StaleEdit:
        messages.error(request, "您打开页面之后，他人保存过修改。请再核对一遍步骤，然后确认更换。")
        return question(desk, to)
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect(back)
    label = topics.LABELS[topics.TopicType(to)]
    messages.success(request, f"课题类型已改为“{label}”。不再打印的文字仍保留，改回原类型即恢复。")
    return redirect(f"{back}#steps")
