"""形式审查: starting a check and deciding it once (design, sections 5 and 6; domain.md 4.1). Drafts: check_drafts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction

from applications import check_keys, claims, states
from applications.actions import check_letters
from applications.actions.check_after import disqualify, extend_correction, reopen_refused
from applications.actions.check_drafts import (
    CHECKABLE,
    RemarkText,
    own_open_check,
    replace_remarks,
    require_future,
    require_reason,
    save_check,
)
from applications.actions.check_letters import Composed
from applications.actions.rights import require_secretariat
from applications.models import Application, ChecklistItem, FormalCheck
from applications.models.checking import Outcome
from applications.models.programmes import day_end
from applications.states import State
from qcportal import audit, clock
from qcportal.errors import Refusal, StaleState
from qcportal.models import User
from qcportal.transitions import move

# Everything that is done to a check is reached from here, wherever it is written.
__all__ = [
    "CHECKABLE",
    "Decision",
    "RemarkText",
    "accept",
    "decide",
    "defer",
    "disqualify",
    "extend_correction",
    "letter_of",
    "opened_by",
    "propose",
    "refuse",
    "reopen_refused",
    "require_secretariat",
    "return_for_correction",
    "rounds_of_correction",
    "save_check",
    "start_check",
    "take_over",
]

LETTERS = {
    Outcome.ACCEPT: "accepted",
    Outcome.RETURN: "returned",
    Outcome.DEFER: "deferred",
    Outcome.REFUSE: "refused",
}


class Decision(NamedTuple):
    """What the checker means to decide: kept with the check while the letter is looked at."""

    outcome: Outcome
    reason: str = ""
    open_fields: tuple[str, ...] = ()
    due_day: date | None = None

    @property
    def due(self) -> datetime | None:
        """24:00 of the day named."""
        return day_end(self.due_day.year, self.due_day.month, self.due_day.day) if self.due_day else None

    def kept(self) -> dict[str, Any]:
        day = self.due_day.isoformat() if self.due_day else ""
        return {
            "outcome": self.outcome.value, "reason": self.reason, "open_fields": list(self.open_fields),
            "due_day": day,
        }  # fmt: skip

    @classmethod
    def of(cls, check: FormalCheck) -> "Decision | None":
        """As kept with ``check``; None when nothing is meant yet."""
        kept = check.proposal
        if not kept:
            return None
        day = date.fromisoformat(kept["due_day"]) if kept["due_day"] else None
        return cls(Outcome(kept["outcome"]), kept["reason"], tuple(kept["open_fields"]), day)


def start_check(application: Application, *, actor: User) -> FormalCheck:
    """The latest submission is under check by ``actor``; the enterprise can no longer submit a newer one.

    Refused: other states than 已提交, 参评, 评审中, while another check is open, and while somebody else has
    claimed the filing. The checklist is copied
    from the programme, so a later change of the list leaves this check as it was made.
    """
    require_secretariat(actor)
    with transaction.atomic(durable=True):
        application = Application.objects.select_for_update().get(pk=application.pk)
        if application.state not in CHECKABLE:
            raise Refusal(f"当前状态为“{application.state_label}”，不能开始审查。", "bad_state")
        running = application.checks.filter(outcome="").select_related("checker").first()
        if running is not None:
            raise Refusal(f"{running.checker} 正在审查这份申报。", "check_open")
        submission = application.submissions.order_by("-version").first()
        if submission is None:
            raise Refusal("这份申报还没有提交过。", "never_submitted")
        now = clock.now_in_transaction()
        claims.take(application, actor, now)
        check = FormalCheck.objects.create(
            application=application,
            submission=submission,
            checker=actor,
            started_at=now,
            checklist=empty_checklist(application),
        )
        audit.record("check.started", application, actor=actor, after={"version": submission.version})
    return check


def empty_checklist(application: Application) -> list[dict[str, object]]:
    items = ChecklistItem.objects.filter(programme=application.round.programme_id, is_active=True)
    return [
        {
            "item": item.pk, "text": item.text, "answer": "", "help": item.help_text, "helper": item.helper,
            "required": item.is_required,
        }
        for item in items
    ]  # fmt: skip


def take_over(check: FormalCheck, *, actor: User) -> FormalCheck:
    """Another person of the secretariat goes on with an open check; its draft stays.

    Waits for a save that is under way: what the other saved last is there when the new checker looks.
    """
    require_secretariat(actor)
    with transaction.atomic(durable=True):
        Application.objects.select_for_update().get(pk=check.application_id)
        changed = FormalCheck.objects.filter(pk=check.pk, outcome="", checker=check.checker_id).update(checker=actor)
        if not changed:
            raise StaleState
        claims.pass_on(check.application, actor, clock.now_in_transaction())
        audit.record(
            "check.taken_over", check.application, actor=actor, before={"checker": str(check.checker)},
            after={"checker": str(actor)},
        )  # fmt: skip
    check.checker = actor
    return check


def propose(check: FormalCheck, *, actor: User, decision: Decision) -> FormalCheck:
    """``decision`` is kept beside the draft, so that its letter can be read before anything goes out.

    Nothing is decided and nobody is told. Refused: whatever the decision itself would refuse.
    """
    with transaction.atomic(durable=True):
        check = own_open_check(check, actor)
        if decision.outcome == Outcome.ACCEPT:
            _require_acceptable(check)
        elif decision.outcome == Outcome.RETURN:
            remarks = [RemarkText(one.field, one.text) for one in check.remarks.all()]
            _require_returnable(check, opened_by(check, decision), remarks, decision.reason, decision.due)
        else:
            _require_undecided(check, decision.reason)
        check.proposal = decision.kept()
        check.save(update_fields=["proposal"])
        claims.touch(check.application_id, actor, clock.now())
    return check


def decide(check: FormalCheck, *, actor: User, decision: Decision, letter: Composed | None = None) -> Application:
    """The decision as proposed, with the words of ``letter`` where staff changed them."""
    if decision.outcome == Outcome.ACCEPT:
        return accept(check, actor=actor, reason=decision.reason, letter=letter)
    if decision.outcome == Outcome.DEFER:
        return defer(check, actor=actor, reason=decision.reason, letter=letter)
    if decision.outcome == Outcome.REFUSE:
        return refuse(check, actor=actor, reason=decision.reason, letter=letter)
    return return_for_correction(
        check, actor=actor, remarks=None, open_fields=decision.open_fields, correction_due_at=decision.due,
        reason=decision.reason, letter=letter,
    )  # fmt: skip


def letter_of(check: FormalCheck, decision: Decision) -> Composed | None:
    """What ``decision`` would tell the enterprise; None where nothing is sent (an accepted filing stays accepted)."""
    if decision.outcome == Outcome.ACCEPT and check.application.state != State.SUBMITTED:
        return None
    return check_letters.compose(
        check.application, LETTERS[decision.outcome], check=check, reason=decision.reason,
        opened=opened_by(check, decision) if decision.outcome == Outcome.RETURN else [], due=decision.due,
    )  # fmt: skip


def opened_by(check: FormalCheck, decision: Decision) -> list[str]:
    """The keys that a return opens: those ticked and those with a remark."""
    return check_keys.in_order({*decision.open_fields, *(one.field for one in check.remarks.all())})


def rounds_of_correction(application: Application) -> int:
    """How often the filing was given back so far."""
    return application.checks.filter(outcome=Outcome.RETURN).count()


def accept(check: FormalCheck, *, actor: User, reason: str = "", letter: Composed | None = None) -> Application:
    """参评. Refused while the enterprise's licence is not verified, and while required lines are open or 不符."""
    with transaction.atomic(durable=True):
        check, is_new = accept_untold(check, actor=actor, reason=reason)
        if is_new:
            edited = tell(check, actor, reason, letter)
            _record(check, State.SUBMITTED, State.ACCEPTED, actor, reason, {}, edited=edited)
    return check.application


