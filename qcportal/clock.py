"""The one source of the current time, so that tests can move it and PostgreSQL can decide deadlines."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

_fixed: datetime | None = None


def now() -> datetime:
    """The current time, aware. Called in views, tasks and commands, and passed down from there."""
    return _fixed or timezone.now()


def now_in_transaction() -> datetime:
    """The time at this moment of a running transaction, as the database host sees it.

    ``clock_timestamp()`` moves on inside a transaction, unlike ``now()``: read after a lock is held,
    it says when the lock was got, not when the request arrived. SQLite runs on this host, so its
    clock is ours.
    """
    if _fixed is not None or connection.vendor != "postgresql":
        return now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


@contextmanager
def fixed(at: datetime) -> Iterator[None]:
    """Within this block the clock stands at ``at``. For tests and for seeding demo data."""
    global _fixed
    before, _fixed = _fixed, at
    try:
        yield
    finally:
        _fixed = before


def half_open_label(moment: datetime) -> str:
    """A deadline as people say it: stored as the next day 00:00, shown as 2026年6月30日24:00."""
    local = timezone.localtime(moment)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        day = local.date() - timedelta(days=1)
        return f"{day.year}年{day.month}月{day.day}日24:00"
    text = f"{local.year}年{local.month}月{local.day}日{local:%H:%M}"
    return text if local.second == 0 else f"{text}:{local:%S}"
