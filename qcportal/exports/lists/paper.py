"""纸质件: every printed part with its scan and its receipt."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Prefetch, Q

from applications.models import PaperPart, PaperReceipt, ScannedPart
from qcportal.exports.scope import Scope
from qcportal.exports.tables import Column, Table

CHUNK = 500
COLUMNS = [
    Column("单位名称", 32), Column("期", 9), Column("材料", 26), Column("版本", 7, "whole"), Column("校验码", 15),
    Column("页数", 7, "whole"), Column("首次下载", 20, "moment"), Column("扫描件上传", 20, "moment"),
    Column("识别", 36), Column("核对人", 10), Column("收到时间", 20, "moment"), Column("签收人", 10),
    Column("存放位置", 14), Column("备注", 24),
]  # fmt: skip


def papers(scope: Scope) -> list[Table]:
    return [Table("纸质件状态", COLUMNS, _rows(scope), [scope.label])]


def parts(scope: Scope) -> Any:
    """Attachments 2 and 3 belong to the year and so to both of its rounds."""
    rows = PaperPart.objects.all()
    if scope.programme is not None:
        rows = rows.filter(programme=scope.programme)
    return rows.filter(Q(round=scope.round) | Q(round=None)) if scope.round else rows


def _rows(scope: Scope) -> Iterator[list[Any]]:
    scanned = ScannedPart.objects.select_related("scan", "confirmed_by").order_by("scan_id")
    signed = PaperReceipt.objects.select_related("received_by")
    rows = parts(scope).select_related("enterprise", "round__programme", "receipt__received_by", "submission")
    rows = rows.prefetch_related(
        Prefetch("scanned", scanned), Prefetch("submission__paper_receipts", signed, to_attr="receipts"),
    ).defer("submission__data", "submission__personal")  # fmt: skip
    for part in rows.order_by("enterprise__name", "pk").iterator(chunk_size=CHUNK):
        yield _line(part)


def _line(part: PaperPart) -> list[Any]:
    last = next(reversed(part.scanned.all()), None)
    signed = part.submission.receipts if part.submission else []  # type: ignore[attr-defined]
    receipt = signed[0] if signed else getattr(part, "receipt", None)
    found = ("一致" if last.is_consistent else "；".join(last.problems)) if last else ""
    return [
        part.enterprise.name, part.round.label if part.round else "全年", part.label, part.version,
        part.code_grouped, part.pages, part.printed_at, last.scan.uploaded_at if last else None, found,
        str(last.confirmed_by) if last and last.confirmed_by else "", receipt.received_at if receipt else None,
        str(receipt.received_by) if receipt else "", receipt.shelf if receipt else "", receipt.note if receipt else "",
    ]  # fmt: skip
