"""评审组: judges to panels, filings to panels; every judge of a panel scores all of it but what they are recused from.

Both steps are flows of reviews.assigning.network. Pure Python.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from reviews.assigning import network
from reviews.assigning.problem import FITS, UNEVEN, Infeasible, Item, Pair, Problem, Seat, fit

RECUSED_COST = 150  # one judge of the panel steps back: worse than a strange field
NO_SENIOR_COST = 80
THIN_COST = 1000
OVER_LIMIT_COST = 200  # a panel has more filings than this judge named as the most
APART_COST = 30  # a filing leaves those of its field and type


@dataclass(frozen=True)
class Panel:
    seats: tuple[int, ...]
    lead: int | None = None
    items: tuple[int, ...] = ()


@dataclass(frozen=True)
class Thin:
    """A filing whose panel is too thin after recusals (or left without a senior), and who could stand in."""

    item: int
    panel: int
    left: int
    stand_ins: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    panels: tuple[Panel, ...]
    thin: tuple[Thin, ...] = ()

    def pairs(self, problem: Problem) -> set[Pair]:
        """What is to be scored: panel by panel without the recused, and the stand-ins."""
        seated = {
            (item, seat)
            for panel in self.panels
            for item in panel.items
            for seat in panel.seats
            if (item, seat) not in problem.forbidden
        }
        return seated | {(one.item, seat) for one in self.thin for seat in one.stand_ins} | problem.locked


@dataclass
class Table:
    """What panels cost, worked out once for a problem."""

    problem: Problem
    min_valid: int
    items: dict[int, Item] = field(init=False)
    seats: dict[int, Seat] = field(init=False)

    def __post_init__(self) -> None:
        self.items = {item.key: item for item in self.problem.items}
        self.seats = {seat.key: seat for seat in self.problem.seats}

    def may(self, item: int, seats: Sequence[int]) -> list[int]:
        return [seat for seat in seats if (item, seat) not in self.problem.forbidden]

    def strangeness(self, item: int, seats: Sequence[int]) -> float:
        return sum(FITS - fit(self.items[item], self.seats[seat]) for seat in seats) / (len(seats) or 1)

    def price(self, item: int, seats: Sequence[int]) -> float:
        """One filing in a panel of these judges."""
        left = self.may(item, seats)
        price = self.strangeness(item, left) + RECUSED_COST * (len(seats) - len(left))
        if self.problem.senior_each and not any(self.seats[seat].is_senior for seat in left):
            price += NO_SENIOR_COST
        return price + (THIN_COST if len(left) < self.min_valid else 0)

    def seat_price(self, seat: int, items: Sequence[int]) -> float:
        """One judge in the panel of these filings."""
        recused = sum((item, seat) in self.problem.forbidden for item in items)
        strange = sum(FITS - fit(self.items[item], self.seats[seat]) for item in items)
        most = self.seats[seat].at_most
        too_many = OVER_LIMIT_COST if most is not None and most < len(items) else 0
        return (strange + RECUSED_COST * recused) / (len(items) or 1) + too_many


def propose(problem: Problem, *, count: int, min_valid: int, seated: Sequence[Sequence[int]] = ()) -> Plan:
    """``count`` panels of ``problem.per_item`` judges, filings dealt evenly; with ``seated`` the panels are given.

    Refused (Infeasible): too few judges for the panels, too few panels for the bound of loads.
    """
    table = Table(problem, min_valid)
    chunks = _cut(problem.items, len(seated) or count)
    if seated:
        seats = [tuple(one) for one in seated]
        chunks = _nearest(table, seats, chunks)
    else:
        if count * problem.per_item > len(problem.seats) or count < 1:
            raise Infeasible
        seats = _seat(table, chunks)
    dealt = _deal(table, seats, chunks)
    panels = tuple(
        Panel(tuple(sorted(one)), _lead(table, one, dealt[number]), tuple(dealt[number]))
        for number, one in enumerate(seats)
    )
    return with_stand_ins(table, panels)


def _cut(items: Sequence[Item], count: int) -> list[list[int]]:
    """Filings of one field and type stay together; the parts are as even as can be."""
    ordered = sorted(items, key=lambda item: (sorted(item.fields), item.topic_type, item.key))
    edges = [round(len(ordered) * number / count) for number in range(count + 1)]
    return [[item.key for item in ordered[low:high]] for low, high in pairwise(edges)]


def _seat(table: Table, chunks: list[list[int]]) -> list[tuple[int, ...]]:
    """Judges to panels: so many each, nobody in two, a senior in each as long as there are enough."""
    problem = table.problem
    places = Problem(
        items=tuple(Item(number) for number in range(len(chunks))),
        seats=problem.seats,
        per_item=problem.per_item,
        load_max=1,
        senior_each=len(problem.seniors) >= len(chunks),
    )
    costs = {(panel, seat): table.seat_price(seat, chunks[panel]) for panel, seat in places.pairs}
    chosen = network.solve(places, costs=costs, with_load_costs=False)
    return [tuple(sorted(seat for one, seat in chosen if one == panel)) for panel in range(len(chunks))]


def _nearest(table: Table, seats: list[tuple[int, ...]], chunks: list[list[int]]) -> list[list[int]]:
    """Which part of the filings suits which of the given panels."""
    match = Problem(
        items=tuple(Item(number) for number in range(len(chunks))),
        seats=tuple(Seat(number) for number in range(len(seats))),
        per_item=1, load_max=1, senior_each=False,
    )  # fmt: skip
    costs = {
        (chunk, panel): sum(table.price(item, seats[panel]) for item in chunks[chunk]) for chunk, panel in match.pairs
    }
    chosen = {panel: chunk for chunk, panel in network.solve(match, costs=costs, with_load_costs=False)}
    return [chunks[chosen[panel]] for panel in range(len(seats))]


def _deal(table: Table, seats: list[tuple[int, ...]], chunks: list[list[int]]) -> list[list[int]]:
    """Filings to panels, evenly, away from recusals, near to their own field and type."""
    problem = table.problem
    home = {item: number for number, chunk in enumerate(chunks) for item in chunk}
    even = len(problem.items) // len(seats)
    deal = Problem(
        items=problem.items,
        seats=tuple(Seat(number, at_most=_most(table, one)) for number, one in enumerate(seats)),
        per_item=1,
        load_min=even,
        load_max=min(even + 1, len(problem.items) if problem.load_max is None else problem.load_max),
        senior_each=False,
    )
    costs = {
        (item, panel): table.price(item, seats[panel]) + (0 if home[item] == panel else APART_COST)
        for item, panel in deal.pairs
    }
    if any(seat.at_most is not None for seat in deal.seats):
        deal = Problem(deal.items, deal.seats, 1, load_max=problem.load_max, senior_each=False)
        chosen = network.solve(deal, costs=costs)
    else:
        chosen = network.solve(deal, costs=costs, with_load_costs=False)
    return [sorted(item for item, panel in chosen if panel == number) for number in range(len(seats))]


def _most(table: Table, seats: Sequence[int]) -> int | None:
    said = [most for seat in seats if (most := table.seats[seat].at_most) is not None]
    return min(said, default=None)


def _lead(table: Table, seats: Sequence[int], items: Sequence[int]) -> int | None:
    """A senior who scores most of the panel's filings, best of its field."""
    seniors = [seat for seat in seats if table.seats[seat].is_senior] or list(seats)
    return min(seniors, key=lambda seat: (table.seat_price(seat, items), seat), default=None)


