"""What the pages of the audit trail ask for."""

from datetime import date
from operator import itemgetter

from django import forms

from qcportal import audit_labels
from qcportal.exports.trail import words
from qcportal.exports.trail.reads import OBJECT, PERSON

ALL = [("", "全部")]
GROUP_CHOICES: list[tuple[str, str]] = ALL + list(words.GROUPS.items())
VERB_CHOICES: list[tuple[str, str]] = ALL + sorted(audit_labels.LABELS.items(), key=itemgetter(1))


class SearchForm(forms.Form):
    start = forms.DateField(label="从", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(label="到", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    actor = forms.CharField(label="操作人", required=False, max_length=50)
    group = forms.ChoiceField(label="类别", required=False, choices=GROUP_CHOICES)
    verb = forms.ChoiceField(label="操作", required=False, choices=VERB_CHOICES)
    q = forms.CharField(label="对象", required=False, max_length=100, help_text="名称、文件编号或校验码")
    request = forms.CharField(label="请求编号", required=False, max_length=36)
    ip = forms.GenericIPAddressField(label="IP 地址", required=False)
    about = forms.RegexField(r"^[a-z]+\.[a-z]+:[0-9a-zA-Z-]{1,40}$", required=False, widget=forms.HiddenInput)

    def clean_end(self) -> date | None:
        start, end = self.cleaned_data.get("start"), self.cleaned_data["end"]
        if start and end and start > end:
            raise forms.ValidationError("结束日期不应早于开始日期。")
        return end  # type: ignore[no-any-return]


class ReadsForm(forms.Form):
    start = forms.DateField(label="从", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(label="到", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    by = forms.ChoiceField(label="按", required=False, choices=[(OBJECT, "对象"), (PERSON, "人员")])
    actor = forms.CharField(label="查看人", required=False, max_length=50)
    q = forms.CharField(label="对象", required=False, max_length=100)
    about = forms.RegexField(r"^[a-z]+\.[a-z]+:[0-9a-zA-Z-]{1,40}$", required=False, widget=forms.HiddenInput)


def filters_of(form: forms.Form) -> dict[str, str]:
    """The conditions as plain text, as an export keeps them."""
    return {name: str(value) for name, value in form.cleaned_data.items() if value}
