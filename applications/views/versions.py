"""提交版本: all of them, and what differs between any two."""

import uuid as uuids
from typing import NamedTuple

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from applications import comparing
from applications.models import Submission
from applications.views.filing_desk import Desk

DRAFT = "draft"


class Choice(NamedTuple):
    value: str
    label: str


@login_required
@require_safe
def compare(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """?from=1&to=2, or to=draft for changes that are not submitted. 404 for a filing never submitted.

    Without a choice: the last two versions, or the last one against its unsubmitted changes.
    """
    desk = Desk(request, uuid)
    versions = list(desk.application.submissions.defer("data", "personal").order_by("version"))
    if not versions:
        raise Http404
    draft = desk.application.has_unsubmitted_changes
    choices = [Choice(str(one.version), _label(one)) for one in versions]
    choices += [Choice(DRAFT, "未提交的修改")] if draft else []
    values = [choice.value for choice in choices]
    newer = request.GET.get("to", "") if request.GET.get("to", "") in values else values[-1]
    before = values[max(values.index(newer) - 1, 0)]
    older = request.GET.get("from", "") if request.GET.get("from", "") in values else before
    if values.index(older) > values.index(newer):
        older, newer = newer, older
    left, right = _version(desk, older), _version(desk, newer)
    context = desk.context(
        choices=choices,
        older=older,
        newer=newer,
        labels={choice.value: choice.label for choice in choices},
        left=left,
        right=right,
        sections=comparing.compare(left, right) if left and right and older != newer else [],
    )
    return render(request, "applications/versions.html", context)


def _label(submission: Submission) -> str:
    return f"第 {submission.version} 版（{timezone.localtime(submission.submitted_at):%Y-%m-%d %H:%M}）"


def _version(desk: Desk, value: str) -> Submission | None:
    if value == DRAFT:
        return comparing.as_if_frozen(desk.application)
    return desk.application.submissions.select_related("report_version", "submitted_by").get(version=int(value))
