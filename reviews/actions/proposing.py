"""分派方案: asked for, worked out by a worker, changed by hand, dropped. Nothing here gives a judge anything."""

import time
from collections.abc import Collection
from dataclasses import replace

from django.db import transaction
from django.db.models import F

from applications.models import Application
from qcportal import audit, clock, jobs, outbox
from qcportal.errors import Refusal, StaleState
from qcportal.models import User
from qcportal.transitions import move
from reviews import conflicts, proposing, solving
from reviews.actions.guards import require_secretariat
from reviews.assigning.problem import Pair
from reviews.models import AssignmentProposal, Judge, LineKind, Mode, ProposalLine, ProposalPanel, Stage
from reviews.proposing import Parameters
from reviews.solving import Solution
from reviews.states import PROPOSAL_TRANSITIONS, ProposalState

TOPIC = "assignment.solve"
QUEUE = "scans"  # where a person waits for it: behind one packet at most, not behind all of them
LEASE_SECONDS = 900


def propose(
    stage: Stage, parameters: Parameters, *, actor: User, changes_from: AssignmentProposal | None = None
) -> AssignmentProposal:
    """A proposal is written down and will be worked out by a worker; judges see nothing of it.

    Refused: other people than the secretariat; an inactive stage; no filings or no judges; numbers that make no
    sense; a proposal of the stage that is being worked out.
    """
    require_secretariat(actor)
    if not stage.is_active:
        raise Refusal("该评审阶段未启用。", "stage_inactive")
    if not proposing.assignable(stage).exists():
        raise Refusal("本阶段还没有可分派的申报：形式审查通过（参评）后才能分派。", "no_filings")
    if not proposing.judges_of(stage):
        raise Refusal("没有可分派的评委，请先添加评委或核对各期参加情况。", "no_judges")
    _require_sense(parameters)
    with transaction.atomic(durable=True):
        Stage.objects.select_for_update().get(pk=stage.pk)
        if AssignmentProposal.objects.filter(stage=stage, state=ProposalState.WORKING).exists():
            raise Refusal("本阶段有一个方案正在计算，请等它算完。", "working")
        proposal = AssignmentProposal.objects.create(
            stage=stage, mode=parameters.mode, parameters=parameters.dump(), changes_from=changes_from,
            author=actor, created_at=clock.now(),
        )  # fmt: skip
        audit.record("proposal.asked", proposal, actor=actor, after=parameters.dump())
        outbox.add(
            TOPIC, f"proposal:{proposal.uuid}", {"proposal": proposal.pk}, queue=QUEUE, lease_seconds=LEASE_SECONDS
        )
    return proposal


def _require_sense(parameters: Parameters) -> None:
    if parameters.per_item < 1:
        raise Refusal("评委人数至少为 1。", "per_item")
    if parameters.mode == Mode.PANELS and parameters.panels < 1:
        raise Refusal("评审组至少 1 个。", "panels")
    if parameters.load_max is not None and parameters.load_max < parameters.load_min:
        raise Refusal("每位评委的上限不能小于下限。", "load")


def resolve(stage: Stage, *, actor: User) -> AssignmentProposal:
    """A judge dropped out, a recusal or a filing came late: a proposal that changes as little as can be.

    Refused where ``propose`` refuses, and when nothing is assigned in the stage.
    """
    require_secretariat(actor)
    standing = AssignmentProposal.objects.standing(stage)
    given = stage.assignments.active()  # type: ignore[attr-defined]
    if not given.exists():
        raise Refusal("本阶段还没有分派，请先生成方案。", "nothing_assigned")
    if standing is not None:
        parameters = Parameters.load(standing.parameters)
    else:
        by_panel = given.exclude(panel=None).exists()
        filings = proposing.assignable(stage).count()
        parameters = proposing.defaults(stage, filings, len(proposing.judges_of(stage)))
        parameters = replace(parameters, mode=Mode.PANELS if by_panel else Mode.EACH)
    parameters = replace(parameters, standing=True)
    return propose(stage, _wide_enough(stage, parameters), actor=actor, changes_from=standing)


