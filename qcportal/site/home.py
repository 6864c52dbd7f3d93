"""The home page: the open round, five steps, the year, notices, blank forms."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from applications.models import DownloadTemplate, Notice, Programme, Round
from applications.timeline import chart_of
from qcportal import clock
from qcportal.site.programme import shown_programme, shown_round

NEW_FOR = timedelta(days=7)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Works with an empty database: then it says that no year has been published."""
    now = clock.now()
    programme = shown_programme(now)
    notices = list(Notice.objects.published().notices().only("slug", "title", "published_on", "is_pinned")[:5])
    context = {
        "now": now,
        "programme": programme,
        "hero": hero_of(shown_round(now), programme, now),
        "chart": chart_of(programme, now) if programme else None,
        "notices": notices,
        "new_since": timezone.localdate(now) - NEW_FOR,
        "templates": DownloadTemplate.objects.only("slug", "annex", "title"),
        "notice_of_year": _notice_of(programme),
        "hosts": _pairs(programme.hosts if programme else []),
    }
    return render(request, "site/home.html", context)


def hero_of(round_: Round | None, programme: Programme | None, now: datetime) -> dict[str, Any]:
    """The white card beside the title: state, countdown, what follows."""
    if round_ is None or programme is None:
        return {"state": "none"}
    sisters = [each for each in programme.rounds.all() if each.pk != round_.pk and each.closes_at > now]
    left = max(int(((round_.closes_at if round_.opens_at <= now else round_.opens_at) - now).total_seconds()), 0)
    return {
        "state": "open" if round_.is_open(now) else "upcoming" if now < round_.opens_at else "closed",
        "round": round_,
        "until": round_.closes_at if round_.opens_at <= now else round_.opens_at,
        "days": left // 86400,
        "hours": left % 86400 // 3600,
        "minutes": left % 3600 // 60,
        "near": 0 < left < 3 * 86400,
        "sister": sisters[0] if sisters else None,
    }


def _notice_of(programme: Programme | None) -> Notice | None:
    """The year's notice, known by its number in title or text."""
    if programme is None or not programme.notice_number:
        return None
    number = programme.notice_number
    named = Notice.objects.published().notices().filter(Q(title__contains=number) | Q(body__contains=number))
    return named.only("slug").order_by("published_on").first()


def _pairs(hosts: list[str]) -> list[list[str]]:
    return [hosts[start : start + 2] for start in range(0, len(hosts), 2)]
