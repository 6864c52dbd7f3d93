"""Agreement of a panel: Kendall's W (same order?) and the intraclass correlation (same points?).

W: Kendall and Babington Smith 1939, with the correction for ties of Siegel, Nonparametric Statistics (1956),
chapter 9. ICC(2,1) and ICC(2,k): Shrout and Fleiss, Psychological Bulletin 86 (1979), 420-428:
every filing by the same judges, the judges taken for a sample of all that might have sat there.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from reviews.calibration.table import Matrix, Scores, complete_cases, mean


@dataclass(frozen=True)
class Icc:
    single: float  # ICC(2,1): how far one judge's points can be trusted
    average: float  # ICC(2,k): how far the mean of the panel can


@dataclass(frozen=True)
class Agreement:
    """``used`` of ``filings`` were scored by all ``judges``; ``reason`` says in Chinese why there are no figures."""

    judges: int
    filings: int
    used: int
    w: float | None = None
    icc: Icc | None = None
    reason: str = ""


def agreement(scores: Scores, *, at_least: int) -> Agreement:
    """Figures over the filings that every judge scored, or the reason why there are none."""
    judges, filings, rows = complete_cases(scores)
    size = (len(judges), len(scores), len(filings))
    if len(judges) < 2:
        return Agreement(*size, reason="提交评分表的评委少于 2 位，无法比较。")
    needed = max(at_least, 2)
    if len(filings) < needed:
        return Agreement(*size, reason=f"所有评委都评过的申报只有 {len(filings)} 项，少于 {needed} 项，不计算。")
    w, correlation = kendall_w(rows), icc(rows)
    reason = "" if w is not None and correlation else "各申报得分没有差别，无法计算。"
    return Agreement(*size, w, correlation, reason)


def kendall_w(rows: Matrix) -> float | None:
    """None where nobody tells any two filings apart."""
    count, judges = len(rows), len(rows[0])
    columns = [[row[place] for row in rows] for place in range(judges)]
    ranks = [_ranks(column) for column in columns]
    ties = sum(size**3 - size for column in columns for size in Counter(column).values())
    sums = [sum((rank[place] for rank in ranks), Fraction(0)) for place in range(count)]
    middle = mean(sums)
    squares = sum(((value - middle) ** 2 for value in sums), Fraction(0))
    possible = judges**2 * (count**3 - count) - judges * ties
    if possible == 0:
        return None
    return float(12 * squares / possible)


def _ranks(values: Sequence[Fraction]) -> list[Fraction]:
    """1 for the smallest; equal ones share the mean of their places."""
    places: dict[Fraction, list[int]] = {}
    for place, value in enumerate(sorted(values), 1):
        places.setdefault(value, []).append(place)
    shared = {value: Fraction(sum(own), len(own)) for value, own in places.items()}
    return [shared[value] for value in values]


def icc(rows: Matrix) -> Icc | None:
    """None where the quotient has no meaning: every cell the same."""
    count, judges = len(rows), len(rows[0])
    total = mean([value for row in rows for value in row])
    of_rows = [mean(row) for row in rows]
    of_judges = [mean([row[place] for row in rows]) for place in range(judges)]
    all_squares = sum(((value - total) ** 2 for row in rows for value in row), Fraction(0))
    row_squares = judges * sum(((value - total) ** 2 for value in of_rows), Fraction(0))
    judge_squares = count * sum(((value - total) ** 2 for value in of_judges), Fraction(0))
    between = row_squares / (count - 1)
    of_judge = judge_squares / (judges - 1)
    error = (all_squares - row_squares - judge_squares) / ((count - 1) * (judges - 1))
    below_single = between + (judges - 1) * error + judges * (of_judge - error) / count
    below_average = between + (of_judge - error) / count
    if below_single <= 0 or below_average <= 0:
        return None
    return Icc(float((between - error) / below_single), float((between - error) / below_average))
