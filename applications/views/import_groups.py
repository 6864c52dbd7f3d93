"""Drafts of many groups from one Excel table: form, upload, preview by row, the refused rows to put right."""

import uuid as uuids
from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications.actions import drafts, importing, importing_groups
from applications.evidence_check import clean_name
from applications.field_list import FieldList
from applications.forms.imports import OfficeFileForm
from applications.imports import groups_form, groups_sheet
from applications.imports.gate import open_office
from applications.imports.groups_sheet import GroupRow
from applications.imports.synonyms import known_as
from applications.models import Application, Membership, PendingImport, Round
from applications.packets.names import safe_name
from applications.topics import LABELS, TopicType
from applications.views.imports import pending_or_404
from applications.views.members import membership_or_404
from applications.views.statistics_files import workbook_response
from qcportal import clock, files
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import User


def _place(request: HttpRequest, year: int, number: int) -> tuple[Membership, Round]:
    membership = membership_or_404(request)
    round_ = get_object_or_404(Round.objects.published(), programme__year=year, number=number)
    if not membership.manages:
        raise PermissionDenied("新建申报由单位负责人或质量主管办理。")
    return membership, round_


@login_required
@require_safe
def form(request: HttpRequest, year: int, number: int) -> FileResponse:
    membership, round_ = _place(request, year, number)
    blank = groups_form.Blank(
        unit=membership.enterprise.name,
        credit_code=membership.enterprise.credit_code,
        year=year,
        round_label=str(round_),
        awards=list(round_.programme.special_awards.values_list("name", flat=True)),
        fields=round_.programme.fields,
    )
    return workbook_response(groups_form.workbook(blank), safe_name(f"小组汇总表_{membership.enterprise.name}.xlsx"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, year: int, number: int) -> HttpResponse:
    membership, round_ = _place(request, year, number)
    refusal = drafts.creation_refusal(membership.enterprise, round_, clock.now())
    posted = request.method == "POST" and refusal is None
    sheet = OfficeFileForm(*([request.POST, request.FILES] if posted else []), office="xlsx")
    if posted and sheet.is_valid():
        try:
            pending = _take(sheet.cleaned_data["file"], membership, round_, request.user)  # type: ignore[arg-type]
            return redirect("applications:import_groups_review", uuid=pending.uuid)
        except Refusal as refused:
            sheet.add_error("file", refused.message)
    context = {"form": sheet, "refusal": refusal, "round": round_, "membership": membership}
    return render(request, "applications/import_groups.html", context)


def _take(uploaded: Any, membership: Membership, round_: Round, user: User) -> PendingImport:
    awards = dict(round_.programme.special_awards.values_list("name", "pk"))
    with known_as(round_.programme.fields.synonyms()):
        table = groups_sheet.read(open_office(uploaded, "xlsx"), awards, round_.programme.fields)
    if not table.rows:
        raise Refusal("表中还没有填写任何小组。请填写后保存，再上传。", "nothing_read")
    return importing_groups.keep(
        membership.enterprise, round_, actor=user, now=clock.now(), file_name=clean_name(uploaded.name or ""),
        sha256=files.sha256_of(uploaded), table=table,
    )  # fmt: skip


class Line(NamedTuple):
    row: GroupRow
    type_label: str
    members: int
    benefit: str
    filled: int
    twin: Application | None  # the filing that this row would repeat


def _lines(pending: PendingImport, round_: Round) -> tuple[list[Line], list[Line], list[Line]]:
    """Rows to take, rows that exist already, rows with problems."""
    present = importing_groups.existing(pending.enterprise, round_)
    good, known, bad = [], [], []
    for row in groups_sheet.from_json(pending.cells):
        kind, people = row.entries.get("topic_type"), row.entries.get("members")
        label = LABELS[TopicType(str(kind))] if kind else ""
        benefit = str(row.entries.get("economic_benefit", ""))
        twin = present.get(groups_sheet.identity(row.name, row.topic))
        line = Line(row, label, len(people or []), benefit, len(row.entries), twin)
        (bad if row.problems else known if twin else good).append(line)
    return good, known, bad


def _pending(request: HttpRequest, uuid: uuids.UUID) -> tuple[PendingImport, Round]:
    pending = pending_or_404(request, uuid)
    if pending.round is None or pending.kind != PendingImport.Kind.GROUPS:
        raise Http404
    return pending, pending.round


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    pending, round_ = _pending(request, uuid)
    user: User = request.user  # type: ignore[assignment]
    if pending.confirmed_at is not None:
        return redirect("applications:workspace")
    if "discard" in request.POST:
        importing.discard(pending, actor=user)
        messages.success(request, "已放弃这次导入，没有建立草稿。")
        return redirect("applications:workspace")
    status = 200
    if request.method == "POST":
        try:
            return _make(request, pending, user)
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except Refusal as refusal:
            messages.error(request, refusal.message)
            status = 409
            pending.refresh_from_db()
    good, known, bad = _lines(pending, round_)
    refusal = drafts.creation_refusal(pending.enterprise, round_, clock.now())
    context = {
        "pending": pending, "round": round_, "good": good, "known": known, "bad": bad, "refusal": refusal,
        "heads": _heads(round_.programme.fields),
    }  # fmt: skip
    return render(request, "applications/import_groups_review.html", context, status=status)


def _heads(fields: FieldList) -> dict[str, str]:
    """The heads of the page under this year's names; amounts with their unit. Without those that are not asked for."""
    words = {"group_name": "小组", "topic_name": "课题", "topic_type": "课题类型", "members": "成员"}
    titles = {key: fields.given(key) or word for key, word in words.items()}
    if not fields.hidden("economic_benefit"):
        titles["benefit"] = f"{fields.given('economic_benefit') or '效益'}（万元）"
    return titles


def _make(request: HttpRequest, pending: PendingImport, user: User) -> HttpResponse:
    numbers = [int(one) for one in request.POST.getlist("take") if one.isdigit() and len(one) < 6]
    if not numbers:
        raise Refusal("没有勾选任何小组，请先勾选要建立草稿的小组。", "nothing")
    made = importing_groups.confirm(pending, actor=user, numbers=numbers)
    messages.success(request, f"已建立 {len(made)} 份申报草稿。活动过程和证实性材料请逐份补充。")
    pending.refresh_from_db()
    if pending.confirmed_at is None and any(row.problems for row in groups_sheet.from_json(pending.cells)):
        return redirect(reverse("applications:import_groups_review", args=[pending.uuid]))
    return redirect("applications:workspace")


@login_required
@require_safe
def refused(request: HttpRequest, uuid: uuids.UUID) -> FileResponse:
    """The rows with problems as a workbook with a column that says what is wrong."""
    pending, round_ = _pending(request, uuid)
    rows = [row for row in groups_sheet.from_json(pending.cells) if row.problems]
    made = groups_form.refused_workbook(rows, round_.programme.fields)
    return workbook_response(made, "小组汇总表_待改正.xlsx")
