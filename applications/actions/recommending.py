"""推荐意见: a unit is asked, gives its opinion as a signed record, takes it back while nothing stands on it."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from applications import codes, freezing, gates
from applications.actions.enterprises import require_manager
from applications.models import (
    Application,
    Decision,
    Membership,
    Recommendation,
    RecommendationRequest,
    RecommendingUnit,
    Submission,
    UnitMember,
)
from applications.recommendations import OPEN_STATES, OPINION_LENGTH, has_account
from applications.states import State
from qcportal import audit, clock, mail, outbox
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import MailKind, User
from qcportal.request_context import current_request

MANAGERS_ONLY = "请推荐单位出具意见由单位负责人或质量主管办理。"
REMIND_AFTER = timedelta(days=3)
QUEUE = "documents"


# --- The enterprise asks -------------------------------------------------------------------------


def request_opinion(application: Application, *, actor: User) -> RecommendationRequest:
    """The chosen unit is asked and told by mail; about the working copy, which it may read from now on, where that
    can still be submitted, otherwise about the latest version.

    Refused: people who do not manage the filing; no unit, or one without account (paper then); a filing that is
    being judged or over; a question that waits for its answer already.
    """
    with transaction.atomic(durable=True):
        row = _locked(application.pk)
        now = clock.now_in_transaction()
        require_manager(row.enterprise_id, actor, MANAGERS_ONLY)
        unit = row.recommending_unit
        if unit is None:
            raise Refusal("请先选择推荐单位并保存。", "no_unit")
        if not has_account(unit):
            raise Refusal("该推荐单位未开通账户，请打印后由其盖章。", "no_account")
        _require_open(row)
        submission = _target_of_request(row, now)
        open_ones = row.recommendation_requests.open().filter(submission=submission)
        if open_ones.filter(answered_at=None).exists():
            raise Refusal(f"已请“{unit}”出具意见，请等待答复。", "already_asked")
        open_ones.update(closed_at=now)
        asked = _ask(row, unit, submission, actor, now)
        version = submission.version if submission else 0
        audit.record("recommendation.requested", row, actor=actor, unit=unit.name, version=version)
    return asked


def _target_of_request(row: Application, now: datetime) -> Submission | None:
    """None: the working copy. What was submitted and is not being changed is asked about as it was submitted."""
    latest = _latest(row)
    editing = row.state in {State.DRAFT, State.RETURNED} or row.has_unsubmitted_changes
    if latest is not None and not editing:
        return latest
    refusal = gates.edit_refusal(row, now)
    if refusal is None:
        return None
    if latest is None:
        raise refusal
    return latest


def _ask(
    row: Application, unit: RecommendingUnit, submission: Submission | None, actor: User, now: datetime
) -> RecommendationRequest:
    asked = RecommendationRequest.objects.create(
        application=row, unit=unit, submission=submission, requested_by=actor, requested_at=now
    )
    _tell_unit(asked, "recommend_requested")
    return asked


def _tell_unit(asked: RecommendationRequest, template: str) -> None:
    """Everybody who works for the unit: any one of them may answer."""
    application = asked.application
    deadline = application.deadline() if asked.submission is None else None
    for member in UnitMember.objects.active().filter(unit=asked.unit).select_related("user"):
        mail.queue_template(
            kind=MailKind.NOTICE,
            to=member.user.email,
            template=template,
            context={"asked": asked, "application": application, "member": member, "deadline": deadline},
        )


def cancel_request(application: Application, *, actor: User) -> None:
    """The unit may not read the working copy any more. An opinion that it gave stays and is frozen as given."""
    with transaction.atomic(durable=True):
        row = _locked(application.pk)
        require_manager(row.enterprise_id, actor, MANAGERS_ONLY)
        open_ones = row.recommendation_requests.open().of_draft()
        if not open_ones.update(closed_at=clock.now_in_transaction()):
            raise StaleState("请求已结束。")
        audit.record("recommendation.request_cancelled", row, actor=actor)


# --- A submission takes its opinion with it ------------------------------------------------------


def bind_to(submission: Submission, *, actor: User, now: datetime) -> None:
    """Called inside the submitting transaction: an opinion in the frozen data is bound to this version, the unit
    no longer reads the working copy, and is asked about the version where its opinion is missing or was about
    other content. Never a reason to refuse a submission.
    """
    row = submission.application
    frozen = submission.data.get("recommendation")
    row.recommendation_requests.filter(closed_at=None).update(closed_at=now)
    if frozen:
        Recommendation.objects.pending().filter(code=frozen["code"]).update(
            frozen_in=submission, frozen_unchanged=frozen["unchanged"]
        )
    unit = row.recommending_unit
    if unit is not None and has_account(unit) and not (frozen and frozen["unchanged"]):
        _ask(row, unit, submission, actor, now)


# --- The unit answers ----------------------------------------------------------------------------


def seen_content(application: Application, submission: Submission | None) -> str:
    """What the signer had before the eyes; the form carries it, so that nobody signs something else."""
    return f"v{submission.version}" if submission else freezing.fingerprint(application)


def give_opinion(
    application: Application,
    *,
    actor: User,
    decision: str,
    text: str,
    signer_name: str,
    signer_title: str,
    seen: str,
) -> Recommendation:
    """A signed record about exactly what was ``seen``; an earlier one about the same content is replaced and kept.

    Refused: people who do not work for the chosen unit; a filing being judged or over; content that changed
    meanwhile. Written with it: the audit row, mail to the enterprise, and for one about a version the order for
    its page. The submission, its packet and its codes stay as they are.
    """
    with transaction.atomic(durable=True):
        row = _locked(application.pk)
        now = clock.now_in_transaction()
        asked, submission, unit = _target_of_opinion(row, actor)
        _require_open(row)
        if seen != seen_content(row, submission):
            raise StaleState("申报内容刚刚有变化，请核对现在的内容后再签署。")
        if decision not in Decision.values:
            raise Refusal("请选择同意推荐或不推荐。", "decision")
        if not text.strip() or len(text) > OPINION_LENGTH:
            raise Refusal(f"请填写意见，不超过 {OPINION_LENGTH} 字。", "text")
        signer = {"signer_name": signer_name.strip(), "signer_title": signer_title.strip()}
        opinion = record(
            row, unit, submission, decision=decision, text=text.strip(), signer=signer, actor=actor, now=now,
            salt=codes.new_salt(), code=codes.new_code(), ip=current_request.get().ip,
        )  # fmt: skip
        if asked is not None:
            RecommendationRequest.objects.filter(pk=asked.pk).update(answered_at=now)
        audit.record(
            "recommendation.given", row, actor=actor, after={"decision": decision, "sha256": opinion.sha256},
            unit=unit.name, version=submission.version if submission else 0,
        )  # fmt: skip
        if submission is not None:
            request_page(opinion)
        _tell_enterprise(opinion, asked)
    return opinion


def request_page(opinion: Recommendation) -> None:
    outbox.add("opinion.build", f"opinion:{opinion.pk}", {"recommendation": opinion.pk}, queue=QUEUE, priority=4)


def _target_of_opinion(
    row: Application, actor: User
) -> tuple[RecommendationRequest | None, Submission | None, RecommendingUnit]:
    """The shared working copy, else the latest version that names a unit of the actor."""
    units = UnitMember.objects.units_of(actor)
    open_ones = row.recommendation_requests.open().filter(unit__in=units).select_related("unit")
    about_draft = open_ones.of_draft().first()
    if about_draft is not None:
        return about_draft, None, about_draft.unit
    latest = _latest(row)
    unit = latest.recommending_unit if latest else None
    if latest is None or unit is None or not units.filter(unit=unit).exists():
        raise NotAllowed("只有所选的推荐单位可以出具意见。")
    asked = row.recommendation_requests.filter(submission=latest, closed_at=None, answered_at=None).first()
    return asked, latest, unit


def record(
    row: Application,
    unit: RecommendingUnit,
    submission: Submission | None,
    *,
    decision: str,
    text: str,
    signer: dict[str, str],
    actor: User,
    now: datetime,
    salt: str,
    code: str,
    ip: str | None = None,
    **more: Any,
) -> Recommendation:
    """The row with its frozen JSON. ``more`` sets fields that follow from what else is made (demo data)."""
    earlier = Recommendation.objects.standing().filter(application=row, unit=unit)
    earlier = earlier.about(submission) if submission else earlier.filter(submission=None, frozen_in=None)
    content = freezing.fingerprint(row) if submission is None else submission.sha256
    data = envelope(row, unit, submission, decision=decision, text=text, content=content, now=now)
    data["personal_digest"] = codes.personal_digest(signer, salt)
    return Recommendation.objects.create(
        application=row,
        unit=unit,
        submission=submission,
        fingerprint=content,
        decision=decision,
        text=text,
        given_at=now,
        given_by=actor,
        ip=ip,
        data=data,
        personal=signer,
        salt=salt,
        sha256=codes.digest(data),
        code=code,
        supersedes=earlier.first(),
        **more,
    )


def envelope(
    row: Application,
    unit: RecommendingUnit,
    submission: Submission | None,
    *,
    decision: str,
    text: str,
    content: str,
    now: datetime,
) -> dict[str, Any]:
    """What the sha256 of an opinion covers besides the signer's salted digest."""
    return {
        "schema": 1,
        "unit": unit.name,
        "enterprise": {"credit_code": row.enterprise.credit_code, "name": row.enterprise.name},
        "group": submission.data["group"]["group_name"] if submission else row.group_name,
        "topic": submission.data["topic"]["topic_name"] if submission else row.topic_name,
        "file_number": row.file_number if submission else "",
        "version": submission.version if submission else 0,
        "content_sha256": content,
        "programme": {"year": row.round.programme.year, "is_demo": row.round.programme.is_demo},
        "round": row.round.label,
        "decision": decision,
        "decision_label": str(Decision(decision).label),
        "text": text,
        "given_at": now.isoformat(timespec="seconds"),
    }


