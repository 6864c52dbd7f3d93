"""电话记录: written while somebody is on the line, from any page; what was promised comes back on its day."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.actions import calls
from applications.admin import staff_pages
from applications.models import Application, CallOutcome, Enterprise, PhoneCall
from qcportal import audit, clock
from qcportal.adminsite import FILING
from qcportal.errors import NotAllowed, Refusal

TODAY, WAITING, ALL = "today", "waiting", "all"


class CallForm(forms.Form):
    """Also on the page of an enterprise; there the enterprise is known and its filings are offered."""

    enterprise = forms.ModelChoiceField(Enterprise.objects.all(), required=False, widget=forms.HiddenInput)
    application = forms.ModelChoiceField(
        Application.objects.none(), label="关于哪份申报", required=False, empty_label="不针对某一份"
    )
    is_incoming = forms.TypedChoiceField(
        label="方向", choices=[("1", "来电"), ("", "去电")], coerce=bool, required=False, empty_value=False,
        widget=forms.RadioSelect, initial="1",
    )  # fmt: skip
    caller = forms.CharField(label="对方姓名", required=False, max_length=50)
    number = forms.CharField(
        label="电话号码", required=False, max_length=20, widget=forms.TextInput(attrs={"type": "tel"})
    )
    subject = forms.CharField(
        label="事由", max_length=calls.SUBJECT_LENGTH, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写事由，一句话就行。"},
    )  # fmt: skip
    outcome = forms.ChoiceField(label="结果", choices=CallOutcome.choices)
    follow_up_on = forms.DateField(
        label="跟进日期", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="到那天会出现在工作台。",
    )  # fmt: skip

    def __init__(self, *args: Any, enterprise: Enterprise | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "call_%s")
        super().__init__(*args, **kwargs)
        if enterprise is not None:
            own = Application.objects.filter(enterprise=enterprise).order_by("-pk")
            self.fields["application"].queryset = own  # type: ignore[attr-defined]


class FilterForm(forms.Form):
    show = forms.ChoiceField(
        choices=[(TODAY, "今天要跟进"), (WAITING, "全部待跟进"), (ALL, "全部记录")], required=False
    )
    q = forms.CharField(label="号码、姓名、单位或事由", required=False, max_length=100)
    page = forms.IntegerField(required=False, min_value=1)


def due_today(now: datetime) -> int:
    """For the desk: how many calls must be followed up by today."""
    return PhoneCall.objects.to_follow(timezone.localdate(now)).count()


@require_safe
def call_list(request: HttpRequest) -> HttpResponse:
    """What must be followed up today, the oldest first; or everything, newest first. Numbers are shown: recorded."""
    form = FilterForm(request.GET)
    values = form.cleaned_data if form.is_valid() else {}
    words = values.get("q") or ""
    show = values.get("show") or (ALL if words else TODAY)
    now = clock.now()
    rows = PhoneCall.objects.visible_to(staff_pages.user_of(request)).matching(words).for_list()
    if show == TODAY:
        rows = rows.to_follow(timezone.localdate(now)).order_by("follow_up_on", "pk")
    elif show == WAITING:
        rows = rows.filter(followed_up_at=None).exclude(follow_up_on=None).order_by("follow_up_on", "pk")
    page = Paginator(rows, 50).get_page(values.get("page") or 1)
    if request.method == "GET":
        with transaction.atomic():
            audit.record(
                "paper.phones_viewed", staff_pages.user_of(request), actor=staff_pages.user_of(request),
                what="calls", rows=len(page),
            )  # fmt: skip
    context = staff_pages.context(
        request, "电话记录", page=page, show=show, words=words, today=timezone.localdate(now),
        shows=FilterForm.base_fields["show"].choices, here=request.get_full_path(),  # type: ignore[attr-defined]
    )  # fmt: skip
    return render(request, "admin/dealings/calls.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_call(request: HttpRequest) -> HttpResponse:
    """The quick entry. ?number= and ?enterprise= come from the page where somebody pressed 记电话."""
    if request.method == "POST":
        return _log(request)
    enterprise = _wanted(request)
    initial = {"enterprise": enterprise, "number": request.GET.get("number", "")[:20],
               "caller": request.GET.get("caller", "")[:50], "is_incoming": "" if "out" in request.GET else "1",
               "subject": request.GET.get("subject", "")[:200]}  # fmt: skip
    form = CallForm(initial=initial, enterprise=enterprise)
    return _form(request, form, enterprise)


def _form(request: HttpRequest, form: CallForm, enterprise: Enterprise | None, *, status: int = 200) -> HttpResponse:
    back = request.POST.get("next") or request.GET.get("next", "")
    context = staff_pages.context(request, "记电话", form=form, enterprise=enterprise, back=back)
    return render(request, "admin/dealings/call.html", context, status=status)


def _wanted(request: HttpRequest) -> Enterprise | None:
    try:
        return Enterprise.objects.filter(uuid=UUID(request.GET.get("enterprise", ""))).first()
    except ValueError:
        return None


def _log(request: HttpRequest) -> HttpResponse:
    actor = staff_pages.require_secretariat(request)
    typed = request.POST.get("enterprise", "")
    enterprise = (
        Enterprise.objects.filter(pk=int(typed)).first()
        if typed.isascii() and typed.isdigit() and len(typed) < 12
        else None
    )
    form = CallForm(request.POST, enterprise=enterprise)
    if not form.is_valid():
        return _form(request, form, enterprise, status=400)
    values = {**form.cleaned_data, "enterprise": enterprise}
    try:
        calls.log_call(actor=actor, **values)
    except NotAllowed:
        raise
    except Refusal as refusal:
        form.add_error(refusal.code if refusal.code in form.fields else None, refusal.message)
        return _form(request, form, enterprise, status=409)
    messages.success(request, "电话已记下。")
    return staff_pages.back(request, "admin:dealings", enterprise.uuid) if enterprise else redirect(_all())


def _all() -> str:
    return f"{reverse('admin:calls')}?show={ALL}"


@require_POST
def close(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """办结 of a follow-up."""
    actor = staff_pages.require_secretariat(request)
    call = get_object_or_404(PhoneCall, uuid=uuid)
    note = request.POST.get("note", "")[:200]
    staff_pages.attempt(request, lambda: calls.close_call(call, actor=actor, note=note), "已办结。")
    return staff_pages.back(request, "admin:calls")


admin.site.add_page("calls/", call_list, name="calls", title="电话记录", group=FILING, order=26, icon="phone")
admin.site.add_page("calls/new/", new_call, name="call_new", title="", group=FILING)
admin.site.add_page("calls/<uuid:uuid>/close/", close, name="call_close", title="", group=FILING)
