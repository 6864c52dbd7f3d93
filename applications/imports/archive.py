"""A ZIP file taken apart without trusting what it says about itself. Pure Python.

Sizes are counted while inflating, never believed; no two entries may share bytes; nothing is written to disk.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from qcportal.errors import Refusal

ENTRIES_AT_MOST = 2000
DECLARED_AT_MOST = 200 * 1024 * 1024
RATIO_AT_MOST = 200  # of one entry over 1 MB; sheets and documents pack 10 to 60 times
SLICE = 64 * 1024
_LOCAL_HEADER = struct.Struct("<4s22xHH")


class Entry(NamedTuple):
    name: str
    method: int
    crc: int
    packed: memoryview
    size: int  # as declared


def damaged() -> Refusal:
    return Refusal("文件已损坏或不完整，无法打开。请用 Office 或 WPS 打开后另存一份，再上传。", "damaged")


def too_large() -> Refusal:
    return Refusal("文件解压后过大，不像正常填写的表。请下载本页的模板，把内容复制进去后再上传。", "bomb")


def too_long(what: str) -> Refusal:
    return Refusal(f"{what}，不像填好的表。请把内容复制到模板里再上传。", "too_long")


def lying() -> Refusal:
    return Refusal("文件内部记录的大小与实际不符，可能被改动过。请用 Office 或 WPS 打开后另存一份，再上传。", "lying")


def entries_of(content: bytes) -> list[Entry]:
    """Every entry with its packed bytes, in the order of the file. Refused: too many entries, names that occur
    twice or lead out of the archive, entries that share bytes, encryption, unknown methods, declared bombs."""
    # Counted in the raw bytes first: a directory of a million entries would take seconds to read.
    if content.count(b"PK\x01\x02") > ENTRIES_AT_MOST:
        raise too_large()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error, EOFError) as error:
        raise damaged() from error
    _check_names(info.filename for info in infos)
    if any(info.flag_bits & 0x1 for info in infos):
        raise Refusal("文件设了密码，无法读取。请取消密码后另存，再上传。", "encrypted")
    if sum(info.file_size for info in infos) > DECLARED_AT_MOST:
        raise too_large()
    infos.sort(key=lambda info: info.header_offset)
    return list(_cut(memoryview(content), infos))


def _check_names(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        folded = name.replace("\\", "/").lower()
        if folded in seen or folded.startswith("/") or ".." in folded.split("/"):
            raise Refusal("文件内部结构异常（部件重名或路径不正常），不能读取。请另存一份后再上传。", "structure")
        seen.add(folded)


def _cut(content: memoryview, infos: list[zipfile.ZipInfo]) -> Iterator[Entry]:
    end = 0
    for info in infos:
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damaged()
        header = content[info.header_offset : info.header_offset + _LOCAL_HEADER.size]
        if info.header_offset < end or len(header) < _LOCAL_HEADER.size:
            raise lying()
        magic, name, extra = _LOCAL_HEADER.unpack(header)
        start = info.header_offset + _LOCAL_HEADER.size + name + extra
        end = start + info.compress_size
        if magic != b"PK\x03\x04" or end > len(content):
            raise damaged()
        if info.file_size > 1024 * 1024 and info.file_size > RATIO_AT_MOST * max(info.compress_size, 1):
            raise too_large()
        yield Entry(info.filename, info.compress_type, info.CRC, content[start:end], info.file_size)


def inflate(entry: Entry, at_most: int) -> bytes:
    """The whole entry. Refused: more than ``at_most`` bytes, another size or sum than it declares."""
    if entry.size > at_most:
        raise too_large()
    data = bytes(entry.packed) if entry.method == zipfile.ZIP_STORED else b"".join(_inflated(entry))
    if len(data) != entry.size:
        raise lying()
    if zlib.crc32(data) != entry.crc:
        raise damaged()
    return data


def head(entry: Entry, length: int = 16) -> bytes:
    """The first bytes, for a look at what it is."""
    if entry.method == zipfile.ZIP_STORED:
        return bytes(entry.packed[:length])
    try:
        return zlib.decompressobj(-15).decompress(entry.packed[:SLICE], length)
    except zlib.error as error:
        raise damaged() from error


def _inflated(entry: Entry) -> Iterator[bytes]:
    """Piece by piece; stops as soon as there is one byte more than declared."""
    inflater = zlib.decompressobj(-15)
    total = 0
    for start in range(0, len(entry.packed), SLICE):
        pending: bytes | memoryview = entry.packed[start : start + SLICE]
        while pending and not inflater.eof:
            try:
                piece = inflater.decompress(pending, SLICE)
            except zlib.error as error:
                raise damaged() from error
            total += len(piece)
            if total > entry.size:
                raise lying()
            yield piece
            pending = inflater.unconsumed_tail
    if not inflater.eof:
        tail = inflater.flush()
        if total + len(tail) > entry.size:
            raise lying()
        yield tail


def rebuilt(parts: Iterable[tuple[str, bytes]]) -> io.BytesIO:
    """A new archive of exactly these parts: what is read later is what was checked, byte for byte."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts:
            archive.writestr(zipfile.ZipInfo(name), data)
    out.seek(0)
    return out
