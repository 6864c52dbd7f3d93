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
    value, floor = in_turns(build, lambda: [_bare(html) for html in texts], TIMES)
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


def _bare(html: str) -> bytes:
    import weasyprint

    source = weasyprint.HTML(string=html, base_url=pdf.ASSETS.as_uri() + "/")
    return source.write_pdf(stylesheets=[str(pdf.ASSETS / pdf.OFFICIAL_CSS)])
