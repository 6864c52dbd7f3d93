"""What a proposal is held against: the judge who is best at the moment, one filing after the other; and chance."""

import random
from collections import defaultdict
from collections.abc import Callable

from reviews.assigning.problem import UNEVEN, Pair, Problem

Choice = Callable[[int, list[int]], list[int]]  # an item, judges who may -> the same in order of preference


def greedy(problem: Problem) -> set[Pair]:
    """Filings with the fewest judges first; each takes a senior, then the cheapest judge as things stand. It never
    looks back, so that it may leave filings short, and keeps no lower bound."""
    loads: dict[int, int] = defaultdict(int)

    def price(item: int, seat: int) -> tuple[int, int, int]:
        above = max(0, loads[seat] + 1 - problem.even[seat])
        return problem.cost((item, seat)) + UNEVEN * above, loads[seat], seat

    def best(item: int, free: list[int]) -> list[int]:
        return sorted(free, key=lambda seat: price(item, seat))

    may = _may(problem)
    return _one_by_one(problem, sorted(problem.items, key=lambda item: len(may[item.key])), best, loads)


def at_random(problem: Problem, seed: int = 1) -> set[Pair]:
    """Judges drawn for each filing among those who may and are not full; a senior first where one is asked for."""
    chance = random.Random(seed)  # noqa: S311 - a baseline, no secret

    def drawn(_item: int, free: list[int]) -> list[int]:
        return chance.sample(free, len(free))

    items = list(problem.items)
    chance.shuffle(items)
    return _one_by_one(problem, items, drawn, defaultdict(int))


def _one_by_one(problem: Problem, items: list, choice: Choice, loads: dict[int, int]) -> set[Pair]:  # type: ignore[type-arg]
    may = _may(problem)
    chosen: set[Pair] = set(problem.locked)
    for _item, seat in problem.locked:
        loads[seat] += 1
    for item in items:
        mine = {seat for one, seat in chosen if one == item.key} if problem.locked else set()
        while len(mine) < problem.per_item:
            free = [seat for seat in may[item.key] if seat not in mine and loads[seat] < problem.tops[seat]]
            if problem.senior_each and not mine & problem.seniors:
                free = [seat for seat in free if seat in problem.seniors] or free
            if not free:
                break
            seat = choice(item.key, free)[0]
            mine.add(seat)
            loads[seat] += 1
            chosen.add((item.key, seat))
    return chosen


def _may(problem: Problem) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {item.key: [] for item in problem.items}
    for item, seat in problem.pairs:
        found[item].append(seat)
    return found
