"""Returned mail: standard delivery reports find their mail by its Message-ID, once, in Chinese words."""

import mailbox
from email.message import EmailMessage, MIMEPart

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from qcportal import bounces, clock, mail, posting
from qcportal.models import AuditEvent, MailKind, MailMessage, MailState
from tests import factories

NOW = factories.at(2026, 6, 20, 10)


@pytest.fixture
def sent(db):
    with clock.fixed(NOW):
        with transaction.atomic():
            message = mail.queue(kind=MailKind.LETTER, to="Gone@example.test", subject="请补正", body="正文")
        mail.deliver({"mail": message.pk})
    message.refresh_from_db()
    return message


def report(message_id, status="5.1.1", action="failed", *, headers_only=False) -> bytes:
    """As a mail server writes it: multipart/report with three parts."""
    outer = EmailMessage()
    outer["From"] = "MAILER-DAEMON@mx.example.test"
    outer["To"] = "qc@example.org"
    outer["Subject"] = "Undelivered Mail Returned to Sender"
    outer["Content-Type"] = 'multipart/report; report-type=delivery-status; boundary="b"'
    code = "\n".join([
        "Reporting-MTA: dns; mx.example.test", "", "Final-Recipient: rfc822; gone@example.test",
        f"Action: {action}", f"Status: {status}", f"Diagnostic-Code: smtp; 550 {status} no such user", "",
    ])  # fmt: skip
    kind = "text/rfc822-headers" if headers_only else "message/rfc822"
    inner = f"From: qc@example.org\nTo: gone@example.test\nSubject: x\nMessage-ID: {message_id}\n"
    inner += "" if headers_only else "\nbody\n"
    head = "\n".join(f"{name}: {value}" for name, value in outer.items())
    words = ("text/plain; charset=utf-8", "This is the mail system.\n")
    parts = [words, ("message/delivery-status", code), (kind, inner)]
    body = "".join(f"--b\nContent-Type: {kind}\n\n{text}\n" for kind, text in parts) + "--b--\n"
    return f"MIME-Version: 1.0\n{head}\n\n{body}".encode()


@pytest.mark.parametrize("headers_only", [False, True])
def test_a_report_is_noted_on_its_mail_once(sent, headers_only):
    found = bounces.parse(report(sent.message_id, headers_only=headers_only))
    assert found == bounces.Bounce(sent.message_id, "5.1.1", True, "对方邮箱地址不存在，请核对地址。（5.1.1）")
    assert bounces.note(found) == sent
    assert bounces.note(found) is None
    sent.refresh_from_db()
    assert (sent.state, sent.bounce, sent.error) == (MailState.BOUNCED, "hard", found.reason)
    assert AuditEvent.objects.filter(verb="mail.bounced").count() == 1


@pytest.mark.parametrize(
    ("status", "hard", "words"),
    [
        ("5.2.2", False, "对方邮箱已满"),
        ("4.4.7", False, "长时间送不到"),
        ("5.7.1", True, "对方服务器拒收"),
        ("5.1.2", True, "域名不存在"),
        ("5.9.9", True, "对方邮件系统退回"),
    ],
)
def test_the_reason_is_told_in_words(sent, status, hard, words):
    found = bounces.parse(report(sent.message_id, status))
    assert (found.is_hard, words in found.reason) == (hard, True)


def test_what_is_no_bounce_of_ours_is_none(sent):
    assert bounces.parse(report(sent.message_id, action="delayed", status="4.4.1")) is None
    assert bounces.parse(report(sent.message_id, action="delivered", status="2.0.0")) is None
    assert bounces.parse(report("<somebody@else.example>")) is None
    assert bounces.parse(b"Subject: hello\n\njust a mail") is None
    assert bounces.parse(b"\xff\xfe\x00") is None
    forged = sent.message_id.replace(sent.message_id.split(".")[2][:16], "0" * 16)
    assert bounces.note(bounces.parse(report(forged))) is None


def test_a_soft_bounce_may_become_hard_but_not_soft_again(sent):
    soft, hard = (bounces.parse(report(sent.message_id, status)) for status in ("4.4.7", "5.1.1"))
    assert bounces.note(soft)
    assert bounces.returned([sent.to]) == {}, "the address may still be right"
    assert bounces.note(hard)
    assert bounces.note(soft) is None
    assert bounces.returned([sent.to, "other@example.test"]) == {"gone@example.test": hard.reason}


def test_a_later_mail_that_arrived_clears_the_address(sent, secretary):
    bounces.note(bounces.parse(report(sent.message_id)))
    new = posting.resend(sent, actor=secretary)
    mail.deliver({"mail": new.pk})
    assert bounces.returned([sent.to]) == {}


# --- Sources -------------------------------------------------------------------------------------


def state(sent) -> str:
    return MailMessage.objects.get(pk=sent.pk).state


def test_a_folder_of_files_is_read_and_tidied(sent, tmp_path, capsys):
    (tmp_path / "one.eml").write_bytes(report(sent.message_id))
    (tmp_path / "two.eml").write_bytes(b"Subject: x\n\nhello")
    call_command("read_bounces", f"eml:{tmp_path}")
    assert capsys.readouterr().out == "2 messages read, 1 returned mails noted.\n"
    assert sorted(path.name for path in (tmp_path / "done").iterdir()) == ["one.eml", "two.eml"]
    call_command("read_bounces", f"eml:{tmp_path}")
    assert capsys.readouterr().out == "0 messages read, 0 returned mails noted.\n"
    assert state(sent) == MailState.BOUNCED


def test_an_mbox_is_left_as_it_is(sent, tmp_path):
    box = mailbox.mbox(tmp_path / "box")
    box.add(report(sent.message_id))
    box.close()
    assert bounces.read(f"mbox:{tmp_path}/box") == (1, 1)
    assert bounces.read(f"mbox:{tmp_path}/box") == (1, 0)


def test_a_maildir_message_is_marked_as_seen(sent, tmp_path):
    box = mailbox.Maildir(tmp_path / "Maildir")
    box.add(report(sent.message_id))
    assert bounces.read(f"maildir:{tmp_path}/Maildir") == (1, 1)
    assert bounces.read(f"maildir:{tmp_path}/Maildir") == (0, 0)
    assert state(sent) == MailState.BOUNCED


def test_unseen_messages_of_a_mailbox_are_read(sent, monkeypatch):
    stored = []

    class Box:
        def __init__(self, host, port, timeout):
            assert (host, port) == ("mx.example.org", 993)

        def __enter__(self):
            return self

        def __exit__(self, *_error):
            return None

        def login(self, user, password):
            assert (user, password) == ("qc@example.org", "secret")

        def select(self, name):
            assert name == "INBOX"

        def search(self, _charset, what):
            assert what == "UNSEEN"
            return "OK", [b"7"]

        def fetch(self, _number, _what):
            return "OK", [(b"7 (BODY[]", report(sent.message_id)), b")"]

        def store(self, number, what, flag):
            stored.append((number, what, flag))

    monkeypatch.setattr(bounces.imaplib, "IMAP4_SSL", Box)
    assert bounces.read("imaps://qc%40example.org@mx.example.org/INBOX", password="secret") == (1, 1)
    assert stored == [(b"7", "+FLAGS", "\\Seen")]


def test_an_unknown_source_is_refused(db):
    with pytest.raises(CommandError, match="unknown source"):
        call_command("read_bounces", "pop3://x")
    with pytest.raises(CommandError, match="Name a source"):
        call_command("read_bounces")


def test_the_parts_of_a_report_may_be_missing():
    empty = MIMEPart()
    assert bounces.parse(bytes(empty)) is None
