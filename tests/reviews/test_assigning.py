"""Assigning by hand, and the recusals that stand in its way."""

import pytest

from applications.models import Application
from applications.states import State
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent
from reviews.actions import assigning, recusing
from reviews.models import Assignment, Recusal, RecusalKind
from tests import factories
from tests.reviews import builders


def test_the_first_assignment_opens_the_review(stage, filing, judge, secretary):
    assignment = assigning.assign(stage, filing, judge, actor=secretary)
    filing.refresh_from_db()
    assert (filing.state, assignment.assigned_by) == (State.IN_REVIEW, secretary)
    assert AuditEvent.objects.filter(verb="assignment.made").count() == 1


def test_assigning_again_changes_nothing(stage, filing, judge, secretary):
    first = assigning.assign(stage, filing, judge, actor=secretary)
    assert assigning.assign(stage, filing, judge, actor=secretary) == first
    assert AuditEvent.objects.filter(verb="assignment.made").count() == 1


@pytest.mark.parametrize("employer", ["青海湖光盐化股份有限公司", "青海湖光盐化股份有限公司 察尔汗分公司"])
def test_the_employer_of_a_judge_is_recused_and_the_recusal_stays(stage, filing, secretary, employer):
    own = builders.judge(employer=employer)
    with pytest.raises(recusing.Recused) as refused:
        assigning.assign(stage, filing, own, actor=secretary)
    assert "同一单位" in refused.value.message
    assert not Assignment.objects.exists()
    assert Recusal.objects.get().kind == RecusalKind.EMPLOYER
    assert AuditEvent.objects.filter(verb="recusal.recorded").count() == 1


def test_full_width_brackets_do_not_hide_an_employer(stage, round_, secretary):
    owner = factories.enterprise_owner(username="bracket", enterprise_name="青海昆仑（集团）绿电有限公司")
    filing = builders.accepted(owner, round_, 7)
    with pytest.raises(recusing.Recused):
        assigning.assign(stage, filing, builders.judge(employer="青海昆仑(集团)绿电有限公司"), actor=secretary)


def test_a_completing_unit_counts_as_it_was_frozen(stage, round_, owner, secretary):
    filing = factories.complete_draft(owner, round_)
    filing.completing_units.create(name="西宁远岫装备制造有限公司")
    builders.frozen(filing, "QC2026-1-0009")
    Application.objects.filter(pk=filing.pk).update(state=State.ACCEPTED)
    filing.completing_units.all().delete()
    with pytest.raises(recusing.Recused):
        assigning.assign(stage, filing, builders.judge(employer="西宁远岫装备制造有限公司"), actor=secretary)
    assert Recusal.objects.get().kind == RecusalKind.COMPLETING_UNIT


def test_a_member_of_the_enterprise_never_judges_it(stage, filing, clerk, secretary):
    from reviews.models import Judge

    row = Judge.objects.create(user=clerk, employer_name="退休")
    with pytest.raises(recusing.Recused):
        assigning.assign(stage, filing, row, actor=secretary)


@pytest.mark.parametrize("state", [State.SUBMITTED, State.RETURNED, State.SCORED, State.REFUSED])
def test_only_accepted_filings_are_assigned(stage, filing, judge, secretary, state):
    Application.objects.filter(pk=filing.pk).update(state=state)
    with pytest.raises(Refusal) as refused:
        assigning.assign(stage, filing, judge, actor=secretary)
    assert refused.value.code == "bad_state"


def test_other_rounds_inactive_stages_and_inactive_judges_are_refused(stage, filing, judge, secretary):
    other = builders.stage_of(factories.round_of(2026, 2))
    codes = []
    with pytest.raises(Refusal) as refused:
        assigning.assign(other, filing, judge, actor=secretary)
    codes.append(refused.value.code)
    judge.is_active = False
    with pytest.raises(Refusal) as refused:
        assigning.assign(stage, filing, judge, actor=secretary)
    codes.append(refused.value.code)
    stage.is_active = False
    with pytest.raises(Refusal) as refused:
        assigning.assign(stage, filing, judge, actor=secretary)
    assert [*codes, refused.value.code] == ["other_round", "judge_inactive", "stage_inactive"]


