"""以身份查看: starting, the record, the end, and what the person learns. All addresses: tests/access/test_acting.py."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse

from applications.actions import messages
from applications.actions.acting import look_as
from applications.views.draft_page import page_key
from qcportal import acting, clock
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import AuditEvent, Viewing
from qcportal.roles import Role
from tests import factories
from tests.applications import checked

pytestmark = pytest.mark.django_db
WORKSPACE = reverse("applications:workspace")


@pytest.fixture
def browser(client, secretary):
    client.force_login(secretary)
    return client


def begin(browser, person, reason="来电说看不到按钮"):
    return browser.post(reverse("admin:act_as_start", args=[person.uuid]), {"reason": reason})


def test_a_viewing_begins_shows_the_persons_pages_and_ends(browser, secretary, owner):
    assert begin(browser, owner)["Location"] == reverse("home_of_user")
    body = browser.get(WORKSPACE).content.decode()
    assert "正在以 <b>马启明</b>" in body
    assert browser.get(reverse("admin:index")).status_code == 403
    ended = browser.post(reverse("admin:act_as_leave"), follow=True)
    assert "已结束以 马启明 的身份查看" in ended.content.decode()
    assert browser.get(reverse("admin:index")).status_code == 200
    viewing = Viewing.objects.get()
    assert (viewing.viewer, viewing.person, viewing.pages) == (secretary, owner, 1)
    assert viewing.ended_at is not None


def test_start_each_page_and_end_are_in_the_trail_in_the_secretarys_name(browser, secretary, owner):
    begin(browser, owner)
    browser.get(WORKSPACE)
    browser.post(reverse("admin:act_as_leave"))
    rows = AuditEvent.objects.filter(verb__startswith="act_as.").order_by("id")
    assert [row.verb for row in rows] == ["act_as.started", "act_as.viewed", "act_as.ended"]
    assert {row.actor for row in rows} == {secretary}
    assert (rows[0].data["reason"], rows[1].data["path"], rows[2].data["pages"]) == ("来电说看不到按钮", WORKSPACE, 1)


def test_the_person_sees_when_and_why(browser, owner):
    begin(browser, owner)
    browser.get(WORKSPACE)
    browser.post(reverse("admin:act_as_leave"))
    own = Client()
    own.force_login(owner)
    body = own.get(reverse("personal_data")).content.decode()
    assert "秘书处查看过您的页面" in body
    assert "来电说看不到按钮" in body


@pytest.mark.parametrize("reason", ["", "  ", "看看"])
def test_a_reason_is_obligatory(browser, owner, reason):
    answer = begin(browser, owner, reason)
    assert answer.status_code == 200
    assert not Viewing.objects.exists()
    assert browser.get(reverse("admin:index")).status_code == 200


def test_staff_auditors_superusers_and_closed_accounts_are_never_looked_at(secretary, auditor, owner):
    root = factories.user(username="root", name="管理员", is_superuser=True)
    plain_auditor = factories.user(username="outside-auditor", name="外部审计", role=Role.AUDITOR)
    closed = factories.colleague(owner, username="left", name="离职", role="clerk")
    closed.is_active = False
    closed.save()
    second = factories.staff(username="second", name="李秋萍")
    for person in (root, plain_auditor, closed, second, auditor, secretary):
        with pytest.raises(Refusal):
            look_as(person, actor=secretary, reason="核对页面", now=clock.now())
    assert not Viewing.objects.exists()


def test_only_the_secretariat_looks_and_an_auditor_never(owner, auditor, secretary):
    both = factories.staff(username="both", name="兼任")
    from django.contrib.auth.models import Group

    both.groups.add(Group.objects.get(name=Role.AUDITOR))
    root = factories.user(username="root", name="管理员", is_superuser=True, is_staff=True)
    for actor in (auditor, both, root, owner):
        with pytest.raises(NotAllowed):
            look_as(owner, actor=actor, reason="核对页面", now=clock.now())


def test_who_stops_being_secretary_stops_looking(browser, secretary, owner):
    begin(browser, owner)
    secretary.groups.clear()
    answer = browser.get(WORKSPACE)
    assert answer.status_code == 302
    assert Viewing.objects.get().ended_at is not None


def test_who_becomes_staff_is_no_longer_looked_at(browser, owner):
    begin(browser, owner)
    owner.is_staff = True
    owner.save()
    assert browser.get(WORKSPACE).status_code == 302


def test_a_viewing_of_somebody_else_opens_nothing(browser, owner):
    """The key of a session is worth nothing in the session of another."""
    second = factories.staff(username="second", name="李秋萍")
    viewing = look_as(owner, actor=second, reason="核对页面", now=clock.now())
    session = browser.session
    session[acting.SESSION_KEY] = str(viewing.uuid)
    session.save()
    assert browser.get(WORKSPACE)["Location"] == reverse("admin:act_as")


def test_after_half_an_hour_it_is_over_and_a_late_press_does_nothing(browser, owner):
    begin(browser, owner)
    with clock.fixed(clock.now() + timedelta(minutes=acting.MINUTES, seconds=1)):
        late = browser.post(reverse("applications:new"))
        assert late.status_code == 403
        assert "没有执行" in late.content.decode()
    viewing = Viewing.objects.get()
    assert viewing.ended_at == viewing.until


def test_the_clockwork_ends_what_a_closed_browser_left(secretary, owner):
    viewing = look_as(owner, actor=secretary, reason="核对页面", now=clock.now())
    assert acting.end_what_is_over(clock.now()) == 0
    assert acting.end_what_is_over(viewing.until) == 1
    assert acting.end_what_is_over(viewing.until) == 0
    with pytest.raises(StaleState):
        acting.end(viewing, actor=secretary, at=viewing.until)
    assert AuditEvent.objects.get(verb="act_as.ended").actor is None


def test_looking_leaves_no_mark_of_reading_of_presence_or_of_printing(browser, owner, secretary):
    filed = checked.submitted(owner)
    thread = messages.thread_for(filed)
    messages.post_message(thread, author=secretary, body="请补寄", from_staff=True)
    draft = factories.draft(owner)
    begin(browser, owner)
    for address in (reverse("applications:thread", args=[thread.uuid]), reverse("applications:letters"),
                    reverse("applications:section", args=[draft.uuid, "topic"])):  # fmt: skip
        assert browser.get(address).status_code == 200
    owner.refresh_from_db()
    assert (thread.messages.get().read_at, owner.letters_seen_at) == (None, None)
    assert cache.get(f"presence:{page_key('section', draft.uuid, 'topic')}:{owner.pk}") is None


def test_nothing_is_autosaved_from_a_page_that_is_only_looked_at(browser, owner):
    draft = factories.draft(owner)
    begin(browser, owner)
    body = browser.get(reverse("applications:section", args=[draft.uuid, "topic"])).content.decode()
    assert 'data-autosave=""' in body
    assert "js/autosave.js" not in body


def test_a_judges_points_stay_the_judges(browser, owner):
    from tests.reviews import builders

    round_ = builders.closed_round()
    judge = builders.judge("甲", "青海省甲研究所", round_.programme)
    stage = builders.only_documents(round_)
    filing = builders.accepted(owner, round_, serial=1)
    secretary = factories.staff(username="assigner", name="李秋萍")
    assignment = builders.assigning.assign(stage, filing, judge, actor=secretary)
    sheet = builders.submitted_sheet(assignment, 87)
    begin(browser, judge.user)
    for address in (reverse("reviews:dashboard"), reverse("reviews:sheet", args=[assignment.uuid])):
        words = re.sub(r"<[^>]*>", " ", browser.get(address).content.decode())  # addresses may have any digits
        assert not re.search(rf"\b{sheet.total:.0f}(\.0+)?\b", words)
    assert "在查看期间不显示" in browser.get(reverse("reviews:sheet", args=[assignment.uuid])).content.decode()


def test_what_would_write_after_all_is_refused_and_leaves_nothing(browser, owner, monkeypatch):
    """A page that somebody adds tomorrow and forgets here: the connection refuses."""
    from applications.models import Enterprise

    def writes(request):
        with transaction.atomic():
            Enterprise.objects.update(name="被改名")

    monkeypatch.setattr("applications.views.workspace.membership_of", writes)
    begin(browser, owner)
    answer = browser.get(WORKSPACE)
    assert answer.status_code == 403
    assert "会留下记录" in answer.content.decode()
    assert factories.enterprise_of(owner).name != "被改名"
