"""Every own address x every kind of person x every method, against the table."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access import table, world

# Addresses that have pattern rows of their own below, not one row each.
BY_PATTERN = ("admin:", "mfa_")
ENGLISH = ("Traceback", "DEBUG", "Page not found", "Forbidden", "Method Not Allowed", "Bad Request", "Server Error",
           "Not Found", "Permission denied", "CSRF", "Exception", "django.")  # fmt: skip

LINES = [line.split() for line in table.TABLE.strip().splitlines() if not line.startswith("#")]
COLUMNS = LINES[0]
CELLS = {(name, method): cells for name, method, *cells in LINES[1:]}
NAMES = list(dict.fromkeys(name for name, _method in CELLS))


def own_names(resolver: URLResolver, space: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield f"{space}{entry.name}"
        else:
            yield from own_names(entry, f"{space}{entry.namespace}:" if entry.namespace else space)


def expected(name: str, method: str, column: str) -> str:
    cells = CELLS.get((name, method))
    if cells is not None:
        return cells[1] if cells[0] == "all" else cells[COLUMNS.index(column)]
    private = any(cells[0] == "in" for (listed, _method), cells in CELLS.items() if listed == name)
    return "in" if column == "anon" and private else "405"


def answer(response: HttpResponse) -> str:
    """A response in the words of the table."""
    if response.status_code == 302:
        return "in" if response["Location"].startswith("/accounts/login/?next=") else "go"
    return "ok" if response.status_code == 200 else str(response.status_code)


def leaks(response: HttpResponse) -> str:
    if response.streaming or "text" not in response.get("Content-Type", ""):
        return ""
    body = response.content.decode()
    return next((f", says {words!r}" for words in ENGLISH if words in body), "")


def ask(client: Client, method: str, address: str) -> HttpResponse:
    """One request that leaves nothing behind (savepoints, because actions insist on the outermost ``atomic``)."""
    before, cookies = transaction.savepoint(), client.cookies.output(header="")
    response = getattr(client, method.lower())(address)
    transaction.savepoint_rollback(before)
    client.cookies.load(cookies)
    if response.streaming:
        response.getvalue()  # to the end, which closes the file
    return response


def address_of(there: world.World, name: str) -> str:
    arguments, query = there.addresses.get(name, ({}, ""))
    return reverse(name.partition("/")[0], kwargs=arguments) + query


@pytest.fixture
def there(db, settings) -> world.World:
    settings.STAFF_SECOND_FACTOR = False
    return world.build()


def signed_in(there: world.World, column: str) -> Client:
    client = Client(raise_request_exception=False)
    if there.people[column] is not None:
        client.force_login(there.people[column])
    return client


def test_the_table_names_every_own_address_and_no_other():
    real = {name for name in own_names(get_resolver()) if not name.startswith(BY_PATTERN)}
    named = {name.partition("/")[0] for name in NAMES}
    assert (real - named, named - real) == (set(), set())


def test_every_row_of_the_table_is_complete():
    assert [key for key, cells in CELLS.items() if cells[0] != "all" and len(cells) != len(COLUMNS)] == []


@pytest.mark.parametrize("column", COLUMNS)
def test_every_address_answers_as_the_table_says(there, column):
    client = signed_in(there, column)
    wrong = []
    for name in NAMES:
        address = address_of(there, name)
        for method in ("GET", "POST", "PUT"):
            response = ask(client, method, address)
            wanted, got = expected(name, method, column), answer(response) + leaks(response)
            if got != wanted:
                wrong.append(f"{method} {name}: {got}, the table says {wanted}")
    assert not wrong, "\n" + "\n".join(wrong)


def unknown(there: world.World, name: str) -> str | None:
    """The same address with an id that nothing has; None for addresses without one."""
    arguments, query = there.addresses.get(name, ({}, ""))
    ids = {key: world.UNKNOWN for key in arguments if key in {"uuid", "item", "evidence", "upload"}}
    return reverse(name.partition("/")[0], kwargs={**arguments, **ids}) + query if ids else None


@pytest.mark.parametrize("column", COLUMNS)
def test_an_unknown_id_is_answered_like_one_that_may_not_be_seen(there, column):
    """Nobody learns from an answer that something exists which they may not see."""
    client = signed_in(there, column)
    wrong = []
    for name, method in CELLS:
        address, wanted = unknown(there, name), expected(name, method, column)
        if address is None:
            continue
        got = answer(ask(client, method, address))
        if got not in ({wanted} if wanted in {"in", "401"} else {"404", "403"} if wanted == "403" else {"404"}):
            wrong.append(f"{method} {name}: {got}, with the real id {wanted}")
    assert not wrong, "\n" + "\n".join(wrong)
