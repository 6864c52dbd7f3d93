"""The year's calendar as a drawing: months across, one lane for each kind, computed here because CSP forbids styles."""

from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, Min
from django.utils import timezone

from applications.models import Application, CalendarEntry, Extension, Programme
from qcportal.clock import half_open_label

LEFT, WIDTH = 105, 1072
TOP, LANE, BAR = 42, 52, 40
MAX_MONTHS = 14
LABEL_LENGTH = 14
CHARACTER = 15  # width of one Chinese character at the drawing's size


@dataclass(frozen=True)
class Bar:
    x: int
    y: int
    width: int
    look: str  # solid, tint or outline
    label: str
    full: str
    beside: str = ""  # start or end: where a label too long for the bar stands

    @property
    def label_x(self) -> int:
        if self.beside == "start":
            return self.x + self.width + 8
        return self.x - 8 if self.beside == "end" else self.x + self.width // 2

    @property
    def middle_y(self) -> int:
        return self.y + BAR // 2


@dataclass(frozen=True)
class Item:
    """A line of the same calendar as a list, for phones and screen readers."""

    starts_on: date
    when: str
    title: str
    note: str
    is_past: bool


@dataclass
class Chart:
    months: list[tuple[int, str, bool]] = field(default_factory=list)  # middle, label, is this month
    lines: list[int] = field(default_factory=list)
    lanes: list[tuple[int, str]] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    today_x: int | None = None
    today_label: str = ""
    height: int = 0
    width: int = WIDTH
    bottom: int = 0


@dataclass(frozen=True)
class Span:
    first: date
    last: date  # inclusive
    label: str
    look: str
    note: str = ""
    when: str = ""
    title: str = ""  # for the list, where the lane's name is not beside it


Lane = Callable[[Programme], Iterable[Span]]
# Lanes that only the secretariat sees, by name: reviews and announcements register theirs here.
STAFF_LANES: dict[str, Lane] = {}


def staff_lane(name: str) -> Callable[[Lane], Lane]:
    def register(function: Lane) -> Lane:
        STAFF_LANES[name] = function
        return function

    return register


def chart_of(programme: Programme, now: datetime, *, staff: bool = False) -> Chart:
    """Geometry and list of one year; empty without rounds and entries. Uses prefetched rounds and calendar.

    ``staff``: with paper, corrections, reviews and announcements as well.
    """
    today = timezone.localdate(now)
    lanes = _lanes(programme, now, today)
    if staff:
        found = [(name, list(lane(programme))) for name, lane in STAFF_LANES.items()]
        lanes = [*lanes[:1], *found, *lanes[1:]]
    lanes = [lane for lane in lanes if lane[1]]
    chart = Chart()
    if not lanes:
        return chart
    spans = [span for _label, spans in lanes for span in spans]
    months = _months(min(span.first for span in spans), max(span.last for span in spans))
    _draw_months(chart, months, today)
    y = TOP + 12
    for label, lane in lanes:
        y = _draw_lane(chart, label, lane, months, y)
    chart.bottom = y - (LANE - BAR) + 2
    chart.height = chart.bottom + (32 if chart.today_x is not None else 8)
    ordered = sorted(spans, key=lambda span: (span.first, span.last))
    chart.items = [Item(s.first, s.when, s.title or s.label, s.note, s.last < today) for s in ordered]
    return chart


def _lanes(programme: Programme, now: datetime, today: date) -> list[tuple[str, list[Span]]]:
    rounds = [
        Span(
            first=timezone.localdate(each.opens_at),
            last=timezone.localdate(each.closes_at - timedelta(seconds=1)),
            label=each.label,
            title=f"{each.label}申报受理",
            look="solid" if each.is_open(now) else "tint",
            note="网上提交截止 " + each.closes_label,
            when=f"{_day(timezone.localdate(each.opens_at))} — {half_open_label(each.closes_at).split('年', 1)[1]}",
        )
        for each in programme.rounds.all()
    ]
    entries = list(programme.calendar.all())
    kinds = CalendarEntry.Kind
    trainings = [_entry(each, "outline") for each in entries if each.kind in {kinds.TRAINING, kinds.REVIEWER_TRAINING}]
    events = [_entry(each, "tint") for each in entries if each.kind == kinds.EVENT]
    upcoming = next((span for span in events if span.last >= today), None)
    events = [Span(**{**vars(each), "look": "solid"}) if each is upcoming else each for each in events]
    others = [_entry(each, "outline") for each in entries if each.kind == kinds.OTHER]
    return [("申报受理", rounds), ("培训", trainings), ("交流发布", events), ("其他", others)]


def between(first: datetime, last: datetime, label: str, title: str, look: str = "tint", note: str = "") -> Span:
    """A span from one moment to another, half-open as deadlines are stored."""
    start, end = timezone.localdate(first), timezone.localdate(last - timedelta(seconds=1))
    end = max(start, end)
    when = _day(start) if start == end else f"{_day(start)} — {_day(end)}"
    return Span(start, end, label, look, note, when, title)


