"""Which form a document is, whose, and made from which version. Pure Python.

Our forms carry hidden properties; the control around the title says the most important of it again, because it
survives copying into another document.
"""

import re
from typing import NamedTuple

from applications.word import labels
from applications.word.document import Document, Paragraph, Table


class Identity(NamedTuple):
    annex: str  # labels.ANNEX_1, labels.ANNEX_2 or "" where nothing says so
    ours: bool  # made by the portal, not only worded alike
    application: str = ""
    credit_code: str = ""
    year: str = ""
    edit_version: int | None = None


_STATISTICS = re.compile(r"活动统计表")
_WORDS_READ = 60  # paragraphs and cells looked at for a title


def identity_of(document: Document) -> Identity:
    marks = dict(document.marks)
    for control in document.controls:
        parts = control.tag.split(".")
        if parts[0] == "qc" and len(parts) == 4 and parts[1] in (labels.ANNEX_1, labels.ANNEX_2):
            marks.setdefault("annex", parts[1])
            marks.setdefault("application" if parts[1] == labels.ANNEX_1 else "year", parts[3])
    version = marks.get("edit_version", "")
    return Identity(
        marks.get("annex", "") or _by_title(document), "annex" in marks, marks.get("application", ""),
        marks.get("credit_code", ""), marks.get("year", ""), int(version) if version.isdigit() else None,
    )  # fmt: skip


def _by_title(document: Document) -> str:
    """By the first words that only one of the forms has."""
    for text in _opening(document):
        plain = labels.squeezed(text)
        if len(plain) > 50:
            continue
        if "申报表" in plain or "推荐表" in plain or "报告单" in plain:
            return labels.ANNEX_1
        if "活动总结" in plain or "工作总结" in plain:
            return labels.ANNEX_2
        if _STATISTICS.search(plain):
            return "annex3"
    return ""


def _opening(document: Document) -> list[str]:
    texts: list[str] = []
    for block in document.blocks:
        if isinstance(block, Paragraph):
            texts.append(block.text)
        elif isinstance(block, Table):
            texts += [cell.text for row in block.rows[:3] for cell in row]
        if len(texts) > _WORDS_READ:
            break
    return texts
