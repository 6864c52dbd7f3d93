"""The camera of the guides: cuts a page to what matters, frames what to press, and keeps files small."""

import io
import subprocess
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, TimeoutError

FRAME = (193, 39, 45)  # the seal red of the portal
MARGIN = 6
HIDE_BANNER = ".demo-banner { display: none !important }"
ALL_IMAGES = """() => Promise.all([...document.images].map((image) => {
  image.loading = "eager";
  return image.complete || new Promise((done) => { image.onload = image.onerror = done; setTimeout(done, 3000); });
}))"""
GAP = 12  # between pieces, in pixels
COLOURS = 48  # enough for type and flat colours; a quarter of the size


class Camera:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.visitors: list[object] = []
        self.notes: list[object] = []
        folder.mkdir(parents=True, exist_ok=True)

    def shot(
        self,
        page: Page,
        name: str,
        height: int,
        frames: Iterable[Locator],
        top: Locator | None,
        *,
        banner: bool = False,
    ) -> None:
        """``height`` pixels of the page from ``top`` on, more if the red frames around ``frames`` need it.

        The notice that a portal shows demo data is hidden unless ``banner``: users do not see it.
        """
        page.wait_for_load_state("networkidle")
        with suppress(TimeoutError):  # a preview that a busy worker has not drawn yet
            page.get_by_text("预览生成中").first.wait_for(state="hidden", timeout=30_000)
        if not banner:
            hide_banner(page)
        page.evaluate("document.activeElement && document.activeElement.blur(); window.scrollTo(0, 0)")
        frames, size = list(frames), page.viewport_size or {"width": 1280, "height": 900}
        start = self._start(top)
        # A window as tall as the picture, so that bars at its lower edge lie there; and taller where a page has grown:
        # what is framed is always seen.
        lowest = max((box[3] for box in self._framed(name, frames)), default=0)
        bottom = max(start + height, lowest + 2 * MARGIN)
        page.set_viewport_size({"width": size["width"], "height": bottom})
        page.wait_for_timeout(150)
        picture = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
        draw = ImageDraw.Draw(picture)
        for left, upper, right, lower in self._framed(name, frames):
            box = (max(left, 2), upper, min(right, picture.width - 3), lower)
            draw.rounded_rectangle(box, radius=8, outline=FRAME, width=4)
        picture = picture.crop((0, start, picture.width, bottom))
        page.set_viewport_size(size)
        save(picture, self.folder / f"{name}.png")

    @staticmethod
    def _framed(name: str, frames: list[Locator]) -> list[tuple[int, int, int, int]]:
        boxes = [each.bounding_box() for each in frames]
        if None in boxes:
            raise LookupError(f"{name}: nothing to frame")
        return [
            (int(box["x"]) - MARGIN, int(box["y"]) - MARGIN, int(box["x"] + box["width"]) + MARGIN,
             int(box["y"] + box["height"]) + MARGIN)
            for box in boxes if box
        ]  # fmt: skip

    def pieces(self, page: Page, name: str, *parts: Locator, frames: Iterable[Locator] = (), height: int = 900) -> None:
        """Only these parts of the page, one below the other: a message, a field, a card."""
        hide_banner(page)
        page.wait_for_timeout(150)
        for part in parts:
            part.first.wait_for()
        page.evaluate(ALL_IMAGES)
        picture = Image.open(io.BytesIO(page.screenshot(full_page=True, animations="disabled"))).convert("RGB")
        draw = ImageDraw.Draw(picture)
        for each in frames:
            draw.rounded_rectangle(self._box(name, each, MARGIN, page), radius=8, outline=FRAME, width=4)
        cuts = [picture.crop(self._box(name, part, GAP, page, height)) for part in parts]
        whole = Image.new("RGB", (max(cut.width for cut in cuts), sum(cut.height for cut in cuts)), "white")
        upper = 0
        for cut in cuts:
            whole.paste(cut, (0, upper))
            upper += cut.height
        save(whole, self.folder / f"{name}.png")

    @staticmethod
    def _box(name: str, part: Locator, around: int, page: Page, height: int = 9000) -> tuple[int, int, int, int]:
        """On the whole page's picture, which begins at its top however far the window is scrolled."""
        box = part.first.bounding_box()
        if box is None:
            raise LookupError(f"{name}: nothing to show")
        down = page.evaluate("window.scrollY")
        left, upper = max(box["x"] - around, 0), max(box["y"] + down - around, 0)
        return (
            int(left),
            int(upper),
            int(box["x"] + box["width"] + around),
            int(upper + min(box["height"] + 2 * around, height)),
        )

    @staticmethod
    def _start(top: Locator | None) -> int:
        box = top.bounding_box() if top else None
        return max(int(box["y"]) - 24, 0) if box else 0

    @staticmethod
    def download(page: Page, address: str) -> bytes:
        """A file that the workers may still be making."""
        for _try in range(600):
            answer = page.context.request.get(address)
            if answer.status == 200:
                return answer.body()
            time.sleep(1)
        raise LookupError(f"{address} was not made in ten minutes")


def hide_banner(page: Page) -> None:
    """Where there is one: a page without it keeps its rules against styles of others."""
    if page.locator(".demo-banner").count():
        page.add_style_tag(content=HIDE_BANNER)


def page_of_pdf(path: Path, number: int, target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stem = Path(folder) / "page"
        one = ["-f", str(number), "-l", str(number), "-r", "80", "-singlefile", "-png"]
        subprocess.run(["pdftoppm", *one, path, stem], check=True)
        page = Image.open(f"{stem}.png").convert("RGB")
    ImageDraw.Draw(page).rectangle((0, 0, page.width - 1, page.height - 1), outline=(200, 205, 205))
    save(page, target)


def save(picture: Image.Image, target: Path) -> None:
    """A palette is enough for screens and forms, and a quarter of the size."""
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
