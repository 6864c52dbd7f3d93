"""分派: who scores what in which stage, never against a recusal."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from applications import states as application_states
from applications.models import Application
from applications.states import State
from qcportal import audit, clock
from qcportal.errors import Refusal
from qcportal.models import User
from qcportal.transitions import move
from reviews.actions.guards import require_secretariat
from reviews.actions.recusing import Recused, find_recusal, frozen_submission
from reviews.models import Assignment, Judge, Panel, Stage
from reviews.states import SheetState


def assign(
    stage: Stage, application: Application, judge: Judge, *, actor: User, panel: Panel | None = None
) -> Assignment:
    """``judge`` is to score ``application`` in ``stage``; the first assignment opens its review.

    Refused: other people than the secretariat; inactive stages and judges; filings of another round or not
    accepted; topic types without a review sheet; conflicts of interest, which are recorded as recusals even
    though the assignment is refused. Assigning again changes nothing; a withdrawn assignment comes back.
    """
    with transaction.atomic(durable=True):
        outcome = _assign(stage, application.pk, judge, actor, panel)
    if isinstance(outcome, Recused):
        raise outcome
    return outcome


def _assign(stage: Stage, pk: int, judge: Judge, actor: User, panel: Panel | None) -> Assignment | Recused:
    """Returns, not raises, a recusal: its row must outlive the refusal."""
    require_secretariat(actor)
    application = Application.objects.select_for_update().get(pk=pk)
    _require_assignable(stage, application, judge)
    recusal = find_recusal(judge, application, actor=actor)
    if recusal is not None:
        return Recused(recusal)
    return _create_or_restore(stage, application, judge, actor, panel, clock.now())


def _require_assignable(stage: Stage, application: Application, judge: Judge) -> None:
    if not stage.is_active:
        raise Refusal("该评审阶段未启用。", "stage_inactive")
    if not (judge.is_active and judge.user.is_active):
        raise Refusal(f"{judge.user}当前不可分派。", "judge_inactive")
    if application.round_id != stage.round_id:
        raise Refusal("该申报不属于这一期。", "other_round")
    if application.state not in {State.ACCEPTED, State.IN_REVIEW}:
        raise Refusal(f"{application}当前为“{application.state_label}”，不能分派。", "bad_state")
    topic_type = frozen_submission(application).data["topic"]["topic_type"]
    if stage.rubric_for(topic_type) is None:
        raise Refusal("该阶段没有为此课题类型设置评审表。", "no_rubric")


def _create_or_restore(
    stage: Stage, application: Application, judge: Judge, actor: User, panel: Panel | None, now: datetime
) -> Assignment:
    assignment = Assignment.objects.filter(stage=stage, application=application, judge=judge).first()
    if assignment is not None and assignment.withdrawn_at is None:
        return assignment
    if assignment is None:
        position = Assignment.objects.filter(stage=stage, judge=judge).count() + 1
        assignment = Assignment(stage=stage, application=application, judge=judge, position=position)
    assignment.panel, assignment.assigned_by, assignment.assigned_at = panel, actor, now
    assignment.withdrawn_at = None
    assignment.save()
    if application.state == State.ACCEPTED:
        move(application, State.IN_REVIEW, table=application_states.TRANSITIONS)
    audit.record("assignment.made", application, actor=actor, after={"judge": judge.pk, "stage": stage.kind})
    return assignment


@dataclass
class Assigned:
    """What assign_many did: rows made, and one Chinese sentence for each pair that was refused."""

    made: list[Assignment] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def assign_many(
    stage: Stage,
    applications: Iterable[Application],
    judges: Iterable[Judge],
    *,
    actor: User,
    panel: Panel | None = None,
) -> Assigned:
    """Every judge is to score every application; refused pairs are reported and stop none of the others."""
    result = Assigned()
    chosen = list(judges)
    with transaction.atomic(durable=True):
        require_secretariat(actor)
        for application in applications:
            for judge in chosen:
                try:
                    outcome = _assign(stage, application.pk, judge, actor, panel)
                except Refusal as refusal:
                    result.refused.append(refusal.message)
                    continue
                if isinstance(outcome, Recused):
                    result.refused.append(f"{application}：{outcome.message}")
                else:
                    result.made.append(outcome)
    return result


def withdraw_assignment(assignment: Assignment, *, actor: User) -> None:
    """The judge no longer scores this. A draft is kept but opens no more; refused once a sheet was submitted."""
    with transaction.atomic(durable=True):
        require_secretariat(actor)
        assignment = Assignment.objects.select_for_update().get(pk=assignment.pk)
        if assignment.withdrawn_at is not None:
            return
        if assignment.sheets.filter(state=SheetState.SUBMITTED).exists():
            raise Refusal("评分表已提交，不能取消分派；如需回避请登记回避。", "already_submitted")
        assignment.withdrawn_at = clock.now()
        assignment.save(update_fields=["withdrawn_at"])
        audit.record(
            "assignment.withdrawn",
            assignment.application,
            actor=actor,
            before={"judge": assignment.judge_id, "stage": assignment.stage.kind},
        )
