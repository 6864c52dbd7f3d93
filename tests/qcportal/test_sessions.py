"""A session is prolonged by use, and written once a minute at most."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

WORKSPACE = reverse("applications:workspace")


@pytest.fixture
def used(client, owner):
    """Sets when the session was last written, ``minutes`` ago, and returns its end after one more request."""
    client.force_login(owner)

    def ask(minutes):
        end = timezone.now() + timedelta(minutes=30 - minutes)
        Session.objects.update(expire_date=end)
        answer = client.get(WORKSPACE)
        return answer, Session.objects.get().expire_date - end

    return ask


def test_within_a_minute_nothing_is_written_and_no_cookie_sent(used):
    answer, longer = used(0.5)
    assert answer.status_code == 200
    assert longer == timedelta(0)
    assert "sessionid" not in answer.cookies


def test_after_a_minute_the_session_lasts_thirty_minutes_again(used):
    answer, longer = used(20)
    assert answer.status_code == 200
    assert timedelta(minutes=19) < longer < timedelta(minutes=21)
    assert "sessionid" in answer.cookies


def test_after_thirty_idle_minutes_one_has_to_log_in_again(client, owner):
    client.force_login(owner)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get(WORKSPACE).status_code == 302


def test_staff_in_production_have_fifteen_minutes_that_use_prolongs(client, secretary, settings):
    settings.PRODUCTION = True
    client.force_login(secretary)
    client.get("/admin/")
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=5))
    client.get("/admin/")
    left = Session.objects.get().expire_date - timezone.now()
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)
