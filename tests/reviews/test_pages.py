"""The judges' pages: who reaches what, drafts and refusals as a judge meets them."""

from datetime import timedelta

import pytest
from django.urls import reverse

from applications.models import Application, Packet, PacketKind
from applications.states import State
from qcportal import clock, files, pdf
from qcportal.models import OutboxMessage
from reviews.actions import assigning, recusing, sheets
from reviews.models import Panel, Pledge, Recusal, ScoreSheet
from tests import factories
from tests.reviews import builders

POINTS = {"topic": "13.5", "analysis": "26", "measures": "17.5", "effect": "18", "report": "4", "features": "8.5"}


def typed(edit_version=0, step="save", overall="", **points):
    values = {f"points-{code}": value for code, value in {**POINTS, **points}.items()}
    return {**values, "edit_version": edit_version, "step": step, "overall": overall}


def page(assignment, name="sheet"):
    return reverse(f"reviews:{name}", args=[assignment.uuid])


@pytest.fixture
def signed_in(client, judge):
    client.force_login(judge.user)
    return client


def test_anonymous_people_go_to_the_login_also_for_unknown_addresses(client, assignment):
    for address in (
        reverse("reviews:dashboard"),
        page(assignment),
        page(assignment, "copy"),
        page(assignment, "recuse"),
    ):
        assert client.get(address).status_code == 302
    unknown = reverse("reviews:sheet", args=["00000000-0000-4000-8000-000000000000"])
    assert client.get(unknown).url == f"{reverse('account_login')}?next={unknown}"


def test_enterprises_and_staff_do_not_reach_the_judges_pages(client, assignment, owner, secretary):
    for person in (owner, secretary):
        client.force_login(person)
        assert client.get(reverse("reviews:dashboard")).status_code == 403
        for name in ("sheet", "confirm", "recuse", "copy"):
            assert client.get(page(assignment, name)).status_code == 404


def test_another_judges_assignment_does_not_exist(client, assignment, round_):
    other = builders.judge("文海清", "西宁市质量协会", round_.programme)
    client.force_login(other.user)
    for name in ("sheet", "confirm", "recuse", "copy"):
        assert client.get(page(assignment, name)).status_code == 404
    assert client.post(page(assignment), typed()).status_code == 404
    assert not ScoreSheet.objects.exists()


def test_wrong_methods(signed_in, assignment):
    assert signed_in.post(reverse("reviews:dashboard")).status_code == 405
    assert signed_in.post(page(assignment, "copy")).status_code == 405
    assert signed_in.put(page(assignment)).status_code == 405


def test_the_pledge_comes_before_any_file(signed_in, assignment, round_):
    Pledge.objects.all().delete()
    pledge_page = reverse("reviews:pledge", args=[round_.programme.year])
    assert signed_in.get(reverse("reviews:dashboard")).url == pledge_page
    assert signed_in.get(page(assignment)).url.startswith(pledge_page)
    assert signed_in.get(page(assignment, "copy")).status_code == 403
    shown = signed_in.get(pledge_page)
    assert "评审保密与公正承诺书" in shown.text
    assert signed_in.post(pledge_page, {"version": shown.context["version"]}).status_code == 200
    assert not Pledge.objects.exists()
    done = signed_in.post(
        f"{pledge_page}?next={page(assignment)}", {"version": shown.context["version"], "accepted": "on"}
    )
    assert done.url == page(assignment)
    assert Pledge.objects.get().version == shown.context["version"]


def test_the_pledge_never_leads_to_another_site(signed_in, assignment, round_):
    pledge_page = reverse("reviews:pledge", args=[round_.programme.year])
    version = signed_in.get(pledge_page).context["version"]
    done = signed_in.post(f"{pledge_page}?next=https://evil.example/", {"version": version, "accepted": "on"})
    assert done.url == reverse("reviews:dashboard")


