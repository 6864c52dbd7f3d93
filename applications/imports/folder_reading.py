"""What each file of an e-mailed folder is: by its content first, then by its name. Then read like an upload."""

import hashlib
import re
from typing import IO, Any, NamedTuple

from applications import evidence_check
from applications.imports import kinds, sheets
from applications.imports import readers as readers  # fills the registry
from applications.imports.cells import Reading
from applications.imports.destinations import (
    ApplicationDestination,
    Destination,
    Known,
    StatisticsDestination,
    SummaryDestination,
)
from applications.imports.folder_names import (
    EVIDENCE,
    FORM,
    SKIP,
    STATISTICS,
    SUMMARY,
    annex_of,
    evidence_kind_of,
)
from applications.imports.folder_zip import FolderEntry, opened
from applications.imports.gate import open_office
from applications.imports.registry import IMPORTERS
from applications.imports.statistics_labels import field_of
from applications.models import Application, Enterprise, Round
from applications.validators import CREDIT_CODE_CHARS, check_credit_code, normalise_credit_code
from applications.word import labels, values
from applications.word.document import Document, read_document
from applications.word.form_reader import read_form
from applications.word.identity import identity_of
from applications.word.summary_reader import read_summary
from qcportal.errors import NotAccepted, Refusal

OFFICE_AT_MOST = 60  # documents of one folder that are opened to see what they are
FIELDS_AT_LEAST = 4
KIND_OF_ANNEX = {labels.ANNEX_1: FORM, labels.ANNEX_2: SUMMARY, "annex3": STATISTICS}
IMPORTER_OF = {FORM: "application", SUMMARY: "summary", STATISTICS: "statistics"}
_UNIT = re.compile(r"(?:填报单位|单位名称|企业名称)\s*[:：]\s*([^\s:：]{4,60})")
_CODE = re.compile(rf"(?<![0-9A-Z])[{CREDIT_CODE_CHARS}]{{18}}(?![0-9A-Z])")


class Looked(NamedTuple):
    kind: str
    sha256: str
    evidence_kind: str = ""
    question: str = ""
    problem: str = ""
    identity: dict[str, str] = {}


def look(stream: IO[bytes], entry: FolderEntry, path: str, *, open_office_files: bool) -> Looked:
    """One look at the content. A file that cannot be taken is said with its reason, and is not taken."""
    try:
        with opened(stream, entry) as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
            content.seek(0)
            return _looked(content, path, digest, open_office_files)
    except Refusal as refusal:
        return Looked(SKIP, "", problem=refusal.message[:300])


def _looked(content: IO[bytes], path: str, digest: str, open_office_files: bool) -> Looked:
    lower, named = path.lower(), annex_of(path)
    try:
        if open_office_files and lower.endswith(".docx"):
            kind, identity = _document(content, named)
            if kind:
                return Looked(kind, digest, identity=identity)
        if open_office_files and lower.endswith(".xlsx"):
            kind, identity = _workbook(content)
            if kind:
                return Looked(kind, digest, identity=identity)
    except Refusal as refusal:
        if named:
            return Looked(SKIP, digest, problem=f"像是{_title(named)}，但读不出：{refusal.message}"[:300])
    return _evidence(content, path, digest, named)


def _title(kind: str) -> str:
    return {FORM: "附件 1", SUMMARY: "附件 2", STATISTICS: "附件 3"}[kind]


def _evidence(content: IO[bytes], path: str, digest: str, named: str) -> Looked:
    content.seek(0)
    try:
        checked = evidence_check.check(content, path)
    except NotAccepted as refused:
        return Looked(SKIP, digest, problem=str(refused)[:300])
    if named == SUMMARY and checked.content_type == evidence_check.PDF:
        return Looked(SUMMARY, digest)
    kind = evidence_kind_of(path)
    question = "没有认出材料类别，请选择。" if kind == "other" else ""
    if named:
        question = f"文件名像{_title(named)}，但内容不是可读的表格，按证实性材料处理，请确认。"
    return Looked(EVIDENCE, digest, evidence_kind=kind, question=question)


def _document(content: IO[bytes], named: str) -> tuple[str, dict[str, str]]:
    document = read_document(open_office(content, "docx"))
    identity = identity_of(document)
    found = read_form(document)
    said = {
        "unit": values.one_line(found.first("enterprise.name"))[:100],
        "code": normalise_credit_code(found.first("enterprise.credit_code")) or identity.credit_code,
        "email": values.one_line(found.first("contact_email"))[:100],
        "group": values.one_line(found.first("group_name"))[:60],
        "topic": values.one_line(found.first("topic_name"))[:100],
        "application": identity.application,
    }
    kind = KIND_OF_ANNEX.get(identity.annex, "")
    fields = {key for key in found.fields if not key.startswith("enterprise.")}
    if not kind and "group_name" in fields and len(fields) >= FIELDS_AT_LEAST:
        kind = FORM
    if kind == FORM and not identity.ours and len(fields) < FIELDS_AT_LEAST:
        kind = ""
    if not kind and named == SUMMARY:
        kind = SUMMARY if _parts(document) else ""
    if kind == SUMMARY:
        said |= {"unit": read_summary(document, SUMMARY_FIELDS).enterprise or said["unit"]}
    return ("" if kind == STATISTICS else kind), {key: value for key, value in said.items() if value}


SUMMARY_FIELDS = SummaryDestination.fields


def _parts(document: Document) -> int:
    return len(read_summary(document, SUMMARY_FIELDS).texts)


def _workbook(content: IO[bytes]) -> tuple[str, dict[str, str]]:
    grids = sheets.grids_of(open_office(content, "xlsx"))
    stamp = kinds.stamp_of(grids)
    texts = [cell.text for grid in grids for _row, _column, cell in grid][:4000]
    known = {match.field for text in texts if (match := field_of(text)) is not None}
    if not (stamp and stamp.kind.code == "statistics") and len(known) < FIELDS_AT_LEAST:
        return "", {}
    together = " ".join(texts)[:50_000]
    unit, code = _UNIT.search(together), _CODE.search(normalise_credit_code_spaces(together))
    said = {"unit": unit[1] if unit else "", "code": (stamp.code if stamp else "") or (code[0] if code else "")}
    return STATISTICS, {key: value for key, value in said.items() if value}


def normalise_credit_code_spaces(text: str) -> str:
    """Upper case and half-width, but with its spaces: codes are looked for between them."""
    return " ".join(normalise_credit_code(piece) for piece in text.split())


def is_credit_code(code: str) -> bool:
    try:
        check_credit_code(code)
    except ValueError:
        return False
    return True


def destination_for(
    kind: str, enterprise: Enterprise, round_: Round, application: Application | None, known: Known | None = None
) -> Destination:
    """Where a file of ``kind`` goes. A group without a draft goes into one that does not exist yet (key 0)."""
    if kind == FORM:
        return ApplicationDestination(application or Application(pk=0, enterprise=enterprise, round=round_), known)
    report: Any = SummaryDestination if kind == SUMMARY else StatisticsDestination
    return report(enterprise, round_.programme)  # type: ignore[no-any-return]


def read(stream: IO[bytes], entry: FolderEntry, kind: str, destination: Destination) -> Reading:
    """Through the gate and its reader, like a file that the enterprise uploads itself."""
    importer = IMPORTERS[IMPORTER_OF[kind]]
    with opened(stream, entry) as content:
        return importer.read(open_office(content, importer.office), destination)
