"""Tags and filters of every page: icons, chips, money, deadlines, error summary, page links."""

import json
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from crispy_forms.templatetags.crispy_forms_filters import as_crispy_field
from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField, CheckboxInput, FileInput
from django.forms.formsets import BaseFormSet
from django.forms.widgets import ChoiceWidget
from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from qcportal import clock
from qcportal.icons import ICONS

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=512, typed=True)  # by type: a label that is safe and one that is not may be equal
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """An inline SVG. Decoration unless ``label`` gives it an accessible name. Unknown names fail in tests.

    Kept once drawn: a check page shows nearly three hundred of a few dozen.
    """
    kind = f"icon icon--{name}" + (f" icon--{size}" if size else "")
    drawing = mark_safe(ICONS[name])  # noqa: S308 - our own drawings
    if label:
        return format_html(
            '<svg class="{}" viewBox="0 0 20 20" role="img" aria-label="{}">{}</svg>', kind, label, drawing
        )
    return format_html(
        '<svg class="{}" viewBox="0 0 20 20" aria-hidden="true" focusable="false">{}</svg>', kind, drawing
    )


@register.simple_tag
def chip(kind: str, name: str, text: object) -> SafeString:
    """A state as icon, word and colour. ``kind``: outline, tint, solid, amber, red or grey; ``name``: an icon or ""."""
    drawing = icon(name) if name else SafeString("")
    return format_html('<span class="chip chip--{}">{}{}</span>', kind, drawing, text)


@register.simple_tag(takes_context=True)
def staff_side(context: Context, name: str) -> SafeString:
    """The staff site's navigation. It stands on a page twice, for wide and for narrow screens, and is drawn once."""
    request = context["request"]
    if not hasattr(request, "staff_side"):
        shown = {"available_apps": context.get("available_apps", []), "path": request.path}
        request.staff_side = render_to_string("admin/includes/side.html", shown)
    return format_html('<nav class="side" aria-label="{}">{}</nav>', name, request.staff_side)


@register.filter
def shown_field(form: BaseForm, name: str) -> SafeString:
    """A field as |as_crispy_field draws it, nothing where this year's form goes without it."""
    return as_crispy_field(form[name]) if name in form.fields else SafeString("")


@register.filter
def wan(value: Decimal | int | str | None) -> str:
    """Money stored in 元 as 万元 with two decimals and thousands separators; "—" for nothing."""
    if value in (None, ""):
        return "—"
    return f"{Decimal(value) / 10000:,.2f}"


@register.filter
def deadline(value: datetime | None) -> str:
    """A half-open moment in words: 2026年6月30日24:00."""
    return clock.half_open_label(value) if value else "—"


@register.filter
def deadline_day(value: datetime | None) -> str:
    """The last day of a half-open moment without year and hour: 7月7日."""
    return clock.half_open_label(value).split("年", 1)[1].split("日", 1)[0] + "日" if value else "—"


@register.filter
def deadline_short(value: datetime | None) -> str:
    """A half-open moment without the year: 10月20日24:00."""
    return clock.half_open_label(value).split("年", 1)[1] if value else "—"


@register.filter
def mask_phone(value: str | None) -> str:
    """138****1234: lists never show whole numbers."""
    text = value or ""
    return f"{text[:3]}****{text[-4:]}" if len(text) >= 8 else text


@register.filter
def mask_email(value: str | None) -> str:
    name, _, host = (value or "").partition("@")
    return f"{name[:2]}***@{host}" if host else ""


@register.filter
def filesize(value: int | None) -> str:
    """Bytes in words: 820 字节, 12 KB, 3.4 MB."""
    size = float(value or 0)
    if size < 1024:
        return f"{size:.0f} 字节"
    for unit in ("KB", "MB"):
        size /= 1024
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "KB" else f"{size:.1f} {unit}"
    return f"{size / 1024:.1f} GB"


@register.filter
def grouped(code: str) -> str:
    """A 12-character code in fours."""
    return " ".join(code[i : i + 4] for i in range(0, len(code), 4))


@register.filter
def unit(field: BoundField) -> str:
    """The unit that a form shows inside the field: widget attribute data-unit."""
    return str(field.field.widget.attrs.get("data-unit", ""))


