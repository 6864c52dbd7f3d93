"""A person is asked in as judge or staff: found again or made, given the role, mailed a link good once."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import Q

from applications.actions import registration
from qcportal import audit, mail
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import MailKind, PersonInvitation, User
from qcportal.roles import Role, has_role
from reviews.models import Judge

DAYS = 14
# Recommending units invite through their own page, which knows the unit.
INVITED = (Role.SECRETARIAT, Role.EVENT_STAFF, Role.AUDITOR, Role.JUDGE)
STAFF_ROLES = frozenset({Role.SECRETARIAT, Role.AUDITOR})


class Invitee(NamedTuple):
    name: str
    email: str
    mobile: str = ""


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def require_secretariat(actor: User) -> None:
    if not has_role(actor, Role.SECRETARIAT):
        raise NotAllowed("人员由秘书处管理。")


def find(email: str, mobile: str) -> User | None:
    """Who logs in with this address or number already. Refused: one of each belongs to somebody else."""
    wanted = Q()
    if email:
        wanted |= Q(email__iexact=email) | Q(username__iexact=email)
    if mobile:
        wanted |= Q(mobile=mobile) | Q(username=mobile)
    found = list(User.objects.filter(wanted)[:3]) if wanted else []
    if len(found) > 1:
        raise Refusal(f"邮箱和手机号分属两人（{found[0]}、{found[1]}），请核对。", "two_people")
    return found[0] if found else None


def invite(person: Invitee, role: str, *, actor: User, now: datetime) -> PersonInvitation:
    """``person`` holds ``role`` and is mailed a link to set a password, or, with an account, that the role is there.

    Refused: everybody but the secretariat; roles that are not given here; an address and a number of two people; a
    person who holds the role already or is deactivated.
    """
    try:
        with transaction.atomic(durable=True):
            return invite_in_transaction(person, role, actor=actor, now=now)
    except IntegrityError as error:
        raise Refusal("该邮箱或手机号刚刚被他人使用，请刷新后再试。", "taken") from error


def invite_in_transaction(person: Invitee, role: str, *, actor: User, now: datetime) -> PersonInvitation:
    require_secretariat(actor)
    if role not in INVITED:
        raise Refusal("这个角色不在此处邀请。", "role")
    user = find(person.email, person.mobile)
    if user is not None and not user.is_active:
        raise Refusal(f"{user} 的账号已停用，请先在“人员与角色”中恢复。", "inactive")
    if user is not None and user.groups.filter(name=role).exists():
        raise Refusal(f"{user} 已是{Role(role).label}，不必再邀请。", "has_role")
    is_new = user is None
    if user is None:
        user = _made(person, actor)
    give_role(user, role, actor=actor)
    token = secrets.token_urlsafe(32)
    waits = not user.has_usable_password()
    invitation = PersonInvitation.objects.create(
        user=user, role=role, token_hash=token_hash(token), is_new=is_new, invited_by=actor, created_at=now,
        sent_at=now, expires_at=now + timedelta(days=DAYS), accepted_at=None if waits else now,
    )  # fmt: skip
    audit.record("user.invited", user, actor=actor, after={"role": role}, is_new=is_new)
    _send(invitation, token if waits else "")
    return invitation


def _made(person: Invitee, actor: User) -> User:
    if not person.email:
        raise Refusal("新人员须填写邮箱，邀请链接发到邮箱。", "email")
    user = User(
        username=f"u{secrets.token_hex(5)}", name=person.name, email=person.email.lower(),
        mobile=person.mobile or None, password=make_password(None),
    )  # fmt: skip
    user.save(force_insert=True)
    audit.record("user.added", user, actor=actor)
    return user


def give_role(user: User, role: str, *, actor: User) -> None:
    """Audited like a change on the user's page; who may enter the staff site follows from it."""
    before = sorted(user.groups.values_list("name", flat=True))
    user.groups.add(Group.objects.get(name=role))
    after = sorted({*before, role})
    if role in STAFF_ROLES and not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])
    if before != after:
        audit.record("user.roles_changed", user, actor=actor, before={"roles": before}, after={"roles": after})


def _send(invitation: PersonInvitation, token: str) -> None:
    mail.queue_template(
        kind=MailKind.LETTER, to=invitation.user.email, template="person_invitation", private=bool(token),
        context={"invitation": invitation, "token": token, "days": DAYS, "role": Role(invitation.role).label},
    )  # fmt: skip


def resend(invitation: PersonInvitation, *, actor: User, now: datetime) -> None:
    """A fresh link, good for another 14 days; the old one stops working. Refused when accepted or revoked."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic(durable=True):
        require_secretariat(actor)
        rows = PersonInvitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
        if not rows.update(token_hash=token_hash(token), sent_at=now, expires_at=now + timedelta(days=DAYS)):
            raise StaleState("该邀请已接受或已撤销。")
        audit.record("user.invited_again", invitation.user, actor=actor, role=invitation.role)
        _send(invitation, token)


def revoke(invitation: PersonInvitation, *, actor: User, now: datetime) -> None:
    """The link stops working, the role is taken back, a judge is no longer assigned. Refused when accepted."""
    with transaction.atomic(durable=True):
        require_secretariat(actor)
        rows = PersonInvitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
        if not rows.update(revoked_at=now):
            raise StaleState("该邀请已接受或已撤销。")
        user = invitation.user
        user.groups.remove(Group.objects.get(name=invitation.role))
        if invitation.role == Role.JUDGE:
            Judge.objects.filter(user=user).update(is_active=False)
        if invitation.role in STAFF_ROLES and not user.groups.filter(name__in=STAFF_ROLES).exists():
            User.objects.filter(pk=user.pk, is_superuser=False).update(is_staff=False)
        audit.record("user.invitation_revoked", user, actor=actor, role=invitation.role)


def accept(invitation: PersonInvitation, *, password: str, now: datetime) -> User:
    """The person has a password; the address counts as verified: the link was mailed to it. The rules were agreed to.

    Refused: a link used, revoked or expired; a person deactivated meanwhile.
    """
    hashed = make_password(password)  # slow by design, so outside the transaction
    with transaction.atomic(durable=True):
        rows = PersonInvitation.objects.open(now).filter(pk=invitation.pk, user__is_active=True)
        if not rows.update(accepted_at=now):
            raise Refusal("邀请链接已使用、已撤销或已过期，请联系秘书处重新发送。", "invitation_closed")
        user = User.objects.select_for_update().get(pk=invitation.user_id)
        user.password, user.email_verified_at = hashed, now
        user.save(update_fields=["password", "email_verified_at"])
        EmailAddress.objects.update_or_create(
            user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
        )
        # Other open links of the person would set the password once more.
        PersonInvitation.objects.open(now).filter(user=user).update(accepted_at=now)
        registration.record_consent(user, None, now)
        audit.record("user.invitation_accepted", user, actor=user, role=invitation.role)
    return user


def state_of(user: User, invitation: PersonInvitation | None, now: datetime) -> tuple[str, str, str]:
    """Chip of a person: invited, expired, revoked, accepted but never logged in, in use."""
    if not user.is_active:
        return ("grey", "ban", "已停用")
    if invitation is not None and invitation.revoked_at:
        return ("outline", "close", "邀请已撤销")
    if invitation is not None and invitation.accepted_at is None:
        return ("amber", "clock", "邀请已过期") if invitation.expires_at <= now else ("amber", "mail", "已邀请，未接受")
    if user.last_login is None:
        return ("outline", "circle", "从未登录")
    return ("tint", "check", "使用中")
