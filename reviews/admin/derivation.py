"""推导: how one filing came to its total, rank and level; on screen and as a sheet to print.

The sheet exists with judges' names for the files of the secretariat, and with codes for whoever may not see who
gave which points: the enterprise that objects, another unit.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from applications.models import Application
from qcportal import clock, pdf
from qcportal.adminsite import JUDGING
from reviews import scopes
from reviews.actions import rankings
from reviews.admin import results
from reviews.admin.results import actor_of
from reviews.models import Ranking
from reviews.scopes import Scope
from reviews.scoring import UNLISTED_LABELS, Kind, RoundRules, Row, frozen
from reviews.scoring.levels import Outcome


class Source(NamedTuple):
    """A ranking to derive from: as of now, or as it was frozen."""

    rows: list[Row]
    outcome: Outcome
    rules: Mapping[str, RoundRules]
    version: Ranking | None = None


def _source(request: HttpRequest, scope: Scope) -> Source:
    number = request.GET.get("version", "")
    if not number:
        current = scope.compute()
        scheme = scopes.scheme_of(scopes.stored_scheme(scope))
        outcome = scopes.outcome(current.rows, scheme, scopes.overrides_of(scope))
        return Source(current.rows, outcome, current.snapshot.rules)
    ranking = get_object_or_404(scope.frozen(), version=int(number) if number.isdigit() else 0)
    if ranking.inputs is None:
        raise Http404
    snapshot = frozen.snapshot_of(ranking.inputs)
    rows = frozen.ranked(snapshot)
    return Source(rows, frozen.levelled(snapshot, rows), snapshot.rules, ranking)


def _derivation(source: Source, filing: Application, *, coded: bool) -> dict[str, Any]:
    row = next((one for one in source.rows if one.key == str(filing.uuid)), None)
    if row is None:
        raise Http404
    equals = [
        other for other in source.rows
        if row.total is not None and (other.tier, other.total) == (row.tier, row.total) and other is not row
    ]  # fmt: skip
    rules = source.rules.get(filing.round.slug)
    return {
        "filing": filing,
        "row": row,
        "award": source.outcome.awards.get(row.key),
        "equal_count": len(equals),
        "equal_ranks": "、".join(f"第 {other.rank} 名" for other in equals),
        "ranked": sum(one.rank is not None for one in source.rows),
        "entered": len(source.rows),
        "coded": coded,
        "unlisted": UNLISTED_LABELS[rules.unlisted] if rules and row.total is not None else "",
        "presents": bool(rules) and any(rule.kind == Kind.PRESENTATION for rule in rules.stages),
        "version": source.version,
        "query": urlencode({"version": source.version.version} if source.version else {}),
        "now": clock.now(),
    }


def _coded(request: HttpRequest) -> bool:
    return request.GET.get("judges") == "code"


def _record(request: HttpRequest, filing: Application, what: str) -> None:
    rankings.record_score_view(filing, actor=actor_of(request), what=what)


@require_safe
def entry(request: HttpRequest, slug: str, uuid: UUID) -> HttpResponse:
    scope = results.scope_at(slug)
    filing = results.filing_of(scope, uuid)
    found = _derivation(_source(request, scope), filing, coded=_coded(request))
    _record(request, filing, "derivation")
    context = {**results.page_context(request, scope, f"{filing.group_name}成绩推导"), **found}
    return TemplateResponse(request, "admin/reviews/derivation.html", context)


@require_safe
def entry_pdf(request: HttpRequest, slug: str, uuid: UUID) -> HttpResponse:
    scope = results.scope_at(slug)
    filing = results.filing_of(scope, uuid)
    coded = _coded(request)
    found = _derivation(_source(request, scope), filing, coded=coded)
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
