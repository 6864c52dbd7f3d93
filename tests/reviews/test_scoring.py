"""Scoring: golden cases worked out by hand, and properties against a plain oracle."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.scoring import (
    Entry,
    Kind,
    RoundRules,
    Sheet,
    StageRule,
    Standing,
    Tie,
    Unlisted,
    WeightError,
    as_data,
    place,
    points_text,
    rank,
    score,
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


TRIMMED = st.builds(
    StageRule, st.just(Kind.DOCUMENT), st.just(Decimal(1)), st.integers(1, 3), st.integers(1, 9), st.integers(0, 3)
)


@given(SUBMITTED, TRIMMED)
def test_trimming_leaves_something_and_takes_the_same_from_both_ends(points, rule):
    result = stage_result(rule, sheets(*points))
    dropped = {kind: [line.points for line in result.lines if line.standing == kind] for kind in Standing}
    highest, lowest = dropped[Standing.HIGHEST], dropped[Standing.LOWEST]
    assert len(highest) == len(lowest) == (rule.trim_count if len(points) >= rule.trim_from and highest else 0)
    assert result.counted >= 1
    if highest:
        kept = dropped[Standing.COUNTED]
        assert min(highest) >= max(kept)
        assert max(lowest) <= min(kept)
    if result.mean is not None:
        assert min(points) <= result.mean <= max(points)


CLOSE = st.integers(0, 6).map(lambda number: Decimal(80) + Decimal(number) / 4)
ITEMS = st.one_of(st.none(), st.integers(20, 22).map(Decimal))
MARKS = st.lists(st.tuples(CLOSE, ITEMS), min_size=3, max_size=7)
FIELD = st.lists(st.tuples(MARKS, st.booleans()), min_size=1, max_size=5)


def field_of(raw):
    def marked(marks):
        return [Sheet(str(at), points, tie_item=item) for at, (points, item) in enumerate(marks)]

    return [
        entry(at, marked(marks), marked(marks) if listed else (), shortlisted=listed)
        for at, (marks, listed) in enumerate(raw)
    ]


@given(FIELD, st.data())
def test_raising_a_score_never_lowers_a_rank(raw, data):
    """Also when the raised sheet is the one that is dropped afterwards, and its item may rise with it."""
    place = data.draw(st.integers(0, len(raw) - 1))
    marks, listed = raw[place]
    seat = data.draw(st.integers(0, len(marks) - 1))
    points, item = marks[seat]
    raised = (points + data.draw(CLOSE) - 80, item if item is None else item + data.draw(st.integers(0, 2)))
    better = [*raw[:place], ([*marks[:seat], raised, *marks[seat + 1 :]], listed), *raw[place + 1 :]]
    before = next(row.rank for row in rank(field_of(raw), RULES) if row.key == place)
    after = next(row.rank for row in rank(field_of(better), RULES) if row.key == place)
    assert after <= before


@given(FIELD, st.data())
def test_a_recused_sheet_changes_no_row_of_the_ranking(raw, data):
    entries = field_of(raw)
    place = data.draw(st.integers(0, len(raw) - 1))
    recused = Sheet("回避者", data.draw(CLOSE), recused=True, tie_item=Decimal(30))
    chosen = entries[place]
    entries[place] = entry(
        place, [recused, *chosen.sheets[Kind.DOCUMENT]], [*chosen.sheets[Kind.PRESENTATION], recused],
        shortlisted=chosen.shortlisted,
    ) if chosen.shortlisted else entry(place, [recused, *chosen.sheets[Kind.DOCUMENT]])  # fmt: skip
    assert [(row.key, row.rank, row.total, row.tie_values) for row in rank(entries, RULES)] == [
        (row.key, row.rank, row.total, row.tie_values) for row in rank(field_of(raw), RULES)
    ]


@given(FIELD, st.randoms(use_true_random=False))
def test_neither_the_order_of_groups_nor_of_judges_decides_anything(raw, random):
    mixed = []
    for each in field_of(raw):
        sheets_ = {kind: random.sample(list(rows), len(rows)) for kind, rows in each.sheets.items()}
        mixed.append(Entry(each.key, sheets_, each.shortlisted, each.decision))
    random.shuffle(mixed)
    assert {row.key: (row.rank, row.total, row.tie_values) for row in rank(mixed, RULES)} == {
        row.key: (row.rank, row.total, row.tie_values) for row in rank(field_of(raw), RULES)
    }


def test_the_tie_order_is_data_and_a_criterion_that_one_lacks_is_skipped_for_all():
    first = entry("资料高", sheets(90, 90, 90), sheets(85, 85, 85), shortlisted=True)
    second = entry("发表高", sheets(88, 88, 88), sheets(88, 88, 88), shortlisted=True)
    by_document = RoundRules(tuple(RULES), (Tie.DOCUMENT,))
    assert [row.key for row in rank([second, first], by_document)] == ["资料高", "发表高"]
    # Of two rounds only one has 现场: it settles nothing, the panel's decision does.
    alone = score(Entry("甲", {Kind.DOCUMENT: sheets(88, 88, 88)}, decision=2), [ALONE])
    site = [StageRule(Kind.DOCUMENT, Decimal("0.5")), StageRule(Kind.ON_SITE, Decimal("0.5"))]
    both = score(Entry("乙", {kind: sheets(88, 88, 88) for kind in (Kind.DOCUMENT, Kind.ON_SITE)}, decision=1), site)
    assert [(row.key, row.rank, row.tie_steps) for row in place([alone, both])] == [
        ("乙", 1, ("评审组合议：记录为第 1",)),
        ("甲", 2, ("评审组合议：记录为第 2",)),
    ]


@pytest.mark.parametrize(
    ("unlisted", "order"),
    [
        (Unlisted.BELOW, [("入选", 1), ("未入选", 2)]),
        (Unlisted.TOGETHER, [("未入选", 1), ("入选", 2)]),
        (Unlisted.UNRANKED, [("入选", 1), ("未入选", None)]),
    ],
)
def test_what_happens_to_those_who_do_not_present_is_a_rule(unlisted, order):
    listed = entry("入选", sheets(70, 70, 70), sheets(70, 70, 70), shortlisted=True)
    field = [entry("未入选", sheets(99, 99, 99)), listed]
    rows = rank(field, RoundRules(tuple(RULES), unlisted=unlisted))
    assert [(row.key, row.rank) for row in rows] == order


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
