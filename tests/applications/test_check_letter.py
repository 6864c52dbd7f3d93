"""The letter before it goes: what is shown is what is sent, whatever the outcome; edited words stay on record."""

from datetime import timedelta

import pytest
from django.utils import timezone

from applications.actions import check_letters, checking
from applications.actions.checking import Decision, RemarkText
from applications.admin import queue_walk
from applications.admin.queue_filter import Filter
from applications.models import FormalCheck, Message
from applications.models.checking import Outcome
from qcportal import clock
from qcportal.errors import Refusal
from qcportal.models import AuditEvent, MailMessage
from tests import factories
from tests.applications import checked
from tests.applications.test_admin_check import decide, due_day, form, text, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed(owner):
    return checked.submitted(owner)


@pytest.fixture
def staff(client, secretary):
    client.force_login(secretary)
    return client


def day():
    return timezone.localdate(clock.now()) + timedelta(days=3)


DECISIONS = {
    "accept": lambda: Decision(Outcome.ACCEPT),
    "return": lambda: Decision(Outcome.RETURN, "请尽快补正。", ("report.statistics",), day()),
    "defer": lambda: Decision(Outcome.DEFER, "效果尚需验证。"),
    "refuse": lambda: Decision(Outcome.REFUSE, "不在申报范围。"),
}


@pytest.mark.parametrize("outcome", DECISIONS)
def test_what_is_shown_is_what_is_sent(staff, filed, secretary, outcome):
    check = checked.open_check(filed, secretary)
    remark = [] if outcome == "accept" else [RemarkText("topic_name", "课题名称过长")]
    checking.save_check(check, actor=secretary, answers={}, note="", remarks=remark)
    before = MailMessage.objects.count()
    decision = DECISIONS[outcome]()
    checking.propose(check, actor=secretary, decision=decision)
    page = staff.get(url(filed, "check_letter"))
    offered = page.context["form"].initial
    assert filed.contact_email.lower() in text(page)
    assert MailMessage.objects.count() == before
    filed.refresh_from_db()
    assert filed.state == "submitted"
    check.refresh_from_db()
    staff.post(
        url(filed, "check_letter"), {"check": check.uuid, "revision": check.revision, "action": "send", **offered}
    )
    mails = MailMessage.objects.order_by("-id")[: MailMessage.objects.count() - before]
    assert {mail.to for mail in mails} == set(check_letters.addresses(filed))
    for mail in mails:
        assert mail.subject == offered["subject"]
        assert offered["body"] in mail.body
        assert mail.body.startswith(f"{filed.enterprise.name}：")
    assert Message.objects.get().body == offered["body"]
    check.refresh_from_db()
    assert (check.letter_subject, check.letter_body, check.letter_edited) == (*offered.values(), False)
    if decision.reason:
        assert decision.reason in offered["body"]


def test_a_return_tells_remarks_fields_and_the_end(filed, secretary):
    check = checked.open_check(filed, secretary)
    checking.save_check(check, actor=secretary, answers={}, note="", remarks=[RemarkText("topic_name", "过长")])
    letter = checking.letter_of(check, DECISIONS["return"]())
    assert "1. 课题名称：过长" in letter.body
    assert "- 课题名称\n- 附件 3 统计表" in letter.body
    assert clock.half_open_label(DECISIONS["return"]().due) in letter.subject


def test_edited_words_are_sent_and_stay_on_record(staff, filed, secretary):
    check = checked.open_check(filed, secretary)
    decide(staff, filed, form(check, outcome="defer", reason="缓评"), subject="改过的标题", body="改过的\r\n正文")
    check = FormalCheck.objects.get()
    assert (check.letter_subject, check.letter_body, check.letter_edited) == ("改过的标题", "改过的\n正文", True)
    assert MailMessage.objects.filter(subject="改过的标题", body__contains="改过的\n正文").exists()
    assert Message.objects.get().body == "改过的\n正文"
    event = AuditEvent.objects.about(filed).get(verb="application.deferred")
    assert event.data["letter_edited"] is True
    assert "改过的标题" in text(staff.get(url(filed)))


WRONG = [("", "正文"), ("标题", " "), ("标" * 201, "正文"), ("标题", "字" * 4001)]


@pytest.mark.parametrize(("subject", "body"), WRONG)
def test_an_empty_or_endless_letter_is_refused_and_nothing_is_decided(staff, filed, secretary, subject, body):
    check = checked.open_check(filed, secretary)
    answer = decide(staff, filed, form(check, outcome="defer", reason="缓评"), subject=subject, body=body)
    assert answer.status_code == 422
    filed.refresh_from_db()
    assert filed.state == "submitted"
    with pytest.raises(Refusal):
        check_letters.edited(subject, body)


def test_a_draft_saved_elsewhere_stops_the_letter_and_keeps_the_words(staff, filed, secretary):
    check = checked.open_check(filed, secretary)
    checking.propose(check, actor=secretary, decision=DECISIONS["defer"]())
    check.refresh_from_db()
    seen = check.revision
    checking.save_check(check, actor=secretary, answers={}, note="", remarks=[RemarkText("topic_name", "新意见")])
    sent = {"check": check.uuid, "revision": seen, "subject": "标题", "body": "自己写的正文", "action": "send"}
    answer = staff.post(url(filed, "check_letter"), sent)
    assert answer.status_code == 409
    assert "自己写的正文" in text(answer)
    assert "新意见" in text(answer)
    filed.refresh_from_db()
    assert filed.state == "submitted"


