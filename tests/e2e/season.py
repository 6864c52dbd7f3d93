"""The season of a secretary in the browser: each step is what a person does, and counts the presses it takes."""

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

QUEUE = "/admin/applications/application/"
NUMBER = re.compile(r"QC\d{4}-\d-\d{4}")


@dataclass
class Clerk:
    """A secretary at one window. ``presses``: for every kind of work, how many presses each piece took."""

    visitor: Any
    presses: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _count: int = 0
    _shots: set[str] = field(default_factory=set)

    @property
    def page(self) -> Any:
        return self.visitor.page

    def press(self, name: str | re.Pattern[str], *, role: str = "button", within: Any = None) -> None:
        """A press that leads to a page, which is there when this returns."""
        self._count += 1
        with self.page.expect_navigation():
            (within or self.page).get_by_role(role, name=name).first.click()

    def choose(self, locator: Any) -> None:
        """A press that leads nowhere: a tick, a choice."""
        self._count += 1
        locator.click()

    def choose_twice(self, locator: Any) -> None:
        """Pressed twice in haste: one press of work."""
        self._count += 1
        locator.dblclick()

    def go(self, address: str) -> None:
        self.visitor.go(address)

    def shot(self, name: str, height: int, *frames: Any, **more: Any) -> None:
        """A picture of the staff guide, when this run takes them: of the first piece of its kind."""
        if name not in self._shots:
            self._shots.add(name)
            self.visitor.shot(name, height, *frames, **more)

    @contextmanager
    def piece(self, work: str) -> Iterator[None]:
        self._count = 0
        yield
        self.presses[work].append(self._count)

    def number(self) -> str:
        """The file number of the check page that is open."""
        found = NUMBER.search(self.page.locator(".staff-crumbs, .breadcrumbs").first.inner_text())
        assert found, self.page.url
        return found.group()

    def table(self) -> list[tuple[str, int, float]]:
        """What the guide says of the work: kind, pieces, presses a piece."""
        return [(work, len(counts), sum(counts) / len(counts)) for work, counts in self.presses.items()]


def open_first(clerk: Clerk) -> None:
    clerk.go(QUEUE)
    clerk.shot("secretariat-queue", 900, clerk.page.get_by_role("button", name="下一件并开始审查"))
    clerk.press("下一件并开始审查")


def accept(clerk: Clerk) -> str:
    """The check that is open is decided as 参评, and the next filing opens. Returns the file number."""
    number = clerk.number()
    with clerk.piece("审查一件，参评"):
        _started(clerk)
        clerk.press("其余各项符合，参评")
        clerk.press("发出并打开下一件")
    return number


def give_back(clerk: Clerk, place: str, words: str) -> str:
    number = clerk.number()
    with clerk.piece("审查一件，退回补正"):
        _started(clerk)
        clerk.page.locator(".remark-row select").first.select_option(place)
        clerk.page.locator(".remark-row textarea").first.fill(words)
        clerk.choose(clerk.page.locator(".outcome", has_text=re.compile("^完善后参评$")))
        clerk.shot("secretariat-check-return", 1300, clerk.page.locator("#remarks"), clerk.page.locator(".outcomes"))
        clerk.press(re.compile("^预览"), within=clerk.page.locator(".check-bar"))
        clerk.shot("secretariat-letter", 900, clerk.page.get_by_role("button", name="发出并打开下一件"))
        clerk.press("发出并打开下一件")
    return number


def decide(clerk: Clerk, outcome: str, reason: str) -> str:
    number = clerk.number()
    with clerk.piece(f"审查一件，{outcome}"):
        _started(clerk)
        clerk.choose(clerk.page.locator(".outcome", has_text=re.compile(f"^{outcome}$")))
        clerk.page.locator("#decision textarea").fill(reason)
        clerk.press(re.compile("^预览"), within=clerk.page.locator(".check-bar"))
        clerk.press("发出并打开下一件")
    return number


def _started(clerk: Clerk) -> None:
    if clerk.page.locator("#decide").count() == 0:
        clerk.shot("secretariat-check-start", 900, clerk.page.get_by_role("button", name="开始审查").first)
        clerk.press("开始审查")


def verify(clerk: Clerk) -> int:
    """Every enterprise that waits has its licence compared. Returns how many."""
    count = 0
    clerk.go(reverse("admin:verification"))
    while clerk.page.get_by_role("link", name=re.compile("^核验")).count():
        with clerk.piece("核验一家单位"):
            clerk.press(re.compile("^核验"), role="link")
            for box in clerk.page.locator(".verify__side form input[type=checkbox]").all():
                clerk.choose(box)
            clerk.shot("secretariat-verify", 900, clerk.page.locator(".verify__side form").first)
            clerk.press("核验", within=clerk.page.locator(".verify__side form").first)
        count += 1
        clerk.go(reverse("admin:verification"))
    return count


def accept_all(clerk: Clerk, query: str) -> None:
    """批量参评 of the filtered set, from the preview to the result."""
    clerk.go(f"{QUEUE}?{query}")
    with clerk.piece("批量参评一批"):
        clerk.choose(clerk.page.locator("summary", has_text="批量办理"))
        clerk.press(re.compile("参评"), within=clerk.page.locator(".queue-bulk"))
        clerk.choose(clerk.page.locator("input[name=declared]"))
        clerk.shot("secretariat-bulk", 900, clerk.page.get_by_role("button", name=re.compile(r"^办理 \d+ 件$")))
        clerk.press(re.compile(r"^办理 \d+ 件$"))


def receive(clerk: Clerk, codes: list[str]) -> None:
    """A scanner types each code and Enter; nothing is pressed in between."""
    clerk.go(reverse("admin:paper_series"))
    clerk.page.locator("#id_shelf").fill("A-1")
    for code in codes:
        with clerk.piece("签收一件纸质材料（扫码枪）"):
            clerk.page.locator("#id_q").fill(code)
            clerk.page.locator("#id_q").press("Enter")
            clerk.page.wait_for_function(
                "code => document.querySelector('#id_q').value === '' && document.querySelector('[data-result]')",
                arg=code,
            )
    clerk.shot("secretariat-series", 900, clerk.page.locator("#id_q"))
