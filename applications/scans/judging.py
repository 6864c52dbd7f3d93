"""Which page of a scan belongs where, and what is wrong with it. Pure: knows no database and no pictures.

A mismatch is a warning to both sides and never a refusal; what cannot be read is for a person to look at.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Result = Literal["match", "unreadable", "stale", "other", "foreign", "unknown"]
LOOK = "请人工核对"


class Known(NamedTuple):
    """What the portal knows of a code that is not current; ``successor`` is the current code in its place."""

    belongs: Literal["stale", "foreign", "unknown"]
    label: str = ""
    successor: str = ""


class Expected(NamedTuple):
    code: str
    label: str
    pages: int


class Seen(NamedTuple):
    """``code`` empty: nothing read; ``strange``: a QR code that is not of this portal."""

    number: int
    code: str = ""
    page: int = 0
    total: int = 0
    strange: bool = False


@dataclass
class Page:
    number: int
    result: Result
    code: str = ""
    part: str = ""  # code of the current part that it counts for
    part_page: int | None = None
    note: str = ""
    successor: str = ""  # of a page of an old version: code of the part that replaced it


@dataclass
class Verdict:
    """Of one part: how many pages of the scan are its own, and what a person should know."""

    code: str
    pages: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def is_consistent(self) -> bool:
        return not self.problems


def judge(
    seen: Sequence[Seen], expected: Sequence[Expected], known: dict[str, Known], *, only: str = ""
) -> tuple[list[Page], list[Verdict]]:
    """``expected``: the current parts of the set; ``only``: the code of the single part that was uploaded."""
    parts = {part.code: part for part in expected}
    pages = [_page(one, parts, known, only) for one in seen]
    _place_unreadable(pages, parts, only)
    touched = {page.part or page.successor for page in pages}
    wanted = [only] if only else [part.code for part in expected if part.code in touched]
    return pages, [_verdict(parts[code], pages, seen, whole=not only) for code in wanted]


def _page(one: Seen, parts: dict[str, Expected], known: dict[str, Known], only: str) -> Page:
    if not one.code:
        note = "这一页的二维码不是本系统的" if one.strange else "没有读到二维码"
        return Page(one.number, "unknown" if one.strange else "unreadable", note=f"{note}，{LOOK}")
    page = Page(one.number, "match", one.code, part_page=one.page or None)
    if one.code in parts and only and one.code != only:
        page.result, page.note = "other", f"这一页是{parts[one.code].label}"
    elif one.code in parts:
        page.part = one.code
    else:
        _not_current(page, known.get(one.code, Known("unknown")))
    return page


def _not_current(page: Page, found: Known) -> None:
    if found.belongs == "stale":
        page.result, page.note = "stale", f"这一页是{found.label}，不是现在的版本"
        page.successor = found.successor
    elif found.belongs == "foreign":
        page.result, page.note = "foreign", "这一页属于其他单位"
    else:
        page.result, page.note = "unknown", f"系统中没有这个校验码，{LOOK}"


def _place_unreadable(pages: list[Page], parts: dict[str, Expected], only: str) -> None:
    """A page without code counts for the part that its neighbours belong to, where that leaves room for it."""
    for index, page in enumerate(pages):
        if page.result not in ("unreadable", "unknown") or page.code:
            continue
        before = pages[index - 1] if index else None
        if before and before.part and before.part_page and before.part_page < parts[before.part].pages:
            page.part, page.part_page = before.part, before.part_page + 1
        elif only:
            page.part = only
    for index in range(len(pages) - 2, -1, -1):
        page, after = pages[index], pages[index + 1]
        if page.result == "unreadable" and not page.part and after.part and (after.part_page or 0) > 1:
            page.part, page.part_page = after.part, (after.part_page or 0) - 1


def _verdict(part: Expected, pages: list[Page], seen: Sequence[Seen], *, whole: bool) -> Verdict:
    own = [page for page in pages if page.part == part.code]
    verdict = Verdict(part.code, len(own))
    read = Counter(page.part_page for page in own if page.result == "match" and page.part_page)
    placed = {page.part_page for page in own if page.part_page}
    missing = [number for number in range(1, part.pages + 1) if number not in placed]
    unplaced = sum(page.part_page is None for page in own)
    say = verdict.problems.append
    if len(own) != part.pages:
        say(f"应为 {part.pages} 页，扫描件中有 {len(own)} 页")
    if missing and unplaced < len(missing):
        say(f"缺第 {_numbers(missing)} 页")
    if twice := sorted(number for number, count in read.items() if count > 1):
        say(f"第 {_numbers(twice)} 页重复")
    totals = {one.total for one in seen if one.code == part.code and one.total}
    if totals - {part.pages}:
        say(f"打印件写明共 {'、'.join(map(str, sorted(totals)))} 页，与现在的 {part.pages} 页不同，{LOOK}")
    if unread := [page.number for page in own if page.result != "match"]:
        say(f"扫描件第 {_numbers(unread)} 页没有读到二维码，{LOOK}")
    _say_foreign([page for page in pages if not whole or page.successor == part.code], say)
    return verdict


def _say_foreign(pages: list[Page], say: Callable[[str], None]) -> None:
    """Pages of an upload for one part that are not its own."""
    words = {"stale": "属于旧版本", "other": "属于本单位其他材料", "foreign": "属于其他单位"}
    for result, text in words.items():
        numbers = [page.number for page in pages if page.result == result]
        if numbers:
            say(f"扫描件第 {_numbers(numbers)} 页{text}")
    if numbers := [page.number for page in pages if page.result == "unknown" and page.code]:
        say(f"扫描件第 {_numbers(numbers)} 页的校验码系统中没有，{LOOK}")


def _numbers(numbers: Sequence[int]) -> str:
    """3、5–7"""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return "、".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
