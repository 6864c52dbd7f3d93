"""So many judges for each filing: what always holds, whatever the filings, the judges and the recusals."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reviews.assigning import baselines, network, quality, relaxing, resolving
from reviews.assigning.problem import HALF, Infeasible, Item, Problem, Seat, judges_of, loads_of
from tests.reviews.assigning.cases import problems, season


def solved(problem):
    try:
        return network.solve(problem)
    except Infeasible:
        assume(False)


def keeps_the_rules(problem, chosen):
    given_to = judges_of(chosen)
    loads = loads_of(problem, chosen)
    assert not chosen & problem.forbidden - problem.locked
    assert all(len(given_to[item.key]) == problem.per_item for item in problem.items)
    assert all(problem.floors[key] <= load <= problem.tops[key] for key, load in loads.items())
    if problem.senior_each:
        assert all(problem.seniors & set(given_to[item.key]) for item in problem.items)


@settings(deadline=None, max_examples=200)
@given(problems())
def test_recusals_numbers_bounds_and_seniors_are_kept(problem):
    keeps_the_rules(problem, solved(problem))


@settings(deadline=None, max_examples=100)
@given(problems())
def test_no_feasible_greedy_or_random_choice_is_cheaper(problem):
    chosen = solved(problem)
    for other in (baselines.greedy(problem), baselines.at_random(problem)):
        found = quality.measure(problem, other)
        if not (found.short or found.outside or (problem.senior_each and found.without_senior)):
            assert problem.total_cost(chosen) <= problem.total_cost(other)


@settings(deadline=None, max_examples=60)
@given(problems(most_items=3, most_seats=4))
def test_nothing_cheaper_exists(problem):
    """Against every assignment there is, counted out."""
    from itertools import combinations, product

    def allowed(item):
        return [one for one in combinations([seat.key for seat in problem.seats], problem.per_item)
                if not any((item.key, seat) in problem.forbidden for seat in one)]  # fmt: skip

    costs = []
    for choice in product(*(allowed(item) for item in problem.items)):
        chosen = {(item.key, seat) for item, one in zip(problem.items, choice, strict=True) for seat in one}
        loads = loads_of(problem, chosen)
        if any(not problem.floors[key] <= load <= problem.tops[key] for key, load in loads.items()):
            continue
        if problem.senior_each and any(not problem.seniors & set(one) for one in choice):
            continue
        costs.append(problem.total_cost(chosen))
    assert network.feasible(problem) == bool(costs)
    if costs:
        assert problem.total_cost(network.solve(problem)) == min(costs)
    else:
        with pytest.raises(Infeasible):
            network.solve(problem)


@settings(deadline=None, max_examples=60)
@given(problems(), st.randoms())
def test_the_same_question_has_the_same_answer(problem, chance):
    again = replace(problem, forbidden=frozenset(sorted(problem.forbidden, key=lambda _pair: chance.random())))
    assert solved(problem) == network.solve(again)


@settings(deadline=None, max_examples=100)
@given(problems())
def test_what_is_to_be_relaxed_is_enough_and_never_a_recusal(problem):
    if network.feasible(problem):
        return
    for found in relaxing.relaxations(problem):
        keeps_the_rules(found.problem, network.solve(found.problem))
        assert found.problem.forbidden == problem.forbidden
        assert found.text.endswith("。")


@settings(deadline=None, max_examples=100)
@given(problems())
def test_the_upper_bound_is_raised_no_further_than_needed(problem):
    if network.feasible(problem):
        return
    for found in relaxing.relaxations(problem):
        if found.rules == (relaxing.Rule.LOAD_MAX,):
            assert not network.feasible(replace(problem, load_max=found.problem.load_max - 1))


def test_nothing_is_offered_when_nobody_is_left_for_a_filing():
    problem = Problem((Item(1),), (Seat(7), Seat(8)), 1, forbidden=frozenset({(1, 7), (1, 8)}), senior_each=False)
    assert relaxing.relaxations(problem) == []
    assert relaxing.too_few(problem) == (1,)


def test_the_cause_is_named():
    judges = (Seat(7, is_senior=True), Seat(8), Seat(9))
    problem = Problem((Item(1), Item(2)), judges, 2, forbidden=frozenset({(1, 7)}))
    assert [(found.rules, found.items) for found in relaxing.relaxations(problem)] == [((relaxing.Rule.SENIOR,), (1,))]


def test_several_rules_together_when_none_alone_is_enough():
    judges = (Seat(7), Seat(8))
    problem = Problem((Item(1), Item(2), Item(3)), judges, 2, load_max=1)
    found = relaxing.relaxations(problem)[0]
    assert set(found.rules) >= {relaxing.Rule.LOAD_MAX, relaxing.Rule.SENIOR}
    assert network.feasible(found.problem)


def without(problem, judge, chosen):
    return replace(problem, seats=tuple(one for one in problem.seats if one.key != judge), kept=frozenset(chosen))


@settings(deadline=None, max_examples=100)
@given(problems(), st.data())
def test_a_judge_who_drops_out_moves_as_little_as_can_be(problem, data):
    chosen = solved(problem)
    gone = data.draw(st.sampled_from([seat.key for seat in problem.seats]))
    later = without(problem, gone, chosen)
    try:
        again = resolving.least_disturbance(later)
    except Infeasible:
        assume(False)
    keeps_the_rules(replace(later, load_min=0), again)
    most = network.solve(
        replace(later, load_min=0), costs=dict.fromkeys(later.kept, -1.0), with_load_costs=False
    )  # fmt: skip
    assert len(again & later.kept) == len(most & later.kept)


@settings(deadline=None, max_examples=60)
@given(problems())
def test_without_a_change_nothing_is_moved(problem):
    chosen = solved(problem)
    assert resolving.least_disturbance(replace(problem, kept=frozenset(chosen))) == chosen


@settings(deadline=None, max_examples=60)
@given(problems(), st.data())
def test_scored_pairs_stay_even_against_a_late_recusal(problem, data):
    chosen = solved(problem)
    pair = data.draw(st.sampled_from(sorted(chosen)))
    later = replace(problem, kept=frozenset(chosen), locked=frozenset({pair}), forbidden=problem.forbidden | {pair})
    assert pair in resolving.least_disturbance(later)


def test_a_judge_s_own_limit_counts():
    judges = (Seat(7, at_most=1), Seat(8), Seat(9))
    problem = Problem(tuple(Item(number) for number in range(4)), judges, 1, senior_each=False)
    assert loads_of(problem, network.solve(problem))[7] <= 1


def test_the_judge_of_the_field_is_taken_and_one_of_all_fields_before_a_stranger():
    judges = (Seat(7, frozenset({"food"})), Seat(8, is_general=True), Seat(9, frozenset({"power"})))
    problem = Problem((Item(1, frozenset({"food"})),), judges, 2, senior_each=False)
    assert network.solve(problem) == {(1, 7), (1, 8)}
    assert problem.fit[1, 8] == HALF


def test_a_season_of_two_hundred_is_even_and_of_the_field():
    problem = season(200, 20, 5)
    found = quality.measure(problem, network.solve(problem))
    greedy = quality.measure(problem, baselines.greedy(problem))
    drawn = quality.measure(problem, baselines.at_random(problem))
    assert (found.recused, found.short, found.without_senior, found.outside) == (0, 0, 0, 0)
    assert found.cost <= greedy.cost < drawn.cost
    assert found.most - found.least <= 5
