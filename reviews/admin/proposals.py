"""自动分派: asking for a proposal, reading it, changing it by hand, confirming and undoing it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from applications.models import Application
from qcportal import jobs
from qcportal.adminsite import JUDGING
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import OutboxMessage, OutboxState
from qcportal.roles import Role, has_role
from reviews import proposal_view, proposing
from reviews.actions import proposal_confirming
from reviews.actions import proposing as acts
from reviews.models import AssignmentProposal, Mode, ProposalPanel, Stage
from reviews.models.expertise import filings_with_facts
from reviews.proposal_view import ProposalView
from reviews.proposing import Parameters
from reviews.states import ProposalState

PER_PAGE = 50
LISTED = 20
NUMBERS_SHOWN = 12
WATCH_SECONDS = 2
CHIPS = {
    ProposalState.WORKING: ("grey", "clock"), ProposalState.PROPOSED: ("amber", "pencil"),
    ProposalState.IMPOSSIBLE: ("red", "alert"), ProposalState.CONFIRMED: ("tint", "check"),
    ProposalState.UNDONE: ("outline", "return"), ProposalState.DROPPED: ("outline", "ban"),
}  # fmt: skip


class ParametersForm(forms.Form):
    """Panels need their number and size; so many each needs the number and the bounds of loads."""

    mode = forms.ChoiceField(label="方式", choices=Mode.choices, widget=forms.RadioSelect)
    per_item = forms.IntegerField(
        label="评委人数", min_value=1, max_value=15, help_text="每个评审组的人数，或每件申报的评委人数。"
    )
    panels = forms.IntegerField(
        label="评审组数", min_value=1, max_value=50, required=False, help_text="按评审组时填写。"
    )
    existing = forms.BooleanField(label="评委不动，沿用现有评审组", required=False)
    load_min = forms.IntegerField(
        label="每位评委至少", min_value=0, max_value=2000, required=False,
        widget=forms.NumberInput({"data-unit": "份"}), help_text="不按评审组时填写。",
    )  # fmt: skip
    load_max = forms.IntegerField(
        label="每位评委至多", min_value=1, max_value=2000, required=False,
        widget=forms.NumberInput({"data-unit": "份"}), help_text="不填为不限。",
    )  # fmt: skip
    senior_each = forms.BooleanField(label="每件至少有一位资深评委", required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("mode") == Mode.PANELS and not data.get("panels") and not data.get("existing"):
            self.add_error("panels", "请填写评审组数。")
        low, high = data.get("load_min") or 0, data.get("load_max")
        if high is not None and high < low:
            self.add_error("load_max", "上限不能小于下限。")
        return data

    def parameters(self) -> Parameters:
        data = self.cleaned_data
        return Parameters(
            mode=data["mode"], per_item=data["per_item"], panels=data["panels"] or 1, existing=data["existing"],
            load_min=data["load_min"] or 0, load_max=data["load_max"], senior_each=data["senior_each"],
        )  # fmt: skip


def _require_secretariat(request: HttpRequest) -> None:
    if not has_role(request.user, Role.SECRETARIAT):
        raise PermissionDenied


def _tried(request: HttpRequest, act: Callable[[], object], said: str = "") -> bool:
    """Runs an action and tells what came of it."""
    try:
        act()
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return False
    if said:
        messages.success(request, said)
    return True


# --- A stage's proposals -------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def proposals(request: HttpRequest, pk: int) -> HttpResponse:
    stage = get_object_or_404(Stage.objects.select_related("round__programme"), pk=pk)
    filings, judges = proposing.assignable(stage).count(), proposing.judges_of(stage)
    start = proposing.defaults(stage, filings, len(judges))
    form = ParametersForm(initial=start.dump())
    if request.method == "POST":
        _require_secretariat(request)
        made: list[AssignmentProposal] = []
        if request.POST.get("step") == "resolve":
            if _tried(request, lambda: made.append(acts.resolve(stage, actor=request.user))):  # type: ignore[arg-type]
                return redirect("admin:reviews_proposal", made[0].uuid)
            return redirect(request.path)
        form = ParametersForm(request.POST)
        if form.is_valid() and _tried(
            request,
            lambda: made.append(acts.propose(stage, form.parameters(), actor=request.user)),  # type: ignore[arg-type]
        ):
            return redirect("admin:reviews_proposal", made[0].uuid)
    listed = list(AssignmentProposal.objects.filter(stage=stage).for_list()[:LISTED])
    context = {
        **admin.site.each_context(request),
        "title": f"{stage}自动分派",
        "stage": stage,
        "form": form,
        "filings": filings,
        "judges": len(judges),
        "seniors": sum(judge.is_senior for judge, _most in judges.values()),
        "panels": stage.panels.count(),  # type: ignore[attr-defined]
        "assigned": stage.assignments.active().count(),  # type: ignore[attr-defined]
        "lines": [{"row": row, "chip": _chip(row)} for row in listed],
        "may_change": has_role(request.user, Role.SECRETARIAT),
    }
    return TemplateResponse(request, "admin/reviews/proposals.html", context)


def _chip(proposal: AssignmentProposal) -> dict[str, str]:
    kind, icon = CHIPS[ProposalState(proposal.state)]
    return {"kind": kind, "icon": icon, "word": proposal.state_label}


# --- One proposal --------------------------------------------------------------------------------


def _proposal(uuid: UUID) -> AssignmentProposal:
    return get_object_or_404(AssignmentProposal.objects.for_list(), uuid=uuid)


def _at_version(request: HttpRequest, proposal: AssignmentProposal) -> AssignmentProposal:
    """As the person saw it: an action refuses it when somebody was quicker."""
    seen = request.POST.get("version", "")
    proposal.edit_version = int(seen) if seen.isdigit() else 0
    return proposal


@require_http_methods(["GET", "HEAD", "POST"])
def proposal(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row = _proposal(uuid)
    if request.method == "POST":
        _require_secretariat(request)
        return _act(request, row)
    if row.state == ProposalState.WORKING:
        return _waiting(request, row)
    view = ProposalView(row)
    flagged = request.GET.get("show") == "flagged"
    wanted = request.GET.get("panel", "")
    panel = int(wanted) if wanted.isdigit() else None
    page = Paginator(view.filings(flagged=flagged, panel=panel), PER_PAGE).get_page(request.GET.get("page"))
    may_change = has_role(request.user, Role.SECRETARIAT)
    context = {
        **_frame(request, row),
        "figures": view.figures(),
        "obstacles": _obstacles(row),
        "panels": view.panels(),
        "loads": view.loads(),
        "is_change": view.parameters.standing,
        "parameters": view.parameters,
        "page": page,
        "rows": view.rows(list(page)),
        "flagged": flagged,
        "flagged_count": len(view.flags_of()),
        "panel_shown": panel,
        "may_change": may_change,
        "may_adjust": may_change and row.state == ProposalState.PROPOSED,
        "may_undo": may_change and row.state == ProposalState.CONFIRMED,
    }
    return TemplateResponse(request, "admin/reviews/proposal.html", context)


def _frame(request: HttpRequest, row: AssignmentProposal) -> dict[str, Any]:
    return {
        **admin.site.each_context(request),
        "title": f"{row.stage}分派方案",
        "proposal": row,
        "stage": row.stage,
        "chip": _chip(row),
    }


def _waiting(request: HttpRequest, row: AssignmentProposal) -> HttpResponse:
    """The page comes again by itself, also without script, until a worker is done."""
    dead = OutboxMessage.objects.filter(key=f"proposal:{row.uuid}", state=OutboxState.DEAD).exists()
    context = {**_frame(request, row), "progress": jobs.read(acts.job_of(row)), "dead": dead}
    context["may_change"] = has_role(request.user, Role.SECRETARIAT)
    answer = TemplateResponse(request, "admin/reviews/proposal_waiting.html", context)
    if not dead:
        answer["Refresh"] = str(WATCH_SECONDS)
    return answer


def _obstacles(row: AssignmentProposal) -> list[dict[str, Any]]:
    keys = {pk for one in row.obstacles for pk in one["filings"]}
    numbers = dict(Application.objects.filter(pk__in=keys).values_list("pk", "file_number")) if keys else {}
    return [
        {
            "number": place,
            "text": one["text"],
            "filings": [numbers[pk] for pk in one["filings"] if pk in numbers][:NUMBERS_SHOWN],
            "more": max(0, len(one["filings"]) - NUMBERS_SHOWN),
            "can": one["parameters"] is not None,
        }
        for place, one in enumerate(row.obstacles)
    ]


def _act(request: HttpRequest, row: AssignmentProposal) -> HttpResponse:
    step, actor = request.POST.get("step", ""), request.user
    here = redirect(request.get_full_path())
    if step == "confirm":
        made: list[int] = []
        if _tried(request, lambda: made.append(proposal_confirming.confirm(_at_version(request, row), actor=actor))):  # type: ignore[arg-type]
            messages.success(request, f"已确认，新分派 {made[0]} 份，通知已交邮件发送。")
    elif step == "undo":
        _tried(request, lambda: proposal_confirming.undo(row, actor=actor), "已撤销，分派恢复到确认之前。")  # type: ignore[arg-type]
    elif step == "drop":
        if _tried(request, lambda: acts.drop(row, actor=actor), "方案已放弃。"):  # type: ignore[arg-type]
            return redirect("admin:reviews_proposals", row.stage_id)
    elif step == "move":
        _move(request, row)
    elif step == "relax":
        return _relax(request, row) or here
    return here


def _move(request: HttpRequest, row: AssignmentProposal) -> None:
    filing = Application.objects.filter(pk=_number(request, "filing")).first()
    panel = ProposalPanel.objects.filter(proposal=row, pk=_number(request, "panel")).first()
    if filing is None or panel is None:
        messages.error(request, "请选择评审组。")
        return
    said = f"{filing.file_number}已移到{panel.name}。"
    _tried(request, lambda: acts.move_filing(_at_version(request, row), filing, panel, actor=request.user), said)  # type: ignore[arg-type]


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isdigit() else 0


def _relax(request: HttpRequest, row: AssignmentProposal) -> HttpResponse | None:
    """The same question with the rule relaxed that the person chose."""
    number = _number(request, "obstacle")
    stored = row.obstacles[number]["parameters"] if number < len(row.obstacles) else None
    if stored is None:
        messages.error(request, "请选择要放宽的条件。")
        return None
    made: list[AssignmentProposal] = []
    parameters = replace(Parameters.load(stored))
    if _tried(
        request,
        lambda: made.append(acts.propose(row.stage, parameters, actor=request.user, changes_from=row.changes_from)),  # type: ignore[arg-type]
    ):
        return redirect("admin:reviews_proposal", made[0].uuid)
    return None


# --- The judges of one filing --------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def by_hand(request: HttpRequest, uuid: UUID, pk: int) -> HttpResponse:
    row = _proposal(uuid)
    filing = get_object_or_404(filings_with_facts(Application.objects.all()), pk=pk, round=row.stage.round_id)
    if not row.lines.filter(application=filing).exists():
        messages.error(request, "该申报不在本方案中。")
        return redirect("admin:reviews_proposal", row.uuid)
    if request.method == "POST":
        _require_secretariat(request)
        keys = [int(text) for text in request.POST.getlist("judges") if text.isdigit()]
        people = [judge for judge, _most in proposing.judges_of(row.stage).values()]
        people += [line.judge for line in row.lines.filter(application=filing).select_related("judge__user")]
        chosen = list({judge.pk: judge for judge in people if judge.pk in keys}.values())
        said = f"{filing.file_number}的评委已调整。"
        if _tried(
            request,
            lambda: acts.choose_judges(_at_version(request, row), filing, chosen, actor=request.user),  # type: ignore[arg-type]
            said,
        ):
            return redirect(f"{reverse('admin:reviews_proposal', args=[row.uuid])}#f{filing.pk}")
        return redirect(request.path)
    view = ProposalView(row)
    context = {
        **_frame(request, row),
        "title": f"{filing.file_number}的评委",
        "filing": filing,
        "row": view.rows([filing])[0],
        "choices": proposal_view.choices(view, filing, proposing.judges_of(row.stage)),
        "may_adjust": has_role(request.user, Role.SECRETARIAT) and row.state == ProposalState.PROPOSED,
    }
    return TemplateResponse(request, "admin/reviews/proposal_filing.html", context)


for address, page, name in (
    ("reviews/assign/<int:pk>/proposals/", proposals, "reviews_proposals"),
    ("reviews/proposal/<uuid:uuid>/", proposal, "reviews_proposal"),
    ("reviews/proposal/<uuid:uuid>/<int:pk>/", by_hand, "reviews_proposal_filing"),
):
    admin.site.add_page(address, page, name=name, title="", group=JUDGING)  # type: ignore[attr-defined]
