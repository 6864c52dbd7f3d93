"""Shortlist, draw and running order."""

from datetime import timedelta

import pytest

from events import actions
from events import draw as drawing
from events.models import Draw, Shortlist, Slot
from qcportal import clock
from qcportal.errors import Refusal
from qcportal.models import AuditEvent, MailMessage
from tests import factories
from tests.events import builders


@pytest.fixture
def track(owner):
    return builders.event(factories.round_of(2026, 1)).tracks.get()


@pytest.fixture
def groups(owner, track):
    return [builders.accepted(owner, track.event.round, number) for number in range(1, 5)]


def refused(code):
    return pytest.raises(Refusal, check=lambda refusal: refusal.code == code)


def test_a_group_is_listed_by_hand_with_a_reason(track, groups, secretary):
    row = actions.shortlist_by_hand(track, groups[0], actor=secretary, reason="资料评审突出")
    assert (row.event, row.basis, row.reason) == (track.event, "hand", "资料评审突出")
    assert AuditEvent.objects.filter(verb="shortlist.added").count() == 1
    with refused("listed"):
        actions.shortlist_by_hand(track, groups[0], actor=secretary, reason="再次")
    with refused("no_reason"):
        actions.shortlist_by_hand(track, groups[1], actor=secretary, reason=" ")


def test_only_filings_that_take_part_in_this_round_are_listed(track, owner, secretary):
    draft = factories.draft(owner, track.event.round)
    with refused("bad_state"):
        actions.shortlist_by_hand(track, draft, actor=secretary, reason="x")
    other = builders.accepted(owner, factories.round_of(2026, 2), 9)
    with refused("other_round"):
        actions.shortlist_by_hand(track, other, actor=secretary, reason="x")


def test_the_draw_is_committed_first_and_repeatable_from_its_record(track, groups, secretary):
    for group in groups:
        actions.shortlist_by_hand(track, group, actor=secretary, reason="x")
    with refused("not_committed"):
        actions.perform_draw(track, actor=secretary)
    committed = actions.commit_draw(track, actor=secretary)
    with refused("committed"):
        actions.commit_draw(track, actor=secretary)
    row = actions.perform_draw(track, actor=secretary)
    assert row.seed_sha256 == committed.seed_sha256 == drawing.seed_hash(row.seed)
    again = drawing.draw(row.seed, [drawing.Entry(n, "same") for n in row.entries], keep_apart=True)
    assert row.record["order"] == again.order
    slots = list(Slot.objects.filter(track=track).select_related("application"))
    assert [slot.application.file_number for slot in slots] == row.record["order"]
    assert [slot.starts_at - track.starts_at for slot in slots] == [timedelta(minutes=17 * place) for place in range(4)]


def test_the_seed_is_not_in_the_trail_before_the_draw(track, groups, secretary):
    row = actions.commit_draw(track, actor=secretary)
    assert row.seed not in str(list(AuditEvent.objects.values_list("after", "data")))


def test_after_the_draw_nothing_moves(track, groups, secretary):
    row = actions.shortlist_by_hand(track, groups[0], actor=secretary, reason="x")
    actions.commit_draw(track, actor=secretary)
    actions.perform_draw(track, actor=secretary)
    with refused("drawn"):
        actions.perform_draw(track, actor=secretary)
    with refused("drawn"):
        actions.shortlist_by_hand(track, groups[1], actor=secretary, reason="x")
    with refused("drawn"):
        actions.remove_from_shortlist(row, actor=secretary, reason="x")


def test_an_empty_list_is_not_drawn(track, secretary):
    actions.commit_draw(track, actor=secretary)
    with refused("empty"):
        actions.perform_draw(track, actor=secretary)
    assert Draw.objects.get().revealed_at is None


def test_a_group_can_be_taken_off_before_the_draw(track, groups, secretary):
    row = actions.shortlist_by_hand(track, groups[0], actor=secretary, reason="x")
    actions.remove_from_shortlist(row, actor=secretary, reason="小组放弃发表")
    assert not Shortlist.objects.exists()
    assert AuditEvent.objects.get(verb="shortlist.removed").data == {"reason": "小组放弃发表"}


def test_publishing_the_order_tells_every_group_once(owner, secretary):
    event = builders.drawn_event(owner, secretary, factories.round_of(2026, 1))
    actions.publish_order(event, actor=secretary, now=clock.now())
    assert event.is_published
    assert MailMessage.objects.filter(subject__contains="发表顺序").count() == 3
    with refused("published"):
        actions.publish_order(event, actor=secretary, now=clock.now())


def test_an_undrawn_event_is_not_published(track, secretary):
    with refused("undrawn"):
        actions.publish_order(track.event, actor=secretary, now=clock.now())
