"""Where the paper of one enterprise and round stands, part by part: a fixed number of questions, whatever it holds."""

from dataclasses import dataclass
from datetime import datetime

from applications.models import (
    Enterprise,
    PaperPart,
    PaperReceipt,
    PartKind,
    PartReceipt,
    Round,
    ScannedPart,
    ScanState,
    StampedScan,
    Submission,
)
from applications.packets.constituents import Constituents, Spec
from qcportal import clock


@dataclass
class Row:
    """One current part. ``part`` is None until the worker rendered it."""

    spec: Spec
    part: PaperPart | None
    scanned: ScannedPart | None = None
    reading: StampedScan | None = None  # uploaded later than ``scanned`` and still being read
    failed: StampedScan | None = None
    receipt: PaperReceipt | PartReceipt | None = None
    before: PaperPart | None = None  # the version printed, scanned or received before this one

    @property
    def label(self) -> str:
        if self.part is not None:
            return self.part.label
        kind = self.spec.kind.label
        return f"{kind} {self.spec.submission.application.group_name}" if self.spec.submission else kind

    @property
    def state(self) -> str:
        if self.receipt is not None:
            return "received"
        if self.reading is not None:
            return "reading"
        if self.scanned is not None:
            if self.scanned.confirmed_at is not None:
                return "confirmed"
            return "scanned" if self.scanned.is_consistent else "attention"
        if self.failed is not None:
            return "failed"
        if self.part is None:
            return "building"
        if self.part.printed_at is not None:
            return "printed"
        return "expired" if self.before is not None else "unprinted"

    @property
    def chip(self) -> tuple[str, str, str]:
        """Colour, icon, words."""
        return CHIPS[self.state]

    @property
    def note(self) -> str:
        if self.state == "expired" and self.part is not None:
            before = f"，此前第 {self.before.version} 版作废" if self.before else ""
            return f"第 {self.part.version} 版已提交{before}，请重新打印"
        if self.state == "attention" and self.scanned is not None:
            return "；".join(self.scanned.problems)
        return NOTES.get(self.state, "")

    @property
    def needs_printing(self) -> bool:
        return self.state in ("unprinted", "expired")

    @property
    def needs_scan(self) -> bool:
        return self.state in ("unprinted", "expired", "printed", "failed", "building")

    @property
    def may_upload(self) -> bool:
        return self.part is not None and self.receipt is None


CHIPS = {
    "received": ("solid", "check", "已收到纸质件"),
    "confirmed": ("tint", "check", "扫描件已核对"),
    "scanned": ("tint", "check", "扫描件一致"),
    "attention": ("amber", "warning", "扫描件待核对"),
    "reading": ("grey", "clock", "识别中"),
    "failed": ("amber", "warning", "未能识别"),
    "printed": ("amber", "clock", "待盖章上传"),
    "unprinted": ("grey", "circle", "未打印"),
    "expired": ("red", "alert", "已过期，请重印"),
    "building": ("grey", "clock", "正在生成"),
}
NOTES = {
    "printed": "打印件已下载，盖章后请上传扫描件",
    "failed": "扫描件打不开，请重新上传；也可请秘书处人工核对",
}


@dataclass
class Status:
    held: Constituents
    rows: list[Row]
    scans: list[StampedScan]
    at: datetime

    @property
    def is_reading(self) -> bool:
        return any(scan.state == ScanState.WAITING for scan in self.scans)

    @property
    def is_building(self) -> bool:
        return any(row.part is None for row in self.rows)

    def count(self, *states: str) -> int:
        return sum(row.state in states for row in self.rows)

    @property
    def received(self) -> int:
        return self.count("received")

    @property
    def scanned(self) -> int:
        return self.count("scanned", "confirmed", "attention", "received", "reading")

    @property
    def expired(self) -> list[Row]:
        return [row for row in self.rows if row.state == "expired"]

    @property
    def to_print(self) -> str:
        """Codes of the parts to print, when that is not the whole set."""
        wanted = [row.spec.code for row in self.rows if row.needs_printing]
        return ",".join(wanted) if 0 < len(wanted) < len(self.rows) else ""

    @property
    def all_received(self) -> bool:
        return self.received == len(self.rows)

    @property
    def scan_is_late(self) -> bool:
        """Flagged, never refused: something is missing still, or came after the day."""
        due = self.held.round.stamped_due_at
        return (self.at >= due and any(row.needs_scan for row in self.rows)) or any(scan.is_late for scan in self.scans)

    @property
    def paper_is_late(self) -> bool:
        due = self.held.round.paper_due_at
        late = any(row.receipt is not None and row.receipt.received_at >= due for row in self.rows)
        return late or (self.at >= due and not self.all_received)

    @property
    def line(self) -> str:
        """For the workspace."""
        total = len(self.rows)
        if self.all_received:
            return f"{total} 件纸质件全部收到"
        if self.expired:
            return f"{len(self.expired)} 件已有新版本，请重新打印"
        if self.received:
            return f"共 {total} 件，已收到纸质件 {self.received} 件"
        to_look_at = self.count("attention")
        return f"共 {total} 件，已上传扫描件 {self.scanned} 件{f'，{to_look_at} 件待核对' if to_look_at else ''}"


