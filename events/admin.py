"""Events in the admin: their data, and one page on which the running order comes about."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from events import actions
from events.forms import HandForm, TrackForm
from events.models import Event, Shortlist, Track
from events.shortlist_page import shortlist_page
from qcportal import clock, desk
from qcportal.adminsite import EVENTS, NamedFields, StaffAdmin
from qcportal.errors import Refusal
from qcportal.roles import Role, has_role


class TrackInline(NamedFields, admin.TabularInline):  # type: ignore[type-arg]
    model = Track
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request.user, Role.SECRETARIAT)

    has_change_permission = has_add_permission

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request.user, Role.SECRETARIAT, Role.AUDITOR)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A track with a shortlist or a draw is protected by the database as well."""
        return has_role(request.user, Role.SECRETARIAT)


@desk.add_coming
def event_dates(now: datetime) -> Iterator[desk.Coming]:
    for event in Event.objects.filter(starts_at__gt=now).order_by("starts_at")[:20]:
        address = reverse("admin:events_event_change", args=[event.pk])
        note = event.place if event.is_published else f"{event.place}（未公布）"
        yield desk.Coming(event.starts_at, event.title, "活动", address, note, is_deadline=False)


@admin.register(Event)
class EventAdmin(StaffAdmin):
    nav_group, nav_title, nav_order, nav_icon = EVENTS, "发布会与培训", 10, "monitor"
    list_display = ("title", "kind", "round", "starts_at", "place", "is_published", "order_link")
    list_filter = ("kind", "programme", "is_published")
    search_fields = ("title", "place")
    list_select_related = ("programme", "round__programme")
    inlines = (TrackInline,)

    @admin.display(description="发表顺序")
    def order_link(self, event: Event) -> str:
        return format_html('<a href="{}">入选与抽签</a>', reverse("admin:events_event_order", args=[event.pk]))

    def get_urls(self) -> list[URLPattern]:
        order = path("<int:pk>/order/", self.admin_site.admin_view(self.order_view), name="events_event_order")
        choose = path("<int:pk>/shortlist/", self.admin_site.admin_view(shortlist_page), name="events_event_shortlist")
        return [order, choose, *super().get_urls()]

    def order_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Shortlist, draw and publication of one event. Every button is one action."""
        event = get_object_or_404(Event.objects.select_related("programme", "round__programme"), pk=pk)
        forms: dict[str, Form] = {"hand": HandForm(event)}
        if request.method == "POST":
            if not self.has_change_permission(request, event):
                raise PermissionDenied
            if self._perform(request, event, forms):
                return redirect("admin:events_event_order", pk=event.pk)
        return TemplateResponse(request, "admin/events/order.html", self._order_context(request, event, forms))

    def _order_context(self, request: HttpRequest, event: Event, forms: dict[str, Form]) -> dict[str, Any]:
        tracks = list(
            Track.objects.filter(event=event)
            .select_related("draw__committed_by", "draw__drawn_by")
            .prefetch_related("shortlist__application__enterprise", "slots__application__enterprise")
        )
        return {
            **self.admin_site.each_context(request),
            "title": f"{event.title}：入选与抽签",
            "event": event,
            "tracks": tracks,
            "forms": forms,
            "may_change": self.has_change_permission(request, event),
            "all_drawn": bool(tracks) and all(_is_drawn(track) for track in tracks),
            "batches": event.batches.filter(undone_at=None).select_related("track", "made_by"),
            "opts": self.model._meta,
        }

    def _perform(self, request: HttpRequest, event: Event, forms: dict[str, Form]) -> bool:
        """Run the pressed button; True when the page should be loaded afresh."""
        steps: dict[str, Callable[[HttpRequest, Event, dict[str, Form]], str | None]] = {
            "hand": self._add_by_hand,
            "remove": self._remove,
            "undo": self._undo,
            "commit": self._commit,
            "draw": self._draw,
            "publish": self._publish,
        }
        step = steps.get(request.POST.get("step", ""))
        if step is None:
            return True
        try:
            done = step(request, event, forms)
        except Refusal as refusal:
            messages.error(request, refusal.message)
            return True
        if done is None:
            return False
        messages.success(request, done)
        return True

    def _add_by_hand(self, request: HttpRequest, event: Event, forms: dict[str, Form]) -> str | None:
        form = forms["hand"] = HandForm(event, request.POST)
        if not form.is_valid():
            return None
        data = form.cleaned_data
        actions.shortlist_by_hand(
            data["track"],
            data["application"],
            actor=request.user,  # type: ignore[arg-type]
            reason=data["reason"],
        )
        return f"已列入 {data['application'].group_name}。"

    def _remove(self, request: HttpRequest, event: Event, forms: dict[str, Form]) -> str:
        row = get_object_or_404(Shortlist, event=event, pk=request.POST.get("row") or 0)
        reason = request.POST.get("reason", "").strip()
        if not reason:
            raise Refusal("请填写移出名单的理由。", "no_reason")
        actions.remove_from_shortlist(row, actor=request.user, reason=reason)  # type: ignore[arg-type]
        return f"已移出 {row.application.group_name}。"

    def _undo(self, request: HttpRequest, event: Event, forms: dict[str, Form]) -> str:
        batch = get_object_or_404(event.batches, pk=request.POST.get("batch") or 0)
        count = actions.undo_batch(batch, actor=request.user)  # type: ignore[arg-type]
        return f"已撤销这一批，{count} 个小组移出名单。"

    def _commit(self, request: HttpRequest, event: Event, forms: dict[str, Form]) -> str:
        actions.commit_draw(_track(request, event), actor=request.user)  # type: ignore[arg-type]
        return "种子已生成，其 SHA-256 已在活动页公布。"

    def _draw(self, request: HttpRequest, event: Event, forms: dict[str, Form]) -> str:
        actions.perform_draw(_track(request, event), actor=request.user)  # type: ignore[arg-type]
        return "抽签完成，名单已冻结。"

    def _publish(self, request: HttpRequest, event: Event, forms: dict[str, Form]) -> str:
        actions.publish_order(event, actor=request.user, now=clock.now())  # type: ignore[arg-type]
        return "发表顺序已公布，并已通知各小组。"


def _track(request: HttpRequest, event: Event) -> Track:
    form = TrackForm(event, request.POST)
    if not form.is_valid():
        raise Refusal("请选择会场。", "no_track")
    return form.cleaned_data["track"]  # type: ignore[no-any-return]


def _is_drawn(track: Track) -> bool:
    draw = getattr(track, "draw", None)
    return draw is not None and draw.revealed_at is not None
