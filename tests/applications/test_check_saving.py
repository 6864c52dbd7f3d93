"""The draft of a check on the page: remarks with a page, text blocks, two windows, a decision that came first."""

from datetime import timedelta

import pytest
from django.utils import timezone

from applications.actions import check_drafts, checking
from applications.actions.checking import RemarkText
from applications.models import Message, Remark, TextBlock
from applications.models.checking import Outcome
from qcportal.errors import Refusal
from tests import factories
from tests.applications import checked
from tests.applications.test_admin_check import due_day, form, text, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed(owner):
    return checked.submitted(owner)


@pytest.fixture
def staff(client, secretary):
    client.force_login(secretary)
    return client


@pytest.fixture
def proof(filed):
    return filed.evidence.get(kind="benefit")


def with_page(check, proof, page, words="缺财务印章", **data):
    rows = form(check, remarks=[(f"file:benefit:{proof.uuid}", words)], action="save", **data)
    return {**rows, "remarks-0-page": page}


def test_a_remark_names_a_page_and_keeps_the_name_of_the_file(staff, filed, secretary, proof):
    check = checking.start_check(filed, actor=secretary)
    staff.post(url(filed), with_page(check, proof, 1))
    remark = Remark.objects.get()
    assert (remark.field, remark.page, remark.file_name) == ("evidence.benefit", 1, proof.name)
    proof.delete()
    body = text(staff.get(url(filed)))
    assert "第 1 页</a>　缺财务印章" in body


def test_a_page_that_the_file_does_not_have_is_refused(staff, filed, secretary, proof):
    check = checking.start_check(filed, actor=secretary)
    answer = staff.post(url(filed), with_page(check, proof, 99))
    assert answer.status_code == 422
    assert "没有第 99 页" in text(answer)
    assert "缺财务印章" in text(answer)
    assert not Remark.objects.exists()


def test_a_page_without_a_file_says_nothing(filed, secretary):
    check = checking.start_check(filed, actor=secretary)
    with pytest.raises(Refusal) as refused:
        checking.save_check(
            check, actor=secretary, answers={}, note="", remarks=[RemarkText("topic_name", "过长", None, 2)]
        )
    assert refused.value.code == "page_without_file"


def test_the_enterprise_reads_the_page_with_the_remark(client, staff, filed, owner, secretary, proof):
    check = checked.open_check(filed, secretary)
    remark = RemarkText("evidence.benefit", "缺财务印章", proof.uuid, 1)
    checking.save_check(check, actor=secretary, answers={}, note="", remarks=[remark])
    decision = checking.Decision(Outcome.RETURN, "", (), timezone.localdate() + timedelta(days=9))
    checking.decide(check, actor=secretary, decision=decision)
    client.force_login(owner)
    for page in ("detail", "submit"):
        body = client.get(f"/applications/{filed.uuid}/{'' if page == 'detail' else 'submit/'}").text
        assert f"{proof.name} 第 1 页" in body
    assert f"《{proof.name}》第 1 页：缺财务印章" in Message.objects.get().body


# --- text blocks -----------------------------------------------------------------------------------


def test_a_shortcut_alone_stands_for_its_text_block(staff, filed, secretary):
    TextBlock.objects.create(category="form", shortcut="zz", text="请核对名称。")
    check = checking.start_check(filed, actor=secretary)
    staff.post(url(filed), form(check, remarks=[("topic_name", "/zz")], action="save"))
    assert Remark.objects.get().text == "请核对名称。"


def test_an_own_block_wins_its_shortcut_and_another_persons_is_not_seen(staff, filed, secretary):
    other = factories.staff(username="li", name="李国栋")
    TextBlock.objects.create(category="form", shortcut="zz", text="共用的。")
    TextBlock.objects.create(category="form", shortcut="zz", text="我自己的。", owner=secretary)
    TextBlock.objects.create(category="form", shortcut="yy", text="别人的。", owner=other)
    check = checking.start_check(filed, actor=secretary)
    assert "别人的。" not in text(staff.get(url(filed)))
    staff.post(url(filed), form(check, remarks=[("topic_name", "/zz"), ("main_results", "/yy")], action="save"))
    assert [remark.text for remark in Remark.objects.all()] == ["我自己的。", "/yy"]


