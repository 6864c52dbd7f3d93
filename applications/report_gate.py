"""May attachments 2 and 3 of an enterprise be changed now, and which of their cells?"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from applications.models import Application, Enterprise, Programme
from applications.report_keys import KEYS, REPORT_STATISTICS, REPORT_SUMMARY, in_part
from applications.sections import is_open
from applications.states import State
from qcportal.clock import half_open_label
from qcportal.errors import Refusal

PARTS = (REPORT_SUMMARY, REPORT_STATISTICS)
PART_CLOSED = "本次补正未开放这一部分，如需修改请联系秘书处。"
CELL_CLOSED = "本次补正未开放这一项，没有保存。"


class Gate(NamedTuple):
    """``keys``: what returned filings name (None: everything is open); ``until``: the first moment that is too late;
    ``refusal`` says why nothing is open."""

    keys: tuple[str, ...] | None
    until: datetime | None
    refusal: Refusal | None

    @property
    def parts(self) -> tuple[str, ...]:
        """Attachments of which at least one cell is open."""
        if self.refusal is not None:
            return ()
        return tuple(part for part in PARTS if self.keys is None or any(in_part(key, part) for key in self.keys))

    def opens(self, field: str) -> bool:
        """Whether the model field ``field`` may be changed."""
        return self.refusal is None and (self.keys is None or is_open(KEYS[field], self.keys))

    def opened(self, fields: Iterable[str]) -> tuple[str, ...]:
        return tuple(field for field in fields if self.opens(field))

    def refusal_for(self, part: str) -> Refusal | None:
        if self.refusal is not None:
            return self.refusal
        return None if part in self.parts else Refusal(PART_CLOSED, "part_closed")


def gate(enterprise: Enterprise, programme: Programme, at: datetime) -> Gate:
    """Everything while a round of the programme is open for the enterprise; else what returned filings name.

    Attachments 2 and 3 belong to the year, not to a round: frozen versions stand whatever is edited here, and the
    next submission freezes a new one (design, section 5). An open round does not widen a correction: while a filing
    is returned, everything is open only if another one stands on the report that may be edited freely.
    """
    rounds = list(programme.rounds.prefetch_related("extensions"))
    open_until = {
        round_.pk: deadline
        for round_ in rounds
        if round_.opens_at <= at < (deadline := round_.deadline_for(enterprise.pk))
    }
    filed = Application.objects.filter(enterprise=enterprise, round__programme=programme)
    returned = list(filed.filter(state=State.RETURNED, correction_due_at__gt=at))
    free = filed.filter(round__in=open_until, state__in=[State.DRAFT, State.SUBMITTED])
    if open_until and (not returned or free.exists()):
        return Gate(None, max(open_until.values()), None)
    keys = {key for row in returned for key in row.open_fields if any(in_part(key, part) for part in PARTS)}
    naming = [row.correction_due_at for row in returned if keys.intersection(row.open_fields) and row.correction_due_at]
    if keys:
        return Gate(tuple(sorted(keys)), max(naming), None)
    if open_until:
        return Gate((), None, Refusal("本次补正未开放年度材料，如需修改请联系秘书处。", "part_closed"))
    return Gate((), None, _closed([round_.opens_at for round_ in rounds], rounds, enterprise.pk, at))


def _closed(opens: list[datetime], rounds: list, enterprise_id: int, at: datetime) -> Refusal:  # type: ignore[type-arg]
    later = [moment for moment in opens if moment > at]
    if later or not rounds:
        when = f"，将于 {half_open_label(min(later))} 开放" if later else ""
        return Refusal(f"本年度的填报尚未开放{when}。", "not_open")
    last = max(round_.deadline_for(enterprise_id) for round_ in rounds)
    return Refusal(f"已过截止时间（{half_open_label(last)}），年度材料不能再修改。", "after_deadline")


def refusal_for(enterprise: Enterprise, programme: Programme, part: str, at: datetime) -> Refusal | None:
    """Why nothing of ``part`` may be changed at ``at``, or None when some of it may."""
    return gate(enterprise, programme, at).refusal_for(part)
