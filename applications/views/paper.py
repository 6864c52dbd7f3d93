"""盖章与纸质件: where each part stands, handing in scans, what was read on them."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications import paper_status
from applications.actions import scans
from applications.forms.paper import ScanUploadForm
from applications.models import Association, PageResult, PaperPart, ScannedPage, ScanState, StampedScan
from applications.packets import handlers, sets
from applications.packets.constituents import Constituents
from applications.scans import extract, upload
from applications.scans.handlers import job_of
from applications.views import documents
from applications.views.members import membership_of
from qcportal import clock, files, jobs
from qcportal.errors import NotAllowed, Refusal

# Result of a page -> colour and icon of its chip.
RESULT_CHIPS = {
    PageResult.MATCH: ("tint", "check"),
    PageResult.UNREADABLE: ("amber", "help"),
    PageResult.UNKNOWN: ("amber", "help"),
    PageResult.STALE: ("red", "history"),
    PageResult.OTHER_PART: ("amber", "files"),
    PageResult.FOREIGN: ("red", "alert"),
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, year: int, number: int) -> HttpResponse:
    """GET shows the parts; POST hands in a scan. Staff look with ?enterprise=UUID."""
    held = documents.held_by(request, year, number, light=True)
    membership = membership_of(request)
    own = membership is not None and membership.enterprise_id == held.enterprise.pk
    status = paper_status.of(held)
    if request.method == "POST":
        if not own:
            raise PermissionDenied("盖章扫描件由申报单位上传。")
        return _take(request, status)
    if status.is_building:
        handlers.ask_for_set(held)
    form = ScanUploadForm(rows=status.rows, initial={"part": request.GET.get("part", "")})
    return _page(request, status, form, own=own)


def _page(
    request: HttpRequest, status: paper_status.Status, form: ScanUploadForm, *, own: bool = True, code: int = 200
) -> HttpResponse:
    context = {
        "status": status,
        "held": status.held,
        "round": status.held.round,
        "year": status.held.round.programme.year,
        "form": form,
        "own": own,
        "open_rows": [row for row in status.rows if row.may_upload],
        "association": Association.objects.first(),
        "limits": {
            "megabytes": settings.EVIDENCE_MAX_BYTES // 1024 // 1024,
            "pages": settings.SCAN_MAX_PAGES,
        },
        "due": {
            "scan": clock.half_open_label(status.held.round.stamped_due_at),
            "paper": clock.half_open_label(status.held.round.paper_due_at),
        },
        "accept": upload.ACCEPT,
    }
    return render(request, "applications/paper.html", context, status=code)


def _take(request: HttpRequest, status: paper_status.Status) -> HttpResponse:
    """Bytes are checked, bound and stored outside the transaction."""
    held = status.held
    form = ScanUploadForm(request.POST, request.FILES, rows=status.rows)
    if not form.is_valid():
        return _page(request, status, form)
    try:
        made = upload.as_pdf([(one, one.name or "") for one in form.cleaned_data["files"]])
        scan = scans.upload(
            held.enterprise,
            held.round,
            actor=request.user,  # type: ignore[arg-type]
            part=form.cleaned_data["part"],
            stored=files.store(made.stream, "application/pdf"),
            name=made.name,
            pages=made.pages,
        )
    except ValueError as error:
        form.add_error("files", str(error))
        return _page(request, status, form)
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except Refusal as refusal:
        form.add_error(None, refusal.message)
        return _page(request, paper_status.of(held), form, code=409)
    late = "已晚于截止日期，秘书处会看到标记。" if scan.is_late else ""
    messages.success(request, f"《{scan.name}》共 {scan.pages} 页已收到，正在识别页上的校验码。{late}")
    address = reverse("applications:paper", args=[held.round.programme.year, held.round.number])
    return redirect(f"{address}#parts")


@login_required
@require_safe
def progress(request: HttpRequest, year: int, number: int) -> JsonResponse:
    """For the page's script: whether something is still being read or made, and how far."""
    held = documents.held_by(request, year, number, light=True)
    reading = StampedScan.objects.filter(enterprise=held.enterprise, round=held.round, state=ScanState.WAITING)
    scan = reading.order_by("-pk").first()
    found = jobs.read(job_of(scan)) if scan else None
    building = sets.current_set(held) is None
    answer = JsonResponse(
        {
            "busy": scan is not None or building,
            "percent": found.percent if found else 0,
            "text": (found.text if found else "等待识别") if scan else "",
        }
    )
    answer["Cache-Control"] = "no-store"
    return answer


def _scan(request: HttpRequest, uuid: UUID) -> StampedScan:
    rows = StampedScan.objects.visible_to(request.user).distinct()  # type: ignore[arg-type]
    rows = rows.select_related("enterprise", "round__programme", "part", "file", "uploaded_by")
    return get_object_or_404(rows, uuid=uuid)


@login_required
@require_safe
def scan(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One upload: every page with what was read on it."""
    row = _scan(request, uuid)
    return render(request, "applications/scan.html", {**scan_context(row), "is_staff": documents.is_staff(request)})


def scan_context(row: StampedScan) -> dict[str, Any]:
    pages = row.scanned_pages.select_related("part")
    parts = list(row.parts.select_related("part", "confirmed_by"))
    held = Constituents(row.enterprise, row.round, light=True)
    current = {spec.code for spec in held.all_parts} if held.submissions else set()
    return {
        "scan": row,
        "round": row.round,
        "year": row.round.programme.year,
        "pages": [(page, *RESULT_CHIPS[PageResult(page.result)]) for page in pages],
        "parts": [(one, one.part.code not in current) for one in parts],
        "progress": jobs.read(job_of(row)),
    }


@login_required
@require_safe
def scan_file(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The scan as uploaded; ?part=CODE only the pages of that part."""
    row = _scan(request, uuid)
    wanted = request.GET.get("part", "")
    if not wanted:
        return documents.handed_out(request, row.file, row.name, row)
    part = get_object_or_404(PaperPart, code=wanted, scanned__scan=row)
    numbers = list(row.scanned_pages.filter(part=part).order_by("part_page", "number").values_list("number", flat=True))
    if not numbers:
        raise Http404
    return documents.content(request, extract.pages(row.file, numbers), f"{part.label}_盖章扫描件.pdf", row)


@login_required
@require_safe
def scan_page(request: HttpRequest, uuid: UUID, number: int) -> HttpResponseBase:
    """The small picture of one page."""
    row = _scan(request, uuid)
    found = get_object_or_404(ScannedPage.objects.select_related("thumbnail"), scan=row, number=number)
    if found.thumbnail is None:
        raise Http404
    return files.response(found.thumbnail, f"{number}.jpg")
