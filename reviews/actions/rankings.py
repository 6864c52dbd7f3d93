"""成绩: closing the review of a round, freezing and announcing its ranking."""

from datetime import datetime
from typing import Any

from django.db import models, transaction

from applications import codes
from applications import states as application_states
from applications.models import Application, Programme, Round, SpecialAward
from applications.states import State
from qcportal import audit, clock
from qcportal.errors import Refusal
from qcportal.models import User
from qcportal.transitions import move
from reviews import scoring, standings
from reviews.actions.guards import require_secretariat
from reviews.models import Ranking, TieDecision


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


def freeze_ranking(round_: Round | None = None, *, special_award: SpecialAward | None = None, actor: User) -> Ranking:
    """The ranking as of now becomes a version that nothing changes any more, derivation and scope included.

    With ``special_award`` alone it covers both rounds of the year. Refused: other people than the
    secretariat, nothing ranked, weights not adding up to 1, and sheets still missing while a judge could
    hand them in.
    """
    with transaction.atomic(durable=True):
        require_secretariat(actor)
        programme = _programme(round_, special_award)
        now = clock.now_in_transaction()
        current = _current(round_, special_award)
        _require_freezable(current, now)
        data = {"rows": [row_data(line) for line in current.lines]}
        scope = scope_of(round_, special_award, current)
        earlier = Ranking.objects.filter(programme=programme, round=round_, special_award=special_award)
        version = (earlier.aggregate(last=models.Max("version"))["last"] or 0) + 1
        ranking = Ranking.objects.create(
            programme=programme,
            round=round_,
            special_award=special_award,
            version=version,
            scope=scope,
            data=data,
            sha256=codes.digest({"scope": scope, "data": data}),
            frozen_at=now,
            frozen_by=actor,
        )
        audit.record("ranking.frozen", ranking, actor=actor, after={"version": version, "sha256": ranking.sha256})
        return ranking


def _programme(round_: Round | None, award: SpecialAward | None) -> Programme:
    if round_ is not None:
        # Versions of one scope are counted under this lock.
        return Programme.objects.select_for_update().get(pk=round_.programme_id)
    if award is None:
        raise Refusal("请选择要冻结的期次或单项奖。", "no_scope")
    return Programme.objects.select_for_update().get(pk=award.programme_id)


def _current(round_: Round | None, award: SpecialAward | None) -> standings.Standings:
    if round_ is not None:
        return _computed(standings.of_round(round_, award=award))
    assert award is not None  # noqa: S101 -- _programme refused the rest
    return _computed(standings.of_special_award(award))


def _require_freezable(current: standings.Standings, now: datetime) -> None:
    if not current.ranked:
        raise Refusal("还没有可以排名的成绩。", "nothing_ranked")
    waiting = [judge for judge in current.progress if judge.missing and now < judge.stage.closes_at]
    if waiting:
        missing = sum(judge.missing for judge in waiting)
        raise Refusal(f"还有 {missing} 份评分表未交且评分尚未截止，不能冻结。", "sheets_missing")


def scope_of(round_: Round | None, award: SpecialAward | None, current: standings.Standings) -> dict[str, Any]:
    return {
        "round": round_.slug if round_ else None,
        "special_award": award.code if award else None,
        "stages": [
            {
                "round": stage.round_id,
                "kind": stage.kind,
                "weight": str(stage.weight),
                "min_valid": stage.min_valid,
                "trim_from": stage.trim_from,
            }
            for stage in current.stages
        ],
    }


def row_data(line: standings.Line) -> dict[str, Any]:
    """One row of a frozen ranking. Only ``derivation`` names judges: it is never published."""
    filing, row = line.application, line.row
    return {
        "application": str(filing.uuid),
        "file_number": filing.file_number or "",
        "enterprise": filing.certificate_unit_name or filing.enterprise.name_on_certificate,
        "group": filing.group_name,
        "topic": filing.topic_name,
        "topic_type": filing.topic_type,
        "rank": row.rank,
        "total": None if row.total is None else str(row.total),
        "award": "",
        "reason": row.reason,
        "derivation": scoring.as_data(row),
    }


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
