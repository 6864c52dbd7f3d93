"""等级: cuts by quota, share and threshold; ties at a cut in each of the three ways; properties."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.scoring import Entry, Kind, RoundRules, Sheet, StageRule, rank
from reviews.scoring.levels import Absent, Base, Cut, Method, Override, Scheme, Ties, decide

ALONE = RoundRules((StageRule(Kind.DOCUMENT, Decimal(1), min_valid=1),))
BOTH = RoundRules((StageRule(Kind.DOCUMENT, Decimal("0.6")), StageRule(Kind.PRESENTATION, Decimal("0.4"))))


def ranking(*totals):
    """One row per total, in this order; None has no rank."""
    sheets = [[Sheet("甲", None if total is None else Decimal(str(total)))] for total in totals]
    return rank([Entry(f"{at}", {Kind.DOCUMENT: own}) for at, own in enumerate(sheets, 1)], ALONE)


def scheme(*values, method=Method.QUOTA, **fields):
    return Scheme(method, tuple(Cut(f"{'一二三四'[at]}等", Decimal(str(v))) for at, v in enumerate(values)), **fields)


def names(rows, chosen, overrides=None):
    outcome = decide(rows, chosen, overrides)
    return [outcome.awards[row.key].name[:1] or ("？" if outcome.awards[row.key].is_pending else "—") for row in rows]


def test_quotas_go_down_the_ranking():
    outcome = decide(ranking(90, 85, 80, 75, None), scheme(1, 2))
    assert names(ranking(90, 85, 80, 75, None), scheme(1, 2)) == ["一", "二", "二", "—", "—"]
    assert [line.sentence for line in outcome.lines] == [
        "一等：1 个名额，到第 1 名为止，按线 1 组。",
        "二等：2 个名额，到第 3 名为止，按线 2 组。",
    ]


@pytest.mark.parametrize(
    ("ties", "got", "sentence"),
    [
        (Ties.INCLUDE, "一一一二—", "都列入，多授 1 个，按线 3 组。"),
        (Ties.EXCLUDE, "一二二二—", "都不列入，本等级少授 1 个，按线 1 组。"),
        (Ties.PANEL, "一？？二—", "由评审组合议，合议前不授予，按线 1 组。"),
    ],
)  # fmt: skip
def test_a_tie_across_the_cut_in_each_way(ties, got, sentence):
    rows = ranking(90, 85, 85, 80, 75)
    outcome = decide(rows, scheme(2, 2, ties=ties))
    assert "".join(names(rows, scheme(2, 2, ties=ties))) == got
    assert outcome.lines[0].sentence == f"一等：2 个名额，到第 2 名为止；第 2 名并列 2 组跨过名额线，{sentence}"
    assert "跨过“一等”的名额线" in outcome.awards["2"].note
    assert outcome.pending == (2 if ties == Ties.PANEL else 0)


def test_a_tie_inside_a_level_needs_no_word():
    outcome = decide(ranking(90, 90, 80), scheme(2, 1, ties=Ties.PANEL))
    assert outcome.pending == 0
    assert [award.note for award in outcome.awards.values()] == ["", "", ""]


def test_shares_are_added_up_before_they_are_rounded_down():
    rows = ranking(*range(99, 76, -1))  # 23 groups: 3.45, 10.35, 18.4
    outcome = decide(rows, scheme(15, 30, 35, method=Method.SHARE))
    assert [line.edge for line in outcome.lines] == [3, 10, 18]
    assert outcome.lines[1].sentence == "二等：累计 45% × 23 组 = 10.35，取整到第 10 名为止，按线 7 组。"


def test_a_share_of_all_that_took_part_or_of_the_ranked():
    rows = ranking(90, 85, None, None)
    assert names(rows, scheme(50, method=Method.SHARE, base=Base.RANKED)) == ["一", "—", "—", "—"]
    assert names(rows, scheme(50, method=Method.SHARE, base=Base.ENTERED)) == ["一", "一", "—", "—"]


def test_thresholds():
    rows = ranking(90, "89.99", 80, "79.99")
    assert names(rows, scheme(90, 80, method=Method.THRESHOLD)) == ["一", "二", "二", "—"]
    outcome = decide(rows, scheme(90, 80, method=Method.THRESHOLD))
    assert outcome.lines[0].sentence == "一等：总分不低于 90 分，按线 1 组。"


def presenting(listed, document, presentation=()):
    def three(points):
        return [Sheet(str(at), Decimal(points)) for at in range(3)]

    sheets = {Kind.DOCUMENT: three(document)}
    if presentation:
        sheets[Kind.PRESENTATION] = three(presentation)
    return Entry(f"{document}", sheets, shortlisted=listed)


def test_who_does_not_present_never_gets_more_than_who_does():
    rows = rank([presenting(True, "80", "80"), presenting(False, "95")], BOTH)
    outcome = decide(rows, scheme(90, 75, method=Method.THRESHOLD))
    assert [outcome.awards[row.key].name for row in rows] == ["二等", "二等"]
    assert "不高于前面小组的等级" in outcome.awards["95"].note


@pytest.mark.parametrize(("absent", "got"), [(Absent.SAME, "一一"), (Absent.LOWEST, "一二"), (Absent.NONE, "一—")])
def test_levels_open_to_those_who_do_not_present(absent, got):
    rows = rank([presenting(True, "80", "80"), presenting(False, "95")], BOTH)
    assert "".join(names(rows, scheme(2, 1, absent=absent))) == got


def test_a_decision_of_people_stands_above_the_cuts_and_says_so():
    rows = ranking(90, 85, 85)
    chosen = scheme(2, 1, ties=Ties.PANEL)
    decided = {"2": Override("一等", "会议纪要第 3 条", "评审组合议"), "1": Override("", "撤回", "人工调整")}
    outcome = decide(rows, chosen, decided)
    assert [outcome.awards[key].name for key in "123"] == ["", "一等", ""]
    assert outcome.awards["2"].note == "评审组合议：待合议 → 一等（会议纪要第 3 条）"
    assert outcome.awards["1"].note == "人工调整：一等 → 不授予（撤回）"
    assert outcome.pending == 1


TOTALS = st.lists(st.one_of(st.none(), st.integers(60, 66)), min_size=1, max_size=14)
SCHEMES = st.builds(
    lambda method, values, ties, base: scheme(
        *(sorted(values, reverse=True) if method == Method.THRESHOLD else values), method=method, ties=ties, base=base
    ),
    st.sampled_from([Method.QUOTA, Method.SHARE, Method.THRESHOLD]),
    st.lists(st.integers(0, 33), min_size=3, max_size=3, unique=True),
    st.sampled_from(list(Ties)),
    st.sampled_from(list(Base)),
)


@given(TOTALS, SCHEMES)
def test_equal_totals_get_equal_levels_and_a_better_rank_never_a_worse_one(totals, chosen):
    rows = ranking(*totals)
    awards = decide(rows, chosen).awards
    order = [cut.name for cut in chosen.cuts] + [""]
    ranked = [row for row in rows if row.rank is not None and not awards[row.key].is_pending]
    places = [order.index(awards[row.key].name) for row in ranked]
    assert places == sorted(places)
    by_rank = {}
    for row in rows:
        if row.rank is not None:
            by_rank.setdefault(row.rank, set()).add(awards[row.key].name)
    assert all(len(found) == 1 for found in by_rank.values())
    assert all(awards[row.key].name == "" for row in rows if row.rank is None)


@given(TOTALS, SCHEMES)
def test_no_more_are_given_than_there_are_places_unless_ties_are_included(totals, chosen):
    rows = ranking(*totals)
    outcome = decide(rows, chosen)
    for line in outcome.lines:
        if line.edge is None:
            continue
        given_so_far = sum(
            award.name != "" and [cut.name for cut in chosen.cuts].index(award.name) <= chosen.cuts.index(line.cut)
            for award in outcome.awards.values()
        )  # fmt: skip
        if chosen.ties == Ties.INCLUDE:
            last = [row.rank for row in rows if row.rank is not None and row.rank <= line.edge]
            assert given_so_far == len(last)
        else:
            assert given_so_far <= line.edge
