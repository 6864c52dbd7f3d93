"""The filter of the queue: every input passes this form, and a filter is its query string."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.http import urlencode

from applications import queueing, regions, topics
from applications.admin import queue_search
from applications.admin.recommending import OPINIONS, with_opinion
from applications.models import Application, RecommendingUnit, Round, SpecialAward
from applications.models.enterprises import Industry
from applications.states import LABELS, TAKING_PART, State
from qcportal import clock
from qcportal.models import User
from qcportal.roles import Role

WAITING, RESUBMITTED, CHECKING, OVERDUE, ALL = "waiting", "resubmitted", "checking", "overdue", "all"
NEW, IN_AWARDS, EVERY = "new", "taking_part", "every"
SPECIAL = (
    (WAITING, "待审查"), (NEW, "新提交"), (RESUBMITTED, "已重新提交"), (CHECKING, "审查中"), (OVERDUE, "补正逾期"),
)  # fmt: skip
STATES = (
    *SPECIAL,
    *((state.value, LABELS[state]) for state in State if state not in {State.SUBMITTED, State.LAPSED}),
    (IN_AWARDS, "参评及以后"),
    (ALL, "全部已提交过"),
    (EVERY, "全部（含草稿）"),
)
WARNINGS = (("open", "有待处理"), ("explained", "已由单位说明"), ("none", "没有提醒"))
PAPER = (
    ("missing", "纸质件未到"), ("old", "收到的是旧版"), ("received", "已签收"), ("attention", "扫描件待核对"),
    ("scanned", "扫描件一致"), ("unscanned", "未上传扫描件"),
)  # fmt: skip
ASSIGNEES = (("mine", "我领取的"), ("others", "同事领取的"), ("none", "未领取"))

Choices = Iterable[tuple[str, str]]


class Known(forms.MultipleChoiceField):
    """Several of the choices; what is not among them (any more) is dropped, as an old link or saved filter has it."""

    def __init__(self, label: str, choices: Any) -> None:
        super().__init__(label=label, choices=choices, required=False)

    def clean(self, value: Any) -> list[str]:
        return [one for one in dict.fromkeys(value or []) if self.valid_value(one)]


class FilterForm(forms.Form):
    q = forms.CharField(label="搜索", required=False, max_length=60)
    queue = Known("状态", STATES)
    round = Known("期", lambda: _named(Round.objects.select_related("programme").order_by("-pk")))
    city = Known("所在市（州）", regions.CHOICES)
    industry = Known("所属行业", Industry.choices)
    type = Known("课题类型", topics.CHOICES)
    award = Known("单项奖", lambda: _awards())
    unit = Known("推荐单位", lambda: _named(RecommendingUnit.objects.order_by("position", "name")))
    warnings = Known("提醒", WARNINGS)
    paper = Known("纸质件", PAPER)
    opinion = Known("推荐意见", OPINIONS)
    assignee = Known("领取人", lambda: [*ASSIGNEES, *_people()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, Known):
                field.choices = list(field.choices)  # those of the database are asked for once


def _named(rows: QuerySet[Any]) -> Choices:
    return [(str(row.pk), str(row)) for row in rows]


def _awards() -> Choices:
    """By the award's code, so that one choice covers the same award of every year."""
    return list(dict(SpecialAward.objects.order_by("programme__year").values_list("code", "name")).items())


def _people() -> Choices:
    people = User.objects.filter(groups__name=Role.SECRETARIAT, is_active=True).order_by("pk")
    return [(str(person.pk), str(person)) for person in people]


FACETS = tuple(name for name in FilterForm.base_fields if name != "q")


