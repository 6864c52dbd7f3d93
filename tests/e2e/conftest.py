"""A real browser against a live server with real Redis and a real worker, on PostgreSQL."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("playwright")
from django.contrib.auth.models import Group
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from qcportal.models import User
from qcportal.roles import Role
from tests import factories
from tests.e2e.picturing import Camera

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# Pictures of what the journeys saw, for people to look at: set to a folder to keep them.
PICTURES = os.environ.get("QCPORTAL_TEST_PICTURES", "")
# The folder of the guides' pictures: script/pictures sets it, and the season takes those of the staff guide.
GUIDE = os.environ.get("QCPORTAL_TEST_GUIDE", "")


@pytest.fixture(scope="session")
def browser():
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    # Playwright keeps an event loop in this thread; the tests ask the database beside it, never from inside.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM)
        yield running
        running.close()


@pytest.fixture(autouse=True)
def _roles(transactional_db):
    """Emptying the database after the test before took the roles of the migrations with it."""
    for role in Role:
        Group.objects.get_or_create(name=role.value)


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

    def enter(self, person: User | None) -> None:
        """Logged in as ``person`` (None: logged out) without the form."""
        self.page.context.clear_cookies()
        if person is not None:
            client = Client()
            client.force_login(person)
            cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": self.base}
            self.page.context.add_cookies([cookie])

    def picture(self, name: str) -> None:
        if PICTURES:
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)

    def shot(self, name: str, height: int, *frames: Locator, top: Locator | None = None) -> None:
        """A picture of a guide, framed in red where to press; nothing unless this run takes them."""
        if GUIDE:
            Camera(Path(GUIDE)).shot(self.page, name, height, frames, top)

    def text(self) -> str:
        return self.page.inner_text("body")


@pytest.fixture
def visit(browser: Browser, live_server) -> Callable[..., Visitor]:
    """visit() opens a window of 1280 px, visit(phone=True) one of 390; all are checked for errors at the end."""
    visitors = []

    def open_window(*, phone: bool = False, **settings: bool) -> Visitor:
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        context = browser.new_context(viewport=size, locale="zh-CN", has_touch=phone, accept_downloads=True, **settings)
        context.set_default_timeout(15_000)
        visitor = Visitor(context.new_page(), live_server.url)
        visitors.append(visitor)
        return visitor

    yield open_window
    failures = [failure for visitor in visitors for failure in visitor.failures]
    for visitor in visitors:
        visitor.page.context.close()
    assert failures == []
