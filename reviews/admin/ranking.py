"""成绩: the ranking as of now with its derivation, views, Excel, freezing and announcing."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_safe

from applications.models import Round
from applications.topics import TopicType
from qcportal import clock
from qcportal.adminsite import JUDGING
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import User
from qcportal.roles import Role, has_role
from reviews import exports, standings
from reviews.actions import rankings
from reviews.actions.rubrics import create_stages
from reviews.models import Panel, Ranking
from reviews.standings import Standings


class View(NamedTuple):
    """One way of looking at a round's ranking."""

    key: str
    label: str
    compute: Callable[[], Standings]


def views_of(round_: Round) -> list[View]:
    """All, by type, by panel, by special award; ranks count within the view."""
    solving = [TopicType.SELF_SET, TopicType.DIRECTIVE]
    found = [
        View("all", "全部", lambda: standings.of_round(round_)),
        View("solving", "问题解决型", lambda: standings.of_round(round_, topic_types=solving)),
        View("innovation", "创新型", lambda: standings.of_round(round_, topic_types=[TopicType.INNOVATION])),
    ]
    for panel in Panel.objects.filter(stage__round=round_, stage__is_active=True).select_related("stage"):
        found.append(View(f"panel-{panel.pk}", panel.name, lambda panel=panel: standings.of_round(round_, panel=panel)))
    for award in round_.programme.special_awards.all():
        found.append(
            View(f"award-{award.code}", award.name, lambda award=award: standings.of_round(round_, award=award))
        )
    return found


def _chosen(request: HttpRequest, views: list[View]) -> View:
    key = request.GET.get("view", "all")
    found = next((view for view in views if view.key == key), None)
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def rounds(request: HttpRequest) -> HttpResponse:
    """Every round with its ranking; a round without stages gets them here."""
    if request.method == "POST":
        if not has_role(request.user, Role.SECRETARIAT):
            raise PermissionDenied
        number = request.POST.get("round", "")
        round_ = get_object_or_404(Round, pk=int(number) if number.isdigit() else 0)
        create_stages(round_, actor=request.user)  # type: ignore[arg-type]
        messages.success(request, f"已建立{round_}的评审阶段：资料 0.60、发表 0.40，现场未启用。")
        return redirect("admin:reviews_rankings")
    rows = Round.objects.select_related("programme").prefetch_related("stages").order_by("-programme__year", "-number")
    context = {
        **admin.site.each_context(request),
        "title": "成绩",
        "rounds": rows,
        "may_change": has_role(request.user, Role.SECRETARIAT),
    }
    return TemplateResponse(request, "admin/reviews/rounds.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def ranking(request: HttpRequest, pk: int) -> HttpResponse:
    """Computed anew on every visit from the submitted sheets; reading it leaves an audit row."""
    round_ = get_object_or_404(Round.objects.select_related("programme"), pk=pk)
    if request.method == "POST":
        if not has_role(request.user, Role.SECRETARIAT):
            raise PermissionDenied
        _perform(request, round_)
        return redirect(request.get_full_path())
    views = views_of(round_)
    view = _chosen(request, views)
    current = view.compute()
    rankings.record_score_view(round_, actor=request.user, what=f"ranking:{view.key}")  # type: ignore[arg-type]
    return TemplateResponse(request, "admin/reviews/ranking.html", _context(request, round_, views, view, current))


def _context(request: HttpRequest, round_: Round, views: list[View], view: View, current: Standings) -> dict[str, Any]:
    frozen = list(Ranking.objects.filter(round=round_, special_award=None).select_related("frozen_by"))
    return {
        **admin.site.each_context(request),
        "title": f"{round_}成绩",
        "round": round_,
        "now": clock.now(),
        "views": views,
        "view": view,
        "current": current,
        "kinds": exports.kinds_of(current),
        "weights": exports.weights_text(current),
        "shortlisted": sum(line.row.shortlisted for line in current.lines),
        "waiting": [judge for judge in current.progress if judge.missing],
        "frozen": frozen,
        "announced": any(each.announced_at for each in frozen),
        "may_change": has_role(request.user, Role.SECRETARIAT),
    }


def _perform(request: HttpRequest, round_: Round) -> None:
    """Run the pressed button: freeze, complete, announce."""
    actor: User = request.user  # type: ignore[assignment]
    try:
        match request.POST.get("step"):
            case "freeze":
                frozen = rankings.freeze_ranking(round_, actor=actor)
                messages.success(request, f"已冻结第 {frozen.version} 版排名，校验值 {frozen.sha256[:12]}。")
            case "complete":
                done = rankings.complete_round(round_, actor=actor)
                messages.success(request, f"{done} 份申报转为“评审完成”，其余仍在评审中。")
            case "announce":
                number = request.POST.get("ranking", "")
                frozen = get_object_or_404(Ranking, round=round_, pk=int(number) if number.isdigit() else 0)
                rankings.announce_ranking(frozen, actor=actor)
                messages.success(request, f"已公布第 {frozen.version} 版排名。")
            case _:
                messages.error(request, "没有识别到操作，请重试。")
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)


@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """The view on screen as .xlsx, audited."""
    round_ = get_object_or_404(Round.objects.select_related("programme"), pk=pk)
    view = _chosen(request, views_of(round_))
    current = view.compute()
    rankings.record_score_view(round_, actor=request.user, what=f"export:{view.key}")  # type: ignore[arg-type]
    title = f"{round_}成绩（{view.label}）"
    content = exports.ranking_workbook(current, title=title, at=clock.now())
    response = HttpResponse(content, content_type=exports.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="ranking-{round_.slug}-{view.key}.xlsx"'
    response["Cache-Control"] = "private, no-store"
    return response


admin.site.add_page(  # type: ignore[attr-defined]
    "reviews/ranking/", rounds, name="reviews_rankings", title="成绩", group=JUDGING, order=20, icon="scale"
)
admin.site.add_page(  # type: ignore[attr-defined]
    "reviews/ranking/<int:pk>/", ranking, name="reviews_ranking", title="", group=JUDGING
)
admin.site.add_page(  # type: ignore[attr-defined]
    "reviews/ranking/<int:pk>/export.xlsx", export, name="reviews_ranking_export", title="", group=JUDGING
)
