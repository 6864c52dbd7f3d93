"""A person is deactivated with a reason, after a look at what they hold; and comes back. Nobody is deleted."""

from datetime import datetime
from typing import NamedTuple

from django.contrib.sessions.models import Session
from django.db import transaction

from applications import claims
from applications.models import Claim, FormalCheck, Membership, MembershipRole
from qcportal import audit
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import PersonInvitation, User
from qcportal.personnel.inviting import require_secretariat
from qcportal.roles import Role
from reviews.models import Assignment, Judge, Panel
from reviews.states import SheetState


class Held(NamedTuple):
    """What ends, goes over or stays when the person goes. ``checks`` need a successor."""

    checks: list[FormalCheck]
    claims: list[Claim]
    assignments: list[Assignment]
    kept_sheets: int
    panels: list[Panel]
    owned: list[Membership]
    invitations: int

    @property
    def is_empty(self) -> bool:
        return not any(self)


def held_by(user: User) -> Held:
    """Asked for the page before, and again inside the transaction."""
    checks = FormalCheck.objects.filter(checker=user, outcome="").select_related("application__enterprise")
    mine = Assignment.objects.active().filter(judge__user=user).select_related("application", "stage", "judge__user")
    scored = mine.filter(sheets__state=SheetState.SUBMITTED)
    owned = Membership.objects.active().filter(user=user, role=MembershipRole.OWNER).select_related("enterprise")
    only_claimed = Claim.objects.filter(holder=user).exclude(application__in=checks.values("application"))
    return Held(
        list(checks.order_by("id")),
        list(only_claimed.select_related("application").order_by("pk")),
        list(mine.exclude(pk__in=scored.values("pk")).order_by("id")),
        scored.distinct().count(),
        list(Panel.objects.filter(lead__user=user).select_related("stage__round__programme")),
        list(owned),
        PersonInvitation.objects.filter(user=user, accepted_at=None, revoked_at=None).count(),
    )


def successors(user: User) -> list[User]:
    """Who may take over open checks: the other active people of the secretariat."""
    rows = User.objects.filter(is_active=True, groups__name=Role.SECRETARIAT).exclude(pk=user.pk)
    return list(rows.order_by("name", "id").distinct())


def refusal_for(user: User, actor: User) -> Refusal | None:
    """Why ``user`` may not be deactivated at all."""
    if user.pk == actor.pk:
        return Refusal("不能停用自己的账号。", "own")
    if user.is_superuser and not actor.is_superuser:
        return NotAllowed("系统管理员只能由系统管理员停用。")
    active = User.objects.filter(is_active=True).exclude(pk=user.pk)
    if user.is_superuser and not active.filter(is_superuser=True).exists():
        return Refusal("这是最后一位系统管理员，不能停用。", "last")
    if user.groups.filter(name=Role.SECRETARIAT).exists() and not active.filter(groups__name=Role.SECRETARIAT).exists():
        return Refusal("这是最后一位秘书处人员，不能停用。", "last")
    return None


def deactivate(user: User, *, actor: User, reason: str, successor: User | None, now: datetime) -> Held:
    """The person logs in no more and is logged out everywhere, at once. Open checks go to ``successor``; filings that
    were only claimed go back to the queue; assignments without a submitted sheet are released, submitted sheets stay;
    invitations end. Roles and names stay as they were.

    Refused: everybody but the secretariat; without a reason; oneself, the last secretary, the last administrator;
    open checks without a successor.
    """
    require_secretariat(actor)
    if not reason.strip():
        raise Refusal("请写明停用的原因。", "reason")
    with transaction.atomic(durable=True):
        # Two secretaries who deactivate each other at once: locked in one order, the second one is the last.
        list(User.objects.select_for_update().filter(groups__name=Role.SECRETARIAT).order_by("pk"))
        person = User.objects.select_for_update().get(pk=user.pk)
        if not person.is_active:
            raise Refusal("该账号已停用。", "inactive")
        refusal = refusal_for(person, actor)
        if refusal is not None:
            raise refusal
        held = held_by(person)
        _hand_over(held, person, actor, successor, now)
        _release(held, person, actor, now)
        User.objects.filter(pk=person.pk).update(is_active=False)
        ended = end_sessions(person)
        audit.record(
            "user.deactivated", person, actor=actor, reason=reason.strip()[:500], sessions=ended,
            checks=len(held.checks), assignments=len(held.assignments),
        )  # fmt: skip
    user.is_active = False
    return held


def _hand_over(held: Held, person: User, actor: User, successor: User | None, now: datetime) -> None:
    if not held.checks:
        return
    if successor is None or successor not in successors(person):
        raise Refusal(f"有 {len(held.checks)} 件正在审查，请选择接手的秘书处人员。", "successor")
    for check in held.checks:
        FormalCheck.objects.filter(pk=check.pk, outcome="").update(checker=successor)
        claims.pass_on(check.application, successor, now)
        audit.record(
            "check.taken_over", check.application, actor=actor, before={"checker": str(person)},
            after={"checker": str(successor)},
        )  # fmt: skip


def _release(held: Held, person: User, actor: User, now: datetime) -> None:
    for claim in held.claims:
        if Claim.objects.filter(pk=claim.pk, holder=person).delete()[0]:
            audit.record("claim.released", claim.application, actor=actor, before={"holder": str(person)})
    for assignment in held.assignments:
        Assignment.objects.filter(pk=assignment.pk, withdrawn_at=None).update(withdrawn_at=now)
        audit.record(
            "assignment.withdrawn", assignment.application, actor=actor,
            before={"judge": assignment.judge_id, "stage": assignment.stage.kind},
        )  # fmt: skip
    Judge.objects.filter(user=person).update(is_active=False)
    PersonInvitation.objects.filter(user=person, accepted_at=None, revoked_at=None).update(revoked_at=now)


def end_sessions(user: User) -> int:
    """Everywhere: no session of the person is left to come back with the account."""
    mine = [
        session.session_key
        for session in Session.objects.iterator()
        if session.get_decoded().get("_auth_user_id") == str(user.pk)
    ]
    Session.objects.filter(session_key__in=mine).delete()
    return len(mine)


def reactivate(user: User, *, actor: User, reason: str) -> None:
    """The account works again with the roles it had; released work stays where it went, a judge is set to 可分派 on
    the judge's page. Refused: everybody but the secretariat, without a reason."""
    require_secretariat(actor)
    if not reason.strip():
        raise Refusal("请写明恢复的原因。", "reason")
    with transaction.atomic(durable=True):
        if user.is_superuser and not actor.is_superuser:
            raise NotAllowed("系统管理员只能由系统管理员恢复。")
        if not User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
            raise Refusal("该账号没有停用。", "active")
        audit.record("user.reactivated", user, actor=actor, reason=reason.strip()[:500])
    user.is_active = True
