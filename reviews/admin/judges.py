"""Judges, panels, recusals, pledges, recorded panel decisions."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import Q
from django.forms import ModelForm
from django.http import HttpRequest

from applications import states
from applications.admin.filters import RoundFilter
from qcportal.adminsite import ReadOnlyAdmin, StaffAdmin
from qcportal.errors import Refusal
from qcportal.models import User
from qcportal.roles import Role
from reviews.actions import rankings, recusing
from reviews.admin.filters import StageFilter
from reviews.models import Judge, Panel, Pledge, Recusal, RecusalKind, TieDecision


def _grant(user: User, role: str) -> None:
    """The head of the judges' pages goes by role; the rows by themselves open nothing."""
    user.groups.add(Group.objects.get(name=role))


@admin.register(Judge)
class JudgeAdmin(StaffAdmin):
    nav_order = 40
    nav_icon = "user"
    list_display = (
        "user",
        "employer_name",
        "expertise",
        "title",
        "certificate_level",
        "certificate_valid_until",
        "is_active",
    )
    list_filter = ("is_active", "is_senior", "city")
    list_select_related = ("user",)
    search_fields = ("user__name", "employer_name", "expertise")

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
    list_display = ("judge", "application", "kind", "created_at", "created_by")
    list_filter = ("kind", ("application__round", RoundFilter))
    list_select_related = ("judge__user", "application", "created_by")
    search_fields = ("judge__user__name", "application__file_number", "application__group_name")
    actions = ("lift",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("judge", "application", "reason")
        return ("judge", "application", "kind", "reason", "created_at", "created_by")

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
