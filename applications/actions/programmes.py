"""The programme of a year, as the notice describes it, ready for the secretariat to correct."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.utils import timezone

from applications import guidance, programme_copy
from applications.actions import (
    copying_years,  # noqa: F401 - registers what a new year takes over
    field_rules,
)
from applications.actions.rights import require_secretariat
from applications.models import (
    Association,
    AwardLevel,
    CalendarEntry,
    ChecklistItem,
    FieldGuidance,
    JointHost,
    Programme,
    RecommendingUnit,
    Round,
    SpecialAward,
    WorkdayException,
)
from applications.models.checking import Helper
from applications.models.programmes import day_end
from qcportal import audit
from qcportal.errors import Refusal
from qcportal.models import User
from qcportal.workdays import end_of_workday_after

FIRST_EDITION_YEAR = 1979  # 2026 was the 48th

HOSTS = ("青海省质量管理协会", "青海省总工会办公室", "青海省妇女联合会办公室", "青海省科学技术协会办公室")
# Name and words of the certificate; the notice leaves the levels to the association.
AWARD_LEVELS = (
    ("一等成果", "青海省优秀质量管理小组一等成果"),
    ("二等成果", "青海省优秀质量管理小组二等成果"),
    ("三等成果", "青海省优秀质量管理小组三等成果"),
)
# What only the year's own notice can say.
NOTICES = {2026: ("青质协联〔2026〕5号", date(2026, 6, 4))}

SPECIAL_AWARDS = (
    ("salt-lake", "盐湖化工产业质量管理小组奖"),
    ("clean-energy", "清洁能源产业质量管理小组奖"),
    ("organic-farming", "绿色有机农畜产品领域质量管理小组奖"),
)
ELIGIBILITY = {
    "salt-lake": (
        "课题围绕盐湖资源开发利用、盐化工产品的生产、装备、质量、安全或节能环保开展，"
        "成果在青海省内的盐湖化工企业实际应用。具体以当年通知为准。"
    ),
    "clean-energy": (
        "课题围绕水电、光伏、风电、储能、输变电等清洁能源的建设、生产、运行维护或装备制造开展，"
        "成果在青海省内实际应用。具体以当年通知为准。"
    ),
    "organic-farming": (
        "课题围绕绿色有机农畜产品的种植养殖、加工、检验、贮运或品牌质量提升开展，"
        "成果在青海省内的农牧业企业或合作社实际应用。具体以当年通知为准。"
    ),
}
# Text, what the portal can say about it, what to look for.
CHECKLIST = (
    ("单位在青海依法注册，营业执照已核验", Helper.REGION, "信用代码第 3、4 位为 63；省外登记的看单位说明"),
    ("附件 1、附件 2、附件 3 填写齐全", Helper.PARTS, ""),
    ("附件 1–3 已盖章，扫描件与系统版本一致", Helper.STAMPED, "看公章是否清晰，签字是否齐全"),
    ("单位名称与营业执照、证书用名一致", Helper.NAMES, ""),
    ("活动时间在规定年度内，与证实性材料一致", Helper.YEARS, ""),
    ("成果报告、活动记录、效益证明齐全", Helper.KINDS, ""),
    ("财务部门确认经济效益并盖章", Helper.FINANCE, "金额与附件 1 一致，有财务章"),
    ("小组活动记录完整", Helper.RECORDS, ""),
    ("与其他申报和已公布成果无重复", Helper.REPEATED, ""),
    ("证实性材料清晰完整、可以打开", Helper.READABLE, ""),
)
RECOMMENDING_UNITS = (
    "西宁市总工会",
    "海东市总工会",
    "海北藏族自治州总工会",
    "黄南藏族自治州总工会",
    "海南藏族自治州总工会",
    "果洛藏族自治州总工会",
    "玉树藏族自治州总工会",
    "海西蒙古族藏族自治州总工会",
    "青海省电力行业协会",
    "青海省建筑业协会",
    "青海省通信行业协会",
    "青海省交通运输协会",
    "青海省医药行业协会",
)
ASSOCIATION = {
    "name": "青海省质量管理协会",
    "office": "青海省质量管理协会秘书处",
    "phone": "0971-6137890",
    "email": "qhzhixie@163.com",
    "address": "西宁市城西区海湖新区安泰大厦西座 604 室",
}
TRAINEES = "推进质量管理小组活动的企业人员"
REVIEWERS = "小组活动主管、评委、推进者、骨干，组长证书到期人员"


@dataclass(frozen=True)
class Month:
    kind: str
    month: int
    title: str
    audience: str


# Notice, section 3: opens, closes; section 1: the month of the presentation.
ROUNDS = {1: ((6, 1), (6, 30), 7), 2: ((7, 1), (10, 20), 12)}

# Notice, section 2: the months are public, the days are announced later.
CALENDAR = (
    Month(CalendarEntry.Kind.TRAINING, 5, "准则标准讲解", TRAINEES),
    Month(CalendarEntry.Kind.REVIEWER_TRAINING, 6, "评审评分培训", REVIEWERS),
    Month(CalendarEntry.Kind.EVENT, 7, "第一期发布会", TRAINEES),
    Month(CalendarEntry.Kind.TRAINING, 10, "准则标准讲解", TRAINEES),
    Month(CalendarEntry.Kind.REVIEWER_TRAINING, 11, "评审评分培训", REVIEWERS),
    Month(CalendarEntry.Kind.EVENT, 12, "第二期发布会", TRAINEES),
)


@dataclass(frozen=True)
class Created:
    """The new year, where it was taken from, and what could not be taken over."""

    programme: Programme
    source: Programme | None
    left_out: list[str]


def create_programme(
    *,
    year: int,
    actor: User | None = None,
    notice_number: str = "",
    notice_date: date | None = None,
) -> Programme:
    """The year from the latest earlier one where there is one, else as the notice describes it."""
    source = Programme.objects.filter(year__lt=year, is_demo=False).order_by("-year").first()
    made = create_year(year=year, source=source, actor=actor, notice_number=notice_number, notice_date=notice_date)
    return made.programme


def create_year(
    *,
    year: int,
    source: Programme | None,
    actor: User | None = None,
    notice_number: str = "",
    notice_date: date | None = None,
    is_published: bool = True,
    dates: Mapping[str, date] | None = None,
) -> Created:
    """Programme with rounds, calendar, awards, checklist and all else that ``source`` has, in one transaction.

    Days are those of ``dates`` (applications.next_year), else shifted; without a source they are the notice's. The
    recommending units and the association are added where missing. Refused when the year exists.
    """
    if not FIRST_EDITION_YEAR <= year <= 2100:
        raise Refusal(f"年度应在 {FIRST_EDITION_YEAR} 至 2100 之间。", "year")
    if actor is not None:
        require_secretariat(actor)
    known_number, known_date = NOTICES.get(year, ("", None))
    values = {
        "notice_number": notice_number or known_number,
        "notice_date": notice_date or known_date,
        "is_published": is_published,
        **_taken(source, year),
    }
    with transaction.atomic():
        programme, created = Programme.objects.get_or_create(year=year, defaults=values)
        if not created:
            raise Refusal(f"{year} 年度活动已经存在，请在管理后台修改。", "exists")
        left_out = _fill(programme, source, notice_date, dates or {})
        ensure_basics()
        if actor is not None:  # the command makes them itself
            field_rules.make_blanks_again()
        audit.record("programme.created", programme, actor=actor, year=year, source=source.year if source else None)
    return Created(programme, source, left_out)


def _fill(
    programme: Programme, source: Programme | None, notice_date: date | None, dates: Mapping[str, date]
) -> list[str]:
    """The rows of the new year; what could not be taken over."""
    if source is None:
        _add_as_noticed(programme, notice_date)
        return []
    left_out = programme_copy.copy_all(source, programme, dates)
    if notice_date is not None and not dates:
        _open_on(programme, notice_date)
    return [*left_out, *_named_years(source, programme)]


def _taken(source: Programme | None, year: int) -> dict[str, Any]:
    if source is None:
        return {
            "edition": year - FIRST_EDITION_YEAR + 1, "data_year": year - 1,
            "title": f"{year} 年度青海省质量管理小组活动",
        }  # fmt: skip
    years = year - source.year
    return {
        "edition": source.edition + years,
        "data_year": source.data_year + years,
        "title": source.title.replace(str(source.year), str(year)),
        "intro": source.intro,
        "correction_workdays": source.correction_workdays,
        "announcement_workdays": source.announcement_workdays,
        "paper_workdays": source.paper_workdays,
        "correction_limit": source.correction_limit,
    }


def _named_years(source: Programme, target: Programme) -> list[str]:
    """Texts that were taken over as they are and name the old year."""
    named = [
        label
        for label, text in (
            ("简介", target.intro),
            *((f"{row.label}的发布会时间说明", row.event_month) for row in target.rounds.all()),
            *((f"单项奖“{row.name}”的申报条件", row.eligibility) for row in target.special_awards.all()),
        )
        if str(source.year) in text
    ]
    return [f"这些文字中提到 {source.year} 年，请核对：{'、'.join(named)}。"] if named else []


def _open_on(programme: Programme, notice_date: date) -> None:
    """The first round opens on the day of the notice where that is possible."""
    first = programme.rounds.filter(number=1).first()
    if first is not None and date(programme.year, 1, 1) <= notice_date < timezone.localdate(first.closes_at):
        first.opens_at = datetime.combine(notice_date, time(), tzinfo=timezone.get_default_timezone())
        first.save(update_fields=["opens_at"])


def _add_as_noticed(programme: Programme, notice_date: date | None) -> None:
    _add_rounds(programme, notice_date)
    _add_calendar(programme)
    SpecialAward.objects.bulk_create(
        SpecialAward(programme=programme, code=code, name=name, eligibility=ELIGIBILITY[code], position=position)
        for position, (code, name) in enumerate(SPECIAL_AWARDS, 1)
    )
    ChecklistItem.objects.bulk_create(
        ChecklistItem(programme=programme, position=position, text=text, helper=helper, help_text=advice)
        for position, (text, helper, advice) in enumerate(CHECKLIST, 1)
    )
    add_hosts_and_levels(programme)


def add_hosts_and_levels(programme: Programme) -> None:
    """As the notice of 2026 has them."""
    JointHost.objects.bulk_create(
        JointHost(programme=programme, position=position, name=name) for position, name in enumerate(HOSTS, 1)
    )
    AwardLevel.objects.bulk_create(
        AwardLevel(programme=programme, position=position, name=name, wording=wording)
        for position, (name, wording) in enumerate(AWARD_LEVELS, 1)
    )


def ensure_basics() -> None:
    """The association's row, the recommending units, the list of guidance: only where there are none."""
    if not Association.objects.exists():
        Association.objects.create(**ASSOCIATION)
    if not RecommendingUnit.objects.exists():
        RecommendingUnit.objects.bulk_create(
            RecommendingUnit(name=name, position=position * 10) for position, name in enumerate(RECOMMENDING_UNITS, 1)
        )
    ensure_guidance()


