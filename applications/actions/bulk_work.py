"""What a bulk action does with one filing, how that is undone, and what is told once it can no longer be undone.

Each runs in a transaction of the caller's, with the filing locked, after the plan was judged once more.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from applications import claims, reminders, states
from applications.actions import checking, reminding
from applications.models import (
    Application,
    BulkAction,
    BulkItem,
    BulkKind,
    Claim,
    FormalCheck,
)
from applications.models.checking import Outcome
from applications.states import State
from qcportal import audit, clock
from qcportal.errors import Refusal
from qcportal.transitions import move


def _accept(batch: BulkAction, item: BulkItem, application: Application, now: datetime) -> None:
    """One's own check with every line answered is decided; without a check one is made with every line 符合."""
    check = application.checks.filter(outcome="").first()
    item.before = {"had_check": check is not None, "claim": _claim_of(application)}
    if check is None:
        check = _complete_check(batch, application, now)
    item.formal_check = checking.accept_in_batch(check, actor=batch.actor, reason="", batch=batch.number)


def _complete_check(batch: BulkAction, application: Application, now: datetime) -> FormalCheck:
    submission = application.submissions.order_by("-version").first()
    if submission is None:
        raise Refusal("这份申报还没有提交过。", "never_submitted")
    lines = [{**line, "answer": "yes"} for line in checking.empty_checklist(application)]
    check = FormalCheck.objects.create(
        application=application, submission=submission, checker=batch.actor, started_at=now, checklist=lines,
        note=f"批量参评（批次 {batch.number}），清单由 {batch.actor} 一并确认符合。",
    )  # fmt: skip
    audit.record(
        "check.started", application, actor=batch.actor, after={"version": submission.version}, batch=batch.number
    )
    return check


def _undo_accept(batch: BulkAction, item: BulkItem, application: Application, now: datetime) -> None:
    """The filing waits again. A check that was open before is open again; one made by the batch stays, as undone."""
    if application.state != State.ACCEPTED:
        raise Refusal(f"状态已变为“{application.state_label}”", "bad_state")
    if application.checks.filter(outcome="").exists():
        raise Refusal("已再次开始审查", "check_open")
    assert item.formal_check is not None  # noqa: S101 -- every item that was done has one
    move(application, State.SUBMITTED, table=states.TRANSITIONS)
    of_item = application.checks.filter(pk=item.formal_check.pk, outcome=Outcome.ACCEPT, undone_at=None)
    if item.before["had_check"]:
        of_item.update(outcome="", reason="", decided_at=None)
    else:
        of_item.update(undone_at=now, undone_by=batch.undone_by)
    _restore_claim(application, item.before["claim"])
    audit.record(
        "application.acceptance_undone", application, actor=batch.undone_by, before={"state": State.ACCEPTED},
        after={"state": State.SUBMITTED}, batch=batch.number,
    )  # fmt: skip


def _assign(batch: BulkAction, item: BulkItem, application: Application, now: datetime) -> None:
    item.before = {"claim": _claim_of(application)}
    holder = batch.assignee or batch.actor
    claim = claims.take(application, holder, now, actor=batch.actor, keep=claims.assigned_period(), batch=batch.number)
    item.before["taken_at"] = claim.claimed_at.isoformat()


def _undo_assign(batch: BulkAction, item: BulkItem, application: Application, now: datetime) -> None:
    if application.checks.filter(outcome="").exists():
        raise Refusal("已开始审查", "check_open")
    taken_at = datetime.fromisoformat(item.before["taken_at"])
    gone, _kinds = Claim.objects.filter(application=application, holder=batch.assignee, claimed_at=taken_at).delete()
    if not gone:
        raise Refusal("已由他人接手或放回", "changed")
    _restore_claim(application, item.before["claim"])
    _record_release(batch, application)


def _release(batch: BulkAction, item: BulkItem, application: Application, now: datetime) -> None:
    item.before = {"claim": _claim_of(application)}
    Claim.objects.filter(application=application, holder=batch.actor).delete()
    _record_release(batch, application)


