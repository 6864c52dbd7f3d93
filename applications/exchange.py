"""Attachment 3 of a frozen version as a workbook; what a person typed can never become a formula."""

import io
import re
import zipfile
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.worksheet.worksheet import Worksheet

from applications import statistics
from applications.field_list import FieldList

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FIRST_ROW = 4
VALUE_COLUMN = "D"
WIDTHS = {"A": 7, "B": 36, "C": 9, "D": 16, "E": 34}
_THIN = Border(*[Side(style="thin")] * 4)
# Also behind spaces and invisible signs, and in full width, which East Asian spreadsheets read as the same signs.
_FORMULA = re.compile(r"^[\s\ufeff\u200b-\u200f\u2060]*[=+\-@＝＋－＠]|^[\t\r\n]")
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def safe_text(value: str) -> str:
    """Text for a cell of any export: what a spreadsheet would read as a formula, also one that reads a saved CSV, gets
    a leading apostrophe."""
    return f"'{value}" if _FORMULA.match(value) else value


def typed_text(value: str) -> str:
    """What ``safe_text`` was given: the apostrophe that it put in front is none of the person's."""
    return value[1:] if value.startswith("'") and _FORMULA.match(value[1:]) else value


def statistics_workbook(data: dict[str, Any], personal: dict[str, Any]) -> bytes:
    """Attachment 3 of a frozen report version."""
    values = {row["field"]: row["value"] for row in data["statistics"]}
    book, sheet = _sheet(data, personal)
    for offset, row in enumerate(_rows(data)):
        cell = sheet[f"{VALUE_COLUMN}{FIRST_ROW + offset}"]
        cell.value = _number(values.get(row.field, ""))
    return saved(book)


def _rows(data: dict[str, Any]) -> tuple[statistics.Row, ...]:
    return FieldList(data.get("fields")).statistics_rows()


def _sheet(data: dict[str, Any], personal: dict[str, Any]) -> tuple[Workbook, Worksheet]:
    unit, year, fields = data["enterprise"]["name"], data["programme"]["data_year"], FieldList(data.get("fields"))
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - a new workbook has one
    sheet.title = "附件3"
    for column, width in WIDTHS.items():
        sheet.column_dimensions[column].width = width
    sheet.merge_cells("A1:E1")
    sheet["A1"] = "企业质量管理小组活动统计表"
    sheet["A1"].font = Font(name="宋体", size=16, bold=True)
    sheet["A1"].alignment = Alignment(horizontal="center")
    sheet["A2"] = f"填报单位：{unit}"
    sheet["E2"] = f"统计年度：{year or '　　　　'}年"
    _row(sheet, FIRST_ROW - 1, ("序号", "统计项目", "单位", "数值", "备注"))
    rows = fields.statistics_rows()
    for offset, row in enumerate(rows):
        _row(sheet, FIRST_ROW + offset, (row.number, row.label, row.unit, None, row.note))
        sheet[f"{VALUE_COLUMN}{FIRST_ROW + offset}"].number_format = format_of(row)
    last = FIRST_ROW + len(rows)
    for column, (name, label) in zip("AD", fields.signers().items(), strict=False):
        sheet[f"{column}{last + 1}"] = f"{label}：{personal.get(name, '')}"
    sheet[f"A{last + 2}"] = "单位盖章："
    sheet.freeze_panes = f"A{FIRST_ROW}"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 1
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]
    return book, sheet


def _row(sheet: Worksheet, number: int, values: tuple[str | None, ...]) -> None:
    for column, value in enumerate(values, 1):
        cell = sheet.cell(number, column, safe_text(value) if value else None)
        cell.border = _THIN
        cell.font = Font(name="宋体", size=11)
        cell.alignment = Alignment(horizontal="left" if column in (2, 5) else "center", wrap_text=True)


def format_of(row: statistics.Row) -> str:
    return "#,##0.00####" if row.field in statistics.MONEY else "0.00" if row.unit == "%" else "#,##0"


def _number(value: str) -> int | float | None:
    """Counts as whole numbers, money and rates as the decimals printed on the form."""
    if value == "":
        return None
    number = Decimal(value)
    return int(number) if number == number.to_integral_value() else float(number)


def saved(book: Workbook) -> bytes:
    """Saved without the moment of saving, so that the same content gives the same bytes."""
    out = io.BytesIO()
    book.save(out)
    return without_times(out)


def without_times(saved: io.BytesIO) -> bytes:
    """An Office file without the moment of saving, which its writers put into the properties and the archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"<dcterms:(created|modified).*?</dcterms:\1>", b"", content)
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return out.getvalue()
