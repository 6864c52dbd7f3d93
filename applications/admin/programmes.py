"""The year's programme: rounds, extensions, calendar, awards, checklist, working days."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest

from applications.actions import extending
from applications.admin.filters import RoundFilter
from applications.models import (
    CalendarEntry,
    ChecklistItem,
    Extension,
    Programme,
    Round,
    SpecialAward,
    WorkdayException,
)
from qcportal import clock
from qcportal.adminsite import PROGRAMME, NamedFields, StaffAdmin
from qcportal.roles import Role, has_role


class StaffInlineRights(NamedFields):
    """Rows inside another page: the secretariat edits, auditors look."""

    extra = 0
    may_delete = True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request.user, Role.SECRETARIAT, Role.AUDITOR)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request.user, Role.SECRETARIAT)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request.user, Role.SECRETARIAT)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_delete and has_role(request.user, Role.SECRETARIAT)


class StaffInline(StaffInlineRights, admin.TabularInline):  # type: ignore[type-arg]
    pass


class RoundFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """Each round is checked against the stored sister by Round.clean; here both are checked as typed."""

    def clean(self) -> None:
        super().clean()
        closes = {
            form.cleaned_data["number"]: form.cleaned_data["closes_at"]
            for form in self.forms
            if form.cleaned_data.get("number") and form.cleaned_data.get("closes_at")
        }
        if len(closes) == 2 and closes[1] >= closes[2]:
            raise ValidationError("第一期应早于第二期截止。")


class RoundInline(StaffInlineRights, admin.StackedInline):  # type: ignore[type-arg]
    model = Round
    formset = RoundFormSet
    max_num = 2
    may_delete = False
    fields = (
        "number",
        "opens_at",
        "closes_at",
        "stamped_due_at",
        "paper_due_at",
        "event_month",
        "email_still_required",
    )


class CalendarInline(StaffInline):
    model = CalendarEntry


class SpecialAwardInline(StaffInline):
    model = SpecialAward


class ChecklistInline(StaffInline):
    """Checks keep a copy of the list, so lines may be reworded or dropped at any time."""

    model = ChecklistItem
    fields = ("position", "text", "help_text", "helper", "is_required", "is_active")


@admin.register(Programme)
class ProgrammeAdmin(StaffAdmin):
    nav_group, nav_order, nav_icon = PROGRAMME, 10, "calendar"
    list_display = ("year", "edition", "data_year", "title", "notice_number", "is_published")
    inlines = (RoundInline, SpecialAwardInline, ChecklistInline, CalendarInline)
    fields = (
        ("year", "edition", "data_year"),
        "title",
        ("notice_number", "notice_date"),
        "joint_hosts",
        "intro",
        ("is_published", "correction_limit"),
    )


@admin.register(Extension)
class ExtensionAdmin(StaffAdmin):
    """延期 is a new row with a reason. Once given it is not edited or taken back: people rely on it."""

    nav_group, nav_order, nav_icon = PROGRAMME, 20, "clock"
    list_display = ("round", "enterprise", "new_deadline_label", "reason", "created_by", "created_at")
    list_filter = (("round", RoundFilter),)
    list_select_related = ("round__programme", "enterprise", "created_by")
    autocomplete_fields = ("enterprise",)
    fields = ("round", "enterprise", "new_deadline", "reason")

    @admin.display(description="新的截止时间", ordering="new_deadline")
    def new_deadline_label(self, row: Extension) -> str:
        return clock.half_open_label(row.new_deadline)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def save_model(self, request: HttpRequest, obj: Extension, form: ModelForm, change: bool) -> None:  # type: ignore[type-arg]
        extending.grant(obj, actor=request.user)  # type: ignore[arg-type]


@admin.register(WorkdayException)
class WorkdayExceptionAdmin(StaffAdmin):
    nav_group, nav_order, nav_icon = PROGRAMME, 40, "calendar"
    may_delete = True
    list_display = ("day", "is_workday", "note")