def test_only_the_secretariat_assigns(stage, filing, judge, auditor, owner):
    for person in (auditor, owner, judge.user):
        with pytest.raises(NotAllowed):
            assigning.assign(stage, filing, judge, actor=person)


def test_many_at_once_reports_the_refused_pairs(stage, filing, round_, rival, secretary):
    other = builders.accepted(rival, round_, 2)
    own = builders.judge(employer=filing.enterprise.name)
    free = builders.judge("文海清", "西宁市质量协会")
    result = assigning.assign_many(stage, [filing, other], [own, free], actor=secretary)
    assert len(result.made) == 3
    assert len(result.refused) == 1
    assert "祁连山应回避该申报（同一单位）" in result.refused[0]
    assert Recusal.objects.count() == 1


def test_a_withdrawn_assignment_comes_back_on_assigning_again(assignment, stage, filing, judge, secretary):
    assigning.withdraw_assignment(assignment, actor=secretary)
    assert not Assignment.objects.active().exists()
    assert assigning.assign(stage, filing, judge, actor=secretary) == assignment
    assert Assignment.objects.active().count() == 1


def test_an_assignment_with_a_submitted_sheet_is_not_withdrawn(assignment, secretary):
    builders.submitted_sheet(assignment)
    with pytest.raises(Refusal) as refused:
        assigning.withdraw_assignment(assignment, actor=secretary)
    assert refused.value.code == "already_submitted"


def test_a_judge_declares_a_recusal(assignment, judge, filing):
    recusing.declare_recusal(judge, filing, actor=judge.user, reason="曾辅导该小组")
    assert Recusal.objects.get().kind == RecusalKind.DECLARED
    with pytest.raises(recusing.Recused):
        builders.draft_sheet(assignment)


def test_declaring_needs_a_reason_an_assignment_and_the_judge_in_person(assignment, judge, filing, secretary):
    other = builders.judge("文海清", "西宁市质量协会")
    with pytest.raises(Refusal) as refused:
        recusing.declare_recusal(judge, filing, actor=judge.user, reason=" ")
    assert refused.value.code == "reason_missing"
    with pytest.raises(NotAllowed):
        recusing.declare_recusal(judge, filing, actor=secretary, reason="代填")
    with pytest.raises(NotAllowed):
        recusing.declare_recusal(other, filing, actor=other.user, reason="未分派")


def test_after_submitting_only_the_secretariat_records_a_recusal(assignment, judge, filing, secretary):
    builders.submitted_sheet(assignment)
    with pytest.raises(Refusal) as refused:
        recusing.declare_recusal(judge, filing, actor=judge.user, reason="亲属")
    assert refused.value.code == "already_submitted"
    recusing.record_recusal(judge, filing, actor=secretary, reason="亲属，本人来电说明")
    assert Recusal.objects.count() == 1


def test_automatic_recusals_are_not_lifted_declared_ones_are(assignment, judge, filing, secretary, stage):
    declared = recusing.declare_recusal(judge, filing, actor=judge.user, reason="误选")
    recusing.lift_recusal(declared, actor=secretary, reason="本人更正")
    own = builders.judge(employer=filing.enterprise.name)
    with pytest.raises(recusing.Recused) as recused:
        assigning.assign(stage, filing, own, actor=secretary)
    with pytest.raises(Refusal):
        recusing.lift_recusal(recused.value.recusal, actor=secretary, reason="试试")


def test_a_judge_who_changes_employer_is_recused_from_what_was_assigned(assignment, judge, filing, secretary):
    judge.employer_name = filing.enterprise.name
    judge.save()
    assert [row.application for row in recusing.refresh_recusals(judge, actor=secretary)] == [filing]
    assert recusing.refresh_recusals(judge, actor=secretary) == []


def test_a_conflict_found_while_scoring_is_recorded_and_refused(assignment, judge, filing):
    judge.employer_code = filing.enterprise.credit_code
    judge.save()
    with pytest.raises(recusing.Recused):
        builders.draft_sheet(assignment)
    assert Recusal.objects.get().kind == RecusalKind.EMPLOYER
