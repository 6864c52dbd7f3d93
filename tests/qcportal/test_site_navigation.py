"""The head of every page, and where people land after logging in."""

import pytest
from django.urls import reverse

from applications.actions import messages
from applications.models import JoinRequest
from qcportal import clock
from tests import factories


def labels(client, path="/accounts/profile/") -> list[str]:
    return [item.label for item in client.get(path).context["navigation"]]


def test_a_clerk_may_look_at_the_annual_reports_but_not_at_the_enterprise(client, clerk):
    factories.open_round()
    client.force_login(clerk)
    assert labels(client) == ["工作台", "年度材料", "消息"]


def test_an_owner_sees_all(client, owner):
    factories.open_round()
    client.force_login(owner)
    assert labels(client) == ["工作台", "年度材料", "单位与成员", "消息"]


@pytest.mark.parametrize("who", ["owner", "rival"])
def test_unread_messages_of_the_secretariat_are_counted_for_their_enterprise(client, owner, rival, secretary, who):
    thread = messages.thread_for(factories.draft(owner))
    messages.post_message(thread, author=secretary, body="请核对联系电话。", from_staff=True)
    client.force_login({"owner": owner, "rival": rival}[who])
    assert ("1 条未读消息" in client.get("/accounts/profile/").content.decode()) == (who == "owner")


def test_who_waits_for_an_enterprise_lands_on_the_page_that_says_so(client, owner):
    person = factories.user(username="joiner", name="申请人")
    JoinRequest.objects.create(
        enterprise=factories.enterprise_of(owner), user=person, reason="质量部", created_at=clock.now()
    )
    client.force_login(person)
    assert client.get(reverse("home_of_user")).url == reverse("applications:enterprise")


def test_home_and_calendar_lead_to_the_events(client, db):
    factories.open_round()
    for name in ("home", "calendar"):
        assert f'href="{reverse("events:list")}"' in client.get(reverse(name)).content.decode()
