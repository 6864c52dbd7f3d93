"""The finished round: shortlist, presentations, ranking, awards, announcement."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from applications import codes
from applications.models import Application, Round, SpecialAward
from applications.states import State
from qcportal.demo.filing import Filed
from qcportal.demo.judging import Bench, Scored
from reviews import standings
from reviews.actions.rankings import row_data, scope_of
from reviews.models import Ranking

DAY = 28
SPECIAL_PLACES = 2
# Names of levels are data (domain.md 4.4): share of the ranked filings up to which each is given.
LEVELS = ((0.15, "一类成果"), (0.45, "二类成果"), (0.80, "三类成果"))


def shortlist(filed: list[Filed], scored: dict[int, list[Scored]]) -> list[tuple[Filed, int]]:
    """The better half by document score, as many as a day holds, with their document rank."""

    def mean(item: Filed) -> float:
        marks = scored.get(item.application.pk, [])
        return float(sum(mark.total for mark in marks)) / len(marks) if marks else 0.0

    ordered = sorted(filed, key=lambda item: (-mean(item), item.application.pk))
    return [(item, rank) for rank, item in enumerate(ordered[: min(max(len(ordered) // 2, 1), DAY)], 1)]


def announce(bench: Bench, round_: Round, at: datetime) -> Ranking:
    """The round's ranking and one for each special award, frozen and announced; filings get their final state."""
    current = standings.of_round(round_)
    rows = [row_data(line) for line in current.lines]
    for row in rows:
        row["award"] = _award(row["rank"], len(rows))
    ranking = _freeze(bench, round_, None, scope_of(round_, None, current), rows, at)
    losers = [line.application.pk for line, row in zip(current.lines, rows, strict=True) if not row["award"]]
    for start in range(0, len(losers), 500):
        Application.objects.filter(pk__in=losers[start : start + 500]).update(state=State.NOT_AWARDED)
    ranked = [line.application.pk for line in current.lines]
    for start in range(0, len(ranked), 500):
        Application.objects.filter(pk__in=ranked[start : start + 500]).update(result_announced_at=ranking.announced_at)
    for award in round_.programme.special_awards.all():
        current = standings.of_special_award(award)
        rows = [row_data(line) for line in current.lines]
        for row in rows:
            row["award"] = award.name if row["rank"] and row["rank"] <= SPECIAL_PLACES else ""
        if rows:
            _freeze(bench, round_, award, scope_of(None, award, current), rows, at)
    return ranking


def _award(rank_: int | None, count: int) -> str:
    if rank_ is None:
        return ""
    return next((name for share, name in LEVELS if rank_ <= max(share * count, 1)), "")


def _freeze(
    bench: Bench, round_: Round, award: SpecialAward | None, scope: dict[str, Any], rows: list[dict[str, Any]],
    at: datetime,
) -> Ranking:  # fmt: skip
    data, announced = {"rows": rows}, at + timedelta(days=2)
    with transaction.atomic():
        ranking = Ranking.objects.create(
            uuid=bench.source.uuid("ranking"), programme=round_.programme, round=None if award else round_,
            special_award=award, version=1, scope=scope, data=data,
            sha256=codes.digest({"scope": scope, "data": data}), frozen_at=at, frozen_by=bench.secretary,
            announced_at=announced,
        )  # fmt: skip
    bench.trail.add("ranking.frozen", ranking, at, bench.secretary, version=1, sha256=ranking.sha256)
    bench.trail.add("ranking.announced", ranking, announced, bench.secretary, version=1)
    return ranking
