"""A stamped scan of demo-enterprise's paper set: most pages match, one cannot be read, some are of an old version."""

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import img2pdf
import pikepdf
import pypdfium2
from django.db import transaction
from PIL import Image

from applications.models import (
    Enterprise,
    PageResult,
    PaperPart,
    PartKind,
    Round,
    ScannedPage,
    ScannedPart,
    ScanState,
    StampedScan,
    Submission,
)
from applications.packets import marks
from applications.packets.constituents import Constituents, Spec
from applications.scans import judging
from qcportal import files, pdf
from qcportal.demo.evidence import JPEG, PDF, Renderer
from qcportal.demo.source import Source
from qcportal.demo.trail import Trail
from qcportal.models import User

STREAM = "scan"
# As the documents of the demo filings come out; the worker that renders them writes the true number.
PAGES = {PartKind.COVER: 1, PartKind.SUMMARY: 3, PartKind.STATISTICS: 1, PartKind.FORM: 3}
TITLES = {PartKind.COVER: "纸质套封面", PartKind.STATISTICS: "企业质量管理小组活动统计表"}
DPI = 110
A4 = (img2pdf.mm_to_pt(210), img2pdf.mm_to_pt(297))
THUMBNAIL = (420, 594)
UNREADABLE = (PartKind.SUMMARY, 2)  # the seal lies over the code

STYLE = """
@page { size: A4; margin: 0 } body { margin: 0; font: 12pt/2 'Noto Serif CJK SC', serif }
section { position: relative; height: 297mm; page-break-after: always } section:last-child { page-break-after: auto }
h1 { position: absolute; top: 34mm; width: 100%; margin: 0; font-size: 20pt; text-align: center }
p { position: absolute; top: 62mm; left: 28mm; right: 24mm; margin: 0 } i { position: absolute; left: 26mm; right: 22mm; top: 92mm; height: 130mm; border: .8pt solid #222 }
footer { position: absolute; bottom: 16mm; width: 100%; font-size: 9pt; text-align: center }
svg { position: absolute; width: 42mm; height: 42mm }
"""


class Leaf(NamedTuple):
    """One sheet in the scanner."""

    code: str
    label: str
    number: int
    total: int
    is_readable: bool = True


class Desk:
    """demo-enterprise's scan, and what staff have looked at of it."""

    def __init__(self, source: Source, trail: Trail, secretary: User) -> None:
        self.source, self.trail, self.secretary = source, trail, secretary

    def scan(self, enterprise: Enterprise, round_: Round, owner: User) -> None:
        """Nothing where the enterprise has filed nothing in the round."""
        held = Constituents(enterprise, round_)
        if not held.submissions:
            return
        at = min(held.submissions[-1].submitted_at + timedelta(hours=26), self.source.midnight - timedelta(hours=3))
        parts = {spec.code: self._part(held, spec) for spec in held.all_parts}
        old = _old_version(held.submissions)
        leaves = list(_leaves(parts, old))
        content, thumbnails = _scanned(leaves, enterprise.name)
        stored, small = files.store(content, PDF), [files.store(one, JPEG) for one in thumbnails]
        expected = [judging.Expected(part.code, part.label, part.pages) for part in parts.values()]
        seen = [
            judging.Seen(place, *((leaf.code, leaf.number, leaf.total) if leaf.is_readable else ()))
            for place, leaf in enumerate(leaves, 1)
        ]
        known = {}
        if old is not None:
            now = next(row.code for row in held.submissions if row.application_id == old.application_id)
            known[old.code] = judging.Known("stale", f"{old.file_number} 第 {old.version} 版", now)
        pages, verdicts = judging.judge(seen, expected, known)
        with transaction.atomic():
            scan = StampedScan.objects.create(
                uuid=self.source.uuid(STREAM), enterprise=enterprise, round=round_, file=stored,
                name="盖章扫描件_整套.pdf", pages=len(leaves), uploaded_at=at, uploaded_by=owner, state=ScanState.DONE,
                read_at=at + timedelta(seconds=25),
            )  # fmt: skip
            ScannedPage.objects.bulk_create(
                ScannedPage(
                    scan=scan, number=page.number, result=PageResult(page.result), code=page.code,
                    part=parts.get(page.part), part_page=page.part_page, note=page.note, thumbnail=thumbnail,
                )
                for page, thumbnail in zip(pages, small, strict=True)
            )  # fmt: skip
            self._verdicts(scan, verdicts, parts)
        self.trail.add("scan.uploaded", scan, at, owner, pages=scan.pages, code="")

    def _part(self, held: Constituents, spec: Spec) -> PaperPart:
        """As the worker keeps it; it renders the file when somebody wants it."""
        report = spec.report_version
        title = TITLES.get(spec.kind, "")
        if spec.submission is not None:
            title = str(spec.submission.data["group"]["group_name"])
        elif spec.kind == PartKind.SUMMARY and report is not None:
            title = f"{report.data['programme']['data_year']}年企业质量管理小组活动总结"
        return PaperPart.objects.create(
            uuid=self.source.uuid(STREAM), enterprise=held.enterprise, programme=held.round.programme, kind=spec.kind,
            round=None if spec.kind in (PartKind.SUMMARY, PartKind.STATISTICS) else held.round, code=spec.code,
            version=1 if spec.kind == PartKind.COVER else spec.version, title=title, submission=spec.submission,
            report_version=report, pages=PAGES[spec.kind], template_version=pdf.TEMPLATE_VERSION,
            built_at=held.submissions[-1].submitted_at + timedelta(minutes=2),
        )  # fmt: skip

    def _verdicts(self, scan: StampedScan, verdicts: list[judging.Verdict], parts: dict[str, PaperPart]) -> None:
        """The secretariat has looked at attachment 3 already."""
        for verdict in verdicts:
            part = parts[verdict.code]
            looked = part.kind == PartKind.STATISTICS
            ScannedPart.objects.create(
                scan=scan, part=part, pages=verdict.pages, is_consistent=verdict.is_consistent,
                problems=verdict.problems, confirmed_by=self.secretary if looked else None,
                confirmed_at=self.source.midnight - timedelta(hours=2) if looked else None,
            )  # fmt: skip


