"""计分规则 of a round: weights, trimming, minimum sheets, the order among equals, and who does not present."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from applications import codes
from applications.models import Round
from qcportal import audit, clock
from qcportal.errors import Refusal, StaleState
from qcportal.models import User
from reviews import standings
from reviews.actions.guards import require_secretariat
from reviews.models import Ranking, ScoreSheet, ScoringRules, Stage
from reviews.scoring import RoundRules, Tie, Unlisted, WeightError, check_weights
from reviews.scoring.frozen import rules_data
from reviews.states import SheetState


@dataclass(frozen=True)
class StageValues:
    """What may be set of one stage."""

    weight: Decimal
    min_valid: int
    trim_from: int
    trim_count: int


def current_rules(round_: Round) -> RoundRules:
    """The rules of the round's active stages as they stand."""
    stages = list(round_.stages.filter(is_active=True).select_related("round__programme"))
    return standings.rules_of(stages).get(round_.slug, RoundRules(()))


def seal(round_: Round) -> str:
    """What a page carries to tell whether the rules changed while it stood open."""
    return codes.digest(rules_data(current_rules(round_)))


def scores_exist(round_: Round) -> bool:
    return ScoreSheet.objects.filter(assignment__stage__round=round_, state=SheetState.SUBMITTED).exists()


def problems(values: Mapping[int, StageValues]) -> dict[int, dict[str, str]]:
    """What cannot stand, by stage and field. The sum of the weights is refused as a whole (save_rules)."""
    found: dict[int, dict[str, str]] = {}
    for pk, value in values.items():
        own = {}
        if not 0 <= value.weight <= 1:
            own["weight"] = "权重应在 0 至 1 之间。"
        if value.min_valid < 1:
            own["min_valid"] = "至少 1 份。"
        if value.trim_count and value.trim_from < 2 * value.trim_count + 1:
            own["trim_from"] = f"各去 {value.trim_count} 份时，起始份数至少为 {2 * value.trim_count + 1}。"
        if own:
            found[pk] = own
    return found


def save_rules(
    round_: Round,
    *,
    actor: User,
    stages: Mapping[int, StageValues],
    tie_order: Sequence[Tie],
    unlisted: Unlisted,
    reason: str = "",
    seen: str,
) -> ScoringRules:
    """The round is computed by these rules from now on; rankings frozen before keep theirs.

    Refused: other people than the secretariat, weights of the active stages not adding up to 1, trimming that
    leaves nothing, a criterion named twice, a change without a reason once sheets are in, rules that somebody
    else changed meanwhile (``seen`` is the seal of what the page showed), and a round whose ranking is public.
    """
    with transaction.atomic(durable=True):
        require_secretariat(actor)
        rows = list(Stage.objects.select_for_update().filter(round=round_, is_active=True).order_by("pk"))
        if seal(round_) != seen or {row.pk for row in rows} != set(stages):
            raise StaleState("计分规则刚刚被他人改过，请核对现在的规则后再保存。")
        _refuse(round_, stages, tie_order, reason)
        before = rules_data(current_rules(round_))
        _save_stages(rows, stages)
        kept, _created = ScoringRules.objects.update_or_create(
            round=round_,
            defaults={
                "tie_order": [tie.value for tie in tie_order],
                "unlisted": unlisted.value,
                "saved_at": clock.now(),
                "saved_by": actor,
            },
        )
        changed = _checked(current_rules(round_))
        audit.record(
            "rules.saved", round_, actor=actor, before=before, after=rules_data(changed), reason=reason.strip()
        )
        return kept


def _checked(changed: RoundRules) -> RoundRules:
    try:
        check_weights(changed.stages)
    except WeightError as error:
        raise Refusal(str(error), "weights") from error
    return changed


def _refuse(round_: Round, stages: Mapping[int, StageValues], tie_order: Sequence[Tie], reason: str) -> None:
    if Ranking.objects.filter(round=round_).exclude(announced_at=None).exists():
        raise Refusal("本期成绩已经公布，计分规则不能再改。", "announced")
    if problems(stages):
        raise Refusal("规则有误，请按提示改正。", "bad_rules")
    if len(set(tie_order)) != len(tie_order):
        raise Refusal("同分次序中有重复的项目。", "twice")
    if scores_exist(round_) and not reason.strip():
        raise Refusal("已有评委提交评分，修改规则须写明理由。", "reason_missing")


def _save_stages(rows: Sequence[Stage], stages: Mapping[int, StageValues]) -> None:
    for row in rows:
        value = stages[row.pk]
        row.weight, row.min_valid = value.weight, value.min_valid
        row.trim_from, row.trim_count = value.trim_from, value.trim_count
    Stage.objects.bulk_update(rows, ["weight", "min_valid", "trim_from", "trim_count"])
