"""Submitting and withdrawing: the moments that must never be doubtful (design, section 5)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from applications import codes, completeness, freezing, gates, states
from applications.actions import documents, recommending
from applications.models import (
    AnnualReport,
    Application,
    Association,
    Consent,
    Membership,
    MembershipRole,
    ReportVersion,
    Round,
    Submission,
    SubmitAttempt,
)
from applications.states import State
from qcportal import audit, clock, mail, outbox
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import MailKind, User
from qcportal.request_context import current_request
from qcportal.transitions import move

CONFIRMATIONS = {
    "truthful": "所填内容和证实性材料真实，效益已由财务部门核实。",
    "members_informed": "已告知小组成员其信息的用途与保存期限，并征得同意。",
}


class Incomplete(Refusal):
    """Something that must be there is not; ``problems`` says what (completeness.Problem)."""

    def __init__(self, problems: list[completeness.Problem]) -> None:
        super().__init__(f"还有 {len(problems)} 处需要补全，尚未提交。", "incomplete")
        self.problems = problems


def submit(
    application: Application, *, actor: User, confirmations: Mapping[str, str], arrived_at: datetime
) -> Submission:
    """The application as it stands becomes its next submission version, with a file number from the first on.

    One transaction: the row is locked, then the clock is read, then everything is checked. Refused: people
    who are not owner or 质量主管, states and times in which the text may not be changed (gates.edit_refusal;
    the first refused moment is the deadline itself), missing confirmations, incomplete material. Pressing
    again without a change in between returns the same version. Written with it: the report version it
    stands on, consents, audit row, outbox rows for documents, receipt mail and staff notice. Every press,
    also a refused one, leaves a SubmitAttempt.
    """
    try:
        with transaction.atomic(durable=True):
            return _submit_locked(application.pk, actor, confirmations, arrived_at)
    except Refusal as refusal:
        _record_refused_attempt(application, actor, arrived_at, refusal)
        raise


def _submit_locked(pk: int, actor: User, confirmations: Mapping[str, str], arrived_at: datetime) -> Submission:
    application = Application.objects.select_for_update().get(pk=pk)
    now = clock.now_in_transaction()
    _require_manager(application, actor)
    last = application.submissions.order_by("-version").first()
    if application.state == State.SUBMITTED and last is not None and not application.has_unsubmitted_changes:
        _record_attempt(application, actor, arrived_at, now, "repeated", "已提交，未产生新版本。", submission=last)
        return last
    _require_submittable(application, now, confirmations)
    report_version = freeze_report_version(application, actor=actor, now=now)
    file_number = application.file_number or _next_file_number(application.round_id)
    submission = _freeze(application, report_version, file_number, (last.version if last else 0) + 1, actor, now)
    _mark_submitted(application, file_number)
    for kind in confirmations:
        Consent.objects.create(
            kind=kind,
            version=confirmations[kind],
            user=actor,
            enterprise=application.enterprise,
            application=application,
            at=now,
            ip=current_request.get().ip,
        )
    audit.record(
        "application.submitted",
        application,
        actor=actor,
        after={"version": submission.version, "file_number": file_number, "sha256": submission.sha256},
    )
    _record_attempt(
        application, actor, arrived_at, now, "accepted", f"已提交第 {submission.version} 版。", submission=submission
    )
    documents.request(submission)
    recommending.bind_to(submission, actor=actor, now=now)
    _send_receipt(application, submission, actor)
    _notify_staff(application.round, now)
    return submission


def _require_manager(application: Application, actor: User) -> None:
    """Owner and 质量主管 submit; a 填报人 does not (design, section 2)."""
    manages = Membership.objects.filter(
        enterprise=application.enterprise_id,
        user=actor,
        is_active=True,
        role__in=[MembershipRole.OWNER, MembershipRole.MANAGER],
    ).exists()
    if not manages:
        raise NotAllowed("只有单位负责人或质量主管可以提交，请联系他们核对并提交。")


def _require_submittable(application: Application, now: datetime, confirmations: Mapping[str, str]) -> None:
    refusal = gates.edit_refusal(application, now)
    if refusal is not None:
        raise refusal
    unconfirmed = [kind for kind in CONFIRMATIONS if not confirmations.get(kind)]
    if unconfirmed:
        raise Refusal("请先勾选提交前的各项确认。", "unconfirmed")
    blocking = [problem for problem in completeness.problems(application) if problem.blocks]
    if blocking:
        raise Incomplete(blocking)


def _next_file_number(round_id: int) -> str:
    """QC2026-1-0042: the counter row is locked by the UPDATE until commit, so numbers have no gaps and no twins."""
    Round.objects.filter(pk=round_id).update(file_number_counter=F("file_number_counter") + 1)
    row = Round.objects.select_related("programme").get(pk=round_id)
    return file_number_text(row.programme.year, row.number, row.file_number_counter)


def file_number_text(year: int, number: int, serial: int) -> str:
    return f"QC{year}-{number}-{serial:04d}"


def freeze_report_version(application: Application, *, actor: User, now: datetime) -> ReportVersion:
    """The version of attachments 2 and 3 that a submission stands on: the last one when nothing changed since."""
    report = AnnualReport.objects.select_for_update().get(
        enterprise=application.enterprise_id, programme=application.round.programme_id
    )
    public, personal = freezing.freeze_report(report)
    last = report.versions.order_by("-version").first()
    if last is not None and _same_content(last, public, personal):
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


def _same_content(last: ReportVersion, public: dict[str, Any], personal: dict[str, Any]) -> bool:
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
    application: Application, report: ReportVersion, file_number: str, version: int, actor: User, now: datetime
) -> Submission:
    public, personal = freezing.freeze_application(application)
    personal["submitted_by"] = actor.name
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


def _record_refused_attempt(application: Application, actor: User, arrived_at: datetime, refusal: Refusal) -> None:
    """In a transaction of its own: the one that refused was rolled back."""
    missing = [problem.key for problem in refusal.problems] if isinstance(refusal, Incomplete) else []
    with transaction.atomic():
        _record_attempt(
            application, actor, arrived_at, clock.now_in_transaction(), refusal.code, refusal.message, missing=missing
        )


def _send_receipt(application: Application, submission: Submission, actor: User) -> None:
    """To the application's contact and to whoever pressed, once each."""
    for address in dict.fromkeys(filter(None, [application.contact_email.lower(), actor.email.lower()])):
        mail.queue_template(
            kind=MailKind.RECEIPT,
            to=address,
            template="receipt",
            about_row=application,
            context={"application": application, "submission": submission, "round": application.round},
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
        message = mail.queue(
            kind=MailKind.NOTICE,
            to=association.email,
            subject=f"【{round_}】新收到 {count} 份提交",
            body=body,
            key=f"mail:staff.submissions:{round_.pk}:{start:%Y%m%d%H}",
        )
        assert message is not None  # noqa: S101 -- the address is checked above


def withdraw(application: Application, *, actor: User, reason: str) -> None:
    """The enterprise takes a filing back. Its versions stay; documents of the round no longer list it.

    Refused after the deadline (an accepted or reviewed filing is the secretariat's business then), and for
    anyone but owner and 质量主管.
    """
    with transaction.atomic(durable=True):
        application = Application.objects.select_for_update().get(pk=application.pk)
        now = clock.now_in_transaction()
        _require_manager(application, actor)
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
        last = application.latest_submission
        if last is not None:
            documents.request_round_documents(last)
