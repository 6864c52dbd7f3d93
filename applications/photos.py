"""Photos as they are stored: upright, and without anything that says where, when or by whom they were taken.

JPEG and PNG are taken apart into their segments and only those that make the picture are kept, so an upright
photo is stored without loss. A photo that its camera marked as turned is drawn upright once and encoded again.
"""

import io
from collections.abc import Iterator
from typing import IO

from PIL import Image, ImageOps

ORIENTATION = 0x0112
QUALITY = 93
PNG_HEAD = b"\x89PNG\r\n\x1a\n"
# What makes the picture and its colours; text, times, eXIf and animation go.
PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs"}
ICC = b"ICC_PROFILE\x00"
APP0, APP2, APP14, APP15, COMMENT, START, END, SCAN = 0xE0, 0xE2, 0xEE, 0xEF, 0xFE, 0xD8, 0xD9, 0xDA


def clean(stream: IO[bytes], content_type: str) -> IO[bytes]:
    """The bytes to store. ``stream`` is a picture that evidence_check has decoded; it is left as it is."""
    stream.seek(0)
    raw = stream.read()
    stream.seek(0)
    turned = _upright(raw, content_type)
    raw = raw if turned is None else turned
    return io.BytesIO(b"".join(_jpeg_parts(raw) if content_type == "image/jpeg" else _png_parts(raw)))


def _upright(raw: bytes, content_type: str) -> bytes | None:
    """Drawn again when the camera was held otherwise than the pixels say, else None."""
    form = "JPEG" if content_type == "image/jpeg" else "PNG"
    with Image.open(io.BytesIO(raw), formats=[form]) as image:
        try:
            orientation = image.getexif().get(ORIENTATION, 1)
        except Exception:  # damaged EXIF says nothing, and goes anyway
            return None
        if orientation not in range(2, 9):
            return None
        profile = image.info.get("icc_profile")
        dots = image.info.get("dpi")
        upright = ImageOps.exif_transpose(image)
    out = io.BytesIO()
    options = {"quality": QUALITY, "subsampling": "4:2:0"} if form == "JPEG" else {}
    if dots:
        options["dpi"] = dots[::-1] if orientation > 4 else dots
    upright.save(out, form, icc_profile=profile, **options)
    return out.getvalue()


def _jpeg_parts(raw: bytes) -> Iterator[bytes]:
    """From the first to the last marker of the picture: what lies behind it (films, maps, other files) goes too."""
    view = memoryview(raw)
    yield raw[:2]
    place = 2
    while place < len(raw):
        start = raw.find(b"\xff", place)
        if start < 0 or start + 4 > len(raw):
            break
        marker = raw[start + 1]
        if marker in {0xFF, 0x00}:
            place = start + 1
            continue
        if marker == END:
            break
        length = int.from_bytes(raw[start + 2 : start + 4])
        end = start + 2 + length
        if _is_kept(marker, raw[start + 4 : start + 16]):
            yield bytes(view[start:end])
        place = end
        if marker == SCAN:
            place = _end_of_scan(raw, end)
            yield bytes(view[end:place])
    yield b"\xff\xd9"


def _is_kept(marker: int, head: bytes) -> bool:
    if marker == APP0:
        return head.startswith(b"JFIF\x00")  # not JFXX, which is a thumbnail
    if marker == APP2:
        return head.startswith(ICC)
    return marker == APP14 or not (APP0 <= marker <= APP15 or marker == COMMENT)


def _end_of_scan(raw: bytes, place: int) -> int:
    """Where the next marker begins that is neither a stuffed byte nor a restart."""
    while True:
        place = raw.find(b"\xff", place)
        if place < 0 or place + 1 >= len(raw):
            return len(raw)
        following = raw[place + 1]
        if following == 0x00 or 0xD0 <= following <= 0xD7:
            place += 2
        elif following == 0xFF:
            place += 1
        else:
            return place


def _png_parts(raw: bytes) -> Iterator[bytes]:
    yield PNG_HEAD
    place = len(PNG_HEAD)
    while place + 8 <= len(raw):
        kind = raw[place + 4 : place + 8]
        end = place + 12 + int.from_bytes(raw[place : place + 4])
        if kind in PNG_KEPT:
            yield raw[place:end]
        if kind == b"IEND":
            return
        place = end
