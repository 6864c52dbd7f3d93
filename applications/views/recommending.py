"""推荐单位: the applications that chose the unit, one of them to read, the opinion."""

import uuid as uuids
from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import freezing, frozen, recommendations
from applications.actions import recommending as actions
from applications.forms.recommending import OpinionForm, RecommendFilterForm
from applications.models import Application, Recommendation, RecommendingUnit, Submission, UnitMember
from applications.states import TAKING_PART, State
from applications.views.filing_desk import chip_of
from qcportal import acting, audit, files
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import StoredFile, User
from qcportal.roles import Role, has_role

PER_PAGE = 20
JUDGED = frozenset({State.IN_REVIEW, State.SCORED, State.AWARDED, State.NOT_AWARDED, State.REVOKED})
# The unit reads whom to call about the filing; the e-mail of the contact is not its business.
HIDDEN_ROWS = frozenset({"contact_email"})


class Row(NamedTuple):
    application: Application
    group: str
    topic: str
    state: tuple[str, str, str]
    standing: recommendations.Standing
    can_answer: bool


def _require_unit(request: HttpRequest) -> User:
    user: User = request.user  # type: ignore[assignment]
    if not (recommendations.works_for_a_unit(user) or has_role(user, Role.RECOMMENDER)):
        raise PermissionDenied
    return user


@login_required
@require_safe
def recommend(request: HttpRequest) -> HttpResponse:
    user = _require_unit(request)
    form = RecommendFilterForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    show = wanted.get("show") or "waiting"
    found = _filtered(recommendations.visible_to(user), wanted)
    shown = {
        "waiting": recommendations.waiting(found),
        "given": recommendations.answered(found, wanted.get("decision") or None),
        "all": found,
    }
    rows = recommendations.for_list(shown[show]).order_by(
        "-round__programme__year", "-round__number", "file_number", "id"
    )
    page = Paginator(rows, PER_PAGE).get_page(wanted.get("page") or 1)
    context = {
        "units": RecommendingUnit.objects.filter(pk__in=UnitMember.objects.units_of(user)),
        "form": form,
        "page": page,
        "rows": [_row(one) for one in page],
        "show": show,
        "tabs": [(value, label, shown[value].count()) for value, label in RecommendFilterForm.SHOWS],
        "filtered": any(wanted.get(name) for name in ("q", "round", "state", "decision")),
    }
    return render(request, "applications/recommend.html", context)


def _filtered(rows: QuerySet[Application], wanted: dict[str, Any]) -> QuerySet[Application]:
    if wanted.get("q"):
        text = wanted["q"].strip()
        named = Q(enterprise__name__icontains=text) | Q(group_name__icontains=text) | Q(file_number__icontains=text)
        rows = rows.filter(named)
    if wanted.get("round"):
        rows = rows.filter(round=wanted["round"])
    match wanted.get("state"):
        case "draft":
            rows = rows.filter(is_shared=True)
        case "later":
            rows = rows.filter(state__in=TAKING_PART - {State.ACCEPTED})
        case "submitted" | "returned" | "accepted" as state:
            rows = rows.filter(state=state)
    return rows


def _row(application: Application) -> Row:
    draft = application.is_shared  # type: ignore[attr-defined]
    return Row(
        application=application,
        group=application.display_name if draft else application.filed_group,  # type: ignore[attr-defined]
        topic=application.topic_name if draft else application.filed_topic,  # type: ignore[attr-defined]
        state=_chip(application),
        standing=recommendations.standing(application, account=True),
        can_answer=application.state in recommendations.OPEN_STATES,
    )


class Shown(NamedTuple):
    """What may be read: the frozen data of a version, or the working copy in the same shape."""

    application: Application
    submission: Submission | None
    data: dict[str, Any]
    personal: dict[str, Any] | None


