"""Files that a judge reads: the judges' copy and the evidence of the frozen version, never anything else."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from applications.models import PacketKind
from applications.packets import handlers
from qcportal import files
from qcportal.models import StoredFile
from reviews.views.access import readable_assignment, submission_of
from reviews.views.sheets import evidence_of

RETRY_SECONDS = 5


@login_required
@require_safe
def copy_pdf(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """评审件: without contacts (and without names where the stage hides them). 202 while it is being built."""
    assignment = readable_assignment(request, uuid)
    submission = submission_of(assignment)
    if submission is None:
        raise Http404
    kind = PacketKind.JUDGE if assignment.stage.names_visible else PacketKind.BLIND
    packet = handlers.document(submission, kind)
    if packet is None:
        response = render(request, "reviews/copy_building.html", {"retry": RETRY_SECONDS}, status=202)
        response["Retry-After"] = str(RETRY_SECONDS)
        return response
    return files.response(packet.file, f"{submission.file_number}_评审件.pdf")


@login_required
@require_safe
def evidence(request: HttpRequest, uuid: UUID, evidence: UUID) -> HttpResponse | HttpResponseBase:
    """One piece of evidence as frozen in the version under review."""
    assignment = readable_assignment(request, uuid)
    listed = evidence_of(assignment, submission_of(assignment))
    item = next((row for row in listed if row["uuid"] == str(evidence)), None)
    if item is None:
        raise Http404
    return files.response(get_object_or_404(StoredFile, sha256=item["sha256"]), item["name"])
