from datetime import date

import pytest
from django.db import transaction

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
