"""What every request passes: its id, the second factor of staff, idle time."""

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from qcportal.models import AuditEvent
from tests import factories


def test_every_answer_carries_the_id_of_its_request(client, db):
    first, second = client.get("/healthz"), client.get("/healthz")
    assert len(first["X-Request-ID"]) == 12
    assert first["X-Request-ID"] != second["X-Request-ID"]


def test_the_trail_keeps_request_and_address(client, owner):
    client.force_login(owner)
    answer = client.post(
        reverse("applications:new"),
        {"round": factories.open_round().pk, "group_name": "红柳QC小组", "topic_type": "self_set"},
        REMOTE_ADDR="192.0.2.7",
    )
    event = AuditEvent.objects.get(verb="application.created")
    assert (event.request_id, event.ip) == (answer["X-Request-ID"], "192.0.2.7")


@pytest.fixture
def second_factor(settings):
    settings.STAFF_SECOND_FACTOR = True


def test_staff_set_up_a_second_factor_before_anything_else(client, secretary, second_factor):
    client.force_login(secretary)
    answer = client.get("/admin/")
    assert (answer.status_code, answer["Location"]) == (302, reverse("mfa_activate_totp"))
    Authenticator.objects.create(user=secretary, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert client.get("/admin/").status_code == 200


def test_others_are_not_asked_for_a_second_factor(client, owner, second_factor):
    client.force_login(owner)
    assert client.get(reverse("applications:workspace")).status_code == 200


def test_behind_the_proxy_the_address_is_the_one_the_proxy_saw(client, owner, settings):
    settings.PRODUCTION = True
    client.force_login(owner)
    client.post(
        reverse("applications:new"),
        {"round": factories.open_round().pk, "group_name": "红柳QC小组", "topic_type": "self_set"},
        HTTP_X_FORWARDED_FOR="203.0.113.9, 198.51.100.4",
    )
    assert AuditEvent.objects.get(verb="application.created").ip == "198.51.100.4"


def test_idle_staff_are_out_after_fifteen_minutes_in_production(client, secretary, settings):
    settings.PRODUCTION = True
    client.force_login(secretary)
    client.get("/admin/")
    assert client.session.get_expiry_age() == 15 * 60
