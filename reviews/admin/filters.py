"""Filters that several lists of judging share."""

from typing import ClassVar

from qcportal.adminsite import RelationFilter


class StageFilter(RelationFilter):
    named_by: ClassVar[tuple[str, ...]] = ("round__programme",)
