"""Members before and after an import, person by person: who comes, who goes, what changes."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from applications.field_list import NOTHING_CHANGED, FieldList
from applications.models import Member

_WORDS = {"gender": {"m": "男", "f": "女"}, "group_role": dict(Member.GroupRole.choices)}


class Change(NamedTuple):
    label: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        return self.before != self.after


class Person(NamedTuple):
    name: str
    kind: str  # new, gone, changed, same
    word: str
    cells: list[Change]


def compared(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], fields: FieldList = NOTHING_CHANGED
) -> list[Person]:
    """In the order of the file, then those who would go. Two of one name are matched in their order. ``fields``: the
    columns that this year asks for."""
    columns = {name: label for name, label in fields.member_columns().items() if name != "name"}
    left = list(before)
    people = []
    for one in after:
        was = next((other for other in left if other["name"] == one["name"]), None)
        if was is not None:
            left.remove(was)
        cells = _cells(was, one, columns)
        if was is None:
            people.append(Person(one["name"], "new", "新增", cells))
        elif any(cell.changed for cell in cells):
            people.append(Person(one["name"], "changed", "修改", cells))
        else:
            people.append(Person(one["name"], "same", "不变", cells))
    return people + [Person(one["name"], "gone", "删去", _cells(one, one, columns)) for one in left]


def _cells(before: Mapping[str, Any] | None, after: Mapping[str, Any], columns: Mapping[str, str]) -> list[Change]:
    def shown(of: Mapping[str, Any] | None, name: str) -> str:
        value = "" if of is None else of.get(name)
        if isinstance(value, Decimal):
            value = format(value.normalize(), "f")
        return _WORDS.get(name, {}).get(str(value), "" if value is None else str(value))

    return [
        Change(label, shown(after if before is None else before, name), shown(after, name))
        for name, label in columns.items()
    ]
