"""From submitted sheets to 评委能力评价: how a round's panels agree and how its judges stand. Reads only, advisory."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F

from applications.models import Application, Round
from reviews import calibration
from reviews.calibration import Agreement, JudgeFigures, Outlier, Scores
from reviews.models import Assignment, Judge, Stage
from reviews.states import SheetState

MIN_FILINGS = 5  # under five filings in common the figures say more of chance than of judges
NOTABLE = 2  # points of a hundred: a smaller difference changes no level in practice
FAR = Decimal("3.5")  # robust deviations, as Iglewicz and Hoaglin (1993) advise
FAR_POINTS = Decimal(5)
# Schmidt (1997) for W; Koo and Li (2016) for the intraclass correlations.
W_WORDS = ((0.7, "强"), (0.5, "中等"), (0.3, "弱"), (0.0, "很弱"))
ICC_WORDS = ((0.9, "很好"), (0.75, "好"), (0.5, "中等"))
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
        found = self.agreement.w
        return None if found is None else _figure(found, W_WORDS)

    @property
    def single(self) -> Figure | None:
        found = self.agreement.icc
        return _figure(found.single, ICC_WORDS) if found else None

    @property
    def average(self) -> Figure | None:
        found = self.agreement.icc
        return _figure(found.average, ICC_WORDS) if found else None


@dataclass(frozen=True)
class JudgeLine:
    judge: Judge
    figures: JudgeFigures

    @property
    def is_enough(self) -> bool:
        return self.figures.common >= MIN_FILINGS

    @property
    def offset(self) -> str:
        return "" if self.figures.offset is None else signed(self.figures.offset)

    @property
    def is_leaning(self) -> bool:
        """Two points or more, and the 95 % interval leaves out 0."""
        found = self.figures.offset
        return self.is_enough and found is not None and abs(found) >= NOTABLE and self.figures.differs

    @property
    def leaning(self) -> str:
        if not self.is_leaning:
            return "相当"
        return "偏宽" if (self.figures.offset or 0) > 0 else "偏严"

    @property
    def interval(self) -> str:
        found = self.figures.interval
        return f"{signed(found[0])} 至 {signed(found[1])}" if found else ""


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
    return (
        Assignment.objects.active()
        .not_recused()
        .filter(stage__round=round_, stage__is_active=True, sheets__state=SheetState.SUBMITTED)
        .annotate(points=F("sheets__total"), sheet=F("sheets__pk"))
        .select_related("stage", "panel", "judge__user", "application__enterprise")
        .order_by("stage_id", "judge_id", "application_id")
    )


def _report(stage: Stage, rows: list[Any]) -> StageReport:
    whole = _scores(rows)
    judges = {str(row.judge_id): row.judge for row in rows}
    by_pair = {(str(row.application_id), str(row.judge_id)): row for row in rows}
    by_panel: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_panel[row.panel.name if row.panel else WITHOUT_PANEL].append(row)
    panels = {name: calibration.agreement(_scores(own), at_least=MIN_FILINGS) for name, own in by_panel.items()}
    lines = [JudgeLine(judges[one.judge], one) for one in calibration.judge_figures(whole)]
    return StageReport(
        stage,
        [PanelLine(name, panels[name]) for name in sorted(panels)],
        sorted(lines, key=lambda line: line.judge.pk),
        [
            _far(one, by_pair[one.filing, one.judge])
            for one in calibration.outliers(whole, threshold=FAR, least_points=FAR_POINTS)
        ],
    )


def _far(one: Outlier, row: Any) -> FarSheet:
    return FarSheet(
        row.sheet, row.judge, row.application, f"{one.points:.1f}", f"{one.others:.1f}", signed(one.residual)
    )


def _scores(rows: list[Any]) -> Scores:
    scores: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for row in rows:
        scores[str(row.application_id)][str(row.judge_id)] = row.points
    return scores


def _figure(value: float, words: tuple[tuple[float, str], ...]) -> Figure:
    return Figure(f"{value:.2f}", next((word for least, word in words if value >= least), LOW))


def signed(value: float) -> str:
    """+2.4, −0.8; a nought has no sign."""
    text = f"{abs(value):.1f}"
    sign = "" if text == "0.0" else "+" if value > 0 else "−"
    return f"{sign}{text}"
