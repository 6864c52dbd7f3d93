"""提交经过: presses, saves, wrong passwords and broken pages in one line; the portal in that minute; the sheet."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from applications import attempts
from applications.actions import submission
from applications.models import SubmitAttempt
from qcportal import clock
from qcportal.errors import Refusal
from qcportal.models import AuditEvent, ServerFault
from tests import factories
from tests.applications import checked

pytestmark = pytest.mark.django_db
SEARCH = reverse("admin:attempts")


@pytest.fixture
def late(owner):
    """A filing whose owner pressed submit a minute before the end without the ticks, and right after it."""
    with clock.fixed(factories.at(2026, 6, 15)):
        draft = factories.complete_draft(owner, factories.round_of(2026, 1))
    edge = draft.round.closes_at
    for moment in (edge - timedelta(seconds=60), edge):
        with clock.fixed(moment), pytest.raises(Refusal):
            submission.submit(
                draft, actor=owner, confirmations={} if moment < edge else checked.CONFIRMED, arrived_at=moment
            )
    return draft


def steps(draft, **around):
    edge = draft.round.closes_at
    return attempts.steps(draft.enterprise, edge - timedelta(hours=1), edge + timedelta(hours=1))


def test_every_press_stands_with_its_answer_in_order(late):
    presses = [step for step in steps(late) if step.kind == "attempt"]
    assert [step.title for step in presses] == ["没有勾选确认", "已过截止时间"]
    assert "24:00" in presses[1].text
    assert [step.good for step in presses] == [False, False]


def test_missing_items_have_the_names_of_the_form(owner):
    draft = factories.complete_draft(owner, topic_name="")
    with pytest.raises(Refusal):
        submission.submit(draft, actor=owner, confirmations=checked.CONFIRMED, arrived_at=clock.now())
    assert "课题名称" in attempts.missing_of(SubmitAttempt.objects.get())


def test_wrong_passwords_are_in_the_line_and_a_name_nobody_has_leaves_nothing(late, owner):
    browser = Client()
    with clock.fixed(late.round.closes_at - timedelta(minutes=3)):
        browser.post(reverse("account_login"), {"login": owner.username, "password": "wrong"})
        browser.post(reverse("account_login"), {"login": "nobody-at-all", "password": "wrong"})
    assert AuditEvent.objects.filter(verb="user.login_failed").count() == 1
    assert [step.title for step in steps(late) if step.kind == "login"] == ["登录失败：密码不正确"]


def test_a_page_that_broke_is_remembered_for_the_person_and_in_the_health_of_that_time(late, owner, monkeypatch):
    monkeypatch.setattr("applications.views.workspace.membership_of", lambda request: 1 / 0)
    browser = Client(raise_request_exception=False)
    browser.force_login(owner)
    at = late.round.closes_at - timedelta(seconds=30)
    with clock.fixed(at):
        assert browser.get(reverse("applications:workspace")).status_code == 500
    fault = ServerFault.objects.get()
    assert (fault.user, fault.kind, fault.path) == (owner, "ZeroDivisionError", reverse("applications:workspace"))
    assert [step.title for step in steps(late) if step.kind == "fault"] == ["服务器错误"]
    assert attempts.health(*attempts.minute_of(at)).faults == [fault]
    assert attempts.health(*attempts.minute_of(at - timedelta(minutes=5))).faults == []


def test_a_page_that_is_not_there_is_no_fault(client, owner):
    client.force_login(owner)
    client.get("/applications/nothing/")
    client.get(reverse("admin:index"))
    assert not ServerFault.objects.exists()


def test_the_search_shows_how_the_portal_was_in_that_minute(client, late, rival, secretary):
    edge = late.round.closes_at
    with clock.fixed(factories.at(2026, 6, 15)):
        other = factories.complete_draft(rival, late.round)
    with clock.fixed(edge - timedelta(seconds=50)):
        submission.submit(other, actor=rival, confirmations=checked.CONFIRMED, arrived_at=clock.now())
    client.force_login(secretary)
    page = client.get(SEARCH, {"q": late.enterprise.name})
    assert [line["label"] for line in page.context["lines"]] == ["已过截止时间", "没有勾选确认"]
    assert page.context["lines"][1]["minute"] == (1, 1, 0)
    assert "成功 1 次，没成功 1 次" in page.content.decode()


def test_the_window_takes_the_last_minute_whole(client, late, secretary):
    client.force_login(secretary)
    asked = {"start": "2026-06-30T23:59", "end": "2026-06-30T23:59"}
    page = client.get(SEARCH, asked)
    assert [line["label"] for line in page.context["lines"]] == ["没有勾选确认"]
    assert page.context["health"].refused == 1


@pytest.mark.parametrize("query", [{"start": "x", "end": "y"}, {"page": "-1"}, {"outcome": "nonsense"}])
def test_nonsense_in_the_address_is_no_error(client, late, secretary, query):
    client.force_login(secretary)
    assert client.get(SEARCH, query).status_code == 200
    assert client.get(reverse("admin:attempts_enterprise", args=[late.enterprise.uuid]), query).status_code == 200


def test_the_sheet_for_the_telephone_has_presses_answers_and_the_portal(client, late, secretary):
    client.force_login(secretary)
    address = reverse("admin:attempts_statement", args=[late.enterprise.uuid])
    body = client.get(address, {"start": "2026-06-30T23:00", "end": "2026-07-01T00:30"}).content.decode()
    for words in ("提交经过说明", late.enterprise.credit_code, "已过截止时间", "没有勾选确认", "没有服务器错误"):
        assert words in body
    assert AuditEvent.objects.about(late.enterprise).filter(verb="attempts.printed").count() == 1