def _shown(request: HttpRequest, uuid: uuids.UUID) -> Shown:
    visible = recommendations.visible_to(request.user)  # type: ignore[arg-type]
    rows = visible.select_related("enterprise", "round__programme", "recommending_unit")
    rows = rows.prefetch_related(
        *recommendations.CONTENT, "members", "round__extensions", recommendations.opinions_prefetch(),
        "recommendation_requests",
    )  # fmt: skip
    application = get_object_or_404(rows, uuid=uuid)
    if application.is_shared:
        return Shown(application, None, *freezing.freeze_application(application))
    submission = Submission.objects.select_related("report_version").get(pk=application.latest_pk)
    return Shown(application, submission, submission.data, submission.personal)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    shown = _shown(request, uuid)
    if request.method != "POST":
        if request.method == "GET" and not acting.looking_only():
            with transaction.atomic():
                version = shown.submission.version if shown.submission else 0
                audit.record("recommendation.viewed", shown.application, actor=request.user, version=version)  # type: ignore[arg-type]
        return _page(request, shown, OpinionForm(initial=_initial(request, shown)))
    form = OpinionForm(request.POST)
    if not form.is_valid():
        return _page(request, shown, form)
    values = {name: form.cleaned_data[name] for name in ("decision", "text", "signer_name", "signer_title", "seen")}
    try:
        opinion = actions.give_opinion(shown.application, actor=request.user, **values)  # type: ignore[arg-type]
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
        again = _shown(request, uuid)
        fresh = OpinionForm({**request.POST.dict(), "seen": _seen(again)})
        return _page(request, again, fresh, status=409)
    messages.success(request, f"推荐意见已出具：{opinion.get_decision_display()}，申报单位会收到邮件。")  # type: ignore[attr-defined]
    return redirect("applications:recommend_detail", uuid=uuid)


def _seen(shown: Shown) -> str:
    return actions.seen_content(shown.application, shown.submission)


def _initial(request: HttpRequest, shown: Shown) -> dict[str, str]:
    """The signer of this account's last opinion signs again, as a rule."""
    last = Recommendation.objects.filter(given_by=request.user).filter(personal__isnull=False).first()  # type: ignore[misc]
    return {
        "seen": _seen(shown),
        "signer_name": last.signer_name if last else str(request.user),
        "signer_title": last.signer_title if last else "",
    }


def _page(request: HttpRequest, shown: Shown, form: OpinionForm, *, status: int = 200) -> HttpResponse:
    application, submission = shown.application, shown.submission
    standing = recommendations.standing(application, account=True)
    parts = [
        part._replace(rows=[row for row in part.rows if row.key not in HIDDEN_ROWS])
        for part in frozen.attachment_1(shown)  # type: ignore[arg-type]
    ]
    context = {
        "application": application,
        "round": application.round,
        "submission": submission,
        "group": shown.data["group"]["group_name"] or "未命名小组",
        "topic": shown.data["topic"]["topic_name"],
        "parts": parts,
        "evidence": [
            {**item, "url": reverse("applications:recommend_file", args=[application.uuid, item["uuid"]])}
            for item in shown.data["evidence"]
        ],
        "summary": frozen.attachment_2(submission) if submission else None,
        "statistics": frozen.attachment_3(submission) if submission else None,
        "standing": standing,
        "opinions": opinions_of(application, request.user),  # type: ignore[arg-type]
        "can_answer": application.state in recommendations.OPEN_STATES,
        "can_withdraw": standing.opinion is not None and standing.opinion.version is None,
        "form": form,
        "chip": _chip(application),
        "deadline": application.deadline(),
    }
    return render(request, "applications/recommend_detail.html", context, status=status)


def _chip(application: Application) -> tuple[str, str, str]:
    """Without the outcome of judging, announced or not: that is read where everybody reads it."""
    if application.state in JUDGED:
        return "tint", "scale", "已进入评审"
    return chip_of(application)


def opinions_of(application: Application, user: User) -> list[Recommendation]:
    """Everything that the person's units ever said about it, also what was replaced or withdrawn."""
    rows = application.recommendations.filter(unit__in=UnitMember.objects.units_of(user))
    return list(rows.select_related("submission", "frozen_in", "given_by", "unit", "superseded_by"))


@login_required
@require_safe
def file(request: HttpRequest, uuid: uuids.UUID, item: uuids.UUID) -> HttpResponseBase:
    """Evidence of exactly the content that may be read."""
    shown = _shown(request, uuid)
    found = next((one for one in shown.data["evidence"] if one["uuid"] == str(item)), None)
    if found is None:
        raise Http404
    return files.response(get_object_or_404(StoredFile, pk=found["sha256"]), found["name"])


@login_required
@require_POST
def withdraw(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    shown = _shown(request, uuid)
    opinion = recommendations.standing(shown.application, account=True).opinion
    if opinion is None:
        messages.error(request, "没有可以撤回的意见。")
        return redirect("applications:recommend_detail", uuid=uuid)
    try:
        actions.withdraw_opinion(opinion, actor=request.user)  # type: ignore[arg-type]
        messages.success(request, "意见已撤回，可以重新出具。")
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("applications:recommend_detail", uuid=uuid)
