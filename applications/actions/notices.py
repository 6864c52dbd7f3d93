"""Notices and fixed pages: in versions, public when staff say so, with files that passed the gate of evidence.

All run in the caller's transaction where there is one: the staff site opens it for its forms.
"""

from typing import IO

from django.db import transaction

from applications import evidence_check, photos
from applications.actions.rights import require_secretariat
from applications.models import Notice, NoticeFile, NoticeVersion
from qcportal import audit, clock, files, richtext
from qcportal.errors import Refusal
from qcportal.models import User

FILES_AT_MOST = 30
PHOTOS = {"image/jpeg", "image/png"}


def save(notice: Notice, *, actor: User) -> Notice:
    """``notice`` (its fields checked by its form) is stored; what it said before and says now are versions.

    Public from now on, or from ``publish_at``, when ``is_published`` is set.
    """
    require_secretariat(actor)
    with transaction.atomic():
        before = Notice.objects.filter(pk=notice.pk).first() if notice.pk else None
        notice.body = richtext.clean(notice.body)
        notice.save()
        if before is None or (before.title, before.body) != (notice.title, notice.body):
            last = notice.versions.first()
            NoticeVersion.objects.create(
                notice=notice, number=(last.number if last else 0) + 1, title=notice.title, body=notice.body,
                is_published=notice.is_published, saved_by=actor, saved_at=clock.now(),
            )  # fmt: skip
            audit.record("notice.saved", notice, actor=actor)
        if (before is not None and before.is_published) != notice.is_published:
            audit.record("notice.published" if notice.is_published else "notice.taken_down", notice, actor=actor)
    return notice


def restore(notice: Notice, number: int, *, actor: User) -> Notice:
    """Title and text are again those of version ``number``, as a new version. Refused: a version that is not there."""
    require_secretariat(actor)
    with transaction.atomic():
        version = notice.versions.filter(number=number).first()
        if version is None:
            raise Refusal("没有这个版本。", "no_version")
        notice.title, notice.body = version.title, version.body
        audit.record("notice.restored", notice, actor=actor, version=number)
        return save(notice, actor=actor)


def add_file(notice: Notice, stream: IO[bytes], name: str, *, actor: User) -> NoticeFile:
    """A sound PDF, picture or Office file beside the notice (evidence_check says which). Photos lose what they tell of
    place and camera. Raises ValueError for a file that is not taken; Refusal for a name used twice or too many."""
    require_secretariat(actor)
    checked = evidence_check.check(stream, name)
    clean = photos.clean(stream, checked.content_type) if checked.content_type in PHOTOS else stream
    stored = files.store(clean, checked.content_type)
    with transaction.atomic():
        names = list(notice.files.values_list("name", flat=True))
        short = _in_a_text(checked.name)
        if short in names:
            raise Refusal(f"已有名为“{short}”的附件，请先删除或改名。", "name_taken")
        if len(names) >= FILES_AT_MOST:
            raise Refusal(f"一篇最多 {FILES_AT_MOST} 个附件。", "too_many")
        row = NoticeFile.objects.create(notice=notice, name=short, file=stored, position=len(names) + 1)
        audit.record("notice.file_added", notice, actor=actor, after={"name": short, "sha256": stored.sha256})
    return row


def remove_file(row: NoticeFile, *, actor: User) -> None:
    require_secretariat(actor)
    with transaction.atomic():
        audit.record("notice.file_removed", row.notice, actor=actor, before={"name": row.name, "sha256": row.file_id})
        row.delete()


def move_file_up(row: NoticeFile, *, actor: User) -> None:
    """The file changes places with the one before it; nothing happens to the first."""
    require_secretariat(actor)
    with transaction.atomic():
        rows = list(NoticeFile.objects.select_for_update().filter(notice=row.notice_id))
        place = next((number for number, one in enumerate(rows) if one.pk == row.pk), 0)
        if place == 0:
            return
        rows[place - 1], rows[place] = rows[place], rows[place - 1]
        for number, one in enumerate(rows, 1):
            NoticeFile.objects.filter(pk=one.pk).update(position=number)
        audit.record("notice.file_moved", row.notice, actor=actor, after={"name": row.name, "position": place})


def _in_a_text(name: str) -> str:
    """A name that a text can mention: marks end at spaces and brackets."""
    return "".join("_" if char.isspace() or char in "()[]（）" else char for char in name)[:200]
