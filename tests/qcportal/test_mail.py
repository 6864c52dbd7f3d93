"""Mail: written once, held, sent within limits, tried again, and never twice without knowing."""

from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.db import transaction

from applications.actions import digest, reminding
from qcportal import channels, clock, mail, outbox, posting, sending, smtp
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import (
    AuditEvent,
    MailKind,
    MailMessage,
    MailPreference,
    MailState,
    MailVersion,
    OutboxMessage,
    SendingRules,
)
from tests import factories

NOW = factories.at(2026, 6, 20, 10)


def write(**more):
    values = {"kind": MailKind.RECEIPT, "to": "a@example.test", "subject": "回执", "body": "正文", **more}
    with transaction.atomic():
        return mail.queue(**values)


def rules(**fields) -> SendingRules:
    made = sending.defaults()
    for name, value in fields.items():
        setattr(made, name, value)
    made.save()
    return made


def state(message) -> str:
    return MailMessage.objects.get(pk=message.pk).state


def run(message, at=NOW) -> None:
    with clock.fixed(at):
        mail.deliver({"mail": message.pk})


@pytest.fixture
def queued(db):
    with clock.fixed(NOW):
        return write()


@pytest.fixture
def held(db):
    rules(holds={"check_refused": "person"})
    with clock.fixed(NOW):
        return write(kind=MailKind.LETTER, letter="check_refused")


# --- Sending -------------------------------------------------------------------------------------


def test_a_mail_is_sent_once(queued):
    run(queued)
    run(queued)
    assert [(message.subject, message.to) for message in django_mail.outbox] == [("回执", ["a@example.test"])]
    queued.refresh_from_db()
    assert (queued.sent_at, queued.state) == (NOW, MailState.SENT)
    assert [attempt.outcome for attempt in queued.attempts.all()] == ["accepted"]


def test_every_mail_has_a_message_id_that_stays(queued):
    run(queued)
    sent = django_mail.outbox[0].extra_headers["Message-ID"]
    queued.refresh_from_db()
    assert queued.message_id == sent == mail.message_id_of(queued)
    assert sent.startswith(f"<qc.{queued.pk}.")


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
    with pytest.raises(outbox.Postpone) as later:
        run(queued)
    assert later.value.seconds == kept_waiting
    assert django_mail.outbox == []


def test_nobody_without_an_address_gets_mail(db):
    assert write(to="") is None


def test_the_same_key_writes_one_mail(db):
    assert write(key="mail:x:1") is not None
    assert write(key="mail:x:1") is None
    assert MailMessage.objects.count() == 1


# --- Tries that fail -----------------------------------------------------------------------------


def failing(monkeypatch, error, *, after_begin=False):
    def send(_mail, *, before_data):
        if after_begin:
            before_data()
        raise error

    monkeypatch.setattr(smtp, "send", send)


def test_a_server_that_is_away_is_tried_again(queued, monkeypatch, settings):
    settings.OUTBOX_MAX_ATTEMPTS = 2
    failing(monkeypatch, channels.Refused("连接邮件服务器失败"))
    with pytest.raises(channels.Refused):
        run(queued)
    assert state(queued) == MailState.WAITING
    with pytest.raises(channels.Refused):
        run(queued)
    assert state(queued) == MailState.FAILED
    monkeypatch.undo()
    run(queued)
    assert state(queued) == MailState.SENT


def test_a_final_no_is_a_failure_at_once(queued, monkeypatch):
    failing(monkeypatch, channels.Refused("邮件服务器拒收（550）", is_final=True), after_begin=True)
    run(queued)
    queued.refresh_from_db()
    assert (queued.state, queued.error) == (MailState.FAILED, "邮件服务器拒收（550）")
    assert queued.attempts.get().outcome == "refused"


def test_an_answer_that_did_not_come_waits_for_a_person(queued, monkeypatch):
    failing(monkeypatch, channels.Unsure("没有收到邮件服务器的答复。"), after_begin=True)
    run(queued)
    assert state(queued) == MailState.UNSURE
    monkeypatch.undo()
    run(queued)
    assert django_mail.outbox == []


