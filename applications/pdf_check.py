"""What may not be in a PDF that other people open: passwords, scripts, programs, far too many parts.

Active content is refused, not taken out: the file is evidence, its sha256 is frozen with the submission, and a
rewritten PDF would lose the signatures that electronic invoices carry. Printing it as a PDF makes it plain.
"""

import re
import zipfile
from collections.abc import Iterator
from typing import IO, Any

import pikepdf
from django.conf import settings

from qcportal.errors import NotAccepted

OBJECTS_AT_MOST = 300_000
DEPTH = 12
PRINT_IT = "请用“打印 → 另存为 PDF”重新生成后再上传。"
# qpdf writes names in their plain form, so /J#53 is /JS here.
SUSPECT = re.compile(rb"/(JavaScript|JS|Launch|ImportData|RichMedia|Rendition|Movie|Sound|NeedsRendering|EF)\b")
RUNS = {"/JavaScript", "/Launch", "/ImportData", "/Rendition", "/Movie", "/Sound", "/RichMediaExecute"}
PROGRAMS = (
    "exe", "com", "scr", "bat", "cmd", "ps1", "vbs", "vbe", "js", "jse", "wsf", "msi", "dll", "jar", "lnk", "hta",
    "html", "htm", "svg", "docm", "xlsm", "pptm", "iso", "img", "apk",
)  # fmt: skip


def pages(stream: IO[bytes]) -> int:
    """How many pages it has; raises ValueError, in words for a person, for what is not taken."""
    try:
        with pikepdf.open(stream) as document:  # type: ignore[arg-type]  # IO[bytes] reads as BinaryIO does
            if document.is_encrypted:
                raise NotAccepted("该 PDF 已加密，请取消密码和权限限制后再上传。")
            count = len(document.pages)
            problem = "" if count > settings.EVIDENCE_MAX_PAGES else _active(document)
    except pikepdf.PasswordError as error:
        raise NotAccepted("该 PDF 已加密，请取消密码后再上传。") from error
    except (pikepdf.PdfError, RuntimeError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise NotAccepted("该 PDF 已损坏，无法打开。请重新导出后上传。") from error
    if not count:
        raise NotAccepted("该 PDF 没有任何页面。")
    if count > settings.EVIDENCE_MAX_PAGES:
        raise NotAccepted(f"该 PDF 有 {count} 页，每个文件最多 {settings.EVIDENCE_MAX_PAGES} 页，请拆分后上传。")
    if problem or _is_archive_too(stream):
        raise NotAccepted(problem or f"该文件同时是一个压缩包，不能上传。{PRINT_IT}")
    return count


def _active(document: pikepdf.Pdf) -> str:
    """Why it is not plain, or "". Each object is written out once and read closely only when a name is suspect."""
    if len(document.objects) > OBJECTS_AT_MOST:
        return f"该 PDF 内部结构过于复杂，不能上传。{PRINT_IT}"
    for each in document.objects:
        found: Any = each.stream_dict if isinstance(each, pikepdf.Stream) else each
        if isinstance(found, (pikepdf.Dictionary, pikepdf.Array)) and SUSPECT.search(found.unparse(resolved=True)):
            for one in _dictionaries(found, DEPTH):
                problem = _problem(one)
                if problem:
                    return problem
    return ""


def _dictionaries(found: Any, depth: int) -> Iterator[Any]:
    """``found`` and the dictionaries written inside it; others come by themselves."""
    if isinstance(found, pikepdf.Dictionary):
        yield found
    if not depth:
        return
    inner = found.values() if isinstance(found, pikepdf.Dictionary) else found
    for value in inner:
        if isinstance(value, (pikepdf.Dictionary, pikepdf.Array)) and not value.is_indirect:
            yield from _dictionaries(value, depth - 1)


def _problem(found: Any) -> str:
    if "/JS" in found or str(found.get("/S", "")) == "/JavaScript" or "/JavaScript" in found:
        return f"该 PDF 含有自动运行的脚本，不能上传。{PRINT_IT}"
    if str(found.get("/S", "")) in RUNS or str(found.get("/Subtype", "")) in {"/RichMedia", "/Movie", "/Screen"}:
        return f"该 PDF 含有启动程序或播放媒体的动作，不能上传。{PRINT_IT}"
    if found.get("/NeedsRendering", False) is True:
        return f"该 PDF 是动态表单，其他人可能看不到内容。{PRINT_IT}"
    for key in ("/UF", "/F"):
        name = found.get(key)
        if isinstance(name, pikepdf.String) and "/EF" in found and str(name).lower().strip(". ").endswith(ENDINGS):
            return f"该 PDF 附带程序或网页文件，不能上传。{PRINT_IT}"
    return ""


ENDINGS = tuple(f".{extension}" for extension in PROGRAMS)


def _is_archive_too(stream: IO[bytes]) -> bool:
    """A ZIP behind the PDF opens as something else than what was checked."""
    try:
        with zipfile.ZipFile(stream) as archive:
            return bool(archive.infolist())
    except Exception:  # whatever fails to open as an archive is none
        return False
    finally:
        stream.seek(0)
