"""Lengths of texts: counted as people count them, refused with the number to cut, never cut by the browser."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

SPACES = 4  # times the limit, spaces and line ends included: nobody's text, but a bound on what is stored


def characters(text: object) -> int:
    """字数: everything but spaces and line ends."""
    return len("".join(str(text or "").split()))


class LengthValidator:
    """At most ``most`` characters without spaces."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __call__(self, value: str) -> None:
        length = characters(value)
        if length > self.most:
            raise ValidationError(
                f"最多 {self.most} 字，现为 {length} 字，请删减 {length - self.most} 字。"
                "您写的内容还在输入框里，删减后请再次保存。",
                code="too_long",
            )
        if len(value) > self.most * SPACES:
            raise ValidationError("空格和空行过多，请删去后再次保存。", code="too_long")


def limit_length(field: forms.Field, most: int | None = None) -> None:
    """``field`` takes at most ``most`` characters (its own limit when not given), and says so itself.

    The attribute maxlength goes: with it browsers cut what is pasted, without a word.
    """
    own = getattr(field, "max_length", None)
    limit = most or own
    if limit is None:
        return
    field.validators = [one for one in field.validators if not isinstance(one, (MaxLengthValidator, LengthValidator))]
    if most is None:  # the model's column: spaces count there
        field.validators.append(
            MaxLengthValidator(limit, f"最多 {limit} 字，现为 %(show_value)s 字，请删减后再次保存。")
        )
    else:
        field.validators.append(LengthValidator(limit))
    field.widget.attrs.pop("maxlength", None)
    field.widget.attrs["data-limit"] = str(limit)