def _record_release(batch: BulkAction, application: Application) -> None:
    audit.record("claim.released", application, actor=batch.undone_by or batch.actor, batch=batch.number)


def _undo_release(batch: BulkAction, item: BulkItem, application: Application, now: datetime) -> None:
    if Claim.objects.filter(application=application).exists() or application.checks.filter(outcome="").exists():
        raise Refusal("已由他人领取", "changed")
    _restore_claim(application, item.before["claim"])
    audit.record("claim.taken", application, actor=batch.undone_by, batch=batch.number)


def _note(batch: BulkAction, item: BulkItem, application: Application, now: datetime) -> None:
    """A reminder changes nothing; that it was decided on stands in the trail, and its mail waits for the window."""
    audit.record("application.reminded", application, actor=batch.actor, kind=batch.kind, batch=batch.number)


def _undo_note(batch: BulkAction, item: BulkItem, application: Application, now: datetime) -> None:
    audit.record("application.reminder_undone", application, actor=batch.undone_by, batch=batch.number)


def _claim_of(application: Application) -> dict[str, Any] | None:
    claim = Claim.objects.filter(application=application).first()
    if claim is None:
        return None
    return {
        "holder": claim.holder_id,
        "claimed_at": claim.claimed_at.isoformat(),
        "keeps_until": claim.keeps_until.isoformat(),
    }


def _restore_claim(application: Application, before: dict[str, Any] | None) -> None:
    if before is not None and not Claim.objects.filter(application=application).exists():
        Claim.objects.create(
            application=application, holder_id=before["holder"],
            claimed_at=datetime.fromisoformat(before["claimed_at"]),
            keeps_until=datetime.fromisoformat(before["keeps_until"]),
        )  # fmt: skip


# --- letters, when the window has passed -------------------------------------------------------------


def _tell_accepted(batch: BulkAction, items: QuerySet[BulkItem]) -> None:
    """The letter of an acceptance by hand; none where a later check decided otherwise meanwhile."""
    for item in items.select_related("application__round__programme", "application__enterprise", "formal_check"):
        with transaction.atomic():
            if not BulkItem.objects.filter(pk=item.pk, told_at=None).update(told_at=clock.now()):
                continue
            last = item.application.checks.exclude(outcome="").first()
            if last is not None and last.pk == item.formal_check_id:
                checking.tell(last, batch.actor, "")


def _tell_reminded(batch: BulkAction, items: QuerySet[BulkItem]) -> None:
    """The letters of the reminders page, by its rules, to whom they still concern: what was done within the window,
    people who declined, addresses that came back and whoever was told another way meanwhile get none.
    """
    now = clock.now()
    key = f"mail:bulk-batch:{batch.pk}:"
    for occasion in reminders.BULK[BulkKind(batch.kind)]:
        rows = reminders.waiting(occasion, now).filter(pk__in=list(items.values_list("application", flat=True)))
        for target in reminders.plan(occasion, rows, now, but=key):
            with transaction.atomic():
                told = items.filter(application__in=[row.pk for row in target.applications], told_at=None)
                if told.update(told_at=now):
                    reminding.tell(occasion, target, key=key, now=now)
    items.filter(told_at=None).update(told_at=now)


DO = {
    BulkKind.ACCEPT: _accept,
    BulkKind.ASSIGN: _assign,
    BulkKind.RELEASE: _release,
    BulkKind.REMIND: _note,
    BulkKind.PAPER: _note,
}
UNDO = {
    BulkKind.ACCEPT: _undo_accept,
    BulkKind.ASSIGN: _undo_assign,
    BulkKind.RELEASE: _undo_release,
    BulkKind.REMIND: _undo_note,
    BulkKind.PAPER: _undo_note,
}
TELL = {
    BulkKind.ACCEPT: _tell_accepted,
    BulkKind.REMIND: _tell_reminded,
    BulkKind.PAPER: _tell_reminded,
}
