"""The columns of the table of many groups: the names they go by, and what their cells mean. Pure Python."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from applications import statistics
from applications.field_list import FieldList
from applications.imports.sheets import Cell, in_brackets, number_of, plain
from applications.imports.synonyms import given_columns, given_names
from applications.imports.units import converted, unit_of
from applications.topics import LABELS, TopicType


class Column(NamedTuple):
    key: str
    title: str
    width: int
    hint: str
    example: str
    synonyms: tuple[str, ...] = ()


COLUMNS = (
    Column(
        "group_name", "小组名称", 18, "必填。以企业登记注册的名称为准。", "红柳QC小组", ("qc小组", "小组", "小组全称")
    ),
    Column(
        "topic_name",
        "课题名称",
        32,
        "必填。一般写成“对象＋问题＋结果”。",
        "提高碳酸锂包装一次合格率",
        ("课题", "活动课题", "成果名称", "项目名称"),
    ),
    Column("topic_type", "课题类型", 22, "从下拉列表选择。", "问题解决型·自定目标", ("类型", "课题类别", "成果类型")),
    Column(
        "group_registration_number", "小组注册号", 18, "企业的小组登记号。", "HG-QC-2025-011", ("注册号", "小组登记号")
    ),
    Column("group_registered_on", "小组注册日期", 14, "例如 2025-02-10。", "2025-02-10", ("注册日期", "登记日期")),
    Column("group_founded_on", "小组成立时间", 14, "例如 2019-05-01，没有可不填。", "", ("成立时间", "成立日期")),
    Column("topic_registration_number", "课题注册号", 18, "没有可不填。", "", ("课题登记号",)),
    Column("leader_name", "组长姓名", 12, "一个人。", "韩志远", ("组长", "小组组长")),
    Column("member_count", "小组人数", 10, "整数，含组长。", "8", ("人数", "成员人数")),
    Column(
        "activity_starts_on",
        "活动开始日期",
        14,
        "例如 2025-03-01。",
        "2025-03-01",
        ("开始日期", "活动起始日期", "开始时间"),
    ),
    Column(
        "activity_ends_on",
        "活动结束日期",
        14,
        "应晚于开始日期。",
        "2025-11-30",
        ("结束日期", "活动截止日期", "结束时间"),
    ),
    Column("activity_count", "活动次数", 10, "整数。", "24"),
    Column("attendance_rate", "出勤率（%）", 11, "0 至 100，例如 96.5。", "96.5", ("出勤率", "活动出勤率")),
    Column(
        "training_hours",
        "人均教育培训学时",
        14,
        "例如 48。",
        "48",
        ("培训学时", "人均学时", "人均培训学时", "人均受教育学时"),
    ),
    Column("target_value", "目标值", 24, "带单位。", "一次合格率由 96.00% 提高到 97.70%", ("课题目标", "活动目标")),
    Column("actual_value", "实际值", 18, "与目标同一口径。", "97.95%", ("实际达到值", "活动结果")),
    Column(
        "economic_benefit",
        "直接经济效益（万元）",
        16,
        "单位是万元，没有的填 0。",
        "46.2",
        ("经济效益", "效益", "直接效益", "年经济效益"),
    ),
    Column("activity_cost", "活动投入费用（万元）", 16, "单位是万元。", "9.2", ("投入费用", "活动费用", "活动成本")),
    Column(
        "benefit_basis",
        "效益计算依据",
        30,
        "写明公式和数据来源；填写了效益时提交前必填。",
        "按减少返工和包材损失计算",
        ("计算依据", "效益依据"),
    ),
    Column("social_benefit", "社会效益", 30, "", "减少粉尘外溢"),
    Column("main_results", "主要成果", 30, "形成的标准、制度、工艺等。", "形成封口温度控制标准"),
    Column("group_intro", "小组简介", 30, "300 字左右。", "成立于包装车间", ("简介", "小组概况")),
    Column("honours", "获奖与知识产权", 24, "没有可不填。", "", ("获奖情况", "获奖", "专利")),
    Column("completing_units", "完成单位", 24, "共同完成的其他单位，多个用分号隔开。", "", ("共同完成单位",)),
    Column(
        "special_awards",
        "申报单项奖",
        30,
        "从下拉列表选一项；多项时用分号隔开写全称，没有可不填。",
        "",
        ("单项奖", "单项奖类别"),
    ),
    Column("contact_name", "联系人", 12, "不填则用单位资料中的联系人。", "", ("联系人姓名",)),
    Column("contact_phone", "联系电话", 16, "手机，或带区号的固定电话。", "", ("电话", "手机", "联系方式", "手机号码")),
    Column("contact_email", "电子邮箱", 22, "", "", ("邮箱", "email", "e-mail")),
    Column(
        "members",
        "成员",
        34,
        "姓名/组内职务/分工，多人用分号隔开。也可填在“成员”工作表，两处不要重复。",
        "",
        ("小组成员", "成员名单", "成员及分工"),
    ),
)
BY_KEY = {column.key: column for column in COLUMNS}
KNOWN = {plain(name): column.key for column in COLUMNS for name in (column.title, *column.synonyms)}
MEMBER_COLUMNS = {
    "小组名称": "group",
    "小组": "group",
    "姓名": "name",
    "成员姓名": "name",
    "组内职务": "group_role",
    "职务": "group_role",
    "性别": "gender",
    "文化程度": "education",
    "学历": "education",
    "职务职称": "job_title",
    "职称": "job_title",
    "组内分工": "duty",
    "分工": "duty",
    "学时": "training_hours",
}
# Field and width of the sheet of members, in its order; the first column names the group.
MEMBER_WIDTHS = {
    "group": 18, "name": 12, "group_role": 12, "gender": 8, "education": 12, "job_title": 18, "duty": 30,
    "training_hours": 8,
}  # fmt: skip
ROLES = {"组长": "leader", "副组长": "deputy", "组员": "member", "成员": "member"}
GENDERS = {"男": "m", "女": "f"}
TYPES = {
    **{plain(label): kind.value for kind, label in LABELS.items()},
    "自定目标": TopicType.SELF_SET.value, "自选目标": TopicType.SELF_SET.value,
    "自定目标值": TopicType.SELF_SET.value, "问题解决型自选": TopicType.SELF_SET.value,
    "指令性目标": TopicType.DIRECTIVE.value, "指令性": TopicType.DIRECTIVE.value,
    "指令目标": TopicType.DIRECTIVE.value, "创新": TopicType.INNOVATION.value,
}  # fmt: skip
_SEPARATOR = re.compile(r"[；;\n]+")
_SERIAL_DAY = date(1899, 12, 30)


class Misread(ValueError):
    """The sentence for the person."""


def columns_of(fields: FieldList) -> tuple[Column, ...]:
    """The columns this year's programme asks for, under its names."""
    if not fields.rules:
        return COLUMNS
    return tuple(
        column._replace(title=_title(column, fields), hint=fields.help(column.key) or column.hint)
        for column in COLUMNS
        if not fields.hidden(column.key)
    )


