"""The finished round: shortlist, presentations, ranking, awards, announcement."""

from datetime import datetime, timedelta

from django.db import transaction

from applications.models import Application, Round
from applications.states import State
from qcportal.demo.filing import Filed
from qcportal.demo.judging import Bench, Scored
from reviews import scopes
from reviews.actions.rankings import unsaved_ranking
from reviews.models import LevelCut, LevelOverride, LevelScheme, OverrideBasis, Ranking
from reviews.scopes import Scope
from reviews.scoring.levels import Absent, Base, Method, Ties
from reviews.standings import Standings

DAY = 28
SPECIAL_PLACES = 2
SHARES = (15, 30, 35)  # of all that took part; the names of the levels are the programme's
LIFTED = 2  # the panel lifted one group from the third level to the second


def shortlist(filed: list[Filed], scored: dict[int, list[Scored]]) -> list[tuple[Filed, int]]:
    """The better half by document score, as many as a day holds, with their document rank."""

    def mean(item: Filed) -> float:
        marks = scored.get(item.application.pk, [])
        return float(sum(mark.total for mark in marks)) / len(marks) if marks else 0.0

    ordered = sorted(filed, key=lambda item: (-mean(item), item.application.pk))
    return [(item, rank) for rank, item in enumerate(ordered[: min(max(len(ordered) // 2, 1), DAY)], 1)]


def announce(bench: Bench, round_: Round, at: datetime) -> Ranking:
    """The round's ranking and one for each special award, frozen and announced; filings get their final state."""
    scope = scopes.of_round(round_)
    current = scope.compute()
    cut(bench, scope, at - timedelta(days=4))
    _override(bench, scope, current, at - timedelta(days=1))
    ranking = _freeze(bench, scope, current, at)
    losers = [row["application"] for row in ranking.data["rows"] if not row["award"]]
    for start in range(0, len(losers), 500):
        Application.objects.filter(uuid__in=losers[start : start + 500]).update(state=State.NOT_AWARDED)
    ranked = [line.application.pk for line in current.lines]
    for start in range(0, len(ranked), 500):
        Application.objects.filter(pk__in=ranked[start : start + 500]).update(result_announced_at=ranking.announced_at)
    for award in round_.programme.special_awards.all():
        scope = Scope(round_.programme, award=award)
        current = scope.compute()
        if current.lines:
            cut(bench, scope, at - timedelta(days=4))
            _freeze(bench, scope, current, at)
    return ranking


def cut(bench: Bench, scope: Scope, at: datetime) -> LevelScheme:
    """The scheme of a ranking: shares for a round's levels, two places for a special award."""
    special = scope.award is not None
    with transaction.atomic():
        scheme = LevelScheme.objects.create(
            scope=scope.slug, programme=scope.programme, round=scope.round, special_award=scope.award,
            method=Method.QUOTA if special else Method.SHARE, ties=Ties.INCLUDE, base=Base.ENTERED,
            absent=Absent.SAME, saved_at=at, saved_by=bench.secretary,
        )  # fmt: skip
        levels = [None] if special else list(scope.programme.award_levels.all())
        values = [SPECIAL_PLACES] if special else SHARES
        LevelCut.objects.bulk_create(
            LevelCut(scheme=scheme, position=place, level=level, value=value)
            for place, (level, value) in enumerate(zip(levels, values, strict=False), 1)
        )
    bench.trail.add("levels.saved", scheme, at, bench.secretary, method=scheme.method)
    return scheme


def _override(bench: Bench, scope: Scope, current: Standings, at: datetime) -> None:
    """The first group below the second level was lifted by its panel."""
    outcome = scopes.outcome(current.rows, scopes.scheme_of(scopes.stored_scheme(scope)), [])
    if len(outcome.lines) < LIFTED + 1:
        return
    better, own = outcome.lines[LIFTED - 1].cut.name, outcome.lines[LIFTED].cut.name
    line = next((one for one in current.lines if outcome.awards[str(one.application.uuid)].name == own), None)
    if line is None:
        return
    reason = "创新方法已在三家企业推广，评审组会议一致同意升一级，见 7 月会议纪要第 3 条。"
    with transaction.atomic():
        LevelOverride.objects.create(
            scope=scope.slug, application=line.application, level_name=better, basis=OverrideBasis.PANEL,
            reason=reason, decided_at=at, decided_by=bench.secretary,
        )  # fmt: skip
    bench.trail.add("levels.overridden", line.application, at, bench.secretary, level=better)


def _freeze(bench: Bench, scope: Scope, current: Standings, at: datetime) -> Ranking:
    announced = at + timedelta(days=2)
    ranking = unsaved_ranking(scope, current)
    ranking.uuid, ranking.frozen_at, ranking.frozen_by = bench.source.uuid("ranking"), at, bench.secretary
    ranking.announced_at = announced
    with transaction.atomic():
        ranking.save()
    bench.trail.add("ranking.frozen", ranking, at, bench.secretary, version=1, sha256=ranking.sha256)
    bench.trail.add("ranking.announced", ranking, announced, bench.secretary, version=1)
    return ranking
