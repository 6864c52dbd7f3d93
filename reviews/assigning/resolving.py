"""A judge drops out, a recusal comes late: the answer that differs least from what stands. Pure Python."""

from dataclasses import replace

from reviews.assigning import network
from reviews.assigning.problem import FITS, UNEVEN, Pair, Problem


def least_disturbance(problem: Problem) -> set[Pair]:
    """Of all assignments that keep the rules, one with the most ``kept`` pairs; of these the cheapest.

    The lower bound of loads is given up: filling up a newcomer is no reason to take filings from others.
    """
    problem = replace(problem, load_min=0)
    first = network.solve(
        problem, costs={pair: 1.0 for pair in problem.pairs if pair not in problem.kept}, with_load_costs=False
    )
    fresh = len(first - problem.kept)
    lost = len((problem.kept & set(problem.pairs)) - first)
    # More than all that another choice of the changed pairs could save: one kept pair outweighs it.
    steepest = max((problem.tops[seat.key] - problem.even[seat.key] for seat in problem.seats), default=0)
    weight = (fresh + lost + 1) * (FITS + UNEVEN * max(0, steepest)) + 1
    return network.solve(
        problem,
        costs={pair: problem.cost(pair) + (0 if pair in problem.kept else weight) for pair in problem.pairs},
    )
