"""What the scenes of the guides stand on: people and filings put into the running demo portal's own database.

Every scene has an enterprise of its own, so that one that fails, or runs at the same time, spoils no other.
"""

import random
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from applications import confirmations
from applications.actions import submission
from applications.models import Application, Enterprise, Membership, Round
from qcportal import clock
from qcportal.models import User
from tests import factories

UNITS = (
    "青海澄湖锂业有限公司", "海东河谷食品有限公司", "青海天路机电设备有限公司", "西宁晨光玻璃有限公司",
    "青海雪山饮品有限公司", "格尔木昆仑镁业有限公司", "青海青稞坊食品有限公司", "海西瀚海光伏有限公司",
)  # fmt: skip
Scene = Callable[["Stage"], None]


class Stage:
    """One scene: its windows, its folder, its people."""

    serial = 0

    def __init__(self, visit: Callable[..., Any], scratch: Path) -> None:
        self.visit = visit
        self.scratch = scratch

    def owner(self) -> User:
        """The owner of an enterprise that exists for this scene only."""
        Stage.serial += 1
        number = Stage.serial
        unit = UNITS[number % len(UNITS)]
        person = factories.user(username=f"guide-{clock.now():%H%M%S%f}-{number}", name="马海燕")
        code = factories.credit_code(random.randrange(1_000_000, 10_000_000))  # beside those of other runs
        unit_row = factories.enterprise(credit_code=code, name=unit)
        Membership.objects.create(enterprise=unit_row, user=person, role="owner", created_at=clock.now())
        return person

    def draft(self, owner: User | None = None, round_: Round | None = None, **fields: Any) -> Application:
        return factories.complete_draft(owner or self.owner(), round_ or open_round(), **fields)

    def submitted(self, owner: User, **fields: Any) -> Application:
        return submit(self.draft(owner, **fields), owner)

    def window(self, person: User | None, address: str = "", *, phone: bool = False) -> Any:
        visitor = self.visit(phone=phone)
        visitor.enter(person)
        if address:
            visitor.go(address)
        return visitor


def open_round() -> Round:
    now = clock.now()
    return Round.objects.filter(opens_at__lte=now, closes_at__gt=now).order_by("closes_at")[0]


def closed_round() -> Round:
    """The latest that is over, of the year of the open one if there is one."""
    return Round.objects.filter(closes_at__lte=clock.now()).order_by("-programme__year", "-closes_at")[0]


def submit(application: Application, owner: User) -> Application:
    given = {text.kind: text.version for text in confirmations.statements(clock.now())}
    submission.submit(application, actor=owner, confirmations=given, arrived_at=clock.now())
    return Application.objects.get(pk=application.pk)


def enterprise_of(owner: User) -> Enterprise:
    return factories.enterprise_of(owner)


def section(application: Application, code: str) -> str:
    return f"/applications/{application.uuid}/edit/{code}/"


def page_of(application: Application, rest: str = "") -> str:
    return f"/applications/{application.uuid}/{rest}"


def line(page: Page, text: str) -> Locator:
    return page.locator(".upload-row", has_text=text).first


def say(text: str) -> None:
    """At once, so that whoever waits sees how far it is."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def play(scenes: tuple[Scene, ...], visit: Callable[..., Any], scratch: Path, chosen: str = "") -> list[str]:
    """Plays one scene after the other; what fails is told at the end, and the others have their pictures."""
    failed = []
    for scene in scenes:
        began = time.monotonic()
        if chosen and chosen not in scene.__name__:
            continue
        stage = Stage(visit, scratch)
        windows: list[Any] = []
        stage.visit = lambda phone=False, kept=windows: _kept(kept, visit(phone=phone))
        try:
            scene(stage)
        except Exception:
            failed.append(f"{scene.__name__}: {traceback.format_exc(limit=2)}")
            say(failed[-1])
        say(f"{scene.__name__} {time.monotonic() - began:.1f} s")
        for window in windows:
            window.page.context.close()
    return failed


def _kept(windows: list[Any], window: Any) -> Any:
    windows.append(window)
    return window
