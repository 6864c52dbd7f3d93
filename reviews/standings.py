"""From the database to scoring.py: who was assigned, recused, missing; the ranking as of now. Reads only."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import QuerySet

from applications import states as application_states
from applications.models import Application, Round, SpecialAward
from qcportal.models import User
from reviews import scoring
from reviews.models import Assignment, ItemScore, Panel, Recusal, ScoreSheet, Stage
from reviews.rubric_seeds import TIE_ITEM_CODE
from reviews.states import SheetState


@dataclass(frozen=True)
class Line:
    """One row of the ranking with the filing it speaks of."""

    application: Application
    row: scoring.Row


@dataclass
class JudgeProgress:
    """How far one judge is in one stage; recused filings ask nothing of anyone."""

    stage: Stage
    user: User
    assigned: int = 0
    submitted: int = 0

    @property
    def missing(self) -> int:
        return self.assigned - self.submitted


@dataclass
class Standings:
    """A ranking computed live. ``error`` says in Chinese why there is none (weights)."""

    stages: list[Stage]
    lines: list[Line] = field(default_factory=list)
    progress: list[JudgeProgress] = field(default_factory=list)
    error: str = ""

    @property
    def missing(self) -> int:
        return sum(judge.missing for judge in self.progress)

    @property
    def ranked(self) -> list[Line]:
        return [line for line in self.lines if line.row.rank is not None]

    @property
    def unresolved(self) -> list[list[scoring.Row]]:
        return scoring.unresolved_ties([line.row for line in self.lines])


def rules_of(stages: Iterable[Stage]) -> list[scoring.StageRule]:
    return [
        scoring.StageRule(scoring.Kind(stage.kind), stage.weight, stage.min_valid, stage.trim_from) for stage in stages
    ]


def of_round(
    round_: Round, *, topic_types: Sequence[str] = (), panel: Panel | None = None, award: SpecialAward | None = None
) -> Standings:
    """The round's ranking, or the part of it with these topic types, of this panel, applying for this award."""
    stages = list(round_.stages.filter(is_active=True))
    filings = Application.objects.filter(round=round_)
    if topic_types:
        filings = filings.filter(topic_type__in=topic_types)
    if panel is not None:
        filings = filings.filter(pk__in=Assignment.objects.active().filter(panel=panel).values("application"))
    return _standings(stages, _narrow(filings, award))


def of_special_award(award: SpecialAward) -> Standings:
    """One ranking over both rounds of the year, each filing under its own round's rules (design, section 6)."""
    stages = list(Stage.objects.filter(round__programme=award.programme_id, is_active=True).select_related("round"))
    filings = Application.objects.filter(round__programme=award.programme_id)
    return _standings(stages, _narrow(filings, award))


def of_documents(round_: Round) -> Standings:
    """The round as ranked by 资料 alone, whoever presents: what a shortlist is made from."""
    stages = list(round_.stages.filter(is_active=True, kind=scoring.Kind.DOCUMENT))
    for stage in stages:
        stage.weight = Decimal(1)  # in memory only
    return _standings(stages, _narrow(Application.objects.filter(round=round_), None))


def document_ranks(round_: Round) -> list[tuple[Application, int]]:
    """Ranked filings in order, with their rank on 资料; equal ones share a rank."""
    return [(line.application, line.row.rank) for line in of_documents(round_).lines if line.row.rank is not None]


def _narrow(filings: "QuerySet[Application]", award: SpecialAward | None) -> "QuerySet[Application]":
    if award is not None:
        filings = filings.filter(special_awards=award)
    return filings.filter(state__in=application_states.TAKING_PART)


def _standings(stages: list[Stage], narrowed: "QuerySet[Application]") -> Standings:
    """Related rows are asked for by subquery: a list of ids would outgrow SQLite's limit of parameters."""
    standings = Standings(stages)
    rules = {round_id: rules_of(own) for round_id, own in _by_round(stages).items()}
    try:
        for own_rules in rules.values():
            scoring.check_weights(own_rules)
    except scoring.WeightError as error:
        standings.error = str(error)
        return standings
    filings = list(narrowed.select_related("enterprise", "tie_decision").order_by("file_number"))
    sheets = _SheetReader(stages, narrowed)
    shortlisted = shortlisted_ids(narrowed)
    rows = [
        scoring.score(
            scoring.Entry(
                key=filing.pk,
                sheets=sheets.of(filing),
                shortlisted=filing.pk in shortlisted or filing.pk in sheets.presenting,
                decision=filing.tie_decision.position if hasattr(filing, "tie_decision") else None,
            ),
            rules.get(filing.round_id, []),
        )
        for filing in filings
    ]
    by_key = {filing.pk: filing for filing in filings}
    standings.lines = [Line(by_key[row.key], row) for row in scoring.place(rows)]  # type: ignore[index]
    standings.progress = sheets.progress()
    return standings


