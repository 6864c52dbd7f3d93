"""What an enterprise does in the journeys, page by page, with the words a person sees."""

from pathlib import Path

from applications.topics import steps_of
from tests import factories
from tests.e2e.conftest import Visitor

UNIT = "青海盐泽新材料有限公司"
GROUP = "盐花QC小组"
TOPIC = "降低碳酸锂干燥工序单位能耗"


def sign_up(visitor: Visitor, username: str = "yanze") -> None:
    visitor.go("/")
    visitor.page.get_by_role("link", name="单位注册").first.click()
    visitor.picture("signup")
    fill = {
        "credit_code": factories.credit_code(88, "632801"),
        "unit_name": UNIT,
        "name": "马海燕",
        "username": username,
        "email": f"{username}@yanze.example",
        "mobile": "13997000088",
        "password1": factories.PASSWORD,
        "password2": factories.PASSWORD,
    }
    for name, value in fill.items():
        visitor.page.fill(f"[name={name}]", value)
    visitor.page.check("[name=consent]")
    visitor.page.click("main form button[type=submit]")
    visitor.page.wait_for_url("**/applications/enterprise/")


def complete_profile(visitor: Visitor) -> None:
    visitor.page.fill("[name=address]", "海西州格尔木市察尔汗工业园盐泽路1号")
    visitor.page.fill("[name=postcode]", "816000")
    visitor.page.select_option("[name=industry]", "salt_lake")
    visitor.page.select_option("[name=scale]", "medium")
    visitor.page.fill("[name=contact_name]", "马海燕")
    visitor.page.fill("[name=contact_phone]", "13997000088")
    visitor.page.locator("main form button[type=submit]", has_text="保存").first.click()
    visitor.page.wait_for_load_state()


def fill_reports(visitor: Visitor, year: int) -> None:
    visitor.go(f"/applications/reports/{year}/summary/")
    for area in visitor.page.locator("main form textarea").all():
        area.fill("本单位坚持以质量管理小组活动促进现场改进，登记、辅导、发表、激励各环节均有专人负责。" * 5)
    visitor.page.click("main form button[name=finish]")
    visitor.go(f"/applications/reports/{year}/statistics/")
    numbers = {
        "employees": "860", "groups_cumulative": "66", "groups_registered": "14", "groups_active": "13",
        "participants": "118", "results_count": "9", "direct_benefit": "286.5", "cumulative_benefit": "1902.75",
    }  # fmt: skip
    for name, value in numbers.items():
        visitor.page.fill(f"[name={name}]", value)
    visitor.page.fill("[name=filled_by]", "马海燕")
    visitor.page.fill("[name=responsible_person]", "冶成福")
    visitor.picture("statistics")
    visitor.page.click("main form button[name=finish]")
    visitor.page.wait_for_load_state()


def new_application(visitor: Visitor) -> str:
    """The new draft's address."""
    visitor.go("/applications/new/")
    visitor.page.fill("[name=group_name]", GROUP)
    visitor.page.locator("[name=topic_type][value=self_set]").check()
    visitor.page.click("main form button[type=submit]")
    visitor.page.wait_for_url("**/edit/**")
    return visitor.page.url.split("/edit/")[0].removeprefix(visitor.base)


def fill_sections(visitor: Visitor, address: str, data_year: int) -> None:
    page = visitor.page
    visitor.go(f"{address}/edit/contact/")
    page.fill("[name=contact_name]", "马海燕")
    page.fill("[name=contact_phone]", "13997000088")
    page.fill("[name=contact_email]", "yanze@yanze.example")
    page.click("button[name=next]")
    group = {
        "leader_name": "韩玉林", "member_count": "2", "activity_starts_on": f"{data_year}-03-01",
        "activity_ends_on": f"{data_year}-11-30", "activity_count": "22", "attendance_rate": "97.5",
    }  # fmt: skip
    for name, value in group.items():
        page.fill(f"[name={name}]", value)
    _member(page, 0, "韩玉林", "leader")
    _member(page, 1, "扎西多杰", "member")
    visitor.picture("group")
    page.click("button[name=next]")
    page.fill("[name=topic_name]", TOPIC)
    page.fill("[name=group_intro]", "小组由干燥工序骨干组成，连续三年开展活动。")
    for step in steps_of("self_set"):
        page.fill(f"[name='steps.{step.code}']", f"{step.label}：小组依据现场数据开展，结论经过验证。")
    page.click("button[name=next]")
    results = {
        "target_value": "单位能耗由 412 千瓦时/吨降至 360 千瓦时/吨", "actual_value": "355 千瓦时/吨",
        "economic_benefit": "58.6", "activity_cost": "7.2", "benefit_basis": "按节电量乘电价计算，财务部核实。",
        "social_benefit": "减少用电和粉尘。", "main_results": "干燥机热风循环控制规程。",
    }  # fmt: skip
    for name, value in results.items():
        page.fill(f"[name={name}]", value)
    page.click("button[name=next]")
    page.locator("[name=special_awards]").first.check()
    page.click("button[name=next]")
    page.wait_for_load_state()


def _member(page, number: int, name: str, role: str) -> None:
    row = page.locator("[data-member]").nth(number)
    row.locator("[name$=-name]").fill(name)
    row.locator("[name$=-group_role]").select_option(role)


def upload_evidence(visitor: Visitor, address: str, folder: Path) -> None:
    """All at once where the page has its script, one kind after the other in the plain form."""
    kinds = [("report", "成果报告.pdf"), ("records", "小组活动记录.pdf"), ("benefit", "财务效益证明.pdf")]
    for number, (_kind, name) in enumerate(kinds):
        # Distinct bytes: the same file twice in one application is refused.
        (folder / name).write_bytes(factories.PDF.replace(b"595 842", b"595 %d" % (842 + number)))
    page = visitor.page
    visitor.go(f"{address}/edit/evidence/")
    if page.locator("[data-drop]").is_visible():
        page.set_input_files("[name=files]", [folder / name for _kind, name in kinds])
        page.locator("[data-item]").nth(2).wait_for()
        page.locator("[data-queue] li").first.wait_for(state="detached")
    else:
        for kind, name in kinds:
            visitor.go(f"{address}/edit/evidence/")
            page.select_option("[name=kind]", kind)
            page.set_input_files("[name=files]", folder / name)
            page.locator("#upload button[type=submit]").click()
            page.wait_for_load_state()
    visitor.picture("evidence")


def submit(visitor: Visitor, address: str) -> str:
    """Presses submit and returns the file number on the receipt page."""
    visitor.go(f"{address}/submit/")
    visitor.picture("submit")
    for box in visitor.page.locator(".confirmations input[type=checkbox]").all():
        box.check()
    visitor.page.get_by_role("button", name="正式提交").click()
    visitor.page.wait_for_url("**/receipt/")
    visitor.picture("receipt")
    return visitor.page.locator("text=/QC\\d{4}-\\d-\\d{4}/").first.inner_text().strip()
