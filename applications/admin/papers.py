"""The paper desk: scan or type a code, see what the paper is, sign it in, also an old version where that is meant."""

from typing import Any, NamedTuple

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from applications import paper_status
from applications.actions import paper, paper_parts
from applications.admin.check_forms import ReceiptForm
from applications.admin.paper_series import REASONS
from applications.models import Enterprise, PaperPart, PaperReceipt, PartReceipt, Round, Submission
from applications.packets.constituents import Constituents
from qcportal.adminsite import FILING
from qcportal.errors import Refusal
from qcportal.models import User
from qcportal.roles import Role, has_role

# A code of attachments 2 and 3 may stand for both rounds of a year.
SETS_AT_MOST = 2
RECENT = 20


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
        "recent": recent(),
        "reasons": REASONS,
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


class Recent(NamedTuple):
    """One receipt of either kind, as the list shows it."""

    kind: str  # "form" or "part": with ``receipt.pk`` the address that takes it back
    label: str
    unit: str
    application_id: int | None
    receipt: PaperReceipt | PartReceipt


def recent() -> list[Recent]:
    """The newest receipts of both kinds, in two questions."""
    forms_ = PaperReceipt.objects.select_related("submission__application__enterprise", "received_by")
    parts = PartReceipt.objects.select_related("part__enterprise", "received_by")
    found = [
        Recent("form", f"{row.submission}", row.submission.application.enterprise.name, row.application_id, row)
        for row in forms_.defer("submission__data", "submission__personal")[:RECENT]
    ]
    found += [Recent("part", str(row.part), row.part.enterprise.name, None, row) for row in parts[:RECENT]]
    return sorted(found, key=lambda one: one.receipt.received_at, reverse=True)[:RECENT]


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


admin.site.add_page("paper/", desk, name="paper", title="纸质件签收", group=FILING, order=20, icon="box")
