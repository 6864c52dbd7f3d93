"""Attachment 3 filled with the keyboard alone, and with a column from a spreadsheet."""

import pytest

from applications.models import AnnualReport, WarningConfirmation
from tests import factories

PASTE = """([field, text]) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  document.getElementById("id_" + field).dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def table(visit, live_server):
    """The table of an enterprise with last year's numbers, opened by its owner."""
    owner = factories.enterprise_owner()
    round_ = factories.open_round()
    year = round_.programme.year
    factories.report(factories.enterprise_of(owner), factories.programme(year - 1), employees=1000)
    window = visit()
    window.enter(owner)
    window.go(f"/applications/reports/{year}/statistics/")
    return window


def focused(page) -> str:
    return page.evaluate("document.activeElement.dataset.field || document.activeElement.name")


def test_the_table_is_filled_with_the_keyboard_alone(table):
    page = table.page
    page.focus("#id_employees")
    page.keyboard.type("0.125")
    page.keyboard.press("Enter")
    assert focused(page) == "groups_cumulative"
    page.get_by_role("button", name="改为 1250").wait_for()
    table.picture("grid-error-beside-the-cell")
    page.keyboard.press("ArrowUp")
    page.keyboard.type("1250")  # typing replaces what stands in the cell
    for number in ("120", "20", "12", "8", "18", "160", "25", "386.25"):
        page.keyboard.press("ArrowDown")
        page.keyboard.type(number)
    assert focused(page) == "direct_benefit"
    assert "12.80%" in page.inner_text("[data-rate=participation_rate]").replace("\n", "")
    page.get_by_text("成果数多于本年度注册小组数").wait_for()
    assert page.get_by_text("改为 1250").count() == 0
    assert page.inner_text("tr:has(#id_employees) [data-change]") == "+25.0%"
    page.keyboard.press("Shift+Enter")
    assert focused(page) == "results_count"
    page.keyboard.type("99")
    page.keyboard.press("Escape")
    assert page.input_value("#id_results_count") == "25"
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    assert focused(page) == "filled_by"
    page.keyboard.press("Enter")  # as in every form, Enter in the last field saves
    page.get_by_text("附件 3 草稿已保存").wait_for()
    report = AnnualReport.objects.order_by("-programme__year").first()
    assert (report.employees, report.groups_cumulative, report.results_count) == (1250, 120, 25)


def test_a_column_from_a_spreadsheet_is_pasted_and_taken_back(table):
    page = table.page
    page.evaluate(PASTE, ["groups_registered", "20\n12\n8\n18\n"])
    names = ["groups_registered", "groups_problem_solving", "groups_innovation", "groups_active", "participants"]
    assert [page.input_value(f"#id_{name}") for name in names] == ["20", "12", "8", "18", ""]
    page.get_by_role("button", name="撤销粘贴").click()
    assert page.input_value("#id_groups_active") == ""
    whole = "\n".join(str(number) for number in range(1, 20))  # with the three computed rows 11 to 13
    page.evaluate(PASTE, ["employees", whole])
    assert page.input_value("#id_cumulative_benefit") == "10"
    assert page.input_value("#id_training_attendances") == "14"
    assert page.input_value("#id_awards_municipal") == "19"
    labelled = "序号\t项目\t单位\t数值\n7\t参加小组活动人数\t人\t1,160\n1\t企业职工总数\t人\t2300"
    page.evaluate(PASTE, ["employees", labelled])
    assert page.input_value("#id_participants") == "1,160"
    assert page.input_value("#id_employees") == "2300"


def test_a_reason_is_given_beside_the_cell_and_asked_again_for_another_number(table):
    page = table.page
    for field, number in (("employees", "1250"), ("groups_cumulative", "30"), ("groups_registered", "20")):
        page.fill(f"#id_{field}", number)
    page.fill("#id_results_count", "22")
    reason = page.locator("#reason-statistics_results_above_registered")
    reason.wait_for()
    reason.click()
    page.keyboard.type("含上年结转的成果")
    page.fill("#id_suggestions", "5")  # the notes are asked for again while the reason is being written
    reason.click()
    page.keyboard.press("End")
    page.keyboard.type(" 2 个。")
    assert reason.input_value() == "含上年结转的成果 2 个。"
    page.locator(".finding__reason.is-given").wait_for()
    assert WarningConfirmation.objects.get().reason == "含上年结转的成果 2 个。"
    table.picture("grid-reason-beside-the-cell")
    page.fill("#id_results_count", "25")
    page.get_by_text("数字有变化，请重新说明").wait_for()
    assert reason.input_value() == "含上年结转的成果 2 个。"
    page.get_by_text("已保存").first.wait_for()
    page.get_by_role("button", name="说明仍然适用").click()
    page.locator(".finding__reason.is-given").wait_for()
    page.reload()
    assert reason.input_value() == "含上年结转的成果 2 个。"
    assert page.locator(".finding__reason.is-given").count() == 1


def test_checks_while_writing_a_reason_keep_text_and_focus(table):
    page = table.page
    page.fill("#id_employees", "1250")
    page.fill("#id_groups_registered", "20")
    page.fill("#id_results_count", "22")
    page.locator("#reason-statistics_results_above_registered").click()
    page.keyboard.type("还没")
    with page.expect_response("**/statistics/check/"):
        page.evaluate("""() => { const cell = document.getElementById("id_suggestions"); cell.value = "7";
            cell.dispatchEvent(new Event("input", { bubbles: true })); }""")
    page.wait_for_timeout(300)
    assert page.evaluate("document.activeElement.id") == "reason-statistics_results_above_registered"
    page.keyboard.type("写完")
    assert page.input_value("#reason-statistics_results_above_registered") == "还没写完"
    page.get_by_text("已保存 ").first.wait_for()  # no request of this page outlives the test
