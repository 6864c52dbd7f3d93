"""What a letter says: the association's own words where it has written some (LetterText), else the built-in template.

Own words are plain text with named placeholders such as {group}; nothing in them is executed. The placeholders of a
letter, with an invented example, stand in ``qcportal.letter_codes``.
"""

import re
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string

from qcportal import letter_codes
from qcportal.letter_codes import Code
from qcportal.models import LetterText

_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
_BLANK_LINES = re.compile(r"\n{3,}")
_CODE = re.compile(r"\{%|\{\{|\{#")


class Words(NamedTuple):
    subject: str
    body: str


def render(code: str, context: dict[str, Any], default_template: str) -> Words:
    """Subject and body of the letter ``code``. The built-in template's first line is the subject."""
    context = {**context, "site_url": settings.SITE_URL}
    return own(code, context) or _built_in(context, default_template)


def own(code: str, context: dict[str, Any]) -> Words | None:
    """The association's text for this letter in the year that it is about, else for every year, else None."""
    known = letter_codes.CODES.get(code)
    if known is None:
        return None
    rows = {row.year: row for row in LetterText.objects.filter(code=code, is_active=True)}
    if not rows:
        return None
    row = rows.get(letter_codes.year_of(known, context)) if set(rows) != {None} else None
    row = row or rows.get(None)
    return fill(known, row.subject, row.body, {"site_url": settings.SITE_URL, **context}) if row else None


def _built_in(context: dict[str, Any], template: str) -> Words:
    subject, _, body = render_to_string(template, context).lstrip().partition("\n")
    return Words(subject.strip(), body.strip() + "\n")


def fill(code: Code, subject: str, body: str, context: dict[str, Any]) -> Words:
    """Every placeholder with its value. A line of nothing but placeholders without a value is left out."""
    values = {name: letter_codes.value(field, context) for name, field in code.fields.items()}
    lines = [_filled(line, values) for line in body.replace("\r\n", "\n").split("\n")]
    text = "\n".join(line for line in lines if line is not None)
    one_line = " ".join((_filled(subject, values) or "").split())
    return Words(one_line[:200], _BLANK_LINES.sub("\n\n", text).strip() + "\n")


def _filled(line: str, values: dict[str, str]) -> str | None:
    names = _PLACEHOLDER.findall(line)
    filled = _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), line)
    return None if names and not filled.strip() else filled


def check(code: str, subject: str, body: str) -> None:
    """Refused: an unknown letter, code of a template language, a placeholder that this letter does not have, and a text
    without the one that the letter is sent for (the link of an invitation, the date of a correction)."""
    known = letter_codes.CODES.get(code)
    if known is None:
        raise ValidationError({"code": "没有这种信函。"})
    errors = {name: said for name, text in (("subject", subject), ("body", body)) if (said := _problem(known, text))}
    if "\n" in subject.strip():
        errors["subject"] = "主题只能有一行。"
    if "body" not in errors and (missing := [name for name in known.needs if f"{{{name}}}" not in body]):
        said = "、".join(f"{{{name}}}（{known.fields[name].label}）" for name in missing)
        errors["body"] = f"这封信须写有 {said}，否则收信人无法办理。"
    if errors:
        raise ValidationError(errors)


def _problem(code: Code, text: str) -> str:
    if _CODE.search(text):
        return "这里只能用单层花括号的占位符，不能写模板代码。"
    unknown = [name for name in dict.fromkeys(_PLACEHOLDER.findall(text)) if name not in code.fields]
    if not unknown:
        return ""
    known = "、".join(f"{{{name}}}（{field.label}）" for name, field in code.fields.items())
    return f"没有这样的占位符：{'、'.join(f'{{{name}}}' for name in unknown)}。这封信可以用：{known}。"


def example(code: Code, subject: str = "", body: str = "") -> Words:
    """How the letter reads with invented data: these words, or the built-in ones without any."""
    context = {**code.example(), "site_url": settings.SITE_URL}
    return fill(code, subject, body, context) if body else _built_in(context, f"mail/{code.code}.txt")


def proposal(code: Code) -> Words:
    """The built-in words with placeholders, to begin from: the example's values are named again, the longest first."""
    context = {**code.example(), "site_url": settings.SITE_URL}
    built_in = _built_in(context, f"mail/{code.code}.txt")
    values = {name: letter_codes.value(field, context) for name, field in code.fields.items()}
    by_length = sorted(values.items(), key=lambda each: -len(each[1]))
    return Words(_named(built_in.subject, by_length), _named(built_in.body, by_length))


def _named(text: str, values: list[tuple[str, str]]) -> str:
    """Marks stand in while values are found, so that a value is not found inside a placeholder's name."""
    for number, (_name, value) in enumerate(values):
        if value:
            text = text.replace(value, f"\x00{number}\x00")
    return re.sub("\x00(\\d+)\x00", lambda found: f"{{{values[int(found[1])][0]}}}", text)
