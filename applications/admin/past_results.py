"""往年成果: the association's lists of earlier years, so that duplicate checks and history work at once."""

from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from applications.actions import past_results
from applications.evidence_check import clean_name
from applications.exchange import XLSX_TYPE
from applications.forms.past_results import FilterForm, ListForm, ReasonForm, ResultForm
from applications.imports import past_sheet
from applications.models import Enterprise, PastResult, PastResultFile
from qcportal import clock
from qcportal.adminsite import RECORDS
from qcportal.errors import Refusal
from qcportal.roles import Role, has_role


@require_http_methods(["GET", "HEAD", "POST"])
def result_list(request: HttpRequest) -> HttpResponse:
    """Search over the stored results; upload of a list."""
    may_edit = has_role(request.user, Role.SECRETARIAT)
    if request.method == "POST" and not may_edit:
        raise PermissionDenied
    upload = ListForm(request.POST, request.FILES) if request.method == "POST" else ListForm()
    if request.method == "POST" and upload.is_valid():
        sent = upload.cleaned_data["file"]
        try:
            source = past_results.take(
                sent.file, clean_name(sent.name or ""), actor=request.user, now=clock.now(),  # type: ignore[arg-type]
                default_year=upload.cleaned_data["default_year"],
            )  # fmt: skip
            return redirect("admin:past_results_import", uuid=source.uuid)
        except Refusal as refusal:
            upload.add_error("file", refusal.message)
    form = FilterForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    rows = PastResult.objects.matching(wanted.get("q", "")).for_list()
    for name, field in (("year", "year"), ("round", "round_number"), ("level", "award_level")):
        if wanted.get(name):
            rows = rows.filter(**{field: wanted[name]})
    of = Enterprise.objects.filter(uuid=wanted["enterprise"]).first() if wanted.get("enterprise") else None
    if of is not None:
        rows = rows.filter(enterprise=of)
    context = {
        **admin.site.each_context(request),
        "title": "往年成果",
        "upload": upload,
        "form": form,
        "of": of,
        "may_edit": may_edit,
        "page": Paginator(rows, 50).get_page(wanted.get("page")),
        "levels": PastResult.objects.levels(),
        "waiting": PastResultFile.objects.waiting().filter(uploaded_by=request.user).first(),  # type: ignore[misc]
    }  # fmt: skip
    return render(request, "admin/past_results/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Row by row before anything is stored; the chosen ones go in together or not at all."""
    source = get_object_or_404(PastResultFile.objects.for_list(), uuid=uuid)
    ticked: set[int] | None = None
    status = 200
    if request.method == "POST":
        if not has_role(request.user, Role.SECRETARIAT):
            raise PermissionDenied
        if "discard" in request.POST:
            past_results.discard(source, actor=request.user)  # type: ignore[arg-type]
            messages.success(request, "已放弃，没有导入任何一行。")
            return redirect("admin:past_results")
        ticked = {int(one) for one in request.POST.getlist("row") if one.isdecimal() and len(one) < 8}
        try:
            count = past_results.confirm(source, actor=request.user, numbers=ticked)  # type: ignore[arg-type]
            messages.success(request, f"已导入 {count} 条往年成果，相近课题的比对从现在起包括它们。")
            return redirect("admin:past_results")
        except Refusal as refusal:
            messages.error(request, refusal.message)
            status = 409
    rows = past_results.rows_of(source)
    sound = {row.number for row in rows if not row.problems and not row.duplicate}
    context = {
        **admin.site.each_context(request),
        "title": "核对往年成果名单",
        "source": source,
        "rows": [(row, row.number in (sound if ticked is None else ticked)) for row in rows],
        "sound": len(sound),
        "wrong": sum(bool(row.problems) for row in rows),
        "repeated": sum(bool(row.duplicate) for row in rows),
        "may_edit": has_role(request.user, Role.SECRETARIAT),
    }
    return render(request, "admin/past_results/review.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def result(request: HttpRequest, pk: int) -> HttpResponse:
    """One stored result: corrected, or taken out with a reason."""
    found = get_object_or_404(PastResult.objects.for_list(), pk=pk)
    may_edit = has_role(request.user, Role.SECRETARIAT)
    if request.method == "POST" and not may_edit:
        raise PermissionDenied
    removing = request.method == "POST" and "remove" in request.POST
    reason = ReasonForm(request.POST if removing else None, label="删除原因")
    form = ResultForm(request.POST if request.method == "POST" and not removing else None, instance=found)
    try:
        if removing and reason.is_valid():
            past_results.remove(found, actor=request.user, reason=reason.cleaned_data["reason"])  # type: ignore[arg-type]
            messages.success(request, "已删除，审计记录中保留原内容和原因。")
            return redirect("admin:past_results")
        if request.method == "POST" and not removing and form.is_valid():
            past_results.change(found, actor=request.user, values=form.cleaned_data)  # type: ignore[arg-type]
            messages.success(request, "已保存。")
            return redirect("admin:past_results")
    except Refusal as refusal:
        form.add_error(None, refusal.message) if not removing else reason.add_error("reason", refusal.message)
    context = {
        **admin.site.each_context(request), "title": "往年成果", "result": found, "form": form, "reason": reason,
        "may_edit": may_edit,
    }  # fmt: skip
    return render(request, "admin/past_results/result.html", context)


@require_safe
def blank(request: HttpRequest) -> HttpResponse:
    answer = HttpResponse(past_sheet.workbook(), content_type=XLSX_TYPE)
    answer["Content-Disposition"] = content_disposition_header(True, "往年成果名单.xlsx") or "attachment"
    return answer


admin.site.add_page(
    "past-results/", result_list, name="past_results", title="往年成果", group=RECORDS, order=5, icon="award"
)
admin.site.add_page("past-results/template/", blank, name="past_results_template", title="", group=RECORDS)
admin.site.add_page("past-results/import/<uuid:uuid>/", review, name="past_results_import", title="", group=RECORDS)
admin.site.add_page("past-results/<int:pk>/", result, name="past_result", title="", group=RECORDS)
