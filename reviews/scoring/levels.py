"""等级 from a ranking: by threshold, share or quota, with what happens to ties at a cut. Pure Python."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from reviews.scoring.rules import Row
from reviews.scoring.words import short


class Method(StrEnum):
    THRESHOLD = "threshold"
    SHARE = "share"
    QUOTA = "quota"


class Ties(StrEnum):
    """What becomes of groups that share a rank across a cut."""

    INCLUDE = "include"
    EXCLUDE = "exclude"
    PANEL = "panel"


class Base(StrEnum):
    """Of what a share is a share."""

    RANKED = "ranked"
    ENTERED = "entered"


class Absent(StrEnum):
    """Levels open to groups that do not present where others do."""

    SAME = "same"
    LOWEST = "lowest"
    NONE = "none"


METHOD_LABELS = {Method.QUOTA: "按名额", Method.SHARE: "按比例", Method.THRESHOLD: "按分数线"}
TIES_LABELS = {Ties.INCLUDE: "并列的都列入", Ties.EXCLUDE: "并列的都不列入", Ties.PANEL: "由评审组合议"}
BASE_LABELS = {Base.RANKED: "有名次的小组", Base.ENTERED: "全部参评小组"}
ABSENT_LABELS = {Absent.SAME: "与其他小组相同", Absent.LOWEST: "最高到最低一级", Absent.NONE: "不授予等级"}
PENDING = "待合议"


@dataclass(frozen=True)
class Cut:
    """One level, best first. ``value``: the lowest total, the share in per cent, or the number of places."""

    name: str
    value: Decimal


@dataclass(frozen=True)
class Override:
    """A level given (or, with an empty name, withheld) by a person, whatever the cuts say."""

    name: str
    reason: str
    basis: str = ""


@dataclass(frozen=True)
class Scheme:
    method: Method
    cuts: tuple[Cut, ...]
    ties: Ties = Ties.INCLUDE
    base: Base = Base.RANKED
    absent: Absent = Absent.SAME


@dataclass(frozen=True)
class Award:
    """What one row gets and why. ``computed`` is what the cuts alone give."""

    name: str
    note: str = ""
    computed: str = ""
    is_pending: bool = False
    is_override: bool = False


@dataclass(frozen=True)
class Line:
    """What one level came to. ``edge``: places up to which it is given (quota and share)."""

    cut: Cut
    sentence: str
    count: int
    edge: int | None = None


@dataclass(frozen=True)
class Outcome:
    lines: tuple[Line, ...]
    awards: Mapping[Hashable, Award]

    @property
    def pending(self) -> int:
        return sum(award.is_pending for award in self.awards.values())


def decide(rows: Sequence[Row], scheme: Scheme, overrides: Mapping[str, Override] | None = None) -> Outcome:
    """Every row of a ranking with its level. Rows without a rank get none, unless a person decided so."""
    ranked = [row for row in rows if row.rank is not None]
    sizes = _sizes(ranked)
    edges = _edges(scheme, len(ranked if scheme.base == Base.RANKED else rows))
    awards: dict[Hashable, Award] = {row.key: Award("", row.reason) for row in rows}
    worst = 0  # a level never stands above that of a group ranked higher
    presenting = any(row.shortlisted for row in ranked)
    for row in ranked:
        award, place = _award(row, scheme, edges, sizes, worst)
        worst = max(worst, place)
        awards[row.key] = _absent(row, award, scheme) if presenting and not row.shortlisted else award
    lines = tuple(_line(at, scheme, edges, ranked, awards, len(rows)) for at in range(len(scheme.cuts)))
    for key, override in (overrides or {}).items():
        if key in awards:
            awards[key] = _overridden(awards[key], override)
    return Outcome(lines, awards)


def _sizes(ranked: Sequence[Row]) -> dict[int, int]:
    sizes: dict[int, int] = {}
    for row in ranked:
        sizes[row.rank or 0] = sizes.get(row.rank or 0, 0) + 1
    return sizes


def _edges(scheme: Scheme, base: int) -> list[int]:
    """The last place of each level. Shares are added up first and rounded down once: no level gains by rounding."""
    edges, added = [], Decimal(0)
    for cut in scheme.cuts:
        added += cut.value
        exact = added * base / 100 if scheme.method == Method.SHARE else added
        edges.append(int(exact.to_integral_value(rounding=ROUND_FLOOR)))
    return edges


def _award(
    row: Row, scheme: Scheme, edges: list[int], sizes: dict[int, int], worst: int
) -> tuple[Award, int]:  # fmt: skip
    """The row's level by the cuts, and its place among the levels (their number: none)."""
    names = [cut.name for cut in scheme.cuts]
    if scheme.method == Method.THRESHOLD:
        own = next((at for at, cut in enumerate(scheme.cuts) if (row.total or Decimal(0)) >= cut.value), len(names))
        place = max(own, worst)
        note = "" if own == place else "总分达到更高的分数线，但名次在后，不高于前面小组的等级"
        return _named(names, place, note), place
    first, last = row.rank or 0, (row.rank or 0) + sizes[row.rank or 0] - 1
    inside = first if scheme.ties == Ties.INCLUDE else last
    place = next((at for at, edge in enumerate(edges) if inside <= edge), len(names))
    crossed = next((at for at, edge in enumerate(edges) if first <= edge < last), None)
    if crossed is None:
        return _named(names, place), place
    across = f"并列第 {first} 名的 {sizes[first]} 组跨过“{names[crossed]}”的名额线"
    if scheme.ties == Ties.PANEL:
        return Award("", f"{across}，{PENDING}", is_pending=True), place
    return _named(names, place, f"{across}，{TIES_LABELS[scheme.ties]}"), place


