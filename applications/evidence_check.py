"""What an uploaded piece of evidence really is, by its content and never by its name or the browser's word.

A file is taken when it is a sound PDF, JPEG, PNG, DOCX, XLSX or PPTX within the limits of the settings.
"""

import warnings
import zipfile
from typing import IO, NamedTuple
from xml.sax.saxutils import unescape

import pikepdf
from django.conf import settings
from PIL import Image, UnidentifiedImageError

PDF = "application/pdf"
OFFICE = {
    "word/document.xml": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xl/workbook.xml": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "ppt/presentation.xml": ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
}
EXTENSIONS = {PDF: ("pdf",), "image/jpeg": ("jpg", "jpeg"), "image/png": ("png",)} | {
    content_type: (extension,) for extension, content_type in OFFICE.values()
}
ACCEPT = ".pdf,.jpg,.jpeg,.png,.docx,.xlsx,.pptx"
UNPACKED_AT_MOST = 300 * 1024 * 1024
ENTRIES_AT_MOST = 5000
CONTENT_TYPES_AT_MOST = 1024 * 1024
RATIO_AT_MOST = 200  # of one entry over 10 MB: text of real documents packs 20 to 40 times


class Checked(NamedTuple):
    content_type: str
    name: str
    pages: int | None


def check(stream: IO[bytes], name: str) -> Checked:
    """Raises ValueError, with a sentence for the person, for anything that is not accepted."""
    name = clean_name(name)
    stream.seek(0, 2)
    size = stream.tell()
    stream.seek(0)
    if not size:
        raise ValueError("文件是空的，请检查后重新上传。")
    if size > settings.EVIDENCE_MAX_BYTES:
        raise ValueError(
            f"文件超过 {settings.EVIDENCE_MAX_BYTES // 1024 // 1024} MB，请压缩图片或拆成几个文件后再上传。"
        )
    head = stream.read(16)
    stream.seek(0)
    try:
        content_type, pages = _sniff(stream, head)
    finally:
        stream.seek(0)
    return Checked(content_type, _with_extension(name, content_type), pages)


def clean_name(name: str) -> str:
    """The last part of whatever the browser sent, without control characters, at most 200 characters."""
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(char for char in name if char.isprintable() and char not in '<>:"|?*').strip(" .")
    stem, dot, extension = name.rpartition(".")
    return (f"{stem[: 199 - len(extension)]}.{extension}" if dot and len(extension) < 10 else name[:200]) or "未命名"


def _with_extension(name: str, content_type: str) -> str:
    """The extension says what the content is: 照片.png that is a JPEG becomes 照片.png.jpg."""
    allowed = EXTENSIONS[content_type]
    return name if name.lower().endswith(tuple(f".{one}" for one in allowed)) else f"{name[:190]}.{allowed[0]}"


def _sniff(stream: IO[bytes], head: bytes) -> tuple[str, int | None]:
    if head.startswith(b"%PDF-"):
        return PDF, _pdf_pages(stream)
    if head.startswith(b"\xff\xd8\xff"):
        return _image(stream, "JPEG", "image/jpeg"), 1
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _image(stream, "PNG", "image/png"), 1
    if head.startswith(b"PK\x03\x04"):
        return _office(stream), None
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise ValueError("旧版 .doc、.xls、.ppt 或加了密码的 Office 文件不能上传，请另存为 .docx 等新格式或 PDF。")
    if head.startswith((b"MZ", b"\x7fELF", b"#!")):
        raise ValueError("这是程序文件，不能上传。")
    raise ValueError("不是可接受的文件。请上传 PDF、JPG、PNG、DOCX、XLSX 或 PPTX。")


def _pdf_pages(stream: IO[bytes]) -> int:
    try:
        with pikepdf.open(stream) as document:  # type: ignore[arg-type]  # IO[bytes] reads as BinaryIO does
            if document.is_encrypted:
                raise ValueError("该 PDF 已加密，请取消密码和权限限制后再上传。")
            pages = len(document.pages)
    except pikepdf.PasswordError as error:
        raise ValueError("该 PDF 已加密，请取消密码后再上传。") from error
    except (pikepdf.PdfError, RuntimeError) as error:
        raise ValueError("该 PDF 已损坏，无法打开。请重新导出后上传。") from error
    if not pages:
        raise ValueError("该 PDF 没有任何页面。")
    if pages > settings.EVIDENCE_MAX_PAGES:
        raise ValueError(f"该 PDF 有 {pages} 页，每个文件最多 {settings.EVIDENCE_MAX_PAGES} 页，请拆分后上传。")
    return pages


def _image(stream: IO[bytes], form: str, content_type: str) -> str:
    try:
        # Pixels are counted from the header before anything is decoded; Pillow's own limit is only a warning.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(stream, formats=[form]) as image:
                if image.width * image.height > settings.EVIDENCE_MAX_PIXELS:
                    raise ValueError(f"图片为 {image.width}×{image.height} 像素，过大，请缩小后再上传。")
                image.load()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError("该图片已损坏或过大，无法打开。") from error
    return content_type


def _office(stream: IO[bytes]) -> str:
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
            found = _office_type(archive, entries)
    except (zipfile.BadZipFile, NotImplementedError, OSError, RuntimeError, EOFError) as error:
        raise ValueError("该文件已损坏，无法打开。") from error
    return found


def _office_type(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> str:
    names = {entry.filename for entry in entries}
    _refuse_bombs(entries)
    main = next((part for part in OFFICE if part in names), None)
    if main is None or "[Content_Types].xml" not in names:
        raise ValueError("压缩包不能上传。请分别上传其中的 PDF、图片或 Office 文件。")
    if any(entry.flag_bits & 1 for entry in entries):
        raise ValueError("该文件已加密，请取消密码后再上传。")
    content_types = _content_types(archive)
    if "macroenabled" in content_types or any("vbaproject" in name.lower() for name in names):
        raise ValueError("该文件含有宏，请另存为不含宏的 .docx、.xlsx、.pptx 或 PDF。")
    if any("/embeddings/" in name.lower() and name.lower().endswith((".bin", ".exe")) for name in names):
        raise ValueError("该文件内嵌了其他程序对象，请另存为 PDF 后再上传。")
    extension, content_type = OFFICE[main]
    if f"{content_type}.main+xml" not in content_types:
        raise ValueError(f"该 .{extension} 文件内容不符合格式，请用 Office 或 WPS 重新保存后上传。")
    return content_type


def _refuse_bombs(entries: list[zipfile.ZipInfo]) -> None:
    total = sum(entry.file_size for entry in entries)
    dense = any(
        entry.file_size > 10 * 1024 * 1024 and entry.file_size > RATIO_AT_MOST * max(entry.compress_size, 1)
        for entry in entries
    )
    if len(entries) > ENTRIES_AT_MOST or total > UNPACKED_AT_MOST or dense:
        raise ValueError("该文件解压后过大，请压缩图片后再上传，或另存为 PDF。")


def _content_types(archive: zipfile.ZipFile) -> str:
    """Read as text with a limit: no XML parser, so no entities to expand."""
    with archive.open("[Content_Types].xml") as part:
        raw = part.read(CONTENT_TYPES_AT_MOST + 1)
    if len(raw) > CONTENT_TYPES_AT_MOST or b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise ValueError("该文件内容不符合格式，不能上传。")
    return unescape(raw.decode("utf-8", "replace")).lower()