def test_the_dashboard_lists_what_was_given_with_its_state(
    signed_in, assignment, stage, round_, rival, judge, secretary
):
    second = builders.accepted(rival, round_, 2, topic_name="降低110kV线路鸟害跳闸率")
    builders.assigned(stage, second, [judge], secretary)
    builders.draft_sheet(assignment, points={**builders.points_for(assignment, 80), "features": None})
    text = signed_in.get(reverse("reviews:dashboard")).text
    assert "提高碳酸锂包装一次合格率" in text
    assert "降低110kV线路鸟害跳闸率" in text
    assert "5/6" in text
    assert "继续评分" in text
    assert "开始评分" in text
    only_drafts = signed_in.get(reverse("reviews:dashboard"), {"show": "draft"}).text
    assert "降低110kV线路鸟害跳闸率" not in only_drafts


def test_the_dashboard_shows_automatic_recusals(client, assignment, stage, round_, rival, secretary):
    own = builders.judge("文海清", factories.enterprise_of(rival).name, round_.programme)
    filing = builders.accepted(rival, round_, 2)
    builders.assigned(stage, assignment.application, [own], secretary)
    with pytest.raises(recusing.Recused):
        assigning.assign(stage, filing, own, actor=secretary)
    client.force_login(own.user)
    text = client.get(reverse("reviews:dashboard")).text
    assert "系统已自动回避（同一单位）" in text
    assert "0</b> / 1 份" in text


def test_the_dashboard_of_a_judge_without_work_says_so(signed_in):
    assert "目前没有需要评审的申报" in signed_in.get(reverse("reviews:dashboard")).text


def test_the_dashboard_asks_the_same_number_of_queries_for_one_and_three_rows(
    signed_in,
    assignment,
    stage,
    round_,
    rival,
    judge,
    secretary,
    django_assert_num_queries,
    django_assert_max_num_queries,
):
    builders.draft_sheet(assignment)
    with django_assert_max_num_queries(20) as one:
        signed_in.get(reverse("reviews:dashboard"))
    for serial in (2, 3):
        other = builders.accepted(rival, round_, serial)
        builders.draft_sheet(builders.assigned(stage, other, [judge], secretary)[0])
    with django_assert_num_queries(len(one.captured_queries)):
        signed_in.get(reverse("reviews:dashboard"))


def test_a_sheet_is_filled_in_checked_submitted_and_locked(signed_in, assignment):
    assert "满分 15" in signed_in.get(page(assignment)).text
    done = signed_in.post(page(assignment), typed(step="review", overall="数据充分"))
    assert done.url == page(assignment, "confirm")
    shown = signed_in.get(page(assignment, "confirm"))
    assert "87.5" in shown.text
    assert "提交后锁定" in shown.text
    for _twice in range(2):
        done = signed_in.post(page(assignment, "confirm"), {"edit_version": 1})
        assert done.url == page(assignment)
    locked = signed_in.get(page(assignment)).text
    assert "已提交，已锁定" in locked
    assert 'name="points-topic"' not in locked
    signed_in.post(page(assignment), typed(edit_version=1, topic="1"))
    sheet = ScoreSheet.objects.get()
    assert sheet.scores.get(item__code="topic").points == 13.5


def test_points_out_of_range_keep_what_was_typed_and_say_why(signed_in, assignment):
    answer = signed_in.post(page(assignment), typed(topic="16", analysis="26.3", overall="写了很久的评语"))
    assert "应在 0 至 15 分之间，现填 16。" in answer.text
    assert "应以 0.5 分为一档，现填 26.3。" in answer.text
    assert 'value="16"' in answer.text
    assert 'value="26.3"' in answer.text
    assert "写了很久的评语" in answer.text
    assert not ScoreSheet.objects.exists()


def test_words_for_points_are_refused_in_chinese(signed_in, assignment):
    assert "请填写数字，例如 13.5。" in signed_in.post(page(assignment), typed(topic="很好")).text


