"""A ranking as data: what went in, what came out, and the second from the first. Pure Python; decimals as text.

``inputs`` is everything the computation uses. ``reckon`` is the one way from it to the rows of a frozen
ranking, used when a ranking is frozen and again whenever it is checked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reviews.scoring.levels import Absent, Award, Base, Cut, Method, Outcome, Override, Scheme, Ties, decide
from reviews.scoring.ranks import place, score
from reviews.scoring.rules import (
    KIND_LABELS,
    Entry,
    Kind,
    RoundRules,
    Row,
    Sheet,
    StageResult,
    StageRule,
    Tie,
    Unlisted,
)

FORMAT = 1
Json = dict[str, Any]


@dataclass(frozen=True)
class Filing:
    """One entry of a snapshot: the round whose rules it is ranked under, and the words that stand beside it."""

    entry: Entry
    round: str
    facts: Json


@dataclass(frozen=True)
class Snapshot:
    rules: dict[str, RoundRules]
    filings: Sequence[Filing]
    tie_order: tuple[Tie, ...]
    scheme: Scheme | None = None
    overrides: dict[str, Override] | None = None


# --- out ------------------------------------------------------------------------------------------------


def inputs_of(snapshot: Snapshot) -> Json:
    """The snapshot as JSON. Entry keys are the applications' ids as text."""
    scheme = snapshot.scheme
    return {
        "format": FORMAT,
        "tie_order": [tie.value for tie in snapshot.tie_order],
        "rounds": {slug: rules_data(rules) for slug, rules in snapshot.rules.items()},
        "levels": None if scheme is None else _scheme_data(scheme),
        "overrides": {
            key: {"name": each.name, "reason": each.reason, "basis": each.basis}
            for key, each in (snapshot.overrides or {}).items()
        },
        "entries": [_filing_data(filing) for filing in snapshot.filings],
    }


def rules_data(rules: RoundRules) -> Json:
    return {
        "tie_order": [tie.value for tie in rules.tie_order],
        "unlisted": rules.unlisted.value,
        "stages": [
            {
                "kind": rule.kind.value,
                "weight": str(rule.weight),
                "min_valid": rule.min_valid,
                "trim_from": rule.trim_from,
                "trim_count": rule.trim_count,
            }
            for rule in rules.stages
        ],
    }


def _scheme_data(scheme: Scheme) -> Json:
    return {
        "method": scheme.method.value,
        "ties": scheme.ties.value,
        "base": scheme.base.value,
        "absent": scheme.absent.value,
        "cuts": [{"name": cut.name, "value": str(cut.value)} for cut in scheme.cuts],
    }


