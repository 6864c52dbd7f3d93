"""The cheapest assignment that keeps every rule, as a flow: items → judges → load. Pure Python and SciPy.

The rows are two nested families (an item's judges and, inside them, its seniors; a judge's items), so the matrix is
that of a network: its corners are whole numbers, and the simplex method, which ends in a corner, needs no
branching to be exact (docs/decisions/0023).
"""

import random
from dataclasses import dataclass
from typing import Any

from reviews.assigning.problem import UNEVEN, Infeasible, Pair, Problem

# Added to costs, less than 1 in sum: chooses between equally good answers, and mixes who scores together.
SEED = 20260701


@dataclass
class _Rows:
    """A sparse matrix being written, row by row, with the bounds of each row."""

    data: list[float]
    at: list[int]
    columns: list[int]
    low: list[float]
    high: list[float]

    def add(self, entries: list[tuple[int, float]], low: float, high: float) -> None:
        number = len(self.low)
        for column, value in entries:
            self.data.append(value)
            self.at.append(number)
            self.columns.append(column)
        self.low.append(low)
        self.high.append(high)


def solve(problem: Problem, *, costs: dict[Pair, float] | None = None, with_load_costs: bool = True) -> set[Pair]:
    """The chosen pairs; equal input gives equal output. Refused (Infeasible) when no assignment keeps every rule."""
    if not problem.items:
        return set()
    chance = random.Random(SEED)  # noqa: S311 - a fixed order among equals, no secret
    pairs = problem.pairs
    slight = 1 / (2 * problem.wanted + 2)
    weights = [
        (problem.cost(pair) if costs is None else costs.get(pair, 0)) + slight * chance.random() for pair in pairs
    ]
    low = [1.0 if pair in problem.locked else 0.0 for pair in pairs]
    high = [1.0] * len(pairs)
    rows = _Rows([], [], [], [], [])
    _item_rows(problem, pairs, rows)
    _load_rows(problem, pairs, rows, (weights, low, high), UNEVEN if with_load_costs else 0)
    values = _optimum(weights, low, high, rows)
    return {pair for pair, value in zip(pairs, values, strict=False) if value > 0.5}


def _item_rows(problem: Problem, pairs: list[Pair], rows: _Rows) -> None:
    by_item: dict[int, list[tuple[int, float]]] = {item.key: [] for item in problem.items}
    senior: dict[int, list[tuple[int, float]]] = {item.key: [] for item in problem.items}
    for column, (item, seat) in enumerate(pairs):
        by_item[item].append((column, 1.0))
        if seat in problem.seniors:
            senior[item].append((column, 1.0))
    for key, entries in by_item.items():
        if len(entries) < problem.per_item or (problem.senior_each and not senior[key]):
            raise Infeasible
        rows.add(entries, problem.per_item, problem.per_item)
        if problem.senior_each:
            rows.add(senior[key], 1, problem.per_item)


def _load_rows(problem: Problem, pairs: list[Pair], rows: _Rows, columns: tuple[list[float], ...], uneven: int) -> None:
    """A judge's load = the even part, free, + one column for each further item, dearer one by one."""
    weights, low, high = columns
    by_seat: dict[int, list[tuple[int, float]]] = {seat.key: [] for seat in problem.seats}
    for column, (_item, seat) in enumerate(pairs):
        by_seat[seat].append((column, 1.0))
    for key, entries in by_seat.items():
        top, floor = problem.tops[key], problem.floors[key]
        even = min(problem.even[key], top)
        entries.append((len(weights), -1.0))
        weights.append(0.0)
        low.append(min(floor, even))
        high.append(even)
        for place in range(1, top - even + 1):
            entries.append((len(weights), -1.0))
            weights.append(float(uneven * place))
            low.append(1.0 if even + place <= floor else 0.0)
            high.append(1.0)
        rows.add(entries, 0, 0)


def _optimum(weights: list[float], low: list[float], high: list[float], rows: _Rows) -> Any:
    # SciPy takes a second and some 60 MB to load: only where something is solved, never in a web worker.
    import numpy as np  # noqa: PLC0415
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415
    from scipy.sparse import csr_array  # noqa: PLC0415

    matrix = csr_array((rows.data, (rows.at, rows.columns)), shape=(len(rows.low), len(weights)))
    answer = milp(
        np.array(weights),
        constraints=LinearConstraint(matrix, rows.low, rows.high),
        bounds=Bounds(np.array(low), np.array(high)),
        options={"presolve": True},
    )
    if answer.status == 2:
        raise Infeasible
    if answer.x is None:
        raise RuntimeError(f"solver: {answer.message}")
    return answer.x


def feasible(problem: Problem) -> bool:
    """Whether any assignment keeps every rule: the largest flow fills what the lower bounds ask for, or does not.

    Much faster than the cheapest one: it is asked many times when a rule has to be found that is to be relaxed.
    """
    import numpy as np  # noqa: PLC0415 - as above
    from scipy.sparse import csr_array  # noqa: PLC0415
    from scipy.sparse.csgraph import maximum_flow  # noqa: PLC0415

    edges, count = _edges(problem)
    owed = [0] * count
    flows: dict[tuple[int, int], int] = {}
    for start, end, low, high in edges:
        if low > high:
            return False
        flows[start, end] = flows.get((start, end), 0) + high - low
        owed[end] += low
        owed[start] -= low
    for node, amount in enumerate(owed):
        if amount > 0:
            flows[count, node] = amount
        elif amount < 0:
            flows[node, count + 1] = -amount
    starts, ends = zip(*flows, strict=True)
    matrix = csr_array((np.array(list(flows.values()), dtype=np.int32), (starts, ends)), shape=(count + 2, count + 2))
    answer = maximum_flow(matrix, count, count + 1)
    return bool(answer.flow_value == sum(amount for amount in owed if amount > 0))


def _edges(problem: Problem) -> tuple[list[tuple[int, int, int, int]], int]:
    """(from, to, at least, at most): all → item → its seniors or the others → judge → all."""
    items = {item.key: 1 + 2 * number for number, item in enumerate(problem.items)}
    first = 1 + 2 * len(items)
    seats = {seat.key: first + number for number, seat in enumerate(problem.seats)}
    edges = []
    for node in items.values():
        edges.append((0, node, problem.per_item, problem.per_item))
        edges.append((node, node + 1, 1 if problem.senior_each else 0, problem.per_item))
    for item, seat in problem.pairs:
        node = items[item] + (1 if seat in problem.seniors else 0)
        edges.append((node, seats[seat], 1 if (item, seat) in problem.locked else 0, 1))
    for key, node in seats.items():
        edges.append((node, 0, problem.floors[key], problem.tops[key]))
    return edges, first + len(seats)
