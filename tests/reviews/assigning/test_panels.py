"""Panels: everybody in one, filings in one, evenly; recusals are seen, thin ones get a stand-in."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.assigning import panels, quality
from reviews.assigning.problem import Infeasible, Item, Problem, Seat
from tests.reviews.assigning.cases import problems, season

FOOD, POWER = frozenset({"food"}), frozenset({"power"})


@settings(deadline=None, max_examples=150)
@given(problems(most_items=12, most_seats=9), st.integers(1, 3))
def test_every_filing_is_in_one_panel_and_no_recused_judge_scores(problem, count):
    problem = replace(problem, load_max=None)
    if any(seat.at_most is not None for seat in problem.seats) or count * problem.per_item > len(problem.seats):
        return
    plan = panels.propose(problem, count=count, min_valid=min(2, problem.per_item))
    placed = [item for panel in plan.panels for item in panel.items]
    seated = [seat for panel in plan.panels for seat in panel.seats]
    sizes = [len(panel.items) for panel in plan.panels]
    assert sorted(placed) == [item.key for item in problem.items]
    assert len(seated) == len(set(seated)) == count * problem.per_item
    assert max(sizes) - min(sizes) <= 1
    assert not plan.pairs(problem) & problem.forbidden
    for panel in plan.panels:
        assert panel.lead in panel.seats
    for number, panel in enumerate(plan.panels):
        for item in panel.items:
            left = sum((item, seat) not in problem.forbidden for seat in panel.seats)
            flagged = {one.item for one in plan.thin if one.panel == number}
            assert left >= min(2, problem.per_item) or item in flagged


def test_filings_go_where_their_field_is_at_home():
    seats = tuple(Seat(n, FOOD if n < 4 else POWER, is_senior=n in (1, 4)) for n in range(1, 7))
    items = tuple(Item(n, FOOD if n % 2 else POWER) for n in range(8))
    plan = panels.propose(Problem(items, seats, 3), count=2, min_valid=3)
    assert sorted((panel.seats, panel.lead, panel.items) for panel in plan.panels) == [
        ((1, 2, 3), 1, (1, 3, 5, 7)),
        ((4, 5, 6), 4, (0, 2, 4, 6)),
    ]
    assert plan.thin == ()


def test_a_filing_avoids_the_panel_of_its_recused_judge():
    seats = tuple(Seat(n, FOOD, is_senior=True) for n in range(1, 7))
    items = tuple(Item(n, FOOD) for n in range(4))
    problem = Problem(items, seats, 3, forbidden=frozenset((0, n) for n in (1, 2)))
    plan = panels.propose(problem, count=2, min_valid=3)
    home = next(panel for panel in plan.panels if 0 in panel.items)
    assert not {1, 2} & set(home.seats)


def test_a_thin_panel_is_flagged_and_the_stand_in_is_not_recused():
    seats = (*(Seat(n, FOOD, is_senior=True) for n in (1, 2, 3)), Seat(4, POWER), Seat(5, FOOD), Seat(6, FOOD))
    problem = Problem((Item(0, FOOD),), seats, 3, forbidden=frozenset({(0, 1), (0, 5)}))
    plan = panels.propose(problem, count=1, min_valid=3, seated=[(1, 2, 3)])
    assert [(one.item, one.left, one.stand_ins) for one in plan.thin] == [(0, 2, (6,))]
    assert plan.pairs(problem) == {(0, 2), (0, 3), (0, 6)}


def test_when_no_senior_is_left_a_senior_stands_in():
    seats = (Seat(1, FOOD, is_senior=True), Seat(2, FOOD), Seat(3, FOOD), Seat(4, FOOD), Seat(5, POWER, is_senior=True))
    problem = Problem((Item(0, FOOD),), seats, 3, forbidden=frozenset({(0, 1)}))
    plan = panels.propose(problem, count=1, min_valid=2, seated=[(1, 2, 3)])
    assert [one.stand_ins for one in plan.thin] == [(5,)]


def test_too_few_judges_for_the_panels_is_refused():
    with pytest.raises(Infeasible):
        panels.propose(Problem((Item(0),), tuple(Seat(n) for n in range(5)), 3), count=2, min_valid=3)


def test_a_judge_who_leaves_is_replaced_in_the_panel_and_nothing_else_moves():
    problem = season(60, 17, 5)
    problem = replace(problem, load_min=0, load_max=None)
    plan = panels.propose(problem, count=3, min_valid=3)
    gone = plan.panels[1].seats[0]
    later = replace(problem, seats=tuple(seat for seat in problem.seats if seat.key != gone))
    again = panels.repair(later, plan.panels, min_valid=3)
    assert [panel.items for panel in again.panels] == [panel.items for panel in plan.panels]
    assert (again.panels[0], again.panels[2]) == (plan.panels[0], plan.panels[2])
    assert len(set(again.panels[1].seats) - set(plan.panels[1].seats)) == 1
    assert gone not in again.panels[1].seats


def test_without_a_change_a_repair_changes_nothing_and_a_new_filing_joins():
    problem = replace(season(30, 15, 5), load_min=0, load_max=None)
    plan = panels.propose(problem, count=3, min_valid=3)
    assert panels.repair(problem, plan.panels, min_valid=3).panels == plan.panels
    more = replace(problem, items=(*problem.items, Item(999)))
    again = panels.repair(more, plan.panels, min_valid=3)
    assert sum(999 in panel.items for panel in again.panels) == 1


def test_a_plan_is_better_than_dealing_round_and_than_chance():
    problem = replace(season(120, 20, 5), load_min=0, load_max=None)
    plans = [
        panels.propose(problem, count=4, min_valid=3),
        panels.in_turn(problem, count=4, min_valid=3),
        panels.drawn(problem, count=4),
    ]
    found = [quality.measure(problem, plan.pairs(problem), wanted=3) for plan in plans]
    assert found[0].fits > found[1].fits > found[2].fits
    assert (found[0].short, found[0].without_senior) == (0, 0)


def test_a_judge_who_takes_few_is_not_seated_where_there_are_many():
    seats = (*(Seat(n, FOOD, is_senior=True) for n in (1, 2, 3)), Seat(4, FOOD, at_most=2))
    items = tuple(Item(n, FOOD) for n in range(5))
    plan = panels.propose(Problem(items, seats, 3), count=1, min_valid=3)
    assert plan.panels[0].seats == (1, 2, 3)
