"""Money: typed in 万元, kept in 元."""

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from applications.statistics import CENT, WAN, slip, to_wan

LARGEST_YUAN = Decimal("99999999999999.99")  # Decimal(16, 2)


class MoneyWanField(forms.DecimalField):
    """The form shows and takes 万元, ``cleaned_data`` and the model hold 元 with two places.

    Up to six decimals are taken (one fen is 0.000001 万元). Commas, full-width digits and a typed "万元"
    are understood; "亿" and "元" alone are refused, because guessing a unit would be a silent error.
    Give ``initial`` in 元.
    """

    default_error_messages = {
        "invalid": "请填写数字，单位是万元，例如 38.62。",
        "unit": "本栏单位是万元，请换算后只填写数字，例如 1200 元填 0.12，1.5 亿元填 15000。",
        "fen": "最多精确到分（万元后 6 位小数）。",
        "negative": "金额不能为负数。",
        "too_large": "金额过大，请核对是否把“元”当作“万元”填写。",
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        if value in self.empty_values:
            return None
        typed = re.sub(r"[\s,_]", "", unicodedata.normalize("NFKC", str(value))).removesuffix("万元")
        if typed in self.empty_values:
            return None
        if re.search(r"[元亿万千百]", typed):
            raise ValidationError(self.error_messages["unit"], code="unit")
        if not re.fullmatch(r"[+\-]?(\d+(\.\d*)?|\.\d+)", typed):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        try:
            yuan = Decimal(typed) * WAN
        except InvalidOperation as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        if yuan < 0:
            raise ValidationError(self.error_messages["negative"], code="negative")
        if yuan > LARGEST_YUAN:
            raise ValidationError(self.error_messages["too_large"], code="too_large")
        if yuan != yuan.quantize(CENT):
            raise ValidationError(self.error_messages["fen"], code="fen")
        return yuan.quantize(CENT)

    def prepare_value(self, value: Any) -> Any:
        """A stored amount (Decimal, 元) is shown in 万元; what somebody typed is shown as typed."""
        if isinstance(value, Decimal):
            wan = to_wan(value)
            return "" if wan is None else format(wan, "f")
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True


def show_amounts(form: forms.BaseForm) -> None:
    """Beside each amount stand its 万元 and 元 and, where it looks like another unit, what it would be (templates/qc).

    Of what was typed when it can be read, whether or not it was stored.
    """
    for bound in form:
        field = bound.field
        if not isinstance(field, MoneyWanField):
            continue
        try:
            yuan = field.to_python(bound.value())
        except ValidationError:
            yuan = None
        field.amount = f"{to_wan(yuan):,f} 万元 = {yuan:,.2f} 元" if yuan is not None else ""  # type: ignore[attr-defined]
        field.slip = slip(yuan)  # type: ignore[attr-defined]
        field.widget.attrs |= {"data-unit": "万元", "data-wan": ""}


def with_fix(posted: Any, form_class: Any) -> Any:
    """A repair button is a submit button named ``fix`` with ``field:value``: the value goes through the form."""
    name, _, value = posted.get("fix", "").partition(":")
    if name not in form_class.base_fields or not isinstance(form_class.base_fields[name], MoneyWanField):
        return posted
    data = posted.copy()
    data[name] = value
    return data
