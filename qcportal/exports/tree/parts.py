"""The archive as ZIP files of about a gigabyte, each kept whole with its sha256, so that a download can go on.

Memory does not grow with what is packed. A worker that died goes on behind the last part that was kept.
"""

import hashlib
import tempfile
import zipfile
from collections.abc import Iterator

from django.conf import settings
from django.utils import timezone

from applications.packets.names import safe_name
from qcportal import files, jobs
from qcportal.errors import Refusal
from qcportal.exports.scope import Scope
from qcportal.exports.tree import listing
from qcportal.exports.tree.items import Archive, Item
from qcportal.exports.tree.listing import Written
from qcportal.models import Export, ExportPiece

ZIP_TYPE = "application/zip"


def build(export: Export, scope: Scope) -> int:
    """The parts exist as rows of ``export``; returns how many files are in them. The last one holds the index."""
    if scope.programme is None:
        raise Refusal("没有这个年度。", "programme")
    return _Packer(export, Archive(scope.programme)).run()


class _Packer:
    def __init__(self, export: Export, archive: Archive) -> None:
        self.export, self.archive = export, archive
        self.at = timezone.localtime(export.asked_at)
        self.pieces = list(export.pieces.order_by("number"))
        self.written = [Written(*row) for piece in self.pieces for row in piece.entries]
        self.done = {one.path for one in self.written}
        self.missing: list[str] = []
        self.total = max(1, 12 * archive.units().count())

    def run(self) -> int:
        items = self._left()
        item = next(items, None)
        while item is not None:
            item = self._pack(item, items)
        return len(self.written)

    def _left(self) -> Iterator[Item]:
        """What no earlier part holds; the tables come last, when everything before them is known."""
        for item in self.archive.items(flat=False):
            if item.missing or (item.stored is not None and not files.exists(item.stored)):
                self.missing.append(item.path)
            elif item.path not in self.done:
                yield item
        if listing.SUMS in self.done:
            return
        yield Item(listing.INDEX, write=lambda stream: listing.write_index(self.archive, stream))
        rows = self.written
        yield Item(listing.MANIFEST, content=lambda: listing.manifest(self.archive, rows, self.missing))
        yield Item(listing.SUMS, content=lambda: listing.sums(rows))

    def _pack(self, first: Item, items: Iterator[Item]) -> Item | None:
        """One part, beginning with ``first``; returns what the next one begins with."""
        entries: list[Written] = []
        with tempfile.TemporaryFile() as stream:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as packed:
                item: Item | None = first
                while item is not None and (not entries or stream.tell() < settings.EXPORT_PART_BYTES):
                    entries.append(self._put(packed, item))
                    self.written.append(entries[-1])
                    item = next(items, None)
            stored = files.store(stream, ZIP_TYPE)
        number = len(self.pieces) + 1
        name = safe_name(f"{self.export.title}_{self.export.scope_label}_第{number}卷") + ".zip"
        self.pieces.append(
            ExportPiece.objects.create(
                export=self.export, number=number, name=name, file=stored, sha256=stored.sha256, size=stored.size,
                entries=[list(one) for one in entries],
            )
        )  # fmt: skip
        return item

    def _put(self, packed: zipfile.ZipFile, item: Item) -> Written:
        jobs.report(
            f"export:{self.export.uuid}", min(99, 100 * len(self.written) / self.total),
            f"第 {len(self.pieces) + 1} 卷，已装入 {len(self.written)} 个文件",
        )  # fmt: skip
        info = zipfile.ZipInfo(item.path, self.at.timetuple()[:6])
        info.external_attr = 0o644 << 16
        # Known beforehand, so that an entry beyond 4 GB gets its zip64 field in time.
        info.file_size = item.stored.size if item.stored else 0
        digest, size = hashlib.sha256(), 0
        with packed.open(info, "w") as target:
            for chunk in _chunks(item):
                target.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        return Written(item.path, digest.hexdigest(), size, item.source)


def _chunks(item: Item) -> Iterator[bytes]:
    if item.stored is not None:
        yield from files.chunks(item.stored)
    elif item.content is not None:
        yield item.content()
    elif item.write is not None:
        with tempfile.TemporaryFile() as stream:
            item.write(stream)
            stream.seek(0)
            yield from iter(lambda: stream.read(files.CHUNK), b"")
