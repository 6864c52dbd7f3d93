"""The table of members inside any table: found by its head, read column by column."""

from dataclasses import dataclass, field

from applications.word import labels
from applications.word.document import Cell, Table
from applications.word.found import Unplaced

NOTES_AT_MOST = 20
MOST_COLUMNS_KNOWN = 0.6  # of the filled cells of a head: pairs of label and value have half


@dataclass
class MembersFound:
    people: list[dict[str, str]] = field(default_factory=list)
    place: str = ""
    unplaced: list[Unplaced] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)  # id() of cells


@dataclass
class _Head:
    """Several persons may stand beside each other: each group has its own columns (left edge and index)."""

    groups: list[dict[str, list[tuple[int, int]]]]
    unknown: list[tuple[int, int, str]]
    width: int


def read_members(table: Table, name: str) -> MembersFound:
    """``name`` of the table is for the place. Nothing is found where no head names 姓名 and another column."""
    found, head = MembersFound(), None
    for number, row in enumerate(table.rows, 1):
        again = _head_of(row)
        if again is not None:
            head = again
            found.place = found.place or f"{name}第 {number} 行起"
            found.taken |= {id(cell) for cell in row}
        elif head is not None and not _read_row(row, head, found, f"{name}第 {number} 行"):
            head = None
    return found


def _head_of(row: list[Cell]) -> _Head | None:
    groups: list[dict[str, list[tuple[int, int]]]] = [{}]
    unknown = []
    filled = [cell for cell in row if cell.text and not _is_side(cell)]
    for index, cell in enumerate(row):
        if not cell.text or _is_side(cell):
            continue
        column = labels.column_of(cell.text)
        if column is None:
            unknown.append((cell.left, index, cell.text))
            continue
        if column in groups[-1] and column in ("number", "name"):
            groups.append({})
        groups[-1].setdefault(column, []).append((cell.left, index))
    groups = [group for group in groups if "name" in group]
    known = sum(len(places) for group in groups for places in group.values())
    others = known - sum("number" in group for group in groups) - len(groups)
    if not groups or others < 1 or known < len(filled) * MOST_COLUMNS_KNOWN:
        return None
    return _Head(groups, unknown, len(row))


def _is_side(cell: Cell) -> bool:
    """The upright name of the block beside its rows."""
    return labels.squeezed(cell.text) in labels.STATIC and labels.column_of(cell.text) is None


def _read_row(row: list[Cell], head: _Head, found: MembersFound, place: str) -> bool:
    """False where the members end."""
    if not any(cell.text for cell in row):
        return True
    first = next(cell for cell in row if cell.text)
    roles = _at(row, head, "group_role", 0)
    if labels.key_of(first.text) and labels.column_of(first.text) is None and all(first is not cell for cell in roles):
        return False
    names = [cell for group in range(len(head.groups)) for cell in _at(row, head, "name", group)]
    if not names or labels.key_of(names[0].text):
        return False
    for group in range(len(head.groups)):
        _read_person(row, head, group, found, place)
    _read_unknown(row, head, found)
    found.taken |= {id(cell) for cell in row}
    return True


def _at(row: list[Cell], head: _Head, column: str, group: int) -> list[Cell]:
    """The cells of a column: by their left edge, else by their number where the row has as many as the head."""
    cells = []
    for left, index in head.groups[group].get(column, ()):
        cell = next((cell for cell in row if cell.left == left), None)
        if cell is None and len(row) == head.width:
            cell = row[index]
        if cell is not None:
            cells.append(cell)
    return cells


def _read_person(row: list[Cell], head: _Head, group: int, found: MembersFound, place: str) -> None:
    person = {}
    for column in head.groups[group]:
        texts = [cell.text for cell in _at(row, head, column, group) if cell.text]
        if column != "number" and texts:
            person[column] = "、".join(texts)
    if "name" in person:
        found.people.append(person)
    elif person:
        found.unplaced.append(Unplaced(place, "，".join(person.values()), "这一行没有姓名"))


def _read_unknown(row: list[Cell], head: _Head, found: MembersFound) -> None:
    """Columns that the portal does not keep are named, not shown: they may hold ID numbers."""
    for left, index, title in head.unknown:
        cell = next((cell for cell in row if cell.left == left), row[index] if index < len(row) else None)
        note = f"成员表的“{title.strip()[:20]}”一列没有对应的项目，没有读取。"
        if cell is not None and cell.text and len(found.notes) < NOTES_AT_MOST and note not in found.notes:
            found.notes.append(note)