@staff_lane("纸质材料")
def _paper(programme: Programme) -> list[Span]:
    return [
        between(row.closes_at, row.paper_due_at, f"{row.label}寄送", f"{row.label}纸质材料寄送", "outline",
                f"盖章扫描件截止 {row.stamped_due_label}")
        for row in programme.rounds.all()
        if row.paper_due_at > row.closes_at
    ]  # fmt: skip


@staff_lane("延期")
def _extensions(programme: Programme) -> list[Span]:
    """Of whole rounds; those of one enterprise are in the list of extensions."""
    given = Extension.objects.filter(round__programme=programme, enterprise=None).select_related("round__programme")
    return [
        between(one.round.closes_at, one.new_deadline, f"{one.round.label}延期", f"{one.round.label}延期", "solid",
                one.reason)
        for one in given.order_by("new_deadline")
    ]  # fmt: skip


@staff_lane("补正")
def _corrections(programme: Programme) -> list[Span]:
    """From the first to the last day on which a returned filing is due; one query."""
    due = Application.objects.filter(round__programme=programme).exclude(correction_due_at=None)
    found = due.values("round__number").annotate(
        first=Min("checks__decided_at"), last=Max("correction_due_at"), count=Count("pk", distinct=True)
    )
    labels = {row.number: row.label for row in programme.rounds.all()}
    return [
        between(one["first"] or one["last"] - timedelta(days=1), one["last"], f"{labels[one['round__number']]}补正",
                f"{labels[one['round__number']]}补正", "outline", f"{one['count']} 项")
        for one in found.order_by("round__number")
    ]  # fmt: skip


def _entry(entry: CalendarEntry, look: str) -> Span:
    if entry.date_is_month_only:
        when = f"{entry.starts_on.month}月，具体时间另行通知"
    elif entry.starts_on == entry.ends_on:
        when = _day(entry.starts_on)
    else:
        when = f"{_day(entry.starts_on)} — {_day(entry.ends_on)}"
    note = "，".join(part for part in (entry.audience, entry.place) if part)
    return Span(entry.starts_on, entry.ends_on, entry.title, look, note, when)


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _months(first: date, last: date) -> list[date]:
    months: list[date] = []
    month = first.replace(day=1)
    while month <= last and len(months) < MAX_MONTHS:
        months.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return months


def _x(day: date, months: list[date]) -> int:
    """Where ``day`` begins. Days outside are clipped to the edges."""
    column = (WIDTH - LEFT) / len(months)
    index = (day.year - months[0].year) * 12 + day.month - months[0].month
    if index < 0:
        return LEFT
    if index >= len(months):
        return WIDTH
    return round(LEFT + column * (index + (day.day - 1) / monthrange(day.year, day.month)[1]))


def _draw_months(chart: Chart, months: list[date], today: date) -> None:
    column = (WIDTH - LEFT) / len(months)
    for index, month in enumerate(months):
        middle = round(LEFT + column * (index + 0.5))
        chart.months.append((middle, f"{month.month} 月", (month.year, month.month) == (today.year, today.month)))
    chart.lines = [round(LEFT + column * index) for index in range(len(months) + 1)]
    if months[0] <= today < (months[-1] + timedelta(days=32)).replace(day=1):
        chart.today_x = _x(today, months)
        chart.today_label = f"今天 {_day(today)}"


def _draw_lane(chart: Chart, label: str, spans: list[Span], months: list[date], y: int) -> int:
    """Bars that would overlap go to a further row of the lane. Returns where the next lane begins."""
    chart.lanes.append((y + BAR // 2, label))
    ends: list[int] = []
    for span in sorted(spans, key=lambda each: (each.first, each.last)):
        bar, left, right = _place(span, months)
        row = next((index for index, taken in enumerate(ends) if taken <= left), len(ends))
        ends[row : row + 1] = [right]
        chart.bars.append(replace(bar, y=y + row * LANE))
    return y + len(ends) * LANE


def _place(span: Span, months: list[date]) -> tuple[Bar, int, int]:
    """The bar and what it takes of its row, label included: a short bar has its label beside it."""
    x, end = _x(span.first, months) + 2, _x(span.last + timedelta(days=1), months) - 2
    end = max(end, x + 10)
    full = f"{span.title or span.label}，{span.when}"
    label = _fitting(span, end - x)
    if label:
        return Bar(x, 0, end - x, span.look, label, full), x, end
    label = span.label if len(span.label) <= LABEL_LENGTH else span.label[: LABEL_LENGTH - 1].rstrip("（《【") + "…"
    if end + 8 + _text_width(label) <= WIDTH:
        return Bar(x, 0, end - x, span.look, label, full, "start"), x, end + 12 + _text_width(label)
    return Bar(x, 0, end - x, span.look, label, full, "end"), x - 12 - _text_width(label), end


def _fitting(span: Span, width: int) -> str:
    """The longest form of the label that fits inside the bar, or nothing."""
    long = f"{span.label}　{span.when}" if span.look != "outline" and "另行" not in span.when else ""
    return next((text for text in (long, span.label) if text and _text_width(text) + 12 <= width), "")


def _text_width(text: str) -> int:
    return round(sum(CHARACTER if char > "\u2e80" else CHARACTER * 0.6 for char in text))
