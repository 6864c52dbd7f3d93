"""纸质件未到名单: whom to call, how late they are, what is missing; on paper and as a workbook too."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from applications import paper_missing, regions
from applications.admin import staff_pages
from applications.exchange import XLSX_TYPE, safe_text, saved
from applications.models import Round
from qcportal import audit, clock
from qcportal.adminsite import FILING

A_PAGE = 50
HEAD = ("单位", "市（州）", "期", "缺少的纸质件", "联系人", "联系电话", "其他联系方式", "截止", "逾期天数")
WIDTHS = (32, 18, 16, 44, 14, 18, 30, 20, 10)


class FilterForm(forms.Form):
    round = forms.ModelChoiceField(
        Round.objects.select_related("programme").order_by("-programme__year", "-number"),
        label="期",
        required=False,
        empty_label="各期",
    )
    city = forms.ChoiceField(label="市（州）", required=False, choices=[("", "各市（州）"), *regions.CHOICES])
    late = forms.BooleanField(label="只看逾期的", required=False)
    parts = forms.ChoiceField(label="缺哪些", required=False, choices=[("", "缺附件1的"), ("any", "缺任何一件的")])
    page = forms.IntegerField(required=False, min_value=1)


def _wanted(request: HttpRequest) -> tuple[FilterForm, dict[str, Any], Any]:
    form = FilterForm(request.GET)
    values = form.cleaned_data if form.is_valid() else {}
    rows = paper_missing.places(
        round_=values.get("round"), city=values.get("city") or "", any_part=values.get("parts") == "any"
    )
    if values.get("late"):
        rows = rows.filter(round__paper_due_at__lte=clock.now())
    return form, values, rows


def _query(values: dict[str, Any]) -> str:
    kept = {"round": values["round"].pk if values.get("round") else "", "city": values.get("city"),
            "late": "on" if values.get("late") else "", "parts": values.get("parts")}  # fmt: skip
    return urlencode({name: value for name, value in kept.items() if value})


@require_safe
def missing(request: HttpRequest) -> HttpResponse:
    """Whole telephone numbers, because staff call them; looking is recorded. The longest overdue first."""
    form, values, rows = _wanted(request)
    page = Paginator(rows, A_PAGE).get_page(values.get("page") or 1)
    lines = paper_missing.fill(page.object_list, clock.now())
    with transaction.atomic():
        audit.record(
            "paper.phones_viewed",
            request.user,  # type: ignore[arg-type]
            actor=request.user,  # type: ignore[arg-type]
            round=str(values.get("round") or ""),
            rows=len(lines),
        )
    context = staff_pages.context(
        request, "纸质件未到名单", form=form, page=page, lines=lines, query=_query(values), now=clock.now()
    )
    return render(request, "admin/paper/missing.html", context)


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The whole list as filtered, for whoever makes the calls; the export is recorded."""
    _form, values, rows = _wanted(request)
    lines = paper_missing.fill(rows, clock.now())
    with transaction.atomic():
        audit.record(
            "paper.phones_exported",
            request.user,  # type: ignore[arg-type]
            actor=request.user,  # type: ignore[arg-type]
            round=str(values.get("round") or ""),
            rows=len(lines),
        )
    answer = HttpResponse(workbook(lines), content_type=XLSX_TYPE)
    name = f"纸质件未到名单_{timezone.localdate(clock.now()):%Y%m%d}.xlsx"
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{urlencode({'': name})[1:]}"
    answer["Cache-Control"] = "private, no-store"
    return answer


def workbook(lines: list[paper_missing.Place]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 -- a new workbook has one
    sheet.title = "纸质件未到"
    sheet.append(list(HEAD))
    for line in lines:
        sheet.append([safe_text(cell) if isinstance(cell, str) else cell for cell in _cells(line)])
    _dress(sheet)
    return saved(book)


def _cells(line: paper_missing.Place) -> list[str | int]:
    contacts = line.contacts
    first = contacts[0] if contacts else ("", "")
    others = "；".join(f"{name} {number}" for name, number in contacts[1:])
    return [
        line.enterprise.name, line.enterprise.city_label, str(line.round), "；".join(line.missing), first[0], first[1],
        others, line.round.paper_due_label, line.overdue,
    ]  # fmt: skip


def _dress(sheet: Worksheet) -> None:
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DBEBEA")
    for position, width in enumerate(WIDTHS):
        sheet.column_dimensions["ABCDEFGHI"[position]].width = width
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "B2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]


admin.site.add_page("paper/missing/", missing, name="paper_missing", title="", group=FILING)
admin.site.add_page("paper/missing/export/", export, name="paper_missing_export", title="", group=FILING)
