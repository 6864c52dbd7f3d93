"""The archive as ZIP parts: complete together, each with its checksum, memory constant, going on after a break."""

import hashlib
import io
import tracemalloc
import zipfile
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Evidence
from applications.packets import parts as documents
from qcportal import files, outbox
from qcportal.errors import Refusal
from qcportal.exports import actions
from qcportal.exports.scope import Scope
from qcportal.exports.tree import listing, parts
from qcportal.models import ExportState, OutboxMessage
from tests import factories


@pytest.fixture(autouse=True)
def rendered(monkeypatch):
    for kind in ("form", "summary", "statistics"):
        monkeypatch.setattr(documents, kind, lambda frozen, code="": SimpleNamespace(content=b"%PDF " + b"x" * 2000))


@pytest.fixture
def asked(year, secretary, settings):
    settings.EXPORT_PART_BYTES = 20_000
    return actions.ask_for_archive(Scope(programme=year.programme), actor=secretary, reason="年度归档")


def unpacked(export):
    found = {}
    for piece in export.pieces.order_by("number"):
        content = files.read(piece.file)
        assert hashlib.sha256(content).hexdigest() == piece.sha256
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            assert packed.testzip() is None
            found.update({name: packed.read(name) for name in packed.namelist()})
    return found


def test_the_parts_together_are_the_archive(year, asked):
    message = OutboxMessage.objects.get(topic="export.build")
    assert outbox.deliver(message.pk) == "done"
    asked.refresh_from_db()
    assert asked.state == ExportState.DONE
    assert asked.pieces.count() > 1
    found = unpacked(asked)
    sums = dict(line.split("  ", 1)[::-1] for line in found[listing.SUMS].decode().splitlines())
    assert set(sums) == set(found) - {listing.SUMS}
    assert all(hashlib.sha256(found[path]).hexdigest() == sha256 for path, sha256 in sums.items())
    assert {"汇总.xlsx", listing.INDEX, listing.MANIFEST} < set(found)
    assert asked.rows == len(found)


def test_a_worker_that_died_goes_on_behind_the_last_part(year, asked, monkeypatch):
    store, kept = files.store, []

    def dying(stream, content_type):
        if len(kept) == 1:
            raise MemoryError
        kept.append(store(stream, content_type))
        return kept[-1]

    monkeypatch.setattr(parts.files, "store", dying)
    with pytest.raises(MemoryError):
        actions.build(asked)
    assert asked.pieces.count() == 1
    monkeypatch.setattr(parts.files, "store", store)
    first = asked.pieces.get().sha256
    actions.build(asked)
    assert asked.pieces.get(number=1).sha256 == first
    found = unpacked(asked)
    names = [row[0] for piece in asked.pieces.all() for row in piece.entries]
    assert len(names) == len(set(names)) == len(found)
    sums = dict(line.split("  ", 1)[::-1] for line in found[listing.SUMS].decode().splitlines())
    assert set(sums) == set(found) - {listing.SUMS}


def test_a_second_one_waits_for_the_first(year, asked, secretary):
    with pytest.raises(Refusal, match="正在生成"):
        actions.ask_for_archive(Scope(programme=year.programme), actor=secretary, reason="再来")
    with pytest.raises(Refusal, match="用途"):
        actions.ask_for_archive(Scope(programme=year.programme), actor=secretary, reason=" ")


def test_each_part_can_be_fetched_from_the_page(year, asked, secretary):
    actions.build(asked)
    client = Client()
    client.force_login(secretary)
    page = client.get(reverse("admin:exports")).content.decode()
    for piece in asked.pieces.all():
        address = reverse("admin:export_file", args=[asked.uuid, piece.number])
        assert address in page
        answer = client.get(address, headers={"Range": "bytes=10-19"})
        assert b"".join(answer.streaming_content) == files.read(piece.file)[10:20]
        for close in answer._resource_closers:  # not answer.close(): that would end the test's connection
            close()


def test_memory_does_not_grow_with_the_files(year, secretary, settings):
    """Sixty megabytes of evidence, packed with a few at a time in memory."""
    settings.EXPORT_PART_BYTES = 1024 * 1024 * 1024
    block = b"0123456789abcdef" * 65536  # one megabyte
    for number in range(3):
        content = io.BytesIO(factories.PDF + bytes([number]) + block * 20)
        stored = files.store(content, "application/pdf")
        submission = year.first.latest_submission
        submission.data["evidence"].append(
            {"name": f"大文件{number}.pdf", "sha256": stored.sha256, "kind_label": "其他"}
        )
        type(submission).objects.filter(pk=submission.pk).update(data=submission.data)
    assert Evidence.objects.exists()
    export = actions.ask_for_archive(Scope(programme=year.programme), actor=secretary, reason="年度归档")
    tracemalloc.start()
    actions.build(export)
    _now, highest = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert export.pieces.get().size > 60_000_000
    assert highest < 12_000_000
