"""Numbers as people write them, and the arithmetic as a line that can be followed by hand. Pure Python."""

from collections.abc import Sequence
from decimal import Decimal

from reviews.scoring.rules import CENT, round_half_up


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
    return f"{line}{plain(shown)}{'' if shown == exact else '…'} → {mean}"


def total_line(weighted: Sequence[tuple[Decimal, Decimal]], total: Decimal) -> str:
    """89.88 × 0.60 + 91.63 × 0.40 = 53.928 + 36.652 = 90.58"""
    exact = sum((mean * weight for mean, weight in weighted), Decimal(0))
    terms = " + ".join(f"{mean} × {plain(weight)}" for mean, weight in weighted)
    products = " + ".join(plain(mean * weight) for mean, weight in weighted)
    steps = [terms, products, *([plain(exact)] if exact != total else [])]
    return " = ".join(steps) + (f" → {total}" if exact != total else f" = {total}")


def plain(value: Decimal) -> str:
    """Without trailing zeros, but with two places at least."""
    return f"{value.quantize(CENT)}" if value == value.quantize(CENT) else f"{value.normalize():f}"


def short(value: Decimal) -> str:
    """15, 0.5: without needless zeros."""
    return f"{value.normalize():f}"
