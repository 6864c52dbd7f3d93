"""Judging on the staff site."""

from reviews.admin import ahead, assigning, judges, ranking, rubrics, sheets

__all__ = ["ahead", "assigning", "judges", "ranking", "rubrics", "sheets"]
