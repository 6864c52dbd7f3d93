"""The filings of one round and of the same round a year before, for the desk's charts. One query for both."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Subquery

from applications.figures import pace
from applications.models import Application, FormalCheck, Round, Submission
from applications.states import TAKING_PART


class Season(NamedTuple):
    """A round with its filings; ``rows`` holds drafts too."""

    round: Round
    window: pace.Window
    rows: list[pace.Filing]

    @property
    def label(self) -> str:
        return str(self.round)


class Place(NamedTuple):
    """Filed of one city or industry, this round and the one before (None without one before)."""

    code: str
    label: str
    now: int
    before: int | None


def year_before(round_: Round) -> Round | None:
    """The latest earlier round of the same number that anything was filed in, to compare with."""
    filed = Application.objects.submitted().filter(round=OuterRef("pk"))
    earlier = Round.objects.published().filter(
        Exists(filed), number=round_.number, programme__year__lt=round_.programme.year,
        programme__is_demo=round_.programme.is_demo,
    )  # fmt: skip
    return earlier.order_by("-programme__year").first()


def seasons(rounds: list[Round], now: datetime) -> list[Season]:
    """One for each of ``rounds``, in their order. Withdrawn filings count as filed: they were."""
    first = Submission.objects.filter(application=OuterRef("pk"), version=1)
    checks = FormalCheck.objects.filter(application=OuterRef("pk")).order_by("started_at")
    rows = (
        Application.objects.filter(round__in=[round_.pk for round_ in rounds])
        .annotate(
            first_at=Subquery(first.values("submitted_at")[:1]), checked_at=Subquery(checks.values("started_at")[:1])
        )
        .order_by("pk")
        .values_list(
            "round_id", "created_at", "first_at", "checked_at", "state", "enterprise__city", "enterprise__industry"
        )
    )
    found: dict[int, list[pace.Filing]] = {round_.pk: [] for round_ in rounds}
    for round_id, created, filed, checked, state, city, industry in rows:
        found[round_id].append(pace.Filing(created, filed, checked, state in TAKING_PART, city, industry))
    return [Season(round_, pace.Window(round_.opens_at, round_.closes_at, now), found[round_.pk]) for round_ in rounds]


def places(
    now: Season, before: Season | None, key: Callable[[pace.Filing], str], names: Mapping[str, str]
) -> list[Place]:
    """Filed by city or industry, where there is anything; the names' order, 未填写 last."""
    counted = [_counted(season, key) for season in (now, before) if season is not None]
    codes = [*names, *sorted({code for each in counted for code in each} - set(names))]
    return [
        Place(code, names.get(code, "未填写"), counted[0].get(code, 0), counted[1].get(code, 0) if before else None)
        for code in codes
        if any(code in each for each in counted)
    ]


def _counted(season: Season, key: Callable[[pace.Filing], str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in season.rows:
        if row.submitted_at is not None:
            counts[key(row)] = counts.get(key(row), 0) + 1
    return counts
