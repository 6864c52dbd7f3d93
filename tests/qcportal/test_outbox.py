"""The outbox: at least once, never before commit, never lost, never a failure of the caller."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from qcportal import clock, outbox, tasks
from qcportal.models import OutboxMessage, OutboxState
from tests import factories

NOW = factories.at(2026, 6, 20, 10)


@pytest.fixture
def work(monkeypatch):
    """A topic whose handler notes what it was given, and does what the test says."""
    done = []

    def handle(payload):
        done.append(payload)
        if payload.get("raise"):
            raise payload["raise"]

    monkeypatch.setitem(outbox._handlers, "test.work", handle)
    return done


@pytest.fixture
def broker(monkeypatch):
    """Messages that reached the broker; set broker.away to make it refuse."""

    class Broker(list):
        away = False

    messages = Broker()

    def send_task(name, args, queue, retry):
        assert name == tasks.deliver.name
        if messages.away:
            raise ConnectionError("no broker")
        messages.append((args[0], queue))

    monkeypatch.setattr(outbox.app, "send_task", send_task)
    monkeypatch.setattr(outbox, "_broker_away_until", 0.0)
    return messages


def add(key="one", **payload):
    with transaction.atomic():
        return outbox.add("test.work", key, payload)


def test_a_row_needs_a_transaction(transactional_db):
    with pytest.raises(RuntimeError):
        outbox.add("test.work", "x", {})


def test_a_row_is_sent_after_commit_and_done_once(transactional_db, work, broker):
    row = add(number=1)
    assert broker == [(row.pk, "default")]
    assert outbox.deliver(row.pk) == "done"
    assert outbox.deliver(row.pk) == "not claimed"
    assert work == [{"number": 1}]


def test_a_rolled_back_change_leaves_no_work(transactional_db, broker):
    with transaction.atomic():
        outbox.add("test.work", "x", {})
        transaction.set_rollback(True)
    assert not OutboxMessage.objects.exists()
    assert broker == []


def test_the_same_key_is_one_row(transactional_db, broker):
    assert add() == add()
    assert len(broker) == 1


def test_without_a_broker_the_change_succeeds_and_the_relay_sends_later(transactional_db, work, broker):
    broker.away = True
    row = add()
    assert outbox.relay() == 0
    broker.away = False
    add("two")
    assert broker == [], "for some seconds the relay alone asks"
    broker.away = True
    OutboxMessage.objects.filter(key="two").delete()
    broker.away = False
    assert outbox.relay() == 1
    assert broker == [(row.pk, "default")]


def test_a_message_lost_by_the_broker_is_sent_again(transactional_db, work, broker):
    with clock.fixed(NOW):
        add()
    with clock.fixed(NOW + timedelta(seconds=59)):
        assert outbox.relay() == 0
    with clock.fixed(NOW + timedelta(seconds=61)):
        assert outbox.relay() == 1


def test_a_worker_that_died_loses_its_lease(transactional_db, work, broker):
    with clock.fixed(NOW):
        row = add()
    OutboxMessage.objects.update(lease_until=NOW + timedelta(seconds=120))
    with clock.fixed(NOW + timedelta(seconds=119)):
        assert outbox.relay() == 0
        assert outbox.deliver(row.pk) == "not claimed"
    with clock.fixed(NOW + timedelta(seconds=121)):
        assert outbox.relay() == 1
        assert outbox.deliver(row.pk) == "done"


def test_a_failing_handler_is_tried_again_with_growing_waits_then_is_a_dead_letter(
    transactional_db, work, broker, settings, caplog
):
    settings.OUTBOX_MAX_ATTEMPTS = 3
    at = NOW
    with clock.fixed(at):
        row = add()
    OutboxMessage.objects.update(payload={}, topic="test.unknown")
    for expected in ("failed", "failed", "dead"):
        with clock.fixed(at):
            assert outbox.deliver(row.pk) == expected
        at += timedelta(hours=2)
    row.refresh_from_db()
    assert (row.state, row.attempts) == (OutboxState.DEAD, 3)
    assert "no handler" in row.last_error


def test_a_dead_letter_can_be_revived(transactional_db, work, broker):
    row = add()
    OutboxMessage.objects.update(state=OutboxState.DEAD, attempts=8)
    outbox.revive(row)
    assert outbox.deliver(row.pk) == "done"


def test_postponed_work_waits_and_is_no_failure(transactional_db, broker, monkeypatch):
    def busy(_payload):
        raise outbox.Postpone(30, "busy")

    monkeypatch.setitem(outbox._handlers, "test.work", busy)
    with clock.fixed(NOW):
        row = add()
        assert outbox.deliver(row.pk) == "postponed"
        assert outbox.deliver(row.pk) == "not claimed"
    row.refresh_from_db()
    assert (row.attempts, row.available_at) == (0, NOW + timedelta(seconds=30))


def test_work_for_later_waits(transactional_db, work, broker):
    with clock.fixed(NOW):
        with transaction.atomic():
            outbox.add("test.work", "later", {}, not_before=NOW + timedelta(hours=1))
        assert broker == []
        assert outbox.relay() == 0
    with clock.fixed(NOW + timedelta(hours=1)):
        assert outbox.relay() == 1


def test_the_rows_of_a_transaction_are_handed_over_together(transactional_db, broker):
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        rows = [outbox.add("test.work", key, {}) for key in ("one", "two", "three")]
    assert broker == [(row.pk, "default") for row in rows]
    assert not OutboxMessage.objects.filter(sent_at=None).exists()
    assert sum(query["sql"].startswith("UPDATE") for query in asked) == 1


def test_a_rolled_back_part_of_a_transaction_hands_nothing_over(transactional_db, broker):
    with transaction.atomic():
        before = outbox.add("test.work", "before", {})
        with transaction.atomic():
            outbox.add("test.work", "lost", {})
            transaction.set_rollback(True)
        after = outbox.add("test.work", "after", {})
    assert broker == [(before.pk, "default"), (after.pk, "default")]
