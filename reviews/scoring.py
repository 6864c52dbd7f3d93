"""From score sheets to a ranking (design, section 6). Pure Python, Decimal only, every step can be shown.

A stage mean leaves out recused and missing sheets, drops one highest and one lowest from ``trim_from``
counted sheets, and is rounded to two places, half up. The total is the weighted sum of the rounded means,
rounded again. Only rounded values are compared.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

CENT = Decimal("0.01")


class Kind(StrEnum):
    """The values of reviews.models.StageKind."""

    DOCUMENT = "document"
    ON_SITE = "on_site"
    PRESENTATION = "presentation"


KIND_LABELS = {Kind.DOCUMENT: "资料", Kind.ON_SITE: "现场", Kind.PRESENTATION: "发表"}


class Standing(StrEnum):
    """What became of one judge's sheet in a stage mean."""

    COUNTED = "counted"
    HIGHEST = "highest"
    LOWEST = "lowest"
    RECUSED = "recused"
    MISSING = "missing"


STANDING_LABELS = {
    Standing.COUNTED: "计入",
    Standing.HIGHEST: "去最高",
    Standing.LOWEST: "去最低",
    Standing.RECUSED: "回避",
    Standing.MISSING: "未交",
}


class WeightError(ValueError):
    """The weights of the active stages do not add up to 1."""


@dataclass(frozen=True)
class StageRule:
    kind: Kind
    weight: Decimal
    min_valid: int = 3
    trim_from: int = 5


@dataclass(frozen=True)
class Sheet:
    """One judge's sheet. ``points`` is None until it is submitted: missing, never zero."""

    judge: str
    points: Decimal | None = None
    recused: bool = False
    tie_item: Decimal | None = None  # points of 原因分析 / 提出方案并确定最佳方案


@dataclass(frozen=True)
class Entry:
    """One application as it goes into a ranking. ``decision``: the panel's recorded order among equals, 1 first."""

    key: Hashable
    sheets: Mapping[Kind, Sequence[Sheet]]
    shortlisted: bool = False
    decision: int | None = None


@dataclass(frozen=True)
class SheetLine:
    judge: str
    points: Decimal | None
    standing: Standing

    @property
    def label(self) -> str:
        return STANDING_LABELS[self.standing]

    @property
    def is_dropped(self) -> bool:
        return self.standing in {Standing.HIGHEST, Standing.LOWEST}


@dataclass(frozen=True)
class StageResult:
    """A stage mean with its derivation. ``mean`` is None when fewer than ``min_valid`` sheets are valid."""

    rule: StageRule
    lines: tuple[SheetLine, ...]
    mean: Decimal | None
    tie_mean: Decimal | None
    arithmetic: str

    @property
    def valid(self) -> int:
        return sum(line.standing not in {Standing.RECUSED, Standing.MISSING} for line in self.lines)

    @property
    def counted(self) -> int:
        return self._count(Standing.COUNTED)

    @property
    def missing(self) -> int:
        return self._count(Standing.MISSING)

    @property
    def recused(self) -> int:
        return self._count(Standing.RECUSED)

    def _count(self, standing: Standing) -> int:
        return sum(line.standing == standing for line in self.lines)


@dataclass(frozen=True)
class Row:
    """One line of a ranking. ``rank`` is None together with a ``reason``."""

    key: Hashable
    shortlisted: bool
    stages: tuple[StageResult, ...]
    total: Decimal | None
    arithmetic: str
    reason: str
    tie_values: tuple[tuple[str, Decimal | None], ...] = ()
    decision: int | None = None
    rank: int | None = None
    tie_note: str = ""

    @property
    def missing(self) -> int:
        return sum(stage.missing for stage in self.stages)

    def stage(self, kind: str) -> StageResult | None:
        return next((result for result in self.stages if result.rule.kind == kind), None)


