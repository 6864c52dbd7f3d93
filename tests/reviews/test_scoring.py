"""Scoring: golden cases worked out by hand, and properties against a plain oracle."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.scoring import (
    Entry,
    Kind,
    Sheet,
    StageRule,
    Standing,
    WeightError,
    as_data,
    points_text,
    rank,
    stage_result,
    unresolved_ties,
)

DOCUMENT = StageRule(Kind.DOCUMENT, Decimal("0.60"))
PRESENTATION = StageRule(Kind.PRESENTATION, Decimal("0.40"))
RULES = [DOCUMENT, PRESENTATION]
ALONE = StageRule(Kind.DOCUMENT, Decimal(1))


def sheets(*points, **fields):
    """Numbers are submitted sheets, None a missing one, "R" a recused one."""
    return [
        Sheet(f"评委{index}", None if point in (None, "R") else Decimal(str(point)), recused=point == "R", **fields)
        for index, point in enumerate(points, 1)
    ]


def entry(key, document, presentation=(), **fields):
    return Entry(key, {Kind.DOCUMENT: document, Kind.PRESENTATION: presentation}, **fields)


def test_the_worked_example_of_the_ranking_page():
    row = rank(
        [
            entry(
                "澄湖",
                sheets(88.5, "91.0", 90.5, "R", "93.0", "86.0", 89.5),
                sheets("92.0", 90.5, 94.5, "R", "91.0", "89.0", "93.0"),
                shortlisted=True,
            )
        ],
        RULES,
    )[0]
    document, presentation = row.stages
    assert [line.standing for line in document.lines] == [
        Standing.COUNTED, Standing.COUNTED, Standing.COUNTED, Standing.RECUSED,
        Standing.HIGHEST, Standing.LOWEST, Standing.COUNTED,
    ]  # fmt: skip
    assert document.arithmetic == "(88.5 + 91.0 + 90.5 + 89.5) ÷ 4 = 89.875 → 89.88"
    assert presentation.arithmetic == "(92.0 + 90.5 + 91.0 + 93.0) ÷ 4 = 91.625 → 91.63"
    assert row.arithmetic == "89.88 × 0.60 + 91.63 × 0.40 = 53.928 + 36.652 = 90.58"
    assert (row.total, row.rank) == (Decimal("90.58"), 1)


@pytest.mark.parametrize(
    ("points", "mean"),
    [
        ((90, 80, 70), "80.00"),
        ((90, 80, 70, 60), "75.00"),  # four: nothing is dropped
        ((100, 90, 80, 70, 0), "80.00"),  # five: one highest, one lowest
        ((90, 90, 90, 90, 90), "90.00"),  # equal extremes: one each, not all
        ((95, 95, 80, 60, 60), "78.33"),
        ((80.01, 80.02, 80.02), "80.02"),  # 80.01666…
        ((80, 80, 80.5, 80), "80.13"),  # 80.125 goes up, not to even
    ],
)
def test_stage_means(points, mean):
    assert stage_result(ALONE, sheets(*points)).mean == Decimal(mean)


def test_repeating_decimals_are_marked_in_the_arithmetic():
    assert stage_result(ALONE, sheets(80, 80, 81)).arithmetic == "(80.0 + 80.0 + 81.0) ÷ 3 = 80.333333… → 80.33"


def test_too_few_sheets_give_no_rank_and_a_reason():
    row = rank([entry("星火", sheets(80.5, 79, "R", None, None))], [ALONE])[0]
    assert (row.rank, row.total) == (None, None)
    assert row.reason == "资料有效评分表 2 份，少于 3 份（回避 1、未交 2）"
    assert row.stages[0].mean is None


def test_a_recused_sheet_does_not_count_even_when_it_was_submitted():
    recused = [Sheet("甲", Decimal(10), recused=True), *sheets(90, 90, 90)]
    result = stage_result(ALONE, recused)
    assert (result.mean, result.lines[0].points, result.lines[0].label) == (Decimal("90.00"), None, "回避")


def test_trimming_counts_only_valid_sheets():
    result = stage_result(ALONE, sheets(90, 80, 70, 60, "R", None))
    assert (result.mean, result.counted, result.valid) == (Decimal("75.00"), 4, 4)


def test_competition_ranking_one_two_two_four():
    rows = rank(
        [entry(name, sheets(*[points] * 3)) for name, points in zip("abcd", (90, 80, 80, 70), strict=True)], [ALONE]
    )
    assert [(row.key, row.rank) for row in rows] == [("a", 1), ("b", 2), ("c", 2), ("d", 4)]
    assert [row.tie_note for row in rows] == ["", "并列", "并列", ""]
    assert [[row.key for row in group] for group in unresolved_ties(rows)] == [["b", "c"]]


def test_equal_totals_are_decided_by_the_presentation_mean():
    rows = rank(
        [
            entry("红柳", sheets(90, 90, 90), sheets(85, 85, 85), shortlisted=True),
            entry("清源", sheets(88, 88, 88), sheets(88, 88, 88), shortlisted=True),
        ],
        RULES,
    )
    assert [(row.key, row.rank, str(row.total), row.tie_note) for row in rows] == [
        ("清源", 1, "88.00", "同分比发表均分"),
        ("红柳", 2, "88.00", "同分比发表均分"),
    ]


def test_then_by_the_item_mean_then_by_the_site_then_by_the_panel():
    site = StageRule(Kind.ON_SITE, Decimal("0.2"))
    rules = [StageRule(Kind.DOCUMENT, Decimal("0.6")), StageRule(Kind.PRESENTATION, Decimal("0.2")), site]

    def group(key, item, **fields):
        return Entry(
            key,
            {
                Kind.DOCUMENT: sheets(90, 90, 90),
                Kind.PRESENTATION: sheets(80, 80, 80, tie_item=Decimal(str(item))),
                Kind.ON_SITE: sheets(70, 70, 70),
            },
            shortlisted=True,
            **fields,
        )

    rows = rank([group("c", 25, decision=2), group("b", 25, decision=1), group("a", 26)], rules)
    assert [(row.key, row.rank) for row in rows] == [("a", 1), ("b", 2), ("c", 3)]
    assert rows[0].tie_note == "同分比原因分析（最佳方案）均分"
    assert [label for label, _value in rows[0].tie_values] == ["发表均分", "原因分析（最佳方案）均分", "现场均分"]


def test_groups_that_do_not_present_are_ranked_on_documents_below_those_that_do():
    rows = rank(
        [
            entry("未入选", sheets(99, 99, 99)),
            entry("入选", sheets(70, 70, 70), sheets(70, 70, 70), shortlisted=True),
        ],
        RULES,
    )
    assert [(row.key, row.rank, str(row.total)) for row in rows] == [("入选", 1, "70.00"), ("未入选", 2, "99.00")]


def test_a_shortlisted_group_without_presentation_scores_has_no_rank():
    row = rank([entry("入选", sheets(90, 90, 90), shortlisted=True)], RULES)[0]
    assert row.reason == "发表有效评分表 0 份，少于 3 份"
    assert row.stages[0].mean == Decimal("90.00")


def test_weights_must_add_up_to_one():
    with pytest.raises(WeightError, match=r"合计为 0\.6，"):
        rank([], [DOCUMENT])


def test_the_derivation_as_json_holds_no_floats_and_no_recused_points():
    data = as_data(rank([entry("a", [*sheets(90, 80, 70), Sheet("丁", Decimal(1), recused=True)])], [ALONE])[0])
    assert data["total"] == "80.00"
    assert data["stages"][0]["sheets"][3] == {
        "judge": "丁", "code": "", "points": None, "standing": "recused", "label": "回避",
    }  # fmt: skip


@pytest.mark.parametrize(("points", "text"), [("91", "91.0"), ("88.5", "88.5"), ("88.25", "88.25"), (None, "—")])
def test_points_as_people_write_them(points, text):
    assert points_text(None if points is None else Decimal(points)) == text


POINTS = st.integers(0, 10_000).map(lambda number: Decimal(number) / 100)
SUBMITTED = st.lists(POINTS, min_size=1, max_size=12)


def oracle(points: list[Decimal], trim_from: int = 5) -> Decimal:
    ordered = sorted(Fraction(point) for point in points)
    if len(ordered) >= trim_from:
        ordered = ordered[1:-1]
    exact = sum(ordered) / len(ordered) * 100
    return Decimal((exact.numerator * 2 + exact.denominator) // (2 * exact.denominator)) / 100


@given(SUBMITTED)
def test_the_mean_is_the_oracles(points):
    result = stage_result(StageRule(Kind.DOCUMENT, Decimal(1), min_valid=1), sheets(*points))
    assert result.mean == oracle(points)
    assert min(points) <= result.mean.quantize(Decimal("0.01"), ROUND_HALF_UP) <= max(points)


@given(SUBMITTED, st.randoms(use_true_random=False))
def test_the_order_of_judges_changes_nothing(points, random):
    shuffled = points[:]
    random.shuffle(shuffled)
    assert stage_result(ALONE, sheets(*points)).mean == stage_result(ALONE, sheets(*shuffled)).mean


@given(SUBMITTED, st.integers(0, 3), st.integers(0, 3))
def test_recused_and_missing_sheets_change_nothing(points, recused, missing):
    more = sheets(*points) + [Sheet("回避者", Decimal(3), recused=True)] * recused + [Sheet("未交者")] * missing
    assert stage_result(ALONE, more).mean == stage_result(ALONE, sheets(*points)).mean


@given(SUBMITTED)
def test_at_most_one_highest_and_one_lowest_are_dropped(points):
    lines = stage_result(ALONE, sheets(*points)).lines
    expected = 1 if len(points) >= 5 else 0
    assert sum(line.standing == Standing.HIGHEST for line in lines) == expected
    assert sum(line.standing == Standing.LOWEST for line in lines) == expected


ENTRIES = st.lists(
    st.tuples(st.lists(st.integers(60, 64).map(Decimal), min_size=1, max_size=6), st.booleans()), max_size=9
)


@given(ENTRIES, st.randoms(use_true_random=False))
def test_a_rank_is_one_more_than_the_number_of_better_rows_whatever_the_order(raw, random):
    entries = [
        entry(index, sheets(*points), sheets(*points), shortlisted=listed) for index, (points, listed) in enumerate(raw)
    ]
    rows = rank(entries, RULES)
    shuffled = entries[:]
    random.shuffle(shuffled)
    assert {row.key: row.rank for row in rank(shuffled, RULES)} == {row.key: row.rank for row in rows}
    for row in rows:
        if row.rank is None:
            assert row.reason
            assert len(raw[row.key][0]) < 3
        else:
            better = [o for o in rows if o.rank is not None and (o.shortlisted, o.total) > (row.shortlisted, row.total)]
            assert row.rank == len(better) + 1