def withdraw_opinion(opinion: Recommendation, *, actor: User) -> None:
    """An opinion about a working copy is taken back; it stays readable as withdrawn.

    Refused: people of other units; once a submission froze it, or when it was given about a version: then a new
    opinion takes its place, because somebody may have relied on the old one.
    """
    with transaction.atomic(durable=True):
        row = _locked(opinion.application_id)
        now = clock.now_in_transaction()
        if not UnitMember.objects.filter(unit=opinion.unit_id, user=actor, is_active=True).exists():
            raise NotAllowed
        if not Recommendation.objects.pending().filter(pk=opinion.pk).exists():
            raise Refusal("该意见已随提交冻结，不能撤回；需要更改时请另行出具，新意见取代旧意见。", "bound")
        Recommendation.objects.filter(pk=opinion.pk).update(withdrawn_at=now, withdrawn_by=actor)
        row.recommendation_requests.open().of_draft().filter(unit=opinion.unit_id).update(answered_at=None)
        audit.record("recommendation.withdrawn", row, actor=actor, before={"sha256": opinion.sha256})


def _tell_enterprise(opinion: Recommendation, asked: RecommendationRequest | None) -> None:
    """Who asked, and otherwise the managers."""
    row = opinion.application
    managing = Membership.objects.managing().filter(enterprise=row.enterprise_id).select_related("user")
    people = [one.user for one in managing]
    told = [person for person in people if asked is not None and person.pk == asked.requested_by_id] or people
    for person in told:
        mail.queue_template(
            kind=MailKind.NOTICE, to=person.email, template="recommend_given",
            context={"opinion": opinion, "application": row, "person": person},
        )  # fmt: skip


