"""人员与角色: everybody who holds a role, as one list with their invitation, second factor and last login."""

from datetime import datetime, timedelta
from typing import NamedTuple

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q, QuerySet

from qcportal.models import PersonInvitation, User
from qcportal.personnel.inviting import state_of
from qcportal.roles import Role

NONE = "none"
LONG_AGO = timedelta(days=180)
STATES = [
    ("", "全部"), ("active", "可登录"), ("inactive", "已停用"), ("invited", "已邀请，未接受"), ("never", "从未登录"),
    ("long", "半年未登录"),
]  # fmt: skip


class Row(NamedTuple):
    user: User
    roles: str
    invitation: PersonInvitation | None
    chip: tuple[str, str, str]
    second_factor: bool


def people(*, q: str = "", role: str = "", state: str = "", factor: str = "", now: datetime) -> QuerySet[User]:
    """People with a role; ``role`` none: everybody else, who works for an enterprise."""
    has_factor = Authenticator.objects.filter(user=OuterRef("pk")).exclude(type=Authenticator.Type.RECOVERY_CODES)
    rows = User.objects.annotate(has_factor=Exists(has_factor)).prefetch_related("groups")
    if role == NONE:
        rows = rows.filter(groups=None, is_superuser=False)
    elif role:
        rows = rows.filter(groups__name=role)
    else:
        rows = rows.filter(Q(groups__isnull=False) | Q(is_superuser=True))
    if q:
        rows = rows.filter(
            Q(name__icontains=q) | Q(username__icontains=q) | Q(email__icontains=q) | Q(mobile__icontains=q)
        )
    waiting = PersonInvitation.objects.filter(user=OuterRef("pk"), accepted_at=None, revoked_at=None)
    wanted = {
        "active": Q(is_active=True), "inactive": Q(is_active=False), "invited": Exists(waiting),
        "never": Q(last_login=None), "long": Q(last_login__lt=now - LONG_AGO),
    }  # fmt: skip
    if state in wanted:
        rows = rows.filter(wanted[state])
    if factor in ("yes", "no"):
        rows = rows.filter(has_factor=factor == "yes")
    return rows.order_by("-is_active", "name", "pk").distinct()


def rows_of(users: list[User], now: datetime) -> list[Row]:
    """Two queries for a page of people."""
    latest: dict[int, PersonInvitation] = {}
    for one in PersonInvitation.objects.filter(user__in=users).order_by("id"):
        latest[one.user_id] = one
    return [
        Row(user, role_names(user), latest.get(user.pk), state_of(user, latest.get(user.pk), now), user.has_factor)  # type: ignore[attr-defined]
        for user in users
    ]


def role_names(user: User) -> str:
    held = {group.name for group in user.groups.all()}
    names = [str(role.label) for role in Role if role in held]
    return "、".join(["系统管理员"] * user.is_superuser + names) or "申报单位人员"
