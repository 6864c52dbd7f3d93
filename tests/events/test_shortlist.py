"""入选发表 by rank and by quota: preview, confirmation, undoing."""

import pytest
from django.urls import reverse

from events import actions, choosing
from events.models import Shortlist, ShortlistBatch
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent
from tests.events import builders as event_builders
from tests.reviews import builders


@pytest.fixture
def round_(db):
    return builders.closed_round()


@pytest.fixture
def event(round_):
    return event_builders.event(round_)


@pytest.fixture
def track(event):
    return event.tracks.get()


@pytest.fixture
def filings(round_, owner, rival, secretary):
    """Document ranks 1, 2, 2, 4; the first two solve problems, the others are innovative."""
    stage = builders.stage_of(round_)
    panel = builders.judges(3, round_.programme)
    made = []
    for at, (who, kind, total) in enumerate(
        ((owner, "self_set", 90), (rival, "self_set", 85), (owner, "innovation", 85), (rival, "innovation", 70)), 1
    ):
        made.append(builders.accepted(who, round_, at, topic_type=kind))
        for assignment in builders.assigned(stage, made[-1], panel, secretary):
            builders.submitted_sheet(assignment, total)
    return made


def taken(plan):
    return [one.application.file_number[-1] for one in plan.added]


def test_the_first_so_many_with_all_who_share_the_last_place(event, filings):
    plan = choosing.plan(event, "rank", {"": 2})
    assert taken(plan) == ["1", "2", "3"]
    assert plan.groups[0].sentence == ("全部：名额 2 个，有资料名次的 4 组，取 3 组（第 2 名并列，一并列入）。")


def test_a_quota_for_each_type(event, filings):
    plan = choosing.plan(event, "type", {"self_set": 1, "innovation": 1})
    assert taken(plan) == ["1", "3"]
    assert plan.rule.startswith("按课题类型分配名额：")
    assert (plan.basis, choosing.plan(event, "rank", {}).basis) == ("quota", "rank")


@pytest.mark.parametrize("by", ["industry", "city"])
def test_a_quota_for_each_field(event, filings, by):
    groups = choosing.groups_of(event, by)
    assert sum(len(group.candidates) for group in groups) == 4
    plan = choosing.plan(event, by, {group.key: 1 for group in groups})
    assert "1" in taken(plan)


def test_a_batch_is_taken_in_and_undone_while_others_stay(event, track, filings, secretary):
    actions.shortlist_by_hand(track, filings[0], actor=secretary, reason="突出")
    plan = choosing.plan(event, "rank", {"": 2})
    assert "其中 1 组已在名单中" in plan.groups[0].sentence
    batch = actions.shortlist_batch(track, "rank", {"": 2}, actor=secretary, seen=plan.seal)
    assert sorted(event.shortlist.values_list("document_rank", flat=True), key=lambda r: r or 0) == [None, 2, 2]
    assert {row.batch for row in event.shortlist.filter(basis="rank")} == {batch}
    assert actions.undo_batch(batch, actor=secretary) == 2
    assert event.shortlist.get().application == filings[0]
    assert AuditEvent.objects.get(verb="shortlist.batch_undone").before == {
        "file_numbers": ["QC2026-1-0002", "QC2026-1-0003"]
    }
    with pytest.raises(Refusal) as refused:
        actions.undo_batch(batch, actor=secretary)
    assert refused.value.code == "undone"


def test_a_list_that_changed_since_the_preview_is_refused(event, track, filings, secretary, auditor):
    seen = choosing.plan(event, "rank", {"": 2}).seal
    with pytest.raises(NotAllowed):
        actions.shortlist_batch(track, "rank", {"": 2}, actor=auditor, seen=seen)
    actions.shortlist_by_hand(track, filings[0], actor=secretary, reason="突出")
    with pytest.raises(Refusal) as refused:
        actions.shortlist_batch(track, "rank", {"": 2}, actor=secretary, seen=seen)
    assert refused.value.code == "stale"
    with pytest.raises(Refusal) as refused:
        actions.shortlist_batch(track, "rank", {}, actor=secretary, seen=seen)
    assert refused.value.code == "nobody"
    assert not ShortlistBatch.objects.exists()


def test_after_the_draw_a_batch_stands(event, track, filings, secretary):
    seen = choosing.plan(event, "rank", {"": 1}).seal
    batch = actions.shortlist_batch(track, "rank", {"": 1}, actor=secretary, seen=seen)
    actions.commit_draw(track, actor=secretary)
    actions.perform_draw(track, actor=secretary)
    with pytest.raises(Refusal) as refused:
        actions.undo_batch(batch, actor=secretary)
    assert refused.value.code == "drawn"


def test_the_page_previews_confirms_and_undoes(client, event, track, filings, secretary, auditor):
    client.force_login(secretary)
    address = reverse("admin:events_event_shortlist", args=[event.pk])
    assert "按课题类型分配名额" in client.get(address).text
    asked = {"by": "type", "track": track.pk, "quota_self_set": 1, "quota_innovation": 1}
    page = client.get(address, asked)
    assert "将新列入 2 组" in page.text
    assert not Shortlist.objects.exists()
    seal = page.context["plan"].seal
    assert "刚刚有变化" in client.post(address, {**asked, "seen": "old"}).text
    assert "已列入 2 个小组" in client.post(address, {**asked, "seen": seal}, follow=True).text
    order = reverse("admin:events_event_order", args=[event.pk])
    batch = ShortlistBatch.objects.get()
    assert "按课题类型分配名额：" in client.get(order).text
    assert "2 个小组移出名单" in client.post(order, {"step": "undo", "batch": batch.pk}, follow=True).text
    assert not Shortlist.objects.exists()
    client.force_login(auditor)
    assert client.get(address, asked).status_code == 200
    assert client.post(address, {**asked, "seen": seal}).status_code == 403


def test_a_wrong_number_is_said_beside_the_field(client, event, track, filings, secretary):
    client.force_login(secretary)
    page = client.get(
        reverse("admin:events_event_shortlist", args=[event.pk]), {"by": "rank", "track": track.pk, "quota_": "-3"}
    ).text
    assert 'value="-3"' in page
    assert "field__error" in page


def test_an_event_without_a_round_says_why(client, secretary, event):
    type(event).objects.update(round=None)
    client.force_login(secretary)
    assert "没有对应的期" in client.get(reverse("admin:events_event_shortlist", args=[event.pk])).text
