"""入选发表 by rank or quota: a rule, its preview, and one press that takes the groups in."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from events import actions, choosing
from events.forms import ChoosingForm
from events.models import Event
from qcportal.errors import NotAllowed, Refusal
from qcportal.roles import Role, has_role


@require_http_methods(["GET", "HEAD", "POST"])
def shortlist_page(request: HttpRequest, pk: int) -> HttpResponse:
    event = get_object_or_404(Event.objects.select_related("programme", "round__programme"), pk=pk)
    may_change = has_role(request.user, Role.SECRETARIAT)
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    data = request.POST if request.method == "POST" else request.GET
    by = data.get("by", "")
    by = by if by in choosing.GROUPINGS else "rank"
    plan, error = None, ""
    try:
        groups = choosing.groups_of(event, by)
    except Refusal as refusal:
        groups, error = [], refusal.message
    asked = any(name.startswith("quota_") for name in data)
    form = ChoosingForm(event, groups, data if asked else None, initial={"by": by})
    if asked and not error and form.is_valid():
        plan = choosing.plan(event, by, form.quotas())
        if request.method == "POST" and _confirm(request, form, by):
            return redirect("admin:events_event_order", pk=event.pk)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "按名次或名额列入",
        "event": event,
        "form": form,
        "by": by,
        "plan": plan,
        "error": error,
        "may_change": may_change,
    }
    return TemplateResponse(request, "admin/events/shortlist.html", context)


def _confirm(request: HttpRequest, form: ChoosingForm, by: str) -> bool:
    try:
        batch = actions.shortlist_batch(
            form.cleaned_data["track"], by, form.quotas(), actor=request.user,  # type: ignore[arg-type]
            seen=request.POST.get("seen", ""),
        )  # fmt: skip
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return False
    messages.success(request, f"已列入 {batch.count} 个小组。抽签前可以整批撤销。")
    return True
