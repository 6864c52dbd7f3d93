"""Totals, rates from totals, and what stands apart: pure arithmetic."""

from decimal import Decimal

import pytest

from applications import statistics
from applications.figures import outliers, sums
from applications.figures.sums import Entry

EMPTY = dict.fromkeys(statistics.FIELDS)


def entry(number=1, city="6301", **values):
    return Entry(number, f"第{number}公司", city, "salt_lake", {**EMPTY, **values}, report=number, version=1)


def province(count=9, **last):
    """Enterprises that differ by a little, and one more with ``last``."""
    rows = [
        entry(number, employees=1000 + number, groups_registered=20 + number % 3, results_count=10,
              direct_benefit=Decimal(400_000 + 1000 * number))
        for number in range(1, count + 1)
    ]  # fmt: skip
    return [*rows, entry(99, **{"employees": 1000, "groups_registered": 20, "results_count": 10, **last})]


def test_rates_come_from_the_totals_not_from_the_rates():
    total = sums.total([
        entry(1, results_count=1, groups_registered=1, participants=10, employees=1000, groups_active=1),
        entry(2, results_count=10, groups_registered=100, participants=50, employees=80, groups_active=90),
    ])  # fmt: skip
    assert total.rates == {
        "result_rate": Decimal("10.89"), "participation_rate": Decimal("5.56"), "activity_rate": Decimal("90.10"),
    }  # fmt: skip


def test_a_rate_is_rounded_once_and_half_up():
    total = sums.total([entry(1, results_count=1, groups_registered=800)])
    assert total.rates["result_rate"] == Decimal("0.13")  # 0.125


def test_an_empty_row_is_no_zero():
    total = sums.total([entry(1, suggestions=0), entry(2)])
    assert (total.of("suggestions"), total.filled["suggestions"]) == (0, 1)
    assert (total.of("promoters"), total.of("result_rate")) == (None, None)


def test_money_is_added_exactly():
    total = sums.total([entry(number, direct_benefit=Decimal("0.01")) for number in range(3)])
    assert total.of("direct_benefit") == Decimal("0.03")


def test_lines_follow_the_names_and_end_with_those_who_gave_none():
    names = {"6301": "西宁市", "6302": "海东市"}
    lines = sums.lines([entry(1), entry(2, city=""), entry(3, city="9999")], lambda one: one.city, names)
    assert [(line.label, line.total.enterprises) for line in lines] == [("西宁市", 1), ("海东市", 0), ("未填写", 2)]


@pytest.mark.parametrize(
    ("now", "before", "change"), [(150, 100, "50.0"), (1, 3, "-66.7"), (5, 0, None), (None, 3, None)]
)
def test_the_change_is_against_the_year_before(now, before, change):
    assert sums.change(now, before) == (None if change is None else Decimal(change))


def test_a_benefit_far_from_all_others_is_found_and_said_in_words():
    found = outliers.found(province(direct_benefit=Decimal(40_000_000)))
    one = next(one for one in found if one.code == "benefit_per_result")
    assert (one.entry.name, one.value) == ("第99公司", "400 万元")
    assert one.reason == "全省中位数 4.06 万元，本单位是它的 98.6 倍，明显高于其他单位，请核对。"
    assert {each.entry.enterprise for each in found} == {99}


def test_a_rate_is_compared_in_percentage_points():
    found = outliers.found(province(results_count=60, groups_registered=20))
    one = next(one for one in found if one.code == "result_rate")
    assert "个百分点" in one.reason
    assert one.value == "300 %"


def test_few_enterprises_say_nothing_about_the_province():
    rows = province(outliers.FEWEST - 2, direct_benefit=Decimal(40_000_000))
    assert outliers.found(rows) == []
    more = province(outliers.FEWEST - 1, direct_benefit=Decimal(40_000_000))
    assert outliers.found(more)


def test_where_most_are_equal_the_mean_deviation_decides():
    assert outliers.scores([1.0] * 9 + [2.0])[-1] > outliers.LIMIT
    assert outliers.scores([1.0] * 10) == [0.0] * 10


def test_a_jump_against_last_year_comes_first_and_carries_what_the_enterprise_said():
    rows = [entry(1, direct_benefit=Decimal(5_000_000), results_count=10)]
    found = outliers.found(rows, {1: {"direct_benefit": Decimal(400_000)}}, {1: {"direct_benefit": "新线投产"}})
    assert [(one.code, one.explanation) for one in found] == [("statistics_jump_direct_benefit", "新线投产")]
    assert not outliers.found(rows, {1: {"direct_benefit": Decimal(4_000_000)}})
