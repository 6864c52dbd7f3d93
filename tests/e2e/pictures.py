"""Makes the pictures of the guides: walks through a running demo portal as each kind of person and photographs it.

Called by script/pictures with the portal's address and the folder for the pictures. The address must be a freshly
loaded demo portal: the walk registers an enterprise, files, returns, accepts and scores.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qcportal.settings")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps a loop; the database is asked beside it
django.setup()

from playwright.sync_api import Browser, Locator, Page, sync_playwright  # noqa: E402 -- models need the set-up first

from qcportal import clock  # noqa: E402
from qcportal.models import OutboxMessage  # noqa: E402
from tests.e2e import (  # noqa: E402
    filing,
    pictures_errors,
    pictures_files,
    pictures_help,
    pictures_office,
    pictures_staff,
    scenes,
)
from tests.e2e.conftest import CHROMIUM, Visitor  # noqa: E402
from tests.e2e.picturing import Camera, page_of_pdf  # noqa: E402

SCENES = {
    "errors": pictures_errors.SCENES,
    "files": pictures_files.SCENES,
    "help": pictures_help.SCENES,
    "office": pictures_office.SCENES,
}

# What filing.py calls its pictures, and how the enterprise guide shows them: name, height, what to frame in red.
OF_FILING: dict[str, tuple[str, int, str]] = {
    "signup": ("enterprise-signup", 1010, "[name=credit_code]"),
    "statistics": ("enterprise-statistics", 1010, "[name=direct_benefit]"),
    "group": ("enterprise-group", 1010, "[name=group_name]"),
    "evidence": ("enterprise-evidence", 1080, "#upload [data-choose]"),
    "receipt": ("enterprise-receipt", 1060, "a.btn:has-text('盖章与纸质件')"),
}


class Guide(Visitor):
    """A visitor whose pictures go into the guides."""

    def __init__(self, page: Page, base: str, camera: Camera) -> None:
        super().__init__(page, base)
        self.camera = camera

    def picture(self, name: str) -> None:
        if name in OF_FILING:
            file_name, height, frame = OF_FILING[name]
            self.shot(file_name, height, self.page.locator(frame).first)

    def shot(self, name: str, height: int, *frames: Locator, top: Locator | None = None) -> None:
        self.camera.shot(self.page, name, height, frames, top)

    def pieces(self, name: str, *parts: Locator, frames: Iterable[Locator] = (), height: int = 900) -> None:
        self.camera.pieces(self.page, name, *parts, frames=frames, height=height)

    def give(self, path: str, body: str) -> None:
        """From now on this window gets ``body`` for ``path``."""
        self.page.unroute_all()
        self.page.route(f"**{path}", lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8"))

    def press(self, name: str, role: str = "button") -> None:
        self.page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]
        self.page.wait_for_load_state()


def main(base: str, folder: Path, part: str, scene: str = "") -> None:
    """``part``: journey, or one of SCENES (with ``scene``, only scenes whose name contains it)."""
    camera = Camera(folder)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as scratch:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)

        def visit(*, phone: bool = False) -> Guide:
            return open_window(browser, base, camera, phone=phone)

        if part == "journey":
            problems = journey(visit, Path(scratch), folder)
        else:
            problems = scenes.play(SCENES[part], visit, Path(scratch), scene)
        browser.close()
    problems += [failure for each in camera.visitors for failure in each.failures]  # type: ignore[attr-defined]
    if problems:
        sys.exit("\n".join(problems))


def journey(visit: Callable[..., "Guide"], scratch: Path, folder: Path) -> list[str]:
    """From the registration to the running order. Returns what failed; what stands on it is not tried."""
    failed: list[str] = []

    def step(what: Callable[..., Any], *given: Any) -> Any:
        began = time.monotonic()
        try:
            return what(*given)
        except Exception:
            failed.append(f"{what.__name__}: {traceback.format_exc(limit=3)}")
            scenes.say(failed[-1])
        finally:
            scenes.say(f"{what.__name__} {time.monotonic() - began:.1f} s")

    let_the_demo_wait()
    step(home, visit())
    enterprise, secretary = visit(), visit()
    address, year = enterprise_files(enterprise, scratch)
    number = submit(enterprise, address)
    step(recommender, visit(), folder)
    pictures_staff.check(secretary, number)
    corrected(enterprise, address, year)
    pictures_staff.accept(secretary, number)
    for part in pictures_staff.PARTS:
        step(part, secretary, number)
    step(pictures_staff.judge, secretary, visit)
    step(pictures_staff.event, secretary, visit)
    step(printed, enterprise, address, scratch, folder)
    return failed


def let_the_demo_wait() -> None:
    """The demo data's own documents are made after the pictures: nobody looks at them."""
    waiting = OutboxMessage.objects.filter(state="pending", queue="documents")
    waiting.update(available_at=clock.now() + timedelta(hours=1))


def open_window(browser: Browser, base: str, camera: Camera, *, phone: bool) -> Guide:
    size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
    context = browser.new_context(viewport=size, locale="zh-CN", has_touch=phone, bypass_csp=True)  # type: ignore[arg-type]
    context.set_default_timeout(30_000)
    guide = Guide(context.new_page(), base, camera)
    camera.visitors.append(guide)
    return guide


def home(visitor: Guide) -> None:
    visitor.go("/")
    visitor.camera.shot(visitor.page, "home", 1000, (), None, banner=True)
    visitor.shot("enterprise-home", 760, visitor.page.get_by_role("link", name="单位注册").first)
    visitor.go("/accounts/login/")
    visitor.shot("login", 760, visitor.page.locator("main button[type=submit]"))
    visitor.go("/accounts/password/reset/")
    visitor.shot("enterprise-password", 640, visitor.page.locator("main button[type=submit]"))


