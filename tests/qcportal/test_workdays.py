from datetime import date

import pytest

from qcportal.workdays import add_workdays, count_workdays, end_of_workday_after, is_workday, knows
from tests.factories import at


def test_statutory_holidays_and_swapped_weekends_follow_the_calendar():
    assert is_workday(date(2026, 2, 17)) is False  # Spring Festival, a Tuesday
    assert is_workday(date(2026, 2, 14)) is True  # a Saturday worked instead


def test_an_exception_entered_by_staff_wins():
    assert is_workday(date(2026, 7, 1), {date(2026, 7, 1): False}) is False
    assert is_workday(date(2026, 7, 4), {date(2026, 7, 4): True}) is True


def test_years_the_calendar_does_not_know_are_monday_to_friday():
    assert [is_workday(date(2090, 5, day)) for day in (5, 6, 7, 8)] == [True, False, False, True]


def test_five_workdays_after_30_june_2026_end_on_7_july():
    assert add_workdays(date(2026, 6, 30), 5) == date(2026, 7, 7)


def test_a_moment_stored_as_next_day_midnight_counts_from_the_day_it_closes():
    assert end_of_workday_after(at(2026, 7, 1), 5) == at(2026, 7, 8)
    assert end_of_workday_after(at(2026, 7, 1, 9), 5) == at(2026, 7, 9)


def test_the_dragon_boat_holiday_is_skipped():
    # 19 June 2026 is the festival: five workdays from Monday the 15th end on Tuesday the 23rd.
    assert end_of_workday_after(at(2026, 6, 15, 16), 5) == at(2026, 6, 24)
    assert add_workdays(date(2026, 6, 15), 5) == date(2026, 6, 23)


def test_zero_workdays_are_refused():
    with pytest.raises(ValueError, match="at least 1"):
        add_workdays(date(2026, 6, 15), 0)


def test_working_days_between_leave_out_today_and_take_in_the_last_day():
    # Wednesday to Tuesday: Thursday, Friday, Monday, Tuesday.
    assert count_workdays(date(2026, 7, 1), date(2026, 7, 7)) == 4
    assert count_workdays(date(2026, 7, 1), date(2026, 7, 7), {date(2026, 7, 4): True, date(2026, 7, 6): False}) == 4
    assert count_workdays(date(2026, 7, 1), date(2026, 7, 1)) == 0


def test_a_year_without_published_holidays_is_not_known():
    assert [knows(year) for year in (2026, 2090)] == [True, False]
