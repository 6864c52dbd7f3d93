"""A frozen version of a ranking: its rows and levels, its hashes, and 重新计算并核对."""

from uuid import UUID

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_safe

from qcportal.adminsite import JUDGING
from reviews import checkbook, scopes
from reviews.actions import rankings
from reviews.admin import results
from reviews.admin.results import actor_of
from reviews.models import Ranking

SHOWN = 10  # differing rows named in one message


def _ranking(uuid: UUID) -> Ranking:
    rows = Ranking.objects.select_related("programme", "round__programme", "special_award", "frozen_by")
    return get_object_or_404(rows, uuid=uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def frozen_ranking(request: HttpRequest, uuid: UUID) -> HttpResponse:
    ranking = _ranking(uuid)
    if request.method == "POST":
        _check(request, ranking)
        return redirect("admin:reviews_frozen", uuid=uuid)
    rankings.record_score_view(ranking, actor=actor_of(request), what="frozen")
    scope = scopes.of_ranking(ranking)
    context = {
        **results.page_context(request, scope, f"{scope.title}成绩第 {ranking.version} 版"),
        "ranking": ranking,
        "rows": ranking.data.get("rows", []),
        "levels": ranking.data.get("levels", []),
    }
    return TemplateResponse(request, "admin/reviews/frozen.html", context)


def _check(request: HttpRequest, ranking: Ranking) -> None:
    found = rankings.check_ranking(ranking, actor=actor_of(request))
    if found:
        more = f"，另有 {len(found) - SHOWN} 处" if len(found) > SHOWN else ""
        messages.error(request, f"核对不一致：{'；'.join(found[:SHOWN])}{more}。")
    elif ranking.inputs is None:
        messages.warning(request, "这一版没有保存计算依据，只核对了校验值，一致。")
    else:
        count = len(ranking.data["rows"])
        messages.success(
            request, f"已按保存的依据重新计算 {count} 行，结果与校验值 {ranking.sha256[:12]} 完全一致。"
        )  # fmt: skip


@require_safe
def frozen_check(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """核算表 made of the stored inputs."""
    ranking = _ranking(uuid)
    if ranking.inputs is None:
        messages.error(request, "这一版没有保存计算依据，不能导出核算表。")
        return redirect("admin:reviews_frozen", uuid=uuid)
    rankings.record_score_view(ranking, actor=actor_of(request), what="check workbook")
    scope = scopes.of_ranking(ranking)
    content = checkbook.workbook(
        ranking.inputs, ranking.data["rows"], title=f"{scope.title}成绩第 {ranking.version} 版核算表"
    )  # fmt: skip
    return results.download(content, f"check-{scope.file_slug}-v{ranking.version}.xlsx")


admin.site.add_page(  # type: ignore[attr-defined]
    "reviews/ranking/frozen/<uuid:uuid>/", frozen_ranking, name="reviews_frozen", title="", group=JUDGING
)
admin.site.add_page(  # type: ignore[attr-defined]
    "reviews/ranking/frozen/<uuid:uuid>/check.xlsx", frozen_check, name="reviews_frozen_check", title="", group=JUDGING
)
