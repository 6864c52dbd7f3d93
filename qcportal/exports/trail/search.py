"""Finding rows of the audit trail: when, who, what kind of act, about what, from where, in which request."""

import ipaddress
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib import admin
from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from applications.models import Application
from qcportal import audit_labels
from qcportal.exports.scope import Scope
from qcportal.exports.tables import Column, Table
from qcportal.exports.trail import words
from qcportal.models import AuditEvent, User

CHUNK = 1000
MOST_COUNTED = 10_000  # beyond, the exact number helps nobody and costs a look at every row
OBJECTS_AT_MOST = 200
COLUMNS = [
    Column("时间", 20, "moment"), Column("操作人", 14), Column("操作", 22), Column("对象", 40), Column("变更前", 36),
    Column("变更后", 36), Column("附加信息", 36), Column("IP 地址", 16), Column("请求编号", 15),
    Column("序号", 10, "whole"),
]  # fmt: skip
LABELS = {
    "start": "从", "end": "到", "by": "按", "actor": "操作人", "group": "类别", "verb": "操作", "q": "对象",
    "request": "请求编号", "ip": "IP 地址", "about": "对象编号",
}  # fmt: skip


def events(filters: dict[str, str]) -> Any:
    """The newest first."""
    rows = AuditEvent.objects.order_by("-id")
    if filters.get("start"):
        rows = rows.filter(at__gte=_midnight(filters["start"]))
    if filters.get("end"):
        rows = rows.filter(at__lt=_midnight(filters["end"]) + timedelta(days=1))
    if filters.get("actor"):
        rows = rows.filter(_by(filters["actor"].strip()))
    if filters.get("group"):
        rows = rows.filter(words.group_condition(filters["group"]))
    if filters.get("verb"):
        rows = rows.filter(verb=filters["verb"])
    if filters.get("request"):
        rows = rows.filter(request_id=filters["request"].strip())
    if filters.get("ip"):
        rows = rows.filter(ip=str(ipaddress.ip_address(filters["ip"])))
    if filters.get("about"):
        kind, _colon, key = filters["about"].partition(":")
        rows = rows.filter(target_type=kind, target_id=key)
    return rows.filter(_about(filters["q"].strip())) if filters.get("q", "").strip() else rows


def _by(name: str) -> Q:
    """By the people who are called so, which an index answers; else by the name that stands in the row."""
    people = User.objects.filter(Q(name__icontains=name) | Q(username__iexact=name))
    keys = list(people.values_list("pk", flat=True)[: OBJECTS_AT_MOST + 1])
    if keys and len(keys) <= OBJECTS_AT_MOST:
        return Q(actor__in=keys)
    return Q(actor_label__contains=name)


def _midnight(day: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(day))


def _about(text: str) -> Q:
    """By the name written in the row; and all rows of a filing, also from when it had no number yet."""
    code = text.replace(" ", "").upper()
    named = Application.objects.filter(Q(file_number__iexact=text) | Q(submissions__code=code))
    keys = [str(pk) for pk in named.values_list("pk", flat=True).distinct()[:OBJECTS_AT_MOST]]
    # Not icontains: writing every label large costs more than looking at it twice, and Chinese has no capitals.
    condition = Q(target_label__contains=text)
    if text.upper() != text:
        condition |= Q(target_label__contains=text.upper())
    if keys:
        condition |= Q(target_type="applications.application", target_id__in=keys)
    return condition


class Found(NamedTuple):
    """One page of rows, and how many there are; ``total`` is one more than MOST_COUNTED where there are more."""

    events: list[AuditEvent]
    total: int
    has_next: bool


def page(rows: Any, number: int, size: int, *, oldest_first: bool = False) -> Found:
    """One look at the table: the keys of up to MOST_COUNTED rows, then the rows of one page by their keys."""
    keys = list(rows.values_list("pk", flat=True)[: MOST_COUNTED + 1])
    if oldest_first:
        keys.reverse()
    shown = keys[(number - 1) * size : number * size]
    by_key = AuditEvent.objects.in_bulk(shown)
    return Found([by_key[key] for key in shown], len(keys), len(keys) > number * size)


class Line(NamedTuple):
    """A row as the pages show it."""

    event: AuditEvent
    sentence: str
    changes: list[words.Change]
    more: list[tuple[str, str]]
    link: str

    @property
    def object_key(self) -> str:
        return f"{self.event.target_type}:{self.event.target_id}"


def line(event: AuditEvent) -> Line:
    return Line(event, words.sentence(event), words.changes(event), words.more(event), link(event))


def link(event: AuditEvent) -> str:
    """The page of the object on the staff site; empty where it has none."""
    if event.target_type == "applications.application":
        return reverse("admin:applications_check", args=[event.target_id])
    if event.target_type == "qcportal.export":
        return reverse("admin:exports")
    try:
        model = apps.get_model(event.target_type)
        if not admin.site.is_registered(model):
            return ""
        return reverse(f"admin:{event.target_type.replace('.', '_')}_change", args=[event.target_id])
    except (LookupError, ValueError, NoReverseMatch):
        return ""


def count(scope: Scope) -> int:
    return int(events(scope.filters).count())


def tables(scope: Scope) -> list[Table]:
    return [Table("审计记录", COLUMNS, _rows(scope), [told(scope.filters)])]


def told(filters: dict[str, str]) -> str:
    """The conditions in words, for the second line of the file."""
    shown = {**filters}
    if "group" in shown:
        shown["group"] = words.GROUPS.get(shown["group"], "")
    if "verb" in shown:
        shown["verb"] = audit_labels.label(shown["verb"])
    if "by" in shown:
        shown["by"] = {"person": "人员", "object": "对象"}.get(shown["by"], "")
    return "　".join(f"{LABELS[name]}：{text}" for name, text in shown.items() if name in LABELS) or "全部记录"


def _rows(scope: Scope) -> Iterator[list[Any]]:
    for event in events(scope.filters).iterator(chunk_size=CHUNK):
        changed = words.changes(event)
        yield [
            event.at, event.actor_label, audit_labels.label(event.verb), event.target_label,
            "；".join(f"{one.label} {one.before}" for one in changed if one.before),
            "；".join(f"{one.label} {one.after}" for one in changed),
            "；".join(f"{label} {text}" for label, text in words.more(event)), event.ip or "", event.request_id,
            event.pk,
        ]  # fmt: skip
