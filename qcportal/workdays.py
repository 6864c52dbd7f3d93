"""Working days: the State Council's calendar as chinesecalendar knows it, corrected by what staff entered."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

import chinese_calendar
from django.utils import timezone


def is_workday(day: date, exceptions: Mapping[date, bool] | None = None) -> bool:
    """``exceptions`` (day -> works) win; years the library does not know are Monday to Friday."""
    if exceptions and day in exceptions:
        return exceptions[day]
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def knows(year: int) -> bool:
    """Whether the library has the year; the State Council publishes it in the autumn before."""
    try:
        chinese_calendar.is_workday(date(year, 6, 1))
    except NotImplementedError:
        return False
    return True


def add_workdays(day: date, count: int, exceptions: Mapping[date, bool] | None = None) -> date:
    """The ``count``-th working day after ``day``; ``day`` itself never counts."""
    if count < 1:
        raise ValueError("count must be at least 1")
    while count:
        day += timedelta(days=1)
        count -= is_workday(day, exceptions)
    return day


def count_workdays(after: date, last: date, exceptions: Mapping[date, bool] | None = None) -> int:
    """Working days in (``after``, ``last``]: today never counts, the last day does."""
    return sum(is_workday(after + timedelta(days=place), exceptions) for place in range(1, (last - after).days + 1))


def end_of_workday_after(moment: datetime, count: int, exceptions: Mapping[date, bool] | None = None) -> datetime:
    """24:00 of the ``count``-th working day after the day of ``moment``, as stored: the next day 00:00.

    A moment that is itself 24:00 of a day (stored as the next 00:00) counts from that day.
    """
    local = timezone.localtime(moment)
    day = local.date()
    if (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0):
        day -= timedelta(days=1)
    following = add_workdays(day, count, exceptions) + timedelta(days=1)
    return datetime.combine(following, time(), tzinfo=timezone.get_default_timezone())
