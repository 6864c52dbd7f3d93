"""The score sheet: filling in, checking, submitting, looking at what was submitted."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from applications import topics
from applications.models import Submission
from qcportal import acting, clock
from qcportal.errors import Refusal
from reviews import conflicts
from reviews.actions import recusing, sheets
from reviews.actions.pledging import has_pledged
from reviews.forms import RecusalForm, SheetForm, SubmitForm, initial_of
from reviews.models import Assignment, ItemScore, Rubric, RubricItem, ScoreSheet
from reviews.points import plain
from reviews.states import SheetState
from reviews.views.access import assignment_of, submission_of, time_left


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One assignment: the form while it is open, the locked sheet afterwards."""
    assignment = assignment_of(request, uuid)
    turned_away = _turned_away(request, assignment)
    if turned_away is not None:
        return turned_away
    current = sheets.current_sheet(assignment)
    if current is not None and current.state == SheetState.SUBMITTED:
        if request.method == "POST":
            messages.error(request, "评分表已提交并锁定，刚才的修改没有保存。")
            return redirect("reviews:sheet", uuid=uuid)
        return render(request, "reviews/locked.html", _context(assignment, current, readonly=True))
    reason = assignment.closed_reason(clock.now())
    if request.method == "POST":
        return _post(request, assignment, current)
    if reason:
        return render(request, "reviews/locked.html", _context(assignment, current, readonly=True, reason=reason))
    form = SheetForm(_items(assignment, current), initial=initial_of(current))
    missing = _missing(current) if "check" in request.GET else {}
    return render(request, "reviews/sheet.html", _context(assignment, current, form=form, missing=missing))


def _turned_away(request: HttpRequest, assignment: Assignment) -> HttpResponse | None:
    """Recused judges see that they are; unpledged ones are asked for the pledge first."""
    kind = _recused(request, assignment)
    if kind:
        return render(request, "reviews/recused.html", {"assignment": assignment, "kind": kind}, status=403)
    if not has_pledged(assignment.judge, assignment.stage.round.programme_id):
        address = reverse("reviews:pledge", args=[assignment.stage.round.programme.year])
        return redirect(f"{address}?{urlencode({'next': request.path})}")
    return None


def _rubric(assignment: Assignment, current: ScoreSheet | None) -> Rubric | None:
    return current.rubric if current is not None else assignment.stage.rubric_for(assignment.topic_type)


def _items(assignment: Assignment, current: ScoreSheet | None) -> list[RubricItem]:
    rubric = _rubric(assignment, current)
    return list(rubric.items.all()) if rubric is not None else []


def _post(request: HttpRequest, assignment: Assignment, current: ScoreSheet | None) -> HttpResponse:
    """Save the draft; ``step=review`` goes on to the page that submits. Nothing typed is lost on a refusal."""
    form = SheetForm(_items(assignment, current), request.POST)
    if not form.is_valid():
        return render(request, "reviews/sheet.html", _context(assignment, current, form=form))
    try:
        saved = sheets.save_sheet(
            assignment,
            actor=request.user,  # type: ignore[arg-type]
            points=form.points,
            comments=form.comments,
            overall=form.cleaned_data["overall"],
            edit_version=form.cleaned_data["edit_version"],
        )
    except sheets.StaleSheet as stale:
        return _stale(request, assignment, form, stale.stored)
    except sheets.SheetProblems as refused:
        form.add_problems(refused.problems)
        return render(request, "reviews/sheet.html", _context(assignment, current, form=form))
    except recusing.Recused:
        return redirect("reviews:sheet", uuid=assignment.uuid)
    except Refusal as refusal:
        form.add_error(None, f"{refusal.message}刚才填写的内容没有保存。")
        return render(request, "reviews/sheet.html", _context(assignment, current, form=form))
    if request.POST.get("step") == "review":
        if not _missing(saved):
            return redirect("reviews:confirm", uuid=assignment.uuid)
        return redirect(f"{reverse('reviews:sheet', args=[assignment.uuid])}?check=1")
    messages.success(request, "草稿已保存，可随时继续。")
    return redirect("reviews:sheet", uuid=assignment.uuid)


def _stale(request: HttpRequest, assignment: Assignment, form: SheetForm, stored: ScoreSheet) -> HttpResponse:
    """Both values side by side; what was typed stays in the form and may be saved knowingly."""
    if stored.state == SheetState.SUBMITTED:
        messages.error(request, "这份评分表已在其他页面提交并锁定，刚才的修改没有保存。")
        return redirect("reviews:sheet", uuid=assignment.uuid)
    stored_values = {score.item_id: score for score in stored.scores.all()}
    differences = [
        {
            "name": item.name,
            "stored": _shown(stored_values[item.pk].points) if item.pk in stored_values else "—",
            "typed": _shown(form.points[item.code]),
        }
        for item in form.items
        if (stored_values[item.pk].points if item.pk in stored_values else None) != form.points[item.code]
    ]
    differences += [
        {"name": f"{item.name}评语", "stored": stored_values[item.pk].comment or "—", "typed": typed or "—"}
        for item in form.items
        if item.pk in stored_values and stored_values[item.pk].comment != (typed := form.comments[item.code].strip())
    ]
    if stored.comment != form.cleaned_data["overall"].strip():
        differences.append(
            {"name": "总体评语", "stored": stored.comment or "—", "typed": form.cleaned_data["overall"] or "—"}
        )
    form.as_loaded_from(stored)
    context = _context(assignment, stored, form=form, stale={"stored": stored, "differences": differences})
    return render(request, "reviews/sheet.html", context, status=409)


