"""With scripts switched off everything still works: the browser of an old office computer, or a blocked file."""

import pytest

from applications.models import Application
from applications.states import State
from qcportal.roles import Role
from reviews.models import ScoreSheet
from tests import factories
from tests.applications import checked
from tests.e2e import filing
from tests.reviews import builders

CHECK = "/admin/applications/application/{}/check/"


@pytest.fixture
def plain(visit):
    """A window without scripts."""
    return visit(java_script_enabled=False)


@pytest.fixture
def owner(live_server):
    return factories.enterprise_owner()


def test_an_enterprise_signs_up_saves_a_section_and_submits(live_server, plain, tmp_path):
    factories.open_round()
    filing.sign_up(plain)
    filing.complete_profile(plain)
    address = filing.new_application(plain)
    page = plain.page
    plain.go(f"{address}/edit/contact/")
    page.fill("[name=contact_name]", "马海燕")
    page.click("button[name=next]")
    page.wait_for_url("**/edit/group/")
    filing.upload_evidence(plain, address, tmp_path)
    application = Application.objects.get()
    assert application.contact_name == "马海燕"
    assert application.evidence.count() == 3
    plain.go(f"{address}/submit/")
    assert "提交" in plain.text()


def test_a_complete_filing_is_submitted(owner, plain):
    application = factories.complete_draft(owner)
    plain.enter(owner)
    assert filing.submit(plain, f"/applications/{application.uuid}").startswith("QC")
    assert Application.objects.get().state == State.SUBMITTED


def test_a_judge_scores_a_sheet(owner, plain):
    round_ = builders.closed_round()
    application = builders.accepted(owner, round_)
    judge = builders.judge(programme=round_.programme)
    secretary = factories.staff(username="secretary")
    builders.assigned(builders.stage_of(round_), application, [judge], secretary)
    page = plain.page
    plain.enter(judge.user)
    plain.go("/reviews/")
    page.get_by_role("link", name="开始评分").first.click()
    for number, points in enumerate(["13", "26", "17.5", "17", "4.5", "8.5"]):
        page.locator("[data-stepper] input").nth(number).fill(points)
    page.locator("textarea").last.fill("过程完整，数据充分。")
    page.locator("button[name=step][value=review]").click()
    page.get_by_role("button", name="提交并锁定").click()
    page.wait_for_load_state()
    assert ScoreSheet.objects.get().submitted_at is not None


def test_the_secretariat_decides_a_check(owner, plain):
    application = checked.submitted(owner)
    checked.checklist(application)
    secretary = factories.staff(username="secretary", role=Role.SECRETARIAT)
    checked.open_check(application, secretary)
    page = plain.page
    plain.enter(secretary)
    plain.go(CHECK.format(application.pk))
    page.locator(".outcome", has_text="参评").first.click()
    page.locator("[data-decide-button]").click()
    page.get_by_role("button", name="发出，留在这一件").click()
    page.wait_for_load_state()
    application.refresh_from_db()
    assert application.state == State.ACCEPTED
