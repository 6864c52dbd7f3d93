"""The document uploaded as attachment 2: PDF or DOCX by its content, not by its name."""

import zipfile
from typing import IO, NamedTuple

import pikepdf
from django.conf import settings

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
UNPACKED_AT_MOST = 200 * 1024 * 1024
ENTRIES_AT_MOST = 2000


class Checked(NamedTuple):
    stream: IO[bytes]
    content_type: str
    name: str
    pages: int | None


def check(stream: IO[bytes], name: str) -> Checked:
    """Raises ValueError (with a sentence for the person) for anything that is not a sound PDF or DOCX."""
    name = name.replace("\\", "/").rsplit("/", 1)[-1][-200:]
    stream.seek(0, 2)
    if stream.tell() > settings.EVIDENCE_MAX_BYTES:
        raise ValueError(f"文件超过 {settings.EVIDENCE_MAX_BYTES // 1024 // 1024} MB，请压缩后再上传。")
    stream.seek(0)
    head = stream.read(8)
    stream.seek(0)
    if head.startswith(b"%PDF-"):
        return Checked(stream, PDF, name, _pdf_pages(stream))
    if head.startswith(b"PK\x03\x04"):
        _check_docx(stream)
        return Checked(stream, DOCX, name, None)
    raise ValueError("只接受 PDF 或 Word（.docx）文件。旧版 .doc 请另存为 .docx 或 PDF。")


def _pdf_pages(stream: IO[bytes]) -> int:
    try:
        with pikepdf.open(stream) as document:
            if document.is_encrypted:
                raise ValueError("该 PDF 已加密，请取消密码后再上传。")
            pages = len(document.pages)
    except pikepdf.PasswordError as error:
        raise ValueError("该 PDF 已加密，请取消密码后再上传。") from error
    except pikepdf.PdfError as error:
        raise ValueError("该 PDF 已损坏，无法打开。") from error
    finally:
        stream.seek(0)
    if not 0 < pages <= settings.EVIDENCE_MAX_PAGES:
        raise ValueError(f"PDF 应为 1 至 {settings.EVIDENCE_MAX_PAGES} 页，现为 {pages} 页。")
    return pages


def _check_docx(stream: IO[bytes]) -> None:
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
    except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
        raise ValueError("该文件已损坏，无法打开。") from error
    finally:
        stream.seek(0)
    if "word/document.xml" not in names or "[Content_Types].xml" not in names:
        raise ValueError("只接受 PDF 或 Word（.docx）文件。")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise ValueError("该文件含有宏，请另存为不含宏的 .docx 或 PDF。")
    if len(entries) > ENTRIES_AT_MOST or sum(entry.file_size for entry in entries) > UNPACKED_AT_MOST:
        raise ValueError("该文件解压后过大，请压缩图片后再上传，或另存为 PDF。")
