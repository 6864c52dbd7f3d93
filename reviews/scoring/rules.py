"""The rules of a ranking and what goes into it. Pure Python, Decimal only."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

CENT = Decimal("0.01")


class Kind(StrEnum):
    """The values of reviews.models.StageKind."""

    DOCUMENT = "document"
    ON_SITE = "on_site"
    PRESENTATION = "presentation"


KIND_LABELS = {Kind.DOCUMENT: "资料", Kind.ON_SITE: "现场", Kind.PRESENTATION: "发表"}


class Standing(StrEnum):
    """What became of one judge's sheet in a stage mean."""

    COUNTED = "counted"
    HIGHEST = "highest"
    LOWEST = "lowest"
    RECUSED = "recused"
    MISSING = "missing"


STANDING_LABELS = {
    Standing.COUNTED: "计入",
    Standing.HIGHEST: "去最高",
    Standing.LOWEST: "去最低",
    Standing.RECUSED: "回避",
    Standing.MISSING: "未交",
}


class Tie(StrEnum):
    """What may be compared among equal totals. The panel's recorded decision always comes last."""

    PRESENTATION = "presentation"
    ITEM = "item"
    ON_SITE = "on_site"
    DOCUMENT = "document"


TIE_LABELS = {
    Tie.PRESENTATION: "发表均分",
    Tie.ITEM: "原因分析（最佳方案）均分",
    Tie.ON_SITE: "现场均分",
    Tie.DOCUMENT: "资料均分",
}
TIE_ORDER = (Tie.PRESENTATION, Tie.ITEM, Tie.ON_SITE)  # design, section 6


class Unlisted(StrEnum):
    """What happens to groups that do not present where others do."""

    BELOW = "below"
    TOGETHER = "together"
    UNRANKED = "unranked"


UNLISTED_LABELS = {
    Unlisted.BELOW: "按资料评审排在入选小组之后",
    Unlisted.TOGETHER: "按资料评审与入选小组一起排名",
    Unlisted.UNRANKED: "不参加排名",
}


class WeightError(ValueError):
    """The weights of the active stages do not add up to 1."""


@dataclass(frozen=True)
class StageRule:
    """``trim_count`` highest and as many lowest are dropped from ``trim_from`` valid sheets on."""

    kind: Kind
    weight: Decimal
    min_valid: int = 3
    trim_from: int = 5
    trim_count: int = 1


@dataclass(frozen=True)
class RoundRules:
    stages: tuple[StageRule, ...]
    tie_order: tuple[Tie, ...] = TIE_ORDER
    unlisted: Unlisted = Unlisted.BELOW


@dataclass(frozen=True)
class Sheet:
    """One judge's sheet. ``points`` is None until it is submitted: missing, never zero.

    ``code`` stands for the judge where names are not shown.
    """

    judge: str
    points: Decimal | None = None
    recused: bool = False
    tie_item: Decimal | None = None  # points of 原因分析 / 提出方案并确定最佳方案
    code: str = ""


@dataclass(frozen=True)
class Entry:
    """One application as it goes into a ranking. ``decision``: the panel's recorded order among equals, 1 first."""

    key: Hashable
    sheets: Mapping[Kind, Sequence[Sheet]]
    shortlisted: bool = False
    decision: int | None = None


@dataclass(frozen=True)
class SheetLine:
    judge: str
    points: Decimal | None
    standing: Standing
    code: str = ""

    @property
    def label(self) -> str:
        return STANDING_LABELS[self.standing]

    @property
    def is_dropped(self) -> bool:
        return self.standing in {Standing.HIGHEST, Standing.LOWEST}


@dataclass(frozen=True)
class StageResult:
    """A stage mean with its derivation. ``mean`` is None when fewer than ``min_valid`` sheets are valid."""

    rule: StageRule
    lines: tuple[SheetLine, ...]
    mean: Decimal | None
    tie_mean: Decimal | None
    arithmetic: str

    @property
    def valid(self) -> int:
        return sum(line.standing not in {Standing.RECUSED, Standing.MISSING} for line in self.lines)

    @property
    def counted(self) -> int:
        return self._count(Standing.COUNTED)

    @property
    def missing(self) -> int:
        return self._count(Standing.MISSING)

    @property
    def recused(self) -> int:
        return self._count(Standing.RECUSED)

    def _count(self, standing: Standing) -> int:
        return sum(line.standing == standing for line in self.lines)


@dataclass(frozen=True)
class Row:
    """One line of a ranking. ``rank`` is None together with a ``reason``.

    ``tier`` 1 stands below tier 0, whatever the totals. ``tie_steps`` says criterion by criterion how this
    row came to stand where it does among equal totals.
    """

    key: Hashable
    shortlisted: bool
    stages: tuple[StageResult, ...]
    total: Decimal | None
    arithmetic: str
    reason: str
    tie_values: tuple[tuple[str, Decimal | None], ...] = ()
    decision: int | None = None
    tier: int = 0
    rank: int | None = None
    tie_note: str = ""
    tie_steps: tuple[str, ...] = ()

    @property
    def missing(self) -> int:
        return sum(stage.missing for stage in self.stages)

    def stage(self, kind: str) -> StageResult | None:
        return next((result for result in self.stages if result.rule.kind == kind), None)


def round_half_up(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def check_weights(rules: Iterable[StageRule]) -> None:
    """Refused (WeightError) unless the weights of the active stages add up to exactly 1."""
    total = sum((rule.weight for rule in rules), Decimal(0))
    if total != 1:
        raise WeightError(f"启用阶段的权重合计为 {total.normalize():f}，应为 1。")
