"""A workbook that passed the gate, as grids of texts. Pure Python (openpyxl)."""

import re
import unicodedata
import warnings
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO, NamedTuple

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from applications.exchange import typed_text
from applications.imports.archive import damaged

COLUMNS_AT_MOST = 80
ROWS_AT_MOST = 2000
SHEETS_AT_MOST = 20
TEXT_AT_MOST = 10_000


class Cell(NamedTuple):
    place: str
    text: str  # numbers without exponent and separators, dates as 2026-03-01
    formula: bool = False
    numeric: bool = False


Row = dict[int, Cell]  # column number (from 1) -> what stands there; empty cells are left out


class Grid(NamedTuple):
    title: str
    rows: dict[int, Row]
    hidden: bool

    def at(self, row: int, column: int) -> Cell:
        return self.rows.get(row, {}).get(column) or Cell(f"{get_column_letter(column)}{row}", "")

    def __iter__(self) -> Any:
        for number, row in self.rows.items():
            for column, cell in row.items():
                yield number, column, cell


def grids_of(stream: BinaryIO) -> list[Grid]:
    """Every worksheet with something in it. Formulas keep their text, not the number that was last computed."""
    try:
        # openpyxl warns about parts that it would not write back; and it raises nearly anything on odd files.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(stream, read_only=True, keep_links=False, data_only=False)
            found = [_grid(sheet) for sheet in book.worksheets[:SHEETS_AT_MOST]]
            book.close()
    except Exception as error:
        raise damaged() from error
    return [grid for grid in found if grid.rows]


def _grid(sheet: Any) -> Grid:
    # The declared dimension is not believed; openpyxl would pad every row to it.
    sheet.reset_dimensions()
    rows: dict[int, Row] = {}
    for cells in sheet.iter_rows(max_row=ROWS_AT_MOST, max_col=COLUMNS_AT_MOST):
        found = {cell.column: _cell(cell) for cell in cells if cell.value not in (None, "")}
        kept = {column: cell for column, cell in found.items() if cell.text}
        if kept:
            rows[next(cell.row for cell in cells if cell.value not in (None, ""))] = kept
    return Grid(str(sheet.title), rows, sheet.sheet_state != "visible")


def _cell(cell: Any) -> Cell:
    place = f"{get_column_letter(cell.column)}{cell.row}"
    if cell.data_type == "f":
        formula = cell.value if isinstance(cell.value, str) else f"={getattr(cell.value, 'text', '') or ''}"
        return Cell(place, formula[:TEXT_AT_MOST], formula=True)
    text = typed_text(text_of(cell.value)[:TEXT_AT_MOST].strip())
    return Cell(place, text, numeric=isinstance(cell.value, (int, float)))


def text_of(value: Any) -> str:
    """As a person would type it: 3862500, 386.25, 2026-03-01."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, float):
        # Fifteen digits are what a spreadsheet shows; the sixteenth is noise of the binary number.
        number = Decimal(format(value, ".15g"))
        return format(number.normalize(), "f") if number.is_finite() else str(value)
    return str(value)


_NUMBER = re.compile(r"[+\-]?(\d+(\.\d*)?|\.\d+)")


def number_of(text: str) -> Decimal | None:
    """The number in a text with full-width digits, thousands separators and spaces; None when it is none."""
    typed = re.sub(r"[\s,，'_]", "", unicodedata.normalize("NFKC", text))
    if len(typed) > 30 or not _NUMBER.fullmatch(typed):
        return None
    try:
        return Decimal(typed)
    except InvalidOperation:
        return None


_BRACKETS = re.compile(r"[(\[【][^)\]】]*[)\]】]")
_NUMBERING = re.compile(r"^(\d{1,2}|[一二三四五六七八九十]{1,3})[.、)](?!\d)")


def plain(text: str) -> str:
    """A label for comparison: without numbering, brackets, spaces and signs; QC小组 and 质量管理小组 are 小组."""
    found = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lower()
    found = _BRACKETS.sub("", _NUMBERING.sub("", found))
    found = found.replace("质量管理小组", "小组").replace("qc小组", "小组").replace("员工", "职工")
    found = re.sub(r"本年度|当年度|当年|今年|年度内", "本年", found)
    return re.sub(r"[^\w%]", "", found)


def in_brackets(text: str) -> list[str]:
    """What stands in brackets: the unit of 企业职工人数（万人）."""
    return [found[1:-1].strip() for found in _BRACKETS.findall(unicodedata.normalize("NFKC", text))]
