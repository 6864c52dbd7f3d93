"""The table of states: exactly the ways of the design, and one gate through them."""

from itertools import product

import pytest
from django.db import IntegrityError, transaction

from applications.models import Application
from applications.states import CHOICES, LABELS, PUBLIC_LABELS, TRANSITIONS, State
from qcportal.errors import Refusal, StaleState
from qcportal.transitions import move
from tests import factories

# Written out once more, from the design's line of states, so that a change of the table is a decision.
WAYS = {
    ("draft", "submitted"), ("draft", "withdrawn"), ("draft", "lapsed"),
    ("submitted", "accepted"), ("submitted", "returned"), ("submitted", "deferred"), ("submitted", "refused"),
    ("submitted", "withdrawn"),
    ("returned", "submitted"), ("returned", "lapsed"), ("returned", "withdrawn"),
    ("lapsed", "draft"), ("lapsed", "returned"),
    ("accepted", "in_review"), ("accepted", "returned"), ("accepted", "withdrawn"), ("accepted", "disqualified"),
    ("accepted", "submitted"),  # undoing a bulk acceptance
    ("refused", "submitted"),
    ("in_review", "scored"), ("in_review", "returned"), ("in_review", "disqualified"),
    ("scored", "awarded"), ("scored", "not_awarded"), ("scored", "in_review"),
    ("awarded", "revoked"),
}  # fmt: skip


@pytest.mark.parametrize(("came_from", "to"), list(product(State, State)), ids=lambda state: state.value)
def test_every_pair_of_states(came_from, to):
    assert (to in TRANSITIONS[came_from]) == ((came_from.value, to.value) in WAYS)


def test_every_state_has_words_and_is_reachable():
    assert set(LABELS) == set(PUBLIC_LABELS) == set(TRANSITIONS) == set(State)
    assert len(CHOICES) == len(State)
    assert {to for ways in TRANSITIONS.values() for to in ways} | {State.DRAFT} == set(State)


def test_outcomes_of_judging_stay_unknown_to_the_enterprise():
    assert PUBLIC_LABELS[State.AWARDED] == PUBLIC_LABELS[State.NOT_AWARDED] == PUBLIC_LABELS[State.SCORED] == "评审中"


def test_a_way_that_is_not_in_the_table_is_refused(owner):
    application = factories.draft(owner)
    with pytest.raises(Refusal) as refused:
        move(application, State.AWARDED, table=TRANSITIONS)
    assert refused.value.code == "bad_transition"


def test_a_stale_copy_loses(owner):
    application = factories.draft(owner)
    stale = Application.objects.get(pk=application.pk)
    move(application, State.WITHDRAWN, table=TRANSITIONS)
    with pytest.raises(StaleState):
        move(stale, State.LAPSED, table=TRANSITIONS)
    application.refresh_from_db()
    assert application.state == State.WITHDRAWN


def test_the_database_refuses_an_unknown_state(owner):
    application = factories.draft(owner)
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=application.pk).update(state="oops")
