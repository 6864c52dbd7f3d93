"""How long a published result may be objected to: so many working days as the year says (公示期限), until 24:00."""

from collections.abc import Mapping
from datetime import date, datetime

from applications.models import Programme
from qcportal.workdays import end_of_workday_after


def announcement_end(programme: Programme, announced_at: datetime, exceptions: Mapping[date, bool]) -> datetime:
    """The first moment after the announcement; the day of publishing itself does not count."""
    return end_of_workday_after(announced_at, programme.announcement_workdays, exceptions)
