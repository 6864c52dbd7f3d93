"""From stage means to a ranking (design, section 6). Pure Python, Decimal only, every step can be shown.

The total is the weighted sum of the rounded means, rounded again. Only rounded values are compared.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from itertools import groupby

from reviews.scoring.means import stage_result
from reviews.scoring.rules import (
    KIND_LABELS,
    TIE_LABELS,
    TIE_ORDER,
    UNLISTED_LABELS,
    Entry,
    Kind,
    RoundRules,
    Row,
    StageResult,
    StageRule,
    Tie,
    Unlisted,
    check_weights,
    round_half_up,
)
from reviews.scoring.words import total_line

DECISION = "评审组合议"
Rules = RoundRules | Sequence[StageRule]


def as_rules(rules: Rules) -> RoundRules:
    return rules if isinstance(rules, RoundRules) else RoundRules(tuple(rules))


def applicable(rules: RoundRules, *, shortlisted: bool) -> list[StageRule]:
    """A group that does not present is ranked on 资料 alone."""
    if shortlisted or not _presents(rules):
        return list(rules.stages)
    return [rule for rule in rules.stages if rule.kind == Kind.DOCUMENT]


def _presents(rules: RoundRules) -> bool:
    return any(rule.kind == Kind.PRESENTATION for rule in rules.stages)


def score(entry: Entry, rules: Rules) -> Row:
    """Total and derivation of one entry, without its rank."""
    rules = as_rules(rules)
    left_out = _presents(rules) and not entry.shortlisted
    stages = tuple(
        stage_result(rule, entry.sheets.get(rule.kind, ())) for rule in applicable(rules, shortlisted=entry.shortlisted)
    )
    reason = "；".join(_too_few(stage) for stage in stages if stage.mean is None)
    if not stages:
        reason = "没有适用的评审阶段"
    elif left_out and rules.unlisted == Unlisted.UNRANKED:
        reason = f"未入选发表，{UNLISTED_LABELS[Unlisted.UNRANKED]}"
    total, arithmetic = (None, "") if reason else _total(stages)
    return Row(
        key=entry.key,
        shortlisted=entry.shortlisted,
        stages=stages,
        total=total,
        arithmetic=arithmetic,
        reason=reason,
        tie_values=_tie_values(stages, rules.tie_order),
        decision=entry.decision,
        tier=int(left_out and rules.unlisted == Unlisted.BELOW),
    )


def _too_few(stage: StageResult) -> str:
    parts = [f"回避 {stage.recused}" if stage.recused else "", f"未交 {stage.missing}" if stage.missing else ""]
    detail = "、".join(part for part in parts if part)
    text = f"{KIND_LABELS[stage.rule.kind]}有效评分表 {stage.valid} 份，少于 {stage.rule.min_valid} 份"
    return f"{text}（{detail}）" if detail else text


def _total(stages: Sequence[StageResult]) -> tuple[Decimal, str]:
    if len(stages) == 1:
        mean = stages[0].mean or Decimal(0)
        return mean, f"{KIND_LABELS[stages[0].rule.kind]}均分 {mean}"
    weighted = [(stage.mean or Decimal(0), stage.rule.weight) for stage in stages]
    total = round_half_up(sum((mean * weight for mean, weight in weighted), Decimal(0)))
    return total, total_line(weighted, total)


def _tie_values(stages: Sequence[StageResult], order: Sequence[Tie]) -> tuple[tuple[str, Decimal | None], ...]:
    """Compared in this order among equal totals; a stage that is not active for the entry is skipped.

    The item mean comes from 发表 where the group presented, else from 资料.
    """
    by_kind = {stage.rule.kind: stage for stage in stages}
    presentation = by_kind.get(Kind.PRESENTATION)
    item_stage = presentation if presentation and presentation.tie_mean is not None else by_kind.get(Kind.DOCUMENT)
    values: list[tuple[str, Decimal | None]] = []
    for tie in order:
        if tie == Tie.ITEM:
            if item_stage is not None and item_stage.tie_mean is not None:
                values.append((TIE_LABELS[tie], item_stage.tie_mean))
        elif (stage := by_kind.get(Kind(tie.value))) is not None:
            values.append((TIE_LABELS[tie], stage.mean))
    return tuple(values)


def rank(entries: Iterable[Entry], rules: Rules) -> list[Row]:
    """The ranking of entries under one set of rules. Refused (WeightError): weights not adding up to 1."""
    rules = as_rules(rules)
    check_weights(rules.stages)
    return place([score(entry, rules) for entry in entries], rules.tie_order)


def place(rows: Sequence[Row], tie_order: Sequence[Tie] = TIE_ORDER) -> list[Row]:
    """By tier, total and tie order; equal ones share a rank (1, 2, 2, 4).

    Rows without a total follow without a rank, in the order given. The rows may come from rounds with
    rules of their own: a special award is ranked over both rounds of a year. A criterion that one of the
    equals does not have is skipped for all of them.
    """
    ranked = sorted((row for row in rows if row.total is not None), key=_total_key)
    placed: list[Row] = []
    for _key, equals in groupby(ranked, key=_total_key):
        for settled in _settle(list(equals), [TIE_LABELS[tie] for tie in tie_order]):
            rank_ = len(placed) + 1
            placed += [replace(row, rank=rank_) for row in settled]
    return placed + [row for row in rows if row.total is None]


def _total_key(row: Row) -> tuple[int, Decimal]:
    return row.tier, -(row.total or Decimal(0))


def _settle(equals: list[Row], criteria: Sequence[str]) -> list[list[Row]]:
    """Groups in order, of rows that nothing tells apart. Each row says what set it where it stands."""
    if len(equals) == 1:
        return [equals]
    for place_, label in enumerate(criteria):
        values = [_criterion(label, row) for row in equals]
        if any(value is None for value in values):
            continue
        if len(set(values)) > 1:
            return _divide(equals, label, partial(_criterion, label), criteria[place_ + 1 :])
        equals = [_told(row, f"{label}相同（{values[0]}）") for row in equals]
    # A row with a recorded decision precedes its equals without one.
    if len({row.decision for row in equals}) > 1:
        return _divide(equals, DECISION, lambda row: -Decimal(row.decision or 10**6), ())
    return [[_told(row, "其余规则都相同，名次并列", "并列") for row in equals]]


def _criterion(label: str, row: Row) -> Decimal | None:
    return dict(row.tie_values).get(label)


def _divide(
    equals: list[Row], label: str, value: Callable[[Row], Decimal | None], rest: Sequence[str]
) -> list[list[Row]]:
    best_first = sorted(equals, key=lambda row: -(value(row) or Decimal(0)))
    shown = "、".join(str(value(row)) for row in best_first)
    groups = []
    for _value, same in groupby(best_first, key=value):
        told = [_told(row, *_step(row, label, shown, value(row))) for row in same]
        groups += _settle(told, rest)
    return groups


def _step(row: Row, label: str, shown: str, own: Decimal | None) -> tuple[str, str]:
    if label == DECISION:
        order = f"记录为第 {row.decision}" if row.decision else "没有记录次序，排在有记录的之后"
        return f"{DECISION}：{order}", f"同分，{DECISION}"
    return f"{label}：本组 {own}，同分各组为 {shown}", f"同分比{label}"


def _told(row: Row, step: str, note: str = "") -> Row:
    return replace(row, tie_steps=(*row.tie_steps, step), tie_note=note or row.tie_note)


def unresolved_ties(rows: Sequence[Row]) -> list[list[Row]]:
    """Groups of rows that still share a rank: what a panel decision could settle."""
    by_rank: dict[int, list[Row]] = {}
    for row in rows:
        if row.rank is not None:
            by_rank.setdefault(row.rank, []).append(row)
    return [group for group in by_rank.values() if len(group) > 1]
