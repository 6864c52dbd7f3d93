"""How each judge stands to the others on the filings they share, and single sheets far from them. Pure Python."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Any

from reviews.calibration.table import MIN_FILINGS, Table

LENIENT, SEVERE, NEUTRAL = "lenient", "severe", "neutral"
NOTABLE = Fraction(2)  # points of a hundred: a smaller difference changes no level in practice
SURE = 2  # standard errors, about 95 %
FAR = 3  # times the usual deviation (median absolute deviation x 1.4826)
FAR_POINTS = Fraction(5)  # and at least so many points, where a panel agrees almost wholly
USUAL = 1.4826


@dataclass(frozen=True)
class JudgeFigures:
    """``offset``: mean of own points less the others' mean on the same filings. ``spread``: own standard deviation
    over that of the others' means. ``consistency``: Pearson's correlation with the others' means. None: too few."""

    judge: Any
    filings: int
    offset: Fraction | None = None
    error: float | None = None
    spread: float | None = None
    consistency: float | None = None

    @property
    def leaning(self) -> str:
        """Lenient or severe only where chance alone would hardly give such an offset."""
        if self.offset is None or self.error is None or abs(self.offset) < NOTABLE:
            return NEUTRAL
        if abs(self.offset) <= SURE * self.error:
            return NEUTRAL
        return LENIENT if self.offset > 0 else SEVERE


@dataclass(frozen=True)
class Outlier:
    filing: Any
    judge: Any
    points: Fraction
    others: Fraction
    residual: Fraction  # what remains of the difference after the judge's own offset


def figures(table: Table[Any, Any]) -> list[JudgeFigures]:
    """One per judge, in the table's order. A judge with too few filings shared gets the count and no figure."""
    return [_of_judge(table, judge) for judge in table.judges]


def _pairs(table: Table[Any, Any], judge: Any) -> list[tuple[Any, Fraction, Fraction]]:
    """(filing, own points, mean of the others) of every filing shared with another judge."""
    found = []
    for filing, row in table.points.items():
        others = table.others_mean(filing, judge) if judge in row else None
        if others is not None:
            found.append((filing, row[judge], others))
    return found


def _of_judge(table: Table[Any, Any], judge: Any) -> JudgeFigures:
    pairs = _pairs(table, judge)
    count = len(pairs)
    if count < MIN_FILINGS:
        return JudgeFigures(judge, count)
    own, others = [pair[1] for pair in pairs], [pair[2] for pair in pairs]
    differences = [mine - theirs for mine, theirs in zip(own, others, strict=True)]
    own_deviation, others_deviation = deviation(own), deviation(others)
    return JudgeFigures(
        judge,
        count,
        offset=_mean(differences),
        error=deviation(differences) / math.sqrt(count),
        spread=own_deviation / others_deviation if others_deviation else None,
        consistency=_correlation(own, others),
    )


def outliers(table: Table[Any, Any]) -> list[Outlier]:
    """Sheets far from what the others gave, beyond the judge's own leaning; the farthest first.

    Robust: measured by the median deviation, so that a far sheet does not hide itself by widening the measure.
    """
    found = []
    for judge in table.judges:
        pairs = _pairs(table, judge)
        if len(pairs) < MIN_FILINGS:
            continue
        offset = Fraction(median(mine - theirs for _filing, mine, theirs in pairs))
        found += [Outlier(filing, judge, mine, theirs, mine - theirs - offset) for filing, mine, theirs in pairs]
    if not found:
        return []
    usual = USUAL * float(median(abs(one.residual) for one in found))
    far = [one for one in found if abs(one.residual) >= FAR_POINTS and float(abs(one.residual)) > FAR * usual]
    return sorted(far, key=lambda one: (-abs(one.residual), str(one.filing), str(one.judge)))


def _mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def deviation(values: Sequence[Fraction]) -> float:
    """Of a sample (n - 1)."""
    mean = _mean(values)
    return math.sqrt(sum(((value - mean) ** 2 for value in values), Fraction(0)) / (len(values) - 1))


def _correlation(own: Sequence[Fraction], others: Sequence[Fraction]) -> float | None:
    """None where one side does not vary."""
    mine, theirs = _mean(own), _mean(others)
    together = sum(((a - mine) * (b - theirs) for a, b in zip(own, others, strict=True)), Fraction(0))
    apart = sum(((a - mine) ** 2 for a in own), Fraction(0)) * sum(((b - theirs) ** 2 for b in others), Fraction(0))
    return float(together) / math.sqrt(apart) if apart else None
