"""内部备注: what the secretariat tells itself. Never part of what an enterprise, a unit or a judge sees or exports."""

from django.db import transaction

from applications.actions.rights import require_secretariat
from applications.models import Application, Enterprise, Note
from qcportal import audit, clock
from qcportal.errors import Refusal, StaleState
from qcportal.models import User

LENGTH = 2000


def add_note(
    enterprise: Enterprise, *, actor: User, text: str, application: Application | None = None, pinned: bool = False
) -> Note:
    """The note stands on the enterprise, or on one of its filings. The audit row says that, not what it says.

    Refused: everybody but the secretariat, an empty or too long text, a filing of another enterprise.
    """
    require_secretariat(actor)
    text = text.strip()
    if not text:
        raise Refusal("请写备注内容。", "empty")
    if len(text) > LENGTH:
        raise Refusal(f"备注最多 {LENGTH} 字，现为 {len(text)} 字。", "too_long")
    if application is not None and application.enterprise_id != enterprise.pk:
        raise Refusal("请选择该单位的申报。", "application")
    with transaction.atomic(durable=True):
        note = Note.objects.create(
            enterprise=enterprise, application=application, text=text, is_pinned=pinned, created_by=actor,
            created_at=clock.now(),
        )  # fmt: skip
        audit.record("note.added", application or enterprise, actor=actor, note=str(note.uuid))
    return note


def pin(note: Note, *, actor: User, pinned: bool) -> Note:
    """The note stands above all others, or no longer. Refused for a removed one."""
    require_secretariat(actor)
    with transaction.atomic(durable=True):
        if not Note.objects.filter(pk=note.pk, removed_at=None).update(is_pinned=pinned):
            raise StaleState("这条备注已被删除。")
        verb = "note.pinned" if pinned else "note.unpinned"
        audit.record(verb, note.enterprise, actor=actor, note=str(note.uuid))
    note.is_pinned = pinned
    return note


def remove(note: Note, *, actor: User) -> None:
    """Nobody sees the note any more; the row stays, with who removed it. Refused when it is removed already."""
    require_secretariat(actor)
    with transaction.atomic(durable=True):
        gone = Note.objects.filter(pk=note.pk, removed_at=None)
        if not gone.update(removed_at=clock.now(), removed_by=actor):
            raise StaleState("这条备注已被删除。")
        audit.record("note.removed", note.enterprise, actor=actor, note=str(note.uuid))
