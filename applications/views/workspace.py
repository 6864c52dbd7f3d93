"""工作台: everything of an enterprise at one look, a new application, the order of preference."""

import uuid as uuids
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import guidance, last_year, paper_status, progress, report_progress
from applications.actions import drafts, entered, registration
from applications.forms.filing import NewApplicationForm
from applications.guidance import Guides
from applications.models import (
    Application,
    JoinRequest,
    JoinState,
    Membership,
    Message,
    Programme,
    Round,
    Thread,
)
from applications.packets.constituents import Constituents
from applications.states import State
from applications.views import workspace_deferred, workspace_rows
from applications.views.filing_desk import day_label
from applications.views.members import membership_of
from applications.views.workspace_rows import Row
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import User

CLOSED_AGO = timedelta(days=400)
SOURCES = 20  # earlier filings offered for copying


class Group(NamedTuple):
    """The filings of one round."""

    round: Round
    rows: list[Row]
    can_order: bool
    is_open: bool
    unsent: int


class Due(NamedTuple):
    at: datetime
    day: str
    title: str
    note: str
    tone: str


@login_required
@require_safe
def workspace(request: HttpRequest) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    membership = membership_of(request)
    if membership is None:
        return _without_enterprise(request, user)
    now = clock.now()
    soon = now + timedelta(days=60)
    rounds = list(Round.objects.published().filter(opens_at__lte=soon).prefetch_related("extensions"))
    enterprise = membership.enterprise
    open_rounds = sorted(
        (one for one in rounds if one.opens_at <= now < one.deadline_for(enterprise.pk)),
        key=lambda one: one.deadline_for(enterprise.pk),
    )
    guides = Guides()
    groups = _groups(user, membership, rounds, now, guides)
    rows = [row for group in groups for row in group.rows]
    open_round = open_rounds[0] if open_rounds else None
    shown_round = open_round or (groups[0].round if groups else None)
    report = _report(membership, shown_round.programme, guides) if shown_round else None
    context = {
        "membership": membership,
        "enterprise": enterprise,
        "new_rules": registration.rules_not_agreed(user),
        "people_count": enterprise.memberships.filter(is_active=True).count(),
        "groups": groups,
        "deferred": [row for row in rows if row.deferred],
        "open_round": open_round,
        "can_create": membership.manages and open_round is not None,
        "countdown_until": open_round.deadline_for(enterprise.pk) if open_round else None,
        "countdown_title": f"距{open_round.label}截止" if open_round else "",
        "countdown_note": _unsent_note(groups, open_round),
        "report": report,
        "dues": _dues(rows, open_rounds, rounds, enterprise.pk, now),
        "next_round": min((one for one in rounds if one.opens_at > now), key=lambda one: one.opens_at, default=None),
        "entered": entered.waiting_of([row.application for row in rows]),
        "messages_recent": _recent_messages(user),
        "papers": _papers(membership, groups),
        "step": workspace_rows.next_step(
            rows, manages=membership.manages, open_round=open_round, at=now,
            report_done=bool(report and report["summary"].state == report["statistics"].state == "done"),
        ),
    }  # fmt: skip
    return render(request, "applications/workspace.html", context)


def _papers(membership: Membership, groups: list[Group]) -> list[tuple[Round, str]]:
    """The last rounds with something filed, and where their paper stands."""
    filed = [group.round for group in groups if any(row.application.file_number for row in group.rows)][:2]
    if not membership.manages:
        return []
    held = [Constituents(membership.enterprise, round_, light=True) for round_ in filed]
    return [(one.round, paper_status.of(one).line) for one in held if one.submissions]


def _unsent_note(groups: list[Group], open_round: Round | None) -> str:
    unsent = next((group.unsent for group in groups if group.round == open_round), 0)
    return f"还有 {unsent} 项草稿未提交" if unsent else ""


def _without_enterprise(request: HttpRequest, user: User) -> HttpResponse:
    """People who belong to no enterprise learn what to do, and nothing about any enterprise."""
    asked = JoinRequest.objects.filter(user=user).order_by("-id").first()
    context = {"waiting": asked is not None and asked.state == JoinState.WAITING, "asked": asked}
    return render(request, "applications/workspace_none.html", context)


def _groups(user: User, membership: Membership, rounds: list[Round], now: datetime, guides: Guides) -> list[Group]:
    everything = workspace_rows.filings(user, membership.enterprise, rounds)
    found = []
    for round_, members in groupby(everything, key=lambda application: application.round):
        mine = [one for one in members if one.state != State.WITHDRAWN or one.file_number]
        active = [one for one in mine if one.state != State.WITHDRAWN]
        ordered = active + [one for one in mine if one.state == State.WITHDRAWN]
        if not ordered:
            continue
        rows = [
            _row(one, number, len(active), membership, rounds, now, guides) for number, one in enumerate(ordered, 1)
        ]
        deadline = round_.deadline_for(membership.enterprise_id)
        can_order = membership.manages and now < deadline and len(active) > 1
        unsent = sum(one.state == State.DRAFT for one in mine)
        found.append(Group(round_, rows, can_order, round_.opens_at <= now < deadline, unsent))
    return found


