"""From the database to reviews.assigning: filings, judges, recusals and what stands, as one problem. Reads only."""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from applications.models import Application
from reviews import board, conflicts
from reviews.assigning.panels import Panel as PanelFacts
from reviews.assigning.problem import Item, Pair, Problem, Seat
from reviews.models import Assignment, Availability, ExpertiseField, Judge, Mode, Panel, RecusalKind, ScoreSheet, Stage
from reviews.models.expertise import filings_with_facts
from reviews.states import SheetState

# A panel is asked to score no more than about this many before another is proposed, as long as there are judges.
ITEMS_FOR_A_PANEL = 30
ROOM = 2  # above and below an even load


@dataclass(frozen=True)
class Parameters:
    """How it is to be worked out; kept with the proposal."""

    mode: str
    per_item: int
    panels: int = 1
    existing: bool = False  # the stage's panels as they are, only filings are dealt
    load_min: int = 0
    load_max: int | None = None
    senior_each: bool = True
    standing: bool = False  # what is assigned now stays as far as it can (late changes); else only what was begun

    def dump(self) -> dict[str, Any]:
        return dict(self.__dict__)

    @classmethod
    def load(cls, stored: dict[str, Any]) -> "Parameters":
        return cls(**stored)


@dataclass
class Inputs:
    """What a proposal rests on. ``digest`` changes when any of it does."""

    stage: Stage
    filings: dict[int, Application]
    judges: dict[int, Judge]
    recused: dict[Pair, RecusalKind]  # filing, judge
    problem: Problem
    digest: str

    @property
    def min_valid(self) -> int:
        return self.stage.min_valid


def assignable(stage: Stage) -> QuerySet[Application]:
    """Accepted or in review, submitted, of a topic type that the stage has a sheet for."""
    kinds = stage.stage_rubrics.values("topic_type")
    filings = board.filings_of(stage).filter(state__in=board.ASSIGNABLE, topic_type__in=kinds)
    return filings.exclude(file_number=None).order_by("file_number", "pk")


def judges_of(stage: Stage) -> dict[int, tuple[Judge, int | None]]:
    """Judges who take part in the round, each with the number they named as the most."""
    said = {row.judge_id: row for row in Availability.objects.filter(round=stage.round_id)}
    found = {}
    for judge in Judge.objects.filter(is_active=True, user__is_active=True).select_related("user").order_by("pk"):
        row = said.get(judge.pk)
        if row is None or row.takes_part:
            found[judge.pk] = (judge, row.at_most if row is not None else None)
    return found


