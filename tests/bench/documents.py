"""Documents as the worker builds them: a packet against bare WeasyPrint on the same HTML, the electronic folder
against plain zipfile on the same files, and pages of a stamped scan."""

import io
import os
import tempfile
import zipfile
from pathlib import Path
from unittest import mock

from django.conf import settings

from applications.models import Packet, Submission
from qcportal import files, pdf
from tests.bench.measure import bench, in_turns, note, report

TIMES = 5


@bench("packet")
def packet(size: str) -> None:
    try:
        from applications.packets import building
    except ImportError:
        note("packet: not there yet, skipped")
        return
    submission = Submission.objects.order_by("pk")[0]
    pages = 0

    def build() -> None:
        nonlocal pages
        Packet.objects.filter(submission=submission).delete()
        pages = building.build(submission, ("full",))[0].pages

    texts = _html_of(build)
    bare = _Bare()
    value, floor = in_turns(build, lambda: bare.write(texts), TIMES)
    report("packet", value, "s", floor)
    report("packet_pages", pages / value, "pages/s")


def _html_of(build) -> list[str]:
    """The HTML that a build lays out, in order."""
    seen: list[str] = []
    layout = pdf.layout

    def recording(html, **options):
        seen.append(html)
        return layout(html, **options)

    pdf.layout = recording
    try:
        build()
    finally:
        pdf.layout = layout
    return seen


class _Bare:
    """WeasyPrint alone, at its best: one font configuration, the style sheet parsed once, one write."""

    def __init__(self) -> None:
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration

        self.fonts = FontConfiguration()
        self.html = weasyprint.HTML
        self.css = weasyprint.CSS(filename=str(pdf.ASSETS / pdf.OFFICIAL_CSS), font_config=self.fonts)

    def write(self, texts: list[str]) -> bytes:
        base = pdf.ASSETS.as_uri() + "/"
        documents = [
            self.html(string=text, base_url=base).render(font_config=self.fonts, stylesheets=[self.css])
            for text in texts
        ]
        pages = [page for document in documents for page in document.pages]
        return documents[0].copy(pages).write_pdf()


FOLDER_FILES, FOLDER_FILE_BYTES = 12, 10 * 1024 * 1024


@bench("folder")
def folder(size: str) -> None:
    """120 MB of evidence from storage into a ZIP."""
    from applications.packets import folder as packing

    application = Submission.objects.select_related("application__enterprise", "application__round__programme")[0]
    place = packing.of_round(application.application.enterprise, application.application.round)
    assert place is not None
    stored = [files.store(os.urandom(FOLDER_FILE_BYTES), "application/pdf") for _number in range(FOLDER_FILES)]
    entries = [packing.Entry(f"证实性材料/{number}.pdf", "", stored=row) for number, row in enumerate(stored)]

    def ours() -> None:
        with tempfile.TemporaryFile() as stream, mock.patch.object(packing, "_entries", return_value=entries):
            packing.write(stream, "单位_联系人_电话", place)

    def plain() -> None:
        with tempfile.TemporaryFile() as stream, zipfile.ZipFile(stream, "w") as archive:
            for row in stored:
                archive.write(Path(settings.MEDIA_ROOT) / row.storage_name, f"{row.sha256}.pdf")

    report("folder", *_with_unit(in_turns(ours, plain, TIMES)))


def _with_unit(pair: tuple[float, float]) -> tuple[float, str, float]:
    return pair[0], "s", pair[1]


@bench("scan")
def scan(size: str) -> None:
    """A colour page at 200 dpi from a scanner, against rendering it alone."""
    import pikepdf
    import pypdfium2
    from PIL import Image

    from applications.packets import marks
    from applications.scans import reading

    with pikepdf.new() as target:
        target.add_blank_page(page_size=(595, 842))
        marks.lay(target.pages[0], marks.text_of("ABCDEFGH2345").format(page=1, total=1))
        printed = io.BytesIO()
        target.save(printed)
    picture = pypdfium2.PdfDocument(printed.getvalue())[0].render(scale=200 / 72).to_pil().convert("RGB")
    noise = Image.effect_noise(picture.size, 20).convert("RGB")
    scanned = io.BytesIO()
    Image.blend(picture, noise, 0.2).save(scanned, "PDF", resolution=200, quality=80)

    def bare() -> None:
        document = pypdfium2.PdfDocument(scanned.getvalue())
        document[0].render(scale=reading.COARSE_DPI / 72).to_pil()
        document.close()

    def ours() -> None:
        page = next(iter(reading.pages(io.BytesIO(scanned.getvalue()), at_most=1)))
        assert page.mark is not None

    report("scan_page", *_with_unit(in_turns(ours, bare, TIMES)))
