"""Bytes in, sha256 out: every file is stored once under its hash and read back through checked views."""

import hashlib
from collections.abc import Iterator
from typing import IO

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.http import FileResponse

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


def read(stored: StoredFile) -> bytes:
    with open_file(stored) as stream:
        return stream.read()


def chunks(stored: StoredFile) -> Iterator[bytes]:
    with open_file(stored) as stream:
        yield from iter(lambda: stream.read(CHUNK), b"")


# Only these are shown in the browser; everything else is downloaded.
INLINE_TYPES = {"application/pdf", "image/jpeg", "image/png"}


def response(stored: StoredFile, name: str, *, download: bool = False) -> FileResponse:
    """An HTTP answer with safe headers. The caller has checked who asks."""
    as_attachment = download or stored.content_type not in INLINE_TYPES
    answer = FileResponse(
        open_file(stored), as_attachment=as_attachment, filename=name, content_type=stored.content_type
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    answer["ETag"] = f'"{stored.sha256}"'
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
