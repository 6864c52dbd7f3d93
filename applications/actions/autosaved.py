"""What was autosaved since the last audit row: kept on the draft, named in the trail when it begins to count.

Autosaves write no audit row (design, section 8): one every few seconds would bury the trail. But the trail must
say who changed what. So an autosave notes its fields on the row itself, by person; that person's next save by
hand names them, and a submission names what is left before it freezes the text. Where the trail keeps figures,
the first value before the autosaves is kept with the note.
"""

from collections.abc import Mapping
from typing import Any

from applications.models import AnnualReport, Application
from qcportal import audit
from qcportal.models import User

Draft = Application | AnnualReport


def before(pending: Mapping[str, Any]) -> dict[str, Any]:
    """The part of the note that goes into an audit row's ``before``."""
    return {name: value for name, value in pending.items() if value is not None}


def noted(row: Draft, actor: User, changed: Mapping[str, Any]) -> dict[str, Any]:
    """The update of the row for an autosave of ``changed``; nothing when nothing is new."""
    pending = row.autosaved.get(str(actor.pk), {})
    wanted = {**changed, **pending}
    return {"autosaved": {**row.autosaved, str(actor.pk): wanted}} if wanted != pending else {}


def settle(row: Draft, actor: User) -> dict[str, Any]:
    """Takes ``actor``'s note off the locked ``row`` and returns it: the caller writes it into the trail."""
    notes = dict(row.autosaved)
    pending = notes.pop(str(actor.pk), {})
    if pending:
        _keep(row, notes)
    return dict(pending)


def _keep(row: Draft, notes: dict[str, Any]) -> None:
    row.autosaved = notes
    type(row)._base_manager.filter(pk=row.pk).update(autosaved=notes)


def record_all(row: Draft) -> None:
    """Every note becomes an audit row in its person's name. Inside the transaction that locked ``row``."""
    if not row.autosaved:
        return
    people = User.objects.in_bulk([int(key) for key in row.autosaved])
    verb = "application.saved" if isinstance(row, Application) else "report.changed"
    for key, fields in row.autosaved.items():
        actor = people.get(int(key))
        audit.record(verb, row, actor=actor, before=before(fields), fields=sorted(fields), autosaved=True)
    _keep(row, {})