def test_without_a_proposal_there_is_no_letter(staff, filed, secretary):
    checked.open_check(filed, secretary)
    assert "没有待发出的审查决定" in text(staff.get(url(filed, "check_letter"), follow=True))


def test_the_decision_is_still_there_after_going_back(staff, filed, secretary):
    check = checked.open_check(filed, secretary)
    staff.post(url(filed), form(check, outcome="defer", reason="效果尚需验证", action="propose"))
    page = staff.get(url(filed))
    assert "效果尚需验证" in text(page)
    assert page.context["decision_form"]["outcome"].value() == "defer"


def test_a_clean_filing_takes_three_presses_to_the_next_one(staff, filed, rival, secretary):
    second = checked.submitted(rival, filed.round)
    checked.verify(filed.enterprise, actor=secretary)
    checked.checklist(filed)
    staff.post(url(filed, "check_start"))
    check = FormalCheck.objects.get()
    page = staff.post(url(filed), form(check, answer="", action="accept_all"), follow=True)
    offered = page.context["form"].initial
    check.refresh_from_db()
    sent = {"check": check.uuid, "revision": check.revision, "action": "next", **offered}
    answer = staff.post(url(filed, "check_letter"), sent)
    assert answer["Location"] == url(second)
    filed.refresh_from_db()
    assert filed.state == "accepted"
    assert [line["answer"] for line in check.checklist] == ["yes", "yes"]


def test_the_rest_agrees_never_covers_a_no(staff, filed, secretary):
    checked.checklist(filed)
    check = checked.open_check(filed, secretary)
    first = check.checklist[0]["item"]
    data = {**form(check, answer="", action="accept_all"), f"item-{first}": "no"}
    answer = staff.post(url(filed), data)
    assert answer.status_code == 422
    assert "1 项不符，不能参评" in text(answer)


def test_an_advisory_line_never_keeps_a_filing_out(filed, secretary):
    item = checked.checklist(filed, "建议附照片")[0]
    item.is_required = False
    item.save()
    check = checked.open_check(filed, secretary, answer="no")
    assert checking.accept(check, actor=secretary).state == "accepted"


def test_after_the_last_allowed_return_only_one_with_a_reason_goes_out(staff, filed, owner, secretary):
    filed.round.programme.correction_limit = 1
    filed.round.programme.save()
    check = checked.open_check(filed, secretary)
    rows = {"remarks": [("topic_name", "过长")], "outcome": "return", "due_day": due_day()}
    decide(staff, filed, form(check, **rows))
    checked.resubmit(filed, owner)
    check = checking.start_check(filed, actor=secretary)
    body = text(staff.get(url(filed)))
    assert "已退回补正 1 次，上限 1 次" in body
    assert "再次退回必须写明理由" in body
    assert "达到本年度的上限 1 次" in text(decide(staff, filed, form(check, **rows)))
    filed.refresh_from_db()
    assert filed.state == "submitted"
    decide(staff, filed, form(check, **rows, reason="单位说明属实，再给一次机会。"))
    filed.refresh_from_db()
    assert filed.state == "returned"


def test_an_accepted_filing_that_stays_accepted_gets_no_letter(staff, filed, secretary):
    checking.accept(checked.open_check(filed, secretary), actor=secretary)
    staff.post(url(filed, "check_start"))
    mails = MailMessage.objects.count()
    check = FormalCheck.objects.get(outcome="")
    answer = decide(staff, filed, form(check, outcome="accept"))
    assert "维持参评" in text(answer)
    assert MailMessage.objects.count() == mails


def test_another_person_never_sends_it(client, filed, secretary, auditor):

    check = checked.open_check(filed, secretary)
    checking.propose(check, actor=secretary, decision=DECISIONS["defer"]())
    client.force_login(factories.staff(username="li", name="李国栋"))
    answer = client.post(url(filed, "check_letter"), {"check": check.uuid, "revision": 1, "subject": "a", "body": "b"})
    assert answer.status_code == 302
    client.force_login(auditor)
    assert client.post(url(filed, "check_letter")).status_code == 403
    filed.refresh_from_db()
    assert filed.state == "submitted"


def test_the_next_one_is_one_that_nobody_else_is_checking(staff, filed, rival, owner, secretary):
    taken = checked.submitted(rival, filed.round)
    checking.start_check(taken, actor=factories.staff(username="li", name="李国栋"))
    free = checked.submitted(rival, filed.round, group_name="另一个小组", topic_name="降低水轮机组厂用电率")
    check = checked.open_check(free, secretary)
    everything = Filter.of("", secretary)
    assert queue_walk.following(filed, everything, secretary) == free.pk
    assert queue_walk.following(free, everything, secretary) == filed.pk  # after the last the first again
    other_city = Filter.of("city=6326", secretary)
    assert queue_walk.following(filed, other_city, secretary) is None
    checking.defer(check, actor=secretary, reason="缓评")
    assert queue_walk.following(filed, everything, secretary) is None
