"""Reads attachment 3 from any workbook: our template, or a table of the enterprise's own.

Rows are found by their names (statistics_labels), in any column and any order; the value stands in a column whose
head says so, else beside the name, else below it. Units in heads, brackets and neighbouring cells are obeyed.
"""

import re
from typing import BinaryIO, NamedTuple

from applications import statistics
from applications.field_list import FieldList
from applications.imports import kinds
from applications.imports.cells import ReadCell, Reading
from applications.imports.destinations import Destination
from applications.imports.registry import register
from applications.imports.sheets import Cell, Grid, grids_of, in_brackets, number_of, plain
from applications.imports.statistics_labels import field_of
from applications.imports.synonyms import known_as
from applications.imports.units import Unit, converted, unit_of
from qcportal.errors import Refusal

LABELS_AT_LEAST = 3
PEOPLE = {"filled_by": "填表人", "responsible_person": "负责人"}
_PERSON = re.compile(r"^(填表人|制表人|填报人|负责人|单位负责人|审核人)[:：](.*)$")
_VALUE_HEAD = re.compile(r"数值|数量|填报数|填写|本年|当年|本期|数据|合计|实际")
_OTHER_HEAD = re.compile(r"上年|去年|上期|备注|说明|单位$|序号|提示|增减|同比")
_FORMULA = "是公式，请粘贴为数值。"


class Found(NamedTuple):
    field: str
    exact: bool
    row: int
    column: int
    label: str


@register("statistics", "附件 3 统计表", "xlsx")
def read(stream: BinaryIO, destination: Destination) -> Reading:
    with known_as(destination.programme.fields.synonyms()):
        return _read(grids_of(stream), destination)


def _read(grids: list[Grid], destination: Destination) -> Reading:
    kind = kinds.kind_of(grids)
    if kind is not None and kind.code != "statistics":
        raise Refusal(f"这像是{kind.title}，不是附件 3 统计表。{kind.where}", "wrong_template")
    best = max(grids, key=lambda grid: len({found.field for found in _labels(grid)}), default=None)
    labels = _labels(best) if best is not None else []
    if best is None or len({found.field for found in labels}) < LABELS_AT_LEAST:
        other = kinds.guess(grids)
        raise Refusal(
            f"没有找到附件 3 的统计项目（如“企业职工总数”）。{other}请下载本页的模板填写后上传。", "wrong_template"
        )
    sheet = _Sheet(best, labels, destination.programme.data_year, destination.programme.fields)
    cells = sheet.cells()
    notices = [*kinds.foreign(grids, destination), *_not_found(cells, labels, destination.programme.fields)]
    if len(grids) > 1:
        notices.insert(0, f"文件有 {len(grids)} 张工作表，读取的是“{best.title}”。")
    version = kinds.base_version(grids, destination)
    return Reading(cells, notices, version)


def _labels(grid: Grid) -> list[Found]:
    found = []
    for row, column, cell in grid:
        if cell.formula or cell.numeric or number_of(cell.text) is not None:
            continue
        match = field_of(cell.text)
        if match is not None:
            found.append(Found(match.field, match.exact, row, column, cell.text))
    return found


def _not_found(cells: list[ReadCell], labels: list[Found], fields: FieldList) -> list[str]:
    seen = {found.field for found in labels} | {cell.key for cell in cells}
    missing = [row.label for row in fields.statistics_rows() if row.required and row.field not in seen]
    return [f"文件中没有找到这些项目：{'、'.join(missing)}。"] if missing else []


