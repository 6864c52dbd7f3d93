"""The pages of proposals, as the secretariat presses them, without script; and what others see."""

import pytest
from django.urls import reverse

from applications.models import Application
from qcportal.models import AuditEvent
from reviews import tasks  # noqa: F401 -- the worker's handlers
from reviews.actions import proposing, relating
from reviews.models import (
    Assignment,
    AssignmentProposal,
    Availability,
    DeclaredRelation,
    ExpertiseField,
    Judge,
    Panel,
    Recusal,
    RecusalKind,
    RelationKind,
)
from reviews.states import ProposalState
from tests.reviews import builders


@pytest.fixture
def staff(client, secretary):
    client.force_login(secretary)
    return client


@pytest.fixture
def stage(round_):
    return builders.only_documents(round_)


@pytest.fixture
def filings(owner, rival, round_):
    people = enumerate((owner, rival, owner), 1)
    return [builders.accepted(person, round_, n, group_name=f"小组{n}") for n, person in people]


@pytest.fixture
def judges(round_):
    rows = builders.judges(6, round_.programme)
    Judge.objects.filter(pk__in=[rows[0].pk, rows[3].pk]).update(is_senior=True)
    return rows


ASKED = {"mode": "panels", "per_item": 3, "panels": 2, "load_min": 0, "senior_each": "on", "step": "propose"}


def list_page(stage):
    return reverse("admin:reviews_proposals", args=[stage.pk])


def asked(staff, stage, **values):
    answer = staff.post(list_page(stage), {**ASKED, **values})
    assert answer.status_code == 302
    return AssignmentProposal.objects.latest("pk"), answer.url


def test_from_the_form_over_the_waiting_page_to_confirmed_and_undone(staff, stage, filings, judges):
    assert "可分派申报 3 件" in staff.get(list_page(stage)).text
    proposal, address = asked(staff, stage)
    waiting = staff.get(address)
    assert "正在计算方案" in waiting.text
    assert waiting["Refresh"] == "2"
    proposing.work(proposal.pk)
    page = staff.get(address)
    assert "Refresh" not in page
    assert "质量指标" in page.text
    assert "第一评审组" in page.text
    assert filings[0].file_number in page.text
    assert not Assignment.objects.exists()
    done = staff.post(address, {"step": "confirm", "version": "1"}, follow=True)
    assert "已确认，新分派 9 份" in done.text
    assert Assignment.objects.active().count() == 9
    back = staff.post(address, {"step": "undo"}, follow=True)
    assert "已撤销" in back.text
    assert not Assignment.objects.active().exists()
    assert not Panel.objects.exists()


def test_a_filing_is_moved_by_a_select_and_an_old_page_is_refused(staff, stage, filings, judges):
    proposal, address = asked(staff, stage)
    proposing.work(proposal.pk)
    line = proposal.lines.first()
    other = proposal.panels.exclude(pk=line.panel_id).get()
    move = {"step": "move", "filing": line.application_id, "panel": other.pk, "version": "1"}
    assert f"已移到{other.name}" in staff.post(address, move, follow=True).text
    assert set(proposal.lines.filter(application=line.application_id).values_list("panel", flat=True)) == {other.pk}
    assert "刚刚被他人调整过" in staff.post(address, move, follow=True).text


def test_judges_are_chosen_on_a_page_of_the_filing(staff, stage, filings, judges):
    Judge.objects.filter(pk=judges[5].pk).update(employer_name=filings[0].enterprise.name)
    proposal, _address = asked(staff, stage, mode="each", per_item=2)
    proposing.work(proposal.pk)
    address = reverse("admin:reviews_proposal_filing", args=[proposal.uuid, filings[0].pk])
    assert "同一单位" in staff.get(address).text
    staff.post(address, {"judges": [judges[0].pk, judges[4].pk], "version": "1"})
    given = set(proposal.lines.filter(application=filings[0]).values_list("judge", flat=True))
    assert given == {judges[0].pk, judges[4].pk}
    refused = staff.post(address, {"judges": [judges[5].pk], "version": "2"}, follow=True)
    assert "应回避该申报" in refused.text
    assert "请至少选一位评委" in staff.post(address, {"version": "2"}, follow=True).text


def test_the_impossible_names_what_to_relax_and_a_press_relaxes_it(staff, stage, filings, judges):
    proposal, address = asked(staff, stage, mode="each", per_item=3, load_max=1)
    proposing.work(proposal.pk)
    text = staff.get(address).text
    assert "按这些条件排不出来" in text
    assert "放宽并重新计算" in text
    answer = staff.post(address, {"step": "relax", "obstacle": "0"})
    wider = AssignmentProposal.objects.latest("pk")
    assert (answer.url, wider.pk > proposal.pk) == (reverse("admin:reviews_proposal", args=[wider.uuid]), True)
    proposing.work(wider.pk)
    wider.refresh_from_db()
    assert wider.state == ProposalState.PROPOSED