def _row(
    one: Application, number: int, count: int, membership: Membership, rounds: list[Round], now: datetime,
    guides: Guides,
) -> Row:  # fmt: skip
    put_off = workspace_deferred.of(one, rounds, now) if one.state == State.DEFERRED else None
    return workspace_rows.row_of(one, number, count, manages=membership.manages, at=now, guides=guides, put_off=put_off)


def _report(membership: Membership, programme: Programme, guides: Guides) -> dict[str, Any]:
    mine = last_year.up_to(programme).filter(enterprise=membership.enterprise)
    report, earlier = last_year.split(mine, programme)
    before, _version = last_year.compared(earlier)
    version = report.versions.order_by("-version").values_list("version", flat=True).first() if report else None
    text, figures = progress.report_minutes(report, guides, programme.fields)
    return {
        "programme": programme,
        "summary_minutes": progress.spoken_minutes(text),
        "statistics_minutes": progress.spoken_minutes(figures),
        "summary": report_progress.summary_progress(report),
        "statistics": report_progress.statistics_progress(report, before),
        "version": version,
    }


def _dues(
    rows: list[Row], open_rounds: list[Round], rounds: list[Round], enterprise_id: int, now: datetime
) -> list[Due]:
    dues = []
    for row in rows:
        application = row.application
        if application.state == State.RETURNED and application.deadline() > now:
            left = (application.deadline() - now).days
            dues.append(
                Due(application.deadline(), day_label(application.deadline()), f"{application.display_name}补正",
                    f"24:00 前，还剩 {left} 天" if left else "24:00 前，不足 1 天", "amber")
            )  # fmt: skip
    for one in open_rounds:
        until = one.deadline_for(enterprise_id)
        dues.append(Due(until, day_label(until), f"{one.label}网上提交", "24:00 前", "lake"))
    submitted = {row.application.round_id for row in rows if row.application.file_number}
    for one in rounds:
        if one in open_rounds or (one.pk in submitted and now < one.paper_due_at):
            dues.append(Due(one.paper_due_at, day_label(one.paper_due_at), "纸质材料一套", "寄达或以邮戳为准", ""))
        if one.opens_at > now:
            dues.append(Due(one.opens_at, day_label(one.opens_at + timedelta(days=1)), f"{one.label}开放填报", "", ""))
    return sorted(dues, key=lambda due: due.at)[:5]


def _recent_messages(user: User) -> list[Message]:
    threads = Thread.objects.of_member(user)
    return list(
        Message.objects.filter(thread__in=threads)
        .select_related("author", "thread__application")
        .order_by("-created_at", "-id")[:3]
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Choose round, name and type. Rounds that are not open are shown with the reason."""
    user: User = request.user  # type: ignore[assignment]
    membership = membership_of(request)
    if membership is None:
        return redirect("applications:workspace")
    if not membership.manages:
        raise PermissionDenied("新建申报由单位负责人或质量主管办理。")
    now = clock.now()
    recent = Round.objects.published().filter(closes_at__gt=now - CLOSED_AGO).order_by("opens_at")
    rounds = list(recent.prefetch_related("extensions"))
    deadlines = {one.pk: one.deadline_for(membership.enterprise_id) for one in rounds}
    open_rounds = [one for one in rounds if one.opens_at <= now < deadlines[one.pk]]
    initial = {"round": open_rounds[0].pk} if len(open_rounds) == 1 else {}
    form = NewApplicationForm(request.POST if request.method == "POST" else None, rounds=open_rounds, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            application = drafts.create_application(
                membership.enterprise,
                form.cleaned_data["round"],
                actor=user,
                group_name=form.cleaned_data["group_name"],
                topic_type=form.cleaned_data["topic_type"],
            )
            messages.success(request, "申报草稿已建立，联系人已按单位资料填好，请核对。")
            return redirect("applications:section", uuid=application.uuid, code="contact")
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except Refusal as refusal:
            form.add_error("round", refusal.message)
    guidance.attach(form, Guides(keys=("group_name", "topic_type")))
    context = {
        "form": form,
        "membership": membership,
        "open_rounds": open_rounds,
        "closed": [one for one in rounds if now >= deadlines[one.pk]],
        "upcoming": [one for one in rounds if one.opens_at > now],
        "sources": Application.objects.visible_to(user).filter(enterprise=membership.enterprise).for_list()[:SOURCES],
    }
    return render(request, "applications/new.html", context)


@login_required
@require_POST
def order(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """Up or down by one, with a form for each so that it works without script."""
    application = get_object_or_404(
        Application.objects.visible_to(request.user).select_related("round__programme"),  # type: ignore[arg-type]
        uuid=uuid,
    )
    try:
        drafts.move_application(
            application,
            actor=request.user,  # type: ignore[arg-type]
            up=request.POST.get("direction") == "up",
        )
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("applications:workspace")
