"""核算表: a ranking once more as a workbook of live formulas, made from the stored inputs and nothing else.

It is a second computation: the portal puts in points and rules, the spreadsheet program does the arithmetic.
Sums are taken in hundredths of a point and weights in thousandths: a whole number divided by a whole number has
its half exactly, so that ROUND in binary arithmetic rounds half up as the portal does in decimal arithmetic.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from applications.exchange import safe_text
from reviews.scoring.frozen import Filing, Json, Snapshot, snapshot_of
from reviews.scoring.rules import KIND_LABELS, TIE_LABELS, UNLISTED_LABELS, Kind, RoundRules, Sheet, Tie, Unlisted

RULES, RESULT = "规则", "核算"
RULE_HEAD = ["期", "阶段", "权重", "最少有效份数", "去高去低起始份数", "各去几份"]
UNROLLED = 3  # formulas drop up to three at each end, so that 各去几份 may be tried out in the sheet
NOTES = (
    "本表由平台导出评委的分数和规则，均分、总分和名次由电子表格软件用公式计算，与平台的计算各自独立。",
    "“资料”“现场”“发表”各表：每行一份申报；回避、未交不计入；够份数时去最高、最低，再求平均，四舍五入保留两位。",
    "“核算”表：总分 = 各阶段均分 × 权重之和，四舍五入保留两位；同分按“规则”表的次序比较。末列核对与平台是否一致。",
    "为避免二进制小数的误差，公式先把分数乘 100 化为整数再相除，结果与手工计算一致。",
)


@dataclass(frozen=True)
class StageCells:
    """Where one filing's stage stands: cells with its mean and the mean of the tie item."""

    mean: str
    item: str


def workbook(inputs: Json, rows: Sequence[Json], *, title: str) -> bytes:
    """``inputs`` of a ranking as formulas; ``rows`` are the portal's own answer, shown beside for comparison."""
    snapshot = snapshot_of(inputs)
    book = Workbook(write_only=True)
    notes = book.create_sheet("说明")
    notes.column_dimensions["A"].width = 110
    for text in (safe_text(title), *NOTES):
        notes.append([text])
    rule_rows = _write_rules(book, snapshot)
    cells = {
        kind: _write_stage(book, kind, snapshot, rule_rows)
        for kind in Kind
        if any(rule.kind == kind for rules in snapshot.rules.values() for rule in rules.stages)
    }
    _write_result(book, snapshot, rule_rows, cells, {row["application"]: row for row in rows})
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


RuleRows = dict[tuple[str, Kind], int]


