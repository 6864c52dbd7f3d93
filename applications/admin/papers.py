"""The paper desk: scan or type a code, see what the paper is, sign it in; and who has not sent any."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from applications.actions import paper
from applications.admin import queue
from applications.admin.check_forms import ReceiptForm
from applications.models import Application, PaperReceipt, Round, Submission
from qcportal import audit
from qcportal.adminsite import FILING
from qcportal.errors import Refusal
from qcportal.roles import Role, has_role


class ScanForm(forms.Form):
    q = forms.CharField(
        label="扫描或输入校验码、文件编号",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off", "spellcheck": "false"}),
    )


class SignInForm(ReceiptForm):
    submission = forms.UUIDField()


class RoundForm(forms.Form):
    round = forms.ModelChoiceField(
        Round.objects.select_related("programme").order_by("-programme__year", "-number"),
        label="期",
        required=False,
        empty_label="各期",
    )
    page = forms.IntegerField(required=False, min_value=1)


@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """GET shows what a scan means; POST signs the paper in and returns to an empty field for the next scan."""
    if request.method == "POST":
        return _receive(request)
    form = ScanForm(request.GET)
    typed = form.cleaned_data["q"].strip() if form.is_valid() else ""
    found = paper.find(typed) if typed else None
    context = {
        **admin.site.each_context(request),
        "title": "纸质件签收",
        "form": ScanForm(initial={"q": typed}),
        "typed": typed,
        "found": found,
        "rows": [_row(submission) for submission in found.submissions] if found else [],
        "may_edit": has_role(request.user, Role.SECRETARIAT),
        "receipt_form": ReceiptForm(auto_id=False),
        "recent": PaperReceipt.objects.select_related("submission__application__enterprise", "received_by").defer(
            "submission__data", "submission__personal"
        )[:10],
    }
    return render(request, "admin/paper/desk.html", context)


def _row(submission: Submission) -> dict[str, Any]:
    receipt = PaperReceipt.objects.filter(submission=submission).select_related("received_by").first()
    latest = paper.latest_version(submission.application)
    return {"submission": submission, "latest": latest, "stale": submission.version < latest, "receipt": receipt}


def _receive(request: HttpRequest) -> HttpResponse:
    if not has_role(request.user, Role.SECRETARIAT):
        raise PermissionDenied
    form = SignInForm(request.POST)
    typed = request.POST.get("q", "")
    if not form.is_valid():
        if "submission" in form.errors:
            raise Http404
        messages.error(request, "存放位置不超过 40 字，备注不超过 200 字。")
        return redirect(_address(typed))
    values = form.cleaned_data
    submission = get_object_or_404(Submission.objects.select_related("application"), uuid=values.pop("submission"))
    try:
        paper.receive_paper(submission, actor=request.user, **values)  # type: ignore[arg-type]
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect(_address(typed))
    messages.success(request, f"{submission} 纸质件已签收，可继续扫描下一份。")
    return redirect("admin:paper")


def _address(typed: str) -> str:
    return f"{reverse('admin:paper')}?{urlencode({'q': typed})}"


@require_safe
def missing(request: HttpRequest) -> HttpResponse:
    """Whose paper has not come, with whole telephone numbers because staff call them; looking is recorded."""
    form = RoundForm(request.GET)
    form.is_valid()
    round_: Round | None = form.cleaned_data.get("round")
    rows = queue.without_paper(Application.objects.all()).select_related("enterprise", "round__programme")
    if round_ is not None:
        rows = rows.filter(round=round_)
    page = Paginator(rows.order_by("round", "enterprise__name", "file_number"), 50).get_page(
        form.cleaned_data.get("page") or 1
    )
    with transaction.atomic():
        audit.record(
            "paper.phones_viewed",
            request.user,
            actor=request.user,
            round=str(round_ or ""),
            rows=len(page),  # type: ignore[arg-type]
        )
    context = {
        **admin.site.each_context(request),
        "title": "纸质件未到名单",
        "form": form,
        "page": page,
        "round": round_,
    }
    return render(request, "admin/paper/missing.html", context)


admin.site.add_page("paper/", desk, name="paper", title="纸质件签收", group=FILING, order=20, icon="box")
admin.site.add_page("paper/missing/", missing, name="paper_missing", title="", group=FILING)
