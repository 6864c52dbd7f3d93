"""The people of an enterprise: invitations, roles, hand-over, and which applications a 填报人 may edit."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from applications import validators
from applications.actions import registration
from applications.actions.enterprises import require_manager
from applications.models import Application, Enterprise, Invitation, Membership, MembershipRole
from qcportal import audit, mail
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import MailKind, User

INVITATION_DAYS = 14
INVITATIONS_OPEN_AT_MOST = 50


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _require_owner(enterprise_id: int, actor: User) -> None:
    owns = Membership.objects.active().filter(enterprise=enterprise_id, user=actor, role=MembershipRole.OWNER)
    if not owns.exists():
        raise NotAllowed("只有单位负责人可以管理成员。")


def invite(
    enterprise: Enterprise,
    *,
    actor: User,
    email: str,
    name: str,
    role: str,
    now: datetime,
    applications: Iterable[Application] = (),
) -> Invitation:
    """A mail with a secret link goes out; it is good for 14 days and once. Only a hash of the secret is kept.

    Refused: people who are not owner; an address with an open invitation here or of a member here; more than
    50 open invitations (the mail of everybody else would wait behind them).
    """
    token = secrets.token_urlsafe(32)
    with transaction.atomic(durable=True):
        Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        _require_owner(enterprise.pk, actor)
        open_ones = enterprise.invitations.open(now)
        if open_ones.filter(email__iexact=email).exists():
            raise Refusal("已向该邮箱发出邀请，可在下方重新发送。", "already_invited")
        if enterprise.memberships.active().filter(user__email__iexact=email).exists():
            raise Refusal("该邮箱的用户已是本单位成员。", "already_member")
        if open_ones.count() >= INVITATIONS_OPEN_AT_MOST:
            raise Refusal(f"未接受的邀请已有 {INVITATIONS_OPEN_AT_MOST} 份，请先撤销不再需要的。", "too_many")
        invitation = Invitation.objects.create(
            enterprise=enterprise,
            email=email,
            name=name,
            role=role,
            token_hash=token_hash(token),
            invited_by=actor,
            created_at=now,
            expires_at=now + timedelta(days=INVITATION_DAYS),
        )
        if role == MembershipRole.CLERK:
            invitation.applications.set(_own(enterprise.pk, applications))
        audit.record("person.invited", invitation, actor=actor, after={"role": role})
        _send(invitation, token)
    return invitation


def _own(enterprise_id: int, applications: Iterable[Application]) -> list[Application]:
    """Only applications of this enterprise: a form may be forged."""
    return [application for application in applications if application.enterprise_id == enterprise_id]


def _send(invitation: Invitation, token: str) -> None:
    mail.queue_template(
        kind=MailKind.LETTER,
        to=invitation.email,
        template="invitation",
        private=True,
        context={"invitation": invitation, "token": token, "days": INVITATION_DAYS},
    )


def resend(invitation: Invitation, *, actor: User, now: datetime) -> None:
    """A fresh link, good for another 14 days; the old one stops working. Refused when accepted or revoked."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic(durable=True):
        _require_owner(invitation.enterprise_id, actor)
        changed = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(
            token_hash=token_hash(token), expires_at=now + timedelta(days=INVITATION_DAYS)
        )
        if not changed:
            raise StaleState("该邀请已接受或已撤销。")
        audit.record("person.invited_again", invitation, actor=actor)
        _send(invitation, token)


def revoke(invitation: Invitation, *, actor: User, now: datetime) -> None:
    """The link stops working. Refused when accepted or revoked already."""
    with transaction.atomic(durable=True):
        _require_owner(invitation.enterprise_id, actor)
        if not Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(revoked_at=now):
            raise StaleState("该邀请已接受或已撤销。")
        audit.record("person.invitation_revoked", invitation, actor=actor)


