"""What the secretariat entered for an enterprise: looked at part by part, then confirmed as its own."""

import uuid as uuids
from typing import NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from applications import confirmations
from applications.actions import entered
from applications.models import StaffEntry
from applications.views.filing_desk import Desk
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal


class Part(NamedTuple):
    code: str
    title: str
    urls: list[tuple[str, str]]
    ticked: bool


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """The parts with links to their pages, a box each, and the statements. Owner and 质量主管 only."""
    desk = Desk(request, uuid)
    if not desk.manages:
        raise PermissionDenied("只有单位负责人或质量主管可以核对确认。")
    refused: Refusal | None = None
    if request.method == "POST":
        kinds = [one.kind for one in confirmations.statements(desk.now)]
        agreed = {kind: request.POST.get(f"seen-{kind}", "")[:20] for kind in kinds if kind in request.POST}
        try:
            entered.confirm(
                desk.application, actor=request.user, looked_at=request.POST.getlist("part"), agreed=agreed  # type: ignore[arg-type]
            )  # fmt: skip
            messages.success(request, "已确认。请补全仍缺的内容，再核对并提交。")
            return redirect("applications:detail", uuid=uuid)
        except NotAllowed as refusal:
            raise PermissionDenied(refusal.message) from refusal
        except Refusal as refusal:
            refused = refusal
    return _page(request, desk, refused)


def _page(request: HttpRequest, desk: Desk, refused: Refusal | None) -> HttpResponse:
    rows = StaffEntry.objects.of(desk.application).select_related("entered_by", "confirmed_by")
    entries = list(rows)
    waiting = [one for one in entries if one.confirmed_at is None]
    ticked = set(request.POST.getlist("part"))
    year = desk.application.round.programme.year
    report = [
        ("附件 2", reverse("applications:report_summary", args=[year])),
        ("附件 3", reverse("applications:report_statistics", args=[year])),
    ]
    parts = [
        Part(one.code, one.title, report if one.code == "report" else [("查看", desk.section_url(one.code))],
             one.code in ticked)
        for one in entered.parts_of(desk.application, waiting)
    ]  # fmt: skip
    context = desk.context(
        entries=entries,
        waiting=waiting,
        parts=parts,
        statements=[(one, one.kind in request.POST) for one in confirmations.statements(clock.now())],
        refused=refused,
    )
    return render(request, "applications/entered.html", context, status=409 if refused else 200)