class _Sheet:
    """One sheet with its labels found: where the value of each stands."""

    def __init__(self, grid: Grid, labels: list[Found], year: int, fields: FieldList) -> None:
        self.grid, self.labels, self.year, self.fields = grid, labels, year, fields
        self.places = {(found.row, found.column) for found in labels}
        self.first_row = min(found.row for found in labels)
        self.value_column, self.head_unit, self.skipped = self._heads()

    def _heads(self) -> tuple[int | None, Unit | None, set[int]]:
        """The column that holds this year's values when a head above says so; the columns that hold other things.

        The nearest row counts, titles (alone in their row) do not, and there must be digits below the head.
        """
        found: list[tuple[tuple[int, int, int], Cell]] = []
        skipped: set[int] = set()
        label_columns = {found.column for found in self.labels}
        for number, row in self.grid.rows.items():
            if number >= self.first_row or len(row) < 2:
                continue
            for column in row.keys() - label_columns:
                text = plain(row[column].text)
                if _OTHER_HEAD.search(text) or f"{self.year - 1}" in text:
                    skipped.add(column)
                elif len(text) <= 12 and (f"{self.year}" in text or _VALUE_HEAD.search(text)):
                    found.append(((number, f"{self.year}" in text, -column), row[column]))
        kept = [one for one in found if -one[0][2] not in skipped and self._digits_in(-one[0][2])]
        if not kept:
            return None, None, skipped
        rank, cell = max(kept, key=lambda one: one[0])
        return -rank[2], next(filter(None, map(unit_of, in_brackets(cell.text))), None), skipped

    def _digits_in(self, column: int) -> bool:
        rows = (row for number, row in self.grid.rows.items() if number >= self.first_row)
        return any(sign.isdigit() for row in rows if column in row for sign in row[column].text)

    def cells(self) -> list[ReadCell]:
        read: dict[str, ReadCell] = {}
        for found in self.labels:
            if found.field in statistics.COMPUTED:
                continue
            cell = self._person(found) if found.field in PEOPLE else self._number(found)
            if cell is None:
                continue
            before = read.get(cell.key)
            if before is not None and before.raw != cell.raw and not before.problem:
                cell = before._replace(
                    problem=f"在文件中出现两次（{before.place} 和 {cell.place}），数值不同，请只保留一个。",
                    raw=f"{before.raw} / {cell.raw}",
                )
            read[cell.key] = cell
        for one in self._signers():
            read.setdefault(one.key, one)
        order = [*statistics.FIELDS, *PEOPLE]
        return [*sorted(read.values(), key=lambda cell: order.index(cell.key)), *self._unknown()]

    def _name(self, field: str) -> str:
        return self.fields.title(f"report.statistics.{field}")

    def _number(self, found: Found) -> ReadCell | None:
        cell, unit = self._value_of(found)
        if cell is None:
            return None
        row = statistics.BY_FIELD[found.field]
        read = ReadCell(found.field, self._name(found.field), cell.place, cell.text)
        if cell.formula:
            return read._replace(problem=_FORMULA)
        entry, note = converted(cell.text, unit, row)
        notes = [note] if note else []
        if not found.exact:
            notes.append(f"按相近的名称“{found.label[:30]}”识别。")
        return read._replace(entry=entry, note="".join(notes))

    def _value_of(self, found: Found) -> tuple[Cell | None, Unit | None]:
        units = [unit_of(text) for text in in_brackets(found.label)]
        unit = next(filter(None, units), None)
        if self._is_head(found):
            below = sorted(number for number in self.grid.rows if number > found.row)
            cell = self.grid.at(below[0], found.column) if below else None
            return (cell if cell and cell.text else None), unit
        row = self.grid.rows[found.row]
        around = self._around(found, row)
        beside = next((one for _column, cell in around if (one := unit_of(cell.text)) is not None), None)
        unit = unit or beside or self.head_unit
        if self.value_column is not None and self.value_column != found.column and not self._two_tables(found):
            return row.get(self.value_column), unit
        for column, cell in around:
            if column in self.skipped or unit_of(cell.text) is not None:
                continue
            if cell.formula or any(sign.isdigit() for sign in cell.text):
                return cell, unit
        return None, unit

    def _around(self, found: Found, row: dict[int, Cell]) -> list[tuple[int, Cell]]:
        """To the right up to the next name, then to the left down to the previous one (without serial numbers)."""
        names = sorted(column for number, column in self.places if number == found.row)
        after = next((column for column in names if column > found.column), 10_000)
        before = next((column for column in reversed(names) if column < found.column), 0)
        right = [(column, cell) for column, cell in sorted(row.items()) if found.column < column < after]
        left = [(column, cell) for column, cell in sorted(row.items(), reverse=True) if before < column < found.column]
        if before or any(any(sign.isdigit() for sign in cell.text) or cell.formula for _column, cell in right):
            left = []
        return [*right, *left]

    def _is_head(self, found: Found) -> bool:
        """Names side by side without anything between them: the values stand below."""
        same = [one for one in self.labels if one.row == found.row]
        others = [
            cell for column, cell in self.grid.rows[found.row].items()
            if (found.row, column) not in self.places and (cell.formula or number_of(cell.text) is not None)
        ]  # fmt: skip
        return len(same) >= LABELS_AT_LEAST and not others

    def _two_tables(self, found: Found) -> bool:
        """Two names in one row: the head of the first table's values is not that of the second's."""
        return sum(1 for row, _column in self.places if row == found.row) > 1

    def _person(self, found: Found) -> ReadCell | None:
        row = self.grid.rows[found.row]
        for column in (found.column + 1, found.column + 2):
            cell = row.get(column)
            if cell is None or (found.row, column) in self.places:
                continue
            read = ReadCell(found.field, self._name(found.field), cell.place, cell.text)
            return read._replace(problem=_FORMULA) if cell.formula else read._replace(entry=cell.text)
        return None

    def _signers(self) -> list[ReadCell]:
        """填表人：李文静 in one cell."""
        read = []
        for _row, _column, cell in self.grid:
            match = _PERSON.match(cell.text)
            if match and match[2].strip() and not cell.formula:
                found = field_of(match[1])
                if found is not None:
                    name = match[2].strip()
                    read.append(ReadCell(found.field, self._name(found.field), cell.place, name, name))
        return read

    def _unknown(self) -> list[ReadCell]:
        """Names with a number beside them that mean nothing to us are said, not passed over."""
        read = []
        label_columns = {found.column for found in self.labels}
        for number, row in self.grid.rows.items():
            if number < self.first_row or any(place[0] == number for place in self.places):
                continue
            for column in sorted(label_columns & set(row)):
                cell = row[column]
                value = next((one for key, one in sorted(row.items()) if key > column and one.numeric), None)
                if value is not None and not cell.numeric and len(plain(cell.text)) >= 2:
                    read.append(
                        ReadCell(
                            f"unknown.{cell.place}", cell.text[:40], value.place, value.text,
                            problem="附件 3 没有这个项目，未导入。",
                        )
                    )  # fmt: skip
                    break
        return read
