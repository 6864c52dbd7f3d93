"""How good an assignment is, in figures that can be held against others. Pure Python."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from statistics import pstdev
from typing import Any

from reviews.assigning.problem import FITS, HALF, Pair, Problem, judges_of, loads_of


@dataclass(frozen=True)
class Quality:
    pairs: int
    recused: int  # pairs that must not be: 0 in anything that is shown
    short: int  # filings with fewer judges than asked for
    without_senior: int
    fits: int  # per cent of pairs with a judge of the field
    half: int
    strange: int
    least: int  # loads of the judges
    most: int
    spread: float
    outside: int  # judges below or above their bounds
    new: int  # pairs that were not there before; 0 where nothing was
    gone: int
    cost: int  # what the solver makes least

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def measure(problem: Problem, chosen: Collection[Pair], *, wanted: int | None = None) -> Quality:
    """``wanted``: judges asked for by a filing, where it is not the same as what is given (panels)."""
    need = problem.per_item if wanted is None else wanted
    given = judges_of(chosen)
    loads = loads_of(problem, chosen)
    fits = [problem.fit.get(pair, 0) for pair in chosen]
    count = len(fits) or 1
    kept = problem.kept | problem.locked
    full, half = sum(fit == FITS for fit in fits), sum(fit == HALF for fit in fits)
    allowed = [pair for pair in chosen if pair in problem.fit]
    return Quality(
        pairs=len(chosen),
        recused=sum(pair in problem.forbidden and pair not in problem.locked for pair in chosen),
        short=sum(len(given.get(item.key, ())) < need for item in problem.items),
        without_senior=sum(not problem.seniors & set(given.get(item.key, ())) for item in problem.items),
        fits=round(100 * full / count),
        half=round(100 * half / count),
        strange=100 - round(100 * full / count) - round(100 * half / count) if fits else 0,
        least=min(loads.values(), default=0),
        most=max(loads.values(), default=0),
        spread=round(pstdev(loads.values()), 2) if loads else 0.0,
        outside=sum(not problem.floors[key] <= load <= problem.tops[key] for key, load in loads.items()),
        new=len(set(chosen) - kept) if kept else 0,
        gone=len(kept - set(chosen)),
        cost=problem.total_cost(allowed),
    )