def enterprise_files(visitor: Guide, scratch: Path) -> tuple[str, int]:
    """From the registration to a complete draft: its address and the programme's year."""
    page = visitor.page
    filing.sign_up(visitor)
    filing.complete_profile(visitor)
    visitor.go("/applications/enterprise/")
    visitor.shot("enterprise-profile", 1010, page.get_by_role("link", name="填写验证码"))
    visitor.go("/applications/")
    visitor.shot("enterprise-workspace-empty", 820, page.get_by_role("link", name="新建申报").first)
    year = int(re.search(r"/reports/(\d{4})/", page.content())[1])  # type: ignore[index]
    visitor.go(f"/applications/reports/{year}/")
    visitor.shot("enterprise-reports", 720, page.get_by_role("link", name="开始填写").first)
    filing.fill_reports(visitor, year)
    visitor.go(f"/applications/reports/{year}/summary/")
    visitor.shot("enterprise-summary", 1010, page.locator("[name=document]"))
    visitor.go("/applications/new/")
    page.fill("[name=group_name]", filing.GROUP)
    page.locator("[name=topic_type][value=self_set]").check()
    visitor.shot("enterprise-new", 860, page.get_by_role("button", name="建立草稿，开始填写"))
    address = filing.new_application(visitor)
    filing.fill_sections(visitor, address, year - 1)
    for section, height, frame in (
        ("contact", 1360, ".form-end button.btn--primary"),
        ("topic", 1010, "[name=topic_name]"),
        ("results", 1010, "[name=economic_benefit]"),
        ("awards", 920, ".form-end button.btn--primary"),
    ):
        visitor.go(f"{address}/edit/{section}/")
        visitor.shot(f"enterprise-{section}", height, page.locator(frame))
    filing.upload_evidence(visitor, address, scratch)
    visitor.go(address + "/")
    visitor.shot("enterprise-overview", 1010, page.get_by_role("link", name="核对并提交").first)
    people(visitor)
    return address, year


def recommender(visitor: Guide, folder: Path) -> None:
    """What waits for a recommending unit, its form, and the page that comes of it."""
    page = visitor.page
    visitor.log_in("demo-recommender")
    page.wait_for_url("**/applications/recommend/")
    visitor.shot("recommender-list", 620, page.locator("td.actions a").first)
    page.locator("tr", has_text="已提交").locator("td.actions a").first.click()
    page.wait_for_load_state()
    visitor.shot("recommender-detail", 900, page.get_by_role("link", name="出具意见"))
    page.locator("[name=decision][value=recommend]").check()
    page.locator("[name=sentence]").select_option(index=1)
    page.locator("[name=confirmed]").check()
    button = page.get_by_role("button", name="签署并出具")
    visitor.shot("recommender-sign", 860, button, top=page.locator("#sign"))
    button.click()
    page.wait_for_load_state()
    link = page.get_by_role("link", name="推荐意见页 PDF").get_attribute("href")
    content = visitor.camera.download(page, f"{visitor.base}{link}")
    with tempfile.NamedTemporaryFile(suffix=".pdf") as made:
        made.write(content)
        made.flush()
        page_of_pdf(Path(made.name), 1, folder / "recommender-page.png")


def people(visitor: Guide) -> None:
    page = visitor.page
    visitor.go("/applications/enterprise/")
    page.get_by_role("link", name="单位成员").first.click()
    page.fill("[name=name]", "李文静")
    page.fill("[name=email]", "li@yanze.example")
    visitor.shot("enterprise-people", 1170, page.get_by_role("button", name="发送邀请"))


def submit(visitor: Guide, address: str) -> str:
    visitor.go(f"{address}/submit/")
    for box in visitor.page.locator(".confirmations input[type=checkbox]").all():
        box.check()
    visitor.shot("enterprise-submit", 1400, visitor.page.get_by_role("button", name="正式提交"))
    number = filing.submit(visitor, address)
    visitor.go("/applications/")
    visitor.shot("enterprise-workspace", 1080, visitor.page.get_by_role("link", name="打印、盖章与上传").first)
    return number


def printed(visitor: Guide, address: str, scratch: Path, folder: Path) -> None:
    """Cover and attachment 1 of the packet, as they leave the printer."""
    path = scratch / "packet.pdf"
    path.write_bytes(visitor.camera.download(visitor.page, f"{visitor.base}{address}/packet.pdf"))
    text = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout
    pages = [re.sub(r"\s", "", page) for page in text.split("\f")]
    annex = next(n for n, page in enumerate(pages, 1) if n > 1 and "申报表" in page and "小组名称" in page)
    for name, number in (("packet-cover", 1), ("packet-annex1", annex)):
        page_of_pdf(path, number, folder / f"{name}.png")


def corrected(visitor: Guide, address: str, year: int) -> None:
    """What a return looks like, and the correction."""
    page = visitor.page
    visitor.go("/applications/")
    visitor.shot("enterprise-returned-workspace", 700, page.locator(".next-step a.btn").first)
    visitor.go(address + "/")
    visitor.shot("enterprise-returned", 900, page.get_by_role("link", name="去修改").first)
    page.get_by_role("link", name="去修改").first.click()
    page.wait_for_load_state()
    page.fill("[name=benefit_basis]", "按节电量乘电价计算：年节电 137 万千瓦时，每千瓦时 0.43 元，财务部核实盖章。")
    visitor.shot("enterprise-correction", 1240, page.locator("[name=benefit_basis]"))
    page.locator(".form-end button.btn--primary").click()
    page.wait_for_load_state()
    visitor.go(f"{address}/withdraw/")
    visitor.shot("enterprise-withdraw", 880, page.locator(".form-end button.btn--danger"))
    filing.submit(visitor, address)


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), Path(sys.argv[2]), *sys.argv[3:])
