"""Audit rows of the demo data, collected while building and written in the order of their times."""

from datetime import datetime
from typing import Any

from django.db import models

from qcportal.models import AuditEvent, User


class Trail:
    def __init__(self) -> None:
        self._rows: list[AuditEvent] = []

    def add(self, verb: str, target: models.Model, at: datetime, actor: User | None, **after: Any) -> None:
        """As qcportal.audit.record would have written it at that moment."""
        self._rows.append(
            AuditEvent(
                at=at,
                verb=verb,
                actor=actor,
                actor_label=str(actor)[:150] if actor else "系统",
                target_type=target._meta.label_lower,
                target_id=str(target.pk),
                target_label=str(target)[:200],
                after=after,
                data={"demo": True},
                request_id="seed-demo",
            )
        )

    def add_viewed(self, verb: str, target: models.Model, at: datetime, actor: User, **data: Any) -> None:
        """Of a row that says what was looked at: its facts are data, nothing was changed."""
        self.add(verb, target, at, actor)
        self._rows[-1].data |= data

    def write(self) -> int:
        self._rows.sort(key=lambda row: row.at)
        AuditEvent.objects.bulk_create(self._rows, batch_size=500)
        count, self._rows = len(self._rows), []
        return count
