"""The few WordprocessingML constructs of our forms, in the order that Word insists on.

Word refuses a whole document for one child element in the wrong place, so everything is built here: paragraphs,
content controls, cells and rows, and nothing else.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from docx.oxml import OxmlElement
from docx.oxml.ns import nsmap, qn
from lxml.etree import _Element

W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
nsmap.setdefault("w14", W14)

SONG, HEI, FANG, KAI, XIAO = "宋体", "黑体", "仿宋_GB2312", "楷体_GB2312", "方正小标宋简体"
LATIN = "Times New Roman"
BOX, TICKED = "☐", "☑"
SYMBOLS = "Segoe UI Symbol"
GREY = "7F7F7F"
TWIPS_PER_MM = 1440 / 25.4
# What XML 1.0 cannot carry at all; also the two non-characters that lxml refuses.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Type(NamedTuple):
    """Face and size of text; ``size`` in points."""

    face: str = SONG
    size: float = 10.5
    bold: bool = False
    colour: str = ""


LABEL = Type(SONG, 10.5)
HEAD = Type(HEI, 10.5)
VALUE = Type(FANG, 12)
NOTE = Type(SONG, 9)


def twips(mm: float) -> int:
    return round(mm * TWIPS_PER_MM)


def element(tag: str, /, *children: _Element, **attributes: object) -> _Element:
    """``w:tag`` with ``w:`` attributes and children, in the order given."""
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name.rstrip('_')}"), str(value))
    made.extend(children)
    return made


def run_properties(type_: Type) -> _Element:
    ascii_ = SYMBOLS if type_.face == SYMBOLS else LATIN
    made = element(
        "rPr", element("rFonts", hint="eastAsia", ascii=ascii_, hAnsi=ascii_, eastAsia=type_.face, cs=ascii_)
    )
    if type_.bold:
        made.append(element("b"))
    if type_.colour:
        made.append(element("color", val=type_.colour))
    made.append(element("sz", val=round(type_.size * 2)))
    made.append(element("szCs", val=round(type_.size * 2)))
    return made


def run(text: str, type_: Type) -> _Element:
    """One run; line breaks and tabs are elements of their own. Text stays text: lxml escapes it."""
    made = element("r", run_properties(type_))
    text = _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    for part in re.split(r"([\n\t])", text):
        if part == "\n":
            made.append(element("br"))
        elif part == "\t":
            made.append(element("tab"))
        elif part:
            piece = element("t")
            piece.text = part
            piece.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            made.append(piece)
    return made


def paragraph(
    *content: _Element,
    align: str = "left",
    before: float = 0,
    after: float = 0,
    line: float | None = None,
    indent: float = 0,
    keep: bool = False,
) -> _Element:
    """Spacing, line and indent in points; ``line`` exact."""
    properties = element("pPr")
    if keep:
        properties.append(element("keepNext"))
    spacing = element("spacing", before=round(before * 20), after=round(after * 20))
    if line is not None:
        spacing.set(qn("w:line"), str(round(line * 20)))
        spacing.set(qn("w:lineRule"), "exact")
    properties.append(spacing)
    if indent:
        properties.append(element("ind", firstLine=round(indent * 20)))
    properties.append(element("jc", val=align))
    return element("p", properties, *content)


@dataclass
class Controls:
    """Makes content controls with numbers of their own within one document."""

    number: int = field(default=20260)

    def text(self, tag: str, title: str, value: str, *, hint: str = "", type_: Type = VALUE, lines: bool = False,
             locked: str = "sdtLocked") -> _Element:  # fmt: skip
        """A plain-text control inside a paragraph."""
        kind = element("text", multiLine="1") if lines else element("text")
        return self._inline(tag, title, value, hint or "点击填写", type_, kind, locked)

    def choice(self, tag: str, title: str, value: str, options: Sequence[str], *, type_: Type = VALUE,
               locked: str = "sdtLocked") -> _Element:  # fmt: skip
        """A drop-down list; an empty one shows 请选择."""
        kind = element("dropDownList")
        kind.extend(element("listItem", displayText=option, value=option) for option in options)
        return self._inline(tag, title, value, "请选择", type_, kind, locked)

    def tick(self, tag: str, title: str, on: bool, type_: Type = VALUE) -> _Element:
        """A check box of Word 2010 and newer; programs that do not know it show the box as text."""
        box = OxmlElement("w14:checkbox")
        for name, value in (("checked", "1" if on else "0"),):
            made = OxmlElement(f"w14:{name}")
            made.set(f"{{{W14}}}val", value)
            box.append(made)
        for name, code in (("checkedState", "2611"), ("uncheckedState", "2610")):
            made = OxmlElement(f"w14:{name}")
            made.set(f"{{{W14}}}val", code)
            made.set(f"{{{W14}}}font", SYMBOLS)
            box.append(made)
        shown = run(TICKED if on else BOX, Type(SYMBOLS, type_.size))
        return element("sdt", self._properties(tag, title, None, "sdtLocked", False, box), element("sdtContent", shown))

    def block(self, tag: str, title: str, paragraphs: Iterable[_Element], *, is_hint: bool) -> _Element:
        """A rich-text control around whole paragraphs of the body."""
        content = element("sdtContent", *paragraphs)
        return element("sdt", self._properties(tag, title, None, "sdtLocked", is_hint, None), content)

    def _inline(
        self, tag: str, title: str, value: str, hint: str, type_: Type, kind: _Element, locked: str
    ) -> _Element:
        empty = not value
        shown = run(hint, type_._replace(colour=GREY)) if empty else run(value, type_)
        properties = self._properties(tag, title, run_properties(type_), locked, empty, kind)
        return element("sdt", properties, element("sdtContent", shown))

    def _properties(
        self, tag: str, title: str, rpr: _Element | None, locked: str, is_hint: bool, kind: _Element | None
    ) -> _Element:
        """Children in the order of CT_SdtPr: rPr, alias, tag, id, lock, showingPlcHdr, then the kind."""
        self.number += 1
        made = element("sdtPr")
        if rpr is not None:
            made.append(rpr)
        made.append(element("alias", val=title[:60]))
        made.append(element("tag", val=tag[:64]))
        made.append(element("id", val=self.number))
        if locked:
            made.append(element("lock", val=locked))
        if is_hint:
            made.append(element("showingPlcHdr"))
        if kind is not None:
            made.append(kind)
        return made


class Cell(NamedTuple):
    """``merge``: "" alone, "restart" the first of a vertical span, "continue" the rest.

    ``open``: sides without rule.
    """

    mm: int
    content: tuple[_Element, ...] = ()
    merge: str = ""
    valign: str = "center"
    open: tuple[str, ...] = ()


class Row(NamedTuple):
    cells: tuple[Cell, ...]
    mm: float = 7.3  # at least
    head: bool = False
    splits: bool = False  # may break over two pages


def table(rows: Sequence[Row]) -> _Element:
    """Rows of any widths on one common grid: every edge of any cell is a grid line."""
    edges = sorted({edge for row in rows for edge in _edges(row)})
    total = edges[-1]
    borders = [
        element(side, val="single", sz="8" if side[:6] != "inside" else "4", space="0", color="000000")
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    ]
    margins = [
        element(side, w=width, type="dxa") for side, width in (("top", 30), ("left", 80), ("bottom", 30), ("right", 80))
    ]
    properties = element(
        "tblPr",
        element("tblW", w=twips(total), type="dxa"),
        element("jc", val="center"),
        element("tblBorders", *borders),
        element("tblLayout", type="fixed"),
        element("tblCellMar", *margins),
    )
    grid = element("tblGrid")
    starts = [0, *edges]
    grid.extend(element("gridCol", w=twips(right - left)) for left, right in zip(starts, edges, strict=False))
    return element("tbl", properties, grid, *[_row(row, edges) for row in rows])


def _edges(row: Row) -> list[int]:
    edges, at = [], 0
    for cell in row.cells:
        at += cell.mm
        edges.append(at)
    return edges


def _row(row: Row, edges: list[int]) -> _Element:
    properties = element("trPr")
    if not row.splits:
        properties.append(element("cantSplit"))
    properties.append(element("trHeight", val=twips(row.mm), hRule="atLeast"))
    if row.head:
        properties.append(element("tblHeader"))
    made, left = element("tr", properties), 0
    for cell in row.cells:
        right = left + cell.mm
        span = sum(left < edge <= right for edge in edges)
        made.append(_cell(cell, span))
        left = right
    return made


def _cell(cell: Cell, span: int) -> _Element:
    """Children in the order of CT_TcPr: tcW, gridSpan, vMerge, tcBorders, vAlign; then at least one paragraph."""
    properties = element("tcPr", element("tcW", w=twips(cell.mm), type="dxa"))
    if span > 1:
        properties.append(element("gridSpan", val=span))
    if cell.merge == "restart":
        properties.append(element("vMerge", val="restart"))
    elif cell.merge == "continue":
        properties.append(element("vMerge"))
    if cell.open:
        sides = [side for side in ("top", "left", "bottom", "right") if side in cell.open]
        properties.append(element("tcBorders", *[element(side, val="nil") for side in sides]))
    properties.append(element("vAlign", val=cell.valign))
    return element("tc", properties, *(cell.content or (paragraph(),)))
