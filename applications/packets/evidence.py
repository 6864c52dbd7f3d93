"""Any uploaded file as PDF pages without re-encoding, or a sentence that says why it cannot be shown."""

import io
import logging
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import img2pdf
import pikepdf
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from qcportal import files
from qcportal.models import StoredFile

logger = logging.getLogger(__name__)

OFFICE = {".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".wps", ".et"}
IMAGES = {"image/jpeg", "image/png"}
CONVERSION_SECONDS = 60
IN_FOLDER = "原件已收入电子文件夹，请在系统中下载查看。"


class Rendered(NamedTuple):
    """``content`` is a readable PDF of ``pages`` pages; without one ``reason`` says why."""

    content: bytes
    pages: int
    reason: str = ""


class CannotShow(Exception):
    """The file stays out of the packet; the text is the sentence printed instead."""


def rendered(item: dict[str, Any]) -> Rendered:
    """The frozen evidence entry ``item`` (sha256, name, content_type) as PDF pages. Never raises for a bad file."""
    try:
        content = _as_pdf(item)
        clean, pages = _clean(content)
    except CannotShow as refusal:
        return Rendered(b"", 0, str(refusal))
    except Exception as error:  # a damaged upload must not keep the rest of the packet from being made
        logger.warning("evidence %s cannot be rendered: %s: %s", item["sha256"], type(error).__name__, error)
        return Rendered(b"", 0, f"文件内容损坏或格式不规范，无法并入材料包。{IN_FOLDER}")
    return Rendered(clean, pages)


def _as_pdf(item: dict[str, Any]) -> bytes:
    content = _read(item["sha256"])
    if item["content_type"] == "application/pdf":
        return content
    if item["content_type"] in IMAGES:
        return _image_page(content)
    suffix = Path(item["name"]).suffix.lower()
    if suffix in OFFICE:
        return _office_pdf(item["sha256"], suffix, content)
    raise CannotShow(f"这种格式的文件不能并入材料包。{IN_FOLDER}")


def _read(sha256: str) -> bytes:
    try:
        return files.read(StoredFile.objects.get(pk=sha256))
    except (StoredFile.DoesNotExist, FileNotFoundError) as error:
        raise CannotShow("系统中没有找到该文件，请联系秘书处。") from error


def _clean(content: bytes) -> tuple[bytes, int]:
    """The pages alone: no open actions, scripts or attachments of the original come along."""
    try:
        source = pikepdf.open(io.BytesIO(content))
    except pikepdf.PasswordError as error:
        raise CannotShow(f"文件设有密码，无法并入材料包。{IN_FOLDER}") from error
    with source, pikepdf.new() as clean:
        if not len(source.pages):
            raise CannotShow(f"文件中没有页面，无法并入材料包。{IN_FOLDER}")
        clean.pages.extend(source.pages)
        for page in clean.pages:
            _ = page.mediabox  # raises when the page has no size
            _without_actions(page.obj)
        out = io.BytesIO()
        clean.save(out, deterministic_id=True)
        return out.getvalue(), len(clean.pages)


def _without_actions(page: Any) -> None:
    if "/AA" in page:
        del page["/AA"]
    annotations = page.get("/Annots")
    if not isinstance(annotations, pikepdf.Array):
        return
    for annotation in annotations:
        for key in ("/A", "/AA"):
            if isinstance(annotation, pikepdf.Dictionary) and key in annotation:
                del annotation[key]


_MARGIN = img2pdf.mm_to_pt(12)
_A4 = (img2pdf.mm_to_pt(210), img2pdf.mm_to_pt(297))


def _image_page(content: bytes) -> bytes:
    """One A4 page, upright or across as the picture is; JPEG data is passed through as it is."""
    layout = img2pdf.get_layout_fun(
        pagesize=_A4, imgsize=None, border=(_MARGIN, _MARGIN), fit=img2pdf.FitMode.into, auto_orient=True
    )
    options = {
        "layout_fun": layout,
        "engine": img2pdf.Engine.internal,  # the only one whose bytes repeat
        "nodate": True,
        "rotation": img2pdf.Rotation.ifvalid,
    }
    return img2pdf.convert(content, **options)


def _office_pdf(sha256: str, suffix: str, content: bytes) -> bytes:
    """Converted once and kept, so that a later rendering has the same bytes."""
    name = f"converted/{sha256[:2]}/{sha256}.pdf"
    if default_storage.exists(name):
        with default_storage.open(name) as kept:
            return kept.read()
    program = shutil.which("soffice")
    if program is None:
        raise CannotShow(f"Office 文件未转换为 PDF，不并入材料包。{IN_FOLDER}")
    converted = _convert(program, suffix, content)
    default_storage.save(name, ContentFile(converted))
    return converted


def _convert(program: str, suffix: str, content: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, f"source{suffix}")
        source.write_bytes(content)
        profile = Path(folder, "profile").as_uri()
        command = [program, f"-env:UserInstallation={profile}", "--headless", "--norestore", "--convert-to", "pdf"]
        try:
            subprocess.run(  # noqa: S603 - our own arguments, no shell
                [*command, "--outdir", folder, str(source)], check=True, capture_output=True, timeout=CONVERSION_SECONDS
            )
            return source.with_suffix(".pdf").read_bytes()
        except (subprocess.SubprocessError, OSError) as error:
            raise CannotShow(f"Office 文件转换为 PDF 时出错，未并入材料包。{IN_FOLDER}") from error
