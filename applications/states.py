"""The states of an application and the only ways between them (design, section 5). Pure Python."""

from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    DEFERRED = "deferred"
    REFUSED = "refused"
    ACCEPTED = "accepted"
    IN_REVIEW = "in_review"
    SCORED = "scored"
    AWARDED = "awarded"
    NOT_AWARDED = "not_awarded"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    DISQUALIFIED = "disqualified"
    REVOKED = "revoked"


# The secretariat's words.
LABELS = MappingProxyType(
    {
        State.DRAFT: "草稿",
        State.SUBMITTED: "已提交",
        State.RETURNED: "完善后参评",
        State.DEFERRED: "缓评",
        State.REFUSED: "不予受理",
        State.ACCEPTED: "参评",
        State.IN_REVIEW: "评审中",
        State.SCORED: "评审完成",
        State.AWARDED: "已获奖",
        State.NOT_AWARDED: "未获奖",
        State.WITHDRAWN: "已撤回",
        State.LAPSED: "逾期失效",
        State.DISQUALIFIED: "取消资格",
        State.REVOKED: "撤销奖项",
    }
)

# The enterprise's words: outcomes of judging stay unknown until they are announced.
PUBLIC_LABELS = MappingProxyType(
    {
        **LABELS,
        State.RETURNED: "退回补正",
        State.IN_REVIEW: "评审中",
        State.SCORED: "评审中",
        State.AWARDED: "评审中",
        State.NOT_AWARDED: "评审中",
    }
)

# Once the ranking is announced: awards are decided and named after it, so a scored filing is only that.
ANNOUNCED_LABELS = MappingProxyType({**LABELS, State.RETURNED: "退回补正", State.SCORED: "结果已公布"})

CHOICES = [(state.value, LABELS[state]) for state in State]

TRANSITIONS: MappingProxyType[State, frozenset[State]] = MappingProxyType(
    {
        State.DRAFT: frozenset({State.SUBMITTED, State.WITHDRAWN, State.LAPSED}),
        State.SUBMITTED: frozenset({State.ACCEPTED, State.RETURNED, State.DEFERRED, State.REFUSED, State.WITHDRAWN}),
        State.RETURNED: frozenset({State.SUBMITTED, State.LAPSED, State.WITHDRAWN}),
        State.LAPSED: frozenset({State.DRAFT, State.RETURNED}),
        # Back to submitted only by undoing a bulk acceptance before its letters left (actions.bulk_work).
        State.ACCEPTED: frozenset(
            {State.IN_REVIEW, State.RETURNED, State.WITHDRAWN, State.DISQUALIFIED, State.SUBMITTED}
        ),
        State.REFUSED: frozenset({State.SUBMITTED}),
        State.IN_REVIEW: frozenset({State.SCORED, State.RETURNED, State.DISQUALIFIED}),
        State.SCORED: frozenset({State.AWARDED, State.NOT_AWARDED, State.IN_REVIEW}),
        State.AWARDED: frozenset({State.REVOKED}),
        State.DEFERRED: frozenset(),
        State.NOT_AWARDED: frozenset(),
        State.WITHDRAWN: frozenset(),
        State.DISQUALIFIED: frozenset(),
        State.REVOKED: frozenset(),
    }
)

EDITABLE = frozenset({State.DRAFT, State.RETURNED})
# Something is still to be done or decided.
UNDER_WAY = frozenset({State.DRAFT, State.SUBMITTED, State.RETURNED, State.ACCEPTED, State.IN_REVIEW, State.SCORED})
# From acceptance on, a filing takes part in judging.
TAKING_PART = frozenset({State.ACCEPTED, State.IN_REVIEW, State.SCORED, State.AWARDED, State.NOT_AWARDED})
