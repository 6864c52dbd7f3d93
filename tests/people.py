"""The same few people in every test: each is a fixture returning a User (log in with client.force_login)."""

import pytest

from qcportal.roles import Role
from tests import factories


@pytest.fixture
def owner(db):
    """Owner of an enterprise (owner.membership is reachable as owner.memberships.get())."""
    return factories.enterprise_owner(username="owner", name="马启明")


@pytest.fixture
def clerk(owner):
    """填报人 of the owner's enterprise, invited to no application yet."""
    return factories.colleague(owner, username="clerk", name="李文静", role="clerk")


@pytest.fixture
def rival(db):
    """Owner of another enterprise."""
    return factories.enterprise_owner(username="rival", name="祁文澜", enterprise_name="青海瀚澄盐湖化工有限公司")


@pytest.fixture
def secretary(db):
    return factories.staff(username="secretary", name="陈雪梅", role=Role.SECRETARIAT)


@pytest.fixture
def auditor(db):
    return factories.staff(username="auditor", name="赵守正", role=Role.AUDITOR)


@pytest.fixture
def event_staff(db):
    return factories.user(username="desk", name="周会务", role=Role.EVENT_STAFF)
