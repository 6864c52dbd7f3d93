"""Judging on the staff site."""

from reviews import lanes
from reviews.admin import assigning, judges, ranking, rubrics, sheets

__all__ = ["assigning", "judges", "lanes", "ranking", "rubrics", "sheets"]
