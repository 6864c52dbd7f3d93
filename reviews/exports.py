"""成绩 as an Excel workbook: the ranking, every judge's points, the arithmetic. Written row by row."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from applications.exchange import safe_text
from reviews import scoring
from reviews.scoring.levels import Outcome
from reviews.scoring.words import plain
from reviews.standings import Line, Standings

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

RANKING_HEAD = ["名次", "文件编号", "小组名称", "申报单位", "课题名称", "课题类型", "入选发表"]
SHEETS_HEAD = ["文件编号", "小组名称", "阶段", "评委", "得分", "计入情况"]
ARITHMETIC_HEAD = ["文件编号", "小组名称", "阶段", "权重", "有效份数", "计入份数", "均分", "算式"]


def neutral(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets an apostrophe; numbers stay numbers."""
    return safe_text(value) if isinstance(value, str) else value


def ranking_workbook(
    standings: Standings,
    *,
    title: str,
    at: datetime,
    outcome: Outcome = Outcome((), {}),  # noqa: B008 -- empty, frozen
) -> bytes:
    """Three sheets: 排名, 评委评分, 推导; with each row's level where levels are given."""
    book = Workbook(write_only=True)
    kinds = kinds_of(standings)
    _write(
        book,
        "排名",
        [[title], [f"试算于 {timezone.localtime(at):%Y-%m-%d %H:%M}；{weights_text(standings)}"]],
        [
            *RANKING_HEAD,
            *(f"{scoring.KIND_LABELS[kind]}均分" for kind in kinds),
            "总分",
            "等级",
            "等级说明",
            "同分说明",
            "不排名原因",
        ],
        (_ranking_row(line, kinds, outcome) for line in standings.lines),
        [8, 18, 20, 32, 40, 22, 10, *[10] * len(kinds), 10, 14, 40, 24, 44],
    )
    _write(book, "评委评分", [], SHEETS_HEAD, _sheet_rows(standings.lines), [18, 20, 10, 14, 10, 12])
    _write(book, "推导", [], ARITHMETIC_HEAD, _arithmetic_rows(standings.lines), [18, 20, 10, 10, 10, 10, 10, 90])
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def weights_text(standings: Standings) -> str:
    """资料 0.60 + 发表 0.40; over several rounds once for each that differs."""
    rules = {
        slug: " + ".join(f"{scoring.KIND_LABELS[rule.kind]} {plain(rule.weight)}" for rule in own.stages)
        for slug, own in standings.snapshot.rules.items()
        if own.stages
    }
    if len(set(rules.values())) == 1:
        return next(iter(rules.values()))
    return "；".join(f"{slug} {text}" for slug, text in rules.items())


def kinds_of(standings: Standings) -> list[scoring.Kind]:
    return list(dict.fromkeys(scoring.Kind(stage.kind) for stage in standings.stages))


def _write(
    book: Workbook,
    name: str,
    notes: list[list[str]],
    head: list[str],
    rows: Iterable[list[Any]],
    widths: list[int],
) -> None:
    sheet = book.create_sheet(name)
    for position, width in enumerate(widths):
        sheet.column_dimensions[chr(ord("A") + position)].width = width
    sheet.freeze_panes = f"A{len(notes) + 2}"
    for note in notes:
        sheet.append([neutral(text) for text in note])
    sheet.append([_bold(sheet, text) for text in head])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _bold(sheet: Any, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: Any) -> Any:
    if isinstance(value, Decimal):
        cell = WriteOnlyCell(sheet, value=value)
        cell.number_format = "0.00"
        return cell
    return neutral(value)


def _ranking_row(line: Line, kinds: list[scoring.Kind], outcome: Outcome) -> list[Any]:
    filing, row = line.application, line.row
    award = outcome.awards.get(row.key)
    stages = {kind: row.stage(kind) for kind in kinds}
    return [
        row.rank if row.rank is not None else "不排名",
        filing.file_number or "",
        filing.group_name,
        filing.enterprise.name,
        filing.topic_name,
        filing.topic_type_label,
        "是" if row.shortlisted else "否",
        *(stage.mean if (stage := stages[kind]) is not None else None for kind in kinds),
        row.total,
        award.name if award else "",
        award.note if award else "",
        row.tie_note,
        row.reason,
    ]


def _sheet_rows(lines: Iterable[Line]) -> Iterator[list[Any]]:
    for line in lines:
        for stage in line.row.stages:
            for sheet in stage.lines:
                yield [
                    line.application.file_number or "",
                    line.application.group_name,
                    scoring.KIND_LABELS[stage.rule.kind],
                    sheet.judge,
                    sheet.points,
                    sheet.label,
                ]


def _arithmetic_rows(lines: Iterable[Line]) -> Iterator[list[Any]]:
    for line in lines:
        number, group = line.application.file_number or "", line.application.group_name
        for stage in line.row.stages:
            yield [
                number,
                group,
                scoring.KIND_LABELS[stage.rule.kind],
                stage.rule.weight,
                stage.valid,
                stage.counted,
                stage.mean,
                stage.arithmetic,
            ]
        yield [number, group, "总分", None, None, None, line.row.total, line.row.arithmetic or line.row.reason]
