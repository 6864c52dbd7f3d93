"""200 enterprises autosave and submit at once against two web processes; the same crowd asking for a bare page."""

import os
import statistics
import tempfile
from pathlib import Path

from django.conf import settings
from django.test import override_settings

from applications.models import Round
from qcportal import clock
from tests.bench import visitors as crowd
from tests.bench.measure import bench, note, report
from tests.processes import Web

ENTERPRISES = 200
SAVES = 5
CHEAP = {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}


@bench("load")
def load(_size: str) -> None:
    """Fails when anything was lost, skipped or refused."""
    with tempfile.TemporaryDirectory(prefix="qcportal-load-") as folder, override_settings(**CHEAP):
        environment = {**os.environ, "SECRET_KEY": settings.SECRET_KEY, "LOG_LEVEL": "ERROR"}
        webs = [Web(environment, Path(folder) / f"web-{number}.log") for number in range(2)]
        try:
            _measure(webs)
        finally:
            for web in webs:
                web.kill()


def _measure(webs: list[Web]) -> None:
    note(f"{ENTERPRISES} enterprises with complete drafts")
    there = crowd.prepare(ENTERPRISES, [web.port for web in webs], Round.objects.open_at(clock.now())[0])
    requests = SAVES + 3
    at_first = _cpu(webs)
    bare = crowd.all_at_once(there, lambda visitor: _ask_bare(visitor, requests))
    after_bare = _cpu(webs)
    note("all of them autosaving and submitting")
    spent = crowd.all_at_once(there, lambda visitor: crowd.file_one(visitor, SAVES))
    work, floor_work = _cpu(webs) - after_bare, after_bare - at_first
    errors = [error for visitor in there for error in visitor.errors]
    lost, skipped = crowd.lost(there), crowd.skipped(there)
    name = f"load_{ENTERPRISES}"
    report(f"{name}_seconds", spent, "s", bare)
    report(f"{name}_requests_per_second", ENTERPRISES * requests / spent, "1/s", ENTERPRISES * requests / bare)
    # Of the web processes alone: what a busy machine and the database take is not in it.
    each = 1000 / (ENTERPRISES * requests)
    report(f"{name}_web_cpu_per_request", work * each, "ms", floor_work * each)
    floor = _waits(there, "bare")
    for kind in ("autosave", "submit"):
        waits = _waits(there, kind)
        report(f"{name}_{kind}_median", statistics.median(waits) * 1000, "ms", statistics.median(floor) * 1000)
        report(f"{name}_{kind}_p95", statistics.quantiles(waits, n=20)[-1] * 1000, "ms")
    report(f"{name}_errors", len(errors), "requests")
    report(f"{name}_lost", len(lost), "values")
    report(f"{name}_versions_skipped", len(skipped), "versions")
    for line in [*errors, *lost, *skipped][:20]:
        note(line)
    if errors or lost or skipped:
        raise SystemExit(1)


def _cpu(webs: list[Web]) -> float:
    """Seconds of processor time that the web processes and their workers have used so far."""
    groups = {web.process.pid for web in webs}
    ticks = 0
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # ended meanwhile
        if int(fields[2]) in groups:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _ask_bare(visitor: crowd.Visitor, times: int) -> None:
    """/healthz: the web server, the middleware and nothing else."""
    for _turn in range(times):
        status, text = visitor.ask("bare", "GET", "/healthz")
        if status != 200:
            visitor.fail("bare", status, text)


def _waits(there: list[crowd.Visitor], kind: str) -> list[float]:
    return [seconds for visitor in there for seconds in visitor.waited[kind]]
