"""May this text be changed now, and which parts of it? Asked by pages as a courtesy and by actions in earnest."""

from datetime import datetime

from applications.models import Application
from applications.states import State
from qcportal.clock import half_open_label
from qcportal.errors import Refusal


def edit_refusal(application: Application, at: datetime) -> Refusal | None:
    """Why the text may not be changed at ``at``, or None when it may.

    A draft until the deadline; a returned filing until its correction deadline (also after the round
    closed); a submitted one until the deadline while no check has begun: until it is submitted again the
    last version stands (design, section 5).
    """
    deadline = application.deadline()
    if application.state == State.RETURNED or application.state == State.DRAFT:
        if at < application.round.opens_at:
            return Refusal("本期尚未开放填报。", "not_open")
        if at >= deadline:
            return Refusal(f"已过截止时间（{half_open_label(deadline)}），不能再修改。", "after_deadline")
        return None
    if application.state == State.SUBMITTED:
        if at >= deadline:
            return Refusal(
                f"已过截止时间（{half_open_label(deadline)}），提交的版本有效，不能再修改。", "after_deadline"
            )
        if application.checks.filter(undone_at=None).exists():
            return Refusal("秘书处已开始审查，如需修改请联系秘书处退回。", "check_begun")
        return None
    return Refusal(f"当前状态为“{application.public_state_label}”，不能修改。", "bad_state")


def open_keys(application: Application) -> list[str] | None:
    """None: everything is open. Otherwise the keys (sections.FIELD_LABELS) named in the return."""
    return list(application.open_fields) if application.state == State.RETURNED else None
