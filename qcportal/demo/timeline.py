"""Two seasons around today, besides the real year 2026; and what state each round's filings are in."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from applications.models import CalendarEntry, ChecklistItem, Programme, RecommendingUnit, Round, SpecialAward
from applications.models.programmes import day_end
from applications.states import State
from qcportal.demo.source import Source

REAL_YEAR = 2026
HOSTS = "青海省质量管理协会\n青海省总工会办公室\n青海省妇女联合会办公室\n青海省科学技术协会办公室"
AWARDS = (
    ("salt-lake", "盐湖化工产业质量管理小组奖", "课题属于盐湖资源开发、化工生产及配套服务。"),
    ("clean-energy", "清洁能源产业质量管理小组奖", "课题属于光伏、风电、水电、储能的建设与运行。"),
    ("organic-farming", "绿色有机农畜产品领域质量管理小组奖", "课题属于有机农牧产品的种养、加工与流通。"),
)
CHECKLIST = (
    "申报单位名称与营业执照一致，信用代码有效",
    "申报表内容完整，课题类型与活动程序相符",
    "小组成员与活动记录、签到一致",
    "经济效益有财务部门证明，口径正确",
    "附件 2 活动总结为规定年度，内容完整",
    "附件 3 统计数据合理，与申报表不矛盾",
    "证实性材料齐全、清晰、可打开",
)
UNITS = (
    "西宁市总工会", "海东市质量管理协会", "海西州总工会", "海南州总工会", "海北州科学技术协会", "玉树州总工会",
    "青海省电力行业协会", "青海省建筑业协会", "青海省化工行业协会", "青海省交通运输行业协会",
)  # fmt: skip


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
    units = [RecommendingUnit(name=name, position=place) for place, name in enumerate(UNITS, 1)]
    RecommendingUnit.objects.bulk_create(units)
    last = _programme(last_year, source.day(-420).date())
    finished = _round(last, 2, source.day(-395), source.day(-300), source.midnight, "上一年度 12 月")
    _real_programme(source.midnight)
    this = _programme(this_year, source.day(-100).date())
    in_review = _round(this, 1, source.day(-96), source.day(-34), source.midnight, "第一期发布会")
    open_ = _round(this, 2, source.day(-34), source.day(22), source.midnight, "第二期发布会")
    _calendar(this, source)
    awards = {row.pk: {award.code: award for award in row.special_awards.all()} for row in (last, this)}
    checklist = {row.pk: list(row.checklist.all()) for row in (last, this)}
    return Season(finished, in_review, open_, awards, checklist, units)


def _programme(year: int, noticed: date) -> Programme:
    programme = Programme.objects.create(
        year=year,
        edition=year - 1978,
        data_year=year - 1,
        title=f"{year} 年度青海省质量管理小组活动（演示）",
        notice_number=f"青质协联〔{year}〕演示 1 号",
        notice_date=noticed,
        joint_hosts=HOSTS,
        intro="演示数据：单位、人员和成果均为虚构，日期随当天平移。",
        is_demo=True,
    )
    add_awards_and_checklist(programme)
    return programme


def add_awards_and_checklist(programme: Programme) -> None:
    """The three special awards and the default checklist, unless they are there."""
    if not programme.special_awards.exists():
        SpecialAward.objects.bulk_create(
            SpecialAward(programme=programme, code=code, name=name, eligibility=text, position=place)
            for place, (code, name, text) in enumerate(AWARDS, 1)
        )
    if not programme.checklist.exists():
        ChecklistItem.objects.bulk_create(
            ChecklistItem(programme=programme, position=place, text=text) for place, text in enumerate(CHECKLIST, 1)
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
        (kinds.EVENT, "第一期成果技术交流发布会", "推进质量管理小组活动的企业人员", 12, 1, "西宁市城西区"),
        (kinds.TRAINING, "第二期标准讲解培训", "推进质量管理小组活动的企业人员", 30, 1, "格尔木市"),
        (kinds.EVENT, "第二期成果技术交流发布会", "推进质量管理小组活动的企业人员", 75, 1, "西宁市"),
    )
    CalendarEntry.objects.bulk_create(
        CalendarEntry(
            programme=programme, kind=kind, title=f"{title}（演示）", audience=audience, place=place,
            starts_on=source.day(start).date(), ends_on=source.day(start + days - 1).date(),
        )
        for kind, title, audience, start, days, place in rows
    )  # fmt: skip


def _real_programme(now: datetime) -> None:
    """2026 as the notice has it, whatever the day (notice-2026: number, date, deadlines, months)."""
    programme = _created_by_the_action()
    Programme.objects.filter(pk=programme.pk).update(
        notice_number="青质协联〔2026〕5号", notice_date=date(2026, 6, 4), joint_hosts=HOSTS
    )
    add_awards_and_checklist(programme)
    for round_ in programme.rounds.filter(closes_at__lte=now):
        Round.objects.filter(pk=round_.pk).update(closed_at=round_.closes_at + timedelta(minutes=1))


def _created_by_the_action() -> Programme:
    try:
        from applications.actions.programmes import create_programme  # noqa: PLC0415
    except ImportError:
        return _real_rows()
    with transaction.atomic():
        created = create_programme(REAL_YEAR, actor=None)
    return created if isinstance(created, Programme) else Programme.objects.get(year=REAL_YEAR)


def _real_rows() -> Programme:
    programme = Programme.objects.create(
        year=REAL_YEAR, edition=48, data_year=2025, title="2026 年度青海省质量管理小组活动", joint_hosts=HOSTS
    )
    first, second = day_end(2026, 6, 30), day_end(2026, 10, 20)
    _round(programme, 1, day_end(2026, 6, 3), first, first - timedelta(days=1), "7 月")
    _round(programme, 2, day_end(2026, 6, 30), second, second - timedelta(days=1), "12 月")
    kinds = CalendarEntry.Kind
    for kind, title, audience, month in (
        (kinds.TRAINING, "《质量管理小组活动准则》（2024版）标准讲解培训", "推进质量管理小组活动的企业人员", 5),
        (kinds.REVIEWER_TRAINING, "评审程序及评分要求培训", "QC 小组活动主管、评委、推进者、骨干", 6),
        (kinds.EVENT, "第一期成果技术交流发布会", "推进质量管理小组活动的企业人员", 7),
        (kinds.TRAINING, "《质量管理小组活动准则》（2024版）标准讲解培训", "推进质量管理小组活动的企业人员", 10),
        (kinds.REVIEWER_TRAINING, "评审程序及评分要求培训", "QC 小组活动主管、评委、推进者、骨干", 11),
        (kinds.EVENT, "第二期成果技术交流发布会", "推进质量管理小组活动的企业人员", 12),
    ):
        CalendarEntry.objects.create(
            programme=programme, kind=kind, title=title, audience=audience, date_is_month_only=True,
            starts_on=date(2026, month, 1), ends_on=date(2026, month, 28),
        )  # fmt: skip
    return programme


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
