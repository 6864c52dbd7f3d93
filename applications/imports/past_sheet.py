"""A list of past results, row by row: what each cell means, what is wrong with it. Pure but for the labels."""

import hashlib
import re
import unicodedata
from typing import Any, BinaryIO, NamedTuple

from applications.imports.lists import Column, Line, read, template
from applications.topics import LABELS, TopicType
from applications.validators import check_credit_code, comparable_name, normalise_credit_code

COLUMNS = (
    Column(
        "year", ("年度", "年份", "年", "活动年度", "获奖年度"), 8, "2024",
        "四位数字；整张名单同一年的，可在上传时填写。",
    ),
    Column("round", ("期次", "期", "批次", "第几期"), 8, "第一期", "第一期或第二期，不分期的空着。"),
    Column(
        "unit_name", ("单位名称", "单位", "企业名称", "申报单位", "完成单位", "推荐单位名称", "企业", "公司名称"),
        34, "青海湖光盐化股份有限公司",
    ),
    Column(
        "credit_code", ("统一社会信用代码", "信用代码", "社会信用代码"), 24, "",
        "有的填写，用来对应平台上的单位；没有的按名称对应。",
    ),
    Column(
        "group_name", ("小组名称", "QC小组名称", "质量管理小组名称", "小组", "QC小组", "获奖小组"),
        24, "红柳QC小组",
    ),
    Column(
        "topic_name", ("课题名称", "成果名称", "课题", "项目名称", "成果", "活动课题", "获奖课题"),
        44, "提高碳酸锂包装一次合格率",
    ),
    Column("topic_type", ("课题类型", "成果类型", "类型", "课题类别"), 18, "问题解决型·自定目标"),
    Column(
        "award_level", ("获奖等级", "等级", "奖项", "奖级", "获奖等次", "奖项等级", "名次", "评定结果"),
        14, "一等奖",
    ),
    Column("special_award", ("单项奖", "专项奖", "单项奖名称"), 26, ""),
    Column("note", ("备注", "说明"), 20, ""),
)  # fmt: skip
LIMITS = {"unit_name": 100, "group_name": 60, "topic_name": 100, "award_level": 40, "special_award": 60, "note": 200}
GUIDE = (
    "每行一个获奖小组。列的顺序可以调换，也可以上传协会原有的名单，只要有写着“单位名称”和“小组名称”的表头行。",
    "表头上面的标题行、合并的单元格、单独成行的“一等奖”等小标题都能识别。格子里请填数值，不要填公式。",
    "有一行不对，先改好或不勾选该行；确认时所选各行一起导入，有一行不能导入则全部不导入。",
    "同一年度、期次、单位、小组、课题的再次上传会认出是重复，不会导入两次。",
)
_TYPES = (
    (re.compile(r"创新"), TopicType.INNOVATION),
    (re.compile(r"指令"), TopicType.DIRECTIVE),
    (re.compile(r"自定|自选|问题解决|现场|攻关|服务|管理"), TopicType.SELF_SET),
)
_LEVEL = re.compile(r"^(.{0,12}?(?:特等奖|一等奖|二等奖|三等奖|优秀奖|优胜奖|优秀小组|金奖|银奖|铜奖))(?:[（(].*)?$")
_ROUND = re.compile(r"第?\s*([一二12])\s*[期批]")


class PastRow(NamedTuple):
    """``values`` by model field; ``problems`` keep the row out, ``notes`` are worth a look."""

    number: int
    values: dict[str, Any]
    problems: list[str]
    notes: list[str]
    identity: str = ""
    duplicate: str = ""  # of which stored result


def parse(stream: BinaryIO, default_year: int | None, this_year: int) -> tuple[list[PastRow], list[str]]:
    found = read(stream, COLUMNS, frozenset({"unit_name", "group_name"}), "往年成果名单")
    title_year = re.search(r"(20[0-3]\d)\s*年", found.titles)
    year = default_year or (int(title_year[1]) if title_year else None)
    title_round = _ROUND.search(found.titles)
    notices = list(found.notices)
    if "year" not in found.columns and year:
        notices.append(f"表中没有年度列，按 {year} 年读取。")
    rows = [_row(line, year, _number(title_round[1]) if title_round else None, this_year) for line in found.lines]
    return _without_repeats([row for row in rows if row.values["unit_name"] or row.values["group_name"]]), notices


