"""The finished round: shortlist, presentations, ranking, awards, announcement."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from applications import codes, topics
from applications.models import Application
from applications.states import State
from qcportal.demo.filing import Filed
from qcportal.demo.judging import Bench, Scored
from reviews import scoring
from reviews.models import Ranking, Stage, StageKind

DAY = 28
# Names of levels are data (domain.md 4.4): share of the ranked filings up to which each is given.
LEVELS = ((0.15, "一类成果"), (0.45, "二类成果"), (0.80, "三类成果"))


def shortlist(filed: list[Filed], scored: dict[int, list[Scored]]) -> list[tuple[Filed, int]]:
    """The better half by document score, as many as a day holds, with their document rank."""

    def mean(item: Filed) -> float:
        marks = scored.get(item.application.pk, [])
        return float(sum(mark.total for mark in marks)) / len(marks) if marks else 0.0

    ordered = sorted(filed, key=lambda item: (-mean(item), item.application.pk))
    return [(item, rank) for rank, item in enumerate(ordered[: min(max(len(ordered) // 2, 1), DAY)], 1)]


def rank(
    bench: Bench, filed: list[Filed], stages: dict[str, Stage], presenting: set[int],
    documents: dict[int, list[Scored]], presentations: dict[int, list[Scored]], at: datetime,
) -> Ranking:  # fmt: skip
    """Frozen and announced as the design says, with every row's derivation; filings get their final state."""
    rules = [
        scoring.StageRule(scoring.Kind(kind), stage.weight, stage.min_valid, stage.trim_from)
        for kind, stage in stages.items()
        if stage.is_active
    ]
    by_pk = {item.application.pk: item for item in filed}
    entries = [
        scoring.Entry(
            key=pk,
            sheets={
                scoring.Kind(StageKind.DOCUMENT): _sheets(documents.get(pk, [])),
                scoring.Kind(StageKind.PRESENTATION): _sheets(presentations.get(pk, [])),
            },
            shortlisted=pk in presenting,
        )
        for pk in by_pk
    ]
    rows = scoring.rank(entries, rules)
    data = {"rows": [_row(by_pk[row.key], row, len(rows)) for row in rows]}  # type: ignore[index]
    return _freeze(bench, filed, data, at)


def _sheets(marks: list[Scored]) -> list[scoring.Sheet]:
    return [scoring.Sheet(judge=str(mark.judge.user), points=mark.total, tie_item=mark.tie_item) for mark in marks]


def _row(item: Filed, row: scoring.Row, count: int) -> dict[str, Any]:
    application = item.application
    return {
        "application": str(application.uuid),
        "file_number": application.file_number,
        "enterprise": application.enterprise.name,
        "group": application.group_name,
        "topic": application.topic_name,
        "topic_type": application.topic_type,
        "topic_type_label": topics.LABELS[topics.TopicType(application.topic_type)],
        "rank": row.rank,
        "total": None if row.total is None else str(row.total),
        "award": _award(row.rank, count),
        "derivation": scoring.as_data(row),
    }


def _award(rank_: int | None, count: int) -> str:
    if rank_ is None:
        return ""
    return next((name for share, name in LEVELS if rank_ <= max(share * count, 1)), "")


def _freeze(bench: Bench, filed: list[Filed], data: dict[str, Any], at: datetime) -> Ranking:
    round_ = filed[0].application.round
    losers = {row["file_number"] for row in data["rows"] if not row["award"]}
    with transaction.atomic():
        ranking = Ranking.objects.create(
            uuid=bench.source.uuid("ranking"), programme=round_.programme, round=round_, version=1,
            scope={"round": round_.slug, "kind": "main"}, data=data, sha256=codes.digest(data), frozen_at=at,
            frozen_by=bench.secretary, announced_at=at + timedelta(days=2),
        )  # fmt: skip
        without = [item.application for item in filed if item.application.file_number in losers]
        for start in range(0, len(without), 500):
            keys = [application.pk for application in without[start : start + 500]]
            Application.objects.filter(pk__in=keys).update(state=State.NOT_AWARDED)
    for application in without:
        application.state = State.NOT_AWARDED
    bench.trail.add("ranking.frozen", ranking, at, bench.secretary, sha256=ranking.sha256)
    bench.trail.add("ranking.announced", ranking, at + timedelta(days=2), bench.secretary)
    return ranking
