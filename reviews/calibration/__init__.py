"""评委能力评价: how judges of one panel agree, and how each stands to the others. Pure Python, advisory only.

Nothing here enters a ranking: reviews.scoring does not know this package (pyproject, import contracts).
"""

from reviews.calibration.agreement import TOO_FEW, Agreement, Anova, agreement, anova, kendall_w
from reviews.calibration.figures import LENIENT, NEUTRAL, SEVERE, JudgeFigures, Outlier, figures, outliers
from reviews.calibration.table import MIN_FILINGS, Table, ranks

__all__ = [
    "LENIENT",
    "MIN_FILINGS",
    "NEUTRAL",
    "SEVERE",
    "TOO_FEW",
    "Agreement",
    "Anova",
    "JudgeFigures",
    "Outlier",
    "Table",
    "agreement",
    "anova",
    "figures",
    "kendall_w",
    "outliers",
    "ranks",
]
