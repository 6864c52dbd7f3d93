"""The ZIP of an e-mailed folder, listed without being believed. Pure Python.

Only the directory at its end is read to list it, so a refusal costs neither time nor memory, however large the
file is. Bytes of one entry come out piece by piece and are counted against what the directory declared.
"""

import re
import stat
import struct
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, NamedTuple

from qcportal.errors import Refusal

MIB = 1024 * 1024
FILE_AT_MOST = 150 * MIB  # the proxy passes 200 MB
ENTRIES_AT_MOST = 300
DIRECTORY_AT_MOST = 256 * 1024
EACH_AT_MOST = 60 * MIB  # evidence has a limit of its own (settings), a little lower
TOTAL_AT_MOST = 500 * MIB
RATIO_AT_MOST = 200  # of an entry over 1 MB; text packs 10 to 60 times
DEPTH_AT_MOST = 8
IN_MEMORY = MIB
SLICE = 64 * 1024
_END = struct.Struct("<4s4H2LH")
_LOCAL = struct.Struct("<4s22xHH")
_UTF8 = 0x800
_LEFT_OUT = re.compile(r"(^|/)(__MACOSX/|\.|~\$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_OTHERS = (
    (b"Rar!", "RAR"), (b"7z\xbc\xaf", "7z"), (b"\x1f\x8b", "GZ"), (b"BZh", "BZ2"), (b"\xfd7zXZ", "XZ"),
)  # fmt: skip
HOW = "请在电脑上右键该文件夹，选择“压缩为 ZIP”，再上传。"


class FolderEntry(NamedTuple):
    path: str  # as people named it, with / between folders
    offset: int
    packed: int
    size: int
    crc: int
    stored: bool

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


def _damaged() -> Refusal:
    return Refusal(f"压缩包已损坏或不完整，无法打开。{HOW}", "damaged")


def _bomb() -> Refusal:
    return Refusal("压缩包解压后过大，不像一个单位的申报文件夹，没有读取。", "bomb")


def entries_of(stream: IO[bytes]) -> list[FolderEntry]:
    """Every file of the folder by its decoded name, in the order of the archive.

    Refused: other archives (RAR, 7z …) and single Office files; empty, damaged, encrypted or too large archives;
    too many entries; names that lead out or occur twice; links; entries that share bytes; declared bombs.
    """
    size = _size(stream)
    _check_kind(stream, size)
    _check_directory(stream, size)
    try:
        with zipfile.ZipFile(stream) as archive:
            infos = [info for info in archive.infolist() if not info.filename.endswith(("/", "\\"))]
            _check_infos(infos)
            names = decoded([info.orig_filename for info in infos], [bool(info.flag_bits & _UTF8) for info in infos])
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error, EOFError) as error:
        raise _damaged() from error
    found = [_entry(info, name) for info, name in zip(infos, names, strict=True)]
    _check_names(found)
    _check_places(stream, infos)
    if any(entry.path in ("[Content_Types].xml", "mimetype") for entry in found):
        raise Refusal(f"这是单个 Office 文件，不是文件夹。{HOW}", "wrong_type")
    kept = [entry for entry in found if not _LEFT_OUT.search(entry.path)]
    if not kept:
        raise Refusal("压缩包里没有文件。", "empty")
    return kept


def _size(stream: IO[bytes]) -> int:
    stream.seek(0, 2)
    return stream.tell()


def _check_kind(stream: IO[bytes], size: int) -> None:
    if not size:
        raise Refusal("文件是空的（0 字节），请检查后重新上传。", "empty")
    if size > FILE_AT_MOST:
        raise Refusal(f"压缩包超过 {FILE_AT_MOST // MIB} MB。请请单位压缩图片，或分成几个压缩包。", "too_big")
    stream.seek(0)
    head = stream.read(512)
    for sign, kind in _OTHERS:
        if head.startswith(sign):
            raise Refusal(f"这是 {kind} 压缩包，只能读取 ZIP。请解压后重新压缩为 ZIP。", "wrong_type")
    if head[257:262] == b"ustar":
        raise Refusal("这是 TAR 压缩包，只能读取 ZIP。请解压后重新压缩为 ZIP。", "wrong_type")
    if not head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise Refusal(f"这不是 ZIP 压缩包，不能只改扩展名。{HOW}", "wrong_type")


def _check_directory(stream: IO[bytes], size: int) -> None:
    """Counted at the end of the file before a library reads the directory."""
    tail = min(size, 64 * 1024 + _END.size)
    stream.seek(size - tail)
    content = stream.read(tail)
    at = content.rfind(b"PK\x05\x06")
    if at < 0 or len(content) - at < _END.size:
        raise _damaged()
    _sign, disk, first_disk, here, every, length, _offset, _comment = _END.unpack_from(content, at)
    if disk or first_disk or here != every:
        raise Refusal("这是分卷压缩包的一部分。请压缩成一个 ZIP。", "split")
    if every > ENTRIES_AT_MOST or length > DIRECTORY_AT_MOST:
        raise Refusal(f"压缩包里的文件超过 {ENTRIES_AT_MOST} 个，不像一个单位的申报文件夹。", "too_many")
    if b"PK\x06\x07" in content[:at]:
        raise Refusal("这种 ZIP（ZIP64）只用于超大文件，没有读取。请重新压缩后再上传。", "zip64")
    stream.seek(0)


