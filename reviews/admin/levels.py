"""等级: what-if preview of the cuts in the address, saving them, and decisions about single groups."""

from collections import Counter
from decimal import ROUND_FLOOR, Decimal
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from qcportal.adminsite import JUDGING
from qcportal.errors import NotAllowed, Refusal
from reviews import scopes
from reviews.actions import levels, rankings
from reviews.admin import results
from reviews.admin.results import actor_of, may_change
from reviews.models import LevelOverride
from reviews.result_forms import LevelsForm, OverrideForm
from reviews.scopes import Scope
from reviews.scoring.levels import Outcome
from reviews.standings import Standings

NO_LEVEL = "无等级"


class Band(NamedTuple):
    """Groups whose totals lie within one point, and how many of them got which level."""

    label: str
    total: int
    counts: list[int]


@require_http_methods(["GET", "HEAD", "POST"])
def levels_page(request: HttpRequest, slug: str) -> HttpResponse:
    scope = results.scope_at(slug)
    current = scope.compute()
    names = scopes.level_names(scope)
    override_form = OverrideForm([line.application for line in current.lines], names)
    if request.method == "POST":
        if not may_change(request):
            raise PermissionDenied
        override_form = OverrideForm([line.application for line in current.lines], names, request.POST)
        if _perform(request, scope, names, override_form):
            return redirect(request.get_full_path() if request.POST.get("step") != "save" else request.path)
    else:
        override_form = OverrideForm([line.application for line in current.lines], names)
    context = _context(request, scope, current, names)
    context["override_form"] = override_form
    return TemplateResponse(request, "admin/reviews/levels.html", context)


def _perform(request: HttpRequest, scope: Scope, names: list[str], form: OverrideForm) -> bool:
    """Run the pressed button; False when the form has to be shown again with what was typed."""
    actor = actor_of(request)
    try:
        match request.POST.get("step"):
            case "save":
                cuts = LevelsForm(names, None, request.POST)
                if not cuts.is_valid():
                    messages.error(request, "等级线有误，没有保存。请改正后再保存。")
                    return False
                levels.save_scheme(scope, cuts.scheme, actor=actor)
                messages.success(request, "已保存等级方案，冻结排名时按它授予等级。")
            case "override":
                if not form.is_valid():
                    return False
                data = form.cleaned_data
                levels.override_level(scope, data.pop("application"), actor=actor, **data)
                messages.success(request, "已记录，冻结新的一版排名后生效。")
            case "withdraw":
                number = request.POST.get("row", "")
                row = get_object_or_404(LevelOverride, scope=scope.slug, pk=int(number) if number.isdigit() else 0)
                levels.withdraw_override(row, actor=actor)
                messages.success(request, "已撤销调整，按等级线授予。")
            case _:
                messages.error(request, "没有识别到操作，请重试。")
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return True


def _context(request: HttpRequest, scope: Scope, current: Standings, names: list[str]) -> dict[str, Any]:
    stored = scopes.stored_scheme(scope)
    saved = scopes.scheme_of(stored)
    asked = request.POST if request.POST.get("step") == "save" else request.GET
    form = LevelsForm(names, saved, asked)
    tried = saved
    if form.is_bound:
        tried = form.scheme if form.is_valid() else None
    overrides = scopes.overrides_of(scope)
    outcome = scopes.outcome(current.rows, tried, overrides)
    before = scopes.outcome(current.rows, saved, overrides)
    rankings.record_score_view(scope.round or scope.programme, actor=actor_of(request), what="levels")
    shown = [*(cut.name for cut in tried.cuts), NO_LEVEL] if tried else []
    return {
        **results.page_context(request, scope, f"{scope.title}等级"),
        "form": form,
        "stored": stored,
        "is_saved": tried == saved,
        "current": current,
        "outcome": outcome,
        "counts": _counts(outcome, before, shown),
        "shown": shown,
        "columns": " ".join(str(at) for at in range(3, len(shown) + 3)),
        "bands": bands(current, outcome, shown),
        "changed": _changed(current, outcome, before),
        "lines": [(line, outcome.awards.get(str(line.application.uuid))) for line in current.lines],
        "overrides": overrides,
        "announced": scope.frozen().exclude(announced_at=None).exists(),
    }


def _counts(outcome: Outcome, before: Outcome, shown: list[str]) -> list[tuple[str, int, int | None]]:
    now = Counter(award.name or NO_LEVEL for award in outcome.awards.values())
    then = Counter(award.name or NO_LEVEL for award in before.awards.values())
    return [(name, now[name], then[name] if before.lines else None) for name in shown]


def bands(current: Standings, outcome: Outcome, shown: list[str]) -> list[Band]:
    """Ranked groups by whole points, best first, empty bands between them included."""
    found: dict[int, Counter[str]] = {}
    for line in current.ranked:
        floor = int((line.row.total or Decimal(0)).to_integral_value(rounding=ROUND_FLOOR))
        award = outcome.awards.get(str(line.application.uuid))
        found.setdefault(floor, Counter())[(award.name if award else "") or NO_LEVEL] += 1
    if not found:
        return []
    return [
        Band(str(floor), sum(counts.values()), [counts[name] for name in shown])
        for floor in range(max(found), min(found) - 1, -1)
        for counts in [found.get(floor, Counter())]
    ]


def _changed(current: Standings, outcome: Outcome, before: Outcome) -> list[tuple[Any, str, str]]:
    """Who would get another level than by the saved scheme."""
    if not before.lines:
        return []
    rows = []
    for line in current.lines:
        key = str(line.application.uuid)
        was, now = before.awards[key].name, outcome.awards[key].name if key in outcome.awards else ""
        if was != now:
            rows.append((line, was or NO_LEVEL, now or NO_LEVEL))
    return rows


admin.site.add_page(  # type: ignore[attr-defined]
    "reviews/ranking/of/<slug:slug>/levels/", levels_page, name="reviews_results_levels", title="", group=JUDGING
)
