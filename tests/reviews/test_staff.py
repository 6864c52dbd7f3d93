"""Judging on the staff site: the board, the ranking, Excel, sheets, rubrics, stages."""

from decimal import Decimal
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from applications.models import Application
from applications.states import State
from qcportal import clock
from qcportal.models import AuditEvent
from reviews import exports, standings
from reviews.models import Assignment, Judge, Panel, Ranking, Recusal, Rubric, ScoreSheet, Stage, StageKind
from reviews.states import SheetState
from tests import factories
from tests.reviews import builders


@pytest.fixture
def staff(client, secretary):
    client.force_login(secretary)
    return client


@pytest.fixture
def documents(round_):
    return builders.only_documents(round_)


@pytest.fixture
def scored(documents, filing, round_, secretary):
    """Five judges, four sheets in, one missing; and one judge recused by employer."""
    panel = builders.judges(5, round_.programme)
    assignments = builders.assigned(documents, filing, panel, secretary)
    for assignment, total in zip(assignments, (80, 85, 90, 95), strict=False):
        builders.submitted_sheet(assignment, total)
    return assignments


def board(stage):
    return reverse("admin:reviews_assign", args=[stage.pk])


def ranking(round_, name="reviews_ranking"):
    return reverse(f"admin:{name}", args=[round_.pk])


def test_only_staff_reach_the_pages(client, stage, round_, owner, judge):
    addresses = [
        board(stage),
        ranking(round_),
        ranking(round_, "reviews_ranking_export"),
        reverse("admin:reviews_rankings"),
        reverse("admin:reviews_assign_stages"),
    ]
    for address in addresses:
        client.logout()
        assert client.get(address).status_code == 302
        for person in (owner, judge.user):
            client.force_login(person)
            assert client.get(address).status_code == 403


def test_auditors_look_and_change_nothing(client, auditor, stage, round_, filing, judge):
    client.force_login(auditor)
    assert client.get(board(stage)).status_code == 200
    assert "冻结排名" not in client.get(ranking(round_)).text
    assert client.post(board(stage), {"judges": [judge.pk], "filings": [filing.pk]}).status_code == 403
    assert client.post(ranking(round_), {"step": "freeze"}).status_code == 403
    assert client.post(reverse("admin:reviews_rankings"), {"round": round_.pk}).status_code == 403
    assert not Assignment.objects.exists()


def test_the_addresses_of_the_contract(stage, round_):
    assert board(stage) == f"/admin/reviews/assign/{stage.pk}/"
    assert ranking(round_) == f"/admin/reviews/ranking/{round_.pk}/"


def test_a_panel_is_assigned_and_the_conflict_is_shown_and_refused(staff, stage, filing, round_):
    members = builders.judges(3, round_.programme)
    own = builders.judge("孟晓岚", filing.enterprise.name)
    panel = Panel.objects.create(stage=stage, name="第一评审组")
    panel.judges.set([*members, own])
    assert "孟晓岚（同一单位）" in staff.get(board(stage)).text
    answer = staff.post(board(stage), {"panel": panel.pk, "filings": [filing.pk]}, follow=True)
    assert "已分派 3 份" in answer.text
    assert "孟晓岚应回避该申报（同一单位）" in answer.text
    assert Assignment.objects.filter(panel=panel).count() == 3
    assert Recusal.objects.get().judge == own
    filing.refresh_from_db()
    assert filing.state == State.IN_REVIEW


def test_nothing_chosen_is_said_in_chinese(staff, stage, filing):
    text = staff.post(board(stage), {"filings": []}).text
    assert "请勾选要分派的申报。" in text
    assert "请选择评审组或评委。" in text


def test_an_assignment_is_withdrawn_on_the_board(staff, assignment, stage):
    staff.post(board(stage), {"step": "withdraw", "assignment": assignment.pk})
    assert not Assignment.objects.active().exists()


def test_the_board_asks_the_same_number_of_queries_for_one_and_three_rows(
    staff, stage, filing, round_, rival, secretary, django_assert_num_queries, django_assert_max_num_queries
):
    judges = builders.judges(2, round_.programme)
    builders.assigned(stage, filing, judges, secretary)
    with django_assert_max_num_queries(25) as one:
        staff.get(board(stage))
    builders.judge("孟晓岚", "西宁市质量协会", round_.programme)
    for serial in (2, 3):
        builders.assigned(stage, builders.accepted(rival, round_, serial), judges, secretary)
    with django_assert_num_queries(len(one.captured_queries)):
        staff.get(board(stage))


