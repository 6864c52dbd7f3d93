"""The queue in a browser: keys, two people at once, a bulk action with its undo, a phone."""

import pytest

from applications.models import Application, Claim, WarningSummary
from applications.states import State
from qcportal import clock
from tests import factories
from tests.applications import checked

QUEUE = "/admin/applications/application/"


@pytest.fixture
def secretary(live_server):
    return factories.staff(username="secretary", name="陈雪梅")


@pytest.fixture
def filed(secretary):
    rows = []
    for number in range(3):
        owner = factories.enterprise_owner(username=f"of{number}", enterprise_name=f"青海第{number}有限公司")
        rows.append(checked.submitted(owner, topic_name=f"互不相同的课题{number:03d}" * 2))
        checked.verify(rows[-1].enterprise, actor=secretary)
    WarningSummary.objects.update(refreshed_at=clock.now(), similar=0)
    return rows


def focused(page):
    return page.evaluate("document.activeElement.textContent")


def test_keys_move_claim_search_and_open_and_are_silent_while_typing(visit, secretary, filed):
    visitor = visit()
    page = visitor.page
    visitor.enter(secretary)
    visitor.go(QUEUE)
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    assert focused(page) == filed[1].file_number
    page.keyboard.press("k")
    assert focused(page) == filed[0].file_number
    page.keyboard.press("?")
    assert page.locator(".queue-keys").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("cnjk?")
    assert page.input_value("[data-search]") == "cnjk?"
    assert not Claim.objects.exists()
    page.locator("[data-open]").nth(1).focus()
    page.keyboard.press("c")
    page.wait_for_selector("text=已领取。")
    assert Claim.objects.get().application == filed[1]
    page.locator("[data-open]").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{filed[0].pk}/check/")


def test_two_people_press_next_until_nothing_is_left(visit, secretary, filed):
    colleague = factories.staff(username="colleague", name="林秀兰")
    windows = [visit(), visit()]
    opened = []
    for visitor, person in zip(windows, (secretary, colleague), strict=True):
        visitor.enter(person)
        visitor.go(QUEUE)
    for turn in range(3):
        page = windows[turn % 2].page
        page.goto(windows[0].base + QUEUE)
        page.keyboard.press("n")
        page.wait_for_url("**/check/")
        opened.append(page.url)
    assert len(set(opened)) == 3
    windows[0].page.goto(windows[0].base + QUEUE)
    windows[0].page.keyboard.press("n")
    windows[0].page.wait_for_selector("text=没有未领取的待审查申报了")
    windows[0].page.goto(opened[1])
    assert "林秀兰 于" in windows[0].text()


def test_a_bulk_acceptance_and_its_undo_in_a_few_presses(visit, secretary, filed):
    checked.checklist(filed[0])
    visitor = visit()
    page = visitor.page
    visitor.enter(secretary)
    visitor.go(QUEUE)
    page.locator("summary", has_text="批量办理").click()
    page.locator("button", has_text="批量参评").click()
    page.wait_for_url("**/bulk/**")
    assert "3 件将办理，0 件不办理" in visitor.text()
    page.locator("[name=declared]").check()
    page.locator("button", has_text="办理 3 件").click()
    page.wait_for_selector("text=撤销这一批")
    assert {row.state for row in Application.objects.all()} == {State.ACCEPTED}
    page.locator("button", has_text="撤销这一批").click()
    page.wait_for_selector("text=件已恢复原状")
    assert {row.state for row in Application.objects.all()} == {State.SUBMITTED}


def test_on_a_phone_rows_are_cards_that_can_be_claimed(visit, secretary, filed):
    visitor = visit(phone=True)
    page = visitor.page
    visitor.enter(secretary)
    visitor.go(QUEUE)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.locator("[data-claim]").first.tap()
    page.wait_for_selector("text=已领取。")
    assert Claim.objects.get().holder == secretary


def test_without_script_filters_claims_and_bulk_actions_work(visit, secretary, filed):
    visitor = visit(java_script_enabled=False)
    page = visitor.page
    visitor.enter(secretary)
    visitor.go(QUEUE)
    page.locator("summary", has_text="领取人").click()
    page.locator(".flt li a", has_text="未领取").click()
    page.locator("[data-claim]").first.click()
    assert len(page.locator("[data-row]").all()) == 2
    page.locator(".queue-chip").first.click()
    assert len(page.locator("[data-row]").all()) == 3
