"""Proofs of an enterprise, and a new owner by decision of the secretariat (design, section 6)."""

from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError, transaction

from applications.actions.rights import require_secretariat
from applications.models import (
    Enterprise,
    EnterpriseProof,
    JoinRequest,
    JoinState,
    Membership,
    MembershipRole,
    ProofKind,
)
from qcportal import audit, clock, mail
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import MailKind, StoredFile, User
from qcportal.roles import Role, has_role

PROOFS_AT_MOST = 20


class ProofFile(NamedTuple):
    """Checked and stored outside the transaction."""

    stored: StoredFile
    name: str


def add_proof(
    enterprise: Enterprise, *, actor: User, kind: str, file: ProofFile, join_request: JoinRequest | None = None
) -> EnterpriseProof:
    """The scan is there for staff to look at. Who gives it in: owner and 质量主管, who asks to join, or the secretariat
    for what came by letter.

    Refused: everybody else; a request to join that is decided; more than 20 proofs of one enterprise.
    """
    with transaction.atomic(durable=True):
        enterprise = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        by_staff = has_role(actor, Role.SECRETARIAT)
        if join_request is not None:
            waiting = JoinRequest.objects.waiting().filter(pk=join_request.pk, enterprise=enterprise)
            if not (waiting if by_staff else waiting.filter(user=actor)).exists():
                raise NotAllowed
        elif not by_staff and not Membership.objects.managing().filter(enterprise=enterprise, user=actor).exists():
            raise NotAllowed("证明材料由单位负责人或质量主管上传。")
        if enterprise.proofs.filter(join_request=join_request).count() >= PROOFS_AT_MOST:
            raise Refusal(f"证明材料最多 {PROOFS_AT_MOST} 份，请联系秘书处。", "too_many")
        proof = EnterpriseProof.objects.create(
            enterprise=enterprise,
            join_request=join_request,
            kind=ProofKind(kind),
            file=file.stored,
            name=file.name,
            uploaded_by=actor,
            uploaded_at=clock.now(),
        )
        audit.record("enterprise.proof_added", enterprise, actor=actor, kind=kind, sha256=file.stored.sha256)
    return proof


def transfer_ownership(
    enterprise: Enterprise,
    successor: User,
    *,
    actor: User,
    proof: EnterpriseProof,
    reason: str,
    former_stays: bool,
    now: datetime,
) -> Membership:
    """``successor`` is owner; the former one becomes 质量主管 (``former_stays``) or leaves. Both are told by mail.

    Only the secretariat, and only on a proof that the enterprise or the successor gave in. The successor is a
    member already or has a waiting request to join, which is thereby accepted. Refused: people who are active
    in another enterprise, the present owner, a proof of another enterprise.
    """
    require_secretariat(actor)
    try:
        with transaction.atomic(durable=True):
            enterprise = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
            if proof.enterprise_id != enterprise.pk:
                raise Refusal("请选择该单位的证明材料。", "proof")
            former = enterprise.memberships.active().filter(role=MembershipRole.OWNER).select_related("user").first()
            if former is not None and former.user_id == successor.pk:
                raise Refusal("该成员已是单位负责人。", "successor")
            if former is not None:  # first: the database allows one owner at any moment
                former.role = MembershipRole.MANAGER
                former.is_active = former_stays
                former.save(update_fields=["role", "is_active"])
            membership = _owner(enterprise, successor, actor, now)
            audit.record(
                "enterprise.owner_transferred",
                enterprise,
                actor=actor,
                former=str(former.user.uuid) if former else "",
                successor=str(successor.uuid),
                proof=str(proof.uuid),
                reason=reason,
                former_stays=former_stays,
            )
            _tell(enterprise, former, successor, former_stays)
    except IntegrityError as error:
        raise Refusal("该用户已是其他单位的成员，不能接任。", "already_member") from error
    return membership


def _owner(enterprise: Enterprise, successor: User, actor: User, now: datetime) -> Membership:
    membership = enterprise.memberships.active().filter(user=successor).first()
    if membership is not None:
        membership.role = MembershipRole.OWNER
        membership.save(update_fields=["role"])
        return membership
    waiting = JoinRequest.objects.waiting().filter(enterprise=enterprise, user=successor)
    if not waiting.update(state=JoinState.ACCEPTED, decided_by=actor, decided_at=now):
        raise Refusal("接任人须是本单位成员，或已申请加入本单位。", "successor")
    return Membership.objects.create(enterprise=enterprise, user=successor, role=MembershipRole.OWNER, created_at=now)


def _tell(enterprise: Enterprise, former: Membership | None, successor: User, former_stays: bool) -> None:
    addresses = [successor.email, former.user.email if former else ""]
    for address in dict.fromkeys(filter(None, addresses)):
        mail.queue_template(
            kind=MailKind.LETTER,
            to=address,
            template="owner_transferred",
            about_row=enterprise,
            context={
                "enterprise": enterprise,
                "former": former.user if former else None,
                "successor": successor,
                "former_stays": former_stays,
            },
        )
