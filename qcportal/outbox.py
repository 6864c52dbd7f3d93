"""The transactional outbox: work is written with the change and done at least once afterwards.

``add`` writes a row in the caller's transaction. On commit the row is handed to Celery at once; if the
broker is away the row simply stays, and the relay (every 10 s) sends it when the broker is back.
``deliver`` claims a row by a conditional UPDATE (a lease), runs its handler, and marks it done. A worker
that dies loses its lease after ``lease_seconds`` and the relay sends the row again; a message that the
broker lost is sent again after OUTBOX_RESEND_SECONDS. Handlers must therefore be idempotent.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q

from qcportal import clock
from qcportal.celery import app
from qcportal.models import OutboxMessage, OutboxState

logger = logging.getLogger(__name__)

# Named, not imported: qcportal.tasks imports this module.
DELIVER_TASK = "qcportal.tasks.deliver"
Handler = Callable[[dict[str, Any]], None]
_handlers: dict[str, Handler] = {}


class Postpone(Exception):
    """Raised by a handler that cannot work yet, such as mail over its limit. Not counted as a failure."""

    def __init__(self, seconds: int, reason: str = "") -> None:
        super().__init__(reason)
        self.seconds = seconds
        self.reason = reason


def handler(topic: str) -> Callable[[Handler], Handler]:
    """Register the function that does the work of ``topic``. Lives in an app's tasks.py."""

    def register(function: Handler) -> Handler:
        if topic in _handlers:
            raise RuntimeError(f"two handlers for {topic}")
        _handlers[topic] = function
        return function

    return register


def add(
    topic: str,
    key: str,
    payload: dict[str, Any],
    *,
    queue: str = "default",
    priority: int = 5,
    lease_seconds: int | None = None,
    not_before: datetime | None = None,
) -> OutboxMessage:
    """Write a row for ``topic`` in the running transaction; the same ``key`` twice gives one row.

    With ``not_before`` the work waits for that moment. Refused outside a transaction. The payload holds
    ids and plain values only.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"outbox row {topic} outside a transaction")
    at = clock.now()
    message, created = OutboxMessage.objects.get_or_create(
        key=key,
        defaults={
            "topic": topic,
            "payload": payload,
            "queue": queue,
            "priority": priority,
            "lease_seconds": lease_seconds or settings.OUTBOX_LEASE_SECONDS,
            "created_at": at,
            "available_at": not_before or at,
        },
    )
    if created and not_before is None:
        _nudges().rows.append((message.pk, queue))
    return message


def again(topic: str, key: str, payload: dict[str, Any], **more: Any) -> OutboxMessage:
    """The row of ``key`` is due now, whether it is new, waiting, done or dead. Handlers are idempotent."""
    message = add(topic, key, payload, **more)
    due = OutboxMessage.objects.filter(pk=message.pk)
    if due.exclude(available_at__gt=clock.now()).filter(state=OutboxState.PENDING, attempts=0).exists():
        return message
    due.update(
        state=OutboxState.PENDING, attempts=0, available_at=clock.now(), sent_at=None, lease_until=None, done_at=None
    )
    _nudges().rows.append((message.pk, message.queue))
    return message


class _Nudges:
    """The rows of one transaction, handed over together when it commits: one UPDATE says so for all of them."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, str]] = []

    def __call__(self) -> None:
        nudge(self.rows)


def _nudges() -> _Nudges:
    """What already waits for this commit; a savepoint has its own, which goes with it when it is rolled back."""
    here = set(connection.savepoint_ids)
    for entry in connection.run_on_commit:
        if isinstance(entry[1], _Nudges) and entry[0] == here:
            return entry[1]
    made = _Nudges()
    transaction.on_commit(made, robust=True)
    return made


# After a failure the next few seconds' rows are left to the relay: a request that wrote five rows must not
# wait five times for a broker that is away.
BREAK_SECONDS = 5.0
_broker_away_until = 0.0


def nudge(rows: list[tuple[int, str]]) -> None:
    """On commit: hand the rows over at once if the broker is there, else leave them to the relay."""
    _mark_sent([pk for pk, queue in rows if time.monotonic() >= _broker_away_until and _hand_over(pk, queue)])


