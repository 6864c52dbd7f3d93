"""评委能力评价: how the judges of a panel compare with each other. Pure Python, advisory: no ranking reads it.

Points come as ``Scores``: filing -> judge -> points of submitted sheets that count (recused ones are not among them).
Sums are exact fractions; only roots and quotients at the very end are floats, so the order of judges and filings
cannot change a figure by its last digit.
"""

from reviews.calibration.agreement import Agreement, Icc, agreement, icc, kendall_w
from reviews.calibration.judges import JudgeFigures, judge_figures
from reviews.calibration.outliers import Outlier, outliers
from reviews.calibration.table import Scores, complete_cases, judges_of

__all__ = [
    "Agreement",
    "Icc",
    "JudgeFigures",
    "Outlier",
    "Scores",
    "agreement",
    "complete_cases",
    "icc",
    "judge_figures",
    "judges_of",
    "kendall_w",
    "outliers",
]
