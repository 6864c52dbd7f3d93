"""Instances for the rules of assignment: drawn by hypothesis, and made large."""

import random

from hypothesis import strategies as st

from reviews.assigning.problem import Item, Problem, Seat

KINDS = ("self_set", "directive", "innovation")
FIELDS = ("chemical", "power", "food", "building", "method")


@st.composite
def problems(draw, *, most_items=9, most_seats=7):
    items = draw(st.integers(1, most_items))
    seats = draw(st.integers(2, most_seats))
    fields = st.frozensets(st.sampled_from(FIELDS), max_size=2)
    pairs = [(item, 100 + seat) for item in range(items) for seat in range(seats)]
    return Problem(
        items=tuple(Item(item, draw(fields)) for item in range(items)),
        seats=tuple(
            Seat(
                100 + seat, draw(fields), is_general=draw(st.booleans()), is_senior=draw(st.booleans()),
                at_most=draw(st.none() | st.integers(1, items)),
            )
            for seat in range(seats)
        ),
        per_item=draw(st.integers(1, min(4, seats))),
        forbidden=frozenset(draw(st.sets(st.sampled_from(pairs), max_size=len(pairs) // 4))),
        load_min=draw(st.integers(0, 2)),
        load_max=draw(st.none() | st.integers(1, items)),
        senior_each=draw(st.booleans()),
    )  # fmt: skip


def season(items: int, seats: int, per_item: int, *, seed: int = 1, recused: float = 0.03) -> Problem:
    """As a year looks: few fields with most of the filings, a third of the judges senior, some recusals."""
    chance = random.Random(seed)
    names = [f"field-{number}" for number in range(12)]
    weights = [1 / (rank + 1) for rank in range(len(names))]
    keys = range(10_000, 10_000 + seats)
    mean = items * per_item / seats
    return Problem(
        items=tuple(
            Item(number, frozenset(chance.choices(names, weights)), chance.choice(KINDS))
            for number in range(items)
        ),
        seats=tuple(
            Seat(
                key, frozenset(chance.sample(names, chance.choice([1, 1, 2, 3]))), is_general=chance.random() < 0.2,
                is_senior=place % 3 == 0,
            )
            for place, key in enumerate(keys)
        ),
        per_item=per_item,
        forbidden=frozenset((item, key) for item in range(items) for key in keys if chance.random() < recused),
        load_min=max(0, int(mean) - 2),
        load_max=-(-items * per_item // seats) + 2,
    )  # fmt: skip
