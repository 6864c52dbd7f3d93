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
    assert found(filing) == {REPORT_SUMMARY, REPORT_STATISTICS}
    report.employees, report.participants = 100, 160
    report.save()
    assert REPORT_STATISTICS in found(filing)
