"""The check page and what is pressed on it. Each view: guard, fetch, form, one action, redirect."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import frozen
from applications.actions import checking, paper
from applications.actions import messages as threads
from applications.admin import check_forms, check_page, due_dates
from applications.models import Application, FormalCheck, Submission, Thread
from applications.models.checking import Outcome
from qcportal import audit, clock, files
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import StoredFile, User
from qcportal.roles import Role, has_role

TEMPLATE = "admin/applications/application/check.html"


def _application(request: HttpRequest, pk: int) -> Application:
    return get_object_or_404(Application.objects.visible_to(_user(request)).select_related("enterprise"), pk=pk)


def _user(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]


def _require_secretariat(request: HttpRequest) -> None:
    if not has_role(request.user, Role.SECRETARIAT):
        raise PermissionDenied


def _back(pk: int) -> HttpResponse:
    return redirect("admin:applications_check", pk=pk)


def _try(request: HttpRequest, pk: int, action: Callable[[], Any], done: str) -> HttpResponse:
    """One action, then back to the page; a refusal is said in its own words."""
    try:
        action()
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, done)
    return _back(pk)


def _first_error(form: Any) -> str:
    return next((str(error) for errors in form.errors.values() for error in errors), "请检查填写的内容。")


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """The page. A POST keeps the draft, and with ``action=decide`` decides as well."""
    if request.method == "POST":
        _require_secretariat(request)
        return _save_or_decide(request, _application(request, pk))
    application = check_page.load(pk)
    if application is None:
        raise Http404
    with transaction.atomic():  # the page shows names and telephone numbers
        audit.record("application.personal_viewed", application, actor=_user(request))
        thread = Thread.objects.filter(application=application).first()
        if thread is not None:
            threads.mark_read(thread, by=_user(request), now=clock.now())
    return _page(request, application)


def _page(request: HttpRequest, application: Application, bound: dict[str, Any] | None = None) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": f"形式审查 {application}",
        "opts": Application._meta,
        **check_page.context(request, application, bound),
    }
    return render(request, TEMPLATE, context, status=422 if bound else 200)


def _save_or_decide(request: HttpRequest, application: Application) -> HttpResponse:
    open_check = check_page.open_check_of(application)
    # A page left open from an earlier check must not decide the present one.
    if open_check is None or request.POST.get("check") != str(open_check.uuid):
        messages.error(request, "这次审查已经作出决定，请查看审查记录。")
        return _back(application.pk)
    deciding = request.POST.get("action") == "decide"
    checklist = check_forms.ChecklistForm(open_check, request.POST)
    remarks = check_forms.remark_formset(open_check, request.POST)
    decision = check_forms.DecisionForm(open_check, request.POST) if deciding else None
    valid = all([checklist.is_valid(), remarks.is_valid(), decision is None or decision.is_valid()])
    if valid:
        try:
            checking.save_check(
                open_check,
                actor=_user(request),
                answers=checklist.answers(),
                note=checklist.cleaned_data["note"],
                remarks=remarks.remarks(),
            )
            if decision is None:
                messages.success(request, "审查草稿已保存，尚未通知单位。")
            else:
                _decide(open_check, _user(request), decision.cleaned_data, remarks)
                messages.success(request, f"已作出决定：{_outcome_label(decision)}。")
            return _back(application.pk)
        except Refusal as refusal:
            messages.error(request, refusal.message)
            if decision is None or isinstance(refusal, NotAllowed) or refusal.code == "stale":
                return _back(application.pk)
    bound = {
        "checklist_form": checklist,
        "remark_forms": remarks,
        "decision_form": decision or check_forms.DecisionForm(open_check),
        "has_errors": not valid,
    }
    return _page(request, check_page.load(application.pk) or application, bound)


def _outcome_label(decision: check_forms.DecisionForm) -> str:
    return str(Outcome(decision.cleaned_data["outcome"]).label)


def _decide(open_check: FormalCheck, actor: User, data: dict[str, Any], remarks: check_forms.BaseRemarkFormSet) -> None:
    reason, outcome = data["reason"].strip(), data["outcome"]
    if outcome == Outcome.ACCEPT:
        checking.accept(open_check, actor=actor, reason=reason)
    elif outcome == Outcome.RETURN:
        checking.return_for_correction(
            open_check,
            actor=actor,
            remarks=remarks.remarks(),
            open_fields=data["open_fields"],
            correction_due_at=due_dates.end_of(data["due_day"]),
            reason=reason,
        )
    elif outcome == Outcome.DEFER:
        checking.defer(open_check, actor=actor, reason=reason)
    else:
        checking.refuse(open_check, actor=actor, reason=reason)


@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    _require_secretariat(request)
    application = _application(request, pk)
    return _try(
        request, pk, lambda: checking.start_check(application, actor=_user(request)), "已开始审查，单位暂时不能再修改。"
    )


@require_POST
def take_over(request: HttpRequest, pk: int) -> HttpResponse:
    _require_secretariat(request)
    open_check = check_page.open_check_of(_application(request, pk))
    if open_check is None:
        messages.error(request, "这次审查已经作出决定，请查看审查记录。")
        return _back(pk)
    return _try(request, pk, lambda: checking.take_over(open_check, actor=_user(request)), "已接手这次审查，草稿保留。")


@require_POST
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    _require_secretariat(request)
    enterprise = _application(request, pk).enterprise
    return _try(
        request, pk, lambda: checking.verify_enterprise(enterprise, actor=_user(request)), f"{enterprise} 已核验。"
    )


@require_POST
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    _require_secretariat(request)
    application = _application(request, pk)
    form = check_forms.ExtendForm(request.POST, prefix="extend")
    if not form.is_valid():
        messages.error(request, _first_error(form))
        return _back(pk)
    due = due_dates.end_of(form.cleaned_data["due_day"])
    return _try(
        request,
        pk,
        lambda: checking.extend_correction(
            application, actor=_user(request), correction_due_at=due, reason=form.cleaned_data["reason"]
        ),
        "补正截止时间已延长，通知已发给单位。",
    )


def _with_reason(prefix: str, action: Callable[..., Application], done: str) -> Callable[..., HttpResponse]:
    """The view of an action that takes an application and a reason."""

    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        _require_secretariat(request)
        application = _application(request, pk)
        form = check_forms.ReasonForm(request.POST, prefix=prefix)
        if not form.is_valid():
            messages.error(request, _first_error(form))
            return _back(pk)
        reason = form.cleaned_data["reason"]
        return _try(request, pk, lambda: action(application, actor=_user(request), reason=reason), done)

    return view


reopen = _with_reason("reopen", checking.reopen_refused, "已恢复受理，通知已发给单位。")
disqualify = _with_reason("disqualify", checking.disqualify, "已取消参评资格，通知已发给单位。")


@require_POST
def receive(request: HttpRequest, pk: int) -> HttpResponse:
    _require_secretariat(request)
    application = _application(request, pk)
    form = check_forms.ReceiptForm(request.POST, prefix="paper")
    submission = application.submissions.order_by("-version").first()
    if submission is None or not form.is_valid():
        messages.error(request, _first_error(form))
        return _back(pk)
    values = form.cleaned_data
    return _try(
        request,
        pk,
        lambda: paper.receive_paper(
            submission, actor=_user(request), shelf=values["shelf"], note=values["note"], accept_stale=False
        ),
        f"第 {submission.version} 版纸质件已签收。",
    )


@require_POST
def message(request: HttpRequest, pk: int) -> HttpResponse:
    _require_secretariat(request)
    application = _application(request, pk)
    form = check_forms.MessageForm(request.POST)
    if not form.is_valid():
        messages.error(request, "留言没有内容，尚未发送。")
        return _back(pk)
    body = form.cleaned_data["body"]
    return _try(
        request,
        pk,
        lambda: threads.post_message(
            threads.thread_for(application), author=_user(request), body=body, from_staff=True
        ),
        "留言已发送，并已邮件提醒单位。",
    )


@require_safe
def file(request: HttpRequest, pk: int, submission: int, sha256: str) -> HttpResponse:
    """A file exactly as it was submitted with that version, whatever happened to the working copy since."""
    row = get_object_or_404(
        Submission.objects.select_related("report_version"), pk=submission, application=_application(request, pk)
    )
    item = frozen.files_of(row).get(sha256)
    if item is None:
        raise Http404
    return files.response(get_object_or_404(StoredFile, pk=sha256), item["name"])


ADDRESSES: list[tuple[str, Callable[..., HttpResponse], str]] = [
    ("", check, "check"),
    ("start/", start, "check_start"),
    ("take-over/", take_over, "check_take_over"),
    ("verify/", verify, "check_verify"),
    ("extend/", extend, "check_extend"),
    ("reopen/", reopen, "check_reopen"),
    ("disqualify/", disqualify, "check_disqualify"),
    ("paper/", receive, "check_paper"),
    ("message/", message, "check_message"),
    ("file/<int:submission>/<str:sha256>/", file, "check_file"),
]
