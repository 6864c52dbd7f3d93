"""形式审查: starting a check, keeping its draft, deciding it once (design, sections 5 and 6; domain.md 4.1)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from applications import check_keys, claims, states
from applications.actions import check_letters
from applications.models import Application, ChecklistItem, Enterprise, Evidence, FormalCheck, Remark
from applications.models.checking import Outcome
from applications.states import State
from qcportal import audit, clock
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import User
from qcportal.roles import Role, has_role
from qcportal.transitions import move

# A filing that already takes part may be looked at again; the only new outcome then is a return.
CHECKABLE = frozenset({State.SUBMITTED, State.ACCEPTED, State.IN_REVIEW})
ANSWERS = frozenset({"yes", "no", ""})


class RemarkText(NamedTuple):
    """A remark as typed: on a key of check_keys.LABELS, maybe on one file."""

    field: str
    text: str
    evidence: UUID | None = None


def require_secretariat(actor: User) -> None:
    if not has_role(actor, Role.SECRETARIAT):
        raise NotAllowed


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
    return [{"item": item.pk, "text": item.text, "answer": ""} for item in items]


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


def save_check(
    check: FormalCheck, *, actor: User, answers: Mapping[int, str], note: str, remarks: Sequence[RemarkText]
) -> FormalCheck:
    """Checklist, note and remarks are kept as a draft for the secretariat alone. No audit row: nothing is decided."""
    with transaction.atomic(durable=True):
        check = _own_open_check(check, actor)
        _write_draft(check, answers, note, remarks)
        claims.touch(check.application_id, actor, clock.now())
    return check


def _own_open_check(check: FormalCheck, actor: User) -> FormalCheck:
    """The check, its application locked. Refused when decided, or in someone else's hands."""
    require_secretariat(actor)
    Application.objects.select_for_update().get(pk=check.application_id)
    check = FormalCheck.objects.select_related("application__enterprise", "application__round", "submission").get(
        pk=check.pk
    )
    if check.outcome:
        raise StaleState("这次审查已经作出决定，请刷新页面后再试。")
    if check.application.state not in CHECKABLE:  # withdrawn meanwhile: the check ends without a decision
        label = check.application.state_label
        raise StaleState(f"申报当前状态为“{label}”，不再需要审查。")
    if check.checker_id != actor.pk:
        raise NotAllowed(f"这份申报由 {check.checker} 审查，请先接手再处理。")
    return check


def _write_draft(check: FormalCheck, answers: Mapping[int, str], note: str, remarks: Sequence[RemarkText]) -> None:
    for line in check.checklist:
        answer = answers.get(line["item"], line["answer"])
        line["answer"] = answer if answer in ANSWERS else ""
    check.note = note
    check.save(update_fields=["checklist", "note"])
    _replace_remarks(check, remarks)


def _replace_remarks(check: FormalCheck, remarks: Sequence[RemarkText]) -> None:
    unknown = [remark.field for remark in remarks if remark.field not in check_keys.LABELS]
    if unknown:
        raise Refusal(f"审查意见指向了不存在的项目：{'、'.join(unknown)}。", "unknown_field")
    wanted = [remark.evidence for remark in remarks if remark.evidence]
    files = {item.uuid: item for item in Evidence.objects.filter(application=check.application_id, uuid__in=wanted)}
    check.remarks.all().delete()
    Remark.objects.bulk_create(
        Remark(
            formal_check=check,
            position=position,
            field=remark.field,
            evidence=files.get(remark.evidence) if remark.evidence else None,
            text=remark.text,
        )
        for position, remark in enumerate(remarks, 1)
    )


def accept(check: FormalCheck, *, actor: User, reason: str = "") -> Application:
    """参评. Refused while the enterprise's licence is not verified, and while checklist items are open or 不符."""
    with transaction.atomic(durable=True):
        check, is_new = accept_untold(check, actor=actor, reason=reason)
        if is_new:
            check_letters.send(check.application, "accepted", actor=actor, check=check, reason=reason)
    return check.application


