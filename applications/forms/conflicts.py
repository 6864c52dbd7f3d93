"""Two people on one page: what the page showed, what both sides changed, and which of the two a person chooses."""

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.http import QueryDict
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from applications import merging

CHOICE = "choice."
THEIRS = "theirs"
LONG = 60  # from here on only the parts that differ are worth reading
FINE = 400  # letter by letter up to here, clause by clause above


class Conflict(NamedTuple):
    """One field for section_conflicts.html. ``mine`` is what choosing one's own value posts; ``entry`` what the
    other's value is in the form's own inputs (None: only by opening the page again)."""

    field: str
    label: str
    theirs: SafeString
    yours: SafeString
    mine: str
    entry: list[str] | None = None


def conflict(
    key: str, label: str, theirs: Any, yours: Any, shown: Callable[[Any], str], entry: list[str] | None = None
) -> Conflict:
    """``mine`` names what was shown: a third value saved meanwhile asks again."""
    left, right = marked(shown(theirs), shown(yours))
    return Conflict(key, label, left, right, f"mine:{merging.digest(theirs)}", entry)


def conflicts_of(
    form: forms.BaseForm, fields: Iterable[str], theirs: Mapping[str, Any], yours: Mapping[str, Any]
) -> list[Conflict]:
    """Of a plain form, where a field's name is its key."""
    return [
        conflict(
            name,
            str(form.fields[name].label),
            theirs[name],
            yours[name],
            lambda value, name=name: shown_by(form.fields[name], value),  # type: ignore[misc]
            entries(form.fields[name], theirs[name]),
        )
        for name in fields
    ]


def shown_by(field: forms.Field, value: Any) -> str:
    if value in (None, ""):
        return "（空）"
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    if isinstance(value, Decimal):
        return str(field.prepare_value(value))
    return str(value)


def entries(field: forms.Field, value: Any) -> list[str]:
    """A stored value as the form's inputs would post it."""
    formatted = field.widget.format_value(field.prepare_value(value))
    if isinstance(formatted, list | tuple):
        return [str(one) for one in formatted]
    return ["" if formatted is None else str(formatted)]


def with_version(posted: Any, version: int) -> QueryDict:
    """The same entries on top of what is stored now."""
    data = posted.copy()
    data["seen_version"] = str(version)
    return data


def seen_of(posted: Mapping[str, Any]) -> dict[str, str] | None:
    """The digests that the page carried; None from a page without them."""
    try:
        found = json.loads(posted.get("seen_fields", ""))
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    return {str(key): str(value) for key, value in found.items()}


def chosen(
    posted: Mapping[str, Any], values: dict[str, Any], seen: dict[str, str] | None
) -> tuple[dict[str, Any], dict[str, str] | None]:
    """``values`` and ``seen`` after the person chose: the other's stays, or one's own goes over what was shown."""
    left = dict(values)
    for key in values:
        choice = str(posted.get(CHOICE + key, ""))
        if choice == THEIRS:
            del left[key]
        elif choice.startswith("mine:") and seen is not None:
            seen = {**seen, key: choice.removeprefix("mine:")}
    return left, seen


def marked(theirs: str, yours: str) -> tuple[SafeString, SafeString]:
    """Both texts with the parts that differ marked. Short ones are shown as they are."""
    if max(len(theirs), len(yours)) < LONG:
        return escape(theirs), escape(yours)
    left, right = _pieces(theirs), _pieces(yours)
    pairs: list[tuple[str, str, bool]] = []
    for kind, a1, a2, b1, b2 in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        one, two = "".join(left[a1:a2]), "".join(right[b1:b2])
        if kind == "replace" and max(len(one), len(two)) <= FINE:
            pairs += _fine(one, two)
        else:
            pairs.append((one, two, kind == "equal"))
    return _html(pairs, 0), _html(pairs, 1)


def _pieces(text: str) -> list[str]:
    return re.findall(r"[^，。；！？,;\n]*[，。；！？,;\n]?", text)[:-1] or [text]


def _fine(one: str, two: str) -> list[tuple[str, str, bool]]:
    codes = difflib.SequenceMatcher(None, one, two, autojunk=False).get_opcodes()
    return [(one[a1:a2], two[b1:b2], kind == "equal") for kind, a1, a2, b1, b2 in codes]


def _html(pairs: list[tuple[str, str, bool]], side: int) -> SafeString:
    parts = [
        escape(pair[side]) if pair[2] else f"<mark>{escape(pair[side])}</mark>" for pair in pairs if pair[side] != ""
    ]
    return mark_safe("".join(parts))  # noqa: S308 -- every part is escaped above
