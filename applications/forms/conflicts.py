"""A save over somebody else's: what was typed stays in the form, what is stored now is shown beside it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.http import QueryDict


class Conflict(NamedTuple):
    field: str
    label: str
    theirs: str
    yours: str


def with_version(posted: Any, version: int) -> QueryDict:
    """The same entries on top of what is stored now: saving again is then a decision, not an accident."""
    data = posted.copy()
    data["seen_version"] = str(version)
    return data


def conflicts_of(form: forms.BaseForm, theirs: Mapping[str, Any], yours: Mapping[str, Any]) -> list[Conflict]:
    """The fields in which the stored and the typed values differ."""
    return [
        Conflict(name, str(form.fields[name].label), _shown(form, name, theirs[name]), _shown(form, name, yours[name]))
        for name in form.fields
        if name in theirs and name in yours and theirs[name] != yours[name]
    ]


def _shown(form: forms.BaseForm, name: str, value: Any) -> str:
    field = form.fields[name]
    if value in (None, ""):
        return "（空）"
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    if isinstance(value, Decimal):
        return str(field.prepare_value(value))
    return str(value)
