from datetime import date, timedelta

import pytest

from applications import gates
from applications.actions import checking, closing, drafts, submission
from applications.actions.checking import RemarkText
from applications.models import Application, FormalCheck, Message
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import AuditEvent, MailMessage
from tests import factories
from tests.applications import checked

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed(owner):
    return checked.submitted(owner)


@pytest.fixture
def second_secretary(db):
    return factories.staff(username="secretary2", name="李国栋")


def tomorrow():
    return clock.now() + timedelta(days=1)


def verbs(application):
    return list(AuditEvent.objects.about(application).values_list("verb", flat=True))


def letters(application):
    return list(Message.objects.filter(thread__application=application).values_list("body", flat=True))


def give_back(check, actor, **fields):
    defaults = {
        "remarks": [RemarkText("activity_ends_on", "与效益证明的活动期不一致，请核对后改正。")],
        "open_fields": ["report.statistics"],
        "correction_due_at": tomorrow(),
        "reason": "",
    }
    return checking.return_for_correction(check, actor=actor, **{**defaults, **fields})


def refused(code, function, *args, **kwargs):
    with pytest.raises(Refusal) as caught:
        function(*args, **kwargs)
    assert caught.value.code == code


# --- starting, taking over, drafts ---------------------------------------------------------------


def test_a_started_check_copies_the_checklist_and_closes_the_text_for_the_enterprise(filed, secretary):
    items = checked.checklist(filed, "材料齐全")
    check = checking.start_check(filed, actor=secretary)
    line = {"item": items[0].pk, "text": "材料齐全", "answer": "", "help": "", "helper": "", "required": True}
    assert check.checklist == [line]
    assert gates.edit_refusal(filed, clock.now()).code == "check_begun"
    assert verbs(filed)[0] == "check.started"


def test_a_second_check_of_the_same_filing_is_refused_and_names_the_checker(filed, secretary, second_secretary):
    checking.start_check(filed, actor=secretary)
    with pytest.raises(Refusal, match="陈雪梅 正在审查"):
        checking.start_check(filed, actor=second_secretary)


def test_a_draft_cannot_be_checked(owner, secretary):
    refused("bad_state", checking.start_check, factories.complete_draft(owner), actor=secretary)


@pytest.mark.parametrize("who", ["owner", "auditor"])
def test_only_the_secretariat_checks(filed, who, request):
    with pytest.raises(NotAllowed):
        checking.start_check(filed, actor=request.getfixturevalue(who))


def test_taking_over_changes_the_checker_and_is_recorded(filed, secretary, second_secretary):
    check = checking.start_check(filed, actor=secretary)
    checking.take_over(check, actor=second_secretary)
    assert FormalCheck.objects.get().checker == second_secretary
    event = AuditEvent.objects.about(filed).first()
    assert (event.verb, event.before, event.after) == (
        "check.taken_over",
        {"checker": "陈雪梅"},
        {"checker": "李国栋"},
    )


def test_taking_over_a_check_that_a_third_person_took_meanwhile_is_stale(filed, secretary, second_secretary):
    check = checking.start_check(filed, actor=secretary)
    stale = FormalCheck.objects.get(pk=check.pk)
    checking.take_over(check, actor=second_secretary)
    with pytest.raises(StaleState):
        checking.take_over(stale, actor=factories.staff(name="王敏"))


def test_a_draft_keeps_answers_note_and_remarks_and_replaces_them_next_time(filed, secretary):
    item = checked.checklist(filed, "材料齐全")[0]
    evidence = filed.evidence.first()
    check = checking.start_check(filed, actor=secretary)
    first = [RemarkText("topic_name", "课题名称过长"), RemarkText("evidence.report", "缺页", evidence.uuid)]
    checking.save_check(check, actor=secretary, answers={item.pk: "no"}, note="待问", remarks=first)
    checking.save_check(check, actor=secretary, answers={}, note="待问", remarks=first[1:])
    check.refresh_from_db()
    assert check.checklist[0]["answer"] == "no"
    assert [(remark.field, remark.evidence) for remark in check.remarks.all()] == [("evidence.report", evidence)]


def test_another_person_cannot_save_or_decide_without_taking_over(filed, secretary, second_secretary):
    check = checked.open_check(filed, secretary)
    with pytest.raises(NotAllowed, match="先接手"):
        checking.save_check(check, actor=second_secretary, answers={}, note="", remarks=[])
    with pytest.raises(NotAllowed):
        checking.accept(check, actor=second_secretary)


def test_a_remark_on_an_unknown_key_is_refused(filed, secretary):
    check = checking.start_check(filed, actor=secretary)
    refused(
        "unknown_field",
        checking.save_check,
        check,
        actor=secretary,
        answers={},
        note="",
        remarks=[RemarkText("x", "y")],
    )


# --- deciding --------------------------------------------------------------------------------------


