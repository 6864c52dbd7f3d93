"""The states of a score sheet. Pure Python."""

from enum import StrEnum
from types import MappingProxyType


class SheetState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    REOPENED = "reopened"  # an old version: staff reopened it with a reason, its successor is a new draft


LABELS = MappingProxyType({SheetState.DRAFT: "草稿", SheetState.SUBMITTED: "已提交", SheetState.REOPENED: "已退回重评"})
CHOICES = [(state.value, LABELS[state]) for state in SheetState]

TRANSITIONS: MappingProxyType[SheetState, frozenset[SheetState]] = MappingProxyType(
    {
        SheetState.DRAFT: frozenset({SheetState.SUBMITTED}),
        SheetState.SUBMITTED: frozenset({SheetState.REOPENED}),
        SheetState.REOPENED: frozenset(),
    }
)
