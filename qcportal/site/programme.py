"""Which year and which round the public pages show."""

from datetime import datetime

from applications.models import Programme, Round


def open_round(now: datetime) -> Round | None:
    """The open round that closes first (design, section 9: the home page shows the open round first)."""
    return Round.objects.open_at(now).first()


def shown_round(now: datetime) -> Round | None:
    """The open round, else the next to open, else the one that closed last."""
    return (
        open_round(now)
        or Round.objects.upcoming(now).first()
        or Round.objects.published().filter(closes_at__lte=now).order_by("-closes_at").first()
    )


def shown_programme(now: datetime) -> Programme | None:
    """The year of the shown round, with what its pages list."""
    round_ = shown_round(now)
    programmes = Programme.objects.published().prefetch_related("rounds", "calendar", "host_rows")
    if round_ is None:
        return programmes.first()
    return programmes.get(pk=round_.programme_id)
