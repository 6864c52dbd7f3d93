"""Asking for an export, building it, handing it out, and removing it when its time is over."""

import tempfile
from collections.abc import Callable
from datetime import timedelta
from typing import IO

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from applications.models import Association
from applications.packets.names import safe_name
from qcportal import audit, clock, files, jobs, outbox
from qcportal.errors import NotAllowed, Refusal
from qcportal.exports import kinds, tables
from qcportal.exports.scope import Scope
from qcportal.exports.tree import parts
from qcportal.models import Export, ExportPiece, ExportState, StoredFile, User
from qcportal.roles import Role, has_role

DEFAULT_DAYS = 7
LEASE_SECONDS = 1800
QUEUE = "documents"
TYPES = {"xlsx": tables.XLSX_TYPE, "csv": tables.CSV_TYPE}


def ask(
    kind_key: str, scope: Scope, *, actor: User, file_format: str, reason: str = "", at_once: int | None = None
) -> Export:
    """An export is written down with its scope, reason and person; a short one is built before this returns, a long
    one by a worker.

    Refused: people without the right to this list (scores, members and whole numbers are the secretariat's alone),
    a list of a year without a year, personal data without a purpose (个人信息保护法 Art 6, 51).
    """
    kind = kinds.ALL.get(kind_key)
    reason = reason.strip()
    if kind is None or file_format not in TYPES:
        raise Refusal("请选择清单和格式。", "kind")
    if not kind.allowed(actor) or (scope.unmasked and not has_role(actor, Role.SECRETARIAT)):
        raise NotAllowed
    if kind.needs_year and scope.programme is None and scope.chosen is None:
        raise Refusal("请选择年度。", "programme")
    if kind.holds_personal(scope) and not reason:
        raise Refusal("这份清单含个人信息，请写明用途。", "reason")
    wait = kind.count(scope) > (settings.EXPORT_AT_ONCE if at_once is None else at_once)
    with transaction.atomic(durable=True):
        export = _written_down(kind.key, kind.title, scope, actor, file_format, reason, kind.holds_personal(scope))
        if wait:
            _queue(export)
    if not wait:
        build(export)
    return export


def ask_for_archive(scope: Scope, *, actor: User, reason: str) -> Export:
    """The year's archive will be built by a worker, in parts. It holds everything, so a purpose is asked for.

    Refused: other people than the secretariat, no year, no purpose, one that is under way already.
    """
    if not has_role(actor, Role.SECRETARIAT):
        raise NotAllowed
    if scope.programme is None:
        raise Refusal("请选择年度。", "programme")
    if not reason.strip():
        raise Refusal("档案含个人信息，请写明用途。", "reason")
    running = Export.objects.filter(kind=kinds.ARCHIVE, state=ExportState.WAITING)
    if running.filter(scope__programme=scope.programme.pk).exists():
        raise Refusal("该年度的档案正在生成，完成后会出现在下面的列表中。", "running")
    with transaction.atomic(durable=True):
        export = _written_down(kinds.ARCHIVE, kinds.ARCHIVE_TITLE, scope, actor, "zip", reason.strip(), True)
        _queue(export)
    return export


def _written_down(
    key: str, title: str, scope: Scope, actor: User, file_format: str, reason: str, personal: bool
) -> Export:
    now = clock.now()
    export = Export.objects.create(
        kind=key, title=title, scope=scope.dump(), scope_label=scope.label[:200], format=file_format,
        with_personal=personal, reason=reason[:200], asked_by=actor, asked_at=now,
        expires_at=now + timedelta(days=days_kept()),
    )  # fmt: skip
    audit.record(
        "export.asked", export, actor=actor, after={"kind": title, "scope": scope.label, "format": file_format},
        reason=reason, personal=personal,
    )  # fmt: skip
    return export


def _queue(export: Export) -> None:
    outbox.add(
        "export.build", f"export:{export.uuid}", {"export": export.pk}, queue=QUEUE, priority=3,
        lease_seconds=LEASE_SECONDS,
    )  # fmt: skip


def days_kept() -> int:
    association = Association.objects.first()
    return association.export_days if association else DEFAULT_DAYS


