"""Reads the table of many groups: one row a group, columns in any order, members in a column or a sheet."""

from collections.abc import Mapping
from typing import Any, BinaryIO, NamedTuple

from applications.field_list import NOTHING_CHANGED, FieldList
from applications.imports import kinds
from applications.imports.cells import Entry
from applications.imports.groups_columns import (
    GENDERS,
    ROLES,
    Misread,
    columns_of,
    entry_of,
    key_of,
    member_column,
)
from applications.imports.sheets import Grid, grids_of, plain
from applications.validators import comparable_name
from qcportal.errors import Refusal

GROUPS_AT_MOST = 200
_EXAMPLES = ("示例", "说明", "选项")


class Problem(NamedTuple):
    place: str
    label: str
    raw: str
    message: str


class GroupRow(NamedTuple):
    """``raw``: what stood in the file by column title; ``problems`` keep the whole row from being taken."""

    number: int
    name: str
    topic: str
    entries: dict[str, Entry]
    places: dict[str, str]
    raw: dict[str, str]
    problems: list[Problem]


class Table(NamedTuple):
    rows: list[GroupRow]
    notices: list[str]


def read(stream: BinaryIO, awards: Mapping[str, int], fields: FieldList = NOTHING_CHANGED) -> Table:
    """``awards``: the programme's special awards, name to primary key; ``fields``: its names for the columns."""
    grids = [grid for grid in grids_of(stream) if grid.title not in _EXAMPLES and not grid.hidden]
    kind = kinds.kind_of(grids)
    if kind is not None and kind.code != "groups":
        raise Refusal(f"这像是{kind.title}，不是小组汇总表。{kind.where}", "wrong_template")
    found = [(grid, head) for grid in grids if (head := _head_of(grid)) is not None]
    if not found:
        other = kinds.guess(grids)
        raise Refusal(
            f"没有找到写着“小组名称”和“课题名称”的表头行。{other}请下载本页的模板填写后上传。", "wrong_template"
        )
    grid, (head_row, columns) = found[0]
    numbers = [number for number in grid.rows if number > head_row and _filled(grid, number, columns)]
    if len(numbers) > GROUPS_AT_MOST:
        raise Refusal(
            f"表中有 {len(numbers)} 个小组，一次最多导入 {GROUPS_AT_MOST} 个，请分成几个文件。", "too_many_rows"
        )
    titles = {column.key: column.title for column in columns_of(fields)}
    hidden = [key for key in columns if key not in titles]
    ignored_here = [grid.at(head_row, columns.pop(key)).text for key in hidden]
    rows = [_row(grid, number, head_row, columns, awards, titles) for number in numbers]
    members, notices = _members([one for one in grids if one is not grid], rows, fields)
    if ignored_here:
        notices.append(f"本年度不填这些列，未读取：{'、'.join(text[:20] for text in ignored_here)}。")
    ignored = [cell.text for column, cell in grid.rows[head_row].items() if column not in columns.values()]
    ignored = [text for text in ignored if plain(text) not in ("序号", "导入问题", "备注") and text not in ignored_here]
    if ignored:
        notices.append(f"这些列不认识，未读取：{'、'.join(text[:20] for text in ignored)}。")
    return Table(_without_repeats([_with_members(row, members, titles) for row in rows]), notices)


def _head_of(grid: Grid) -> tuple[int, dict[str, int]] | None:
    """The first row with both names that cannot be missing; key to column."""
    for number, row in grid.rows.items():
        columns: dict[str, int] = {}
        for column, cell in sorted(row.items()):
            key = key_of(cell.text)
            if key is not None:
                columns.setdefault(key, column)
        if {"group_name", "topic_name"} <= columns.keys():
            return number, columns
    return None


def _filled(grid: Grid, number: int, columns: Mapping[str, int]) -> bool:
    """More than a serial number or a remark below the table."""
    return any(column in grid.rows[number] for key, column in columns.items() if key in ("group_name", "topic_name"))


def _row(
    grid: Grid, number: int, head_row: int, columns: Mapping[str, int], awards: Mapping[str, int],
    titles: Mapping[str, str],
) -> GroupRow:  # fmt: skip
    entries: dict[str, Entry] = {}
    places: dict[str, str] = {}
    raw: dict[str, str] = {}
    problems: list[Problem] = []
    for key, column in columns.items():
        cell = grid.at(number, column)
        title = titles[key]
        places[key] = cell.place
        if not cell.text:
            continue
        raw[key] = cell.text
        if cell.formula:
            problems.append(Problem(cell.place, title, cell.text, "是公式，请粘贴为数值。"))
            continue
        try:
            entries[key] = entry_of(key, cell, grid.at(head_row, column).text, awards)
        except Misread as misread:
            problems.append(Problem(cell.place, title, cell.text, str(misread)))
    for key in ("group_name", "topic_name"):
        if key not in raw:
            problems.append(Problem(places[key], titles[key], "", f"请填写{titles[key]}。"))
    name, topic = raw.get("group_name", ""), raw.get("topic_name", "")
    return GroupRow(number, name, topic, entries, places, raw, problems)


