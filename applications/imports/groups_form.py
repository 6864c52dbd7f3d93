"""The table of many groups as a workbook to fill in, and the rows that were refused as one to put right."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from applications import exchange
from applications.exchange import safe_text
from applications.field_list import NOTHING_CHANGED, FieldList
from applications.imports.groups_columns import MEMBER_WIDTHS, ROLES, Column, columns_of, member_heads
from applications.imports.groups_sheet import GROUPS_AT_MOST, GroupRow
from applications.imports.kinds import template_id
from applications.topics import LABELS

REVISION = 1
HEAD_ROW = 3
FIRST_ROW = HEAD_ROW + 1
LAST_ROW = HEAD_ROW + GROUPS_AT_MOST
MEMBERS_LAST_ROW = 1 + 1500
_THIN = Border(*[Side(style="thin", color="FF7C8F8C")] * 4)
_HEAD = PatternFill("solid", fgColor="FFE9F3F3")
_RED = PatternFill("solid", fgColor="FFFBEDEB")
_FONT = Font(name="宋体", size=11)
GUIDE = (
    "每行填一个小组，每个小组建立一份附件 1 草稿；小组名称和课题名称必填，其余可以先空着，以后在网上补充。",
    "列的顺序可以调换，不用的列可以删除；也可以上传本单位自己的表，只要有写着“小组名称”“课题名称”的表头行。",
    "课题类型、单项奖从下拉列表选择。多个单项奖用分号（；）隔开写全称。",
    "成员填在“成员”工作表，一行一人，用“小组名称”与汇总表对应；人少时也可以写在汇总表的“成员”列："
    "姓名/组内职务/分工，多人用分号隔开，例如“韩志远/组长/策划；扎西多杰/组员/实施”。两处只填一处。",
    "日期写成 2025-03-01；出勤率写 96.5（不带 %）；金额单位是万元，按元填写时请把表头改成“（元）”。",
    "一行中有一处不对，整行不导入；其余各行可以先导入，不对的行可下载成表，改好后再上传。",
    "同一小组同一课题在本期已有草稿或申报的，不会重复建立。活动过程（各步骤）和证实性材料请在网上填写、上传。",
    f"一次最多 {GROUPS_AT_MOST} 个小组。格子里请填数值，不要填公式。本表的锁定没有密码，可在“审阅”中取消。",
)


class Blank(NamedTuple):
    unit: str
    credit_code: str
    year: int
    round_label: str
    awards: list[str]
    fields: FieldList = NOTHING_CHANGED

    @property
    def columns(self) -> tuple[Column, ...]:
        return columns_of(self.fields)


def workbook(blank: Blank) -> bytes:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - a new workbook has one
    sheet.title = "小组汇总"
    _title(sheet, blank)
    _columns(sheet, HEAD_ROW, blank.columns, comments=True)
    _unlock(sheet, FIRST_ROW, LAST_ROW, [column.key for column in blank.columns])
    _members_sheet(book, blank.fields)
    _example_sheet(book, blank.columns)
    _guide_sheet(book, blank)
    _choices(book, sheet, blank)
    sheet.freeze_panes = f"C{FIRST_ROW}"
    sheet.protection.sheet = True
    # What people do to columns and rows is theirs to do: the reader goes by the heads.
    for name in ("formatColumns", "formatRows", "insertRows", "deleteRows", "sort", "autoFilter"):
        setattr(sheet.protection, name, False)
    return exchange.saved(book)


def _title(sheet: Worksheet, blank: Blank) -> None:
    sheet["A1"] = f"{blank.round_label}申报小组汇总表"
    sheet["A1"].font = Font(name="宋体", size=16, bold=True)
    sheet["A2"] = safe_text(f"填报单位：{blank.unit}　　一行一个小组，填法见“说明”，样子见“示例”")
    sheet["A2"].font = _FONT


def _columns(sheet: Worksheet, row: int, columns: tuple[Column, ...], *, comments: bool) -> None:
    for number, column in enumerate(columns, 1):
        cell = sheet.cell(row, number, safe_text(column.title))
        cell.font, cell.fill, cell.border = Font(name="黑体", size=11), _HEAD, _THIN
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        if comments and column.hint:
            cell.comment = Comment(column.hint, "填表说明", width=260, height=80)
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.row_dimensions[row].height = 32


def _unlock(sheet: Worksheet, first: int, last: int, keys: Sequence[str]) -> None:
    for row in range(first, last + 1):
        for number, key in enumerate(keys, 1):
            cell = sheet.cell(row, number)
            cell.protection, cell.border, cell.font = Protection(locked=False), _THIN, _FONT
            if key.endswith("_on"):
                cell.number_format = "yyyy-mm-dd"
            elif key in ("contact_phone", "group_registration_number", "topic_registration_number"):
                cell.number_format = "@"


def _members_sheet(book: Workbook, fields: FieldList) -> None:
    sheet = book.create_sheet("成员")
    for number, (name, title) in enumerate(member_heads(fields).items(), 1):
        cell = sheet.cell(1, number, safe_text(title))
        cell.font, cell.fill, cell.border = Font(name="黑体", size=11), _HEAD, _THIN
        sheet.column_dimensions[get_column_letter(number)].width = MEMBER_WIDTHS[name]
    sheet.freeze_panes = "A2"


def _example_sheet(book: Workbook, columns: tuple[Column, ...]) -> None:
    sheet = book.create_sheet("示例")
    _columns(sheet, 1, columns, comments=False)
    for number, column in enumerate(columns, 1):
        sheet.cell(2, number, column.example or None).alignment = Alignment(wrap_text=True, vertical="top")
    sheet["A4"] = "这一页只是样子，不会导入。"


def _guide_sheet(book: Workbook, blank: Blank) -> None:
    sheet = book.create_sheet("说明")
    sheet.column_dimensions["A"].width = 110
    for number, text in enumerate(("填表说明", *GUIDE), 1):
        cell = sheet.cell(number, 1, text)
        cell.alignment, cell.font = (
            Alignment(wrap_text=True, vertical="top"),
            Font(name="宋体", size=11, bold=number == 1),
        )
    stamp = book.worksheets[0].cell(1, 8, template_id("QCG", REVISION, blank.year, 0, blank.credit_code))
    stamp.font = Font(name="宋体", size=9, color="FF5C6E70")


def _choices(book: Workbook, sheet: Worksheet, blank: Blank) -> None:
    """Lists stand in cells: a list inside the check may have 255 characters only."""
    lists = book.create_sheet("选项")
    lists.sheet_state = "hidden"
    columns = {
        "topic_type": list(LABELS.values()),
        "special_awards": blank.awards,
        "role": ["组长", "副组长", "组员"],
        "gender": ["男", "女"],
    }
    for number, values in enumerate(columns.values(), 1):
        for row, value in enumerate(values, 1):
            lists.cell(row, number, safe_text(value))
    places = {column.key: get_column_letter(number) for number, column in enumerate(blank.columns, 1)}
    for position, (key, values) in enumerate(columns.items(), 1):
        if not values:
            continue
        letter = get_column_letter(position)
        check = DataValidation(
            type="list", formula1=f"选项!${letter}$1:${letter}${len(values)}", allow_blank=True, showErrorMessage=True,
            errorTitle="请从列表选择", error="请从下拉列表选择。",
        )  # fmt: skip
        if key == "special_awards":
            check.errorStyle, check.error = "warning", "多个单项奖用分号隔开写全称。继续吗？"
        if key in places:
            sheet.add_data_validation(check)
            check.add(f"{places[key]}{FIRST_ROW}:{places[key]}{LAST_ROW}")
        else:
            name = "group_role" if key == "role" else key
            heads = list(member_heads(blank.fields))
            if name in heads:
                people, at = book["成员"], get_column_letter(heads.index(name) + 1)
                people.add_data_validation(check)
                check.add(f"{at}2:{at}{MEMBERS_LAST_ROW}")
    _numbers(sheet, places)


def _numbers(sheet: Worksheet, places: dict[str, str]) -> None:
    whole = DataValidation(
        type="whole",
        operator="between",
        formula1="1",
        formula2="999",
        allow_blank=True,
        showErrorMessage=True,
        errorTitle="请填整数",
        error="请填 1 至 999 的整数。",
    )
    money = DataValidation(
        type="decimal",
        operator="greaterThanOrEqual",
        formula1="0",
        allow_blank=True,
        showErrorMessage=True,
        errorTitle="请填金额",
        error="单位是万元，只填 0 或正数。",
    )
    rate = DataValidation(
        type="decimal",
        operator="between",
        formula1="0",
        formula2="100",
        allow_blank=True,
        showErrorMessage=True,
        errorTitle="请填百分数",
        error="请填 0 至 100，例如 96.5。",
    )
    kinds = {"member_count": whole, "activity_count": whole, "economic_benefit": money, "activity_cost": money,
             "attendance_rate": rate}  # fmt: skip
    for check in (whole, money, rate):
        sheet.add_data_validation(check)
    for key, check in ((key, check) for key, check in kinds.items() if key in places):
        check.add(f"{places[key]}{FIRST_ROW}:{places[key]}{LAST_ROW}")


def refused_workbook(rows: Iterable[GroupRow], fields: FieldList = NOTHING_CHANGED) -> bytes:
    """The rows as they stood in the file, each with what is wrong with it, ready to be put right and sent again."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - a new workbook has one
    sheet.title = "待改正"
    rows = list(rows)
    read = {key for row in rows for key in (*row.raw, *row.places)}
    used = [column for column in columns_of(fields) if column.key in read]
    for number, title in enumerate((*(column.title for column in used), "导入问题"), 1):
        cell = sheet.cell(1, number, safe_text(title))
        cell.font, cell.fill = Font(name="黑体", size=11), _HEAD
        sheet.column_dimensions[get_column_letter(number)].width = 60 if title == "导入问题" else used[number - 1].width
    for position, row in enumerate(rows, 2):
        wrong = {problem.label for problem in row.problems}
        for number, column in enumerate(used, 1):
            cell = sheet.cell(position, number, safe_text(_text(row, column.key)) or None)
            cell.number_format = "@"
            if column.title in wrong:
                cell.fill = _RED
        text = "\n".join(f"{one.label}：{one.message}" for one in row.problems)
        sheet.cell(position, len(used) + 1, safe_text(text)).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "B2"
    _refused_members(book, rows, fields)
    return exchange.saved(book)