def _old_version(submissions: list[Submission]) -> Submission | None:
    """A version that was printed before the filing was submitted again."""
    earlier = Submission.objects.filter(application__in=[row.application_id for row in submissions])
    return earlier.exclude(pk__in=[row.pk for row in submissions]).order_by("pk").first()


def _leaves(parts: dict[str, PaperPart], old: Submission | None) -> Iterator[Leaf]:
    """The whole set in order, with the old version in place of the present one."""
    for part in parts.values():
        current = part.submission
        is_old = old is not None and current is not None and current.application_id == old.application_id
        code = old.code if is_old and old else part.code
        for number in range(1, part.pages + 1):
            readable = (part.kind, number) != UNREADABLE
            yield Leaf(code, part.label, number, part.pages, readable)


def _scanned(leaves: list[Leaf], company: str) -> tuple[bytes, list[bytes]]:
    """The PDF of a scanner, slightly turned sheets on grey, and a small picture of every page."""
    printed, _pages = Renderer().pdf(_html(leaves, company))
    pictures = list(_pictures(_marked(printed, leaves)))
    thumbnails = []
    for content in pictures:
        with Image.open(io.BytesIO(content)) as picture:
            picture.thumbnail(THUMBNAIL)
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=70)
        thumbnails.append(out.getvalue())
    layout = img2pdf.get_layout_fun(pagesize=A4, fit=img2pdf.FitMode.into)
    bound = img2pdf.convert(pictures, layout_fun=layout, engine=img2pdf.Engine.internal, nodate=True)
    assert bound is not None  # noqa: S101 -- without a file to write to it returns the bytes
    return bound, thumbnails


def _marked(printed: bytes, leaves: list[Leaf]) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(printed)) as document:
        for page, leaf in zip(document.pages, leaves, strict=True):
            if leaf.is_readable:
                marks.lay(page, marks.text_of(leaf.code).format(page=leaf.number, total=leaf.total))
        document.save(out, deterministic_id=True)
    return out.getvalue()


def _pictures(content: bytes) -> Iterator[bytes]:
    document = pypdfium2.PdfDocument(content)
    try:
        for number in range(len(document)):
            sheet = document[number].render(scale=DPI / 72).to_pil().convert("RGB")
            turned = sheet.rotate((number % 3 - 1) * 0.4, Image.Resampling.BILINEAR, fillcolor=(226, 228, 228))
            out = io.BytesIO()
            turned.save(out, "JPEG", quality=72)
            yield out.getvalue()
    finally:
        document.close()


def _html(leaves: list[Leaf], company: str) -> str:
    sheets = "".join(
        f"<section><h1>{leaf.label}</h1><p>申报单位：{company}（演示扫描件）</p><i></i>{_seal(leaf)}"
        f"<footer>第 {leaf.number} 页 共 {leaf.total} 页 · 校验码 {leaf.code}</footer></section>"
        for leaf in leaves
    )
    return f"<!doctype html><html lang=zh-CN><meta charset=utf-8><style>{STYLE}</style><body>{sheets}</body></html>"


def _seal(leaf: Leaf) -> str:
    """Over the date on the last page; where the code could not be read, over the corner of the code."""
    if leaf.is_readable and leaf.number != leaf.total:
        return ""
    place = "right: 34mm; top: 176mm" if leaf.is_readable else "right: 0; top: 0"
    star = "50,30 55,44 70,44 58,53 62,67 50,58 38,67 42,53 30,44 45,44"
    return (
        f'<svg viewBox="0 0 100 100" style="{place}"><circle cx="50" cy="50" r="46" fill="none" stroke="#c22" '
        f'stroke-width="3"/><polygon points="{star}" fill="#c22"/><text x="50" y="84" font-size="10" fill="#c22" '
        'text-anchor="middle">演示用章</text></svg>'
    )
