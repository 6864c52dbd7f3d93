"""The statements agreed to at submission. A text in use is never edited: staff publish the next version."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from applications.models import ConfirmationText
from qcportal import clock
from qcportal.adminsite import PROGRAMME, StaffAdmin


@admin.register(ConfirmationText)
class ConfirmationTextAdmin(StaffAdmin):
    nav_group, nav_order, nav_icon = PROGRAMME, 50, "shield-check"
    list_display = ("kind", "version", "label", "effective_from", "created_by")
    list_filter = ("kind",)
    list_select_related = ("created_by",)
    fields = ("kind", "version", "label", "text", "effective_from")

    def has_change_permission(self, request: HttpRequest, obj: ConfirmationText | None = None) -> bool:
        return False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"effective_from": clock.now(), **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: ConfirmationText, form: Any, change: bool) -> None:
        obj.created_by, obj.created_at = request.user, clock.now()  # type: ignore[assignment]
        super().save_model(request, obj, form, change)