class Filter:
    """A filter as it was asked for: its choices, its query string, and the filings that match it."""

    def __init__(self, data: QueryDict, user: User) -> None:
        self.user = user
        self.form = FilterForm(data)
        self.form.is_valid()
        self.q: str = " ".join(self.form.cleaned_data.get("q", str(data.get("q", ""))[:60]).split())
        self.chosen: dict[str, list[str]] = {name: self.form.cleaned_data.get(name, []) for name in FACETS}

    @classmethod
    def of(cls, query: str, user: User) -> "Filter":
        return cls(QueryDict(query), user)

    @property
    def states(self) -> list[str]:
        """Without a choice: what waits; while searching: everything filed."""
        return self.chosen["queue"] or [ALL if self.q else WAITING]

    @cached_property
    def query(self) -> str:
        return self.query_with()

    def query_with(self, **changed: list[str]) -> str:
        """The query string with other values of some facets (``q`` counts as one)."""
        pairs: list[tuple[str, str]] = []
        for name in ("q", *FACETS):
            values = changed.get(name, [self.q] if name == "q" else self.chosen[name])
            pairs += [(name, value) for value in values if value]
        return urlencode(pairs)

    def labels(self, name: str) -> dict[str, str]:
        return dict(self.form.fields[name].choices)  # type: ignore[attr-defined]

    def rows(self, *, any_state: bool = False) -> QuerySet[Application]:
        """All that match, in no particular order; ``any_state`` leaves the states aside."""
        rows = queue_search.search(Application.objects.all(), self.q)
        now = clock.now()
        for name, values in self.chosen.items():
            if name == "opinion":
                rows = _by_opinion(rows, values)
            elif name != "queue" and values:
                rows = rows.filter(_any(CONDITIONS[name], values, now, self.user))
        return rows if any_state else rows.filter(_any(_state, self.states, now, self.user))

    @property
    def oldest_first(self) -> bool:
        """Who waits longest first; when looking through everything, the newest first."""
        return bool(self.q == "" and set(self.states) <= {WAITING, NEW, RESUBMITTED, CHECKING})

    def in_order(self) -> QuerySet[Application]:
        return self.sorted(self.rows())

    def sorted(self, rows: QuerySet[Application]) -> QuerySet[Application]:
        """``rows`` in the order in which this filter shows its own."""
        return queueing.in_order(rows) if self.oldest_first else rows.order_by("-file_number", "-pk")


Condition = Callable[[str, datetime, Any], Q]


def state_condition(value: str, now: datetime) -> Q:
    return _state(value, now, None)


def _any(condition: Condition, values: list[str], now: datetime, user: User) -> Q:
    found = Q()
    for value in values:
        found |= condition(value, now, user)
    return found


def _by_opinion(rows: QuerySet[Application], values: list[str]) -> QuerySet[Application]:
    if not values:
        return rows
    ids = Q()
    for value in values:
        ids |= Q(pk__in=with_opinion(Application.objects.all(), value).values("pk"))
    return rows.filter(ids)


def _state(value: str, now: datetime, _user: User | None) -> Q:
    special = {
        WAITING: lambda: Q(state=State.SUBMITTED), NEW: queueing.is_new, RESUBMITTED: queueing.is_resubmitted,
        CHECKING: queueing.is_being_checked, OVERDUE: lambda: queueing.is_overdue(now),
        IN_AWARDS: lambda: Q(state__in=TAKING_PART), ALL: lambda: Q(file_number__isnull=False),
        EVERY: lambda: Q(pk__isnull=False),
    }  # fmt: skip
    return special[value]() if value in special else Q(state=value)


def _award(value: str, _now: datetime, _user: User) -> Q:
    chosen = SpecialAward.objects.filter(code=value).values("pk")
    through = Application.special_awards.through.objects.filter(
        application_id=OuterRef("pk"), specialaward_id__in=chosen
    )
    return Q(Exists(through))


def _warnings(value: str, _now: datetime, _user: User) -> Q:
    if value == "open":
        return queueing.has_open_warnings()
    return queueing.has_explained_warnings() if value == "explained" else queueing.has_no_warnings()


def _paper(value: str, _now: datetime, _user: User) -> Q:
    found = {
        "missing": queueing.paper_is_missing, "old": queueing.paper_is_old, "received": queueing.paper_is_there,
        "attention": lambda: queueing.scan_is("attention"),
        "scanned": lambda: queueing.scan_is("scanned", "confirmed"), "unscanned": lambda: queueing.scan_is(),
    }  # fmt: skip
    return found[value]()


def _assignee(value: str, now: datetime, user: User) -> Q:
    if value == "mine":
        return queueing.is_mine(now, user)
    if value == "others":
        return queueing.is_others(now, user)
    return queueing.is_free(now) if value == "none" else queueing.is_held(now, Q(person=int(value)))


CONDITIONS: dict[str, Condition] = {
    "round": lambda value, _now, _user: Q(round=int(value)),
    "city": lambda value, _now, _user: Q(enterprise__city=value),
    "industry": lambda value, _now, _user: Q(enterprise__industry=value),
    "type": lambda value, _now, _user: Q(topic_type=value),
    "unit": lambda value, _now, _user: Q(recommending_unit=int(value)),
    "award": _award,
    "warnings": _warnings,
    "paper": _paper,
    "assignee": _assignee,
}
