"""加入申请: somebody registered a credit code that is known; owner or secretariat decide."""

from datetime import datetime

from django.db import IntegrityError, transaction

from applications.models import (
    Association,
    Enterprise,
    JoinRequest,
    JoinState,
    Membership,
    MembershipRole,
)
from qcportal import audit, mail
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import MailKind, User
from qcportal.roles import Role, has_role


def ask_to_join(enterprise: Enterprise, *, user: User, now: datetime) -> JoinRequest:
    """A waiting request; owner and secretariat are told. Runs in the caller's transaction.

    The one who asks learns nothing about the enterprise or its people (design, section 6).
    """
    request = JoinRequest.objects.create(enterprise=enterprise, user=user, created_at=now)
    audit.record("join.requested", request, actor=user, enterprise=enterprise.credit_code)
    addresses = list(
        enterprise.memberships.active().filter(role=MembershipRole.OWNER).values_list("user__email", flat=True)
    )
    association = Association.objects.first()
    if association is not None:
        addresses.append(association.email)
    for address in dict.fromkeys(filter(None, addresses)):
        mail.queue_template(
            kind=MailKind.NOTICE, to=address, template="join_requested", context={"join_request": request}
        )
    return request


def explain(request: JoinRequest, *, user: User, reason: str, wants_ownership: bool = False) -> None:
    """The one who asked adds department and reason, and says whether they follow an owner who left.

    Refused when somebody has decided. Becoming owner is for staff to decide (ownership.transfer_ownership).
    """
    with transaction.atomic(durable=True):
        if request.user_id != user.pk:
            raise NotAllowed
        changed = (
            JoinRequest.objects.waiting().filter(pk=request.pk).update(reason=reason, wants_ownership=wants_ownership)
        )
        if not changed:
            raise StaleState("该申请已处理，请刷新页面查看结果。")
        audit.record("join.explained", request, actor=user)
    request.reason, request.wants_ownership = reason, wants_ownership


def accept(request: JoinRequest, *, actor: User, role: str, now: datetime) -> Membership:
    """The person becomes 质量主管 or 小组填报人. Refused: other deciders, a decided request, a member elsewhere."""
    if role not in {MembershipRole.MANAGER, MembershipRole.CLERK}:
        raise Refusal("请选择质量主管或小组填报人。", "role")
    try:
        with transaction.atomic(durable=True):
            _decide(request, JoinState.ACCEPTED, actor, now)
            membership = Membership.objects.create(
                enterprise_id=request.enterprise_id, user=request.user, role=role, created_at=now
            )
            audit.record("join.accepted", request, actor=actor, after={"role": role})
            _tell(request)
    except IntegrityError as error:
        raise Refusal("该用户已是某一单位的成员，不能再加入。", "already_member") from error
    return membership


def decline(request: JoinRequest, *, actor: User, now: datetime) -> None:
    """The person is told that the request was declined, and nothing else."""
    with transaction.atomic(durable=True):
        _decide(request, JoinState.DECLINED, actor, now)
        audit.record("join.declined", request, actor=actor)
        _tell(request)


def _decide(request: JoinRequest, state: str, actor: User, now: datetime) -> None:
    owns = Membership.objects.active().filter(enterprise=request.enterprise_id, user=actor, role=MembershipRole.OWNER)
    if not (owns.exists() or has_role(actor, Role.SECRETARIAT)):
        raise NotAllowed("只有单位负责人或秘书处可以处理加入申请。")
    changed = JoinRequest.objects.waiting().filter(pk=request.pk)
    if not changed.update(state=state, decided_by=actor, decided_at=now):
        raise StaleState("该申请已处理，请刷新页面查看结果。")
    request.state, request.decided_by, request.decided_at = state, actor, now


def _tell(request: JoinRequest) -> None:
    mail.queue_template(
        kind=MailKind.NOTICE, to=request.user.email, template="join_decided", context={"join_request": request}
    )
