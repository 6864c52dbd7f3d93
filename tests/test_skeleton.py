from tests import factories


def test_a_complete_draft_can_be_built(owner):
    assert factories.complete_draft(owner).evidence.count() == 3