def test_accepting_moves_the_filing_tells_contact_and_owner_and_is_recorded(filed, owner, secretary):
    checked.checklist(filed)
    check = checked.open_check(filed, secretary)
    checking.accept(check, actor=secretary)
    filed.refresh_from_db()
    check.refresh_from_db()
    assert (filed.state, check.outcome) == ("accepted", "accept")
    assert verbs(filed)[0] == "application.accepted"
    mails = MailMessage.objects.filter(subject__startswith="形式审查通过")
    assert {mail.to for mail in mails} == {filed.contact_email, owner.email}
    assert f"/applications/{filed.uuid}/" in mails.first().body
    assert "列为“参评”" in letters(filed)[0]


def test_accepting_needs_a_verified_enterprise(filed, secretary):
    check = checking.start_check(filed, actor=secretary)
    refused("not_verified", checking.accept, check, actor=secretary)


@pytest.mark.parametrize(("answer", "code"), [("", "checklist_open"), ("no", "checklist_failed")])
def test_accepting_needs_every_item_of_the_checklist_to_agree(filed, secretary, answer, code):
    checked.checklist(filed)
    check = checked.open_check(filed, secretary, answer=answer)
    refused(code, checking.accept, check, actor=secretary)


def test_a_return_opens_the_named_fields_and_those_with_a_remark_until_the_due_moment(filed, owner, secretary):
    check = checked.open_check(filed, secretary)
    due = tomorrow()
    give_back(check, secretary, correction_due_at=due, reason="活动时间待核")
    filed.refresh_from_db()
    assert filed.state == "returned"
    assert filed.open_fields == ["activity_ends_on", "report.statistics"]
    assert gates.edit_refusal(filed, due - timedelta(seconds=1)) is None
    assert gates.edit_refusal(filed, due).code == "after_deadline"
    body = MailMessage.objects.filter(subject__startswith="请补正", to=owner.email).get().body
    assert clock.half_open_label(due) in body
    assert "1. 活动结束日期：与效益证明的活动期不一致" in body
    assert "- 附件 3 统计表" in body
    assert "理由：活动时间待核" in body


def test_a_returned_filing_is_submitted_again_and_checked_again(filed, owner, secretary):
    give_back(checked.open_check(filed, secretary), secretary)
    filed.refresh_from_db()
    checked.resubmit(filed, owner)
    again = checked.open_check(filed, secretary)
    assert (filed.state, again.submission.version) == ("submitted", 2)
    checking.accept(again, actor=secretary)
    assert Application.objects.get().state == "accepted"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"remarks": [], "open_fields": [], "reason": "请改"}, "nothing_open"),
        ({"remarks": []}, "no_reason"),
        ({"open_fields": ["nonsense"]}, "unknown_field"),
    ],
)
def test_a_return_needs_open_fields_and_something_said(filed, secretary, fields, code):
    check = checked.open_check(filed, secretary)
    refused(code, give_back, check, secretary, **fields)


def test_a_return_with_a_due_moment_that_is_now_is_refused(filed, secretary):
    check = checked.open_check(filed, secretary)
    with clock.fixed(clock.now()):
        refused("due_in_past", give_back, check, secretary, correction_due_at=clock.now())


@pytest.mark.parametrize(("action", "state"), [(checking.defer, "deferred"), (checking.refuse, "refused")])
def test_deferring_and_refusing_need_a_reason_and_tell_it(filed, secretary, action, state):
    check = checked.open_check(filed, secretary)
    refused("no_reason", action, check, actor=secretary, reason=" ")
    action(check, actor=secretary, reason="课题时间不在本期范围")
    filed.refresh_from_db()
    assert filed.state == state
    assert "课题时间不在本期范围" in letters(filed)[0]
    assert AuditEvent.objects.about(filed).first().data["reason"] == "课题时间不在本期范围"


@pytest.mark.parametrize(
    "second",
    [
        lambda check, actor: checking.accept(check, actor=actor),
        lambda check, actor: give_back(check, actor),
        lambda check, actor: checking.save_check(check, actor=actor, answers={}, note="x", remarks=[]),
    ],
    ids=["accept", "return", "save"],
)
def test_a_check_is_decided_once(filed, secretary, second):
    check = checked.open_check(filed, secretary)
    stale = FormalCheck.objects.get(pk=check.pk)
    checking.defer(check, actor=secretary, reason="缓评")
    with pytest.raises(StaleState):
        second(stale, secretary)


def test_a_filing_withdrawn_under_check_is_not_decided_any_more(filed, owner, secretary):
    check = checked.open_check(filed, secretary)
    submission.withdraw(filed, actor=owner, reason="不再参加")
    with pytest.raises(StaleState, match="已撤回"):
        checking.defer(check, actor=secretary, reason="缓评")
    check.refresh_from_db()
    assert check.outcome == ""


