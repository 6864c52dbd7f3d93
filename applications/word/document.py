"""A checked .docx as what a person sees in it: paragraphs, tables and content controls, revisions accepted.

Reads the archive that the gate hands out. Not shown and therefore not read: deleted and hidden text, field codes,
comments, foot- and endnotes, headers and footers; ``notes`` says what of this was there.
"""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import BinaryIO

from lxml import etree
from lxml.etree import _Element

from applications.imports.archive import too_long
from applications.word import labels
from qcportal.errors import Refusal

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
CUSTOM = "{http://schemas.openxmlformats.org/officeDocument/2006/custom-properties}"
PREFIX = "qcportal."
PARAGRAPHS_AT_MOST = 20_000
TEXT_AT_MOST = 300_000  # characters; everything that the portal keeps of a group is 100 000
DEPTH_AT_MOST = 12  # of tables in tables
CELLS_AT_MOST = 100  # of one row; Word itself takes 63
CONTROLS_AT_MOST = 2000

# Ticks that Word writes as characters of a symbol face: Wingdings, Wingdings 2.
_SYMBOLS = {"F0FE": "☑", "F0FD": "☑", "F0FC": "☑", "F052": "☑", "F054": "☑", "F0A8": "☐", "F0A3": "☐", "F06F": "☐",
            "F02A": "☐", "F0A1": "○"}  # fmt: skip
_DELETED = frozenset({f"{W}del", f"{W}moveFrom"})
_TRANSPARENT = frozenset(
    f"{W}{name}" for name in ("ins", "moveTo", "hyperlink", "smartTag", "fldSimple", "customXml", "bdo", "dir")
)


@dataclass
class Control:
    """``text`` is empty while the hint to fill it in stands there."""

    tag: str
    text: str = ""
    checked: bool | None = None


@dataclass
class Paragraph:
    text: str
    heading: bool = False  # by its style, outline level or automatic numbering of the first level
    boxed: bool = False  # stood in a text box
    controls: list[Control] = field(default_factory=list)


@dataclass
class Cell:
    paragraphs: list[Paragraph]
    left: int  # first grid column
    span: int
    continues: bool = False  # belongs to the cell above
    tables: list["Table"] = field(default_factory=list)

    @cached_property
    def text(self) -> str:
        return "\n".join(one.text for one in self.paragraphs if not one.boxed).strip()

    @property
    def controls(self) -> list[Control]:
        return [control for one in self.paragraphs for control in one.controls]


@dataclass
class Table:
    rows: list[list[Cell]]


@dataclass
class Document:
    blocks: list[Paragraph | Table]
    controls: list[Control]
    marks: dict[str, str]
    notes: list[str]


def read_document(archive: BinaryIO) -> Document:
    """Raises Refusal for what no person wrote: more paragraphs than a book, texts merged in from other formats."""
    with zipfile.ZipFile(archive) as parts:
        root = _parsed(parts.read("word/document.xml"))
        names = set(parts.namelist())
        custom = parts.read("docProps/custom.xml") if "docProps/custom.xml" in names else b""
    body = root.find(f"{W}body")
    if body is None:
        raise Refusal("文档里没有正文，无法读取。", "damaged")
    walk = _Walk(root)
    blocks = walk.blocks(body)
    return Document(blocks, walk.controls, _marks(custom), walk.said())


