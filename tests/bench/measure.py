"""Timing and printing. A ratio compares two things measured in turns, so that a noisy machine hits both."""

import gc
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import NamedTuple


class Bench(NamedTuple):
    """``demo``: also on what seed_demo makes without being told a number."""

    function: Callable[[str], None]
    every_size: bool
    demo: bool


class Shares(NamedTuple):
    median: float
    p95: float


# What can be measured, in running order: filled by the modules' @bench.
BENCHES: dict[str, Bench] = {}


def bench(name: str, *, every_size: bool = False, demo: bool = False):
    def register(function):
        BENCHES[name] = Bench(function, every_size, demo)
        return function

    return register


def seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def in_turns(first: Callable[[], object], second: Callable[[], object], times: int) -> tuple[float, float]:
    """Median seconds of each."""
    pairs = turns(first, second, times)
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def turns(first: Callable[[], object], second: Callable[[], object], times: int) -> list[tuple[float, float]]:
    """Seconds of both, alternating, after one warm-up of both."""
    first(), second()
    gc.collect()
    return [(seconds(first), seconds(second)) for _turn in range(times)]


def shares(values: list[float]) -> Shares:
    """Median, and what 95 % stay below."""
    return Shares(statistics.median(values), statistics.quantiles(values, n=20, method="inclusive")[-1])


def report(name: str, value: float, unit: str, baseline: float | None = None) -> None:
    line = {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "baseline": None if baseline is None else round(baseline, 3),
        "ratio": None if not baseline else round(value / baseline, 2),
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    sys.stderr.write(f"bench: {text}\n")
