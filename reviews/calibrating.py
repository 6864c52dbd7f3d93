"""From submitted sheets to 评委能力评价: how a round's panels agree and how its judges stand. Reads only, advisory."""

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db.models import Exists, F, OuterRef

from applications.models import Application, Round
from reviews import calibration
from reviews.calibration import Agreement, JudgeFigures, Table
from reviews.models import Assignment, Judge, Recusal, Stage
from reviews.states import SheetState

LEANINGS = {calibration.LENIENT: "偏宽", calibration.SEVERE: "偏严", calibration.NEUTRAL: "相当"}
# Schmidt (1997) for W; Koo and Li (2016) for the intraclass correlations.
W_WORDS = ((Fraction(7, 10), "强"), (Fraction(1, 2), "中等"), (Fraction(3, 10), "弱"), (Fraction(0), "很弱"))
ICC_WORDS = ((Fraction(9, 10), "很好"), (Fraction(3, 4), "好"), (Fraction(1, 2), "中等"))
LOW = "低"
WITHOUT_PANEL = "未分组"


@dataclass(frozen=True)
class Figure:
    """A coefficient to two places with the word that its source gives it."""

    value: str
    word: str


@dataclass(frozen=True)
class PanelLine:
    name: str
    agreement: Agreement

    @property
    def w(self) -> Figure | None:
        return _figure(self.agreement.w, W_WORDS)

    @property
    def single(self) -> Figure | None:
        return _figure(self.agreement.single, ICC_WORDS)

    @property
    def average(self) -> Figure | None:
        return _figure(self.agreement.average, ICC_WORDS)


@dataclass(frozen=True)
class JudgeLine:
    judge: Judge
    figures: JudgeFigures

    @property
    def leaning(self) -> str:
        return LEANINGS[self.figures.leaning]

    @property
    def is_leaning(self) -> bool:
        return self.figures.leaning != calibration.NEUTRAL

    @property
    def offset(self) -> str:
        return "" if self.figures.offset is None else signed(self.figures.offset)


@dataclass(frozen=True)
class FarSheet:
    sheet: int
    judge: Judge
    filing: Application
    points: str
    others: str
    residual: str


@dataclass(frozen=True)
class StageReport:
    stage: Stage
    panels: list[PanelLine]
    judges: list[JudgeLine]
    far: list[FarSheet]


def of_round(round_: Round) -> list[StageReport]:
    """One for each stage with submitted sheets. Sheets of recused judges and withdrawn assignments do not count."""
    by_stage: dict[Stage, list[Any]] = defaultdict(list)
    for row in _rows(round_):
        by_stage[row.stage].append(row)
    return [_report(stage, rows) for stage, rows in by_stage.items()]


def _rows(round_: Round) -> Any:
    """Assignments with ``points`` and ``sheet`` of the sheet that counts. One query."""
    recused = Recusal.objects.filter(judge=OuterRef("judge"), application=OuterRef("application"))
    return (
        Assignment.objects.active()
        .filter(~Exists(recused), stage__round=round_, stage__is_active=True, sheets__state=SheetState.SUBMITTED)
        .annotate(points=F("sheets__total"), sheet=F("sheets__pk"))
        .select_related("stage", "panel", "judge__user", "application__enterprise")
        .order_by("stage_id", "judge_id", "application_id")
    )


def _report(stage: Stage, rows: list[Any]) -> StageReport:
    whole = _table(rows)
    judges = {row.judge_id: row.judge for row in rows}
    by_pair = {(row.application_id, row.judge_id): row for row in rows}
    by_panel: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_panel[row.panel.name if row.panel else WITHOUT_PANEL].append(row)
    return StageReport(
        stage,
        [PanelLine(name, calibration.agreement(_table(own))) for name, own in sorted(by_panel.items())],
        [JudgeLine(judges[one.judge], one) for one in calibration.figures(whole)],
        [
            FarSheet(
                row.sheet, row.judge, row.application, short(one.points), short(one.others), signed(one.residual)
            )
            for one in calibration.outliers(whole)
            for row in [by_pair[one.filing, one.judge]]
        ],
    )  # fmt: skip


def _table(rows: list[Any]) -> Table[int, int]:
    return Table.of((row.application_id, row.judge_id, row.points) for row in rows)


def _figure(value: Fraction | None, words: tuple[tuple[Fraction, str], ...]) -> Figure | None:
    if value is None:
        return None
    word = next((word for least, word in words if value >= least), LOW)
    return Figure(f"{float(value):.2f}", word)


def short(value: Fraction) -> str:
    return f"{float(value):.1f}"


def signed(value: Fraction) -> str:
    """+2.4, −0.8; a nought has no sign."""
    text = f"{abs(float(value)):.1f}"
    sign = "" if text == "0.0" else "+" if value > 0 else "−"
    return f"{sign}{text}"
