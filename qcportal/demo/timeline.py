"""Two seasons around today, besides the real year 2026; and what state each round's filings are in."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from applications.actions.programmes import (
    CHECKLIST,
    ELIGIBILITY,
    SPECIAL_AWARDS,
    add_hosts_and_levels,
    create_programme,
    ensure_basics,
)
from applications.models import CalendarEntry, ChecklistItem, Programme, RecommendingUnit, Round, SpecialAward
from applications.states import State
from events.planning import plan_events
from qcportal.demo.source import Source

REAL_YEAR = 2026
# Days from today of the presentation events: the one that has been, the next, the one after.
EVENT_DAYS = (-235, 12, 75)


class Season(NamedTuple):
    """The rows the filings hang on."""

    finished: Round
    in_review: Round
    open: Round
    awards: dict[int, dict[str, SpecialAward]]  # by programme
    checklist: dict[int, list[ChecklistItem]]
    units: list[RecommendingUnit]


def years(today: date) -> tuple[int, int]:
    """Last season's and this season's year: never the real one, which keeps its own dates."""
    this = today.year + 1 if today.year == REAL_YEAR else today.year
    last = this - 1
    return (last - 1 if last == REAL_YEAR else last), this


def build(source: Source) -> Season:
    """Programmes, rounds, calendars, awards, checklists, recommending units."""
    last_year, this_year = years(source.today)
    _real_programme(source.midnight)
    units = list(RecommendingUnit.objects.order_by("position"))
    last = _programme(last_year, source.day(-420).date())
    finished = _round(last, 2, source.day(-395), source.day(-300), source.midnight, _month(source.day(EVENT_DAYS[0])))
    this = _programme(this_year, source.day(-100).date())
    in_review = _round(this, 1, source.day(-96), source.day(-34), source.midnight, _month(source.day(EVENT_DAYS[1])))
    open_ = _round(this, 2, source.day(-34), source.day(22), source.midnight, _month(source.day(EVENT_DAYS[2])))
    _calendar(this, source)
    awards = {row.pk: {award.code: award for award in row.special_awards.all()} for row in (last, this)}
    checklist = {row.pk: list(row.checklist.all()) for row in (last, this)}
    return Season(finished, in_review, open_, awards, checklist, units)


def _month(day: datetime) -> str:
    return f"{timezone.localtime(day).month} 月"


def _programme(year: int, noticed: date) -> Programme:
    programme = Programme.objects.create(
        year=year,
        edition=year - 1978,
        data_year=year - 1,
        title=f"{year} 年度青海省质量管理小组活动（演示）",
        notice_number=f"青质协联〔{year}〕演示 1 号",
        notice_date=noticed,
        intro="演示数据：单位、人员和成果均为虚构，日期随当天平移。",
        is_demo=True,
    )
    _add_awards_and_checklist(programme)
    add_hosts_and_levels(programme)
    return programme


def _add_awards_and_checklist(programme: Programme) -> None:
    SpecialAward.objects.bulk_create(
        SpecialAward(programme=programme, code=code, name=name, eligibility=ELIGIBILITY[code], position=place)
        for place, (code, name) in enumerate(SPECIAL_AWARDS, 1)
    )
    ChecklistItem.objects.bulk_create(
        ChecklistItem(programme=programme, position=place, text=text, helper=helper, help_text=advice)
        for place, (text, helper, advice) in enumerate(CHECKLIST, 1)
    )


def _round(
    programme: Programme, number: int, opens: datetime, closes: datetime, now: datetime, event_month: str
) -> Round:
    return Round.objects.create(
        programme=programme,
        number=number,
        opens_at=opens,
        closes_at=closes,
        stamped_due_at=closes + timedelta(days=7),
        paper_due_at=closes + timedelta(days=7),
        event_month=event_month,
        closed_at=closes + timedelta(minutes=1) if closes <= now else None,
    )


def _calendar(programme: Programme, source: Source) -> None:
    kinds = CalendarEntry.Kind
    rows = (
        (kinds.TRAINING, "《质量管理小组活动准则》标准讲解培训", "推进质量管理小组活动的企业人员", -70, 1, "西宁市"),
        (kinds.REVIEWER_TRAINING, "评审程序与评分要求培训", "QC小组活动主管、评委、推进者、骨干", -48, 2, "西宁市"),
        (kinds.EVENT, "第一期成果技术交流发布会", "推进质量管理小组活动的企业人员", EVENT_DAYS[1], 1, "西宁市城西区"),
        (kinds.TRAINING, "第二期标准讲解培训", "推进质量管理小组活动的企业人员", 30, 1, "格尔木市"),
        (kinds.EVENT, "第二期成果技术交流发布会", "推进质量管理小组活动的企业人员", EVENT_DAYS[2], 1, "西宁市"),
    )
    CalendarEntry.objects.bulk_create(
        CalendarEntry(
            programme=programme, kind=kind, title=f"{title}（演示）", audience=audience, place=place,
            starts_on=source.day(start).date(), ends_on=source.day(start + days - 1).date(),
        )
        for kind, title, audience, start, days, place in rows
    )  # fmt: skip


def _real_programme(now: datetime) -> None:
    """2026 as the notice has it, whatever the day; with it the association and the recommending units."""
    programme = Programme.objects.filter(year=REAL_YEAR).first() or create_programme(year=REAL_YEAR)
    plan_events(programme)
    ensure_basics()
    for round_ in programme.rounds.filter(closes_at__lte=now):
        Round.objects.filter(pk=round_.pk).update(closed_at=round_.closes_at + timedelta(minutes=1))


OPEN_STATES = (
    State.DRAFT, State.SUBMITTED, State.RETURNED, State.ACCEPTED, State.DRAFT, State.SUBMITTED, State.ACCEPTED,
    State.SUBMITTED, State.DRAFT, State.RETURNED, State.ACCEPTED, State.SUBMITTED, State.DRAFT, State.ACCEPTED,
    State.SUBMITTED, State.WITHDRAWN, State.DRAFT, State.SUBMITTED, State.ACCEPTED,
)  # fmt: skip


def shares(count: int) -> tuple[int, int, int]:
    """How many filings are finished, in review, and in the open round."""
    finished = max(count * 28 // 100, 1)
    in_review = max(count * 32 // 100, 1)
    return finished, in_review, max(count - finished - in_review, 1)
