"""我的数据: a copy of one's data, requests about it, agreeing to the newest rules; staff answer here too."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.actions import registration
from applications.exchange import XLSX_TYPE
from applications.models import Consent, Membership
from qcportal import audit, clock, desk
from qcportal.adminsite import SYSTEM
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import DataRequestKind, DataRequestState, PersonalDataRequest
from qcportal.personal import export, requests
from qcportal.roles import Role, has_role


class RequestForm(forms.Form):
    kind = forms.ChoiceField(label="事项", choices=DataRequestKind.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label="说明", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写明要查阅、更正或撤回的内容。注销账号可不填。",
    )  # fmt: skip


class AnswerForm(forms.Form):
    text = forms.CharField(label="答复", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), required=False)
    decision = forms.ChoiceField(choices=[("done", "已办理"), ("declined", "不予办理"), ("delete", "注销账号")])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def data(request: HttpRequest) -> HttpResponse:
    form = RequestForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            requests.ask(request.user, now=clock.now(), **form.cleaned_data)  # type: ignore[arg-type]
            messages.success(request, "请求已送达秘书处，15 个工作日内答复。")
            return redirect("personal_data")
        except Refusal as refusal:
            form.add_error("kind", refusal.message)
    consents = Consent.objects.filter(user=request.user, kind="privacy")  # type: ignore[misc]
    context = {
        "form": form,
        "requests": request.user.data_requests.all(),  # type: ignore[union-attr]
        "agreed": consents.first(),
        "viewings": request.user.viewings.select_related("viewer")[:20],  # type: ignore[union-attr]
    }
    return render(request, "account/personal_data.html", context)


@login_required
@require_safe
def copy(request: HttpRequest) -> HttpResponse:
    """The workbook, made on the spot: one person's rows are few."""
    content = export.workbook(request.user)  # type: ignore[arg-type]
    with transaction.atomic():
        audit.record("personal.copied", request.user, actor=request.user)  # type: ignore[arg-type]
    answer = HttpResponse(content, content_type=XLSX_TYPE)
    answer["Content-Disposition"] = 'attachment; filename="my-data.xlsx"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_required
@require_POST
def take_back(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = get_object_or_404(PersonalDataRequest, uuid=uuid, user=request.user)
    try:
        requests.take_back(found, actor=request.user, now=clock.now())  # type: ignore[arg-type]
        messages.success(request, "请求已撤回。")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("personal_data")


@login_required
@require_POST
def agree(request: HttpRequest) -> HttpResponse:
    """The newest version of the rules was read and agreed to."""
    membership = Membership.objects.of_user(request.user)  # type: ignore[arg-type]
    with transaction.atomic():
        registration.record_consent(request.user, membership.enterprise if membership else None, clock.now())  # type: ignore[arg-type]
    messages.success(request, "已记录您的同意。")
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if safe else "personal_data")


# --- The secretariat --------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def staff_list(request: HttpRequest) -> HttpResponse:
    """What people ask about their data; waiting ones first, with what can be answered."""
    may_answer = has_role(request.user, Role.SECRETARIAT)
    if request.method == "POST":
        if not may_answer:
            raise PermissionDenied
        return _answer(request)
    rows = PersonalDataRequest.objects.select_related("user", "decided_by")
    waiting = rows.filter(state=DataRequestState.WAITING).order_by("id")
    context = {
        **admin.site.each_context(request),
        "title": "个人信息请求",
        "waiting": waiting,
        "page": Paginator(rows.exclude(state=DataRequestState.WAITING), 50).get_page(request.GET.get("page")),
        "may_answer": may_answer,
    }
    return render(request, "admin/personal/list.html", context)


def _answer(request: HttpRequest) -> HttpResponse:
    found = PersonalDataRequest.objects.filter(uuid=request.POST.get("request") or UUID(int=0)).first()
    form = AnswerForm(request.POST)
    if found is None or not form.is_valid():
        messages.error(request, "请选择处理结果，答复不超过 1000 字。")
        return redirect("admin:personal_requests")
    decision, text = form.cleaned_data["decision"], form.cleaned_data["text"]
    try:
        if decision == "delete":
            requests.delete_account(found, actor=request.user, now=clock.now())  # type: ignore[arg-type]
            messages.success(request, "账号已注销，个人信息已删除。")
        else:
            requests.answer(found, actor=request.user, text=text, granted=decision == "done", now=clock.now())  # type: ignore[arg-type]
            messages.success(request, "答复已发送。")
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("admin:personal_requests")


@desk.add_cards
def waiting_cards(now: datetime) -> list[desk.Card]:
    count = PersonalDataRequest.objects.filter(state=DataRequestState.WAITING).count()
    address = reverse("admin:personal_requests")
    return [desk.Card("个人信息", count, "user", address, "请求须 15 个工作日内答复")]


admin.site.add_page(
    "personal-data/", staff_list, name="personal_requests", title="个人信息请求", group=SYSTEM, order=15, icon="user"
)
