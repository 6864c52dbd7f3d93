"""评委一致性: how the judges of a round agree, for the secretariat alone. Advisory: no ranking knows of it."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from qcportal.adminsite import JUDGING
from reviews import calibrating
from reviews.actions import rankings
from reviews.admin import results


@require_safe
def calibration_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Computed anew from the submitted sheets; reading it leaves an audit row, since it shows scores."""
    scope = results.scope_of_round(pk)
    rankings.record_score_view(scope.round, actor=results.actor_of(request), what="calibration")
    context = {
        **results.page_context(request, scope, f"{scope.title}评委一致性"),
        "reports": calibrating.of_round(scope.round),
        "min_filings": calibrating.MIN_FILINGS,
    }
    return TemplateResponse(request, "admin/reviews/calibration.html", context)


admin.site.add_page(  # type: ignore[attr-defined]
    "reviews/calibration/<int:pk>/", calibration_page, name="reviews_calibration", title="", group=JUDGING
)
