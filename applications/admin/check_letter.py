"""The letter before it goes: as it would be sent, to whom, and open to other words. Nothing is decided until 发出."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from applications.actions import check_letters, checking
from applications.actions.checking import Decision
from applications.admin import check_forms, check_page, queue, queue_page, queue_walk
from applications.models import Application, FormalCheck
from applications.models.checking import Outcome
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.roles import Role, has_role

TEMPLATE = "admin/applications/application/letter.html"


@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows what the checker proposed; POST sends it, with ``action=next`` on to the next one waiting."""
    if request.method == "POST" and not has_role(request.user, Role.SECRETARIAT):
        raise PermissionDenied
    visible = Application.objects.visible_to(request.user)  # type: ignore[arg-type]
    application = get_object_or_404(visible.select_related("enterprise", "round__programme"), pk=pk)
    check = check_page.open_check_of(application)
    decision = Decision.of(check) if check and check.checker_id == request.user.pk else None
    if check is None or decision is None:
        messages.error(request, "没有待发出的审查决定，请先在审查页选定审查决定。")
        return redirect("admin:applications_check", pk=pk)
    if request.method == "POST":
        return _send(request, check, decision)
    return _page(request, check, decision, None)


def _page(
    request: HttpRequest, check: FormalCheck, decision: Decision, form: check_forms.LetterForm | None, status: int = 200
) -> HttpResponse:
    application = check.application
    proposed = checking.letter_of(check, decision)
    if form is None and proposed is not None:
        form = check_forms.LetterForm(initial=proposed._asdict())
    context = {
        **admin.site.each_context(request),
        "title": f"审查通知 {application}",
        "opts": Application._meta,
        "application": application,
        "check": check,
        "decision": decision,
        "outcome": decision.outcome.label if proposed else "维持参评",
        "due": clock.half_open_label(decision.due) if decision.due else "",
        "form": form if proposed else None,
        "proposed": proposed,
        "addresses": check_letters.addresses(application),
        "rounds": checking.rounds_of_correction(application) if decision.outcome == Outcome.RETURN else None,
        "round_limit": application.round.programme.correction_limit,
    }
    return render(request, TEMPLATE, context, status=status)


def _send(request: HttpRequest, check: FormalCheck, decision: Decision) -> HttpResponse:
    proposed = checking.letter_of(check, decision)
    form = check_forms.LetterForm(request.POST) if proposed else None
    if form is not None and not form.is_valid():
        return _page(request, check, decision, form, 422)
    if request.POST.get("check") != str(check.uuid) or request.POST.get("revision") != str(check.revision):
        messages.error(request, "打开这一页之后，审查草稿在别处改动过，通知还没有发出。请对照下面的新文稿核对后再发。")
        return _page(request, check, decision, form, 409)
    after = queue_walk.following(check.application, queue_walk.filter_of(request), request.user)  # type: ignore[arg-type]
    try:
        words = _words(form)
        checking.decide(check, actor=request.user, decision=decision, letter=words)  # type: ignore[arg-type]
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return _page(request, check, decision, form, 422)
    done = f"{check.application.file_number} 已作出决定：{decision.outcome.label if proposed else '维持参评'}。"
    messages.success(request, done + ("通知已发出。" if proposed else ""))
    return _onward(request, check, after)


def _words(form: Any) -> check_letters.Composed | None:
    return check_letters.edited(form.cleaned_data["subject"], form.cleaned_data["body"]) if form else None


def _onward(request: HttpRequest, check: FormalCheck, after: int | None) -> HttpResponse:
    if request.POST.get("action") != "next":
        return redirect("admin:applications_check", pk=check.application_id)
    if after is None:
        messages.info(request, "当前筛选里没有其他待审查的申报了，可以换一个筛选。")
        return redirect(queue_page.address(queue.remembered(request) or f"queue={queue_page.WAITING}"))
    return redirect("admin:applications_check", pk=after)
