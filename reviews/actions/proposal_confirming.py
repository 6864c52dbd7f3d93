"""A proposal becomes assignments, all at once; and is taken back as long as nobody has written a point."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction

from applications import states as application_states
from applications.models import Application
from applications.states import State
from qcportal import audit, clock, mail
from qcportal.errors import Refusal, StaleState
from qcportal.models import MailKind, User
from qcportal.roles import Role
from qcportal.transitions import move
from reviews import conflicts, proposing
from reviews.actions.guards import require_secretariat
from reviews.models import Assignment, AssignmentProposal, Judge, Panel, ProposalLine, ProposalPanel, ScoreSheet, Stage
from reviews.models.expertise import filings_with_facts
from reviews.proposing import Parameters
from reviews.states import PROPOSAL_TRANSITIONS, ProposalState, SheetState

NAMES_SHOWN = 6
Key = tuple[int, int]  # filing, judge


@dataclass
class _Done:
    """What confirming changed, as it is kept for undoing."""

    made: list[int] = field(default_factory=list)  # assignments that were not active before
    withdrawn: list[int] = field(default_factory=list)
    regrouped: dict[str, int | None] = field(default_factory=dict)  # assignment: its panel before
    panels_made: list[int] = field(default_factory=list)
    panels_before: dict[str, dict[str, Any]] = field(default_factory=dict)


def confirm(proposal: AssignmentProposal, *, actor: User) -> int:
    """The proposal's lines are the stage's assignments, its panels the stage's panels; what is not in it is withdrawn.
    Each judge who has something new is mailed. Returns the number of assignments that are new.

    Refused: other people than the secretariat; a proposal that is not waiting to be confirmed or was changed by
    somebody else meanwhile (StaleState); filings, judges, recusals or begun sheets that have changed since it was
    worked out; a line against a recusal.
    """
    with transaction.atomic(durable=True):
        require_secretariat(actor)
        row = _locked(proposal)
        if row.edit_version != proposal.edit_version:
            raise StaleState("方案刚刚被他人调整过，请核对后再确认。")
        if row.state != ProposalState.PROPOSED:
            raise Refusal(f"方案{row.state_label}，不能确认。", "bad_state")
        _require_unchanged(row)
        now = clock.now()
        lines = list(row.lines.select_related("application__round", "judge__user", "panel").order_by("pk"))
        _require_no_recusal(lines)
        done = _Done()
        panels = _panels(row, done)
        _assign(row, lines, panels, done, actor, now)
        move(
            row, ProposalState.CONFIRMED, table=PROPOSAL_TRANSITIONS, confirmed_by=actor, confirmed_at=now,
            undo=done.__dict__,
        )  # fmt: skip
        audit.record(
            "proposal.confirmed", row, actor=actor,
            after={"made": len(done.made), "withdrawn": len(done.withdrawn), "inputs": row.inputs_sha256},
        )  # fmt: skip
        _tell(row, done)
    return len(done.made)


def _locked(proposal: AssignmentProposal) -> AssignmentProposal:
    Stage.objects.select_for_update().get(pk=proposal.stage_id)  # one confirmation of a stage at a time
    rows = AssignmentProposal.objects.select_for_update(of=("self",)).select_related("stage__round__programme")
    return rows.get(pk=proposal.pk)


def _require_unchanged(proposal: AssignmentProposal) -> None:
    if not proposal.stage.is_active:
        raise Refusal("该评审阶段未启用。", "stage_inactive")
    inputs = proposing.gather(proposal.stage, Parameters.load(proposal.parameters))
    if inputs.digest != proposal.inputs_sha256:
        raise Refusal(
            "方案算出之后，申报、评委、回避或已开始的评分有了变化。请重新生成方案；已有分派的，用“按变化调整”改动最少。",
            "inputs_changed",
        )


def _require_no_recusal(lines: list[ProposalLine]) -> None:
    """Lines by hand are asked again like all others; a pair begun before its recusal is not among them."""
    judges = {line.judge_id: line.judge for line in lines}
    filings = filings_with_facts(Application.objects.filter(pk__in={line.application_id for line in lines}))
    recused = conflicts.between(list(judges.values()), list(filings))
    wrong = [
        f"{line.judge.user}—{line.application}" for line in lines if (line.judge_id, line.application_id) in recused
    ]
    if wrong:
        raise Refusal(f"以下分派应回避：{_some(wrong)}。请先调整。", "recused")


def _some(texts: list[str]) -> str:
    more = f"等 {len(texts)} 份" if len(texts) > NAMES_SHOWN else ""
    return "、".join(texts[:NAMES_SHOWN]) + more


# --- Panels --------------------------------------------------------------------------------------


def _panels(proposal: AssignmentProposal, done: _Done) -> dict[int, Panel]:
    """The stage's panels as proposed, by the key of the proposed one; those of the same name are taken over."""
    found = {}
    stage = proposal.stage
    for draft in proposal.panels.select_related("lead__user", "panel").prefetch_related("judges"):
        panel = draft.panel or Panel.objects.filter(stage=stage, name=draft.name).first()
        if panel is None:
            panel = Panel.objects.create(stage=stage, name=draft.name)
            done.panels_made.append(panel.pk)
        else:
            before = sorted(panel.judges.values_list("pk", flat=True))
            done.panels_before[str(panel.pk)] = {"lead": panel.lead_id, "judges": before}
        _set_panel(panel, draft)
        found[draft.pk] = panel
    return found


