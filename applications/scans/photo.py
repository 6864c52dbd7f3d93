"""One photograph of a printed page, or one picture of a phone's camera: the code on it."""

from typing import IO

import zxingcpp
from PIL import Image, ImageOps, UnidentifiedImageError

MOST_BYTES = 15 * 1024 * 1024
MOST_PIXELS = 60_000_000
SIDE = 2600  # a code is read as well, and faster
FORMATS = ("JPEG", "PNG", "WEBP")


def text_of(stream: IO[bytes], size: int) -> str:
    """What the QR codes on the picture say, a code of the portal first; empty when none is found.

    Raises ValueError with a sentence for the person when it is no picture that can be looked at.
    """
    if size > MOST_BYTES:
        raise ValueError(f"照片超过 {MOST_BYTES // 1024 // 1024} MB，请拍近一点或降低分辨率再试。")
    try:
        with Image.open(stream, formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise ValueError("照片的尺寸太大，请降低分辨率再试。")
            picture.draft("RGB", (SIDE, SIDE))
            grey = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError, SyntaxError) as error:
        raise ValueError("这不是可以识别的照片，请用 JPG 或 PNG。") from error
    grey.thumbnail((SIDE, SIDE))
    # A red seal over the code vanishes in the red channel.
    for channel in (grey.getchannel("R"), ImageOps.autocontrast(grey.convert("L"), cutoff=2)):
        found = zxingcpp.read_barcodes(channel, formats=zxingcpp.BarcodeFormat.QRCode)  # type: ignore[arg-type]
        texts = sorted((one.text for one in found), key=lambda text: "/verify/" not in text)
        if texts:
            return texts[0][:400]
    return ""
