"""Scans as they come: one PDF, or photographs from a phone, made into one PDF without anything but the pictures."""

import io
from collections.abc import Sequence
from typing import IO, NamedTuple

import img2pdf
import pikepdf
from django.conf import settings
from PIL import Image, ImageOps

from applications import evidence_check

ACCEPT = ".pdf,.jpg,.jpeg,.png"
IMAGES = ("image/jpeg", "image/png")
_A4 = (img2pdf.mm_to_pt(210), img2pdf.mm_to_pt(297))
ORIENTATION = 0x0112
# What turning the paper clockwise by so much sets right; mirrored pictures (2, 4, 5, 7) are drawn anew.
_TURNS = {1: 0, 3: 180, 6: 90, 8: 270}


class Upload(NamedTuple):
    """``stream`` holds a PDF of ``pages`` pages; ``name`` is shown."""

    stream: IO[bytes]
    name: str
    pages: int


def as_pdf(uploads: Sequence[tuple[IO[bytes], str]]) -> Upload:
    """Raises ValueError, with a sentence for the person. Several pictures become the pages of one PDF, in order."""
    if len(uploads) > settings.SCAN_MAX_PAGES:
        raise ValueError(f"一次最多上传 {settings.SCAN_MAX_PAGES} 张图片，请分几次上传。")
    checked = [(stream, evidence_check.check(stream, name)) for stream, name in uploads]
    for _stream, found in checked:
        if found.content_type != evidence_check.PDF and found.content_type not in IMAGES:
            raise ValueError(f"《{found.name}》不是扫描件。请上传 PDF，或 JPG、PNG 图片。")
    pages = sum(found.pages or 1 for _stream, found in checked)
    if pages > settings.SCAN_MAX_PAGES:
        raise ValueError(f"共 {pages} 页，一次最多 {settings.SCAN_MAX_PAGES} 页，请按材料分开上传。")
    if len(checked) == 1 and checked[0][1].content_type == evidence_check.PDF:
        return Upload(checked[0][0], checked[0][1].name, pages)
    if any(found.content_type == evidence_check.PDF for _stream, found in checked):
        raise ValueError("请上传一个 PDF，或若干张图片，不要混在一起。")
    stem = checked[0][1].name.rpartition(".")[0]
    name = f"{stem}等{len(checked)}张.pdf" if len(checked) > 1 else f"{stem}.pdf"
    return Upload(_bound([stream for stream, _found in checked]), name, pages)


def _bound(pictures: Sequence[IO[bytes]]) -> IO[bytes]:
    """One A4 page for each picture. One at a time in memory."""
    out = io.BytesIO()
    with pikepdf.new() as target:
        for stream in pictures:
            with pikepdf.open(io.BytesIO(_page(stream))) as page:
                target.pages.extend(page.pages)
        target.save(out, deterministic_id=True)
    out.seek(0)
    return out


def _page(stream: IO[bytes]) -> bytes:
    """Upright, without place, time and device: only the picture's own data goes in."""
    stream.seek(0)
    content, turn = bare(stream.read())
    layout = img2pdf.get_layout_fun(pagesize=_A4, fit=img2pdf.FitMode.into, auto_orient=True)
    page = img2pdf.convert(
        content, layout_fun=layout, engine=img2pdf.Engine.internal, nodate=True, rotation=img2pdf.Rotation[str(turn)]
    )
    assert page is not None  # noqa: S101 -- without a file to write to it returns the bytes
    return page


def bare(content: bytes) -> tuple[bytes, int]:
    """The picture without metadata, and by how much it is to be turned clockwise.

    JPEG data itself stays as it is: only its segments of text and metadata are left out. PNG and mirrored
    pictures are written anew.
    """
    with Image.open(io.BytesIO(content)) as image:
        orientation = image.getexif().get(ORIENTATION, 1)
        if image.format == "JPEG" and image.mode in ("RGB", "L") and orientation in (*_TURNS, 0):
            return _without_metadata(content), _TURNS.get(orientation, 0)
        upright = ImageOps.exif_transpose(image).convert("RGB")
    # A picture of its own: the decoded one brings comments and the like along.
    plain = Image.new("RGB", upright.size, "white")
    plain.paste(upright)
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=90)
    return out.getvalue(), 0


def _without_metadata(content: bytes) -> bytes:
    """Segments up to the first scan, less APP1 to APP15 (EXIF, XMP, IPTC) and comments; ICC and Adobe's are kept."""
    out, at = [content[:2]], 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        length = int.from_bytes(content[at + 2 : at + 4], "big")
        if marker == 0xDA:  # the picture's data, to the end
            break
        kept = marker in (0xE0, 0xEE) or not (0xE0 <= marker <= 0xEF or marker == 0xFE)
        kept = kept or content[at + 4 : at + 16] == b"ICC_PROFILE\x00"
        if kept:
            out.append(content[at : at + 2 + length])
        at += 2 + length
    # Phones append second pictures and films behind the end of the first.
    out.append(content[at : _end_of_picture(content, at)])
    return b"".join(out)


def _end_of_picture(content: bytes, at: int) -> int:
    """Behind the end marker. In coded data FF is followed by 00 or a restart; tables between scans are skipped."""
    while (at := content.find(b"\xff", at)) >= 0 and at + 4 <= len(content):
        marker = content[at + 1]
        if marker == 0xD9:
            return at + 2
        if marker in (0x00, 0xFF) or 0xD0 <= marker <= 0xD7:
            at += 1 if marker == 0xFF else 2
        else:
            at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return len(content)
