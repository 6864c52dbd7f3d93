"""Handing out what the workers built: packet, receipt, paper set, electronic folder."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from applications.models import Application, Enterprise, PacketKind, PaperPart, Programme, Round, Submission
from applications.packets import folder, handlers, sets
from applications.packets.constituents import Constituents
from applications.views.members import membership_of
from qcportal import acting, audit, clock, files, jobs
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
    """The set to print; ?only=CODE,CODE some of its parts."""
    held = held_by(request, year, number)
    row = sets.current_set(held)
    if row is None:
        handlers.ask_for_set(held)
        return building(request, "纸质套")
    name = f"{held.enterprise.name}_{year}年第{number}期_纸质套.pdf"
    wanted = [code for code in request.GET.get("only", "").split(",") if code]
    rows = PaperPart.objects.filter(code__in=[spec.code for spec in held.all_parts])
    if wanted:
        rows = rows.filter(code__in=wanted)
    if request.method == "GET" and not is_staff(request) and not acting.looking_only():
        rows.filter(printed_at=None).update(printed_at=clock.now())
    if not wanted:
        return handed_out(request, row.file, name, row)
    found = {part.code: part for part in rows.select_related("file")}
    if not found:
        raise Http404
    ordered = [found[spec.code] for spec in held.all_parts if spec.code in found]
    return content(request, sets.combined(ordered, title=str(row)).content, name.replace("纸质套", "需重印部分"), row)


@login_required
@require_safe
def bundle_zip(request: HttpRequest, year: int, number: int) -> HttpResponseBase:
    held = held_by(request, year, number)
    return _folder(request, folder.Place(held.enterprise, held.round.programme, held.round, [held]))


@login_required
@require_safe
def year_zip(request: HttpRequest, year: int) -> HttpResponseBase:
    """Everything the enterprise filed in the year, a folder for each round."""
    enterprise = _enterprise(request)
    place = folder.of_year(enterprise, get_object_or_404(Programme, year=year))
    if place is None:
        raise Http404
    return _folder(request, place)


def _folder(request: HttpRequest, place: folder.Place) -> HttpResponseBase:
    row = folder.current(place)
    if row is None:
        handlers.ask_for_folder(place)
        return building(request, "电子文件夹", jobs.read(place.job))
    return handed_out(request, row.file, row.name, row)


def content(request: HttpRequest, made: bytes, name: str, target: models.Model) -> HttpResponse:
    """Put together for this answer alone."""
    _recorded(request, name, target)
    headers = {
        "Content-Disposition": content_disposition_header(False, name) or "inline",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return HttpResponse(made, content_type="application/pdf", headers=headers)


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


def held_by(request: HttpRequest, year: int, number: int, *, light: bool = False) -> Constituents:
    """What the enterprise filed in the round. Owner and 质量主管 for their own, staff for ?enterprise=UUID."""
    enterprise = _enterprise(request)
    rounds = Round.objects.select_related("programme")
    held = Constituents(enterprise, get_object_or_404(rounds, programme__year=year, number=number), light=light)
    if not held.submissions:
        raise Http404
    return held


def _enterprise(request: HttpRequest) -> Enterprise:
    if is_staff(request):
        try:
            return get_object_or_404(Enterprise, uuid=request.GET.get("enterprise") or None)
        except ValidationError as error:  # not a UUID
            raise Http404 from error
    membership = membership_of(request)
    if membership is None:
        raise Http404
    if not membership.manages:
        raise PermissionDenied
    return membership.enterprise


def is_staff(request: HttpRequest) -> bool:
    return has_role(request.user, Role.SECRETARIAT, Role.AUDITOR)


def building(request: HttpRequest, what: str, progress: jobs.Progress | None = None) -> HttpResponse:
    """``progress`` of work that takes longer; the page comes again by itself."""
    seconds = 2 if progress else RETRY_SECONDS
    context = {"what": what, "retry_seconds": seconds, "address": request.get_full_path(), "progress": progress}
    answer = render(request, "applications/document_building.html", context, status=202)
    answer["Retry-After"] = str(seconds)
    answer["Cache-Control"] = "no-store"
    return answer


def handed_out(
    request: HttpRequest, file: StoredFile, name: str, target: models.Model, **data: object
) -> HttpResponseBase:
    """The file; when staff read it, the audit trail says so: it holds personal data."""
    _recorded(request, name, target, **data)
    return files.response(file, name, wanted=request.headers.get("Range", ""))


def _recorded(request: HttpRequest, name: str, target: models.Model, **data: object) -> None:
    if request.method == "GET" and is_staff(request):
        with transaction.atomic():
            audit.record("document.read", target, actor=request.user, document=name, **data)  # type: ignore[arg-type]
