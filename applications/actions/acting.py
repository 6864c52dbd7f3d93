"""Whom the secretariat may look as: people of an enterprise, of a recommending unit, judges."""

from datetime import datetime

from applications.models import JoinRequest, Membership
from qcportal import acting
from qcportal.errors import Refusal
from qcportal.models import User, Viewing
from qcportal.roles import Role, roles_of

WITH_PAGES = frozenset({Role.RECOMMENDER, Role.JUDGE, Role.LEAD_JUDGE})


def look_as(person: User, *, actor: User, reason: str, now: datetime) -> Viewing:
    """``actor`` sees the portal as ``person`` for half an hour (qcportal.acting.start).

    Refused besides: somebody who has no pages of their own, being in no enterprise, no unit and no judge.
    """
    if not has_pages(person):
        raise Refusal("该用户不属于任何单位，也不是推荐单位人员或评委，没有可以查看的页面。", "person")
    return acting.start(person, actor=actor, reason=reason, now=now)


def has_pages(person: User) -> bool:
    if roles_of(person) & WITH_PAGES or Membership.objects.active().filter(user=person).exists():
        return True
    return JoinRequest.objects.waiting().filter(user=person).exists()
