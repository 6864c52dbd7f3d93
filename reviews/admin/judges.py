"""Judges, panels, recusals, pledges, recorded panel decisions."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import EmptyFieldListFilter
from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.forms import CheckboxSelectMultiple, ModelForm
from django.http import HttpRequest

from applications import states
from applications.admin.filters import RoundFilter
from applications.models import Round
from qcportal.adminsite import NamedFields, ReadOnlyAdmin, StaffAdmin
from qcportal.errors import Refusal
from qcportal.models import User
from qcportal.roles import Role, has_role
from reviews.actions import rankings, recusing
from reviews.admin.filters import StageFilter
from reviews.models import Availability, ExpertiseField, Judge, Panel, Pledge, Recusal, RecusalKind, TieDecision


def _grant(user: User, role: str) -> None:
    """The head of the judges' pages goes by role; the rows by themselves open nothing."""
    user.groups.add(Group.objects.get(name=role))


class AvailabilityInline(NamedFields, admin.TabularInline):  # type: ignore[type-arg]
    """One line for a round in which a judge takes no part, or with a limited number."""

    model = Availability
    extra = 0
    fields = ("round", "takes_part", "at_most", "note")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "round":
            kwargs["queryset"] = Round.objects.select_related("programme").order_by("-programme__year", "-number")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request.user, Role.SECRETARIAT, Role.AUDITOR)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request.user, Role.SECRETARIAT)

    has_change_permission = has_add_permission
    has_delete_permission = has_add_permission


@admin.register(Judge)
class JudgeAdmin(StaffAdmin):
    nav_order = 40
    nav_icon = "user"
    inlines = (AvailabilityInline,)
    list_display = (
        "user",
        "employer_name",
        "field_names",
        "title",
        "certificate_level",
        "certificate_valid_until",
        "is_active",
    )
    list_filter = ("is_active", "is_senior", "expertise_fields", "city")
    list_select_related = ("user",)
    search_fields = ("user__name", "employer_name", "expertise", "expertise_fields__name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Judge]:
        return super().get_queryset(request).prefetch_related("expertise_fields")

    @admin.display(description="专业领域")
    def field_names(self, row: Judge) -> str:
        return "、".join(field.name for field in row.expertise_fields.all()) or row.expertise or "—"

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "expertise_fields":
            kwargs["widget"] = CheckboxSelectMultiple
            kwargs["queryset"] = ExpertiseField.objects.filter(is_active=True)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            # Members of an enterprise may judge too: the portal recuses them from their own.
            people = User.objects.filter(is_active=True).filter(
                Q(groups__name__in=[Role.JUDGE, Role.LEAD_JUDGE]) | Q(judge=None)
            )
            kwargs["queryset"] = people.distinct().order_by("name")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Judge, form: ModelForm, change: bool) -> None:  # type: ignore[type-arg]
        """A changed employer is compared with everything already assigned."""
        super().save_model(request, obj, form, change)
        _grant(obj.user, Role.JUDGE)
        found = recusing.refresh_recusals(obj, actor=request.user)  # type: ignore[arg-type]
        if found:
            numbers = "、".join(str(recusal.application.file_number) for recusal in found)
            messages.warning(request, f"按新的工作单位，以下已分派的申报自动回避：{numbers}。")


@admin.register(Panel)
class PanelAdmin(StaffAdmin):
    nav_order = 42
    nav_icon = "users"
    list_display = ("name", "stage", "lead")
    list_filter = (("stage", StageFilter),)
    list_select_related = ("stage__round__programme", "lead__user")
    filter_horizontal = ("judges",)

    def save_model(self, request: HttpRequest, obj: Panel, form: ModelForm, change: bool) -> None:  # type: ignore[type-arg]
        super().save_model(request, obj, form, change)
        if obj.lead is not None:
            _grant(obj.lead.user, Role.LEAD_JUDGE)


class ApplicationChoiceMixin:
    """Only filings that take part in judging are offered."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "application":
            model = db_field.remote_field.model
            kwargs["queryset"] = model.objects.filter(state__in=states.TAKING_PART).order_by("file_number")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


@admin.register(Recusal)
class RecusalAdmin(ApplicationChoiceMixin, StaffAdmin):
    nav_order = 46
    nav_icon = "ban"
    list_display = ("judge", "application", "kind", "created_at", "created_by", "confirmed_at")
    list_filter = ("kind", ("confirmed_at", EmptyFieldListFilter), ("application__round", RoundFilter))
    list_select_related = ("judge__user", "application", "created_by")
    search_fields = ("judge__user__name", "application__file_number", "application__group_name")
    actions = ("confirm", "lift")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("judge", "application", "reason")
        return ("judge", "application", "kind", "reason", "created_at", "created_by", "confirmed_at", "confirmed_by")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if "reason" in form.base_fields:
            form.base_fields["reason"].required = True
        return form

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Recusal, form: ModelForm, change: bool) -> None:  # type: ignore[type-arg]
        saved = recusing.record_recusal(
            obj.judge,
            obj.application,
            actor=request.user,  # type: ignore[arg-type]
            reason=form.cleaned_data["reason"],
        )
        obj.pk = saved.pk

    @admin.action(description="核实所选回避（仅限本人申请的）", permissions=["change"])
    def confirm(self, request: HttpRequest, queryset: Any) -> None:
        for recusal in queryset.filter(kind=RecusalKind.DECLARED, confirmed_at=None):
            try:
                recusing.confirm_recusal(recusal, actor=request.user)  # type: ignore[arg-type]
            except Refusal as refusal:
                messages.error(request, refusal.message)
            else:
                messages.success(request, f"已核实：{recusal}")

    @admin.action(description="撤销所选回避（仅限本人申请的）", permissions=["change"])
    def lift(self, request: HttpRequest, queryset: Any) -> None:
        for recusal in queryset.filter(kind=RecusalKind.DECLARED):
            try:
                recusing.lift_recusal(recusal, actor=request.user, reason="管理后台更正")  # type: ignore[arg-type]
            except Refusal as refusal:
                messages.error(request, refusal.message)
            else:
                messages.success(request, f"已撤销：{recusal}")


@admin.register(Pledge)
class PledgeAdmin(ReadOnlyAdmin):
    nav_order = 48
    nav_icon = "shield-check"
    list_display = ("judge", "programme", "version", "accepted_at")
    list_filter = ("programme", "version")
    list_select_related = ("judge__user", "programme")


@admin.register(TieDecision)
class TieDecisionAdmin(ApplicationChoiceMixin, StaffAdmin):
    nav_order = 72
    nav_icon = "scale"
    list_display = ("application", "round", "position", "decided_at", "decided_by")
    list_filter = (("round", RoundFilter),)
    list_select_related = ("application", "round__programme", "decided_by")
    fields = ("application", "position", "reason")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: TieDecision, form: ModelForm, change: bool) -> None:  # type: ignore[type-arg]
        saved = rankings.decide_tie(
            obj.application,
            actor=request.user,  # type: ignore[arg-type]
            position=obj.position,
            reason=obj.reason,
        )
        obj.pk, obj.round_id = saved.pk, saved.round_id
