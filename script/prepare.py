"""Brings database, static files and (in demo mode) demo data up to date. Called by script/server before it starts."""

import hashlib
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qcportal.settings")


def migrate() -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        print("Preparing the database", file=sys.stderr)
        call_command("migrate", interactive=False, verbosity=0)


def collect_static() -> None:
    """Only when a file was added, removed or changed since the last time."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = os.stat(storage.path(path))
            digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    stamp = settings.HOME / "run" / "static-collected"
    if settings.STATIC_ROOT.is_dir() and stamp.is_file() and stamp.read_text() == digest.hexdigest():
        return
    print("Collecting static files", file=sys.stderr)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(digest.hexdigest())


def seed_demo() -> None:
    """Into an empty database only. A marker tells a finished seeding from one that was interrupted."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.core.management import call_command, get_commands

    if not settings.DEMO or "seed_demo" not in get_commands():
        return
    marker = settings.HOME / "run" / "seeding"
    if marker.exists():
        sys.exit(f"error: Loading the demo data was interrupted; empty the database or remove {settings.HOME}.")
    if get_user_model().objects.exists():
        return
    print("Loading demo data", file=sys.stderr)
    marker.touch()
    call_command("seed_demo")
    marker.unlink()


def main() -> None:
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError

    try:
        django.setup()
        migrate()
    except ImproperlyConfigured as error:
        sys.exit(f"error: {error}")
    except OperationalError as error:
        sys.exit(f"error: The database cannot be used: {error}")
    collect_static()
    seed_demo()


if __name__ == "__main__":
    main()
