"""Enterprises at work over HTTP: each opens its form, autosaves, submits; afterwards every value is held against what
was sent. Used by the bench with 200 of them and by a test with a dozen."""

import html
import http.client
import json
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.test import Client
from django.urls import reverse

from applications.models import Application, Round, Submission
from applications.states import State
from qcportal.models import User
from tests import factories

TIMEOUT = 300
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HIDDEN = ("csrfmiddlewaretoken", "seen_version", "seen_fields")
CONFIRMED = {"truthful": "on", "members_informed": "on"}


@dataclass
class Visitor:
    """One enterprise: what it sent, what it was answered, how long it waited."""

    number: int
    owner: User
    application: Application
    port: int
    cookies: dict[str, str]
    sent: dict[str, str] = field(default_factory=dict)
    versions: list[int] = field(default_factory=list)
    waited: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def ask(self, kind: str, method: str, address: str, body: dict | None = None, **headers: str) -> tuple[int, str]:
        """Status and text; a broken connection is status 0."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        started = time.perf_counter()
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
            sent = urlencode(body, doseq=True) if body is not None else None
            connection.request(method, address, sent, {"Cookie": cookies, **(FORM if sent else {}), **headers})
            with connection.getresponse() as answer:
                text = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            return 0, str(error)
        finally:
            self.waited.setdefault(kind, []).append(time.perf_counter() - started)
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, text

    def fail(self, what: str, status: int, text: str) -> None:
        self.errors.append(f"enterprise {self.number}: {what}: {status} {text[:200]}")


def prepare(count: int, ports: Sequence[int], round_: Round | None = None) -> list[Visitor]:
    """``count`` enterprises with complete drafts, logged in, spread over the web processes."""
    visitors = []
    for number in range(count):
        owner = factories.enterprise_owner(
            username=f"load{number}", name=f"负责人{number}", enterprise_name=f"青海负荷测试第{number}有限公司"
        )
        application = factories.complete_draft(owner, round_, group_name=f"第{number}QC小组")
        client = Client()
        client.force_login(owner)
        cookies = {"sessionid": client.cookies["sessionid"].value}
        visitors.append(Visitor(number, owner, application, ports[number % len(ports)], cookies))
    return visitors


def all_at_once(visitors: Sequence[Visitor], work: Callable[[Visitor], None]) -> float:
    """Seconds until the last one is done; all start together."""
    barrier = threading.Barrier(len(visitors) + 1)

    def run(visitor: Visitor) -> None:
        barrier.wait()
        work(visitor)

    threads = [threading.Thread(target=run, args=(visitor,)) for visitor in visitors]
    for thread in threads:
        thread.start()
    barrier.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started


def hidden(text: str) -> dict[str, str]:
    found = {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', text) for name in HIDDEN}
    return {name: html.unescape(match.group(1)) for name, match in found.items() if match}


def file_one(visitor: Visitor, saves: int) -> None:
    """Opens a section, autosaves ``saves`` times, submits."""
    address = reverse("applications:section", args=[visitor.application.uuid, "results"])
    status, text = visitor.ask("open", "GET", address)
    if status != 200:
        return visitor.fail("open", status, text)
    carried = hidden(text)
    token = carried.pop("csrfmiddlewaretoken")
    for turn in range(saves):
        name = ("actual_value", "main_results", "honours")[turn % 3]
        value = f"第{visitor.number}家第{turn}次填写的内容" * (1 if name == "actual_value" else 20)
        status, text = visitor.ask(
            "autosave", "POST", f"{address}autosave/", {**carried, "fields": name, name: value},
            **{"X-CSRFToken": token, "Accept": "application/json"},
        )  # fmt: skip
        if status != 200:
            visitor.fail(f"autosave {turn}", status, text)
            continue
        answer = json.loads(text)
        if answer["saved"] != [name]:
            visitor.fail(f"autosave {turn}", status, text)
        visitor.sent[name] = value
        visitor.versions.append(answer["version"])
        carried = {"seen_version": str(answer["version"]), "seen_fields": json.dumps(answer["seen"])}
    return press(visitor)


def press(visitor: Visitor) -> None:
    """Opens the submit page and presses its button."""
    address = reverse("applications:submit", args=[visitor.application.uuid])
    status, text = visitor.ask("review", "GET", address)
    if status != 200:
        return visitor.fail("review", status, text)
    boxes = dict.fromkeys(re.findall(r'type="checkbox" name="([^"]+)"', text), "on") or CONFIRMED
    status, text = visitor.ask("submit", "POST", address, {**boxes, **hidden(text)})
    if status != 302:
        visitor.fail("submit", status, text)
    return None


def lost(visitors: Sequence[Visitor]) -> list[str]:
    """Values that are not stored, or not frozen in exactly one submission."""
    found = []
    for visitor in visitors:
        row = Application.objects.get(pk=visitor.application.pk)
        found += [f"{visitor.number} {name}" for name, value in visitor.sent.items() if getattr(row, name) != value]
        frozen = list(Submission.objects.filter(application=row))
        if len(frozen) != 1 or row.state != State.SUBMITTED:
            found.append(f"{visitor.number} has {len(frozen)} submissions and is {row.state}")
            continue
        results = frozen[0].data["results"]
        found += [f"{visitor.number} {name} frozen" for name, value in visitor.sent.items() if results[name] != value]
    return found


def skipped(visitors: Sequence[Visitor]) -> list[str]:
    """Versions that do not follow one another, in a draft's autosaves or in the round's file numbers."""
    found = [
        f"{visitor.number}: versions {visitor.versions}"
        for visitor in visitors
        if visitor.versions != list(range(2, len(visitor.versions) + 2))
    ]
    rows = Application.objects.filter(pk__in=[visitor.application.pk for visitor in visitors])
    numbers = sorted(int(number.rsplit("-", 1)[1]) for number in rows.values_list("file_number", flat=True) if number)
    if numbers and numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        found.append(f"file numbers {numbers}")
    return found
