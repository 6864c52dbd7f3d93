"""The migrations run once for all test processes and runs of the same code; each test database is a copy.

Running them takes far longer than most test files: Django builds the state of the models anew for each operation.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import django
import pytest
import pytest_django
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path(tempfile.gettempdir()) / f"qcportal-test-templates-{os.getuid()}"
KEPT = 4  # copies of earlier states: branches are changed to and fro


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> Iterator[None]:
    """Called by pytest-django before it makes the test database."""
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    if connection.vendor == "postgresql":
        with _one_at_a_time(), django_db_blocker.unblock():
            connection.settings_dict["TEST"]["TEMPLATE"] = _postgresql()
        yield
        return
    with _one_at_a_time():
        template = _sqlite()
    create = connection.creation._create_test_db

    def create_from_template(*arguments, **keywords):
        name = create(*arguments, **keywords)
        shutil.copyfile(template, name)
        return name

    connection.creation._create_test_db = create_from_template
    yield


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _state() -> str:
    """Changes with the migrations, what they import from this code, Django and the packages' own migrations."""
    digest = hashlib.sha256(f"{django.__version__} {settings.INSTALLED_APPS}".encode())
    files = [*ROOT.glob("*/migrations/*.py"), ROOT / "requirements.txt"]
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _migrate(home: str, **environment: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT, check=True, env={**os.environ, "QCPORTAL_MODE": "test", "QCPORTAL_HOME": home, **environment},
    )  # fmt: skip


def _sqlite() -> Path:
    template = FOLDER / f"{_state()}.sqlite3"
    if not template.exists():
        with tempfile.TemporaryDirectory(dir=FOLDER) as home:
            _migrate(home, DATABASE_URL="")
            (Path(home) / "portal.sqlite3").rename(template)
        newest = sorted(FOLDER.glob("*.sqlite3"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in newest[KEPT:]:
            old.unlink()
    return template


def _postgresql() -> str:
    template = f"template_{_state()}"
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template])
        if cursor.fetchone():
            return template
        unready = f"{template}_unready"
        cursor.execute(f'DROP DATABASE IF EXISTS "{unready}"')
        cursor.execute(f'CREATE DATABASE "{unready}"')
        address = urlsplit(os.environ["DATABASE_URL"])
        with tempfile.TemporaryDirectory() as home:
            _migrate(home, DATABASE_URL=address._replace(path=f"/{unready}").geturl())
        cursor.execute(f'ALTER DATABASE "{unready}" RENAME TO "{template}"')
    return template
