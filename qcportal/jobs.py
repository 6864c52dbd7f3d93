"""How far a long piece of background work is, for the page that waits for it.

Kept in the cache: it is a convenience, lost without harm, and the work never depends on it.
"""

from typing import NamedTuple

from django.core.cache import cache

SECONDS = 15 * 60  # a worker that died leaves its last word no longer than this


class Progress(NamedTuple):
    percent: int
    text: str


def report(key: str, percent: float, text: str) -> None:
    cache.set(_name(key), (max(0, min(100, int(percent))), text[:200]), SECONDS)


def read(key: str) -> Progress | None:
    """None before the work has begun, after it is over, and while the cache is away."""
    found = cache.get(_name(key))
    return Progress(*found) if found else None


def clear(key: str) -> None:
    cache.delete(_name(key))


def _name(key: str) -> str:
    return f"job:{key}"
