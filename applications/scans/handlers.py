"""Outbox handler of topic scan.read: the pages of one upload are read, judged and kept. Safe to run twice."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from applications.models import (
    PageResult,
    PaperPart,
    PaperSet,
    ReportVersion,
    ScannedPage,
    ScannedPart,
    ScanState,
    StampedScan,
    Submission,
)
from applications.packets import parts as rendering
from applications.packets.constituents import Constituents
from applications.scans import judging, reading
from qcportal import clock, files, jobs
from qcportal.models import StoredFile

GIVE_UP = timedelta(hours=1)
THUMBNAIL_TYPE = "image/jpeg"


def job_of(scan: StampedScan) -> str:
    return f"scan:{scan.pk}"


def read_scan(payload: dict[str, Any]) -> None:
    scan = StampedScan.objects.select_related("enterprise", "round__programme", "part", "file").get(pk=payload["scan"])
    if scan.state != ScanState.WAITING:
        return
    if scan.read_at is not None and clock.now() - scan.uploaded_at > GIVE_UP:
        _finish(scan, ScanState.FAILED)  # it was begun before and took the worker with it
        return
    StampedScan.objects.filter(pk=scan.pk, state=ScanState.WAITING).update(read_at=clock.now())
    held = Constituents(scan.enterprise, scan.round)
    # The parts are there already except right after a change of the template or of a filing.
    current = {part.code: part for part in rendering.build(held)} if held.submissions else {}
    try:
        read, thumbnails = _read(scan)
    except ValueError:
        _finish(scan, ScanState.FAILED)
        return
    seen = [_seen(page) for page in read]
    only = scan.part.code if scan.part else ""
    expected = [judging.Expected(part.code, part.label, part.pages) for part in current.values()]
    if scan.part is not None and only not in current:
        # Submitted again between upload and reading: judged as what it was meant for.
        current[only] = scan.part
        expected.append(judging.Expected(only, scan.part.label, scan.part.pages))
    known = _known({one.code for one in seen if one.code} - set(current), scan, held)
    pages, verdicts = judging.judge(seen, expected, known, only=only)
    with transaction.atomic():
        if not _finish(scan, ScanState.DONE):
            return
        scan.scanned_pages.all().delete()
        scan.parts.all().delete()
        ScannedPage.objects.bulk_create(_page_rows(scan, pages, current, thumbnails))
        ScannedPart.objects.bulk_create(
            ScannedPart(
                scan=scan,
                part=current[verdict.code],
                pages=verdict.pages,
                is_consistent=verdict.is_consistent,
                problems=verdict.problems,
            )
            for verdict in verdicts
        )
    jobs.clear(job_of(scan))


def _read(scan: StampedScan) -> tuple[list[reading.ReadPage], list[StoredFile | None]]:
    read, thumbnails = [], []
    with files.open_file(scan.file) as stream:
        for page in reading.pages(stream, at_most=settings.SCAN_MAX_PAGES):
            percent = 100 * page.number / max(scan.pages, 1)
            jobs.report(job_of(scan), percent, f"第 {page.number} 页，共 {scan.pages} 页")
            thumbnails.append(files.store(page.thumbnail, THUMBNAIL_TYPE) if page.thumbnail else None)
            read.append(page._replace(thumbnail=b""))
    return read, thumbnails


def _finish(scan: StampedScan, state: ScanState) -> bool:
    """False when another worker was first."""
    waiting = StampedScan.objects.filter(pk=scan.pk, state=ScanState.WAITING)
    return bool(waiting.update(state=state, read_at=clock.now()))


def _seen(page: reading.ReadPage) -> judging.Seen:
    if page.mark is None:
        return judging.Seen(page.number, strange=page.strange)
    return judging.Seen(page.number, *page.mark)


def _page_rows(
    scan: StampedScan,
    pages: list[judging.Page],
    current: dict[str, PaperPart],
    thumbnails: list[StoredFile | None],
) -> list[ScannedPage]:
    return [
        ScannedPage(
            scan=scan,
            number=page.number,
            result=PageResult(page.result),
            code=page.code,
            part=current.get(page.part),
            part_page=page.part_page,
            note=page.note,
            thumbnail=thumbnail,
        )
        for page, thumbnail in zip(pages, thumbnails, strict=True)
    ]


def _known(codes: set[str], scan: StampedScan, held: Constituents) -> dict[str, judging.Known]:
    """Of codes that are not current: an old version of the same enterprise, another enterprise, or nothing of ours."""
    known: dict[str, judging.Known] = {}
    by_application = {spec.submission.application_id: spec.code for spec in held.parts if spec.submission}
    by_kind = {spec.kind.value: spec.code for spec in held.parts if not spec.submission}
    if held.submissions:
        by_kind["cover"] = held.cover.code
    parts = PaperPart.objects.filter(code__in=codes).select_related("submission")
    for part in parts:
        follows = by_application.get(part.submission.application_id) if part.submission else by_kind.get(part.kind)
        known[part.code] = _of(part.enterprise_id, scan, str(part), follows or "")
    for row in Submission.objects.filter(code__in=codes - set(known)).select_related("application"):
        label = f"{row.file_number} 第 {row.version} 版"
        follows = by_application.get(row.application_id, "")
        known[row.code] = _of(row.application.enterprise_id, scan, label, follows)
    for version in ReportVersion.objects.filter(code__in=codes - set(known)).select_related("report"):
        known[version.code] = _of(version.report.enterprise_id, scan, f"年度材料第 {version.version} 版", "")
    for paper_set in PaperSet.objects.filter(code__in=codes - set(known)):
        known[paper_set.code] = _of(paper_set.enterprise_id, scan, "旧的纸质套封面", by_kind.get("cover", ""))
    return known


def _of(enterprise_id: int, scan: StampedScan, label: str, successor: str) -> judging.Known:
    if enterprise_id != scan.enterprise_id:
        return judging.Known("foreign")
    return judging.Known("stale", label, successor)
