"""申报 on the staff site: the queue as its list, the check page as its only page. Nothing is edited by hand."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path

from applications.admin import bulk_views, check_views, queue_views
from applications.models import Application
from qcportal.adminsite import FILING, ReadOnlyAdmin


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdmin):
    nav_group, nav_order, nav_icon = FILING, 10, "shield"
    nav_title = "形式审查"
    actions = None

    def get_urls(self) -> list[URLPattern | URLResolver]:
        own = [(address, view, name) for address, view, name in (*queue_views.ADDRESSES, *bulk_views.ADDRESSES)]
        own += [(f"<int:pk>/check/{address}", view, name) for address, view, name in check_views.ADDRESSES]
        return [
            path(address, self.admin_site.admin_view(view), name=f"applications_{name}") for address, view, name in own
        ] + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Not Django's list: filters that combine, claims, bulk actions need a page of their own."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return queue_views.listing(request)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Django's own form page is never shown: the check page is the page of a filing."""
        if not object_id.isdigit():
            return super().change_view(request, object_id, *args, **kwargs)
        return redirect("admin:applications_check", pk=object_id)
