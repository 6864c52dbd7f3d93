"""What an export covers: a year, perhaps one round, perhaps chosen rows; kept as JSON with the export."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from applications.models import Application, Programme, Round

CHOSEN_AT_MOST = 20_000


@dataclass(frozen=True)
class Scope:
    """``chosen`` are the keys of applications picked in a list, in its order; ``filters`` those of a page."""

    programme: Programme | None = None
    round: Round | None = None
    chosen: tuple[int, ...] | None = None
    filters: dict[str, str] = field(default_factory=dict)
    unmasked: bool = False

    @property
    def label(self) -> str:
        if self.chosen is not None:
            return f"筛选结果 {len(self.chosen)} 份"
        if self.round is not None:
            return str(self.round)
        return f"{self.programme.year} 年度" if self.programme else ""

    def dump(self) -> dict[str, Any]:
        return {
            "programme": self.programme.pk if self.programme else None,
            "round": self.round.pk if self.round else None,
            "chosen": list(self.chosen) if self.chosen is not None else None,
            "filters": self.filters,
            "unmasked": self.unmasked,
        }

    @classmethod
    def load(cls, kept: dict[str, Any]) -> "Scope":
        chosen = kept.get("chosen")
        return cls(
            programme=Programme.objects.filter(pk=kept.get("programme") or 0).first(),
            round=Round.objects.select_related("programme").filter(pk=kept.get("round") or 0).first(),
            chosen=tuple(chosen) if chosen is not None else None,
            filters=dict(kept.get("filters") or {}),
            unmasked=bool(kept.get("unmasked")),
        )

    def of_round(self, path: str = "") -> dict[str, Any]:
        """Conditions on rows whose round is at ``path`` (such as ``application__round``)."""
        prefix = f"{path}__" if path else ""
        if self.round is not None:
            return {f"{prefix}round": self.round.pk}
        return {f"{prefix}round__programme": self.programme.pk} if self.programme else {}

    def applications(self) -> "QuerySet[Application]":
        """What was filed; drafts are their writers' own until they are submitted."""
        rows = Application.objects.submitted()
        if self.chosen is not None:
            return rows.filter(pk__in=self.chosen)
        return rows.filter(**self.of_round())