def test_without_script_a_block_saves_the_draft_and_comes_back_in_a_row(staff, filed, secretary):
    block = TextBlock.objects.create(category="form", shortcut="zz", text="请核对名称。")
    check = checking.start_check(filed, actor=secretary)
    rows = form(check, remarks=[("topic_name", "过长")], block=block.pk)
    body = text(staff.post(url(filed), rows, follow=True))
    assert Remark.objects.get().text == "过长"
    assert ">\n请核对名称。</textarea>" in body


def test_a_line_answered_no_proposes_its_remark(staff, filed, secretary):
    TextBlock.objects.filter(shortcut="gz").delete()
    TextBlock.objects.create(category="evidence", shortcut="gz", text="请补盖财务章。")
    item = checked.checklist(filed, "财务部门确认")[0]
    item.helper = "finance"
    item.save()
    check = checking.start_check(filed, actor=secretary)
    staff.post(url(filed), form(check, answer="no", action="save"))
    body = text(staff.get(url(filed) + f"?line={item.pk}"))
    assert ">\n请补盖财务章。</textarea>" in body
    assert '<option value="evidence.benefit" selected>' in body


# --- two windows, two people -----------------------------------------------------------------------


def test_two_windows_keep_both_texts(staff, filed, secretary):
    item = checked.checklist(filed, "材料齐全")[0]
    check = checking.start_check(filed, actor=secretary)
    first = form(check, remarks=[("topic_name", "先写的意见")], action="save", note="先写的备注", revision=0)
    second = form(
        check, remarks=[("main_results", "后写的意见")], action="save", note="后写的备注", revision=check.revision,
        answer="no",
    )  # fmt: skip
    staff.post(url(filed), first)
    answer = staff.post(url(filed), second)
    assert answer.status_code == 409
    body = text(answer)
    for words in ("先写的意见", "后写的意见", "先写的备注", "后写的备注", "材料齐全：符合"):
        assert words in body
    check.refresh_from_db()
    assert [remark.text for remark in check.remarks.all()] == ["先写的意见"]
    # Saved again as the page now offers it, nothing of either is lost.
    page = answer.context
    again = {
        field.html_name: field.value() or "" for one in page["remark_forms"] for field in (one["target"], one["text"])
    }
    again |= {"remarks-TOTAL_FORMS": len(page["remark_forms"].forms), "remarks-INITIAL_FORMS": 0}
    again |= {"check": check.uuid, "revision": page["revision"], "action": "save", f"item-{item.pk}": "no"}
    again["note"] = page["checklist_form"]["note"].value()
    staff.post(url(filed), again)
    check.refresh_from_db()
    assert {remark.text for remark in check.remarks.all()} == {"先写的意见", "后写的意见"}
    assert check.note == "后写的备注\n先写的备注"
    assert check.checklist[0]["answer"] == "no"


def test_the_same_press_twice_is_no_conflict(filed, secretary):
    check = checking.start_check(filed, actor=secretary)
    remarks = [RemarkText("topic_name", "过长")]
    for _ in range(2):
        checking.save_check(check, actor=secretary, answers={}, note="", remarks=remarks, seen=0)
    assert Remark.objects.count() == 1


def test_a_stale_save_keeps_nothing(filed, secretary):
    check = checking.start_check(filed, actor=secretary)
    checking.save_check(check, actor=secretary, answers={}, note="甲", remarks=[], seen=0)
    with pytest.raises(check_drafts.StaleCheck) as stale:
        checking.save_check(check, actor=secretary, answers={}, note="乙", remarks=[], seen=0)
    assert stale.value.current.note == "甲"
    check.refresh_from_db()
    assert check.note == "甲"


def test_what_was_typed_is_shown_again_after_another_person_took_over(client, staff, filed, secretary):
    check = checking.start_check(filed, actor=secretary)
    checking.take_over(check, actor=factories.staff(username="li", name="李国栋"))
    answer = staff.post(url(filed), form(check, remarks=[("topic_name", "写了很久的意见")], action="save"))
    assert answer.status_code == 409
    assert "写了很久的意见" in text(answer)
    assert "先接手" in text(answer)
    assert not Remark.objects.exists()


def test_what_was_typed_is_shown_again_after_the_decision(staff, filed, secretary):
    check = checked.open_check(filed, secretary)
    checking.defer(check, actor=secretary, reason="缓评")
    answer = staff.post(
        url(filed),
        form(check, remarks=[("topic_name", "来晚的意见")], action="propose", outcome="return", due_day=due_day()),
    )
    assert answer.status_code == 409
    assert "来晚的意见" in text(answer)
