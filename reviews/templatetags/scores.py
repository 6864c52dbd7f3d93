"""How points, means and stages are written on staff pages."""

from decimal import Decimal

from django import template

from reviews import scoring
from reviews.scoring.words import plain

register = template.Library()


@register.filter
def points(value: Decimal | None) -> str:
    return scoring.points_text(value)


@register.filter
def weight(value: Decimal) -> str:
    """0.60, 0.275: two places at least."""
    return plain(value)


@register.filter
def kind_label(kind: str) -> str:
    return scoring.KIND_LABELS[scoring.Kind(kind)]


@register.filter
def stage_mean(row: scoring.Row, kind: str) -> str:
    """The mean of one stage of a row; a dash where the stage does not apply or has too few sheets."""
    stage = row.stage(kind)
    return "—" if stage is None or stage.mean is None else str(stage.mean)
