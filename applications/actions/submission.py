"""Submitting and withdrawing: the moments that must never be doubtful (design, section 5)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from applications import codes, completeness, confirmations, explaining, freezing, gates, states, warning_summaries
from applications.actions import autosaved, documents, entered, receipts, recommending
from applications.actions.rights import require_manager
from applications.models import (
    AnnualReport,
    Application,
    Association,
    Consent,
    ReportVersion,
    Round,
    Submission,
    SubmitAttempt,
)
from applications.states import State
from qcportal import audit, clock, mail, outbox
from qcportal.errors import Refusal, StaleState
from qcportal.models import MailKind, User
from qcportal.request_context import current_request
from qcportal.transitions import move

# What must be agreed to before every submission; the texts in force are data (applications.confirmations).
CONFIRMATIONS = {kind: text.label for kind, text in confirmations.FIRST.items()}


class Incomplete(Refusal):
    """Something that must be there is not; ``problems`` says what (completeness.Problem)."""

    def __init__(self, problems: list[completeness.Problem]) -> None:
        super().__init__(f"还有 {len(problems)} 处需要补全，尚未提交。", "incomplete")
        self.problems = problems


class Unexplained(Refusal):
    """Warnings are open: ``problems`` says which."""

    def __init__(self, problems: list[completeness.Problem]) -> None:
        super().__init__(f"还有 {len(problems)} 条提醒需要核实并写明原因，尚未提交。", "unexplained")
        self.problems = problems


def submit(
    application: Application, *, actor: User, confirmations: Mapping[str, str], arrived_at: datetime
) -> Submission:
    """The application as it stands becomes its next submission version, with a file number from the first on.

    One transaction: the row is locked, then the clock is read, then everything is checked. Refused: people
    who are not owner or 质量主管, states and times in which the text may not be changed (gates.edit_refusal;
    the first refused moment is the deadline itself), confirmations missing or given to an older text, incomplete
    material, warnings that nobody confirmed with a reason on the present facts. Pressing
    again without a change in between returns the same version. Written with it: the report version it
    stands on, consents, audit row, outbox rows for documents, receipt mail and staff notice. Every press,
    also a refused one, leaves a SubmitAttempt.
    """
    try:
        with transaction.atomic(durable=True):
            return _submit_locked(application.pk, actor, confirmations, arrived_at)
    except Refusal as refusal:
        record_refused_attempt(application, actor, arrived_at, refusal)
        raise


def _submit_locked(pk: int, actor: User, agreed: Mapping[str, str], arrived_at: datetime) -> Submission:
    Application.objects.select_for_update().only("pk").get(pk=pk)
    now = clock.now_in_transaction()
    application = _whole(pk)
    require_manager(application, actor)
    last = application.submissions.order_by("-version").first()
    if application.state == State.SUBMITTED and last is not None and not application.has_unsubmitted_changes:
        _record_attempt(application, actor, arrived_at, now, "repeated", "已提交，未产生新版本。", submission=last)
        return last
    answers = _require_submittable(application, actor, now, agreed)
    autosaved.record_all(application)
    report_version = freeze_report_version(application, actor=actor, now=now)
    file_number = application.file_number or _next_file_number(application.round_id)
    version = (last.version if last else 0) + 1
    submission = _freeze(application, report_version, answers, file_number, version, actor, now)
    _mark_submitted(application, file_number)
    _record_consents(application, agreed, actor, now)
    audit.record(
        "application.submitted",
        application,
        actor=actor,
        after={"version": submission.version, "file_number": file_number, "sha256": submission.sha256},
    )
    _record_attempt(
        application, actor, arrived_at, now, "accepted", f"已提交第 {submission.version} 版。", submission=submission
    )
    warning_summaries.on_submission(application, answers)
    documents.request(submission)
    recommending.bind_to(submission, actor=actor, now=now)
    receipts.send(application, submission, actor)
    _notify_staff(application.round, now)
    return submission


def _whole(pk: int) -> Application:
    """Everything that is checked and frozen, read once. A statement of its own after the lock was granted: what is
    joined to a locked row would be as old as the wait for the lock."""
    rows = Application.objects.select_related("enterprise", "round__programme", "recommending_unit")
    relations = ("members", "completing_units", "special_awards", "evidence__file", "round__extensions")
    return rows.prefetch_related(*relations).get(pk=pk)


def _require_submittable(
    application: Application, actor: User, now: datetime, agreed: Mapping[str, str]
) -> list[explaining.Asked]:
    """Returns the warnings with their answers, which the version freezes."""
    refusal = gates.edit_refusal(application, now)
    if refusal is not None:
        raise refusal
    waiting = entered.refusal_for(application)
    if waiting is not None:
        raise waiting
    _require_agreement(actor, now, agreed)
    problems = completeness.problems(application)
    blocking = [problem for problem in problems if problem.blocks]
    if blocking:
        raise Incomplete(blocking)
    answers = explaining.asked(application, problems)
    unanswered = [one.problem for one in answers if not one.confirmed]
    if unanswered:
        raise Unexplained(unanswered)
    return answers


def _require_agreement(actor: User, now: datetime, agreed: Mapping[str, str]) -> None:
    """Every statement, in the version that holds now; the privacy rules when they changed since the actor agreed."""
    required = {one.kind: one.version for one in confirmations.statements(now)}
    privacy = confirmations.must_agree_to_privacy(actor)
    if privacy:
        required[confirmations.PRIVACY] = privacy
    if any(not agreed.get(kind) for kind in required):
        raise Refusal("请先勾选提交前的各项确认。", "unconfirmed")
    if any(agreed[kind] != version for kind, version in required.items()):
        raise Refusal("确认事项的文本刚刚更新，请重新阅读并勾选。", "text_changed")


def _record_consents(application: Application, agreed: Mapping[str, str], actor: User, now: datetime) -> None:
    Consent.objects.bulk_create(
        Consent(
            kind=kind,
            version=version,
            user=actor,
            enterprise=application.enterprise,
            application=application,
            at=now,
            ip=current_request.get().ip,
        )
        for kind, version in agreed.items()
    )


def _next_file_number(round_id: int) -> str:
    """QC2026-1-0042: the counter row is locked by the UPDATE until commit, so numbers have no gaps and no twins."""
    Round.objects.filter(pk=round_id).update(file_number_counter=F("file_number_counter") + 1)
    row = Round.objects.values_list("programme__year", "number", "file_number_counter").get(pk=round_id)
    return file_number_text(*row)


def file_number_text(year: int, number: int, serial: int) -> str:
    return f"QC{year}-{number}-{serial:04d}"


def freeze_report_version(application: Application, *, actor: User, now: datetime) -> ReportVersion:
    """The version of attachments 2 and 3 that a submission stands on: the last one when nothing changed since."""
    report = AnnualReport.objects.select_for_update().get(
        enterprise=application.enterprise_id, programme=application.round.programme_id
    )
    report.enterprise, report.programme = application.enterprise, application.round.programme
    autosaved.record_all(report)
    public, personal = freezing.freeze_report(report)
    last = report.versions.order_by("-version").first()
    if last is not None and same_content(last, public, personal):
        return last
    salt = codes.new_salt()
    version = (last.version if last else 0) + 1
    data = report_envelope(public, personal, salt, version, now)
    return ReportVersion.objects.create(
        report=report,
        version=version,
        data=data,
        personal=personal,
        salt=salt,
        sha256=codes.digest(data),
        code=codes.new_code(),
        frozen_at=now,
        frozen_by=actor,
    )


def report_envelope(
    public: dict[str, Any], personal: dict[str, Any], salt: str, version: int, frozen_at: datetime
) -> dict[str, Any]:
    """What the sha256 of a report version covers."""
    return {
        **public,
        "version": version,
        "frozen_at": frozen_at.isoformat(timespec="seconds"),
        "personal_digest": codes.personal_digest(personal, salt),
    }


def same_content(last: ReportVersion, public: dict[str, Any], personal: dict[str, Any]) -> bool:
    """Whether freezing now would say just what ``last`` says."""
    before = {key: last.data.get(key) for key in public}
    return codes.canonical(before) == codes.canonical(public) and last.personal == personal


def submission_envelope(
    public: dict[str, Any],
    personal: dict[str, Any],
    *,
    salt: str,
    file_number: str,
    version: int,
    submitted_at: datetime,
    report: ReportVersion,
) -> dict[str, Any]:
    """What the sha256 of a submission covers: the public part, its place, its report, the personal digest."""
    return {
        **public,
        "file_number": file_number,
        "version": version,
        "submitted_at": submitted_at.isoformat(timespec="seconds"),
        "report": {"version": report.version, "sha256": report.sha256, "code": report.code},
        "personal_digest": codes.personal_digest(personal, salt),
    }


def _freeze(
    application: Application,
    report: ReportVersion,
    answers: list[explaining.Asked],
    file_number: str,
    version: int,
    actor: User,
    now: datetime,
) -> Submission:
    public, personal = freezing.freeze_application(application)
    explaining.with_answers(public, personal, answers)
    personal["submitted_by"] = actor.name
    mark = entered.frozen_mark(application)
    if mark is not None:  # an optional key: only where the secretariat entered it
        public["entered_by_staff"], personal["entered_by_staff"] = mark
    salt = codes.new_salt()
    data = submission_envelope(
        public, personal, salt=salt, file_number=file_number, version=version, submitted_at=now, report=report
    )
    return Submission.objects.create(
        application=application,
        version=version,
        file_number=file_number,
        report_version=report,
        recommending_unit_id=application.recommending_unit_id,
        data=data,
        personal=personal,
        salt=salt,
        sha256=codes.digest(data),
        code=codes.new_code(),
        submitted_at=now,
        submitted_by=actor,
    )


def _mark_submitted(application: Application, file_number: str) -> None:
    fields = {
        "file_number": file_number,
        "has_unsubmitted_changes": False,
        "open_fields": [],
        "correction_due_at": None,
    }
    if application.state == State.SUBMITTED:
        if not Application.objects.filter(pk=application.pk, state=State.SUBMITTED).update(**fields):
            raise StaleState
        for name, value in fields.items():
            setattr(application, name, value)
    else:
        move(application, State.SUBMITTED, table=states.TRANSITIONS, **fields)


def _record_attempt(
    application: Application,
    actor: User,
    arrived_at: datetime,
    decided_at: datetime,
    outcome: str,
    message: str,
    *,
    missing: list[str] | None = None,
    submission: Submission | None = None,
) -> None:
    SubmitAttempt.objects.create(
        application=application,
        user=actor,
        arrived_at=arrived_at,
        decided_at=decided_at,
        outcome=outcome,
        message=message,
        missing=missing or [],
        submission=submission,
    )


def record_refused_attempt(application: Application, actor: User, arrived_at: datetime, refusal: Refusal) -> None:
    """In a transaction of its own: the one that refused was rolled back."""
    named = isinstance(refusal, (Incomplete, Unexplained))
    missing = [problem.key for problem in refusal.problems] if named else []  # type: ignore[attr-defined]
    with transaction.atomic():
        _record_attempt(
            application, actor, arrived_at, clock.now_in_transaction(), refusal.code, refusal.message, missing=missing
        )


def _notify_staff(round_: Round, now: datetime) -> None:
    """One mail an hour at most, sent when the hour is over: the last day brings hundreds of submissions."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    outbox.add(
        "staff.submissions",
        f"staff.submissions:{round_.pk}:{hour:%Y%m%d%H}",
        {"round": round_.pk, "from": hour.isoformat()},
        not_before=hour + timedelta(hours=1),
    )