def with_stand_ins(table: Table, panels: tuple[Panel, ...]) -> Plan:
    """Filings whose panel is too thin get judges of other panels: of the field, not recused, the least loaded."""
    loads: dict[int, int] = {
        seat: sum(len(table.may(item, [seat])) for panel in panels if seat in panel.seats for item in panel.items)
        for seat in table.seats
    }
    thin = []
    for number, panel in enumerate(panels):
        for item in panel.items:
            left = table.may(item, panel.seats)
            senior = not table.problem.senior_each or any(table.seats[seat].is_senior for seat in left)
            needed = max(0, table.min_valid - len(left))
            if not needed and senior:
                continue
            chosen = _stand_ins(table, item, panel, loads, max(needed, 1), senior)
            thin.append(Thin(item, number, len(left), tuple(chosen)))
    return Plan(panels, tuple(thin))


def _stand_ins(table: Table, item: int, panel: Panel, loads: dict[int, int], needed: int, senior: bool) -> list[int]:
    chosen: list[int] = []
    for _turn in range(needed):
        free = [
            seat for seat in table.may(item, list(table.seats))
            if seat not in panel.seats and seat not in chosen and _has_room(table, seat, loads)
        ]  # fmt: skip
        if not senior:
            free = [seat for seat in free if table.seats[seat].is_senior] or free
        if not free:
            break
        best = min(free, key=lambda seat: (_stand_in_price(table, item, seat, loads), seat))
        senior = senior or table.seats[best].is_senior
        loads[best] += 1
        chosen.append(best)
    return chosen


