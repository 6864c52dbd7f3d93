"""Somebody who has never been here files a first application: counted in pages and clicks, on a desk computer, on a
phone, and with scripts switched off. It starts at the home page and ends with the printed paper set in hand."""

import re
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Response, TimeoutError

from applications.models import AnnualReport, Application
from applications.states import State
from applications.topics import steps_of
from tests import factories
from tests.e2e import filing
from tests.e2e.conftest import Visitor
from tests.processes import wait_for

PAGES_AT_MOST, CLICKS_AT_MOST = 12, 60
KINDS = ("成果报告.pdf", "小组活动记录.pdf", "财务效益证明.pdf")
ASKED = """() => [...document.querySelectorAll("main form [name]")]
  .filter(one => one.matches("input, select, textarea") && one.type !== "hidden" && one.checkVisibility())
  .map(one => one.closest(".field, tr, fieldset")?.innerText.includes("选填") ? "optional" : "other")"""


class Newcomer:
    """Somebody at a window. Every press, tick, choice and chosen file is a click; typing is none.

    A page is an address that was not shown before, without its query and fragment: saving a page and coming back to
    it is the same page. A file that opens (the paper set as PDF) is no page.
    """

    def __init__(self, visitor: Visitor, *, touch: bool) -> None:
        self.visitor, self.page, self.touch = visitor, visitor.page, touch
        self.clicks = self.typed = 0
        self.pages: list[str] = []
        self.shown: Counter[str] = Counter()
        self.errors: list[str] = []
        self.page.on("response", self._note)
        self.page.context.set_default_timeout(60_000)  # a busy machine is no failure

    def _note(self, response: Response) -> None:
        if not response.request.is_navigation_request() or response.frame.parent_frame is not None:
            return
        if response.status >= 400:
            self.errors.append(f"{response.status} for {response.request.method} {response.url}")
        address = re.sub(r"[?#].*", "", response.url.removeprefix(self.visitor.base))
        is_page = response.headers.get("content-type", "").startswith("text/html")
        if is_page and not 300 <= response.status < 400 and address not in self.pages:
            self.pages.append(address)

    def press(self, where: str | Locator) -> None:
        self.clicks += 1
        target = self.page.locator(where).first if isinstance(where, str) else where
        if self.touch:
            target.tap()
        else:
            target.click()

    def press_on(self, where: str | Locator, address: str) -> None:
        """A press that leads to another page."""
        self.press(where)
        try:
            # A redirect keeps the fragment of the page before.
            ends = re.compile(re.escape(address) + r"([?#].*)?$")
            self.page.wait_for_url(ends, wait_until="domcontentloaded")
        except TimeoutError:
            pytest.fail(f"still on {self.page.url}: {self.page.inner_text('main')[:1500]}")
        self.look()

    def type(self, values: dict[str, str]) -> None:
        for name, value in values.items():
            self.typed += len(value)
            self.page.fill(f"[name='{name}']", value)

    def choose(self, where: str | Locator, value: str) -> None:
        self.clicks += 1
        (self.page.locator(where).first if isinstance(where, str) else where).select_option(value)

    def take_files(self, paths: list[Path]) -> None:
        self.clicks += 1
        self.page.set_input_files("[name=files]", paths)

    def look(self) -> None:
        """Reads what the page asks for."""
        self.shown.update(self.page.evaluate(ASKED))
        self.visitor.picture(f"first-{len(self.pages):02d}-{self.page.viewport_size['width']}")


