"""An e-mailed folder on its way into drafts: taken in, put to an enterprise and a round, read, or given up.

Nothing of an enterprise changes here; actions.entering does that after the review.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import IO, Any, NamedTuple

from django.db import transaction

from applications.actions.checking import require_secretariat
from applications.imports import folder_names, folder_reading, folder_zip
from applications.imports.cells import as_json, from_json
from applications.imports.destinations import Destination
from applications.imports.folder_names import EVIDENCE, FORM, KINDS, SKIP, STATISTICS, SUMMARY
from applications.imports.groups_sheet import identity
from applications.models import (
    Application,
    Enterprise,
    EvidenceKind,
    FolderFile,
    FolderState,
    FormerName,
    Round,
    StaffFolder,
)
from applications.states import State
from applications.validators import check_credit_code, comparable_name, normalise_credit_code
from qcportal import audit, clock, files
from qcportal.errors import Refusal, StaleState
from qcportal.models import User

ZIP_TYPE = "application/zip"
READ_KINDS = (FORM, SUMMARY, STATISTICS)


def take(upload: IO[bytes], name: str, *, actor: User, now: datetime) -> StaffFolder:
    """The ZIP is kept and listed: what each file seems to be, whose it seems to be. Nothing else changes.

    Refused: everybody but the secretariat; whatever is no sound ZIP of a folder (imports.folder_zip).
    """
    require_secretariat(actor)
    sender, rows = unpacked(upload, name)
    stored = files.store(upload, ZIP_TYPE)
    with transaction.atomic(durable=True):
        folder = StaffFolder.objects.create(
            file=stored, name=name[:200], unit_name=sender.unit[:100], contact_name=sender.contact[:50],
            contact_phone=sender.phone[:20], contact_email=_said(rows, "email"), uploaded_by=actor, uploaded_at=now,
        )  # fmt: skip
        for row in rows:
            row.folder = folder
        FolderFile.objects.bulk_create(rows)
        found = candidates(folder, rows)
        folder.enterprise = found[0] if len(found) == 1 else None
        if not found:
            folder.new_name, folder.new_code = (_said(rows, "unit") or folder.unit_name)[:100], _said_code(rows)
        folder.round = Round.objects.open_at(now).first()
        folder.save(update_fields=["enterprise", "new_name", "new_code", "round"])
        group_evidence(folder)
        audit.record("folder.taken", folder, actor=actor, after={"files": len(rows)}, sha256=stored.sha256)
    if folder.round is not None and (folder.enterprise is not None or folder.new_code):
        read(folder, actor=actor)
    return folder


def unpacked(upload: IO[bytes], name: str) -> tuple[folder_names.Sender, list[FolderFile]]:
    """Who sent it, by the name of the innermost folder that says so, else of the file; and every file, unsaved."""
    entries = folder_zip.entries_of(upload)
    paths, roots = folder_names.without_root([entry.path for entry in entries])
    rows = _looked_at(upload, entries, paths)
    named = (folder_names.sender_of(root) for root in reversed(roots))
    return next((found for found in named if found.phone), None) or folder_names.sender_of(name), rows


def _looked_at(upload: IO[bytes], entries: list[folder_zip.FolderEntry], paths: list[str]) -> list[FolderFile]:
    rows: list[FolderFile] = []
    office = 0
    for position, (entry, path) in enumerate(zip(entries, paths, strict=True), 1):
        office += path.lower().endswith((".docx", ".xlsx"))
        seen = folder_reading.look(
            upload, entry, path, open_office_files=office <= folder_reading.OFFICE_AT_MOST
        )  # fmt: skip
        rows.append(
            FolderFile(
                position=position, path=path[:500], size=entry.size, sha256=seen.sha256, kind=seen.kind,
                evidence_kind=seen.evidence_kind, question=seen.question, problem=seen.problem, identity=seen.identity,
            )
        )  # fmt: skip
    return rows


def _said(rows: list[FolderFile], key: str) -> str:
    return next((str(row.identity[key]) for row in rows if row.identity.get(key)), "")


def _said_code(rows: list[FolderFile]) -> str:
    codes = (str(row.identity.get("code", "")) for row in rows)
    return next((code for code in codes if folder_reading.is_credit_code(code)), "")


def candidates(folder: StaffFolder, rows: list[FolderFile]) -> list[Enterprise]:
    """Enterprises that the files name: by credit code; else by name, also a former one, also that of the folder."""
    codes = {str(row.identity["code"]) for row in rows if row.identity.get("code")}
    by_code = list(Enterprise.objects.filter(credit_code__in=codes).order_by("name"))
    if by_code:
        return by_code
    names = {str(row.identity["unit"]) for row in rows if row.identity.get("unit")} | {folder.unit_name} - {""}
    wanted = {comparable_name(name) for name in names}
    if not wanted:
        return []
    named = [(pk, name) for pk, name in Enterprise.objects.values_list("pk", "name")]
    named += list(FormerName.objects.values_list("enterprise_id", "name"))
    found = {pk for pk, name in named if comparable_name(name) in wanted}
    return list(Enterprise.objects.filter(pk__in=found).order_by("name"))


def group_evidence(folder: StaffFolder) -> None:
    """Evidence goes to the only group, else to the one whose name or place its path shares; else the page asks."""
    rows = list(folder.files.all())
    forms = [row for row in rows if row.kind == FORM]
    for row in rows:
        if row.kind == EVIDENCE and row.belongs_to_id is None:
            row.belongs_to = _form_of(row, forms)
            if row.belongs_to is None and len(forms) > 1:
                row.question = (row.question + "请选择属于哪个小组。")[:200]
            row.save(update_fields=["belongs_to", "question"])


def _form_of(row: FolderFile, forms: list[FolderFile]) -> FolderFile | None:
    if len(forms) == 1:
        return forms[0]
    for form in forms:
        names = [str(form.identity.get(key, "")) for key in ("group", "topic")]
        if any(len(name) >= 2 and comparable_name(name) in comparable_name(row.path) for name in names):
            return form
    place = row.path.rpartition("/")[0]
    beside = [form for form in forms if place and form.path.rpartition("/")[0] == place]
    return beside[0] if len(beside) == 1 else None


class Choice(NamedTuple):
    """What the secretariat says about one file."""

    kind: str
    evidence_kind: str = ""
    belongs_to: int | None = None


def assign(
    folder: StaffFolder, *, actor: User, round_: Round, enterprise: Enterprise | None, new_name: str = "",
    new_code: str = "", contact: Mapping[str, str], choices: Mapping[int, Choice],
) -> StaffFolder:  # fmt: skip
    """The folder belongs to ``enterprise``, or to one that will be made with name and code; each file is what
    ``choices`` say; what can be read is read again against what is stored now.

    Refused: a code that is wrong or belongs to an enterprise already, a decided folder.
    """
    require_secretariat(actor)
    new_code = normalise_credit_code(new_code)
    if enterprise is None:
        _require_new(new_name, new_code)
    with transaction.atomic(durable=True):
        row = locked(folder.pk)
        row.enterprise, row.round = enterprise, round_
        row.new_name, row.new_code = ("", "") if enterprise else (new_name.strip()[:100], new_code)
        for name in ("contact_name", "contact_phone", "contact_email"):
            setattr(row, name, contact.get(name, getattr(row, name)))
        row.save()
        _choose(row, choices)
    read(row, actor=actor)
    return row


def _require_new(name: str, code: str) -> None:
    if not name.strip():
        raise Refusal("请选择申报单位，或填写新建单位的名称。", "new_name")
    try:
        check_credit_code(code)
    except ValueError as error:
        raise Refusal(str(error), "new_code") from error
    known = Enterprise.objects.filter(credit_code=code).first()
    if known is not None:
        raise Refusal(f"该代码已有单位“{known.name}”，请在上面选择它，不必新建。", "new_code")


def locked(pk: int) -> StaffFolder:
    rows = StaffFolder.objects.select_for_update(of=("self",)).select_related("enterprise", "round__programme", "file")
    row = rows.get(pk=pk)
    if not row.is_open:
        raise StaleState(f"这个文件夹{row.get_state_display()}，不能再改。")  # type: ignore[attr-defined]
    return row


def _choose(folder: StaffFolder, choices: Mapping[int, Choice]) -> None:
    rows = {row.pk: row for row in folder.files.all()}
    for pk, choice in choices.items():
        row = rows.get(pk)
        if row is None or choice.kind not in KINDS or (row.problem and not row.sha256):
            continue
        if (row.kind, row.evidence_kind, row.belongs_to_id) != (choice.kind, choice.evidence_kind, choice.belongs_to):
            row.question = ""
        row.kind = choice.kind
        row.evidence_kind = choice.evidence_kind if choice.evidence_kind in EvidenceKind.values else ""
        if row.kind == EVIDENCE and not row.evidence_kind:
            row.evidence_kind = folder_names.evidence_kind_of(row.path)
        belongs_to = rows.get(choice.belongs_to or 0)
        row.belongs_to = belongs_to if row.kind == EVIDENCE else None
        row.save(update_fields=["kind", "evidence_kind", "belongs_to", "question"])
    group_evidence(folder)


def owner_of(folder: StaffFolder) -> Enterprise:
    """The chosen enterprise; an unsaved one, with the key 0 that no row has, where it will be made."""
    return folder.enterprise or Enterprise(pk=0, name=folder.new_name, credit_code=folder.new_code)


def read(folder: StaffFolder, *, actor: User) -> None:
    """Every form of the folder is read against what is stored for its enterprise at this moment."""
    require_secretariat(actor)
    assert folder.round is not None  # noqa: S101 - asked for before
    enterprise, round_ = owner_of(folder), folder.round
    drafts = {
        identity(one.group_name, one.topic_name): one
        for one in Application.objects.filter(enterprise=enterprise, round=round_).exclude(state=State.WITHDRAWN)
    }
    assert folder.file is not None  # noqa: S101 - only a decided folder can have been purged
    with files.open_file(folder.file) as stream:
        entries = folder_zip.entries_of(stream)
        by_place = dict(enumerate(entries, 1))
        for row in folder.files.filter(kind__in=READ_KINDS):
            _read_one(row, stream, by_place[row.position], enterprise, round_, drafts)


def _read_one(
    row: FolderFile, stream: IO[bytes], entry: folder_zip.FolderEntry, enterprise: Enterprise, round_: Round,
    drafts: Mapping[tuple[str, str], Application],
) -> None:  # fmt: skip
    row.cells, row.notices, row.problem, row.base_version, row.application = [], [], "", None, None
    if row.kind == FORM:
        row.application = _draft_of(row, enterprise, round_, drafts)
        if row.application is not None and row.application.state != State.DRAFT:
            label = row.application.public_state_label
            row.problem = (
                f"该小组在{round_}已有申报，状态为“{label}”，不能代录。请通过退回补正修改，或把本文件改为不录入。"
            )
    if row.kind == SUMMARY and not row.path.lower().endswith(".docx"):
        row.notices = ["将作为附件 2 的总结文件整份存入。"]
    elif not row.problem:
        _keep_reading(row, stream, entry, enterprise, round_)
    row.save()


def _keep_reading(
    row: FolderFile, stream: IO[bytes], entry: folder_zip.FolderEntry, enterprise: Enterprise, round_: Round
) -> None:
    destination = folder_reading.destination_for(row.kind, enterprise, round_, row.application)
    try:
        reading = folder_reading.read(stream, entry, row.kind, destination)
    except Refusal as refusal:
        row.problem = refusal.message[:300]
        return
    row.cells = as_json(checked_cells(destination, reading.cells))
    row.notices, row.base_version, row.seen_version = reading.notices, reading.base_version, destination.version


def checked_cells(destination: Destination, cells: list[Any]) -> list[Any]:
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


def _draft_of(
    row: FolderFile, enterprise: Enterprise, round_: Round, drafts: Mapping[tuple[str, str], Application]
) -> Application | None:
    """The filing that the form was exported from, or that has its group and topic."""
    marked = row.identity.get("application", "")
    found = next((one for one in drafts.values() if str(one.uuid) == marked), None)
    return found or drafts.get(identity(str(row.identity.get("group", "")), str(row.identity.get("topic", ""))))


def ready_refusal(folder: StaffFolder, at: datetime) -> Refusal | None:
    """Why the folder cannot be entered as it stands: round closed without an extension, files that need a word."""
    from applications.actions import drafts  # noqa: PLC0415 -- drafts comes after the models in the same layer

    if folder.round is None or (folder.enterprise is None and not folder.new_code):
        return Refusal("请先选择申报单位和期次，再核对读出的内容。", "unassigned")
    refusal = drafts.creation_refusal(owner_of(folder), folder.round, at)
    if refusal is not None:
        hint = "如确需受理，请先为该单位批准延期，再录入。" if refusal.code == "after_deadline" else ""
        return Refusal(refusal.message + hint, refusal.code)
    rows = list(folder.files.all())
    blocked = [row for row in rows if row.problem and row.kind != SKIP]
    if blocked:
        return Refusal(f"“{blocked[0].file_name}”还有问题，请改为不录入或更换类别。", "blocked")
    lost = [row for row in rows if row.kind == EVIDENCE and row.belongs_to_id is None]
    if lost:
        return Refusal(f"请为“{lost[0].file_name}”选择所属小组，或改为不录入。", "no_group")
    if not any(row.kind in READ_KINDS for row in rows):
        return Refusal("没有可录入的附件 1、附件 2 或附件 3，请核对每个文件的类别。", "nothing")
    return None


def discard(folder: StaffFolder, *, actor: User) -> None:
    """Given up: nothing was changed; what was read is forgotten, the ZIP stays as the proof of what arrived."""
    require_secretariat(actor)
    with transaction.atomic(durable=True):
        row = locked(folder.pk)
        close(row, FolderState.DISCARDED, actor, clock.now_in_transaction())
        audit.record("folder.discarded", row, actor=actor)


def close(row: StaffFolder, state: str, actor: User, now: datetime) -> None:
    row.state, row.decided_by, row.decided_at = state, actor, now
    row.save(update_fields=["state", "decided_by", "decided_at"])
    row.files.update(cells=[], identity={})


def cells_of(row: FolderFile) -> list[Any]:
    return from_json(row.cells)


def record_read(folder: StaffFolder, *, actor: User) -> None:
    """Who took the original away: it holds personal data of the groups."""
    with transaction.atomic(durable=True):
        audit.record("folder.read", folder, actor=actor, sha256=folder.file_id)