def accept_as_new(
    invitation: Invitation, person: registration.Person, *, now: datetime, credit_code: str = ""
) -> Membership:
    """A new user with the invited e-mail address, which counts as verified: the link was mailed to it.

    Whoever claims an enterprise that the secretariat entered gives its ``credit_code``; without an invited address
    the one that was typed gets a code. Refused: a link used, revoked or expired; another credit code; somebody
    else's username, e-mail or mobile (Taken).
    """
    require_code(invitation, credit_code)
    hashed = make_password(person.password)
    try:
        with transaction.atomic(durable=True):
            if invitation.email:
                user = registration.create_invited(person, hashed, invitation.enterprise, now)
            else:
                user = registration.create_claiming(person, hashed, invitation.enterprise, now)
            return _accept(invitation, user, now)
    except IntegrityError as error:
        registration.refuse_taken(person)
        raise StaleState from error


def require_code(invitation: Invitation, credit_code: str) -> None:
    """An owner is nobody that an owner invited: the link alone, which may be passed on, is not enough."""
    claims = invitation.role == MembershipRole.OWNER
    if claims and validators.normalise_credit_code(credit_code) != invitation.enterprise.credit_code:
        raise Refusal("统一社会信用代码与该单位不符，请对照营业执照核对。", "credit_code")


def accept_as_user(invitation: Invitation, *, user: User, now: datetime, credit_code: str = "") -> Membership:
    """A user without an enterprise becomes member. Refused: a link used, revoked or expired; members elsewhere;
    another credit code where the enterprise is claimed."""
    require_code(invitation, credit_code)
    try:
        with transaction.atomic(durable=True):
            if Membership.objects.active().filter(user=user).exists():
                raise Refusal(
                    "您已是某一单位的成员。一个账号只属于一个单位，请退出后以新账号接受邀请。", "already_member"
                )
            return _accept(invitation, user, now)
    except IntegrityError as error:
        raise Refusal("您已是某一单位的成员。", "already_member") from error


def _accept(invitation: Invitation, user: User, now: datetime) -> Membership:
    taken = Invitation.objects.open(now).filter(pk=invitation.pk).update(accepted_at=now, accepted_by=user)
    if not taken:
        raise Refusal("邀请链接已使用、已撤销或已过期，请联系邀请您的人重新发送。", "invitation_closed")
    owned = invitation.enterprise.memberships.active().filter(role=MembershipRole.OWNER)
    if invitation.role == MembershipRole.OWNER and owned.exists():
        raise Refusal("该单位已有负责人，请联系其邀请您加入，或联系秘书处。", "owner")
    membership = Membership.objects.create(
        enterprise=invitation.enterprise, user=user, role=invitation.role, created_at=now
    )
    for application in invitation.applications.filter(enterprise=invitation.enterprise_id):
        application.clerks.add(user)
    audit.record("person.joined", invitation.enterprise, actor=user, after={"role": invitation.role})
    return membership


def change_role(membership: Membership, *, actor: User, role: str) -> None:
    """质量主管 becomes 小组填报人 or back. The owner's role changes only by hand-over."""
    with transaction.atomic(durable=True):
        _require_owner(membership.enterprise_id, actor)
        if role not in {MembershipRole.MANAGER, MembershipRole.CLERK}:
            raise Refusal("请选择质量主管或小组填报人。", "role")
        before = membership.role
        changed = (
            Membership.objects.active().filter(pk=membership.pk).exclude(role=MembershipRole.OWNER).update(role=role)
        )
        if not changed:
            raise Refusal("单位负责人的身份只能通过移交改变。", "owner")
        audit.record("person.role_changed", membership, actor=actor, before={"role": before}, after={"role": role})
    membership.role = role


def deactivate(membership: Membership, *, actor: User) -> None:
    """The person leaves the enterprise at once and edits nothing of it any more. The owner has to hand over first."""
    with transaction.atomic(durable=True):
        _require_owner(membership.enterprise_id, actor)
        changed = Membership.objects.active().filter(pk=membership.pk).exclude(role=MembershipRole.OWNER)
        if not changed.update(is_active=False):
            raise Refusal("单位负责人须先移交，才能停用。", "owner")
        for application in Application.objects.filter(enterprise=membership.enterprise_id, clerks=membership.user_id):
            application.clerks.remove(membership.user_id)
        audit.record("person.deactivated", membership, actor=actor)
    membership.is_active = False


