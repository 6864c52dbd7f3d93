"""What a reader found, before it is turned into entries. Pure Python."""

from dataclasses import dataclass, field


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
