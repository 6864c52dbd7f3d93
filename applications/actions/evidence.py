"""证实性材料: added, renamed, put in order, taken away. Bytes are stored before any of this (qcportal.files)."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from applications import gates
from applications.actions.drafts import lock_for_edit
from applications.models import Application, Evidence, EvidenceKind
from applications.sections import is_open
from applications.states import State
from qcportal import audit
from qcportal.errors import Refusal
from qcportal.models import StoredFile, User


def add(
    application: Application, *, actor: User, stored: StoredFile, kind: str, name: str, pages: int | None
) -> Evidence:
    """``stored`` belongs to the application. Refused: closed gate or kind, the same bytes again, too many files."""
    with transaction.atomic(durable=True):
        row, now = lock_for_edit(application.pk, actor)
        _require_open(row, kind)
        same = row.evidence.filter(file=stored).first()
        if same is not None:
            raise Refusal(f"与已上传的“{same.name}”内容完全相同，没有重复保存。", "duplicate")
        if row.evidence.count() >= settings.EVIDENCE_MAX_FILES:
            raise Refusal(f"每项申报最多 {settings.EVIDENCE_MAX_FILES} 个文件，请合并后再上传。", "too_many")
        last = row.evidence.aggregate(last=Max("position"))["last"] or 0
        item = Evidence.objects.create(
            application=row, kind=kind, name=name, file=stored, pages=pages, position=last + 1,
            uploaded_by=actor, uploaded_at=now,
        )  # fmt: skip
        _touch(row, actor, now)
        audit.record("evidence.added", row, actor=actor, after={"kind": kind, "sha256": stored.sha256})
    return item


def change(item: Evidence, *, actor: User, kind: str, name: str) -> Evidence:
    """Another kind or another name; the bytes never change."""
    with transaction.atomic(durable=True):
        row, now = lock_for_edit(item.application_id, actor)
        item = Evidence.objects.get(pk=item.pk)
        _require_open(row, item.kind)
        _require_open(row, kind)
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
        _require_open(row, item.kind)
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


def remove(item: Evidence, *, actor: User) -> None:
    """The working copy no longer holds it; versions already submitted still name and keep the file."""
    with transaction.atomic(durable=True):
        row, now = lock_for_edit(item.application_id, actor)
        _require_open(row, item.kind)
        audit.record("evidence.removed", row, actor=actor, before={"kind": item.kind, "sha256": item.file_id})
        Evidence.objects.filter(pk=item.pk).delete()
        _touch(row, actor, now)


def _require_open(row: Application, kind: str) -> None:
    if kind not in EvidenceKind.values:
        raise Refusal("请选择材料类别。", "bad_kind")
    opened = gates.open_keys(row)
    if opened is not None and not is_open(f"evidence.{kind}", opened):
        raise Refusal(f"本次补正未开放“{EvidenceKind(kind).label}”，如需修改请联系秘书处。", "closed_key")


def _touch(row: Application, actor: User, now: datetime) -> None:
    """Not the edit version: files and texts do not overwrite each other."""
    fields: dict[str, object] = {"updated_at": now, "updated_by": actor}
    if row.state == State.SUBMITTED:
        fields["has_unsubmitted_changes"] = True
    Application.objects.filter(pk=row.pk).update(**fields)
