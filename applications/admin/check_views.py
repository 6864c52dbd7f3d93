"""The check page and what is pressed on it. Each view: guard, fetch, form, one action, redirect."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from applications.actions import checking, paper
from applications.actions import messages as threads
from applications.actions.enterprises import StaleEdit
from applications.admin import check_forms, check_letter, check_media, check_page, check_saving, due_dates
from applications.models import Application, Thread
from qcportal import audit, clock
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import User
from qcportal.roles import Role, has_role


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
    return check_saving.page(request, application)


def _save_or_decide(request: HttpRequest, application: Application) -> HttpResponse:
    """Keeps the draft. ``propose`` and ``accept_all`` go on to the letter, ``verify`` to the licence, ``block`` to a
    row with that text."""
    open_check = check_page.open_check_of(application)
    # A page left open from an earlier check must not decide the present one.
    if open_check is None or request.POST.get("check") != str(open_check.uuid):
        return check_saving.kept_page(request, application, "这次审查已经作出决定，请查看审查记录。")
    typed = check_saving.Typed(request, open_check)
    if not typed.is_valid():
        return typed.page(application)
    try:
        typed.save()
        if typed.decision is None:
            return _saved(request, application)
        checking.propose(open_check, actor=_user(request), decision=typed.decision.decision())
    except StaleEdit:
        return typed.stale_page(application)
    except (NotAllowed, StaleState) as refusal:
        return check_saving.kept_page(request, application, refusal.message)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return typed.page(application, refused=True)
    return redirect("admin:applications_check_letter", pk=application.pk)


def _saved(request: HttpRequest, application: Application) -> HttpResponse:
    messages.success(request, "审查草稿已保存，尚未通知单位。")
    if request.POST.get("action") == "verify":
        verify = reverse("admin:applications_enterprise_verify", args=[application.enterprise_id])
        return redirect(f"{verify}?check={application.pk}")
    block = request.POST.get("block", "")
    if block.isdigit():
        return redirect(f"{reverse('admin:applications_check', args=[application.pk])}?block={block}#remarks")
    return _back(application.pk)


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


ADDRESSES: list[tuple[str, Callable[..., HttpResponse], str]] = [
    ("", check, "check"),
    ("start/", start, "check_start"),
    ("take-over/", take_over, "check_take_over"),
    ("extend/", extend, "check_extend"),
    ("reopen/", reopen, "check_reopen"),
    ("disqualify/", disqualify, "check_disqualify"),
    ("paper/", receive, "check_paper"),
    ("message/", message, "check_message"),
    ("letter/", check_letter.letter, "check_letter"),
    ("file/<int:submission>/<str:sha256>/", check_media.file, "check_file"),
    ("view/<int:submission>/<str:sha256>/", check_media.view, "check_view"),
    (
        "page/<int:submission>/<str:sha256>/<int:number>/<str:size>/",
        check_media.page_image,
        "check_page_image",
    ),
]
