"""Lists that the association keeps in Excel: columns found by their heads in any order, one row a line.

Title rows above the heads are kept as text, a line that stands alone between rows (一等奖) is handed to the rows
below it, and a cell merged over several rows counts for each of them. Nothing is known here of what a list means.
"""

import re
import unicodedata
import warnings
from collections.abc import Mapping
from typing import BinaryIO, NamedTuple

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from applications import exchange
from applications.imports.archive import damaged
from applications.imports.sheets import Grid, grids_of
from qcportal.errors import Refusal

ROWS_AT_MOST = 1500
HEADS_LOOKED_AT = 30
OWN_SHEETS = frozenset({"示例", "说明"})  # of our templates: nobody's rows
_THIN = Border(*[Side(style="thin", color="FF7C8F8C")] * 4)
_HEAD = PatternFill("solid", fgColor="FFE9F3F3")
_FONT = Font(name="宋体", size=11)


class Column(NamedTuple):
    """``heads``: what people call it, without spaces and brackets. The first is what our template prints."""

    key: str
    heads: tuple[str, ...]
    width: int = 16
    example: str = ""
    hint: str = ""


class Line(NamedTuple):
    """One row below the heads. ``above``: the last line that stood alone above it."""

    number: int
    texts: dict[str, str]
    places: dict[str, str]
    formulas: frozenset[str]
    above: str


class Found(NamedTuple):
    lines: list[Line]
    titles: str  # what stood above the heads
    notices: list[str]
    columns: frozenset[str]


def head_of(text: str) -> str:
    found = re.sub(r"[(（\[【][^)）\]】]*[)）\]】]", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"[^\w]", "", found).lower()


def read(stream: BinaryIO, columns: tuple[Column, ...], needed: frozenset[str], name: str) -> Found:
    """Every sheet that has such heads. Refused: a workbook without them, and more rows than a person keeps."""
    merged = _merged(stream)
    stream.seek(0)
    grids = [_filled(grid, merged.get(grid.title, [])) for grid in grids_of(stream) if grid.title not in OWN_SHEETS]
    found = [(grid, place) for grid in grids if not grid.hidden and (place := _heads(grid, columns, needed))]
    if not found:
        wanted = "、".join(column.heads[0] for column in columns if column.key in needed)
        raise Refusal(
            f"没有找到{name}的表头（至少要有“{wanted}”）。请核对是否选错文件，或下载本页的模板填写。", "no_head"
        )
    lines: list[Line] = []
    notices: list[str] = []
    titles = []
    for grid, (row, heads) in found:
        titles.append(
            " ".join(cell.text for number, line in grid.rows.items() if number < row for cell in line.values())
        )
        lines += _lines(grid, row, heads, prefix=f"{grid.title} " if len(found) > 1 else "")
        unknown = [
            cell.text[:20] for column, cell in grid.rows[row].items()
            if column not in heads.values() and head_of(cell.text) not in ("序号", "编号", "no", "顺序")
        ]  # fmt: skip
        if unknown:
            notices.append(f"这些列没有用到：{'、'.join(unknown)}。")
    if len(lines) > ROWS_AT_MOST:
        raise Refusal(f"表中有 {len(lines)} 行，一次最多读取 {ROWS_AT_MOST} 行，请分成几个文件。", "too_many")
    return Found(_renumbered(lines), " ".join(titles), notices, frozenset(key for _g, (_r, h) in found for key in h))


def _renumbered(lines: list[Line]) -> list[Line]:
    """Rows of several sheets have numbers of their own."""
    if len({line.number for line in lines}) == len(lines):
        return lines
    return [line._replace(number=number) for number, line in enumerate(lines, 1)]


