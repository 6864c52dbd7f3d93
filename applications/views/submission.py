"""The last look before submitting, the receipt, withdrawing."""

import uuid as uuids
from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from applications import completeness, progress
from applications.actions import submission as actions
from applications.forms.filing import SubmitForm, WithdrawForm
from applications.models import AnnualReport, Application
from applications.states import State
from applications.views.filing_desk import Desk
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal

CONFIRMATION_VERSION = "2026-1"
CERTIFICATE = "certificate_name"


def _managing_desk(request: HttpRequest, uuid: uuids.UUID) -> Desk:
    desk = Desk(request, uuid)
    if not desk.manages:
        raise PermissionDenied("只有单位负责人或质量主管可以核对并提交。")
    return desk


def _texts(application: Application) -> dict[str, str]:
    name = application.certificate_unit_name or application.enterprise.name_on_certificate
    return {
        **actions.CONFIRMATIONS,
        CERTIFICATE: f"证书用名为“{name} {application.display_name}”，提交后如需更改由秘书处退回办理。",
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    arrived_at = clock.now()  # before anything else is asked: the moment that the attempt records
    desk = _managing_desk(request, uuid)
    texts = _texts(desk.application)
    if request.method != "POST":
        return _page(request, desk, SubmitForm(texts=texts))
    form = SubmitForm(request.POST, texts=texts)
    form.is_valid()
    confirmed = {kind: CONFIRMATION_VERSION for kind in actions.CONFIRMATIONS if form.cleaned_data.get(kind)}
    if not form.cleaned_data.get(CERTIFICATE):
        confirmed = {}  # without it nothing counts as confirmed, and the action records the refused attempt
    try:
        actions.submit(
            desk.application,
            actor=request.user,  # type: ignore[arg-type]
            confirmations=confirmed,
            arrived_at=arrived_at,
        )
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except Refusal as refusal:
        # What was fixed or broken meanwhile is read again, so that the page shows what the refusal speaks of.
        return _page(request, Desk(request, uuid), form, refusal, arrived_at, status=409)
    return redirect("applications:receipt", uuid=uuid)


def _page(
    request: HttpRequest,
    desk: Desk,
    form: SubmitForm,
    refused: Refusal | None = None,
    arrived_at: Any = None,
    *,
    status: int = 200,
) -> HttpResponse:
    application = desk.application
    problems = completeness.problems(application)
    own = [problem for problem in problems if not problem.key.startswith("report.")]
    about_report = [problem for problem in problems if problem.key.startswith("report.")]
    last = application.submissions.defer("data", "personal").order_by("-version").first()
    report = AnnualReport.objects.filter(
        enterprise=application.enterprise_id, programme=application.round.programme_id
    ).first()
    states = progress.section_states(application, own)
    blocking = [problem for problem in problems if problem.blocks]
    context = desk.context(
        form=form,
        refused=refused,
        arrived_at=arrived_at,
        decided_at=clock.now() if refused else None,
        nav=desk.nav("submit", states),
        facts=[(state, desk.section_url(state.section.code), _fact(application, state)) for state in states],
        report=report,
        report_version=report.versions.defer("data", "personal").order_by("-version").first() if report else None,
        report_problems=desk.linked(about_report),
        blocking=desk.linked(blocking),
        warnings=desk.linked([problem for problem in problems if not problem.blocks]),
        evidence=list(application.evidence.all()),
        next_version=(last.version + 1) if last else 1,
        last=last,
        unchanged=application.state == State.SUBMITTED and not application.has_unsubmitted_changes,
        ready=not blocking and desk.refusal is None,
    )
    return render(request, "applications/submit.html", context, status=status)


def _fact(application: Application, state: progress.SectionState) -> str:
    """A section in a few words, so that a mistake shows without opening it."""
    code = state.section.code
    if code == "contact":
        return application.certificate_unit_name or application.enterprise.name
    if code == "group":
        count = f"，活动 {application.activity_count} 次" if application.activity_count else ""
        return f"{len(application.members.all())} 人{count}"
    if code == "topic":
        return application.topic_type_label
    if code == "results" and application.economic_benefit is not None:
        return f"直接效益 {application.economic_benefit / 10000:,.2f} 万元"
    if code == "awards":
        return "、".join(award.name for award in application.special_awards.all()) or "不申报单项奖"
    if code == "evidence":
        items = application.evidence.all()
        return f"{len(items)} 件，共 {sum(item.pages or 0 for item in items)} 页"
    return ""


@login_required
@require_safe
def receipt(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """The latest version as received; 404 for a filing never submitted."""
    desk = Desk(request, uuid)
    submission = (
        desk.application.submissions.select_related("submitted_by", "report_version").order_by("-version").first()
    )
    if submission is None:
        raise Http404
    submitter = desk.application.enterprise.memberships.filter(user=submission.submitted_by_id).first()
    context = desk.context(
        submission=submission,
        submitter_role=submitter.get_role_display() if submitter else "",
        qr=_qr(submission.code),
        sha256=[submission.sha256[start : start + 4] for start in range(0, 64, 4)],
        unsent=desk.application.has_unsubmitted_changes,
    )
    return render(request, "applications/receipt.html", context)


def _qr(code: str) -> str:
    """A data URI (img-src allows data:), so that nobody outside learns of the code."""
    address = f"{settings.SITE_URL.rstrip('/')}/verify/{code}/"
    return str(segno.make(address, error="m").svg_data_uri(scale=4, dark="#083e48", border=2))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    desk = Desk(request, uuid)
    if not desk.manages:
        raise PermissionDenied
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.withdraw(
                desk.application,
                actor=request.user,  # type: ignore[arg-type]
                reason=form.cleaned_data["reason"],
            )
            messages.success(request, f"“{desk.application.display_name}”的申报已撤回。")
            return redirect("applications:workspace")
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except Refusal as refusal:
            form.add_error(None, refusal.message)
    possible = desk.application.state in {State.DRAFT, State.SUBMITTED, State.RETURNED} and (
        desk.now < desk.application.deadline()
    )
    last = desk.application.submissions.defer("data", "personal").order_by("-version").first()
    context = desk.context(form=form, possible=possible, last=last, today=timezone.localdate())
    return render(request, "applications/withdraw.html", context)
