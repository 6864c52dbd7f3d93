"""A real browser against a live server with real Redis and a real worker, on PostgreSQL."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import Browser, Page, sync_playwright

from tests import factories

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# Pictures of what the journeys saw, for people to look at: set to a folder to keep them.
PICTURES = os.environ.get("QCPORTAL_TEST_PICTURES", "")


@pytest.fixture(scope="session")
def browser():
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM)
        yield running
        running.close()


class Visitor:
    """One person at one browser window."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.failures: list[str] = []
        page.on("pageerror", lambda error: self.failures.append(f"script error on {page.url}: {error}"))
        page.on("response", self._note_server_error)
        page.on("dialog", lambda dialog: dialog.accept())  # "are you sure?" of data-confirm

    def _note_server_error(self, response) -> None:
        if response.status >= 500:
            self.failures.append(f"{response.status} for {response.url}")

    def go(self, path: str) -> None:
        self.page.goto(self.base + path)

    def log_in(self, username: str) -> None:
        self.go("/accounts/login/")
        self.page.fill("input[name=login]", username)
        self.page.fill("input[name=password]", factories.PASSWORD)
        self.page.click("main button[type=submit]")

    def picture(self, name: str) -> None:
        if PICTURES:
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)

    def text(self) -> str:
        return self.page.inner_text("body")


@pytest.fixture
def visit(browser: Browser, live_server) -> Callable[..., Visitor]:
    """visit() opens a window of 1280 px, visit(phone=True) one of 390; all are checked for errors at the end."""
    visitors = []

    def open_window(*, phone: bool = False) -> Visitor:
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        context = browser.new_context(viewport=size, locale="zh-CN", has_touch=phone, accept_downloads=True)
        context.set_default_timeout(15_000)
        visitor = Visitor(context.new_page(), live_server.url)
        visitors.append(visitor)
        return visitor

    yield open_window
    failures = [failure for visitor in visitors for failure in visitor.failures]
    for visitor in visitors:
        visitor.page.context.close()
    assert failures == []
