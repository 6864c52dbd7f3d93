"""Proposals: worked out, changed by hand, confirmed, undone, and changed again after late news."""

import pytest
from django.db.models import Count

from applications.models import Application, Enterprise
from applications.states import State
from qcportal import outbox
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import AuditEvent, MailMessage, OutboxMessage
from qcportal.roles import Role, has_role
from reviews import proposing as reads
from reviews import tasks  # noqa: F401 -- the worker's handlers
from reviews.actions import assigning, proposal_confirming, proposing, recusing
from reviews.models import (
    Assignment,
    AssignmentProposal,
    Availability,
    ExpertiseField,
    LineKind,
    Mode,
    Panel,
    ProposalLine,
)
from reviews.proposing import Parameters
from reviews.states import ProposalState
from tests.reviews import builders

EACH = Parameters(Mode.EACH, 3, load_min=0, load_max=4)
PANELS = Parameters(Mode.PANELS, 3, 2)


@pytest.fixture
def stage(round_):
    return builders.only_documents(round_)


@pytest.fixture
def filings(owner, rival, round_):
    """Four: two of each unit."""
    people = enumerate((owner, rival, owner, rival), 1)
    rows = [builders.accepted(person, round_, n, group_name=f"小组{n}") for n, person in people]
    return Application.objects.filter(pk__in=[row.pk for row in rows]).order_by("file_number")


@pytest.fixture
def judges(round_):
    """Six, two of them senior; one works for the owner's unit."""
    rows = builders.judges(6, round_.programme)
    for row in (rows[0], rows[3]):
        row.is_senior = True
        row.save()
    rows[1].employer_name = "青海湖光盐化股份有限公司"
    rows[1].save()
    return rows


def worked(stage, parameters, secretary) -> AssignmentProposal:
    proposal = proposing.propose(stage, parameters, actor=secretary)
    return solved(proposal)


def solved(proposal) -> AssignmentProposal:
    row = OutboxMessage.objects.get(key=f"proposal:{proposal.uuid}")
    assert outbox.deliver(row.pk) == "done"
    proposal.refresh_from_db()
    return proposal


def pairs(proposal):
    return set(proposal.lines.values_list("application_id", "judge_id"))


def assigned(stage):
    return set(Assignment.objects.active().filter(stage=stage).values_list("application_id", "judge_id"))


def test_so_many_each_is_worked_out_and_nothing_changes_for_judges(stage, filings, judges, secretary):
    proposal = worked(stage, EACH, secretary)
    assert proposal.state == ProposalState.PROPOSED
    assert set(proposal.lines.values_list("application").annotate(n=Count("pk")).values_list("n", flat=True)) == {3}
    own = {row.pk for row in filings if row.enterprise.name == "青海湖光盐化股份有限公司"}
    assert not {(filing, judges[1].pk) for filing in own} & pairs(proposal)
    assert set(proposal.quality) == {"proposal", "greedy", "random"}
    assert (proposal.quality["proposal"]["recused"], proposal.quality["proposal"]["without_senior"]) == (0, 0)
    assert len(proposal.inputs_sha256) == 64
    assert not Assignment.objects.exists()
    assert not MailMessage.objects.exists()
    assert set(filings.values_list("state", flat=True)) == {State.ACCEPTED}


def test_working_it_out_twice_changes_nothing(stage, filings, judges, secretary):
    proposal = worked(stage, EACH, secretary)
    before = pairs(proposal)
    proposing.work(proposal.pk)
    assert pairs(proposal) == before
    assert AuditEvent.objects.filter(verb="proposal.solved").count() == 1


def test_confirming_assigns_mails_each_judge_and_opens_the_review(stage, filings, judges, secretary):
    proposal = worked(stage, EACH, secretary)
    assert proposal_confirming.confirm(proposal, actor=secretary) == 12
    assert assigned(stage) == pairs(proposal)
    assert set(filings.values_list("state", flat=True)) == {State.IN_REVIEW}
    given = {judge for _filing, judge in pairs(proposal)}
    letters = MailMessage.objects.filter(letter="judge_assigned")
    assert letters.count() == len(given)
    assert "资料评审" in letters.first().subject
    assert AuditEvent.objects.filter(verb="assignment.made").count() == 4
    assert AuditEvent.objects.filter(verb="proposal.confirmed").count() == 1
    with pytest.raises(Refusal) as refused:
        proposal_confirming.confirm(proposal, actor=secretary)
    assert refused.value.code == "bad_state"


