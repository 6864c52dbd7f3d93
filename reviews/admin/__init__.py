"""Judging on the staff site."""

from reviews import lanes
from reviews.admin import ahead, assigning, judges, ranking, rubrics, sheets

__all__ = ["ahead", "assigning", "judges", "lanes", "ranking", "rubrics", "sheets"]
