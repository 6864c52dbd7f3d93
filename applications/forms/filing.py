"""A new application, evidence, and the last questions before submitting and withdrawing."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from applications import topics
from applications.confirmations import PRIVACY, Statement
from applications.evidence_check import ACCEPT, clean_name
from applications.models import EvidenceKind, Round


class NewApplicationForm(forms.Form):
    round = forms.ModelChoiceField(
        label="申报期次", queryset=Round.objects.none(), empty_label=None, widget=forms.RadioSelect,
        error_messages={"required": "请选择申报期次。", "invalid_choice": "这一期现在不能新建申报，请重新选择。"},
    )  # fmt: skip
    group_name = forms.CharField(
        label="小组名称", max_length=60, help_text="以企业登记注册的小组名称为准，之后可以修改。"
    )
    topic_type = forms.ChoiceField(
        label="课题类型",
        choices=topics.CHOICES,
        required=False,
        widget=forms.RadioSelect,
        help_text="决定要填写的活动步骤，之后可以修改。",
    )

    def __init__(self, *args: Any, rounds: list[Round], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["round"]
        field.queryset = Round.objects.filter(pk__in=[one.pk for one in rounds]).select_related("programme")  # type: ignore[attr-defined]
        field.label_from_instance = lambda one: f"{one}（{one.closes_label} 截止）"  # type: ignore[attr-defined]


class MultipleFileInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class MultipleFileField(forms.FileField):
    """``cleaned_data`` is the list of all files; whether each is acceptable is said file by file."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        chosen = [one for one in (data if isinstance(data, list) else [data]) if one]
        if not chosen:
            raise ValidationError("请选择要上传的文件。", code="required_files")
        return chosen


class UploadForm(forms.Form):
    kind = forms.ChoiceField(
        label="材料类别",
        choices=[("", "请选择"), *EvidenceKind.choices],
        error_messages={"required": "请选择材料类别。", "invalid_choice": "请选择材料类别。"},
    )
    files = MultipleFileField(
        label="选择文件",
        widget=MultipleFileInput(attrs={"multiple": True, "accept": ACCEPT}),
        help_text="可一次选择多个同类文件。PDF、JPG、PNG、DOCX、XLSX、PPTX。",
    )


class EvidenceForm(forms.Form):
    kind = forms.ChoiceField(label="材料类别", choices=EvidenceKind.choices)
    name = forms.CharField(label="文件名", max_length=180, help_text="材料清单上显示的名称，扩展名保持不变。")

    def __init__(self, *args: Any, extension: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.extension = extension

    def clean_name(self) -> str:
        name = clean_name(self.cleaned_data["name"])
        suffix = f".{self.extension}"
        return name if name.lower().endswith(suffix.lower()) else name + suffix


class SubmitForm(forms.Form):
    """The statements agreed to. ``seen-<kind>`` says which version of a text the page showed."""

    def __init__(
        self, *args: Any, statements: list[Statement], privacy: str, certificate: tuple[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.statements, self.certificate = statements, certificate[0]
        self.versions = {one.kind: one.version for one in statements}
        labels = {one.kind: one.label for one in statements}
        if privacy:
            self.versions[PRIVACY] = privacy
            labels[PRIVACY] = f"我已阅读并同意更新后的《个人信息处理规则》（版本 {privacy}）。"
        for kind, label in {**labels, certificate[0]: certificate[1]}.items():
            field = forms.BooleanField(label=label, error_messages={"required": "请勾选确认后再提交。"})
            field.widget.attrs["data-need"] = ""
            self.fields[kind] = field

    def agreed(self) -> dict[str, str]:
        """Kind to version of the text agreed to. Empty without the certificate's name: nothing counts without it."""
        if not self.cleaned_data.get(self.certificate):
            return {}
        return {
            kind: str(self.data.get(f"seen-{kind}") or version)[:20]
            for kind, version in self.versions.items()
            if self.cleaned_data.get(kind)
        }

    def shown(self) -> list[tuple[Any, Statement | None]]:
        """Each box with the text it stands for."""
        texts = {one.kind: one for one in self.statements}
        return [(self[name], texts.get(name)) for name in self.fields]


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label="撤回原因", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="秘书处能看到，可以不填。",
    )  # fmt: skip
    agreed = forms.BooleanField(label="我明白撤回后不能恢复", error_messages={"required": "请先勾选确认。"})
