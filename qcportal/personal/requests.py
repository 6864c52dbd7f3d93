"""Requests about one's data: asked by the person, answered by the secretariat; an account deleted on request."""

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction

from applications import states
from applications.models import Application, Association, Enterprise, Membership, MembershipRole
from qcportal import audit, mail
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import DataRequestKind, DataRequestState, MailKind, PersonalDataRequest, User
from qcportal.roles import Role, has_role, roles_of

DELETED_NAME = "已注销用户"


def ask(user: User, *, kind: str, text: str, now: datetime) -> PersonalDataRequest:
    """The request waits for the secretariat, which is told by mail. One of a kind can wait at a time."""
    with transaction.atomic(durable=True):
        user = User.objects.select_for_update().get(pk=user.pk)
        if user.data_requests.filter(kind=kind, state=DataRequestState.WAITING).exists():
            raise Refusal("同类请求正在处理中，请等待答复。", "waiting")
        request = PersonalDataRequest.objects.create(
            user=user, kind=DataRequestKind(kind), text=text.strip(), created_at=now
        )
        audit.record("personal.requested", request, actor=user, kind=kind)
        association = Association.objects.first()
        if association is not None:
            mail.queue_template(
                kind=MailKind.NOTICE, to=association.email, template="data_requested", context={"request": request}
            )
    return request


def take_back(request: PersonalDataRequest, *, actor: User, now: datetime) -> None:
    """The person no longer asks."""
    with transaction.atomic(durable=True):
        if request.user_id != actor.pk:
            raise NotAllowed
        _decide(request, DataRequestState.TAKEN_BACK, actor, now, "")
        audit.record("personal.request_taken_back", request, actor=actor)


def answer(request: PersonalDataRequest, *, actor: User, text: str, granted: bool, now: datetime) -> None:
    """The secretariat's answer in words, by mail and on the person's page. Deleting an account: ``delete_account``."""
    if not text.strip():
        raise Refusal("请填写答复。", "empty")
    with transaction.atomic(durable=True):
        _require_secretariat(actor)
        state = DataRequestState.DONE if granted else DataRequestState.DECLINED
        _decide(request, state, actor, now, text.strip())
        audit.record("personal.request_answered", request, actor=actor, granted=granted)
        _tell(request, request.user.email)


def delete_account(request: PersonalDataRequest, *, actor: User, now: datetime) -> None:
    """The account can no longer be used and names nobody; the person is told at the address they had.

    What stays: submissions and score sheets as they were made (they are purged with their round), the audit
    trail, and that somebody did these things. Refused: owners of an enterprise with other members or with
    filings under way (hand over first), staff and judges (their records must stay answerable).
    """
    with transaction.atomic(durable=True):
        _require_secretariat(actor)
        if request.kind != DataRequestKind.DELETE:
            raise Refusal("这不是注销账号的请求。", "kind")
        user = User.objects.select_for_update().get(pk=request.user_id)
        _require_deletable(user)
        _decide(request, DataRequestState.DONE, actor, now, "账号已注销，个人信息已删除。")
        _tell(request, user.email)
        _forget(user)
        audit.record("user.deleted", user, actor=actor, request=str(request.uuid))


def _require_secretariat(actor: User) -> None:
    if not has_role(actor, Role.SECRETARIAT):
        raise NotAllowed


def _require_deletable(user: User) -> None:
    if user.is_staff or user.is_superuser or roles_of(user) - {Role.RECOMMENDER}:
        raise Refusal("评委和工作人员的评审、操作记录须可追溯，不能注销账号，可停用。", "role")
    for membership in Membership.objects.active().filter(user=user, role=MembershipRole.OWNER):
        _require_nothing_left(membership.enterprise)


def _require_nothing_left(enterprise: Enterprise) -> None:
    if enterprise.memberships.active().count() > 1:
        raise Refusal("该用户是单位负责人，请先移交给其他成员。", "owner")
    under_way = Application.objects.filter(enterprise=enterprise).filter(state__in=states.UNDER_WAY)
    if under_way.exists():
        raise Refusal("该用户是单位唯一成员，且有申报尚未结束，请先撤回或待其结束。", "under_way")


def _decide(request: PersonalDataRequest, state: str, actor: User, now: datetime, text: str) -> None:
    waiting = PersonalDataRequest.objects.filter(pk=request.pk, state=DataRequestState.WAITING)
    if not waiting.update(state=state, decided_by=actor, decided_at=now, answer=text):
        raise StaleState("该请求已处理，请刷新页面查看结果。")
    request.state, request.decided_by, request.decided_at, request.answer = state, actor, now, text


def _tell(request: PersonalDataRequest, address: str) -> None:
    mail.queue_template(
        kind=MailKind.LETTER, to=address, template="data_answered", context={"request": request}, private=True
    )


def _forget(user: User) -> None:
    user.username = f"deleted-{user.uuid.hex[:16]}"
    user.name, user.email, user.mobile = DELETED_NAME, "", None
    user.email_verified_at = user.last_login = None
    user.is_active = False
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.memberships.update(is_active=False)
    user.clerk_of.clear()
    user.join_requests.update(reason="")
    user.email_codes.all().delete()
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
