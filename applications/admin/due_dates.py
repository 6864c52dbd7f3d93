"""The default end of a correction: so many working days as the year says, until 24:00."""

from datetime import date, datetime

from django.utils import timezone

from applications.models import WorkdayException
from applications.models.programmes import day_end
from qcportal import workdays


def default_correction_day(now: datetime, count: int) -> date:
    """The day on whose 24:00 a correction sent now ends, ``count`` (Programme.correction_workdays) working days on;
    today does not count."""
    exceptions = dict(WorkdayException.objects.values_list("day", "is_workday"))
    return workdays.add_workdays(timezone.localdate(now), count, exceptions)


def end_of(day: date) -> datetime:
    return day_end(day.year, day.month, day.day)
