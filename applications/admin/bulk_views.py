"""批量操作 on the staff site: preview, confirm, progress, result, undo."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from applications import bulk_plans
from applications.actions import bulk
from applications.admin import queue, queue_page
from applications.admin.queue_filter import Filter
from applications.admin.queue_views import require_secretariat, user_of
from applications.models import Application, BulkAction, BulkItem, BulkKind, BulkState, ItemState
from qcportal import clock
from qcportal.errors import Refusal
from qcportal.models import User
from qcportal.roles import Role, has_role

FIRST_ROWS = 20
REFRESH_SECONDS = "2"
SHOWN = (
    ItemState.PLANNED, ItemState.DONE, ItemState.SKIPPED, ItemState.KEPT, ItemState.UNDONE, ItemState.LEFT_OUT,
)  # fmt: skip
AT_WORK = (BulkState.RUNNING, BulkState.UNDOING)


class PreviewForm(forms.Form):
    kind = forms.ChoiceField(choices=BulkKind.choices)
    assignee = forms.ModelChoiceField(
        User.objects.filter(is_active=True, groups__name=Role.SECRETARIAT), required=False
    )


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """What would be done with the filtered set, on a page of its own; nothing is done yet."""
    require_secretariat(request)
    form = PreviewForm(request.POST)
    wanted = Filter.of(queue.remembered(request), user_of(request))
    if not form.is_valid():
        messages.error(request, "请选择要做什么。")
        return redirect(queue_page.address(wanted.query))
    return redirect("admin:applications_bulk", uuid=_previewed(request, wanted, **form.cleaned_data).uuid)


def _previewed(request: HttpRequest, wanted: Filter, kind: str, assignee: User | None) -> BulkAction:
    return bulk.preview(wanted.rows(), kind=kind, actor=user_of(request), query=wanted.query, assignee=assignee)


def _batch(uuid: UUID) -> BulkAction:
    return get_object_or_404(BulkAction.objects.select_related("actor", "assignee", "undone_by"), uuid=uuid)


@require_safe
def show(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The batch at whatever point it is; while it is at work the page comes again by itself."""
    batch = _batch(uuid)
    answer = render(request, "admin/applications/queue/bulk.html", _context(request, batch))
    if batch.state in AT_WORK:
        answer["Refresh"] = REFRESH_SECONDS  # also without script
    return answer


