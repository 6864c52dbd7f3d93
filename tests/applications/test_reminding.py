"""Reminders before a deadline: each step once, only of what is unfinished."""

from datetime import timedelta
from uuid import uuid4

import pytest

from applications import reminders
from applications.actions import paper, reminding
from applications.models import Application, Extension, FormalCheck, Membership, Round
from applications.reminders import Wanted
from applications.states import State
from qcportal import clock, sending
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import AuditEvent, MailBatch, MailMessage, MailPreference, OutboxMessage
from tests import factories
from tests.applications import checked


@pytest.fixture
def round_(db):
    return factories.open_round(days_left=30)


@pytest.fixture
def draft(owner, round_):
    return factories.draft(owner, round_, group_name="红柳QC小组", created_at=clock.now() - timedelta(days=1))


def at(round_, **before):
    return reminding.send_reminders(round_.closes_at - timedelta(**before))


def test_each_step_is_told_once(draft, round_, owner):
    assert at(round_, days=15) == 0
    assert at(round_, days=14) == 1
    assert at(round_, days=13) == 0
    assert [at(round_, **step) for step in ({"days": 7}, {"days": 3}, {"days": 1}, {"hours": 3})] == [1, 1, 1, 1]
    assert at(round_, minutes=1) == 0
    assert at(round_, minutes=0) == 0
    mails = MailMessage.objects.filter(subject__startswith="距截止")
    assert [mail.subject.partition("：")[0] for mail in mails.order_by("pk")] == [
        "距截止不足 14 天", "距截止不足 7 天", "距截止不足 3 天", "距截止不足 1 天", "距截止不足 3 小时",
    ]  # fmt: skip
    assert {mail.to for mail in mails} == {owner.email}


def test_one_mail_names_every_unfinished_filing(draft, owner, round_):
    factories.draft(owner, round_, group_name="胡杨QC小组", created_at=draft.created_at)
    factories.draft(owner, round_, group_name="已放弃小组", created_at=draft.created_at, state=State.WITHDRAWN)
    assert at(round_, days=7) == 1
    body = MailMessage.objects.get().body
    assert "红柳QC小组" in body
    assert "胡杨QC小组" in body
    assert "已放弃小组" not in body


def test_steps_that_passed_meanwhile_are_left_out(draft, round_):
    assert at(round_, days=2) == 1
    assert "3 天" in MailMessage.objects.get().subject


def test_a_draft_begun_after_a_step_is_not_reminded_of_it(owner, round_):
    factories.draft(owner, round_, created_at=round_.closes_at - timedelta(days=5))
    assert at(round_, days=5) == 0
    assert at(round_, days=3) == 1


def test_an_extended_enterprise_is_reminded_of_its_own_deadline(draft, round_, secretary):
    Extension.objects.create(
        round=round_, enterprise=draft.enterprise, new_deadline=round_.closes_at + timedelta(days=10), reason="停电",
        created_by=secretary, created_at=clock.now(),
    )  # fmt: skip
    assert at(round_, days=3) == 1
    assert "14 天" in MailMessage.objects.get().subject


def test_a_returned_filing_is_reminded_of_its_correction(owner, round_, secretary):
    filing = checked.submitted(owner, round_)
    now, due = clock.now(), clock.now() + timedelta(days=7)
    Application.objects.filter(pk=filing.pk).update(state=State.RETURNED, correction_due_at=due)
    assert reminding.send_reminders(due - timedelta(days=5)) == 0, "not without a decision"
    FormalCheck.objects.create(
        application=filing, submission=filing.latest_submission, checker=secretary, started_at=now, outcome="return",
        decided_at=now,
    )  # fmt: skip
    assert [reminding.send_reminders(due - timedelta(days=days)) for days in (6, 5, 4, 2, 1)] == [0, 2, 0, 2, 2]
    told = MailMessage.objects.filter(letter="correction_reminder")
    assert set(told.values_list("to", flat=True)) == {filing.contact_email, owner.email}
    assert "退回补正" in told[0].body