def send(pk: int, queue: str) -> bool:
    """Hand one row to Celery. False, and no exception, when the broker is away."""
    if not _hand_over(pk, queue):
        return False
    _mark_sent([pk])
    return True


def _mark_sent(pks: list[int]) -> None:
    if pks:
        OutboxMessage.objects.filter(pk__in=pks, state=OutboxState.PENDING).update(sent_at=clock.now())


def _hand_over(pk: int, queue: str) -> bool:
    global _broker_away_until
    try:
        app.send_task(DELIVER_TASK, args=[pk], queue=queue, retry=False)
    except Exception as error:  # any broker fault must leave the caller's success untouched
        _broker_away_until = time.monotonic() + BREAK_SECONDS
        logger.warning("outbox row %s stays for the relay: %s", pk, error)
        return False
    return True


def relay(limit: int = 200) -> int:
    """Send every row that is due and neither under lease nor sent within the last minute. Returns how many.

    Stops at the first row the broker does not take.
    """
    at = clock.now()
    resend_before = at - timedelta(seconds=settings.OUTBOX_RESEND_SECONDS)
    due = (
        OutboxMessage.objects.filter(state=OutboxState.PENDING, available_at__lte=at)
        .filter(Q(lease_until=None) | Q(lease_until__lt=at))
        .filter(Q(sent_at=None) | Q(sent_at__lt=resend_before))
        .order_by("priority", "id")
    )
    sent = 0
    for pk, queue in list(due.values_list("pk", "queue")[:limit]):
        if not send(pk, queue):
            break
        sent += 1
    return sent


def deliver(pk: int) -> str:
    """Claim row ``pk``, run its handler, mark it done. Returns what happened, for the log.

    A row that is done, dead, not yet due or under another worker's lease is left alone.
    """
    at = clock.now()
    message = OutboxMessage.objects.filter(pk=pk).first()
    if message is None:
        return "gone"
    claimed = (
        OutboxMessage.objects.filter(pk=pk, state=OutboxState.PENDING, available_at__lte=at)
        .filter(Q(lease_until=None) | Q(lease_until__lt=at))
        .update(lease_until=at + timedelta(seconds=message.lease_seconds), attempts=F("attempts") + 1)
    )
    if not claimed:
        return "not claimed"
    function = _handlers.get(message.topic)
    try:
        if function is None:
            raise LookupError(f"no handler for {message.topic}")
        function(message.payload)
    except Postpone as later:
        _postpone(pk, later)
        return "postponed"
    except Exception as error:
        logger.exception("outbox row %s (%s) failed", pk, message.topic)
        return _fail(pk, message.attempts + 1, error)
    OutboxMessage.objects.filter(pk=pk).update(
        state=OutboxState.DONE, done_at=clock.now(), lease_until=None, last_error=""
    )
    return "done"


def _postpone(pk: int, later: Postpone) -> None:
    OutboxMessage.objects.filter(pk=pk).update(
        lease_until=None,
        sent_at=None,
        available_at=clock.now() + timedelta(seconds=later.seconds),
        attempts=F("attempts") - 1,
        last_error=later.reason,
    )


def _fail(pk: int, attempts: int, error: Exception) -> str:
    """Try again later with growing waits (10 s to 1 h); after OUTBOX_MAX_ATTEMPTS the row is dead."""
    dead = attempts >= settings.OUTBOX_MAX_ATTEMPTS
    wait = min(10 * 3 ** (attempts - 1), 3600)
    OutboxMessage.objects.filter(pk=pk).update(
        state=OutboxState.DEAD if dead else OutboxState.PENDING,
        lease_until=None,
        sent_at=None,
        available_at=clock.now() + timedelta(seconds=wait),
        last_error=f"{type(error).__name__}: {error}"[:2000],
    )
    return "dead" if dead else "failed"


def revive(message: OutboxMessage) -> None:
    """A dead letter is tried again from the start. Used by the admin's retry action."""
    OutboxMessage.objects.filter(pk=message.pk, state=OutboxState.DEAD).update(
        state=OutboxState.PENDING, attempts=0, available_at=clock.now(), sent_at=None, lease_until=None
    )
    send(message.pk, message.queue)
