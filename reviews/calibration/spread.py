"""How far apart the judges of one filing are."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from reviews.calibration.table import variance


@dataclass(frozen=True)
class Spread:
    lowest: Decimal
    highest: Decimal
    deviation: float  # standard deviation of the sample

    @property
    def gap(self) -> Decimal:
        return self.highest - self.lowest


def spread_of(points: Sequence[Decimal]) -> Spread | None:
    """None with fewer than two judges: one alone agrees with everybody."""
    if len(points) < 2:
        return None
    return Spread(min(points), max(points), math.sqrt(variance([Fraction(value) for value in points])))
