"""The XML parts of an Office file, looked at before any library builds something from them. Pure Python.

Expat itself is driven: nothing is kept but counts, content types and relationships, a document type declaration
ends the parsing at once (so no entity is ever defined), and so does every limit.
"""

from typing import Any, NamedTuple
from xml.parsers import expat

from applications.imports.archive import damaged, too_large, too_long
from qcportal.errors import Refusal

DEPTH_AT_MOST = 200
STRUCTURE_AT_MOST = 20_000  # elements of one part that describes (styles, names, types): libraries are slow at these
_BULK = ("xl/worksheets/sheet", "xl/sharedStrings.xml", "word/")
ROW_AT_MOST = 10_000
# Of a Word text: twice as many as applications.word reads, since a text box stands in it twice. Counted here, where a
# text of a hundred thousand is left after two fifths of it.
PARAGRAPHS_AT_MOST = 40_000
ENCODINGS = {None, "utf-8", "utf-16"}  # what the format allows (ISO/IEC 29500-2)


class Relationship(NamedTuple):
    part: str
    kind: str  # the last step of its type: hyperlink, image, attachedTemplate, …
    target: str
    external: bool
    strict: bool


class Scan:
    """What was seen in all parts of one file; ``elements`` counts against the limit over all of them."""

    def __init__(self, elements_at_most: int) -> None:
        self.left = elements_at_most
        self.relationships: list[Relationship] = []
        self.content_types: list[tuple[str, str]] = []  # part name (empty: for an extension), type

    def read(self, name: str, data: bytes) -> None:
        """Refused: a DTD, other encodings, damage, too many or too deep elements, row numbers beyond reason."""
        walk = _Walk(self, name)
        parser = expat.ParserCreate()
        parser.StartElementHandler = walk.start
        parser.EndElementHandler = walk.end
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.EntityDeclHandler = _refuse_doctype
        parser.XmlDeclHandler = _check_encoding
        try:
            parser.Parse(data, True)
        except expat.ExpatError as error:
            raise damaged() from error


def _refuse_doctype(*_args: Any) -> None:
    raise Refusal("文件内部含有 DTD 或实体声明，正常的 Office 文件没有这些内容，不能读取。", "dtd")


def _check_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
    if (encoding.lower() if encoding else None) not in ENCODINGS:
        raise damaged()


class _Walk:
    def __init__(self, scan: Scan, name: str) -> None:
        self.scan, self.name, self.depth = scan, name, 0
        self.is_sheet = name.startswith("xl/worksheets/")
        self.is_text = name == "word/document.xml"
        self.paragraphs = 0
        self.left = scan.left if name.startswith(_BULK) else min(scan.left, STRUCTURE_AT_MOST)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.scan.left -= 1
        self.left -= 1
        if self.left < 0:
            raise too_large()
        if self.depth > DEPTH_AT_MOST:
            raise damaged()
        local = tag.rpartition(":")[2]
        if local == "row" and self.is_sheet:
            self._row(attributes.get("r", ""))
        elif local == "p" and self.is_text:
            self._paragraph()
        elif local == "Relationship":
            kind = attributes.get("Type", "")
            self.scan.relationships.append(
                Relationship(
                    self.name,
                    kind.rpartition("/")[2],
                    attributes.get("Target", ""),
                    attributes.get("TargetMode", "").lower() == "external",
                    kind.startswith("http://purl.oclc.org/"),
                )
            )
        elif local in ("Override", "Default"):
            self.scan.content_types.append((attributes.get("PartName", ""), attributes.get("ContentType", "")))

    def end(self, _tag: str) -> None:
        self.depth -= 1

    def _paragraph(self) -> None:
        self.paragraphs += 1
        if self.paragraphs > PARAGRAPHS_AT_MOST:
            raise too_long(f"文档超过 {PARAGRAPHS_AT_MOST} 段")

    def _row(self, number: str) -> None:
        if len(number) > 7 or (number.isdigit() and int(number) > ROW_AT_MOST):
            raise Refusal(
                f"表格写到了第 {number[:7]} 行，最多读取 {ROW_AT_MOST} 行。请删除下面多余的行（含空白行）后再上传。",
                "too_many_rows",
            )
