"""Attachment 3 as an Excel file: download prefilled, upload filled in."""

import io

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_safe

from applications import last_year, statistics
from applications.exchange import XLSX_TYPE
from applications.imports import statistics_form
from applications.imports.destinations import StatisticsDestination
from applications.models import PendingImport, Programme
from applications.packets.names import safe_name
from applications.report_progress import values_of
from applications.views import imports
from applications.views.members import membership_or_404


def destination(request: HttpRequest, year: int) -> StatisticsDestination:
    membership = membership_or_404(request)
    programme = get_object_or_404(Programme.objects.published(), year=year)
    return StatisticsDestination(membership.enterprise, programme)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, year: int) -> HttpResponse:
    return imports.upload(
        request, PendingImport.Kind.STATISTICS, destination(request, year), "applications/import_statistics.html", {}
    )


@login_required
@require_safe
def form(request: HttpRequest, year: int) -> FileResponse:
    """With everything that is known: the enterprise, last year's figures, what is filled in so far."""
    where = destination(request, year)
    before, _version = last_year.compared(last_year.before(where.enterprise.pk, where.programme))
    filled = statistics_form.Filled(
        unit=where.enterprise.name,
        credit_code=where.enterprise.credit_code,
        year=year,
        data_year=where.programme.data_year,
        version=where.version if where.report.pk else 0,
        values=where.stored(),
        fields=where.programme.fields,
        last_year={**values_of(before), **statistics.rates(values_of(before))} if before else {},
    )
    name = safe_name(f"附件3_企业质量管理小组活动统计表_{where.enterprise.name}.xlsx")
    return workbook_response(statistics_form.workbook(filled), name)


def workbook_response(content: bytes, name: str) -> FileResponse:
    answer = FileResponse(io.BytesIO(content), as_attachment=True, filename=name, content_type=XLSX_TYPE)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