def job_of(export: Export) -> str:
    return f"export:{export.uuid}"


def build(export: Export) -> None:
    """The files of ``export`` exist as of now; calling it again for one that is done does nothing."""
    if export.state != ExportState.WAITING:
        return
    scope = Scope.load(export.scope)
    rows = parts.build(export, scope) if export.kind == kinds.ARCHIVE else _build_list(export, scope)
    now = clock.now()
    with transaction.atomic():
        done = Export.objects.filter(pk=export.pk, state=ExportState.WAITING)
        if done.update(state=ExportState.DONE, rows=rows, done_at=now):
            found = list(export.pieces.values_list("sha256", flat=True))
            audit.record("export.built", export, actor=export.asked_by, after={"rows": rows, "sha256": found})
    export.refresh_from_db()
    jobs.clear(job_of(export))


def _build_list(export: Export, scope: Scope) -> int:
    made = kinds.ALL[export.kind].make(scope)
    at = timezone.localtime(clock.now())
    purpose = f"　用途：{export.reason}" if export.reason else ""
    for table in made:
        table.notes = [
            "　".join(filter(None, table.notes)),
            f"导出人：{export.asked_by}　导出时间：{at:%Y-%m-%d %H:%M}{purpose}",
        ]  # fmt: skip
    with tempfile.TemporaryFile() as stream:
        rows = _write(export, made, stream)
        stored = files.store(stream, TYPES[export.format])
    name = safe_name(f"{export.title}_{export.scope_label}_{at:%Y%m%d-%H%M}") + f".{export.format}"
    ExportPiece.objects.get_or_create(
        export=export, number=1,
        defaults={"name": name, "file": stored, "sha256": stored.sha256, "size": stored.size},
    )  # fmt: skip
    return rows


def _write(export: Export, made: list[tables.Table], stream: IO[bytes]) -> int:
    tick = _progress(export)
    if export.format == "csv":
        return tables.write_csv(made[0], stream, tick=tick)
    return tables.write_xlsx(made, stream, tick=tick)


def _progress(export: Export) -> Callable[[int], None]:
    expected = max(1, kinds.ALL[export.kind].count(Scope.load(export.scope)))

    def tick(count: int) -> None:
        if count % 200 == 0:
            jobs.report(job_of(export), min(99, 100 * count / expected), f"已写 {count} 行")

    return tick


def handle(payload: dict[str, int]) -> None:
    """Outbox: build what was asked for, unless it is gone."""
    export = Export.objects.select_related("asked_by").filter(pk=payload["export"]).first()
    if export is not None:
        build(export)


def may_download(export: Export, user: User) -> bool:
    if export.kind == kinds.ARCHIVE:
        return has_role(user, Role.SECRETARIAT)
    kind = kinds.ALL.get(export.kind)
    allowed = kind is not None and kind.allowed(user)
    return allowed and (not export.with_personal or has_role(user, Role.SECRETARIAT))


def record_download(piece: ExportPiece, *, actor: User, goes_on: bool = False) -> None:
    """Each download leaves a row, so that it is known in whose hands a file is. ``goes_on``: a broken one continues."""
    with transaction.atomic():
        audit.record(
            "export.downloaded", piece.export, actor=actor, file=piece.name, sha256=piece.sha256, continued=goes_on
        )


def remove_expired(at: object = None) -> int:
    """Files of exports whose days are over are gone; rows, checksums and reasons stay. Returns how many exports."""
    count = 0
    for export in Export.objects.due_for_removal(at or clock.now()).prefetch_related("pieces__file"):
        with transaction.atomic():
            going = [piece.file for piece in export.pieces.all() if piece.file is not None]
            export.pieces.update(file=None)
            Export.objects.filter(pk=export.pk).update(state=ExportState.EXPIRED)
            audit.record("export.expired", export, actor=None)
        for stored in going:
            _forget(stored)
        count += 1
    return count


def _forget(stored: StoredFile) -> None:
    """Unless another row keeps the very same bytes."""
    name = stored.storage_name  # deleting takes the key from the object
    try:
        with transaction.atomic():
            stored.delete()
    except ProtectedError:
        return
    default_storage.delete(name)
