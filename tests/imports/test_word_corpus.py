"""Hostile and odd Word files: each is answered as written beside it, quickly and within bounded memory."""

import time
import tracemalloc

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from applications.imports import readers  # noqa: F401
from applications.imports.destinations import ApplicationDestination
from applications.imports.gate import open_office
from applications.imports.registry import IMPORTERS
from applications.models import Application, PendingImport
from applications.views.imports import take
from qcportal.errors import Refusal
from tests import factories
from tests.imports.word_corpus import CASES

SECONDS = 1.0
MEMORY = 120 * 1024 * 1024


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_every_odd_file_gets_its_answer(owner, case):
    application = factories.draft(owner)
    destination = ApplicationDestination(application)
    content = case.make()
    uploaded = SimpleUploadedFile("附件1.docx", content)
    started = time.process_time()
    if case.refused:
        with pytest.raises(Refusal) as refused:
            take(uploaded, "application", destination, owner)
        assert refused.value.code == case.refused
        assert refused.value.message.endswith("。")
        assert not PendingImport.objects.exists()
    else:
        pending = take(uploaded, "application", destination, owner)
        cells = {cell["key"]: cell for cell in pending.cells}
        assert {key: cells[key]["entry"] for key in case.read} == case.read
        assert case.notice in "".join(pending.notices)
        assert case.left in "".join(cell["raw"] for cell in pending.cells if cell["problem"])
    # What is refused is refused within a second; what is read may take a little longer.
    assert time.process_time() - started < (SECONDS if case.refused else 3 * SECONDS)
    assert Application.objects.get(pk=application.pk).edit_version == 1


@pytest.mark.parametrize("name", ["zip bomb in a part", "entities that multiply"])
def test_memory_stays_bounded(owner, name):
    case = next(case for case in CASES if case.name == name)
    destination = ApplicationDestination(factories.draft(owner))
    uploaded = SimpleUploadedFile("附件1.docx", case.make())
    tracemalloc.start()
    try:
        with pytest.raises(Refusal):
            IMPORTERS["application"].read(open_office(uploaded, "docx"), destination)
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()
