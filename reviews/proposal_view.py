"""A proposal as its page shows it: figures in words, panels, loads, and the filings of one page. Reads only."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from applications.models import Application
from reviews import conflicts
from reviews.models import Assignment, AssignmentProposal, ExpertiseField, Judge, LineKind, Mode, ProposalPanel
from reviews.models.expertise import filings_with_facts
from reviews.proposing import Parameters

# What is compared, in words; the figure; and whether less or more is better ("" where it is only told).
_COMMON = (
    ("专业对口", "fits", "%", "more"),
    ("通用领域或行业不明", "half", "%", ""),
    ("专业不对口", "strange", "%", "less"),
    ("没有资深评委的申报", "without_senior", "件", "less"),
    ("评委最少份数", "least", "份", "more"),
    ("评委最多份数", "most", "份", "less"),
    ("份数离散（标准差）", "spread", "", "less"),
)
_EACH = (
    ("评委不足的申报", "short", "件", "less"),
    *_COMMON,
    ("超出上下限的评委", "outside", "位", "less"),
    ("综合代价（越小越好）", "cost", "", "less"),
)
_PANELS = (
    ("回避后本组过薄的申报", "thin", "件", "less"),
    ("候补后仍不足的申报", "short", "件", "less"),
    *_COMMON,
)
_NAMES = ("proposal", "greedy", "random")


@dataclass
class Figure:
    label: str
    values: list[str]
    is_best: bool


@dataclass
class LoadBar:
    judge: Judge
    count: int
    most: int
    fresh: int = 0
    gone: int = 0


@dataclass
class PanelCard:
    panel: ProposalPanel
    judges: list[Judge]
    filings: int = 0
    stand_ins: int = 0


@dataclass
class Seat:
    judge: Judge
    kind: str
    is_new: bool

    @property
    def is_stand_in(self) -> bool:
        return self.kind == LineKind.STAND_IN

    @property
    def is_by_hand(self) -> bool:
        return self.kind == LineKind.BY_HAND


@dataclass
class Row:
    filing: Application
    panel: ProposalPanel | None = None
    seats: list[Seat] = field(default_factory=list)
    gone: list[Judge] = field(default_factory=list)
    recused: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)


class ProposalView:
    """Loads the lines once, as plain values: five thousand of them are nothing, five thousand objects are."""

    def __init__(self, proposal: AssignmentProposal) -> None:
        self.proposal = proposal
        self.parameters = Parameters.load(proposal.parameters)
        rows = proposal.lines.order_by("application__file_number", "judge_id")
        self.lines: list[tuple[int, int, int | None, str]] = list(
            rows.values_list("application_id", "judge_id", "panel_id", "kind")
        )
        keys = {judge for _filing, judge, _panel, _kind in self.lines}
        self.before = self._before()
        keys |= {judge for _filing, judge in self.before}
        found = Judge.objects.filter(pk__in=keys).select_related("user").prefetch_related("expertise_fields")
        found = found.order_by("user__name")
        self.judges = {judge.pk: judge for judge in found}

    def _before(self) -> set[tuple[int, int]]:
        if not self.parameters.standing:
            return set()
        given = Assignment.objects.active().filter(stage=self.proposal.stage_id)
        return set(given.values_list("application_id", "judge_id"))

    # --- figures -------------------------------------------------------------------------------------

    def figures(self) -> list[Figure]:
        quality = self.proposal.quality
        shown = _PANELS if self.proposal.mode == Mode.PANELS else _EACH
        rows = []
        for label, key, unit, better in shown:
            numbers = [quality.get(name, {}).get(key) for name in _NAMES]
            values = ["—" if number is None else f"{number} {unit}".strip() for number in numbers]
            rows.append(Figure(label, values, _is_best(numbers, better)))
        return rows

    def loads(self) -> list[LoadBar]:
        counts = Counter(judge for _filing, judge, _panel, _kind in self.lines)
        pairs = {(filing, judge) for filing, judge, _panel, _kind in self.lines}
        most = max(counts.values(), default=1)
        fresh = Counter(judge for _filing, judge in pairs - self.before) if self.before else Counter()
        gone = Counter(judge for _filing, judge in self.before - pairs)
        bars = [LoadBar(judge, counts[pk], most, fresh[pk], gone[pk]) for pk, judge in self.judges.items()]
        return sorted(bars, key=lambda bar: (-bar.count, str(bar.judge.user)))

    def panels(self) -> list[PanelCard]:
        filings: dict[int, set[int]] = defaultdict(set)
        stand_ins: Counter[int] = Counter()
        for filing, _judge, panel, kind in self.lines:
            if panel is not None:
                filings[panel].add(filing)
                stand_ins[panel] += kind == LineKind.STAND_IN
        rows = self.proposal.panels.select_related("lead__user").prefetch_related("judges__user")
        return [PanelCard(row, list(row.judges.all()), len(filings[row.pk]), stand_ins[row.pk]) for row in rows]

    # --- filings -------------------------------------------------------------------------------------

    def flags_of(self) -> dict[int, list[str]]:
        """Filings that a person should look at, with the reason."""
        own: Counter[int] = Counter()
        total: Counter[int] = Counter()
        senior: set[int] = set()
        by_hand: set[int] = set()
        for filing, judge, _panel, kind in self.lines:
            total[filing] += 1
            own[filing] += kind != LineKind.STAND_IN
            by_hand |= {filing} if kind == LineKind.BY_HAND else set()
            if self.judges[judge].is_senior:
                senior.add(filing)
        least = self.proposal.stage.min_valid if self.proposal.mode == Mode.PANELS else self.parameters.per_item
        found: dict[int, list[str]] = {}
        for filing, count in total.items():
            words = [
                f"只有 {count} 位评委，应有 {least} 位" if count < least else "",
                f"本组回避后只剩 {own[filing]} 位，已加候补" if own[filing] < count else "",
                "没有资深评委" if self.parameters.senior_each and filing not in senior else "",
                "手工调整" if filing in by_hand else "",
            ]
            if any(words):
                found[filing] = [word for word in words if word]
        return found

    def filings(self, *, flagged: bool = False, panel: int | None = None) -> "QuerySet[Application]":
        keys = {filing for filing, _judge, home, _kind in self.lines if panel is None or home == panel}
        if flagged:
            keys &= set(self.flags_of())
        return filings_with_facts(Application.objects.filter(pk__in=keys)).order_by("file_number", "pk")

    def rows(self, filings: Sequence[Application]) -> list[Row]:
        rows = {filing.pk: Row(filing) for filing in filings}
        panels = {card.pk: card for card in self.proposal.panels.prefetch_related("judges")}
        flags = self.flags_of()
        for filing, judge, panel, kind in self.lines:
            if (row := rows.get(filing)) is not None:
                row.panel = panels.get(panel) if panel is not None else None
                is_new = bool(self.before) and (filing, judge) not in self.before
                row.seats.append(Seat(self.judges[judge], kind, is_new))
        given = {(filing, judge) for filing, judge, _panel, _kind in self.lines}
        for filing, judge in sorted(self.before - given):
            if filing in rows:
                rows[filing].gone.append(self.judges[judge])
        self._add_recused(rows, panels)
        for pk, row in rows.items():
            row.flags = flags.get(pk, [])
            row.seats.sort(key=lambda seat: (not seat.judge.is_senior, str(seat.judge.user)))
        return list(rows.values())

    def _add_recused(self, rows: dict[int, Row], panels: dict[int, ProposalPanel]) -> None:
        """With panels, those of the filing's own panel; else everybody who takes part."""
        between = conflicts.between(list(self.judges.values()), [row.filing for row in rows.values()])
        seated = {pk: {judge.pk for judge in panel.judges.all()} for pk, panel in panels.items()}
        for (judge, filing), kind in sorted(between.items()):
            home = rows[filing].panel
            if home is None or judge in seated[home.pk]:
                rows[filing].recused.append(f"{self.judges[judge].user}（{kind.label}）")