# Already in the units and spellings of our own heads, whatever the file's own were.
_AS_READ = frozenset({
    "economic_benefit", "activity_cost", "attendance_rate", "group_registered_on", "group_founded_on",
    "activity_starts_on", "activity_ends_on", "member_count", "activity_count", "training_hours",
})  # fmt: skip


def _text(row: GroupRow, key: str) -> str:
    read = row.entries.get(key)
    if key == "members" and "成员 " in row.places.get(key, ""):
        return ""  # they stand in a sheet of their own
    return read if key in _AS_READ and isinstance(read, str) else row.raw.get(key, "")


def _refused_members(book: Workbook, rows: list[GroupRow], fields: FieldList) -> None:
    _members_sheet(book, fields)
    sheet, position, heads = book["成员"], 1, list(member_heads(fields))
    roles, genders = {code: name for name, code in ROLES.items() if name != "成员"}, {"m": "男", "f": "女"}
    for row in rows:
        people = row.entries.get("members", []) if "成员 " in row.places.get("members", "") else []
        for one in people:
            if isinstance(one, dict):
                position += 1
                said = {
                    **one, "group": row.name, "group_role": roles.get(one.get("group_role", ""), ""),
                    "gender": genders.get(one.get("gender", ""), ""),
                }  # fmt: skip
                for number, name in enumerate(heads, 1):
                    sheet.cell(position, number, safe_text(said.get(name, "")) or None)
