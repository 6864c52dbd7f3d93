"""What the queue's page shows: rows, facets with counts, chips, saved filters. A fixed number of queries."""

from collections import Counter
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from applications import queueing
from applications.admin import queue, queue_filter
from applications.admin.chips import chip_of
from applications.admin.queue_filter import ALL, CHECKING, FACETS, OVERDUE, RESUBMITTED, WAITING, Filter
from applications.models import Application, BulkAction, BulkKind, BulkState, SavedFilter
from applications.states import State
from qcportal import clock
from qcportal.models import User
from qcportal.roles import Role, has_role

PER_PAGE = 50
TABS = (WAITING, RESUBMITTED, CHECKING, OVERDUE, ALL)
# Facets whose counts come out of one grouped query.
GROUPED = {
    "round": "round", "city": "enterprise__city", "industry": "enterprise__industry", "type": "topic_type",
    "unit": "recommending_unit",
}  # fmt: skip
# Facets whose counts come out of one aggregate, a condition a choice. Those of paper took a second at a thousand rows.
COUNTED = ("warnings", "assignee")


class Option(NamedTuple):
    label: str
    url: str
    chosen: bool
    count: int | None


class Facet(NamedTuple):
    title: str
    options: list[Option]
    chosen: list[str]


class Chip(NamedTuple):
    title: str
    label: str
    remove: str


def context(request: HttpRequest, wanted: Filter, page_number: int) -> dict[str, Any]:
    user: User = request.user  # type: ignore[assignment]
    now = clock.now()
    grouped = _grouped(wanted.rows())
    paginator = Paginator(wanted.in_order(), PER_PAGE)
    paginator.__dict__["count"] = total = sum(grouped["round"].values())  # counted already
    page = paginator.get_page(page_number)
    # Sorted as bare ids first: the list's subqueries then run for one page of rows.
    ids = [row.pk for row in page.object_list.only("pk")]
    rows = sorted(queue.for_queue(Application.objects.filter(pk__in=ids)), key=lambda row: ids.index(row.pk))
    may_edit = has_role(user, Role.SECRETARIAT)
    return {
        "filter": wanted,
        "page": page,
        "total": total,
        "rows": [_row(row, user, now) for row in rows],
        "tabs": _tabs(wanted, now),
        "facets": _facets(wanted, grouped, user, now),
        "filter_chips": chips(wanted),
        "saved": _saved(user, wanted),
        "may_edit": may_edit,
        "bulk_kinds": [(kind, BULK_WORDS[kind], BULK_ICONS[kind]) for kind in BulkKind],
        "people": [(pk, name) for pk, name in _people(wanted) if pk != str(user.pk)],
        "undo_minutes": settings.BULK_UNDO_MINUTES,
        "undoable": _undoable(user, now) if may_edit else [],
    }


BULK_WORDS = {
    BulkKind.ACCEPT: "批量参评", BulkKind.ASSIGN: "领取或指派", BulkKind.RELEASE: "批量放回",
    BulkKind.REMIND: "提醒补正或提交", BulkKind.PAPER: "催交纸质件",
}  # fmt: skip
BULK_ICONS = {
    BulkKind.ACCEPT: "check", BulkKind.ASSIGN: "user", BulkKind.RELEASE: "return", BulkKind.REMIND: "bell",
    BulkKind.PAPER: "box",
}  # fmt: skip


