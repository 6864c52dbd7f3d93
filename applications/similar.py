"""Which filings an application resembles: the enterprise's own of all years, and published results. Nothing else.

Other enterprises' drafts and unpublished filings are never read here (design, section 6): not even whether there
are any. Of published results only what the results page names is compared: unit, group, topic.
"""

from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, Max, QuerySet

from applications import similarity
from applications.models import Application, PastResult, Submission
from applications.states import State

MOST = 5  # shown of each kind


class Alike(NamedTuple):
    """One filing that ``about`` (group_name or topic_name) resembles, and how."""

    about: str
    percent: int
    how: str  # 名称相似 / 名称相同 / 内容相似
    year: int
    round_label: str
    unit: str
    group: str
    topic: str
    uuid: str = ""  # of an own filing
    same_programme: bool = False

    @property
    def is_own(self) -> bool:
        return bool(self.uuid)

    @property
    def figure(self) -> str:
        return self.how if self.percent == 100 and self.how == "名称相同" else f"{self.how} {self.percent}%"

    @property
    def where(self) -> str:
        return f"{self.year} 年{self.round_label}"


def own_filings(application: Application) -> list[Application]:
    """The enterprise's other filings that were not taken back, without the one that this carries on."""
    rows = (
        Application.objects.filter(enterprise=application.enterprise_id)
        .exclude(pk=application.pk)
        .exclude(state__in=[State.WITHDRAWN, State.LAPSED])
        .select_related("round__programme")
        .order_by("-round__programme__year", "-round__number", "id")
    )
    return [row for row in rows if row.pk != application.carried_from_id]


def among_own(application: Application, others: list[Application]) -> list[Alike]:
    """By name of group and topic, and by text; the most alike first."""
    found: list[Alike] = []
    for other in others:
        group = similarity.of_groups(application.group_name, other.group_name)
        topic = similarity.of_names(application.topic_name, other.topic_name)
        if group >= settings.SIMILAR_WARNING:
            found.append(_own(application, other, "group_name", group, _how(group)))
        if topic >= settings.SIMILAR_HINT:
            found.append(_own(application, other, "topic_name", topic, _how(topic)))
        else:
            text = similarity.of_texts(_content(application), _content(other))
            # Forms share phrases: only nearly the same text says something about the topic.
            if text >= settings.SIMILAR_WARNING:
                found.append(_own(application, other, "topic_name", text, "内容相似"))
    found.sort(key=lambda one: -one.percent)
    return found


def _content(application: Application) -> str:
    """What the group did and reached; who it is and how benefits are counted may well be the same every year."""
    steps = [str(application.steps.get(step.code, "")) for step in application.step_list]
    return "".join([*steps, application.main_results])


def _how(percent: int) -> str:
    return "名称相同" if percent == 100 else "名称相似"


def _own(application: Application, other: Application, about: str, percent: int, how: str) -> Alike:
    programme = other.round.programme
    return Alike(
        about, percent, how, programme.year, other.round.label, "", other.group_name, other.topic_name,
        str(other.uuid), other.round.programme_id == application.round.programme_id,
    )  # fmt: skip


class _Named(NamedTuple):
    """A filing of any enterprise as its last version names it."""

    uuid: str
    enterprise: int
    year: int
    round_label: str
    unit: str
    group: str
    topic: str


class _Kept(NamedTuple):
    stamp: tuple[object, ...]
    topics: similarity.Index[_Named]


# Of this process: reading ten thousand names at every look would be slow, and they hardly ever change.
_kept: dict[str, _Kept] = {}


def forget() -> None:
    """For tests, whose databases come and go within one process."""
    _kept.clear()


def among_published(application: Application) -> list[Alike]:
    """Published results of other enterprises, and of past years, with a topic named like this one.

    Two queries while nothing changed.

    The index is made again when an announcement, a revocation or a correction changes the stamp.
    """
    rows = Submission.objects.filter(application__state=State.AWARDED, application__result_announced_at__isnull=False)
    stamp = Application.objects.filter(state=State.AWARDED, result_announced_at__isnull=False).aggregate(
        count=Count("pk"), last=Max("pk"), announced=Max("result_announced_at"), changed=Max("updated_at")
    )
    return _alike(application, _topics("published", rows, stamp | _past_stamp()), with_links=False)


def among_filed(application: Application) -> list[Alike]:
    """For staff only: the last versions of all other enterprises, whatever became of them, and past results."""
    stamp = Submission.objects.aggregate(count=Count("pk"), last=Max("pk")) | _past_stamp()
    return _alike(application, _topics("filed", Submission.objects.all(), stamp), with_links=True)


def _past_stamp() -> dict[str, object]:
    """Changes with every list taken in, every correction and every removal."""
    return PastResult.objects.aggregate(past=Count("pk"), last_past=Max("pk"), past_changed=Max("updated_at"))


def _alike(application: Application, topics: similarity.Index[_Named], *, with_links: bool) -> list[Alike]:
    if not application.topic_name.strip():
        return []
    hits = topics.like(application.topic_name, at_least=settings.SIMILAR_HINT, most=MOST * 4)
    others = [hit for hit in hits if hit.key.enterprise != application.enterprise_id][:MOST]
    return [
        Alike(
            "topic_name", hit.percent, _how(hit.percent), hit.key.year, hit.key.round_label, hit.key.unit,
            hit.key.group, hit.key.topic, hit.key.uuid if with_links else "",
        )
        for hit in others
    ]  # fmt: skip


def _topics(name: str, rows: QuerySet[Submission], stamp: dict[str, object]) -> similarity.Index[_Named]:
    now = tuple(stamp.values())
    kept = _kept.get(name)
    if kept is None or kept.stamp != now:
        kept = _kept[name] = _Kept(now, similarity.Index((row, row.topic) for row in [*_named(rows), *_past()]))
    return kept.topics


def _named(rows: QuerySet[Submission]) -> list[_Named]:
    """As frozen with the last version: what is changed and not submitted belongs to nobody else."""
    values = rows.order_by("application_id", "version").values_list(
        "application_id", "application__uuid", "application__enterprise_id", "application__round__programme__year",
        "application__round__number", "data__enterprise__name", "data__group__group_name", "data__topic__topic_name",
    )  # fmt: skip
    latest = {pk: row for pk, *row in values.iterator(chunk_size=2000)}
    return [
        _Named(str(uuid), enterprise, year, "第一期" if number == 1 else "第二期", unit or "", group or "", topic or "")
        for uuid, enterprise, year, number, unit, group, topic in latest.values()
    ]


def _past() -> list[_Named]:
    """Results of the years before the portal. They belong to no enterprise here: its own of long ago count too."""
    values = PastResult.objects.exclude(topic_name="").values_list(
        "year", "round_number", "unit_name", "group_name", "topic_name"
    )
    rounds = {1: "第一期", 2: "第二期"}
    return [
        _Named("", 0, year, rounds.get(number or 0, ""), unit, group, topic)
        for year, number, unit, group, topic in values.iterator(chunk_size=2000)
    ]
