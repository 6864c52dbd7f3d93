"""Judging on the staff site."""

from reviews.admin import assigning, judges, ranking, rubrics, sheets

__all__ = ["assigning", "judges", "ranking", "rubrics", "sheets"]