def test_an_incomplete_sheet_is_saved_and_told_what_is_missing(signed_in, assignment):
    done = signed_in.post(page(assignment), typed(step="review", report="", features=""))
    assert done.url == f"{page(assignment)}?check=1"
    text = signed_in.get(done.url).text
    assert "草稿已保存，还差 2 项才能提交" in text
    assert text.count("尚未评分。") == 2
    assert signed_in.get(page(assignment, "confirm")).status_code == 302


def test_a_stale_tab_sees_both_values_and_loses_nothing(signed_in, assignment):
    signed_in.post(page(assignment), typed())
    signed_in.post(page(assignment), typed(edit_version=1, topic="14"))
    answer = signed_in.post(page(assignment), typed(edit_version=1, topic="12", overall="旧页面的评语"))
    assert answer.status_code == 409
    assert "您刚才填写的内容尚未保存" in answer.text
    assert answer.context["stale"]["differences"][0] == {"name": "选题", "stored": "14", "typed": "12"}
    assert "旧页面的评语" in answer.text
    assert ScoreSheet.objects.get().scores.get(item__code="topic").points == 14
    signed_in.post(page(assignment), typed(edit_version=answer.context["form"]["edit_version"].value(), topic="12"))
    assert ScoreSheet.objects.get().scores.get(item__code="topic").points == 12


def test_after_the_window_the_sheet_is_read_only(signed_in, assignment):
    signed_in.post(page(assignment), typed())
    with clock.fixed(assignment.stage.closes_at):
        answer = signed_in.post(page(assignment), typed(edit_version=1, topic="12", overall="迟到的评语"))
        assert "已过评分截止时间" in answer.text
        assert "迟到的评语" in answer.text
        assert "草稿没有提交，不计入成绩。" in signed_in.get(page(assignment)).text
    assert ScoreSheet.objects.get().scores.get(item__code="topic").points == 13.5


def test_before_the_window_the_material_may_be_read_but_not_scored(signed_in, assignment):
    with clock.fixed(assignment.stage.opens_at - timedelta(seconds=1)):
        text = signed_in.get(page(assignment)).text
    assert "评分尚未开始" in text
    assert "看材料" in text


def test_declaring_a_recusal_closes_page_and_files(signed_in, assignment):
    assert "请填写回避理由" in signed_in.post(page(assignment, "recuse"), {"reason": ""}).text
    assert signed_in.post(page(assignment, "recuse"), {"reason": "曾辅导"}).url == reverse("reviews:dashboard")
    assert Recusal.objects.get().reason == "曾辅导"
    assert signed_in.get(page(assignment)).status_code == 403
    assert signed_in.get(page(assignment, "copy")).status_code == 403
    assert signed_in.get(page(assignment, "confirm")).status_code == 403


def test_the_judges_copy_is_asked_for_waited_for_and_then_served(signed_in, assignment):
    submission = assignment.application.latest_submission
    waiting = signed_in.get(page(assignment, "copy"))
    assert (waiting.status_code, waiting["Retry-After"]) == (202, "5")
    assert OutboxMessage.objects.get(topic="packet.build").payload["submission"] == submission.pk
    contents = {PacketKind.FULL: b"%PDF-full", PacketKind.JUDGE: b"%PDF-judge", PacketKind.BLIND: b"%PDF-blind"}
    for kind, content in contents.items():
        Packet.objects.create(
            submission=submission, kind=kind, template_version=pdf.TEMPLATE_VERSION,
            file=files.store(content, "application/pdf"), pages=1, built_at=clock.now(),
        )  # fmt: skip
    served = signed_in.get(page(assignment, "copy"))
    assert served.getvalue() == b"%PDF-judge"
    assert served["Content-Type"] == "application/pdf"
    assert served["Cache-Control"] == "private, no-store"
    assignment.stage.names_visible = False
    assignment.stage.save()
    assert signed_in.get(page(assignment, "copy")).getvalue() == b"%PDF-blind"


