"""The archive: manifest.json, data/<table>.jsonl in loading order, files/blobs/…"""

import hashlib
import io
import json
import re
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder

from qcportal import clock
from qcportal.backup import rows
from qcportal.errors import Refusal
from qcportal.models import AuditEvent, StoredFile, User

FORMAT = 1
BLOB = re.compile(r"^files/(blobs/[0-9a-f]{2}/([0-9a-f]{64}))$")


def backup(path: Path) -> dict[str, int]:
    """Write everything into the tar file ``path`` (.gz: compressed). Rows are of one moment. Returns counts.

    Written beside and renamed at the end: a broken run leaves no half archive under that name. Files are
    copied after the rows; stored files never change, so they fit.
    """
    part = path.with_name(path.name + ".part")
    counts: dict[str, int] = {}
    part.unlink(missing_ok=True)
    part.touch(mode=0o600, exist_ok=False)  # personal data and password hashes are in it
    with tarfile.open(part, "w:gz" if path.suffix == ".gz" else "w", format=tarfile.PAX_FORMAT) as archive:
        with _one_moment():
            for model in rows.tables():
                counts[model._meta.label_lower] = _add_table(archive, model)
            stored = list(StoredFile.objects.order_by("pk"))
        for file in stored:
            with default_storage.open(file.storage_name, "rb") as content:
                _add(archive, f"files/{file.storage_name}", content, file.size)
        manifest = {
            "format": FORMAT,
            "created_at": clock.now().isoformat(),
            "migrations": _migrations(),
            "rows": counts,
            "files": len(stored),
        }
        text = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
        _add(archive, "manifest.json", io.BytesIO(text), len(text))
    part.replace(path)
    return {"rows": sum(counts.values()), "files": len(stored)}


@contextmanager
def _one_moment() -> Iterator[None]:
    """A snapshot: repeatable read on PostgreSQL; on SQLite the immediate transaction keeps writers waiting."""
    with transaction.atomic():
        if connection.vendor == "postgresql" and len(connection.atomic_blocks) == 1:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _add_table(archive: tarfile.TarFile, model: type[models.Model]) -> int:
    count = 0
    with tempfile.TemporaryFile() as buffer:
        for line in rows.dump(model):
            buffer.write(line.encode() + b"\n")
            count += 1
        size = buffer.tell()
        buffer.seek(0)
        _add(archive, f"data/{model._meta.label_lower}.jsonl", buffer, size)
    return count


def _add(archive: tarfile.TarFile, name: str, content: Any, size: int) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    archive.addfile(info, content)


def _migrations() -> list[str]:
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied)


def restore(path: Path) -> dict[str, int]:
    """Fill an empty, migrated database and its storage from ``path``. All rows or none.

    Refused: an archive of another format or other migrations, a database with users or audit rows, a file
    whose bytes are not what its name says.
    """
    with tarfile.open(path, "r:*") as archive:
        manifest = json.loads(_member(archive, "manifest.json").read())
        _require_restorable(manifest)
        files = _restore_files(archive)
        if files != manifest["files"]:
            raise Refusal(f"备份中应有 {manifest['files']} 个文件，实际 {files} 个。", "files_missing")
        with transaction.atomic():
            count = _restore_rows(archive, manifest["rows"])
    return {"rows": count, "files": files}


def _require_restorable(manifest: dict[str, Any]) -> None:
    if manifest["format"] != FORMAT:
        raise Refusal("备份文件的格式版本不被支持。", "format")
    if manifest["migrations"] != _migrations():
        raise Refusal("备份与当前程序的数据库版本不同，请用备份时的程序版本恢复。", "migrations")
    if User.objects.exists() or AuditEvent.objects.exists():
        raise Refusal("只能恢复到刚建好的空数据库。", "not_empty")


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    stream = archive.extractfile(name)
    if stream is None:
        raise Refusal(f"备份文件中缺少 {name}。", "incomplete")
    return stream


def _restore_files(archive: tarfile.TarFile) -> int:
    count = 0
    for member in archive:
        match = BLOB.match(member.name)
        if match is None:
            continue
        name, sha256 = match.groups()
        with tempfile.SpooledTemporaryFile(max_size=8_000_000) as buffer:
            digest = hashlib.sha256()
            stream = _member(archive, member.name)
            for chunk in iter(lambda stream=stream: stream.read(1_000_000), b""):  # type: ignore[misc]
                digest.update(chunk)
                buffer.write(chunk)
            if digest.hexdigest() != sha256:
                raise Refusal(f"备份中的文件 {sha256} 已损坏。", "corrupt")
            buffer.seek(0)
            if not default_storage.exists(name):
                default_storage.save(name, File(buffer))
        count += 1
    return count


def _restore_rows(archive: tarfile.TarFile, counts: dict[str, int]) -> int:
    tables = rows.tables()
    # What migrations put in (roles, permissions) comes from the archive as well, with its own keys.
    for model in reversed(tables):
        if model is not AuditEvent:
            model._base_manager.all()._raw_delete(model._base_manager.db)  # type: ignore[attr-defined]
    total = 0
    for model in tables:
        label = model._meta.label_lower
        lines = io.TextIOWrapper(_member(archive, f"data/{label}.jsonl"), encoding="utf-8")
        loaded = rows.load(model, lines)
        if loaded != counts[label]:
            raise Refusal(f"{label} 应有 {counts[label]} 行，实际 {loaded} 行。", "rows_missing")
        total += loaded
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)
    return total
