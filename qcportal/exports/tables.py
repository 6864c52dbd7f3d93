"""A table as .xlsx or .csv, written row by row: memory does not grow with the rows.

What a person typed can never become a formula, in Excel, in WPS, or after saving as CSV.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, NamedTuple
from urllib.parse import quote

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from applications.exchange import XLSX_TYPE as XLSX_TYPE
from applications.exchange import safe_text

CSV_TYPE = "text/csv; charset=utf-8"
A4 = "9"  # of the sizes of paper that .xlsx knows
CELL_LIMIT = 32_767  # characters that Excel keeps in a cell

# XML and so .xlsx knows none of these.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

_HEAD_FONT = Font(name="宋体", size=11, bold=True)
_TITLE_FONT = Font(name="黑体", size=16)
_NOTE_FONT = Font(name="宋体", size=10, color="5B6B6F")
_BODY_FONT = Font(name="宋体", size=11)
_LINK_FONT = Font(name="宋体", size=11, color="0F6C7A", underline="single")
_HEAD_FILL = PatternFill("solid", fgColor="E6F0F1")
_THIN = Border(*[Side(style="thin", color="B8C4C6")] * 4)


class Form(NamedTuple):
    """How one kind of value looks in a cell."""

    number: str
    align: str


FORMS = {
    "text": Form("@", "left"),
    "whole": Form("#,##0", "right"),
    "wan": Form("#,##0.00####", "right"),
    "points": Form("0.00", "right"),
    "date": Form("yyyy-mm-dd", "center"),
    "moment": Form("yyyy-mm-dd hh:mm:ss", "center"),
}


class Link(NamedTuple):
    """Text that leads to a file beside the table, by a relative path."""

    text: str
    path: str


class Column(NamedTuple):
    title: str
    width: int = 14
    form: str = "text"


@dataclass
class Table:
    """One sheet. ``rows`` is asked for once, when it is written."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    notes: Sequence[str] = field(default_factory=list)


def neutral(value: str) -> str:
    """Text for a cell: no formula (exchange.safe_text), no sign that .xlsx cannot hold, no longer than a cell."""
    return safe_text(_UNWRITABLE.sub("", value)[: CELL_LIMIT - 1])


def plain(value: Any) -> Any:
    """A value as a cell holds it: text neutral, moments in the portal's zone without it, numbers as numbers."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None, microsecond=0)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (int, float, Decimal, date)):
        return value
    return neutral(str(value))


def write_xlsx(tables: Sequence[Table], stream: IO[bytes], *, tick: Callable[[int], None] = lambda _n: None) -> int:
    """One sheet for each table; returns the number of data rows. ``tick`` hears how many are written."""
    book = Workbook(write_only=True)
    count = 0
    for table in tables:
        before = count
        for written in _write_sheet(book, table):
            count = before + written
            tick(count)
    book.save(stream)
    return count


def _write_sheet(book: Workbook, table: Table) -> Iterator[int]:
    """Title, notes, head, rows. Yields how many rows there are so far."""
    sheet = book.create_sheet(re.sub(r"[\\/*?:\[\]]", "", table.title)[:31])
    head = 2 + len(table.notes)
    last = get_column_letter(len(table.columns))
    for place, column in enumerate(table.columns, 1):
        sheet.column_dimensions[get_column_letter(place)].width = column.width
    sheet.freeze_panes = f"A{head + 1}"
    sheet.page_setup.paperSize = A4
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{head}:{head}"
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
    sheet.append([_cell(sheet, neutral(table.title), _TITLE_FONT)])
    for note in table.notes:
        sheet.append([_cell(sheet, neutral(note), _NOTE_FONT)])
    sheet.append([_head_cell(sheet, column.title) for column in table.columns])
    written = 0
    for row in table.rows:
        sheet.append([_body_cell(sheet, column, value) for column, value in zip(table.columns, row, strict=True)])
        written += 1
        yield written
    sheet.auto_filter.ref = f"A{head}:{last}{head + written}"


def _cell(sheet: Any, value: Any, font: Font) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=value)
    cell.font = font
    return cell


def _head_cell(sheet: Any, title: str) -> WriteOnlyCell:
    cell = _cell(sheet, title, _HEAD_FONT)
    cell.fill, cell.border = _HEAD_FILL, _THIN
    cell.alignment = _HEAD_ALIGNMENT
    return cell


_HEAD_ALIGNMENT = Alignment(horizontal="center", vertical="center", wrap_text=True)
_ALIGNMENTS = {
    align: Alignment(horizontal=align, vertical="center", wrap_text=align == "left")
    for align in ("left", "right", "center")
}


def _body_cell(sheet: Any, column: Column, value: Any) -> WriteOnlyCell:
    content, form = plain(value.text if isinstance(value, Link) else value), FORMS[column.form]
    cell = _cell(sheet, content, _BODY_FONT)
    if isinstance(value, Link):
        cell.hyperlink, cell.font = quote(value.path), _LINK_FONT
    if content is not None and not isinstance(content, str):
        cell.number_format = form.number
    cell.alignment, cell.border = _ALIGNMENTS[form.align], _THIN
    return cell


def csv_lines(table: Table) -> Iterator[bytes]:
    """Head and rows, in UTF-8 with the mark by which Excel knows it; lines end as Windows wants them."""
    yield "\ufeff".encode()
    yield _line([column.title for column in table.columns])
    for row in table.rows:
        yield _line([_text(value) for value in row])


def write_csv(table: Table, stream: IO[bytes], *, tick: Callable[[int], None] = lambda _n: None) -> int:
    count = 0
    for count, line in enumerate(csv_lines(table)):
        stream.write(line)
        tick(max(0, count - 1))
    return count - 1


def _line(values: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(values)
    return out.getvalue().encode()


def _text(value: Any) -> str:
    content = plain(value)
    if content is None:
        return ""
    if isinstance(content, datetime):
        return f"{content:%Y-%m-%d %H:%M:%S}"
    return format(content, "f") if isinstance(content, Decimal) else str(content)
