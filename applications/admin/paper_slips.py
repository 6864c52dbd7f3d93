"""签收单: who gave what, when, where it lies, and what is missing still; for one set, or for one sitting. To print."""

from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from applications import paper_status
from applications.admin import staff_pages
from applications.models import Association, DeskScan, Enterprise, PaperBatch, Round
from applications.packets.constituents import Constituents
from qcportal import clock
from qcportal.adminsite import FILING


@require_safe
def of_set(request: HttpRequest, enterprise: UUID, round_id: int) -> HttpResponse:
    """What of one enterprise's set is there and what is not."""
    unit = get_object_or_404(Enterprise, uuid=enterprise)
    round_ = get_object_or_404(Round.objects.select_related("programme"), pk=round_id)
    held = Constituents(unit, round_, light=True)
    if not held.submissions:
        raise Http404
    status = paper_status.of(held)
    context = staff_pages.context(
        request,
        "纸质件签收单",
        status=status,
        unit=unit,
        round=round_,
        received=[row for row in status.rows if row.receipt is not None],
        missing=[row for row in status.rows if row.receipt is None],
        association=Association.objects.first(),
        now=clock.now(),
    )
    return render(request, "admin/paper/slip_set.html", context)


@require_safe
def of_batch(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What one sitting signed in, by enterprise; and what was put aside."""
    batch = get_object_or_404(PaperBatch.objects.select_related("opened_by"), uuid=uuid)
    scans = list(batch.scans.select_related("enterprise", "round__programme", "part", "submission").order_by("pk"))
    groups: dict[tuple[str, str], list[DeskScan]] = {}
    for row in scans:
        if row.counts and row.enterprise is not None:
            groups.setdefault((row.enterprise.name, str(row.round or "")), []).append(row)
    context = staff_pages.context(
        request,
        "纸质件签收单",
        batch=batch,
        groups=[(unit, round_, rows) for (unit, round_), rows in sorted(groups.items())],
        total=sum(row.counts for row in scans),
        aside=[row for row in scans if not row.counts and row.undone_at is None],
        undone=[row for row in scans if row.undone_at is not None],
        association=Association.objects.first(),
        now=clock.now(),
    )
    return render(request, "admin/paper/slip_batch.html", context)


admin.site.add_page("paper/batches/<uuid:uuid>/", of_batch, name="paper_batch", title="", group=FILING)
admin.site.add_page("paper/slip/<uuid:enterprise>/<int:round_id>/", of_set, name="paper_slip", title="", group=FILING)
