"""The pages of one filing: sections, review, receipt, withdrawing, and who gets which answer."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from applications.actions import drafts
from applications.actions import submission as submitting
from applications.models import Application, FormalCheck, Remark, Submission, SubmitAttempt
from applications.sections import SECTIONS
from applications.states import State
from qcportal import clock
from tests import factories

CONFIRMED = {"truthful": "on", "members_informed": "on", "certificate_name": "on"}


def url(name, filing, *more):
    return reverse(f"applications:{name}", args=[filing.uuid, *more])


@pytest.fixture
def filing(owner):
    return factories.complete_draft(owner)


def page_values(answer):
    """What a browser would send back from the page: every field of form and rows, as shown."""
    form, members = answer.context["form"], answer.context.get("members")
    data = {}
    for each in [form, *([members.management_form, *members.forms] if members is not None else [])]:
        for field in each:
            value = field.value()
            if value is True:
                value = "on"  # a ticked box
            value = field.field.widget.format_value(value) if hasattr(field.field.widget, "format_value") else value
            if value not in (None, "", False, []):
                data[field.html_name] = value[0] if isinstance(value, list) and len(value) == 1 else value
    return {key: value for key, value in data.items() if not key.endswith("DELETE")}


@pytest.mark.parametrize("code", [section.code for section in SECTIONS if section.code != "evidence"])
def test_saving_a_section_as_it_is_shown_changes_nothing(client, owner, filing, code):
    client.force_login(owner)
    address = url("section", filing, code)
    answer = client.post(address, {**page_values(client.get(address)), "stay": ""})
    assert (answer.status_code, answer["Location"]) == (302, address)
    after = Application.objects.get()
    assert after.edit_version == 1
    assert after.economic_benefit == Decimal("462000.00")


def test_money_is_shown_and_taken_in_wan_yuan(client, owner, filing):
    client.force_login(owner)
    address = url("section", filing, "results")
    answer = client.get(address)
    assert 'value="46.20"' in answer.text
    assert "462,000.00 元" in answer.text
    client.post(address, {**page_values(answer), "economic_benefit": "38.6254"})
    assert Application.objects.get().economic_benefit == Decimal("386254.00")


def test_an_empty_section_is_a_good_draft(client, owner):
    filing = factories.draft(owner)
    client.force_login(owner)
    for section in SECTIONS:
        address = url("section", filing, section.code)
        page = client.get(address)
        assert page.status_code == 200
        if section.code != "evidence":
            assert client.post(address, {**page_values(page), "stay": ""}).status_code == 302


def test_next_goes_to_the_next_section(client, owner, filing):
    client.force_login(owner)
    address = url("section", filing, "contact")
    answer = client.post(address, {**page_values(client.get(address)), "next": ""})
    assert answer["Location"] == url("section", filing, "group")


def test_an_invalid_entry_is_not_stored_and_nothing_typed_is_lost(client, owner, filing):
    client.force_login(owner)
    address = url("section", filing, "group")
    values = page_values(client.get(address)) | {
        "activity_ends_on": "2020-01-01", "activity_count": "三次", "group_name": "新名字小组",
        "members-1-training_hours": "很多",
    }  # fmt: skip
    answer = client.post(address, values)
    assert answer.status_code == 200
    assert "已保存为草稿" in answer.text
    for typed in ("2020-01-01", "三次", "很多", "新名字小组"):
        assert typed in answer.text
    assert 'href="#id_activity_ends_on"' in answer.text
    after = Application.objects.get()
    assert (after.group_name, after.activity_count) == ("新名字小组", 24)
    assert after.activity_ends_on == filing.activity_ends_on
    assert after.members.count() == 2
    # The page stands on what was just saved: correcting it is no stale save.
    again = page_values(client.get(address)) | {"activity_count": "30"}
    assert client.post(address, again).status_code == 302


def test_a_stale_save_shows_both_values_and_the_next_one_overwrites(client, owner, filing):
    manager = factories.colleague(owner, username="manager", name="才让卓玛", role="manager")
    client.force_login(owner)
    address = url("section", filing, "contact")
    values = page_values(client.get(address)) | {"contact_name": "祁连山"}
    drafts.save_section(
        filing, actor=manager, section="contact", values={"contact_name": "韩志远", "contact_phone": "13900000099"},
        seen_version=1,
    )  # fmt: skip
    answer = client.post(address, values)
    assert answer.status_code == 409
    assert Application.objects.get().contact_name == "韩志远"
    for words in ("他人刚刚保存过修改", "韩志远", "祁连山", "13900000099"):
        assert words in answer.text
    assert client.post(address, page_values(answer) | {"stay": ""}).status_code == 302
    after = Application.objects.get()
    assert (after.contact_name, after.contact_phone) == ("祁连山", "13900000043")


def test_members_are_added_and_deleted_without_script(client, owner, filing):
    client.force_login(owner)
    address = url("section", filing, "group")
    answer = client.post(address, {**page_values(client.get(address)), "add_rows": ""})
    assert answer["Location"] == f"{address}?rows=7#members"
    page = client.get(answer["Location"])
    assert len(page.context["members"].forms) == 7
    values = page_values(page) | {
        "members-0-DELETE": "on", "members-4-name": "古丽娜·阿不都", "members-4-group_role": "leader",
    }  # fmt: skip
    client.post(address, values)
    assert [member.name for member in filing.members.all()] == ["扎西多杰", "古丽娜·阿不都"]


def shown_steps(page):
    return [field.name.removeprefix("steps.") for field in page.context["form"].step_fields]


def test_another_type_asks_first_when_it_would_hide_written_steps(client, owner, filing):
    client.force_login(owner)
    address = url("section", filing, "topic")
    typed = page_values(client.get(address)) | {"topic_type": "innovation", "topic_name": "改好的名称"}
    answer = client.post(address, typed)
    assert answer["Location"] == url("topic_type", filing) + "?to=innovation"
    after = Application.objects.get()
    assert (after.topic_type, after.topic_name) == ("self_set", "改好的名称")
    question = client.get(answer["Location"])
    change = question.context["change"]
    assert [one.code for one in change.dropped] == [
        "current_state", "set_target", "cause_analysis", "main_causes", "consolidation",
    ]  # fmt: skip
    assert [one.code for one in change.steps if not one.length] == [
        "target_and_feasibility", "best_plan", "standardization",
    ]  # fmt: skip
    assert "改回原类型即恢复" in question.text
    answer = client.post(url("topic_type", filing), {"to": "innovation", "seen_version": after.edit_version})
    page = client.get(answer["Location"])
    assert "best_plan" in shown_steps(page)
    assert "current_state" not in shown_steps(page)
    after = Application.objects.get()
    assert after.steps == filing.steps
    # Back again: the texts are where they were.
    client.post(url("topic_type", filing), {"to": "self_set", "seen_version": after.edit_version})
    page = client.get(address)
    assert filing.steps["current_state"] in page.text


def test_whoever_saw_the_preview_is_not_asked_again(client, owner, filing):
    client.force_login(owner)
    address = url("section", filing, "topic")
    page = client.get(address)
    assert page.text.count("data-type-preview") == 2
    typed = page_values(page) | {"topic_type": "innovation", "type_seen": "innovation"}
    assert client.post(address, typed)["Location"] == f"{address}#steps"
    assert Application.objects.get().topic_type == "innovation"


def test_another_type_of_an_empty_filing_asks_nothing(client, owner):
    filing = factories.draft(owner, topic_type="self_set")
    client.force_login(owner)
    address = url("section", filing, "topic")
    client.post(address, page_values(client.get(address)) | {"topic_type": "directive"})
    assert Application.objects.get().topic_type == "directive"


def test_a_type_is_not_changed_over_somebody_elses_save(client, owner, filing):
    client.force_login(owner)
    client.get(url("topic_type", filing) + "?to=innovation")
    drafts.save_section(filing, actor=owner, section="topic", values={"topic_name": "他人改的"}, seen_version=1)
    client.post(url("topic_type", filing), {"to": "innovation", "seen_version": 1})
    assert Application.objects.get().topic_type == "self_set"


def test_not_asking_for_an_award_is_a_choice_of_its_own(client, owner, filing):
    Application.objects.update(awards_section_seen=False)
    client.force_login(owner)
    address = url("section", filing, "awards")
    client.post(address, page_values(client.get(address)) | {"stay": ""})
    assert not Application.objects.get().awards_section_seen
    assert "尚未选择" in client.get(url("detail", filing)).text
    client.post(address, page_values(client.get(address)) | {"awards_section_seen": "on"})
    assert Application.objects.get().awards_section_seen
    award = filing.round.programme.special_awards.first()
    answer = client.post(address, page_values(client.get(address)) | {"special_awards": [award.pk]})
    assert "请只留一种" in answer.text
    assert not filing.special_awards.exists()


def test_the_conditions_of_every_award_stand_beside_it(client, owner, filing):
    award = filing.round.programme.special_awards.first()
    award.eligibility = "限盐湖化工企业。"
    award.save()
    client.force_login(owner)
    text = client.get(url("section", filing, "awards")).text
    assert "申报条件：限盐湖化工企业。" in text
    assert "申报条件以通知为准" in text


def test_an_amount_that_looks_like_another_unit_is_asked_about_and_repaired(client, owner, filing):
    client.force_login(owner)
    address = url("section", filing, "results")
    typed = page_values(client.get(address)) | {"economic_benefit": "462000"}
    client.post(address, typed | {"stay": ""})
    page = client.get(address)
    assert "462,000.00 万元 = 4,620,000,000.00 元" in page.text
    assert "应填 46.20 万元" in page.text
    client.post(address, page_values(page) | {"fix": "economic_benefit:46.20"})
    assert Application.objects.get().economic_benefit == Decimal("462000.00")
    assert "应填" not in client.get(address).text


def test_a_text_over_the_limit_is_refused_with_the_number_to_cut_and_not_lost(client, owner, filing):
    client.force_login(owner)
    address = url("section", filing, "topic")
    page = client.get(address)
    assert "maxlength" not in page.text
    answer = client.post(address, page_values(page) | {"steps.current_state": "长" * 5003, "topic_name": "另一课题"})
    assert "最多 5000 字，现为 5003 字，请删减 3 字" in answer.text
    assert "长" * 5003 in answer.text
    after = Application.objects.get()
    assert (after.topic_name, after.steps) == ("另一课题", filing.steps)


def test_saving_for_later_leads_to_the_overview_and_says_where_to_go_on(client, owner):
    filing = factories.draft(owner, group_name="红柳QC小组")
    client.force_login(owner)
    address = url("section", filing, "contact")
    typed = {
        "seen_version": 1, "certificate_unit_name": "青海湖光盐化股份有限公司", "contact_name": "李文静",
        "contact_phone": "13900000043", "contact_email": "lwj@huguang.example", "later": "",
    }  # fmt: skip
    answer = client.post(address, typed)
    assert answer["Location"] == url("detail", filing)
    page = client.get(answer["Location"])
    assert "下次从“组长姓名”继续" in page.text
    assert f"{url('section', filing, 'group')}#id_leader_name" in page.text
    assert re.search(r"附件 1 还需约 \d+ 分钟", page.text)
    assert "附件 2" in page.text
    assert reverse("applications:report_statistics", args=[filing.round.programme.year]) in page.text


def test_a_complete_filing_has_no_place_to_go_on_and_no_minutes(client, owner, filing):
    client.force_login(owner)
    page = client.get(url("detail", filing))
    assert page.context["place"] is None
    assert "还需约" not in page.text
    assert "材料完整，可以提交" in page.text


def test_special_awards_are_chosen_and_left(client, owner, filing):
    Application.objects.update(awards_section_seen=False)
    client.force_login(owner)
    address = url("section", filing, "awards")
    awards = list(filing.round.programme.special_awards.all()[:2])
    client.post(address, page_values(client.get(address)) | {"special_awards": [award.pk for award in awards]})
    assert list(filing.special_awards.all()) == awards
    assert Application.objects.get().awards_section_seen
    client.post(address, {"seen_version": Application.objects.get().edit_version})
    assert not filing.special_awards.exists()


def return_filing(filing, checker, **fields):
    submission = submitting.submit(
        filing, actor=filing.created_by, confirmations={"truthful": "2026-1", "members_informed": "2026-1"},
        arrived_at=clock.now(),
    )  # fmt: skip
    check = FormalCheck.objects.create(
        application=filing, submission=submission, checker=checker, started_at=clock.now(), outcome="return",
        reason="请按意见补正", decided_at=clock.now(),
    )  # fmt: skip
    Remark.objects.create(formal_check=check, field="activity_ends_on", text="与成果报告第 3 页不一致")
    Application.objects.update(
        state=State.RETURNED, open_fields=["activity_ends_on"], correction_due_at=clock.now() + timedelta(days=5),
        **fields,
    )  # fmt: skip
    filing.refresh_from_db()


def test_a_returned_filing_shows_the_remarks_and_opens_only_their_fields(client, owner, secretary, filing):
    return_filing(filing, secretary)
    client.force_login(owner)
    text = client.get(url("detail", filing)).text
    assert "与成果报告第 3 页不一致" in text
    assert "请按意见补正" in text
    address = url("section", filing, "group")
    page = client.get(address)
    form = page.context["form"]
    assert not form.fields["activity_ends_on"].disabled
    assert form.fields["group_name"].disabled
    client.post(
        address,
        {**page_values(page), "group_name": "偷换的名字", "activity_ends_on": f"{filing.activity_ends_on.year}-10-31",
         "members-0-name": "偷换的人"},
    )  # fmt: skip
    after = Application.objects.get()
    assert (after.group_name, after.activity_ends_on.month) == ("红柳QC小组", 10)
    assert after.members.first().name == "韩志远"


def test_after_the_deadline_the_pages_are_read_only(client, owner, filing):
    client.force_login(owner)
    with clock.fixed(filing.round.closes_at):
        address = url("section", filing, "contact")
        page = client.get(address)
        assert "已过截止时间" in page.text
        answer = client.post(address, {"seen_version": 1, "contact_name": "迟到者"})
    assert answer.status_code == 409
    assert Application.objects.get().contact_name == "李文静"


def test_the_review_lists_every_problem_with_a_link(client, owner):
    filing = factories.draft(owner)
    client.force_login(owner)
    text = client.get(url("submit", filing)).text
    assert f"{url('section', filing, 'group')}#id_group_name" in text
    assert f"{url('section', filing, 'evidence')}#upload" in text
    assert reverse("applications:report_summary", args=[filing.round.programme.year]) in text


def test_a_refused_press_says_once_what_is_wrong(client, owner):
    filing = factories.draft(owner)
    client.force_login(owner)
    confirmed = dict.fromkeys(client.get(url("submit", filing)).context["form"].fields, "on")
    answer = client.post(url("submit", filing), confirmed)
    assert "没有提交" in answer.text
    assert answer.text.count('error-summary"') == answer.text.count("data-error-summary") + 1 == 2  # its class and id
    assert answer.text.count("请填写组长姓名") == 1
    with clock.fixed(filing.round.closes_at):
        late = client.post(url("submit", filing), confirmed)
    assert "没有提交" in late.text
    assert "现在不能提交" not in late.text
    assert "还可以做什么" in late.text


def test_submitting_leads_to_the_receipt(client, owner, filing):
    client.force_login(owner)
    assert "材料完整，可以提交" in client.get(url("submit", filing)).text
    answer = client.post(url("submit", filing), CONFIRMED)
    assert (answer.status_code, answer["Location"]) == (302, url("receipt", filing))
    submission = Submission.objects.get()
    text = client.get(url("receipt", filing)).text
    assert submission.file_number in text
    assert submission.code_grouped in text
    assert "data:image/svg+xml" in text
    assert submission.sha256 in re.sub(r"\s", "", text)
    assert re.search(r"\d{4}年\d{1,2}月\d{1,2}日 \d{2}:\d{2}:\d{2}", text)
    assert client.post(url("submit", filing), CONFIRMED).status_code == 302
    assert Submission.objects.count() == 1
    assert submission.sha256 in client.get(url("detail", filing)).text


@pytest.mark.parametrize("left_out", CONFIRMED)
def test_every_confirmation_is_needed(client, owner, filing, left_out):
    client.force_login(owner)
    answer = client.post(url("submit", filing), {key: "on" for key in CONFIRMED if key != left_out})
    assert answer.status_code == 409
    assert "请先勾选" in answer.text
    assert not Submission.objects.exists()
    assert SubmitAttempt.objects.get().outcome == "unconfirmed"


def test_an_incomplete_filing_is_refused_with_its_problems(client, owner, filing):
    filing.members.all().delete()
    client.force_login(owner)
    answer = client.post(url("submit", filing), CONFIRMED)
    assert answer.status_code == 409
    assert "没有提交" in answer.text
    assert "请填写小组成员名单" in answer.text


def test_a_second_too_late_is_answered_to_the_second(client, owner):
    filing = factories.complete_draft(owner, factories.round_of(2026, 1))
    client.force_login(owner)
    with clock.fixed(factories.at(2026, 7, 1, 0, 0, 1)):
        answer = client.post(url("submit", filing), CONFIRMED)
    assert answer.status_code == 409
    assert "2026年7月1日 00:00:01" in answer.text
    assert "2026年6月30日24:00" in answer.text


def test_a_filing_never_submitted_has_no_receipt(client, owner, filing):
    client.force_login(owner)
    assert client.get(url("receipt", filing)).status_code == 404


def test_withdrawing_tells_what_happens_and_asks(client, owner, filing):
    client.force_login(owner)
    assert "撤回后不能恢复" in client.get(url("withdraw", filing)).text
    client.post(url("withdraw", filing), {})
    assert Application.objects.get().state == State.DRAFT
    answer = client.post(url("withdraw", filing), {"agreed": "on", "reason": "换课题"})
    assert answer.status_code == 302
    assert Application.objects.get().state == State.WITHDRAWN


PAGES = [
    ("detail", ()), ("section", ("contact",)), ("section", ("group",)), ("section", ("evidence",)), ("submit", ()),
    ("receipt", ()), ("withdraw", ()),
]  # fmt: skip


@pytest.mark.parametrize(("name", "more"), PAGES)
def test_who_gets_which_answer(client, owner, clerk, rival, filing, name, more):
    submitting.submit(
        filing, actor=owner, confirmations={"truthful": "2026-1", "members_informed": "2026-1"}, arrived_at=clock.now()
    )
    address = url(name, filing, *more)
    assert client.get(address).status_code == 302
    for person, expected in [(owner, 200), (rival, 404), (clerk, 404)]:
        client.force_login(person)
        assert client.get(address).status_code == expected
    client.force_login(owner)
    assert client.delete(address).status_code == 405
    filing.clerks.add(clerk)
    client.force_login(clerk)
    assert client.get(address).status_code == (403 if name in {"submit", "withdraw"} else 200)


def test_a_clerk_may_fill_in_and_not_submit(client, owner, clerk, filing):
    filing.clerks.add(clerk)
    client.force_login(clerk)
    address = url("section", filing, "contact")
    client.post(address, page_values(client.get(address)) | {"contact_name": "李文静二"})
    assert Application.objects.get().contact_name == "李文静二"
    assert client.post(url("submit", filing), CONFIRMED).status_code == 403
    assert not Submission.objects.exists()


def test_staff_look_and_do_not_write(client, secretary, filing):
    client.force_login(secretary)
    assert client.get(url("detail", filing)).status_code == 200
    assert client.post(url("section", filing, "contact"), {"seen_version": 1}).status_code == 403
    assert client.post(url("submit", filing), CONFIRMED).status_code == 403


def test_an_unknown_section_does_not_exist(client, owner, filing):
    client.force_login(owner)
    assert client.get(url("section", filing, "nothing")).status_code == 404
