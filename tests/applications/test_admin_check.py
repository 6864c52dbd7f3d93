"""The check page with a really submitted filing, and everything that is pressed on it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from applications.actions import checking, submission
from applications.admin import due_dates
from applications.models import (
    Application,
    FormalCheck,
    LicenceCheck,
    Message,
    PaperReceipt,
    Programme,
    WorkdayException,
)  # fmt: skip
from qcportal import clock
from qcportal.models import AuditEvent, MailMessage
from tests import factories
from tests.applications import checked

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed(owner):
    return checked.submitted(owner)


@pytest.fixture
def staff(client, secretary):
    client.force_login(secretary)
    return client


def url(application, what="check", *more):
    return reverse(f"admin:applications_{what}", args=[application.pk, *more])


def form(check, *, remarks=(), answer="yes", **data):
    rows = {"remarks-TOTAL_FORMS": len(remarks), "remarks-INITIAL_FORMS": 0}
    for number, (target, text) in enumerate(remarks):
        rows |= {f"remarks-{number}-target": target, f"remarks-{number}-text": text}
    answers = {f"item-{line['item']}": answer for line in check.checklist}
    return {"check": check.uuid, **rows, **answers, "note": "", **data}


def decide(client, filed, data, **letter):
    """Both steps: what is typed into the page, then the letter as it is offered, with the words of ``letter``."""
    answer = client.post(url(filed), {**data, "action": "propose"}, follow=True)
    if not answer.redirect_chain or "letter" not in answer.redirect_chain[-1][0]:
        return answer
    form = answer.context["form"]
    words = dict(form.initial) if form else {}
    check = answer.context["check"]
    sent = {"check": check.uuid, "revision": check.revision, "action": "send", **words, **letter}
    return client.post(url(filed, "check_letter"), sent, follow=True)


def due_day(days=3):
    return (timezone.localdate(clock.now()) + timedelta(days=days)).isoformat()


def text(answer):
    return answer.content.decode()


def test_the_page_shows_the_frozen_text_of_all_three_attachments(staff, filed, owner):
    filed.group_name = "改名后的小组"
    filed.save()
    body = text(staff.get(url(filed)))
    for words in (
        "红柳QC小组",
        "46.20 万元（462,000.00 元）",
        "扎西多杰",
        "13900000043",
        "基本情况：本单位坚持",
        "1250",
        "李文静",
    ):
        assert words in body
    assert "选择课题：依据现场数据开展" in body
    assert body.count("改名后的小组") <= 2  # title and head name the working copy, the attachments do not


def test_looking_at_personal_data_is_recorded(staff, filed, secretary):
    staff.get(url(filed))
    assert AuditEvent.objects.about(filed).filter(verb="application.personal_viewed", actor=secretary).count() == 1


def test_a_purged_version_says_so_instead_of_names(staff, filed):
    filed.submissions.update(personal=None, salt="")
    body = text(staff.get(url(filed)))
    assert "个人信息已按规定清除" in body
    assert "扎西多杰" not in body


def test_evidence_is_shown_as_it_was_submitted_even_when_the_working_copy_lost_it(staff, filed):
    submission = filed.submissions.get()
    item = submission.data["evidence"][0]
    filed.evidence.all().delete()
    answer = staff.get(url(filed, "check_file", submission.pk, item["sha256"]))
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert answer["Content-Type"] == "application/pdf"


def test_a_file_of_another_filing_is_not_served(staff, filed, rival):
    other = checked.submitted(rival, filed.round)
    factories.evidence(other, "photo", "x.pdf", content=factories.PDF + b"other")
    foreign = other.evidence.get(kind="photo").file_id
    assert staff.get(url(filed, "check_file", filed.submissions.get().pk, foreign)).status_code == 404
    assert staff.get(url(filed, "check_file", other.submissions.get().pk, foreign)).status_code == 404


def test_a_draft_shows_no_content(staff, owner):
    draft = factories.complete_draft(owner)
    body = text(staff.get(url(draft)))
    assert "这份申报还是草稿" in body
    assert "扎西多杰" not in body


def test_starting_opens_the_forms_with_the_default_date(staff, filed, secretary):
    checked.checklist(filed)
    answer = staff.post(url(filed, "check_start"), follow=True)
    assert FormalCheck.objects.get().checker == secretary
    day = due_dates.default_correction_day(clock.now(), 5)
    assert f'value="{day.isoformat()}"' in text(answer)
    assert clock.half_open_label(due_dates.end_of(day)) in text(answer)
    assert "单位名称与营业执照一致" in text(answer)


def test_five_working_days_skip_weekends_holidays_and_the_staffs_exceptions():
    friday = factories.at(2026, 6, 12, 10)
    assert due_dates.default_correction_day(friday, 5).isoformat() == "2026-06-22"  # the 19th is 端午
    WorkdayException.objects.create(day="2026-06-14", is_workday=True, note="调休上班")
    assert due_dates.default_correction_day(friday, 5).isoformat() == "2026-06-18"
    WorkdayException.objects.create(day="2026-06-18", is_workday=False, note="全省放假")
    assert due_dates.default_correction_day(friday, 5).isoformat() == "2026-06-22"


def test_a_draft_of_the_check_is_kept_and_nobody_is_told(staff, filed, secretary):
    checked.checklist(filed)
    check = checking.start_check(filed, actor=secretary)
    mails = MailMessage.objects.count()
    evidence = filed.evidence.get(kind="benefit")
    remarks = [("activity_ends_on", "日期不一致"), (f"file:benefit:{evidence.uuid}", "缺印章"), ("", "")]
    staff.post(url(filed), form(check, remarks=remarks, answer="no", action="save", note="再问财务"))
    check.refresh_from_db()
    assert check.note == "再问财务"
    assert [line["answer"] for line in check.checklist] == ["no", "no"]
    assert [(remark.field, remark.evidence) for remark in check.remarks.all()] == [
        ("activity_ends_on", None),
        ("evidence.benefit", evidence),
    ]
    assert MailMessage.objects.count() == mails
    body = text(staff.get(url(filed)))
    assert "意见 1：日期不一致" in body


def test_the_browser_never_keeps_a_draft_from_being_saved(staff, filed, secretary):
    checking.start_check(filed, actor=secretary)
    decide = text(staff.get(url(filed))).split("data-decide")[1].split("</form>")[0]
    assert " required" not in decide


def test_the_comment_link_without_script_prepares_a_row_for_its_field(staff, filed, secretary):
    checking.start_check(filed, actor=secretary)
    body = text(staff.get(url(filed) + "?remark=topic_name"))
    assert '<option value="topic_name" selected>' in body


def test_a_remark_without_a_place_is_asked_about_and_nothing_is_lost(staff, filed, secretary):
    check = checking.start_check(filed, actor=secretary)
    answer = staff.post(url(filed), form(check, remarks=[("", "这里不对")], action="save"))
    assert answer.status_code == 422
    assert "请选择这条意见针对的项目或材料" in text(answer)
    assert "这里不对" in text(answer)


def test_accepting_on_the_page(staff, filed, secretary):
    checked.checklist(filed)
    check = checked.open_check(filed, secretary)
    answer = decide(staff, filed, form(check, outcome="accept"))
    filed.refresh_from_db()
    assert filed.state == "accepted"
    assert "已作出决定：参评" in text(answer)


def test_accepting_an_unverified_enterprise_is_refused_and_the_draft_is_kept(staff, filed, secretary):
    checked.checklist(filed)
    check = checking.start_check(filed, actor=secretary)
    answer = decide(staff, filed, form(check, outcome="accept"))
    assert answer.status_code == 422
    assert "营业执照尚未核验" in text(answer)
    check.refresh_from_db()
    assert [line["answer"] for line in check.checklist] == ["yes", "yes"]
    assert 'name="action" value="verify"' in text(staff.get(url(filed)))
    answer = staff.post(url(filed), form(check, action="verify", revision=check.revision), follow=True)
    licence = f"/admin/applications/enterprise/{filed.enterprise_id}/verify/"
    assert answer.redirect_chain[-1][0] == f"{licence}?check={filed.pk}"
    answer = staff.post(
        licence,
        {"seen_name": filed.enterprise.name, "name_agrees": "on", "code_agrees": "on", "area_agrees": "on",
         "check": filed.pk},
        follow=True,
    )  # fmt: skip
    assert answer.redirect_chain[-1][0] == url(filed)
    assert "的营业执照已核验" in text(answer)
    seen = LicenceCheck.objects.get(enterprise=filed.enterprise)
    assert (seen.checked_by, seen.name_agrees, seen.code_agrees, seen.area_agrees) == (secretary, True, True, True)
    check.refresh_from_db()
    decide(staff, filed, form(check, outcome="accept"))
    filed.refresh_from_db()
    assert filed.state == "accepted"


def test_returning_on_the_page_opens_fields_until_the_end_of_the_day_named(staff, filed, secretary):
    check = checked.open_check(filed, secretary)
    data = form(
        check, remarks=[("topic_name", "过长")], outcome="return", due_day=due_day(),
        open_fields=["report.statistics"],
    )  # fmt: skip
    decide(staff, filed, data)
    filed.refresh_from_db()
    assert filed.state == "returned"
    assert filed.open_fields == ["topic_name", "report.statistics"]
    assert timezone.localtime(filed.correction_due_at).hour == 0
    body = text(staff.get(url(filed)))
    assert "开放：课题名称、附件 3 统计表" in body
    assert "过长" in body


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"outcome": "return", "due_day": ""}, "请填写补正截止日期"),
        ({"outcome": "return", "due_day": "2020-01-01"}, "补正截止日期不能早于今天"),
        ({"outcome": "return"}, "请至少选择一处开放补正的项目"),
        ({"outcome": "defer"}, "请写明理由"),
        ({"outcome": "refuse", "reason": " "}, "请写明理由"),
        ({}, "这个字段是必填项"),
    ],
)
def test_an_incomplete_decision_is_refused_beside_the_field(staff, filed, secretary, data, said):
    check = checked.open_check(filed, secretary)
    answer = decide(staff, filed, form(check, **{"due_day": due_day(), **data}))
    assert answer.status_code == 422
    assert said in text(answer)
    filed.refresh_from_db()
    assert filed.state == "submitted"


@pytest.mark.parametrize(("outcome", "state"), [("defer", "deferred"), ("refuse", "refused")])
def test_deferring_and_refusing_on_the_page(staff, filed, secretary, outcome, state):
    check = checked.open_check(filed, secretary)
    decide(staff, filed, form(check, outcome=outcome, reason="不在本期范围"))
    filed.refresh_from_db()
    assert filed.state == state


def test_a_second_decision_is_told_that_it_came_too_late(staff, filed, secretary):
    check = checked.open_check(filed, secretary)
    data = form(check, outcome="defer", reason="缓评")
    decide(staff, filed, data)
    answer = decide(staff, filed, data)
    assert "已经作出决定" in text(answer)
    assert AuditEvent.objects.about(filed).filter(verb="application.deferred").count() == 1


def test_a_page_left_open_from_an_earlier_check_decides_nothing(staff, filed, owner, secretary):
    first = checked.open_check(filed, secretary)
    old_page = form(first, outcome="defer", reason="缓评", action="propose")
    decide(staff, filed, form(first, remarks=[("topic_name", "过长")], outcome="return", due_day=due_day()))
    filed.refresh_from_db()
    checked.resubmit(filed, owner)
    checking.start_check(filed, actor=secretary)
    assert "已经作出决定" in text(staff.post(url(filed), old_page, follow=True))
    filed.refresh_from_db()
    assert filed.state == "submitted"


def test_the_second_person_sees_who_checks_and_may_take_over(client, filed, secretary):
    check = checking.start_check(filed, actor=secretary)
    client.force_login(factories.staff(username="li", name="李国栋"))
    body = text(client.get(url(filed)))
    assert "陈雪梅 于" in body
    assert "data-decide" not in body
    answer = client.post(url(filed), form(check, action="save"), follow=True)
    assert "先接手" in text(answer)
    client.post(url(filed, "check_take_over"))
    assert "data-decide" in text(client.get(url(filed)))


def test_after_a_refusal_it_is_reopened_on_the_page(staff, filed, secretary):
    checking.refuse(checked.open_check(filed, secretary), actor=secretary, reason="单位不符")
    assert "恢复受理" in text(staff.get(url(filed)))
    staff.post(url(filed, "check_reopen"), {"reopen-reason": "说明成立"})
    filed.refresh_from_db()
    assert filed.state == "submitted"


def test_a_correction_is_extended_on_the_page(staff, filed, secretary):
    check = checked.open_check(filed, secretary)
    decide(staff, filed, form(check, remarks=[("topic_name", "过长")], outcome="return", due_day=due_day()))
    staff.post(url(filed, "check_extend"), {"extend-due_day": due_day(9), "extend-reason": "调取材料"})
    filed.refresh_from_db()
    assert filed.correction_due_at == due_dates.end_of(timezone.localdate(clock.now()) + timedelta(days=9))


def test_the_longer_correction_is_offered_by_the_years_working_days(staff, filed, secretary):
    """Not by five: the year may give three. The end is shown as a date before it is sent."""
    Programme.objects.update(correction_workdays=3)
    check = checked.open_check(filed, secretary)
    decide(staff, filed, form(check, remarks=[("topic_name", "过长")], outcome="return", due_day=due_day()))
    page = text(staff.get(url(filed)))
    filed.refresh_from_db()
    day = due_dates.default_correction_day(filed.correction_due_at - timedelta(seconds=1), 3)
    assert f'value="{day}"' in page
    assert f"默认再给 3 个工作日，至 {clock.half_open_label(due_dates.end_of(day))}" in page


def test_an_accepted_filing_is_disqualified_on_the_page_only_with_a_reason(staff, filed, secretary):
    checking.accept(checked.open_check(filed, secretary), actor=secretary)
    staff.post(url(filed, "check_disqualify"), {"disqualify-reason": ""})
    filed.refresh_from_db()
    assert filed.state == "accepted"
    staff.post(url(filed, "check_disqualify"), {"disqualify-reason": "材料失实"})
    filed.refresh_from_db()
    assert filed.state == "disqualified"


def test_paper_is_received_on_the_page(staff, filed):
    staff.post(url(filed, "check_paper"), {"paper-shelf": "B-01"})
    assert PaperReceipt.objects.get().shelf == "B-01"
    assert "存放于 B-01" in text(staff.get(url(filed)))


def test_a_message_to_the_enterprise_is_written_on_the_page(staff, filed, secretary):
    staff.post(url(filed, "check_message"), {"body": "请补一页活动照片。"})
    message = Message.objects.get()
    assert (message.author, message.from_staff, message.thread.application) == (secretary, True, filed)
    assert "请补一页活动照片。" in text(staff.get(url(filed)))


def test_the_packet_of_the_version_under_check_is_linked(staff, filed, owner, secretary):
    checking.start_check(checked.resubmit(filed, owner), actor=secretary)
    assert f'href="/applications/{filed.uuid}/packet.pdf?v=2"' in text(staff.get(url(filed)))


def test_the_arrows_lead_through_what_waits(staff, filed, rival):
    second = checked.submitted(rival, filed.round)
    body = text(staff.get(url(filed)))
    assert "待审查</a> 第 1 件，共 2 件" in body
    assert f'href="{url(second)}"' in body


def test_the_arrows_walk_the_filter_that_the_list_last_showed(staff, filed, rival, secretary):
    """Not the round: what the filter leaves out is passed over, and what was decided keeps its place."""
    out = checked.submitted(rival, filed.round)
    third = checked.submitted(rival, filed.round, group_name="另一个小组", topic_name="降低水轮机组厂用电率")
    Application.objects.filter(pk=out.pk).update(topic_type="innovation")
    Application.objects.filter(pk__in=[filed.pk, third.pk]).update(topic_type="self_set")
    staff.get("/admin/applications/application/?queue=waiting&type=self_set")
    answer = staff.get(url(filed))
    assert answer.context["neighbours"] == {"previous": None, "next": third.pk, "position": 1, "total": 2}
    assert "待审查、问题解决型·自定目标</a> 第 1 件，共 2 件" in text(answer)
    assert "queue=waiting&amp;type=self_set" in text(answer)
    answer = staff.get(url(out))
    assert answer.context["neighbours"] == {"previous": filed.pk, "next": third.pk, "position": 0, "total": 2}
    assert "本件不在其中" in text(answer)
    checking.defer(checked.open_check(filed, secretary), actor=secretary, reason="下期再报")
    assert staff.get(url(filed)).context["neighbours"]["next"] == third.pk
    staff.get("/admin/applications/application/?queue=all")  # everything filed, the newest first
    assert staff.get(url(third)).context["neighbours"] == {
        "previous": None, "next": out.pk, "position": 1, "total": 3,
    }  # fmt: skip


POSTS = ["check", "check_start", "check_take_over", "check_extend", "check_reopen", "check_disqualify",
         "check_paper", "check_message"]  # fmt: skip


@pytest.mark.parametrize("what", POSTS)
def test_an_auditor_reads_and_changes_nothing(client, auditor, filed, secretary, what):
    check = checking.start_check(filed, actor=secretary)
    client.force_login(auditor)
    body = text(client.get(url(filed)))
    assert "红柳QC小组" in body
    assert "<form" not in body.split("<main")[1]
    assert client.post(url(filed, what), form(check, action="save")).status_code == 403


@pytest.mark.parametrize("what", POSTS[1:])
def test_what_changes_something_is_posted(staff, filed, what):
    assert staff.get(url(filed, what)).status_code == 405


@pytest.mark.parametrize("who", ["owner", "clerk"])
def test_enterprises_never_reach_the_page(client, filed, who, request):
    client.force_login(request.getfixturevalue(who))
    assert client.get(url(filed)).status_code == 403


def test_a_filing_withdrawn_under_check_shows_no_decision_any_more(staff, filed, owner, secretary):
    checking.start_check(filed, actor=secretary)
    submission.withdraw(filed, actor=owner, reason="不再参加")
    body = text(staff.get(url(filed)))
    assert "data-decide" not in body
    assert "不需要审查" in body


def test_a_second_look_at_an_accepted_filing_offers_to_keep_or_to_return_it(staff, filed, secretary):
    checking.accept(checked.open_check(filed, secretary), actor=secretary)
    staff.post(url(filed, "check_start"))
    body = text(staff.get(url(filed)))
    assert "维持参评" in body
    assert 'value="defer"' not in body


def test_an_unknown_filing_is_404(staff):
    assert staff.get(reverse("admin:applications_check", args=[999])).status_code == 404


def test_the_page_asks_a_fixed_number_of_times(staff, filed, secretary, django_assert_max_num_queries):
    checked.checklist(filed)
    check = checking.start_check(filed, actor=secretary)
    staff.get(url(filed))
    with django_assert_max_num_queries(40) as few:
        staff.get(url(filed))
    evidence = list(filed.evidence.all())
    remarks = [(f"file:{item.kind}:{item.uuid}", "缺页") for item in evidence] + [("topic_name", "过长")]
    staff.post(url(filed), form(check, remarks=remarks, action="save"))
    with django_assert_max_num_queries(40) as many:
        staff.get(url(filed))
    assert len(many) == len(few)
