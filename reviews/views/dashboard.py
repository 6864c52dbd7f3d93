"""评审工作台: what a judge was given, stage by stage, and how far it is."""

from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from applications import topics
from applications.models import Programme
from applications.states import State
from qcportal import acting, clock
from qcportal.errors import Refusal
from reviews import pledge
from reviews.actions.pledging import accept_pledge
from reviews.forms import PledgeForm
from reviews.models import Assignment, Judge, Panel, Recusal, Stage
from reviews.scoring import points_text
from reviews.states import SheetState
from reviews.views.access import judge_of, time_left

SHOWN = {"all": "全部", "todo": "待评", "draft": "草稿", "done": "已交"}
ORDER = ("draft", "todo", "waiting", "done", "recused")


@dataclass
class Card:
    """One assignment (or recusal) as the list shows it."""

    file_number: str
    status: str
    uuid: str = ""
    topic: str = ""
    kind: str = ""
    note: str = ""
    filled: int = 0
    items: int = 0
    total: str = ""


@dataclass
class Section:
    """One stage with its cards."""

    stage: Stage
    panels: list[str] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    now: datetime | None = None

    def count(self, *statuses: str) -> int:
        return sum(card.status in statuses for card in self.cards)

    @property
    def to_score(self) -> int:
        return len(self.cards) - self.count("recused")

    @property
    def done(self) -> int:
        return self.count("done")

    @property
    def is_open(self) -> bool:
        return self.stage.is_open(self.now or clock.now())

    @property
    def is_over(self) -> bool:
        return (self.now or clock.now()) >= self.stage.closes_at

    @property
    def left(self) -> str:
        now = self.now or clock.now()
        if now < self.stage.opens_at:
            return "尚未开始"
        return time_left(self.stage.closes_at, now)


@login_required
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """The judge's work; the pledge comes first."""
    judge = judge_of(request)
    sections = sections_of(judge, clock.now())
    unpledged = _unpledged_year(judge, sections)
    if unpledged is not None:
        return redirect("reviews:pledge", year=unpledged)
    shown = request.GET.get("show", "all") if request.GET.get("show") in SHOWN else "all"
    for section in sections:
        section.cards.sort(key=lambda card: ORDER.index(card.status))
    current = [section for section in sections if not section.is_over]
    return render(
        request,
        "reviews/dashboard.html",
        {
            "judge": judge,
            "sections": current,
            "finished": [section for section in sections if section.is_over],
            "filters": _filters(current, shown),
            "shown": shown,
            "shows": _statuses(shown),
            "pledges": judge.pledges.filter(version=pledge.VERSION).order_by("-accepted_at")[:1],
            "panels": Panel.objects.filter(lead=judge, stage__is_active=True).select_related("stage__round__programme"),
        },
    )


def sections_of(judge: Judge, now: datetime) -> list[Section]:
    """Open stages first, then coming ones, then those that are over, the latest first."""
    sections: dict[int, Section] = {}
    recusals = {row.application_id: row for row in Recusal.objects.filter(judge=judge).select_related("application")}
    seen: set[tuple[int, int]] = set()
    for assignment in Assignment.objects.of(judge.user).filter(stage__is_active=True).for_list():
        section = sections.setdefault(assignment.stage_id, Section(assignment.stage, now=now))
        if assignment.panel and assignment.panel.name not in section.panels:
            section.panels.append(assignment.panel.name)
        section.cards.append(_card(assignment, recusals.get(assignment.application_id)))
        seen.add((assignment.stage_id, assignment.application_id))
    for section in sections.values():
        # Assignments that were refused for a conflict: the judge sees that the portal has seen it.
        for recusal in recusals.values():
            same_round = recusal.application.round_id == section.stage.round_id
            if same_round and not any(application == recusal.application_id for _stage, application in seen):
                section.cards.append(_recused_card(recusal))
    return sorted(sections.values(), key=lambda section: (section.is_over, not section.is_open, -section.stage.pk))


def _card(assignment: Assignment, recusal: Recusal | None) -> Card:
    if recusal is not None:
        return _recused_card(recusal)
    sheet = next((row for row in assignment.sheets.all() if row.state != SheetState.REOPENED), None)
    card = Card(
        file_number=assignment.application.file_number or "",
        status="todo",
        uuid=str(assignment.uuid),
        topic=assignment.topic_name,
        kind=topics.LABELS[topics.TopicType(assignment.topic_type)],
    )
    if sheet is not None and sheet.state == SheetState.SUBMITTED:
        card.status = "done"
        card.total = "" if acting.looking_only() else points_text(sheet.total)
    elif assignment.application.state != State.IN_REVIEW:
        card.status, card.note = "waiting", f"该申报当前为“{assignment.application.state_label}”，暂不评分。"
    elif sheet is not None:
        scores = list(sheet.scores.all())
        card.status, card.items = "draft", len(scores)
        card.filled = sum(score.points is not None for score in scores)
        card.note = "秘书处退回重评，请修改后重新提交。" if sheet.version > 1 else ""
    return card


def _recused_card(recusal: Recusal) -> Card:
    kind = recusal.get_kind_display()  # type: ignore[attr-defined]
    note = "您已申请回避，不需要评分。" if recusal.kind == "declared" else f"系统已自动回避（{kind}），不需要评分。"
    return Card(file_number=recusal.application.file_number or "", status="recused", note=note)


def _statuses(shown: str) -> tuple[str, ...]:
    return {"all": ORDER, "todo": ("todo", "waiting"), "draft": ("draft",), "done": ("done",)}[shown]


def _filters(sections: list[Section], shown: str) -> list[dict[str, object]]:
    return [
        {
            "value": value,
            "label": label,
            "count": sum(section.count(*_statuses(value)) for section in sections),
            "current": value == shown,
        }
        for value, label in SHOWN.items()
    ]


def _unpledged_year(judge: Judge, sections: list[Section]) -> int | None:
    """The newest year with work for which the current pledge is missing."""
    years = {section.stage.round.programme.year for section in sections if not section.is_over}
    signed = set(judge.pledges.filter(version=pledge.VERSION).values_list("programme__year", flat=True))
    return max(years - signed, default=None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pledge_page(request: HttpRequest, year: int) -> HttpResponse:
    """承诺书: nothing of the year's filings opens before it is accepted."""
    judge = judge_of(request)
    programme = get_object_or_404(Programme, year=year)
    target = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = "reviews:dashboard"
    form = PledgeForm(request.POST or None, initial={"version": pledge.VERSION})
    if request.method == "POST" and form.is_valid():
        try:
            accept_pledge(judge, programme, actor=judge.user, version=form.cleaned_data["version"])
        except Refusal as refusal:
            form = PledgeForm(initial={"version": pledge.VERSION})
            return render(request, "reviews/pledge.html", _pledge_context(programme, form, refusal.message))
        return redirect(target)
    return render(request, "reviews/pledge.html", _pledge_context(programme, form, ""))


def _pledge_context(programme: Programme, form: PledgeForm, problem: str) -> dict[str, object]:
    return {
        "programme": programme,
        "form": form,
        "title": pledge.TITLE,
        "clauses": pledge.CLAUSES,
        "version": pledge.VERSION,
        "problem": problem,
    }
