"""A real conversation with a mail server: what certainly did not leave is tried again, the rest is a person's."""

import email
from email.policy import default as policy

import pytest
from django.db import transaction

from qcportal import bounces, channels, mail
from qcportal.models import MailKind, MailMessage, MailState
from tests.mailserver import InThread


@pytest.fixture
def server(settings):
    with InThread() as found:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", found.port, 3
        settings.EMAIL_USE_SSL = False
        yield found


@pytest.fixture
def message(db):
    with transaction.atomic():
        return mail.queue(kind=MailKind.LETTER, to="a@example.test", subject="请补正", body="请核对电话。\n")


def send(message) -> MailMessage:
    mail.deliver({"mail": message.pk})
    return MailMessage.objects.get(pk=message.pk)


def test_the_mail_arrives_as_written(server, message):
    sent = send(message)
    found = email.message_from_bytes(server.accepted[0], policy=policy)
    assert (found["Subject"], found["To"], found["Message-ID"]) == ("请补正", "a@example.test", sent.message_id)
    assert "请核对电话。" in found.get_content()
    assert bounces._OUR_ID.fullmatch(found["Message-ID"])
    assert found["Auto-Submitted"] == "auto-generated"
    assert sent.state == MailState.SENT


def test_a_hang_up_after_the_text_is_unsure_and_not_repeated(server, message):
    server.after_data = "hang up"
    assert send(message).state == MailState.UNSURE
    server.after_data = "accept"
    send(message)
    assert len(server.accepted) == 1
    assert message.attempts.get().outcome == "cut_off"


def test_no_answer_to_the_text_in_time_is_unsure(server, message, settings):
    settings.EMAIL_TIMEOUT = 0.5
    server.after_data = "wait"
    assert send(message).state == MailState.UNSURE
    assert len(server.accepted) == 1


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
def test_a_temporary_no_is_tried_again(server, message, verb):
    server.answers = {verb: "451 4.3.0 try later"}
    with pytest.raises(channels.Refused, match="451"):
        send(message)
    server.answers = {}
    assert send(message).state == MailState.SENT
    assert len(server.accepted) == 1


def test_a_final_no_to_the_address_is_a_failure_with_its_reason(server, message):
    server.answers = {"RCPT": "550 5.1.1 no such user"}
    sent = send(message)
    assert (sent.state, sent.error) == (MailState.FAILED, "邮件服务器拒收（550）：5.1.1 no such user")
    assert server.accepted == []


def test_a_server_that_is_away_leaves_nothing_unsure(server, message, settings):
    settings.EMAIL_PORT = 9
    with pytest.raises(channels.Refused, match="连接邮件服务器失败"):
        send(message)
    found = MailMessage.objects.get()
    assert (found.state, found.attempts.get().outcome) == (MailState.WAITING, "failed")
