"""What blocks a submission and what only asks for a second look."""

from datetime import date
from decimal import Decimal

import pytest

from applications import completeness
from applications.models import AnnualReport
from applications.sections import REPORT_STATISTICS, REPORT_SUMMARY
from applications.states import State
from tests import factories


def found(application, level="error"):
    return {problem.key for problem in completeness.problems(application) if problem.level == level}


@pytest.fixture
def filing(owner):
    return factories.complete_draft(owner)


def changed(filing, **fields):
    for name, value in fields.items():
        setattr(filing, name, value)
    filing.save()
    return filing


def test_a_complete_filing_has_no_problem_at_all(filing):
    assert completeness.problems(filing) == []


def test_an_empty_draft_names_everything_it_needs(owner):
    keys = found(factories.draft(owner))
    assert keys >= {
        "contact_name", "contact_phone", "contact_email", "group_name", "leader_name", "members", "topic_name",
        "topic_type", "target_value", "economic_benefit", "main_results", "evidence", REPORT_SUMMARY,
    }  # fmt: skip


def test_every_step_of_the_type_is_needed(filing):
    assert found(changed(filing, topic_type="innovation")) == {
        "steps.target_and_feasibility", "steps.best_plan", "steps.standardization",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"member_count": 5}, "member_count"),
        ({"leader_name": "别的人"}, "leader_name"),
        ({"activity_ends_on": date(2020, 1, 1)}, "activity_ends_on"),
        ({"contact_phone": "12345"}, "contact_phone"),
        ({"contact_email": "not-an-address"}, "contact_email"),
        ({"benefit_basis": ""}, "benefit_basis"),
    ],
)
def test_what_contradicts_itself_blocks(filing, fields, key):
    assert found(changed(filing, **fields)) == {key}


def test_a_list_without_leader_blocks(filing):
    filing.members.update(group_role="member")
    assert found(filing) == {"members"}


def test_proof_of_a_benefit_of_zero_is_not_asked_for(filing):
    filing.evidence.filter(kind="benefit").delete()
    assert found(filing) == {"evidence"}
    assert found(changed(filing, economic_benefit=Decimal(0))) == set()


def test_a_benefit_above_attachment_3_is_asked_about(filing):
    assert "economic_benefit" in found(changed(filing, economic_benefit=Decimal("9999999.00")), "warning")


def test_dates_long_before_the_data_year_are_asked_about(filing):
    assert found(changed(filing, activity_starts_on=date(2015, 1, 1)), "warning") == {"activity_starts_on"}


def test_the_same_group_in_another_filing_of_the_enterprise_is_asked_about(filing, owner, rival):
    factories.draft(rival, group_name="红柳QC小组")
    assert found(filing, "warning") == set()
    factories.draft(owner, group_name="红柳 ＱＣ小组")
    assert found(filing, "warning") == {"group_name"}


@pytest.mark.parametrize(("refuse", "expected"), [(True, {"topic_name"}), (False, set())])
def test_a_winner_of_the_first_round_is_refused_in_the_second(owner, settings, refuse, expected):
    settings.REFUSE_WINNER_OF_FIRST_ROUND = refuse
    factories.complete_draft(owner, factories.round_of(2026, 1), state=State.AWARDED)
    again = factories.complete_draft(owner, factories.round_of(2026, 2))
    assert found(again) == expected


def test_attachments_2_and_3_are_part_of_it(filing):
    report = AnnualReport.objects.get()
    for name in ("summary_basics", "summary_leadership", "summary_training"):
        setattr(report, name, "")
    report.employees = None
    report.save()
    assert found(filing) == {REPORT_SUMMARY, f"{REPORT_STATISTICS}.employees"}
    report.employees, report.participants = 100, 160
    report.save()
    assert f"{REPORT_STATISTICS}.participants" in found(filing)


# Cross-checks (design, section 6): each warning by its stable code.


def codes(application):
    return {problem.code for problem in completeness.problems(application) if problem.level == "warning"}


def another(owner, round_, **fields):
    """A filing of the same enterprise that resembles the first in nothing."""
    names = {"group_name": "雪豹QC小组", "topic_name": "缩短光伏子阵故障查找时间", "main_results": "", "steps": {}}
    return factories.draft(owner, round_, topic_type="self_set", **{**names, **fields})


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"economic_benefit": Decimal("9999999.00")}, "benefit_above_report"),
        ({"member_count": 161}, "members_above_participants"),
        ({"activity_starts_on": date(2015, 1, 1), "group_registered_on": None}, "activity_too_early"),
        ({"activity_ends_on": date(2099, 1, 1)}, "activity_after_deadline"),
        ({"group_registered_on": date(2027, 1, 1)}, "activity_before_registration"),
        ({"awards_section_seen": False}, "awards_not_seen"),
    ],
)
def test_each_odd_value_has_a_code_of_its_own(filing, fields, code):
    assert codes(changed(filing, **fields)) == {code}


def test_all_filings_of_the_enterprise_together_are_held_against_attachment_3(filing, owner):
    another(owner, filing.round, economic_benefit=Decimal("3400500.00"))
    assert codes(filing) == set()  # 46.2 + 340.05 = 386.25 万元, to the cent
    another(owner, filing.round, economic_benefit=Decimal("0.01"))
    assert codes(filing) == {"benefits_above_report"}
    AnnualReport.objects.update(results_count=2)
    assert codes(filing) == {"benefits_above_report", "filings_above_results"}


def test_filings_taken_back_do_not_count(filing, owner):
    another(owner, filing.round, economic_benefit=Decimal("99999999.00"), state=State.WITHDRAWN)
    another(owner, factories.round_of(2024, 1), economic_benefit=Decimal("99999999.00"))
    assert codes(filing) == set()


def test_the_same_group_in_both_rounds_of_a_year_is_asked_about(owner):
    first = factories.complete_draft(owner, factories.round_of(2026, 1))
    another(owner, factories.round_of(2026, 2), group_name="红柳质量管理小组")
    assert codes(first) == {"group_in_both_rounds"}


def test_the_same_group_with_a_new_topic_next_year_is_as_it_should_be(filing, owner):
    another(owner, factories.round_of(2024, 2), group_name=filing.group_name)
    assert codes(filing) == set()


def test_a_topic_filed_in_another_year_is_asked_about(filing, owner):
    another(owner, factories.round_of(2024, 2), topic_name="提高碳酸锂包装的一次合格率")
    assert codes(filing) == {"topic_twice"}


def test_an_award_of_another_industry_is_asked_about(filing):
    awards = filing.round.programme.special_awards
    filing.special_awards.add(awards.get(code="salt-lake"))
    assert codes(filing) == set()
    filing.special_awards.add(awards.get(code="clean-energy"))
    assert codes(filing) == {"award_clean_energy"}


def test_a_fingerprint_follows_the_facts_and_nothing_else(filing):
    def fingerprint():
        (problem,) = completeness.problems(filing)
        return problem.fingerprint

    first = changed(filing, economic_benefit=Decimal("9999999.00")) and fingerprint()
    changed(filing, economic_benefit=Decimal("9999999"), social_benefit="别的文字。")
    assert fingerprint() == first
    changed(filing, economic_benefit=Decimal("9999998.00"))
    assert fingerprint() != first
