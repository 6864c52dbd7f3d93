"""The last look: warnings answered with a reason, the packet as it will be, texts agreed to, the receipt."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from applications import completeness, explaining
from applications.actions import explaining as actions
from applications.actions import receipts, submission
from applications.models import (
    AnnualReport,
    Application,
    Association,
    ConfirmationText,
    Consent,
    Submission,
    SubmitAttempt,
    WarningConfirmation,
)
from applications.packets import preview
from applications.packets.content import Frozen
from applications.states import State
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent, MailMessage
from tests import factories

AGREED = {"truthful": "on", "members_informed": "on", "certificate_name": "on"}
CONFIRMED = {"truthful": "2026-1", "members_informed": "2026-1"}
REASON = "附件 3 只计入已结算部分，本课题已由财务部门单独核实。"
CODE = "benefit_above_report"


@pytest.fixture
def filing(owner):
    """Complete, with one warning: its benefit is above attachment 3."""
    return factories.complete_draft(owner, economic_benefit=Decimal("9999999.00"))


@pytest.fixture
def asked(filing):
    """The same with nothing confirmed yet."""
    WarningConfirmation.objects.all().delete()
    return filing


@pytest.fixture
def page(client, owner, asked):
    client.force_login(owner)
    return reverse("applications:submit", args=[asked.uuid])


def press(application, actor):
    return submission.submit(application, actor=actor, confirmations=CONFIRMED, arrived_at=clock.now())


def test_an_open_warning_keeps_the_filing_from_being_submitted(asked, owner):
    with pytest.raises(submission.Unexplained) as refused:
        press(asked, owner)
    assert [problem.code for problem in refused.value.problems] == [CODE]
    attempt = SubmitAttempt.objects.get()
    assert (attempt.outcome, attempt.missing) == ("unexplained", ["economic_benefit"])
    assert not Submission.objects.exists()


def test_a_reason_typed_with_the_press_is_enough_and_is_frozen(client, page, asked):
    assert "还有 1 条提醒需要核实" in client.get(page).text
    answer = client.post(page, {**AGREED, f"reason-{CODE}": REASON})
    assert answer.status_code == 302
    (row,) = Submission.objects.get().data["explanations"]
    assert (row["code"], row["reason"], row["label"]) == (CODE, REASON, "直接经济效益")
    assert "999.9999 万元大于附件 3" in row["message"]


def test_a_ready_reason_can_be_chosen_without_script(client, page):
    ready = explaining.READY[0][1][0]
    assert f'<option value="{ready}">' in client.get(page).text
    assert client.post(page, {**AGREED, f"reason-{CODE}": "", f"ready-{CODE}": ready}).status_code == 302
    assert Submission.objects.get().data["explanations"][0]["reason"] == ready


@pytest.mark.parametrize(("typed", "said"), [("", "请写明核实的情况"), ("属实", "至少 5 个字")])
def test_a_reason_that_says_nothing_is_refused_beside_the_warning(client, page, typed, said):
    answer = client.post(page, {**AGREED, f"reason-{CODE}": typed})
    assert answer.status_code == 409
    assert said in answer.text
    assert f'id="error-{CODE}"' in answer.text
    assert f">{typed}</textarea>" in answer.text
    assert SubmitAttempt.objects.get().outcome == "unexplained"


def test_answers_are_saved_without_submitting_and_kept_for_the_next_visit(client, owner, page):
    answer = client.post(page, {"save": "1", f"reason-{CODE}": REASON})
    assert (answer.status_code, answer["Location"]) == (302, page)
    text = client.get(page).text
    assert "材料完整，可以提交" in text
    assert REASON in text
    assert not SubmitAttempt.objects.exists()
    event = AuditEvent.objects.get(verb="application.warnings_confirmed")
    assert event.after == {"codes": [CODE]}
    assert client.post(page, AGREED).status_code == 302


def test_what_was_typed_survives_a_press_refused_for_another_reason(client, page):
    answer = client.post(page, {f"reason-{CODE}": REASON})  # no box ticked
    assert answer.status_code == 409
    assert REASON in answer.text
    assert WarningConfirmation.objects.get().reason == REASON


def test_shortening_a_confirmed_reason_is_refused_and_the_press_recorded(client, filing, owner):
    client.force_login(owner)
    page = reverse("applications:submit", args=[filing.uuid])
    answer = client.post(page, {**AGREED, f"reason-{CODE}": "对"})
    assert answer.status_code == 409
    assert "至少 5 个字" in answer.text
    assert SubmitAttempt.objects.get().outcome == "reason"
    assert not Submission.objects.exists()


def test_a_changed_number_asks_again_and_offers_the_old_reason(client, filing, owner):
    Application.objects.filter(pk=filing.pk).update(economic_benefit=Decimal("8888888.00"))
    with pytest.raises(submission.Unexplained):
        press(filing, owner)
    client.force_login(owner)
    text = client.get(reverse("applications:submit", args=[filing.uuid])).text
    assert "内容有变化，请重新核实" in text
    assert "沿用：已与财务、人事部门核对" in text
    assert 'rows="2" maxlength="200"></textarea>' in text


def test_an_unchanged_number_is_not_asked_about_again(filing, owner):
    first = press(filing, owner)
    Application.objects.filter(pk=filing.pk).update(social_benefit="改善环境。", has_unsubmitted_changes=True)
    second = press(filing, owner)
    assert second.version == 2
    assert second.data["explanations"] == first.data["explanations"]


def test_a_filing_nobody_asked_about_freezes_as_it_always_did(owner):
    made = press(factories.complete_draft(owner), owner)
    assert "explanations" not in made.data
    assert "explanations" not in made.personal


def test_a_warning_of_attachment_3_is_confirmed_once_for_all_filings(owner):
    first = factories.complete_draft(owner, topic_name="降低干燥工序蒸汽单耗的攻关", group_name="雪豹QC小组")
    second = factories.complete_draft(owner)
    AnnualReport.objects.update(groups_active=30)
    (one,) = [each for each in completeness.problems(first) if each.of_report]
    assert (one.level, one.code) == ("warning", "statistics_active_above_registered")
    actions.confirm_warnings(first, actor=owner, reasons={one.code: "含上年结转的小组，已核对。"})
    for filing in (first, second):
        frozen = {row["code"]: row["reason"] for row in press(filing, owner).data["explanations"]}
        assert frozen[one.code] == "含上年结转的小组，已核对。"
    AnnualReport.objects.update(groups_active=31)
    assert explaining.unanswered(second, completeness.problems(second)) != []


def test_a_warning_that_names_people_is_frozen_with_the_personal_part(owner):
    filing = factories.complete_draft(owner)
    filing.members.update(name="韩志远")
    factories.explain(filing, owner, "确有重名的两位成员，已核实。")
    made = press(filing, owner)
    assert "explanations" not in made.data
    assert made.personal["explanations"][0]["code"] == "member_twice"
    assert [one["code"] for one in Frozen(made).explanations()] == ["member_twice"]
    made.personal = None  # after a purge
    assert Frozen(made).explanations() == []


def test_only_owner_and_manager_confirm_and_only_in_time(asked, clerk, rival, owner):
    asked.clerks.add(clerk)
    for person in (clerk, rival):
        with pytest.raises(NotAllowed):
            actions.confirm_warnings(asked, actor=person, reasons={CODE: REASON})
    with clock.fixed(asked.round.closes_at), pytest.raises(Refusal) as refused:
        actions.confirm_warnings(asked, actor=owner, reasons={CODE: REASON})
    assert refused.value.code == "after_deadline"
    with pytest.raises(Refusal):
        actions.confirm_warnings(asked, actor=owner, reasons={CODE: "字" * 201})
    assert not WarningConfirmation.objects.exists()


# The packet before it is submitted.


def test_the_preview_shows_the_official_forms_and_freezes_nothing(client, owner, filing):
    client.force_login(owner)
    text = client.get(reverse("applications:preview", args=[filing.uuid])).text
    for part in ("青海省优秀质量管理小组申报表", "企业质量管理小组活动统计表", "证实性材料目录", "提醒与核实说明",
                 "预览，未提交", "扎西多杰", "成果报告.pdf"):  # fmt: skip
        assert part in text
    assert "style=" not in text  # the portal's pages allow none
    assert not Submission.objects.exists()
    assert "table.f" in client.get(reverse("applications:preview_css")).text


def test_the_preview_of_a_draft_with_nothing_in_it_is_a_page_too(client, owner):
    client.force_login(owner)
    empty = factories.draft(owner)
    answer = client.get(reverse("applications:preview", args=[empty.uuid]))
    assert "附件 2、附件 3 尚未填写" in answer.text
    assert client.get(reverse("applications:submit", args=[empty.uuid])).status_code == 200


def test_the_page_says_which_report_version_it_will_stand_on_and_what_is_new(client, owner, filing):
    client.force_login(owner)
    page = reverse("applications:submit", args=[filing.uuid])
    assert "随本次提交冻结为第 1 版" in client.get(page).text
    press(filing, owner)
    Application.objects.filter(pk=filing.pk).update(has_unsubmitted_changes=True)
    assert "本次提交使用已冻结的第 1 版" in client.get(page).text
    AnnualReport.objects.update(employees=1300)
    text = client.get(page).text
    assert "与第 1 版相比有 2 处不同" in text  # the number, and the rate that follows from it
    assert "<s>1250 人</s> → <b>1300 人</b>" in text
    draft = preview.Draft(Application.objects.get(), AnnualReport.objects.get(), [], clock.now())
    assert (draft.report_version.version, draft.report_version.pk) == (2, None)


# The texts agreed to.


def new_text(kind="truthful", version="2026-2", since=None):
    return ConfirmationText.objects.create(
        kind=kind, version=version, label="新的勾选语。", text="新的承诺全文。",
        effective_from=since or clock.now() - timedelta(minutes=1), created_at=clock.now(),
    )  # fmt: skip


def test_the_texts_are_shown_in_full_with_their_version(client, page):
    text = client.get(page).text
    assert "所列成员实际开展" in text
    assert "文本版本 2026-1" in text
    assert 'name="seen-truthful" value="2026-1"' in text


def test_a_newer_text_is_shown_and_recorded_and_the_old_one_kept(client, owner, filing):
    new_text()
    new_text(version="2027-1", since=clock.now() + timedelta(days=30))
    client.force_login(owner)
    page = reverse("applications:submit", args=[filing.uuid])
    assert "新的承诺全文。" in client.get(page).text
    assert client.post(page, {**AGREED, "seen-truthful": "2026-2"}).status_code == 302
    assert dict(Consent.objects.values_list("kind", "version")) == {
        "truthful": "2026-2", "members_informed": "2026-1",
    }  # fmt: skip
    assert ConfirmationText.objects.filter(kind="truthful", version="2026-1").exists()


def test_agreeing_to_a_text_that_was_replaced_meanwhile_is_refused(client, owner, filing):
    new_text()
    client.force_login(owner)
    page = reverse("applications:submit", args=[filing.uuid])
    answer = client.post(page, {**AGREED, "seen-truthful": "2026-1"})
    assert answer.status_code == 409
    assert "文本刚刚更新" in answer.text
    assert "新的承诺全文。" in answer.text
    assert "checked" not in answer.text
    assert SubmitAttempt.objects.get().outcome == "text_changed"


def test_who_agreed_to_older_privacy_rules_is_asked_again(client, owner, filing):
    Association.objects.create(name="青海省质量管理协会", privacy_version="2027-1")
    Consent.objects.create(kind="privacy", version="2026-1", user=owner, at=clock.now())
    client.force_login(owner)
    page = reverse("applications:submit", args=[filing.uuid])
    assert "同意更新后的《个人信息处理规则》（版本 2027-1）" in client.get(page).text
    assert client.post(page, AGREED).status_code == 409
    assert client.post(page, {**AGREED, "privacy": "on"}).status_code == 302
    assert Consent.objects.filter(kind="privacy", version="2027-1", user=owner).exists()


# Around the deadline.


def test_after_the_deadline_the_page_says_what_is_still_possible(client, owner):
    filing = factories.complete_draft(owner, factories.round_of(2026, 1))
    client.force_login(owner)
    with clock.fixed(factories.at(2026, 7, 1, 0, 0, 1)):
        text = client.get(reverse("applications:submit", args=[filing.uuid])).text
    assert "还可以做什么" in text
    assert "申请延期" in text
    assert "正式提交</button>" not in text


def test_a_moment_before_the_deadline_is_enough(client, owner):
    filing = factories.complete_draft(owner, factories.round_of(2026, 1), activity_starts_on=date(2025, 3, 1))
    client.force_login(owner)
    with clock.fixed(factories.at(2026, 6, 30, 23, 59, 59)):
        assert client.post(reverse("applications:submit", args=[filing.uuid]), AGREED).status_code == 302


# The receipt.


def test_the_receipt_names_what_was_received_and_what_was_confirmed(client, owner, filing):
    made = press(filing, owner)
    client.force_login(owner)
    text = client.get(reverse("applications:receipt", args=[filing.uuid])).text
    for part in ("小组活动记录.pdf", made.data["evidence"][0]["sha256"][:16], "999.9999 万元大于附件 3",
                 "已核实，原因：已与财务、人事部门核对", "QCR1."):  # fmt: skip
        assert part in text
    body = MailMessage.objects.get(to="lwj@huguang.example").body
    for part in ("小组活动记录.pdf", "已核实，原因：已与财务", "QCR1.", "盖章扫描件"):
        assert part in body


def test_the_receipt_mail_goes_out_again_but_not_every_minute(client, owner, filing):
    press(filing, owner)
    client.force_login(owner)
    address = reverse("applications:receipt_mail", args=[filing.uuid])
    before = MailMessage.objects.count()
    answer = client.post(address, follow=True)
    assert "已重新发送至 lw***@huguang.example" in answer.text
    assert MailMessage.objects.count() == before * 2
    assert "10 分钟后" in client.post(address, follow=True).text
    for number in range(1, 7):
        with clock.fixed(clock.now() + timedelta(minutes=11 * number)):
            client.force_login(owner)
            client.post(address)
    assert AuditEvent.objects.filter(verb="application.receipt_sent").count() == receipts.A_DAY


def test_strangers_and_staff_do_not_send_receipts(client, owner, rival, secretary, filing):
    address = reverse("applications:receipt_mail", args=[filing.uuid])
    client.force_login(owner)
    assert "还没有提交过" in client.post(address, follow=True).text
    press(filing, owner)
    for person, expected in ((rival, 404), (secretary, 403)):
        client.force_login(person)
        assert client.post(address).status_code == expected


def test_staff_read_the_explanations_on_the_check_page(client, owner, secretary, filing, settings):
    settings.STAFF_SECOND_FACTOR = False
    press(filing, owner)
    client.force_login(secretary)
    text = client.get(reverse("admin:applications_check", args=[filing.pk])).text
    assert "单位核实过的提醒" in text
    assert "已核实，原因：已与财务、人事部门核对" in text


def test_states_besides_draft_show_no_form(client, owner, filing):
    press(filing, owner)
    client.force_login(owner)
    text = client.get(reverse("applications:submit", args=[filing.uuid])).text
    assert "之后没有修改" in text
    assert "正式提交</button>" not in text
    assert re.search(r"已核实，原因：</b>", text)
    Application.objects.filter(pk=filing.pk).update(state=State.WITHDRAWN)
    assert "现在不能提交" in client.get(reverse("applications:submit", args=[filing.uuid])).text
