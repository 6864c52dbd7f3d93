"""Drafts of many groups from one table: each row becomes a whole draft or nothing."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from applications.actions import drafts
from applications.actions.enterprises import require_manager
from applications.actions.importing import KEPT_FOR
from applications.imports.destinations import ApplicationDestination, Cleaned
from applications.imports.groups_columns import BY_KEY
from applications.imports.groups_sheet import GroupRow, Problem, Table, as_json, from_json, identity
from applications.models import Application, Enterprise, PendingImport, Round
from applications.states import State
from qcportal import clock
from qcportal.errors import Refusal
from qcportal.models import User


def keep(
    enterprise: Enterprise, round_: Round, *, actor: User, now: datetime, file_name: str, sha256: str, table: Table
) -> PendingImport:
    """The table waits for its uploader, every row checked by the forms of attachment 1; an earlier one is replaced.

    Refused: a 填报人, and a round that is not open for this enterprise.
    """
    require_manager(enterprise.pk, actor, "新建申报由单位负责人或质量主管办理。")
    refusal = drafts.creation_refusal(enterprise, round_, now)
    if refusal is not None:
        raise refusal
    rows = [_checked(row, enterprise, round_) for row in table.rows]
    where = {"kind": PendingImport.Kind.GROUPS, "user": actor, "enterprise": enterprise, "round": round_}
    with transaction.atomic(durable=True):
        PendingImport.objects.filter(**where).delete()
        return PendingImport.objects.create(
            **where, programme=round_.programme, file_name=file_name, sha256=sha256, cells=as_json(rows),
            notices=table.notices, created_at=now, expires_at=now + KEPT_FOR,
        )  # fmt: skip


def _clean(row: GroupRow, enterprise: Enterprise, round_: Round) -> Cleaned:
    # Never saved: with a primary key that no row has, its lists can be asked for and are empty.
    nobody = Application(pk=0, enterprise=enterprise, round=round_, topic_type=str(row.entries.get("topic_type", "")))
    return ApplicationDestination(nobody).clean(row.entries)


def _checked(row: GroupRow, enterprise: Enterprise, round_: Round) -> GroupRow:
    found = [
        Problem(row.places.get(key, ""), BY_KEY[key].title, row.raw.get(key, ""), message)
        for key, message in _clean(row, enterprise, round_).problems.items()
    ]
    return row._replace(problems=[*row.problems, *found])


def existing(enterprise: Enterprise, round_: Round) -> dict[tuple[str, str], Application]:
    """What the enterprise filed or drafted in the round already, by group and topic."""
    rows = Application.objects.filter(enterprise=enterprise, round=round_).exclude(state=State.WITHDRAWN)
    return {identity(one.group_name, one.topic_name): one for one in rows}


def confirm(pending: PendingImport, *, actor: User, numbers: Collection[int]) -> list[Application]:
    """A draft for each sound row named by ``numbers``, in the order of the file; made rows leave the import.

    One transaction a row: the draft, all its sections, the audit rows, and the row's leaving stand or fall together,
    so a second press, or a file uploaded again, makes nothing twice. Right and deadline are checked for every row.
    """
    made = []
    for number in sorted(set(numbers)):
        with transaction.atomic(durable=True):
            application = _make(pending, number, actor)
        if application is not None:
            made.append(application)
    return made


def _make(pending: PendingImport, number: int, actor: User) -> Application | None:
    waiting = PendingImport.objects.select_for_update(of=("self",)).select_related("enterprise", "round__programme")
    stored = waiting.filter(pk=pending.pk, user=actor).first()
    now = clock.now_in_transaction()
    if stored is None or stored.round is None or now >= stored.expires_at:
        raise Refusal("这次导入已超过 24 小时，请重新上传文件。", "expired")
    rows = from_json(stored.cells)
    row = next((one for one in rows if one.number == number and not one.problems), None)
    if row is None:
        return None
    # Taken before the list of drafts is read: whoever creates one holds it.
    enterprise = Enterprise.objects.select_for_update().get(pk=stored.enterprise_id)
    if identity(row.name, row.topic) in existing(enterprise, stored.round):
        return None
    cleaned = _clean(row, enterprise, stored.round)
    if cleaned.problems:
        return None
    application = drafts.create_in_transaction(enterprise, stored.round, actor=actor, group_name=row.name)
    drafts.write_sections(application, actor=actor, now=now, values=cleaned.values, source=stored.sha256)
    left = [one for one in rows if one.number != number]
    stored.cells, stored.confirmed_at = as_json(left), None if left else now
    stored.save(update_fields=["cells", "confirmed_at"])
    return application
