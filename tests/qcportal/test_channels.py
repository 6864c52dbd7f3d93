"""Short messages and the staff's group: only to whom it was promised, once for one key, and a documented POST."""

import hashlib
import hmac
import http.server
import json
import threading
import time
from contextlib import suppress

import pytest
from django.db import transaction

from qcportal import channels, clock, mail, posting, sending, wechat
from qcportal.channels import Note, Refused, Unsure
from qcportal.channels.file import FileBackend
from qcportal.channels.http import HttpBackend
from qcportal.errors import Refusal
from qcportal.models import Channel, MailKind, MailMessage, MailState
from tests import factories

NOW = factories.at(2026, 6, 20, 10)
NOTE = Note("sms", "13912345678", "【青海省质量协会】请补正", "qcportal-7")
GROUP = Note("wecom", "企业微信群", NOTE.text, "qcportal-8")


@pytest.fixture(autouse=True)
def _files_of_this_test(settings, tmp_path):
    settings.CHANNELS = {
        "sms": {"backend": "file", "folder": str(tmp_path)},
        "wecom": {"backend": "file", "folder": str(tmp_path)},
    }


def lines(tmp_path, channel="sms"):
    path = tmp_path / f"{channel}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


# --- Who gets one --------------------------------------------------------------------------------


@pytest.fixture
def with_sms(db):
    made = sending.defaults()
    made.channels = {"check_returned": ["sms"], "digest": ["wecom"]}
    made.save()


def letter(user, code="check_returned", **more):
    body = "青海雪豹公司：\n\n请补正后重新提交。\n\n查看与办理：https://qc.example/applications/1/\n\n本邮件由系统自动发出。\n"
    with transaction.atomic():
        return mail.queue(
            kind=MailKind.LETTER, to=user.email, subject="请补正：QC2026-1-0042", body=body, letter=code, **more
        )


def test_a_short_message_goes_to_whoever_asked_for_it(with_sms, owner, tmp_path):
    owner.mobile = "13912345678"
    owner.save()
    letter(owner)
    assert not MailMessage.objects.filter(channel=Channel.SMS).exists(), "nobody gets one unasked"
    posting.save_preference(actor=owner, values={"sms": True})
    letter(owner)
    letter(owner, code="check_accepted")
    copy = MailMessage.objects.get(channel=Channel.SMS)
    assert (copy.to, copy.body) == (
        "13912345678",
        "【青海省质量协会】请补正：QC2026-1-0042，详见 https://qc.example/applications/1/",
    )
    mail.deliver({"mail": copy.pk})
    mail.deliver({"mail": copy.pk})
    assert [(line["to"], line["key"]) for line in lines(tmp_path)] == [("13912345678", f"qcportal-{copy.pk}")]
    assert (tmp_path / "sms.jsonl").stat().st_mode & 0o077 == 0
    assert MailMessage.objects.letters().filter(channel=Channel.SMS).count() == 0


def test_short_messages_need_a_number(owner):
    with pytest.raises(Refusal, match="手机号码"):
        posting.save_preference(actor=owner, values={"sms": True})


def test_the_staffs_group_hears_a_thing_once(with_sms, secretary, tmp_path):
    other = factories.staff(username="second")
    letter(secretary, code="digest", key="mail:digest:20260620:1")
    letter(other, code="digest", key="mail:digest:20260620:2")
    copy = MailMessage.objects.get(channel=Channel.WECOM)
    mail.deliver({"mail": copy.pk})
    assert len(lines(tmp_path, "wecom")) == 1


def test_without_a_backend_there_is_no_copy(with_sms, secretary, settings):
    settings.CHANNELS = {"sms": {"backend": ""}, "wecom": {"backend": ""}}
    letter(secretary, code="digest")
    assert MailMessage.objects.count() == 1
    assert channels.installed() == []


def test_a_cut_off_try_of_an_idempotent_channel_is_repeated_with_its_key(with_sms, owner, tmp_path):
    """The file took it, then the worker died before saying so."""
    message = MailMessage.objects.create(
        kind=3, channel="sms", to="13912345678", subject="x", body="请补正", created_at=NOW, state="sending"
    )
    FileBackend("sms", {"folder": str(tmp_path)}).send(Note("sms", message.to, "请补正", f"qcportal-{message.pk}"))
    message.attempts.create(started_at=NOW)
    mail.deliver({"mail": message.pk})
    message.refresh_from_db()
    assert message.state == MailState.SENT
    assert len(lines(tmp_path)) == 1
    assert [attempt.outcome for attempt in message.attempts.all()] == ["cut_off", "accepted"]


