"""The figures of published data sets, and what must hold of any panel."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews import calibration
from reviews.calibration import Table

# Shrout and Fleiss (1979), table 2: six targets, four judges.
SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
# Siegel (1956), Nonparametric Statistics, table 9.4: three executives rank six applicants.
SIEGEL = [[1, 1, 6], [6, 5, 3], [3, 6, 2], [2, 4, 5], [5, 2, 4], [4, 3, 1]]
# The data set anxiety of the R package irr: twenty subjects, three raters, many ties.
ANXIETY = list(
    zip(
        [3, 3, 3, 4, 5, 5, 2, 3, 5, 2, 2, 6, 1, 5, 2, 2, 1, 2, 4, 3],
        [3, 6, 4, 6, 2, 4, 2, 4, 3, 3, 2, 3, 3, 3, 2, 2, 1, 3, 3, 4],
        [2, 1, 4, 4, 3, 2, 1, 6, 1, 1, 1, 2, 3, 3, 1, 1, 3, 3, 2, 2],
        strict=True,
    )
)


def rows(values):
    return [[Fraction(value) for value in row] for row in values]


def table(values):
    return Table.of((filing, judge, points) for filing, row in enumerate(values) for judge, points in enumerate(row))


def test_the_intraclass_correlations_of_shrout_and_fleiss():
    found = calibration.anova(rows(SHROUT_FLEISS))
    assert [round(float(value), 2) for value in (found.between_filings, found.between_judges, found.residual)] == [
        11.24, 32.49, 1.02,
    ]  # fmt: skip
    assert (round(float(found.single), 2), round(float(found.average), 2)) == (0.29, 0.62)


def test_kendalls_w_of_siegels_executives():
    assert round(float(calibration.kendall_w(rows(SIEGEL))), 2) == 0.16


def test_the_figures_that_irr_prints_for_its_data_set_with_ties():
    found = calibration.agreement(table(ANXIETY))
    assert (round(float(found.w), 2), round(float(found.chi_square), 1), found.filings) == (0.54, 30.8, 20)
    assert round(float(found.single), 3) == 0.198


POINTS = st.integers(0, 200).map(lambda halves: Fraction(halves, 2))
PANELS = st.integers(2, 6).flatmap(
    lambda judges: st.lists(st.lists(POINTS, min_size=judges, max_size=judges), min_size=5, max_size=12)
)


@given(PANELS)
def test_w_lies_between_nothing_and_one(panel):
    w = calibration.kendall_w(panel)
    assert w is None or 0 <= w <= 1


@given(PANELS, st.permutations(range(12)))
def test_the_order_in_which_filings_stand_changes_nothing(panel, order):
    turned = [panel[place] for place in order if place < len(panel)]
    assert calibration.kendall_w(turned) == calibration.kendall_w(panel)
    assert calibration.anova(turned) == calibration.anova(panel)


@given(st.lists(POINTS, min_size=5, max_size=12, unique=True), st.integers(2, 6))
def test_judges_who_give_the_same_agree_wholly(points, judges):
    found = calibration.agreement(table([[value] * judges for value in points]))
    assert (found.w, found.single, found.average) == (1, 1, 1)


@given(PANELS, st.integers(1, 30))
def test_a_judge_who_is_severe_throughout_changes_no_order(panel, shift):
    severe = [[row[0] - shift, *row[1:]] for row in panel]
    assert calibration.kendall_w(severe) == calibration.kendall_w(panel)
    assert calibration.anova(severe).residual == calibration.anova(panel).residual


@pytest.mark.parametrize(
    ("values", "reason"),
    [([[80, 81]] * 4, "不足 5 份"), ([[80]] * 9, "不足两名评委")],
)
def test_too_little_in_common_gives_a_reason_and_no_figure(values, reason):
    found = calibration.agreement(table(values))
    assert reason in found.reason
    assert (found.w, found.single, found.average) == (None, None, None)


def test_a_panel_that_tells_nothing_apart_has_no_figures():
    found = calibration.agreement(table([[80, 80, 80]] * 6))
    assert (found.w, found.single, found.average, found.reason) == (None, None, None, "")


def test_a_filing_with_a_hole_is_left_out_and_nothing_is_filled_in():
    holed = Table.of(
        [(filing, judge, points) for filing, row in enumerate(SIEGEL) for judge, points in enumerate(row)]
        + [("recused", 0, 1), ("recused", 1, 99)]
    )
    assert calibration.agreement(holed) == calibration.agreement(table(SIEGEL))


def test_two_sheets_of_one_judge_for_one_filing_are_refused():
    with pytest.raises(ValueError, match="two sheets"):
        Table.of([("a", "j", 80), ("a", "j", 81)])
