"""Typing is enough: saved while one types, over a network gap, over an ended session, and with two people at once."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from applications.models import AnnualReport, Application
from qcportal.models import AuditEvent
from tests import factories
from tests.processes import wait_for

SIGN = "[data-save-sign]"
SAVED = re.compile(r"已保存 \d\d:\d\d:\d\d")
TOPIC, INTRO = "降低干燥工序单位能耗", "小组由干燥工序骨干组成，连续三年开展活动。"


@pytest.fixture
def owner(live_server):
    return factories.enterprise_owner()


@pytest.fixture
def manager(owner):
    return factories.colleague(owner, username="manager", name="才让卓玛", role="manager")


@pytest.fixture
def application(owner):
    return factories.complete_draft(owner)


def section(application, code):
    return f"/applications/{application.uuid}/edit/{code}/"


def opened(visit, person, address, **window):
    visitor = visit(**window)
    visitor.enter(person)
    visitor.go(address)
    return visitor


def sign(visitor):
    return visitor.page.locator(SIGN)


def copies(visitor):
    return visitor.page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('qc-draft:')).length")


def test_typing_is_saved_and_there_after_a_reload(visit, owner, application):
    visitor = opened(visit, owner, section(application, "topic"))
    page = visitor.page
    page.fill("[name=topic_name]", TOPIC)
    expect(sign(visitor)).to_have_text(SAVED)
    page.locator("[name=group_intro]").press_sequentially("小组成立于三年前。")
    expect(sign(visitor)).to_contain_text("有内容尚未保存")
    expect(sign(visitor)).to_have_text(SAVED)
    visitor.picture("autosave-saved")
    page.reload()
    assert page.input_value("[name=topic_name]") == TOPIC
    assert "小组成立于三年前。" in page.input_value("[name=group_intro]")
    assert copies(visitor) == 0
    assert not AuditEvent.objects.filter(verb="application.saved").exists()


def test_members_awards_and_figures_are_saved_too(visit, owner, application):
    visitor = opened(visit, owner, section(application, "group"))
    page = visitor.page
    page.click("[data-add-member]")
    row = page.locator("[data-member]").last
    row.locator("[name$=-duty]").fill("记录")
    page.locator("[name=leader_name]").focus()
    expect(sign(visitor)).to_contain_text("有 1 项需要修改")
    expect(row.locator(".field__error")).to_contain_text("姓名")
    row.locator("[name$=-name]").fill("冶成福")
    page.locator("[name=leader_name]").focus()
    expect(sign(visitor)).to_have_text(SAVED)
    expect(row.locator(".field__error")).to_have_count(0)
    assert [one.name for one in application.members.all()] == ["韩志远", "扎西多杰", "冶成福"]
    visitor.go(section(application, "awards"))
    page.locator("[name=special_awards]").first.check()
    expect(sign(visitor)).to_have_text(SAVED)
    assert application.special_awards.count() == 1
    year = application.round.programme.year
    visitor.go(f"/applications/reports/{year}/statistics/")
    page.fill("[name=employees]", "1,300")
    page.fill("[name=participants]", "0.125")
    page.locator("[name=suggestions]").focus()
    expect(sign(visitor)).to_contain_text("有 1 项需要修改")
    expect(page.locator("td", has=page.locator("[name=participants]"))).to_contain_text("请填 1250")
    visitor.picture("autosave-refused")
    report = AnnualReport.objects.get()
    assert (report.employees, report.participants) == (1300, 160)


def test_over_a_network_gap_the_text_stays_in_the_browser_and_follows(visit, owner, application):
    visitor = opened(visit, owner, section(application, "topic"))
    page = visitor.page
    page.context.set_offline(True)
    page.fill("[name=topic_name]", TOPIC)
    expect(sign(visitor)).to_contain_text("网络中断，已保存在本机，恢复后自动重试")
    visitor.picture("autosave-offline")
    assert copies(visitor) == 1
    assert Application.objects.get().topic_name != TOPIC
    page.context.set_offline(False)
    expect(sign(visitor)).to_have_text(SAVED)
    assert Application.objects.get().topic_name == TOPIC
    assert copies(visitor) == 0


def test_a_copy_left_in_the_browser_is_offered_by_field_name(visit, owner, application):
    visitor = opened(visit, owner, section(application, "topic"))
    page = visitor.page
    page.context.set_offline(True)
    page.fill("[name=topic_name]", TOPIC)
    expect(sign(visitor)).to_contain_text("网络中断")
    # Closed as by a power cut: a page that is left in peace still sends what it has, and the browser lets that pass.
    assert copies(visitor) == 1
    visitor.page = page.context.new_page()
    page.close()
    page = visitor.page
    # What the closing page still sends must find the network gone, also on a machine with much to do.
    page.wait_for_timeout(2000)
    page.context.set_offline(False)
    visitor.go(section(application, "topic"))
    offer = page.locator("[data-local-copy]")
    expect(offer).to_contain_text("课题名称")
    visitor.picture("autosave-local-copy")
    offer.get_by_role("button", name="恢复").click()
    expect(sign(visitor)).to_have_text(SAVED)
    assert Application.objects.get().topic_name == TOPIC


def test_leaving_warns_only_when_something_is_unsaved(visit, owner, application):
    visitor = opened(visit, owner, section(application, "topic"))
    page = visitor.page
    asked = []
    page.on("dialog", lambda dialog: asked.append(dialog.type))
    page.fill("[name=topic_name]", TOPIC)
    expect(sign(visitor)).to_have_text(SAVED)
    visitor.go(section(application, "results"))
    assert asked == []
    page.context.set_offline(True)
    page.fill("[name=target_value]", "单位能耗降到 360")
    expect(sign(visitor)).to_contain_text("网络中断")
    page.goto("about:blank")
    assert asked == ["beforeunload"]
    page.context.set_offline(False)


def test_leaving_at_once_sends_what_was_just_typed(visit, owner, application):
    visitor = opened(visit, owner, section(application, "topic"))
    visitor.page.fill("[name=topic_name]", TOPIC)
    visitor.go(section(application, "results"))
    wait_for(lambda: Application.objects.get().topic_name == TOPIC, 5, "the last words")


def test_an_ended_session_loses_nothing_and_goes_on_after_the_login(visit, owner, application):
    visitor = opened(visit, owner, section(application, "topic"))
    page = visitor.page
    Session.objects.all().delete()
    page.fill("[name=topic_name]", TOPIC)
    expect(sign(visitor)).to_contain_text("登录已过期，已保存在本机，重新登录后自动保存")
    visitor.picture("autosave-expired")
    with page.context.expect_page() as popup:
        page.click("[data-save-login]")
    second = popup.value
    second.fill("input[name=login]", "owner")
    second.fill("input[name=password]", factories.PASSWORD)
    second.click("main button[type=submit]")
    expect(second.locator("h1")).to_have_text("已重新登录")
    second.close()
    expect(sign(visitor)).to_have_text(SAVED, timeout=10_000)
    assert Application.objects.get().topic_name == TOPIC
    page.fill("[name=group_intro]", INTRO)
    page.click("button[name=finish], button[name=next]")  # the form has the new token too
    page.wait_for_url("**/edit/results/")
    assert Application.objects.get().group_intro == INTRO


def test_another_person_on_the_same_computer_finds_no_copy(visit, owner, application):
    visitor = opened(visit, owner, section(application, "topic"))
    page = visitor.page
    page.context.set_offline(True)
    page.fill("[name=topic_name]", TOPIC)
    expect(sign(visitor)).to_contain_text("网络中断")
    page.goto("about:blank")
    page.context.set_offline(False)
    visitor.enter(
        factories.enterprise_owner(username="rival", name="祁文澜", enterprise_name="青海瀚澄盐湖化工有限公司")
    )
    visitor.go("/applications/")
    assert copies(visitor) == 0


def test_logging_out_clears_the_copies(visit, owner, application):
    visitor = opened(visit, owner, section(application, "topic"))
    page = visitor.page
    page.evaluate(
        f"localStorage.setItem('qc-draft:{owner.uuid}:x:1', JSON.stringify({{at: Date.now(), fields: {{}}}}))"
    )
    page.click(".user-menu summary")
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/")
    assert copies(visitor) == 0


def test_two_people_see_each_other_and_choose_field_by_field(visit, owner, manager, application):
    mine = opened(visit, owner, section(application, "results"))
    theirs = opened(visit, manager, section(application, "results"), phone=True)
    expect(theirs.page.locator("[data-presence]")).to_contain_text("马启明 也正在编辑本页（")
    theirs.page.fill("[name=actual_value]", "他人填写的 98.00%")
    theirs.page.fill("[name=honours]", "省级工法一项")
    theirs.page.locator("[name=main_results]").focus()
    expect(sign(theirs)).to_have_text(SAVED)

    mine.page.fill("[name=actual_value]", "我填写的 97.50%")
    mine.page.locator("[name=target_value]").focus()
    panel = mine.page.locator("#conflicts")
    expect(panel).to_contain_text("他人填写的 98.00%")
    expect(panel).to_contain_text("我填写的 97.50%")
    expect(sign(mine)).to_contain_text("有 1 项需要您选择")
    expect(mine.page.locator("[data-presence]")).to_contain_text("才让卓玛")
    assert mine.page.input_value("[name=honours]") == "省级工法一项"  # merged by itself
    assert mine.page.input_value("[name=actual_value]") == "我填写的 97.50%"
    mine.picture("autosave-conflict")
    panel.get_by_label("用我填写的").click()
    expect(sign(mine)).to_have_text(SAVED)
    expect(panel).to_have_count(0)
    assert Application.objects.get().actual_value == "我填写的 97.50%"

    theirs.page.fill("[name=actual_value]", "又改了")
    theirs.page.locator("[name=main_results]").focus()
    expect(theirs.page.locator("#conflicts")).to_contain_text("我填写的 97.50%")
    theirs.picture("autosave-conflict-phone")
    theirs.page.get_by_label("保留他人已保存的").click()
    expect(theirs.page.locator("#conflicts")).to_have_count(0)
    assert theirs.page.input_value("[name=actual_value]") == "我填写的 97.50%"
    assert Application.objects.get().actual_value == "我填写的 97.50%"


def test_without_script_the_choice_is_made_on_the_page(visit, owner, manager, application):
    mine = opened(visit, owner, section(application, "results"), java_script_enabled=False)
    theirs = opened(visit, manager, section(application, "results"), java_script_enabled=False)
    expect(theirs.page.locator("main")).to_contain_text("马启明 也正在编辑本页（")
    theirs.page.fill("[name=actual_value]", "他人填写的")
    theirs.page.click(".btn-row button[name=stay]")
    mine.page.fill("[name=actual_value]", "我填写的")
    mine.page.fill("[name=honours]", "工法")
    mine.page.click(".btn-row button[name=stay]")
    mine.page.get_by_label("用我填写的").check()
    mine.page.click(".btn-row button[name=stay]")
    after = Application.objects.get()
    assert (after.actual_value, after.honours) == ("我填写的", "工法")


def test_without_script_an_ended_session_brings_the_text_back(visit, owner, application):
    visitor = opened(visit, owner, section(application, "topic"), java_script_enabled=False)
    page = visitor.page
    page.fill("[name=topic_name]", TOPIC)
    Session.objects.all().delete()
    page.click(".btn-row button[name=stay]")
    expect(page.locator("main")).to_contain_text("您填写的内容已保留")
    page.fill("input[name=login]", "owner")
    page.fill("input[name=password]", factories.PASSWORD)
    page.click("main button[type=submit]")
    expect(page.locator("main")).to_contain_text("登录前填写的内容已恢复，请核对后保存")
    assert page.input_value("[name=topic_name]") == TOPIC
    visitor.picture("autosave-restored")
    page.click(".btn-row button[name=stay]")
    assert Application.objects.get().topic_name == TOPIC


def test_what_waited_for_the_login_is_looked_at_before_it_is_saved(visit, owner, application):
    """The save button pressed after the session had ended, with scripts on."""
    visitor = opened(visit, owner, section(application, "topic"))
    page = visitor.page
    page.route("**/autosave/", lambda route: route.abort())
    page.fill("[name=topic_name]", TOPIC)
    Session.objects.all().delete()
    page.click(".btn-row button[name=stay]")
    page.unroute("**/autosave/")
    page.fill("input[name=login]", "owner")
    page.fill("input[name=password]", factories.PASSWORD)
    page.click("main button[type=submit]")
    expect(page.locator("[data-restored]")).to_be_visible()
    page.locator("[name=topic_name]").focus()
    page.locator("[name=group_intro]").focus()
    page.wait_for_timeout(1500)
    assert Application.objects.get().topic_name != TOPIC
    page.locator("[name=group_intro]").press_sequentially("。")
    expect(sign(visitor)).to_have_text(SAVED)
    assert Application.objects.get().topic_name == TOPIC
