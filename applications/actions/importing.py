"""What was read from an uploaded file: kept for a day, taken over after confirmation, or thrown away."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from applications.imports.cells import ReadCell, Reading, as_json, from_json
from applications.imports.destinations import ApplicationDestination, Destination
from applications.models import PendingImport
from qcportal import clock
from qcportal.errors import Refusal
from qcportal.models import User

KEPT_FOR = timedelta(hours=24)


def keep(
    kind: str, destination: Destination, *, actor: User, now: datetime, file_name: str, sha256: str, reading: Reading
) -> PendingImport:
    """The reading waits for its uploader; an earlier one of the same kind and destination is replaced.

    Nothing of the portal's data changes. Refused: whoever may not write there now.
    """
    refusal = destination.refusal(actor, now)
    if refusal is not None:
        raise refusal
    application = destination.application if isinstance(destination, ApplicationDestination) else None
    where = {"enterprise": destination.enterprise, "programme": destination.programme, "application": application}
    cells = _with_stored(destination, reading.cells)
    with transaction.atomic(durable=True):
        PendingImport.objects.filter(kind=kind, user=actor, **where).delete()
        return PendingImport.objects.create(
            kind=kind, user=actor, **where, file_name=file_name, sha256=sha256, cells=as_json(cells),
            notices=reading.notices, base_version=reading.base_version, created_at=now, expires_at=now + KEPT_FOR,
        )  # fmt: skip


def _with_stored(destination: Destination, cells: list[ReadCell]) -> list[ReadCell]:
    """With the problems that the forms find, and with what is stored at this moment."""
    cleaned = destination.clean({cell.key: cell.entry for cell in cells if not cell.problem})
    stored = destination.stored()
    return [
        cell._replace(
            problem=cell.problem or cleaned.problems.get(cell.key, ""),
            was=destination.shown(cell.key, stored.get(cell.key)),
        )
        for cell in cells
    ]


def confirm(
    pending: PendingImport, destination: Destination, *, actor: User, keys: Collection[str], seen_version: int
) -> int:
    """The cells named by ``keys`` are stored, the others forgotten. Returns how many.

    Saved by the rules of saving by hand: right, state and deadline again, StaleEdit when somebody saved after the
    review page was shown. One audit row names the fields and the file's sha256. A second press does nothing.
    """
    with transaction.atomic(durable=True):
        row = PendingImport.objects.select_for_update().filter(pk=pending.pk, user=actor).first()
        now = clock.now_in_transaction()
        if row is None or now >= row.expires_at:
            raise Refusal("这次导入已超过 24 小时，请重新上传文件。", "expired")
        if row.confirmed_at is not None:
            return 0
        cells = [cell for cell in from_json(row.cells) if cell.key in keys and not cell.problem]
        if not cells:
            raise Refusal("没有勾选任何项目，请先勾选要采用的项目。", "nothing")
        cleaned = destination.clean({cell.key: cell.entry for cell in cells})
        destination.write(
            actor=actor, now=now, values=cleaned.values, seen_version=seen_version, source=row.sha256
        )  # fmt: skip
        row.confirmed_at, row.cells = now, []
        row.save(update_fields=["confirmed_at", "cells"])
    return len(cleaned.values)


def discard(pending: PendingImport, *, actor: User) -> None:
    PendingImport.objects.filter(pk=pending.pk, user=actor).delete()


def remove_expired(now: datetime) -> int:
    """Readings that nobody confirmed within a day are deleted, with the personal data in them."""
    return PendingImport.objects.expired(now).delete()[0]
