"""A worker killed while a mail server holds its mail: the mail is not sent again by itself."""

import signal
import subprocess
import sys

import pytest
from django.db import transaction

from qcportal import clock, mail, outbox, posting
from qcportal.models import MailKind, MailMessage, MailState, OutboxMessage
from tests import factories
from tests.processes import ROOT, wait_for

PATIENCE = 180  # a busy machine


@pytest.fixture
def mail_server(tmp_path):
    """A process of its own that takes a mail and never answers."""
    folder = tmp_path / "mails"
    folder.mkdir()
    process = subprocess.Popen([sys.executable, "-m", "tests.mailserver", str(folder), "wait"], cwd=ROOT)
    wait_for(lambda: (folder / "port").exists() and (folder / "port").read_text(), PATIENCE, "the server starting")
    yield folder
    process.kill()
    process.wait()


def worker(environment, mail_server, row) -> subprocess.Popen:
    smtp = {
        "DJANGO_SETTINGS_MODULE": "qcportal.settings",
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": (mail_server / "port").read_text(),
        "EMAIL_USE_SSL": "0",
    }
    command = [sys.executable, "-m", "tests.postgres.deliver", str(row.pk)]
    return subprocess.Popen(command, cwd=ROOT, env={**environment, **smtp}, stdout=subprocess.PIPE, text=True)


def test_a_worker_killed_between_the_text_and_its_answer(environment, mail_server):
    with transaction.atomic():
        message = mail.queue(kind=MailKind.LETTER, to="a@example.test", subject="请补正", body="正文\n")
    row = OutboxMessage.objects.get(topic="mail.send")
    first = worker(environment, mail_server, row)
    wait_for(lambda: list(mail_server.glob("*.eml")), PATIENCE, "the mail server taking the mail")
    first.send_signal(signal.SIGKILL)
    first.communicate()
    left = MailMessage.objects.get(pk=message.pk)
    assert left.state == MailState.SENDING, "written down before anything could leave"
    assert left.attempts.get().ended_at is None
    assert outbox.deliver(row.pk) == "not claimed", "under the dead worker's lease"

    OutboxMessage.objects.update(lease_until=clock.now())
    second = worker(environment, mail_server, row)
    assert second.communicate(timeout=PATIENCE)[0] == "done"
    found = MailMessage.objects.get(pk=message.pk)
    assert (found.state, found.attempts.get().outcome) == (MailState.UNSURE, "cut_off")
    assert [path.name for path in mail_server.glob("*.eml")] == ["1.eml"], "sent once"

    posting.settle(found, actor=factories.staff())
    assert MailMessage.objects.get(pk=message.pk).state == MailState.SENT
