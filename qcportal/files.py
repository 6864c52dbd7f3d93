"""Bytes in, sha256 out: every file is stored once under its hash and read back through checked views."""

import hashlib
import re
from collections.abc import Iterator
from typing import IO

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpResponse

from qcportal import clock
from qcportal.models import StoredFile

CHUNK = 1024 * 1024


def sha256_of(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    stream.seek(0)
    for chunk in iter(lambda: stream.read(CHUNK), b""):
        digest.update(chunk)
    stream.seek(0)
    return digest.hexdigest()


def store(content: bytes | IO[bytes], content_type: str) -> StoredFile:
    """Keep ``content`` and return its row; the same bytes again return the same row.

    Writes to storage first and to the database after, outside any transaction (file work inside one
    would hold SQLite's only write lock). A crash in between leaves bytes that the next store adopts.
    """
    stream: IO[bytes] = ContentFile(content) if isinstance(content, bytes) else content  # type: ignore[assignment]
    digest = sha256_of(stream)
    row = StoredFile(sha256=digest, size=_size(stream), content_type=content_type, created_at=clock.now())
    if not default_storage.exists(row.storage_name):
        default_storage.save(row.storage_name, File(stream))
    stored, _created = StoredFile.objects.get_or_create(
        sha256=digest,
        defaults={"size": row.size, "content_type": content_type, "created_at": row.created_at},
    )
    return stored


def _size(stream: IO[bytes]) -> int:
    stream.seek(0, 2)
    size = stream.tell()
    stream.seek(0)
    return size


def open_file(stored: StoredFile) -> IO[bytes]:
    return default_storage.open(stored.storage_name, "rb")  # type: ignore[return-value]


def exists(stored: StoredFile) -> bool:
    return default_storage.exists(stored.storage_name)


def read(stored: StoredFile) -> bytes:
    with open_file(stored) as stream:
        return stream.read()


def chunks(stored: StoredFile) -> Iterator[bytes]:
    with open_file(stored) as stream:
        yield from iter(lambda: stream.read(CHUNK), b"")


# Only these are shown in the browser; everything else is downloaded.
INLINE_TYPES = {"application/pdf", "image/jpeg", "image/png"}


_RANGE = re.compile(r"^bytes=(\d{0,18})-(\d{0,18})$")


def response(stored: StoredFile, name: str, *, download: bool = False, wanted: str = "") -> FileResponse | HttpResponse:
    """An HTTP answer with safe headers. The caller has checked who asks.

    ``wanted`` is the request's Range header: a download that broke off goes on where it stopped.
    """
    as_attachment = download or stored.content_type not in INLINE_TYPES
    piece = _range_of(wanted, stored.size)
    if piece is not None and piece[0] > piece[1]:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{stored.size}"})
    stream = open_file(stored)
    if piece is not None:
        stream = _Piece(stream, piece)  # type: ignore[assignment]
    answer = FileResponse(stream, as_attachment=as_attachment, filename=name, content_type=stored.content_type)
    answer["Accept-Ranges"] = "bytes"
    if piece is not None:
        answer.status_code = 206
        answer["Content-Range"] = f"bytes {piece[0]}-{piece[1]}/{stored.size}"
        answer["Content-Length"] = str(piece[1] - piece[0] + 1)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    answer["ETag"] = f'"{stored.sha256}"'
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


def _range_of(wanted: str, size: int) -> tuple[int, int] | None:
    """First and last byte of a single range; first > last when nothing is there; None for the whole file."""
    found = _RANGE.match(wanted.replace(" ", ""))
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        return (max(0, size - int(found[2])), size - 1) if int(found[2]) else (1, 0)
    first = int(found[1])
    last = min(int(found[2]), size - 1) if found[2] else size - 1
    return (first, last) if first <= last else (1, 0)


class _Piece:
    """A part of a file, read as a file."""

    def __init__(self, stream: IO[bytes], piece: tuple[int, int]) -> None:
        self.stream = stream
        self.left = piece[1] - piece[0] + 1
        stream.seek(piece[0])

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(self.left if size < 0 else min(size, self.left))
        self.left -= len(data)
        return data

    def close(self) -> None:
        self.stream.close()