def _title(column: Column, fields: FieldList) -> str:
    given = fields.given(column.key)
    unit = next((f"（{one}）" for one in in_brackets(column.title)), "")
    return f"{given}{unit}" if given else column.title


def member_heads(fields: FieldList) -> dict[str, str]:
    """The columns of the sheet of members this year, under their names."""
    shown = {"group": fields.title("group_name"), **fields.member_columns()}
    return {name: shown[name] for name in MEMBER_WIDTHS if name in shown}


def member_column(head: str) -> str | None:
    given = {plain(name): column for name, column in given_columns().items()}
    of_group = {plain(name) for name, key in given_names().items() if key == "group_name"}
    return given.get(plain(head)) or ("group" if plain(head) in of_group else MEMBER_COLUMNS.get(plain(head)))


def key_of(head: str) -> str | None:
    given = {plain(name): key for name, key in given_names().items() if key in BY_KEY}
    return given.get(plain(head)) or KNOWN.get(plain(head))


def entry_of(key: str, cell: Cell, head: str, awards: Mapping[str, int]) -> str | list[str] | list[dict[str, str]]:
    """The cell as the form's field takes it. Raises Misread."""
    text = cell.text
    if key == "topic_type":
        return _topic_type(text)
    if key == "special_awards":
        return [_award(one, awards) for one in parts_of(text)]
    if key == "completing_units":
        return "\n".join(parts_of(text))
    if key == "members":
        return [_member(one) for one in parts_of(text)]
    if key in ("economic_benefit", "activity_cost"):
        unit = next(filter(None, map(unit_of, in_brackets(head))), None)
        return converted(text, unit, statistics.BY_FIELD["direct_benefit"])[0]
    if key.endswith("_on"):
        return _day(cell)
    if key == "attendance_rate":
        return _rate(cell)
    if key in ("member_count", "activity_count", "training_hours"):
        number = number_of(re.sub(r"[人次小时学]+$", "", text.strip()))
        return text if number is None else format(number, "f")
    return text


def parts_of(text: str) -> list[str]:
    return [part.strip() for part in _SEPARATOR.split(text) if part.strip()]


def _topic_type(text: str) -> str:
    name = plain(text)
    if name in TYPES:
        return TYPES[name]
    if name in ("问题解决型", "问题解决"):
        raise Misread("请写明是“问题解决型·自定目标”还是“问题解决型·指令性目标”。")
    raise Misread(f"课题类型应为{'、'.join(f'“{label}”' for label in LABELS.values())}之一。")


def _award(text: str, awards: Mapping[str, int]) -> str:
    name = plain(text)
    found = [pk for title, pk in awards.items() if plain(title) == name or (len(name) >= 4 and name in plain(title))]
    if len(found) != 1:
        raise Misread(f"单项奖应为{'、'.join(f'“{title}”' for title in awards) or '空（本年度没有单项奖）'}。")
    return str(found[0])


def _member(text: str) -> dict[str, str]:
    name, *rest = (part.strip() for part in re.split(r"[/／]", text))
    role = rest[0] if rest else ""
    if role and role not in ROLES:
        raise Misread(f"“{text[:20]}”：组内职务应为组长、副组长或组员，写作“姓名/组内职务/分工”。")
    return {"name": name, "group_role": ROLES.get(role, "member"), "duty": "，".join(rest[1:])}


def _day(cell: Cell) -> str:
    """A date without its format is a count of days since 1900."""
    number = number_of(cell.text)
    if cell.numeric and number is not None and 20_000 < number < 80_000:
        return (_SERIAL_DAY + timedelta(days=int(number))).isoformat()
    return re.sub(r"\s", "", cell.text)


def _rate(cell: Cell) -> str:
    """A cell formatted as a percentage holds 0.965 for 96.5%."""
    typed = cell.text.rstrip("%％ ")
    number = number_of(typed)
    if number is None:
        return cell.text
    if cell.numeric and 0 < number <= 1:
        number *= Decimal(100)
    return format(number.normalize(), "f")
