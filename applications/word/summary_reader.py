"""Attachment 2 back from a document: by content controls first, else split at its headings. Pure Python."""

import re
from collections.abc import Iterable, Sequence

from applications.imports.cells import ReadCell
from applications.word import labels, values
from applications.word.document import Document, Paragraph, Table, table_text
from applications.word.found import Unplaced, left_cells

_FIRST_LEVEL = re.compile(
    r"^\s*(?:第[一二三四五六七八九十]{1,2}(?:部分|章|节)|[一二三四五六七八九十]{1,3}\s*[、.．,，])\s*\S"
)
_SIGNED = re.compile(r"(盖章|公章|签章)|^[\s　]*(\d{4}\s*)?年[\s　\d]*月[\s　\d]*日[\s　]*$")
NOWHERE = "没有放进任何部分，需要的请复制后自行填写。"
NUMBERED_AT_LEAST = 2
HEADING_AT_MOST = 30
BARE_HEADING_AT_MOST = 16


class SummaryFound:
    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.places: dict[str, str] = {}
        self.exact: set[str] = set()
        self.unplaced: list[Unplaced] = []
        self.enterprise = ""


def read_summary(document: Document, fields: Sequence[str]) -> SummaryFound:
    """Every text goes under its part, or is left over; nothing is dropped."""
    found = SummaryFound()
    for control in document.controls:
        if control.tag in fields and control.text.strip():
            found.texts.setdefault(control.tag, []).append(control.text)
            found.places[control.tag] = "填写框"
            found.exact.add(control.tag)
        elif control.tag == "enterprise.name" and control.text.strip():
            found.enterprise = control.text.strip()
    _Split(document, found, set(fields)).run()
    return found


class _Split:
    """Walks the text: a heading opens a part, what follows belongs to it until the next heading."""

    def __init__(self, document: Document, found: SummaryFound, fields: set[str]) -> None:
        self.document, self.found, self.fields = document, found, fields
        self.part: str | None = None
        self.heading = ""
        self.lines: list[str] = []
        # Where first-level headings are numbered, short lines without a number are headings below them.
        self.numbered = sum(self._is_first_level(block) for block in document.blocks) >= NUMBERED_AT_LEAST

    def _is_first_level(self, block: Paragraph | Table) -> bool:
        return isinstance(block, Paragraph) and bool(block.heading or _FIRST_LEVEL.match(block.text))

    def run(self) -> None:
        for block in self.document.blocks:
            if isinstance(block, Table):
                self.lines.append(table_text(block))
                for inner in (inner for row in block.rows for cell in row for inner in cell.tables):
                    self.lines.append(table_text(inner))
            elif not self._is_own(block):
                self._paragraph(block)
        self._close()

    def _is_own(self, block: Paragraph) -> bool:
        tags = {control.tag for control in block.controls}
        return bool(tags & self.fields) or any(tag == "enterprise.name" or tag.startswith("qc.") for tag in tags)

    def _paragraph(self, block: Paragraph) -> None:
        text = block.text.strip()
        if self._is_printed(text):
            return
        if self._is_heading(block, text):
            self._close()
            self.heading, self.part = text, labels.summary_part(text)
            if self.part not in self.fields:
                self.part = None
            return
        run_in = self._run_in_heading(text)
        if run_in:
            self._close()
            self.heading, self.part = run_in[0], labels.summary_part(run_in[0])
            text = run_in[1]
        self.lines.append(text)

    def _is_printed(self, text: str) -> bool:
        """Title, number of the attachment, instruction, signature: printed by the form itself."""
        plain = labels.squeezed(text)
        return (
            plain.startswith(labels.INSTRUCTION)
            or plain in labels.STATIC
            or (len(plain) <= 40 and plain.endswith(("活动总结", "工作总结", "小组总结", "活动总结报告")))
            or (len(plain) <= 40 and _SIGNED.search(text) is not None)
            or (self.part is None and not self.heading and self._is_unit(plain))
        )

    def _is_unit(self, plain: str) -> bool:
        """The name above the title."""
        if len(plain) <= 40 and plain.endswith(("公司", "厂", "局", "集团", "院", "所", "中心", "站", "矿", "分公司")):
            self.found.enterprise = self.found.enterprise or plain
            return True
        return False

    def _is_heading(self, block: Paragraph, text: str) -> bool:
        if not text or len(text) > HEADING_AT_MOST or "\n" in text or text.endswith(("。", "；", ";", "，")):
            return False
        if block.heading or _FIRST_LEVEL.match(text):
            return True
        if self.numbered:
            return False
        # （一） and 1. are levels below: they belong to the part.
        below = re.match(r"^\s*([（(]|\d|[①-⑳])", text)
        return (
            not below
            and len(text) <= BARE_HEADING_AT_MOST
            and labels.summary_part(text) is not None
            and ("：" not in text and "，" not in text)
        )

    def _run_in_heading(self, text: str) -> tuple[str, str] | None:
        """一、基本情况。公司现有职工……: heading and text in one paragraph."""
        if not _FIRST_LEVEL.match(text):
            return None
        found = re.match(r"^(.{3,24}?)[。：:\n](.+)$", text, re.DOTALL)
        if found and labels.summary_part(found[1]) in self.fields:
            return found[1].strip(), found[2].strip()
        return None

    def _close(self) -> None:
        text = "\n".join(line for line in self.lines if line.strip()).strip()
        heading, self.lines = self.heading, []
        if self.part is None:
            if heading or text:
                whole = f"{heading}\n{text}".strip()
                place = f"标题“{heading}”" if heading else "第一个标题之前"
                self.found.unplaced.append(Unplaced(place, whole, "没有对应的部分"))
        elif text and self.part in self.found.exact:
            self.found.unplaced.append(Unplaced(f"标题“{heading}”下", text, "写在了填写框外面"))
        elif text:
            again = self.part in self.found.texts
            self.found.texts.setdefault(self.part, []).append(f"{heading}\n{text}" if again else text)
            self.found.places.setdefault(self.part, f"标题“{heading}”下")
        self.part, self.heading = None, ""


def summary_cells(found: SummaryFound, sections: Iterable[tuple[str, str]]) -> list[ReadCell]:
    """One cell a part that has text, then what is left over. ``sections``: field and title."""
    cells = []
    for field, title in sections:
        if field in found.texts:
            text = values.long_text("\n".join(found.texts[field]))
            cells.append(ReadCell(field, title, found.places[field], text, text))
    return cells + left_cells(found.unplaced, NOWHERE)
