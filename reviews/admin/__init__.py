"""Judging on the staff site."""

from reviews import lanes
from reviews.admin import ahead, assigning, expertise, judges, proposals, ranking, rubrics, sheets

__all__ = ["ahead", "assigning", "expertise", "judges", "lanes", "proposals", "ranking", "rubrics", "sheets"]
