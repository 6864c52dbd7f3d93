"""The paper of cover list and attachments 2 and 3, and of a whole set at once; attachment 1 is in actions.paper."""

from django.db import IntegrityError, transaction

from applications.actions import paper
from applications.actions.rights import require_secretariat
from applications.actions.scans import received_codes
from applications.models import Enterprise, PaperPart, PaperReceipt, PartKind, PartReceipt, Programme, Round
from applications.packets.constituents import Constituents
from qcportal import audit, clock
from qcportal.errors import Refusal
from qcportal.models import User


def current_codes(enterprise: Enterprise, programme: Programme) -> set[str]:
    """Codes of the parts that should be printed now, over all rounds of the year."""
    codes: set[str] = set()
    for round_ in Round.objects.filter(programme=programme).select_related("programme"):
        held = Constituents(enterprise, round_, light=True)
        if held.submissions:
            codes |= {spec.code for spec in held.all_parts}
    return codes


def is_current(part: PaperPart) -> bool:
    return part.code in current_codes(part.enterprise, part.programme)


def receive_part(
    part: PaperPart, *, actor: User, shelf: str = "", note: str = "", accept_stale: bool = False
) -> PaperReceipt | PartReceipt:
    """The stamped paper of ``part`` has arrived. Refused as for one submission (``paper.receive_paper``)."""
    if part.submission is not None:
        return paper.receive_paper(part.submission, actor=actor, shelf=shelf, note=note, accept_stale=accept_stale)
    require_secretariat(actor)
    with transaction.atomic(durable=True):
        if not accept_stale and not is_current(part):
            raise Refusal(f"{part}已有新版本。确认仍要签收旧版时请勾选确认。", "stale_version")
        receipt = _create(part, actor, shelf, note)
        audit.record("paper.part_received", part, actor=actor, after={"code": part.code, "shelf": shelf})
    return receipt


def _create(part: PaperPart, actor: User, shelf: str, note: str) -> PartReceipt:
    before = PartReceipt.objects.filter(part=part).select_related("received_by").first()
    if before is not None:
        at = clock.half_open_label(before.received_at)
        raise Refusal(f"{part}的纸质件已于 {at} 由 {before.received_by} 签收。", "already_received")
    try:
        with transaction.atomic():  # a savepoint: two desks scanning at the same moment
            return PartReceipt.objects.create(
                part=part,
                received_at=clock.now_in_transaction(),
                received_by=actor,
                shelf=shelf.strip(),
                note=note.strip(),
            )
    except IntegrityError as error:
        raise Refusal(f"{part}的纸质件刚刚已被签收。", "already_received") from error


def receive_set(enterprise: Enterprise, round_: Round, *, actor: User, shelf: str = "", note: str = "") -> int:
    """Every current part of the set that has not been received yet is received now. Returns how many.

    Each is its own step: one that somebody else received at the same moment does not undo the others.
    """
    require_secretariat(actor)
    held = Constituents(enterprise, round_, light=True)
    codes = [spec.code for spec in held.all_parts] if held.submissions else []
    left = set(codes) - received_codes(codes)
    parts = PaperPart.objects.filter(code__in=left).select_related("submission__application", "enterprise", "programme")
    received = 0
    for part in sorted(parts, key=lambda row: codes.index(row.code)):
        try:
            receive_part(part, actor=actor, shelf=shelf, note=note)
            received += 1
        except Refusal as refusal:
            if refusal.code not in ("already_received", "stale_version"):
                raise
    return received


def of_code(code: str) -> list[PaperPart]:
    """The parts, other than attachment 1, that a code on paper stands for: its own, or all of a set or report."""
    rows = PaperPart.objects.select_related("enterprise", "programme", "round").exclude(kind=PartKind.FORM)
    part = rows.filter(code=code).first()
    if part is None:
        return list(rows.filter(report_version__code=code).order_by("kind"))
    if part.kind != PartKind.COVER or part.round is None:
        return [part]
    held = Constituents(part.enterprise, part.round, light=True)
    if not held.submissions or part.code != held.cover.code:
        return [part]
    order = [spec.code for spec in held.all_parts]
    return sorted(rows.filter(code__in=order), key=lambda row: order.index(row.code))