class _Person(NamedTuple):
    place: str
    raw: str
    entry: dict[str, str]
    problem: str


def _members(grids: list[Grid], rows: list[GroupRow], fields: FieldList) -> tuple[dict[str, list[_Person]], list[str]]:
    """From the sheets that have 小组名称 and 姓名 as heads: people by comparable name of their group."""
    found: dict[str, list[_Person]] = {}
    for grid in grids:
        head = next(
            ((number, heads) for number, row in grid.rows.items()
             if {"group", "name"} <= (heads := _member_heads(row)).keys()), None
        )  # fmt: skip
        for number in grid.rows if head else ():
            if head and number > head[0]:
                group, person = _person(grid, number, head[1], fields)
                if person is not None:
                    found.setdefault(comparable_name(group), []).append(person)
    names = {comparable_name(row.name) for row in rows}
    lost = sorted(set(found) - names - {""})
    notices = [f"“成员”表中的这些小组在汇总表中没有，成员未读取：{'、'.join(lost)}。"] if lost else []
    return found, notices


def _member_heads(row: Mapping[int, Any]) -> dict[str, int]:
    heads: dict[str, int] = {}
    for column, cell in sorted(row.items()):
        field = member_column(cell.text)
        if field is not None:
            heads.setdefault(field, column)
    return heads


def _person(grid: Grid, number: int, heads: Mapping[str, int], fields: FieldList) -> tuple[str, _Person | None]:
    texts = fields.member({field: grid.at(number, column).text for field, column in heads.items()})
    group, place = texts.pop("group", ""), f"{grid.title} {grid.at(number, heads['name']).place}"
    if not any(texts.values()):
        return group, None
    problem = ""
    if any(grid.at(number, column).formula for column in heads.values()):
        problem = "是公式，请粘贴为数值。"
    role, gender = texts.get("group_role", ""), texts.get("gender", "")
    if role and role not in ROLES:
        problem = f"{fields.title('members.group_role')}应为组长、副组长或组员。"
    if gender and gender not in GENDERS:
        problem = f"{fields.title('members.gender')}应为男或女。"
    entry = {**texts, "group_role": ROLES.get(role, "member"), "gender": GENDERS.get(gender, "")}
    return group, _Person(place, texts.get("name", ""), entry, problem)


def _with_members(row: GroupRow, members: Mapping[str, list[_Person]], titles: Mapping[str, str]) -> GroupRow:
    people = members.get(comparable_name(row.name), [])
    if not people:
        return row
    if "members" in row.raw:
        said = "成员在本行和“成员”表中都有，请只填一处。"
        both = Problem(row.places["members"], titles["members"], row.raw["members"], said)
        return row._replace(problems=[*row.problems, both])
    wrong = [Problem(one.place, titles["members"], one.raw, one.problem) for one in people if one.problem]
    return row._replace(
        entries={**row.entries, "members": [one.entry for one in people]},
        places={**row.places, "members": people[0].place},
        raw={**row.raw, "members": "；".join(one.raw for one in people)},
        problems=[*row.problems, *wrong],
    )


def identity(name: str, topic: str) -> tuple[str, str]:
    return comparable_name(name), comparable_name(topic)


def _without_repeats(rows: list[GroupRow]) -> list[GroupRow]:
    seen: dict[tuple[str, str], int] = {}
    answer = []
    for row in rows:
        mine = identity(row.name, row.topic)
        if mine in seen and row.name:
            twice = Problem(row.places["group_name"], "小组名称", row.name, f"与第 {seen[mine]} 行的小组和课题相同。")
            row = row._replace(problems=[*row.problems, twice])
        seen.setdefault(mine, row.number)
        answer.append(row)
    return answer


def as_json(rows: list[GroupRow]) -> list[dict[str, Any]]:
    return [{**row._asdict(), "problems": [list(one) for one in row.problems]} for row in rows]


def from_json(stored: list[dict[str, Any]]) -> list[GroupRow]:
    return [GroupRow(**{**one, "problems": [Problem(*each) for each in one["problems"]]}) for one in stored]