def test_late_changes_show_what_is_new_and_what_is_gone(staff, stage, filings, judges):
    proposal, address = asked(staff, stage, mode="each", per_item=3)
    proposing.work(proposal.pk)
    staff.post(address, {"step": "confirm", "version": "1"})
    gone = Assignment.objects.active().exclude(judge__is_senior=True).first().judge
    Availability.objects.create(judge=gone, round=stage.round, takes_part=False)
    answer = staff.post(list_page(stage), {"step": "resolve"})
    again = AssignmentProposal.objects.latest("pk")
    proposing.work(again.pk)
    text = staff.get(answer.url).text
    assert "新增" in text
    assert "撤下" in text
    assert f"<del>{gone.user}</del>" in text


def test_wrong_numbers_stay_in_the_form_with_the_reason(staff, stage, filings, judges):
    answer = staff.post(list_page(stage), {**ASKED, "mode": "each", "load_min": 9, "load_max": 3})
    assert "上限不能小于下限" in answer.text
    assert 'value="9"' in answer.text
    assert not AssignmentProposal.objects.exists()


def test_nothing_to_assign_is_said(staff, stage, judges):
    assert "本阶段还没有可分派的申报" in staff.post(list_page(stage), ASKED, follow=True).text


def test_the_auditor_reads_and_presses_nothing(client, auditor, staff, stage, filings, judges):
    proposal, address = asked(staff, stage)
    proposing.work(proposal.pk)
    client.force_login(auditor)
    assert "确认并分派" not in client.get(address).text
    assert client.post(address, {"step": "confirm", "version": "1"}).status_code == 403
    assert not Assignment.objects.exists()


# --- What assignment knows of judges --------------------------------------------------------------


def test_fields_availability_and_rank_are_edited_on_the_judge_s_page(staff, round_, judges):
    address = reverse("admin:reviews_judge_change", args=[judges[0].pk])
    field = ExpertiseField.objects.get(name="建筑施工")
    answer = staff.post(address, {
        "user": judges[0].user_id, "employer_name": "青海省第一研究所", "expertise_fields": [field.pk],
        "is_active": "on", "availability-TOTAL_FORMS": 1, "availability-INITIAL_FORMS": 0,
        "availability-0-round": round_.pk, "availability-0-takes_part": "on", "availability-0-at_most": 7,
    })  # fmt: skip
    assert answer.status_code == 302
    assert list(judges[0].expertise_fields.all()) == [field]
    assert Availability.objects.get(judge=judges[0]).at_most == 7
    assert "建筑施工" in staff.get(reverse("admin:reviews_judge_changelist")).text


def test_the_vocabulary_is_the_secretariats(staff):
    answer = staff.post(reverse("admin:reviews_expertisefield_add"), {
        "name": "计量与检测", "industries": ["manufacturing"], "position": 5, "is_active": "on",
    })  # fmt: skip
    assert answer.status_code == 302
    assert ExpertiseField.objects.get(name="计量与检测").industries == ["manufacturing"]
    assert "装备制造" in staff.get(reverse("admin:reviews_expertisefield_changelist")).text


def test_a_told_relation_recuses_what_is_assigned_and_ends_with_it(staff, stage, filings, judges, secretary):
    builders.assigned(stage, filings[0], judges[:2], secretary)
    answer = staff.post(reverse("admin:reviews_declaredrelation_add"), {
        "judge": judges[0].pk, "kind": "coached", "unit_name": filings[0].enterprise.name,
        "group_name": filings[0].group_name,
    })  # fmt: skip
    assert answer.status_code == 302
    recusal = Recusal.objects.get()
    assert (recusal.judge, recusal.application_id, recusal.kind) == (judges[0], filings[0].pk, RecusalKind.COACHED)
    relation = DeclaredRelation.objects.get()
    assert relation.confirmed_by == secretary
    assert filings[0].enterprise.name not in str(AuditEvent.objects.get(verb="relation.declared").after)
    assert relating.end_relation(relation, actor=secretary) == 1
    assert not Recusal.objects.exists()


def test_one_group_s_coach_may_judge_the_others_of_its_unit(stage, filings, judges, secretary):
    relating.declare_relation(
        judges[0], RelationKind.COACHED, actor=judges[0].user, unit_name=filings[0].enterprise.name,
        group_name=filings[0].group_name,
    )  # fmt: skip
    assert DeclaredRelation.objects.get().confirmed_at is None
    given = builders.assigned(stage, Application.objects.get(pk=filings[2].pk), [judges[0]], secretary)
    assert given[0].judge == judges[0]
    text = "应回避"
    with pytest.raises(Exception, match=text):
        builders.assigned(stage, Application.objects.get(pk=filings[0].pk), [judges[0]], secretary)


def test_a_declared_recusal_is_confirmed_by_the_secretariat(staff, stage, filings, judges, secretary):
    from reviews.actions import recusing

    builders.assigned(stage, filings[0], judges[:1], secretary)
    recusing.declare_recusal(judges[0], filings[0], actor=judges[0].user, reason="亲属")
    recusal = Recusal.objects.get()
    assert recusal.confirmed_at is None
    staff.post(reverse("admin:reviews_recusal_changelist"), {"action": "confirm", "_selected_action": [recusal.pk]})
    recusal.refresh_from_db()
    assert recusal.confirmed_by == secretary
    assert AuditEvent.objects.filter(verb="recusal.confirmed").count() == 1
