"""Draws pages of one file as JPEG. A program of its own, run by building.py: it opens what strangers sent.

python -I renderer.py SOURCE TYPE FOLDER FIRST LAST writes FOLDER/<page>-page.jpg and <page>-thumb.jpg, and one JSON
line for the number of pages and for each page as soon as it is drawn.
"""

import json
import resource
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageOps

PAGE_BOX = (1240, 1754)  # A4 at 150 dpi
PICTURE_BOX = (1600, 1600)
THUMB_BOX = (320, 320)
MEMORY = 1_500_000_000
SECONDS = 50


def main(source: str, content_type: str, folder: str, first: int, last: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    draw = _pdf(source, first, last) if content_type == "application/pdf" else _picture(source)
    for number, picture in draw:
        picture.save(Path(folder, f"{number}-page.jpg"), "JPEG", quality=80, optimize=True)
        small = picture.copy()
        small.thumbnail(THUMB_BOX)
        small.save(Path(folder, f"{number}-thumb.jpg"), "JPEG", quality=78, optimize=True)
        _say(number=number, width=picture.width, height=picture.height)


def _say(**words: int) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def _pdf(source: str, first: int, last: int) -> Iterator[tuple[int, Image.Image]]:
    import pypdfium2 as pdfium  # noqa: PLC0415 -- not for pictures

    with pdfium.PdfDocument(source) as document:
        _say(pages=len(document))
        try:
            document.init_forms()
        except Exception as error:  # a broken form must not keep the pages from being drawn
            sys.stderr.write(f"forms: {error}\n")
        for number in range(first, min(last, len(document)) + 1):
            try:
                page = document[number - 1]
                width, height = page.get_size()
                scale = min(PAGE_BOX[0] / max(width, 1), PAGE_BOX[1] / max(height, 1), 4)
                yield number, page.render(scale=max(scale, 0.001)).to_pil().convert("RGB")
            except Exception as error:  # the next page may be sound
                sys.stderr.write(f"page {number}: {error}\n")


def _picture(source: str) -> Iterator[tuple[int, Image.Image]]:
    with Image.open(source, formats=["JPEG", "PNG"]) as image:
        _say(pages=1)
        image.draft("RGB", PICTURE_BOX)
        picture = ImageOps.exif_transpose(image)
        picture.thumbnail(PICTURE_BOX)
        if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
            picture = picture.convert("RGBA")
            paper = Image.new("RGBA", picture.size, "white")
            picture = Image.alpha_composite(paper, picture)
        yield 1, picture.convert("RGB")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
