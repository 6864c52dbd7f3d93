"""Reminders before a deadline: each step once, only of what is unfinished."""

from datetime import timedelta

import pytest

from applications.actions import reminding
from applications.models import Application, Extension
from applications.states import State
from qcportal import clock
from qcportal.models import MailMessage
from tests import factories


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


def test_a_returned_filing_is_reminded_of_its_correction(draft, round_):
    Application.objects.filter(pk=draft.pk).update(
        state=State.RETURNED, correction_due_at=round_.closes_at + timedelta(days=5)
    )
    assert at(round_, days=1) == 1
    assert "退回补正" in MailMessage.objects.get().body


def test_the_number_of_queries_does_not_grow_with_drafts(owner, round_, draft, django_assert_num_queries):
    def ask(queries):
        with django_assert_num_queries(queries):
            at(round_, days=20)

    ask(2)
    factories.draft(owner, round_, created_at=draft.created_at)
    factories.draft(owner, round_, created_at=draft.created_at)
    ask(2)
