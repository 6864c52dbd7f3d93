"""The dates of a year that is about to be made from another one, to look at and correct before anything is stored."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from django.utils import timezone

from applications.models import CalendarEntry, Programme, WorkdayException
from applications.models.programmes import day_end
from applications.programme_copy import due_again, last_day_of, shifted_day, workdays_between
from qcportal import workdays


class Planned(NamedTuple):
    """One day of the new year: ``key`` names it among the corrections, ``note`` says how it came about."""

    key: str
    group: str
    label: str
    was: str
    day: date
    note: str
    is_deadline: bool


def exceptions() -> dict[date, bool]:
    return dict(WorkdayException.objects.values_list("day", "is_workday"))


def plan(source: Programme, year: int) -> list[Planned]:
    """Every date that is taken over: deadlines and events keep day and month, working days are counted anew."""
    return [*_rounds(source, year), *_calendar(source, year)]


def _rounds(source: Programme, year: int) -> list[Planned]:
    known, years, found = exceptions(), year - source.year, []
    for row in source.rounds.all():
        key = f"round-{row.number}"
        opens = shifted_day(timezone.localdate(row.opens_at), years)
        closes = shifted_day(last_day_of(row.closes_at), years)
        ends = day_end(closes.year, closes.month, closes.day)
        found.append(
            Planned(f"{key}-opens", row.label, "开放", _said(timezone.localdate(row.opens_at)), opens, "", False)
        )
        found.append(
            Planned(f"{key}-closes", row.label, "网上提交截止（24:00）", _said(last_day_of(row.closes_at)), closes,
                    day_note(closes, known), True)
        )  # fmt: skip
        for name, label in (("stamped", "盖章扫描件截止（24:00）"), ("paper", "纸质材料截止（24:00）")):
            due = getattr(row, f"{name}_due_at")
            count = workdays_between(row.closes_at, due, known) or source.paper_workdays
            day = last_day_of(due_again(ends, count, known))
            found.append(
                Planned(f"{key}-{name}", row.label, label, _said(last_day_of(due)), day,
                        f"截止后第 {count} 个工作日", True)
            )  # fmt: skip
    return found


def _calendar(source: Programme, year: int) -> list[Planned]:
    years, found = year - source.year, []
    for entry in source.calendar.all():
        if entry.date_is_month_only:
            continue
        for name, label in (("starts", "开始"), ("ends", "结束")):
            day = getattr(entry, f"{name}_on")
            moved = shifted_day(day, years)
            note = f"原为{_weekday(day)}，现为{_weekday(moved)}"
            found.append(Planned(f"calendar-{entry.pk}-{name}", entry.title, label, _said(day), moved, note, False))
    return found


def months(source: Programme) -> list[CalendarEntry]:
    """Entries that keep their month and have no day to correct."""
    return [entry for entry in source.calendar.all() if entry.date_is_month_only]


def wrong(dates: Mapping[str, date], planned: list[Planned], year: int) -> dict[str, str]:
    """What is wrong with the corrected days, by key."""
    found: dict[str, str] = {}
    for one in planned:
        if not date(year, 1, 1) <= dates[one.key] <= date(year + 1, 6, 30):
            found[one.key] = f"应在 {year} 年内。"
    for number in (1, 2):
        key = f"round-{number}"
        if f"{key}-closes" not in dates:
            continue
        if dates[f"{key}-opens"] > dates[f"{key}-closes"]:
            found[f"{key}-closes"] = "截止不应早于开放。"
        for name in ("stamped", "paper"):
            if dates[f"{key}-{name}"] < dates[f"{key}-closes"]:
                found[f"{key}-{name}"] = "不应早于网上提交截止。"
    if {"round-1-closes", "round-2-closes"} <= dates.keys() and dates["round-1-closes"] >= dates["round-2-closes"]:
        found["round-2-closes"] = "第二期应晚于第一期截止。"
    for key in [key for key in dates if key.endswith("-ends")]:
        if dates[key] < dates[key.replace("-ends", "-starts")]:
            found[key] = "结束日期不应早于开始日期。"
    return found


def day_note(day: date, known: Mapping[date, bool]) -> str:
    """What to know about a deadline: it is no working day, or nobody knows yet."""
    if not workdays.knows(day.year):
        return f"{day.year} 年的放假安排尚未收录，{_weekday(day)}"
    return "" if workdays.is_workday(day, known) else f"{_weekday(day)}，不是工作日"


def _weekday(day: date) -> str:
    return f"星期{'一二三四五六日'[day.weekday()]}"


def _said(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
