"""Frozen rankings computed again, scoring rules and levels: the actions, on real sheets."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from applications import codes
from applications.models import SpecialAward
from qcportal import clock, integrity
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent
from reviews import rechecking, scopes, standings
from reviews.actions import levels, rankings, recusing, rules
from reviews.models import LevelOverride, Ranking, ScoringRules
from reviews.scopes import Scope
from reviews.scoring import Tie, Unlisted
from reviews.scoring.levels import Cut, Method, Scheme, Ties
from tests.reviews import builders


@pytest.fixture
def documents(round_):
    return builders.only_documents(round_)


@pytest.fixture
def filings(documents, round_, owner, rival, secretary):
    """Three filings; the second and the third are equal in everything."""
    panel = builders.judges(5, round_.programme)
    made = [builders.accepted(who, round_, at) for at, who in enumerate((owner, rival, rival), 1)]
    for filing, totals in zip(made, ((90, 91, 92, 93, 94), (80,) * 5, (80,) * 5), strict=True):
        for assignment, total in zip(builders.assigned(documents, filing, panel, secretary), totals, strict=True):
            builders.submitted_sheet(assignment, total)
    return made


@pytest.fixture
def scope(round_):
    builders.award_levels(round_.programme)
    return scopes.of_round(round_)


def quota(*values, ties=Ties.INCLUDE):
    names = ("一等成果", "二等成果", "三等成果")
    return Scheme(Method.QUOTA, tuple(Cut(n, Decimal(v)) for n, v in zip(names, values, strict=False)), ties)


# --- computed again -----------------------------------------------------------------------------------------


def test_a_frozen_ranking_is_computed_again_from_its_inputs_alone(round_, filings, scope, secretary, documents):
    levels.save_scheme(scope, quota(1, 2), actor=secretary)
    with clock.fixed(documents.closes_at):
        ranking = rankings.freeze_ranking(round_, actor=secretary)
    recusing.record_recusal(documents.assignments.first().judge, filings[0], actor=secretary, reason="亲属")
    ranking.refresh_from_db()
    assert ranking.inputs_sha256 == codes.digest(ranking.inputs)
    assert [row["award"] for row in ranking.data["rows"]] == ["一等成果", "二等成果", "二等成果"]
    assert rankings.check_ranking(ranking, actor=secretary) == []
    assert AuditEvent.objects.get(verb="ranking.checked").data == {"version": 1, "differences": 0}
    assert rechecking.findings(ranking) == []
    # The live ranking has moved on: it leaves the recused sheet out.
    assert standings.of_round(round_).lines[0].row.stages[0].recused == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda r: r.data["rows"][0].update(total="99.99"), "第 1 行 QC2026-1-0001：总分 保存为 99.99，重算为 92.00"),
        (lambda r: r.data["rows"][1].update(award="一等成果"), "等级 保存为 一等成果，重算为 空"),
        (lambda r: r.inputs["entries"][0]["sheets"]["document"][2].update(points="60"), "计算依据与 SHA-256 不符"),
        (lambda r: r.inputs["rounds"]["2026-1"]["stages"][0].update(trim_from=9, weight="1"), "推导"),
        (lambda r: r.inputs.pop("entries"), "计算依据不完整"),
        (lambda r: r.data["rows"].pop(), "保存的有 2 行，重新计算得 3 行"),
    ],
)
def test_whatever_is_changed_afterwards_is_found_and_named(
    round_, filings, secretary, documents, change, says
):  # fmt: skip
    with clock.fixed(documents.closes_at):
        ranking = rankings.freeze_ranking(round_, actor=secretary)
    change(ranking)
    if "推导" in says:  # the hashes were forged as well: only the second computation finds it
        ranking.inputs["entries"][0]["sheets"]["document"][0]["points"] = "89"
        ranking.inputs_sha256 = codes.digest(ranking.inputs)
    ranking.save()
    assert says in "；".join(rechecking.findings(ranking))
    assert [one.check for one in integrity.run(fast=True) if one.check == "成绩排名"]
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("check_rankings", stdout=out, stderr=StringIO())
    assert says in out.getvalue()


def test_the_command_says_identical_and_a_ranking_without_inputs_has_only_its_hash(
    round_, filings, secretary, documents
):
    with clock.fixed(documents.closes_at):
        ranking = rankings.freeze_ranking(round_, actor=secretary)
    out = StringIO()
    call_command("check_rankings", stdout=out)
    assert f"一致 {ranking.sha256[:12]}" in out.getvalue()
    Ranking.objects.update(inputs=None, inputs_sha256="")
    out = StringIO()
    call_command("check_rankings", uuid=str(ranking.uuid), stdout=out)
    assert "没有保存计算依据" in out.getvalue()


def test_only_staff_check(round_, filings, secretary, owner, documents):
    with clock.fixed(documents.closes_at):
        ranking = rankings.freeze_ranking(round_, actor=secretary)
    with pytest.raises(NotAllowed):
        rankings.check_ranking(ranking, actor=owner)


def test_the_whole_year_and_an_award_within_a_round_are_rankings_too(round_, filings, secretary, documents):
    award = SpecialAward.objects.get(programme=round_.programme, code="salt-lake")
    filings[2].special_awards.add(award)
    with clock.fixed(documents.closes_at):
        year = rankings.freeze_ranking(programme=round_.programme, actor=secretary)
        part = rankings.freeze_ranking(round_, special_award=award, actor=secretary)
    assert (year.round, year.special_award, len(year.data["rows"])) == (None, None, 3)
    assert [row["file_number"] for row in part.data["rows"]] == ["QC2026-1-0003"]
    for one in (year, part):
        found = scopes.find(scopes.of_ranking(one).slug)
        assert found is not None
        assert found.frozen().get() == one
        assert rechecking.findings(one) == []


@pytest.mark.parametrize("slug", ["", "round-0", "award-999", "award-1-round-999", "round-1-round-1", "year-99", "x-1"])
def test_addresses_of_no_ranking(round_, slug):
    assert scopes.find(slug) is None


def test_a_judge_has_one_code_through_the_year_that_does_not_give_the_name(round_, filings, documents):
    lines = [line.row.stages[0].lines for line in standings.of_round(round_).lines]
    codes_ = [[sheet.code for sheet in sheets] for sheets in lines]
    assert codes_[0] == codes_[1] == codes_[2]
    assert len(set(codes_[0])) == 5
    assert not any(sheet.judge in sheet.code for sheet in lines[0])


# --- rules ---------------------------------------------------------------------------------------------------


def values(stage, **fields):
    start = {"weight": stage.weight, "min_valid": 3, "trim_from": 5, "trim_count": 1}
    return {stage.pk: rules.StageValues(**{**start, **fields})}


def save(round_, stages, actor, **fields):
    start = {"tie_order": [Tie.ITEM], "unlisted": Unlisted.BELOW, "reason": "按评审方案", "seen": rules.seal(round_)}
    return rules.save_rules(round_, actor=actor, stages=stages, **{**start, **fields})


def test_rules_of_a_round_are_saved_and_used_at_once(round_, filings, documents, secretary):
    before = standings.of_round(round_).lines[0].row.stages[0]
    assert (before.counted, before.mean) == (3, Decimal("92.00"))
    save(round_, values(documents, trim_from=9, min_valid=5), secretary)
    after = standings.of_round(round_).lines[0].row.stages[0]
    assert (after.counted, after.rule.min_valid) == (5, 5)
    assert ScoringRules.objects.get().tie_order == ["item"]
    event = AuditEvent.objects.get(verb="rules.saved")
    assert event.data["reason"] == "按评审方案"
    assert event.before["stages"][0]["trim_from"] == 5
    assert event.after["stages"][0]["trim_from"] == 9


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"stages": {"weight": Decimal("0.9")}}, "weights"),
        ({"stages": {"trim_from": 4, "trim_count": 2}}, "bad_rules"),
        ({"stages": {"min_valid": 0}}, "bad_rules"),
        ({"tie_order": [Tie.ITEM, Tie.ITEM]}, "twice"),
        ({"reason": " "}, "reason_missing"),
        ({"seen": "of yesterday"}, "stale"),
    ],
)
def test_rules_that_cannot_stand_are_refused_and_nothing_changes(round_, filings, documents, secretary, change, code):
    stages = values(documents, **change.pop("stages", {}))
    with pytest.raises(Refusal) as refused:
        save(round_, stages, secretary, **change)
    assert refused.value.code == code
    documents.refresh_from_db()
    assert (documents.weight, documents.trim_from, ScoringRules.objects.count()) == (1, 5, 0)


def test_rules_stand_once_the_ranking_is_public(round_, filings, documents, secretary, auditor):
    with pytest.raises(NotAllowed):
        save(round_, values(documents), auditor)
    with clock.fixed(documents.closes_at):
        rankings.announce_ranking(rankings.freeze_ranking(round_, actor=secretary), actor=secretary)
    with pytest.raises(Refusal) as refused:
        save(round_, values(documents), secretary)
    assert refused.value.code == "announced"


# --- levels --------------------------------------------------------------------------------------------------


def test_a_tie_left_to_the_panel_holds_up_the_freezing_until_it_is_decided(
    round_, filings, scope, secretary, documents
):
    levels.save_scheme(scope, quota(2, 1, ties=Ties.PANEL), actor=secretary)
    with clock.fixed(documents.closes_at):
        with pytest.raises(Refusal) as refused:
            rankings.freeze_ranking(round_, actor=secretary)
        assert refused.value.message == "有 2 组并列跨过等级线，待评审组合议；请先记录合议。"
        # The panel settles the order: nothing is tied any more.
        rankings.decide_tie(filings[2], actor=secretary, position=1, reason="推广价值更大，7 月 9 日会议")
        ranking = rankings.freeze_ranking(round_, actor=secretary)
    assert [(row["file_number"][-1], row["award"]) for row in ranking.data["rows"]] == [
        ("1", "一等成果"), ("3", "一等成果"), ("2", "二等成果"),
    ]  # fmt: skip
    assert rechecking.findings(ranking) == []


def test_a_decision_about_one_group_is_recorded_used_and_withdrawn(round_, filings, scope, secretary, documents):
    levels.save_scheme(scope, quota(1, 1), actor=secretary)
    arguments = {"level": "一等成果", "basis": "panel", "reason": "会议纪要第 2 条"}
    row = levels.override_level(scope, filings[1], actor=secretary, **arguments)
    assert AuditEvent.objects.get(verb="levels.overridden").data["reason"] == "会议纪要第 2 条"
    with clock.fixed(documents.closes_at):
        first = rankings.freeze_ranking(round_, actor=secretary)
        levels.withdraw_override(row, actor=secretary)
        second = rankings.freeze_ranking(round_, actor=secretary)
    assert first.data["rows"][1]["award_note"] == "评审组合议：二等成果 → 一等成果（会议纪要第 2 条）"
    assert [ranking.data["rows"][1]["award"] for ranking in (first, second)] == ["一等成果", "二等成果"]
    assert rechecking.findings(first) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reason": " "}, "reason_missing"),
        ({"basis": "whim"}, "basis_missing"),
        ({"level": "特等"}, "unknown_level"),
    ],
)
def test_decisions_without_ground_are_refused(filings, scope, secretary, change, code):
    levels.save_scheme(scope, quota(1), actor=secretary)
    arguments = {"level": "一等成果", "basis": "panel", "reason": "纪要", **change}
    with pytest.raises(Refusal) as refused:
        levels.override_level(scope, filings[0], actor=secretary, **arguments)
    assert refused.value.code == code
    assert not LevelOverride.objects.exists()


def test_a_decision_needs_a_scheme_and_a_filing_of_this_ranking(round_, filings, scope, secretary):
    arguments = {"actor": secretary, "level": "", "basis": "correction", "reason": "撤回申报"}
    with pytest.raises(Refusal) as refused:
        levels.override_level(scope, filings[0], **arguments)
    assert refused.value.code == "no_scheme"
    award = SpecialAward.objects.get(programme=round_.programme, code="salt-lake")
    special = Scope(round_.programme, award=award)
    levels.save_scheme(special, Scheme(Method.QUOTA, (Cut(award.name, Decimal(1)),)), actor=secretary)
    with pytest.raises(Refusal) as refused:
        levels.override_level(special, filings[0], **arguments)
    assert refused.value.code == "not_in_ranking"


def cuts(method, *pairs):
    return Scheme(method, tuple(Cut(name, Decimal(value)) for name, value in pairs))


@pytest.mark.parametrize(
    ("scheme", "says"),
    [
        (cuts(Method.QUOTA), "请至少为一个等级填写数值。"),
        (cuts(Method.QUOTA, ("一等成果", "1.5")), "一等成果的名额应是整数。"),
        (cuts(Method.SHARE, ("一等成果", "60"), ("二等成果", "50")), "各等级的比例合计超过 100%。"),
        (cuts(Method.THRESHOLD, ("一等成果", "80"), ("二等成果", "80")), "二等成果的分数线应低于一等成果。"),
        (cuts(Method.QUOTA, ("二等成果", "1"), ("一等成果", "1")), "等级名称或次序"),
    ],
)
def test_cuts_that_contradict_each_other_are_refused(round_, scope, secretary, scheme, says):
    with pytest.raises(Refusal, match=says):
        levels.save_scheme(scope, scheme, actor=secretary)
    assert scopes.stored_scheme(scope) is None


def test_publishing_freezes_the_scheme_and_a_correction_is_a_decision_with_a_reason(
    round_, filings, scope, secretary, auditor, documents
):
    with pytest.raises(NotAllowed):
        levels.save_scheme(scope, quota(1), actor=auditor)
    levels.save_scheme(scope, quota(1, 1), actor=secretary)
    with clock.fixed(documents.closes_at):
        rankings.announce_ranking(rankings.freeze_ranking(round_, actor=secretary), actor=secretary)
        with pytest.raises(Refusal) as refused:
            levels.save_scheme(scope, quota(2, 1), actor=secretary)
        assert refused.value.code == "announced"
        levels.override_level(scope, filings[0], actor=secretary, level="", basis="correction", reason="异议成立")
        corrected = rankings.freeze_ranking(round_, actor=secretary)
    assert [row["award"] for row in corrected.data["rows"]] == ["", "二等成果", "二等成果"]
    assert Ranking.objects.get(version=1).data["rows"][0]["award"] == "一等成果"
