"""专业领域, and what judges have declared of units."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import HttpRequest

from applications.models.enterprises import Industry
from qcportal.adminsite import StaffAdmin
from qcportal.errors import Refusal
from reviews.actions import relating
from reviews.models import DeclaredRelation, ExpertiseField, RelationKind


class ExpertiseForm(ModelForm):  # type: ignore[type-arg]
    industries = forms.MultipleChoiceField(
        label="对应的所属行业", choices=Industry.choices, required=False, widget=forms.CheckboxSelectMultiple,
        help_text="申报单位属于这些行业时，本领域的评委为对口。通用领域不必选。",
    )  # fmt: skip

    class Meta:
        model = ExpertiseField
        fields = ("name", "industries", "is_general", "position", "is_active")


@admin.register(ExpertiseField)
class ExpertiseFieldAdmin(StaffAdmin):
    nav_order = 41
    nav_icon = "list"
    form = ExpertiseForm
    list_display = ("name", "industry_labels", "is_general", "is_active")

    @admin.display(description="对应的所属行业")
    def industry_labels(self, row: ExpertiseField) -> str:
        return row.industry_labels or "—"


@admin.register(DeclaredRelation)
class DeclaredRelationAdmin(StaffAdmin):
    """Written down by an action, so that what is assigned already is recused at once; then confirmed or ended."""

    nav_order = 46
    nav_icon = "link"
    list_display = ("judge", "kind", "unit_name", "group_name", "declared_at", "confirmed_at", "ended_at")
    list_filter = ("kind", ("confirmed_at", admin.EmptyFieldListFilter), ("ended_at", admin.EmptyFieldListFilter))
    list_select_related = ("judge__user",)
    search_fields = ("judge__user__name", "unit_name", "group_name")
    actions = ("confirm", "end")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        told = ("judge", "kind", "unit_name", "unit_code", "group_name", "note")
        if obj is None:
            return told
        return (*told, "declared_at", "declared_by", "confirmed_at", "confirmed_by", "ended_at", "ended_by")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: DeclaredRelation, form: ModelForm, change: bool  # type: ignore[type-arg]
    ) -> None:  # fmt: skip
        saved = relating.declare_relation(
            obj.judge, RelationKind(obj.kind), actor=request.user,  # type: ignore[arg-type]
            unit_name=obj.unit_name, unit_code=obj.unit_code, group_name=obj.group_name, note=obj.note,
        )  # fmt: skip
        obj.pk, obj.declared_at = saved.pk, saved.declared_at

    @admin.action(description="核实所选关系", permissions=["change"])
    def confirm(self, request: HttpRequest, queryset: Any) -> None:
        self._each(request, queryset.select_related("judge__user"), relating.confirm_relation, "已核实")

    @admin.action(description="终止所选关系（因此产生的回避一并解除）", permissions=["change"])
    def end(self, request: HttpRequest, queryset: Any) -> None:
        self._each(request, queryset.select_related("judge__user"), relating.end_relation, "已终止")

    def _each(self, request: HttpRequest, rows: Any, act: Any, said: str) -> None:
        for row in rows:
            try:
                act(row, actor=request.user)
            except Refusal as refusal:
                messages.error(request, refusal.message)
            else:
                messages.success(request, f"{said}：{row}")
