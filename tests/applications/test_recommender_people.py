"""The people of a recommending unit: invited by the secretariat with a one-time link, deactivated by it."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from applications.actions import recommenders
from applications.models import UnitInvitation, UnitMember
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import MailMessage, User
from qcportal.roles import Role
from tests.applications import recommenders as builders

pytestmark = pytest.mark.django_db
NEW = {
    "name": "祁永福", "mobile": "13900000321", "username": "qiyongfu", "password1": "Qinghai-2026x",
    "password2": "Qinghai-2026x", "consent": "on",
}  # fmt: skip


@pytest.fixture
def unit(db):
    return builders.unit()


def invited(unit, secretary, email="qyf@unit.example"):
    recommenders.invite(unit, actor=secretary, email=email, name="祁永福", now=clock.now())
    body = MailMessage.objects.order_by("-id").first().body
    return re.search(r"(/applications/recommend/invitation/\S+/)", body)[1]


def test_the_mailed_link_makes_an_account_that_works_for_the_unit(client, unit, secretary):
    address = invited(unit, secretary)
    assert "海西州总工会" in client.get(address).content.decode()
    answer = client.post(address, NEW)
    assert answer["Location"] == "/applications/recommend/"
    user = User.objects.get(username="qiyongfu")
    assert (user.email, user.has_role(Role.RECOMMENDER)) == ("qyf@unit.example", True)
    assert user.recommends_for.get().unit == unit
    assert client.get("/applications/recommend/").status_code == 200
    client.logout()
    assert client.get(address).status_code == 404


def test_somebody_of_an_enterprise_may_work_for_a_unit_as_well(client, unit, secretary, owner):
    address = invited(unit, secretary, owner.email)
    client.force_login(owner)
    client.post(address)
    assert UnitMember.objects.get(user=owner).unit == unit
    text = client.get("/applications/").content.decode()
    assert "推荐意见" in text
    assert "年度材料" in text


def test_links_that_are_old_revoked_or_replaced_open_nothing(client, unit, secretary):
    first = invited(unit, secretary)
    invitation = UnitInvitation.objects.get()
    recommenders.resend(invitation, actor=secretary, now=clock.now())
    assert client.get(first).status_code == 404
    recommenders.revoke(invitation, actor=secretary, now=clock.now())
    with pytest.raises(StaleState):
        recommenders.resend(invitation, actor=secretary, now=clock.now())
    late = invited(unit, secretary)
    UnitInvitation.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert client.get(late).status_code == 404


def test_nobody_is_asked_twice_and_only_the_secretariat_asks(unit, secretary, owner):
    invited(unit, secretary)
    with pytest.raises(Refusal, match="已向该邮箱发出邀请"):
        invited(unit, secretary)
    person = builders.person(unit)
    with pytest.raises(Refusal, match="已是该推荐单位的人员"):
        invited(unit, secretary, person.email)
    for other in (owner, person):
        with pytest.raises(NotAllowed):
            recommenders.invite(unit, actor=other, email="x@y.example", name="某人", now=clock.now())


def test_a_deactivated_person_loses_the_role_unless_another_unit_needs_it(unit, secretary):
    person = builders.person(unit)
    second = UnitMember.objects.create(unit=builders.unit("青海省电力行业协会"), user=person, created_at=clock.now())
    recommenders.deactivate(person.recommends_for.get(unit=unit), actor=secretary)
    assert person.groups.filter(name=Role.RECOMMENDER).exists()
    recommenders.deactivate(second, actor=secretary)
    assert not person.groups.filter(name=Role.RECOMMENDER).exists()


def test_an_invitation_brings_a_deactivated_person_back(unit, secretary):
    person = builders.person(unit)
    recommenders.deactivate(person.recommends_for.get(), actor=secretary)
    invited(unit, secretary, person.email)
    recommenders.accept_as_user(UnitInvitation.objects.get(), user=person, now=clock.now())
    assert person.recommends_for.get().is_active


def test_the_secretariat_manages_people_on_the_units_page(client, unit, secretary, auditor):
    person = builders.person(unit)
    client.force_login(secretary)
    listing = client.get(reverse("admin:applications_recommendingunit_changelist")).content.decode()
    assert "1 人，管理人员" in listing
    address = reverse("admin:applications_unit_people", args=[unit.pk])
    answer = client.post(address, {"name": "祁永福", "email": "qyf@unit.example"}, follow=True)
    assert "邀请已发送到 qyf@unit.example" in answer.content.decode()
    again = client.post(address, {"name": "祁永福", "email": "qyf@unit.example"})
    assert "已向该邮箱发出邀请" in again.content.decode()
    member = person.recommends_for.get()
    client.post(reverse("admin:applications_unit_deactivate", args=[unit.pk, member.pk]))
    assert "已停用" in client.get(address).content.decode()
    client.force_login(auditor)
    assert "发送邀请" not in client.get(address).content.decode()
