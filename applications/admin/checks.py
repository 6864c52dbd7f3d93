"""申报 on the staff site: the queue as its list, the check page as its only page. Nothing is edited by hand."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from applications.actions.checking import CHECKABLE
from applications.admin import check_views, queue
from applications.admin.chips import state_chip
from applications.admin.filters import RoundFilter
from applications.admin.recommending import OpinionFilter
from applications.models import Application
from applications.states import State
from qcportal.adminsite import FILING, ReadOnlyAdmin


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdmin):
    nav_group, nav_order, nav_icon = FILING, 10, "shield"
    nav_title = "形式审查"
    list_display = ("number", "unit", "group_and_topic", "kind", "chip", "submitted", "paper", "checker", "open_link")
    list_display_links = None
    list_filter = (
        queue.QueueFilter,
        ("round", RoundFilter),
        queue.CityFilter,
        "enterprise__industry",
        "topic_type",
        queue.AwardFilter,
        queue.PaperFilter,
        OpinionFilter,
    )
    search_fields = (
        "file_number",
        "enterprise__name",
        "enterprise__credit_code",
        "group_name",
        "topic_name",
        "contact_phone",
    )
    search_help_text = "文件编号、单位、信用代码、小组、课题、联系电话"
    actions = None
    change_list_template = "admin/applications/application/change_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        return queue.for_queue(super().get_queryset(request))

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Who waits longest first; when looking through everything, the newest first."""
        waiting = (
            request.GET.get("queue", queue.WAITING) in {queue.WAITING, queue.RESUBMITTED} and "q" not in request.GET
        )
        return ("file_number",) if waiting else ("-file_number",)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            path(f"<int:pk>/check/{address}", self.admin_site.admin_view(view), name=f"applications_{name}")
            for address, view, name in check_views.ADDRESSES
        ] + super().get_urls()

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Django's own form page is never shown: the check page is the page of a filing."""
        if not object_id.isdigit():
            return super().change_view(request, object_id, *args, **kwargs)
        return redirect("admin:applications_check", pk=object_id)

    # --- columns ----------------------------------------------------------------------------------

    @admin.display(description="文件编号", ordering="file_number")
    def number(self, row: Application) -> str:
        address = reverse("admin:applications_check", args=[row.pk])
        version = f"第 {row.last_version} 版" if row.last_version else "未提交"  # type: ignore[attr-defined]
        return format_html('<a href="{}"><b>{}</b></a><small>{}</small>', address, row.file_number or "草稿", version)

    @admin.display(description="申报单位", ordering="enterprise__name")
    def unit(self, row: Application) -> str:
        if row.enterprise.is_verified:
            return row.enterprise.name
        return format_html('{}<small class="is-amber">待核验</small>', row.enterprise.name)

    @admin.display(description="小组与课题", ordering="group_name")
    def group_and_topic(self, row: Application) -> str:
        return format_html("{}<small>{}</small>", row.display_name, row.topic_name)

    @admin.display(description="课题类型", ordering="topic_type")
    def kind(self, row: Application) -> str:
        kind, _dot, variant = row.topic_type_label.partition("·")
        return format_html("{}<small>{}</small>", kind, variant) if variant else kind or "—"

    @admin.display(description="状态", ordering="state")
    def chip(self, row: Application) -> str:
        return state_chip(row)

    @admin.display(description="提交时间")
    def submitted(self, row: Application) -> str:
        at = row.last_submitted_at  # type: ignore[attr-defined]
        if at is None:
            return "—"
        local = timezone.localtime(at)
        return format_html("{}<small>{}</small>", f"{local:%Y-%m-%d}", f"{local:%H:%M:%S}")

    @admin.display(description="纸质件")
    def paper(self, row: Application) -> str:
        received, last = row.paper_version, row.last_version  # type: ignore[attr-defined]
        if received is None:
            return "未到" if row.state in queue.PAPER_EXPECTED else "—"
        if received == last:
            return "已签收"
        return format_html('<span class="is-amber">旧版（第 {} 版）</span>', received)

    @admin.display(description="审查人")
    def checker(self, row: Application) -> str:
        return (row.checker_name if row.state in CHECKABLE else "") or "—"  # type: ignore[attr-defined]

    @admin.display(description="操作")
    def open_link(self, row: Application) -> str:
        word = "查看"
        if row.state == State.SUBMITTED:
            word = "复核" if row.was_returned else "审查"  # type: ignore[attr-defined]
        address = reverse("admin:applications_check", args=[row.pk])
        label = f"{word} {row.file_number or row.display_name}"
        return format_html(
            '<a class="btn btn--secondary btn--small" href="{}" aria-label="{}">{}</a>', address, label, word
        )