@pytest.mark.parametrize("action", [checking.defer, checking.refuse])
def test_a_filing_that_takes_part_is_not_deferred_or_refused_any_more(filed, secretary, action):
    checking.accept(checked.open_check(filed, secretary), actor=secretary)
    refused("bad_state", action, checked.open_check(filed, secretary), actor=secretary, reason="缓评")


def test_of_a_returned_filing_only_the_named_fields_are_saved(filed, owner, secretary):
    give_back(checked.open_check(filed, secretary), secretary)
    filed.refresh_from_db()
    values = {"activity_ends_on": date(2025, 10, 31), "group_name": "改名小组"}
    drafts.save_section(filed, actor=owner, section="group", values=values, seen_version=filed.edit_version)
    filed.refresh_from_db()
    assert (filed.activity_ends_on, filed.group_name) == (date(2025, 10, 31), "红柳QC小组")


def test_an_accepted_filing_may_be_checked_again_and_returned(filed, secretary):
    checking.accept(checked.open_check(filed, secretary), actor=secretary)
    give_back(checked.open_check(filed, secretary), secretary)
    filed.refresh_from_db()
    assert filed.state == "returned"


def test_accepting_an_accepted_filing_again_closes_the_check_and_sends_nothing(filed, secretary):
    checking.accept(checked.open_check(filed, secretary), actor=secretary)
    sent = MailMessage.objects.count()
    checking.accept(checked.open_check(filed, secretary), actor=secretary)
    assert MailMessage.objects.count() == sent
    assert verbs(filed)[0] == "check.confirmed"


# --- after a decision ------------------------------------------------------------------------------


def test_a_refused_filing_is_reopened_with_a_reason(filed, secretary):
    checking.refuse(checked.open_check(filed, secretary), actor=secretary, reason="单位不符")
    refused("no_reason", checking.reopen_refused, filed, actor=secretary, reason="")
    checking.reopen_refused(filed, actor=secretary, reason="补充说明成立")
    filed.refresh_from_db()
    assert filed.state == "submitted"
    refused("bad_state", checking.reopen_refused, filed, actor=secretary, reason="再来")


def test_extending_a_correction_keeps_the_state_and_moves_the_deadline(filed, secretary):
    give_back(checked.open_check(filed, secretary), secretary)
    later = tomorrow() + timedelta(days=3)
    checking.extend_correction(filed, actor=secretary, correction_due_at=later, reason="材料调取困难")
    filed.refresh_from_db()
    assert (filed.state, filed.correction_due_at) == ("returned", later)
    refused("not_later", checking.extend_correction, filed, actor=secretary, correction_due_at=tomorrow(), reason="x")


def test_a_lapsed_correction_comes_back_by_extension_with_the_same_fields(filed, secretary):
    give_back(checked.open_check(filed, secretary), secretary)
    closing.close_due_rounds(tomorrow() + timedelta(hours=1))
    filed.refresh_from_db()
    assert filed.state == "lapsed"
    later = tomorrow() + timedelta(days=3)
    checking.extend_correction(filed, actor=secretary, correction_due_at=later, reason="材料调取困难")
    filed.refresh_from_db()
    assert (filed.state, filed.open_fields) == ("returned", ["activity_ends_on", "report.statistics"])
    assert any("截止时间延长至" in body for body in letters(filed))


def test_a_lapsed_draft_is_not_extended_as_a_correction(owner, secretary):
    draft = factories.complete_draft(owner, state="lapsed")
    refused("bad_state", checking.extend_correction, draft, actor=secretary, correction_due_at=tomorrow(), reason="x")


def test_extending_needs_a_reason_and_a_future_moment(filed, secretary):
    give_back(checked.open_check(filed, secretary), secretary)
    past = clock.now() - timedelta(minutes=1)
    refused("no_reason", checking.extend_correction, filed, actor=secretary, correction_due_at=tomorrow(), reason="")
    refused("due_in_past", checking.extend_correction, filed, actor=secretary, correction_due_at=past, reason="x")


def test_disqualifying_is_for_filings_that_take_part(filed, secretary):
    refused("bad_state", checking.disqualify, filed, actor=secretary, reason="材料虚假")
    checking.accept(checked.open_check(filed, secretary), actor=secretary)
    refused("no_reason", checking.disqualify, filed, actor=secretary, reason="")
    checking.disqualify(filed, actor=secretary, reason="材料虚假")
    filed.refresh_from_db()
    assert filed.state == "disqualified"
    assert "材料虚假" in letters(filed)[-1]


def test_contact_and_owner_with_one_address_get_one_mail(owner, secretary):
    filed = checked.submitted(owner, contact_email=owner.email.upper())
    checking.defer(checked.open_check(filed, secretary), actor=secretary, reason="下一期再评")
    assert MailMessage.objects.filter(subject__contains="缓评").count() == 1