def _wide_enough(stage: Stage, parameters: Parameters) -> Parameters:
    """Fewer judges carry more: the upper bound follows, by no more than an even load needs."""
    if parameters.load_max is None:
        return parameters
    judges = len(proposing.judges_of(stage)) or 1
    even = -(-proposing.assignable(stage).count() * parameters.per_item // judges)
    return replace(parameters, load_max=max(parameters.load_max, even + proposing.ROOM))


# --- The worker ----------------------------------------------------------------------------------


def work(pk: int) -> None:
    """The proposal is worked out as of now; calling it again for one that is done does nothing."""
    proposal = AssignmentProposal.objects.select_related("stage__round__programme").get(pk=pk)
    if proposal.state != ProposalState.WORKING:
        return
    began = time.perf_counter()
    jobs.report(job_of(proposal), 10, "读取申报、评委和回避")
    parameters = Parameters.load(proposal.parameters)
    inputs = proposing.gather(proposal.stage, parameters)
    jobs.report(job_of(proposal), 40, f"为 {len(inputs.filings)} 件申报、{len(inputs.judges)} 位评委求解")
    standing = [
        (panel.pk, panel.name, facts) for panel, facts in proposing.standing_panels(proposal.stage, inputs.filings)
    ]
    solution = solving.solve(inputs, parameters, standing)
    with transaction.atomic():
        state = ProposalState.PROPOSED if solution.solved else ProposalState.IMPOSSIBLE
        move(
            proposal, state, table=PROPOSAL_TRANSITIONS, inputs_sha256=inputs.digest, quality=solution.quality,
            obstacles=solution.obstacles, solved_at=clock.now(), seconds=round(time.perf_counter() - began, 2),
        )  # fmt: skip
        _write(proposal, solution)
        audit.record(
            "proposal.solved", proposal, actor=None,
            after={"state": state.value, "lines": len(solution.lines), "inputs": inputs.digest},
        )  # fmt: skip
    jobs.clear(job_of(proposal))


def job_of(proposal: AssignmentProposal) -> str:
    return f"proposal:{proposal.uuid}"


def _write(proposal: AssignmentProposal, solution: Solution) -> None:
    home: dict[int, ProposalPanel] = {}
    for number, draft in enumerate(solution.panels, 1):
        panel = ProposalPanel.objects.create(
            proposal=proposal, number=number, name=draft.name, lead_id=draft.lead, panel_id=draft.panel
        )
        panel.judges.set(draft.seats)
        home |= dict.fromkeys(draft.items, panel)
    ProposalLine.objects.bulk_create(
        [
            ProposalLine(proposal=proposal, application_id=filing, judge_id=judge, panel=home.get(filing), kind=kind)
            for (filing, judge), kind in sorted(solution.lines.items())
        ],
        batch_size=1000,
    )


# --- By hand -------------------------------------------------------------------------------------


def move_filing(proposal: AssignmentProposal, filing: Application, panel: ProposalPanel, *, actor: User) -> None:
    """``filing`` goes to another panel of the proposal: its judges but the recused score it, stand-ins fall away.

    Refused: other people than the secretariat, a proposal that is not waiting to be confirmed, a filing that
    somebody has begun to score.
    """
    with transaction.atomic(durable=True):
        proposal = _open(proposal, actor)
        if panel.proposal_id != proposal.pk or not _is_in(proposal, filing):
            raise Refusal("该申报或评审组不在本方案中。", "other_proposal")
        judges = list(panel.judges.select_related("user"))
        before = _names(proposal, filing)
        recused = {judge for judge, _filing in conflicts.between(judges, [filing])}
        _replace(proposal, filing, {judge.pk for judge in judges} - recused, panel, LineKind.SOLVED)
        _changed(proposal, filing, before, actor, panel.name)


def choose_judges(proposal: AssignmentProposal, filing: Application, judges: Collection[Judge], *, actor: User) -> None:
    """Exactly ``judges`` are to score ``filing``; with panels it stays in its panel.

    Refused: as above; nobody chosen; a recused judge, by name; a judge who takes no part in the round.
    """
    with transaction.atomic(durable=True):
        proposal = _open(proposal, actor)
        if not _is_in(proposal, filing):
            raise Refusal("该申报不在本方案中。", "other_proposal")
        if not judges:
            raise Refusal("请至少选一位评委。", "nobody")
        _require_free(proposal, filing, judges)
        before = _names(proposal, filing)
        home = proposal.lines.filter(application=filing).exclude(panel=None).select_related("panel").first()
        _replace(proposal, filing, {judge.pk for judge in judges}, home.panel if home else None, LineKind.BY_HAND)
        _changed(proposal, filing, before, actor, "")


def _require_free(proposal: AssignmentProposal, filing: Application, judges: Collection[Judge]) -> None:
    recused = {judge for judge, _filing in conflicts.between(list(judges), [filing])}
    names = "、".join(str(judge.user) for judge in judges if judge.pk in recused)
    if names:
        raise Refusal(f"{names}应回避该申报，不能分派。", "recused")
    available = proposing.judges_of(proposal.stage)
    already = set(proposal.lines.filter(application=filing).values_list("judge_id", flat=True))
    away = "、".join(str(judge.user) for judge in judges if judge.pk not in available and judge.pk not in already)
    if away:
        raise Refusal(f"{away}本期不参加或不可分派。", "judge_inactive")


def _open(proposal: AssignmentProposal, actor: User) -> AssignmentProposal:
    require_secretariat(actor)
    row = AssignmentProposal.objects.select_for_update().select_related("stage__round__programme").get(pk=proposal.pk)
    if row.state != ProposalState.PROPOSED:
        raise Refusal(f"方案{row.state_label}，不能再调整。", "bad_state")
    if row.edit_version != proposal.edit_version:
        raise StaleState("方案刚刚被他人调整过，请刷新页面后再试。")
    return row


def _is_in(proposal: AssignmentProposal, filing: Application) -> bool:
    return proposing.assignable(proposal.stage).filter(pk=filing.pk).exists()


def _names(proposal: AssignmentProposal, filing: Application) -> list[int]:
    return sorted(proposal.lines.filter(application=filing).values_list("judge_id", flat=True))


def _replace(
    proposal: AssignmentProposal, filing: Application, judges: set[int], panel: ProposalPanel | None, kind: LineKind
) -> None:
    begun = {judge for one, judge in _begun(proposal, filing)}
    if begun - judges:
        names = "、".join(str(one.user) for one in Judge.objects.filter(pk__in=begun - judges).select_related("user"))
        raise Refusal(f"{names}已开始评该申报，不能换下。", "begun")
    rows = {row.judge_id: row for row in proposal.lines.filter(application=filing)}
    proposal.lines.filter(application=filing, judge__in=set(rows) - judges).delete()
    proposal.lines.filter(application=filing).update(panel=panel)
    ProposalLine.objects.bulk_create(
        ProposalLine(proposal=proposal, application=filing, judge_id=judge, panel=panel, kind=kind)
        for judge in sorted(judges - set(rows))
    )


def _begun(proposal: AssignmentProposal, filing: Application) -> set[Pair]:
    given = list(proposal.stage.assignments.active().filter(application=filing))  # type: ignore[attr-defined]
    return proposing.begun(given)


def _changed(proposal: AssignmentProposal, filing: Application, before: list[int], actor: User, panel: str) -> None:
    AssignmentProposal.objects.filter(pk=proposal.pk).update(edit_version=F("edit_version") + 1)
    audit.record(
        "proposal.changed", proposal, actor=actor, before={"judges": before},
        after={"judges": _names(proposal, filing), "filing": filing.file_number, "panel": panel},
    )  # fmt: skip


def drop(proposal: AssignmentProposal, *, actor: User) -> None:
    """The proposal is put away; it stays readable. Refused once it was confirmed."""
    with transaction.atomic(durable=True):
        require_secretariat(actor)
        row = AssignmentProposal.objects.select_for_update().get(pk=proposal.pk)
        if row.state == ProposalState.DROPPED:
            return
        if ProposalState.DROPPED not in PROPOSAL_TRANSITIONS[ProposalState(row.state)]:
            raise Refusal(f"方案{row.state_label}，不能放弃。", "bad_state")
        move(row, ProposalState.DROPPED, table=PROPOSAL_TRANSITIONS)
        audit.record("proposal.dropped", row, actor=actor)