def test_a_try_that_a_dead_worker_left_is_not_repeated(queued):
    """What remains of a worker killed between the hand-over and its note of the answer."""
    MailMessage.objects.update(state=MailState.SENDING, sending_at=NOW)
    queued.attempts.create(started_at=NOW)
    run(queued, NOW + timedelta(minutes=6))
    assert state(queued) == MailState.UNSURE
    assert queued.attempts.get().outcome == "cut_off"
    assert django_mail.outbox == []


def test_what_is_unsure_is_settled_or_sent_anew(queued, secretary):
    MailMessage.objects.update(state=MailState.UNSURE, sending_at=NOW)
    new = posting.resend(queued, actor=secretary, seen=0)
    assert posting.resend(queued, actor=secretary, seen=0) == new, "pressed twice"
    assert (state(queued), new.resend_of_id, new.body) == (MailState.FAILED, queued.pk, queued.body)
    MailMessage.objects.filter(pk=queued.pk).update(state=MailState.UNSURE)
    posting.settle(queued, actor=secretary)
    queued.refresh_from_db()
    assert (queued.state, queued.sent_at) == (MailState.SENT, NOW)


# --- Held ----------------------------------------------------------------------------------------


def test_a_held_letter_waits_for_a_person(held, secretary):
    assert (held.state, held.held_until) == (MailState.HELD, None)
    run(held, NOW + timedelta(days=30))
    assert (django_mail.outbox, OutboxMessage.objects.count()) == ([], 0)
    with clock.fixed(NOW):
        posting.send_now(held, actor=secretary)
    run(held)
    assert len(django_mail.outbox) == 1
    assert AuditEvent.objects.get(verb="mail.released").before == {"state": "held"}


def test_a_letter_held_for_minutes_goes_by_itself(db):
    rules(holds={"check_returned": 10})
    with clock.fixed(NOW):
        letter = write(letter="check_returned")
        assert OutboxMessage.objects.get().available_at == NOW + timedelta(minutes=10)
        with pytest.raises(outbox.Postpone):
            mail.deliver({"mail": letter.pk})
    run(letter, NOW + timedelta(minutes=10))
    assert state(letter) == MailState.SENT


def test_a_code_is_never_held(db):
    rules(holds={"email_code": "person"})
    assert write(kind=MailKind.CODE, letter="email_code").state == MailState.WAITING


def test_a_held_letter_is_not_in_the_message_centre(held, secretary):
    assert not MailMessage.objects.letters().exists()
    posting.send_now(held, actor=secretary)
    assert MailMessage.objects.letters().get() == held


def test_its_words_change_and_the_old_ones_stay(held, secretary, auditor):
    posting.edit(held, actor=secretary, subject="新主题", body="张三的新正文", version=0)
    held.refresh_from_db()
    assert (held.subject, held.body) == ("新主题", "张三的新正文\n")
    assert [(row.number, row.subject, row.body) for row in MailVersion.objects.all()] == [(1, "回执", "正文")]
    said = AuditEvent.objects.get(verb="mail.edited")
    assert said.after == {"changed": ["subject", "body"], "version": 1}
    with pytest.raises(StaleState):
        posting.edit(held, actor=secretary, subject="晚来的", body="x", version=0)
    with pytest.raises(NotAllowed):
        posting.edit(held, actor=auditor, subject="x", body="x", version=1)
    with pytest.raises(Refusal, match="都要填写"):
        posting.edit(held, actor=secretary, subject=" ", body="x", version=1)


def test_what_has_left_is_not_changed_and_not_stopped(queued, secretary):
    run(queued)
    with pytest.raises(StaleState):
        posting.edit(queued, actor=secretary, subject="x", body="x", version=0)
    with pytest.raises(StaleState):
        posting.cancel(queued, actor=secretary)
    with pytest.raises(StaleState):
        posting.send_now(queued, actor=secretary)


def test_a_stopped_letter_does_not_leave(queued, secretary):
    posting.cancel(queued, actor=secretary)
    run(queued)
    assert (state(queued), django_mail.outbox) == (MailState.CANCELLED, [])


def test_a_code_is_neither_changed_nor_sent_again(db, secretary):
    code = write(kind=MailKind.CODE)
    with pytest.raises(NotAllowed):
        posting.edit(code, actor=secretary, subject="x", body="x", version=0)
    run(code)
    with pytest.raises(Refusal):
        posting.resend(code, actor=secretary)


