"""Many presses from many processes, and the real clock at the deadline."""

import subprocess
import sys
import time
from contextlib import suppress
from datetime import timedelta

from applications.actions.submission import submit
from applications.models import Application, Packet, Submission, SubmitAttempt
from applications.topics import steps_of
from qcportal import clock, outbox
from qcportal.errors import Refusal
from qcportal.models import AuditEvent, OutboxMessage
from tests import factories
from tests.processes import ROOT, wait_for

CONFIRMED = {"truthful": "2026-1", "members_informed": "2026-1"}


def test_presses_from_four_processes_make_one_version(environment):
    owner = factories.enterprise_owner()
    filing = factories.complete_draft(owner)
    start = str(time.time() + 6)
    environment = {**environment, "DJANGO_SETTINGS_MODULE": "qcportal.settings"}
    command = [sys.executable, "-m", "tests.postgres.press", str(filing.uuid), "owner", start]
    presses = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    answers = {press.communicate(timeout=60)[0] for press in presses}
    submission = Submission.objects.get()
    assert answers == {f"1 {submission.code}\n"}
    outcomes = list(SubmitAttempt.objects.values_list("outcome", flat=True))
    assert sorted(outcomes) == ["accepted", "repeated", "repeated", "repeated"]
    assert AuditEvent.objects.filter(verb="application.submitted").count() == 1
    assert OutboxMessage.objects.filter(topic="packet.build").count() == 1


def test_at_the_deadline_the_database_clock_decides(environment):
    """Pressed every 0.1 s across the deadline: what was decided before it stands, later presses do not."""
    owner = factories.enterprise_owner()
    filing = factories.complete_draft(owner)
    closes_at = clock.now_in_transaction() + timedelta(seconds=2.5)
    filing.round.closes_at = closes_at
    filing.round.save()
    end = time.monotonic() + 5
    while time.monotonic() < end:
        Application.objects.filter(pk=filing.pk).update(has_unsubmitted_changes=True)
        with suppress(Refusal):
            submit(filing, actor=owner, confirmations=CONFIRMED, arrived_at=clock.now())
        time.sleep(0.1)
    decided = list(SubmitAttempt.objects.values_list("outcome", "decided_at"))
    accepted = [at for outcome, at in decided if outcome == "accepted"]
    refused = [at for outcome, at in decided if outcome == "after_deadline"]
    assert len(accepted) > 2
    assert len(refused) > 2
    assert len(decided) == len(accepted) + len(refused)
    assert max(accepted) < closes_at <= min(refused)
    assert Submission.objects.count() == len(accepted)


def test_redis_stopped_during_a_submit(environment, redis, start_worker):
    """The submit succeeds; when Redis is back the work follows."""
    owner = factories.enterprise_owner()
    filing = factories.complete_draft(owner)
    redis.stop()
    began = time.monotonic()
    submit(filing, actor=owner, confirmations=CONFIRMED, arrived_at=clock.now())
    assert time.monotonic() - began < 10
    assert OutboxMessage.objects.filter(topic="packet.build", state="pending", sent_at=None).count() == 1
    redis.start()
    start_worker()
    assert outbox.relay() > 0
    wait_for(lambda: OutboxMessage.objects.get(topic="packet.build").state == "done", 60, "the packet")


def test_a_worker_killed_during_a_packet(environment, start_worker, tmp_path):
    """SIGKILL while the packet is being built: another worker has it built within 180 s, once."""
    owner = factories.enterprise_owner()
    # Long enough for the kill to fall into the middle of rendering.
    long_steps = {step.code: "依据现场数据逐项验证，结论清楚。" * 300 for step in steps_of("self_set")}
    filing = factories.complete_draft(owner, steps=long_steps)
    submit(filing, actor=owner, confirmations=CONFIRMED, arrived_at=clock.now())
    packet = OutboxMessage.objects.filter(topic="packet.build")
    OutboxMessage.objects.exclude(topic="packet.build").update(state="done")
    first = start_worker()
    outbox.relay()
    wait_for(lambda: packet.get().lease_until is not None, 60, "the first worker taking the packet")
    first.kill()
    killed_at = time.monotonic()
    assert not Packet.objects.filter(kind="full").exists()
    start_worker()
    end = killed_at + 180
    while packet.get().state != "done" and time.monotonic() < end:
        outbox.relay()
        time.sleep(1)
    assert packet.get().state == "done"
    assert packet.get().attempts == 2
    assert Packet.objects.filter(submission__application=filing, kind="full").count() == 1