def _write_rules(book: Workbook, snapshot: Snapshot) -> RuleRows:
    sheet = book.create_sheet(RULES)
    for at, width in enumerate((16, 10, 10, 16, 20, 12), 1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.append(_bold(sheet, RULE_HEAD))
    rows: RuleRows = {}
    for slug, rules in snapshot.rules.items():
        for rule in rules.stages:
            rows[slug, rule.kind] = len(rows) + 2
            sheet.append(
                [slug, KIND_LABELS[rule.kind], float(rule.weight), rule.min_valid, rule.trim_from, rule.trim_count]
            )
    sheet.append([])
    sheet.append(["同分次序", "、".join([*(TIE_LABELS[tie] for tie in snapshot.tie_order), "评审组合议"])])
    for slug, rules in snapshot.rules.items():
        sheet.append(["未入选发表", f"{slug}：{UNLISTED_LABELS[rules.unlisted]}"])
    return rows


def _write_stage(book: Workbook, kind: Kind, snapshot: Snapshot, rule_rows: RuleRows) -> dict[str, StageCells]:
    """One row per filing: points, items, and the formulas of both means."""
    label = KIND_LABELS[kind]
    sheet = book.create_sheet(label)
    sheet.freeze_panes = "C2"
    filings = [
        filing for filing in snapshot.filings if (filing.round, kind) in rule_rows and filing.entry.sheets.get(kind)
    ]
    seats = max((len(filing.entry.sheets[kind]) for filing in filings), default=1)
    first_item = 3 + seats + 5
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 18, 24
    sheet.append(_bold(sheet, _stage_head(label, seats)))
    cells = {}
    for row, filing in enumerate(filings, 2):
        sheets = filing.entry.sheets[kind]
        rule = rule_rows[filing.round, kind]
        points = f"C{row}:{get_column_letter(2 + seats)}{row}"
        items = f"{get_column_letter(first_item)}{row}:{get_column_letter(first_item + seats - 1)}{row}"
        n, t, total, counted, mean = (f"{get_column_letter(3 + seats + at)}{row}" for at in range(5))
        ni, ti, item_total, item_mean = (f"{get_column_letter(first_item + seats + at)}{row}" for at in range(4))
        sheet.append([
            safe_text(filing.facts["file_number"]), safe_text(filing.facts["group"]),
            *_padded([_points(each) for each in sheets], seats),
            f"=COUNT({points})", _trims(n, rule), _sum(points, t), f"={n}-2*{t}",
            f'=IF({n}<MAX({RULES}!$D${rule},1),"",ROUND({total}/{counted},0)/100)',
            *_padded([_item(each) for each in sheets], seats),
            f"=COUNT({items})", _trims(ni, rule), _sum(items, ti),
            f'=IF(OR({mean}="",{ni}=0),"",ROUND({item_total}/({ni}-2*{ti}),0)/100)',
        ])  # fmt: skip
        cells[str(filing.entry.key)] = StageCells(f"{label}!${mean}", f"{label}!${item_mean}")
    return cells


def _stage_head(label: str, seats: int) -> list[str]:
    judges = [f"评委 {at}" for at in range(1, seats + 1)]
    return [
        "文件编号", "小组名称", *judges, "有效份数", "各去", "计入合计×100", "计入份数", f"{label}均分",
        *(f"{judge} 同分项" for judge in judges), "份数", "各去", "合计×100", "同分项均分",
    ]  # fmt: skip


def _padded(values: list[Any], seats: int) -> list[Any]:
    return [*values, *[None] * (seats - len(values))]


def _points(sheet: Sheet) -> float | str:
    if sheet.recused:
        return "回避"
    return "未交" if sheet.points is None else float(sheet.points)


def _item(sheet: Sheet) -> float | None:
    counts = not sheet.recused and sheet.points is not None and sheet.tie_item is not None
    return float(sheet.tie_item or Decimal(0)) if counts else None


def _trims(valid: str, rule: int) -> str:
    start, count = f"{RULES}!$E${rule}", f"{RULES}!$F${rule}"
    return f"=IF({valid}>=MAX({start},2*{count}+1),{count},0)"


def _sum(cells: str, trims: str) -> str:
    ends = "".join(
        f"-IF({trims}>={at},LARGE({cells},{at})+SMALL({cells},{at}),0)" for at in range(1, UNROLLED + 1)
    )  # fmt: skip
    return f"=ROUND((SUM({cells}){ends})*100,0)"


class _Columns:
    """The letters of the result sheet; 比 columns hold what a criterion comes to after skipping."""

    FIXED = ("number", "group", "unit", "listed", "document", "on_site", "presentation", "total", "tier", "key")

    def __init__(self, order: Sequence[Tie], last: int) -> None:
        names = [*self.FIXED, *(f"{part}_{tie.value}" for tie in order for part in ("raw", "used")),
                 "decision", "rank", "portal_total", "portal_rank", "same"]  # fmt: skip
        self.letters = {name: get_column_letter(at) for at, name in enumerate(names, 1)}
        self.order, self.last = order, last

    def cell(self, name: str, row: int) -> str:
        return f"{self.letters[name]}{row}"

    def all(self, name: str) -> str:
        letter = self.letters[name]
        return f"${letter}$2:${letter}${self.last}"

    def equal(self, names: Sequence[str], row: int) -> str:
        return ",".join(f"{self.all(name)},{self.cell(name, row)}" for name in names)


def _write_result(
    book: Workbook,
    snapshot: Snapshot,
    rule_rows: RuleRows,
    cells: dict[Kind, dict[str, StageCells]],
    portal: dict[str, Json],
) -> None:
    sheet = book.create_sheet(RESULT)
    sheet.freeze_panes = "C2"
    columns = _Columns(snapshot.tie_order, len(snapshot.filings) + 1)
    for name, width in (("number", 18), ("group", 24), ("unit", 34)):
        sheet.column_dimensions[columns.letters[name]].width = width
    ties = [text for tie in snapshot.tie_order for text in (TIE_LABELS[tie] + "×100", "比：" + TIE_LABELS[tie])]
    sheet.append(
        _bold(
            sheet,
            ["文件编号", "小组名称", "申报单位", "入选发表", "资料均分", "现场均分", "发表均分", "总分", "层次",
             "总分×100", *ties, "合议次序", "名次", "平台总分", "平台名次", "核对"],
        )
    )  # fmt: skip
    for row, filing in enumerate(snapshot.filings, 2):
        own = {kind: found.get(str(filing.entry.key)) for kind, found in cells.items()}
        rules = snapshot.rules[filing.round]
        sheet.append(list(_result_row(row, filing, rules, rule_rows, own, columns, portal[str(filing.entry.key)])))


def _result_row(
    row: int,
    filing: Filing,
    rules: RoundRules,
    rule_rows: RuleRows,
    own: dict[Kind, StageCells | None],
    columns: _Columns,
    portal: Json,
) -> Iterator[Any]:
    cell = columns.cell
    total = cell("total", row)
    yield from (safe_text(filing.facts[name]) for name in ("file_number", "group", "enterprise"))
    yield int(filing.entry.shortlisted)
    for kind in (Kind.DOCUMENT, Kind.ON_SITE, Kind.PRESENTATION):
        stage = own.get(kind)
        yield f"={stage.mean}" if stage else None
    yield _total(row, filing, rules, rule_rows, columns)
    presents = any(rule.kind == Kind.PRESENTATION for rule in rules.stages)
    below = presents and rules.unlisted == Unlisted.BELOW
    tier = f"1-{cell('listed', row)}" if below else "0"
    yield f'=IF({total}="","",{tier})'
    yield f'=IF({total}="","",ROUND({total}*100,0))'
    before = ["tier", "key"]
    for tie in columns.order:
        raw, used = f"raw_{tie.value}", f"used_{tie.value}"
        yield _raw(row, tie, rules, own, columns, presents)
        lacking = f'COUNTIFS({columns.equal(before, row)},{columns.all(raw)},"<0")'
        yield f'=IF({total}="","",IF({lacking}>0,0,{cell(raw, row)}))'
        before.append(used)
    yield from _rank_cells(row, filing, [*before, "decision"], columns, portal)


def _rank_cells(row: int, filing: Filing, keys: Sequence[str], columns: _Columns, portal: Json) -> Iterator[Any]:
    """The panel's order, the rank, the portal's own answer and whether both agree."""
    cell, total = columns.cell, columns.cell("total", row)
    yield -(filing.entry.decision or 10**6)
    better = [f'COUNTIFS({columns.all("tier")},"<"&{cell("tier", row)})']
    better += [
        f'COUNTIFS({columns.equal(keys[:at], row)},{columns.all(keys[at])},">"&{cell(keys[at], row)})'
        for at in range(1, len(keys))
    ]
    yield f'=IF({total}="","",1+{"+".join(better)})'
    yield None if portal["total"] is None else float(portal["total"])
    yield portal["rank"]
    pairs = (f'{cell(ours, row)}&""={cell(theirs, row)}&""' for ours, theirs in
             (("total", "portal_total"), ("rank", "portal_rank")))  # fmt: skip
    yield f'=IF(AND({",".join(pairs)}),"一致","不一致")'


def _total(row: int, filing: Filing, rules: RoundRules, rule_rows: RuleRows, columns: _Columns) -> str | None:
    means = {kind: columns.cell(kind.value, row) for kind in Kind}
    kinds = [rule.kind for rule in rules.stages]
    if not kinds:
        return '=""'
    lacking = ",".join(f'{means[kind]}=""' for kind in kinds)
    weighted = "+".join(
        f"ROUND({means[kind]}*100,0)*ROUND({RULES}!$C${rule_rows[filing.round, kind]}*1000,0)" for kind in kinds
    )
    full = f'IF(OR({lacking}),"",ROUND(({weighted})/1000,0)/100)'
    if Kind.PRESENTATION not in kinds:
        return f"={full}"
    document = means[Kind.DOCUMENT]
    alone = f'IF({document}="","",{document})'
    if rules.unlisted == Unlisted.UNRANKED or Kind.DOCUMENT not in kinds:
        alone = '""'
    return f"=IF({columns.cell('listed', row)}=1,{full},{alone})"


def _raw(
    row: int, tie: Tie, rules: RoundRules, own: dict[Kind, StageCells | None], columns: _Columns, presents: bool
) -> str | int:  # fmt: skip
    """The criterion in hundredths; -1 where this filing does not have it."""
    if tie not in rules.tie_order:
        return -1
    listed = f"{columns.cell('listed', row)}=1" if presents else "TRUE"
    if tie == Tie.ITEM:
        document, presentation = own.get(Kind.DOCUMENT), own.get(Kind.PRESENTATION)
        alone = f'IF({document.item}="",-1,ROUND({document.item}*100,0))' if document else "-1"
        if presentation is None:
            return f"={alone}"
        return f'=IF(AND({listed},{presentation.item}<>""),ROUND({presentation.item}*100,0),{alone})'
    kind = Kind(tie.value)
    if not any(rule.kind == kind for rule in rules.stages):
        return -1
    mean = columns.cell(kind.value, row)
    applies = "TRUE" if kind == Kind.DOCUMENT else listed
    return f'=IF(AND({applies},{mean}<>""),ROUND({mean}*100,0),-1)'


def _bold(sheet: Any, texts: Sequence[str]) -> list[WriteOnlyCell]:
    cells = []
    for text in texts:
        cell = WriteOnlyCell(sheet, value=text)
        cell.font = Font(bold=True)
        cells.append(cell)
    return cells
