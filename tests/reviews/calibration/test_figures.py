"""Each judge beside the others: worked by hand, and what must hold of any panel."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from reviews import calibration
from reviews.calibration import LENIENT, NEUTRAL, SEVERE, Table

# Judge a stands 4 above the mean of b and c, filing by filing; b and c are alike.
LENIENT_PANEL = {"f1": (84, 80, 80), "f2": (74, 70, 70), "f3": (95, 90, 90), "f4": (63, 60, 60), "f5": (79, 75, 75)}


def table(panel):
    return Table.of((filing, judge, points) for filing, row in panel.items() for judge, points in zip("abc", row))  # noqa: B905 -- rows may be short


def of(panel):
    return {one.judge: one for one in calibration.figures(table(panel))}


def test_the_offset_is_the_mean_distance_to_the_others():
    found = of(LENIENT_PANEL)
    assert found["a"].offset == Fraction(4 + 4 + 5 + 3 + 4, 5)
    # b stands beside (a + c) / 2, which is 2 above b on the mean.
    assert found["b"].offset == found["c"].offset == -found["a"].offset / 2
    assert (found["a"].leaning, found["b"].leaning) == (LENIENT, SEVERE if found["b"].offset <= -2 else NEUTRAL)


def test_the_spread_is_one_where_a_judge_uses_the_scale_as_the_others_do():
    found = of({filing: (row[1], row[1], row[1]) for filing, row in LENIENT_PANEL.items()})
    assert {round(one.spread, 6) for one in found.values()} == {1.0}
    assert {round(one.consistency, 6) for one in found.values()} == {1.0}


def test_a_judge_who_turns_the_order_round_is_found_by_consistency_and_not_by_offset():
    panel = {f"f{at}": (90 - at, 80 + at, 80 + at) for at in range(11)}
    found = of(panel)
    assert round(found["a"].consistency, 6) == -1.0
    assert abs(found["a"].offset) == 0
    assert found["a"].leaning == NEUTRAL


def test_an_offset_that_chance_would_give_is_no_leaning():
    panel = {f"f{at}": (80 + sign, 80, 80) for at, sign in enumerate((30, -22, 25, -18, 4, -7))}
    assert of(panel)["a"].leaning == NEUTRAL
    assert of(panel)["a"].offset == 2


def test_too_few_filings_in_common_give_the_count_alone():
    found = of({"f1": (80, 81, 82), "f2": (70, 71, 72)})
    assert (found["a"].filings, found["a"].offset, found["a"].spread, found["a"].leaning) == (2, None, None, NEUTRAL)


def test_a_judge_who_alone_scored_a_filing_is_measured_on_the_others():
    alone = {**LENIENT_PANEL, "f6": (20,)}
    assert of(alone)["a"].offset == of(LENIENT_PANEL)["a"].offset
    assert of(alone)["a"].filings == 5


def test_a_sheet_far_from_the_others_is_found_and_a_lenient_judge_is_not():
    panel = {f"f{at}": (84 + at % 2, 80 + at % 3, 81) for at in range(12)}
    assert calibration.outliers(table(panel)) == []
    panel["f7"] = (60, 81, 81)
    found = calibration.outliers(table(panel))
    assert [(one.filing, one.judge) for one in found][:1] == [("f7", "a")]
    assert found[0].others == 81


def test_small_differences_of_a_panel_that_agrees_are_no_outliers():
    panel = {f"f{at}": (80, 80, 80) for at in range(9)}
    panel["f3"] = (84, 80, 80)
    assert calibration.outliers(table(panel)) == []


POINTS = st.integers(0, 200).map(lambda halves: Fraction(halves, 2))


@given(st.lists(st.tuples(POINTS, POINTS, POINTS), min_size=5, max_size=10), st.integers(-20, 20))
def test_adding_the_same_to_all_sheets_of_a_judge_moves_the_offset_alone(rows, shift):
    panel = dict(enumerate(rows))
    moved = {filing: (row[0] + shift, row[1], row[2]) for filing, row in panel.items()}
    before, after = of(panel), of(moved)
    assert after["a"].offset == before["a"].offset + shift
    assert after["b"].offset == before["b"].offset - Fraction(shift, 2)
    assert (after["a"].spread, after["a"].consistency) == (before["a"].spread, before["a"].consistency)
    assert {(one.filing, one.judge) for one in calibration.outliers(table(moved)) if one.judge == "a"} == {
        (one.filing, one.judge) for one in calibration.outliers(table(panel)) if one.judge == "a"
    }


@given(st.lists(st.tuples(POINTS, POINTS, POINTS), min_size=5, max_size=10))
def test_offsets_of_a_full_panel_cancel_out(rows):
    assert sum(one.offset for one in calibration.figures(table(dict(enumerate(rows))))) == 0
