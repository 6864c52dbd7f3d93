"""What a judge tells of units and groups: it recuses at once, the secretariat confirms it or ends it."""

from django.db import transaction

from qcportal import audit, clock
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import User
from qcportal.roles import Role, has_role
from reviews import conflicts
from reviews.actions import recusing
from reviews.actions.guards import require_secretariat
from reviews.models import DeclaredRelation, Judge, Recusal, RecusalKind, RelationKind

BY_RELATION = (RecusalKind.COACHED, RecusalKind.RELATION)


def declare_relation(
    judge: Judge,
    kind: RelationKind,
    *,
    actor: User,
    unit_name: str,
    unit_code: str = "",
    group_name: str = "",
    note: str = "",
) -> DeclaredRelation:
    """From now on ``judge`` is recused from this unit's filings, or from the one group named; what is assigned
    already becomes a recusal. Written down by the secretariat it counts as confirmed.

    Refused: other people than the judge and the secretariat; no name of the unit.
    """
    with transaction.atomic():
        by_staff = has_role(actor, Role.SECRETARIAT)
        if not by_staff and actor.pk != judge.user_id:
            raise NotAllowed("只能申报本人的关系。")
        if not unit_name.strip():
            raise Refusal("请填写单位名称。", "unit_missing")
        now = clock.now()
        relation = DeclaredRelation.objects.create(
            judge=judge, kind=kind, unit_name=unit_name.strip(), unit_code=unit_code.strip().upper(),
            group_name=group_name.strip(), note=note.strip(), declared_at=now, declared_by=actor,
            confirmed_at=now if by_staff else None, confirmed_by=actor if by_staff else None,
        )  # fmt: skip
        # Which unit and why is between the judge and the secretariat: not in the trail.
        audit.record("relation.declared", judge, actor=actor, after={"kind": kind.value})
        recusing.refresh_recusals(judge, actor=actor)
    return relation


def confirm_relation(relation: DeclaredRelation, *, actor: User) -> None:
    """The secretariat has looked into it. Refused: other people, relations that were ended or confirmed."""
    with transaction.atomic(durable=True):
        require_secretariat(actor)
        rows = DeclaredRelation.objects.filter(pk=relation.pk, confirmed_at=None, ended_at=None)
        if not rows.update(confirmed_at=clock.now(), confirmed_by=actor):
            raise StaleState
        audit.record("relation.confirmed", relation.judge, actor=actor, after={"kind": relation.kind})


def end_relation(relation: DeclaredRelation, *, actor: User) -> int:
    """It recuses no longer; recusals that only it had caused are lifted. Returns how many.

    Refused: other people than the secretariat; relations that were ended before.
    """
    with transaction.atomic(durable=True):
        require_secretariat(actor)
        now = clock.now()
        if not DeclaredRelation.objects.filter(pk=relation.pk, ended_at=None).update(ended_at=now, ended_by=actor):
            raise StaleState
        audit.record("relation.ended", relation.judge, actor=actor, before={"kind": relation.kind})
        lifted = 0
        for recusal in Recusal.objects.filter(judge=relation.judge, kind__in=BY_RELATION).select_related(
            "judge__user", "application__enterprise"
        ):
            if conflicts.found(recusal.judge, recusal.application) is None:
                audit.record(
                    "recusal.lifted", recusal.application, actor=actor,
                    before={"judge": recusal.judge_id, "kind": recusal.kind},
                )  # fmt: skip
                recusal.delete()
                lifted += 1
        return lifted
