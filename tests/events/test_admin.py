"""The running-order page of the admin."""

import pytest
from django.urls import reverse

from events.models import Draw, Event, Shortlist
from tests import factories
from tests.events import builders


@pytest.fixture
def event(owner):
    row = builders.event(factories.round_of(2026, 1))
    builders.accepted(owner, row.round, 1)
    return row


@pytest.fixture
def desk(client, secretary, event):
    client.force_login(secretary)

    def press(step, **data):
        data.setdefault("track", event.tracks.get().pk)
        return client.post(reverse("admin:events_event_order", args=[event.pk]), {"step": step, **data}, follow=True)

    return press


def test_from_list_to_published_order(desk, event):
    candidate = event.round.applications.get()
    assert "已列入 第1QC小组" in desk("hand", application=candidate.pk, reason="资料评审突出").content.decode()
    assert "SHA-256 已在活动页公布" in desk("commit").content.decode()
    assert "名单已冻结" in desk("draw").content.decode()
    assert "发表顺序已公布" in desk("publish").content.decode()
    assert Event.objects.get().is_published
    assert Draw.objects.get().record["order"] == ["QC2026-1-0001"]


def test_a_refusal_is_shown_in_its_own_words(desk):
    assert "请先公布种子哈希" in desk("draw").content.decode()


def test_a_missing_reason_is_said_beside_the_field_and_keeps_the_choice(desk, event):
    candidate = event.round.applications.get()
    page = desk("hand", application=candidate.pk, reason="").content.decode()
    assert f'<option value="{candidate.pk}" selected>' in page
    assert not Shortlist.objects.exists()


def test_an_auditor_looks_and_changes_nothing(client, auditor, event):
    client.force_login(auditor)
    address = reverse("admin:events_event_order", args=[event.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"step": "commit", "track": event.tracks.get().pk}).status_code == 403
    assert not Draw.objects.exists()


def test_an_enterprise_is_kept_out(client, owner, event):
    client.force_login(owner)
    assert client.get(reverse("admin:events_event_order", args=[event.pk])).status_code == 403
