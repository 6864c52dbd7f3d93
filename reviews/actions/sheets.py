"""Scoring: drafts, the final submission that locks, reopening by staff. Points never come from anyone else."""

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction

from applications import states as application_states
from applications.models import Application
from applications.states import State
from qcportal import audit, clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import User
from qcportal.transitions import move
from reviews import points as rules
from reviews import states
from reviews.actions.guards import require_secretariat
from reviews.actions.pledging import has_pledged
from reviews.actions.recusing import Recused, find_recusal, frozen_submission
from reviews.models import Assignment, ItemScore, RubricItem, ScoreSheet
from reviews.states import SheetState


class SheetProblems(Refusal):
    """Some items cannot stand as typed. ``problems`` maps item codes (or "overall") to Chinese sentences."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(f"有 {len(problems)} 处需要改正，尚未保存。", "invalid")
        self.problems = dict(problems)


class StaleSheet(Refusal):
    """The sheet was saved elsewhere since this page was loaded; ``stored`` is what stands there."""

    def __init__(self, stored: ScoreSheet) -> None:
        super().__init__("这份评分表已在其他页面保存过，您刚才填写的内容尚未保存。", "stale")
        self.stored = stored


def save_sheet(
    assignment: Assignment,
    *,
    actor: User,
    points: Mapping[str, Decimal | None],
    comments: Mapping[str, str],
    overall: str,
    edit_version: int,
) -> ScoreSheet:
    """The judge's draft stands as given; items may still be empty. ``edit_version`` 0 means not begun.

    Refused: other people, recused and unpledged judges, outside the stage's window, a submitted (locked)
    sheet, points off range or step, and a draft saved elsewhere meanwhile (StaleSheet).
    """
    with transaction.atomic(durable=True):
        outcome = _save(assignment.pk, actor, points, comments, overall, edit_version)
    if isinstance(outcome, Recused):
        raise outcome
    return outcome


def _save(
    pk: int,
    actor: User,
    points: Mapping[str, Decimal | None],
    comments: Mapping[str, str],
    overall: str,
    edit_version: int,
) -> ScoreSheet | Recused:
    assignment = _locked(pk)
    recused = _guard(assignment, actor)
    if recused is not None:
        return recused
    sheet = current_sheet(assignment)
    if sheet is not None and sheet.state == SheetState.SUBMITTED:
        raise Refusal("评分表已提交并锁定，不能再修改。", "locked")
    if sheet is None:
        sheet = _new_sheet(assignment)
    elif sheet.edit_version != edit_version:
        raise StaleSheet(sheet)
    items = list(sheet.rubric.items.all())
    _require_valid(items, points)
    _write(sheet, assignment, items, points, comments, overall)
    return sheet


def _locked(pk: int) -> Assignment:
    Assignment.objects.select_for_update().get(pk=pk)
    return Assignment.objects.select_related(
        "stage__round", "application__enterprise", "judge__user", "application__round"
    ).get(pk=pk)


def _guard(assignment: Assignment, actor: User) -> Recused | None:
    """Raises for everything but a recusal, which is returned so that its row is committed."""
    if actor.pk != assignment.judge.user_id:
        raise NotAllowed("只能填写分派给本人的评分表。")
    recusal = find_recusal(assignment.judge, assignment.application, actor=None)
    if recusal is not None:
        return Recused(recusal)
    if not has_pledged(assignment.judge, assignment.stage.round.programme_id):
        raise Refusal("请先阅读并签署承诺书。", "no_pledge")
    reason = assignment.closed_reason(clock.now_in_transaction())
    if reason:
        raise Refusal(reason, "closed")
    return None


def current_sheet(assignment: Assignment) -> ScoreSheet | None:
    """The draft or the submitted sheet; older reopened versions are history."""
    return assignment.sheets.exclude(state=SheetState.REOPENED).select_related("rubric", "submission").first()


def _new_sheet(assignment: Assignment) -> ScoreSheet:
    submission = frozen_submission(assignment.application)
    rubric = assignment.stage.rubric_for(submission.data["topic"]["topic_type"])
    if rubric is None:
        raise Refusal("该阶段没有为此课题类型设置评审表，请联系秘书处。", "no_rubric")
    return ScoreSheet(assignment=assignment, rubric=rubric, submission=submission, edit_version=0)


def _require_valid(items: list[RubricItem], points: Mapping[str, Decimal | None]) -> None:
    problems = {}
    for item in items:
        value = points.get(item.code)
        text = "" if value is None else rules.problem(value, item.max_points, item.step)
        if text:
            problems[item.code] = text
    if problems:
        raise SheetProblems(problems)


def _write(
    sheet: ScoreSheet,
    assignment: Assignment,
    items: list[RubricItem],
    points: Mapping[str, Decimal | None],
    comments: Mapping[str, str],
    overall: str,
) -> None:
    created = sheet.pk is None
    sheet.submission = frozen_submission(assignment.application)
    sheet.comment = overall.strip()
    sheet.saved_at = clock.now()
    sheet.edit_version += 1
    sheet.save()
    for item in items:
        ItemScore.objects.update_or_create(
            sheet=sheet,
            item=item,
            defaults={"points": points.get(item.code), "comment": (comments.get(item.code) or "").strip()},
        )
    if created:
        # Drafts saved again leave no row of their own (design, section 8).
        audit.record("sheet.begun", sheet, actor=assignment.judge.user)


def submit_sheet(assignment: Assignment, *, actor: User, edit_version: int) -> ScoreSheet:
    """The saved draft becomes final: total computed here, locked, kept for ever.

    Refused as save_sheet is, and while an item is empty, a required comment is missing, or the filing has
    a newer version than the one scored. Pressing twice gives the same sheet.
    """
    with transaction.atomic(durable=True):
        outcome = _submit(assignment.pk, actor, edit_version)
    if isinstance(outcome, Recused):
        raise outcome
    return outcome


def _submit(pk: int, actor: User, edit_version: int) -> ScoreSheet | Recused:
    assignment = _locked(pk)
    sheet = current_sheet(assignment)
    own = actor.pk == assignment.judge.user_id
    if own and sheet is not None and sheet.state == SheetState.SUBMITTED and sheet.edit_version == edit_version:
        return sheet
    recused = _guard(assignment, actor)
    if recused is not None:
        return recused
    if sheet is None:
        raise Refusal("请先填写并保存评分表。", "not_begun")
    if sheet.state == SheetState.SUBMITTED:
        raise Refusal("评分表已提交并锁定，不能再修改。", "locked")
    if sheet.edit_version != edit_version:
        raise StaleSheet(sheet)
    if sheet.submission != frozen_submission(assignment.application):
        raise Refusal("申报材料已更新为新版本，请看过新版本、保存后再提交。", "new_version")
    total = _require_complete(sheet)
    now = clock.now_in_transaction()
    move(sheet, SheetState.SUBMITTED, table=states.TRANSITIONS, total=total, submitted_at=now)
    audit.record("sheet.submitted", sheet, actor=actor, after={"version": sheet.version, "total": str(total)})
    return sheet


def _require_complete(sheet: ScoreSheet) -> Decimal:
    """The total, or SheetProblems naming every item that is empty, wrong or lacks its comment."""
    scores = {score.item_id: score for score in sheet.scores.all()}
    problems: dict[str, str] = {}
    total = Decimal(0)
    for item in sheet.rubric.items.all():
        score = scores.get(item.pk)
        if score is None or score.points is None:
            problems[item.code] = "尚未评分。"
            continue
        text = rules.problem(score.points, item.max_points, item.step)
        if not text and item.comment_required and not score.comment:
            text = "此项须写评语。"
        if text:
            problems[item.code] = text
        total += score.points
    if problems:
        raise SheetProblems(problems)
    return total


def reopen_sheet(sheet: ScoreSheet, *, actor: User, reason: str) -> ScoreSheet:
    """A submitted sheet goes back to its judge: the old version stays as 已退回重评, a new draft copies it.

    Refused: other people than the secretariat, no reason, sheets not current, a closed window, results
    already decided. A filing counted as scored returns to review.
    """
    with transaction.atomic(durable=True):
        require_secretariat(actor)
        if not reason.strip():
            raise Refusal("请说明退回重评的理由。", "reason_missing")
        sheet = ScoreSheet.objects.select_for_update().get(pk=sheet.pk)
        _require_reopenable(sheet)
        move(sheet, SheetState.REOPENED, table=states.TRANSITIONS, reopened_by=actor, reopened_reason=reason.strip())
        draft = _copy_as_draft(sheet)
        audit.record(
            "sheet.reopened",
            sheet,
            actor=actor,
            before={"version": sheet.version, "total": str(sheet.total)},
            after={"version": draft.version},
            reason=reason.strip(),
        )
        return draft


def _copy_as_draft(sheet: ScoreSheet) -> ScoreSheet:
    draft = ScoreSheet.objects.create(
        assignment=sheet.assignment,
        version=sheet.version + 1,
        rubric=sheet.rubric,
        submission=sheet.submission,
        # Goes on counting, so that a page opened before the reopening is stale.
        edit_version=sheet.edit_version + 1,
        comment=sheet.comment,
        saved_at=clock.now(),
    )
    ItemScore.objects.bulk_create(
        ItemScore(sheet=draft, item_id=score.item_id, points=score.points, comment=score.comment)
        for score in sheet.scores.all()
    )
    return draft


def _require_reopenable(sheet: ScoreSheet) -> None:
    if sheet.state != SheetState.SUBMITTED:
        raise Refusal("只有已提交的评分表可以退回重评。", "bad_state")
    application = Application.objects.select_for_update().get(pk=sheet.assignment.application_id)
    if application.state not in {State.IN_REVIEW, State.SCORED}:
        raise Refusal(f"该申报当前为“{application.state_label}”，不能退回重评。", "bad_state")
    stage = sheet.assignment.stage
    if clock.now_in_transaction() >= stage.closes_at:
        raise Refusal("评分窗口已关闭，请先延长该阶段的评分截止时间。", "closed")
    if application.state == State.SCORED:
        move(application, State.IN_REVIEW, table=application_states.TRANSITIONS)