def test_panels_become_the_stages_panels(stage, filings, judges, secretary):
    proposal = worked(stage, PANELS, secretary)
    assert [panel.name for panel in proposal.panels.all()] == ["第一评审组", "第二评审组"]
    proposal_confirming.confirm(proposal, actor=secretary)
    made = Panel.objects.filter(stage=stage)
    assert sorted(made.values_list("name", flat=True)) == ["第一评审组", "第二评审组"]
    assert {panel.judges.count() for panel in made} == {3}
    assert all(panel.lead.is_senior for panel in made)
    assert not Assignment.objects.filter(panel=None).exists()
    assert all(has_role(panel.lead.user, Role.LEAD_JUDGE) for panel in made)


def test_undoing_puts_everything_back(stage, filings, judges, secretary):
    old = Panel.objects.create(stage=stage, name="第一评审组", lead=judges[5])
    old.judges.set(judges[4:])
    builders.assigned(stage, filings[0], judges[4:], secretary)
    Assignment.objects.update(panel=old)
    before = set(Assignment.objects.active().values_list("application_id", "judge_id", "panel_id"))
    proposal = worked(stage, PANELS, secretary)
    proposal_confirming.confirm(proposal, actor=secretary)
    proposal_confirming.undo(AssignmentProposal.objects.get(), actor=secretary)
    assert set(Assignment.objects.active().values_list("application_id", "judge_id", "panel_id")) == before
    assert list(Panel.objects.values_list("name", "lead")) == [("第一评审组", judges[5].pk)]
    assert set(old.judges.all()) == set(judges[4:])
    assert AuditEvent.objects.filter(verb="proposal.undone").count() == 1


def test_with_a_score_undoing_is_refused_and_names_it(stage, filings, judges, secretary):
    proposal = worked(stage, EACH, secretary)
    proposal_confirming.confirm(proposal, actor=secretary)
    begun = Assignment.objects.active().first()
    builders.draft_sheet(begun)
    with pytest.raises(Refusal) as refused:
        proposal_confirming.undo(AssignmentProposal.objects.get(), actor=secretary)
    assert refused.value.code == "scores"
    assert f"{begun.judge.user}（{begun.application.file_number}）" in refused.value.message


def test_only_the_last_confirmed_is_undone(stage, filings, judges, secretary):
    first = worked(stage, EACH, secretary)
    proposal_confirming.confirm(first, actor=secretary)
    second = solved(proposing.resolve(stage, actor=secretary))
    proposal_confirming.confirm(second, actor=secretary)
    with pytest.raises(Refusal) as refused:
        proposal_confirming.undo(first, actor=secretary)
    assert refused.value.code == "not_last"


def test_what_changed_meanwhile_refuses_the_confirmation(stage, filings, judges, secretary):
    proposal = worked(stage, EACH, secretary)
    recusing.record_recusal(judges[0], filings[0], actor=secretary, reason="亲属")
    with pytest.raises(Refusal) as refused:
        proposal_confirming.confirm(proposal, actor=secretary)
    assert refused.value.code == "inputs_changed"
    assert not Assignment.objects.exists()


def test_a_line_against_a_recusal_is_never_confirmed(stage, filings, judges, secretary):
    proposal = worked(stage, EACH, secretary)
    own = next(row for row in filings if row.enterprise.name == judges[1].employer_name)
    ProposalLine.objects.create(proposal=proposal, application=own, judge=judges[1])
    with pytest.raises(Refusal) as refused:
        proposal_confirming.confirm(proposal, actor=secretary)
    assert refused.value.code == "recused"
    assert judges[1].user.name in refused.value.message


def test_by_hand_judges_are_chosen_and_recused_ones_refused(stage, filings, judges, secretary):
    proposal = worked(stage, EACH, secretary)
    own = next(row for row in filings if row.enterprise.name == judges[1].employer_name)
    with pytest.raises(Refusal) as refused:
        proposing.choose_judges(proposal, own, [judges[1]], actor=secretary)
    assert "应回避" in refused.value.message
    proposing.choose_judges(proposal, own, [judges[2], judges[3]], actor=secretary)
    assert set(proposal.lines.filter(application=own).values_list("judge", flat=True)) == {judges[2].pk, judges[3].pk}
    with pytest.raises(StaleState):
        proposal_confirming.confirm(proposal, actor=secretary)  # as it was before the change by hand
    proposal.refresh_from_db()
    proposal_confirming.confirm(proposal, actor=secretary)
    assert {judge for filing, judge in assigned(stage) if filing == own.pk} == {judges[2].pk, judges[3].pk}


def test_by_hand_a_filing_moves_to_another_panel_without_its_recused(stage, filings, judges, secretary):
    proposal = worked(stage, PANELS, secretary)
    first, second = proposal.panels.all()
    line = proposal.lines.filter(panel=first).first()
    proposing.move_filing(proposal, line.application, second, actor=secretary)
    rows = proposal.lines.filter(application=line.application)
    assert {row.panel_id for row in rows} == {second.pk}
    recused = {judges[1].pk} if line.application.enterprise.name == judges[1].employer_name else set()
    assert {row.judge_id for row in rows} == set(second.judges.values_list("pk", flat=True)) - recused
    event = AuditEvent.objects.get(verb="proposal.changed")
    assert (event.after["panel"], event.after["filing"]) == (second.name, line.application.file_number)


