"""Hostile and odd Office files, made by code, each with the answer that is expected.

``CORPUS`` is a list of ``Case``: name, kind of file asked for, how to build it, and the code of the refusal
("" when the file must be taken). test_corpus.py runs each in a process with little memory. Word cases are added
in corpus_docx.py.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import NamedTuple

from docx import Document
from openpyxl import Workbook
from openpyxl.styles import Font

from applications.imports.statistics_form import Filled, workbook

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MIB = 1024 * 1024
OPEN_XML = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


class Case(NamedTuple):
    name: str
    kind: str
    build: Callable[[], bytes]
    code: str


def good() -> bytes:
    return workbook(Filled(unit="青海湖光盐化股份有限公司", year=2026, data_year=2025, values={"employees": 1250}))


def plain_book(rows=(("项目", "数值"), ("职工总数", 1250), ("注册小组数", 20), ("成果数", 12))) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    return saved(book)


def saved(book) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def word() -> bytes:
    out = io.BytesIO()
    Document().save(out)
    return out.getvalue()


def repacked(content: bytes, *, add=(), replace=(), drop=(), method=zipfile.ZIP_DEFLATED) -> bytes:
    """The archive with parts added, replaced (by a function of their bytes) or left out."""
    out, changes = io.BytesIO(), dict(replace)
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w", method) as target:
        for name in source.namelist():
            if name not in drop:
                data = source.read(name)
                target.writestr(name, changes[name](data) if name in changes else data)
        for name, data in add:
            target.writestr(name, data)
    return out.getvalue()


def sheet(xml: str) -> bytes:
    """A workbook whose only sheet is this XML."""
    return repacked(plain_book(), replace=[("xl/worksheets/sheet1.xml", lambda _old: xml.encode())])


def sheet_of(rows: str, dimension: str = "A1:B2") -> bytes:
    return sheet(f'<worksheet xmlns="{MAIN}"><dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>')


def external(kind: str, target: str, part: str = "xl/worksheets/_rels/sheet1.xml.rels") -> bytes:
    rels = (
        f'<Relationships xmlns="{RELS}"><Relationship Id="rId9" Type="{OPEN_XML}/{kind}" Target="{target}" '
        f'TargetMode="External"/></Relationships>'
    )
    return repacked(plain_book(), add=[(part, rels)])


def typed(content_type: str) -> bytes:
    """The main part called something else."""
    usual = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    return repacked(
        plain_book(), replace=[("[Content_Types].xml", lambda old: old.replace(usual, content_type.encode()))]
    )


def with_entity() -> bytes:
    laughs = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return sheet(
        f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY e0 "哈">{laughs}]><worksheet xmlns="{MAIN}">&e9;</worksheet>'
    )


def with_outside_entity() -> bytes:
    return sheet(f'<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet xmlns="{MAIN}">&x;</worksheet>')


def utf16_doctype() -> bytes:
    xml = f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE w [<!ENTITY x "y">]><worksheet xmlns="{MAIN}"/>'
    return repacked(plain_book(), replace=[("xl/worksheets/sheet1.xml", lambda _old: xml.encode("utf-16"))])


def million_rows() -> bytes:
    return sheet_of("".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 1_000_001))[: 30 * MIB])


def many_rows_within_size() -> bytes:
    return sheet_of("<row><c><v>1</v></c></row>" * 200_000)


def huge_strings() -> bytes:
    item = "<si><t>" + "长" * 100 + "</t></si>"
    xml = f'<sst xmlns="{MAIN}">{item * 60_000}</sst>'
    return repacked(plain_book(), add=[("xl/sharedStrings.xml", xml)])


def many_strings() -> bytes:
    xml = f'<sst xmlns="{MAIN}">{"<si><t>a</t></si>" * 300_000}</sst>'
    return repacked(plain_book(), add=[("xl/sharedStrings.xml", xml)])


def deep() -> bytes:
    return sheet(f'<worksheet xmlns="{MAIN}">' + "<a>" * 50_000 + "</a>" * 50_000 + "</worksheet>")


def zeros(name: str = "xl/worksheets/sheet9.xml", size: int = 100 * MIB) -> bytes:
    return repacked(plain_book(), add=[(name, b" " * size)])


def many_bombs() -> bytes:
    """Each below the limit for one, all together too much."""
    block = bytes(range(256)) * 64
    return repacked(plain_book(), add=[(f"xl/worksheets/s{n}.xml", block * 250) for n in range(60)])


def many_entries() -> bytes:
    return repacked(plain_book(), add=[(f"xl/media/{n}.txt", b"") for n in range(5000)])


def shrunk(name: str = "xl/worksheets/sheet1.xml", claimed: int = 100) -> bytes:
    """The sheet says in both headers that it is small, and is 60 MB."""
    content = bytearray(repacked(plain_book(), replace=[(name, lambda _old: b" " * 60 * MIB)]))
    size = struct.pack("<I", 60 * MIB)
    for magic, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = 0
        while (start := content.find(magic, start)) >= 0:
            if content[start + offset : start + offset + 4] == size:
                content[start + offset : start + offset + 4] = struct.pack("<I", claimed)
            start += 4
    return bytes(content)


def overlapping() -> bytes:
    """Twenty directory entries that all point to the same packed bytes (the idea of the "better zip bomb")."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = b"0" * 900_000
    body = packed.compress(data) + packed.flush()
    crc = zlib.crc32(data)
    original = plain_book()
    end = original.rindex(b"PK\x05\x06")
    directory = struct.unpack("<I", original[end + 16 : end + 20])[0]
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0x21, crc, len(body), len(data), 5, 0) + b"a.xml"
    names = [f"a{n:03}" for n in range(20)]
    central = b"".join(
        struct.pack(
            "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 8, 0, 0x21, crc, len(body), len(data), 5, 0, 0, 0, 0, 0, directory
        )
        + name.encode()
        + b"x"
        for name in names
    )
    old = original[directory:end]
    head, count = original[:directory] + local + body, 20 + original[directory:end].count(b"PK\x01\x02")
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(old + central), len(head), 0)
    return head + old + central + tail


