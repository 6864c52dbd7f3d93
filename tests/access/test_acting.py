"""While a secretary looks with somebody else's eyes: every own address x every kind of person x every method."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.actions.acting import look_as
from qcportal import acting, clock
from tests.access import world
from tests.access.test_addresses import NAMES, address_of, answer, ask, expected, leaks

# Kinds of people that may be looked at; the others of the table are refused (below).
SEEN = ["own", "mgr", "clk", "clk0", "riv", "rec", "rec0", "jdg", "oth", "rcsd", "lead"]
REFUSED = ["none", "desk", "secr", "audi"]
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
# Answers that differ from the person's own: closed while looking, or shown to the person with marks that we leave.
CLOSED_NAMES = {name for name in NAMES if name.startswith("account_")} | {
    "session_again", "personal_copy", "personal_agree", "personal_take_back", "verify_email", "send_email_code",
    "person_invitation", "mail_preferences",
}  # fmt: skip
# The judge's sheet leads on to a page that shows points: it stays at the sheet.
ELSEWHERE = {("reviews:confirm", "jdg"): "go"}
# The printed form stands alone, as it will come out of the printer; the judges' copy stands in a frame of the sheet.
WITHOUT_BANNER = {"applications:preview", "reviews:copy"}
WRITING = ("INSERT", "UPDATE", "DELETE", "REPLACE")


@pytest.fixture
def there(db, settings) -> world.World:
    settings.STAFF_SECOND_FACTOR = False
    return world.build()


def looking(there: world.World, column: str) -> Client:
    """The secretary's browser, looking as the person of ``column``."""
    client = Client(raise_request_exception=False)
    client.force_login(there.people["secr"])
    viewing = look_as(there.people[column], actor=there.people["secr"], reason="来电说看不到按钮", now=clock.now())
    session = client.session
    session[acting.SESSION_KEY] = str(viewing.uuid)
    session.save()
    return client


@pytest.mark.parametrize("column", SEEN)
def test_all_is_seen_as_the_person_sees_it_and_nothing_can_be_done(there, column):
    """One test for one person, because the world takes long to build."""
    client = looking(there, column)
    wrong = passing(there, client) + shown_otherwise(there, client, column) + open_still(client)
    assert not wrong, "\n" + "\n".join(wrong)


def passing(there: world.World, client: Client) -> list[str]:
    """Unsafe methods that are not refused, over all addresses."""
    wrong = []
    for name in NAMES:
        for method in UNSAFE:
            response = ask(client, method, address_of(there, name))
            if response.status_code != 403 or "查看期间不能这样做" not in response.content.decode():
                wrong.append(f"{method} {name}: {response.status_code}")
    return wrong


def shown_otherwise(there: world.World, client: Client, column: str) -> list[str]:
    """Pages that answer in another way than they answer the person, that write, or that lack the banner."""
    wrong = []
    for name in NAMES:
        wanted = "403" if name in CLOSED_NAMES else ELSEWHERE.get((name, column), expected(name, "GET", column))
        with CaptureQueriesContext(connection) as queries:
            response = ask(client, "GET", address_of(there, name))
        got = answer(response) + leaks(response)
        if got != wanted:
            wrong.append(f"GET {name}: {got}, the person gets {wanted}")
        wrong += [f"GET {name} writes {sql}" for sql in written(queries)]
        if is_page(response) and name not in WITHOUT_BANNER and "结束查看" not in response.content.decode():
            wrong.append(f"GET {name} has no banner")
    return wrong


def is_page(response: HttpResponse) -> bool:
    return not response.streaming and "text/html" in response.get("Content-Type", "") and bool(response.content)


def open_still(client: Client) -> list[str]:
    """The staff site and the second factor."""
    names = (
        "admin:index",
        "admin:act_as",
        "mfa_index",
        "mfa_activate_totp",
        "admin:applications_application_changelist",
    )
    return [f"{name} is open" for name in names if client.get(reverse(name)).status_code != 403]


def written(queries: CaptureQueriesContext) -> list[str]:
    """Statements that change rows, without the record of the looking itself and the staff session."""
    own = ('"qcportal_auditevent"', '"qcportal_viewing"', '"django_session"')
    statements = [row["sql"].strip() for row in queries.captured_queries]
    return [sql[:120] for sql in statements if sql.upper().startswith(WRITING) and not any(name in sql for name in own)]


def test_nobody_looks_as_staff_as_an_auditor_or_as_somebody_without_pages(there):
    for column in REFUSED:
        with transaction.atomic(), pytest.raises(acting.Refusal):
            look_as(there.people[column], actor=there.people["secr"], reason="核对页面", now=clock.now())


def test_after_half_an_hour_the_browser_is_its_owners_again(there):
    client = looking(there, "own")
    assert client.get(reverse("applications:workspace")).status_code == 200
    with clock.fixed(clock.now() + timedelta(minutes=acting.MINUTES)):
        gone = client.get(reverse("applications:workspace"))
        assert gone["Location"] == reverse("admin:act_as")
        assert client.get(reverse("admin:index")).status_code == 200