def _is_best(numbers: list[Any], better: str) -> bool:
    others = [number for number in numbers[1:] if number is not None]
    if not better or numbers[0] is None or not others:
        return False
    return numbers[0] < min(others) if better == "less" else numbers[0] > max(others)


@dataclass
class Choice:
    """One judge on the page where a filing's judges are chosen by hand."""

    judge: Judge
    count: int
    chosen: bool
    recused: str = ""
    away: bool = False
    fits: bool = False


def choices(view: ProposalView, filing: Application, available: dict[int, tuple[Judge, int | None]]) -> list[Choice]:
    """Everybody who may be chosen, those chosen and those of the field first; the recused with their reason."""
    chosen = {judge for one, judge, _panel, _kind in view.lines if one == filing.pk}
    counts = Counter(judge for _filing, judge, _panel, _kind in view.lines)
    people = {pk: judge for pk, (judge, _most) in available.items()} | {pk: view.judges[pk] for pk in chosen}
    between = conflicts.between(list(people.values()), [filing])
    of_the_field = Judge.objects.filter(pk__in=people, expertise_fields__in=_fields_of(filing))
    at_home = set(of_the_field.values_list("pk", flat=True))
    rows = [
        Choice(
            judge, counts[pk], pk in chosen, away=pk not in available, fits=pk in at_home,
            recused=str(between[pk, filing.pk].label) if (pk, filing.pk) in between else "",
        )
        for pk, judge in people.items()
    ]  # fmt: skip
    return sorted(
        rows, key=lambda row: (not row.chosen, bool(row.recused), not row.fits, row.count, str(row.judge.user))
    )


def _fields_of(filing: Application) -> list[int]:
    rows = ExpertiseField.objects.filter(is_active=True).values_list("pk", "industries")
    return [pk for pk, industries in rows if filing.enterprise.industry in industries]
