"""抽签: an order that nobody can steer and anybody can repeat (design, section 6). Pure Python.

The seed is 32 random bytes, written as 64 hexadecimal digits. Its SHA-256 (over the 32 bytes) is published
before the list of groups is frozen, the seed after. The drawn order is the entries sorted by the hexadecimal
SHA-256 of ``seed:file_number`` in UTF-8. A second, deterministic pass may then keep groups of one enterprise
apart; every place it changes is recorded.
"""

import hashlib
import secrets
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple


class Entry(NamedTuple):
    file_number: str
    enterprise: str


class Drawn(NamedTuple):
    """``hashes`` and ``drawn_order`` let anyone repeat the draw; ``moves`` are what the second pass changed."""

    order: list[str]
    drawn_order: list[str]
    hashes: dict[str, str]
    moves: list[dict[str, object]]


def new_seed() -> str:
    return secrets.token_bytes(32).hex()


def seed_hash(seed: str) -> str:
    return hashlib.sha256(bytes.fromhex(seed)).hexdigest()


def entry_hash(seed: str, file_number: str) -> str:
    return hashlib.sha256(f"{seed}:{file_number}".encode()).hexdigest()


def draw(seed: str, entries: Sequence[Entry], *, keep_apart: bool) -> Drawn:
    """The order of ``entries`` under ``seed``. File numbers must be distinct (ValueError)."""
    hashes = {entry.file_number: entry_hash(seed, entry.file_number) for entry in entries}
    if len(hashes) != len(entries):
        raise ValueError("file numbers must be distinct")
    drawn = sorted(entries, key=lambda entry: hashes[entry.file_number])
    final = _apart(drawn) if keep_apart else drawn
    drawn_order = [entry.file_number for entry in drawn]
    order = [entry.file_number for entry in final]
    moves = [
        {"file_number": number, "drawn": drawn_order.index(number) + 1, "final": place}
        for place, number in enumerate(order, 1)
        if drawn_order.index(number) + 1 != place
    ]
    return Drawn(order, drawn_order, hashes, moves)


def _apart(drawn: Sequence[Entry]) -> list[Entry]:
    """Place by place, the earliest drawn group that differs from its neighbour and leaves a solvable rest.

    Where no arrangement without neighbours exists, the drawn order decides.
    """
    remaining, final = list(drawn), []
    while remaining:
        before = final[-1].enterprise if final else None
        different = [entry for entry in remaining if entry.enterprise != before]
        choice = next((entry for entry in different if _solvable(remaining, entry)), (different or remaining)[0])
        remaining.remove(choice)
        final.append(choice)
    return final


def _solvable(remaining: Sequence[Entry], choice: Entry) -> bool:
    """Whether the rest can still be laid without neighbours once ``choice`` is placed."""
    counts = Counter(entry.enterprise for entry in remaining)
    counts[choice.enterprise] -= 1
    rest = len(remaining) - 1
    return all(
        count <= (rest // 2 if enterprise == choice.enterprise else (rest + 1) // 2)
        for enterprise, count in counts.items()
    )
