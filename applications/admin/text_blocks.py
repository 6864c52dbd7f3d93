"""常用语 of the check page: everybody's and one's own."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from applications.models import TextBlock
from qcportal.adminsite import FILING, StaffAdmin


class TextBlockForm(forms.ModelForm):  # type: ignore[type-arg]
    """``only_mine`` instead of a list of people: nobody writes texts for another person."""

    only_mine = forms.BooleanField(label="仅自己使用", required=False, help_text="不勾选则秘书处的人都能使用")
    actor: Any = None

    class Meta:
        model = TextBlock
        fields = ("category", "shortcut", "text", "position", "is_active")
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["only_mine"].initial = self.instance.owner_id is not None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.instance.owner = self.actor if data.get("only_mine") else None
        taken = TextBlock.objects.filter(owner=self.instance.owner, shortcut=data.get("shortcut", ""))
        if taken.exclude(pk=self.instance.pk).exists():
            self.add_error("shortcut", "这个快捷码已用于另一条常用语。")
        return data


@admin.register(TextBlock)
class TextBlockAdmin(StaffAdmin):
    nav_group, nav_order, nav_icon = FILING, 24, "comment"
    may_delete = True
    form = TextBlockForm
    list_display = ("text", "shortcut_typed", "category", "whose", "is_active")
    list_filter = ("category", "is_active")
    search_fields = ("text", "shortcut")
    fields = ("category", "text", "shortcut", "only_mine", "position", "is_active")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TextBlock]:
        """One's own and everybody's; another person's own texts are theirs."""
        rows = super().get_queryset(request)
        return rows.filter(owner=None) | rows.filter(owner=request.user)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form knows who writes."""
        made = super().get_form(request, obj, change, **kwargs)
        return type(made.__name__, (made,), {"actor": request.user})

    @admin.display(description="快捷码", ordering="shortcut")
    def shortcut_typed(self, row: TextBlock) -> str:
        return f"/{row.shortcut}"

    @admin.display(description="归属", ordering="owner")
    def whose(self, row: TextBlock) -> str:
        return "仅自己" if row.owner_id else "共用"
