"""Whom a new deadline touches: looked at before it is given, and told when it is."""

from typing import NamedTuple

from applications.models import Application, Enterprise, Membership, MembershipRole, Round
from applications.states import State


class Affected(NamedTuple):
    """Drafts that lapsed and come back, drafts that go on, and who is written to."""

    reopened: list[Application]
    unfinished: list[Application]
    owners: list[Membership]

    @property
    def enterprises(self) -> int:
        return len({row.enterprise_id for row in (*self.reopened, *self.unfinished)})


def affected(round_: Round, enterprise: Enterprise | int | None) -> Affected:
    """A lapsed filing without a file number was never submitted: a draft. Submitted ones are not touched."""
    rows = Application.objects.filter(round=round_, state__in=[State.LAPSED, State.DRAFT], file_number=None)
    if enterprise is not None:
        rows = rows.filter(enterprise=enterprise)
    found = list(rows.select_related("enterprise").order_by("enterprise__name", "pk"))
    owners = Membership.objects.filter(
        enterprise__in={row.enterprise_id for row in found}, is_active=True, role=MembershipRole.OWNER
    ).select_related("user", "enterprise")
    return Affected(
        [row for row in found if row.state == State.LAPSED],
        [row for row in found if row.state == State.DRAFT],
        list(owners.order_by("enterprise__name")),
    )
