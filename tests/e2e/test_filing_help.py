"""Forms that help, in a browser: lengths, amounts and the steps of another type at once; the same without script."""

import pytest

from applications.models import AnnualReport, Application
from tests import factories

STEPS = "[data-type-preview=innovation]"


@pytest.fixture
def owner(live_server):
    return factories.enterprise_owner()


@pytest.fixture
def filing(owner):
    return factories.complete_draft(owner)


@pytest.fixture
def person(visit, owner):
    visitor = visit()
    visitor.enter(owner)
    return visitor


@pytest.fixture
def plain(visit, owner):
    visitor = visit(java_script_enabled=False)
    visitor.enter(owner)
    return visitor


def test_lengths_count_along(person, filing):
    page = person.page
    person.go(f"/applications/{filing.uuid}/edit/topic/")
    line = "[data-count-of='id_steps.current_state']"
    page.fill("[id='id_steps.current_state']", "调查 三个月\n的数据")
    assert page.inner_text(line) == "建议 250–600 字，现 8 字"
    page.fill("[id='id_steps.current_state']", "长" * 5003)
    assert page.inner_text(line) == "现 5003 字，超出 3 字，最多 5000 字"
    page.click("[id='div_id_steps.current_state'] .advice summary")
    assert page.is_visible("[id='div_id_steps.current_state'] .advice__example")


def test_an_amount_shows_its_yuan_and_offers_the_repair(person, filing):
    page = person.page
    person.go(f"/applications/{filing.uuid}/edit/results/")
    page.fill("#id_economic_benefit", "462000")
    box = "#div_id_economic_benefit"
    assert "4,620,000,000.00 元" in page.inner_text(f"{box} [data-yuan]")
    page.click(f"{box} [data-slip-fix]")
    assert page.input_value("#id_economic_benefit") == "46.2"
    assert page.is_hidden(f"{box} [data-slip]")
    assert page.inner_text(f"{box} [data-yuan]") == "46.2 万元 = 462,000.00 元"


def test_another_type_says_at_once_what_stays_and_what_is_not_printed(person, filing):
    page = person.page
    person.go(f"/applications/{filing.uuid}/edit/topic/")
    assert page.is_hidden(STEPS)
    page.fill("[id='id_steps.main_causes']", "")
    page.select_option("#id_topic_type", "innovation")
    assert page.is_visible(STEPS)
    dropped = page.inner_text(f"{STEPS} [data-dropped-list]")
    assert "现状调查" in dropped
    assert "确定主要原因" not in dropped  # emptied a moment ago
    page.click(f"{STEPS} button")
    page.wait_for_url("**/edit/topic/#steps")
    assert page.is_visible("[id='id_steps.best_plan']")
    after = Application.objects.get()
    assert (after.topic_type, after.steps["current_state"]) == ("innovation", filing.steps["current_state"])


def test_another_type_is_asked_about_without_script(plain, filing):
    page = plain.page
    plain.go(f"/applications/{filing.uuid}/edit/topic/")
    page.select_option("#id_topic_type", "innovation")
    page.click("button[name=next]")
    page.wait_for_url("**/topic-type/?to=innovation")
    assert "不再打印的步骤" in plain.text()
    page.click("main form button[type=submit]")
    page.wait_for_url("**/edit/topic/#steps")
    assert Application.objects.get().topic_type == "innovation"


def test_the_awards_and_none_of_them_exclude_each_other(person, filing):
    page = person.page
    person.go(f"/applications/{filing.uuid}/edit/awards/")
    first = page.locator("input[name=special_awards]").first
    first.check()
    assert not page.is_checked("#id_awards_section_seen")
    page.check("#id_awards_section_seen")
    assert not first.is_checked()


@pytest.mark.parametrize("scripted", [True, False])
def test_last_years_text_becomes_a_first_draft(person, plain, owner, scripted):
    round_ = factories.open_round()
    factories.report(
        factories.enterprise_of(owner), factories.programme(round_.programme.year - 1), summary_plans="上年的打算。"
    )
    visitor = person if scripted else plain
    visitor.go(f"/applications/reports/{round_.programme.year}/summary/")
    visitor.page.click("button[name=take][value=summary_plans]")
    if scripted:
        assert visitor.page.input_value("#id_summary_plans") == "上年的打算。"
    else:
        visitor.page.wait_for_url("**#id_summary_plans")
        assert AnnualReport.objects.get(programme=round_.programme).summary_plans == "上年的打算。"