def _shown(points: Any) -> str:
    return "—" if points is None else plain(points)


def _missing(current: ScoreSheet | None) -> dict[str, str]:
    """Item code -> sentence for everything that still stops the submission."""
    if current is None:
        return {}
    missing = {}
    for score in current.scores.select_related("item").order_by("item__position"):
        if score.points is None:
            missing[score.item.code] = "尚未评分。"
        elif score.item.comment_required and not score.comment:
            missing[score.item.code] = "此项须写评语。"
    return missing


def _context(assignment: Assignment, current: ScoreSheet | None, **extra: Any) -> dict[str, Any]:
    now = clock.now()
    submission = submission_of(assignment)
    rubric = _rubric(assignment, current)
    return {
        "assignment": assignment,
        "stage": assignment.stage,
        "current": current,
        "rubric": rubric,
        "topic_label": topics.LABELS[topics.TopicType(assignment.topic_type)],
        "submission": submission,
        "is_new_version": bool(current and submission and current.submission_id != submission.pk),
        "evidence": evidence_of(assignment, submission),
        "left": time_left(assignment.stage.closes_at, now) if assignment.stage.is_open(now) else "",
        "neighbours": _neighbours(assignment),
        "scores": _scores(current),
        "reopened_reason": _reopened_reason(current),
        "total_points": plain(rubric.declared_total) if rubric else "",
        **extra,
    }


def _reopened_reason(current: ScoreSheet | None) -> str:
    """Why the version before was sent back, in the secretariat's words."""
    if current is None or current.version == 1:
        return ""
    before = ScoreSheet.objects.filter(assignment=current.assignment_id, version=current.version - 1)
    return str(before.values_list("reopened_reason", flat=True).get())


def evidence_of(assignment: Assignment, submission: Submission | None) -> list[dict[str, Any]]:
    """The frozen list; original files would give names away where the stage hides them."""
    if submission is None or not assignment.stage.names_visible:
        return []
    return list(submission.data["evidence"])


def _scores(current: ScoreSheet | None) -> list[ItemScore]:
    """None for the secretariat looking with a judge's eyes: it reads scores on the staff site, on record."""
    if current is None or acting.looking_only():
        return []
    return list(current.scores.select_related("item").order_by("item__position"))


def _neighbours(assignment: Assignment) -> dict[str, UUID | None]:
    """Previous and next of the same stage in the judge's order, recused ones left out."""
    own = Assignment.objects.of(assignment.judge.user).filter(stage=assignment.stage_id).not_recused()
    ordered = list(own.order_by("position", "id").values_list("uuid", flat=True))
    place = ordered.index(assignment.uuid)
    return {
        "previous": ordered[place - 1] if place else None,
        "next": ordered[place + 1] if place + 1 < len(ordered) else None,
    }


def _recused(request: HttpRequest, assignment: Assignment) -> str:
    """The kind of recusal in words, or "". As with the files, also one that the rule finds now and nobody wrote down
    (a unit renamed, a relation told); what is posted goes on to the action, which writes it down."""
    if assignment.is_recused:
        kind: str = assignment.judge.recusals.get(application=assignment.application).get_kind_display()
        return kind
    found = None if request.method == "POST" else conflicts.found(assignment.judge, assignment.application)
    return str(found.label) if found else ""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The last look before the sheet locks."""
    assignment = assignment_of(request, uuid)
    turned_away = _turned_away(request, assignment)
    if turned_away is not None:
        return turned_away
    current = sheets.current_sheet(assignment)
    if request.method == "POST":
        return _submit(request, assignment)
    if current is None or current.state == SheetState.SUBMITTED or acting.looking_only():
        return redirect("reviews:sheet", uuid=uuid)
    if _missing(current):
        return redirect(f"{reverse('reviews:sheet', args=[uuid])}?check=1")
    context = _context(assignment, current, form=SubmitForm(initial={"edit_version": current.edit_version}))
    context["total"] = sum(score.points for score in context["scores"])
    return render(request, "reviews/confirm.html", context)


def _submit(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    form = SubmitForm(request.POST)
    if not form.is_valid():
        messages.error(request, "提交信息不完整，请重新核对。")
        return redirect("reviews:sheet", uuid=assignment.uuid)
    try:
        sheets.submit_sheet(
            assignment,
            actor=request.user,  # type: ignore[arg-type]
            edit_version=form.cleaned_data["edit_version"],
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("reviews:sheet", uuid=assignment.uuid)
    messages.success(request, "评分表已提交并锁定。")
    return redirect("reviews:sheet", uuid=assignment.uuid)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def recuse(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """申请回避: from the moment it is declared the filing opens no more."""
    assignment = assignment_of(request, uuid)
    if assignment.is_recused:
        return redirect("reviews:sheet", uuid=uuid)
    form = RecusalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            recusing.declare_recusal(
                assignment.judge,
                assignment.application,
                actor=request.user,  # type: ignore[arg-type]
                reason=form.cleaned_data["reason"],
            )
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, f"已回避 {assignment.application.file_number}，不需要评分。")
            return redirect("reviews:dashboard")
    return render(request, "reviews/recuse.html", {"assignment": assignment, "form": form})
