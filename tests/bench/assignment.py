"""Who scores what: so many judges each and panels, against greedy and chance, on five sizes; and a judge who drops out.

The instances are those of the tests: few fields with most of the filings, a third of the judges senior, recusals.
Seconds are those of the processor: everything here runs in one thread, and a busy neighbour is no slower solver.
"""

from collections.abc import Callable
from dataclasses import replace
from time import process_time

from reviews.assigning import baselines, network, panels, quality, relaxing, resolving
from reviews.assigning.problem import Pair, Problem
from tests.bench.measure import bench, note, report
from tests.reviews.assigning.cases import season

# Filings, judges, judges for each filing.
SIZES = ((50, 10, 3), (200, 20, 5), (500, 40, 5), (1_000, 60, 5), (2_000, 100, 5))
TARGET_SECONDS = 10.0  # for 1,000 filings x 60 judges x 5


@bench("assignment")
def assignment(_size: str) -> None:
    network.solve(season(10, 6, 2))  # SciPy loads once
    for items, seats, each in SIZES:
        _each(items, seats, each)
        _panels(items, seats, each)
    _late_and_impossible()


def _timed(action: Callable[[], set[Pair]]) -> tuple[set[Pair], float]:
    started = process_time()
    answer = action()
    return answer, process_time() - started


def _each(items: int, seats: int, each: int) -> None:
    problem = season(items, seats, each)
    name = f"assignment_{items}x{seats}x{each}"
    chosen, took = _timed(lambda: network.solve(problem))
    greedy, greedy_took = _timed(lambda: baselines.greedy(problem))
    drawn, drawn_took = _timed(lambda: baselines.at_random(problem))
    report(f"{name}_seconds", took, "s", greedy_took)
    figures = {key: quality.measure(problem, pairs) for key, pairs in
               (("solver", chosen), ("greedy", greedy), ("random", drawn))}  # fmt: skip
    report(f"{name}_cost", figures["solver"].cost, "", figures["greedy"].cost)
    for key, found in figures.items():
        note(f"{name} {key}: {found}")
    solved = figures["solver"]
    assert (solved.recused, solved.short, solved.without_senior, solved.outside) == (0, 0, 0, 0)
    assert figures["solver"].cost <= figures["greedy"].cost or figures["greedy"].short or figures["greedy"].outside
    assert (items, seats) != (1_000, 60) or took < TARGET_SECONDS, took
    note(f"{name} random took {drawn_took:.2f} s")


def _panels(items: int, seats: int, size: int) -> None:
    problem: Problem = replace(season(items, seats, size), load_min=0, load_max=None)
    count = seats // size
    started = process_time()
    plan = panels.propose(problem, count=count, min_valid=3)
    took = process_time() - started
    others = {
        "solver": plan,
        "greedy": panels.in_turn(problem, count=count, min_valid=3),
        "random": panels.drawn(problem, count=count),
    }
    figures = {name: quality.measure(problem, one.pairs(problem), wanted=3) for name, one in others.items()}
    report(f"panels_{items}x{seats}_seconds", took, "s")
    report(f"panels_{items}x{seats}_fits", figures["solver"].fits, "%", figures["greedy"].fits)
    for name, found in figures.items():
        note(f"panels_{items}x{seats} {name}: {found}")


def _late_and_impossible() -> None:
    problem = season(1_000, 60, 5)
    chosen = network.solve(problem)
    gone = problem.seats[1].key
    lost = sum(seat == gone for _item, seat in chosen)
    later = replace(
        problem, seats=tuple(one for one in problem.seats if one.key != gone), kept=frozenset(chosen),
        load_max=-(-5_000 // 59) + 2,
    )  # fmt: skip
    again, took = _timed(lambda: resolving.least_disturbance(later))
    report("assignment_resolve_seconds", took, "s")
    report("assignment_resolve_changed", len(again - later.kept), "pairs", lost)
    started = process_time()
    found = relaxing.relaxations(replace(problem, load_max=70))
    report("assignment_diagnosis_seconds", process_time() - started, "s")
    note("; ".join(one.text for one in found))
