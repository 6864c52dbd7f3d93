"""推导: how one filing came to its total, rank and level; on screen and as a sheet to print.

The sheet exists with judges' names for the files of the secretariat, and with codes for whoever may not see who
gave which points: the enterprise that objects, another unit.
"""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from applications.models import Application
from qcportal import clock, pdf
from qcportal.adminsite import JUDGING
from reviews import scopes
from reviews.actions import rankings
from reviews.admin import results
from reviews.admin.results import actor_of
from reviews.scopes import Scope
from reviews.scoring import KIND_LABELS, UNLISTED_LABELS


def _derivation(scope: Scope, filing: Application, *, coded: bool) -> dict[str, Any]:
    current = scope.compute()
    line = current.line_of(filing)
    if line is None:
        raise Http404
    outcome = scopes.outcome(
        current.rows, scopes.scheme_of(scopes.stored_scheme(scope)), scopes.overrides_of(scope)
    )  # fmt: skip
    row = line.row
    equals = [
        other for other in current.lines
        if row.total is not None and (other.row.tier, other.row.total) == (row.tier, row.total) and other is not line
    ]  # fmt: skip
    rules = current.snapshot.rules.get(filing.round.slug)
    return {
        "filing": filing,
        "row": row,
        "award": outcome.awards.get(str(filing.uuid)),
        "equals": [] if coded else equals,
        "equal_count": len(equals),
        "ranked": len(current.ranked),
        "entered": len(current.lines),
        "coded": coded,
        "unlisted": UNLISTED_LABELS[rules.unlisted] if rules and row.total is not None else "",
        "presents": any(stage.kind == "presentation" for stage in current.stages),
        "error": current.error,
        "now": clock.now(),
        "kinds": KIND_LABELS,
    }


def _coded(request: HttpRequest) -> bool:
    return request.GET.get("judges") == "code"


def _record(request: HttpRequest, filing: Application, what: str) -> None:
    rankings.record_score_view(filing, actor=actor_of(request), what=what)


@require_safe
def entry(request: HttpRequest, slug: str, uuid: UUID) -> HttpResponse:
    scope = results.scope_at(slug)
    filing = results.filing_of(scope, uuid)
    found = _derivation(scope, filing, coded=_coded(request))
    _record(request, filing, "derivation")
    context = {**results.page_context(request, scope, f"{filing.group_name}成绩推导"), **found}
    return TemplateResponse(request, "admin/reviews/derivation.html", context)


@require_safe
def entry_pdf(request: HttpRequest, slug: str, uuid: UUID) -> HttpResponse:
    scope = results.scope_at(slug)
    filing = results.filing_of(scope, uuid)
    coded = _coded(request)
    found = _derivation(scope, filing, coded=coded)
    _record(request, filing, "derivation pdf coded" if coded else "derivation pdf")
    content = pdf.render_template("derivation.html", {**found, "scope": scope})
    name = f"derivation-{filing.file_number or filing.pk}{'-coded' if coded else ''}.pdf"
    return results.download(content, name, "application/pdf", inline=True)


admin.site.add_page(  # type: ignore[attr-defined]
    "reviews/ranking/of/<slug:slug>/entry/<uuid:uuid>/", entry, name="reviews_results_entry", title="", group=JUDGING
)
admin.site.add_page(  # type: ignore[attr-defined]
    "reviews/ranking/of/<slug:slug>/entry/<uuid:uuid>.pdf", entry_pdf, name="reviews_results_entry_pdf", title="",
    group=JUDGING,
)  # fmt: skip