def test_the_ranking_page_shows_the_derivation_and_leaves_an_audit_row(staff, scored, round_, secretary):
    text = staff.get(ranking(round_)).text
    assert "(80.0 + 85.0 + 90.0 + 95.0) ÷ 4 = 87.50" in text
    assert "未交" in text
    assert "还有 1 份评分表未交" in text
    event = AuditEvent.objects.get(verb="scores.viewed")
    assert (event.actor, event.data) == (secretary, {"what": "ranking:all"})


def test_views_by_type_panel_and_award(staff, scored, round_):
    for key in ("all", "solving", "innovation", "award-salt-lake"):
        assert staff.get(ranking(round_), {"view": key}).status_code == 200
    assert "这里还没有参评的申报" in staff.get(ranking(round_), {"view": "innovation"}).text
    assert staff.get(ranking(round_), {"view": "panel-9999"}).status_code == 404


def test_the_ranking_page_asks_the_same_number_of_queries_for_one_and_three_rows(
    staff, scored, round_, documents, rival, secretary, django_assert_num_queries, django_assert_max_num_queries
):
    with django_assert_max_num_queries(30) as one:
        staff.get(ranking(round_))
    judges = [assignment.judge for assignment in scored]
    for serial in (2, 3):
        for assignment in builders.assigned(documents, builders.accepted(rival, round_, serial), judges, secretary):
            builders.submitted_sheet(assignment)
    with django_assert_num_queries(len(one.captured_queries)):
        staff.get(ranking(round_))


def test_freezing_completing_and_announcing_by_button(staff, scored, round_, documents, filing):
    assert "还有 1 份评分表未交且评分尚未截止" in staff.post(ranking(round_), {"step": "freeze"}, follow=True).text
    with clock.fixed(documents.closes_at):
        assert "1 份申报转为" in staff.post(ranking(round_), {"step": "complete"}, follow=True).text
        assert "已冻结第 1 版排名" in staff.post(ranking(round_), {"step": "freeze"}, follow=True).text
        frozen = Ranking.objects.get()
        assert (
            "已公布第 1 版排名"
            in staff.post(ranking(round_), {"step": "announce", "ranking": frozen.pk}, follow=True).text
        )
    filing.refresh_from_db()
    assert filing.state == State.SCORED
    assert Ranking.objects.get().announced_at


def test_a_round_without_stages_gets_them(staff, db):
    round_ = factories.round_of(2026, 2)
    page = reverse("admin:reviews_rankings")
    assert "建立评审阶段" in staff.get(page).text
    staff.post(page, {"round": round_.pk})
    assert round_.stages.count() == 3


def test_the_excel_holds_ranking_scores_and_arithmetic(staff, scored, round_, filing):
    answer = staff.get(ranking(round_, "reviews_ranking_export"))
    assert answer["Content-Type"] == exports.CONTENT_TYPE
    book = load_workbook(BytesIO(answer.content))
    assert book.sheetnames == ["排名", "评委评分", "推导"]
    rows = [list(row) for row in book["排名"].iter_rows(values_only=True)]
    assert rows[2][:4] == ["名次", "文件编号", "小组名称", "申报单位"]
    assert rows[3][:4] == [1, "QC2026-1-0001", "红柳QC小组", "青海湖光盐化股份有限公司"]
    assert rows[3][8] == 87.5
    scores = [list(row)[3:] for row in book["评委评分"].iter_rows(values_only=True, min_row=2)]
    assert scores == [
        ["祁连山", 80, "计入"],
        ["文海清", 85, "计入"],
        ["苏青禾", 90, "计入"],
        ["罗振川", 95, "计入"],
        ["孟晓岚", None, "未交"],
    ]
    arithmetic = [row[-1] for row in book["推导"].iter_rows(values_only=True, min_row=2)]
    assert arithmetic == ["(80.0 + 85.0 + 90.0 + 95.0) ÷ 4 = 87.50", "资料均分 87.50"]
    assert AuditEvent.objects.get(verb="scores.viewed").data == {"what": "export:all"}


