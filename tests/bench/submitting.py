"""A submit with all it writes, against a bare transaction that locks a row and writes one; an autosave, against a
bare page with as many queries."""

from itertools import count

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.actions.submission import CONFIRMATIONS, submit
from applications.models import Application, Round, SubmitAttempt
from qcportal import clock
from qcportal.models import User
from tests import factories
from tests.bench.measure import bench, in_turns, report

TIMES = 20


@bench("submit", every_size=True)
def submitting(size: str) -> None:
    owner = User.objects.get(username="demo-enterprise")
    round_ = Round.objects.open_at(clock.now())[0]
    drafts = [
        factories.complete_draft(
            owner, round_, group_name=f"测量{number}号QC小组", topic_name=f"降低{number}号线返工率"
        )
        for number in range(TIMES + 1)
    ]
    waiting = iter(drafts)
    confirmations = dict.fromkeys(CONFIRMATIONS, "2026-1")

    def act() -> None:
        submit(next(waiting), actor=owner, confirmations=confirmations, arrived_at=clock.now())

    def bare() -> None:
        with transaction.atomic():
            row = Application.objects.select_for_update().get(pk=drafts[0].pk)
            SubmitAttempt.objects.create(
                application=row, user=owner, arrived_at=clock.now(), decided_at=clock.now(), outcome="bench", message=""
            )

    value, floor = in_turns(act, bare, TIMES)
    report(f"submit_{size}", value * 1000, "ms", floor * 1000)


@bench("autosave")
def autosaving(size: str) -> None:
    """One changed field, over the whole stack."""
    owner = User.objects.get(username="demo-enterprise")
    draft = factories.complete_draft(owner, Round.objects.open_at(clock.now())[0])
    client, turn = Client(), count()
    client.force_login(owner)
    address = reverse("applications:autosave", args=[draft.uuid, "results"])

    def act() -> None:
        draft.refresh_from_db(fields=["edit_version"])
        entries = {"seen_version": draft.edit_version, "fields": "honours", "honours": f"第{next(turn)}次"}
        answer = client.post(address, entries)
        assert answer.status_code == 200, answer.content

    act()
    with CaptureQueriesContext(connection) as captured:
        act()
    queries = len(captured) - 1  # now: the next request empties the log
    value, floor = in_turns(act, lambda: client.get(f"/bench/bare/{queries}/"), TIMES)
    report(f"autosave_{size}", value * 1000, "ms", floor * 1000)
    report(f"autosave_{size}_queries", queries, "queries")
