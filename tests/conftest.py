import os
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from hypothesis import settings as hypothesis_settings

from applications import similar

TESTS = Path(__file__).parent
pytest_plugins = ["tests.people", "tests.processes", "tests.template_database"]


# A busy machine is no failure: properties are about answers, not about milliseconds.
hypothesis_settings.register_profile("portal", deadline=None)
hypothesis_settings.load_profile("portal")


def pytest_configure():
    # WhiteNoise warns when nothing was collected yet; tests serve no static files from there.
    django_settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


# With TEST_SQLITE=part, SQLite runs what needs no database and, of the rest, what visits every address and every list,
# the demo and its copies, and the actions that lock: all database tests run with PostgreSQL anyway.
SQLITE_PART = ("access", "queries")
SQLITE_MODULES = {
    "test_submission", "test_drafts", "test_checking", "test_closing", "test_claiming", "test_bulk",
    "test_queue_filter", "test_packet", "test_uploads", "test_autosave", "test_reports", "test_paper_series",
    "test_attempts", "test_copying", "test_similarity", "test_entering", "test_past_results", "test_seed_demo",
    "test_backup", "test_integrity", "test_outbox", "test_mail", "test_tree", "test_rankings", "test_sheets",
}  # fmt: skip

MARKED_FOLDERS = {"postgres": pytest.mark.postgres, "e2e": pytest.mark.browser}


def pytest_collection_modifyitems(config, items):
    for item in items:
        mark = MARKED_FOLDERS.get(item.path.parent.name)
        if mark is not None:
            item.add_marker(mark)
    if os.environ.get("QCPORTAL_TEST_POSTGRES"):
        # What asks no database has run with SQLite already and would say the same again.
        plain = [item for item in items if not _asks_a_database(item)]
        _leave_out(config, items, plain)
    elif os.environ.get("TEST_SQLITE") == "part":
        _leave_out(config, items, [item for item in items if _asks_a_database(item) and not _of_the_part(item)])


def _leave_out(config, items, some):
    config.hook.pytest_deselected(items=some)
    items[:] = [item for item in items if item not in set(some)]


def _of_the_part(item):
    return item.path.stem in SQLITE_MODULES or item.path.relative_to(TESTS).parts[0] in SQLITE_PART


def _asks_a_database(item):
    fixtures = {"db", "transactional_db", "django_db_reset_sequences", "live_server"}
    return item.get_closest_marker("django_db") is not None or not fixtures.isdisjoint(item.fixturenames)


@pytest.fixture(autouse=True)
def _plain_test_settings(settings, tmp_path):
    """Files in a folder of the test's own, cheap hashing, a broker that refuses at once."""
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    similar.forget()
