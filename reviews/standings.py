"""From the database to scoring: the rules, the filings and their sheets; the ranking as of now. Reads only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Q, QuerySet

from applications import states as application_states
from applications.models import Application, Programme, Round, SpecialAward
from reviews import scoring
from reviews.models import Assignment, Panel, ScoringRules, Stage
from reviews.scoring.frozen import Filing, Snapshot, ranked
from reviews.sheet_reader import JudgeProgress, SheetReader

__all__ = ["JudgeProgress", "Line", "Standings"]


@dataclass(frozen=True)
class Line:
    """One row of the ranking with the filing it speaks of."""

    application: Application
    row: scoring.Row


@dataclass
class Standings:
    """A ranking computed live. ``error`` says in Chinese why there is none (weights).

    ``snapshot`` is what it was computed from: frozen, it gives the same ranking again.
    """

    stages: list[Stage]
    lines: list[Line] = field(default_factory=list)
    progress: list[JudgeProgress] = field(default_factory=list)
    error: str = ""
    snapshot: Snapshot = field(default_factory=lambda: Snapshot({}, [], scoring.TIE_ORDER))

    @property
    def missing(self) -> int:
        return sum(judge.missing for judge in self.progress)

    @property
    def ranked(self) -> list[Line]:
        return [line for line in self.lines if line.row.rank is not None]

    @property
    def rows(self) -> list[scoring.Row]:
        return [line.row for line in self.lines]

    @property
    def unresolved(self) -> list[list[scoring.Row]]:
        return scoring.unresolved_ties(self.rows)

    def line_of(self, application: Application) -> Line | None:
        return next((line for line in self.lines if line.application.pk == application.pk), None)


def stage_rules(stages: Iterable[Stage]) -> tuple[scoring.StageRule, ...]:
    return tuple(
        scoring.StageRule(
            scoring.Kind(stage.kind), stage.weight, stage.min_valid, stage.trim_from, stage.trim_count
        )
        for stage in stages
    )  # fmt: skip


def rules_of(stages: Sequence[Stage]) -> dict[str, scoring.RoundRules]:
    """The rules of every round these stages belong to, by the round's slug; design's defaults where none are kept."""
    kept = {row.round_id: row for row in ScoringRules.objects.filter(round__in={stage.round_id for stage in stages})}
    by_round: dict[int, list[Stage]] = {}
    for stage in stages:
        by_round.setdefault(stage.round_id, []).append(stage)
    return {own[0].round.slug: round_rules(stage_rules(own), kept.get(round_id)) for round_id, own in by_round.items()}


def round_rules(stages: tuple[scoring.StageRule, ...], kept: ScoringRules | None) -> scoring.RoundRules:
    if kept is None:
        return scoring.RoundRules(stages)
    order = tuple(scoring.Tie(value) for value in kept.tie_order)
    return scoring.RoundRules(stages, order, scoring.Unlisted(kept.unlisted))


def of_round(
    round_: Round,
    *,
    topic_types: Sequence[str] = (),
    panel: Panel | None = None,
    award: SpecialAward | None = None,
    city: str = "",
    industry: str = "",
) -> Standings:
    """The round's ranking, or the part of it that is asked for; ranks count within the part."""
    filings = Application.objects.filter(round=round_)
    if panel is not None:
        filings = filings.filter(pk__in=Assignment.objects.active().filter(panel=panel).values("application"))
    stages = list(round_.stages.filter(is_active=True))
    return _standings(stages, _part(filings, topic_types, award, city, industry))


def _part(
    filings: "QuerySet[Application]",
    topic_types: Sequence[str] = (),
    award: SpecialAward | None = None,
    city: str = "",
    industry: str = "",
) -> "QuerySet[Application]":
    wanted = {"enterprise__city": city, "enterprise__industry": industry, "special_awards": award}
    filings = filings.filter(**{name: value for name, value in wanted.items() if value})
    if topic_types:
        filings = filings.filter(topic_type__in=topic_types)
    return filings.filter(state__in=application_states.TAKING_PART)


