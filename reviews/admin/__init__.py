"""Judging on the staff site."""

from reviews import lanes
from reviews.admin import (
    ahead,
    assigning,
    derivation,
    frozen,
    judges,
    levels,
    ranking,
    rubrics,
    scoring_rules,
    sheets,
)

__all__ = [
    "ahead",
    "assigning",
    "derivation",
    "frozen",
    "judges",
    "lanes",
    "levels",
    "ranking",
    "rubrics",
    "scoring_rules",
    "sheets",
]