def test_the_number_of_queries_does_not_grow_with_drafts(owner, round_, draft, django_assert_num_queries):
    def ask(queries):
        with django_assert_num_queries(queries):
            at(round_, days=20)

    ask(5)
    factories.draft(owner, round_, created_at=draft.created_at)
    factories.draft(owner, round_, created_at=draft.created_at)
    ask(5)


# --- What is due after the round: corrections, scans, paper --------------------------------------


def subjects() -> list[str]:
    return list(MailMessage.objects.filter(channel="mail").order_by("pk").values_list("subject", flat=True))


@pytest.fixture
def filed(owner, round_):
    """Submitted, with nothing signed in and no letters yet."""
    found = checked.submitted(owner, round_, contact_email="contact@example.test")
    MailMessage.objects.all().delete()
    OutboxMessage.objects.all().delete()
    return found


def rules(**fields):
    made = sending.defaults()
    for name, value in fields.items():
        setattr(made, name, value)
    made.save()


def test_paper_and_scan_are_reminded_of_until_they_are_there(filed, round_, owner, secretary):
    due = round_.paper_due_at
    assert reminding.send_reminders(due - timedelta(days=4)) == 0
    assert reminding.send_reminders(due - timedelta(days=3)) == 4  # contact and owner, of scan and paper
    assert {subject.partition("：")[0] for subject in subjects()} == {"请寄送盖章纸质材料", "请上传盖章扫描件"}
    assert set(MailMessage.objects.values_list("to", flat=True)) == {"contact@example.test", owner.email}
    assert reminding.send_reminders(due - timedelta(days=2)) == 0
    paper.receive_paper(filed.latest_submission, actor=secretary, shelf="", note="", accept_stale=False)
    assert reminding.send_reminders(due - timedelta(days=1)) == 0


def test_the_days_and_whether_are_data(filed, round_):
    rules(reminders={"paper": {"on": True, "days": [6], "hours": []}, "scan": {"on": False, "days": [6], "hours": []}})
    assert reminding.send_reminders(round_.paper_due_at - timedelta(days=6)) == 2
    assert subjects()[0].startswith("请寄送盖章纸质材料")


def test_who_declined_or_whose_mail_came_back_is_left_out(filed, round_, owner):
    MailPreference.objects.create(user=owner, reminders=False)
    MailMessage.objects.create(
        kind=3, to="contact@example.test", subject="x", body="x", created_at=clock.now(), sent_at=clock.now(),
        state="bounced", bounce="hard", error="对方邮箱地址不存在。",
    )  # fmt: skip
    assert reminding.send_reminders(round_.paper_due_at - timedelta(days=3)) == 0


def test_at_night_it_waits_for_the_morning_unless_the_deadline_is_near(draft, round_):
    night = factories.at(2027, 6, 20, 23)
    Round.objects.filter(pk=round_.pk).update(closes_at=night + timedelta(days=3))
    with clock.fixed(night):
        assert reminding.send_reminders(night) == 1
    assert OutboxMessage.objects.get(topic="mail.send").available_at == factories.at(2027, 6, 21, 7, 30)
    Round.objects.filter(pk=round_.pk).update(closes_at=night + timedelta(hours=3))
    with clock.fixed(night):
        assert reminding.send_reminders(night) == 1
    assert OutboxMessage.objects.filter(topic="mail.send").latest("pk").available_at == night


# --- By hand -------------------------------------------------------------------------------------


def planned(occasion="paper", wanted=None, now=None):
    now = now or clock.now()
    return reminders.plan(occasion, reminders.narrowed(reminders.waiting(occasion, now), wanted or Wanted()), now)


def send(secretary, occasion="paper", key=None, seen=None, wanted=None):
    wanted = wanted or Wanted()
    seen = seen or reminders.digest(planned(occasion, wanted))
    return reminding.send_batch(key or uuid4(), occasion, wanted, seen=seen, actor=secretary)


def written(batch) -> list[str]:
    reminding.write_batch({"batch": batch.pk})
    return sorted(batch.mails.values_list("to", flat=True))


