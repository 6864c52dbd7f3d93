"""The public event pages."""

import pytest
from django.urls import reverse

from events import actions, agenda
from events.models import Event
from qcportal import clock
from tests import factories
from tests.events import builders


@pytest.fixture
def event(owner, secretary):
    return builders.drawn_event(owner, secretary, factories.round_of(2026, 1))


@pytest.fixture
def published(event, secretary):
    actions.publish_order(event, actor=secretary, now=clock.now())
    return event


def page(client, event, name="events:detail"):
    return client.get(reverse(name, args=[event.slug]))


def test_an_unpublished_event_is_seen_by_its_people_only(client, event, secretary, event_staff, owner):
    assert page(client, event).status_code == 404
    client.force_login(owner)
    assert page(client, event).status_code == 404
    for person in (secretary, event_staff):
        client.force_login(person)
        assert page(client, event).status_code == 200


def test_the_published_programme_shows_order_and_record_but_no_contacts(client, published):
    content = page(client, published).content.decode()
    draw = published.tracks.get().draw
    for text in ("第1QC小组", "青海湖光盐化股份有限公司", draw.seed, draw.seed_sha256, "QC2026-1-0001"):
        assert text in content
    assert "lwj@huguang.example" not in content


def test_before_publication_the_seed_stays_secret_and_its_hash_is_public(client, owner, secretary):
    event = builders.event(factories.round_of(2026, 1), is_published=True)
    track = event.tracks.get()
    actions.shortlist_by_hand(track, builders.accepted(owner, event.round, 1), actor=secretary, reason="x")
    draw = actions.commit_draw(track, actor=secretary)
    content = page(client, event).content.decode()
    assert draw.seed_sha256 in content
    assert draw.seed not in content
    actions.perform_draw(track, actor=secretary)
    content = page(client, event).content.decode()
    assert draw.seed not in content, "drawn, but the order is not public yet"
    assert "第1QC小组" not in content


def test_the_agenda_waits_for_the_worker_and_then_is_a_pdf(client, published):
    waiting = page(client, published, "events:agenda_pdf")
    assert (waiting.status_code, waiting["Retry-After"]) == (202, "5")
    agenda.build({"event": published.pk})
    ready = page(client, published, "events:agenda_pdf")
    assert (ready.status_code, ready["Content-Type"]) == (200, "application/pdf")
    assert b"".join(ready.streaming_content).startswith(b"%PDF")


def test_no_agenda_before_the_order_is_public(client, event, secretary):
    client.force_login(secretary)
    assert page(client, event, "events:agenda_pdf").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_much_for_three_events_as_for_one(client, db, django_assert_num_queries, count):
    for number in range(count):
        builders.event(factories.round_of(2026, 1), slug=f"event-{number}", is_published=True)
    with django_assert_num_queries(LIST_QUERIES):
        response = client.get(reverse("events:list"))
    assert response.content.decode().count("第一期成果技术交流发布会") == count


LIST_QUERIES = 4  # upcoming, past, the association of the footer


@pytest.mark.parametrize("count", [1, 3])
def test_the_programme_asks_as_much_for_three_groups_as_for_one(
    client, owner, secretary, django_assert_num_queries, count
):
    event = builders.drawn_event(owner, secretary, factories.round_of(2026, 1), groups=count)
    actions.publish_order(event, actor=secretary, now=clock.now())
    with django_assert_num_queries(5):
        response = page(client, event)
    assert response.content.decode().count("降低设备故障率") == count


def test_an_event_without_tracks_has_a_page(client, db):
    event = builders.event(factories.round_of(2026, 1), is_published=True)
    Event.objects.get().tracks.all().delete()
    assert page(client, event).status_code == 200


def test_writing_to_public_pages_is_refused(client, published):
    assert client.post(reverse("events:detail", args=[published.slug])).status_code == 405
