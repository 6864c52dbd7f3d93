"""发件箱 and what belongs to it, as the secretariat meets it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from applications import reminders
from applications.actions import check_letters, checking, reminding
from applications.models import Message
from qcportal import clock, mail, sending
from qcportal.mail_admin.rules import RulesForm
from qcportal.models import (
    AuditEvent,
    MailBatch,
    MailKind,
    MailMessage,
    MailPreference,
    MailState,
    OutboxMessage,
    SendingRules,
)
from tests import factories
from tests.applications import checked

LIST = "admin:qcportal_mailmessage_changelist"


def one(name: str, message: MailMessage) -> str:
    return reverse(f"admin:qcportal_mailmessage_{name}", args=[message.pk])


def letter(**more) -> MailMessage:
    values = {"kind": MailKind.LETTER, "to": "a@example.test", "subject": "请补正", "body": "请核对。\n", **more}
    return MailMessage.objects.create(created_at=clock.now(), **values)


@pytest.fixture
def desk(client, secretary):
    client.force_login(secretary)
    return client


def text(response) -> str:
    return response.content.decode()


# --- The list ------------------------------------------------------------------------------------


def test_letters_are_found_by_state_kind_address_and_letter(desk):
    letter(subject="暂缓的信", state="held", letter="check_refused")
    letter(subject="退回的信", state="bounced", bounce="hard", to="gone@example.test", error="对方邮箱地址不存在。")
    letter(subject="普通的信", state="sent", kind=MailKind.NOTICE)
    shown = {
        "state=held": "暂缓的信", "letter=check_refused": "暂缓的信",
        "state=bounced": "退回的信", "q=gone@example.test": "退回的信",
        "kind__exact=5": "普通的信", "q=普通": "普通的信",
    }  # fmt: skip
    for query, subject in shown.items():
        page = text(desk.get(f"{reverse(LIST)}?{query}"))
        found = [each for each in ("暂缓的信", "退回的信", "普通的信") if each in page]
        assert found == [subject], query
    assert "对方邮箱地址不存在。" in text(desk.get(f"{reverse(LIST)}?state=bounced"))


def test_letters_about_a_filing_are_found_by_its_number_and_its_enterprise(desk, owner):
    filing = checked.submitted(owner)
    letter(subject="与此无关的信")
    for word in (filing.file_number, filing.group_name, filing.enterprise.name):
        page = text(desk.get(reverse(LIST), {"q": word}))
        assert "提交回执" in page, word
        assert "与此无关的信" not in page


def test_held_letters_go_together_after_a_look(desk):
    held, other = letter(state="held"), letter(state="held", to="b@example.test")
    letter(state="bounced", bounce="hard", to="b@example.test", sent_at=clock.now(), error="对方邮箱地址不存在。")
    asked = {"action": "send_held", "_selected_action": [held.pk, other.pk]}
    page = text(desk.post(reverse(LIST), asked))
    assert "有 1 个地址最近被退信" in page
    assert MailMessage.objects.filter(state=MailState.HELD).count() == 2, "nothing goes unseen"
    desk.post(reverse("admin:qcportal_mailmessage_send_held"), {"mail": [held.pk]})
    assert [MailMessage.objects.get(pk=row.pk).state for row in (held, other)] == ["waiting", "held"]


# --- One letter ----------------------------------------------------------------------------------


def test_a_held_letter_is_changed_and_sent_in_one_step(desk):
    held = letter(state="held")
    assert "请核对。" in text(desk.get(one("edit", held)))
    desk.post(one("edit", held), {"subject": "新主题", "body": "新正文", "version": 0, "send": "1"})
    held.refresh_from_db()
    assert (held.subject, held.state) == ("新主题", MailState.WAITING)
    assert "第 1 稿" in text(desk.get(one("change", held)))


def test_a_change_that_is_refused_keeps_what_was_typed(desk, secretary):
    held = letter(state="held")
    held.versions.create(number=1, subject="x", body="x", replaced_at=clock.now(), replaced_by=secretary)
    response = desk.post(one("edit", held), {"subject": "我的主题", "body": "我的正文", "version": 0})
    assert response.status_code == 400
    page = text(response)
    assert "他人修改过" in page
    assert "我的正文" in page


def test_the_text_for_wechat_is_there_without_script(desk):
    page = text(desk.get(one("change", letter(body="请补正。\n\n查看与办理：http://x.test/a/\n"))))
    assert "readonly>【青海省质量协会】请补正" in page
    assert "查看：http://x.test/a/</textarea>" in page


def test_a_code_shows_no_text_anywhere(desk):
    code = letter(kind=MailKind.CODE, subject="邮箱验证码", body="您的验证码是 482913。", state="sent")
    page = text(desk.get(one("change", code)))
    assert "482913" not in page
    assert "复制到微信" not in page


def test_what_is_unsure_says_what_to_do(desk):
    unsure = letter(state="unsure", sending_at=clock.now())
    page = text(desk.get(one("change", unsure)))
    assert "不知道对方是否收到" in page
    desk.post(one("settle", unsure))
    unsure.refresh_from_db()
    assert unsure.state == MailState.SENT


def test_a_wrong_address_is_refused_beside_the_field(desk):
    bounced = letter(state="bounced", bounce="hard")
    response = desk.post(one("resend", bounced), {"to": "不是地址", "seen": 0})
    assert response.status_code == 400
    assert 'value="不是地址"' in text(response)
    assert "邮箱地址不正确" in text(response)
    desk.post(one("resend", bounced), {"to": "new@example.test", "seen": 0})
    assert MailMessage.objects.get(resend_of=bounced).to == "new@example.test"


def test_the_buttons_follow_the_state(desk, auditor):
    buttons = {"held": ("立即发送", "修改", "取消，不发送"), "sent": ("作为新的一封重发",), "failed": ("重新发送",)}
    for state, words in buttons.items():
        page = text(desk.get(one("change", letter(state=state))))
        assert all(word in page for word in words), state
    desk.force_login(auditor)
    assert "立即发送" not in text(desk.get(one("change", letter(state="held"))))


def test_a_returned_address_is_marked_beside_the_enterprise_and_on_the_desk(desk, owner):
    enterprise = factories.enterprise_of(owner)
    letter(to=enterprise.contact_email, state="bounced", bounce="hard", sent_at=clock.now(), error="对方邮箱已停用。")
    page = text(desk.get(reverse("admin:applications_enterprise_change", args=[enterprise.pk])))
    assert "对方邮箱已停用。" in page
    assert "退回的信</a><span>1 封" in text(desk.get(reverse("admin:index")))


# --- Held check letters --------------------------------------------------------------------------


def test_a_held_check_letter_reaches_the_portal_with_its_changed_words(desk, owner, secretary):
    made = sending.defaults()
    made.holds = {"check_refused": sending.BY_PERSON}
    made.save()
    filing = checked.submitted(owner, contact_email="contact@example.test")
    check = checked.open_check(filing, secretary)
    checking.refuse(check, actor=secretary, reason="不在范围内")
    held = MailMessage.objects.filter(letter="check_refused").order_by("pk")
    assert [row.state for row in held] == ["held", "held"]
    assert not Message.objects.exists()
    body = held[0].body.replace("不在范围内", "超出本年度范围")
    desk.post(one("edit", held[0]), {"subject": held[0].subject, "body": body, "version": 0, "send": "1"})
    desk.post(one("send", held[1]))
    assert "超出本年度范围" in MailMessage.objects.get(pk=held[1].pk).body, "the same letter to another address"
    row = OutboxMessage.objects.get(topic="letter.message")  # one, for two addresses
    check_letters.post_message_of(row.payload)
    [message] = Message.objects.all()
    assert "超出本年度范围" in message.body
    assert "本邮件由系统自动发出" not in message.body


# --- Rules ---------------------------------------------------------------------------------------


def posted(**changes) -> dict:
    form = RulesForm(instance=sending.rules())
    data = {name: form[name].value() for name in form.fields}
    data = {name: "on" if value is True else value for name, value in data.items() if value not in (False, None)}
    return {**data, **changes}


def test_the_rules_are_saved_and_count(desk):
    changes = {
        "hold_check_refused": "person", "hold_check_returned": "10", "days_correction": "4, 2、1", "sms_lapsed": "on",
    }  # fmt: skip
    assert desk.post(reverse("admin:sending_rules"), posted(**changes)).status_code == 302
    rules = SendingRules.objects.get()
    assert rules.holds == {"check_refused": "person", "check_returned": 10}
    assert sending.steps(rules, "correction").days == [4, 2, 1]
    assert rules.channels == {"lapsed": ["sms"]}
    said = AuditEvent.objects.get(verb="sendingrules.changed").after["changed"]
    assert {"不予受理：发送方式", "补正未交回：提前天数", "逾期失效：短信"} <= set(said)
    assert len(said) == 4


def test_a_wrong_number_is_refused_and_stays(desk):
    response = desk.post(reverse("admin:sending_rules"), posted(days_draft="七天"))
    assert response.status_code == 400
    assert "请填写 1 到 60 的整数" in text(response)
    assert 'value="七天"' in text(response)
    assert not SendingRules.objects.exists()


# --- Reminders -----------------------------------------------------------------------------------


def test_a_reminder_is_seen_before_it_goes_and_watched_after(desk, owner, secretary):
    filing = checked.submitted(owner, contact_email="contact@example.test")
    MailPreference.objects.create(user=owner, reminders=False)
    page = text(desk.get(reverse("admin:reminders"), {"occasion": "paper"}))
    for word in ("将提醒 <b>1</b> 家，共 <b>1</b> 封", "contact@example.test", "已关闭催办提醒", filing.file_number):
        assert word in page
    assert "请寄送盖章纸质材料" in page, "the text"
    seen = reminders.digest(reminders.plan("paper", reminders.waiting("paper", clock.now()), clock.now()))
    values = {"occasion": "paper", "round": "", "city": "", "enterprise": "", "seen": seen, "key": str(uuid4())}
    assert desk.post(reverse("admin:reminders"), values).status_code == 302
    assert desk.post(reverse("admin:reminders"), values).status_code == 302
    batch = MailBatch.objects.get()
    page = text(desk.get(reverse("admin:reminder_batch", args=[batch.uuid])))
    assert "正在生成邮件，已生成 0 封" in page
    reminding.write_batch({"batch": batch.pk})
    with clock.fixed(timezone.localtime(clock.now()).replace(hour=12)):  # no quiet hour
        mail.deliver({"mail": batch.mails.get().pk})
    page = text(desk.get(reverse("admin:reminder_batch", args=[batch.uuid])))
    assert "已办完：发出 1 封，共 1 封" in page


def test_a_list_that_changed_is_shown_again(desk, owner):
    checked.submitted(owner)
    values = {"occasion": "paper", "round": "", "city": "", "enterprise": "", "seen": "0" * 32, "key": str(uuid4())}
    response = desk.post(reverse("admin:reminders"), values)
    assert response.status_code == 400
    assert "名单刚刚有变化" in text(response)
    assert "将提醒" in text(response)


def test_an_empty_list_says_so(desk):
    assert "没有需要提醒的单位" in text(desk.get(reverse("admin:reminders"), {"occasion": "correction"}))


# --- One's own settings --------------------------------------------------------------------------


def test_everybody_chooses_what_to_get(client, owner, secretary):
    client.force_login(owner)
    page = text(client.get(reverse("mail_preferences")))
    assert "接收催办提醒邮件" in page
    assert "工作简报" not in page
    client.post(reverse("mail_preferences"), {})
    assert MailPreference.objects.get(user=owner).reminders is False
    response = client.post(reverse("mail_preferences"), {"sms": "on"})
    assert response.status_code == 400
    assert "手机号码" in text(response)
    client.force_login(secretary)
    client.post(reverse("mail_preferences"), {"reminders": "on"})
    assert MailPreference.objects.get(user=secretary).digest is False


def test_a_mail_of_the_future_says_when_it_goes(desk):
    with clock.fixed(factories.at(2026, 6, 20, 23)), transaction.atomic():
        waiting = mail.queue(kind=MailKind.NOTICE, to="a@example.test", subject="x", body="x", quiet=True)
    assert waiting.created_at + timedelta(hours=8, minutes=30) == factories.at(2026, 6, 21, 7, 30)
    assert "6月21日 07:30 起发送" in text(desk.get(one("change", waiting)))
