"""营业执照核验 with what was compared; taking a verification back (design, section 6, eligibility)."""

from django.db import transaction

from applications.actions.rights import require_secretariat
from applications.models import Enterprise, EnterpriseProof, LicenceCheck
from qcportal import audit, clock
from qcportal.errors import Refusal
from qcportal.models import User


def see_licence(
    enterprise: Enterprise,
    *,
    actor: User,
    seen_name: str,
    name_agrees: bool,
    code_agrees: bool,
    area_agrees: bool,
    note: str = "",
    proof: EnterpriseProof | None = None,
) -> LicenceCheck:
    """The enterprise is verified: ``actor`` compared the licence with its name, code and place of registration.

    ``seen_name`` is the name that stood on the page. Refused: everybody but the secretariat; a name that changed
    since; name or code that do not agree; a place outside Qinghai without a note (flagged, never refused); a proof
    of another enterprise; an enterprise that is verified already.
    """
    require_secretariat(actor)
    note = note.strip()
    if not (name_agrees and code_agrees):
        raise Refusal("名称和代码都与营业执照一致，才能核验。不一致时请留言请单位更正。", "disagrees")
    if not area_agrees and not note:
        raise Refusal("登记地不在青海时，请在说明中写明可以申报的理由，例如“省外企业在青分公司”。", "note")
    if proof is not None and proof.enterprise_id != enterprise.pk:
        raise Refusal("请选择该单位的证明材料。", "proof")
    with transaction.atomic(durable=True):
        row = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        if row.name != seen_name:
            raise Refusal(f"单位名称刚刚改为“{row.name}”，请重新对照营业执照。", "stale")
        if row.is_verified:
            raise Refusal("该单位已经核验过。", "already_verified")
        now = clock.now_in_transaction()
        row.verified_at, row.verified_by = now, actor
        row.save(update_fields=["verified_at", "verified_by"])
        check = LicenceCheck.objects.create(
            enterprise=row, proof=proof, name=row.name, credit_code=row.credit_code, name_agrees=name_agrees,
            code_agrees=code_agrees, area_agrees=area_agrees, note=note[:300], checked_by=actor, checked_at=now,
        )  # fmt: skip
        audit.record(
            "enterprise.verified", row, actor=actor,
            after={"credit_code": row.credit_code, "name": row.name, "area_agrees": area_agrees},
            proof=str(proof.uuid) if proof else "", note=note[:300],
        )  # fmt: skip
    return check


def revoke(enterprise: Enterprise, *, actor: User, reason: str) -> Enterprise:
    """The enterprise is to be verified again. Filings that were accepted stay as they are; the next acceptance waits.

    Refused: everybody but the secretariat, a missing reason, an enterprise that is not verified.
    """
    require_secretariat(actor)
    reason = reason.strip()
    if not reason:
        raise Refusal("请写明撤销核验的原因。", "reason")
    with transaction.atomic(durable=True):
        changed = Enterprise.objects.filter(pk=enterprise.pk).exclude(verified_at=None)
        if not changed.update(verified_at=None, verified_by=None):
            raise Refusal("该单位没有核验过。", "not_verified")
        last = enterprise.licence_checks.filter(revoked_at=None).first()
        if last is not None:
            last.revoked_at, last.revoked_by, last.revoke_reason = clock.now_in_transaction(), actor, reason[:300]
            last.save(update_fields=["revoked_at", "revoked_by", "revoke_reason"])
        audit.record("enterprise.verification_revoked", enterprise, actor=actor, reason=reason[:300])
    enterprise.refresh_from_db()
    return enterprise
