"""What an uploaded piece of evidence really is, by its content and never by its name or the browser's word.

A file is taken when it is a sound PDF, JPEG, PNG, DOCX, XLSX or PPTX within the limits of the settings.
"""

import unicodedata
import warnings
from typing import IO, NamedTuple

from django.conf import settings
from PIL import Image, ImageFile

from applications import office_check, pdf_check
from applications.office_check import OFFICE
from qcportal.errors import NotAccepted

PDF = "application/pdf"
EXTENSIONS = {PDF: ("pdf",), "image/jpeg": ("jpg", "jpeg", "jfif"), "image/png": ("png",)} | {
    content_type: (extension,) for extension, content_type in OFFICE.values()
}
TAKEN = tuple(extension for extensions in EXTENSIONS.values() for extension in extensions)
# The types beside the extensions make a phone offer its camera, and an iPhone turn HEIC into JPEG by itself.
ACCEPT = ",".join([*(f".{extension}" for extension in TAKEN), *EXTENSIONS])
HEIC = (
    "这是苹果 HEIC 格式的照片，其他电脑可能打不开。请在 iPhone“设置 → 相机 → 格式”中选“兼容性最佳”后重拍，"
    "或把照片发送到电脑另存为 JPG 再上传。"
)
RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{digit}" for port in ("com", "lpt") for digit in range(1, 10))}


class Checked(NamedTuple):
    content_type: str
    name: str
    pages: int | None


def check(stream: IO[bytes], name: str) -> Checked:
    """Raises ValueError, with a sentence for the person, for anything that is not accepted."""
    name = clean_name(name)
    stream.seek(0, 2)
    problem = size_problem(stream.tell())
    if problem:
        raise NotAccepted(problem)
    stream.seek(0)
    head = stream.read(32)
    stream.seek(0)
    try:
        content_type, pages = _sniff(stream, head)
    finally:
        stream.seek(0)
    return Checked(content_type, _with_extension(name, content_type), pages)


def size_problem(size: int) -> str:
    """Why a file of ``size`` bytes is not taken, or "". Asked before anything is sent, and again when it is there."""
    if size <= 0:
        return "文件是空的，请检查后重新上传。"
    if size > settings.EVIDENCE_MAX_BYTES:
        return f"文件超过 {settings.EVIDENCE_MAX_BYTES // 1024 // 1024} MB，请压缩图片或拆成几个文件后再上传。"
    return ""


def clean_name(name: str) -> str:
    """The last part of whatever the browser sent, at most 200 characters.

    Without control characters and those that turn the direction of writing (报告gpj.exe), and none that Windows
    reserves, because these names come back in the electronic folder.
    """
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(char for char in name if char.isprintable() and char not in '<>:"|?*').strip(" .")
    stem, dot, extension = name.rpartition(".")
    if (stem or extension).lower().split(".")[0].strip() in RESERVED:
        return clean_name(f"材料_{name}")
    return (f"{stem[: 199 - len(extension)]}.{extension}" if dot and len(extension) < 10 else name[:200]) or "未命名"


def _with_extension(name: str, content_type: str) -> str:
    """The extension says what the content is: 照片.png that is a JPEG becomes 照片.png.jpg."""
    allowed = EXTENSIONS[content_type]
    return name if name.lower().endswith(tuple(f".{one}" for one in allowed)) else f"{name[:190]}.{allowed[0]}"


def _sniff(stream: IO[bytes], head: bytes) -> tuple[str, int | None]:
    if head.startswith(b"%PDF-"):
        return PDF, pdf_check.pages(stream)
    if head.startswith(b"\xff\xd8\xff"):
        return _image(stream, "JPEG", "image/jpeg"), 1
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _image(stream, "PNG", "image/png"), 1
    if head.startswith(b"PK\x03\x04"):
        return office_check.content_type_of(stream), None
    raise NotAccepted(_refusal(head))


def _refusal(head: bytes) -> str:
    """What to do instead, for the kinds of files that people do send."""
    if head[4:8] == b"ftyp":
        if head[8:12] in {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif"}:
            return HEIC
        return "视频和录音不能上传，请截图或写成文字后上传。"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "旧版 .doc、.xls、.ppt 或加了密码的 Office 文件不能上传，请另存为 .docx 等新格式或 PDF。"
    if head.startswith((b"MZ", b"\x7fELF", b"#!")):
        return "这是程序文件，不能上传。"
    if head.startswith((b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        return "压缩包不能上传。请分别上传其中的 PDF、图片或 Office 文件。"
    if head.startswith((b"GIF8", b"BM", b"II*\x00", b"MM\x00*")) or head[8:12] == b"WEBP":
        return "这种图片格式不能上传，请另存为 JPG 或 PNG。"
    return "不是可接受的文件。请上传 PDF、JPG、PNG、DOCX、XLSX 或 PPTX。"


def _image(stream: IO[bytes], form: str, content_type: str) -> str:
    try:
        # Pixels are counted from the header before anything is decoded; Pillow's own limit is only a warning.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(stream, formats=[form]) as image:
                if image.width * image.height > settings.EVIDENCE_MAX_PIXELS:
                    raise NotAccepted(f"图片为 {image.width}×{image.height} 像素，过大，请缩小后再上传。")
                # WeasyPrint, once imported, makes Pillow take truncated pictures in the whole process.
                ImageFile.LOAD_TRUNCATED_IMAGES = False
                image.load()
    except NotAccepted:
        raise
    except Exception as error:  # Pillow answers damage with many kinds of exceptions
        raise NotAccepted("该图片已损坏或过大，无法打开。") from error
    return content_type
