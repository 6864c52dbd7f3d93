"""成绩: closing the review of a round, freezing and announcing its ranking."""

from datetime import datetime
from typing import Any

from django.db import models, transaction

from applications import codes
from applications import states as application_states
from applications.models import Application, Programme, Round, SpecialAward
from applications.states import State
from qcportal import audit, clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import User
from qcportal.roles import Role, has_role
from qcportal.transitions import move
from reviews import rechecking, scoring, standings
from reviews.actions.guards import require_secretariat
from reviews.models import Ranking, TieDecision
from reviews.scopes import Scope, with_levels
from reviews.scoring import frozen
from reviews.scoring.levels import PENDING


def record_score_view(target: models.Model, *, actor: User, what: str) -> None:
    """Staff read scores: that leaves a row in the audit trail (design, section 8)."""
    with transaction.atomic():
        audit.record("scores.viewed", target, actor=actor, what=what)


def complete_round(round_: Round, *, actor: User) -> int:
    """Filings whose sheets are all in become 评审完成; returns how many. The others stay in review.

    A sheet that is missing when its stage's window has closed no longer holds a filing up, as long as
    enough sheets are valid. Refused: other people than the secretariat, weights not adding up to 1.
    """
    with transaction.atomic(durable=True):
        require_secretariat(actor)
        now = clock.now_in_transaction()
        current = _computed(standings.of_round(round_))
        closed = {stage.kind: now >= stage.closes_at for stage in current.stages}
        done = 0
        for line in current.lines:
            if line.application.state == State.IN_REVIEW and _is_complete(line.row, closed):
                filing = Application.objects.select_for_update().get(pk=line.application.pk)
                move(filing, State.SCORED, table=application_states.TRANSITIONS)
                audit.record("application.scored", filing, actor=actor)
                done += 1
        return done


def _computed(current: standings.Standings) -> standings.Standings:
    if current.error:
        raise Refusal(current.error, "weights")
    return current


def _is_complete(row: scoring.Row, closed: dict[str, bool]) -> bool:
    return row.rank is not None and all(not stage.missing or closed[stage.rule.kind.value] for stage in row.stages)


def freeze_ranking(
    round_: Round | None = None,
    *,
    special_award: SpecialAward | None = None,
    programme: Programme | None = None,
    actor: User,
) -> Ranking:
    """The ranking as of now becomes a version that nothing changes any more: what it was computed from, its
    derivation, its levels and its scope.

    With ``special_award`` alone it covers both rounds of the year, with ``programme`` alone the whole year.
    Refused: other people than the secretariat, nothing ranked, weights not adding up to 1, sheets still missing
    while a judge could hand them in, and ties across a level that wait for the panel's decision.
    """
    with transaction.atomic(durable=True):
        require_secretariat(actor)
        scope = _locked_scope(round_, special_award, programme)
        now = clock.now_in_transaction()
        current = _computed(scope.compute())
        _require_freezable(current, now)
        ranking = unsaved_ranking(scope, current)
        _require_decided(ranking)
        ranking.frozen_at, ranking.frozen_by = now, actor
        ranking.save()
        audit.record(
            "ranking.frozen",
            ranking,
            actor=actor,
            after={"version": ranking.version, "sha256": ranking.sha256, "inputs_sha256": ranking.inputs_sha256},
        )
        return ranking


def unsaved_ranking(scope: Scope, current: standings.Standings) -> Ranking:
    """The next version of this scope, all but who froze it and when."""
    inputs = frozen.inputs_of(with_levels(scope, current.snapshot))
    data, about = frozen.reckon(inputs), scope_of(scope, inputs)
    return Ranking(
        programme=scope.programme,
        round=scope.round,
        special_award=scope.award,
        version=(scope.frozen().aggregate(last=models.Max("version"))["last"] or 0) + 1,
        scope=about,
        data=data,
        sha256=codes.digest({"scope": about, "data": data}),
        inputs=inputs,
        inputs_sha256=codes.digest(inputs),
    )