def of_programme(
    programme: Programme,
    *,
    award: SpecialAward | None = None,
    topic_types: Sequence[str] = (),
    city: str = "",
    industry: str = "",
) -> Standings:
    """One ranking over both rounds of the year, each filing under its own round's rules (design, section 6)."""
    stages = list(Stage.objects.filter(round__programme=programme, is_active=True).select_related("round__programme"))
    filings = Application.objects.filter(round__programme=programme)
    return _standings(stages, _part(filings, topic_types, award, city, industry))


def of_stage(round_: Round, kind: str) -> Standings:
    """The round as ranked by one stage alone; in 发表 only those who present."""
    stages = list(round_.stages.filter(is_active=True, kind=kind))
    for stage in stages:
        stage.weight = Decimal(1)  # in memory only
    filings = Application.objects.filter(round=round_)
    if kind == scoring.Kind.PRESENTATION:
        presenting = Assignment.objects.active().filter(stage__in=stages).values("application")
        filings = filings.filter(Q(shortlistings__isnull=False) | Q(pk__in=presenting)).distinct()
    return _standings(stages, _part(filings))


def of_documents(round_: Round) -> Standings:
    """The round as ranked by 资料 alone, whoever presents: what a shortlist is made from."""
    return of_stage(round_, scoring.Kind.DOCUMENT)


def document_ranks(round_: Round) -> list[tuple[Application, int]]:
    """Ranked filings in order, with their rank on 资料; equal ones share a rank."""
    return [(line.application, line.row.rank) for line in of_documents(round_).lines if line.row.rank is not None]


def _standings(stages: list[Stage], narrowed: "QuerySet[Application]") -> Standings:
    """Related rows are asked for by subquery: a list of ids would outgrow SQLite's limit of parameters."""
    standings = Standings(stages)
    rules = rules_of(stages)
    try:
        for own in rules.values():
            scoring.check_weights(own.stages)
    except scoring.WeightError as error:
        standings.error = str(error)
        return standings
    slugs = {stage.round_id: stage.round.slug for stage in stages}
    filings = list(narrowed.select_related("enterprise", "tie_decision").order_by("file_number", "pk"))
    sheets = SheetReader(stages, narrowed)
    shortlisted = shortlisted_ids(narrowed)
    entries = [
        Filing(
            scoring.Entry(
                key=str(filing.uuid),
                sheets=sheets.of(filing),
                shortlisted=filing.pk in shortlisted or filing.pk in sheets.presenting,
                decision=filing.tie_decision.position if hasattr(filing, "tie_decision") else None,
            ),
            slugs.get(filing.round_id, NO_RULES),
            facts_of(filing),
        )
        for filing in filings
    ]
    if any(entry.round == NO_RULES for entry in entries):
        rules[NO_RULES] = scoring.RoundRules(())
    standings.snapshot = Snapshot(rules, entries, _tie_order(stages, rules))
    by_key = {str(filing.uuid): filing for filing in filings}
    standings.lines = [Line(by_key[str(row.key)], row) for row in ranked(standings.snapshot)]
    standings.progress = sheets.progress()
    return standings


NO_RULES = "none"  # a filing of a round without stages: listed, never ranked


def _tie_order(stages: Sequence[Stage], rules: dict[str, scoring.RoundRules]) -> tuple[scoring.Tie, ...]:
    """Over several rounds the latest round's order holds."""
    if not stages:
        return scoring.TIE_ORDER
    return rules[max(stages, key=lambda stage: stage.round.number).round.slug].tie_order


def facts_of(filing: Application) -> dict[str, str]:
    """What a ranking says of a filing besides its scores."""
    return {
        "file_number": filing.file_number or "",
        "enterprise": filing.certificate_unit_name or filing.enterprise.name_on_certificate,
        "group": filing.group_name,
        "topic": filing.topic_name,
        "topic_type": filing.topic_type,
    }


def shortlisted_ids(filings: "QuerySet[Application]") -> set[int]:
    """Who presents. The shortlist belongs to events, which stands above reviews: asked through the filing."""
    return set(filings.filter(shortlistings__isnull=False).values_list("pk", flat=True))
