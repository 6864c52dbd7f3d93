"""Two people on one page, decided field by field."""

from datetime import date
from decimal import Decimal

import pytest

from applications import merging
from applications.forms.conflicts import marked


def decide(base, theirs, mine, *, digests=True, fresh=False):
    seen = {"x": merging.digest(base)} if digests else None
    return merging.decide({"x": mine}, lambda _key: theirs, seen, fresh=fresh)


@pytest.mark.parametrize(
    ("base", "theirs", "mine", "changed", "conflicts"),
    [
        ("a", "a", "a", [], []),
        ("a", "a", "b", ["x"], []),  # only I changed it
        ("a", "b", "a", [], []),  # only the other did
        ("a", "b", "b", [], []),  # both, to the same
        ("a", "b", "c", [], ["x"]),
    ],
)
def test_a_field_goes_through_unless_both_sides_changed_it(base, theirs, mine, changed, conflicts):
    assert decide(base, theirs, mine) == (changed, conflicts)


@pytest.mark.parametrize(("fresh", "answer"), [(True, (["x"], [])), (False, ([], ["x"]))])
def test_without_a_digest_the_version_decides(fresh, answer):
    assert decide("a", "b", "c", digests=False, fresh=fresh) == answer


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Decimal("96.50"), Decimal("96.5")),
        (None, ""),
        ("a\r\nb", "a\nb"),
        ([{"name": "韩志远", "hours": Decimal("48.0")}], [{"hours": Decimal(48), "name": "韩志远"}]),
        (date(2025, 3, 1), "2025-03-01"),
    ],
)
def test_what_looks_the_same_has_the_same_digest(one, other):
    assert merging.digest(one) == merging.digest(other)


def test_a_long_text_shows_where_it_differs_and_is_escaped():
    text = "小组依据现场数据开展调查，" * 10
    theirs, yours = marked(text + "合格率为 96%。<b>", text + "合格率为 97%。<b>")
    assert "<mark>6</mark>" in theirs
    assert "<mark>7</mark>" in yours
    assert "&lt;b&gt;" in theirs


def test_marking_twenty_thousand_letters_is_quick_enough():
    theirs, yours = marked("甲乙丙丁戊，" * 900, "甲乙丙己戊，" * 900)
    assert len(theirs) > 5000
    assert len(yours) > 5000