def test_a_returned_mail_is_sent_to_a_corrected_address(queued, secretary):
    run(queued)
    with pytest.raises(Refusal, match="邮箱地址不正确"):
        posting.resend(queued, actor=secretary, to="没有@")
    new = posting.resend(queued, actor=secretary, to="b@example.test")
    assert (new.to, new.resend_of) == ("b@example.test", queued)


def test_many_held_ones_go_together(held, secretary, auditor):
    other = write(letter="check_refused", to="b@example.test")
    sent = write(to="c@example.test")
    with pytest.raises(NotAllowed):
        posting.send_all([held.pk], actor=auditor)
    assert posting.send_all([held.pk, other.pk, sent.pk], actor=secretary) == 2
    assert posting.send_all([held.pk, other.pk], actor=secretary) == 0
    assert {state(held), state(other)} == {MailState.WAITING}


# --- Quiet hours ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hour", "minute", "until"),
    [(21, 29, None), (21, 30, (21, 7, 30)), (23, 59, (21, 7, 30)), (0, 0, (20, 7, 30)), (7, 29, (20, 7, 30)),
     (7, 30, None)],
)  # fmt: skip
def test_the_quiet_hours_go_over_midnight(hour, minute, until):
    end = sending.quiet_until(sending.defaults(), factories.at(2026, 6, 20, hour, minute))
    assert end == (factories.at(2026, 6, *until) if until else None)


def test_they_may_lie_within_a_day_or_be_off():
    noon = sending.defaults()
    noon.quiet_from, noon.quiet_to = noon.quiet_to.replace(hour=12), noon.quiet_to.replace(hour=14)
    assert sending.quiet_until(noon, factories.at(2026, 6, 20, 13)) == factories.at(2026, 6, 20, 14, 30)
    assert sending.quiet_until(noon, factories.at(2026, 6, 20, 22)) is None
    noon.quiet_on = False
    assert sending.quiet_until(noon, factories.at(2026, 6, 20, 13)) is None


def test_only_quiet_mail_waits_for_their_end(db):
    night, morning = factories.at(2026, 6, 20, 23), factories.at(2026, 6, 21, 7, 30)
    with clock.fixed(night):
        reminder, receipt = write(quiet=True), write(to="b@example.test")
        due = dict(OutboxMessage.objects.values_list("payload__mail", "available_at"))
        assert due == {reminder.pk: morning, receipt.pk: night}
        with pytest.raises(outbox.Postpone, match="免打扰"):
            mail.deliver({"mail": reminder.pk})
    run(reminder, morning)
    run(receipt, night)
    assert {state(reminder), state(receipt)} == {MailState.SENT}


# --- What staff are told -------------------------------------------------------------------------


MORNING = factories.at(2026, 6, 22, 8, 30)  # a Monday


def test_the_digest_goes_once_each_working_day(secretary, auditor):
    MailMessage.objects.create(kind=5, to="x@b.example", subject="退信", body="x", created_at=NOW, state="failed")
    assert digest.send_digest(MORNING - timedelta(minutes=1)) == 0
    assert digest.send_digest(MORNING) == 1
    assert digest.send_digest(MORNING + timedelta(minutes=5)) == 0
    sent = MailMessage.objects.get(letter="digest")
    assert (sent.to, sent.subject) == (secretary.email, "工作简报 6月22日：发送失败的信 1")
    assert "/admin/qcportal/mailmessage/?state=failed" in sent.body
    assert digest.send_digest(MORNING + timedelta(days=1)) == 1
    assert digest.send_digest(MORNING - timedelta(days=1)) == 0, "Sunday"


def test_no_digest_when_nothing_is_to_say_or_it_is_switched_off(secretary):
    assert digest.send_digest(MORNING) == 0
    MailMessage.objects.create(kind=5, to="x@b.example", subject="x", body="x", created_at=NOW, state="failed")
    MailPreference.objects.create(user=secretary, digest=False)
    assert digest.send_digest(MORNING) == 0
    MailPreference.objects.all().delete()
    rules(digest_on=False)
    assert digest.send_digest(MORNING) == 0
    assert digest.send_digest(MORNING + timedelta(hours=8)) == 0


def test_reminders_need_no_rules_row(db):
    assert reminding.send_reminders(NOW) == 0
