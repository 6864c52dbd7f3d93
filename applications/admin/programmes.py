"""The year's programme: rounds, extensions, calendar, awards, checklist, working days."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from applications.actions import extending, field_rules
from applications.admin.filters import RoundFilter
from applications.models import (
    AwardLevel,
    CalendarEntry,
    ChecklistItem,
    Extension,
    JointHost,
    Programme,
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


class HostInline(StaffInline):
    model = JointHost
    fields = ("position", "name", "on_certificate")


class AwardLevelInline(StaffInline):
    model = AwardLevel
    fields = ("position", "name", "wording")


class CalendarInline(StaffInline):
    model = CalendarEntry


class SpecialAwardFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        """An award that filings have chosen may get another name; it does not go."""
        super().clean()
        going = [form.instance.pk for form in self.deleted_forms if form.instance.pk]
        chosen = SpecialAward.objects.filter(pk__in=going, application__isnull=False).distinct()
        names = list(chosen.values_list("name", flat=True)) if going else []
        if names:
            raise ValidationError(f"已有申报选择“{'、'.join(names)}”，不能删除，可以改名或写明申报条件。")


class SpecialAwardInline(StaffInline):
    model = SpecialAward
    formset = SpecialAwardFormSet
    fields = ("position", "code", "name", "eligibility")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name == "eligibility":
            field.widget.attrs["rows"] = 3
        return field


class ChecklistInline(StaffInline):
    """Checks keep a copy of the list, so lines may be reworded or dropped at any time."""

    model = ChecklistItem
    fields = ("position", "text", "help_text", "helper", "is_required", "is_active")


@admin.register(Programme)
class ProgrammeAdmin(StaffAdmin):
    nav_group, nav_order, nav_icon = PROGRAMME, 10, "calendar"
    nav_title = "基本信息"

    class Media:
        css = {"all": ("css/years.css",)}

    may_add = False  # a year is made from another one (admin.next_years)
    list_display = ("year", "edition", "data_year", "title", "notice_number", "is_published", "whole")
    inlines = (HostInline, SpecialAwardInline, AwardLevelInline, ChecklistInline, CalendarInline)
    fields = (
        ("year", "edition", "data_year"),
        "title",
        ("notice_number", "notice_date"),
        "intro",
        ("correction_workdays", "announcement_workdays", "paper_workdays"),
        ("is_published", "correction_limit"),
    )

    @admin.display(description="全年")
    def whole(self, row: Programme) -> str:
        address = reverse("admin:programme_year", args=[row.year])
        return format_html('<a href="{}">一览与自查</a>', address)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The blank forms name awards and year: they follow."""
        super().save_related(request, form, formsets, change)
        if form.has_changed() or any(formset.has_changed() for formset in formsets):
            field_rules.make_blanks_again()


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
