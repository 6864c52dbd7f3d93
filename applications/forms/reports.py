"""Attachments 2 and 3 as drafts: types are checked, nothing is required."""

import re
import unicodedata
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.html import escape

from applications import report_keys, report_upload, statistics
from applications.field_list import NOTHING_CHANGED, FieldList
from applications.forms.lengths import limit_length
from applications.forms.money import MoneyWanField
from applications.forms.registration import checked_name

SUMMARY_LENGTH = 5000
LARGEST_COUNT = 10_000_000


class CountField(forms.Field):
    """A whole number of people, groups, …; a decimal is refused, with the likely right value offered."""

    def __init__(self, *, row: statistics.Row, **kwargs: Any) -> None:
        self.row = row
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(label=row.label, required=False, help_text=row.note, **kwargs)

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        typed = re.sub(r"[\s,_]", "", unicodedata.normalize("NFKC", str(value))).removesuffix(self.row.unit)
        ten_thousands = typed.endswith("万")
        typed = typed.removesuffix("万")
        if typed in self.empty_values:
            return None
        if not re.fullmatch(r"[+\-]?(\d{1,12}(\.\d{0,8})?|\.\d{1,8})", typed):
            raise ValidationError(f"请填写整数，单位是{self.row.unit}。", code="invalid")
        number = Decimal(typed)
        if number < 0:
            raise ValidationError("不能为负数。", code="negative")
        if ten_thousands or number != int(number):
            raise self._not_whole(number)
        if number > LARGEST_COUNT:
            raise ValidationError("数字过大，请核对单位。", code="too_large")
        return int(number)

    def _not_whole(self, number: Decimal) -> ValidationError:
        """0.125 in a count is 0.125 万: the unit trap of the old form (domain.md 1.2)."""
        unit = self.row.unit
        shown = format(number.normalize(), "f")
        people = number * statistics.WAN
        if people == int(people) and 0 < people <= LARGEST_COUNT and self.row.field in TEN_THOUSANDS:
            return ValidationError(
                f"单位是{unit}，{shown} 万{unit}请填 {int(people)}。", code="unit", params={"fix": str(int(people))}
            )
        return ValidationError(f"单位是{unit}，请填写整数。", code="unit")


TEN_THOUSANDS = frozenset({"employees", "participants", "training_attendances", "suggestions"})


class SummaryForm(forms.Form):
    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    document = forms.FileField(
        label="上传总结文件",
        required=False,
        help_text="PDF 或 Word（.docx）。已有成文的总结可以直接上传，不必逐段填写；两者可以并用。",
        widget=forms.FileInput(attrs={"accept": ".pdf,.docx"}),
    )
    remove_document = forms.BooleanField(label="删除已上传的文件", required=False)

    def __init__(self, *args: Any, wanted: FieldList = NOTHING_CHANGED, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parts = wanted.summary_sections()
        for name, title, guidance in parts:
            self.fields[name] = forms.CharField(
                label=title,
                required=False,
                help_text=escape(guidance),
                widget=forms.Textarea(attrs={"rows": 7, "data-count": ""}),
            )
            limit_length(self.fields[name], SUMMARY_LENGTH)
        self.order_fields(["seen_version", *[name for name, _title, _help in parts]])

    def clean_document(self) -> report_upload.Checked | None:
        uploaded = self.cleaned_data.get("document")
        if not isinstance(uploaded, UploadedFile):
            return None
        try:
            return report_upload.check(uploaded, uploaded.name or "")
        except ValueError as error:
            raise ValidationError(str(error), code="document") from error


class StatisticsForm(forms.Form):
    """One field a row of the table, and who filled it in."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    filled_by = forms.CharField(label="填表人", required=False, max_length=50)
    responsible_person = forms.CharField(label="负责人", required=False, max_length=50)

    def __init__(self, *args: Any, wanted: FieldList = NOTHING_CHANGED, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        signers = wanted.signers()
        for name in report_keys.SIGNERS:
            if name in signers:
                self.fields[name].label = signers[name]
            else:
                del self.fields[name]
        for row in wanted.statistics_rows():
            if row.field in statistics.MONEY:
                self.fields[row.field] = MoneyWanField(label=row.label, required=False, help_text=row.note)
            elif row.field not in statistics.COMPUTED:
                self.fields[row.field] = CountField(row=row)

    def clean_filled_by(self) -> str:
        return self._name("filled_by")

    def clean_responsible_person(self) -> str:
        return self._name("responsible_person")

    def _name(self, field: str) -> str:
        name = self.cleaned_data[field]
        return checked_name(name) if name else ""

    def fix_for(self, field: str) -> str:
        """The value a one-press repair of a refused entry would set."""
        for error in self.errors.get(field, forms.utils.ErrorList()).as_data() if self.is_bound else []:
            fix = (error.params or {}).get("fix")
            if fix:
                return str(fix)
        return ""
