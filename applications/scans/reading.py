"""The pages of a scan as pictures, and the codes on them. Bounded in pixels whatever a page claims to measure.

A red seal over a code vanishes in the red channel; what is still not read there is tried again finer, in pieces,
and with harder contrast.
"""

import io
from collections.abc import Iterator
from typing import IO, NamedTuple

import pypdfium2
import zxingcpp
from PIL import Image, ImageFilter, ImageOps

from applications.packets import marks

COARSE_DPI, FINE_DPI = 200, 300
PIXELS_AT_MOST = 20_000_000  # an A3 page at 300 dpi has 17 million
THUMBNAIL = (420, 594)
THUMBNAIL_QUALITY = 70


class ReadPage(NamedTuple):
    """``mark`` is None when no code of ours was found; ``strange`` when another QR code was."""

    number: int
    mark: marks.Mark | None
    strange: bool
    thumbnail: bytes


def pages(stream: IO[bytes], *, at_most: int) -> Iterator[ReadPage]:
    """Page by page, one in memory at a time. Raises ValueError when it is no readable PDF."""
    try:
        document = pypdfium2.PdfDocument(stream)
    except pypdfium2.PdfiumError as error:
        raise ValueError("文件打不开") from error
    try:
        for number in range(min(len(document), at_most)):
            yield _read(document, number)
    finally:
        document.close()


def _read(document: pypdfium2.PdfDocument, number: int) -> ReadPage:
    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return ReadPage(number + 1, None, False, b"")
    thumbnail, strange = b"", False
    try:
        coarse = _picture(page, COARSE_DPI)
        thumbnail = _thumbnail(coarse)
        for picture in _tries(page, coarse):
            found, other = codes_in(picture)
            strange = strange or other
            if found is not None:
                return ReadPage(number + 1, found, False, thumbnail)
        return ReadPage(number + 1, None, strange, thumbnail)
    except pypdfium2.PdfiumError:  # a damaged page is for a person, the others are read
        return ReadPage(number + 1, None, strange, thumbnail)
    finally:
        page.close()


def _picture(page: pypdfium2.PdfPage, dpi: int) -> Image.Image:
    width, height = page.get_size()
    scale = min(dpi / 72, (PIXELS_AT_MOST / max(width * height, 1)) ** 0.5)
    return page.render(scale=max(scale, 0.01)).to_pil().convert("RGB")


def _thumbnail(picture: Image.Image) -> bytes:
    small = picture.copy()
    small.thumbnail(THUMBNAIL)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=THUMBNAIL_QUALITY)
    return out.getvalue()


def _tries(page: pypdfium2.PdfPage, coarse: Image.Image) -> Iterator[Image.Image]:
    """From the cheapest to the most patient; the first that shows a code of ours ends it."""
    red = coarse.getchannel("R")
    yield red
    corners = list(_corners(red.size))
    for box in corners:
        yield ImageOps.autocontrast(red.crop(box), cutoff=2)
    fine = _picture(page, FINE_DPI)
    fine_red = fine.getchannel("R")
    yield fine_red
    for box in _corners(fine_red.size):
        piece = fine_red.crop(box)
        yield ImageOps.autocontrast(piece.filter(ImageFilter.MedianFilter(3)), cutoff=5)
        yield piece.filter(ImageFilter.GaussianBlur(1.2)).point(_threshold(piece))
    yield ImageOps.autocontrast(fine.convert("L"), cutoff=2)


def _corners(size: tuple[int, int]) -> Iterator[tuple[int, int, int, int]]:
    """The upper right first, where the code is printed; the others for pages that lay turned in the scanner."""
    width, height = size
    w, h = int(width * 0.4), int(height * 0.3)
    for left, top in ((width - w, 0), (0, height - h), (0, 0), (width - w, height - h)):
        yield (left, top, left + w, top + h)


def _threshold(piece: Image.Image) -> list[int]:
    """Half way between the darkest and the lightest tenth."""
    histogram = piece.histogram()
    total, seen, dark, light = sum(histogram), 0, 0, 255
    for value, count in enumerate(histogram):
        seen += count
        if seen < total * 0.02:
            dark = value
        if seen < total * 0.9:
            light = value
    middle = (dark + light) // 2
    return [0 if value < middle else 255 for value in range(256)]


def codes_in(picture: Image.Image) -> tuple[marks.Mark | None, bool]:
    """The most telling code of ours, and whether there was another one."""
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)  # type: ignore[arg-type]
    ours = [mark for mark in (marks.parse(code.text) for code in found) if mark is not None]
    best = max(ours, key=lambda mark: mark.page > 0, default=None)
    return best, bool(found) and not ours