def _by_round(stages: list[Stage]) -> dict[int, list[Stage]]:
    grouped: dict[int, list[Stage]] = defaultdict(list)
    for stage in stages:
        grouped[stage.round_id].append(stage)
    return grouped


def shortlisted_ids(filings: "QuerySet[Application]") -> set[int]:
    """Who presents. The shortlist belongs to events, which stands above reviews: asked through the filing."""
    return set(filings.filter(shortlistings__isnull=False).values_list("pk", flat=True))


class _SheetReader:
    """All sheets of some filings in a fixed number of queries."""

    def __init__(self, stages: list[Stage], filings: "QuerySet[Application]") -> None:
        self.stages = {stage.pk: stage for stage in stages}
        ids = filings.values("pk")
        given = Assignment.objects.active().filter(stage__in=self.stages, application__in=ids)
        self.assignments = list(given.select_related("judge__user").order_by("judge_id"))
        # By stage alone, and unordered: nested subqueries over unanalysed tables took PostgreSQL minutes,
        # and a few sheets more than this view needs cost nothing.
        current = ScoreSheet.objects.filter(assignment__stage__in=self.stages, state=SheetState.SUBMITTED).order_by()
        self.totals: dict[int, Decimal | None] = dict(current.values_list("assignment_id", "total"))
        tie_items = ItemScore.objects.filter(
            sheet__assignment__stage__in=self.stages, sheet__state=SheetState.SUBMITTED, item__code=TIE_ITEM_CODE
        ).order_by()
        self.tie_items = dict(tie_items.values_list("sheet__assignment_id", "points"))
        self.recusals = list(
            Recusal.objects.filter(application__in=ids).select_related("judge__user").order_by("judge_id")
        )
        self.recused = {(recusal.judge_id, recusal.application_id) for recusal in self.recusals}
        self.presenting = {
            row.application_id for row in self.assignments if self._kind(row) == scoring.Kind.PRESENTATION
        }
        self._sheets = self._build()

    def _kind(self, assignment: Assignment) -> scoring.Kind:
        return scoring.Kind(self.stages[assignment.stage_id].kind)

    def _build(self) -> dict[int, dict[scoring.Kind, list[scoring.Sheet]]]:
        found: dict[int, dict[scoring.Kind, list[tuple[int, scoring.Sheet]]]] = defaultdict(lambda: defaultdict(list))
        seen = set()
        for row in self.assignments:
            sheet = scoring.Sheet(
                judge=str(row.judge.user),
                points=self.totals.get(row.pk),
                recused=(row.judge_id, row.application_id) in self.recused,
                tie_item=self.tie_items.get(row.pk),
            )
            found[row.application_id][self._kind(row)].append((row.judge_id, sheet))
            seen.add((row.stage_id, row.judge_id, row.application_id))
        self._add_refused(found, seen)
        return {
            pk: {
                kind: [sheet for _judge, sheet in sorted(rows, key=lambda pair: pair[0])]
                for kind, rows in kinds.items()
            }
            for pk, kinds in found.items()
        }

    def _add_refused(
        self,
        found: dict[int, dict[scoring.Kind, list[tuple[int, scoring.Sheet]]]],
        seen: set[tuple[int, int, int]],
    ) -> None:
        """A judge whose assignment was refused for a conflict appears as 回避 beside the panel's other judges."""
        judging = {(row.stage_id, row.judge_id) for row in self.assignments}
        for recusal in self.recusals:
            for stage_id, judge_id in judging:
                if judge_id != recusal.judge_id or (stage_id, judge_id, recusal.application_id) in seen:
                    continue
                kind = scoring.Kind(self.stages[stage_id].kind)
                if kind in found[recusal.application_id]:
                    sheet = scoring.Sheet(judge=str(recusal.judge.user), recused=True)
                    found[recusal.application_id][kind].append((judge_id, sheet))

    def of(self, filing: Application) -> dict[scoring.Kind, list[scoring.Sheet]]:
        return self._sheets.get(filing.pk, {})

    def progress(self) -> list[JudgeProgress]:
        rows: dict[tuple[int, int], JudgeProgress] = {}
        for row in self.assignments:
            if (row.judge_id, row.application_id) in self.recused:
                continue
            entry = rows.setdefault(
                (row.stage_id, row.judge_id), JudgeProgress(self.stages[row.stage_id], row.judge.user)
            )
            entry.assigned += 1
            entry.submitted += self.totals.get(row.pk) is not None
        return [rows[key] for key in sorted(rows)]