def accept_untold(check: FormalCheck, *, actor: User, reason: str = "") -> tuple[FormalCheck, bool]:
    """What ``accept`` does but for its letter and its audit row, in the caller's transaction; a bulk action tells
    later, when it can no longer be undone. Returns the check and whether the filing was not accepted before."""
    check = own_open_check(check, actor)
    application = check.application
    _require_acceptable(check)
    _freeze_check(check, Outcome.ACCEPT, reason=reason)
    is_new = application.state == State.SUBMITTED
    if is_new:
        move(application, State.ACCEPTED, table=states.TRANSITIONS)
    else:
        audit.record("check.confirmed", application, actor=actor, after={"state": application.state})
    return check, is_new


def accept_in_batch(check: FormalCheck, *, actor: User, reason: str, batch: str) -> FormalCheck:
    """参评 as one of many, in the caller's transaction: nobody is told yet (``tell``)."""
    check, is_new = accept_untold(check, actor=actor, reason=reason)
    if is_new:
        _record(check, State.SUBMITTED, State.ACCEPTED, actor, reason, {}, batch=batch)
    return check


def _require_acceptable(check: FormalCheck) -> None:
    if not check.application.enterprise.is_verified:
        raise Refusal("申报单位的营业执照尚未核验，核验后才能参评。", "not_verified")
    required = [line for line in check.checklist if line.get("required", True)]
    failed = [line["text"] for line in required if line["answer"] == "no"]
    if failed:
        raise Refusal(f"清单中有 {len(failed)} 项不符，不能参评：{'；'.join(failed)}。", "checklist_failed")
    unanswered = sum(not line["answer"] for line in required)
    if unanswered:
        raise Refusal(f"清单还有 {unanswered} 项未核对，核对完再参评。", "checklist_open")


