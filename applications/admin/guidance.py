"""填写指导: the secretariat rewords what stands beside the fields; what it leaves empty stays the portal's."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import linebreaksbr
from django.utils.html import format_html
from django.utils.text import Truncator

from applications import guidance
from applications.models import FieldGuidance
from applications.sections import SECTIONS
from qcportal.adminsite import PROGRAMME, StaffAdmin

PLACES = [
    *((section.code, section.title) for section in SECTIONS),
    ("report", "附件 2、附件 3"),
    ("enterprise", "单位资料"),
]


class PlaceFilter(admin.SimpleListFilter):
    title = "所在页面"
    parameter_name = "place"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return PLACES

    def queryset(self, request: HttpRequest, queryset: QuerySet[FieldGuidance]) -> QuerySet[FieldGuidance]:
        place = self.value()
        section = next((one for one in SECTIONS if one.code == place), None)
        if section is not None:
            if section.code == "topic":
                return queryset.filter(key__in=section.fields) | queryset.filter(key__startswith="steps.")
            return queryset.filter(key__in=section.fields)
        return queryset.filter(key__startswith=f"{place}.") if place else queryset


class GuidanceForm(forms.ModelForm):
    """Each field shows what the portal says as long as it is empty."""

    class Meta:
        model = FieldGuidance
        fields = ("hint", "good", "example", "shortest", "longest", "minutes")
        widgets = {
            "hint": forms.TextInput(attrs={"class": "vLargeTextField"}),
            "good": forms.Textarea(attrs={"rows": 5, "class": "vLargeTextField"}),
            "example": forms.Textarea(attrs={"rows": 5, "class": "vLargeTextField"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        default = guidance.default_of(self.instance.key, self.instance.topic_type)
        for name, field in self.fields.items():
            value = getattr(default, name)
            shown = linebreaksbr(value, autoescape=True) if value not in ("", 0) else "（无）"
            field.help_text = format_html("{}<br>默认：{}", field.help_text, shown)


@admin.register(FieldGuidance)
class FieldGuidanceAdmin(StaffAdmin):
    """Every field has its row already (actions.programmes.ensure_guidance)."""

    nav_group, nav_order, nav_icon = PROGRAMME, 35, "help"
    may_add = False
    form = GuidanceForm
    list_display = ("field", "kind", "shown", "length", "source")
    list_filter = (PlaceFilter, "topic_type")
    search_fields = ("key", "hint", "good", "example")
    list_per_page = 100
    readonly_fields = ("field", "kind")
    fields = ("field", "kind", "hint", "good", "example", ("shortest", "longest", "minutes"))

    @admin.display(description="字段")
    def field(self, row: FieldGuidance) -> str:
        return guidance.label_of(row.key)

    @admin.display(description="课题类型")
    def kind(self, row: FieldGuidance) -> str:
        return guidance.type_label(row.topic_type)

    @admin.display(description="现在的提示")
    def shown(self, row: FieldGuidance) -> str:
        return Truncator(row.hint or guidance.default_of(row.key, row.topic_type).hint).chars(40)

    @admin.display(description="建议字数")
    def length(self, row: FieldGuidance) -> str:
        default = guidance.default_of(row.key, row.topic_type)
        low = default.shortest if row.shortest is None else row.shortest
        high = default.longest if row.longest is None else row.longest
        return f"{low}\u2060–\u2060{high}" if low and high else "—"

    @admin.display(description="内容")
    def source(self, row: FieldGuidance) -> str:
        return "已修改" if row.is_changed else "默认"
