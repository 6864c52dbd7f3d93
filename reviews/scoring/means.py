"""The trimmed mean of one stage. Pure Python.

It leaves out recused and missing sheets, drops some highest and as many lowest when enough sheets are valid,
and is rounded to two places, half up.
"""

from collections.abc import Sequence
from decimal import Decimal

from reviews.scoring.rules import Sheet, SheetLine, StageResult, StageRule, Standing, round_half_up
from reviews.scoring.words import mean_line


def stage_result(rule: StageRule, sheets: Sequence[Sheet]) -> StageResult:
    """The trimmed mean of one stage.

    Of several equal highest (lowest) sheets one is dropped: the first (last) in the given order, which
    changes no mean. Too few valid sheets give no mean at all.
    """
    valid = [index for index, sheet in enumerate(sheets) if not sheet.recused and sheet.points is not None]
    dropped = _dropped(sheets, valid, rule)
    # Points of a recused sheet are not even shown.
    lines = tuple(
        SheetLine(
            sheet.judge, None if sheet.recused else sheet.points, _standing(sheet, dropped.get(index)), sheet.code
        )
        for index, sheet in enumerate(sheets)
    )
    if len(valid) < max(rule.min_valid, 1):
        return StageResult(rule, lines, None, None, "")
    points = [sheets[index].points or Decimal(0) for index in valid if index not in dropped]
    return StageResult(
        rule,
        lines,
        mean=_mean(points),
        tie_mean=_tie_mean(rule, [sheets[index] for index in valid]),
        arithmetic=mean_line(points),
    )


def _mean(points: Sequence[Decimal]) -> Decimal:
    return round_half_up(sum(points, Decimal(0)) / len(points))


def trims(rule: StageRule, valid: int) -> int:
    """How many are dropped at each end of ``valid`` sheets: none where nothing would be left to average."""
    return rule.trim_count if valid >= max(rule.trim_from, 2 * rule.trim_count + 1) else 0


def _dropped(sheets: Sequence[Sheet], valid: list[int], rule: StageRule) -> dict[int, Standing]:
    count = trims(rule, len(valid))
    if not count:
        return {}
    ordered = sorted(valid, key=lambda index: (-(sheets[index].points or Decimal(0)), index))
    return dict.fromkeys(ordered[:count], Standing.HIGHEST) | dict.fromkeys(ordered[-count:], Standing.LOWEST)


def _standing(sheet: Sheet, dropped: Standing | None) -> Standing:
    if sheet.recused:
        return Standing.RECUSED
    if sheet.points is None:
        return Standing.MISSING
    return dropped or Standing.COUNTED


def _tie_mean(rule: StageRule, valid: Sequence[Sheet]) -> Decimal | None:
    """The item's own mean, trimmed by its own points.

    Were the sheets dropped that the total drops, then of two equal highest sheets the order of judges would
    choose whose item counts, and a judge who raises a score could lower the group's place.
    """
    items = sorted(sheet.tie_item for sheet in valid if sheet.tie_item is not None)
    if not items:
        return None
    count = trims(rule, len(items))
    return _mean(items[count : len(items) - count] if count else items)
