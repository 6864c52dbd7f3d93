"""The people of recommending units: invited by the secretariat with a one-time link, deactivated by it."""

import secrets
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction

from applications.actions import registration
from applications.actions.people import token_hash
from applications.models import RecommendingUnit, UnitInvitation, UnitMember
from qcportal import audit, mail
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import MailKind, User
from qcportal.roles import Role, has_role

INVITATION_DAYS = 14


def _require_secretariat(actor: User) -> None:
    if not has_role(actor, Role.SECRETARIAT):
        raise NotAllowed("推荐单位的人员由秘书处管理。")


def invite(unit: RecommendingUnit, *, actor: User, email: str, name: str, now: datetime) -> UnitInvitation:
    """A mail with a secret link goes out; it is good for 14 days and once. Only a hash of the secret is kept.

    Refused: anyone but the secretariat; an address with an open invitation here or of somebody of the unit.
    """
    token = secrets.token_urlsafe(32)
    with transaction.atomic(durable=True):
        RecommendingUnit.objects.select_for_update().get(pk=unit.pk)
        _require_secretariat(actor)
        if unit.invitations.open(now).filter(email__iexact=email).exists():
            raise Refusal("已向该邮箱发出邀请，可在下方重新发送。", "already_invited")
        if unit.members.active().filter(user__email__iexact=email).exists():
            raise Refusal("该邮箱的用户已是该推荐单位的人员。", "already_member")
        invitation = UnitInvitation.objects.create(
            unit=unit,
            email=email,
            name=name,
            token_hash=token_hash(token),
            invited_by=actor,
            created_at=now,
            expires_at=now + timedelta(days=INVITATION_DAYS),
        )
        audit.record("recommender.invited", unit, actor=actor, invitation=str(invitation.uuid))
        _send(invitation, token)
    return invitation


def _send(invitation: UnitInvitation, token: str) -> None:
    mail.queue_template(
        kind=MailKind.LETTER,
        to=invitation.email,
        template="recommender_invitation",
        context={"invitation": invitation, "token": token, "days": INVITATION_DAYS},
    )


def resend(invitation: UnitInvitation, *, actor: User, now: datetime) -> None:
    """A fresh link, good for another 14 days; the old one stops working. Refused when accepted or revoked."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic(durable=True):
        _require_secretariat(actor)
        changed = UnitInvitation.objects.unanswered().filter(pk=invitation.pk)
        if not changed.update(token_hash=token_hash(token), expires_at=now + timedelta(days=INVITATION_DAYS)):
            raise StaleState("该邀请已接受或已撤销。")
        audit.record("recommender.invited_again", invitation.unit, actor=actor, invitation=str(invitation.uuid))
        _send(invitation, token)


def revoke(invitation: UnitInvitation, *, actor: User, now: datetime) -> None:
    """The link stops working. Refused when accepted or revoked already."""
    with transaction.atomic(durable=True):
        _require_secretariat(actor)
        if not UnitInvitation.objects.unanswered().filter(pk=invitation.pk).update(revoked_at=now):
            raise StaleState("该邀请已接受或已撤销。")
        audit.record("recommender.invitation_revoked", invitation.unit, actor=actor, invitation=str(invitation.uuid))


def accept_as_new(invitation: UnitInvitation, person: registration.Person, *, now: datetime) -> UnitMember:
    """A new user with the invited e-mail address, which counts as verified: the link was mailed to it.

    Refused: a link used, revoked or expired; somebody else's username, e-mail or mobile (Taken).
    """
    hashed = make_password(person.password)
    try:
        with transaction.atomic(durable=True):
            user = registration.create_invited(person, hashed, None, now)
            return _accept(invitation, user, now)
    except IntegrityError as error:
        registration.refuse_taken(person)
        raise StaleState from error


def accept_as_user(invitation: UnitInvitation, *, user: User, now: datetime) -> UnitMember:
    """A person with an account works for the unit as well: rights are the union. Refused: a link used or expired."""
    with transaction.atomic(durable=True):
        return _accept(invitation, user, now)


def _accept(invitation: UnitInvitation, user: User, now: datetime) -> UnitMember:
    if not UnitInvitation.objects.open(now).filter(pk=invitation.pk).update(accepted_at=now, accepted_by=user):
        raise Refusal("邀请链接已使用、已撤销或已过期，请联系秘书处重新发送。", "invitation_closed")
    member, _created = UnitMember.objects.update_or_create(
        unit=invitation.unit, user=user, defaults={"is_active": True}, create_defaults={"created_at": now}
    )
    user.groups.add(Group.objects.get(name=Role.RECOMMENDER))
    audit.record("recommender.joined", invitation.unit, actor=user)
    return member


def deactivate(member: UnitMember, *, actor: User) -> None:
    """The person sees nothing of the unit any more; opinions already given stay as they are."""
    with transaction.atomic(durable=True):
        _require_secretariat(actor)
        if not UnitMember.objects.filter(pk=member.pk, is_active=True).update(is_active=False):
            raise StaleState("该人员已停用。")
        if not UnitMember.objects.filter(user=member.user_id, is_active=True).exists():
            member.user.groups.remove(Group.objects.get(name=Role.RECOMMENDER))
        audit.record("recommender.deactivated", member.unit, actor=actor, person=str(member.user.uuid))
    member.is_active = False
