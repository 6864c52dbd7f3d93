"""The desk of a check in a browser: pages by key, a remark on a page, a text block by its shortcut, the letter."""

import pytest

from applications.models import FormalCheck, TextBlock
from applications.previews import building
from applications.states import State
from tests import factories
from tests.applications import checked
from tests.applications.test_previews import pdf

CHECK = "/admin/applications/application/{}/check/"


@pytest.fixture
def filed(live_server):
    owner = factories.enterprise_owner()
    draft = factories.complete_draft(owner)
    three = factories.evidence(draft, "other", "三页.pdf", content=pdf(3))
    draft.evidence.filter(pk=three.pk).update(pages=3)
    found = checked.submitted_draft(draft, owner)
    for item in found.evidence.all():
        building.build({"sha256": item.file_id, "first": 1})
    return found


@pytest.fixture
def desk(visit, filed):
    """The check page of the filing, begun by the secretariat, with the file of three pages in the viewer."""
    secretary = factories.staff(username="secretary")
    checked.checklist(filed)
    checked.open_check(filed, secretary, answer="")
    words = {"category": "evidence", "text": "这一页不清晰。"}  # emptied with the database of the test before
    TextBlock.objects.get_or_create(shortcut="qx", owner=None, defaults=words)
    window = visit()
    window.enter(secretary)
    window.go(CHECK.format(filed.pk))
    window.page.get_by_role("link", name="三页.pdf").last.click()
    return window


def test_pages_turn_by_key_and_a_remark_lands_on_the_page(desk, filed):
    page = desk.page
    page.keyboard.press("ArrowRight")
    page.locator("[data-paper] img[alt='三页.pdf，第 2 页']").wait_for()
    assert page.input_value("[data-number]") == "2"
    page.keyboard.press("c")
    page.keyboard.type("/qx ")
    row = page.locator(".remark-row").first
    text = TextBlock.objects.get(shortcut="qx").text
    assert row.locator("textarea").input_value() == text
    assert row.locator("input").input_value() == "2"
    page.locator(".check-bar").get_by_role("button", name="保存草稿").click()
    page.get_by_text("审查草稿已保存").wait_for()
    remark = FormalCheck.objects.get().remarks.get()
    assert (remark.file_name, remark.page, remark.text) == ("三页.pdf", 2, text)
    page.get_by_role("link", name="第 2 页").click()
    page.locator(".viewer-pane__notes", has_text=text).wait_for()
    assert desk.failures == []


def test_two_pages_stand_side_by_side_turned_and_larger(desk):
    page = desk.page
    image = page.locator("[data-paper] img[alt='三页.pdf，第 1 页']")
    image.wait_for()
    before = image.bounding_box()["width"]
    page.keyboard.press("+")
    assert image.bounding_box()["width"] > before
    page.keyboard.press("0")
    page.keyboard.press("r")
    turned = image.bounding_box()
    assert turned["width"] > turned["height"]
    page.keyboard.press("b")
    assert page.locator("[data-pane]").count() == 2
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("b")
    assert page.locator("[data-pane]").count() == 1


def test_a_clean_filing_goes_out_with_two_presses_and_its_letter_in_between(desk, filed):
    page = desk.page
    page.get_by_role("button", name="其余各项符合，参评").click()
    page.wait_for_load_state()
    assert "已通过形式审查" in page.input_value("[name=body]")
    filed.refresh_from_db()
    assert filed.state == State.SUBMITTED
    page.get_by_role("button", name="发出并打开下一件").click()
    page.wait_for_load_state()
    filed.refresh_from_db()
    assert filed.state == State.ACCEPTED


def test_a_remark_or_a_no_takes_the_short_way_off(desk):
    page = desk.page
    short = page.get_by_role("button", name="其余各项符合，参评")
    assert short.is_visible()
    line = page.locator(".answer").first
    line.locator("label", has_text="不符").click()
    assert short.is_hidden()
    line.get_by_role("link", name="写成意见").click()
    assert "请核对后改正" in page.locator(".remark-row textarea").first.input_value()