def test_a_batch_is_sent_once_however_often_it_is_pressed(filed, secretary, owner):
    key = uuid4()
    batch = send(secretary, key=key)
    assert send(secretary, key=key) == batch
    assert written(batch) == ["contact@example.test", owner.email]
    MailBatch.objects.update(written_at=None)  # the worker died before it said so
    assert written(batch) == ["contact@example.test", owner.email]
    assert AuditEvent.objects.get(verb="reminder.sent").after == {"occasion": "paper", "enterprises": 1, "mails": 2}


def test_another_list_than_the_one_that_was_seen_is_refused(filed, secretary, rival, round_):
    seen = reminders.digest(planned())
    checked.submitted(rival, round_)
    with pytest.raises(StaleState, match="名单刚刚有变化"):
        send(secretary, seen=seen)
    assert not MailBatch.objects.exists()


def test_only_the_secretariat_reminds_and_only_somebody(filed, secretary, auditor):
    with pytest.raises(NotAllowed):
        send(auditor)
    with pytest.raises(Refusal, match="没有可以提醒的人"):
        send(secretary, occasion="correction")


def test_who_is_left_out_is_named_with_the_reason(filed, secretary, owner, clerk):
    enterprise = filed.enterprise
    MailPreference.objects.create(user=owner, reminders=False)
    [target] = planned()
    assert [person.address for person in target.people] == ["contact@example.test"]
    assert [(one.address, one.reason) for one in target.left_out] == [(owner.email, "已关闭催办提醒")]
    written(send(secretary))
    [target] = planned()
    assert target.people == []
    assert {one.reason for one in target.left_out} == {"已关闭催办提醒", "刚提醒过"}
    assert target.last is not None
    [later] = planned(now=clock.now() + timedelta(hours=25))
    assert len(later.people) == 1
    Membership.objects.filter(enterprise=enterprise).update(is_active=False)
    Application.objects.update(contact_email="")
    [nobody] = planned()
    assert [one.reason for one in nobody.left_out] == ["没有邮箱地址"]


def test_the_list_is_narrowed_by_round_city_and_enterprise(filed, rival, round_):
    checked.submitted(rival, round_)
    enterprise = factories.enterprise_of(rival)
    type(enterprise).objects.filter(pk=enterprise.pk).update(city="6301")
    assert len(planned()) == 2
    assert [target.enterprise.pk for target in planned(wanted=Wanted(city="6301"))] == [enterprise.pk]
    assert len(planned(wanted=Wanted(enterprise=enterprise.credit_code))) == 1
    assert planned(wanted=Wanted(round_=factories.round_of(2015, 1))) == []


def test_what_was_done_meanwhile_is_not_reminded_of(filed, secretary):
    batch = send(secretary)
    paper.receive_paper(filed.latest_submission, actor=secretary, shelf="", note="", accept_stale=False)
    assert written(batch) == []


def test_the_other_occasions(owner, rival, round_, secretary):
    filed = checked.submitted(owner, round_)
    factories.draft(rival, round_, group_name="红柳QC小组")
    assert [target.enterprise.pk for target in planned("licence")] == [filed.enterprise_id]
    assert [target.enterprise.pk for target in planned("draft")] == [factories.enterprise_of(rival).pk]
    assert [target.enterprise.pk for target in planned("report")] == [factories.enterprise_of(rival).pk]
    assert len(planned("scan")) == 1
    factories.report(factories.enterprise_of(rival), round_.programme)
    assert planned("report") == []
    type(filed.enterprise).objects.update(verified_at=clock.now())
    assert planned("licence") == []
    for occasion in ("draft", "scan"):
        batch = send(secretary, occasion)
        written(batch)
        assert batch.mails.count() == len(planned(occasion, now=clock.now() + timedelta(hours=25))[0].people)


def test_a_plan_asks_as_often_for_three_as_for_one(filed, round_, django_assert_num_queries):
    def ask():
        with django_assert_num_queries(8):
            planned()

    ask()
    for number in range(2):
        checked.submitted(factories.enterprise_owner(username=f"more{number}"), round_)
    ask()
