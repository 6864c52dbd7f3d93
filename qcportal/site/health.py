"""Two addresses for machines: /healthz says the process answers, /readyz says the portal can do its work."""

import logging
import os
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from qcportal import clock
from qcportal.models import Heartbeat, OutboxMessage, OutboxState

logger = logging.getLogger(__name__)

WORKER_SILENT_SECONDS = 120
CLOCK_SKEW_SECONDS = 5


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Asks nothing: not the database, not Redis."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """503 when filing would fail; 200 otherwise, naming what is degraded (broker, worker, outbox)."""
    down = unready()
    if down:
        return JsonResponse({"status": "unavailable", "failed": down, "degraded": []}, status=503)
    return JsonResponse({"status": "ok", "degraded": degraded()})


def unready() -> list[str]:
    """What keeps the portal from accepting a filing: database, migrations, clock, storage."""
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        logger.exception("readyz: database")
        return ["database"]
    found = ["migrations"] if pending else []
    if not pending and _clock_is_off():
        found.append("clock")
    if not _storage_is_writable():
        found.append("storage")
    return found


def _clock_is_off() -> bool:
    """Deadlines compare this host's time with the database's: more than five seconds apart is a fault."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        there = cursor.fetchone()[0]
    return abs((there - timezone.now()).total_seconds()) > CLOCK_SKEW_SECONDS


def _storage_is_writable() -> bool:
    folder = Path(settings.MEDIA_ROOT)
    probe = folder / f".ready-{os.getpid()}-{uuid4().hex}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"ok")
        probe.unlink()
    except OSError:
        logger.exception("readyz: storage")
        return False
    return True


def degraded() -> list[str]:
    """What people may not notice yet: filing works, packets and mail wait."""
    found = []
    if not _broker_answers():
        found.append("broker")
    limit = clock.now() - timedelta(seconds=WORKER_SILENT_SECONDS)
    if not Heartbeat.objects.filter(name="worker", at__gt=limit).exists():
        found.append("worker")
    if OutboxMessage.objects.filter(state=OutboxState.DEAD).exists():
        found.append("outbox")
    return found


def _broker_answers() -> bool:
    try:
        client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1)
        try:
            return bool(client.ping())
        finally:
            client.close()
    except (redis.RedisError, OSError, ValueError):
        return False
