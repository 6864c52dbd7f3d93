"""Deadlines passing: drafts lapse once, extensions hold, people are told."""

from datetime import timedelta

import pytest

from applications.actions.closing import close_due_rounds
from applications.models import Application
from applications.states import State
from qcportal.models import AuditEvent, MailMessage
from tests import factories

DEADLINE = factories.at(2026, 7, 1)


@pytest.fixture
def filing(owner):
    return factories.draft(owner, factories.round_of(2026, 1))


def state(application):
    return Application.objects.get(pk=application.pk).state


def test_a_draft_lapses_at_the_deadline_and_its_owner_is_told_once(filing, owner):
    assert close_due_rounds(DEADLINE - timedelta(seconds=1)) == 0
    assert state(filing) == State.DRAFT
    assert close_due_rounds(DEADLINE) == 1
    assert close_due_rounds(DEADLINE + timedelta(minutes=1)) == 0
    assert state(filing) == State.LAPSED
    assert MailMessage.objects.get().to == owner.email
    assert AuditEvent.objects.filter(verb="application.lapsed").count() == 1
    assert AuditEvent.objects.filter(verb="round.closed").count() == 1


def test_a_draft_under_extension_stays(filing, secretary):
    filing.round.extensions.create(
        enterprise=filing.enterprise, new_deadline=DEADLINE + timedelta(days=1), reason="停电",
        created_by=secretary, created_at=DEADLINE,
    )  # fmt: skip
    assert close_due_rounds(DEADLINE) == 0
    assert close_due_rounds(DEADLINE + timedelta(days=1)) == 1


def test_an_overdue_correction_lapses(filing):
    Application.objects.filter(pk=filing.pk).update(state=State.RETURNED, correction_due_at=DEADLINE)
    assert close_due_rounds(DEADLINE - timedelta(seconds=1)) == 0
    assert close_due_rounds(DEADLINE) == 1
    assert state(filing) == State.LAPSED
