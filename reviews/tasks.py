"""Outbox handlers of judging."""

from typing import Any

from qcportal import outbox
from reviews.actions import proposing


@outbox.handler(proposing.TOPIC)
def solve_proposal(payload: dict[str, Any]) -> None:
    proposing.work(payload["proposal"])
