"""审计查询 and 查看记录. Secretariat and auditor alike; nothing can be changed here."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from qcportal.adminsite import RECORDS
from qcportal.exports.trail import reads, search
from qcportal.exports.trail.forms import ReadsForm, SearchForm, filters_of

PER_PAGE = 50


def _page_number(request: HttpRequest) -> int:
    raw = request.GET.get("page", "")
    return max(1, int(raw)) if raw.isdigit() and len(raw) < 6 else 1


@require_safe
def audit_search(request: HttpRequest) -> HttpResponse:
    """The newest rows under the conditions; with ``about``, its history in the order things happened."""
    form = SearchForm(request.GET)
    filters = filters_of(form) if form.is_valid() else {}
    rows = search.events(filters) if form.is_valid() else search.events({}).none()
    number = _page_number(request)
    found = search.page(rows, number, PER_PAGE, oldest_first=bool(filters.get("about")))
    context = {
        **admin.site.each_context(request),
        "title": "审计查询",
        "form": form,
        "lines": [search.line(event) for event in found.events],
        "total": found.total,
        "many": found.total > search.MOST_COUNTED,
        "most": search.MOST_COUNTED,
        "number": number,
        "has_next": found.has_next,
        "query": _without_page(request),
        "object_name": reads.name_of(filters["about"]) if filters.get("about") else "",
        "object_key": filters.get("about", ""),
        "kind": "trail",
    }
    return render(request, "admin/exports/audit.html", context)


def _without_page(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()


@require_safe
def audit_reads(request: HttpRequest) -> HttpResponse:
    """Who looked at what, grouped; ``about`` asks 谁看过这份申报."""
    form = ReadsForm(request.GET)
    filters: dict[str, Any] = filters_of(form) if form.is_valid() else {}
    number = _page_number(request)
    found = list(reads.groups(filters)[(number - 1) * PER_PAGE : number * PER_PAGE + 1])
    context = {
        **admin.site.each_context(request),
        "title": "查看记录",
        "form": form,
        "number": number,
        "has_next": len(found) > PER_PAGE,
        "groups": [reads.group(row) for row in found[:PER_PAGE]],
        "people": reads.people(filters),
        "object_key": filters.get("about", ""),
        "object_name": reads.name_of(filters["about"]) if filters.get("about") else "",
        "query": _without_page(request),
        "kind": "reads",
    }
    return render(request, "admin/exports/reads.html", context)


admin.site.add_page(  # type: ignore[attr-defined]
    "audit/", audit_search, name="audit_search", title="审计查询", group=RECORDS, order=4, icon="search"
)
admin.site.add_page(  # type: ignore[attr-defined]
    "reads/", audit_reads, name="audit_reads", title="查看记录", group=RECORDS, order=5, icon="eye"
)