def ensure_guidance() -> None:
    """One row for every field there is advice on, empty where it is missing: the list that the secretariat edits."""
    there = set(FieldGuidance.objects.values_list("key", "topic_type"))
    FieldGuidance.objects.bulk_create(
        FieldGuidance(key=key, topic_type=kind) for key, kind in guidance.all_keys() if (key, kind) not in there
    )


def _add_rounds(programme: Programme, notice_date: date | None) -> None:
    for number in ROUNDS:
        noticed_round(programme, number, notice_date).save()


def noticed_round(programme: Programme, number: int, notice_date: date | None = None) -> Round:
    """Not stored. 第一期 opens on 1 June (or the notice's day) and closes 30 June, 第二期 1 July to 20 October, both
    24:00; paper is due as many working days later as the year says."""
    year, (opens, closes, month) = programme.year, ROUNDS[number]
    first = date(year, *opens)
    if number == 1 and notice_date is not None and date(year, 1, 1) <= notice_date < date(year, 6, 30):
        first = notice_date
    closes_at = day_end(year, *closes)
    exceptions = dict(WorkdayException.objects.values_list("day", "is_workday"))
    due = end_of_workday_after(closes_at, programme.paper_workdays, exceptions)
    return Round(
        programme=programme,
        number=number,
        opens_at=datetime.combine(first, time(), tzinfo=timezone.get_default_timezone()),
        closes_at=closes_at,
        stamped_due_at=due,
        paper_due_at=due,
        event_month=f"{month} 月，具体安排另行通知",
    )


def _add_calendar(programme: Programme) -> None:
    for each in CALENDAR:
        month_entry(programme, each).save()


def month_entry(programme: Programme, each: Month) -> CalendarEntry:
    """Not stored: an entry of which only the month is public."""
    first = date(programme.year, each.month, 1)
    return CalendarEntry(
        programme=programme, kind=each.kind, title=each.title, audience=each.audience, starts_on=first,
        ends_on=_last_day(first), date_is_month_only=True,
    )  # fmt: skip


def _last_day(first: date) -> date:
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)
