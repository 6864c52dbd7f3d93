"""Mail: sent once, within limits, urgent kinds sooner."""

from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.db import transaction

from qcportal import clock, mail, outbox
from qcportal.models import MailKind, MailMessage, OutboxMessage
from tests import factories

NOW = factories.at(2026, 6, 20, 10)


@pytest.fixture
def queued(db):
    with clock.fixed(NOW), transaction.atomic():
        return mail.queue(kind=MailKind.RECEIPT, to="a@example.test", subject="回执", body="正文")


def test_a_mail_is_sent_once(queued):
    with clock.fixed(NOW):
        mail.deliver({"mail": queued.pk})
        mail.deliver({"mail": queued.pk})
    assert [(message.subject, message.to) for message in django_mail.outbox] == [("回执", ["a@example.test"])]
    queued.refresh_from_db()
    assert queued.sent_at == NOW


def test_the_outbox_row_carries_the_priority_of_the_kind(queued):
    row = OutboxMessage.objects.get()
    assert (row.queue, row.priority) == ("mail", MailKind.RECEIPT)


@pytest.mark.parametrize(
    ("setting", "ago", "kept_waiting"), [("MAIL_PER_MINUTE", 59, 10), ("MAIL_PER_DAY", 86_399, 600)]
)
def test_over_the_limit_a_mail_waits(queued, settings, setting, ago, kept_waiting):
    setattr(settings, setting, 2)
    for _ in range(2):
        MailMessage.objects.create(
            kind=5, to="b@example.test", subject="x", body="x", created_at=NOW, sent_at=NOW - timedelta(seconds=ago)
        )
    with clock.fixed(NOW), pytest.raises(outbox.Postpone) as later:
        mail.deliver({"mail": queued.pk})
    assert later.value.seconds == kept_waiting
    assert django_mail.outbox == []


def test_nobody_without_an_address_gets_mail(db):
    with transaction.atomic():
        assert mail.queue(kind=MailKind.NOTICE, to="", subject="x", body="x") is None