def _context(request: HttpRequest, batch: BulkAction) -> dict[str, Any]:
    counts = dict(batch.items.order_by().values_list("state").annotate(Count("pk")))
    planned = counts.get(ItemState.PLANNED, 0)
    done = counts.get(ItemState.DONE, 0)
    now = clock.now()
    is_preview = batch.state == BulkState.PREVIEW
    total = sum(counts.values()) - counts.get(ItemState.LEFT_OUT, 0)
    wanted = Filter.of(batch.query, batch.actor)
    return {
        **admin.site.each_context(request),
        "title": batch.get_kind_display(),  # type: ignore[attr-defined]
        "batch": batch,
        "counts": {state.value: counts.get(state, 0) for state in ItemState},
        "total": total,
        "worked": total - (done if batch.state == BulkState.UNDOING else planned),
        "sections": [_section(batch, state) for state in SHOWN if counts.get(state)],
        "reasons": _reasons(batch),
        "filter_chips": queue_page.chips(wanted),
        "queue_url": queue_page.address(batch.query),
        "may_confirm": is_preview and planned > 0 and batch.actor_id == request.user.pk,
        "may_undo": batch.state == BulkState.DONE
        and batch.undo_until is not None
        and batch.undo_until > now
        and has_role(request.user, Role.SECRETARIAT),
        "minutes_left": max(int((batch.undo_until - now).total_seconds() // 60), 0) + 1 if batch.undo_until else 0,
        "checklist": _checklist(batch) if is_preview and batch.kind == BulkKind.ACCEPT else [],
        **(_recipients(batch, now) if is_preview and batch.kind in bulk_plans.REMINDING else {}),
        "tells": batch.kind in {BulkKind.ACCEPT, BulkKind.REMIND, BulkKind.PAPER},
        "many": planned > bulk.at_once(),
    }


def _section(batch: BulkAction, state: ItemState) -> dict[str, Any]:
    rows = batch.items.filter(state=state).select_related("application__enterprise")
    return {"state": state.value, "label": state.label, "rows": rows[:FIRST_ROWS], "first": FIRST_ROWS}


def _recipients(batch: BulkAction, now: datetime) -> dict[str, Any]:
    """Whom the letters would go to, and which addresses get none, with the reason."""
    planned = batch.items.filter(state=ItemState.PLANNED).values_list("application", flat=True)
    targets = bulk_plans.recipients(batch.kind, list(planned), now)
    passed_over = [(target.enterprise, one) for target in targets for one in target.left_out]
    return {
        "mails": sum(len(target.people) for target in targets),
        "enterprises": len({target.enterprise.pk for target in targets if target.people}),
        "passed_over": passed_over[:FIRST_ROWS],
        "passed_over_count": len(passed_over),
    }


def _reasons(batch: BulkAction) -> list[tuple[str, int]]:
    """Why filings were left out, the most frequent first."""
    out = Q(state__in=[ItemState.LEFT_OUT, ItemState.SKIPPED, ItemState.KEPT])
    counted = BulkItem.objects.filter(out, batch=batch).order_by().values_list("reason").annotate(number=Count("pk"))
    return sorted(counted, key=lambda pair: (-pair[1], pair[0]))


def _checklist(batch: BulkAction) -> list[str]:
    """Lines that the confirmation would answer; none when every check is ticked already."""
    if not bulk.needs_declaration(batch):
        return []
    planned = Application.objects.filter(
        pk__in=batch.items.filter(state=ItemState.PLANNED).values("application")
    ).select_related("round")
    return bulk_plans.open_checklist(planned)


@require_POST
def confirm(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Does what was previewed. When the set changed since, nothing is done and a new preview says what changed."""
    require_secretariat(request)
    batch = _batch(uuid)
    wanted = Filter.of(batch.query, user_of(request))
    try:
        bulk.confirm(batch, actor=user_of(request), rows=wanted.rows(), declared=request.POST.get("declared") == "yes")
    except bulk.Changed as changed:
        messages.warning(request, f"{changed.message}下面是重新做的预览，请再看一遍。")
        batch = _previewed(request, wanted, batch.kind, batch.assignee)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("admin:applications_bulk", uuid=batch.uuid)


@require_POST
def undo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    require_secretariat(request)
    batch = _batch(uuid)
    try:
        bulk.undo(batch, actor=user_of(request))
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("admin:applications_bulk", uuid=batch.uuid)


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Every batch that was confirmed, the newest first."""
    batches = BulkAction.objects.exclude(state=BulkState.PREVIEW).select_related("actor", "undone_by")
    counted = batches.annotate(
        done=Count("items", filter=Q(items__state=ItemState.DONE)),
        left=Count("items", filter=Q(items__state__in=[ItemState.LEFT_OUT, ItemState.SKIPPED])),
        undone=Count("items", filter=Q(items__state=ItemState.UNDONE)),
    )
    form_page = request.GET.get("page", "1")
    context = {
        **admin.site.each_context(request),
        "title": "批量操作记录",
        "page": Paginator(counted.order_by("-pk"), 30).get_page(form_page),
    }
    return render(request, "admin/applications/queue/bulk_list.html", context)


ADDRESSES: list[tuple[str, Callable[..., HttpResponse], str]] = [
    ("bulk/", listing, "bulk_list"),
    ("bulk/preview/", preview, "bulk_preview"),
    ("bulk/<uuid:uuid>/", show, "bulk"),
    ("bulk/<uuid:uuid>/confirm/", confirm, "bulk_confirm"),
    ("bulk/<uuid:uuid>/undo/", undo, "bulk_undo"),
]
