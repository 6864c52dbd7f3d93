"""What to take from an earlier filing into a new one; which people of an earlier group."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from applications.actions.copying import PARTS
from applications.models import Application, Evidence, Round


class EvidenceChoice(forms.Form):
    """Files are never taken along unasked: each has a box of its own, none ticked."""

    evidence = forms.MultipleChoiceField(
        label="重新附上原来的材料",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="不勾选的不带入。附上后可在“证实性材料”中删除、改名或补传。",
        error_messages={"invalid_choice": "请选择列出的材料。"},
    )

    def __init__(self, *args: Any, source: Application, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items = list(source.evidence.all())
        if items:
            self.fields["evidence"].choices = [(str(item.uuid), _words(item)) for item in items]  # type: ignore[attr-defined]
        else:
            del self.fields["evidence"]


def _words(item: Evidence) -> str:
    pages = f"，{item.pages} 页" if item.pages else ""
    return f"{item.get_kind_display()}：{item.name}{pages}"  # type: ignore[attr-defined]


class CopyForm(EvidenceChoice):
    round = forms.ModelChoiceField(
        label="申报期次", queryset=Round.objects.none(), empty_label=None, widget=forms.RadioSelect,
        error_messages={"required": "请选择申报期次。", "invalid_choice": "这一期现在不能新建申报，请重新选择。"},
    )  # fmt: skip
    group_name = forms.CharField(label="小组名称", max_length=60, help_text="之后可以修改。")
    parts = forms.MultipleChoiceField(
        label="带入哪些内容",
        choices=[(code, label) for code, (label, _fields) in PARTS.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("round", "group_name", "parts", "evidence")

    def __init__(self, *args: Any, rounds: list[Round], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["round"]
        field.queryset = Round.objects.filter(pk__in=[one.pk for one in rounds]).select_related("programme")  # type: ignore[attr-defined]
        field.label_from_instance = lambda one: f"{one}（{one.closes_label} 截止）"  # type: ignore[attr-defined]


class MembersForm(forms.Form):
    mode = forms.ChoiceField(choices=[("append", "追加在现有名单之后"), ("replace", "替换现有名单")])
    seen_version = forms.IntegerField()
    names = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, source: Application, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["names"].choices = [(one.name, one.name) for one in source.members.all()]  # type: ignore[attr-defined]

    def clean_names(self) -> list[str]:
        if not self.cleaned_data["names"]:
            raise ValidationError("请选择要带入的成员。")
        return self.cleaned_data["names"]