# --- Reminding -----------------------------------------------------------------------------------


def remind(now: datetime) -> int:
    """Each question that waited three days is repeated once. Run by the clockwork; returns how many."""
    waiting = (
        RecommendationRequest.objects.open()
        .filter(answered_at=None, reminded_at=None, requested_at__lte=now - REMIND_AFTER)
        .filter(application__state__in=OPEN_STATES)
        .select_related("application__round__programme", "application__enterprise", "unit", "submission")
    )
    done = 0
    for asked in waiting.order_by("pk")[:200]:
        with transaction.atomic():
            # The conditional UPDATE lets one of several clockworks through.
            if RecommendationRequest.objects.filter(pk=asked.pk, reminded_at=None).update(reminded_at=now):
                _tell_unit(asked, "recommend_reminder")
                done += 1
    return done


def _locked(pk: int) -> Application:
    rows = Application.objects.select_for_update(of=("self",))
    return rows.select_related("round__programme", "enterprise", "recommending_unit").get(pk=pk)


def _latest(row: Application) -> Submission | None:
    return row.submissions.select_related("recommending_unit").order_by("-version").first()


def _require_open(row: Application) -> None:
    if row.state not in OPEN_STATES:
        raise Refusal(f"当前状态为“{row.public_state_label}”，不再出具推荐意见。", "bad_state")
