"""DOCX, XLSX and PPTX by their parts: no bombs, no macros, no programs, nothing fetched from elsewhere."""

import re
import zipfile
from itertools import pairwise
from typing import IO
from xml.sax.saxutils import unescape

from qcportal.errors import NotAccepted

UNPACKED_AT_MOST = 300 * 1024 * 1024
ENTRIES_AT_MOST = 5000
TEXT_AT_MOST = 1024 * 1024  # of [Content_Types].xml and of each list of relations
RATIO_AT_MOST = 200  # of one entry over 10 MB: text of real documents packs 20 to 40 times
RATIO_OF_ALL = 100
OFFICE = {
    "word/document.xml": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xl/workbook.xml": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "ppt/presentation.xml": ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
}
CHUNK = 1024 * 1024
TOO_BIG = "该文件解压后过大，请压缩图片后再上传，或另存为 PDF。"
NOT_WELL_FORMED = "该文件内容不符合格式，不能上传。请用 Office 或 WPS 重新保存后上传。"
# Relations that Office follows by itself when the file is opened. Links and linked pictures are not among them.
FETCHED = re.compile(
    rb"<relationship\b(?=[^>]*targetmode\s*=\s*[\"']external)"
    rb"[^>]*type\s*=\s*[\"'][^\"']*/(attachedtemplate|oleobject|frame|subdocument|control)[\"']"
)


def content_type_of(stream: IO[bytes]) -> str:
    try:
        with zipfile.ZipFile(stream) as archive:
            return _checked(archive)
    except NotAccepted:
        raise
    except Exception as error:  # zipfile answers damage with many kinds of exceptions
        raise NotAccepted("该文件已损坏，无法打开。") from error


def _checked(archive: zipfile.ZipFile) -> str:
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    main = next((part for part in OFFICE if part in names), None)
    problem = _bomb(entries)
    if not problem and (main is None or "[Content_Types].xml" not in names):
        problem = "压缩包不能上传。请分别上传其中的 PDF、图片或 Office 文件。"
    problem = problem or _odd_entries(entries, names)
    if problem or main is None:
        raise NotAccepted(problem)
    extension, content_type = OFFICE[main]
    content_types = _content_types(archive)
    problem = _active(archive, entries, content_types) or _unpacks_otherwise(archive, entries)
    if not problem and f"{content_type}.main+xml" not in content_types:
        problem = f"该 .{extension} 文件内容不符合格式，请用 Office 或 WPS 重新保存后上传。"
    if problem:
        raise NotAccepted(problem)
    return content_type


def _bomb(entries: list[zipfile.ZipInfo]) -> str:
    """By what the directory says, before anything is unpacked."""
    total = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    dense = any(
        entry.file_size > 10 * CHUNK and entry.file_size > RATIO_AT_MOST * max(entry.compress_size, 1)
        for entry in entries
    )
    dense = dense or (total > 50 * CHUNK and total > RATIO_OF_ALL * max(packed, 1))
    if len(entries) > ENTRIES_AT_MOST or total > UNPACKED_AT_MOST or dense:
        return TOO_BIG
    return ""


def _odd_entries(entries: list[zipfile.ZipInfo], names: set[str]) -> str:
    """Encrypted, twice the same name, paths that lead out, entries that lie on top of each other."""
    if any(entry.flag_bits & 1 for entry in entries):
        return "该文件已加密，请取消密码后再上传。"
    if len(names) != len(entries):
        return NOT_WELL_FORMED
    if any(name.startswith("/") or "\\" in name or ".." in name.split("/") or "\x00" in name for name in names):
        return NOT_WELL_FORMED
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    for first, second in pairwise(ordered):
        if first.header_offset + 30 + first.compress_size > second.header_offset:
            return TOO_BIG
    return ""


def _content_types(archive: zipfile.ZipFile) -> str:
    raw = _text(archive, "[Content_Types].xml")
    if raw is None:
        raise NotAccepted(NOT_WELL_FORMED)
    return unescape(raw.decode("utf-8", "replace")).lower()


def _text(archive: zipfile.ZipFile, name: str) -> bytes | None:
    """A part read as text with a limit: no XML parser, so no entities to expand. None: not plain UTF-8 XML."""
    with archive.open(name) as part:
        raw = part.read(TEXT_AT_MOST + 1)
    if len(raw) > TEXT_AT_MOST or b"\x00" in raw or b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        return None
    return raw


def _active(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], content_types: str) -> str:
    names = [entry.filename.lower() for entry in entries]
    if "macroenabled" in content_types or any("vbaproject" in name or "/macrosheets/" in name for name in names):
        return "该文件含有宏，请另存为不含宏的 .docx、.xlsx、.pptx 或 PDF。"
    if any("/activex/" in name or ("/embeddings/" in name and name.endswith((".bin", ".exe"))) for name in names):
        return "该文件内嵌了其他程序对象，请另存为 PDF 后再上传。"
    for entry in entries:
        if not entry.filename.lower().endswith(".rels"):
            continue
        raw = _text(archive, entry.filename)
        if raw is None:
            return NOT_WELL_FORMED
        if FETCHED.search(unescape(raw.decode("utf-8", "replace")).lower().encode()):
            return "该文件打开时会从网络或其他位置取内容，请另存为 PDF 后再上传。"
    return ""


def _unpacks_otherwise(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> str:
    """Everything is unpacked once, and thrown away: a size or checksum that lies shows here, in constant memory."""
    left = UNPACKED_AT_MOST
    for entry in entries:
        with archive.open(entry) as part:
            for chunk in iter(lambda part=part: part.read(CHUNK), b""):  # type: ignore[misc]
                left -= len(chunk)
                if left < 0:
                    return TOO_BIG
    return ""
