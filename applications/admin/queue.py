"""The work queue: its rows with what the list shows, its filters, and the neighbours of one filing."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.http import HttpRequest

from applications import regions
from applications.actions.checking import CHECKABLE
from applications.models import Application, FormalCheck, PaperReceipt, SpecialAward, Submission
from applications.models.checking import Outcome
from applications.states import LABELS, TAKING_PART, State
from qcportal import clock

# Paper is expected of these; what is refused, withdrawn or lapsed need not be sent.
PAPER_EXPECTED = (State.SUBMITTED, State.RETURNED, State.ACCEPTED, State.IN_REVIEW)

WAITING, RESUBMITTED, CHECKING, OVERDUE, ALL = "waiting", "resubmitted", "checking", "overdue", "all"
# What the numbers of the desk lead to, besides.
NEW, WARNED, IN_AWARDS, EVERY = "new", "warned", "taking_part", "every"

_last_submission = Submission.objects.filter(application=OuterRef("pk")).order_by("-version")
_returned_before = FormalCheck.objects.filter(application=OuterRef("pk"), outcome=Outcome.RETURN)
_open_check = FormalCheck.objects.filter(application=OuterRef("pk"), outcome="")


def for_queue(rows: QuerySet[Application]) -> QuerySet[Application]:
    """One query for the whole list: version and time of the last submission, paper, checker, as subqueries.

    Subqueries run for the rows of one page only, and a count over the list leaves them out.
    """
    papers = PaperReceipt.objects.filter(application=OuterRef("pk")).order_by("-submission__version")
    return rows.select_related("enterprise", "round__programme").annotate(
        last_version=Subquery(_last_submission.values("version")[:1]),
        last_submitted_at=Subquery(_last_submission.values("submitted_at")[:1]),
        paper_version=Subquery(papers.values("submission__version")[:1]),
        checker_name=Subquery(_open_check.values("checker__name")[:1]),
        was_returned=Exists(_returned_before),
    )


def waiting(rows: QuerySet[Application]) -> QuerySet[Application]:
    return rows.filter(state=State.SUBMITTED)


def resubmitted(rows: QuerySet[Application]) -> QuerySet[Application]:
    return rows.filter(Exists(_returned_before), state=State.SUBMITTED)


def new(rows: QuerySet[Application]) -> QuerySet[Application]:
    """Waits for its first check."""
    return rows.filter(~Exists(_returned_before), state=State.SUBMITTED)


def with_open_warnings(rows: QuerySet[Application]) -> QuerySet[Application]:
    """Waits for a check, and the last version answers at least one warning: staff judge whether the answer will do."""
    newest = Submission.objects.filter(application=OuterRef("application")).order_by("-version").values("pk")[:1]
    warned = Submission.objects.filter(application=OuterRef("pk"), pk=Subquery(newest), data__has_key="explanations")
    return rows.filter(Exists(warned), state=State.SUBMITTED)


def taking_part(rows: QuerySet[Application]) -> QuerySet[Application]:
    return rows.filter(state__in=TAKING_PART)


_OF_DESK = {NEW: new, WARNED: with_open_warnings, IN_AWARDS: taking_part, EVERY: lambda rows: rows}


def being_checked(rows: QuerySet[Application]) -> QuerySet[Application]:
    return rows.filter(Exists(_open_check), state__in=CHECKABLE)


def overdue(rows: QuerySet[Application], at: datetime) -> QuerySet[Application]:
    """A correction is late: not closed yet by the clockwork, or lapsed already."""
    late = Q(state=State.RETURNED, correction_due_at__lte=at)
    return rows.filter(late | Q(state=State.LAPSED, file_number__isnull=False))


def without_paper(rows: QuerySet[Application]) -> QuerySet[Application]:
    """No receipt of the last version, where paper is expected."""
    newest = Submission.objects.filter(application=OuterRef("application")).order_by("-version").values("pk")[:1]
    received = PaperReceipt.objects.filter(application=OuterRef("pk"), submission=Subquery(newest))
    return rows.filter(~Exists(received), state__in=PAPER_EXPECTED)


def urgent_first(rows: QuerySet[Application], at: datetime, count: int) -> list[Application]:
    """What to do first: late corrections, then corrections that came back, then the others, oldest number first.

    Two queries: the ids are sorted without the list's other subqueries, which would run for every waiting row.
    """
    waiting_or_late = overdue(rows, at) | rows.filter(state=State.SUBMITTED)
    rank = Case(
        When(~Q(state=State.SUBMITTED), then=Value(0)), When(Exists(_returned_before), then=Value(1)), default=Value(2)
    )
    ids = list(
        waiting_or_late.annotate(urgency=rank).order_by("urgency", "file_number").values_list("pk", flat=True)[:count]
    )
    return sorted(for_queue(rows.filter(pk__in=ids)), key=lambda row: ids.index(row.pk))


def neighbours(application: Application) -> dict[str, Any]:
    """Place in the round's waiting queue, and the ids before and after: for the two arrows of the check page."""
    rows = waiting(Application.objects.filter(round=application.round_id))
    number = application.file_number or ""
    before = rows.filter(file_number__lt=number).order_by("-file_number").values_list("pk", flat=True)
    counted = rows.aggregate(position=Count("pk", filter=Q(file_number__lte=number)), total=Count("pk"))
    return {
        "previous": before.first(),
        "next": rows.filter(file_number__gt=number).order_by("file_number").values_list("pk", flat=True).first(),
        "position": counted["position"] if application.state == State.SUBMITTED else 0,
        "total": counted["total"],
    }


