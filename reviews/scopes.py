"""The rankings there are: of a round, of a special award over the year or within a round, of a year. Reads only."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import QuerySet

from applications.models import Programme, Round, SpecialAward
from reviews import standings
from reviews.models import LevelOverride, LevelScheme, OverrideBasis, Ranking
from reviews.scoring.frozen import Snapshot
from reviews.scoring.levels import Absent, Base, Cut, Method, Outcome, Override, Scheme, Ties, decide
from reviews.scoring.rules import Row
from reviews.standings import Standings

SLUG = re.compile(r"(?:(?P<year>year)|(?P<award>award)|round)-(?P<pk>\d{1,9})(?:-round-(?P<round>\d{1,9}))?")


@dataclass(frozen=True)
class Scope:
    """``round`` and ``award`` empty: the whole year; ``award`` alone: over both rounds."""

    programme: Programme
    round: Round | None = None
    award: SpecialAward | None = None

    @property
    def slug(self) -> str:
        if self.award is not None:
            return f"award-{self.award.pk}" + (f"-round-{self.round.pk}" if self.round else "")
        return f"round-{self.round.pk}" if self.round else f"year-{self.programme.pk}"

    @property
    def title(self) -> str:
        if self.award is not None:
            return f"{self.round or self.programme}{self.award}"
        return str(self.round) if self.round else f"{self.programme}全年"

    @property
    def file_slug(self) -> str:
        start = self.round.slug if self.round else str(self.programme.year)
        return f"{start}-{self.award.code}" if self.award else start

    def compute(self) -> Standings:
        if self.round is not None:
            return standings.of_round(self.round, award=self.award)
        return standings.of_programme(self.programme, award=self.award)

    def frozen(self) -> "QuerySet[Ranking]":
        """The frozen versions of this ranking, newest first."""
        rows = Ranking.objects.filter(programme=self.programme, round=self.round, special_award=self.award)
        return rows.select_related("frozen_by", "programme", "round__programme", "special_award")


def of_round(round_: Round) -> Scope:
    return Scope(round_.programme, round_)


def of_ranking(ranking: Ranking) -> Scope:
    return Scope(ranking.programme, ranking.round, ranking.special_award)


def find(slug: str) -> Scope | None:
    """The scope of an address, or None where there is none such."""
    matched = SLUG.fullmatch(slug)
    if matched is None or (matched["round"] and not matched["award"]):
        return None
    pk = int(matched["pk"])
    if matched["year"]:
        programme = Programme.objects.filter(pk=pk).first()
        return Scope(programme) if programme else None
    if not matched["award"]:
        round_ = Round.objects.select_related("programme").filter(pk=pk).first()
        return of_round(round_) if round_ else None
    award = SpecialAward.objects.select_related("programme").filter(pk=pk).first()
    if award is None:
        return None
    if not matched["round"]:
        return Scope(award.programme, award=award)
    round_ = Round.objects.filter(pk=matched["round"], programme=award.programme_id).first()
    if round_ is None:
        return None
    round_.programme = award.programme
    return Scope(award.programme, round_, award)


# --- levels -----------------------------------------------------------------------------------------------


def stored_scheme(scope: Scope) -> LevelScheme | None:
    return LevelScheme.objects.filter(scope=scope.slug).first()


def scheme_of(stored: LevelScheme | None) -> Scheme | None:
    if stored is None:
        return None
    cuts = tuple(Cut(cut.name, cut.value) for cut in stored.cuts.select_related("level", "scheme__special_award"))
    return Scheme(Method(stored.method), cuts, Ties(stored.ties), Base(stored.base), Absent(stored.absent))


def overrides_of(scope: Scope) -> list[LevelOverride]:
    return list(LevelOverride.objects.filter(scope=scope.slug).select_related("application", "decided_by"))


def as_overrides(rows: Sequence[LevelOverride]) -> dict[str, Override]:
    return {
        str(row.application.uuid): Override(row.level_name, row.reason, OverrideBasis(row.basis).label) for row in rows
    }


def level_names(scope: Scope) -> list[str]:
    """The levels that a ranking of this scope may give: a special award is one level by itself."""
    names = [level.name for level in scope.programme.award_levels.all()]
    return [scope.award.name] if scope.award is not None else names


def outcome(rows: Sequence[Row], scheme: Scheme | None, overrides: Sequence[LevelOverride]) -> Outcome:
    """The levels as of now; without a scheme nobody has one."""
    return Outcome((), {}) if scheme is None else decide(rows, scheme, as_overrides(overrides))


def with_levels(scope: Scope, snapshot: Snapshot) -> Snapshot:
    """The snapshot with the scheme and the decisions of people, as a frozen ranking keeps it."""
    scheme = scheme_of(stored_scheme(scope))
    return replace(snapshot, scheme=scheme, overrides=as_overrides(overrides_of(scope)) if scheme else {})
