"""证实性材料: added, renamed, put in order, taken away. Bytes are stored before any of this (qcportal.files)."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Sum

from applications import gates, previews
from applications.actions.drafts import lock_for_edit
from applications.models import Application, Evidence, EvidenceKind, Upload
from applications.sections import is_open
from applications.states import State
from qcportal import audit
from qcportal.errors import Refusal
from qcportal.models import StoredFile, User


def add(
    application: Application,
    *,
    actor: User,
    stored: StoredFile,
    kind: str,
    name: str,
    pages: int | None,
    upload: Upload | None = None,
) -> Evidence:
    """``stored`` belongs to the application, and its preview will be made.

    ``upload`` is completed with it; one that was completed before gives what it became. Refused: closed gate or
    kind, the same bytes again, too many files or bytes.
    """
    with transaction.atomic(durable=True):
        row, now = lock_for_edit(application.pk, actor)
        before = _completed(upload)
        if before is not None:
            return before
        require_taken(row, kind)
        same = row.evidence.filter(file=stored).first()
        if same is not None:
            raise Refusal(f"与已上传的“{same.name}”内容完全相同，没有重复保存。", "duplicate")
        require_room(row, stored.size, besides=upload)
        last = row.evidence.aggregate(last=Max("position"))["last"] or 0
        item = Evidence.objects.create(
            application=row, kind=kind, name=name, file=stored, pages=pages, position=last + 1,
            uploaded_by=actor, uploaded_at=now,
        )  # fmt: skip
        _touch(row, actor, now)
        if upload is not None:
            Upload.objects.filter(pk=upload.pk).update(completed_at=now, evidence=item, kind=kind)
        audit.record("evidence.added", row, actor=actor, after={"kind": kind, "sha256": stored.sha256})
        previews.ask_for(stored)
    return item


def _completed(upload: Upload | None) -> Evidence | None:
    """Asked under the application's lock: pressed twice, or sent again, it is one piece of evidence."""
    if upload is None:
        return None
    current = Upload.objects.select_related("evidence").filter(pk=upload.pk).first()
    if current is None:
        raise Refusal("该上传已被放弃或清除，请重新选择文件。", "gone")
    if current.completed_at is not None and current.evidence is None:
        raise Refusal("该文件上传完成后已被删除，请重新选择文件。", "gone")
    return current.evidence


def require_room(row: Application, size: int, *, besides: Upload | None = None) -> None:
    """Files that are still on their way count like those that are there. Called under the application's lock."""
    coming = row.uploads.unfinished().exclude(pk=besides.pk if besides else 0)
    files, uploads = (
        row.evidence.aggregate(n=Count("pk"), b=Sum("file__size")),
        coming.aggregate(n=Count("pk"), b=Sum("size")),
    )
    if files["n"] + uploads["n"] >= settings.EVIDENCE_MAX_FILES:
        hint = "（包括未完成的上传）" if uploads["n"] else ""
        raise Refusal(f"每项申报最多 {settings.EVIDENCE_MAX_FILES} 个文件{hint}，请合并后再上传。", "too_many")
    if (files["b"] or 0) + (uploads["b"] or 0) + size > settings.EVIDENCE_MAX_TOTAL_BYTES:
        most = settings.EVIDENCE_MAX_TOTAL_BYTES // 1024 // 1024
        raise Refusal(f"每项申报的文件合计不超过 {most} MB，请压缩图片或删去不需要的文件。", "too_big")


def change(item: Evidence, *, actor: User, kind: str, name: str) -> Evidence:
    """Another kind or another name; the bytes never change."""
    with transaction.atomic(durable=True):
        row, now = lock_for_edit(item.application_id, actor)
        item = Evidence.objects.get(pk=item.pk)
        require_open(row, item.kind)
        require_taken(row, kind)
        before = {"kind": item.kind}
        if (item.kind, item.name) == (kind, name):
            return item
        item.kind, item.name = kind, name
        item.save(update_fields=["kind", "name"])
        _touch(row, actor, now)
        audit.record("evidence.changed", row, actor=actor, before=before, after={"kind": kind}, sha256=item.file_id)
    return item


def move(item: Evidence, *, actor: User, up: bool) -> None:
    """One place up or down in the packet's order."""
    with transaction.atomic(durable=True):
        row, now = lock_for_edit(item.application_id, actor)
        require_open(row, item.kind)
        items = list(row.evidence.all())
        place = next(number for number, one in enumerate(items) if one.pk == item.pk)
        other = place - 1 if up else place + 1
        if not 0 <= other < len(items):
            return
        items[place], items[other] = items[other], items[place]
        for number, one in enumerate(items, 1):
            if one.position != number:
                Evidence.objects.filter(pk=one.pk).update(position=number)
        _touch(row, actor, now)
        audit.record("evidence.moved", row, actor=actor, sha256=item.file_id)


def reorder(application: Application, *, actor: User, order: list[UUID]) -> None:
    """The files stand in the ``order`` of their ids.

    Refused: another set of files than there is, and files of kinds that a return does not open in another order
    among themselves.
    """
    with transaction.atomic(durable=True):
        row, now = lock_for_edit(application.pk, actor)
        items = list(row.evidence.all())
        places = {uuid: place for place, uuid in enumerate(order)}
        if len(order) != len(items) or set(places) != {item.uuid for item in items}:
            raise Refusal("材料刚刚有变化，请刷新页面后再调整次序。", "stale")
        ordered = sorted(items, key=lambda item: places[item.uuid])
        closed = [item for item in items if not _is_open(row, item.kind)]
        if closed != [item for item in ordered if item in closed]:
            raise Refusal("本次补正未开放的材料不能调整次序。", "closed_key")
        if ordered == items:
            return
        for number, item in enumerate(ordered, 1):
            if item.position != number:
                Evidence.objects.filter(pk=item.pk).update(position=number)
        _touch(row, actor, now)
        audit.record("evidence.moved", row, actor=actor)


def remove(item: Evidence, *, actor: User) -> None:
    """The working copy no longer holds it; versions already submitted still name and keep the file."""
    with transaction.atomic(durable=True):
        row, now = lock_for_edit(item.application_id, actor)
        require_open(row, item.kind)
        audit.record("evidence.removed", row, actor=actor, before={"kind": item.kind, "sha256": item.file_id})
        Evidence.objects.filter(pk=item.pk).delete()
        _touch(row, actor, now)


def require_open(row: Application, kind: str) -> None:
    if kind not in EvidenceKind.values:
        raise Refusal("请选择材料类别。", "bad_kind")
    if not _is_open(row, kind):
        raise Refusal(f"本次补正未开放“{row.fields.evidence_kind(kind)}”，如需修改请联系秘书处。", "closed_key")


def require_taken(row: Application, kind: str) -> None:
    """Of a file that comes, or changes its kind: what is there already may be moved and removed."""
    require_open(row, kind)
    if row.fields.hidden(f"evidence.{kind}"):
        raise Refusal(f"本年度不收“{row.fields.evidence_kind(kind)}”，请选择其他类别。", "hidden_kind")


def _is_open(row: Application, kind: str) -> bool:
    opened = gates.open_keys(row)
    return opened is None or is_open(f"evidence.{kind}", opened)


def _touch(row: Application, actor: User, now: datetime) -> None:
    """Not the edit version: files and texts do not overwrite each other."""
    fields: dict[str, object] = {"updated_at": now, "updated_by": actor}
    if row.state == State.SUBMITTED:
        fields["has_unsubmitted_changes"] = True
    Application.objects.filter(pk=row.pk).update(**fields)
