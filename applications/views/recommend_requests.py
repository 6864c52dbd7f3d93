"""The enterprise asks its recommending unit; everybody concerned reads the page of an opinion."""

import uuid as uuids

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from applications.actions import recommending
from applications.models import Application, Recommendation, UnitMember
from applications.packets import handlers
from applications.views.documents import building, handed_out
from qcportal.errors import NotAllowed, Refusal


def _application(request: HttpRequest, uuid: uuids.UUID) -> Application:
    return get_object_or_404(Application.objects.visible_to(request.user), uuid=uuid)  # type: ignore[arg-type]


def _back(request: HttpRequest, application: Application) -> HttpResponse:
    """To the section page when the button was pressed there."""
    if request.POST.get("from") == "awards":
        return redirect("applications:section", uuid=application.uuid, code="awards")
    return redirect("applications:detail", uuid=application.uuid)


@login_required
@require_POST
def request_opinion(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    application = _application(request, uuid)
    try:
        asked = recommending.request_opinion(application, actor=request.user)  # type: ignore[arg-type]
        messages.success(request, f"已请“{asked.unit}”在线出具意见，对方会收到邮件。")
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return _back(request, application)


@login_required
@require_POST
def cancel(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    application = _application(request, uuid)
    try:
        recommending.cancel_request(application, actor=request.user)  # type: ignore[arg-type]
        messages.success(request, "请求已收回，推荐单位不再能看到这份草稿。")
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return _back(request, application)


@login_required
@require_safe
def page_pdf(request: HttpRequest, uuid: uuids.UUID, item: uuids.UUID) -> HttpResponseBase:
    """For the enterprise and staff who see the application, and for the unit that gave the opinion."""
    seen = Application.objects.visible_to(request.user).filter(uuid=uuid)  # type: ignore[arg-type]
    units = UnitMember.objects.units_of(request.user)  # type: ignore[arg-type]
    rows = Recommendation.objects.filter(Q(application__in=seen) | Q(unit__in=units), application__uuid=uuid)
    opinion = get_object_or_404(rows.select_related("application", "submission"), uuid=item, submission__isnull=False)
    page = handlers.opinion_page(opinion)
    if page is None:
        return building(request, "推荐意见页")
    name = f"{opinion.data['file_number']}_第{opinion.data['version']}版_推荐单位意见.pdf"
    return handed_out(request, page.file, name, opinion.application, version=opinion.data["version"])