def notify_staff_of_submissions(payload: dict[str, Any]) -> None:
    """Outbox handler ``staff.submissions``: how many submissions came in that hour, to the association's address."""
    start = datetime.fromisoformat(payload["from"])
    round_ = Round.objects.select_related("programme").get(pk=payload["round"])
    arrived = Submission.objects.filter(
        application__round=round_, submitted_at__gte=start, submitted_at__lt=start + timedelta(hours=1)
    )
    association = Association.objects.first()
    count = arrived.count()
    if association is None or not count:
        return
    with transaction.atomic():
        body = f"{round_} 在该小时内收到 {count} 份提交，请登录管理后台查看待审查队列。\n"
        mail.queue(
            kind=MailKind.NOTICE,
            to=association.email,
            subject=f"【{round_}】新收到 {count} 份提交",
            body=body,
            key=f"mail:staff.submissions:{round_.pk}:{start:%Y%m%d%H}",
            letter="submissions_arrived",
        )


def withdraw(application: Application, *, actor: User, reason: str) -> None:
    """The enterprise takes a filing back. Its versions stay; documents of the round no longer list it.

    Refused after the deadline (an accepted or reviewed filing is the secretariat's business then), and for
    anyone but owner and 质量主管.
    """
    with transaction.atomic(durable=True):
        application = Application.objects.select_for_update().get(pk=application.pk)
        now = clock.now_in_transaction()
        require_manager(application, actor)
        if application.state not in {State.DRAFT, State.SUBMITTED, State.RETURNED}:
            raise Refusal(f"当前状态为“{application.public_state_label}”，请联系秘书处办理撤回。", "bad_state")
        deadline = application.deadline()
        if now >= deadline:
            raise Refusal(
                f"已过截止时间（{clock.half_open_label(deadline)}），请联系秘书处办理撤回。", "after_deadline"
            )
        before = application.state
        move(application, State.WITHDRAWN, table=states.TRANSITIONS, open_fields=[], correction_due_at=None)
        audit.record(
            "application.withdrawn",
            application,
            actor=actor,
            before={"state": before},
            after={"state": application.state},
            reason=reason,
        )
        warning_summaries.on_change(application)
        last = application.latest_submission
        if last is not None:
            documents.request_round_documents(last)
