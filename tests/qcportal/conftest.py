from datetime import date

import pytest
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction

from applications.packets import blanks
from qcportal.demo import build, evidence

TODAY = date(2026, 11, 24)


_rendered = {}


@pytest.fixture(autouse=True)
def _render_each_text_once(monkeypatch):
    """The pool's PDFs are the same in every test: rendering them again would be most of the time."""
    render = evidence.Renderer.pdf

    def cached(self, html):
        if html not in _rendered:
            _rendered[html] = render(self, html)
        return _rendered[html]

    templates = blanks.blank_templates

    def cached_templates(*args):
        if args not in _rendered:
            _rendered[args] = templates(*args)
        return _rendered[args]

    monkeypatch.setattr(evidence.Renderer, "pdf", cached)
    monkeypatch.setattr(blanks, "blank_templates", cached_templates)


@pytest.fixture
def demo(db):
    """The default demo data with a small pool of files."""
    return build.seed(today=TODAY, small_pool=True)


def restart_numbering():
    """PostgreSQL does not take sequences back with the rows: without this, row numbers would go on counting."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models(include_auto_created=True)):
            cursor.execute(statement)


@pytest.fixture
def undone(db):
    """Call it to run something and take back all rows it wrote, keeping its answer."""

    def run(action):
        restart_numbering()
        mark = transaction.savepoint()
        try:
            return action()
        finally:
            transaction.savepoint_rollback(mark)

    return run
