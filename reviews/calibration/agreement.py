"""How far the judges of a panel agree: Kendall's W and the intraclass correlations. Pure Python.

Sources: Kendall and Babington Smith (1939) with the correction for ties of Kendall, Rank Correlation Methods;
Shrout and Fleiss (1979), Psychological Bulletin 86, case 2: judges as a sample of possible judges.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from reviews.calibration.table import MIN_FILINGS, Table, ranks

TOO_FEW = "共同评过的申报不足 {needed} 份（现 {found} 份），不计算一致性。"
NO_PANEL = "不足两名评委，不计算一致性。"

Rows = Sequence[Sequence[Fraction]]


@dataclass(frozen=True)
class Anova:
    """Mean squares of filings x judges without repetition (Shrout and Fleiss, table 3)."""

    filings: int
    judges: int
    between_filings: Fraction
    between_judges: Fraction
    residual: Fraction

    @property
    def single(self) -> Fraction | None:
        """ICC(2,1): how reliable one judge's points are, judges' own levels counting as error."""
        k, n = self.judges, self.filings
        below = self.between_filings + (k - 1) * self.residual + k * (self.between_judges - self.residual) / n
        return (self.between_filings - self.residual) / below if below > 0 else None

    @property
    def average(self) -> Fraction | None:
        """ICC(2,k): how reliable the mean of all k judges is."""
        below = self.between_filings + (self.between_judges - self.residual) / self.filings
        return (self.between_filings - self.residual) / below if below > 0 else None


@dataclass(frozen=True)
class Agreement:
    """Of one panel; ``reason`` says in Chinese why there are no figures. ``filings``: those all judges scored."""

    judges: int
    filings: int
    w: Fraction | None = None
    chi_square: Fraction | None = None
    single: Fraction | None = None
    average: Fraction | None = None
    reason: str = ""


def agreement(table: Table[Any, Any]) -> Agreement:
    """Only filings that every judge scored count: a hole cannot be ranked, and filling it would be inventing points."""
    rows, judges = table.complete(), len(table.judges)
    if judges < 2:
        return Agreement(judges, len(rows), reason=NO_PANEL)
    if len(rows) < MIN_FILINGS:
        return Agreement(judges, len(rows), reason=TOO_FEW.format(needed=MIN_FILINGS, found=len(rows)))
    w, squares = kendall_w(rows), anova(rows)
    chi_square = judges * (len(rows) - 1) * w if w is not None else None
    return Agreement(judges, len(rows), w, chi_square, squares.single, squares.average)


def kendall_w(rows: Rows) -> Fraction | None:
    """0: no agreement in order, 1: the same order; corrected for ties. None when no judge tells filings apart."""
    n, k = len(rows), len(rows[0])
    columns = [ranks([row[judge] for row in rows]) for judge in range(k)]
    sums = [sum((column[filing] for column in columns), Fraction(0)) for filing in range(n)]
    mean = sum(sums, Fraction(0)) / n
    spread = sum(((one - mean) ** 2 for one in sums), Fraction(0))
    ties = sum(count**3 - count for column in columns for count in Counter(column).values())
    possible = k * k * (n**3 - n) - k * ties
    return 12 * spread / possible if possible else None


def anova(rows: Rows) -> Anova:
    """Of a table without holes: n >= 2 rows (filings) of k >= 2 points (judges)."""
    n, k = len(rows), len(rows[0])
    grand = sum((value for row in rows for value in row), Fraction(0)) / (n * k)
    means = [sum(row, Fraction(0)) / k for row in rows]
    levels = [sum((row[judge] for row in rows), Fraction(0)) / n for judge in range(k)]
    between_filings = k * sum(((mean - grand) ** 2 for mean in means), Fraction(0))
    between_judges = n * sum(((level - grand) ** 2 for level in levels), Fraction(0))
    total = sum(((value - grand) ** 2 for row in rows for value in row), Fraction(0))
    residual = total - between_filings - between_judges
    return Anova(n, k, between_filings / (n - 1), between_judges / (k - 1), residual / ((n - 1) * (k - 1)))