def test_formulas_in_names_are_neutralised(scored, round_, filing):
    Application.objects.filter(pk=filing.pk).update(
        group_name='=HYPERLINK("http://evil.example")', topic_name="@SUM(A1)"
    )
    content = exports.ranking_workbook(standings.of_round(round_), title="=1+1", at=clock.now())
    sheet = load_workbook(BytesIO(content))["排名"]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert sheet["A1"].value == "'=1+1"
    assert sheet["C4"].value == '\'=HYPERLINK("http://evil.example")'


def test_a_sheet_is_read_with_an_audit_row_and_sent_back_with_a_reason(staff, scored):
    sheet = ScoreSheet.objects.filter(state=SheetState.SUBMITTED).first()
    page = reverse("admin:reviews_scoresheet_change", args=[sheet.pk])
    assert "退回重评" in staff.get(page).text
    assert AuditEvent.objects.get(verb="scores.viewed").data == {"what": "sheet"}
    reopen = reverse("admin:reviews_scoresheet_reopen", args=[sheet.pk])
    assert "请说明退回重评的理由" in staff.post(reopen, {"reason": ""}, follow=True).text
    assert "已退回重评" in staff.post(reopen, {"reason": "误评"}, follow=True).text
    assert staff.get(reopen).status_code == 405
    sheet.refresh_from_db()
    assert sheet.state == SheetState.REOPENED


def test_staff_never_see_a_judges_draft(staff, assignment):
    draft = builders.draft_sheet(assignment, total=77.5)
    text = staff.get(reverse("admin:reviews_scoresheet_change", args=[draft.pk])).text
    assert "草稿未提交，分数只有评委本人可见" in text
    assert "退回重评" not in text
    assert not AuditEvent.objects.filter(verb="scores.viewed").exists()


def test_a_sheet_cannot_be_changed_in_the_admin(staff, scored):
    sheet = ScoreSheet.objects.filter(state=SheetState.SUBMITTED).first()
    page = reverse("admin:reviews_scoresheet_change", args=[sheet.pk])
    assert staff.post(page, {"total": "1"}).status_code == 403
    assert staff.get(reverse("admin:reviews_scoresheet_changelist")).status_code == 200


def _items(rubric, **changes):
    data = {
        "name": rubric.name, "edition": rubric.edition, "sheet": rubric.sheet, "topic_types": rubric.topic_types,
        "declared_total": "100", "is_active": "on", "items-TOTAL_FORMS": "6", "items-INITIAL_FORMS": "6",
    }  # fmt: skip
    for number, item in enumerate(rubric.items.all()):
        row = {
            "id": item.pk, "rubric": rubric.pk, "position": item.position, "code": item.code, "name": item.name,
            "max_points": changes.get(item.code, item.max_points), "step": item.step, "guidance": item.guidance,
        }  # fmt: skip
        data |= {f"items-{number}-{key}": value for key, value in row.items()}
    return data


def test_items_that_do_not_add_up_are_refused(staff, stage):
    rubric = Rubric.objects.get(name="成果评审表（问题解决型）")
    page = reverse("admin:reviews_rubric_change", args=[rubric.pk])
    assert "各项分值合计 105 分，与满分 100 分不符。" in staff.post(page, _items(rubric, topic=20)).text
    assert staff.post(page, _items(rubric, topic=20, analysis=25)).status_code == 302
    assert rubric.items.get(code="topic").max_points == 20


def test_a_rubric_in_use_is_frozen(staff, assignment):
    builders.draft_sheet(assignment)
    rubric = ScoreSheet.objects.get().rubric
    page = reverse("admin:reviews_rubric_change", args=[rubric.pk])
    assert "分项不能再改" in staff.get(page).text
    staff.post(page, _items(rubric, topic=20, analysis=25))
    assert rubric.items.get(code="topic").max_points == 15


def _stage_list(round_, weights):
    stages = list(Stage.objects.filter(round=round_).order_by("pk"))
    data = {"form-TOTAL_FORMS": "3", "form-INITIAL_FORMS": "3", "_save": "保存"}
    for number, stage in enumerate(stages):
        data |= {f"form-{number}-id": stage.pk, f"form-{number}-weight": weights[stage.kind]}
        if Decimal(weights[stage.kind]):
            data[f"form-{number}-is_active"] = "on"
    return data


