"""Demo data of the size wanted; the database is emptied before. Baseline: as many bare rows by bulk_create."""

from datetime import timedelta

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.utils import timezone

from qcportal import clock
from qcportal.backup import rows
from qcportal.demo import build
from qcportal.models import OutboxMessage, User
from qcportal.roles import Role
from tests.bench import measure
from tests.bench.measure import note, seconds


def seed(applications: int, *, report: bool) -> None:
    empty()
    note(f"seeding {applications} applications")
    judges = max(build.DEFAULT_JUDGES, applications // 20)
    today = timezone.localdate(clock.now())
    spent = seconds(lambda: build.seed(applications=applications, judges=judges, today=today, small_pool=True))
    if report:
        _report(applications, spent)


def _report(applications: int, spent: float) -> None:
    count = sum(model._base_manager.count() for model in rows.tables())
    bare = seconds(lambda: _bare(count))
    measure.report(f"seed_{applications}", spent, "s", bare)


def _bare(count: int) -> None:
    at = clock.now() + timedelta(days=365)
    for start in range(0, count, 500):
        OutboxMessage.objects.bulk_create(
            OutboxMessage(topic="bench", key=f"bench:{number}", created_at=at, available_at=at)
            for number in range(start, min(start + 500, count))
        )
    OutboxMessage.objects.filter(topic="bench").delete()


def empty() -> None:
    """Every row away, the roles of migration 0002 back."""
    if not User.objects.exists():
        return
    call_command("flush", interactive=False, verbosity=0)
    Group.objects.bulk_create(Group(name=role.value) for role in Role)
