"""Addresses that are not ours, by pattern: the second factor's pages (allauth) and static files."""

import urllib.error
import urllib.request

import pytest
from django.urls import get_resolver, reverse

from tests import factories


def mfa_names(resolver=None):
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from mfa_names(pattern)
        elif (pattern.name or "").startswith("mfa_"):
            yield pattern.name


PENDING_LOGIN = {"mfa_authenticate"}  # only in the middle of a login


def test_the_pattern_covers_what_is_routed():
    assert len(set(mfa_names())) >= 7


@pytest.mark.parametrize("name", sorted(set(mfa_names())))
def test_nobody_logged_out_reaches_the_second_factor(client, db, name):
    answer = client.get(reverse(name))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("name", sorted(set(mfa_names()) - PENDING_LOGIN))
@pytest.mark.parametrize("kind", ["enterprise", "staff"])
def test_everybody_logged_in_manages_the_own_second_factor(client, db, name, kind):
    person = factories.enterprise_owner() if kind == "enterprise" else factories.staff()
    client.force_login(person)
    answer = client.get(reverse(name))
    # A page, the password asked again, or nothing to show yet for somebody without an authenticator.
    assert answer.status_code in {200, 302, 404}
    assert "Traceback" not in answer.content.decode()


def test_static_files_ask_for_nobody(live_server):
    with urllib.request.urlopen(f"{live_server.url}/static/css/portal.css") as answer:
        assert answer.status == 200
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{live_server.url}/static/css/nothing.css")
    with refused.value as answer:
        assert answer.code == 404
