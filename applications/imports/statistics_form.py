"""Attachment 3 as a workbook to fill in: locked but for the input cells, checked while typing, rates computed.

The sheet is protected without a password: against slips, not against people. Whoever must change its shape may;
the reader finds the rows by their names, not by their places.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from applications import exchange, statistics
from applications.exchange import safe_text
from applications.field_list import NOTHING_CHANGED, FieldList
from applications.imports.kinds import template_id

REVISION = 1
FIRST_ROW = 5
LAST_YEAR, THIS_YEAR, HINT = "D", "E", "F"
WIDTHS = {"A": 7, "B": 32, "C": 8, "D": 15, "E": 18, "F": 42, "G": 30}
LARGEST_COUNT = 10_000_000
LARGEST_WAN = 9_999_999_999

_THIN = Border(*[Side(style="thin", color="FF7C8F8C")] * 4)
_INPUT = PatternFill("solid", fgColor="FFFFF8DC")
_LOCKED = PatternFill("solid", fgColor="FFF3F6F4")
_HEAD = PatternFill("solid", fgColor="FFE9F3F3")
_RED = PatternFill("solid", bgColor="FFF6C7C3")
_AMBER = PatternFill("solid", bgColor="FFFBE3B5")


class Filled(NamedTuple):
    """What is known already. Values as in the model: counts, money in 元."""

    unit: str = ""
    credit_code: str = ""
    year: int | None = None
    data_year: int | None = None
    version: int = 0
    values: dict[str, Any] = {}
    last_year: dict[str, Any] = {}
    fields: FieldList = NOTHING_CHANGED

    @property
    def rows(self) -> tuple[statistics.Row, ...]:
        return self.fields.statistics_rows()

    @property
    def places(self) -> dict[str, int]:
        """The line of each row of this year's table."""
        return {row.field: FIRST_ROW + offset for offset, row in enumerate(self.rows)}

    @property
    def last_row(self) -> int:
        return FIRST_ROW + len(self.rows) - 1

    @property
    def signers(self) -> dict[str, tuple[str, int]]:
        """Label and line of those who sign."""
        return {
            name: (label, self.last_row + offset)
            for offset, (name, label) in enumerate(self.fields.signers().items(), 2)
        }


