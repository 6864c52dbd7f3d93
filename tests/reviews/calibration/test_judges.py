"""Offset, spread and outlying sheets of single judges."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.calibration import judge_figures, outliers
from reviews.calibration.judges import t_95

D = Decimal
points = st.integers(0, 200).map(lambda halves: Decimal(halves) / 2)
rows = st.dictionaries(st.sampled_from("甲乙丙丁"), points, min_size=1)
all_scores = st.dictionaries(st.sampled_from([f"F{number}" for number in range(9)]), rows, min_size=1)
LIMITS = {"threshold": D("3.5"), "least_points": D(5)}

PANEL = {
    "F1": {"甲": D(82), "乙": D(80), "丙": D(81)},
    "F2": {"甲": D(92), "乙": D(89), "丙": D(90)},
    "F3": {"甲": D(72), "乙": D(70), "丙": D(69)},
    "F4": {"甲": D(86), "乙": D(85), "丙": D(83)},
}


def figures(scores, judge):
    return next(row for row in judge_figures(scores) if row.judge == judge)


def test_offset_is_taken_from_the_others_on_the_same_filing():
    found = figures(PANEL, "甲")
    # 82-80.5, 92-89.5, 72-69.5, 86-84: 1.5, 2.5, 2.5, 2
    assert (found.sheets, found.common, found.offset) == (4, 4, 2.125)
    assert found.margin == pytest.approx(3.182 * math.sqrt(0.6875 / 3 / 4))
    assert found.differs


def test_a_filing_scored_alone_compares_with_nobody():
    found = figures({"F1": {"甲": D(80)}}, "甲")
    assert (found.sheets, found.common, found.offset, found.interval, found.spread) == (1, 0, None, None, None)
    assert not found.differs


def test_spread_of_a_judge_who_uses_twice_the_range():
    scores = {f"F{value}": {"甲": D(2 * value), "乙": D(value)} for value in (10, 20, 40)}
    assert figures(scores, "甲").spread == 2
    assert figures(scores, "乙").spread == 0.5


@given(all_scores, points)
def test_a_shift_of_one_judge_changes_only_the_offset(scores, shift):
    shifted = {
        filing: {judge: value + shift if judge == "甲" else value for judge, value in row.items()}
        for filing, row in scores.items()
    }
    before, after = judge_figures(scores), judge_figures(shifted)
    assert [(row.judge, row.sheets, row.common, row.spread) for row in before] == [
        (row.judge, row.sheets, row.common, row.spread) for row in after
    ]
    own = {row.judge: row for row in before}.get("甲")
    if own is not None and own.offset is not None:
        moved = figures(shifted, "甲")
        assert moved.offset == pytest.approx(own.offset + float(shift))
        assert moved.margin == own.margin
    named = [[(one.filing, one.judge) for one in outliers(each, **LIMITS)] for each in (scores, shifted)]
    assert named[0] == named[1]


@given(all_scores)
def test_order_changes_nothing(scores):
    turned = {filing: dict(reversed(row.items())) for filing, row in reversed(scores.items())}
    assert judge_figures(turned) == judge_figures(scores)
    assert outliers(turned, **LIMITS) == outliers(scores, **LIMITS)


def test_one_strange_sheet_is_found_and_no_other():
    scores = {**PANEL, "F5": {"甲": D(82), "乙": D(60), "丙": D(79)}}
    found = outliers(scores, **LIMITS)
    assert [(one.filing, one.judge, one.points, one.is_high) for one in found] == [("F5", "乙", D(60), False)]


def test_a_habit_is_no_outlier():
    scores = {f"F{value}": {"甲": D(value + 12), "乙": D(value), "丙": D(value)} for value in (60, 65, 70, 80)}
    assert outliers(scores, **LIMITS) == []


def test_small_differences_are_never_flagged_and_two_judges_cannot_be_told_apart():
    close = {f"F{value}": {"甲": D(value), "乙": D(value), "丙": D(value)} for value in (60, 70, 80)}
    close["F90"] = {"甲": D(94), "乙": D(90), "丙": D(90)}
    assert outliers(close, **LIMITS) == []
    assert outliers({"F1": {"甲": D(90), "乙": D(10)}}, **LIMITS) == []


def test_degrees_between_two_entries_take_the_wider_one():
    assert [t_95(freedom) for freedom in (30, 39, 40, 500)] == [2.042, 2.042, 2.021, 1.980]
