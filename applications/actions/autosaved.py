"""What was autosaved since the last audit row: kept on the draft, named in the trail when it begins to count.

Autosaves write no audit row (design, section 8): one every few seconds would bury the trail. But the trail must
say who changed what. So an autosave notes its fields on the row itself, by person; that person's next save by
hand names them, and a submission names what is left before it freezes the text. Where the trail keeps figures,
the first value before the autosaves is kept with the note.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from applications import merging
from applications.models import AnnualReport, Application
from qcportal import audit
from qcportal.models import User

Draft = Application | AnnualReport


class Note(NamedTuple):
    """One field that a person autosaved: the value before (where the trail keeps it), the digest of what was stored
    last, and the browser tab that sent it."""

    before: str | None
    digest: str
    tab: str


def _notes(row: Draft, actor: User) -> dict[str, Note]:
    return {key: Note(*parts) for key, parts in row.autosaved.get(str(actor.pk), {}).items()}


def before(notes: Mapping[str, Note]) -> dict[str, Any]:
    """The part of the notes that goes into an audit row's ``before``."""
    return {name: note.before for name, note in notes.items() if note.before is not None}


def seen_by(
    row: Draft, actor: User, tab: str, seen: Mapping[str, str] | None, stored: Callable[[str], Any]
) -> Mapping[str, str] | None:
    """``seen`` with what the same tab stored itself: an answer that got lost on the way is no conflict with oneself."""
    if seen is None or not tab:
        return seen
    notes = _notes(row, actor)
    own = {key: note.digest for key, note in notes.items() if note.tab == tab and key in seen}
    return {**seen, **{key: digest for key, digest in own.items() if merging.digest(stored(key)) == digest}}


def noted(
    row: Draft, actor: User, changed: Mapping[str, Any], tab: str, figures: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The update of the row for an autosave of ``changed``; ``figures`` are values before that the trail keeps."""
    if not changed:
        return {}
    notes = _notes(row, actor)
    for key, value in changed.items():
        first = notes[key].before if key in notes else (figures or {}).get(key)
        notes[key] = Note(first, merging.digest(value), tab)
    return {"autosaved": {**row.autosaved, str(actor.pk): notes}}


def settle(row: Draft, actor: User) -> dict[str, Note]:
    """Takes ``actor``'s notes off the locked ``row`` and returns them: the caller writes them into the trail."""
    found = _notes(row, actor)
    if found:
        _keep(row, {key: notes for key, notes in row.autosaved.items() if key != str(actor.pk)})
    return found


def _keep(row: Draft, notes: dict[str, Any]) -> None:
    row.autosaved = notes
    type(row)._base_manager.filter(pk=row.pk).update(autosaved=notes)


def record_all(row: Draft) -> None:
    """Every note becomes an audit row in its person's name. Inside the transaction that locked ``row``."""
    if not row.autosaved:
        return
    people = User.objects.in_bulk([int(key) for key in row.autosaved])
    verb = "application.saved" if isinstance(row, Application) else "report.changed"
    for actor in people.values():
        notes = _notes(row, actor)
        audit.record(verb, row, actor=actor, before=before(notes), fields=sorted(notes), autosaved=True)
    _keep(row, {})