def _named(names: list[str], place: int, note: str = "") -> Award:
    name = names[place] if place < len(names) else ""
    return Award(name, note, name)


def _absent(row: Row, award: Award, scheme: Scheme) -> Award:
    if not award.name or scheme.absent == Absent.SAME:
        return award
    if scheme.absent == Absent.NONE:
        return Award("", "未入选发表，不授予等级")
    lowest = scheme.cuts[-1].name
    return award if award.name == lowest else Award(lowest, "未入选发表，最高到最低一级", lowest)


def _overridden(award: Award, override: Override) -> Award:
    before = award.computed or (PENDING if award.is_pending else "无等级")
    note = f"{override.basis}：{before} → {override.name or '不授予'}（{override.reason}）"
    return replace(award, name=override.name, note=note, is_pending=False, is_override=True)


def _line(
    at: int,
    scheme: Scheme,
    edges: list[int],
    ranked: Sequence[Row],
    awards: Mapping[Hashable, Award],
    entered: int,
) -> Line:
    cut = scheme.cuts[at]
    count = sum(award.name == cut.name for award in awards.values())
    if scheme.method == Method.THRESHOLD:
        return Line(cut, f"{cut.name}：总分不低于 {short(cut.value)} 分，按线 {count} 组。", count)
    start, edge = (edges[at - 1] if at else 0) + 1, edges[at]
    text = f"{cut.name}：{_places(at, scheme, edge, len(ranked), entered)}"
    if edge < start:
        text += "，没有名额"
    text += _across(scheme, edge, ranked) + f"，按线 {count} 组。"
    return Line(cut, text, count, edge)


def _places(at: int, scheme: Scheme, edge: int, ranked: int, entered: int) -> str:
    if scheme.method == Method.QUOTA:
        return f"{short(scheme.cuts[at].value)} 个名额，到第 {edge} 名为止"
    share = sum((cut.value for cut in scheme.cuts[: at + 1]), Decimal(0))
    number = ranked if scheme.base == Base.RANKED else entered
    exact = share * number / 100
    word = "累计 " if at else ""
    return f"{word}{short(share)}% × {number} 组 = {short(exact)}，取整到第 {edge} 名为止"


def _across(scheme: Scheme, edge: int, ranked: Sequence[Row]) -> str:
    """What the tie that straddles this edge comes to, in words; "" without one."""
    same = [row for row in ranked if (row.rank or 0) <= edge]
    if not same:
        return ""
    first = same[-1].rank or 0
    size = sum(row.rank == first for row in ranked)
    if first + size - 1 <= edge:
        return ""
    more = first + size - 1 - edge
    ends = {
        Ties.INCLUDE: f"都列入，多授 {more} 个",
        Ties.EXCLUDE: f"都不列入，本等级少授 {edge - first + 1} 个",
        Ties.PANEL: "由评审组合议，合议前不授予",
    }
    return f"；第 {first} 名并列 {size} 组跨过名额线，{ends[scheme.ties]}"
