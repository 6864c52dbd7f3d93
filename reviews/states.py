"""The states of a score sheet, and of a proposal who scores what. Pure Python."""

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


class ProposalState(StrEnum):
    WORKING = "working"
    PROPOSED = "proposed"
    IMPOSSIBLE = "impossible"  # no assignment keeps every rule; which to relax stands in the proposal
    CONFIRMED = "confirmed"
    UNDONE = "undone"
    DROPPED = "dropped"


PROPOSAL_LABELS = MappingProxyType(
    {
        ProposalState.WORKING: "正在计算",
        ProposalState.PROPOSED: "待确认",
        ProposalState.IMPOSSIBLE: "无法满足",
        ProposalState.CONFIRMED: "已确认",
        ProposalState.UNDONE: "已撤销",
        ProposalState.DROPPED: "已放弃",
    }
)
PROPOSAL_CHOICES = [(state.value, PROPOSAL_LABELS[state]) for state in ProposalState]

PROPOSAL_TRANSITIONS: MappingProxyType[ProposalState, frozenset[ProposalState]] = MappingProxyType(
    {
        ProposalState.WORKING: frozenset({ProposalState.PROPOSED, ProposalState.IMPOSSIBLE, ProposalState.DROPPED}),
        ProposalState.PROPOSED: frozenset({ProposalState.CONFIRMED, ProposalState.DROPPED}),
        ProposalState.IMPOSSIBLE: frozenset({ProposalState.DROPPED}),
        ProposalState.CONFIRMED: frozenset({ProposalState.UNDONE}),
        ProposalState.UNDONE: frozenset(),
        ProposalState.DROPPED: frozenset(),
    }
)
