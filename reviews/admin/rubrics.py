"""Review sheets and stages. A sheet in use is frozen; weights are changed together, in the list of stages."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.forms import (
    BaseInlineFormSet,
    BaseModelFormSet,
    CheckboxSelectMultiple,
    ModelForm,
    MultipleChoiceField,
)
from django.http import HttpRequest
from django.utils.html import format_html

from applications import topics
from applications.admin.filters import RoundFilter
from qcportal.adminsite import NamedFields, StaffAdmin
from qcportal.roles import Role, has_role
from reviews.actions import rules
from reviews.models import Rubric, RubricItem, Stage, StageRubric
from reviews.points import plain


class StaffInline(NamedFields, admin.TabularInline):  # type: ignore[type-arg]
    """Inlines follow the roles of the staff site, not permission rows."""

    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request.user, Role.SECRETARIAT, Role.AUDITOR)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request.user, Role.SECRETARIAT)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


class ItemFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """The items must add up to the declared total (design, section 3)."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        rows = [form.cleaned_data for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        total = sum((row["max_points"] for row in rows if row.get("max_points")), Decimal(0))
        declared = self.instance.declared_total
        if declared is not None and total != declared:
            raise ValidationError(f"各项分值合计 {plain(total)} 分，与满分 {plain(declared)} 分不符。")


class ItemInline(StaffInline):
    model = RubricItem
    formset = ItemFormSet
    fields = ("position", "code", "name", "max_points", "step", "guidance", "comment_required")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj is not None and obj.is_frozen)


class RubricForm(ModelForm):  # type: ignore[type-arg]
    topic_types = MultipleChoiceField(
        label="适用课题类型",
        choices=topics.CHOICES,
        widget=CheckboxSelectMultiple,
        required=False,
        help_text="不选表示各类型通用",
    )


@admin.register(Rubric)
class RubricAdmin(StaffAdmin):
    form = RubricForm
    fields = ("name", "edition", "sheet", "topic_types", "declared_total", "is_active")
    nav_order = 60
    nav_icon = "list"
    list_display = ("name", "edition", "sheet", "declared_total", "is_active")
    list_filter = ("edition", "sheet", "is_active")
    inlines = (ItemInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Once a score sheet uses it only 使用 may change: another edition is another row."""
        if obj is not None and obj.is_frozen:
            return ("name", "edition", "sheet", "types_label", "declared_total")
        return ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        frozen = obj is not None and obj.is_frozen
        return tuple("types_label" if frozen and name == "topic_types" else name for name in self.fields)

    @admin.display(description="适用课题类型")
    def types_label(self, rubric: Rubric) -> str:
        labels = dict(topics.CHOICES)
        return "、".join(labels.get(value, value) for value in rubric.topic_types) or "各类型通用"

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        obj = kwargs.get("obj") or context.get("original")
        if obj is not None and obj.is_frozen and request.method == "GET":
            messages.info(request, "已有评分表使用此评审表，分项不能再改；如需调整请新增一份评审表。")
        return super().render_change_form(request, context, *args, **kwargs)


class StageFormSet(BaseModelFormSet):  # type: ignore[type-arg]
    """Weights of a round's active stages add up to 1, rows outside this page included."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        changed = {form.instance.pk: form.instance for form in self.forms}
        touched = {form.instance.round for form in self.forms if form.has_changed()}
        closed = [round_ for round_ in touched if rules.scores_exist(round_)]
        if closed:
            names = "、".join(sorted(str(round_) for round_ in closed))
            raise ValidationError(f"{names}已有评委提交评分：权重请在“成绩与排名”的计分规则中修改，并写明理由。")
        totals: dict[int, Decimal] = defaultdict(Decimal)
        rounds = {}
        affected = {stage.round_id for stage in changed.values()}
        for stage in Stage.objects.filter(round__in=affected).select_related("round__programme"):
            rounds[stage.round_id] = stage.round
            row = changed.get(stage.pk, stage)
            if row.is_active:
                totals[stage.round_id] += row.weight
        wrong = [f"{rounds[pk]}为 {plain(total)}" for pk, total in totals.items() if total != 1]
        if wrong:
            raise ValidationError(f"每期启用阶段的权重合计应为 1，现{'，'.join(wrong)}。")


class StageRubricInline(StaffInline):
    model = StageRubric
    fields = ("topic_type", "rubric")


class StageForm(ModelForm):  # type: ignore[type-arg]
    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        opens, closes = data.get("opens_at"), data.get("closes_at")
        if opens and closes and opens >= closes:
            raise ValidationError({"closes_at": "评分截止应晚于评分开放。"})
        return data


@admin.register(Stage)
class StageAdmin(StaffAdmin):
    form = StageForm
    nav_order = 50
    nav_icon = "calendar"
    list_display = ("__str__", "is_active", "weight", "opens_at", "closes_at", "min_valid", "trim_from", "assign_link")
    list_editable = ("is_active", "weight")
    list_filter = (("round", RoundFilter), "kind")
    list_select_related = ("round__programme",)
    inlines = (StageRubricInline,)
    of_the_rules = ("min_valid", "trim_from", "trim_count")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Weights change together in the list: one at a time they could never add up to 1. What else decides a rank is
        changed on the page of the round's rules only, with a reason (actions.rules)."""
        return ("round", "kind", "is_active", "weight", *self.of_the_rules) if obj is not None else ()

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_formset(request, formset=StageFormSet, **kwargs)

    @admin.display(description="分派")
    def assign_link(self, stage: Stage) -> str:
        return format_html('<a href="/admin/reviews/assign/{}/">分派评委</a>', stage.pk)
