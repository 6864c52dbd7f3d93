"""What judging adds to the desk's dates ahead: ends of scoring, and of the time for objections after a publication."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse

from applications.announcing import announcement_end
from applications.models import WorkdayException
from qcportal import desk
from qcportal.desk import Coming
from reviews.models import Ranking, Stage

# Nothing published earlier is still open to objections, whatever the year's length and its holidays.
LOOK_BACK = timedelta(days=90)


@desk.add_coming
def scoring_ends(now: datetime) -> Iterator[Coming]:
    rows = Stage.objects.filter(is_active=True, closes_at__gt=now).select_related("round__programme")
    for stage in rows.order_by("closes_at"):
        address = reverse("admin:reviews_assign", args=[stage.pk])
        yield Coming(stage.closes_at, f"{stage}评分截止", "评审", address)


@desk.add_coming
def announcement_ends(now: datetime) -> Iterator[Coming]:
    rankings = list(
        Ranking.objects.filter(announced_at__gt=now - LOOK_BACK)
        .select_related("round__programme", "programme")
        .defer("data")
    )
    exceptions = dict(WorkdayException.objects.values_list("day", "is_workday")) if rankings else {}
    for ranking in rankings:
        assert ranking.announced_at is not None  # noqa: S101 -- filtered above
        end = announcement_end(ranking.programme, ranking.announced_at, exceptions)
        yield Coming(end, f"{ranking}公示结束", "公示", reverse("admin:reviews_rankings"))