VARIANTS = {
    "desk": {},
    "phone": {"phone": True},
    "without script": {"java_script_enabled": False},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_newcomer_files_in_few_pages_and_clicks(environment, start_worker, visit, tmp_path, variant):
    start_worker()
    round_ = factories.open_round()
    year = round_.programme.data_year
    person = Newcomer(visit(**VARIANTS[variant]), touch=variant == "phone")
    started = time.monotonic()
    signs_up(person)
    address = begins(person)
    fills_attachment_1(person, year)
    brings_evidence(person, tmp_path, with_script=variant != "without script")
    fills_the_report(person)
    submits(person, address)
    seconds = time.monotonic() - started
    pdf = prints(person)
    say(
        f"\n{variant}: {len(person.pages)} pages, {person.clicks} clicks, {seconds:.0f} s by script, "
        f"{person.typed} characters typed; fields shown: {person.shown['other']} asked, {person.shown['optional']} 选填"
    )
    for number, page in enumerate(person.pages, 1):
        say(f"  {number:2} {page}")
    assert pdf.startswith(b"%PDF")
    assert person.errors == []
    assert len(person.pages) <= PAGES_AT_MOST, person.pages
    assert person.clicks <= CLICKS_AT_MOST
    application = Application.objects.get()
    assert application.state == State.SUBMITTED
    assert (application.members.count(), application.evidence.count()) == (3, 3)
    assert AnnualReport.objects.get().employees == 860


def say(line: str) -> None:
    """The counts, for whoever runs this with ``pytest -s``."""
    sys.stdout.write(f"{line}\n")


def signs_up(person: Newcomer) -> None:
    person.visitor.go("/")
    person.look()
    person.press_on(person.page.get_by_role("link", name="开始申报").first, "/accounts/signup/")
    person.type(
        {
            "credit_code": factories.credit_code(88, "632801"), "unit_name": filing.UNIT, "name": "马海燕",
            "username": "yanze", "email": "yanze@yanze.example", "mobile": "13997000088",
            "password1": factories.PASSWORD, "password2": factories.PASSWORD,
        }
    )  # fmt: skip
    person.press("[name=consent]")
    person.press_on("main form button[type=submit]", "/applications/enterprise/")


def begins(person: Newcomer) -> str:
    """The profile, and from there into attachment 1. Returns the filing's address."""
    person.type({"address": "海西州格尔木市察尔汗工业园盐泽路1号", "postcode": "816000"})
    person.choose("[name=industry]", "salt_lake")
    person.choose("[name=scale]", "medium")
    assert person.page.input_value("[name=contact_name]") == "马海燕"  # from signing up
    person.press_on("button[name=start]", "/edit/group/")
    return person.page.url.split("/edit/")[0].removeprefix(person.visitor.base)


def fills_attachment_1(person: Newcomer, year: int) -> None:
    page = person.page
    contact = page.locator(".section-nav a, .filing-sections-wide a").first
    assert "已完成" in contact.evaluate("one => one.closest('li').textContent")
    person.type(
        {
            "group_name": filing.GROUP, "leader_name": "韩玉林", "member_count": "3",
            "activity_starts_on": f"{year}-03-01", "activity_ends_on": f"{year}-11-30", "activity_count": "22",
            "attendance_rate": "97.5", "group_registered_on": f"{year}-03-15",
            "members-0-name": "韩玉林", "members-1-name": "扎西多杰", "members-2-name": "李秀英",
        }
    )  # fmt: skip
    person.choose("[name=members-0-group_role]", "leader")
    person.press_on("button[name=next]", "/edit/topic/")
    person.type({"topic_name": filing.TOPIC, "group_intro": "小组由干燥工序骨干组成，连续三年开展活动。"})
    person.choose("[name=topic_type]", "self_set")
    person.press(page.locator("#steps button[name=stay]"))
    page.locator("[name='steps.select_topic']").wait_for()
    person.look()
    steps = steps_of("self_set")
    person.type({f"steps.{one.code}": f"{one.label}：小组依据现场数据开展，结论经过验证。" for one in steps})
    person.press_on("button[name=next]", "/edit/results/")
    person.type(
        {
            "target_value": "单位能耗由 412 千瓦时/吨降至 360 千瓦时/吨", "actual_value": "355 千瓦时/吨",
            "economic_benefit": "58.6", "activity_cost": "7.2", "benefit_basis": "按节电量乘电价计算，财务部核实。",
            "main_results": "干燥机热风循环控制规程。",
        }
    )  # fmt: skip
    person.press_on("button[name=next]", "/edit/awards/")
    person.press(page.locator("[name=special_awards]").first)
    person.press_on("button[name=next]", "/edit/evidence/")


def brings_evidence(person: Newcomer, folder: Path, *, with_script: bool) -> None:
    page = person.page
    for number, name in enumerate(KINDS):  # distinct bytes: the same file twice is refused
        (folder / name).write_bytes(factories.PDF.replace(b"595 842", b"595 %d" % (842 + number)))
    if with_script:
        person.take_files([folder / name for name in KINDS])
        page.locator("[data-item]").nth(2).wait_for()
        page.locator("[data-queue] li").first.wait_for(state="detached")
    else:
        for number, name in enumerate(KINDS):  # the kind that is missing next is chosen already
            person.take_files([folder / name])
            person.press("#upload button[type=submit]")
            page.locator("[data-item]").nth(number).wait_for()
    person.press_on(page.locator(".form-end .btn--primary"), "/summary/")


def fills_the_report(person: Newcomer) -> None:
    page = person.page
    names = page.locator("main form textarea").evaluate_all("all => all.map(one => one.name)")
    text = "本单位坚持以质量管理小组活动促进现场改进，登记、辅导、发表、激励各环节均有专人负责。" * 5
    person.type(dict.fromkeys(names, text))
    person.press_on("button[name=finish]", "/statistics/")
    person.type(
        {
            "employees": "860", "groups_cumulative": "66", "groups_registered": "14", "groups_active": "13",
            "participants": "118", "results_count": "9", "direct_benefit": "286.5", "cumulative_benefit": "1902.75",
            "filled_by": "马海燕", "responsible_person": "冶成福",
        }
    )  # fmt: skip
    person.press_on("button[name=finish]", "/submit/")


def submits(person: Newcomer, address: str) -> None:
    """A warning is read and confirmed with its reason; then the press."""
    page = person.page
    assert page.url.endswith(f"{address}/submit/")
    assert page.locator("#problems h2").count() == 0, page.inner_text("#problems")
    reason = page.locator("[name=reason-activity_before_registration]")
    assert "早 14 天" in page.locator(".answer", has=reason).inner_text()
    person.type({"reason-activity_before_registration": "小组先开展活动，后在企业办理注册手续。"})
    for box in page.locator(".confirmations input[type=checkbox]").all():
        person.press(box)
    person.press_on(page.get_by_role("button", name="正式提交"), "/receipt/")
    assert re.search(r"QC\d{4}-\d-0001", person.visitor.text())


def prints(person: Newcomer) -> bytes:
    """The paper set from the receipt, made while one reads it; returns the file."""
    link = person.page.get_by_role("link", name="打印整套").first
    url = person.visitor.base + str(link.get_attribute("href"))

    def made() -> bytes | None:
        answer = person.page.context.request.get(url)
        return answer.body() if answer.status == 200 else None

    content = wait_for(made, 90, "the paper set")
    with person.page.context.expect_event("response", lambda answer: answer.url == url) as opened:
        person.press(link)
    assert (opened.value.status, opened.value.headers["content-type"]) == (200, "application/pdf")
    return content
