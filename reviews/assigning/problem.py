"""What a proposal has to answer to: items, judges, who must not, how many, how much. Pure Python."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

Pair = tuple[int, int]  # item, judge

FITS, HALF, STRANGE = 100, 50, 0
# What one item above an even load costs, times how many are above it: the fifth above weighs as much as a judge of
# a strange field. Both are costs of the same sum.
UNEVEN = 20


@dataclass(frozen=True)
class Seat:
    """One judge (or, when filings are dealt to panels, one panel) and how much it may be given."""

    key: int
    fields: frozenset[str] = frozenset()
    is_general: bool = False  # at home in every field, half
    is_senior: bool = False
    at_most: int | None = None  # said by the judge for this round


@dataclass(frozen=True)
class Item:
    """One filing. ``fields``: the fields of expertise that are at home in it; none known: every judge fits half."""

    key: int
    fields: frozenset[str] = frozenset()
    topic_type: str = ""


@dataclass(frozen=True)
class Problem:
    """``forbidden`` pairs are recusals. ``locked`` pairs stay whatever happens; ``kept`` ones stay where they can."""

    items: tuple[Item, ...]
    seats: tuple[Seat, ...]
    per_item: int
    forbidden: frozenset[Pair] = frozenset()
    load_min: int = 0
    load_max: int | None = None
    senior_each: bool = True
    kept: frozenset[Pair] = frozenset()
    locked: frozenset[Pair] = frozenset()
    extra_cost: dict[Pair, int] = field(default_factory=dict)

    @property
    def wanted(self) -> int:
        return self.per_item * len(self.items)

    @cached_property
    def tops(self) -> dict[int, int]:
        """The most each judge may be given. What is locked is never taken away."""
        ceiling = len(self.items) if self.load_max is None else self.load_max
        held = _counted(self.locked)
        return {
            seat.key: max(min(ceiling, len(self.items) if seat.at_most is None else seat.at_most), held[seat.key])
            for seat in self.seats
        }

    @cached_property
    def floors(self) -> dict[int, int]:
        return {key: min(self.load_min, top) for key, top in self.tops.items()}

    @cached_property
    def even(self) -> dict[int, int]:
        """An even load, whole: what each could have if all had the same and nobody more than they may."""
        return even_loads(self.tops, self.wanted)

    @cached_property
    def pairs(self) -> list[Pair]:
        """Every pair that may be, in a fixed order."""
        return [
            (item.key, seat.key)
            for item in self.items
            for seat in self.seats
            if (item.key, seat.key) not in self.forbidden or (item.key, seat.key) in self.locked
        ]

    @cached_property
    def seniors(self) -> frozenset[int]:
        return frozenset(seat.key for seat in self.seats if seat.is_senior)

    @cached_property
    def fit(self) -> dict[Pair, int]:
        items = {item.key: item for item in self.items}
        seats = {seat.key: seat for seat in self.seats}
        known: dict[tuple[frozenset[str], int], int] = {}
        found = {}
        for item, seat in self.pairs:
            case = (items[item].fields, seat)
            if case not in known:
                known[case] = fit(items[item], seats[seat])
            found[item, seat] = known[case]
        return found

    def cost(self, pair: Pair) -> int:
        return FITS - self.fit[pair] + self.extra_cost.get(pair, 0)

    def total_cost(self, chosen: Iterable[Pair]) -> int:
        """What the solver makes least: strangeness of field, and the square of what is above an even load."""
        chosen = list(chosen)
        loads = _counted(chosen)
        above = (max(0, loads[seat.key] - self.even[seat.key]) for seat in self.seats)
        return sum(self.cost(pair) for pair in chosen) + sum(UNEVEN * n * (n + 1) // 2 for n in above)


class Infeasible(Exception):
    """No assignment keeps every rule. reviews.assigning.relaxing says which to relax."""


def fit(item: Item, seat: Seat) -> int:
    if item.fields & seat.fields:
        return FITS
    return HALF if seat.is_general or not item.fields else STRANGE


def even_loads(tops: dict[int, int], wanted: int) -> dict[int, int]:
    """Water filled to one level into vessels of different height; the level rounded down."""
    if not tops:
        return {}
    low, high = 0, max(tops.values())
    while low < high:
        level = (low + high + 1) // 2
        if sum(min(top, level) for top in tops.values()) <= wanted:
            low = level
        else:
            high = level - 1
    return {key: min(top, low) for key, top in tops.items()}


def _counted(pairs: Iterable[Pair]) -> dict[int, int]:
    loads: dict[int, int] = defaultdict(int)
    for _item, seat in pairs:
        loads[seat] += 1
    return loads


def loads_of(problem: Problem, chosen: Iterable[Pair]) -> dict[int, int]:
    counted = _counted(chosen)
    return {seat.key: counted[seat.key] for seat in problem.seats}


def judges_of(chosen: Iterable[Pair]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for item, seat in sorted(chosen):
        found[item].append(seat)
    return found
