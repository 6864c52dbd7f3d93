"""A scanner for the tests: our own PDF pages as pictures, as they come back from paper."""

import io
import random

import pypdfium2
from PIL import Image, ImageDraw, ImageFilter

from applications.actions import scans
from applications.models import PaperPart
from applications.packets import sets
from applications.scans import handlers
from qcportal import files
from tests import factories


def printed(submission):
    """The paper set's parts of the submission's enterprise and round, by kind (the last of each)."""
    application = submission.application
    sets.build_set(application.enterprise, application.round)
    return {part.kind: part for part in PaperPart.objects.filter(enterprise=application.enterprise).order_by("pk")}


def pictures(part: PaperPart, dpi: int = 200) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(files.read(part.file))
    found = [page.render(scale=dpi / 72).to_pil().convert("RGB") for page in document]
    document.close()
    return found


def turned(picture, degrees):
    return picture.rotate(degrees, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC)


def sealed(picture, *, on_code=True):
    """A red seal of 42 mm, half transparent as ink is, over the code's corner."""
    width = picture.width
    radius, centre = width // 10, (width - width // 12, width // 12) if on_code else (width // 2, picture.height // 2)
    x, y = centre
    layer = Image.new("RGB", picture.size, "white")
    draw = ImageDraw.Draw(layer)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(235, 90, 80))
    return Image.composite(_multiplied(picture, layer), picture, Image.new("L", picture.size, 255))


def _multiplied(one, other):
    from PIL import ImageChops

    return ImageChops.multiply(one, other)


def faded(picture):
    """Low contrast and a little noise, as from an old copier."""
    grey = picture.point(lambda value: 120 + value * 90 // 255)
    return grey.filter(ImageFilter.GaussianBlur(0.6))


def blotted(picture):
    """The code is gone."""
    draw = ImageDraw.Draw(picture)
    draw.rectangle((picture.width * 3 // 4, 0, picture.width, picture.height // 8), fill="black")
    return picture


def speckled(picture, seed=1):
    noise = random.Random(seed)
    for _dot in range(4000):
        at = (noise.randrange(picture.width), noise.randrange(picture.height))
        picture.putpixel(at, (60, 60, 60))
    return picture


def as_scan(pages, quality=60) -> bytes:
    """Pictures as the scanner's PDF, JPEG inside."""
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=200, quality=quality)
    return out.getvalue()


def upload(submission, owner, pages, part=None):
    """Handed in and read."""
    content = as_scan(pages)
    application = submission.application
    scan = scans.upload(
        factories.enterprise_of(owner), application.round, actor=owner, part=part,
        stored=files.store(content, "application/pdf"), name="扫描.pdf", pages=len(pages),
    )  # fmt: skip
    handlers.read_scan({"scan": scan.pk})
    scan.refresh_from_db()
    return scan
