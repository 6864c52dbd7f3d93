"""What any app adds to the secretariat's desk: counts that wait, and dates ahead. The desk imports none of them.

A source is a function of the present moment, registered once when the app's admin is loaded. It asks the database a
fixed number of times, whatever the number of rows.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple


class Card(NamedTuple):
    """A number and the address of the list that shows exactly the rows counted."""

    title: str
    number: int
    icon: str
    url: str
    note: str
    kind: str = "todo"  # todo waits for the secretariat, late is overdue or broken, calm waits for somebody else

    @property
    def colour(self) -> str:
        if not self.number or self.kind == "calm":
            return "calm"
        return "red" if self.kind == "late" else "amber"


class Coming(NamedTuple):
    """A date ahead. ``at`` is half-open for a deadline (24:00 is the next day 00:00), a starting moment otherwise."""

    at: datetime
    title: str
    kind: str  # one or two words: 截止, 活动, 评审
    url: str = ""
    note: str = ""
    is_deadline: bool = True


CardSource = Callable[[datetime], Iterable[Card]]
ComingSource = Callable[[datetime], Iterable[Coming]]

_card_sources: list[CardSource] = []
_coming_sources: list[ComingSource] = []


def add_cards(source: CardSource) -> CardSource:
    """Usable as a decorator."""
    _card_sources.append(source)
    return source


def add_coming(source: ComingSource) -> ComingSource:
    """Usable as a decorator."""
    _coming_sources.append(source)
    return source


def cards(now: datetime) -> list[Card]:
    return [card for source in _card_sources for card in source(now)]


def coming(now: datetime) -> list[Coming]:
    """Everything that lies ahead of ``now``, the nearest first."""
    found = [one for source in _coming_sources for one in source(now) if one.at > now]
    return sorted(found, key=lambda one: (one.at, one.title))
