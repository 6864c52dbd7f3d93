"""The keys a remark or a return may name, with their labels: sections.FIELD_LABELS and ``evidence.<kind>``."""

from applications import sections
from applications.models.evidence import EvidenceKind

EVIDENCE_LABELS = {f"evidence.{kind}": f"证实性材料·{label}" for kind, label in EvidenceKind.choices}
LABELS: dict[str, str] = {**sections.FIELD_LABELS, **EVIDENCE_LABELS}
_ORDER = {key: position for position, key in enumerate(LABELS)}


def label(key: str) -> str:
    return LABELS.get(key, key)


def in_order(keys: set[str]) -> list[str]:
    """As the form has them, from the first section to attachment 3."""
    return sorted(keys, key=lambda key: (_ORDER.get(key, len(_ORDER)), key))
