"""A worker killed while a mail server holds its mail: the mail is not sent again by itself."""

import subprocess
import sys
import time

import pytest
from django.db import transaction

from qcportal import clock, mail, outbox
from qcportal.models import MailKind, MailMessage, MailState, OutboxMessage
from tests.processes import ROOT, wait_for


@pytest.fixture
def mail_server(tmp_path):
    """A process of its own that takes a mail and never answers."""
    folder = tmp_path / "mails"
    folder.mkdir()
    process = subprocess.Popen([sys.executable, "-m", "tests.mailserver", str(folder), "wait"], cwd=ROOT)
    wait_for(lambda: (folder / "port").exists() and (folder / "port").read_text(), 20, "the mail server starting")
    yield folder
    process.kill()
    process.wait()


def test_a_worker_killed_between_the_text_and_its_answer(environment, start_worker, mail_server):
    with transaction.atomic():
        message = mail.queue(kind=MailKind.LETTER, to="a@example.test", subject="请补正", body="正文\n")
    smtp = {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": (mail_server / "port").read_text(),
        "EMAIL_USE_SSL": "0",
    }
    first = start_worker(**smtp)
    outbox.relay()
    wait_for(lambda: list(mail_server.glob("*.eml")), 60, "the mail server taking the mail")
    first.kill()
    left = MailMessage.objects.get(pk=message.pk)
    assert left.state == MailState.SENDING
    assert left.attempts.get().ended_at is None
    # The dead worker's lease is over: another one is given the row.
    OutboxMessage.objects.update(lease_until=clock.now(), sent_at=None)
    start_worker(**smtp)
    end = time.monotonic() + 90
    while MailMessage.objects.get(pk=message.pk).state == MailState.SENDING and time.monotonic() < end:
        outbox.relay()
        time.sleep(1)
    found = MailMessage.objects.get(pk=message.pk)
    assert found.state == MailState.UNSURE
    assert [attempt.outcome for attempt in found.attempts.all()] == ["cut_off"]
    assert [path.name for path in mail_server.glob("*.eml")] == ["1.eml"], "sent once"
    assert OutboxMessage.objects.get(topic="mail.send").state == "done"
