"""The keys a remark or a return may name, with their labels: sections.ALL_LABELS and ``evidence.<kind>``."""

from applications import report_keys, sections
from applications.field_list import NOTHING_CHANGED, FieldList
from applications.models.checking import Remark
from applications.models.evidence import EvidenceKind

EVIDENCE_LABELS = {f"evidence.{kind}": f"证实性材料·{label}" for kind, label in EvidenceKind.choices}
LABELS: dict[str, str] = {
    **{key: label for key, label in sections.FIELD_LABELS.items() if not key.startswith("report.")},
    **EVIDENCE_LABELS,
    **report_keys.LABELS,
}
_ORDER = {key: position for position, key in enumerate(LABELS)}


def label(key: str, fields: FieldList = NOTHING_CHANGED, kind: str = "") -> str:
    """In the words of ``fields``: this year's programme, or a frozen version's own."""
    return fields.label(key, kind)


def in_order(keys: set[str]) -> list[str]:
    """As the form has them, from the first section to attachment 3."""
    return sorted(keys, key=lambda key: (_ORDER.get(key, len(_ORDER)), key))


def file_of(remark: Remark) -> str:
    """效益证明.pdf 第 3 页, or "" when the remark is on no file."""
    name = remark.file_name or (remark.evidence.name if remark.evidence else "")
    page = f"第 {remark.page} 页" if remark.page else ""
    return " ".join(filter(None, [name, page]))


def place_of(remark: Remark, fields: FieldList = NOTHING_CHANGED, kind: str = "") -> str:
    """Where a remark stands, as letters and pages name it; asks nothing when ``evidence`` is there."""
    name = remark.file_name or (remark.evidence.name if remark.evidence else "")
    page = f"第 {remark.page} 页" if remark.page else ""
    return f"《{name}》{page}" if name else f"{label(remark.field, fields, kind)}{page}"
