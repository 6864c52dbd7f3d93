"""The append-only audit trail. Called inside the transaction of the change that it records."""

from typing import Any

from django.db import connection, models

from qcportal import clock
from qcportal.models import AuditEvent, User
from qcportal.request_context import current_request


def record(
    verb: str,
    target: models.Model,
    *,
    actor: User | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    **data: Any,
) -> AuditEvent:
    """Write one audit row. ``verb`` is ``noun.verb``, such as ``application.submitted``.

    ``before`` and ``after`` name fields and public values; personal values never enter the trail,
    so that a purge can remove them elsewhere. Refused outside a transaction: a change and its
    record stand or fall together.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"audit row {verb} outside a transaction")
    context = current_request.get()
    return AuditEvent.objects.create(
        at=clock.now(),
        verb=verb,
        actor=actor,
        actor_label=str(actor)[:150] if actor else "系统",
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        target_label=str(target)[:200],
        before=before or {},
        after=after or {},
        data=data,
        request_id=context.request_id,
        ip=context.ip,
    )
