from datetime import timedelta

import pytest

from applications import gates
from applications.actions import closing, extending
from applications.models import Extension
from qcportal import clock
from qcportal.errors import NotAllowed
from qcportal.models import AuditEvent, MailMessage
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def lapsed(owner, rival):
    """Two drafts of two enterprises in a round that closed an hour ago."""
    round_ = factories.open_round()
    drafts = [factories.complete_draft(owner, round_), factories.complete_draft(rival, round_)]
    now = clock.now()
    round_.closes_at = now - timedelta(hours=1)
    round_.save()
    closing.close_due_rounds(now)
    return drafts


def _grant(actor, round_, **fields):
    defaults = {"round": round_, "new_deadline": clock.now() + timedelta(days=2), "reason": "暴雪停电"}
    return extending.grant(Extension(**{**defaults, **fields}), actor=actor)


def _states(drafts):
    for draft in drafts:
        draft.refresh_from_db()
    return [draft.state for draft in drafts]


def test_an_extension_of_the_round_brings_lapsed_drafts_back_and_tells_their_owners(lapsed, owner, rival, secretary):
    assert _states(lapsed) == ["lapsed", "lapsed"]
    _grant(secretary, lapsed[0].round)
    assert _states(lapsed) == ["draft", "draft"]
    assert gates.edit_refusal(lapsed[0], clock.now()) is None
    assert set(MailMessage.objects.filter(subject__startswith="申报延期").values_list("to", flat=True)) == {
        owner.email,
        rival.email,
    }
    assert AuditEvent.objects.filter(verb="extension.granted", actor=secretary).count() == 1


def test_an_extension_of_one_enterprise_leaves_the_others_lapsed(lapsed, secretary):
    _grant(secretary, lapsed[0].round, enterprise=lapsed[0].enterprise)
    assert _states(lapsed) == ["draft", "lapsed"]


def test_the_drafts_lapse_again_at_the_new_deadline(lapsed, secretary):
    _grant(secretary, lapsed[0].round)
    closing.close_due_rounds(clock.now() + timedelta(days=3))
    assert _states(lapsed) == ["lapsed", "lapsed"]


def test_an_extension_that_is_over_already_brings_nothing_back(lapsed, secretary):
    _grant(secretary, lapsed[0].round, new_deadline=clock.now() - timedelta(minutes=5))
    assert _states(lapsed) == ["lapsed", "lapsed"]


def test_only_the_secretariat_extends(lapsed, auditor):
    with pytest.raises(NotAllowed):
        _grant(auditor, lapsed[0].round)
