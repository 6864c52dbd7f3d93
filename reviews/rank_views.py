"""The ways of looking at one ranking: by stage, type, panel, special award, city, industry. Reads only."""

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import NamedTuple

from applications import regions
from applications.models import Application
from applications.models.enterprises import Industry
from applications.topics import TopicType
from reviews import standings
from reviews.models import Panel, StageKind
from reviews.scopes import Scope
from reviews.standings import Standings

SOLVING = (TopicType.SELF_SET, TopicType.DIRECTIVE)
ALL = "all"


class View(NamedTuple):
    """One way of looking; ranks count within it. ``group`` is its heading in the list of choices."""

    key: str
    label: str
    group: str
    compute: Callable[[], Standings]


def views_of(scope: Scope) -> list[View]:
    found = [View(ALL, "全部", "", scope.compute), *_by_type(scope)]
    if scope.award is None and scope.round is not None:
        found += [*_by_stage(scope), *_by_panel(scope), *_by_award(scope)]
    return [*found, *_by_place(scope)]


def grouped(views: list[View]) -> list[tuple[str, list[View]]]:
    """For a list of choices with headings; the whole ranking has none."""
    return [(name, list(rows)) for name, rows in groupby(views, key=lambda view: view.group)]


def _part(scope: Scope, **part: object) -> Callable[[], Standings]:
    if scope.round is not None:
        return lambda: standings.of_round(scope.round, award=scope.award, **part)  # type: ignore[arg-type]
    return lambda: standings.of_programme(scope.programme, award=scope.award, **part)  # type: ignore[arg-type]


def _by_type(scope: Scope) -> Iterator[View]:
    yield View("solving", "问题解决型", "课题类型", _part(scope, topic_types=SOLVING))
    yield View("innovation", "创新型", "课题类型", _part(scope, topic_types=(TopicType.INNOVATION,)))


def _by_stage(scope: Scope) -> Iterator[View]:
    round_ = scope.round
    assert round_ is not None  # noqa: S101 -- asked for rounds only
    for kind in round_.stages.filter(is_active=True).values_list("kind", flat=True):
        yield View(
            f"stage-{kind}",
            f"只看{StageKind(kind).label}",
            "评审阶段",
            lambda kind=kind: standings.of_stage(round_, kind),  # type: ignore[misc]
        )


def _by_panel(scope: Scope) -> Iterator[View]:
    for panel in Panel.objects.filter(stage__round=scope.round, stage__is_active=True).select_related("stage"):
        label = f"{panel.name}（{StageKind(panel.stage.kind).label}）"
        yield View(f"panel-{panel.pk}", label, "评审组", _part(scope, panel=panel))


def _by_award(scope: Scope) -> Iterator[View]:
    for award in scope.programme.special_awards.all():
        yield View(f"award-{award.code}", award.name, "单项奖", Scope(scope.programme, scope.round, award).compute)


def _by_place(scope: Scope) -> Iterator[View]:
    """Only the cities and industries that somebody filed from."""
    filings = Application.objects.taking_part().filter(round__programme=scope.programme)
    if scope.round is not None:
        filings = filings.filter(round=scope.round)
    pairs = set(filings.values_list("enterprise__city", "enterprise__industry"))
    cities, industries = {city for city, _ in pairs}, {industry for _, industry in pairs}
    for code, label in regions.CHOICES:
        if code in cities:
            yield View(f"city-{code}", label, "市（州）", _part(scope, city=code))
    for code, label in Industry.choices:
        if code in industries:
            yield View(f"industry-{code}", label, "行业", _part(scope, industry=code))
