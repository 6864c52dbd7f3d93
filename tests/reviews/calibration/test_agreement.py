"""Agreement of a panel against printed figures, and as properties."""

import random
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from reviews.calibration import agreement, icc, kendall_w

# Shrout and Fleiss 1979, table 2: six targets down, four judges across.
SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
# Siegel 1956, chapter 9: three executives rank six applicants; ten objects ranked by three with ties.
EXECUTIVES = [[1, 1, 6], [6, 5, 3], [3, 6, 2], [2, 4, 5], [5, 2, 4], [4, 3, 1]]
TIED = [
    ["1", "2.5", "2"], ["4.5", "1", "1"], ["2", "2.5", "4.5"], ["4.5", "4.5", "4.5"], ["3", "4.5", "4.5"],
    ["7.5", "8", "4.5"], ["6", "9", "8"], ["9", "6.5", "8"], ["7.5", "10", "8"], ["10", "6.5", "10"],
]  # fmt: skip

# The data set anxiety of the R package irr: twenty subjects, three raters.
ANXIETY = [
    [3, 3, 3, 4, 5, 5, 2, 3, 5, 2, 2, 6, 1, 5, 2, 2, 1, 2, 4, 3],
    [3, 6, 4, 6, 2, 4, 2, 4, 3, 3, 2, 3, 3, 3, 2, 2, 1, 3, 3, 4],
    [2, 1, 4, 4, 3, 2, 1, 6, 1, 1, 1, 2, 3, 3, 1, 1, 3, 3, 2, 2],
]

points = st.integers(0, 200).map(lambda halves: Decimal(halves) / 2)
tables = st.integers(2, 5).flatmap(
    lambda judges: st.lists(st.lists(points, min_size=judges, max_size=judges), min_size=2, max_size=8)
)


def matrix(rows):
    return [[Fraction(value) for value in row] for row in rows]


def as_scores(rows):
    return {f"F{place}": {f"J{number}": value for number, value in enumerate(row)} for place, row in enumerate(rows)}


def test_icc_is_that_of_shrout_and_fleiss():
    found = icc(matrix(SHROUT_FLEISS))
    assert (round(found.single, 2), round(found.average, 2)) == (0.29, 0.62)


def test_w_of_siegels_executives():
    found = kendall_w(matrix(EXECUTIVES))
    assert round(found, 2) == 0.16


def test_w_is_corrected_for_ties_as_siegel_does():
    assert round(kendall_w(matrix(TIED)), 3) == 0.828


def test_figures_of_twenty_subjects_with_many_ties_are_those_that_irr_prints():
    rows = matrix(zip(*ANXIETY, strict=True))
    assert round(kendall_w(rows), 2) == 0.54
    assert round(icc(rows).single, 3) == 0.198


@given(tables)
def test_w_lies_between_0_and_1(rows):
    found = kendall_w(matrix(rows))
    assert found is None or 0 <= found <= 1


@given(st.lists(points, min_size=2, max_size=8, unique=True), st.integers(2, 6))
def test_judges_of_one_mind_agree_wholly(column, judges):
    rows = matrix([[value] * judges for value in column])
    assert kendall_w(rows) == 1
    assert (icc(rows).single, icc(rows).average) == (1, 1)


@given(tables, st.randoms(use_true_random=False))
def test_order_of_judges_and_filings_changes_no_figure(rows, chance: random.Random):
    order = list(range(len(rows[0])))
    chance.shuffle(order)
    mixed = [[row[place] for place in order] for row in rows]
    chance.shuffle(mixed)
    assert agreement(as_scores(mixed), at_least=2) == agreement(as_scores(rows), at_least=2)


@given(tables, points)
def test_a_judge_who_is_higher_throughout_agrees_no_less_in_order(rows, shift):
    raised = [[row[0] + shift, *row[1:]] for row in rows]
    assert kendall_w(matrix(raised)) == kendall_w(matrix(rows))


def test_only_filings_that_all_scored_are_used_and_this_is_said():
    scores = as_scores([[Decimal(value) for value in row] for row in SHROUT_FLEISS])
    scores["recused"] = {"J0": Decimal(9), "J1": Decimal(1)}
    found = agreement(scores, at_least=5)
    assert (found.judges, found.filings, found.used) == (4, 7, 6)
    assert found.icc == icc(matrix(SHROUT_FLEISS))


def test_too_few_filings_have_a_reason_and_no_figure():
    found = agreement(as_scores([[Decimal(1), Decimal(2)], [Decimal(3), Decimal(4)]]), at_least=5)
    assert (found.w, found.icc) == (None, None)
    assert found.reason == "所有评委都评过的申报只有 2 项，少于 5 项，不计算。"


def test_one_judge_alone_and_equal_points_have_a_reason():
    assert agreement({"F": {"J": Decimal(1)}}, at_least=5).reason == "提交评分表的评委少于 2 位，无法比较。"
    same = as_scores([[Decimal(80)] * 3] * 5)
    assert agreement(same, at_least=5).reason == "各申报得分没有差别，无法计算。"
