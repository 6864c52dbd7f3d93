"""Filters of the printed forms: faces, digits, spread labels, dates, money (forms as in templates/pdf/official.css)."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from lxml import html

register = template.Library()

# Latin and digits are set in the 宋 face inside 楷: the 楷 fonts have poor ones. Split at "&;" of escaped text is
# avoided by working on the raw text.
_RUN = re.compile(r"([!-~]+(?: [!-~]+)*)")
_DIGITS = re.compile(r"(\d+)")


@register.filter
def kai(value: Any) -> SafeString:
    """What a person filled in: 楷, with Latin letters and digits in 宋."""
    return _wrapped(value, _RUN, "n")


@register.filter
def half(value: Any) -> SafeString:
    """Digit runs in half-width figures: tabular columns, and the 28-character grid of running text."""
    return _wrapped(value, _DIGITS, "h")


def _wrapped(value: Any, pattern: re.Pattern[str], css: str) -> SafeString:
    parts = []
    for index, part in enumerate(pattern.split("" if value is None else str(value))):
        escaped = conditional_escape(part)
        parts.append(f'<span class="{css}">{escaped}</span>' if index % 2 else escaped)
    return mark_safe("".join(parts))  # noqa: S308 - every part is escaped


@register.filter
def upright(value: str) -> SafeString:
    """A label written from top to bottom: WeasyPrint has no vertical writing."""
    return format_html_join(mark_safe("<br>"), "{}", ((char,) for char in value))


@register.filter
def spread(value: str) -> SafeString:
    """A label of two or three characters spread to the width of four."""
    count = len(value)
    if count not in (2, 3):
        return conditional_escape(value)
    return format_html('<span class="spread{}">{}</span>{}', count, value[:-1], value[-1])


@register.filter
def spread_to_three(value: str) -> str:
    """组长 as wide as 副组长."""
    return "　".join(value) if len(value) == 2 else value


@register.filter
def cn_date(value: Any) -> str:
    """2026-02-10 as 2026年2月10日; nothing for nothing."""
    day = _day(value)
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


@register.filter
def cn_month(value: Any) -> str:
    day = _day(value)
    return f"{day.year}年{day.month}月" if day else ""


def _day(value: Any) -> date | None:
    """Of a date, a moment (in Beijing time) or either as ISO text."""
    if isinstance(value, str):
        value = parse_datetime(value) if "T" in value else parse_date(value)
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return value if isinstance(value, date) else None


@register.filter
def cn_moment(value: Any) -> str:
    """A moment in Beijing time to the second: 2026年6月24日 15:42:07."""
    moment = parse_datetime(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime):
        return ""
    local = timezone.localtime(moment)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M:%S}"


@register.filter
def in_wan(value: Any) -> str:
    """元 as 万元, at least two places, never rounded: 186.42."""
    if value in (None, ""):
        return ""
    wan = Decimal(value) / 10000
    return f"{wan:,.2f}" if wan == wan.quantize(Decimal("0.01")) else f"{wan.normalize():,f}"


@register.filter
def trimmed(value: Any) -> str:
    """97.60 as 97.6, 48.0 as 48."""
    if value in (None, ""):
        return ""
    number = Decimal(value)
    return f"{number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize():f}"


@register.filter
def grouped_code(value: str) -> str:
    return " ".join(value[i : i + 4] for i in range(0, len(value), 4))


@register.filter
def file_size(value: int) -> str:
    """186 KB, 4.2 MB."""
    return f"{value / 1048576:.1f} MB" if value >= 1048576 else f"{max(1, round(value / 1024))} KB"


@register.tag
def fieldrows(parser: template.base.Parser, token: template.base.Token) -> template.Node:
    """{% fieldrows %}…{% endfieldrows %} around rows whose label cells name their field: <th data-f="group_name">.

    With ``fields`` in the context, a label gets the name that was in force, and a field that was not asked for goes
    with its cell; its neighbour takes the room. Without, the rows are as the template has them, byte for byte.
    """
    rows = parser.parse(("endfieldrows",))
    parser.delete_first_token()
    return _FieldRows(rows)


class _FieldRows(template.Node):
    def __init__(self, rows: template.NodeList) -> None:
        self.rows = rows

    def render(self, context: template.Context) -> SafeString:
        shown = self.rows.render(context)
        fields = context.get("fields")
        if not getattr(fields, "rules", None):
            return shown
        body = html.fromstring(f"<table><tbody>{shown}</tbody></table>").find("tbody")
        for label in body.xpath(".//th[@data-f]"):
            _apply(label, fields, context.get("kind", ""))
        for row in list(body):
            _close_up(row)
        return mark_safe("".join(html.tostring(row, encoding="unicode") for row in body))  # noqa: S308 - rendered above


def _apply(label: Any, fields: Any, kind: str) -> None:
    key = label.get("data-f")
    if not fields.hidden(key, kind):
        given = fields.given(key, kind)
        if given:
            for child in list(label):
                label.remove(child)
            label.text = given
        return
    value, before = label.getnext(), label.getprevious()
    row = label.getparent()
    width = _width(label) + _width(value)
    row.remove(label)
    row.remove(value)
    takes = before if before is not None and before.tag == "td" else next(iter(row.findall("td")), None)
    if takes is not None:
        takes.set("colspan", str(_width(takes) + width))


def _width(cell: Any) -> int:
    return int(cell.get("colspan", "1"))


def _close_up(row: Any) -> None:
    """A row without values goes; the label of its block, which spans the rows, goes on with the others."""
    if row.findall("td"):
        return
    block = row.find("th[@rowspan]")
    if block is None:
        block = next((one for one in row.itersiblings(preceding=True) if one.find("th[@rowspan]") is not None), None)
        block = None if block is None else block.find("th[@rowspan]")
    elif (following := row.getnext()) is not None:
        following.insert(0, block)
    if block is not None:
        block.set("rowspan", str(max(1, int(block.get("rowspan")) - 1)))
    row.getparent().remove(row)


@register.simple_tag
def tick(chosen: bool) -> SafeString:
    """A drawn box: no face of the forms has ☑ and ☐."""
    mark = '<path d="M1.8 5.2 4.2 7.8 8.4 2.2" fill="none" stroke="#000" stroke-width="1.5"/>' if chosen else ""
    return mark_safe(f'<svg class="box" width="8.4pt" height="8.4pt" viewBox="0 0 10 10">{mark}</svg>')  # noqa: S308