def defaults(stage: Stage, filings: int, judges: int) -> Parameters:
    """As practised: panels of as many judges as trimming asks for."""
    per_item = max(1, min(max(stage.trim_from, stage.min_valid), judges))
    panels = max(1, min(judges // per_item, -(-filings // ITEMS_FOR_A_PANEL)))
    even = filings * per_item / (judges or 1)
    return Parameters(
        Mode.PANELS, per_item, panels, load_min=max(0, int(even) - ROOM), load_max=-int(-even // 1) + ROOM
    )


def gather(stage: Stage, parameters: Parameters) -> Inputs:
    filings = {row.pk: row for row in filings_with_facts(assignable(stage))}
    available = judges_of(stage)
    given = Assignment.objects.active().filter(stage=stage, application__in=filings)
    active = list(given.select_related("judge__user"))
    everybody = {pk: judge for pk, (judge, _most) in available.items()}
    everybody |= {row.judge_id: row.judge for row in active if row.judge_id not in everybody}
    between = conflicts.between(list(everybody.values()), list(filings.values()))
    recused = {(filing, judge): kind for (judge, filing), kind in between.items()}
    locked = begun(active) - set(recused)
    kept = {(row.application_id, row.judge_id) for row in active} - set(recused) if parameters.standing else set()
    seats = _seats(available, everybody, locked)
    problem = Problem(
        items=_items(filings),
        seats=seats,
        per_item=parameters.per_item,
        forbidden=frozenset(recused),
        load_min=parameters.load_min if parameters.mode == Mode.EACH else 0,
        load_max=parameters.load_max if parameters.mode == Mode.EACH else None,
        senior_each=parameters.senior_each,
        kept=frozenset(kept),
        locked=frozenset(locked),
    )
    seated = {seat.key for seat in seats}
    judges = {pk: judge for pk, judge in everybody.items() if pk in seated}
    return Inputs(stage, filings, judges, recused, problem, digest_of(stage, parameters, problem))


def begun(active: list[Assignment]) -> set[Pair]:
    """Somebody has written points already: these stay."""
    rows = ScoreSheet.objects.filter(assignment__in=active).exclude(state=SheetState.REOPENED)
    return set(rows.values_list("assignment__application_id", "assignment__judge_id"))


def _items(filings: dict[int, Application]) -> tuple[Item, ...]:
    at_home: dict[str, set[str]] = defaultdict(set)
    for field in ExpertiseField.objects.filter(is_active=True):
        for industry in field.industries:
            at_home[industry].add(field.name)
    return tuple(
        Item(pk, frozenset(at_home[row.enterprise.industry]), _frozen_type(row)) for pk, row in filings.items()
    )


def _frozen_type(filing: Application) -> str:
    submission = filing.latest_submission
    return str(submission.data["topic"]["topic_type"]) if submission is not None else filing.topic_type


def _seats(
    available: dict[int, tuple[Judge, int | None]], everybody: dict[int, Judge], locked: set[Pair]
) -> tuple[Seat, ...]:
    """Who takes part; and who does no more but has begun: with what was begun and nothing else."""
    begun: dict[int, int] = defaultdict(int)
    for _filing, judge_id in locked:
        begun[judge_id] += 1
    fields: dict[int, set[str]] = defaultdict(set)
    general: set[int] = set()
    used = ExpertiseField.objects.filter(is_active=True, judges__in=everybody)
    for judge_id, name, is_general in used.values_list("judges", "name", "is_general"):
        fields[judge_id].add(name)
        if is_general:
            general.add(judge_id)
    seats = []
    for pk, judge in sorted(everybody.items()):
        if pk not in available and not begun[pk]:
            continue
        most = available[pk][1] if pk in available else begun[pk]
        seats.append(Seat(pk, frozenset(fields[pk]), pk in general, judge.is_senior, most))
    return tuple(seats)


def digest_of(stage: Stage, parameters: Parameters, problem: Problem) -> str:
    """SHA-256 over all that the answer depends on, in a fixed order."""
    text = json.dumps(
        {
            "stage": [stage.pk, stage.min_valid],
            "parameters": parameters.dump(),
            "items": [[item.key, sorted(item.fields), item.topic_type] for item in problem.items],
            "seats": [
                [seat.key, sorted(seat.fields), seat.is_general, seat.is_senior, seat.at_most] for seat in problem.seats
            ],
            "forbidden": sorted(problem.forbidden),
            "kept": sorted(problem.kept),
            "locked": sorted(problem.locked),
        },
        sort_keys=True,
        ensure_ascii=False,
    )
    return hashlib.sha256(text.encode()).hexdigest()


def standing_panels(stage: Stage, filings: dict[int, Application]) -> list[tuple[Panel, PanelFacts]]:
    """The stage's panels with the filings each has now: a filing is where most of its judges score it."""
    votes: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    given = Assignment.objects.active().filter(stage=stage, application__in=filings).exclude(panel=None)
    for filing_id, panel_id in given.values_list("application_id", "panel_id"):
        votes[filing_id][panel_id] += 1
    home = {filing: max(sorted(found), key=lambda panel: found[panel]) for filing, found in votes.items()}
    answer = []
    for panel in stage.panels.prefetch_related("judges").order_by("pk"):
        seats = tuple(sorted(judge.pk for judge in panel.judges.all()))
        items = tuple(sorted(filing for filing, panel_id in home.items() if panel_id == panel.pk))
        if seats:
            answer.append((panel, PanelFacts(seats, panel.lead_id, items)))
    return answer