def _parsed(content: bytes) -> _Element:
    """The gate has seen this part; the parser still may not load or expand anything."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
                             remove_comments=True, remove_pis=True)  # fmt: skip
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Refusal("文件已损坏，无法打开。请用 Word 或 WPS 打开后另存一份，再上传。", "damaged") from error


def _marks(custom: bytes) -> dict[str, str]:
    if not custom:
        return {}
    found = {}
    for row in _parsed(custom).iter(f"{CUSTOM}property"):
        name = row.get("name", "")
        if name.startswith(PREFIX):
            found[name.removeprefix(PREFIX)] = "".join(row.itertext())[:200]
    return found


class _Walk:
    def __init__(self, root: _Element) -> None:
        self.controls: list[Control] = []
        self.paragraphs = self.characters = 0
        self.seen: set[str] = set()
        self.in_code = 0  # between the begin and the separator of fields
        self.fields: list[bool] = []
        self._look(root)

    def _look(self, root: _Element) -> None:
        if next(root.iter(f"{W}altChunk"), None) is not None:
            raise Refusal(
                "文档里并入了其他格式的文件（altChunk），读不出其中的文字。请用 Word 打开后另存一份，再上传。",
                "altchunk",
            )

    def said(self) -> list[str]:
        words = {
            "revisions": "文档有修订痕迹，已按“接受全部修订”后的文字读取。",
            "hidden": "文档有隐藏文字，没有读取。",
            "notes": "脚注、尾注没有读取，请把需要的内容写进正文。",
            "comments": "批注没有读取。",
            "pictures": "图片没有读取，需要的请作为证实性材料上传。",
            "boxes": "文本框里的文字已按正文读取，请核对位置。",
        }
        return [text for name, text in words.items() if name in self.seen]

    def blocks(self, parent: _Element, depth: int = 0) -> list[Paragraph | Table]:
        found: list[Paragraph | Table] = []
        self._into(found, parent, depth)
        return found

    def _into(self, found: list[Paragraph | Table], parent: _Element, depth: int) -> None:
        joined: Paragraph | None = None
        for child in parent:
            if child.tag == f"{W}p":
                joined = self._add_paragraph(found, child, joined)
            elif child.tag == f"{W}tbl":
                found.append(self._table(child, depth))
            elif child.tag == f"{W}sdt":
                self._block_control(found, child, depth)
            elif child.tag in _DELETED:
                self.seen.add("revisions")
            elif child.tag in _TRANSPARENT:
                self._into(found, child, depth)
            elif child.tag == f"{MC}AlternateContent":
                chosen = child.find(f"{MC}Choice")
                self._into(found, child if chosen is None else chosen, depth)

    def _add_paragraph(
        self, found: list[Paragraph | Table], child: _Element, joined: Paragraph | None
    ) -> Paragraph | None:
        """A paragraph whose end mark was deleted runs on into the next one."""
        self.paragraphs += 1
        if self.paragraphs > PARAGRAPHS_AT_MOST:
            raise too_long(f"文档超过 {PARAGRAPHS_AT_MOST} 段")
        paragraph, boxes = self._paragraph(child)
        if joined is not None:
            joined.text += paragraph.text
            joined.controls += paragraph.controls
            paragraph = joined
        else:
            found.append(paragraph)
        found.extend(boxes)
        if child.find(f"{W}pPr/{W}rPr/{W}del") is not None:
            self.seen.add("revisions")
            return paragraph
        return None

    def _block_control(self, found: list[Paragraph | Table], sdt: _Element, depth: int) -> None:
        content = sdt.find(f"{W}sdtContent")
        if content is None:
            return
        control, before = self._control(sdt), len(found)
        if control is not None:
            self.controls.append(control)
        self._into(found, content, depth)
        if control is None:
            return
        texts = []
        for block in found[before:]:
            if isinstance(block, Paragraph):
                block.text = labels.without_hint(block.text)
                block.controls.append(control)
            texts.append(block.text if isinstance(block, Paragraph) else table_text(block))
        control.text = "\n".join(texts)

    def _control(self, sdt: _Element) -> Control | None:
        """None for controls without a tag: those of tables of contents, page numbers, other people's forms."""
        properties = sdt.find(f"{W}sdtPr")
        if properties is None:
            return None
        if len(self.controls) > CONTROLS_AT_MOST:
            raise too_long("文档里的填写框过多")
        tag = _value(properties.find(f"{W}tag"))
        box = properties.find(f"{W14}checkbox/{W14}checked")
        checked = None if box is None else box.get(f"{W14}val") in ("1", "true", "on")
        return Control(tag, checked=checked) if tag else None

    def _table(self, tbl: _Element, depth: int) -> Table:
        if depth >= DEPTH_AT_MOST:
            raise Refusal("文档里的表格嵌套过深，无法读取。", "nested")
        rows = [self._row(row, depth) for row in self._rows(tbl)]
        return Table([row for row in rows if row])

    def _rows(self, parent: _Element) -> Iterator[_Element]:
        for child in parent:
            if child.tag == f"{W}tr":
                if child.find(f"{W}trPr/{W}del") is not None:
                    self.seen.add("revisions")
                else:
                    yield child
            elif child.tag == f"{W}sdt":
                content = child.find(f"{W}sdtContent")
                if content is not None:
                    yield from self._rows(content)
            elif child.tag in _TRANSPARENT:
                yield from self._rows(child)

    def _row(self, row: _Element, depth: int) -> list[Cell]:
        cells: list[Cell] = []
        left = _number(row.find(f"{W}trPr/{W}gridBefore"), 0)
        for tc, outer in self._cells(row):
            span = _number(tc.find(f"{W}tcPr/{W}gridSpan"), 1)
            merge = tc.find(f"{W}tcPr/{W}vMerge")
            continues = merge is not None and merge.get(f"{W}val", "continue") == "continue"
            blocks = self.blocks(tc, depth + 1)
            cell = Cell(
                [one for one in blocks if isinstance(one, Paragraph)], left, span, continues,
                [one for one in blocks if isinstance(one, Table)],
            )  # fmt: skip
            for control in outer:
                control.text = cell.text
                if cell.paragraphs:
                    cell.paragraphs[0].controls.append(control)
                self.controls.append(control)
            cells.append(cell)
            left += span
            if len(cells) > CELLS_AT_MOST:
                raise too_long(f"表格的一行超过 {CELLS_AT_MOST} 格")
        return cells

    def _cells(self, parent: _Element, outer: tuple[Control, ...] = ()) -> Iterator[tuple[_Element, list[Control]]]:
        for child in parent:
            if child.tag == f"{W}tc":
                yield child, list(outer)
            elif child.tag == f"{W}sdt":
                content, control = child.find(f"{W}sdtContent"), self._control(child)
                if content is not None:
                    yield from self._cells(content, (*outer, control) if control else outer)
            elif child.tag in _TRANSPARENT:
                yield from self._cells(child, outer)

    def _paragraph(self, p: _Element) -> tuple[Paragraph, list[Paragraph | Table]]:
        paragraph, boxes = Paragraph("", _is_heading(p)), []  # type: ignore[var-annotated]
        pieces: list[str] = []
        self._runs(p, pieces, paragraph, boxes)
        paragraph.text = labels.without_hint("".join(pieces))
        return paragraph, boxes

    def _runs(self, parent: _Element, pieces: list[str], paragraph: Paragraph, boxes: list[Paragraph | Table]) -> None:
        for child in parent:
            tag = child.tag
            if tag == f"{W}r":
                self._run(child, pieces, boxes)
            elif tag in _TRANSPARENT:
                if tag in (f"{W}ins", f"{W}moveTo"):
                    self.seen.add("revisions")
                self._runs(child, pieces, paragraph, boxes)
            elif tag == f"{W}sdt":
                self._inline_control(child, pieces, paragraph, boxes)
            elif tag in _DELETED:
                self.seen.add("revisions")
            elif tag == f"{MC}AlternateContent":
                chosen = child.find(f"{MC}Choice")
                if chosen is not None:
                    self._runs(chosen, pieces, paragraph, boxes)
            elif tag in (f"{M}oMath", f"{M}oMathPara"):
                pieces.extend(text.text or "" for text in child.iter(f"{M}t"))
            elif tag == f"{W}commentRangeStart":
                self.seen.add("comments")

    def _inline_control(
        self, sdt: _Element, pieces: list[str], paragraph: Paragraph, boxes: list[Paragraph | Table]
    ) -> None:
        content = sdt.find(f"{W}sdtContent")
        if content is None:
            return
        own: list[str] = []
        control = self._control(sdt)
        if control is not None:
            self.controls.append(control)
            paragraph.controls.append(control)
        self._runs(content, own, paragraph, boxes)
        if control is not None:
            control.text = labels.without_hint("".join(own))
            own = [control.text]
        pieces.extend(own)

    def _run(self, run: _Element, pieces: list[str], boxes: list[Paragraph | Table]) -> None:
        hidden = run.find(f"{W}rPr/{W}vanish")
        if hidden is not None and hidden.get(f"{W}val", "1") not in ("0", "false", "off"):
            self.seen.add("hidden")
            return
        for child in run:
            name = child.tag.removeprefix(W) if isinstance(child.tag, str) else ""
            if name == "fldChar":
                self._field(child.get(f"{W}fldCharType", ""))
            elif self.in_code:
                continue
            elif name in ("t", "tab", "ptab", "br", "cr", "noBreakHyphen", "sym"):
                self._add(pieces, _text_of(name, child))
            elif name in ("footnoteReference", "endnoteReference"):
                self.seen.add("notes")
            elif name == "commentReference":
                self.seen.add("comments")
            elif name == "ruby":
                self._runs(child.find(f"{W}rubyBase") if child.find(f"{W}rubyBase") is not None else child,
                           pieces, Paragraph(""), boxes)  # fmt: skip
            elif name in ("drawing", "pict", "object") or child.tag == f"{MC}AlternateContent":
                self._drawing(child, boxes)

    def _add(self, pieces: list[str], text: str) -> None:
        self.characters += len(text)
        if self.characters > TEXT_AT_MOST:
            raise too_long("文档文字过多")
        pieces.append(text)

    def _field(self, kind: str) -> None:
        """Of a field only its result is shown: what lies between separator and end."""
        if kind == "begin":
            self.fields.append(True)
            self.in_code += 1
        elif kind == "separate" and self.fields and self.fields[-1]:
            self.fields[-1] = False
            self.in_code -= 1
        elif kind == "end" and self.fields and self.fields.pop():
            self.in_code -= 1

    def _drawing(self, child: _Element, boxes: list[Paragraph | Table]) -> None:
        """Text boxes are read after their paragraph; of two forms of one box only the newer."""
        if child.tag == f"{MC}AlternateContent":
            chosen = child.find(f"{MC}Choice")
            child = chosen if chosen is not None else child
        contents = list(_outermost(child, f"{W}txbxContent"))
        if not contents:
            self.seen.add("pictures")
        for content in contents:
            self.seen.add("boxes")
            inside = self.blocks(content)
            for block in inside:
                if isinstance(block, Paragraph):
                    block.boxed = True
            boxes.extend(inside)


