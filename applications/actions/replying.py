"""Answering the remarks of a return, one by one."""

from django.db import transaction

from applications.actions.drafts import lock_for_edit
from applications.models import Remark, RemarkReply
from applications.models.checking import Outcome
from applications.states import State
from qcportal import audit
from qcportal.errors import Refusal
from qcportal.models import User

LENGTH = 500
DONE = "已按意见修改。"


def reply_to_remark(remark: Remark, *, actor: User, text: str) -> RemarkReply:
    """The remark has this answer, whoever answered before; the checker reads it beside the next submission.

    Who may edit the filing may answer. Refused: an empty or too long text; remarks of a check that is not the
    return in force; after the correction deadline.
    """
    text = text.strip()
    if not text:
        raise Refusal("请填写答复。", "empty")
    if len(text) > LENGTH:
        raise Refusal(f"答复最多 {LENGTH} 字，现为 {len(text)} 字。", "too_long")
    with transaction.atomic(durable=True):
        application, now = lock_for_edit(remark.formal_check.application_id, actor)
        last = application.checks.exclude(outcome="").order_by("-decided_at", "-pk").first()
        in_force = application.state == State.RETURNED and last is not None and last.outcome == Outcome.RETURN
        if not in_force or last is None or last.pk != remark.formal_check_id:
            raise Refusal("这条意见已处理完毕，不能再答复。", "bad_state")
        answer, _created = RemarkReply.objects.update_or_create(
            remark=remark, defaults={"text": text, "replied_by": actor, "replied_at": now}
        )
        audit.record("remark.replied", application, actor=actor, remark=remark.pk)
    return answer