def accept_untold(check: FormalCheck, *, actor: User, reason: str = "", batch: str = "") -> tuple[FormalCheck, bool]:
    """What ``accept`` does but for its letter, in the caller's transaction; a bulk action tells later, when it can no
    longer be undone. Returns the check and whether the filing was not accepted before."""
    check = _own_open_check(check, actor)
    application = check.application
    if not application.enterprise.is_verified:
        raise Refusal("申报单位的营业执照尚未核验，核验后才能参评。", "not_verified")
    failed = [line["text"] for line in check.checklist if line["answer"] == "no"]
    if failed:
        raise Refusal(f"清单中有 {len(failed)} 项不符，不能参评：{'；'.join(failed)}。", "checklist_failed")
    unanswered = sum(not line["answer"] for line in check.checklist)
    if unanswered:
        raise Refusal(f"清单还有 {unanswered} 项未核对，核对完再参评。", "checklist_open")
    _freeze_check(check, Outcome.ACCEPT, reason=reason)
    is_new = application.state == State.SUBMITTED
    if is_new:
        _move_and_record(check, State.ACCEPTED, actor, reason, batch=batch)
    else:
        audit.record("check.confirmed", application, actor=actor, after={"state": application.state})
    return check, is_new


def return_for_correction(
    check: FormalCheck,
    *,
    actor: User,
    remarks: Sequence[RemarkText],
    open_fields: Iterable[str],
    correction_due_at: datetime,
    reason: str = "",
) -> Application:
    """完善后参评: only the named fields (and those with a remark) become editable, until ``correction_due_at``.

    ``report.*`` keys open the annual report. Refused: no field, neither reason nor remark, a due moment
    that is not in the future, unknown fields.
    """
    with transaction.atomic(durable=True):
        check = _own_open_check(check, actor)
        opened = check_keys.in_order({*open_fields, *(remark.field for remark in remarks)})
        _require_returnable(opened, remarks, reason, correction_due_at)
        _replace_remarks(check, remarks)
        _freeze_check(check, Outcome.RETURN, reason=reason, open_fields=opened, correction_due_at=correction_due_at)
        _move_and_record(check, State.RETURNED, actor, reason, open_fields=opened, correction_due_at=correction_due_at)
        check_letters.send(check.application, "returned", actor=actor, check=check, reason=reason)
    return check.application


def _require_returnable(opened: list[str], remarks: Sequence[RemarkText], reason: str, due: datetime) -> None:
    if not opened:
        raise Refusal("请至少选择一处开放补正的项目。", "nothing_open")
    unknown = [key for key in opened if key not in check_keys.LABELS]
    if unknown:
        raise Refusal(f"没有这样的项目：{'、'.join(unknown)}。", "unknown_field")
    if not reason.strip() and not remarks:
        raise Refusal("请写明理由或至少一条审查意见，让单位知道要改什么。", "no_reason")
    _require_future(due)


def _require_future(due: datetime) -> None:
    if due <= clock.now_in_transaction():
        raise Refusal("补正截止时间应晚于现在。", "due_in_past")


def defer(check: FormalCheck, *, actor: User, reason: str) -> Application:
    """缓评: the filing waits for a later round, as a new draft on the enterprise's click."""
    return _decide_with_reason(check, Outcome.DEFER, State.DEFERRED, "deferred", actor, reason)


def refuse(check: FormalCheck, *, actor: User, reason: str) -> Application:
    """不予受理. The secretariat may take it back (reopen_refused)."""
    return _decide_with_reason(check, Outcome.REFUSE, State.REFUSED, "refused", actor, reason)


def _decide_with_reason(
    check: FormalCheck, outcome: Outcome, state: State, letter: str, actor: User, reason: str
) -> Application:
    with transaction.atomic(durable=True):
        check = _own_open_check(check, actor)
        _require_reason(reason)
        if check.application.state != State.SUBMITTED:
            raise Refusal("已列为参评的申报只能维持参评或退回补正。", "bad_state")
        _freeze_check(check, outcome, reason=reason)
        _move_and_record(check, state, actor, reason)
        check_letters.send(check.application, letter, actor=actor, check=check, reason=reason)
    return check.application


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Refusal("请写明理由，理由会随通知发给申报单位。", "no_reason")


def _freeze_check(check: FormalCheck, outcome: Outcome, **fields: object) -> None:
    """Decided once: the loser of two decisions is told so, and nothing of theirs is kept."""
    latest = check.application.submissions.order_by("-version").values_list("pk", flat=True).first()
    if latest != check.submission_id:
        raise StaleState("该申报已有更新的提交版本，请刷新页面后再试。")
    values = {"outcome": outcome.value, "decided_at": clock.now_in_transaction(), **fields}
    if not FormalCheck.objects.filter(pk=check.pk, outcome="").update(**values):
        raise StaleState
    claims.drop(check.application_id)
    for name, value in values.items():
        setattr(check, name, value)


