from datetime import timedelta

import pytest
from django.db import DatabaseError

from qcportal import clock, outbox
from qcportal.models import Heartbeat, OutboxMessage
from qcportal.site import health


def test_healthz_asks_no_database(client):
    # No django_db mark: a query would fail the test.
    assert client.get("/healthz").content == b"ok"


@pytest.mark.django_db
def test_readyz_is_200_and_names_what_is_degraded(client, settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/nobody-listens.sock"
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "degraded": ["broker", "worker"]}


@pytest.mark.django_db
def test_a_fresh_heartbeat_and_a_broker_leave_nothing_degraded(client, monkeypatch):
    Heartbeat.objects.create(name="worker", at=clock.now() - timedelta(seconds=100))
    monkeypatch.setattr(health, "_broker_answers", lambda: True)
    assert client.get("/readyz").json() == {"status": "ok", "degraded": []}


@pytest.mark.django_db
def test_a_worker_silent_for_two_minutes_and_a_dead_letter_are_named(client, monkeypatch):
    monkeypatch.setattr(health, "_broker_answers", lambda: True)
    Heartbeat.objects.create(name="worker", at=clock.now() - timedelta(seconds=130))
    outbox.add("mail.send", "mail:1", {"mail": 1})
    OutboxMessage.objects.update(state="dead")
    assert client.get("/readyz").json()["degraded"] == ["worker", "outbox"]


@pytest.mark.django_db
def test_readyz_is_503_when_storage_cannot_be_written(client, settings, tmp_path):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, not a folder")
    settings.MEDIA_ROOT = blocked
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["failed"] == ["storage"]


@pytest.mark.django_db
def test_readyz_is_503_without_a_database(client, monkeypatch):
    def refuse():
        raise DatabaseError("no database")

    monkeypatch.setattr(health.connection, "ensure_connection", refuse)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["failed"] == ["database"]


@pytest.mark.django_db
def test_readyz_is_503_with_an_unapplied_migration(client, monkeypatch):
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda self, targets: [("a migration", False)])
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["failed"] == ["migrations"]
