"""Who of an enterprise has the same page open. Lives in the cache only; without a cache nobody is shown."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.core.cache import cache
from django.utils import timezone

from applications.models import Membership
from qcportal import clock
from qcportal.models import User

SECONDS = 50  # pages report every 20 s: two may get lost


class Colleague(NamedTuple):
    name: str
    at: datetime

    @property
    def sentence(self) -> str:
        return f"{self.name} 也正在编辑本页（{timezone.localtime(self.at):%H:%M}）"


def _key(page: str, user_pk: int) -> str:
    return f"presence:{page}:{user_pk}"


def mark(page: str, user: User) -> None:
    cache.set(_key(page, user.pk), clock.now(), SECONDS)


def others(page: str, enterprise_id: int, user: User) -> Sequence[Colleague]:
    """The enterprise's other people on ``page``, the latest sign of life first."""
    people = dict(
        Membership.objects.active().filter(enterprise=enterprise_id).exclude(user=user).values_list(
            "user_id", "user__name"
        )
    )  # fmt: skip
    if not people:
        return []
    found = cache.get_many([_key(page, pk) for pk in people])
    seen = [Colleague(name, found[_key(page, pk)]) for pk, name in people.items() if _key(page, pk) in found]
    return sorted(seen, key=lambda one: one.at, reverse=True)
