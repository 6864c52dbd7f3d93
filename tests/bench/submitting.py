"""A submit with all it writes, against a bare transaction that locks a row and writes one."""

from django.db import transaction

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
