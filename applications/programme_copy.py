"""What a new year takes over from an old one: one registered function for each kind of row.

Whoever adds a model whose rows belong to a programme registers a copier beside it; ``create_programme`` runs them all
in its transaction, in the order of their registration. Nothing of people or filings is ever copied.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import models
from django.utils import timezone

from applications.models import Programme, Round
from qcportal import workdays
from qcportal.models import User
from qcportal.workdays import end_of_workday_after


class Copy(NamedTuple):
    """From which year to which, and the days that staff corrected in the preview (by ``Planned.key``)."""

    source: Programme
    target: Programme
    dates: Mapping[str, date]


Copier = Callable[[Copy], list[str]]
"""Makes the rows of the target and answers with sentences about what could not be taken over."""

COPIERS: dict[str, Copier] = {}


def copier(title: str) -> Callable[[Copier], Copier]:
    """Registers a copier under the words that the secretariat knows the rows by."""

    def register(function: Copier) -> Copier:
        COPIERS[title] = function
        return function

    return register


AddedTo = Callable[[Round, User], list[str]]
"""Makes what belongs to a round that is added to a year later, and says what."""

WITH_ROUND: list[AddedTo] = []


def with_round(function: AddedTo) -> AddedTo:
    WITH_ROUND.append(function)
    return function


def copy_all(source: Programme, target: Programme, dates: Mapping[str, date]) -> list[str]:
    """Runs every copier; in the caller's transaction."""
    copy = Copy(source, target, dates)
    return [said for function in COPIERS.values() for said in function(copy)]


def copy_rows(
    rows: "models.QuerySet[Any]", target: Programme, change: Callable[[Any], None] | None = None
) -> list[models.Model]:
    """Each of ``rows`` again for ``target``, with ``change`` applied before it is stored."""
    made = []
    for row in rows:
        row.pk, row._state.adding = None, True
        row.programme = target
        if change is not None:
            change(row)
        made.append(row)
    return rows.model._default_manager.bulk_create(made)  # type: ignore[no-any-return]


_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")


def years_in(text: str) -> list[int]:
    """The years that a text names. Words are taken over as they are: a person looks at those that name a year."""
    return sorted({int(found) for found in _YEAR.findall(text)})


# --- Dates --------------------------------------------------------------------------------------------


def shifted_day(day: date, years: int) -> date:
    """The same day and month; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def last_day_of(moment: datetime) -> date:
    """The day that people name for a half-open deadline: of 1 July 00:00 the 30 June."""
    return timezone.localdate(moment - timedelta(seconds=1))


def workdays_between(moment: datetime, due: datetime, exceptions: Mapping[date, bool]) -> int:
    """How many working days lie after the last day of ``moment`` up to the last day of ``due``."""
    day, last = last_day_of(moment), last_day_of(due)
    if (last - day).days > 366:
        return 0
    return sum(workdays.is_workday(day + timedelta(days=n), exceptions) for n in range(1, (last - day).days + 1))


def due_again(closes_at: datetime, count: int, exceptions: Mapping[date, bool]) -> datetime:
    return end_of_workday_after(closes_at, max(count, 1), exceptions)
