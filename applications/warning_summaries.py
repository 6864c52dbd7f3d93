"""Warnings of filings, counted once and kept right: at every submission, and again where others change the answer.

The submission itself knows its own (all explained, else it would have been refused). What another filing, a report
or a taken-back filing changes is marked (``refreshed_at`` empty) in the same transaction and counted within half a
minute by the worker (applications.tasks.count_warnings), where the costly comparisons hold nobody up.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from applications import completeness, explaining, similar
from applications.actions.checking import CHECKABLE
from applications.models import Application, WarningSummary
from applications.states import State
from qcportal import clock

AT_ONCE = 100
# What nothing marks, such as newly published results, is noticed after a day.
OLD_AFTER = timedelta(days=1)


def on_submission(application: Application, answers: Sequence[explaining.Asked]) -> None:
    """In the transaction of a submission: its own count, and the enterprise's others of the year marked."""
    explained = sum(one.confirmed for one in answers)
    WarningSummary.objects.update_or_create(
        application=application,
        defaults={"explained": explained, "unexplained": 0, "similar": 0, "codes": [], "refreshed_at": None},
    )
    on_change(application)


def on_change(application: Application) -> None:
    """Another filing of the enterprise came, changed or went."""
    others = WarningSummary.objects.exclude(application=application.pk).filter(
        application__enterprise=application.enterprise_id,
        application__round__programme=application.round.programme_id,
    )
    others.update(refreshed_at=None)


def count_due(now: datetime, limit: int = AT_ONCE) -> int:
    """Counts what is marked, and what waits for a check and was counted long ago. Returns how many."""
    old = Q(refreshed_at__lt=now - OLD_AFTER, application__state=State.SUBMITTED)
    due = WarningSummary.objects.filter(Q(refreshed_at=None) | old)
    rows = Application.objects.filter(warning_summary__in=due.order_by("pk").values("pk")[:limit])
    related = ("members", "completing_units", "special_awards", "evidence", "round__extensions")
    counted = 0
    for application in rows.select_related("enterprise", "round__programme", "warning_summary").prefetch_related(
        *related
    ):
        count(application, now)
        counted += 1
    return counted


def count(application: Application, now: datetime) -> WarningSummary:
    """Counts the warnings of one filing as it stands. Decided ones keep what their version was frozen with."""
    last = application.submissions.order_by("-version").first()
    explained = len(explaining.frozen(last.data, last.personal)) if last else 0
    open_codes = _open_codes(application)
    alike = _alike_elsewhere(application)
    with transaction.atomic():
        summary, _created = WarningSummary.objects.update_or_create(
            application=application,
            defaults={
                "explained": explained,
                "unexplained": len(open_codes),
                "similar": len(alike),
                "codes": open_codes,
                "refreshed_at": now,
            },
        )
        # Likeness goes both ways: the other filing learns of this one.
        others = WarningSummary.objects.filter(application__uuid__in=alike, similar=0)
        others.filter(application__state__in=CHECKABLE).update(refreshed_at=None)
    return summary


def _alike_elsewhere(application: Application) -> list[str]:
    """Filings of other enterprises with nearly the same topic; asked only while there is something to decide."""
    if application.state not in CHECKABLE:
        return []
    return [one.uuid for one in similar.among_filed(application) if one.percent >= settings.SIMILAR_WARNING]


def _open_codes(application: Application) -> list[str]:
    """None while the working copy is not what was submitted: it is asked about with the next submission."""
    if application.state not in CHECKABLE or application.has_unsubmitted_changes:
        return []
    return [problem.code for problem in explaining.unanswered(application, completeness.problems(application))]


def count_all() -> int:
    """Every filing that was ever submitted, at once: for seeding, where rows come and go within one process."""
    similar.forget()
    rows = Application.objects.exclude(file_number=None).select_related("enterprise", "round__programme")
    now, done = clock.now(), 0
    for application in rows.order_by("pk").iterator(chunk_size=200):
        count(application, now)
        done += 1
    return done