def return_for_correction(
    check: FormalCheck,
    *,
    actor: User,
    remarks: Sequence[RemarkText] | None,
    open_fields: Iterable[str],
    correction_due_at: datetime | None,
    reason: str = "",
    letter: Composed | None = None,
) -> Application:
    """完善后参评: only the named fields (and those with a remark) become editable, until ``correction_due_at``.

    ``report.*`` keys open the annual report; ``remarks`` None keeps those of the draft. Refused: no field, neither
    reason nor remark, a due moment that is not in the future, unknown fields, and without a reason once the filing
    was given back as often as the programme allows.
    """
    with transaction.atomic(durable=True):
        check = own_open_check(check, actor)
        if remarks is not None:
            replace_remarks(check, remarks)
        written = [RemarkText(one.field, one.text) for one in check.remarks.all()]
        opened = check_keys.in_order({*open_fields, *(remark.field for remark in written)})
        due = _require_returnable(check, opened, written, reason, correction_due_at)
        _freeze_check(check, Outcome.RETURN, reason=reason, open_fields=opened, correction_due_at=due)
        _move_and_record(check, State.RETURNED, actor, reason, letter, open_fields=opened, correction_due_at=due)
    return check.application


def _require_returnable(
    check: FormalCheck, opened: list[str], remarks: Sequence[RemarkText], reason: str, due: datetime | None
) -> datetime:
    if not opened:
        raise Refusal("请至少选择一处开放补正的项目。", "nothing_open")
    unknown = [key for key in opened if key not in check_keys.LABELS]
    if unknown:
        raise Refusal(f"没有这样的项目：{'、'.join(unknown)}。", "unknown_field")
    if not reason.strip() and not remarks:
        raise Refusal("请写明理由或至少一条审查意见，让单位知道要改什么。", "no_reason")
    limit, so_far = check.application.round.programme.correction_limit, rounds_of_correction(check.application)
    if so_far >= limit and not reason.strip():
        raise Refusal(
            f"这份申报已退回补正 {so_far} 次，达到本年度的上限 {limit} 次。再次退回请写明理由。", "correction_limit"
        )
    if due is None:
        raise Refusal("请填写补正截止日期。", "no_due")
    require_future(due)
    return due


