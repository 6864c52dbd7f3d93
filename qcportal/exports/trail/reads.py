"""谁看过什么: reads of personal data, files and scores, exports, acting as somebody; by person or by object."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import Count, Max, Min, Q, Value
from django.db.models.functions import Concat

from applications.models import Application, Evidence, StampedScan, Submission
from qcportal import audit_labels
from qcportal.exports.scope import Scope
from qcportal.exports.tables import Column, Table
from qcportal.exports.trail import search, words
from qcportal.models import AuditEvent

CHUNK = 1000
PERSON, OBJECT = "person", "object"
COLUMNS = [
    Column("操作人", 14), Column("查看方式", 24), Column("对象", 40), Column("次数", 8, "whole"),
    Column("首次", 20, "moment"), Column("最近", 20, "moment"),
]  # fmt: skip


class Group(NamedTuple):
    """How often one person looked at one thing in one way."""

    who: str
    verb: str
    target_type: str
    target_id: str
    target: str
    times: int
    first: Any
    last: Any

    @property
    def how(self) -> str:
        return audit_labels.label(self.verb)

    @property
    def object_key(self) -> str:
        return f"{self.target_type}:{self.target_id}"

    @property
    def link(self) -> str:
        return search.link(AuditEvent(target_type=self.target_type, target_id=self.target_id))


def reads(filters: dict[str, str]) -> Any:
    """Rows of reading. An application stands for its versions, files and scans too."""
    plain = {name: text for name, text in filters.items() if name != "about"}
    rows = search.events(plain).filter(words.reads())
    return rows.filter(_of_object(filters["about"])) if filters.get("about") else rows


def _of_object(key: str) -> Q:
    kind, _colon, pk = key.partition(":")
    condition = Q(target_type=kind, target_id=pk)
    if kind != "applications.application" or not pk.isdigit():
        return condition
    own = {
        "applications.submission": Submission.objects.filter(application=int(pk)),
        "applications.evidence": Evidence.objects.filter(application=int(pk)),
        "applications.stampedscan": StampedScan.objects.filter(part__submission__application=int(pk)),
    }
    for label, rows in own.items():
        keys = [str(one) for one in rows.values_list("pk", flat=True)]
        if keys:
            condition |= Q(target_type=label, target_id__in=keys)
    return condition


def groups(filters: dict[str, str]) -> Any:
    """Newest first, as the database grouped them: one question."""
    order = ["actor_label", "-last"] if filters.get("by") == PERSON else ["-last"]
    rows = reads(filters).order_by().values("actor_label", "verb", "target_type", "target_id")
    return rows.annotate(
        target=Max("target_label"), times=Count("pk"), first=Min("at"), last=Max("at")
    ).order_by(*order, "target_type", "target_id", "verb")  # fmt: skip


def group(row: dict[str, Any]) -> Group:
    return Group(
        row["actor_label"] or "系统", row["verb"], row["target_type"], row["target_id"], row["target"], row["times"],
        row["first"], row["last"],
    )  # fmt: skip


def people(filters: dict[str, str]) -> list[dict[str, Any]]:
    """Who looked, at how many things, how often; most first."""
    rows = reads(filters).order_by().values("actor_label")
    thing = Concat("target_type", Value(":"), "target_id")  # a key alone may be that of a round and of a filing
    rows = rows.annotate(times=Count("pk"), things=Count(thing, distinct=True), last=Max("at"))
    return list(rows.order_by("-times", "actor_label")[:50])


def name_of(key: str) -> str:
    """What an object is called now, for the head of the page."""
    kind, _colon, pk = key.partition(":")
    if kind == "applications.application" and pk.isdigit():
        row = Application.objects.select_related("enterprise").filter(pk=pk).first()
        return f"{row.file_number or '草稿'} {row.enterprise.name} {row.display_name}" if row else ""
    event = AuditEvent.objects.filter(target_type=kind, target_id=pk).order_by("-id").first()
    return event.target_label if event else ""


def count(scope: Scope) -> int:
    return int(groups(scope.filters).count())


def tables(scope: Scope) -> list[Table]:
    return [Table("查看记录", COLUMNS, _rows(scope), [search.told(scope.filters)])]


def _rows(scope: Scope) -> Iterator[list[Any]]:
    for row in groups(scope.filters).iterator(chunk_size=CHUNK):
        one = group(row)
        yield [one.who, one.how, one.target, one.times, one.first, one.last]
