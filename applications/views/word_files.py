"""Attachments 1 and 2 as Word documents: download filled in so far, upload filled in."""

import uuid as uuids

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from applications.evidence_check import clean_name
from applications.imports.destinations import ApplicationDestination, SummaryDestination
from applications.imports.word_exports import application_document, summary_of
from applications.models import AnnualReport, Application, Membership, PendingImport, Programme
from applications.views import imports
from applications.views.members import membership_or_404
from applications.word.labels import TITLE_1, TITLE_2
from applications.word.package import DOCX_TYPE
from qcportal import audit


@login_required
@require_safe
def application_word(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """Attachment 1 as it stands now. A read of personal data by staff leaves a row in the audit trail."""
    application = _application(request, uuid)
    name = clean_name(f"附件1_{TITLE_1}_{application.display_name}.docx")
    if request.method == "GET" and not _is_member(request, application):
        with transaction.atomic():
            audit.record("document.read", application, actor=request.user, document=name)  # type: ignore[arg-type]
    return _handed_out(application_document(application), name)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def application_upload(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    application = _application(request, uuid)
    if not _is_member(request, application):
        raise PermissionDenied
    return imports.upload(
        request, PendingImport.Kind.APPLICATION, ApplicationDestination(application),
        "applications/import_application.html", {"application": application},
    )  # fmt: skip


@login_required
@require_safe
def summary_word(request: HttpRequest, year: int) -> HttpResponse:
    membership, programme = _year(request, year)
    report = AnnualReport.objects.filter(enterprise=membership.enterprise, programme=programme).first()
    name = clean_name(f"附件2_{programme.data_year}年{TITLE_2}_{membership.enterprise.name}.docx")
    return _handed_out(summary_of(membership.enterprise, programme, report), name)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def summary_upload(request: HttpRequest, year: int) -> HttpResponse:
    membership, programme = _year(request, year)
    return imports.upload(
        request, PendingImport.Kind.SUMMARY, SummaryDestination(membership.enterprise, programme),
        "applications/import_summary.html", {},
    )  # fmt: skip


def _application(request: HttpRequest, uuid: uuids.UUID) -> Application:
    visible = Application.objects.visible_to(request.user)  # type: ignore[arg-type]
    rows = visible.select_related("enterprise", "round__programme", "recommending_unit")
    return get_object_or_404(rows.prefetch_related("members", "completing_units"), uuid=uuid)


def _is_member(request: HttpRequest, application: Application) -> bool:
    return Membership.objects.active().filter(user=request.user, enterprise=application.enterprise_id).exists()  # type: ignore[misc]


def _year(request: HttpRequest, year: int) -> tuple[Membership, Programme]:
    return membership_or_404(request), get_object_or_404(Programme.objects.published(), year=year)


def _handed_out(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=DOCX_TYPE)
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