class QueueFilter(admin.SimpleListFilter):
    """The states in the secretariat's words. Without a choice: what waits; while searching: everything filed."""

    title = "状态"
    parameter_name = "queue"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.fallback = ALL if request.GET.get("q") else WAITING

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        special = [
            (WAITING, "待审查"),
            (NEW, "新提交"),
            (RESUBMITTED, "已重新提交"),
            (WARNED, "提醒待核对"),
            (CHECKING, "审查中"),
            (OVERDUE, "补正逾期"),
        ]
        states = [(state.value, LABELS[state]) for state in State if state not in {State.SUBMITTED, State.LAPSED}]
        return [*special, *states, (IN_AWARDS, "参评及以后"), (ALL, "全部已提交过"), (EVERY, "全部（含草稿）")]

    def choices(self, changelist: Any) -> Any:
        for lookup, title in self.lookup_choices:
            yield {
                "selected": (self.value() or self.fallback) == lookup,
                "query_string": changelist.get_query_string({self.parameter_name: lookup}),
                "display": title,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Application]) -> QuerySet[Application]:
        chosen = self.value() or self.fallback
        if chosen in _OF_DESK:
            return _OF_DESK[chosen](queryset)
        if chosen == WAITING:
            return waiting(queryset)
        if chosen == RESUBMITTED:
            return resubmitted(queryset)
        if chosen == CHECKING:
            return being_checked(queryset)
        if chosen == OVERDUE:
            return overdue(queryset, clock.now())
        if chosen in set(State):
            return queryset.filter(state=chosen)
        return queryset.exclude(file_number=None)


class CityFilter(admin.SimpleListFilter):
    title = "所在市（州）"
    parameter_name = "city"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(regions.CHOICES)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Application]) -> QuerySet[Application]:
        return queryset.filter(enterprise__city=self.value()) if self.value() else queryset


class AwardFilter(admin.SimpleListFilter):
    """By the award's code, so that one choice covers the same award of every year."""

    title = "申报单项奖"
    parameter_name = "award"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names: dict[str, str] = dict(SpecialAward.objects.order_by("programme__year").values_list("code", "name"))
        return list(names.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Application]) -> QuerySet[Application]:
        if not self.value():
            return queryset
        chosen = SpecialAward.objects.filter(code=self.value()).values("pk")
        through = Application.special_awards.through.objects.filter(
            application_id=OuterRef("pk"), specialaward_id__in=chosen
        )
        return queryset.filter(Exists(through))


class PaperFilter(admin.SimpleListFilter):
    title = "纸质件"
    parameter_name = "paper"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("missing", "未到"), ("received", "已签收")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Application]) -> QuerySet[Application]:
        if self.value() == "missing":
            return without_paper(queryset)
        if self.value() == "received":
            return queryset.filter(Exists(PaperReceipt.objects.filter(application=OuterRef("pk"))))
        return queryset