def _set_panel(panel: Panel, draft: ProposalPanel) -> None:
    panel.lead = draft.lead
    panel.save(update_fields=["lead"])
    panel.judges.set(draft.judges.all())
    if draft.lead is not None:
        grant_lead(draft.lead)


def grant_lead(judge: Judge) -> None:
    """The head of the panel pages goes by role; the row by itself opens nothing."""
    judge.user.groups.add(Group.objects.get(name=Role.LEAD_JUDGE))


# --- Assignments ---------------------------------------------------------------------------------


def _assign(
    proposal: AssignmentProposal, lines: list[ProposalLine], panels: dict[int, Panel], done: _Done, actor: User,
    now: datetime,
) -> None:  # fmt: skip
    stage = proposal.stage
    existing = {(row.application_id, row.judge_id): row for row in Assignment.objects.filter(stage=stage)}
    wanted = {(line.application_id, line.judge_id) for line in lines}
    _withdraw(stage, existing, wanted, done, now)
    position = _positions(existing.values())
    fresh: list[Assignment] = []
    for line in lines:
        panel = panels[line.panel_id] if line.panel_id is not None else None
        row = existing.get((line.application_id, line.judge_id))
        if row is None:
            position[line.judge_id] += 1
            fresh.append(
                Assignment(
                    stage=stage, application=line.application, judge=line.judge, panel=panel,
                    position=position[line.judge_id], assigned_by=actor, assigned_at=now,
                )
            )  # fmt: skip
        else:
            _restore(row, panel, actor, now, done)
    Assignment.objects.bulk_create(fresh, batch_size=1000)
    made = Assignment.objects.filter(stage=stage, assigned_at=now, withdrawn_at=None, assigned_by=actor)
    done.made += sorted(set(made.values_list("pk", flat=True)) - set(done.made) - {row.pk for row in existing.values()})
    taken_up = set(done.made)
    _record(stage, [*fresh, *(row for row in existing.values() if row.pk in taken_up)], actor)
    _open_reviews(lines)


def _positions(rows: Iterable[Assignment]) -> dict[int, int]:
    """The judge's own order goes on behind what was there."""
    position: dict[int, int] = defaultdict(int)
    for row in rows:
        position[row.judge_id] = max(position[row.judge_id], row.position)
    return position


def _restore(row: Assignment, panel: Panel | None, actor: User, now: datetime, done: _Done) -> None:
    if row.withdrawn_at is None and row.panel_id == (panel.pk if panel else None):
        return
    done.regrouped[str(row.pk)] = row.panel_id
    if row.withdrawn_at is not None:
        row.withdrawn_at, row.assigned_by, row.assigned_at = None, actor, now
        done.made.append(row.pk)
    row.panel = panel
    row.save(update_fields=["panel", "withdrawn_at", "assigned_by", "assigned_at"])


def _withdraw(stage: Stage, existing: dict[Key, Assignment], wanted: set[Key], done: _Done, now: datetime) -> None:
    """A submitted sheet keeps its row: with a recusal it is shown struck through and counts nothing."""
    submitted = set(
        ScoreSheet.objects.filter(assignment__stage=stage, state=SheetState.SUBMITTED).values_list(
            "assignment_id", flat=True
        )
    )
    gone = [
        row for key, row in existing.items()
        if key not in wanted and row.withdrawn_at is None and row.pk not in submitted
    ]  # fmt: skip
    done.withdrawn += [row.pk for row in gone]
    Assignment.objects.filter(pk__in=done.withdrawn).update(withdrawn_at=now)