def test_a_thin_panel_gets_a_stand_in_that_the_proposal_shows(stage, owner, round_, secretary):
    filing = builders.accepted(owner, round_)
    rows = builders.judges(5, round_.programme)
    for row in rows[:3]:
        row.employer_name = filing.enterprise.name if row == rows[0] else row.employer_name
        row.is_senior = True
        row.save()
    panel = Panel.objects.create(stage=stage, name="第一评审组", lead=rows[1])
    panel.judges.set(rows[:3])
    proposal = worked(stage, Parameters(Mode.PANELS, 3, 1, existing=True), secretary)
    kinds = dict(proposal.lines.values_list("judge", "kind"))
    assert len(kinds) == 3
    assert rows[0].pk not in kinds
    assert sorted(kinds.values()) == [LineKind.SOLVED, LineKind.SOLVED, LineKind.STAND_IN]
    assert proposal.quality["proposal"]["thin"] == 1


def test_what_cannot_be_is_answered_with_what_to_relax_and_relaxing_it_helps(stage, filings, judges, secretary):
    proposal = worked(stage, Parameters(Mode.EACH, 3, load_max=1, senior_each=False), secretary)
    assert proposal.state == ProposalState.IMPOSSIBLE
    assert not proposal.lines.exists()
    assert "上限从 1 份提高到 2 份" in proposal.obstacles[0]["text"]
    wider = worked(stage, Parameters.load(proposal.obstacles[0]["parameters"]), secretary)
    assert wider.state == ProposalState.PROPOSED
    with pytest.raises(Refusal):
        proposal_confirming.confirm(proposal, actor=secretary)


def test_too_many_panels_are_answered_with_fewer(stage, filings, judges, secretary):
    proposal = worked(stage, Parameters(Mode.PANELS, 3, 3), secretary)
    assert [one["text"] for one in proposal.obstacles] == ["减为 2 个评审组。", "每组减为 2 位评委。"]


def test_a_judge_who_drops_out_is_replaced_and_nothing_else_moves(stage, filings, judges, secretary):
    proposal_confirming.confirm(worked(stage, EACH, secretary), actor=secretary)
    before = assigned(stage)
    gone = next(judge for judge in judges[4:] if any(one == judge.pk for _filing, one in before))
    Availability.objects.create(judge=gone, round=stage.round, takes_part=False)
    again = solved(proposing.resolve(stage, actor=secretary))
    lost = {pair for pair in before if pair[1] == gone.pk}
    assert before - pairs(again) == lost
    assert again.quality["proposal"]["new"] == len(lost)
    proposal_confirming.confirm(again, actor=secretary)
    assert assigned(stage) == pairs(again)


def test_a_late_recusal_moves_one_pair_and_begun_ones_stay(stage, filings, judges, secretary):
    proposal_confirming.confirm(worked(stage, EACH, secretary), actor=secretary)
    before = assigned(stage)
    begun = Assignment.objects.active().select_related("judge__user").first()
    builders.submitted_sheet(begun)
    late = Assignment.objects.active().exclude(pk=begun.pk).exclude(judge__is_senior=True).first()
    recusing.record_recusal(late.judge, late.application, actor=secretary, reason="曾共事")
    again = solved(proposing.resolve(stage, actor=secretary))
    assert before - pairs(again) == {(late.application_id, late.judge_id)}
    assert len(pairs(again) - before) == 1
    proposal_confirming.confirm(again, actor=secretary)
    assert (begun.application_id, begun.judge_id) in assigned(stage)


def test_a_begun_sheet_keeps_its_judge_by_hand_too(stage, filings, judges, secretary):
    proposal_confirming.confirm(worked(stage, EACH, secretary), actor=secretary)
    begun = Assignment.objects.active().select_related("judge__user", "application").first()
    builders.draft_sheet(begun)
    again = solved(proposing.resolve(stage, actor=secretary))
    others = [judge for judge in judges if judge.pk not in {begun.judge_id, judges[1].pk}]
    with pytest.raises(Refusal) as refused:
        proposing.choose_judges(again, begun.application, others[:2], actor=secretary)
    assert refused.value.code == "begun"