def _has_room(table: Table, seat: int, loads: dict[int, int]) -> bool:
    most = table.seats[seat].at_most
    return most is None or loads[seat] < most


def _stand_in_price(table: Table, item: int, seat: int, loads: dict[int, int]) -> int:
    if (item, seat) in table.problem.kept:
        return -1  # stands in already
    return FITS - fit(table.items[item], table.seats[seat]) + UNEVEN * loads[seat]


def repair(problem: Problem, panels: Sequence[Panel], *, min_valid: int) -> Plan:
    """The same panels and filings with as little changed as can be: who is gone is replaced in the whole panel,
    new filings go where they cost least, what is too thin gets stand-ins."""
    table = Table(problem, min_valid)
    seated = {seat for panel in panels for seat in panel.seats if seat in table.seats}
    mended: list[Panel] = []
    for panel in panels:
        items = [item for item in panel.items if item in table.items]
        seats = [seat for seat in panel.seats if seat in table.seats]
        for _gone in range(min(len(panel.seats), problem.per_item) - len(seats)):
            free = [seat for seat in table.seats if seat not in seated]
            if not free:
                break
            need_senior = problem.senior_each and not any(table.seats[seat].is_senior for seat in seats)
            free = ([seat for seat in free if table.seats[seat].is_senior] or free) if need_senior else free
            best = min(free, key=lambda seat: (table.seat_price(seat, items), seat))
            seats.append(best)
            seated.add(best)
        lead = panel.lead if panel.lead in seats else _lead(table, seats, items)
        mended.append(Panel(tuple(sorted(seats)), lead, tuple(items)))
    return with_stand_ins(table, _with_new_items(table, mended))


def _with_new_items(table: Table, panels: list[Panel]) -> tuple[Panel, ...]:
    placed = {item for panel in panels for item in panel.items}
    mine = [list(panel.items) for panel in panels]
    for item in sorted(set(table.items) - placed):
        best = min(
            range(len(panels)), key=lambda n: (table.price(item, panels[n].seats) + UNEVEN * len(mine[n]), n)
        )  # fmt: skip
        mine[best].append(item)
    return tuple(
        Panel(panel.seats, panel.lead, tuple(sorted(items))) for panel, items in zip(panels, mine, strict=True)
    )


# --- What a plan is held against -----------------------------------------------------------------


def in_turn(problem: Problem, *, count: int, min_valid: int) -> Plan:
    """As by hand: seniors, then the others, dealt round; filings in order into the cheapest panel with room."""
    table = Table(problem, min_valid)
    ordered = sorted(problem.seats, key=lambda seat: (not seat.is_senior, seat.key))[: count * problem.per_item]
    seats = [tuple(seat.key for seat in ordered[number::count]) for number in range(count)]
    room = -(-len(problem.items) // count)
    mine: list[list[int]] = [[] for _panel in range(count)]
    for item in problem.items:
        free = [number for number in range(count) if len(mine[number]) < room]
        mine[min(free, key=lambda n: (table.price(item.key, seats[n]), len(mine[n]), n))].append(item.key)
    return Plan(tuple(Panel(one, None, tuple(items)) for one, items in zip(seats, mine, strict=True)))


def drawn(problem: Problem, *, count: int, seed: int = 1) -> Plan:
    chance = random.Random(seed)  # noqa: S311 - a baseline, no secret
    keys = [seat.key for seat in problem.seats]
    items = [item.key for item in problem.items]
    chance.shuffle(keys)
    chance.shuffle(items)
    keys = keys[: count * problem.per_item]
    return Plan(tuple(Panel(tuple(keys[n::count]), None, tuple(items[n::count])) for n in range(count)))