def round_half_up(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def check_weights(rules: Iterable[StageRule]) -> None:
    """Refused (WeightError) unless the weights of the active stages add up to exactly 1."""
    total = sum((rule.weight for rule in rules), Decimal(0))
    if total != 1:
        raise WeightError(f"启用阶段的权重合计为 {total.normalize():f}，应为 1。")


def stage_result(rule: StageRule, sheets: Sequence[Sheet]) -> StageResult:
    """The trimmed mean of one stage.

    Of several equal highest (lowest) sheets one is dropped: the first (last) in the given order, which
    changes no mean. Too few valid sheets give no mean at all.
    """
    valid = [index for index, sheet in enumerate(sheets) if not sheet.recused and sheet.points is not None]
    dropped = _dropped(sheets, valid, rule.trim_from)
    # Points of a recused sheet are not even shown.
    lines = tuple(
        SheetLine(sheet.judge, None if sheet.recused else sheet.points, _standing(sheet, dropped.get(index)))
        for index, sheet in enumerate(sheets)
    )
    if len(valid) < max(rule.min_valid, 1):
        return StageResult(rule, lines, None, None, "")
    counted = [index for index in valid if index not in dropped]
    points = [sheets[index].points or Decimal(0) for index in counted]
    tie_points = [item for index in counted if (item := sheets[index].tie_item) is not None]
    return StageResult(
        rule,
        lines,
        mean=round_half_up(sum(points, Decimal(0)) / len(points)),
        tie_mean=round_half_up(sum(tie_points, Decimal(0)) / len(tie_points)) if tie_points else None,
        arithmetic=mean_line(points),
    )


def _dropped(sheets: Sequence[Sheet], valid: list[int], trim_from: int) -> dict[int, Standing]:
    # Below three sheets nothing would be left to average.
    if len(valid) < max(trim_from, 3):
        return {}
    ordered = sorted(valid, key=lambda index: (-(sheets[index].points or Decimal(0)), index))
    return {ordered[0]: Standing.HIGHEST, ordered[-1]: Standing.LOWEST}


def _standing(sheet: Sheet, dropped: Standing | None) -> Standing:
    if sheet.recused:
        return Standing.RECUSED
    if sheet.points is None:
        return Standing.MISSING
    return dropped or Standing.COUNTED


def applicable(rules: Sequence[StageRule], *, shortlisted: bool) -> list[StageRule]:
    """A group that does not present is ranked on 资料 alone, below those that do."""
    if shortlisted or not any(rule.kind == Kind.PRESENTATION for rule in rules):
        return list(rules)
    return [rule for rule in rules if rule.kind == Kind.DOCUMENT]


def score(entry: Entry, rules: Sequence[StageRule]) -> Row:
    """Total and derivation of one entry, without its rank."""
    own_rules = applicable(rules, shortlisted=entry.shortlisted)
    stages = tuple(stage_result(rule, entry.sheets.get(rule.kind, ())) for rule in own_rules)
    reason = "；".join(_too_few(stage) for stage in stages if stage.mean is None)
    if not stages:
        reason = "没有适用的评审阶段"
    total, arithmetic = (None, "") if reason else _total(stages)
    return Row(
        key=entry.key,
        shortlisted=entry.shortlisted,
        stages=stages,
        total=total,
        arithmetic=arithmetic,
        reason=reason,
        tie_values=_tie_values(stages),
        decision=entry.decision,
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
    exact = sum((mean * weight for mean, weight in weighted), Decimal(0))
    total = round_half_up(exact)
    terms = " + ".join(f"{mean} × {_weight_text(weight)}" for mean, weight in weighted)
    products = " + ".join(_plain(mean * weight) for mean, weight in weighted)
    steps = [terms, products, *([_plain(exact)] if exact != total else [])]
    return total, " = ".join(steps) + (f" → {total}" if exact != total else f" = {total}")


def _tie_values(stages: Sequence[StageResult]) -> tuple[tuple[str, Decimal | None], ...]:
    """Compared in this order among equal totals; a stage that is not active for the entry is skipped.

    The item mean comes from 发表 where the group presented, else from 资料.
    """
    by_kind = {stage.rule.kind: stage for stage in stages}
    values: list[tuple[str, Decimal | None]] = []
    presentation = by_kind.get(Kind.PRESENTATION)
    if presentation is not None:
        values.append(("发表均分", presentation.mean))
    item_stage = presentation if presentation and presentation.tie_mean is not None else by_kind.get(Kind.DOCUMENT)
    if item_stage is not None and item_stage.tie_mean is not None:
        values.append(("原因分析（最佳方案）均分", item_stage.tie_mean))
    if Kind.ON_SITE in by_kind:
        values.append(("现场均分", by_kind[Kind.ON_SITE].mean))
    return tuple(values)


def rank(entries: Iterable[Entry], rules: Sequence[StageRule]) -> list[Row]:
    """The ranking of entries under one set of rules. Refused (WeightError): weights not adding up to 1."""
    check_weights(rules)
    return place([score(entry, rules) for entry in entries])


def place(rows: Sequence[Row]) -> list[Row]:
    """Shortlisted groups first, then by total and tie order; equal ones share a rank (1, 2, 2, 4).

    Rows without a total follow without a rank, in the order given. The rows may come from rounds with
    rules of their own: a special award is ranked over both rounds of a year.
    """
    ranked = sorted((row for row in rows if row.total is not None), key=_sort_key)
    placed: list[Row] = []
    for position, row in enumerate(ranked, 1):
        same = position > 1 and _sort_key(ranked[position - 2]) == _sort_key(row)
        placed.append(_with_rank(row, (placed[-1].rank or position) if same else position, ranked))
    return placed + [row for row in rows if row.total is None]


def _sort_key(row: Row) -> tuple[Any, ...]:
    ties = tuple(-(value if value is not None else Decimal(-1)) for _label, value in row.tie_values)
    # A row with a recorded decision precedes its equals without one.
    decision = row.decision if row.decision is not None else 10**6
    return (not row.shortlisted, -(row.total or Decimal(0)), ties, decision)


def _with_rank(row: Row, rank_: int, ranked: Sequence[Row]) -> Row:
    equals = [other for other in ranked if (other.shortlisted, other.total) == (row.shortlisted, row.total)]
    return replace(row, rank=rank_, tie_note=_tie_note(row, equals))


def _tie_note(row: Row, equals: Sequence[Row]) -> str:
    """In words: what decided between this row and the others with the same total."""
    others = [other for other in equals if other is not row]
    if not others:
        return ""
    for place, (label, value) in enumerate(row.tie_values):
        if any(place >= len(other.tie_values) or other.tie_values[place][1] != value for other in others):
            return f"同分比{label}"
    if any(other.decision != row.decision for other in others):
        return "同分，评审组合议"
    return "并列"


def unresolved_ties(rows: Sequence[Row]) -> list[list[Row]]:
    """Groups of rows that still share a rank: what a panel decision could settle."""
    by_rank: dict[int, list[Row]] = {}
    for row in rows:
        if row.rank is not None:
            by_rank.setdefault(row.rank, []).append(row)
    return [group for group in by_rank.values() if len(group) > 1]


def points_text(points: Decimal | None) -> str:
    """91.0, 88.5, 88.25: one place at least, two where needed."""
    if points is None:
        return "—"
    tenths = points.quantize(Decimal("0.1"))
    return f"{tenths if tenths == points else points.quantize(CENT)}"


def mean_line(points: Sequence[Decimal]) -> str:
    """(88.5 + 91.0 + 90.5 + 89.5) ÷ 4 = 89.875 → 89.88"""
    exact = sum(points, Decimal(0)) / len(points)
    mean = round_half_up(exact)
    terms = " + ".join(points_text(value) for value in points)
    line = f"({terms}) ÷ {len(points)} = "
    shown = exact.quantize(Decimal("0.000001"))
    if exact == mean:
        return f"{line}{mean}"
    return f"{line}{_plain(shown)}{'' if shown == exact else '…'} → {mean}"


def _plain(value: Decimal) -> str:
    """Without trailing zeros, but with two places at least."""
    return f"{value.quantize(CENT)}" if value == value.quantize(CENT) else f"{value.normalize():f}"


def _weight_text(weight: Decimal) -> str:
    return f"{weight.quantize(CENT)}" if weight == weight.quantize(CENT) else f"{weight.normalize():f}"


def as_data(row: Row) -> dict[str, Any]:
    """The derivation of a row as JSON: what a frozen ranking keeps, decimals as text."""
    return {
        "rank": row.rank,
        "total": None if row.total is None else str(row.total),
        "shortlisted": row.shortlisted,
        "reason": row.reason,
        "tie_note": row.tie_note,
        "arithmetic": row.arithmetic,
        "tie_values": [[label, None if value is None else str(value)] for label, value in row.tie_values],
        "decision": row.decision,
        "stages": [_stage_data(stage) for stage in row.stages],
    }


def _stage_data(stage: StageResult) -> dict[str, Any]:
    return {
        "kind": stage.rule.kind.value,
        "label": KIND_LABELS[stage.rule.kind],
        "weight": str(stage.rule.weight),
        "mean": None if stage.mean is None else str(stage.mean),
        "arithmetic": stage.arithmetic,
        "sheets": [
            {
                "judge": line.judge,
                "points": None if line.points is None else str(line.points),
                "standing": line.standing.value,
                "label": line.label,
            }
            for line in stage.lines
        ],
    }
