"""The association's summary tables as one workbook, ready to print: A4 landscape, titles on every page.

Rates stand as values, rounded as on the page: a formula has no result until a spreadsheet program has opened the
file, and phones and previews would show nothing. What a person typed can never become a formula.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from applications import statistics
from applications.exchange import safe_text, saved
from applications.figures import reports, sums
from applications.figures.outliers import Outlier
from applications.figures.sums import Entry, Line, Total
from applications.models import Enterprise, Programme
from applications.models.enterprises import Industry
from applications.regions import SHORT

CENT = Decimal("0.01")
HEAD_ROW = 4  # title, scope and date, blank; then the head of the table
SHEETS = ("汇总", "分市州", "分行业", "分企业", "缺报单位", "异常值")
SERIAL, COUNT, MONEY, RATE, CHANGE = "0", "#,##0", "#,##0.00", "0.00", "+0.0;-0.0;0.0"
_THIN = Border(*[Side(style="thin", color="7C8F8C")] * 4)
_HEAD = PatternFill("solid", fgColor="EAF0ED")
_TEXT, _BOLD, _TITLE = Font(name="宋体", size=11), Font(name="宋体", size=11, bold=True), Font(name="黑体", size=16)


class Content(NamedTuple):
    programme: Programme
    scope: str
    at: datetime
    entries: list[Entry]
    last: list[Entry]
    last_year: int | None
    missing: Sequence[Enterprise]
    outliers: Sequence[Outlier]


class Column(NamedTuple):
    title: str
    width: float


def wan(yuan: sums.Number) -> Decimal:
    """元 as 万元 with two places, ROUND_HALF_UP: rounded once, after adding up."""
    return (Decimal(yuan) / statistics.WAN).quantize(CENT, ROUND_HALF_UP)


def build(content: Content) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    total = sums.total(content.entries)
    _summary(book, content, total)
    _places(book, content, "分市州", [*reports.by_city(content.entries), Line("", "合计", total)])
    _places(book, content, "分行业", [*reports.by_industry(content.entries), Line("", "合计", total)])
    _enterprises(book, content, total)
    _missing(book, content)
    _outliers(book, content)
    return saved(book)


# --- The six sheets ---------------------------------------------------------------------------------


def _summary(book: Workbook, content: Content, total: Total) -> None:
    last = sums.total(content.last) if content.last else None
    before = f"{content.last_year} 年合计" if last else "上年合计"
    columns = [
        Column("序号", 7), Column("统计项目", 34), Column("单位", 9), Column("合计", 18),
        Column("填报单位数", 13), Column(before, 18), Column("增减（%）", 13), Column("说明", 30),
    ]  # fmt: skip
    sheet = _sheet(book, content, "汇总", "质量管理小组活动统计汇总表", columns)
    for place, row in enumerate(statistics.ROWS, HEAD_ROW + 1):
        rate = row.field in statistics.COMPUTED
        change = None if rate or last is None else sums.change(total.of(row.field), last.of(row.field))
        values = [
            int(row.number), row.label, row.unit, cell_value(row.field, total), total.filled.get(row.field),
            cell_value(row.field, last) if last else None, change, row.note,
        ]  # fmt: skip
        form = format_of(row.field)
        _write(sheet, place, values, [SERIAL, "", "", form, COUNT, form, CHANGE, ""])
    end = HEAD_ROW + len(statistics.ROWS) + 2
    for offset, text in enumerate(_notes(content, total)):
        sheet.cell(end + offset, 1, safe_text(text)).font = _TEXT


def _notes(content: Content, total: Total) -> list[str]:
    return [
        f"填报单位 {total.enterprises} 家，缺报单位 {len(content.missing)} 家，异常值 {len(content.outliers)} 项。",
        "成果率＝第 8 项÷第 3 项，普及率＝第 7 项÷第 1 项，活动率＝第 6 项÷第 3 项，由合计计算，不是各单位比率的平均。",
        "金额以元相加后折算为万元；金额和比率保留两位小数，四舍五入。",
    ]


def _places(book: Workbook, content: Content, name: str, lines: list[Line]) -> None:
    """Rows of attachment 3 downwards, places across: so it fits the page."""
    places = [Column(line.label, 12) for line in lines]
    columns = [Column("序号", 6), Column("统计项目", 30), Column("单位", 7), *places]
    sheet = _sheet(book, content, name, f"质量管理小组活动统计表（{name}）", columns, frozen="D")
    reporting = ["", "填报单位数", "家", *(line.total.enterprises for line in lines)]
    _write(sheet, HEAD_ROW + 1, reporting, ["", "", "", *[COUNT] * len(lines)])
    for place, row in enumerate(statistics.ROWS, HEAD_ROW + 2):
        values = [int(row.number), row.label, row.unit, *(cell_value(row.field, line.total) for line in lines)]
        _write(sheet, place, values, [SERIAL, "", "", *[format_of(row.field)] * len(lines)])


FIGURE_COLUMNS = tuple(
    Column(f"{row.label.removeprefix('其中：')}（{row.unit}）", 12 if row.field in statistics.MONEY else 8.5)
    for row in statistics.ROWS
)


def _enterprises(book: Workbook, content: Content, total: Total) -> None:
    columns = [Column("序号", 5), Column("单位名称", 26), Column("市（州）", 11), Column("行业", 11), Column("依据", 8)]
    sheet = _sheet(book, content, "分企业", "质量管理小组活动统计表（分企业）", [*columns, *FIGURE_COLUMNS], frozen="C")
    industries = {each.value: str(each.label) for each in Industry}
    place = HEAD_ROW
    for place, entry in enumerate(content.entries, HEAD_ROW + 1):
        basis = "草稿" if entry.is_draft else f"第 {entry.version} 版"
        values = [place - HEAD_ROW, entry.name, SHORT.get(entry.city, sums.UNKNOWN_LABEL),
                  industries.get(entry.industry, sums.UNKNOWN_LABEL), basis]  # fmt: skip
        _write(sheet, place, [*values, *_figures(sums.total([entry]))], [SERIAL, "", "", "", "", *_formats()])
    _write(sheet, place + 1, ["", "合计", "", "", "", *_figures(total)], [""] * 5 + _formats(), bold=True)


def _missing(book: Workbook, content: Content) -> None:
    columns = [
        Column("序号", 6), Column("单位名称", 36), Column("市（州）", 18), Column("行业", 18), Column("上年", 10),
        Column("本年", 12), Column("联系人", 12), Column("联系电话", 18), Column("电子邮箱", 28),
    ]  # fmt: skip
    sheet = _sheet(book, content, "缺报单位", "未提交统计表的单位", columns, frozen="C")
    for place, row in enumerate(content.missing, HEAD_ROW + 1):
        values = [
            place - HEAD_ROW, row.name, row.city_label, row.get_industry_display(),  # type: ignore[attr-defined]
            "已报" if row.reported_before else "未报", "填写中" if row.has_draft else "未填写",  # type: ignore[attr-defined]
            row.contact_name, row.contact_phone, row.contact_email,
        ]  # fmt: skip
        _write(sheet, place, values, [SERIAL, *[""] * 8])


def _outliers(book: Workbook, content: Content) -> None:
    columns = [Column("序号", 6), Column("单位名称", 32), Column("项目", 28), Column("本单位数值", 18),
               Column("为什么列出", 56), Column("单位说明", 40)]  # fmt: skip
    sheet = _sheet(book, content, "异常值", "需要核对的数值", columns, frozen="C")
    for place, one in enumerate(content.outliers, HEAD_ROW + 1):
        values = [place - HEAD_ROW, one.entry.name, one.label, one.value, one.reason, one.explanation or "未说明"]
        _write(sheet, place, values, [SERIAL, *[""] * 5], tall=True)


# --- Cells ------------------------------------------------------------------------------------------


def cell_value(field: str, total: Total) -> sums.Number | None:
    """As the page shows it: counts whole, money in 万元 and rates in percent with two places; None for nothing."""
    value = total.of(field)
    return wan(value) if value is not None and field in statistics.MONEY else value


def _figures(total: Total) -> list[sums.Number | None]:
    return [cell_value(row.field, total) for row in statistics.ROWS]


def _formats() -> list[str]:
    return [format_of(row.field) for row in statistics.ROWS]


def format_of(field: str) -> str:
    return MONEY if field in statistics.MONEY else RATE if field in statistics.COMPUTED else COUNT


def _write(
    sheet: Worksheet, place: int, values: Iterable[Any], formats: Iterable[str], *, bold: bool = False,
    tall: bool = False,
) -> None:  # fmt: skip
    for column, (value, form) in enumerate(zip(values, formats, strict=True), 1):
        cell = sheet.cell(place, column, safe_text(value) if isinstance(value, str) else value)
        cell.font = _BOLD if bold else _TEXT
        cell.border = _THIN
        side = "center" if form == SERIAL else "right" if form else "left"
        cell.alignment = Alignment(vertical="center", wrap_text=not form, horizontal=side)
        if form:
            cell.number_format = form
    sheet.row_dimensions[place].height = 36 if tall else 21


def _sheet(
    book: Workbook, content: Content, name: str, title: str, columns: Sequence[Column], *, frozen: str = "A"
) -> Worksheet:
    """A sheet with its title, what it is about, the head of the table, and how it prints."""
    sheet: Worksheet = book.create_sheet(name)
    sheet["A1"] = f"{content.programme.data_year} 年度青海省{title}"
    sheet["A1"].font = _TITLE
    sheet["A2"] = f"统计范围：{content.scope}　{content.programme.year} 年度活动"
    sheet["A2"].font = _TEXT
    sheet["A3"] = f"制表时间：{timezone.localtime(content.at):%Y年%m月%d日 %H:%M}　金额单位：万元"
    sheet["A3"].font = _TEXT
    for number, column in enumerate(columns, 1):
        cell = sheet.cell(HEAD_ROW, number, column.title)
        cell.font, cell.fill, cell.border = _BOLD, _HEAD, _THIN
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.row_dimensions[1].height, sheet.row_dimensions[HEAD_ROW].height = 28, 64
    sheet.freeze_panes = f"{frozen}{HEAD_ROW + 1}"
    sheet.print_title_rows = f"1:{HEAD_ROW}"
    _page(sheet)
    return sheet


def _page(sheet: Worksheet) -> None:
    """A4 landscape, as wide as the page, with its name, the date of printing and page numbers."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top = sheet.page_margins.bottom = 0.7
    sheet.oddHeader.right.text = "&A"
    sheet.oddFooter.left.text = "打印日期 &D"
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