def _check_infos(infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > ENTRIES_AT_MOST:
        raise Refusal(f"压缩包里的文件超过 {ENTRIES_AT_MOST} 个，不像一个单位的申报文件夹。", "too_many")
    if any(info.flag_bits & 0x1 for info in infos):
        raise Refusal("压缩包设了密码，无法读取。请取消密码后重新压缩。", "encrypted")
    if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in infos):
        raise Refusal(f"压缩包用了少见的压缩方法，无法读取。{HOW}", "method")
    for info in infos:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise Refusal("压缩包里有链接或特殊文件，没有读取。请只放普通文件。", "link")
        if info.file_size > EACH_AT_MOST or info.file_size > max(MIB, RATIO_AT_MOST * max(info.compress_size, 1)):
            raise _bomb()
    if sum(info.file_size for info in infos) > TOTAL_AT_MOST:
        raise _bomb()


def decoded(names: list[str], marked: list[bool]) -> list[str]:
    """Names as people typed them. Python reads unmarked ones as CP437; Windows in Chinese wrote GBK, others UTF-8.

    One archive was written by one program: if all unmarked names are sound UTF-8 they are, else they are GB 18030.
    """
    raw = {name: _bytes(name) for name, is_utf8 in zip(names, marked, strict=True) if not is_utf8}
    utf8 = all(_reads(one, "utf-8") for one in raw.values())
    codec = "utf-8" if utf8 else "gb18030"
    return [
        name if is_utf8 or not _reads(raw[name], codec) else raw[name].decode(codec)
        for name, is_utf8 in zip(names, marked, strict=True)
    ]


def _bytes(name: str) -> bytes:
    try:
        return name.encode("cp437")
    except UnicodeEncodeError:
        return name.encode()


def _reads(raw: bytes, codec: str) -> bool:
    try:
        raw.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _entry(info: zipfile.ZipInfo, name: str) -> FolderEntry:
    path = unicodedata.normalize("NFC", name).replace("\\", "/")
    return FolderEntry(
        path, info.header_offset, info.compress_size, info.file_size, info.CRC,
        info.compress_type == zipfile.ZIP_STORED,
    )  # fmt: skip


def _check_names(found: list[FolderEntry]) -> None:
    seen: set[str] = set()
    for entry in found:
        parts = entry.path.split("/")
        folded = entry.path.lower()
        leads_out = entry.path.startswith("/") or ".." in parts or re.match(r"^[A-Za-z]:", entry.path)
        if leads_out or "\x00" in entry.path or any(not char.isprintable() for char in entry.path):
            raise Refusal("压缩包里有路径不正常的文件（指向文件夹之外），没有读取。", "path")
        if folded in seen or len(parts) > DEPTH_AT_MOST or len(entry.path) > 500:
            raise Refusal("压缩包的结构不正常（重名，或文件夹层数过多），没有读取。", "structure")
        seen.add(folded)


def _check_places(stream: IO[bytes], infos: list[zipfile.ZipInfo]) -> None:
    """No two entries share bytes: a bomb that needs no nesting."""
    end = 0
    for info in sorted(infos, key=lambda one: one.header_offset):
        if info.header_offset < end:
            raise Refusal("压缩包的内部记录与实际不符，可能被改动过，没有读取。", "lying")
        end = _start(stream, info.header_offset) + info.compress_size


def _start(stream: IO[bytes], offset: int) -> int:
    stream.seek(offset)
    header = stream.read(_LOCAL.size)
    if len(header) < _LOCAL.size:
        raise _damaged()
    magic, name, extra = _LOCAL.unpack(header)
    if magic != b"PK\x03\x04":
        raise _damaged()
    return offset + _LOCAL.size + int(name) + int(extra)


@contextmanager
def opened(stream: IO[bytes], entry: FolderEntry) -> Iterator[IO[bytes]]:
    """The bytes of one entry as a file; over 1 MB it lies in a nameless temporary file.

    Refused: more or fewer bytes than declared, another sum.
    """
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as whole:
        total, crc = 0, 0
        for piece in _pieces(stream, entry):
            total += len(piece)
            if total > entry.size:
                raise _bomb()
            crc = zlib.crc32(piece, crc)
            whole.write(piece)
        if total != entry.size or crc != entry.crc:
            raise _damaged()
        whole.seek(0)
        yield whole


def _pieces(stream: IO[bytes], entry: FolderEntry) -> Iterator[bytes]:
    at, left = _start(stream, entry.offset), entry.packed
    inflater = None if entry.stored else zlib.decompressobj(-15)
    while left:
        stream.seek(at)
        packed = stream.read(min(SLICE, left))
        if not packed:
            raise _damaged()
        at, left = at + len(packed), left - len(packed)
        if inflater is None:
            yield packed
            continue
        try:
            while packed:
                yield inflater.decompress(packed, SLICE)
                packed = inflater.unconsumed_tail
        except zlib.error as error:
            raise _damaged() from error
    if inflater is not None:
        yield inflater.flush()