def _outermost(parent: _Element, tag: str) -> Iterator[_Element]:
    """Not those within others: each would be read once for every level above it."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag != f"{MC}Fallback":
            yield from _outermost(child, tag)


def _text_of(name: str, child: _Element) -> str:
    if name == "t":
        return child.text or ""
    if name == "br":
        return "\n" if child.get(f"{W}type", "textWrapping") == "textWrapping" else ""
    if name == "sym":
        return _SYMBOLS.get(child.get(f"{W}char", "").upper(), "")
    return {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "-"}[name]


def _is_heading(p: _Element) -> bool:
    properties = p.find(f"{W}pPr")
    if properties is None:
        return False
    style = _value(properties.find(f"{W}pStyle")).lower()
    if style in ("1", "heading1") or style.startswith(("heading1", "标题1")):
        return True
    level = properties.find(f"{W}outlineLvl")
    return level is not None and _value(level) == "0"


def _value(element: _Element | None) -> str:
    return "" if element is None else element.get(f"{W}val", "")


def _number(element: _Element | None, default: int) -> int:
    value = _value(element)
    return int(value) if value.isdigit() and len(value) < 5 else default


def table_text(table: Table) -> str:
    """A table within running text: one line a row, cells apart by tabs."""
    return "\n".join(
        "\t".join(" ".join(cell.text.split("\n")) for cell in row if not cell.continues) for row in table.rows
    )