def workbook(filled: Filled) -> bytes:
    """The same input gives the same bytes."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - a new workbook has one
    sheet.title = "附件3"
    for column, width in WIDTHS.items():
        sheet.column_dimensions[column].width = width
    _head(sheet, filled)
    for row in filled.rows:
        _row(sheet, row, filled)
    _foot(sheet, filled)
    _checks(sheet, filled)
    _protect(sheet, filled.last_row)
    return exchange.saved(book)


def _head(sheet: Worksheet, filled: Filled) -> None:
    year = filled.data_year
    _merged(sheet, "A1:G1", "企业质量管理小组活动统计表", Font(name="宋体", size=16, bold=True), "center")
    small = Font(name="宋体", size=11)
    _merged(sheet, "A2:C2", f"填报单位：{filled.unit}", small)
    _merged(sheet, "D2:F2", f"统一社会信用代码：{filled.credit_code}", small)
    sheet["G2"] = f"统计年度：{year or '　　　　'}年"
    sheet["G2"].font = small
    _merged(
        sheet,
        "A3:G3",
        "只填浅黄色的格子：人数、个数填整数，金额单位是万元，没有的填 0；三项比率自动计算。"
        "填好后在平台“附件 3”页面上传。本表已锁定其他格子（没有密码，可在“审阅”中取消保护）。",
        Font(name="宋体", size=10, color="FF44565A"),
    )
    sheet["A3"].alignment = Alignment(wrap_text=True, vertical="center")
    sheet.row_dimensions[1].height, sheet.row_dimensions[3].height = 30, 32
    heads = (
        "序号",
        "统计项目",
        "单位",
        f"{year - 1}年" if year else "上年",
        f"{year}年" if year else "本年",
        "提示",
        "说明",
    )
    for column, text in enumerate(heads, 1):
        cell = sheet.cell(FIRST_ROW - 1, column, text)
        cell.font, cell.fill, cell.border = Font(name="黑体", size=11), _HEAD, _THIN
        cell.alignment = Alignment(horizontal="center")


def _merged(sheet: Worksheet, area: str, text: str, font: Font, horizontal: str = "left") -> None:
    sheet.merge_cells(area)
    cell = sheet[area.split(":")[0]]
    cell.value, cell.font, cell.alignment = safe_text(text), font, Alignment(horizontal=horizontal, vertical="center")


def _row(sheet: Worksheet, row: statistics.Row, filled: Filled) -> None:
    number = filled.places[row.field]
    label = row.label if row.required or row.field in statistics.COMPUTED else f"{row.label}（选填）"
    texts = (row.number, safe_text(label), row.unit, None, None, None, safe_text(row.note) or None)
    for column, text in enumerate(texts, 1):
        cell = sheet.cell(number, column, text)
        cell.border, cell.font, cell.fill = _THIN, Font(name="宋体", size=11), _LOCKED
        cell.alignment = Alignment(horizontal="left" if column in (2, 6, 7) else "center", wrap_text=True)
    sheet[f"{HINT}{number}"].font = Font(name="宋体", size=10, color="FF8A5300")
    for letter, values in ((LAST_YEAR, filled.last_year), (THIS_YEAR, filled.values)):
        cell = sheet[f"{letter}{number}"]
        cell.value = _number(row, values.get(row.field))
        cell.number_format = exchange.format_of(row)
        cell.alignment = Alignment(horizontal="right")
    sheet[f"{HINT}{number}"] = _hint(row, filled)
    this = sheet[f"{THIS_YEAR}{number}"]
    if row.field in statistics.COMPUTED:
        this.value = _rate(row.field, filled.places)
    else:
        this.fill, this.protection = _INPUT, Protection(locked=False)


def _number(row: statistics.Row, value: Any) -> int | float | None:
    """Money in 万元. A float only here: the file format has no other number."""
    if value is None:
        return None
    number = Decimal(statistics.to_wan(value) or 0) if row.field in statistics.MONEY else Decimal(value)
    return int(number) if number == int(number) else float(number)


RATES = {
    "result_rate": ("results_count", "groups_registered"),
    "participation_rate": ("participants", "employees"),
    "activity_rate": ("groups_active", "groups_registered"),
}


def _rate(field: str, places: Mapping[str, int]) -> str:
    top, bottom = (f"{THIS_YEAR}{places[name]}" for name in RATES[field])
    return f'=IF(AND(ISNUMBER({top}),N({bottom})>0),ROUND({top}/{bottom}*100,2),"")'


def _hint(row: statistics.Row, filled: Filled) -> str:
    """What statistics.check would say, while the person still has the workbook open. Hidden rows count as 0."""
    places = filled.places
    this = dict.fromkeys(statistics.BY_FIELD, "0") | {name: f"{THIS_YEAR}{place}" for name, place in places.items()}
    me, before = this[row.field], f"{LAST_YEAR}{places[row.field]}"
    if row.field in statistics.COMPUTED:
        return f'=IF(N({me})>100,"超过 100%，请核对","")'
    tests: list[tuple[str, str]] = [(f"ISTEXT({me})", "错误：请只填数字，不带单位"), (f"N({me})<0", "错误：不能为负数")]
    if row.field not in statistics.MONEY:
        unit = f"错误：单位是{row.unit}，请填整数"
        tests.append((f"N({me})<>INT(N({me}))", unit))
    tests += _comparisons(row.field, this)
    if row.field in ("employees", "groups_registered", "participants", "direct_benefit"):
        jump = f"AND(N({before})>0,N({me})>0,OR({me}>={before}*5,{me}*5<={before}))"
        tests.append((jump, "与上次填报相差 5 倍以上，请核对单位和小数点"))
    if row.required:
        inputs = f"${THIS_YEAR}${FIRST_ROW}:${THIS_YEAR}${filled.last_row}"
        tests.append((f"AND(ISBLANK({me}),COUNT({inputs})>0)", "请填写，没有的填 0"))
    formula = '""'
    for test, text in reversed(tests):
        formula = f'IF({test},"{text}",{formula})'
    return f"={formula}"


def _comparisons(field: str, this: dict[str, str]) -> list[tuple[str, str]]:
    def more(left: str, right: str) -> str:
        return f"AND(ISNUMBER({this[left]}),ISNUMBER({this[right]}),N({this[left]})>N({this[right]}))"

    employees, registered = this["employees"], this["groups_registered"]
    found = {
        "employees": [
            (f"AND(ISNUMBER({employees}),N({employees})<10,N({registered})>0)", "单位是人，请核对是否误填万人")
        ],
        "groups_cumulative": [(more("groups_registered", "groups_cumulative"), "错误：不应少于本年度登记注册小组数")],
        "groups_problem_solving": [
            (f"AND(ISNUMBER({registered}),N({this['groups_problem_solving']})+N({this['groups_innovation']})"
             f">N({registered}))", "错误：两种类型之和不应多于本年度登记注册小组数")
        ],
        "groups_active": [(more("groups_active", "groups_registered"), "多于本年度注册小组数，请核对")],
        "participants": [(more("participants", "employees"), "错误：不应多于企业职工总数")],
        "results_count": [(more("results_count", "groups_registered"), "多于本年度注册小组数，请核对")],
        "direct_benefit": [
            (f"AND(N({this['results_count']})>0,N({this['direct_benefit']})/MAX(1,N({this['results_count']}))>5000)",
             "平均每项成果超过 5000 万元，请核对是否按元填写")
        ],
        "cumulative_benefit": [(more("direct_benefit", "cumulative_benefit"), "错误：不应少于本年度直接经济效益")],
    }  # fmt: skip
    return found.get(field, [])


def _foot(sheet: Worksheet, filled: Filled) -> None:
    for field, (label, number) in filled.signers.items():
        sheet[f"B{number}"] = label
        sheet.merge_cells(f"C{number}:D{number}")
        sheet[f"C{number}"] = safe_text(str(filled.values.get(field) or "")) or None
        sheet[f"C{number}"].number_format = "@"
        for column in "CD":
            cell = sheet[f"{column}{number}"]
            cell.fill, cell.border, cell.protection = _INPUT, _THIN, Protection(locked=False)
    last = filled.last_row
    sheet[f"F{last + 2}"] = "单位盖章："
    sheet[f"F{last + 3}"] = "　　　　　年　　月　　日"
    for number in (last + 2, last + 3):
        for column in "BCF":
            sheet[f"{column}{number}"].font = Font(name="宋体", size=11)
    stamp = sheet[f"A{last + 5}"]
    stamp.value = template_id("QC3", REVISION, filled.year or 2000, filled.version, filled.credit_code)
    stamp.font = Font(name="宋体", size=9, color="FF5C6E70")


def _checks(sheet: Worksheet, filled: Filled) -> None:
    count = DataValidation(
        type="whole", operator="between", formula1="0", formula2=str(LARGEST_COUNT), allow_blank=True,
        errorTitle="请填整数", error="这里填 0 或正整数，单位见左边。职工 0.125 万人请填 1250。",
        promptTitle="填写数字", prompt="0 或正整数，不带单位。",
    )  # fmt: skip
    money = DataValidation(
        type="decimal", operator="between", formula1="0", formula2=str(LARGEST_WAN), allow_blank=True,
        errorTitle="请填金额", error="单位是万元，只填 0 或正数。例如 1200 元填 0.12，1.5 亿元填 15000。",
        promptTitle="单位是万元", prompt="只填数字，可有小数，例如 386.25。",
    )  # fmt: skip
    name = DataValidation(
        type="textLength", operator="lessThanOrEqual", formula1="50", allow_blank=True,
        errorTitle="姓名过长", error="最多 50 个字。",
    )  # fmt: skip
    for check in (count, money, name):
        check.showErrorMessage = check.showInputMessage = True
        sheet.add_data_validation(check)
    for field, number in filled.places.items():
        if field not in statistics.COMPUTED:
            (money if field in statistics.MONEY else count).add(f"{THIS_YEAR}{number}")
    for _label, number in filled.signers.values():
        name.add(f"C{number}")
    area = f"{THIS_YEAR}{FIRST_ROW}:{THIS_YEAR}{filled.last_row}"
    wrong = f'LEFT(${HINT}{FIRST_ROW},2)="错误"'
    sheet.conditional_formatting.add(area, FormulaRule(formula=[wrong], fill=_RED, stopIfTrue=True))
    sheet.conditional_formatting.add(area, FormulaRule(formula=[f'${HINT}{FIRST_ROW}<>""'], fill=_AMBER))


def _protect(sheet: Worksheet, last: int) -> None:
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    sheet.freeze_panes = f"A{FIRST_ROW}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 1
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]
    sheet.print_area = f"A1:G{last + 5}"
