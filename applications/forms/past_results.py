"""往年成果: upload of a list, search, correction, removal."""

from typing import Any

from django import forms

from applications import validators
from applications.models import PastResult

CHOICES_OF_ROUND = [("", "全部"), ("1", "第一期"), ("2", "第二期")]


class ListForm(forms.Form):
    file = forms.FileField(
        label="名单（Excel）", help_text="协会原有的名单或本页的模板，.xlsx，不超过 5 MB。",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": "请选择文件。", "empty": "文件是空的。"},
    )  # fmt: skip
    default_year = forms.IntegerField(
        label="整张名单的年度", required=False, min_value=1978, max_value=2100, help_text="表中有年度列的可以不填。"
    )


class FilterForm(forms.Form):
    q = forms.CharField(label="单位、小组或课题", max_length=100, required=False)
    year = forms.IntegerField(label="年度", required=False, min_value=1900, max_value=2100)
    round = forms.ChoiceField(label="期次", choices=CHOICES_OF_ROUND, required=False)
    level = forms.CharField(label="等级", max_length=40, required=False)
    enterprise = forms.UUIDField(required=False, widget=forms.HiddenInput)
    page = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)


class ResultForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = PastResult
        fields = (
            "year", "round_number", "unit_name", "credit_code", "group_name", "topic_name", "topic_type",
            "award_level", "special_award", "note",
        )  # fmt: skip

    def clean_credit_code(self) -> str:
        code = validators.normalise_credit_code(self.cleaned_data["credit_code"])
        if code:
            try:
                validators.check_credit_code(code)
            except ValueError as error:
                raise forms.ValidationError(str(error)) from error
        return code

    def _get_validation_exclusions(self) -> set[str]:
        """Whether it repeats another one is the action's to say."""
        return {*super()._get_validation_exclusions(), "identity"}


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="原因",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明原因。"},
    )

    def __init__(self, *args: Any, label: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if label:
            self.fields["reason"].label = label
