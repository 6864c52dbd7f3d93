"""The gate: an uploaded .xlsx or .docx is opened only when nothing in it can hurt, else refused with a reason.

The answer is a new archive of the checked XML parts; pictures, fonts and the workbooks behind charts are left
behind unread as empty parts. So the libraries that read it never see the upload itself, and nothing that was not
counted and looked at can be reached (docs/decisions/0010-office-imports.md).
"""

import re
from collections.abc import Iterator
from typing import IO, BinaryIO, Literal, NamedTuple

from applications.imports import archive
from applications.imports.archive import Entry
from applications.imports.parts import Relationship, Scan
from qcportal.errors import Refusal

Kind = Literal["xlsx", "docx"]


class Office(NamedTuple):
    name: str
    main: str
    content_type: str
    upload_at_most: int
    xml_at_most: int
    elements_at_most: int


MIB = 1024 * 1024
_OPEN_XML = "application/vnd.openxmlformats-officedocument"
OFFICE: dict[Kind, Office] = {
    "xlsx": Office(
        "Excel 工作簿（.xlsx）", "xl/workbook.xml", f"{_OPEN_XML}.spreadsheetml.sheet.main+xml",
        5 * MIB, 12 * MIB, 120_000,
    ),
    "docx": Office(
        "Word 文档（.docx）", "word/document.xml", f"{_OPEN_XML}.wordprocessingml.document.main+xml",
        20 * MIB, 24 * MIB, 400_000,
    ),
}  # fmt: skip
_OTHER_MAINS = {
    "xl/workbook.xml": "Excel 工作簿（.xlsx）",
    "xl/workbook.bin": "Excel 二进制工作簿（.xlsb）",
    "word/document.xml": "Word 文档（.docx）",
    "ppt/presentation.xml": "PowerPoint 演示文稿（.pptx）",
    "mimetype": "OpenDocument 文件",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ACTIVE_CONTENT = re.compile(r"macroenabled|vbaproject|vba-?data|activex|macrosheet|dialogsheet", re.IGNORECASE)
_PROGRAMS = (b"MZ", b"\x7fELF", _OLE)
_ARCHIVES = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")
# A template on the author's own disk or beside the document; anything a network could answer is refused.
_LOCAL_TEMPLATE = re.compile(r"(?:file:/{3})?[A-Za-z]:[\\/]|[^\\/:]+$")


def open_office(upload: IO[bytes], kind: Kind) -> BinaryIO:
    """``upload`` as an archive that openpyxl or python-docx may read. Raises Refusal with the reason otherwise.

    Refused: other types under another name, empty, damaged or encrypted files, bombs, macros, embedded programs,
    references to other files (except hyperlinks, which nobody follows), DTDs, more rows than a person fills in.
    """
    office = OFFICE[kind]
    upload.seek(0)
    content = upload.read(office.upload_at_most + 1)
    upload.seek(0)
    _check_outside(content, office)
    entries = archive.entries_of(content)
    _check_type({entry.name for entry in entries}, kind)
    scan = Scan(office.elements_at_most)
    parts = list(_checked_parts(entries, office, scan))
    _check_active_content(entries, scan, office)
    _check_relationships(scan.relationships)
    return archive.rebuilt(parts)


def _check_outside(content: bytes, office: Office) -> None:
    if not content:
        raise Refusal("文件是空的（0 字节），请检查后重新上传。", "empty")
    if len(content) > office.upload_at_most:
        limit = office.upload_at_most // MIB
        raise Refusal(f"文件超过 {limit} MB。请删去图片等无关内容，或把内容复制到模板里再上传。", "too_big")
    if content.startswith(_OLE):
        raise _ole(content, office)
    if not content.startswith(b"PK\x03\x04"):
        what = _what(content)
        raise Refusal(f"这{what}，不是 {office.name}，不能只改扩展名。{_how(office)}", "wrong_type")


def _ole(content: bytes, office: Office) -> Refusal:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return Refusal("文件设了打开密码，无法读取。请在 Office 或 WPS 中取消密码后另存，再上传。", "encrypted")
    return Refusal(f"这是旧版 Office 文件（.xls、.doc 或 WPS 的 .et、.wps）。{_how(office)}", "old_format")


def _how(office: Office) -> str:
    return f"请用 Office 或 WPS 打开，选择“另存为”→“{office.name}”，再上传。"


def _what(content: bytes) -> str:
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    signs = (
        (b"%pdf-", "是 PDF 文件"), (b"{\\rtf", "是 RTF 文件"), (b"\xff\xd8\xff", "是图片"), (b"\x89png", "是图片"),
        (b"rar!", "是压缩包"), (b"7z\xbc\xaf", "是压缩包"), (b"mz", "是程序"), (b"\x7felf", "是程序"),
    )  # fmt: skip
    for sign, name in signs:
        if start.startswith(sign):
            return name
    if b"<html" in start or b"<table" in start or b"<!doctype html" in start:
        return "是网页（HTML）文件"
    if start.startswith(b"<"):
        return "是 XML 文件"
    if b"\x00" not in content[:4096]:
        return "是文本（CSV）文件"
    return "不是可识别的文件"


def _check_type(names: set[str], kind: Kind) -> None:
    office = OFFICE[kind]
    if office.main in names and "[Content_Types].xml" in names:
        return
    if "EncryptedPackage" in names:
        raise Refusal("文件设了打开密码，无法读取。请取消密码后另存，再上传。", "encrypted")
    other = next((label for main, label in _OTHER_MAINS.items() if main in names and main != office.main), "")
    if not other:
        raise Refusal(f"这是普通压缩包，不是 {office.name}。请直接上传填好的文件，不要压缩。", "wrong_type")
    hint = {
        "xlsx": "附件 3 和小组汇总表用 Excel，附件 1、附件 2 用 Word。",
        "docx": "附件 1、附件 2 用 Word，附件 3 用 Excel。",
    }
    raise Refusal(f"这是 {other}，这里需要 {office.name}。{hint[kind]}", "wrong_type")


def _checked_parts(entries: list[Entry], office: Office, scan: Scan) -> Iterator[tuple[str, bytes]]:
    left = office.xml_at_most
    for entry in entries:
        if entry.name.lower().endswith((".xml", ".rels")):
            data = archive.inflate(entry, left)
            left -= len(data)
            scan.read(entry.name, data)
            yield entry.name, data
        else:
            _check_left_behind(entry)
            yield entry.name, b""


def _check_left_behind(entry: Entry) -> None:
    """Not inflated beyond its first bytes, and not passed on."""
    name, start = entry.name.lower(), archive.head(entry)
    if _ACTIVE_CONTENT.search(name):
        raise _macros()
    if start.startswith(_PROGRAMS) or name.endswith((".exe", ".dll", ".vbs", ".js", ".bat", ".ps1")):
        raise _embedded()
    # Chart data is a workbook, and Office packs its metafiles: both stay behind unread.
    usual = ("/embeddings/" in name and name.endswith((".xlsx", ".docx"))) or name.endswith((".emz", ".wmz"))
    if start.startswith(_ARCHIVES) and not usual:
        raise Refusal("文件里还装着压缩包，不能读取。请删去其中插入的文件后再上传。", "nested")


def _macros() -> Refusal:
    return Refusal("文件含有宏或控件，不能读取。请另存为不含宏的 .xlsx 或 .docx 后再上传。", "macros")


def _embedded() -> Refusal:
    return Refusal("文件里嵌有其他程序或对象（OLE），不能读取。请删去插入的对象后再上传。", "embedded")


def _check_active_content(entries: list[Entry], scan: Scan, office: Office) -> None:
    if any(_ACTIVE_CONTENT.search(entry.name) for entry in entries):
        raise _macros()
    for part, content_type in scan.content_types:
        if _ACTIVE_CONTENT.search(content_type):
            raise _macros()
        # A part that is XML by its type but not by its name would have been passed over.
        if part and content_type.endswith("+xml") and not part.lower().endswith((".xml", ".rels")):
            raise Refusal("文件内部结构异常，不能读取。请另存一份后再上传。", "structure")
    names = {part.lstrip("/"): content_type for part, content_type in scan.content_types if part}
    if names.get(office.main) != office.content_type:
        raise Refusal(f"文件内部标明的类型不是 {office.name}。{_how(office)}", "wrong_type")
    if any(entry.name.startswith("xl/externalLinks/") for entry in entries):
        raise Refusal(
            "表中有引用其他工作簿的公式。请在 Excel“数据”→“编辑链接”中断开链接，或粘贴为数值后再上传。", "external"
        )
    if any(entry.name in ("xl/connections.xml", "xl/model/item.data") for entry in entries):
        raise Refusal("表中连接了外部数据源。请把数据粘贴为数值、删除连接后再上传。", "external")


def _check_relationships(relationships: list[Relationship]) -> None:
    for one in relationships:
        if one.kind in ("oleObject", "vbaProject", "control", "frame"):
            raise _macros() if one.kind in ("vbaProject", "control") else _embedded()
        if one.kind in ("externalLink", "externalLinkPath"):
            raise Refusal("表中有引用其他工作簿的公式。请断开链接，或粘贴为数值后再上传。", "external")
        if one.strict:
            raise Refusal("文件是“Strict Open XML”格式。请另存为普通的 .xlsx 或 .docx 后再上传。", "strict")
        if one.external and not _harmless(one):
            raise Refusal(
                "文件引用了外部的图片、模板或文件，不能读取。请把内容复制到新文件（只保留文字）后再上传。", "external"
            )


def _harmless(one: Relationship) -> bool:
    """Hyperlinks are text to us. Word notes the template a document was made from: taken when it is a local one."""
    if one.kind == "hyperlink":
        return True
    return one.kind == "attachedTemplate" and _LOCAL_TEMPLATE.match(one.target) is not None
