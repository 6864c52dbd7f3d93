"""成绩: the ranking as of now with its derivation, views, Excel, freezing and announcing."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_safe

from applications.models import Programme, Round
from qcportal import clock
from qcportal.adminsite import JUDGING
from qcportal.errors import NotAllowed, Refusal
from reviews import checkbook, exports, rank_views, scopes
from reviews.actions import rankings
from reviews.actions.rubrics import create_stages
from reviews.admin import results
from reviews.admin.results import actor_of, may_change
from reviews.rank_views import View
from reviews.scopes import Scope
from reviews.scoring import frozen
from reviews.standings import Standings


@require_http_methods(["GET", "HEAD", "POST"])
def rounds(request: HttpRequest) -> HttpResponse:
    """Every round with its ranking, and the rankings of each year; a round without stages gets them here."""
    if request.method == "POST":
        if not may_change(request):
            raise PermissionDenied
        number = request.POST.get("round", "")
        round_ = get_object_or_404(Round, pk=int(number) if number.isdigit() else 0)
        create_stages(round_, actor=actor_of(request))
        messages.success(request, f"已建立{round_}的评审阶段：资料 0.60、发表 0.40，现场未启用。")
        return redirect("admin:reviews_rankings")
    rows = Round.objects.select_related("programme").prefetch_related("stages").order_by("-programme__year", "-number")
    years = Programme.objects.filter(rounds__stages__is_active=True).distinct().order_by("-year")
    context = {
        **admin.site.each_context(request),
        "title": "成绩",
        "rounds": rows,
        "years": [_year(programme) for programme in years.prefetch_related("special_awards")],
        "may_change": may_change(request),
    }
    return TemplateResponse(request, "admin/reviews/rounds.html", context)


def _year(programme: Programme) -> dict[str, Any]:
    awards = [Scope(programme, award=award) for award in programme.special_awards.all()]
    return {
        "programme": programme,
        "address": results.address(Scope(programme)),
        "awards": [(scope.award, results.address(scope)) for scope in awards],
    }


def ranking(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, results.scope_of_round(pk))


def results_page(request: HttpRequest, slug: str) -> HttpResponse:
    """A special award's ranking, or the whole year's."""
    return _page(request, results.scope_at(slug))


@require_http_methods(["GET", "HEAD", "POST"])
def _page(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Computed anew on every visit from the submitted sheets; reading it leaves an audit row."""
    if request.method == "POST":
        if not may_change(request):
            raise PermissionDenied
        _perform(request, scope)
        return redirect(request.get_full_path())
    views, view = results.chosen_view(request, scope)
    current = view.compute()
    _record(scope, request, f"ranking:{view.key}")
    return TemplateResponse(request, "admin/reviews/ranking.html", _context(request, scope, views, view, current))


def _record(scope: Scope, request: HttpRequest, what: str) -> None:
    target = scope.round if scope.round is not None and scope.award is None else scope.award or scope.programme
    rankings.record_score_view(target, actor=actor_of(request), what=what)


def _context(
    request: HttpRequest, scope: Scope, views: list[View], view: View, current: Standings
) -> dict[str, Any]:  # fmt: skip
    versions = list(scope.frozen().defer("data", "inputs"))
    whole = view.key == rank_views.ALL
    scheme = scopes.scheme_of(scopes.stored_scheme(scope)) if whole else None
    outcome = scopes.outcome(current.rows, scheme, scopes.overrides_of(scope) if whole else [])
    return {
        **results.page_context(request, scope, f"{scope.title}成绩"),
        "now": clock.now(),
        "views": views,
        "view": view,
        "choices": rank_views.grouped(views),
        "current": current,
        "lines": [(line, outcome.awards.get(str(line.application.uuid))) for line in current.lines],
        "outcome": outcome,
        "kinds": exports.kinds_of(current),
        "weights": exports.weights_text(current),
        "shortlisted": sum(line.row.shortlisted for line in current.lines),
        "waiting": [judge for judge in current.progress if judge.missing],
        "versions": versions,
        "announced": any(each.announced_at for each in versions),
    }


def _perform(request: HttpRequest, scope: Scope) -> None:
    """Run the pressed button: freeze, complete, announce."""
    actor = actor_of(request)
    try:
        match request.POST.get("step"):
            case "freeze":
                made = rankings.freeze_ranking(
                    scope.round, special_award=scope.award, programme=scope.programme, actor=actor
                )
                messages.success(request, f"已冻结第 {made.version} 版排名，校验值 {made.sha256[:12]}。")
            case "complete" if scope.round is not None and scope.award is None:
                done = rankings.complete_round(scope.round, actor=actor)
                messages.success(request, f"{done} 份申报转为“评审完成”，其余仍在评审中。")
            case "announce":
                number = request.POST.get("ranking", "")
                made = get_object_or_404(scope.frozen(), pk=int(number) if number.isdigit() else 0)
                rankings.announce_ranking(made, actor=actor)
                messages.success(request, f"已公布第 {made.version} 版排名。")
            case _:
                messages.error(request, "没有识别到操作，请重试。")
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)


def export(request: HttpRequest, pk: int) -> HttpResponse:
    return _export(request, results.scope_of_round(pk))


def results_export(request: HttpRequest, slug: str) -> HttpResponse:
    return _export(request, results.scope_at(slug))


@require_safe
def _export(request: HttpRequest, scope: Scope) -> HttpResponse:
    """The view on screen as .xlsx, audited."""
    _views, view = results.chosen_view(request, scope)
    current = view.compute()
    outcome = scopes.outcome([], None, [])
    if view.key == rank_views.ALL:
        scheme = scopes.scheme_of(scopes.stored_scheme(scope))
        outcome = scopes.outcome(current.rows, scheme, scopes.overrides_of(scope))
    _record(scope, request, f"export:{view.key}")
    title = f"{scope.title}成绩（{view.label}）"
    content = exports.ranking_workbook(current, title=title, at=clock.now(), outcome=outcome)
    return results.download(content, f"ranking-{scope.file_slug}-{view.key}.xlsx")


@require_safe
def check_export(request: HttpRequest, slug: str) -> HttpResponse:
    """核算表 of the ranking as of now: points and rules, all else live formulas; audited."""
    scope = results.scope_at(slug)
    current = scope.compute()
    if current.error:
        messages.error(request, current.error)
        return redirect(results.address(scope))
    _record(scope, request, "check workbook")
    inputs = frozen.inputs_of(current.snapshot)
    content = checkbook.workbook(inputs, frozen.reckon(inputs)["rows"], title=f"{scope.title}成绩核算表")
    return results.download(content, f"check-{scope.file_slug}.xlsx")


admin.site.add_page(  # type: ignore[attr-defined]
    "reviews/ranking/", rounds, name="reviews_rankings", title="成绩", group=JUDGING, order=20, icon="scale"
)
for _address, _view, _name in (
    ("reviews/ranking/<int:pk>/", ranking, "reviews_ranking"),
    ("reviews/ranking/<int:pk>/export.xlsx", export, "reviews_ranking_export"),
    ("reviews/ranking/of/<slug:slug>/", results_page, "reviews_results"),
    ("reviews/ranking/of/<slug:slug>/export.xlsx", results_export, "reviews_results_export"),
    ("reviews/ranking/of/<slug:slug>/check.xlsx", check_export, "reviews_results_check"),
):
    admin.site.add_page(_address, _view, name=_name, title="", group=JUDGING)  # type: ignore[attr-defined]
