"""What a reader found, before it is turned into entries. Pure Python."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from applications.imports.cells import RAW_AT_MOST, ReadCell

RUNNING = "正文"
LEFT_AT_MOST = 100  # lines of the review page for texts without a place; the rest stands together in the last ones


@dataclass(frozen=True)
class Found:
    """The raw text of one field, where it stood, the unit that its label named; ``exact`` from a content control."""

    text: str
    place: str
    unit: str = ""
    exact: bool = False


@dataclass(frozen=True)
class Unplaced:
    """Text that no field takes. ``reason`` is for the person who looks at it."""

    place: str
    text: str
    reason: str = "没有对应的项目"


@dataclass
class FormFound:
    """``fields`` may hold several findings of one key, in the order of the document."""

    fields: dict[str, list[Found]] = field(default_factory=dict)
    members: list[dict[str, str]] = field(default_factory=list)
    members_place: str = ""
    unplaced: list[Unplaced] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ticks: dict[str, bool] = field(default_factory=dict)  # special awards by code

    def add(self, key: str, found: Found) -> None:
        self.fields.setdefault(key, []).append(found)

    def first(self, key: str) -> str:
        return next((one.text for one in self.fields.get(key, ()) if one.text), "")


def left_cells(unplaced: Iterable[Unplaced], problem: str) -> list[ReadCell]:
    """What no field takes, whole: long texts in several pieces, many texts gathered."""
    every = list(_gathered(unplaced))
    shown, rest = every[:LEFT_AT_MOST], every[LEFT_AT_MOST:]
    if rest:
        shown.append(Unplaced("文件其余部分", "\n".join(one.text for one in rest), "其余没有对应项目的文字"))
    pieces = [(one, piece) for one in shown for piece in _pieces(one.text)]
    return [
        ReadCell(f"unknown.{number}", one.reason, one.place, piece, problem=problem)
        for number, (one, piece) in enumerate(pieces, 1)
    ]


def _gathered(unplaced: Iterable[Unplaced]) -> Iterator[Unplaced]:
    """Paragraphs that follow each other are one text."""
    for (place, reason), group in groupby(unplaced, key=lambda one: (one.place, one.reason)):
        if place == RUNNING:
            yield Unplaced(place, "\n".join(one.text for one in group), reason)
        else:
            yield from group


def _pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), RAW_AT_MOST):
        yield text[start : start + RAW_AT_MOST]
