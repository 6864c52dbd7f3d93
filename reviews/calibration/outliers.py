"""Sheets that stand far from the other judges' of the same filing, after each judge's own habit is taken off.

Robust throughout (medians, and the median absolute deviation of Iglewicz and Hoaglin 1993): one strange sheet must
neither move the middle nor widen the measure by which it would be found.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import permutations

from reviews.calibration.table import Scores, judges_of, median

NORMAL = Fraction(6745, 10_000)  # makes the median absolute deviation comparable with a standard deviation
LEAST_JUDGES = 3  # of two judges nobody can say which one is off


@dataclass(frozen=True)
class Outlier:
    filing: str
    judge: str
    points: Decimal
    others: float  # median of the other judges' points
    residual: float  # in points, the usual differences taken off
    score: float  # how many robust deviations

    @property
    def is_high(self) -> bool:
        return self.residual > 0


def outliers(scores: Scores, *, threshold: Decimal, least_points: Decimal) -> list[Outlier]:
    """The farthest first. Flagged only beyond both limits: where a panel agrees within half a point, one point
    more is no reason to look again."""
    residuals = _residuals(scores)
    if not residuals:
        return []
    middle = median(list(residuals.values()))
    measure = median([abs(value - middle) for value in residuals.values()])
    found = []
    for (filing, judge), residual in residuals.items():
        distance = abs(residual - middle)
        if abs(residual) < least_points or distance == 0 or NORMAL * distance < Fraction(threshold) * measure:
            continue
        row = scores[filing]
        score = float(NORMAL * distance / measure) if measure else float("inf")
        found.append(Outlier(filing, judge, row[judge], float(_others(scores, filing, judge)), float(residual), score))
    return sorted(found, key=lambda one: (-abs(one.residual), one.filing, one.judge))


def _others(scores: Scores, filing: str, judge: str) -> Fraction:
    return median([Fraction(points) for other, points in scores[filing].items() if other != judge])


def _residuals(scores: Scores) -> dict[tuple[str, str], Fraction]:
    """Pair by pair: what is left of a difference after the usual difference of these two is taken off. A judge who is
    higher throughout thus changes no residual, neither the own ones nor the colleagues'."""
    enough = {filing: row for filing, row in scores.items() if len(row) >= LEAST_JUDGES}
    usual: dict[tuple[str, str], Fraction] = {}
    for judge, other in permutations(judges_of(enough), 2):
        both = [Fraction(row[judge]) - Fraction(row[other]) for row in enough.values() if judge in row and other in row]
        if both:
            usual[judge, other] = median(both)
    residuals = {}
    for filing, row in enough.items():
        for judge, points in row.items():
            left = [Fraction(points) - Fraction(row[other]) - usual[judge, other] for other in row if other != judge]
            residuals[filing, judge] = _median_towards_0(left)
    return residuals


def _median_towards_0(values: list[Fraction]) -> Fraction:
    """Of two middle values the one nearer to 0, and 0 between values of both signs: with two colleagues, one of whom
    is off, the other one's word saves the judge."""
    ordered = sorted(values)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    if low < 0 < high:
        return Fraction(0)
    return min(low, high, key=abs)
