"""Filters that several lists of the staff site share."""

from typing import ClassVar

from qcportal.adminsite import RelationFilter


class RoundFilter(RelationFilter):
    named_by: ClassVar[tuple[str, ...]] = ("programme",)
