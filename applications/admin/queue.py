"""The work queue for the pages: its sets (applications.queueing), what to do first, the walk through a filter."""

from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.utils import timezone

from applications import queueing
from applications.models import Application, Claim, FormalCheck
from applications.models.checking import Outcome
from applications.queueing import being_checked, overdue, resubmitted, waiting, without_paper
from applications.queueing import facts as for_queue
from applications.states import State
from qcportal import clock
from qcportal.models import User
from qcportal.roles import Role, has_role

PAPER_EXPECTED = queueing.PAPER_EXPECTED
__all__ = [
    "PAPER_EXPECTED",
    "being_checked",
    "claim_context",
    "for_queue",
    "overdue",
    "resubmitted",
    "urgent_first",
    "waiting",
    "without_paper",
]

# The claim bar warns when no more than this is left of a claim.
ENDS_SOON_MINUTES = 20
# The session remembers the filter that the person works through, for 下一件 on the check page.
SESSION_KEY = "queue_filter"


def urgent_first(rows: QuerySet[Application], at: datetime, count: int) -> list[Application]:
    """What to do first: late corrections, then corrections that came back, then the others, oldest number first.

    Two queries: the ids are sorted without the list's other subqueries, which would run for every waiting row.
    """
    waiting_or_late = overdue(rows, at) | rows.filter(state=State.SUBMITTED)
    returned = FormalCheck.objects.filter(application=OuterRef("pk"), outcome=Outcome.RETURN)
    rank = Case(When(~Q(state=State.SUBMITTED), then=Value(0)), When(Exists(returned), then=Value(1)), default=Value(2))
    ids = list(
        waiting_or_late.annotate(urgency=rank).order_by("urgency", "file_number").values_list("pk", flat=True)[:count]
    )
    return sorted(for_queue(rows.filter(pk__in=ids)), key=lambda row: ids.index(row.pk))


def claim_context(application: Application, user: User) -> dict[str, Any]:
    """For templates/admin/applications/claim_bar.html: who has the filing, and what ``user`` may do about it.

    One query when ``application`` comes from ``for_queue`` (who is checking it is known there), else two.
    """
    now = clock.now()
    claim: Claim | None = getattr(application, "claim", None)
    if hasattr(application, "checker_pk"):
        checker = application.checker_pk
    else:
        checker = application.checks.filter(outcome="").values_list("checker", flat=True).first()
    stands = claim is not None and (checker is not None or claim.keeps_until > now)
    mine = claim is not None and stands and claim.holder_id == user.pk
    left = int((claim.keeps_until - now).total_seconds() // 60) if claim and stands and checker is None else None
    return {
        "application": application,
        "claim": claim if stands else None,
        "mine": mine,
        "under_check": checker is not None,
        "may_claim": application.state == State.SUBMITTED and not stands and checker is None,
        "minutes_left": left,
        "ends_soon": left is not None and left <= ENDS_SOON_MINUTES,
        "left_said": left_said(left),
        "may_edit": has_role(user, Role.SECRETARIAT),
        "decided": application.state != State.SUBMITTED and checker is None,
    }


def left_said(minutes: int | None) -> str:
    if minutes is None:
        return ""
    if minutes < 60:
        return f"{max(minutes, 1)} 分钟"
    return f"{minutes // 60} 小时" if minutes < 48 * 60 else f"{minutes // (24 * 60)} 天"


def since(moment: datetime) -> str:
    """今天 09:12, or the day for older ones."""
    local = timezone.localtime(moment)
    if local.date() == timezone.localdate(clock.now()):
        return f"今天 {local:%H:%M}"
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def remembered(request: HttpRequest) -> str:
    return str(request.session.get(SESSION_KEY, ""))
