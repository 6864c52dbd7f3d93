"""Each judge against those who scored the same filings: how much higher, how much wider.

Compared with the mean of the *others*, not of all: a judge's own points would pull the mean towards themselves and
hide a part of the difference (a fifth of it in a panel of five).
"""

import math
from dataclasses import dataclass
from fractions import Fraction

from reviews.calibration.table import Scores, judges_of, mean, variance

LEAST_FOR_SPREAD = 3  # common filings of two judges: the ratio of two deviations over fewer says nothing
# Two-sided 95 % of Student's t by degrees of freedom; from there on the next smaller entry, which is the wider one.
T_95 = {
    1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228,
    11: 2.201, 12: 2.179, 13: 2.160, 14: 2.145, 15: 2.131, 16: 2.120, 17: 2.110, 18: 2.101, 19: 2.093, 20: 2.086,
    21: 2.080, 22: 2.074, 23: 2.069, 24: 2.064, 25: 2.060, 26: 2.056, 27: 2.052, 28: 2.048, 29: 2.045, 30: 2.042,
    40: 2.021, 60: 2.000, 120: 1.980,
}  # fmt: skip


@dataclass(frozen=True)
class JudgeFigures:
    judge: str
    sheets: int  # submitted and counting
    common: int  # of them with at least one other judge
    offset: float | None  # mean of own points minus the others' mean
    margin: float | None  # half of the 95 % interval of the offset
    spread: float | None  # own standard deviation over the others', on common filings

    @property
    def interval(self) -> tuple[float, float] | None:
        if self.offset is None or self.margin is None:
            return None
        return self.offset - self.margin, self.offset + self.margin

    @property
    def differs(self) -> bool:
        """The interval leaves out 0."""
        return self.interval is not None and not self.interval[0] <= 0 <= self.interval[1]


def judge_figures(scores: Scores) -> list[JudgeFigures]:
    """One row for each judge, by name."""
    return [_figures(scores, judge) for judge in judges_of(scores)]


def _figures(scores: Scores, judge: str) -> JudgeFigures:
    own = [row for row in scores.values() if judge in row]
    differences = [
        Fraction(row[judge]) - mean([Fraction(points) for other, points in row.items() if other != judge])
        for row in own
        if len(row) > 1
    ]
    offset = float(mean(differences)) if differences else None
    margin = None
    if len(differences) > 1:
        margin = t_95(len(differences) - 1) * math.sqrt(variance(differences) / len(differences))
    return JudgeFigures(judge, len(own), len(differences), offset, margin, _spread(scores, judge))


def _spread(scores: Scores, judge: str) -> float | None:
    """Pair by pair over what both scored, so that a recusal does not compare easy filings with difficult ones."""
    own, theirs = Fraction(0), Fraction(0)
    for other in judges_of(scores):
        common = [row for row in scores.values() if judge in row and other in row]
        if other == judge or len(common) < LEAST_FOR_SPREAD:
            continue
        own += variance([Fraction(row[judge]) for row in common])
        theirs += variance([Fraction(row[other]) for row in common])
    return math.sqrt(own / theirs) if theirs else None


def t_95(freedom: int) -> float:
    return T_95[max(known for known in T_95 if known <= freedom)]