def _move_and_record(
    check: FormalCheck, state: State, actor: User, reason: str, *, batch: str = "", **fields: object
) -> None:
    application = check.application
    before = application.state
    move(application, state, table=states.TRANSITIONS, **fields)
    due = fields.get("correction_due_at")
    audit.record(
        f"application.{state}",
        application,
        actor=actor,
        before={"state": before},
        after={"state": application.state, "open_fields": fields.get("open_fields", [])},
        reason=reason,
        version=check.submission.version,
        correction_due_at=due.isoformat() if isinstance(due, datetime) else "",
        **({"batch": batch} if batch else {}),
    )


def reopen_refused(application: Application, *, actor: User, reason: str) -> Application:
    """A refused filing stands in the queue again, with its last version. Refused: other states, no reason."""
    with transaction.atomic(durable=True):
        application = _locked(application, actor)
        _require_reason(reason)
        if application.state != State.REFUSED:
            raise Refusal("只有“不予受理”的申报可以恢复受理。", "bad_state")
        _change_state(application, State.SUBMITTED, "application.reopened", actor, reason)
        check_letters.send(application, "reopened", actor=actor, reason=reason)
    return application


def extend_correction(
    application: Application, *, actor: User, correction_due_at: datetime, reason: str
) -> Application:
    """A returned filing, or one whose correction lapsed, may be corrected until the new moment; same fields.

    Refused: a moment that is not later than now and than the present one, drafts that lapsed at the round's
    deadline (those need an extension of the round), other states, no reason.
    """
    with transaction.atomic(durable=True):
        application = _locked(application, actor)
        _require_reason(reason)
        _require_future(correction_due_at)
        lapsed_correction = application.state == State.LAPSED and application.file_number is not None
        if application.state != State.RETURNED and not lapsed_correction:
            raise Refusal("只有退回补正或补正逾期的申报可以延长补正。", "bad_state")
        if application.correction_due_at and correction_due_at <= application.correction_due_at:
            raise Refusal(
                f"新的截止时间应晚于原截止时间 {clock.half_open_label(application.correction_due_at)}。", "not_later"
            )
        if lapsed_correction:
            _change_state(
                application, State.RETURNED, "application.correction_extended", actor, reason,
                correction_due_at=correction_due_at,
            )  # fmt: skip
        else:
            before = application.correction_due_at
            Application.objects.filter(pk=application.pk).update(correction_due_at=correction_due_at)
            application.correction_due_at = correction_due_at
            audit.record(
                "application.correction_extended", application, actor=actor, reason=reason,
                before={"correction_due_at": before.isoformat() if before else ""},
                after={"correction_due_at": correction_due_at.isoformat()},
            )  # fmt: skip
        check_letters.send(application, "extended", actor=actor, reason=reason)
    return application


def disqualify(application: Application, *, actor: User, reason: str) -> Application:
    """取消资格 of a filing that takes part and is not yet scored. Final. Refused: other states, no reason."""
    with transaction.atomic(durable=True):
        application = _locked(application, actor)
        _require_reason(reason)
        if application.state not in {State.ACCEPTED, State.IN_REVIEW}:
            raise Refusal("只有参评或评审中的申报可以取消资格。", "bad_state")
        _change_state(application, State.DISQUALIFIED, "application.disqualified", actor, reason)
        check_letters.send(application, "disqualified", actor=actor, reason=reason)
    return application


def _locked(application: Application, actor: User) -> Application:
    require_secretariat(actor)
    return Application.objects.select_for_update().get(pk=application.pk)


def _change_state(
    application: Application, state: State, verb: str, actor: User, reason: str, **fields: datetime
) -> None:
    before = application.state
    move(application, state, table=states.TRANSITIONS, **fields)
    audit.record(
        verb,
        application,
        actor=actor,
        before={"state": before},
        after={"state": application.state, **{name: value.isoformat() for name, value in fields.items()}},
        reason=reason,
    )


def verify_enterprise(enterprise: Enterprise, *, actor: User) -> Enterprise:
    """The secretariat saw the licence: name and credit code agree with it. Refused when verified already."""
    require_secretariat(actor)
    with transaction.atomic(durable=True):
        now = clock.now_in_transaction()
        changed = Enterprise.objects.filter(pk=enterprise.pk, verified_at=None).update(
            verified_at=now, verified_by=actor
        )
        if not changed:
            raise Refusal("该单位已经核验过。", "already_verified")
        enterprise.verified_at, enterprise.verified_by = now, actor
        audit.record("enterprise.verified", enterprise, actor=actor, after={"credit_code": enterprise.credit_code})
    return enterprise
