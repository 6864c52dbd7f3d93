"""Attachment 3 as an Excel file: download prefilled, upload filled in."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from applications.imports.destinations import StatisticsDestination
from applications.models import PendingImport, Programme
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
