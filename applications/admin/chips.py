"""A filing's state as word, icon and colour (look: chips)."""

from typing import NamedTuple

from applications.models import Application
from applications.states import State
from qcportal import clock
from qcportal.templatetags.portal import chip


class Chip(NamedTuple):
    kind: str
    icon: str
    word: str


# Amber waits for a person, red is late or refused, lake is done.
_STYLES = {
    State.DRAFT: ("outline", "pencil"),
    State.SUBMITTED: ("amber", "clock"),
    State.RETURNED: ("amber", "return"),
    State.DEFERRED: ("grey", "pause"),
    State.REFUSED: ("red", "ban"),
    State.ACCEPTED: ("solid", "check"),
    State.IN_REVIEW: ("tint", "pencil"),
    State.SCORED: ("tint", "check"),
    State.AWARDED: ("solid", "award"),
    State.NOT_AWARDED: ("grey", "check"),
    State.WITHDRAWN: ("grey", "close"),
    State.LAPSED: ("grey", "clock"),
    State.DISQUALIFIED: ("red", "ban"),
    State.REVOKED: ("red", "ban"),
}


def chip_of(row: Application) -> Chip:
    """Uses ``checker_name`` and ``was_returned`` of queue.for_queue where they are there."""
    state = State(row.state)
    if state == State.SUBMITTED and getattr(row, "checker_name", None):
        return Chip("tint", "pencil", "审查中")
    if state == State.SUBMITTED:
        back = getattr(row, "was_returned", False)
        return Chip("amber", "return", "已重新提交") if back else Chip("amber", "clock", "待审查")
    late = state == State.RETURNED and row.correction_due_at and row.correction_due_at <= clock.now()
    if late or (state == State.LAPSED and row.file_number):
        return Chip("red", "clock", "补正逾期")
    return Chip(*_STYLES[state], row.state_label)


def state_chip(row: Application) -> str:
    kind, icon, word = chip_of(row)
    return chip(kind, icon, word)
