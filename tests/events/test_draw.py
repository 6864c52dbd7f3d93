"""The draw: repeatable by hand, unsteerable, and fair to neighbours where that is possible."""

import hashlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.draw import Entry, draw, new_seed, seed_hash

SEED = "00" * 31 + "01"


def entries(*enterprises):
    return [Entry(f"QC2026-1-{number:04d}", enterprise) for number, enterprise in enumerate(enterprises, 1)]


def neighbours(order, given_entries):
    enterprise = {entry.file_number: entry.enterprise for entry in given_entries}
    return sum(enterprise[a] == enterprise[b] for a, b in itertools.pairwise(order))


def test_the_order_is_that_of_the_hashes_and_can_be_repeated_by_hand():
    group = entries("a", "b", "c", "d")
    by_hand = sorted(
        (entry.file_number for entry in group),
        key=lambda number: hashlib.sha256(f"{SEED}:{number}".encode()).hexdigest(),
    )
    assert draw(SEED, group, keep_apart=False).order == by_hand
    assert draw(SEED, list(reversed(group)), keep_apart=False).order == by_hand


def test_a_golden_order():
    # Computed with sha256sum: printf "$seed:QC2026-1-0001" | sha256sum, and so on.
    assert draw(SEED, entries("a", "a", "b", "c"), keep_apart=False).order == [
        "QC2026-1-0001", "QC2026-1-0002", "QC2026-1-0004", "QC2026-1-0003",
    ]  # fmt: skip


def test_the_published_hash_is_of_the_32_bytes():
    assert seed_hash(SEED) == hashlib.sha256(bytes(31) + b"\x01").hexdigest()
    assert len(new_seed()) == 64
    assert new_seed() != new_seed()


def test_the_same_number_twice_is_refused():
    with pytest.raises(ValueError, match="distinct"):
        draw(SEED, [Entry("QC2026-1-0001", "a")] * 2, keep_apart=True)


@given(st.lists(st.sampled_from("abcd"), max_size=12), st.binary(min_size=32, max_size=32))
def test_groups_of_one_enterprise_are_apart_whenever_that_is_possible(enterprises, seed):
    group = entries(*enterprises)
    drawn = draw(seed.hex(), group, keep_apart=True)
    assert sorted(drawn.order) == sorted(entry.file_number for entry in group)
    most = max((enterprises.count(name) for name in set(enterprises)), default=0)
    if most <= (len(enterprises) + 1) // 2:
        assert neighbours(drawn.order, group) == 0
    moved = {move["file_number"] for move in drawn.moves}
    assert moved == {a for a, b in zip(drawn.order, drawn.drawn_order, strict=True) if a != b} | {
        b for a, b in zip(drawn.order, drawn.drawn_order, strict=True) if a != b
    }
