"""How a round fills, day by day before its deadline, so that two years can be laid over each other. Pure Python."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import NamedTuple

DAY = timedelta(days=1)
LONGEST = 120  # days before the deadline that are shown; what came earlier counts into the first of them
TENTH = Decimal("0.1")


class Window(NamedTuple):
    """The round's filing time, and the present moment: nothing is said about days that have not begun."""

    opens_at: datetime
    closes_at: datetime
    now: datetime


class Filing(NamedTuple):
    """One application: when it was begun, first submitted, first checked; whether it takes part now."""

    created_at: datetime
    submitted_at: datetime | None = None
    checked_at: datetime | None = None
    takes_part: bool = False
    city: str = ""
    industry: str = ""


class Day(NamedTuple):
    """``left`` days before the deadline (0: the last day, below 0: an extension); None where it has not begun."""

    left: int
    filed: int | None
    so_far: int | None


class Facts(NamedTuple):
    """Numbers of one round. Spans are medians in days with one place; shares are percent with one place."""

    begun: int
    filed: int
    taking_part: int
    filed_share: Decimal | None
    taking_part_share: Decimal | None
    days_to_file: Decimal | None
    days_to_check: Decimal | None
    last_day: int
    last_day_share: Decimal | None


def days_left(at: datetime, closes_at: datetime) -> int:
    """Whole days before the deadline: 0 from 24 hours before it, -1 from the deadline itself on."""
    return (closes_at - at - timedelta(microseconds=1)) // DAY


def longest(windows: Iterable[Window]) -> int:
    """The first day to draw, so that every window has room."""
    return min(max(days_left(each.opens_at, each.closes_at) for each in windows), LONGEST)


def per_day(filings: Iterable[Filing], window: Window, first: int, last: int = 0) -> list[Day]:
    """From ``first`` days before the deadline down to ``last``; a round that has not opened yet has no number."""
    counted = Counter(
        min(max(days_left(filing.submitted_at, window.closes_at), last), first)
        for filing in filings
        if filing.submitted_at is not None
    )
    today = days_left(window.now, window.closes_at)
    days, so_far = [], 0
    for left in range(first, last - 1, -1):
        so_far += counted[left]
        begun = left >= today and window.now >= window.opens_at
        days.append(Day(left, counted[left] if begun else None, so_far if begun else None))
    return days


def latest(filings: Iterable[Filing], closes_at: datetime) -> int:
    """0, or how far into an extension somebody filed (below 0)."""
    return min([0, *(days_left(each.submitted_at, closes_at) for each in filings if each.submitted_at is not None)])


def facts(filings: Sequence[Filing], closes_at: datetime) -> Facts:
    filed = [each for each in filings if each.submitted_at is not None]
    part = sum(each.takes_part for each in filed)
    last_day = sum(days_left(each.submitted_at, closes_at) <= 0 for each in filed if each.submitted_at)
    checked = [each for each in filed if each.checked_at is not None]
    return Facts(
        begun=len(filings),
        filed=len(filed),
        taking_part=part,
        filed_share=share(len(filed), len(filings)),
        taking_part_share=share(part, len(filed)),
        days_to_file=_median_days(each.submitted_at - each.created_at for each in filed if each.submitted_at),
        days_to_check=_median_days(
            each.checked_at - each.submitted_at for each in checked if each.checked_at and each.submitted_at
        ),
        last_day=last_day,
        last_day_share=share(last_day, len(filed)),
    )


def share(part: int, whole: int) -> Decimal | None:
    return (Decimal(part * 100) / whole).quantize(TENTH, ROUND_HALF_UP) if whole else None


def _median_days(spans: Iterable[timedelta]) -> Decimal | None:
    seconds = [max(span, timedelta(0)).total_seconds() for span in spans]
    if not seconds:
        return None
    return (Decimal(round(median(seconds))) / 86400).quantize(TENTH, ROUND_HALF_UP)