def test_weights_are_changed_together_and_add_up_to_one(staff, stage, round_):
    page = reverse("admin:reviews_stage_changelist")
    wrong = staff.post(page, _stage_list(round_, {"document": "0.7", "on_site": "0", "presentation": "0.4"}))
    assert "权重合计应为 1，现2026 年第一期为 1.1" in wrong.text
    staff.post(page, _stage_list(round_, {"document": "0.7", "on_site": "0", "presentation": "0.3"}))
    assert round_.stages.get(kind=StageKind.DOCUMENT).weight == Decimal("0.7")


def test_once_a_score_is_in_weights_are_changed_with_a_reason_only(staff, scored, round_):
    page = reverse("admin:reviews_stage_changelist")
    before = list(round_.stages.order_by("pk").values_list("weight", "min_valid"))
    answer = staff.post(page, _stage_list(round_, {"document": "0.7", "on_site": "0", "presentation": "0.3"}))
    assert "已有评委提交评分" in answer.text
    stage = round_.stages.first()
    assert 'name="min_valid"' not in staff.get(reverse("admin:reviews_stage_change", args=[stage.pk])).text
    assert list(round_.stages.order_by("pk").values_list("weight", "min_valid")) == before


NO_ROUNDS = {"availability-TOTAL_FORMS": 0, "availability-INITIAL_FORMS": 0}


def test_a_judges_new_employer_recuses_from_what_was_assigned(staff, assignment, judge, filing):
    page = reverse("admin:reviews_judge_change", args=[judge.pk])
    entries = {"user": judge.user_id, "employer_name": filing.enterprise.name, "is_active": "on", **NO_ROUNDS}
    answer = staff.post(page, entries, follow=True)
    assert "自动回避：QC2026-1-0001" in answer.text
    assert Recusal.objects.get().judge == judge


def test_a_new_judge_gets_the_role(staff, db):
    person = factories.user(name="康牧野")
    staff.post(
        reverse("admin:reviews_judge_add"),
        {"user": person.pk, "employer_name": "西宁市质量协会", "is_active": "on", **NO_ROUNDS},
    )
    assert Judge.objects.get(user=person)
    assert person.groups.filter(name="judge").exists()


def test_the_secretariat_records_and_lifts_a_recusal(staff, assignment, judge, filing):
    staff.post(
        reverse("admin:reviews_recusal_add"),
        {"judge": judge.pk, "application": filing.pk, "reason": "来电说明有亲属关系"},
    )
    recusal = Recusal.objects.get()
    assert AuditEvent.objects.filter(verb="recusal.recorded").count() == 1
    staff.post(
        reverse("admin:reviews_recusal_changelist"), {"action": "lift", "_selected_action": [recusal.pk]}, follow=True
    )
    assert not Recusal.objects.exists()


def test_a_panel_decision_is_recorded(staff, scored, filing):
    answer = staff.post(
        reverse("admin:reviews_tiedecision_add"),
        {"application": filing.pk, "position": 1, "reason": "合议"},
    )
    assert answer.status_code == 302
    assert filing.tie_decision.position == 1


@pytest.mark.parametrize(
    "model", ["rubric", "stage", "judge", "panel", "recusal", "pledge", "scoresheet", "tiedecision"]
)
def test_every_list_opens(staff, scored, model):
    assert staff.get(reverse(f"admin:reviews_{model}_changelist")).status_code == 200


def test_the_list_of_sheets_asks_the_same_number_of_queries_for_one_and_three_rows(
    staff, documents, filing, round_, secretary, django_assert_num_queries, django_assert_max_num_queries
):
    page = reverse("admin:reviews_scoresheet_changelist")
    panel = builders.judges(3, round_.programme)
    assignments = builders.assigned(documents, filing, panel, secretary)
    builders.submitted_sheet(assignments[0])
    with django_assert_max_num_queries(20) as one:
        staff.get(page)
    for assignment in assignments[1:]:
        builders.submitted_sheet(assignment)
    with django_assert_num_queries(len(one.captured_queries)):
        staff.get(page)