def _locked_scope(round_: Round | None, award: SpecialAward | None, programme: Programme | None) -> Scope:
    # Versions of one scope are counted under the lock of the year's row.
    if round_ is not None:
        locked = Programme.objects.select_for_update().get(pk=round_.programme_id)
    elif award is not None:
        locked = Programme.objects.select_for_update().get(pk=award.programme_id)
    elif programme is not None:
        locked = Programme.objects.select_for_update().get(pk=programme.pk)
    else:
        raise Refusal("请选择要冻结的期次或单项奖。", "no_scope")
    return Scope(locked, round_, award)


def _require_freezable(current: standings.Standings, now: datetime) -> None:
    if not current.ranked:
        raise Refusal("还没有可以排名的成绩。", "nothing_ranked")
    waiting = [judge for judge in current.progress if judge.missing and now < judge.stage.closes_at]
    if waiting:
        missing = sum(judge.missing for judge in waiting)
        raise Refusal(f"还有 {missing} 份评分表未交且评分尚未截止，不能冻结。", "sheets_missing")


def _require_decided(ranking: Ranking) -> None:
    pending = sum(PENDING in row["award_note"] and not row["award"] for row in ranking.data["rows"])
    if pending:
        raise Refusal(f"有 {pending} 组并列跨过等级线，待评审组合议；请先记录合议。", "levels_pending")


def scope_of(scope: Scope, inputs: dict[str, Any]) -> dict[str, Any]:
    """What a frozen ranking says of itself: which ranking it is and under which rules."""
    return {
        "round": scope.round.slug if scope.round else None,
        "special_award": scope.award.code if scope.award else None,
        "rules": inputs["rounds"],
        "tie_order": inputs["tie_order"],
        "levels": inputs["levels"],
    }


def check_ranking(ranking: Ranking, *, actor: User) -> list[str]:
    """重新计算并核对: what differs, empty when the stored inputs give the identical result and hash.

    Leaves an audit row with the answer. Refused: other people than staff, who alone may see scores.
    """
    if not has_role(actor, Role.SECRETARIAT, Role.AUDITOR):
        raise NotAllowed("只有秘书处和审计员可以核对成绩。")
    with transaction.atomic():
        found = rechecking.findings(ranking)
        audit.record("ranking.checked", ranking, actor=actor, version=ranking.version, differences=len(found))
        return found


def announce_ranking(ranking: Ranking, *, actor: User) -> Ranking:
    """The frozen ranking is public from now on.

    Refused: other people than the secretariat, a ranking announced before, one that a newer version of
    the same scope has replaced.
    """
    with transaction.atomic(durable=True):
        require_secretariat(actor)
        ranking = Ranking.objects.select_for_update().get(pk=ranking.pk)
        if ranking.announced_at is not None:
            raise Refusal("该版排名已经公布。", "announced")
        newer = Ranking.objects.filter(
            programme=ranking.programme_id,
            round=ranking.round_id,
            special_award=ranking.special_award_id,
            version__gt=ranking.version,
        )
        if newer.exists():
            raise Refusal("已有更新的一版排名，请公布最新版。", "superseded")
        ranking.announced_at = clock.now()
        ranking.save(update_fields=["announced_at"])
        _tell_filings(ranking)
        audit.record("ranking.announced", ranking, actor=actor, after={"version": ranking.version})
        return ranking


def _tell_filings(ranking: Ranking) -> None:
    """The enterprises of a round's ranking see the outcome from now on; a special award's ranking adds nothing."""
    if ranking.special_award_id is not None:
        return
    numbers = [row["file_number"] for row in ranking.data["rows"]]
    for start in range(0, len(numbers), 500):
        Application.objects.filter(file_number__in=numbers[start : start + 500], result_announced_at=None).update(
            result_announced_at=ranking.announced_at
        )


def decide_tie(application: Application, *, actor: User, position: int, reason: str) -> TieDecision:
    """The panel's recorded order among filings that all rules leave equal. Refused without a reason."""
    with transaction.atomic():
        require_secretariat(actor)
        if not reason.strip():
            raise Refusal("请写明评审组合议的理由。", "reason_missing")
        decision, _created = TieDecision.objects.update_or_create(
            application=application,
            defaults={
                "round_id": application.round_id,
                "position": position,
                "reason": reason.strip(),
                "decided_at": clock.now(),
                "decided_by": actor,
            },
        )
        audit.record("tie.decided", application, actor=actor, after={"position": position}, reason=reason.strip())
        return decision
