"""The default end of a correction: five working days, until 24:00 (design, section 6)."""

from datetime import date, datetime

from django.utils import timezone

from applications.models import WorkdayException
from applications.models.programmes import day_end
from qcportal import workdays

CORRECTION_WORKING_DAYS = 5


def default_correction_day(now: datetime, count: int = CORRECTION_WORKING_DAYS) -> date:
    """The day on whose 24:00 a correction sent now ends; today does not count. ``count``: as the year says."""
    exceptions = dict(WorkdayException.objects.values_list("day", "is_workday"))
    return workdays.add_workdays(timezone.localdate(now), count, exceptions)


def end_of(day: date) -> datetime:
    return day_end(day.year, day.month, day.day)
