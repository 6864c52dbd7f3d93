"""The year's two presentation events are there before their dates are."""

from django.core.management import call_command
from django.utils import timezone

from applications.models import Programme
from events.models import Event
from events.planning import plan_events


def test_a_new_programme_has_its_july_and_december_events_unpublished(db):
    call_command("create_programme", "2027")
    events = list(Event.objects.order_by("starts_at"))
    assert [(timezone.localtime(event.starts_at).month, event.is_published) for event in events] == [
        (7, False),
        (12, False),
    ]
    assert [event.tracks.count() for event in events] == [1, 1]


def test_planning_again_changes_nothing(db):
    call_command("create_programme", "2027")
    assert plan_events(Programme.objects.get()) == []
    assert Event.objects.count() == 2
