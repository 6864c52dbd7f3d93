"""盖章扫描件 for the secretariat: what came in, its pages beside what was read, and the tick 核对一致."""

from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from applications.actions import scans
from applications.models import PaperPart, ScannedPart, ScanState, StampedScan
from applications.views.paper import scan_context
from qcportal import audit
from qcportal.adminsite import FILING, RECORDS, ReadOnlyAdmin
from qcportal.errors import Refusal
from qcportal.roles import Role, has_role

TO_CHECK, ALL = "check", "all"


class FilterForm(forms.Form):
    show = forms.ChoiceField(choices=[(TO_CHECK, "待核对"), (ALL, "全部")], required=False)
    page = forms.IntegerField(required=False, min_value=1)


class ConfirmForm(forms.Form):
    scanned = forms.IntegerField()
    confirmed = forms.BooleanField(required=False)


@require_safe
def scan_list(request: HttpRequest) -> HttpResponse:
    """The last scan of each part that nobody has ticked yet; with ?show=all every one. Newest first."""
    form = FilterForm(request.GET)
    form.is_valid()
    show = form.cleaned_data.get("show") or TO_CHECK
    rows = ScannedPart.objects.select_related(
        "part", "scan__enterprise", "scan__round__programme", "scan__uploaded_by", "confirmed_by"
    )
    if show == TO_CHECK:
        newer = ScannedPart.objects.filter(part=OuterRef("part"), scan__gt=OuterRef("scan"))
        rows = rows.filter(confirmed_at=None).exclude(Exists(newer))
    context = {
        **admin.site.each_context(request),
        "title": "盖章扫描件",
        "show": show,
        "page": Paginator(rows.order_by("-scan_id", "id"), 50).get_page(form.cleaned_data.get("page") or 1),
        "unread": StampedScan.objects.exclude(state=ScanState.DONE).select_related("enterprise", "part")[:20],
    }
    return render(request, "admin/paper/scans.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def scan(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """GET shows the pages and records that somebody looked; POST ticks or unticks one part."""
    rows = StampedScan.objects.select_related("enterprise", "round__programme", "part", "file", "uploaded_by")
    row = get_object_or_404(rows, uuid=uuid)
    may_edit = has_role(request.user, Role.SECRETARIAT)
    if request.method == "POST":
        if not may_edit:
            raise PermissionDenied
        return _confirm(request, row)
    if request.method == "GET":
        with transaction.atomic():
            audit.record("document.read", row, actor=request.user, document=row.name)  # type: ignore[arg-type]
    context = {**admin.site.each_context(request), **scan_context(row), "title": "盖章扫描件", "may_edit": may_edit}
    return render(request, "admin/paper/scan.html", context)


def _confirm(request: HttpRequest, row: StampedScan) -> HttpResponse:
    form = ConfirmForm(request.POST)
    if form.is_valid():
        scanned = get_object_or_404(ScannedPart, scan=row, pk=form.cleaned_data["scanned"])
        try:
            scans.confirm(scanned, actor=request.user, confirmed=form.cleaned_data["confirmed"])  # type: ignore[arg-type]
            messages.success(request, "已记录核对结果。")
        except Refusal as refusal:
            messages.error(request, refusal.message)
    return redirect("admin:paper_scan", uuid=row.uuid)


admin.site.add_page("scans/", scan_list, name="paper_scans", title="盖章扫描件", group=FILING, order=19, icon="stamp")
admin.site.add_page("scans/<uuid:uuid>/", scan, name="paper_scan", title="", group=FILING)


@admin.register(PaperPart)
class PaperPartAdmin(ReadOnlyAdmin):
    nav_group, nav_order, nav_icon = RECORDS, 64, "print"
    list_display = ("enterprise", "kind", "title", "version", "pages", "code", "built_at", "printed_at")
    list_filter = ("kind",)
    list_select_related = ("enterprise",)
    search_fields = ("code", "enterprise__name", "title", "submission__file_number")
    fields = ("enterprise", "programme", "round", "kind", "title", "version", "pages", "code", "built_at", "printed_at")