def _merged(stream: BinaryIO) -> dict[str, list[tuple[int, int, int, int]]]:
    """Areas by sheet: first and last row, first and last column."""
    stream.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(stream, keep_links=False)
            return {
                str(sheet.title): [
                    (area.min_row, area.max_row, area.min_col, area.max_col) for area in sheet.merged_cells.ranges
                ][:5000]
                for sheet in book.worksheets
            }  # fmt: skip
    except Exception as error:
        raise damaged() from error


def _filled(grid: Grid, merged: list[tuple[int, int, int, int]]) -> Grid:
    """A value merged downwards stands in each of its rows; one merged to the right stands once (a title)."""
    for first, last, left, _right in merged:
        cell = grid.at(first, left)
        if not cell.text or last - first > ROWS_AT_MOST:
            continue
        for number in range(first + 1, last + 1):
            grid.rows.setdefault(number, {}).setdefault(left, cell)
    return grid


def _heads(grid: Grid, columns: tuple[Column, ...], needed: frozenset[str]) -> tuple[int, dict[str, int]] | None:
    exact = {head: column.key for column in columns for head in map(head_of, column.heads)}
    for number in sorted(grid.rows)[:HEADS_LOOKED_AT]:
        heads: dict[str, int] = {}
        for place, cell in sorted(grid.rows[number].items()):
            key = exact.get(head_of(cell.text))
            if key is not None and not cell.formula:
                heads.setdefault(key, place)
        if needed <= set(heads):
            return number, heads
    return None


def _lines(grid: Grid, head_row: int, heads: Mapping[str, int], prefix: str) -> list[Line]:
    lines, above = [], ""
    for number in sorted(number for number in grid.rows if number > head_row):
        row = grid.rows[number]
        mine = {key: row[place] for key, place in heads.items() if place in row}
        if len(row) == 1:
            above = next(iter(row.values())).text[:100]
            continue
        if not mine or {key: head_of(cell.text) for key, cell in mine.items()} == {
            key: head_of(grid.rows[head_row][heads[key]].text) for key in mine
        }:
            continue  # nothing of ours, or the heads once more on the next printed page
        lines.append(
            Line(
                number,
                {key: cell.text for key, cell in mine.items()},
                {key: prefix + cell.place for key, cell in mine.items()},
                frozenset(key for key, cell in mine.items() if cell.formula),
                above,
            )
        )
    return lines


def template(title: str, columns: tuple[Column, ...], guide: tuple[str, ...]) -> bytes:
    """A workbook to fill in: heads with hints, an example on a sheet of its own, what to mind."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - a new workbook has one
    sheet.title = "名单"
    _head_row(sheet, title, columns)
    sheet.freeze_panes = "A3"
    sheet.print_title_rows = "2:2"
    example = book.create_sheet("示例")
    _head_row(example, f"{title}（示例）", columns)
    for place, column in enumerate(columns, 1):
        cell = example.cell(3, place, column.example)
        cell.font, cell.border = _FONT, _THIN
    example.sheet_state = "visible"
    how = book.create_sheet("说明")
    how.column_dimensions["A"].width = 100
    hints = [f"{column.heads[0]}：{column.hint}" for column in columns if column.hint]
    for number, text in enumerate([*guide, *hints], 1):
        cell = how.cell(number, 1, text)
        cell.font, cell.alignment = _FONT, Alignment(wrap_text=True, vertical="top")
    return exchange.saved(book)


def _head_row(sheet: Worksheet, title: str, columns: tuple[Column, ...]) -> None:
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(columns))
    sheet["A1"] = title
    sheet["A1"].font = Font(name="宋体", size=16, bold=True)
    sheet["A1"].alignment = Alignment(horizontal="center")
    for place, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(place)].width = column.width
        cell = sheet.cell(2, place, column.heads[0])
        cell.font, cell.fill, cell.border = Font(name="宋体", size=11, bold=True), _HEAD, _THIN
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        # Codes and numbers of certificates are text: Excel would make 1E+17 of them.
        for number in range(3, 503):
            sheet.cell(number, place).number_format = "@"