def _number(text: str) -> int:
    return 1 if text in ("一", "1") else 2


def _row(line: Line, year: int | None, round_number: int | None, this_year: int) -> PastRow:
    texts = {key: _one_line(text) for key, text in line.texts.items()}
    problems = [f"{_title(key)}（{line.places[key]}）是公式，请粘贴为数值。" for key in sorted(line.formulas)]
    notes: list[str] = []
    values: dict[str, Any] = {key: texts.get(key, "") for key in LIMITS}
    for key, limit in LIMITS.items():
        if len(values[key]) > limit:
            problems.append(f"{_title(key)}超过 {limit} 字。")
    values["year"] = _year(texts.get("year", ""), year, this_year, problems)
    values["round_number"] = _round(texts.get("round", ""), round_number, problems)
    values["credit_code"] = _code(texts.get("credit_code", ""), problems)
    values["topic_type"] = _type(texts.get("topic_type", ""), notes)
    level = _LEVEL.match(line.above)
    if not values["award_level"] and level:
        values["award_level"] = level[1]
    for key in ("unit_name", "group_name"):
        if not values[key]:
            problems.append(f"缺{_title(key)}。")
    return PastRow(line.number, values, problems, notes, identity_of(values))


def _title(key: str) -> str:
    return next(column.heads[0] for column in COLUMNS if column.key == key)


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _year(text: str, default: int | None, this_year: int, problems: list[str]) -> int | None:
    match = re.search(r"(19|20)\d\d", unicodedata.normalize("NFKC", text))
    year = int(match[0]) if match else default
    if text and not match:
        problems.append(f"年度“{text[:20]}”看不懂，请写四位数字。")
    elif year is None:
        problems.append("缺年度，请补上，或在上传时填写整张名单的年度。")
    elif not 1978 <= year <= this_year:
        problems.append(f"年度 {year} 不在 1978 至 {this_year} 之间。")
    return year


def _round(text: str, default: int | None, problems: list[str]) -> int | None:
    if not text:
        return default
    match = _ROUND.search(text) or re.fullmatch(r"([一二12])", text)
    if match is None:
        problems.append(f"期次“{text[:20]}”看不懂，请写第一期或第二期。")
        return None
    return _number(match[1])


def _code(text: str, problems: list[str]) -> str:
    code = normalise_credit_code(text)
    if code:
        try:
            check_credit_code(code)
        except ValueError as error:
            problems.append(str(error))
    return code[:18]


def _type(text: str, notes: list[str]) -> str:
    if not text:
        return ""
    exact = next((kind for kind, label in LABELS.items() if label == text), None)
    found = exact or next((kind for pattern, kind in _TYPES if pattern.search(text)), None)
    if found is None:
        notes.append(f"课题类型“{text[:20]}”没有认出，空着导入。")
        return ""
    if exact is None:
        notes.append(f"课题类型“{text[:20]}”按“{LABELS[found]}”读取。")
    return found.value


def identity_of(values: dict[str, Any]) -> str:
    """The same result again, however it is spaced and whichever list it stands in."""
    # Not the credit code: one list has it and another lacks it.
    names = [comparable_name(str(values[key])) for key in ("unit_name", "group_name", "topic_name")]
    parts = [str(values["year"]), str(values["round_number"] or ""), *names]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _without_repeats(rows: list[PastRow]) -> list[PastRow]:
    seen: dict[str, int] = {}
    answer = []
    for row in rows:
        if row.identity in seen:
            row.problems.append(f"与第 {seen[row.identity]} 行相同。")
        seen.setdefault(row.identity, row.number)
        answer.append(row)
    return answer


def as_json(rows: list[PastRow]) -> list[dict[str, Any]]:
    return [row._asdict() for row in rows]


def from_json(stored: list[dict[str, Any]]) -> list[PastRow]:
    return [PastRow(**one) for one in stored]


def workbook() -> bytes:
    return template("青海省优秀质量管理小组往年成果名单", COLUMNS, GUIDE)
