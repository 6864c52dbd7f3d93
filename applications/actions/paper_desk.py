"""连续签收: scan after scan, each part signed in by itself, everything that was put before the scanner on record."""

from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone

from applications.actions import paper, paper_parts
from applications.actions.paper_undo import receipt_of
from applications.actions.rights import require_secretariat
from applications.models import (
    DeskScan,
    Enterprise,
    PaperBatch,
    PaperPart,
    PartKind,
    Round,
    ScanResult,
    Submission,
)
from applications.states import State
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import User

# Paper of these need not be sent; it is set aside and not signed in.
NOT_EXPECTED = (State.WITHDRAWN, State.REFUSED, State.LAPSED, State.DISQUALIFIED)


class Piece(NamedTuple):
    """What one code on paper stands for."""

    label: str
    enterprise: Enterprise
    round: Round | None
    part: PaperPart | None = None
    submission: Submission | None = None


def current_batch(actor: User) -> PaperBatch | None:
    return PaperBatch.objects.filter(opened_by=actor, closed_at=None).first()


def open_batch(*, actor: User) -> PaperBatch:
    """The running batch of ``actor``, or a new one. Two windows of one person share it; yesterday's is over."""
    require_secretariat(actor)
    found = current_batch(actor)
    if found is not None and timezone.localdate(found.opened_at) == timezone.localdate(clock.now()):
        return found
    if found is not None:
        close_batch(found, actor=actor)
    try:
        with transaction.atomic(durable=True):
            last = PaperBatch.objects.filter(opened_by=actor).first()
            return PaperBatch.objects.create(opened_by=actor, opened_at=clock.now(), shelf=last.shelf if last else "")
    except IntegrityError:
        again = current_batch(actor)
        if again is None:
            raise
        return again


def close_batch(batch: PaperBatch, *, actor: User) -> PaperBatch:
    """Nothing more is added; the slip of it can be printed. Refused: a batch of somebody else, or one that is over."""
    require_secretariat(actor)
    with transaction.atomic(durable=True):
        open_ones = PaperBatch.objects.filter(pk=batch.pk, opened_by=actor, closed_at=None)
        if not open_ones.update(closed_at=clock.now()):
            raise StaleState("这次连续签收已经结束。")
    batch.refresh_from_db()
    return batch


def scan(batch: PaperBatch, text: str, *, actor: User, shelf: str = "", giver: str = "") -> DeskScan:
    """The part whose code this is counts as received, where nothing speaks against it; either way the scan is listed.

    Not received, and said why: a code that is not ours, an older version, a part that was received already, a
    filing that was withdrawn, refused or lapsed. Shelf and giver stay for the next scan. Only the person of the batch.
    """
    require_secretariat(actor)
    if batch.opened_by_id != actor.pk or batch.closed_at is not None:
        raise NotAllowed("这次连续签收已经结束，或不是您打开的。请重新进入“连续签收”。")
    shelf, giver = shelf.strip()[:40], giver.strip()[:60]
    if (batch.shelf, batch.giver) != (shelf, giver):
        PaperBatch.objects.filter(pk=batch.pk).update(shelf=shelf, giver=giver)
        batch.shelf, batch.giver = shelf, giver
    pieces = identify(text)
    made = [_sign_in(batch, text, piece, actor) for piece in pieces] or [_unknown(batch, text)]
    return next((one for one in made if one.result != ScanResult.RECEIVED), made[-1])


def identify(text: str) -> list[Piece]:
    """One piece, or attachments 2 and 3 where an older print carries one code for both; none for a foreign code."""
    code = paper.scanned_code(text)
    found = paper.find(text)
    if found.kind == "submission":
        submission = found.submissions[0]
        application = submission.application
        return [
            Piece(f"附件1 {application.display_name} 第 {submission.version} 版", application.enterprise,
                  application.round, submission=submission)
        ]  # fmt: skip
    own = PaperPart.objects.select_related("enterprise", "round__programme", "programme")
    part = own.filter(code=code).first()
    if part is not None:
        return [_piece(part)]
    return [_piece(each) for each in paper_parts.of_code(code) if each.kind != PartKind.COVER]


def _piece(part: PaperPart) -> Piece:
    return Piece(str(part), part.enterprise, part.round or _round_of(part), part=part)


def _round_of(part: PaperPart) -> Round | None:
    """Attachments 2 and 3 belong to the year: the round that the enterprise filed in last."""
    filed = Round.objects.filter(programme=part.programme_id, applications__enterprise=part.enterprise_id)
    filed = filed.exclude(applications__file_number=None).select_related("programme")
    return filed.order_by("-number").first()


def _sign_in(batch: PaperBatch, text: str, piece: Piece, actor: User) -> DeskScan:
    row = DeskScan(
        batch=batch, typed=text[:200], label=piece.label[:240], enterprise=piece.enterprise, round=piece.round,
        part=piece.part, submission=piece.submission, shelf=batch.shelf,
    )  # fmt: skip
    state = piece.submission.application.state if piece.submission else ""
    if state in NOT_EXPECTED and piece.submission is not None:
        words = piece.submission.application.state_label
        return _keep(
            row, ScanResult.NOT_EXPECTED, f"该申报的状态是“{words}”，不需要纸质件。请放到一边，问清单位再处理。"
        )
    try:
        if piece.submission is not None:
            paper.receive_paper(piece.submission, actor=actor, shelf=batch.shelf, note=batch.giver)
        elif piece.part is not None:
            paper_parts.receive_part(piece.part, actor=actor, shelf=batch.shelf, note=batch.giver)
    except Refusal as refusal:
        return _refused(row, refusal)
    now = clock.now()
    row.is_late = piece.round is not None and now >= piece.round.paper_due_at
    return _keep(row, ScanResult.RECEIVED, "晚于纸质材料截止日期，已作标记。" if row.is_late else "", now)


def _refused(row: DeskScan, refusal: Refusal) -> DeskScan:
    if refusal.code == "stale_version":
        latest = paper.latest_version(row.submission.application) if row.submission else 0
        now = f"现在是第 {latest} 版。" if latest else "已有新版本。"
        return _keep(row, ScanResult.STALE, f"{now}请放到一边，请单位补寄新版；确要收旧版，到“逐件签收”中办理。")
    if refusal.code != "already_received":
        raise refusal
    receipt = receipt_of(row)
    if receipt is None:
        return _keep(row, ScanResult.ALREADY, "刚刚已被签收。")
    shelf = f"，存放于 {receipt.shelf}" if receipt.shelf else ""
    at = clock.half_open_label(receipt.received_at)
    words = f"{at} 由 {receipt.received_by} 签收{shelf}。不用再收；如是第二份，退回单位或与原件放在一起。"
    return _keep(row, ScanResult.ALREADY, words)


def _unknown(batch: PaperBatch, text: str) -> DeskScan:
    row = DeskScan(batch=batch, typed=text[:200], shelf=batch.shelf)
    return _keep(
        row, ScanResult.UNKNOWN,
        "不是本平台的码，或没有扫完整。请再扫一次；还不行，输入页脚的 12 位校验码或文件编号。",
    )  # fmt: skip


def _keep(row: DeskScan, result: ScanResult, message: str, at: datetime | None = None) -> DeskScan:
    row.result, row.message, row.at = result, message[:300], at or clock.now()
    with transaction.atomic(durable=True):
        row.save()
    return row
