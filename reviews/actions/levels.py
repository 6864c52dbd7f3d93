"""等级: the scheme by which a ranking is cut, and the decisions that people take about single groups."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction

from applications.models import Application, Programme
from qcportal import audit, clock
from qcportal.errors import Refusal
from qcportal.models import User
from reviews import scopes
from reviews.actions.guards import require_secretariat
from reviews.models import LevelCut, LevelOverride, LevelScheme, OverrideBasis
from reviews.scopes import Scope
from reviews.scoring.levels import Cut, Method, Scheme

ANNOUNCED = "该排名已经公布，等级方案不能再改。如需更正，请逐个调整并写明理由，再公布新的一版。"


def save_scheme(scope: Scope, scheme: Scheme, *, actor: User) -> LevelScheme:
    """The levels of this ranking are cut by ``scheme`` from now on; rankings frozen before stay as they are.

    Refused: other people than the secretariat, names that are no level of the year, cuts that contradict each
    other, and any change once the ranking was announced (design, section 6: publishing freezes).
    """
    with transaction.atomic(durable=True):
        require_secretariat(actor)
        Programme.objects.select_for_update().get(pk=scope.programme.pk)
        if scope.frozen().exclude(announced_at=None).exists():
            raise Refusal(ANNOUNCED, "announced")
        asked = [cut.name for cut in scheme.cuts]
        if asked != [name for name in scopes.level_names(scope) if name in asked]:
            raise Refusal("等级名称或次序与本年度的奖项等级不符，请刷新页面。", "unknown_level")
        problem = next(iter(problems(scheme).values()), "")
        if problem:
            raise Refusal(problem, "bad_cuts")
        stored, _created = LevelScheme.objects.update_or_create(
            scope=scope.slug,
            defaults={
                "programme": scope.programme,
                "round": scope.round,
                "special_award": scope.award,
                "method": scheme.method.value,
                "ties": scheme.ties.value,
                "base": scheme.base.value,
                "absent": scheme.absent.value,
                "saved_at": clock.now(),
                "saved_by": actor,
            },
        )
        _save_cuts(stored, scope, scheme.cuts)
        after = {cut.name: str(cut.value) for cut in scheme.cuts}
        audit.record("levels.saved", stored, actor=actor, after={"method": scheme.method.value, **after})
        return stored


def _save_cuts(stored: LevelScheme, scope: Scope, cuts: Sequence[Cut]) -> None:
    levels = {} if scope.award is not None else {level.name: level for level in scope.programme.award_levels.all()}
    stored.cuts.all().delete()
    LevelCut.objects.bulk_create(
        LevelCut(scheme=stored, position=at, level=levels.get(cut.name), value=cut.value)
        for at, cut in enumerate(cuts, 1)
    )


def problems(scheme: Scheme) -> dict[int, str]:
    """What cannot stand, by the place of the cut: the sentence belongs beside its field."""
    found: dict[int, str] = {}
    if not scheme.cuts:
        return {0: "请至少为一个等级填写数值。"}
    for at, cut in enumerate(scheme.cuts):
        if cut.value < 0:
            found[at] = f"{cut.name}不能是负数。"
        elif scheme.method == Method.QUOTA and cut.value % 1:
            found[at] = f"{cut.name}的名额应是整数。"
        elif scheme.method == Method.THRESHOLD and at and cut.value >= scheme.cuts[at - 1].value:
            found[at] = f"{cut.name}的分数线应低于{scheme.cuts[at - 1].name}。"
    if scheme.method == Method.SHARE and sum((cut.value for cut in scheme.cuts), Decimal(0)) > 100:
        found[len(scheme.cuts) - 1] = "各等级的比例合计超过 100%。"
    return found


def override_level(
    scope: Scope, application: Application, *, actor: User, level: str, basis: str, reason: str
) -> LevelOverride:
    """``application`` gets ``level`` (or none, when empty) in this ranking, whatever the cuts say, from now on.

    It takes effect with the next version that is frozen. Refused: other people than the secretariat, without a
    reason, a level that the ranking does not give, a filing that is not in it, and before a scheme is saved.
    """
    with transaction.atomic(durable=True):
        require_secretariat(actor)
        _refuse_override(scope, application, level, basis, reason)
        before = LevelOverride.objects.filter(scope=scope.slug, application=application).first()
        row, _created = LevelOverride.objects.update_or_create(
            scope=scope.slug,
            application=application,
            defaults={
                "level_name": level,
                "basis": basis,
                "reason": reason.strip(),
                "decided_at": clock.now(),
                "decided_by": actor,
            },
        )
        audit.record(
            "levels.overridden",
            application,
            actor=actor,
            before={"level": before.level_name} if before else None,
            after={"scope": scope.slug, "level": level, "basis": basis},
            reason=reason.strip(),
        )
        return row


def _refuse_override(scope: Scope, application: Application, level: str, basis: str, reason: str) -> None:
    if not reason.strip():
        raise Refusal("请写明理由。", "reason_missing")
    if basis not in OverrideBasis.values:
        raise Refusal("请选择依据。", "basis_missing")
    if level and level not in scopes.level_names(scope):
        raise Refusal("没有这个等级。", "unknown_level")
    if scopes.stored_scheme(scope) is None:
        raise Refusal("请先保存等级方案，再调整个别小组。", "no_scheme")
    if scope.compute().line_of(application) is None:
        raise Refusal("该申报不在这个排名中。", "not_in_ranking")


def withdraw_override(row: LevelOverride, *, actor: User) -> None:
    """The cuts alone decide about this group again. Refused: other people than the secretariat."""
    with transaction.atomic(durable=True):
        require_secretariat(actor)
        audit.record(
            "levels.override_withdrawn",
            row.application,
            actor=actor,
            before={"scope": row.scope, "level": row.level_name},
        )
        row.delete()
