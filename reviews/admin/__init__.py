"""Judging on the staff site."""

from reviews import lanes
from reviews.admin import (
    ahead,
    assigning,
    calibration,
    derivation,
    expertise,
    frozen,
    judges,
    levels,
    proposals,
    ranking,
    rubrics,
    scoring_rules,
    sheets,
)  # fmt: skip

__all__ = [
    "ahead", "assigning", "calibration", "derivation", "expertise", "frozen", "judges", "lanes", "levels", "proposals",
    "ranking", "rubrics", "scoring_rules", "sheets",
]  # fmt: skip
