from datetime import date

import pytest
from django.db import transaction

from qcportal.demo import build

TODAY = date(2026, 11, 24)


@pytest.fixture
def demo(db):
    """The default demo data with a small pool of files."""
    return build.seed(today=TODAY, small_pool=True)


@pytest.fixture
def undone(db):
    """Call it to run something and take back all rows it wrote, keeping its answer."""

    def run(action):
        mark = transaction.savepoint()
        try:
            return action()
        finally:
            transaction.savepoint_rollback(mark)

    return run
