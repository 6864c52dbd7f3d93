"""证实性材料 in parts: started, continued from what has arrived, completed once, given up, swept (decision 0009).

Bytes go to the storage before the row that names them, outside any transaction; bytes without a row are swept.
"""

import hashlib
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from applications import gates
from applications.actions.drafts import lock_for_edit
from applications.actions.evidence import require_room, require_taken
from applications.evidence_check import clean_name, size_problem
from applications.models import Application, Upload, UploadPart
from applications.models.uploads import UPLOADS
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import User

KEPT = timedelta(days=7)  # after the last part
PART_AT_MOST = 4 * 1024 * 1024
PART_AT_LEAST = 64 * 1024  # but for the last one: no file of a million parts
IN_MEMORY = 1024 * 1024
GONE = "该上传已被放弃或清除，请重新选择文件。"


class WrongOffset(Refusal):
    """The part does not follow what has arrived; ``received`` says where to go on."""

    def __init__(self, received: int) -> None:
        super().__init__("上传位置已变化，将从已收到的位置继续。", "offset")
        self.received = received


def start(
    application: Application, *, actor: User, name: str, size: int, kind: str = "", fingerprint: str = ""
) -> Upload:
    """An upload that waits for its first part, or the unfinished one of the same file (size and fingerprint).

    ``kind`` may be chosen later. Refused: closed gate or kind, a size that is not taken, no room.
    """
    name, fingerprint = clean_name(name), fingerprint[:80]
    problem = size_problem(size)
    if problem:
        raise Refusal(problem, "size")
    with transaction.atomic(durable=True):
        row, now = lock_for_edit(application.pk, actor)
        if kind:
            require_taken(row, kind)
        same = row.uploads.unfinished().filter(size=size, fingerprint=fingerprint).first() if fingerprint else None
        if same is not None:
            return same
        require_room(row, size)
        return Upload.objects.create(
            application=row, user=actor, kind=kind, name=name, size=size, fingerprint=fingerprint,
            created_at=now, updated_at=now, expires_at=now + KEPT,
        )  # fmt: skip


def receive(upload: Upload, *, actor: User, offset: int, content: bytes) -> Upload:
    """``content`` follows what has arrived. A part that was already taken changes nothing, so it may be sent again.

    Refused: closed gate (the deadline passed meanwhile), a part that does not follow (WrongOffset).
    """
    if not 0 < len(content) <= PART_AT_MOST:
        raise Refusal("上传的数据段大小不正确，请刷新页面后重试。", "part_size")
    current = _require_receiving(upload.pk, actor)
    digest = hashlib.sha256(content).hexdigest()
    if offset != current.received:
        return _again(current, offset, len(content), digest)
    end = offset + len(content)
    if end > current.size or (len(content) < PART_AT_LEAST and end < current.size):
        raise Refusal("上传的数据段大小不正确，请刷新页面后重试。", "part_size")
    name = default_storage.save(f"{current.folder}/{offset:012d}-{uuid.uuid4().hex}", ContentFile(content))
    try:
        with transaction.atomic(durable=True):
            current = Upload.objects.select_for_update().get(pk=upload.pk)
            now = clock.now_in_transaction()
            if current.received != offset or current.completed_at or current.refused:
                raise WrongOffset(current.received)
            UploadPart.objects.create(
                upload=current, offset=offset, size=len(content), sha256=digest, storage_name=name
            )
            current.received, current.updated_at, current.expires_at = end, now, now + KEPT
            current.save(update_fields=["received", "updated_at", "expires_at"])
    except (Upload.DoesNotExist, WrongOffset) as error:
        default_storage.delete(name)
        if isinstance(error, WrongOffset):
            return _again(Upload.objects.get(pk=upload.pk), offset, len(content), digest)
        raise Refusal(GONE, "gone") from error
    return current


def _require_receiving(pk: int, actor: User) -> Upload:
    """Asked before bytes are kept; completing asks again under the application's lock."""
    upload = Upload.objects.select_related("application__round__programme").filter(pk=pk).first()
    if upload is None:
        raise Refusal(GONE, "gone")
    if not Application.objects.editable_by(actor).filter(pk=upload.application_id).exists():
        raise NotAllowed
    refusal = gates.edit_refusal(upload.application, clock.now())
    if refusal is not None:
        raise refusal
    if upload.refused:
        raise Refusal(upload.refused, "not_accepted")
    return upload


def _again(upload: Upload, offset: int, size: int, sha256: str) -> Upload:
    """The same part sent once more is fine: its answer was lost on the way. Anything else is out of place."""
    if upload.completed_at is not None or upload.parts.filter(offset=offset, size=size, sha256=sha256).exists():
        return upload
    raise WrongOffset(upload.received)


@contextmanager
def assembled(upload: Upload) -> Iterator[IO[bytes]]:
    """The parts as one file, for the length of a request; over 1 MB it lies in a nameless temporary file."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as whole:
        for part in upload.parts.order_by("offset"):
            try:
                with default_storage.open(part.storage_name, "rb") as stream:
                    for chunk in stream.chunks():
                        whole.write(chunk)
            except FileNotFoundError as error:  # given up by someone at this moment
                raise Refusal(GONE, "gone") from error
        if whole.tell() != upload.size:
            raise Refusal("上传的内容不完整，请放弃后重新选择文件。", "incomplete")
        whole.seek(0)
        yield whole


def refuse(upload: Upload, reason: str) -> None:
    """The file itself is not accepted: its bytes go, the reason stays for whoever asks again."""
    Upload.objects.filter(pk=upload.pk, completed_at=None).update(refused=reason[:300])
    drop_bytes(upload)


def discard(upload: Upload, *, actor: User) -> None:
    """Given up: nothing of it stays. Anyone who may write on the application may do it; it gives room to others."""
    with transaction.atomic(durable=True):
        if not Application.objects.editable_by(actor).filter(pk=upload.application_id).exists():
            raise NotAllowed
        current = Upload.objects.select_for_update().filter(pk=upload.pk, completed_at=None)
        gone = [one.delete() for one in current]
    if gone:
        _empty(upload.folder)


def drop_bytes(upload: Upload) -> None:
    UploadPart.objects.filter(upload=upload).delete()
    _empty(upload.folder)


def _empty(folder: str) -> None:
    """Also bytes that no row names, left by a process that died in between."""
    try:
        _folders, names = default_storage.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in names:
        default_storage.delete(f"{folder}/{name}")
    try:
        default_storage.delete(folder)
    except OSError:  # a part arrives at this moment; the next sweep finds the folder
        return


def sweep(now: datetime) -> int:
    """Uploads whose time is over are gone, and bytes in folders that belong to no upload. Returns how many uploads."""
    over = list(Upload.objects.filter(expires_at__lte=now))
    for upload in over:
        drop_bytes(upload)
        upload.delete()
    # The folders are listed before the rows: a new upload has its row before its first byte.
    try:
        folders, _names = default_storage.listdir(UPLOADS)
    except (FileNotFoundError, NotADirectoryError):
        return len(over)
    known = {str(one) for one in Upload.objects.values_list("uuid", flat=True)}
    for folder in folders:
        if folder not in known:
            _empty(f"{UPLOADS}/{folder}")
    return len(over)