def leave(membership: Membership, *, actor: User) -> None:
    """A person leaves the enterprise by themselves; what they wrote stays. The owner has to hand over first."""
    with transaction.atomic(durable=True):
        if membership.user_id != actor.pk:
            raise NotAllowed
        mine = Membership.objects.active().filter(pk=membership.pk).exclude(role=MembershipRole.OWNER)
        if not mine.update(is_active=False):
            raise Refusal("您是单位负责人，请先把负责人移交给其他成员，再退出。", "owner")
        for application in Application.objects.filter(enterprise=membership.enterprise_id, clerks=actor):
            application.clerks.remove(actor)
        audit.record("person.left", membership, actor=actor)
        owner = membership.enterprise.memberships.active().filter(role=MembershipRole.OWNER).select_related("user")
        for each in owner:
            mail.queue_template(
                kind=MailKind.NOTICE, to=each.user.email, template="member_left", context={"membership": membership}
            )
    membership.is_active = False


def hand_over(membership: Membership, *, actor: User) -> None:
    """The member becomes owner, the owner becomes 质量主管. Refused for anyone but the owner, and to former members."""
    with transaction.atomic(durable=True):
        enterprise = Enterprise.objects.select_for_update().get(pk=membership.enterprise_id)
        _require_owner(enterprise.pk, actor)
        successor = enterprise.memberships.active().select_related("user").filter(pk=membership.pk).first()
        if successor is None or successor.user_id == actor.pk:
            raise Refusal("请选择本单位的其他在职成员。", "successor")
        # Demoted first: the database allows one owner at any moment.
        enterprise.memberships.active().filter(user=actor).update(role=MembershipRole.MANAGER)
        enterprise.memberships.filter(pk=successor.pk).update(role=MembershipRole.OWNER)
        audit.record("enterprise.handed_over", enterprise, actor=actor, new_owner=str(successor.user.uuid))
        for address in filter(None, [actor.email, successor.user.email]):
            mail.queue_template(
                kind=MailKind.LETTER,
                to=address,
                template="handed_over",
                about_row=enterprise,
                context={"enterprise": enterprise, "old": actor, "new": successor.user},
            )
    membership.role = MembershipRole.OWNER


def invite_clerk(application: Application, *, user: User, actor: User) -> None:
    """The 填报人 may edit this application. Refused: actors who do not manage it, people of other enterprises."""
    with transaction.atomic(durable=True):
        require_manager(application.enterprise_id, actor, "只有单位负责人或质量主管可以安排填报人。")
        if not Membership.objects.active().filter(enterprise=application.enterprise_id, user=user).exists():
            raise Refusal("该用户不是本单位成员。", "not_member")
        if not application.clerks.filter(pk=user.pk).exists():
            application.clerks.add(user)
            audit.record("application.clerk_added", application, actor=actor, clerk=str(user.uuid))


def remove_clerk(application: Application, *, user: User, actor: User) -> None:
    """The 填报人 no longer sees this application; what they wrote stays."""
    with transaction.atomic(durable=True):
        require_manager(application.enterprise_id, actor, "只有单位负责人或质量主管可以安排填报人。")
        if application.clerks.filter(pk=user.pk).exists():
            application.clerks.remove(user)
            audit.record("application.clerk_removed", application, actor=actor, clerk=str(user.uuid))


def set_clerk_applications(membership: Membership, applications: Iterable[Application], *, actor: User) -> None:
    """The 填报人 may edit exactly ``applications`` of the enterprise."""
    with transaction.atomic(durable=True):
        require_manager(membership.enterprise_id, actor, "只有单位负责人或质量主管可以安排填报人。")
        if not membership.is_active:
            raise Refusal("该成员已停用。", "inactive")
        wanted = {application.pk: application for application in _own(membership.enterprise_id, applications)}
        ours = Application.objects.filter(enterprise=membership.enterprise_id, clerks=membership.user_id)
        held = {application.pk: application for application in ours}
        for pk in wanted.keys() - held.keys():
            wanted[pk].clerks.add(membership.user_id)
            audit.record("application.clerk_added", wanted[pk], actor=actor, clerk=str(membership.user.uuid))
        for pk in held.keys() - wanted.keys():
            held[pk].clerks.remove(membership.user_id)
            audit.record("application.clerk_removed", held[pk], actor=actor, clerk=str(membership.user.uuid))
