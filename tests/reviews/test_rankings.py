"""The ranking from real sheets: recusal, missing sheets, freezing, announcing; and the rubrics behind it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from applications import codes
from applications.models import Application, SpecialAward
from applications.states import State
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent
from reviews import standings
from reviews.actions import rankings, recusing, rubrics
from reviews.models import Ranking, Rubric, Stage, StageKind
from tests import factories
from tests.reviews import builders


@pytest.fixture
def documents(round_):
    return builders.only_documents(round_)


def scored(stage, filing, panel, actor, totals):
    """One assignment per judge; a None leaves the sheet out."""
    for assignment, total in zip(builders.assigned(stage, filing, panel, actor), totals, strict=True):
        if total is not None:
            builders.submitted_sheet(assignment, total)


@pytest.fixture
def two_filings(documents, round_, owner, rival, secretary):
    panel = builders.judges(5, round_.programme)
    first, second = builders.accepted(owner, round_, 1), builders.accepted(rival, round_, 2)
    scored(documents, first, panel, secretary, (88.5, 91, 90.5, 93, 86))
    scored(documents, second, panel, secretary, (80, 80, 80, None, 81))
    return first, second, panel


def test_the_standings_of_a_round(round_, two_filings):
    current = standings.of_round(round_)
    assert [(line.application, line.row.rank, line.row.total) for line in current.lines] == [
        (two_filings[0], 1, Decimal("90.00")),
        (two_filings[1], 2, Decimal("80.25")),
    ]
    assert current.missing == 1
    assert [(judge.assigned, judge.submitted) for judge in current.progress] == [(2, 2)] * 3 + [(2, 1)] + [(2, 2)]


def test_a_recusal_recorded_later_takes_the_sheet_out(round_, two_filings, secretary):
    first, _second, panel = two_filings
    recusing.record_recusal(panel[0], first, actor=secretary, reason="亲属")
    stage = standings.of_round(round_).lines[0].row.stages[0]
    assert stage.lines[0].label == "回避"
    assert stage.arithmetic == "(91.0 + 90.5 + 93.0 + 86.0) ÷ 4 = 90.125 → 90.13"


def test_a_refused_assignment_shows_as_recused(documents, round_, owner, rival, secretary):
    panel = builders.judges(3, round_.programme)
    own = builders.judge("孟晓岚", factories.enterprise_of(owner).name, round_.programme)
    first, second = builders.accepted(owner, round_, 1), builders.accepted(rival, round_, 2)
    scored(documents, first, panel, secretary, (80, 80, 80))
    scored(documents, second, [*panel, own], secretary, (70, 70, 70, 70))
    with pytest.raises(recusing.Recused):
        builders.assigned(documents, first, [own], secretary)
    lines = standings.of_round(round_).lines[0].row.stages[0].lines
    assert [line.label for line in lines] == ["计入", "计入", "计入", "回避"]


def test_the_number_of_queries_does_not_grow(
    round_, two_filings, documents, owner, secretary, django_assert_num_queries
):
    panel = two_filings[2]
    with django_assert_num_queries(8) as first:
        standings.of_round(round_)
    scored(documents, builders.accepted(owner, round_, 3), panel, secretary, (90, 90, 90, 90, 90))
    with django_assert_num_queries(len(first.captured_queries)):
        standings.of_round(round_)


def test_completing_a_round_moves_only_what_is_in(round_, two_filings, secretary, documents):
    assert rankings.complete_round(round_, actor=secretary) == 1
    for filing, state in zip(two_filings, (State.SCORED, State.IN_REVIEW), strict=False):
        filing.refresh_from_db()
        assert filing.state == state
    with clock.fixed(documents.closes_at):
        assert rankings.complete_round(round_, actor=secretary) == 1


def test_freezing_waits_for_sheets_that_can_still_come(round_, two_filings, secretary, documents):
    with pytest.raises(Refusal) as refused:
        rankings.freeze_ranking(round_, actor=secretary)
    assert refused.value.code == "sheets_missing"
    with clock.fixed(documents.closes_at):
        ranking = rankings.freeze_ranking(round_, actor=secretary)
    assert [row["rank"] for row in ranking.data["rows"]] == [1, 2]
    assert ranking.sha256 == codes.digest({"scope": ranking.scope, "data": ranking.data})
    derivation = ranking.data["rows"][1]["derivation"]["stages"][0]["sheets"]
    assert [row["label"] for row in derivation] == ["计入", "计入", "计入", "未交", "计入"]


def test_a_frozen_ranking_does_not_change_and_the_next_is_a_new_version(round_, two_filings, secretary, documents):
    with clock.fixed(documents.closes_at):
        first = rankings.freeze_ranking(round_, actor=secretary)
        recusing.record_recusal(two_filings[2][0], two_filings[0], actor=secretary, reason="亲属")
        second = rankings.freeze_ranking(round_, actor=secretary)
    first.refresh_from_db()
    assert (first.version, second.version) == (1, 2)
    assert (first.data["rows"][0]["total"], second.data["rows"][0]["total"]) == ("90.00", "90.13")


def test_announcing_publishes_the_newest_version_once(round_, two_filings, secretary, auditor, documents):
    with clock.fixed(documents.closes_at):
        old = rankings.freeze_ranking(round_, actor=secretary)
        new = rankings.freeze_ranking(round_, actor=secretary)
    with pytest.raises(Refusal) as refused:
        rankings.announce_ranking(old, actor=secretary)
    assert refused.value.code == "superseded"
    with pytest.raises(NotAllowed):
        rankings.announce_ranking(new, actor=auditor)
    first = two_filings[0]
    Application.objects.filter(pk=first.pk).update(state=State.AWARDED)
    first.refresh_from_db()
    assert first.public_state_label == "评审中"
    assert rankings.announce_ranking(new, actor=secretary).announced_at
    first.refresh_from_db()
    assert first.public_state_label == "已获奖"
    with pytest.raises(Refusal) as refused:
        rankings.announce_ranking(new, actor=secretary)
    assert refused.value.code == "announced"


def test_nothing_ranked_is_not_frozen_and_only_the_secretariat_freezes(round_, documents, secretary, auditor):
    with pytest.raises(Refusal) as refused:
        rankings.freeze_ranking(round_, actor=secretary)
    assert refused.value.code == "nothing_ranked"
    with pytest.raises(NotAllowed):
        rankings.freeze_ranking(round_, actor=auditor)


def test_wrong_weights_give_no_ranking_but_a_reason(round_, documents, secretary):
    Stage.objects.filter(pk=documents.pk).update(weight=Decimal("0.6"))
    assert standings.of_round(round_).error == "启用阶段的权重合计为 0.6，应为 1。"
    with pytest.raises(Refusal):
        rankings.complete_round(round_, actor=secretary)


def test_a_special_award_is_ranked_over_both_rounds(round_, documents, owner, rival, secretary):
    second_round = factories.round_of(2026, 2, opens_at=round_.opens_at, closes_at=clock.now() - timedelta(days=1))
    second_documents = builders.only_documents(second_round)
    panel = builders.judges(3, round_.programme)
    first, second = builders.accepted(owner, round_, 1), builders.accepted(rival, second_round, 2)
    other = builders.accepted(rival, round_, 3)
    award = SpecialAward.objects.get(code="salt-lake")
    for filing in (first, second):
        filing.special_awards.add(award)
    scored(documents, first, panel, secretary, (80, 80, 80))
    scored(second_documents, second, panel, secretary, (85, 85, 85))
    scored(documents, other, panel, secretary, (99, 99, 99))
    ranking = rankings.freeze_ranking(special_award=award, actor=secretary)
    assert [row["file_number"] for row in ranking.data["rows"]] == ["QC2026-2-0002", "QC2026-1-0001"]
    assert ranking.round is None


def test_a_panel_decision_settles_a_tie(round_, documents, owner, rival, secretary):
    panel = builders.judges(3, round_.programme)
    first, second = builders.accepted(owner, round_, 1), builders.accepted(rival, round_, 2)
    for filing in (first, second):
        scored(documents, filing, panel, secretary, (80, 80, 80))
    assert len(standings.of_round(round_).unresolved) == 1
    rankings.decide_tie(second, actor=secretary, position=1, reason="评审组合议，推广价值更大")
    current = standings.of_round(round_)
    assert [(line.application, line.row.rank) for line in current.lines] == [(second, 1), (first, 2)]
    assert current.lines[0].row.tie_note == "同分，评审组合议"
    assert AuditEvent.objects.filter(verb="tie.decided").exists()


def test_the_seeded_rubrics_are_those_of_the_standard(db):
    for _again in range(2):
        rubrics.seed_rubrics()
    found = {rubric.name: [int(item.max_points) for item in rubric.items.all()] for rubric in Rubric.objects.all()}
    assert found == {
        "成果评审表（问题解决型）": [15, 30, 20, 20, 5, 10],
        "成果评审表（创新型）": [20, 30, 20, 15, 5, 10],
        "现场评审表": [10, 30, 30, 20, 10],
    }
    for rubric in Rubric.objects.all():
        rubric.check_total()


def test_the_stages_of_a_round(round_):
    for _again in range(2):
        rubrics.create_stages(round_)
    document = round_.stages.get(kind=StageKind.DOCUMENT)
    assert (document.opens_at, document.closes_at - document.opens_at) == (round_.closes_at, timedelta(days=14))
    assert dict(round_.stages.filter(is_active=True).values_list("kind", "weight")) == {
        "document": Decimal("0.6"),
        "presentation": Decimal("0.4"),
    }
    assert document.rubric_for("innovation").name == "成果评审表（创新型）"
    assert round_.stages.get(kind=StageKind.ON_SITE).rubric_for("self_set").name == "现场评审表"


def test_the_presentation_stage_opens_around_its_event(round_):
    from events.models import Event

    starts = clock.now() + timedelta(days=30)
    Event.objects.create(
        slug="2026-07", programme=round_.programme, round=round_, title="发布会", place="西宁",
        starts_at=starts, ends_at=starts + timedelta(hours=8),
    )  # fmt: skip
    rubrics.create_stages(round_)
    stage = round_.stages.get(kind=StageKind.PRESENTATION)
    assert stage.opens_at < starts < stage.closes_at
    assert Ranking.objects.count() == 0


def test_the_shortlist_is_made_from_the_documents_whatever_the_presentation_says(round_, owner, rival, secretary):
    stage = builders.stage_of(round_)
    panel = builders.judges(3, round_.programme)
    first, second = builders.accepted(owner, round_, 1), builders.accepted(rival, round_, 2)
    scored(stage, first, panel, secretary, (80, 80, 80))
    scored(stage, second, panel, secretary, (85, 85, 85))
    builders.assigned(round_.stages.get(kind=StageKind.PRESENTATION), first, panel, secretary)
    assert standings.document_ranks(round_) == [(second, 1), (first, 2)]
    assert standings.of_round(round_).lines[0].application == second


def test_shortlisted_groups_are_ranked_before_the_others(round_, owner, rival, secretary):
    from events.models import Event, Shortlist, Track

    stage = builders.stage_of(round_)
    panel = builders.judges(3, round_.programme)
    first, second = builders.accepted(owner, round_, 1), builders.accepted(rival, round_, 2)
    scored(stage, first, panel, secretary, (80, 80, 80))
    scored(stage, second, panel, secretary, (85, 85, 85))
    now = clock.now()
    event = Event.objects.create(
        slug="2026-07", programme=round_.programme, round=round_, title="发布会", place="西宁",
        starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=8),
    )  # fmt: skip
    track = Track.objects.create(event=event, starts_at=event.starts_at)
    Shortlist.objects.create(
        event=event, track=track, application=first, basis="hand", added_by=secretary, added_at=now
    )
    presentation = round_.stages.get(kind=StageKind.PRESENTATION)
    Stage.objects.filter(pk=presentation.pk).update(opens_at=now - timedelta(hours=1))
    presentation.refresh_from_db()
    assert standings.of_round(round_).lines[1].row.reason == "发表有效评分表 0 份，少于 3 份"
    scored(presentation, first, panel, secretary, (90, 90, 90))
    lines = standings.of_round(round_).lines
    assert [(line.application, line.row.rank, line.row.total) for line in lines] == [
        (first, 1, Decimal("84.00")),
        (second, 2, Decimal("85.00")),
    ]
