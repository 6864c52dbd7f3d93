"""Who reaches what on the judges' pages: the assigned judge, pledged and not recused, nobody else."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from applications.models import Submission
from reviews import conflicts
from reviews.actions.pledging import has_pledged
from reviews.actions.sheets import current_sheet
from reviews.models import Assignment, Judge


def judge_of(request: HttpRequest) -> Judge:
    """The judge behind this login; everybody else gets 403 on the pages that belong to judges in general."""
    judge = Judge.objects.select_related("user").filter(user=request.user).first()
    if judge is None:
        raise PermissionDenied
    return judge


def assignment_of(request: HttpRequest, uuid: UUID) -> Assignment:
    """404 for everybody but the judge it was given to."""
    own = Assignment.objects.of(request.user).for_list()  # type: ignore[arg-type]
    return get_object_or_404(own, uuid=uuid)


def readable_assignment(request: HttpRequest, uuid: UUID) -> Assignment:
    """An assignment whose files may be opened: 403 for a recused judge and for one who has not pledged.

    Also for one whom the rule recuses now, before anybody has written it down (a unit renamed, a relation told).
    """
    assignment = assignment_of(request, uuid)
    recused = assignment.is_recused or conflicts.is_recused(assignment.judge, assignment.application)
    if recused or not has_pledged(assignment.judge, assignment.stage.round.programme_id):
        raise PermissionDenied
    return assignment


def submission_of(assignment: Assignment) -> Submission | None:
    """What this judge reads: the version that was scored, else the latest."""
    sheet = current_sheet(assignment)
    if sheet is not None and sheet.submitted_at is not None:
        return sheet.submission
    return assignment.application.latest_submission


def time_left(until: datetime, now: datetime) -> str:
    """还剩 2 天 6 时; minutes in the last hours."""
    minutes = int((until - now).total_seconds()) // 60
    if until <= now:
        return "已截止"
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return f"还剩 {days} 天 {hours} 时"
    return f"还剩 {hours} 时 {rest} 分" if hours else f"还剩 {rest} 分"