def of(held: Constituents) -> Status:
    """The parts that should be printed now, cover first, each with its newest scan and its receipt."""
    specs = held.all_parts
    codes = [spec.code for spec in specs]
    parts = {part.code: part for part in PaperPart.objects.filter(code__in=codes)}
    rows = [Row(spec, parts.get(spec.code)) for spec in specs]
    scans = StampedScan.objects.filter(enterprise=held.enterprise, round=held.round)
    listed = list(scans.select_related("part", "uploaded_by", "file"))
    _add_scans(rows, listed, parts)
    _add_receipts(rows, codes)
    _add_before(rows, held.enterprise, held.round)
    return Status(held, rows, listed, clock.now())


def of_submission(submission: Submission) -> Row:
    """Attachment 1 of one submission alone."""
    application = submission.application
    part = PaperPart.objects.filter(code=submission.code).first()
    rows = [Row(Spec(PartKind.FORM, submission.code, submission.version, submission), part)]
    scans = StampedScan.objects.filter(enterprise=application.enterprise_id, round=application.round_id)
    _add_scans(rows, list(scans), {submission.code: part} if part else {})
    _add_receipts(rows, [submission.code])
    _add_before(rows, application.enterprise, application.round)
    return rows[0]


def _add_scans(rows: list[Row], scans: list[StampedScan], parts: dict[str, PaperPart]) -> None:
    newest: dict[int, ScannedPart] = {}
    found = ScannedPart.objects.filter(part__in=parts.values()).select_related("scan", "confirmed_by")
    for scanned in found.order_by("scan_id"):
        newest[scanned.part_id] = scanned
    for row in rows:
        if row.part is None:
            continue
        row.scanned = newest.get(row.part.pk)
        after = row.scanned.scan_id if row.scanned else 0
        own = [scan for scan in scans if scan.pk > after and scan.part_id in (row.part.pk, None)]
        row.reading = next((scan for scan in own if scan.state == ScanState.WAITING), None)
        row.failed = next((scan for scan in own if scan.state == ScanState.FAILED), None)


def _add_receipts(rows: list[Row], codes: list[str]) -> None:
    forms = PaperReceipt.objects.filter(submission__code__in=codes).select_related("received_by")
    by_submission = {receipt.submission_id: receipt for receipt in forms}
    others = PartReceipt.objects.filter(part__code__in=codes).select_related("received_by")
    by_part = {receipt.part_id: receipt for receipt in others}
    for row in rows:
        if row.spec.submission is not None:
            row.receipt = by_submission.get(row.spec.submission.pk)
        elif row.part is not None:
            row.receipt = by_part.get(row.part.pk)


def _add_before(rows: list[Row], enterprise: Enterprise, round_: Round) -> None:
    """The newest older version that somebody had in hand: downloaded to print."""
    of_place = PaperPart.objects.filter(enterprise=enterprise, programme=round_.programme_id)
    older = of_place.exclude(printed_at=None).exclude(code__in=[row.spec.code for row in rows])
    by_place: dict[object, PaperPart] = {}
    for part in older.select_related("submission").defer("submission__data", "submission__personal").order_by("pk"):
        if part.round_id in (None, round_.pk):
            by_place[_place(part.kind, part.submission.application_id if part.submission else None)] = part
    for row in rows:
        submission = row.spec.submission
        row.before = by_place.get(_place(row.spec.kind, submission.application_id if submission else None))


def _place(kind: str, application_id: int | None) -> object:
    return (str(PartKind(kind)), application_id)