@register.filter
def need(field: BoundField) -> str:
    """必填 or 选填; nothing for fields that cannot be filled in. Widget attribute data-need overrides it."""
    attrs = field.field.widget.attrs
    if "data-need" in attrs:
        return str(attrs["data-need"])
    if field.field.disabled or attrs.get("readonly") or attrs.get("disabled"):
        return ""
    return "必填" if field.field.required or attrs.get("required") else "选填"


@register.filter
def counter(field: BoundField) -> str:
    """The length of a text beside what is recommended and what is taken; "" where nothing is counted.

    Widget attributes data-count, data-shortest, data-longest, data-limit; the script writes the same words.
    """
    attrs = field.field.widget.attrs
    if "data-count" not in attrs:
        return ""
    length = len("".join(str(field.value() or "").split()))
    low, high, most = (int(attrs.get(name, 0)) for name in ("data-shortest", "data-longest", "data-limit"))
    if most and length > most:
        return f"现 {length} 字，超出 {length - most} 字，最多 {most} 字"
    if low and high:
        return f"建议 {low}–{high} 字，现 {length} 字"
    return f"现 {length} 字" + (f"，最多 {most} 字" if most else "")


@register.filter
def is_too_long(field: BoundField) -> bool:
    most = int(field.field.widget.attrs.get("data-limit", 0))
    return bool(most) and len("".join(str(field.value() or "").split())) > most


@register.filter
def as_json(value: Any) -> str:
    """For data attributes that scripts read; escaped by the template as any text."""
    return json.dumps(value, ensure_ascii=False)


@register.filter
def spoken_errors(field: BoundField) -> list[str]:
    """The field's errors; Django's 这个字段是必填项 becomes a sentence that says what to do."""
    return [
        _required(field) if error.code == "required" else str(message)
        for error in field.errors.as_data()
        for message in error.messages
    ]


def _required(field: BoundField) -> str:
    widget = field.field.widget
    if isinstance(widget, CheckboxInput):
        return "请先阅读并勾选。"
    if isinstance(widget, FileInput):
        return f"请上传{field.label}。"
    return f"请选择{field.label}。" if isinstance(widget, ChoiceWidget) else f"请填写{field.label}。"


def _errors_of(forms: Iterable[Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for form in forms:
        if isinstance(form, BaseFormSet):
            found += [("", str(error)) for error in form.non_form_errors()]
            found += _errors_of(form.forms)
        elif isinstance(form, BaseForm) and form.is_bound:
            found += [("", str(error)) for error in form.non_field_errors()]
            for field in form:
                found += [(field.auto_id, _named(str(field.label or ""), error)) for error in spoken_errors(field)]
    return found


def _named(label: str, error: str) -> str:
    """In a list a sentence must say which field it means, unless it does already."""
    return error if not label or label in error else f"{label}：{error}"


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: Any, saved: bool = False) -> dict[str, Any]:
    """All errors of the forms and formsets, in page order, each a link to its field. Empty without errors."""
    errors = _errors_of(form for form in forms if form is not None and form != "")
    # One sentence about the whole form, such as a wrong password, is not a count of fields.
    return {"errors": errors, "saved": saved, "general": len(errors) == 1 and not errors[0][0] and not saved}


@register.inclusion_tag("components/countdown.html", takes_context=True)
def countdown(
    context: template.Context, until: datetime, title: str, note: str = "", deep: bool = True
) -> dict[str, Any]:
    """Days, hours, minutes until a deadline, from server time; the script only keeps it moving."""
    now = clock.now()
    left = max(int((until - now).total_seconds()), 0)
    return {
        "until": until,
        "now": now,
        "title": title,
        "note": note,
        "deep": deep,
        "days": left // 86400,
        "hours": left % 86400 // 3600,
        "minutes": left % 3600 // 60,
        "over": left == 0,
        "near": 0 < left < 3 * 86400,
    }


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: template.Context, page: Page[Any]) -> dict[str, Any]:
    """Links to the other pages, keeping the query string."""
    request = context.get("request")
    query = request.GET.copy() if request else None
    if query is not None:
        query.pop("page", None)
    prefix = f"?{query.urlencode()}&page=" if query else "?page="
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return {"page": page, "prefix": prefix, "numbers": list(numbers), "gap": page.paginator.ELLIPSIS}


@register.simple_tag
def widget_attrs(**attrs: Any) -> SafeString:
    """name="value" pairs for those that are not empty."""
    return format_html_join("", ' {}="{}"', ((key.replace("_", "-"), value) for key, value in attrs.items() if value))
