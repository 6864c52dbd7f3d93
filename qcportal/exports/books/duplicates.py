"""重复清单: the same file in several filings, names of topics and groups that resemble each other, people in several
groups. For the secretariat's eye; nothing is decided here."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Max, Q

from applications import similarity
from applications.models import Application, Evidence, Member
from applications.states import State
from qcportal.exports.scope import Scope
from qcportal.exports.tables import Column, Table

FILE, NAME, MEMBER = "file", "name", "member"
WHAT = {FILE: "同一文件", NAME: "相近课题与小组", MEMBER: "同名成员"}
LIKE_AT_MOST = 6  # of the most alike names for each filing
GONE = (State.WITHDRAWN, State.LAPSED)
CACHE_SECONDS = 24 * 3600
COLUMNS = [
    Column("类别", 14), Column("依据", 40), Column("程度", 9), Column("文件编号", 15), Column("年度", 8, "whole"),
    Column("单位名称", 32), Column("小组名称", 20), Column("课题名称", 40), Column("同一单位", 10),
]  # fmt: skip


SHOWN = 12  # filings of one match on the page


class Filing(NamedTuple):
    pk: int
    number: str
    year: int
    round: int
    enterprise: int
    unit: str
    group: str
    topic: str
    carried_from: int | None


class Match(NamedTuple):
    """Filings that share ``what``: a file, a name, a person. ``percent`` of the least alike; 100 for the same."""

    kind: str
    what: str
    percent: int
    filings: list[Filing]

    @property
    def same_unit(self) -> bool:
        return len({one.enterprise for one in self.filings}) == 1

    @property
    def label(self) -> str:
        return WHAT[self.kind]

    @property
    def shown(self) -> list[Filing]:
        """On the page the newest ones; the exported list holds all. One stamp of an office stands in hundreds."""
        return self.filings[-SHOWN:]

    @property
    def more(self) -> int:
        return max(len(self.filings) - SHOWN, 0)


def compared() -> Any:
    """Everything filed in any year and not taken back."""
    return Application.objects.submitted().exclude(state__in=GONE)


def everything() -> dict[int, Filing]:
    rows = compared().order_by("round__programme__year", "round__number", "file_number").values_list(
        "pk", "file_number", "round__programme__year", "round__number", "enterprise_id", "enterprise__name",
        "group_name", "topic_name", "carried_from_id",
    )  # fmt: skip
    return {row[0]: Filing(*row) for row in rows.iterator(chunk_size=2000)}


def matches(scope: Scope, kind: str, q: str = "") -> list[Match]:
    """Those that touch the scope, the most alike first; ``q`` narrows by name or number."""
    found = {FILE: _by_file, NAME: _by_name, MEMBER: _by_member}[kind](scope)
    wanted = q.strip().casefold()
    return [one for one in found if wanted in _words(one).casefold()] if wanted else found


def _words(match: Match) -> str:
    return " ".join([match.what, *(f"{one.number} {one.unit} {one.group} {one.topic}" for one in match.filings)])


def _in_scope(scope: Scope, filing: Filing) -> bool:
    if scope.round is not None:
        return (filing.year, filing.round) == (scope.round.programme.year, scope.round.number)
    return scope.programme is None or filing.year == scope.programme.year


# --- The same bytes ------------------------------------------------------------------------------


def _by_file(scope: Scope) -> list[Match]:
    """Files that stand in more than one filing; a carried-over filing keeps its own, which says nothing."""
    twice = Evidence.objects.filter(application__in=compared()).values("file").order_by()
    twice = twice.annotate(filings=Count("application", distinct=True)).filter(filings__gt=1).values("file")
    rows = Evidence.objects.filter(file__in=twice, application__in=compared())
    groups: dict[str, dict[int, str]] = defaultdict(dict)
    for sha256, pk, name in rows.order_by("file_id", "application_id", "pk").values_list(
        "file_id", "application_id", "name"
    ):
        groups[sha256].setdefault(pk, name)
    known = everything()
    found = []
    for names in groups.values():
        filings = _without_carried([known[pk] for pk in names])
        if len(filings) > 1 and any(_in_scope(scope, one) for one in filings):
            found.append(Match(FILE, next(iter(names.values())), 100, filings))
    return sorted(found, key=lambda one: (one.same_unit, -len(one.filings), one.what))


def _without_carried(filings: list[Filing]) -> list[Filing]:
    sources = {one.carried_from for one in filings}
    return [one for one in filings if one.pk not in sources]


# --- Names that resemble each other --------------------------------------------------------------


def _by_name(scope: Scope) -> list[Match]:
    return [one for one in _names() if any(_in_scope(scope, filing) for filing in one.filings)]


def _names() -> list[Match]:
    """Compared once for what is filed at the moment, kept until a filing changes: a thousand names take seconds."""
    stamp = compared().aggregate(count=Count("pk"), last=Max("pk"), changed=Max("updated_at"))
    key = f"duplicates:names:{settings.SIMILAR_HINT}:{settings.SIMILAR_WARNING}"
    kept = cache.get(key)
    known = everything()
    if kept is None or kept[0] != stamp:
        kept = (stamp, _compare(known))
        cache.set(key, kept, CACHE_SECONDS)
    return [
        Match(NAME, what, percent, [known[pk] for pk in pks])
        for what, percent, pks in kept[1]
        if all(pk in known for pk in pks)
    ]


def _compare(known: dict[int, Filing]) -> list[tuple[str, int, list[int]]]:
    """Pairs of filings: alike topics anywhere, alike groups within one enterprise (red willow is a common name)."""
    topics = similarity.Index((one.pk, one.topic) for one in known.values())
    pairs: dict[tuple[int, int], tuple[str, int]] = {}
    for one in known.values():
        if one.topic:
            for hit in topics.like(one.topic, at_least=settings.SIMILAR_HINT, most=LIKE_AT_MOST):
                _add(pairs, one, known[hit.key], "课题", hit.percent)
    for left, right in _within_units(known.values()):
        percent = similarity.of_groups(left.group, right.group)
        if percent >= settings.SIMILAR_WARNING:
            _add(pairs, left, right, "小组名称", percent)
    rows = [
        (f"{what}{'相同' if percent == 100 else '相近'}", percent, list(key)) for key, (what, percent) in pairs.items()
    ]
    return sorted(rows, key=lambda row: (-row[1], row[2]))


def _within_units(filings: Iterable[Filing]) -> Iterator[tuple[Filing, Filing]]:
    by_unit: dict[int, list[Filing]] = defaultdict(list)
    for one in filings:
        for other in by_unit[one.enterprise]:
            yield other, one
        by_unit[one.enterprise].append(one)


def _add(pairs: dict[tuple[int, int], tuple[str, int]], one: Filing, other: Filing, what: str, percent: int) -> None:
    """The stronger reason counts; a filing that carries the other on is the same one."""
    if one.pk == other.pk or one.pk == other.carried_from or other.pk == one.carried_from:
        return
    key = (min(one.pk, other.pk), max(one.pk, other.pk))
    if key not in pairs or pairs[key][1] < percent:
        pairs[key] = (what, percent)


# --- The same people -----------------------------------------------------------------------------


def _by_member(scope: Scope) -> list[Match]:
    """People of one enterprise in several of its groups of a year: names across enterprises say nothing."""
    rows = Member.objects.filter(application__in=compared())
    if scope.programme is not None:
        rows = rows.filter(application__round__programme=scope.programme)
    shared = rows.values("name", "application__enterprise", "application__round__programme").order_by()
    shared = shared.annotate(groups=Count("application", distinct=True)).filter(groups__gt=1)
    names = {(row["name"], row["application__enterprise"], row["application__round__programme"]) for row in shared}
    if not names:
        return []
    enterprises = {enterprise for _name, enterprise, _programme in names}
    groups: dict[tuple[str, int, int], list[int]] = defaultdict(list)
    for name, enterprise, programme, pk in (
        rows.filter(Q(application__enterprise__in=enterprises))
        .order_by("application_id", "pk")
        .values_list("name", "application__enterprise_id", "application__round__programme_id", "application_id")
    ):
        if (name, enterprise, programme) in names and pk not in groups[name, enterprise, programme]:
            groups[name, enterprise, programme].append(pk)
    known = everything()
    found = [Match(MEMBER, key[0], 100, _without_carried([known[pk] for pk in pks])) for key, pks in groups.items()]
    found = [one for one in found if len(one.filings) > 1 and any(_in_scope(scope, each) for each in one.filings)]
    return sorted(found, key=lambda one: (-len(one.filings), one.filings[0].unit, one.what))


# --- Export --------------------------------------------------------------------------------------


def tables(scope: Scope) -> list[Table]:
    """The kind chosen on the page, or all; same names of people only when chosen."""
    chosen = scope.filters.get("kind", "")
    kinds = [chosen] if chosen in WHAT else [FILE, NAME]
    return [Table("重复清单", COLUMNS, _rows(scope, kinds), [scope.label])]


def _rows(scope: Scope, kinds: list[str]) -> Iterator[list[Any]]:
    for kind in kinds:
        for match in matches(scope, kind, scope.filters.get("q", "")):
            for one in match.filings:
                yield [
                    match.label, match.what, f"{match.percent}%", one.number, one.year, one.unit, one.group,
                    one.topic, match.same_unit,
                ]  # fmt: skip
