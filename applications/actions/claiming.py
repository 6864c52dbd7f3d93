"""领取 and 放回 of the queue: two people never check the same filing (design, section 5)."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from applications import claims, queueing
from applications.actions import checking
from applications.actions.rights import require_secretariat
from applications.models import Application, Claim, FormalCheck
from applications.states import State
from qcportal import audit, clock
from qcportal.errors import Refusal
from qcportal.models import User

# Tried at once by claim_next before it looks again: more than people who press at the same moment.
AT_A_TIME = 20


def claim(application: Application, *, actor: User) -> Claim:
    """``actor`` is about to check the filing. Refused: states with nothing to check, another's claim or open check."""
    require_secretariat(actor)
    with transaction.atomic(durable=True):
        return _take(Application.objects.get(pk=application.pk), actor, clock.now_in_transaction())


def _take(application: Application, actor: User, now: datetime) -> Claim:
    if application.state not in checking.CHECKABLE:
        raise Refusal(f"当前状态为“{application.state_label}”，不需要审查。", "bad_state")
    running = _running(application)
    if running is not None and running.checker_id != actor.pk:
        raise Refusal(f"{running.checker} 正在审查这份申报。", "check_open")
    return claims.take(application, actor, now)


def _running(application: Application) -> FormalCheck | None:
    return application.checks.filter(outcome="").select_related("checker").first()


def claim_next(rows: QuerySet[Application], *, actor: User) -> Application | None:
    """The first of ``rows`` that waits and nobody has is ``actor``'s now; None when there is none left.

    What came back from a correction first, then by time of submission. Two people pressing at once get two
    filings: the row is locked, past what others have locked, and the claim's unique row decides.
    """
    require_secretariat(actor)
    tried: set[int] = set()
    while True:
        free = queueing.in_order(queueing.free(rows, clock.now())).exclude(pk__in=tried)
        found = list(free.values_list("pk", flat=True)[:AT_A_TIME])
        if not found:
            return None
        for pk in found:
            application = _try_to_take(pk, actor)
            if application is not None:
                return application
        tried.update(found)


def _try_to_take(pk: int, actor: User) -> Application | None:
    try:
        with transaction.atomic(durable=True):
            locked = Application.objects.select_for_update(skip_locked=True).filter(pk=pk, state=State.SUBMITTED)
            application = locked.first()
            if application is None or Claim.objects.standing(clock.now()).filter(application=pk).exists():
                return None
            _take(application, actor, clock.now_in_transaction())
            return application
    except Refusal:  # somebody was faster between the list and the lock
        return None


def renew(application: Application, *, actor: User) -> Claim:
    """The claim is kept for another while. Refused: another's, or none."""
    require_secretariat(actor)
    with transaction.atomic(durable=True):
        held = _of(application, actor)
        now = clock.now_in_transaction()
        claims.touch(application.pk, actor, now)
        audit.record("claim.renewed", application, actor=actor)
        held.refresh_from_db()
    return held


def release(application: Application, *, actor: User) -> None:
    """The filing waits for anybody again. Refused: none of one's own, and while one's check is under way."""
    require_secretariat(actor)
    with transaction.atomic(durable=True):
        application = Application.objects.select_for_update().get(pk=application.pk)
        held = _of(application, actor)
        if _running(application) is not None:
            raise Refusal("审查已经开始，请作出决定；不能继续时请同事在审查页接手。", "check_open")
        held.delete()
        audit.record("claim.released", application, actor=actor, before={"holder": str(actor)})


def _of(application: Application, actor: User) -> Claim:
    held = Claim.objects.select_related("holder").filter(application=application.pk).first()
    if held is None:
        raise Refusal("这份申报现在没有人领取。", "not_claimed")
    if held.holder_id != actor.pk:
        raise Refusal(f"{claims.said(held)}，不能由您放回或续留。", "claimed")
    return held


def take_over(application: Application, *, actor: User) -> Claim:
    """A colleague's claim passes to ``actor``, with a trace; a check under way keeps its draft.

    Refused: states with nothing to check, nobody's or one's own claim.
    """
    require_secretariat(actor)
    running = _running(application)
    if running is not None:
        checking.take_over(running, actor=actor)
        return Claim.objects.get(application=application.pk)
    with transaction.atomic(durable=True):
        application = Application.objects.select_for_update().get(pk=application.pk)
        if application.state not in checking.CHECKABLE:
            raise Refusal(f"当前状态为“{application.state_label}”，不需要审查。", "bad_state")
        held = Claim.objects.select_related("holder").filter(application=application).first()
        if held is None or held.holder_id == actor.pk:
            raise Refusal("这份申报没有被同事领取，可以直接领取。", "not_claimed")
        now = clock.now_in_transaction()
        before = str(held.holder)
        claims.pass_on(application, actor, now)
        audit.record(
            "claim.taken_over", application, actor=actor, before={"holder": before}, after={"holder": str(actor)}
        )
    return Claim.objects.get(application=application.pk)


def release_idle(now: datetime) -> int:
    """Claims without a check under way go back when their time has passed. Safe at any time. Returns how many."""
    idle = Claim.objects.idle(now) | Claim.objects.exclude(application__state__in=checking.CHECKABLE)
    count = 0
    for held in idle.select_related("application", "holder"):
        with transaction.atomic():
            # The same condition once more: it may have been renewed since the list was read.
            gone, _kinds = Claim.objects.filter(pk=held.pk, keeps_until=held.keeps_until).delete()
            if gone:
                audit.record("claim.expired", held.application, actor=None, before={"holder": str(held.holder)})
                count += 1
    return count