def _filing_data(filing: Filing) -> Json:
    entry = filing.entry
    return {
        "application": str(entry.key),
        "round": filing.round,
        "facts": filing.facts,
        "shortlisted": entry.shortlisted,
        "decision": entry.decision,
        "sheets": {
            kind.value: [
                {
                    "judge": sheet.judge,
                    "code": sheet.code,
                    "points": _text(sheet.points),
                    "recused": sheet.recused,
                    "tie_item": _text(sheet.tie_item),
                }
                for sheet in sheets
            ]
            for kind, sheets in entry.sheets.items()
        },
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


# --- in -------------------------------------------------------------------------------------------------


def snapshot_of(inputs: Json) -> Snapshot:
    levels = inputs["levels"]
    return Snapshot(
        rules={slug: rules_from(data) for slug, data in inputs["rounds"].items()},
        filings=[_filing_from(data) for data in inputs["entries"]],
        tie_order=tuple(Tie(value) for value in inputs["tie_order"]),
        scheme=None if levels is None else _scheme_from(levels),
        overrides={key: Override(**data) for key, data in inputs["overrides"].items()},
    )


def rules_from(data: Json) -> RoundRules:
    return RoundRules(
        stages=tuple(
            StageRule(
                Kind(stage["kind"]),
                Decimal(stage["weight"]),
                stage["min_valid"],
                stage["trim_from"],
                stage["trim_count"],
            )
            for stage in data["stages"]
        ),
        tie_order=tuple(Tie(value) for value in data["tie_order"]),
        unlisted=Unlisted(data["unlisted"]),
    )


def _scheme_from(data: Json) -> Scheme:
    return Scheme(
        method=Method(data["method"]),
        cuts=tuple(Cut(cut["name"], Decimal(cut["value"])) for cut in data["cuts"]),
        ties=Ties(data["ties"]),
        base=Base(data["base"]),
        absent=Absent(data["absent"]),
    )


def _filing_from(data: Json) -> Filing:
    sheets = {
        Kind(kind): [
            Sheet(row["judge"], _number(row["points"]), row["recused"], _number(row["tie_item"]), row["code"])
            for row in rows
        ]
        for kind, rows in data["sheets"].items()
    }
    entry = Entry(data["application"], sheets, data["shortlisted"], data["decision"])
    return Filing(entry, data["round"], data["facts"])


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


# --- from the one to the other ----------------------------------------------------------------------------


def ranked(snapshot: Snapshot) -> list[Row]:
    """Every filing under its own round's rules, in one ranking."""
    rows = [score(filing.entry, snapshot.rules[filing.round]) for filing in snapshot.filings]
    return place(rows, snapshot.tie_order)


def levelled(snapshot: Snapshot, rows: Sequence[Row]) -> Outcome:
    if snapshot.scheme is None:
        return Outcome((), {})
    return decide(rows, snapshot.scheme, snapshot.overrides)


def reckon(inputs: Json) -> Json:
    """``inputs`` alone decide the answer: the rows of a frozen ranking and a sentence for each level."""
    snapshot = snapshot_of(inputs)
    rows = ranked(snapshot)
    outcome = levelled(snapshot, rows)
    facts = {filing.entry.key: filing.facts for filing in snapshot.filings}
    return {
        "rows": [row_data(row, facts[row.key], outcome.awards.get(row.key)) for row in rows],
        "levels": [{"name": line.cut.name, "count": line.count, "note": line.sentence} for line in outcome.lines],
    }


def row_data(row: Row, facts: Json, award: Award | None) -> Json:
    """One row of a frozen ranking. Only ``derivation`` names judges: it is never published."""
    return {
        "application": str(row.key),
        **facts,
        "rank": row.rank,
        "total": _text(row.total),
        "award": award.name if award else "",
        "award_note": award.note if award and award.name != award.note else "",
        "reason": row.reason,
        "derivation": as_data(row),
    }


def differences(stored: Json, again: Json) -> list[str]:
    """The rows in which a second computation differs, by file number; empty when they are the same."""
    old, new = stored.get("rows", []), again["rows"]
    found = [
        f"第 {at} 行 {was.get('file_number') or is_.get('file_number')}：{', '.join(_fields(was, is_))}"
        for at, (was, is_) in enumerate(zip(old, new, strict=False), 1)
        if was != is_
    ]
    if len(old) != len(new):
        found.append(f"保存的有 {len(old)} 行，重新计算得 {len(new)} 行")
    if stored.get("levels", []) != again["levels"]:
        found.append("各等级的个数或说明不同")
    return found


FIELD_LABELS = {"rank": "名次", "total": "总分", "award": "等级", "derivation": "推导", "reason": "不排名原因"}


def _fields(was: Json, is_: Json) -> list[str]:
    names = [name for name in {**was, **is_} if was.get(name) != is_.get(name)]
    return [
        f"{FIELD_LABELS.get(name, name)} 保存为 {was.get(name) or '空'}，重算为 {is_.get(name) or '空'}"
        if name in {"rank", "total", "award", "reason"}
        else FIELD_LABELS.get(name, name)
        for name in names
    ]


def as_data(row: Row) -> Json:
    """The derivation of a row as JSON: what a frozen ranking keeps, decimals as text."""
    return {
        "rank": row.rank,
        "total": _text(row.total),
        "shortlisted": row.shortlisted,
        "reason": row.reason,
        "tie_note": row.tie_note,
        "tie_steps": list(row.tie_steps),
        "arithmetic": row.arithmetic,
        "tie_values": [[label, _text(value)] for label, value in row.tie_values],
        "decision": row.decision,
        "stages": [_stage_data(stage) for stage in row.stages],
    }


def _stage_data(stage: StageResult) -> Json:
    return {
        "kind": stage.rule.kind.value,
        "label": KIND_LABELS[stage.rule.kind],
        "weight": str(stage.rule.weight),
        "valid": stage.valid,
        "counted": stage.counted,
        "mean": _text(stage.mean),
        "tie_mean": _text(stage.tie_mean),
        "arithmetic": stage.arithmetic,
        "sheets": [
            {
                "judge": line.judge,
                "code": line.code,
                "points": _text(line.points),
                "standing": line.standing.value,
                "label": line.label,
            }
            for line in stage.lines
        ],
    }
