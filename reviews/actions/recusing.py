"""回避: found automatically or declared. It always wins over an assignment."""

from datetime import datetime

from django.db import transaction

from applications.models import Application, Submission
from qcportal import audit, clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import User
from reviews import conflicts
from reviews.actions.guards import require_secretariat
from reviews.models import Assignment, Judge, Recusal, RecusalKind
from reviews.states import SheetState


class Recused(Refusal):
    """The judge must not score this filing."""

    def __init__(self, recusal: Recusal) -> None:
        kind = recusal.get_kind_display()  # type: ignore[attr-defined]
        super().__init__(f"{recusal.judge.user}应回避该申报（{kind}），不能评分。", "recused")
        self.recusal = recusal


def find_recusal(judge: Judge, application: Application, *, actor: User | None) -> Recusal | None:
    """The recusal of ``judge`` for ``application``: a recorded one, or a new one when a conflict is found.

    Called inside the transaction of an action; a new row is audited.
    """
    recorded = Recusal.objects.filter(judge=judge, application=application).first()
    if recorded is not None:
        return recorded
    kind = conflicts.found(judge, application)
    if kind is None:
        return None
    return _create(judge, application, kind, "", actor, clock.now())


def _create(
    judge: Judge, application: Application, kind: RecusalKind, reason: str, actor: User | None, now: datetime
) -> Recusal:
    recusal, created = Recusal.objects.get_or_create(
        judge=judge,
        application=application,
        defaults={"kind": kind, "reason": reason, "created_at": now, "created_by": actor},
    )
    if created:
        # The reason may name relatives: it stays out of the trail.
        audit.record("recusal.recorded", application, actor=actor, after={"judge": judge.pk, "kind": kind.value})
    return recusal


def declare_recusal(judge: Judge, application: Application, *, actor: User, reason: str) -> Recusal:
    """A judge steps back from an assigned filing; from then on it opens nothing and counts nothing.

    Refused: other people than the judge, filings not assigned, a missing reason, and after the judge's
    sheet was submitted (then the secretariat records it).
    """
    with transaction.atomic(durable=True):
        mine = Assignment.objects.select_for_update().filter(judge=judge, application=application, withdrawn_at=None)
        assignments = list(mine)
        if actor.pk != judge.user_id or not assignments:
            raise NotAllowed("只能对分派给本人的申报申请回避。")
        if not reason.strip():
            raise Refusal("请说明回避理由。", "reason_missing")
        if any(assignment.sheets.filter(state=SheetState.SUBMITTED).exists() for assignment in assignments):
            raise Refusal("您已提交该份评分表，如需回避请联系秘书处。", "already_submitted")
        return _create(judge, application, RecusalKind.DECLARED, reason.strip(), actor, clock.now())


def record_recusal(judge: Judge, application: Application, *, actor: User, reason: str) -> Recusal:
    """The secretariat records a recusal at any time; a sheet that was submitted no longer counts."""
    with transaction.atomic():
        require_secretariat(actor)
        if not reason.strip():
            raise Refusal("请说明回避理由。", "reason_missing")
        recusal = _create(judge, application, RecusalKind.DECLARED, reason.strip(), actor, clock.now())
        if recusal.confirmed_at is None:  # recorded by those who would confirm it
            recusal.confirmed_at, recusal.confirmed_by = clock.now(), actor
            recusal.save(update_fields=["confirmed_at", "confirmed_by"])
        return recusal


def confirm_recusal(recusal: Recusal, *, actor: User) -> None:
    """The secretariat has looked into what the judge declared; it held from the first moment.

    Refused: other people, recusals that are automatic or confirmed.
    """
    with transaction.atomic(durable=True):
        require_secretariat(actor)
        rows = Recusal.objects.filter(pk=recusal.pk, kind=RecusalKind.DECLARED, confirmed_at=None)
        if not rows.update(confirmed_at=clock.now(), confirmed_by=actor):
            raise Refusal("自动回避不需要核实；已核实的不再重复。", "confirmed")
        audit.record("recusal.confirmed", recusal.application, actor=actor, after={"judge": recusal.judge_id})


def lift_recusal(recusal: Recusal, *, actor: User, reason: str) -> None:
    """A declared recusal recorded by mistake is taken back. Automatic ones follow the facts and stay."""
    with transaction.atomic(durable=True):
        require_secretariat(actor)
        if recusal.kind != RecusalKind.DECLARED:
            raise Refusal("因单位关系自动产生的回避不能撤销，请先核对评委的工作单位。", "automatic")
        if not reason.strip():
            raise Refusal("请说明撤销理由。", "reason_missing")
        audit.record(
            "recusal.lifted", recusal.application, actor=actor, before={"judge": recusal.judge_id, "kind": recusal.kind}
        )
        recusal.delete()


def refresh_recusals(judge: Judge, *, actor: User | None) -> list[Recusal]:
    """After a judge's employer changed: conflicts with filings already assigned become recusals."""
    with transaction.atomic():
        assigned = Application.objects.filter(assignments__judge=judge, assignments__withdrawn_at=None).distinct()
        before = set(Recusal.objects.filter(judge=judge).values_list("application_id", flat=True))
        found = [
            find_recusal(judge, application, actor=actor)
            for application in assigned.select_related("enterprise").prefetch_related("submissions", "completing_units")
            if application.pk not in before
        ]
        return [recusal for recusal in found if recusal is not None]


def frozen_submission(application: Application) -> Submission:
    """What is judged. Refused when nothing was submitted."""
    submission = application.latest_submission
    if submission is None:
        raise Refusal("该申报尚未提交，不能评审。", "not_submitted")
    return submission
