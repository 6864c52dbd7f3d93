"""Figures that stand apart: robust scores within the province, slips and jumps of attachment 3. Pure Python.

Score: 0.6745 x (x - median) / MAD, flagged beyond 3.5 (Iglewicz and Hoaglin). Amounts and counts spread over powers
of ten, so their logarithm is scored; rates are scored as they are. Where more than half are equal the mean absolute
deviation takes the place of MAD. The score is a float that decides only what is shown first; figures stay exact.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from statistics import fmean, median
from typing import NamedTuple

from applications import statistics
from applications.figures.sums import Entry, Number

LIMIT = 3.5
FEWEST = 8  # below it a median of the province says nothing
CENT = Decimal("0.01")


class Measure(NamedTuple):
    """A row, or with ``base`` the ratio of two rows. ``rate`` is in percent and scored without logarithm."""

    code: str
    label: str
    unit: str
    field: str
    base: str = ""
    rate: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field, self.base) if self.base else (self.field,)


RATIOS = (
    Measure("benefit_per_result", "平均每项成果的直接经济效益", "万元", "direct_benefit", "results_count"),
    Measure("benefit_per_group", "平均每个小组的直接经济效益", "万元", "direct_benefit", "groups_registered"),
    Measure("people_per_group", "平均每个小组的参加人数", "人", "participants", "groups_registered"),
    Measure("employees_per_group", "平均每个小组对应的职工", "人", "employees", "groups_registered"),
    Measure("training_per_person", "参加人员人均培训", "人次", "training_attendances", "participants"),
    Measure("suggestions_per_person", "参加人员人均合理化建议", "条", "suggestions", "participants"),
    Measure("result_rate", "成果率", "%", "results_count", "groups_registered", rate=True),
    Measure("participation_rate", "普及率", "%", "participants", "employees", rate=True),
    Measure("activity_rate", "活动率", "%", "groups_active", "groups_registered", rate=True),
)
ROWS = tuple(
    Measure(row.field, row.label.removeprefix("其中："), row.unit, row.field)
    for row in statistics.ROWS
    if row.field not in statistics.COMPUTED
)
MEASURES = (*RATIOS, *ROWS)


class Outlier(NamedTuple):
    entry: Entry
    code: str
    label: str
    value: str  # as shown, with its unit
    reason: str
    fields: tuple[str, ...]
    score: float  # how far apart, for the order; slips and jumps come first
    explanation: str = ""  # what the enterprise said about these fields, "" for nothing

    @property
    def explained(self) -> bool:
        return bool(self.explanation)


def found(
    entries: Sequence[Entry],
    before: Mapping[int, Mapping[str, Number | None]] | None = None,
    said: Mapping[int, Mapping[str, str]] | None = None,
) -> list[Outlier]:
    """Everything that stands apart, worst first. ``before``: last year's rows by enterprise; ``said``: by report the
    explanation of a field."""
    outliers = [*_slips(entries, before or {}), *_far_away(entries)]
    told = [one._replace(explanation=_said(one, said or {})) for one in outliers]
    return sorted(told, key=lambda one: (-one.score, one.entry.name, one.code))


def _said(one: Outlier, said: Mapping[int, Mapping[str, str]]) -> str:
    about = said.get(one.entry.report, {})
    return "；".join(dict.fromkeys(about[field] for field in one.fields if field in about))


def _slips(entries: Iterable[Entry], before: Mapping[int, Mapping[str, Number | None]]) -> Iterable[Outlier]:
    """What the form itself asks about: slips of the unit, and jumps against last year."""
    for entry in entries:
        for finding in statistics.check(entry.values, before.get(entry.enterprise)):
            row = statistics.BY_FIELD[finding.field]
            value = f"{_shown(_scaled(entry.values.get(finding.field), finding.field))} {row.unit}"
            yield Outlier(entry, finding.code or finding.field, row.label.removeprefix("其中："), value,
                          finding.message, (finding.field,), math.inf)  # fmt: skip


def _far_away(entries: Sequence[Entry]) -> Iterable[Outlier]:
    for measure in MEASURES:
        pairs = [(entry, value) for entry in entries if (value := value_of(measure, entry.values)) is not None]
        if not measure.rate:
            pairs = [pair for pair in pairs if pair[1] > 0]
        if len(pairs) < FEWEST:
            continue
        points = [float(value) if measure.rate else math.log(value) for _entry, value in pairs]
        middle = Decimal(median(value for _entry, value in pairs))
        for (entry, value), score in zip(pairs, scores(points), strict=True):
            if abs(score) > LIMIT:
                yield Outlier(entry, measure.code, measure.label, f"{_shown(value)} {measure.unit}",
                              _words(measure, value, middle, score), measure.fields, abs(score))  # fmt: skip


def value_of(measure: Measure, values: Mapping[str, Number | None]) -> Decimal | None:
    """In the measure's unit: money in 万元, rates in percent with two places."""
    top = _scaled(values.get(measure.field), measure.field)
    if not measure.base or top is None:
        return top
    base = values.get(measure.base)
    if not base:
        return None
    return (top * 100 / base).quantize(CENT, ROUND_HALF_UP) if measure.rate else top / base


def scores(points: Sequence[float]) -> list[float]:
    """The robust score of each point; all 0 where nothing varies."""
    middle = median(points)
    away = [abs(point - middle) for point in points]
    spread = median(away) / 0.6745 or fmean(away) * 1.2533
    return [(point - middle) / spread if spread else 0.0 for point in points]


def _scaled(value: Number | None, field: str) -> Decimal | None:
    if value is None:
        return None
    return Decimal(value) / statistics.WAN if field in statistics.MONEY else Decimal(value)


def _shown(value: Decimal | None) -> str:
    if value is None:
        return "—"
    whole = value == value.to_integral_value()
    return f"{value:,.0f}" if whole else f"{value.quantize(CENT, ROUND_HALF_UP):,}"


def _words(measure: Measure, value: Decimal, middle: Decimal, score: float) -> str:
    """The reason as a person would say it."""
    side = "高于" if score > 0 else "低于"
    said = f"全省中位数 {_shown(middle)} {measure.unit}，"
    if measure.rate:
        said += f"本单位{side} {_shown(abs(value - middle))} 个百分点"
    elif score > 0:
        said += f"本单位是它的 {_times(value / middle)} 倍"
    else:
        said += f"是本单位的 {_times(middle / value)} 倍"
    return f"{said}，明显{side}其他单位，请核对。"


def _times(ratio: Decimal) -> str:
    return f"{ratio.quantize(Decimal('0.1'), ROUND_HALF_UP):,}"
