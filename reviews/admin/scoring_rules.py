"""计分规则 of a round on one page: checked as a whole, saved as a whole."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from qcportal.adminsite import JUDGING
from qcportal.errors import NotAllowed, Refusal
from reviews.actions import rules
from reviews.admin import results
from reviews.admin.results import actor_of, may_change
from reviews.models import ScoringRules
from reviews.result_forms import RulesForm


@require_http_methods(["GET", "HEAD", "POST"])
def scoring_rules(request: HttpRequest, pk: int) -> HttpResponse:
    scope = results.scope_of_round(pk)
    round_ = scope.round
    assert round_ is not None  # noqa: S101 -- a round's scope
    if request.method == "POST" and not may_change(request):
        raise PermissionDenied
    stages = list(round_.stages.filter(is_active=True).order_by("pk"))
    form = RulesForm(
        stages, rules.current_rules(round_), request.POST or None, scored=rules.scores_exist(round_)
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            rules.save_rules(
                round_, actor=actor_of(request), stages=form.stage_values(), tie_order=form.tie_order(),
                unlisted=form.unlisted_rule(), reason=form.cleaned_data["reason"],
                seen=request.POST.get("seen", ""),
            )  # fmt: skip
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, "已保存计分规则，成绩按新规则计算。已冻结的排名不变。")
            return redirect("admin:reviews_scoring_rules", pk=round_.pk)
    context = {
        **results.page_context(request, scope, f"{round_}计分规则"),
        "round": round_,
        "form": form,
        "seen": request.POST.get("seen") or rules.seal(round_),
        "kept": ScoringRules.objects.filter(round=round_).select_related("saved_by").first(),
    }
    return TemplateResponse(request, "admin/reviews/rules.html", context)


admin.site.add_page(  # type: ignore[attr-defined]
    "reviews/ranking/<int:pk>/rules/", scoring_rules, name="reviews_scoring_rules", title="", group=JUDGING
)
