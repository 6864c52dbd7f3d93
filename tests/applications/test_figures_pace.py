"""Days before a deadline, and what follows from them: pure arithmetic."""

from datetime import timedelta
from decimal import Decimal

import pytest

from applications.figures import pace
from applications.figures.pace import Filing, Window
from tests.factories import at

CLOSES = at(2026, 7, 1)  # 30 June 24:00
BEGUN = at(2026, 6, 1, 9)
WINDOW = Window(at(2026, 6, 1), CLOSES, at(2026, 8, 1))


def filed(*moments, **fields):
    return [Filing(BEGUN, moment, **fields) for moment in moments]


@pytest.mark.parametrize(
    ("moment", "left"),
    [
        (at(2026, 6, 30, 23, 59, 59), 0),
        (at(2026, 6, 30), 0),
        (at(2026, 6, 29, 23, 59, 59), 1),
        (at(2026, 7, 1), -1),
        (at(2026, 7, 1, 23, 59), -1),
        (at(2026, 7, 2), -2),
    ],
)
def test_the_last_day_is_the_24_hours_before_the_deadline(moment, left):
    assert pace.days_left(moment, CLOSES) == left


def test_days_count_first_submissions_and_add_up():
    rows = [*filed(at(2026, 6, 29, 8), at(2026, 6, 29, 9), at(2026, 6, 30, 23)), Filing(BEGUN)]
    assert [(day.left, day.filed, day.so_far) for day in pace.per_day(rows, WINDOW, 2)] == [
        (2, 0, 0), (1, 2, 2), (0, 1, 3),
    ]  # fmt: skip


def test_what_came_before_the_first_day_shown_counts_into_it_and_an_extension_gets_its_own_days():
    rows = filed(at(2026, 6, 1, 8), at(2026, 7, 2, 8))
    days = pace.per_day(rows, WINDOW, 1, pace.latest(rows, CLOSES))
    assert [(day.left, day.so_far) for day in days] == [(1, 1), (0, 1), (-1, 1), (-2, 2)]


def test_nothing_is_said_about_days_that_have_not_begun():
    days = pace.per_day(filed(at(2026, 6, 28, 8)), WINDOW._replace(now=at(2026, 6, 29, 12)), 3)
    assert [day.filed for day in days] == [0, 1, 0, None]


def test_a_round_that_has_not_opened_has_no_numbers():
    days = pace.per_day([], WINDOW._replace(now=WINDOW.opens_at - timedelta(seconds=1)), 3)
    assert [day.filed for day in days] == [None] * 4


def test_rounds_of_different_length_share_the_longer_axis():
    assert pace.longest([WINDOW, WINDOW._replace(opens_at=at(2026, 5, 1))]) == 60
    assert pace.longest([WINDOW._replace(opens_at=at(2025, 5, 1))]) == pace.LONGEST


def test_conversion_and_spans():
    rows = [
        Filing(BEGUN),
        Filing(BEGUN, BEGUN + timedelta(days=2), BEGUN + timedelta(days=3), takes_part=True),
        Filing(BEGUN, BEGUN + timedelta(days=4), BEGUN + timedelta(days=7)),
        Filing(BEGUN, at(2026, 6, 30, 20)),
    ]
    facts = pace.facts(rows, CLOSES)
    assert (facts.begun, facts.filed, facts.taking_part, facts.last_day) == (4, 3, 1, 1)
    assert (facts.filed_share, facts.taking_part_share, facts.last_day_share) == (
        Decimal("75.0"), Decimal("33.3"), Decimal("33.3"),
    )  # fmt: skip
    assert (facts.days_to_file, facts.days_to_check) == (Decimal("4.0"), Decimal("2.0"))


def test_without_filings_there_are_no_shares():
    assert pace.facts([], CLOSES) == pace.Facts(0, 0, 0, None, None, None, None, 0, None)
