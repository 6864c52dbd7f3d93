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

from applications import paper_status
from applications.actions import paper, paper_parts
from applications.admin import queue
from applications.admin.check_forms import ReceiptForm
from applications.models import Application, Enterprise, PaperPart, PaperReceipt, Round, Submission
from applications.packets.constituents import Constituents
from qcportal import audit
from qcportal.adminsite import FILING
from qcportal.errors import Refusal
from qcportal.models import User
from qcportal.roles import Role, has_role

# A code of attachments 2 and 3 may stand for both rounds of a year.
SETS_AT_MOST = 2


class ScanForm(forms.Form):
    q = forms.CharField(
        label="扫描或输入校验码、文件编号",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off", "spellcheck": "false"}),
    )


class SignInForm(ReceiptForm):
    """One of them: a submission, a part, or ``enterprise`` and ``round`` for all that is left of a set."""

    submission = forms.UUIDField(required=False)
    part = forms.UUIDField(required=False)
    enterprise = forms.UUIDField(required=False)
    round = forms.IntegerField(required=False)


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
    parts = paper_parts.of_code(paper.scanned_code(typed)) if typed else []
    sets = _sets(found.submissions if found else [], parts)
    current = {row.spec.code for status in sets for row in status.rows}
    context = {
        **admin.site.each_context(request),
        "title": "纸质件签收",
        "form": ScanForm(initial={"q": typed}),
        "typed": typed,
        "found": found,
        "rows": [_row(submission) for submission in found.submissions] if found else [],
        "sets": sets,
        "old_parts": [part for part in parts if part.code not in current],
        "may_edit": has_role(request.user, Role.SECRETARIAT),
        "receipt_form": ReceiptForm(auto_id=False),
        "recent": PaperReceipt.objects.select_related("submission__application__enterprise", "received_by").defer(
            "submission__data", "submission__personal"
        )[:10],
    }
    return render(request, "admin/paper/desk.html", context)


def _sets(submissions: list[Submission], parts: list[PaperPart]) -> list[paper_status.Status]:
    """Of each enterprise and round that the scanned code speaks of; a code names one or two."""
    places = {(one.application.enterprise, one.application.round) for one in submissions}
    if not places:
        places = {(part.enterprise, part.round) for part in parts if part.round is not None}
    held = [Constituents(enterprise, round_, light=True) for enterprise, round_ in sorted(places, key=_place_key)]
    return [paper_status.of(one) for one in held[:SETS_AT_MOST] if one.submissions]


def _place_key(place: tuple[Enterprise, Round]) -> tuple[int, int]:
    return place[0].pk, place[1].pk


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
        if {"submission", "part", "enterprise", "round"} & set(form.errors):
            raise Http404
        messages.error(request, "存放位置不超过 40 字，备注不超过 200 字。")
        return redirect(_address(typed))
    try:
        done = _sign_in(request, form.cleaned_data)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect(_address(typed))
    messages.success(request, f"{done}已签收，可继续扫描下一份。")
    return redirect("admin:paper")


def _sign_in(request: HttpRequest, values: dict[str, Any]) -> str:
    """What was received, in words."""
    actor: User = request.user  # type: ignore[assignment]
    about = {name: values[name] for name in ("shelf", "note")}
    if values["part"]:
        parts = PaperPart.objects.select_related("submission__application", "enterprise", "programme")
        part = get_object_or_404(parts, uuid=values["part"])
        paper_parts.receive_part(part, actor=actor, accept_stale=values["accept_stale"], **about)
        return f"{part}的纸质件"
    if values["enterprise"] and values["round"]:
        enterprise = get_object_or_404(Enterprise, uuid=values["enterprise"])
        round_ = get_object_or_404(Round.objects.select_related("programme"), pk=values["round"])
        return f"{enterprise.name} {round_}的 {paper_parts.receive_set(enterprise, round_, actor=actor, **about)} 件"
    if not values["submission"]:
        raise Http404
    submission = get_object_or_404(Submission.objects.select_related("application"), uuid=values["submission"])
    paper.receive_paper(submission, actor=actor, accept_stale=values["accept_stale"], **about)
    return f"{submission} 纸质件"


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
