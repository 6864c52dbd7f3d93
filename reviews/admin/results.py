"""What the pages of a ranking share: which ranking an address means, and who asks."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from applications.models import Application, Round
from qcportal.models import User
from qcportal.roles import Role, has_role
from reviews import scopes
from reviews.rank_views import ALL, View, views_of
from reviews.scopes import Scope

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def scope_at(slug: str) -> Scope:
    scope = scopes.find(slug)
    if scope is None:
        raise Http404
    return scope


def scope_of_round(pk: int) -> Scope:
    return scopes.of_round(get_object_or_404(Round.objects.select_related("programme"), pk=pk))


def address(scope: Scope, page: str = "") -> str:
    """The address of a scope's ranking, or of one of its pages. A round's ranking keeps its own short address."""
    if not page and scope.round is not None and scope.award is None:
        return reverse("admin:reviews_ranking", args=[scope.round.pk])
    return reverse(f"admin:reviews_results{page}", args=[scope.slug])


def chosen_view(request: HttpRequest, scope: Scope) -> tuple[list[View], View]:
    views = views_of(scope)
    key = request.GET.get("view", ALL)
    view = next((each for each in views if each.key == key), None)
    if view is None:
        raise Http404
    return views, view


def filing_of(scope: Scope, uuid: Any) -> Application:
    filing = get_object_or_404(Application.objects.select_related("enterprise", "round__programme"), uuid=uuid)
    if filing.round.programme_id != scope.programme.pk or (scope.round and filing.round_id != scope.round.pk):
        raise Http404
    return filing


def actor_of(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]


def may_change(request: HttpRequest) -> bool:
    return has_role(request.user, Role.SECRETARIAT)


def page_context(request: HttpRequest, scope: Scope, title: str) -> dict[str, Any]:
    return {
        **admin.site.each_context(request),
        "title": title,
        "scope": scope,
        "ranking_address": address(scope),
        "may_change": may_change(request),
    }


def download(content: bytes, name: str, content_type: str = XLSX, *, inline: bool = False) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'{"inline" if inline else "attachment"}; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
