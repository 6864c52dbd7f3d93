"""What lies ahead: deadlines of rounds, extensions, corrections, and the calendar; with the days that are left."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from applications.admin.desk_cards import queue_address, stamp
from applications.models import Application, CalendarEntry, Extension, Round, WorkdayException
from applications.states import State
from qcportal import desk, workdays
from qcportal.clock import half_open_label
from qcportal.desk import Coming

FARTHEST = timedelta(days=150)
MOST = 12
EVENT, CALENDAR = "活动", "日程"


class Line(NamedTuple):
    """One date ahead as it is shown."""

    coming: Coming
    when: str
    left: str
    near: bool


def lines(now: datetime) -> tuple[list[Line], list[int]]:
    """The nearest dates, and the years whose public holidays are not known yet."""
    found = [one for one in _without_doubles(desk.coming(now)) if one.at <= now + FARTHEST][:MOST]
    exceptions = dict(WorkdayException.objects.values_list("day", "is_workday"))
    today = timezone.localdate(now)
    years = sorted({day_of(one).year for one in found})
    shown = [_line(one, today, exceptions) for one in found]
    return shown, [year for year in years if not workdays.knows(year)]


def _without_doubles(found: list[Coming]) -> list[Coming]:
    """An event that has a page of its own stands in the calendar as well."""
    events = {day_of(one) for one in found if one.kind == EVENT}
    return [one for one in found if one.kind != CALENDAR or day_of(one) not in events]


def day_of(one: Coming) -> date:
    """The last day of a deadline, the first of anything else."""
    return timezone.localdate(one.at - timedelta(microseconds=1) if one.is_deadline else one.at)


def _line(one: Coming, today: date, exceptions: dict[date, bool]) -> Line:
    day = day_of(one)
    when = half_open_label(one.at) if one.is_deadline else f"{day.year}年{day.month}月{day.day}日"
    days = (day - today).days
    if not days:
        return Line(one, when, "今天", near=True)
    working = workdays.count_workdays(today, day, exceptions)
    return Line(one, when, f"还有 {days} 天，{working} 个工作日", near=one.is_deadline and days <= 3)


@desk.add_coming
def round_dates(now: datetime) -> Iterator[Coming]:
    for round_ in Round.objects.published().filter(paper_due_at__gt=now):
        address = reverse("admin:applications_programme_change", args=[round_.programme_id])
        yield Coming(round_.opens_at, f"{round_}开放申报", "开放", address, is_deadline=False)
        yield Coming(round_.closes_at, f"{round_}网上提交截止", "截止", address)
        yield Coming(round_.stamped_due_at, f"{round_}盖章扫描件截止", "截止", address)
        yield Coming(round_.paper_due_at, f"{round_}纸质材料截止", "截止", reverse("admin:paper_missing"))


@desk.add_coming
def extension_dates(now: datetime) -> Iterator[Coming]:
    rows = Extension.objects.filter(new_deadline__gt=now).select_related("enterprise", "round__programme")
    for row in rows.order_by("new_deadline")[:MOST]:
        address = reverse("admin:applications_extension_change", args=[row.pk])
        yield Coming(row.new_deadline, f"{row.round}延期截止", "延期", address, str(row.enterprise or "整期"))


@desk.add_coming
def correction_dates(now: datetime) -> Iterator[Coming]:
    returned = Application.objects.filter(state=State.RETURNED, correction_due_at__gt=now)
    due = returned.order_by("correction_due_at").values_list("correction_due_at").annotate(count=Count("pk"))
    for at, count in due[:MOST]:
        assert at is not None  # noqa: S101 -- filtered above
        address = queue_address(State.RETURNED, correction_due_at=stamp(at))
        yield Coming(at, "补正截止", "补正", address, f"{count} 件")


@desk.add_coming
def calendar_dates(now: datetime) -> Iterator[Coming]:
    today = timezone.localdate(now)
    rows = CalendarEntry.objects.filter(
        programme__is_published=True, starts_on__gt=today, starts_on__lte=today + FARTHEST
    )
    for row in rows.order_by("starts_on")[:MOST]:
        at = timezone.make_aware(datetime.combine(row.starts_on, datetime.min.time()))
        address = reverse("admin:applications_programme_change", args=[row.programme_id])
        note = "日期另行通知" if row.date_is_month_only else row.place
        yield Coming(at, row.title, CALENDAR, address, note, is_deadline=False)
