"""Reviews and announcements on the secretariat's picture of the year (applications.timeline)."""

from datetime import date, datetime, time

from django.utils import timezone

from applications.announcing import announcement_end
from applications.models import Programme
from applications.next_year import exceptions
from applications.timeline import Span, between, staff_lane
from reviews.models import Ranking, Stage


@staff_lane("评审")
def _stages(programme: Programme) -> list[Span]:
    rows = Stage.objects.filter(round__programme=programme).select_related("round__programme").order_by("opens_at")
    return [
        between(row.opens_at, row.closes_at, f"{row.round.label}{row.get_kind_display()}",  # type: ignore[attr-defined]
                f"{row.round.label}{row.get_kind_display()}")  # type: ignore[attr-defined]
        for row in rows
    ]  # fmt: skip


@staff_lane("公示")
def _announced(programme: Programme) -> list[Span]:
    """From the day a result was published for as many working days as the year says. One span a day."""
    moments = Ranking.objects.filter(programme=programme).exclude(announced_at=None)
    days = sorted({timezone.localdate(moment) for moment in moments.values_list("announced_at", flat=True)})
    known = exceptions() if days else {}
    return [
        between(_midnight(day), announcement_end(programme, _noon(day), known), "公示",
                "结果公示", "tint", f"{programme.announcement_workdays} 个工作日")
        for day in days
    ]  # fmt: skip


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=timezone.get_default_timezone())
