"""往年成果: lists of past results taken in, corrected, taken out again with a reason."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import IO, Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from applications.actions.checking import require_secretariat
from applications.exchange import XLSX_TYPE
from applications.imports import past_sheet
from applications.imports.gate import open_office
from applications.imports.past_sheet import PastRow
from applications.models import Enterprise, FormerName, PastResult, PastResultFile
from applications.validators import comparable_name
from qcportal import audit, clock, files
from qcportal.errors import Refusal, StaleState
from qcportal.models import User

FIELDS = (
    "year", "round_number", "unit_name", "credit_code", "group_name", "topic_name", "topic_type", "award_level",
    "special_award", "note",
)  # fmt: skip


def take(upload: IO[bytes], name: str, *, actor: User, now: datetime, default_year: int | None) -> PastResultFile:
    """The list is kept and read row by row; nothing is a result yet. Refused: everybody but the secretariat; a file
    that the gate does not take or that has no such heads."""
    require_secretariat(actor)
    upload.seek(0)
    opened = open_office(upload, "xlsx")
    rows, notices = past_sheet.parse(opened, default_year, timezone.localdate(now).year)
    if not rows:
        raise Refusal("表头下面没有读到任何一行，请核对文件。", "nothing_read")
    upload.seek(0)
    stored = files.store(upload, XLSX_TYPE)
    with transaction.atomic(durable=True):
        PastResultFile.objects.waiting().filter(uploaded_by=actor).delete()
        return PastResultFile.objects.create(
            file=stored, name=name[:200], default_year=default_year, rows=past_sheet.as_json(rows), notices=notices,
            uploaded_by=actor, uploaded_at=now,
        )  # fmt: skip


def rows_of(source: PastResultFile) -> list[PastRow]:
    """The waiting rows, each with the stored result that it repeats, if any: asked now, not at the upload."""
    rows = past_sheet.from_json(source.rows)
    known = PastResult.objects.filter(identity__in=[row.identity for row in rows])
    names = {one.identity: f"{one.when} {one.unit_name}" for one in known}
    return [row._replace(duplicate=names.get(row.identity, "")) for row in rows]


def confirm(source: PastResultFile, *, actor: User, numbers: Collection[int]) -> int:
    """The chosen rows are results, all or none, each matched to its enterprise. Returns how many.

    Refused: everybody but the secretariat; a row with a problem or one that is there already, and then nothing of
    the file is taken.
    """
    require_secretariat(actor)
    try:
        with transaction.atomic(durable=True):
            row = PastResultFile.objects.select_for_update().get(pk=source.pk)
            if row.confirmed_at is not None:
                raise StaleState("这份名单已经导入。")
            now = clock.now_in_transaction()
            chosen = [one for one in rows_of(row) if one.number in numbers]
            if not chosen:
                raise Refusal("没有勾选任何一行。", "nothing")
            wrong = [one.number for one in chosen if one.problems or one.duplicate]
            if wrong:
                raise Refusal(f"第 {'、'.join(map(str, wrong[:10]))} 行不能导入，所选各行都没有导入。", "wrong_rows")
            units = Units()
            PastResult.objects.bulk_create(
                PastResult(
                    **{name: one.values[name] for name in FIELDS}, identity=one.identity, source=row,
                    enterprise_id=units.find(one.values["credit_code"], one.values["unit_name"]),
                    created_at=now, updated_at=now,
                )
                for one in chosen
            )  # fmt: skip
            row.rows, row.imported, row.confirmed_at = [], len(chosen), now
            row.save(update_fields=["rows", "imported", "confirmed_at"])
            audit.record("past_results.imported", row, actor=actor, after={"rows": len(chosen)}, sha256=row.file_id)
    except IntegrityError as error:
        raise Refusal("有些行刚刚由他人导入，所选各行都没有导入，请刷新页面。", "stale") from error
    return len(chosen)


def discard(source: PastResultFile, *, actor: User) -> None:
    require_secretariat(actor)
    PastResultFile.objects.waiting().filter(pk=source.pk).delete()


class Units:
    """Enterprises by credit code and by name, present and former, read once for a whole list."""

    def __init__(self) -> None:
        rows = list(Enterprise.objects.values_list("pk", "credit_code", "name"))
        self.codes = {code: pk for pk, code, _name in rows}
        self.names: dict[str, set[int]] = {}
        former = FormerName.objects.values_list("enterprise_id", "name")
        for pk, name in [*((pk, name) for pk, _code, name in rows), *former]:
            self.names.setdefault(comparable_name(name), set()).add(pk)

    def find(self, code: str, name: str) -> int | None:
        """By code when there is one: a name may be somebody else's. A name that fits two fits none."""
        if code:
            return self.codes.get(code)
        found = self.names.get(comparable_name(name), set())
        return next(iter(found)) if len(found) == 1 else None


def change(result: PastResult, *, actor: User, values: Mapping[str, Any]) -> PastResult:
    """A corrected line. Refused: everybody but the secretariat; a line that then repeats another one."""
    require_secretariat(actor)
    try:
        with transaction.atomic(durable=True):
            row = PastResult.objects.select_for_update().get(pk=result.pk)
            new = {name: values[name] for name in FIELDS if name in values}
            changed = [name for name in new if getattr(row, name) != new[name]]
            if not changed:
                return row
            before = {name: getattr(row, name) for name in changed}
            for name in changed:
                setattr(row, name, new[name])
            row.identity = past_sheet.identity_of({name: getattr(row, name) for name in FIELDS})
            row.enterprise_id = Units().find(row.credit_code, row.unit_name)
            row.updated_at = clock.now_in_transaction()
            row.save()
            audit.record(
                "past_result.corrected", row, actor=actor, before=before, after={name: new[name] for name in changed}
            )
    except IntegrityError as error:
        raise Refusal("改后与名单中另一条相同（年度、期次、单位、小组、课题）。", "duplicate") from error
    return row


def remove(result: PastResult, *, actor: User, reason: str) -> None:
    """The line is gone from searches and checks; the trail keeps what it said and why it went."""
    require_secretariat(actor)
    if not reason.strip():
        raise Refusal("请写明删除的原因。", "reason")
    with transaction.atomic(durable=True):
        row = PastResult.objects.select_for_update().get(pk=result.pk)
        audit.record(
            "past_result.removed", row, actor=actor, before={name: getattr(row, name) for name in FIELDS},
            reason=reason.strip()[:500],
        )  # fmt: skip
        row.delete()