def test_evidence_is_served_from_the_frozen_list_only(signed_in, assignment, filing):
    listed = filing.evidence.first()
    address = reverse("reviews:evidence", args=[assignment.uuid, listed.uuid])
    assert signed_in.get(address).getvalue() == factories.PDF
    later = factories.evidence(filing, "other", "后来上传.pdf", factories.PDF + b"%later")
    assert signed_in.get(reverse("reviews:evidence", args=[assignment.uuid, later.uuid])).status_code == 404
    assignment.stage.names_visible = False
    assignment.stage.save()
    assert signed_in.get(address).status_code == 404


def test_judges_never_see_contacts_or_other_judges_scores(signed_in, assignment, stage, filing, round_, secretary):
    other = builders.judge("文海清", "西宁市质量协会", round_.programme)
    builders.submitted_sheet(builders.assigned(stage, filing, [other], secretary)[0], total=77.5)
    for address in (page(assignment), reverse("reviews:dashboard"), page(assignment, "recuse")):
        text = signed_in.get(address).text
        for hidden in ("李文静", "13900000043", "lwj@huguang.example", "文海清", "77.5"):
            assert hidden not in text


def test_names_are_hidden_where_the_stage_hides_them(signed_in, assignment):
    assert "红柳QC小组" in signed_in.get(page(assignment)).text
    assignment.stage.names_visible = False
    assignment.stage.save()
    text = signed_in.get(page(assignment)).text
    assert "红柳QC小组" not in text
    assert "青海湖光盐化股份有限公司" not in text


def test_a_conflict_that_nobody_wrote_down_yet_closes_page_and_files(signed_in, assignment, filing, judge):
    judge.employer_name = filing.enterprise.name
    judge.save()
    for name in ("sheet", "confirm", "copy"):
        assert signed_in.get(page(assignment, name)).status_code == 403
    shown = signed_in.get(page(assignment)).content.decode()
    assert "同一单位" in shown
    assert filing.topic_name not in shown
    signed_in.post(page(assignment), typed())
    assert Recusal.objects.get(judge=judge, application=filing).kind == "employer"
    assert not ScoreSheet.objects.exists()


def test_previous_and_next_leave_recused_ones_out(signed_in, assignment, stage, round_, rival, judge, secretary):
    rows = [
        builders.assigned(stage, builders.accepted(rival, round_, serial), [judge], secretary)[0] for serial in (2, 3)
    ]
    recusing.declare_recusal(judge, rows[0].application, actor=judge.user, reason="亲属")
    neighbours = signed_in.get(page(assignment)).context["neighbours"]
    assert neighbours == {"previous": None, "next": rows[1].uuid}


def test_a_returned_filing_waits(signed_in, assignment, filing):
    Application.objects.filter(pk=filing.pk).update(state=State.RETURNED)
    assert "暂不评分" in signed_in.get(reverse("reviews:dashboard")).text
    assert "不能评分" in signed_in.get(page(assignment)).text


def test_a_reopened_sheet_says_so_and_comes_filled_in(signed_in, assignment, secretary):
    sheet = builders.submitted_sheet(assignment, 80)
    sheets.reopen_sheet(sheet, actor=secretary, reason="误评")
    text = signed_in.get(page(assignment)).text
    assert "秘书处退回重评" in text
    assert "理由：误评" in text
    assert 'value="15"' in text


def test_the_lead_sees_progress_and_points_only_after_the_own_sheet(client, stage, filing, round_, secretary):
    lead, other = builders.judges(2, round_.programme)
    panel = Panel.objects.create(stage=stage, name="第一评审组", lead=lead)
    own, theirs = (assigning.assign(stage, filing, row, actor=secretary, panel=panel) for row in (lead, other))
    builders.submitted_sheet(theirs, 77.5)
    address = reverse("reviews:panel", args=[panel.uuid])
    client.force_login(lead.user)
    before = client.get(address).text
    assert "已交" in before
    assert "77.5" not in before
    builders.submitted_sheet(own, 80)
    assert "77.5" in client.get(address).text
    client.force_login(other.user)
    assert client.get(address).status_code == 404