def _row(row: Application, user: User, now: datetime) -> dict[str, Any]:
    claim = getattr(row, "claim", None)
    checker = row.checker_pk  # type: ignore[attr-defined]
    stands = claim is not None and (checker is not None or claim.keeps_until > now)
    holder = checker or (claim.holder_id if stands else None)
    left = int((claim.keeps_until - now).total_seconds() // 60) if stands and checker is None else None
    summary = getattr(row, "warning_summary", None)
    return {
        "application": row,
        "chip": chip_of(row),
        "paper": _paper(row),
        "warnings": summary,
        "holder": row.checker_name or (claim.holder if stands else ""),  # type: ignore[attr-defined]
        "holder_is_me": holder == user.pk,
        "since": queue.since(claim.claimed_at) if stands and holder else "",
        "ends_soon": queue.left_said(left) if left is not None and left <= queue.ENDS_SOON_MINUTES else "",
        "may_claim": row.state == State.SUBMITTED and holder is None,
        "may_release": stands and checker is None and claim.holder_id == user.pk,
        "verb": _verb(row),
    }


def _verb(row: Application) -> str:
    if row.state != State.SUBMITTED:
        return "查看"
    return "复核" if row.was_returned else "审查"  # type: ignore[attr-defined]


def _paper(row: Application) -> tuple[str, str]:
    """Words and whether they ask for something."""
    received, last, scan = row.paper_version, row.last_version, row.scan_state  # type: ignore[attr-defined]
    if received is not None:
        return ("已签收", "") if received == last else (f"旧版（第 {received} 版）", "amber")
    if row.state not in queueing.PAPER_EXPECTED:
        return ("—", "")
    if scan == "attention":
        return ("未到，扫描件待核对", "amber")
    return ("未到，扫描件一致", "") if scan else ("未到", "")


# --- counts ------------------------------------------------------------------------------------------


def _grouped(rows: QuerySet[Application]) -> dict[str, Counter[str]]:
    """How many of the filtered set have which value, for five facets in one query."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in GROUPED}
    for values in rows.order_by().values(*GROUPED.values()).annotate(number=Count("pk")):
        for name, column in GROUPED.items():
            value = values[column]
            counts[name]["" if value is None else str(value)] += values["number"]
    return counts


def _conditional(wanted: Filter, user: User, now: datetime) -> dict[tuple[str, str], int]:
    asked = {
        (name, value): queue_filter.CONDITIONS[name](value, now, user)
        for name in COUNTED
        for value in wanted.labels(name)
    }
    return _counted(wanted.rows(), asked)


def _counted(rows: QuerySet[Application], asked: dict[Any, Q]) -> dict[Any, int]:
    names = {f"n{number}": key for number, key in enumerate(asked)}
    found = rows.order_by().aggregate(**{name: Count("pk", filter=asked[key]) for name, key in names.items()})
    return {names[name]: number for name, number in found.items()}


def _tabs(wanted: Filter, now: datetime) -> list[Option]:
    counts = _counted(wanted.rows(any_state=True), {tab: queue_filter.state_condition(tab, now) for tab in TABS})
    labels, chosen = wanted.labels("queue"), wanted.states
    return [Option(labels[tab], _url(wanted.query_with(queue=[tab])), chosen == [tab], counts[tab]) for tab in TABS]


# --- facets, chips, saved filters ---------------------------------------------------------------------


def address(query: str = "") -> str:
    base = reverse("admin:applications_application_changelist")
    return f"{base}?{query}" if query else base


def _url(query: str) -> str:
    return address(query or f"queue={WAITING}")  # without anything, a default filter would come instead


def _facets(wanted: Filter, grouped: dict[str, Counter[str]], user: User, now: datetime) -> list[Facet]:
    conditional = _conditional(wanted, user, now)
    made = []
    for name in FACETS:
        chosen, labels = wanted.chosen[name], wanted.labels(name)
        options = []
        for value, label in labels.items():
            count = grouped[name][value] if name in grouped else conditional.get((name, value))
            if count == 0 and value not in chosen and name in grouped:
                continue  # a choice that would show nothing only makes the list long
            toggled = [one for one in chosen if one != value] if value in chosen else [*chosen, value]
            options.append(Option(label, _url(wanted.query_with(**{name: toggled})), value in chosen, count))
        if options:
            title = str(wanted.form.fields[name].label)
            made.append(Facet(title, options, [labels[value] for value in chosen]))
    return made


def chips(wanted: Filter) -> list[Chip]:
    """One a choice, each with the address without it."""
    made = [Chip("搜索", wanted.q, _url(wanted.query_with(q=[])))] if wanted.q else []
    for name in FACETS:
        labels = wanted.labels(name)
        for value in wanted.chosen[name]:
            rest = [one for one in wanted.chosen[name] if one != value]
            title = str(wanted.form.fields[name].label)
            made.append(Chip(title, labels[value], _url(wanted.query_with(**{name: rest}))))
    return made


def _saved(user: User, wanted: Filter) -> list[dict[str, Any]]:
    return [
        {
            "filter": row,
            "url": address(row.query),
            "current": row.query == wanted.query,
            "mine": row.owner_id == user.pk,
        }
        for row in SavedFilter.objects.usable_by(user)
    ]


def _people(wanted: Filter) -> list[tuple[str, str]]:
    fixed = {value for value, _label in queue_filter.ASSIGNEES}
    return [(value, label) for value, label in wanted.labels("assignee").items() if value not in fixed]


def _undoable(user: User, now: datetime) -> list[BulkAction]:
    """What a note above the list says: batches at work, and those that can still be undone."""
    at_work = Q(state__in=[BulkState.RUNNING, BulkState.UNDOING])
    return list(
        BulkAction.objects.filter(at_work | Q(state=BulkState.DONE, undo_until__gt=now)).select_related("actor")[:5]
    )
