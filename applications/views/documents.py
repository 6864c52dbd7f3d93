"""Handing out what the workers built: packet, receipt, paper set, electronic folder."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from applications.models import Application, Enterprise, Membership, PacketKind, Round, Submission
from applications.packets import handlers, sets
from qcportal import audit, files
from qcportal.models import StoredFile
from qcportal.roles import Role, has_role

RETRY_SECONDS = 5


@login_required
@require_safe
def packet_pdf(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The full packet of the latest submission; ?v=N an older one."""
    submission = _submission(request, uuid)
    name = f"{submission.file_number}_第{submission.version}版_申报材料.pdf"
    return _packet(request, submission, PacketKind.FULL, name)


@login_required
@require_safe
def receipt_pdf(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    submission = _submission(request, uuid)
    name = f"{submission.file_number}_第{submission.version}版_提交回执.pdf"
    return _packet(request, submission, PacketKind.RECEIPT, name)


@login_required
@require_safe
def paper_set_pdf(request: HttpRequest, year: int, number: int) -> HttpResponseBase:
    held = _held(request, year, number)
    row = sets.current_set(held)
    if row is None:
        handlers.ask_for_set(held, "paperset.build")
        return building(request, "纸质套")
    return handed_out(request, row.file, f"{held.enterprise.name}_{year}年第{number}期_纸质套.pdf", row)


@login_required
@require_safe
def bundle_zip(request: HttpRequest, year: int, number: int) -> HttpResponseBase:
    held = _held(request, year, number)
    row = sets.current_bundle(held)
    if row is None:
        handlers.ask_for_set(held, "bundle.build")
        return building(request, "电子文件夹")
    return handed_out(request, row.file, row.name, row)


def _submission(request: HttpRequest, uuid: UUID) -> Submission:
    """Of an application that the person may see; 404 also for one that was never submitted."""
    application = get_object_or_404(Application.objects.visible_to(request.user), uuid=uuid)  # type: ignore[arg-type]
    versions = application.submissions.select_related("application").order_by("-version")
    wanted = request.GET.get("v", "")
    if wanted:
        if not (wanted.isascii() and wanted.isdigit()) or len(wanted) > 6:
            raise Http404
        versions = versions.filter(version=int(wanted))
    submission = versions.first()
    if submission is None:
        raise Http404
    return submission


def _packet(request: HttpRequest, submission: Submission, kind: PacketKind, name: str) -> HttpResponseBase:
    packet = handlers.document(submission, kind)
    if packet is None:
        return building(request, kind.label)
    return handed_out(request, packet.file, name, submission.application, version=submission.version)


def _held(request: HttpRequest, year: int, number: int) -> sets.Constituents:
    """What the enterprise filed in the round. Owner and 质量主管 for their own, staff for ?enterprise=UUID."""
    enterprise = _enterprise(request)
    rounds = Round.objects.select_related("programme")
    held = sets.Constituents(enterprise, get_object_or_404(rounds, programme__year=year, number=number))
    if not held.submissions:
        raise Http404
    return held


def _enterprise(request: HttpRequest) -> Enterprise:
    if _is_staff(request):
        try:
            return get_object_or_404(Enterprise, uuid=request.GET.get("enterprise") or None)
        except ValidationError as error:  # not a UUID
            raise Http404 from error
    membership = Membership.objects.of_user(request.user)  # type: ignore[arg-type]
    if membership is None:
        raise Http404
    if not membership.manages:
        raise PermissionDenied
    return membership.enterprise


def _is_staff(request: HttpRequest) -> bool:
    return has_role(request.user, Role.SECRETARIAT, Role.AUDITOR)


def building(request: HttpRequest, what: str) -> HttpResponse:
    context = {"what": what, "retry_seconds": RETRY_SECONDS, "address": request.get_full_path()}
    answer = render(request, "applications/document_building.html", context, status=202)
    answer["Retry-After"] = str(RETRY_SECONDS)
    answer["Cache-Control"] = "no-store"
    return answer


def handed_out(
    request: HttpRequest, file: StoredFile, name: str, target: models.Model, **data: object
) -> HttpResponseBase:
    """The file; when staff read it, the audit trail says so: it holds personal data."""
    if request.method == "GET" and _is_staff(request):
        with transaction.atomic():
            audit.record("document.read", target, actor=request.user, document=name, **data)  # type: ignore[arg-type]
    return files.response(file, name)
