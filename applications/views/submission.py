"""Pressing submit, and withdrawing."""

import uuid as uuids
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from applications.actions import replying
from applications.actions import submission as actions
from applications.forms.filing import WithdrawForm
from applications.models import Remark
from applications.states import State
from applications.views import review
from applications.views.filing_desk import Desk
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal

ID_DIGITS = 15  # more is no id of a row


def _managing_desk(request: HttpRequest, uuid: uuids.UUID) -> Desk:
    desk = Desk(request, uuid)
    if not desk.manages:
        raise PermissionDenied("只有单位负责人或质量主管可以核对并提交。")
    return desk


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """The review page; its form saves the answers to warnings (``save``) or submits."""
    arrived_at = clock.now()  # before anything else is asked: the moment that the attempt records
    desk = _managing_desk(request, uuid)
    if request.method != "POST":
        seen = review.Review(desk, request.user)
        return review.page(request, seen, seen.form())
    typed = review.Review(desk, request.user, request.POST)
    refused = typed.save_answers(request.user)
    if "reply" in request.POST:
        return _replied(request, uuid, typed, refused)
    if "save" in request.POST:
        return _saved(request, uuid, typed, refused)
    return _pressed(request, uuid, typed, arrived_at)


def _saved(request: HttpRequest, uuid: uuids.UUID, typed: review.Review, refused: Refusal | None) -> HttpResponse:
    if refused is None and not typed.errors():
        messages.success(request, "核实说明已保存，尚未提交。")
        return redirect("applications:submit", uuid=uuid)
    again = review.Review(Desk(request, uuid), request.user, request.POST)
    return review.page(request, again, again.form(), refused, clock.now() if refused else None, status=409)


def _replied(request: HttpRequest, uuid: uuids.UUID, typed: review.Review, refused: Refusal | None) -> HttpResponse:
    """已按意见修改 beside a remark; what was typed into the page is kept like with 保存."""
    number = request.POST["reply"]
    remark = get_object_or_404(
        Remark.objects.select_related("formal_check"),
        pk=int(number) if number.isdecimal() and len(number) < ID_DIGITS else 0,
        formal_check__application=typed.desk.application,
    )
    try:
        replying.reply_to_remark(remark, actor=request.user, text=replying.DONE)  # type: ignore[arg-type]
        messages.success(request, "答复已保存，重新提交后秘书处可以看到。")
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
    if refused is None and not typed.errors():
        return redirect(f"{reverse('applications:submit', args=[uuid])}#remark-{remark.pk}")
    again = review.Review(Desk(request, uuid), request.user, request.POST)
    return review.page(request, again, again.form(), refused, clock.now() if refused else None, status=409)


def _pressed(request: HttpRequest, uuid: uuids.UUID, typed: review.Review, arrived_at: datetime) -> HttpResponse:
    typed.pressed = True
    form = typed.form()
    form.is_valid()
    try:
        # An answer shortened below what is asked for would otherwise be dropped without a word.
        if typed.brings_answers and any(answer.asked.confirmed for answer in typed.errors()):
            refusal = Refusal("有核实说明不符合要求，尚未提交。", "reason")
            actions.record_refused_attempt(typed.desk.application, request.user, arrived_at, refusal)  # type: ignore[arg-type]
            raise refusal
        actions.submit(
            typed.desk.application,
            actor=request.user,  # type: ignore[arg-type]
            confirmations=form.agreed(),
            arrived_at=arrived_at,
        )
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except Refusal as refusal:
        # What was fixed or broken meanwhile is read again, so that the page shows what the refusal speaks of.
        again = review.Review(Desk(request, uuid), request.user, request.POST)
        again.pressed = True
        if refusal.code == "text_changed":
            form = review.Review(again.desk, request.user).form()  # a new text is agreed to anew
        return review.page(request, again, form, refusal, arrived_at, status=409)
    return redirect("applications:receipt", uuid=uuid)


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