# --- HTTP ----------------------------------------------------------------------------------------


@pytest.fixture
def gateway():
    """A server that notes what it was sent and answers what ``answers`` says."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.got.append((dict(self.headers), body))
            status, text = server.answers.pop(0) if server.answers else (200, b"{}")
            if status == "slow":
                time.sleep(1.5)
                status = 200
            self.send_response(status)
            self.end_headers()
            with suppress(BrokenPipeError):  # whoever asked may have gone by now
                self.wfile.write(text)

        def log_message(self, *_words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.got, server.answers = [], []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def over_http(gateway, channel="sms", **more):
    said = {"url": f"http://127.0.0.1:{gateway.server_port}/send", "secret": "s3cret", "timeout": 1, **more}
    return HttpBackend(channel, said)


def test_the_post_is_as_documented(gateway):
    with clock.fixed(NOW):
        over_http(gateway).send(NOTE)
    headers, body = gateway.got[0]
    assert json.loads(body) == {"channel": "sms", "to": NOTE.to, "text": NOTE.text, "key": NOTE.key}
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["Idempotency-Key"] == "qcportal-7"
    stamp = str(int(NOW.timestamp()))
    signature = hmac.new(b"s3cret", f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert (headers["X-Qcportal-Timestamp"], headers["X-Qcportal-Signature"]) == (stamp, f"sha256={signature}")


def test_a_group_robot_gets_its_own_form(gateway):
    gateway.answers = [(200, b'{"errcode": 0}'), (200, b'{"errcode": 93000}'), (200, b'{"errcode": 45009}')]
    robot = over_http(gateway, "wecom")
    robot.send(GROUP)
    assert json.loads(gateway.got[0][1]) == {"msgtype": "text", "text": {"content": NOTE.text}}
    with pytest.raises(Refused, match="93000") as final:
        robot.send(GROUP)
    with pytest.raises(Refused) as busy:
        robot.send(GROUP)
    assert (final.value.is_final, busy.value.is_final) == (True, False)
    assert not robot.is_idempotent


@pytest.mark.parametrize(("status", "is_final"), [(400, True), (403, True), (429, False), (500, False), (503, False)])
def test_a_refusal_is_final_or_not(gateway, status, is_final):
    gateway.answers = [(status, b"no")]
    with pytest.raises(Refused) as refused:
        over_http(gateway).send(NOTE)
    assert (refused.value.reason, refused.value.is_final) == (f"对方服务器答复 {status}。", is_final)


def test_no_answer_in_time_is_unsure(gateway):
    gateway.answers = [("slow", b"{}")]
    with pytest.raises(Unsure):
        over_http(gateway, timeout=0.3).send(NOTE)


def test_nobody_there_is_a_refusal_that_is_tried_again():
    with pytest.raises(Refused) as refused:
        HttpBackend("sms", {"url": "http://127.0.0.1:9/x", "timeout": 1}).send(NOTE)
    assert not refused.value.is_final


def test_only_web_addresses_are_asked():
    with pytest.raises(Refused, match="没有配置网址"):
        HttpBackend("sms", {"url": "file:///etc/passwd"}).send(NOTE)


def test_an_unsure_http_try_is_repeated_by_the_outbox_with_the_same_key(db, gateway, settings):
    url = f"http://127.0.0.1:{gateway.server_port}/send"
    settings.CHANNELS = {"sms": {"backend": "http", "url": url, "secret": "", "timeout": 0.3}}
    gateway.answers = [("slow", b"{}")]
    message = MailMessage.objects.create(kind=3, channel="sms", to=NOTE.to, subject="x", body="x", created_at=NOW)
    with pytest.raises(Unsure):
        mail.deliver({"mail": message.pk})
    mail.deliver({"mail": message.pk})
    assert {headers["Idempotency-Key"] for headers, _body in gateway.got} == {f"qcportal-{message.pk}"}
    message.refresh_from_db()
    assert message.state == MailState.SENT


# --- The words -----------------------------------------------------------------------------------


def test_the_text_for_wechat_is_short_plain_and_has_the_link(owner):
    message = letter(owner)
    assert wechat.text(message) == (
        "【青海省质量协会】请补正：QC2026-1-0042\n\n青海雪豹公司：\n请补正后重新提交。\n\n"
        "查看：https://qc.example/applications/1/"
    )
    message.body = "很长的一段话。\n" * 200 + "https://qc.example/x/\n"
    assert len(wechat.text(message)) < 480
    assert wechat.text(message).endswith("（全文见链接）\n\n查看：https://qc.example/x/")