def defer(check: FormalCheck, *, actor: User, reason: str, letter: Composed | None = None) -> Application:
    """缓评: the filing waits for a later round, as a new draft on the enterprise's click."""
    return _decide_with_reason(check, Outcome.DEFER, State.DEFERRED, actor, reason, letter)


def refuse(check: FormalCheck, *, actor: User, reason: str, letter: Composed | None = None) -> Application:
    """不予受理. The secretariat may take it back (reopen_refused)."""
    return _decide_with_reason(check, Outcome.REFUSE, State.REFUSED, actor, reason, letter)


def _decide_with_reason(
    check: FormalCheck, outcome: Outcome, state: State, actor: User, reason: str, letter: Composed | None
) -> Application:
    with transaction.atomic(durable=True):
        check = own_open_check(check, actor)
        _require_undecided(check, reason)
        _freeze_check(check, outcome, reason=reason)
        _move_and_record(check, state, actor, reason, letter)
    return check.application


def _require_undecided(check: FormalCheck, reason: str) -> None:
    require_reason(reason)
    if check.application.state != State.SUBMITTED:
        raise Refusal("已列为参评的申报只能维持参评或退回补正。", "bad_state")


def _freeze_check(check: FormalCheck, outcome: Outcome, **fields: object) -> None:
    """Decided once: the loser of two decisions is told so, and nothing of theirs is kept."""
    latest = check.application.submissions.order_by("-version").values_list("pk", flat=True).first()
    if latest != check.submission_id:
        raise StaleState("该申报已有更新的提交版本，请刷新页面后再试。")
    values = {"outcome": outcome.value, "decided_at": clock.now_in_transaction(), "proposal": {}, **fields}
    if not FormalCheck.objects.filter(pk=check.pk, outcome="").update(**values):
        raise StaleState
    claims.drop(check.application_id)
    for name, value in values.items():
        setattr(check, name, value)


def _move_and_record(
    check: FormalCheck, state: State, actor: User, reason: str, letter: Composed | None, **fields: object
) -> None:
    """The state, the letter as it went (its words stay with the check), and the audit row that says both."""
    before = check.application.state
    move(check.application, state, table=states.TRANSITIONS, **fields)
    _record(check, before, state, actor, reason, fields, edited=tell(check, actor, reason, letter))


def tell(check: FormalCheck, actor: User, reason: str, letter: Composed | None = None) -> bool:
    """The letter of a decided check goes, and its words stay with the check. Returns whether staff rewrote it."""
    kind = LETTERS[Outcome(check.outcome)]
    proposed = check_letters.compose(check.application, kind, check=check, reason=reason)
    words = letter or proposed
    sent = check_letters.send(check.application, kind, actor=actor, check=check, reason=reason, text=words)
    _keep_letter(check, sent, edited=words != proposed)
    return words != proposed


def _record(
    check: FormalCheck, before: str, state: State, actor: User, reason: str, fields: Mapping[str, object], *,
    edited: bool = False, batch: str = "",
) -> None:  # fmt: skip
    due = fields.get("correction_due_at")
    audit.record(
        f"application.{state}",
        check.application,
        actor=actor,
        before={"state": before},
        after={"state": check.application.state, "open_fields": fields.get("open_fields", [])},
        reason=reason,
        version=check.submission.version,
        correction_due_at=due.isoformat() if isinstance(due, datetime) else "",
        letter_edited=edited,
        **({"batch": batch} if batch else {}),
    )


def _keep_letter(check: FormalCheck, sent: Composed, *, edited: bool) -> None:
    values = {"letter_subject": sent.subject, "letter_body": sent.body, "letter_edited": edited}
    FormalCheck.objects.filter(pk=check.pk).update(**values)
    for name, value in values.items():
        setattr(check, name, value)
