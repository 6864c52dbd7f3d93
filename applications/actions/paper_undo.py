"""撤销签收: a receipt given by mistake is taken back, with a reason; the audit trail keeps what it said."""

from django.db import transaction

from applications.actions.rights import require_secretariat
from applications.models import Application, DeskScan, PaperPart, PaperReceipt, PartReceipt, ScanResult
from qcportal import audit, clock
from qcportal.errors import Refusal
from qcportal.models import User

REASON_LENGTH = 200


def undo_receipt(receipt: PaperReceipt | PartReceipt, *, actor: User, reason: str) -> None:
    """The paper counts as not received again. Version, time, person and shelf of the receipt are in the audit row.

    Refused: everybody but the secretariat, a missing reason, a receipt that somebody took back already. The same
    paper may be signed in again afterwards.
    """
    require_secretariat(actor)
    reason = _reason(reason)
    with transaction.atomic(durable=True):
        _take_back(receipt, actor, reason)
        _mark_scans(receipt, actor, reason)


def undo_scan(scan: DeskScan, *, actor: User, reason: str) -> None:
    """What this scan signed in is taken back. Refused also for a scan that signed nothing in."""
    require_secretariat(actor)
    reason = _reason(reason)
    with transaction.atomic(durable=True):
        row = DeskScan.objects.select_for_update().get(pk=scan.pk)
        if not row.counts:
            raise Refusal("这一条没有签收，或已经撤销。", "nothing_to_undo")
        receipt = receipt_of(row)
        if receipt is None:
            raise Refusal("这一件的签收已被撤销。", "undone")
        _take_back(receipt, actor, reason)
        _mark_scans(receipt, actor, reason)


def receipt_of(scan: DeskScan) -> PaperReceipt | PartReceipt | None:
    if scan.submission_id is not None:
        return PaperReceipt.objects.filter(submission=scan.submission_id).select_related("received_by").first()
    return PartReceipt.objects.filter(part=scan.part_id).select_related("received_by").first()


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Refusal("请写明撤销的原因。", "reason")
    if len(reason) > REASON_LENGTH:
        raise Refusal(f"撤销原因不超过 {REASON_LENGTH} 字。", "too_long")
    return reason


def _take_back(receipt: PaperReceipt | PartReceipt, actor: User, reason: str) -> None:
    before: dict[str, str | int] = {
        "received_at": receipt.received_at.isoformat(),
        "received_by": str(receipt.received_by),
        "shelf": receipt.shelf,
        "note": receipt.note,
    }
    target: Application | PaperPart
    if isinstance(receipt, PaperReceipt):
        target = receipt.application
        before["version"] = receipt.submission.version
    else:
        target = receipt.part
        before["code"] = receipt.part.code
    deleted, _by_model = type(receipt).objects.filter(pk=receipt.pk).delete()
    if not deleted:
        raise Refusal("这一件的签收刚刚已被撤销。", "undone")
    audit.record("paper.receipt_undone", target, actor=actor, before=before, reason=reason)


def _mark_scans(receipt: PaperReceipt | PartReceipt, actor: User, reason: str) -> None:
    scans = DeskScan.objects.filter(result=ScanResult.RECEIVED, undone_at=None)
    if isinstance(receipt, PaperReceipt):
        scans = scans.filter(submission=receipt.submission_id)
    else:
        scans = scans.filter(submission=None, part=receipt.part_id)
    scans.update(undone_at=clock.now(), undone_by=actor, undo_reason=reason)
