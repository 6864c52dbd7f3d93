"""Which rule to relax, and by how much, where no assignment keeps them all. Recusals are never offered. Pure Python."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from reviews.assigning.network import feasible
from reviews.assigning.problem import Problem


class Rule(StrEnum):
    LOAD_MAX = "load_max"
    OWN_LIMITS = "own_limits"
    LOAD_MIN = "load_min"
    SENIOR = "senior"
    PER_ITEM = "per_item"


@dataclass(frozen=True)
class Relaxation:
    """With these rules changed there is an assignment: ``problem`` has them changed, and was solved."""

    rules: tuple[Rule, ...]
    text: str
    items: tuple[int, ...]  # filings that are the cause, where single ones are
    problem: Problem


def relaxations(problem: Problem) -> list[Relaxation]:
    """Each rule that is enough alone, by the smallest amount; when none is, several together. Empty when no judge
    is left for some filing."""
    alone = [found for found in _alone(problem) if found is not None]
    if alone:
        return alone
    together = _together(problem)
    return [together] if together is not None else []


def _alone(problem: Problem) -> Iterator[Relaxation | None]:
    yield _load_max(problem)
    yield _own_limits(problem)
    yield _load_min(problem)
    yield _senior(problem)
    yield _per_item(problem)


def _load_max(problem: Problem) -> Relaxation | None:
    if problem.load_max is None or not feasible(replace(problem, load_max=None)):
        return None
    even = -(-problem.wanted // len(problem.seats))  # no lower bound can be enough
    low, high = max(problem.load_max + 1, even), len(problem.items)
    while low < high:
        middle = (low + high) // 2
        if feasible(replace(problem, load_max=middle)):
            high = middle
        else:
            low = middle + 1
    text = f"把每位评委的上限从 {problem.load_max} 份提高到 {low} 份。"
    return Relaxation((Rule.LOAD_MAX,), text, (), replace(problem, load_max=low))


def _own_limits(problem: Problem) -> Relaxation | None:
    limited = [seat for seat in problem.seats if seat.at_most is not None]
    wider = replace(problem, seats=tuple(replace(seat, at_most=None) for seat in problem.seats))
    if not limited or not feasible(wider):
        return None
    return Relaxation((Rule.OWN_LIMITS,), f"请 {len(limited)} 位自报了份数的评委多评一些。", (), wider)


def _load_min(problem: Problem) -> Relaxation | None:
    if problem.load_min == 0 or not feasible(replace(problem, load_min=0)):
        return None
    low, high = 0, problem.load_min - 1
    while low < high:
        middle = (low + high + 1) // 2
        if feasible(replace(problem, load_min=middle)):
            low = middle
        else:
            high = middle - 1
    text = f"把每位评委的下限从 {problem.load_min} 份降到 {low} 份。"
    return Relaxation((Rule.LOAD_MIN,), text, (), replace(problem, load_min=low))


def _senior(problem: Problem) -> Relaxation | None:
    wider = replace(problem, senior_each=False)
    if not problem.senior_each or not feasible(wider):
        return None
    without = without_senior(problem)
    text = f"不要求每件都有资深评委（{len(without)} 件回避后没有资深评委）。" if without else "不要求每件都有资深评委。"
    return Relaxation((Rule.SENIOR,), text, without, wider)


def _per_item(problem: Problem) -> Relaxation | None:
    for fewer in range(problem.per_item - 1, 0, -1):
        smaller = replace(problem, per_item=fewer)
        if feasible(smaller):
            short = too_few(problem)
            text = f"每件申报由 {problem.per_item} 位评委减为 {fewer} 位"
            text += f"（{len(short)} 件回避后不足 {problem.per_item} 位）。" if short else "。"
            return Relaxation((Rule.PER_ITEM,), text, short, smaller)
    return None


def _together(problem: Problem) -> Relaxation | None:
    seats = tuple(replace(seat, at_most=None) for seat in problem.seats)
    wider = replace(problem, load_max=None, load_min=0)
    text = "取消每位评委的上限和下限"
    rules: tuple[Rule, ...] = (Rule.LOAD_MAX, Rule.LOAD_MIN)
    for more, words, changed in (
        ((), "", wider),
        ((Rule.SENIOR,), "，不要求资深评委", replace(wider, senior_each=False)),
        (
            (Rule.SENIOR, Rule.OWN_LIMITS),
            "，不要求资深评委，并请自报份数的评委多评",
            replace(wider, senior_each=False, seats=seats),
        ),
    ):
        if feasible(changed):
            return Relaxation(rules + more, f"{text}{words}。", without_senior(problem), changed)
    loose = replace(wider, senior_each=False, seats=seats)
    for fewer in range(problem.per_item - 1, 0, -1):
        smaller = replace(loose, per_item=fewer)
        if feasible(smaller):
            words = f"，不要求资深评委，每件减为 {fewer} 位"
            rules += (Rule.SENIOR, Rule.OWN_LIMITS, Rule.PER_ITEM)
            return Relaxation(rules, f"{text}{words}。", too_few(problem), smaller)
    return None


def too_few(problem: Problem) -> tuple[int, ...]:
    """Filings that fewer judges may score than are asked for."""
    count = {item.key: 0 for item in problem.items}
    for item, _seat in problem.pairs:
        count[item] += 1
    return tuple(key for key, number in count.items() if number < problem.per_item)


def without_senior(problem: Problem) -> tuple[int, ...]:
    """Filings that no senior judge may score."""
    served = {item for item, seat in problem.pairs if seat in problem.seniors}
    return tuple(item.key for item in problem.items if item.key not in served)