def _record(stage: Stage, rows: list[Assignment], actor: User) -> None:
    """One audit row for each filing, with its new judges."""
    by_filing: dict[int, list[Assignment]] = defaultdict(list)
    for row in rows:
        by_filing[row.application_id].append(row)
    for given in by_filing.values():
        judges = sorted(row.judge_id for row in given)
        after = {"judges": judges, "stage": stage.kind}
        audit.record("assignment.made", given[0].application, actor=actor, after=after)


def _open_reviews(lines: list[ProposalLine]) -> None:
    for application in {line.application_id: line.application for line in lines}.values():
        if application.state == State.ACCEPTED:
            move(application, State.IN_REVIEW, table=application_states.TRANSITIONS)


def _tell(proposal: AssignmentProposal, done: _Done) -> None:
    new: dict[int, int] = defaultdict(int)
    judges: dict[int, Judge] = {}
    for row in Assignment.objects.filter(pk__in=done.made).select_related("judge__user"):
        new[row.judge_id] += 1
        judges[row.judge_id] = row.judge
    stage = proposal.stage
    active = Assignment.objects.active().filter(stage=stage, judge__in=judges)
    total = Counter(active.values_list("judge_id", flat=True))
    for pk, judge in sorted(judges.items()):
        mail.queue_template(
            kind=MailKind.NOTICE, to=judge.user.email, template="judge_assigned",
            context={
                "person": judge.user, "stage": stage, "new": new[pk], "total": total[pk], "site_url": settings.SITE_URL,
            },
            key=f"assigned:{proposal.uuid}:{pk}",
        )  # fmt: skip


# --- Taking it back ------------------------------------------------------------------------------


def undo(proposal: AssignmentProposal, *, actor: User) -> None:
    """What confirming assigned is withdrawn, what it withdrew and regrouped is as before. Filings stay in review.

    Refused: other people than the secretariat; a proposal that is not the last one confirmed; and, naming them,
    sheets that somebody has begun since.
    """
    with transaction.atomic(durable=True):
        require_secretariat(actor)
        row = _locked(proposal)
        if row.state != ProposalState.CONFIRMED:
            raise Refusal(f"方案{row.state_label}，不能撤销。", "bad_state")
        standing = AssignmentProposal.objects.standing(row.stage)
        if standing is None or standing.pk != row.pk:
            raise Refusal("之后又确认过别的方案，请先撤销那一个。", "not_last")
        _require_no_scores(row)
        now = clock.now()
        _put_back(row.undo, now)
        move(row, ProposalState.UNDONE, table=PROPOSAL_TRANSITIONS, undone_by=actor, undone_at=now)
        audit.record(
            "proposal.undone", row, actor=actor,
            before={"made": len(row.undo["made"]), "withdrawn": len(row.undo["withdrawn"])},
        )  # fmt: skip


def _require_no_scores(proposal: AssignmentProposal) -> None:
    sheets = ScoreSheet.objects.filter(assignment__in=proposal.undo["made"])
    begun = sheets.select_related("assignment__judge__user", "assignment__application").order_by("pk")
    named = list(
        dict.fromkeys(f"{one.assignment.judge.user}（{one.assignment.application.file_number}）" for one in begun)
    )
    if named:
        raise Refusal(f"已有评委开始评分，不能撤销：{_some(named)}。可以用“按变化调整”。", "scores")


def _put_back(before: dict[str, Any], now: datetime) -> None:
    Assignment.objects.filter(pk__in=before["made"]).update(withdrawn_at=now)
    Assignment.objects.filter(pk__in=before["withdrawn"]).update(withdrawn_at=None)
    for pk, panel_id in before["regrouped"].items():
        known = panel_id if panel_id and Panel.objects.filter(pk=panel_id).exists() else None
        Assignment.objects.filter(pk=int(pk)).update(panel=known)
    for pk, was in before["panels_before"].items():
        panel = Panel.objects.filter(pk=int(pk)).first()
        if panel is not None:
            panel.lead_id = was["lead"]
            panel.save(update_fields=["lead"])
            panel.judges.set(was["judges"])
    Assignment.objects.filter(panel__in=before["panels_made"]).update(panel=None)
    Panel.objects.filter(pk__in=before["panels_made"]).delete()
