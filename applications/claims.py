"""领取, inside the caller's transaction: taken by a conditional write, so that of two presses one wins.

The unique row of a filing decides; who may press is asked by the actions (actions.claiming, actions.checking).
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from applications.models import Application, Claim
from qcportal import audit
from qcportal.errors import Refusal, StaleState
from qcportal.models import User


def claim_period() -> timedelta:
    return timedelta(minutes=settings.CLAIM_MINUTES)


def assigned_period() -> timedelta:
    return timedelta(hours=settings.CLAIM_ASSIGNED_HOURS)


def said(claim: Claim) -> str:
    """Who holds it since when, as a refusal says it."""
    return f"{claim.holder} 于 {timezone.localtime(claim.claimed_at):%m-%d %H:%M} 领取了这份申报"


def take(
    application: Application,
    holder: User,
    now: datetime,
    *,
    actor: User | None = None,
    keep: timedelta | None = None,
    batch: str = "",
) -> Claim:
    """``holder`` has the filing from now on; who has it already keeps it longer.

    Refused while another's claim stands. One that has run out passes over, with a trace of whose it was.
    """
    actor, until = actor or holder, now + (keep or claim_period())
    claim = _of(application)
    if claim is None:
        made = _insert(application, holder, now, until)
        if made is not None:
            _record("claim.taken" if actor == holder else "claim.assigned", application, actor, "", holder, batch)
            return made
        claim = _of(application)
    if claim is None:
        raise StaleState
    if claim.holder_id == holder.pk:
        if until > claim.keeps_until:
            Claim.objects.filter(pk=claim.pk).update(keeps_until=until)
            claim.keeps_until = until
        return claim
    # The condition is the lock: whoever renewed or took it meanwhile keeps it.
    changed = Claim.objects.idle(now).filter(pk=claim.pk, holder=claim.holder_id)
    if not changed.update(holder=holder, claimed_at=now, keeps_until=until):
        raise Refusal(f"{said(claim)}，请先与其商量，或选择接手。", "claimed")
    _record("claim.taken_over", application, actor, str(claim.holder), holder, batch)
    return Claim.objects.get(pk=claim.pk)


def _of(application: Application) -> Claim | None:
    return Claim.objects.select_related("holder").filter(application=application).first()


def _insert(application: Application, holder: User, now: datetime, until: datetime) -> Claim | None:
    """None when somebody else's row came first."""
    try:
        with transaction.atomic():
            return Claim.objects.create(application=application, holder=holder, claimed_at=now, keeps_until=until)
    except IntegrityError:
        return None


def pass_on(application: Application, to: User, now: datetime) -> None:
    """To whoever goes on with an open check; the check's own audit row says from whom."""
    Claim.objects.update_or_create(
        application=application, defaults={"holder": to, "claimed_at": now, "keeps_until": now + claim_period()}
    )


def touch(application_id: int, holder: User, now: datetime) -> None:
    Claim.objects.filter(application=application_id, holder=holder, keeps_until__lt=now + claim_period()).update(
        keeps_until=now + claim_period()
    )


def drop(application_id: int) -> None:
    """A decision was made: the decision's audit row says so."""
    Claim.objects.filter(application=application_id).delete()


def _record(verb: str, application: Application, actor: User, before: str, holder: User, batch: str) -> None:
    audit.record(
        verb, application, actor=actor, before={"holder": before} if before else {}, after={"holder": str(holder)},
        **({"batch": batch} if batch else {}),
    )  # fmt: skip
