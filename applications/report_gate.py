"""May attachments 2 and 3 of an enterprise be changed now, and which of them?"""

from datetime import datetime
from typing import NamedTuple

from applications.models import Application, Enterprise, Programme
from applications.sections import REPORT_STATISTICS, REPORT_SUMMARY, is_open
from applications.states import State
from qcportal.clock import half_open_label
from qcportal.errors import Refusal

PARTS = (REPORT_SUMMARY, REPORT_STATISTICS)


class Gate(NamedTuple):
    """``parts`` are the open ones, ``until`` the first moment that is too late, ``refusal`` says why none is open."""

    parts: tuple[str, ...]
    until: datetime | None
    refusal: Refusal | None


def gate(enterprise: Enterprise, programme: Programme, at: datetime) -> Gate:
    """Everything while a round of the programme is open for the enterprise; else what a returned filing names.

    Attachments 2 and 3 belong to the year, not to a round: frozen versions stand whatever is edited here,
    and the next submission freezes a new one (design, section 5).
    """
    rounds = list(programme.rounds.prefetch_related("extensions"))
    open_until = [
        deadline for round_ in rounds if round_.opens_at <= at < (deadline := round_.deadline_for(enterprise.pk))
    ]
    if open_until:
        return Gate(PARTS, max(open_until), None)
    returned = Application.objects.filter(
        enterprise=enterprise, round__programme=programme, state=State.RETURNED, correction_due_at__gt=at
    )
    parts: list[str] = []
    until: datetime | None = None
    for application in returned:
        named = [part for part in PARTS if is_open(part, application.open_fields)]
        if named and application.correction_due_at is not None:
            parts += named
            until = max(until or application.correction_due_at, application.correction_due_at)
    if parts:
        return Gate(tuple(part for part in PARTS if part in parts), until, None)
    return Gate((), None, _closed([round_.opens_at for round_ in rounds], rounds, enterprise.pk, at))


def _closed(opens: list[datetime], rounds: list, enterprise_id: int, at: datetime) -> Refusal:  # type: ignore[type-arg]
    later = [moment for moment in opens if moment > at]
    if later or not rounds:
        when = f"，将于 {half_open_label(min(later))} 开放" if later else ""
        return Refusal(f"本年度的填报尚未开放{when}。", "not_open")
    last = max(round_.deadline_for(enterprise_id) for round_ in rounds)
    return Refusal(f"已过截止时间（{half_open_label(last)}），年度材料不能再修改。", "after_deadline")


def refusal_for(enterprise: Enterprise, programme: Programme, part: str, at: datetime) -> Refusal | None:
    """Why ``part`` may not be changed at ``at``, or None when it may."""
    answer = gate(enterprise, programme, at)
    if answer.refusal is not None:
        return answer.refusal
    if part not in answer.parts:
        return Refusal("本次补正未开放这一部分，如需修改请联系秘书处。", "part_closed")
    return None