def nested() -> bytes:
    return repacked(plain_book(), add=[("xl/media/more.png", zeros(size=MIB))])


def encrypted_entries() -> bytes:
    content = bytearray(plain_book())
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        while (start := content.find(magic, start)) >= 0:
            content[start + offset] |= 1
            start += 4
    return bytes(content)


def damaged_xml() -> bytes:
    return sheet(f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1">')


def flipped_byte() -> bytes:
    content = bytearray(repacked(plain_book(), method=zipfile.ZIP_STORED))
    place = content.find(b"<sheetData")
    content[place + 2] ^= 1
    return bytes(content)


def strict() -> bytes:
    return repacked(
        plain_book(),
        replace=[("_rels/.rels", lambda old: old.replace(b"http://schemas.openxmlformats.org/officeDocument/2006",
                                                         b"http://purl.oclc.org/ooxml/officeDocument"))],
    )  # fmt: skip


def styled() -> bytes:
    """A real-looking table with fonts, widths and a picture: taken."""
    book = Workbook()
    book.active.append(["企业质量管理小组活动统计表"])
    book.active["A1"].font = Font(bold=True)
    book.active.append(["职工总数", 1250])
    return repacked(saved(book), add=[("xl/media/image1.jpg", b"\xff\xd8\xff\xe0" + bytes(200_000))])


CORPUS = [
    # taken
    Case("our own form", "xlsx", good, ""),
    Case("a plain workbook", "xlsx", plain_book, ""),
    Case("fonts and a picture", "xlsx", styled, ""),
    Case("a packed metafile", "xlsx", lambda: repacked(plain_book(), add=[("xl/media/a.emz", b"\x1f\x8b\x08")]), ""),
    Case("the author's own template", "xlsx",
         lambda: external("attachedTemplate", "file:///C:\\Users\\a\\Normal.dotm"), ""),
    Case("a hyperlink", "xlsx", lambda: external("hyperlink", "https://example.org/"), ""),
    Case("a lying dimension", "xlsx", lambda: sheet_of('<row r="1"><c r="A1"><v>1</v></c></row>', "A1:XFD1048576"), ""),
    # other types under this name
    Case("nothing", "xlsx", lambda: b"", "empty"),
    Case("an old xls", "xlsx", lambda: OLE + bytes(4096) + "Workbook".encode("utf-16-le"), "old_format"),
    Case("an old doc", "docx", lambda: OLE + bytes(4096) + "WordDocument".encode("utf-16-le"), "old_format"),
    Case("a password", "xlsx", lambda: OLE + bytes(4096) + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    Case("a PDF", "xlsx", lambda: b"%PDF-1.7\n" + bytes(100), "wrong_type"),
    Case("an HTML table", "xlsx", lambda: "<html><table><tr><td>职工总数".encode(), "wrong_type"),
    Case("a CSV in GBK", "xlsx", lambda: "项目,数值\n职工总数,1250\n".encode("gbk"), "wrong_type"),
    Case("an RTF", "docx", lambda: b"{\\rtf1\\ansi hello}", "wrong_type"),
    Case("XML of 2003", "xlsx", lambda: b'<?xml version="1.0"?><Workbook/>', "wrong_type"),
    Case("a Word document for a workbook", "xlsx", word, "wrong_type"),
    Case("a workbook for a Word document", "docx", plain_book, "wrong_type"),
    Case("a plain ZIP", "xlsx", lambda: repacked(plain_book(), drop=["xl/workbook.xml"]), "wrong_type"),
    Case("random bytes", "xlsx", lambda: bytes(range(256)) * 40, "wrong_type"),
    Case("too big to look at", "xlsx", lambda: b"PK\x03\x04" + bytes(6 * MIB), "too_big"),
    Case("the first half of a workbook", "xlsx", lambda: plain_book()[:3000], "damaged"),
    Case("Strict Open XML", "xlsx", strict, "strict"),
    Case("a binary workbook", "xlsx", lambda: typed("application/vnd.ms-excel.sheet.binary.main"), "wrong_type"),
    # bombs
    Case("100 MB of spaces in a sheet", "xlsx", zeros, "bomb"),
    Case("100 MB of spaces in a picture", "xlsx", lambda: zeros("xl/media/a.png"), "bomb"),
    Case("sixty sheets of 4 MB", "xlsx", many_bombs, "bomb"),
    Case("five thousand entries", "xlsx", many_entries, "bomb"),
    Case("sizes that lie", "xlsx", shrunk, "lying"),
    Case("entries that overlap", "xlsx", overlapping, "lying"),
    Case("a ZIP in the ZIP", "xlsx", nested, "nested"),
    Case("a million rows", "xlsx", million_rows, "bomb"),
    Case("two hundred thousand rows without numbers", "xlsx", many_rows_within_size, "bomb"),
    Case("one cell in the last row", "xlsx", lambda: sheet_of('<row r="1048576"><c r="A1048576"/></row>'),
         "too_many_rows"),
    Case("strings of 18 MB", "xlsx", huge_strings, "bomb"),
    Case("three hundred thousand strings", "xlsx", many_strings, "bomb"),
    Case("fifty thousand levels", "xlsx", deep, "damaged"),
    # what acts or reaches out
    Case("a billion laughs", "xlsx", with_entity, "dtd"),
    Case("an outside entity", "xlsx", with_outside_entity, "dtd"),
    Case("a DTD in UTF-16", "xlsx", utf16_doctype, "dtd"),
    Case("macros", "xlsx", lambda: repacked(plain_book(), add=[("xl/vbaProject.bin", OLE)]), "macros"),
    Case("an xlsm renamed", "xlsx", lambda: typed("application/vnd.ms-excel.sheet.macroEnabled.main+xml"), "macros"),
    Case("a macro sheet", "xlsx",
         lambda: repacked(plain_book(), add=[("xl/macrosheets/sheet1.xml", f'<a xmlns="{MAIN}"/>')]), "macros"),
    Case("ActiveX", "xlsx", lambda: repacked(plain_book(), add=[("xl/activeX/activeX1.bin", b"x")]), "macros"),
    Case("an OLE object", "xlsx", lambda: repacked(plain_book(), add=[("xl/embeddings/a.bin", OLE)]), "embedded"),
    Case("a program inside", "xlsx", lambda: repacked(plain_book(), add=[("xl/media/a.png", b"MZ\x90")]), "embedded"),
    Case("another workbook linked", "xlsx",
         lambda: repacked(plain_book(), add=[("xl/externalLinks/externalLink1.xml", f'<a xmlns="{MAIN}"/>')]),
         "external"),
    Case("a template from the network", "xlsx",
         lambda: external("attachedTemplate", "https://example.org/a.dotm"), "external"),
    Case("a template on a share", "xlsx",
         lambda: external("attachedTemplate", "file:///\\\\server\\a.dotm"), "external"),
    Case("a picture from elsewhere", "xlsx", lambda: external("image", "http://example.org/a.png"), "external"),
    Case("a share in the office", "xlsx", lambda: external("externalLinkPath", "file://server/a.xlsx"), "external"),
    Case("a data connection", "xlsx",
         lambda: repacked(plain_book(), add=[("xl/connections.xml", f'<a xmlns="{MAIN}"/>')]), "external"),
    # damage
    Case("encrypted entries", "xlsx", encrypted_entries, "encrypted"),
    Case("XML that ends too soon", "xlsx", damaged_xml, "damaged"),
    Case("one bit flipped", "xlsx", flipped_byte, "damaged"),
    Case("a name that leads out", "xlsx",
         lambda: repacked(plain_book(), add=[("../../etc/a.xml", "<a/>")]), "structure"),
    Case("the same part twice", "xlsx",
         lambda: repacked(plain_book(), add=[("XL/workbook.xml", "<a/>")]), "structure"),
    Case("XML in GB2312", "xlsx",
         lambda: repacked(plain_book(), replace=[("xl/worksheets/sheet1.xml", lambda _old:
                          f'<?xml version="1.0" encoding="GB2312"?><worksheet xmlns="{MAIN}"/>'.encode())]),
         "damaged"),
]  # fmt: skip
