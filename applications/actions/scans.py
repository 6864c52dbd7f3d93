"""盖章扫描件: handing one in, and the secretariat's word that stamp and text are in order."""

from django.db import transaction

from applications.actions.rights import require_secretariat
from applications.models import (
    Enterprise,
    Membership,
    PaperPart,
    PaperReceipt,
    PartReceipt,
    Round,
    ScannedPart,
    StampedScan,
)
from applications.packets.constituents import Constituents
from qcportal import audit, clock, outbox
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import StoredFile, User

# Of one enterprise in one round; a mistake is corrected by another upload, nobody needs so many.
UPLOADS_AT_MOST = 100
LEASE_SECONDS = 600
# A queue of their own, served in turn with the documents: somebody waits for the answer.
QUEUE = "scans"


def upload(
    enterprise: Enterprise,
    round_: Round,
    *,
    actor: User,
    stored: StoredFile,
    name: str,
    pages: int,
    part: PaperPart | None = None,
) -> StampedScan:
    """The scan is kept, of ``part`` or of the whole set, and will be read by the worker; earlier ones stay.

    Owner and 质量主管 only. Refused before anything was submitted, for a part that is no longer current (the new
    version has to be printed), and for one whose paper has arrived. Never refused for being late (design, 5.6).
    """
    with transaction.atomic():
        _require_manager(enterprise, actor)
        held = Constituents(enterprise, round_, light=True)
        if not held.submissions:
            raise Refusal("本期还没有提交的申报，提交后再上传盖章扫描件。", "nothing_filed")
        current = [spec.code for spec in held.all_parts]
        if part is not None and part.code not in current:
            raise Refusal(f"{part.label}已有新版本，请打印新版、盖章后再上传。", "stale")
        left = set(current) - received_codes(current)
        if not left or (part is not None and part.code not in left):
            raise Refusal("秘书处已经收到纸质件，不需要再上传扫描件。", "received")
        if StampedScan.objects.filter(enterprise=enterprise, round=round_).count() >= UPLOADS_AT_MOST:
            raise Refusal("上传次数过多，请联系秘书处。", "too_many")
        now = clock.now_in_transaction()
        scan = StampedScan.objects.create(
            enterprise=enterprise,
            round=round_,
            part=part,
            file=stored,
            name=name[:200],
            pages=pages,
            uploaded_at=now,
            uploaded_by=actor,
            is_late=now >= round_.stamped_due_at,
        )
        audit.record("scan.uploaded", scan, actor=actor, after={"pages": pages, "code": part.code if part else ""})
        outbox.add(
            "scan.read", f"scan:{scan.pk}", {"scan": scan.pk}, queue=QUEUE, priority=3, lease_seconds=LEASE_SECONDS
        )
    return scan


def _require_manager(enterprise: Enterprise, actor: User) -> None:
    membership = Membership.objects.of_user(actor)
    if membership is None or membership.enterprise_id != enterprise.pk or not membership.manages:
        raise NotAllowed("盖章扫描件由单位负责人或质量主管上传。")


def received_codes(codes: list[str]) -> set[str]:
    """Those of ``codes`` whose paper is there."""
    forms = PaperReceipt.objects.filter(submission__code__in=codes).values_list("submission__code", flat=True)
    others = PartReceipt.objects.filter(part__code__in=codes).values_list("part__code", flat=True)
    return {*forms, *others}


def confirm(scanned: ScannedPart, *, actor: User, confirmed: bool = True) -> ScannedPart:
    """核对一致: a person of the secretariat saw stamp and text; ``confirmed=False`` takes it back."""
    require_secretariat(actor)
    with transaction.atomic():
        row = ScannedPart.objects.select_for_update().select_related("part", "scan").get(pk=scanned.pk)
        if (row.confirmed_at is not None) == confirmed:
            return row
        row.confirmed_at = clock.now_in_transaction() if confirmed else None
        row.confirmed_by = actor if confirmed else None
        row.save(update_fields=["confirmed_at", "confirmed_by"])
        verb = "scan.confirmed" if confirmed else "scan.unconfirmed"
        audit.record(verb, row.scan, actor=actor, after={"code": row.part.code})
    return row
