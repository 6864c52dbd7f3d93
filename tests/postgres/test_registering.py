"""Two people who register the same credit code at the same moment, in transactions of their own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections

from applications.actions import people, registration
from applications.models import Enterprise, Invitation, JoinRequest, Membership
from qcportal import clock
from qcportal.errors import Refusal
from tests import factories

CODE = "91630104MA0000015T"


def person(number: int) -> registration.Person:
    return registration.Person(
        f"racer{number}", "马佳", f"racer{number}@example.test", f"1390000030{number}", factories.PASSWORD
    )


def at_once(press, how_many: int = 3) -> list:
    """What ``press(number)`` gave or refused, all starting together."""
    barrier = Barrier(how_many)

    def run(number: int):
        try:
            barrier.wait(10)
            return press(number)
        except Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(how_many) as pool:
        return list(pool.map(run, range(how_many)))


@pytest.fixture(autouse=True)
def _on_postgresql(transactional_db):
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL (DATABASE_URL)")


def test_pressing_at_once_makes_one_enterprise_and_requests_to_join():
    made = at_once(
        lambda number: registration.register_enterprise(
            person(number), credit_code=CODE, unit_name="青海晨曦机械有限公司", origin_explanation="", now=clock.now()
        )
    )
    assert Enterprise.objects.count() == 1
    assert sorted(one.membership is None for one in made) == [False, True, True]
    assert JoinRequest.objects.waiting().count() == 2


def test_one_link_pressed_at_once_makes_one_member():
    owner = factories.enterprise_owner()
    people.invite(
        factories.enterprise_of(owner),
        actor=owner, email="guest@example.test", name="李佳", role="clerk", now=clock.now(),
    )  # fmt: skip
    invitation = Invitation.objects.select_related("enterprise").get()
    made = at_once(lambda number: people.accept_as_new(invitation, person(number), now=clock.now()))
    assert sorted(isinstance(one, Refusal) for one in made) == [False, True, True]
    assert Membership.objects.exclude(user=owner).count() == 1


def test_ownership_handed_to_two_at_once_has_one_owner():
    owner = factories.enterprise_owner()
    for number in range(2):
        factories.colleague(owner, username=f"next{number}", name="才让卓玛", role="manager")
    heirs = list(Membership.objects.exclude(user=owner).order_by("id"))
    at_once(lambda number: people.hand_over(heirs[number], actor=owner), 2)
    assert Membership.objects.filter(role="owner").count() == 1
    assert not Membership.objects.filter(user=owner, role="owner").exists()