def test_with_panels_a_late_change_keeps_filings_where_they_are(stage, filings, round_, judges, secretary):
    extra = builders.judge("沈河源", "青海省沈研究所", round_.programme)
    proposal_confirming.confirm(worked(stage, PANELS, secretary), actor=secretary)
    home = dict(Assignment.objects.active().values_list("application_id", "panel_id"))
    seated = Panel.objects.filter(stage=stage).values_list("judges", flat=True)
    gone = next(judge for judge in [*judges, extra] if judge.pk in set(seated) and not judge.is_senior)
    gone.is_active = False
    gone.save()
    again = solved(proposing.resolve(stage, actor=secretary))
    proposal_confirming.confirm(again, actor=secretary)
    assert dict(Assignment.objects.active().values_list("application_id", "panel_id")) == home
    assert {panel.judges.count() for panel in Panel.objects.filter(stage=stage)} == {3}
    assert not Panel.objects.filter(judges=gone).exists()


def test_a_dropped_proposal_stays_readable_and_is_never_confirmed(stage, filings, judges, secretary):
    proposal = worked(stage, EACH, secretary)
    proposing.drop(proposal, actor=secretary)
    proposal.refresh_from_db()
    assert (proposal.state, proposal.lines.count()) == (ProposalState.DROPPED, 12)
    with pytest.raises(Refusal):
        proposal_confirming.confirm(proposal, actor=secretary)


def test_only_the_secretariat_proposes_changes_confirms_and_undoes(stage, filings, judges, secretary, auditor):
    proposal = worked(stage, EACH, secretary)
    for person in (auditor, judges[0].user):
        for act in (
            lambda who: proposing.propose(stage, EACH, actor=who),
            lambda who: proposing.resolve(stage, actor=who),
            lambda who: proposing.choose_judges(proposal, filings[0], judges[2:4], actor=who),
            lambda who: proposing.drop(proposal, actor=who),
            lambda who: proposal_confirming.confirm(proposal, actor=who),
            lambda who: proposal_confirming.undo(proposal, actor=who),
        ):
            with pytest.raises(NotAllowed):
                act(person)


def test_nothing_to_assign_and_nobody_to_assign_to_are_refused(stage, round_, owner, secretary):
    with pytest.raises(Refusal) as refused:
        proposing.propose(stage, EACH, actor=secretary)
    assert refused.value.code == "no_filings"
    filing = builders.accepted(owner, round_)
    with pytest.raises(Refusal) as refused:
        proposing.propose(stage, EACH, actor=secretary)
    assert refused.value.code == "no_judges"
    row = builders.judge(programme=round_.programme)
    with pytest.raises(Refusal) as refused:
        proposing.resolve(stage, actor=secretary)
    assert refused.value.code == "nothing_assigned"
    assigning.assign(stage, filing, row, actor=secretary)
    proposing.propose(stage, EACH, actor=secretary)
    with pytest.raises(Refusal) as refused:
        proposing.propose(stage, EACH, actor=secretary)
    assert refused.value.code == "working"


def test_the_judge_of_the_industry_is_preferred(stage, owner, round_, secretary):
    filing = builders.accepted(owner, round_)
    Enterprise.objects.filter(pk=filing.enterprise_id).update(industry="organic_farming")
    rows = builders.judges(4, round_.programme)
    rows[3].expertise_fields.add(ExpertiseField.objects.get(name="农畜产品加工"))
    for row in rows[:3]:
        row.expertise_fields.add(ExpertiseField.objects.get(name="建筑施工"))
    proposal = worked(stage, Parameters(Mode.EACH, 1, senior_each=False), secretary)
    assert pairs(proposal) == {(filing.pk, rows[3].pk)}


def test_the_digest_follows_whatever_the_answer_depends_on(stage, filings, judges, secretary):
    def digest():
        return reads.gather(stage, EACH).digest

    seen = [digest()]
    Availability.objects.create(judge=judges[4], round=stage.round, at_most=2)
    seen.append(digest())
    judges[4].expertise_fields.add(ExpertiseField.objects.first())
    seen.append(digest())
    recusing.record_recusal(judges[2], filings[0], actor=secretary, reason="亲属")
    seen.append(digest())
    Application.objects.filter(pk=filings[0].pk).update(state=State.RETURNED)
    seen.append(digest())
    assert len(set(seen)) == len(seen)
    assert digest() == seen[-1]


def test_a_renamed_unit_is_recused_before_anybody_writes_it_down(stage, filings, judges, secretary, client):
    proposal_confirming.confirm(worked(stage, EACH, secretary), actor=secretary)
    given = Assignment.objects.active().select_related("judge__user", "application__enterprise").first()
    client.force_login(given.judge.user)
    address = f"/reviews/{given.uuid}/copy.pdf"
    assert client.get(address).status_code != 403
    Enterprise.objects.filter(pk=given.application.enterprise_id).update(name=given.judge.employer_name)
    assert client.get(address).status_code == 403


def test_parameters_start_as_practised(stage):
    assert reads.defaults(stage, 46, 14) == Parameters(Mode.PANELS, 5, 2, load_min=14, load_max=19)
    assert reads.defaults(stage, 3, 2).per_item == 2
