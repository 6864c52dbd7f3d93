"""A packet as the worker builds it, against bare WeasyPrint on the same HTML."""

from applications.models import Packet, Submission
from qcportal import pdf
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
