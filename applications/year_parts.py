"""The whole year on one page: each part with its state, what is wrong with it, and who relies on it already.

A part is a registered function, so that other apps add theirs (letters, events) where their models are. Reads only, a
fixed number of queries.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from applications import field_list
from applications.models import (
    CalendarEntry,
    ConfirmationText,
    Extension,
    FieldGuidance,
    Notice,
    Programme,
    Round,
    SpecialAward,
)
from applications.next_year import day_note, exceptions
from applications.programme_copy import last_day_of, workdays_between
from qcportal import workdays
from qcportal.clock import half_open_label

COMPLETE, MISSING, REVIEW, WRONG = "complete", "missing", "review", "wrong"
STATES = {
    COMPLETE: ("tint", "check", "完整"),
    REVIEW: ("amber", "eye", "请核对"),
    MISSING: ("amber", "warning", "缺"),
    WRONG: ("red", "alert", "矛盾"),
}


class Finding(NamedTuple):
    """``level``: wrong (parts contradict each other), missing, review (taken over and to be looked at), or note (to
    know, not to repair)."""

    level: str
    text: str
    url: str = ""

    @property
    def chip(self) -> tuple[str, str, str]:
        return STATES.get(self.level, ("outline", "info", "知悉"))


class Part(NamedTuple):
    title: str
    summary: str
    url: str
    action: str
    findings: list[Finding]
    used: str = ""  # what relies on it already, and what that means

    @property
    def state(self) -> str:
        levels = {finding.level for finding in self.findings}
        return next((level for level in (WRONG, MISSING, REVIEW) if level in levels), COMPLETE)

    @property
    def chip(self) -> tuple[str, str, str]:
        return STATES[self.state]


class Year:
    """One programme with what several parts ask about, each read once."""

    def __init__(self, programme: Programme, now: datetime) -> None:
        self.programme, self.now = programme, now

    @cached_property
    def rounds(self) -> list[Round]:
        counted = self.programme.rounds.annotate(
            filings=Count("applications"),
            submitted=Count("applications", filter=Q(applications__file_number__isnull=False)),
        )
        return list(counted.prefetch_related("extensions").select_related("programme").order_by("number"))

    @cached_property
    def filings(self) -> int:
        return sum(row.filings for row in self.rounds)  # type: ignore[attr-defined]

    @cached_property
    def submitted(self) -> int:
        return sum(row.submitted for row in self.rounds)  # type: ignore[attr-defined]

    @cached_property
    def calendar(self) -> list[CalendarEntry]:
        return list(self.programme.calendar.all())

    @cached_property
    def exceptions(self) -> dict[date, bool]:
        return exceptions()

    def lies_outside(self, day: date, *, after: int = 1) -> bool:
        """Whether a day is surely of another year. Demonstration years move with the present day."""
        years = range(self.programme.year, self.programme.year + after + 1)
        return not self.programme.is_demo and day.year not in years

    def basics(self, anchor: str = "") -> str:
        address = reverse("admin:applications_programme_change", args=[self.programme.pk])
        return f"{address}#{anchor}-group" if anchor else address


PartOf = Callable[[Year], Part]
PARTS: list[PartOf] = []


def part(function: PartOf) -> PartOf:
    PARTS.append(function)
    return function


def parts_of(year: Year) -> list[Part]:
    return [function(year) for function in PARTS]


@part
def basics(year: Year) -> Part:
    row, found = year.programme, []
    if not row.notice_number:
        found.append(Finding(MISSING, "还没有填写通知文号", year.basics()))
    if row.notice_date is None:
        found.append(Finding(MISSING, "还没有填写通知日期", year.basics()))
    elif year.lies_outside(row.notice_date, after=0):
        found.append(Finding(WRONG, f"通知日期 {row.notice_date:%Y-%m-%d} 不在 {row.year} 年", year.basics()))
    if row.data_year != row.year - 1:
        found.append(Finding("note", f"附件 2、3 填报 {row.data_year} 年的数据，一般为上一年", year.basics()))
    if not row.is_published:
        found.append(Finding("note", "尚未对外公布，首页和日历不显示本年度", year.basics()))
    limits = f"补正 {row.correction_workdays}、公示 {row.announcement_workdays}、纸质 {row.paper_workdays} 个工作日"
    return Part(
        "基本信息与期限",
        f"第 {row.edition} 次，{row.notice_number or '无文号'}；{limits}",
        year.basics(),
        "修改",
        found,
    )


@part
def rounds(year: Year) -> Part:
    found: list[Finding] = []
    here = reverse("admin:programme_year", args=[year.programme.year])
    for row in year.rounds:
        found += _dates_of(year, row)
    numbers = [row.number for row in year.rounds]
    found += [
        Finding(MISSING, f"没有{label}", reverse("admin:programme_round_add", args=[year.programme.year, number]))
        for number, label in Round.NUMBERS
        if number not in numbers
    ]
    if len(year.rounds) == 2:
        first, second = year.rounds
        if second.closes_at <= first.closes_at:
            found.append(Finding(WRONG, "第二期截止早于第一期", _round_url(second)))
        elif second.opens_at < first.opens_at:
            found.append(Finding(WRONG, "第二期开放早于第一期", _round_url(second)))
    summary = "；".join(f"{row.label} {half_open_label(row.deadline_for(None))}截止" for row in year.rounds)
    used = ""
    if year.filings:
        used = f"已有 {year.filings} 项申报（{year.submitted} 项已提交）：截止时间只能延长，须写理由并通知各单位"
    return Part("期与截止日期", summary or "还没有期", f"{here}#rounds", "查看", found, used)


def _dates_of(year: Year, row: Round) -> list[Finding]:
    url, found = _round_url(row), []
    for name, label in (("closes_at", "网上提交截止"), ("stamped_due_at", "扫描件截止"), ("paper_due_at", "纸质截止")):
        day = last_day_of(getattr(row, name))
        note = day_note(day, year.exceptions)
        if note:
            found.append(Finding("note", f"{row.label}{label} {day.month}月{day.day}日：{note}", url))
    for name, label in (("stamped_due_at", "盖章扫描件截止"), ("paper_due_at", "纸质材料截止")):
        if getattr(row, name) < row.closes_at:
            found.append(Finding(WRONG, f"{row.label}{label}早于网上提交截止", url))
    deadline = row.deadline_for(None)
    if row.paper_due_at < deadline:
        text = f"{row.label}已延期到 {half_open_label(deadline)}，纸质材料截止仍是 {row.paper_due_label}"
        found.append(Finding(WRONG, text, url))
    days = workdays_between(row.closes_at, row.paper_due_at, year.exceptions)
    if days < year.programme.paper_workdays and row.paper_due_at >= row.closes_at:
        text = f"{row.label}纸质材料只有 {days} 个工作日，约定为 {year.programme.paper_workdays} 个"
        found.append(Finding("note", text, url))
    if year.lies_outside(last_day_of(row.closes_at)):
        found.append(Finding(WRONG, f"{row.label}截止不在 {year.programme.year} 年", url))
    return found


def _round_url(row: Round) -> str:
    return reverse("admin:programme_round", args=[row.programme.year, row.number])


@part
def calendar(year: Year) -> Part:
    kinds = CalendarEntry.Kind
    url, found = year.basics("calendar"), []
    events = [one for one in year.calendar if one.kind == kinds.EVENT]
    if len(events) < len(year.rounds):
        found.append(Finding(MISSING, f"只有 {len(events)} 场交流发布，本年度有 {len(year.rounds)} 期", url))
    for one in events:
        if one.date_is_month_only:
            level = MISSING if one.starts_on - timedelta(days=45) <= timezone.localdate(year.now) else "note"
            found.append(Finding(level, f"“{one.title}”还没有确定日期（{one.starts_on.month} 月）", url))
    trainings = [one for one in year.calendar if one.kind in (kinds.TRAINING, kinds.REVIEWER_TRAINING)]
    if not trainings:
        found.append(Finding(MISSING, "没有培训日期", url))
    for one in year.calendar:
        if year.lies_outside(one.starts_on):
            found.append(Finding(WRONG, f"“{one.title}”不在 {year.programme.year} 年", url))
    closes = {row.number: last_day_of(row.closes_at) for row in year.rounds}
    for number, one in enumerate(sorted(events, key=lambda one: one.starts_on), 1):
        if number in closes and not one.date_is_month_only and one.starts_on <= closes[number]:
            found.append(Finding(WRONG, f"“{one.title}”早于第{'一二'[number - 1]}期截止", url))
    return Part("活动日历与培训", f"{len(trainings)} 次培训，{len(events)} 场交流发布", url, "修改", found)


@part
def working_days(year: Year) -> Part:
    url, found = reverse("admin:applications_workdayexception_changelist"), []
    years = sorted({year.programme.year, *(last_day_of(row.paper_due_at).year for row in year.rounds)})
    for number in years:
        if not workdays.knows(number):
            own = [day for day in year.exceptions if day.year == number]
            text = f"{number} 年的放假安排尚未收录，工作日按周一至周五计算"
            level = "note" if own else MISSING
            more = f"；已录入 {len(own)} 天" if own else "，请按国务院通知录入放假和调休日"
            found.append(Finding(level, text + more, url))
    own = [day for day in year.exceptions if day.year in years]
    return Part("工作日与放假", f"本年度录入例外 {len(own)} 天", url, "修改", found)


@part
def special_awards(year: Year) -> Part:
    awards = list(_awards(year))
    url = year.basics("special_awards")
    found = [
        Finding(MISSING, f"“{award.name}”没有写申报条件", url) for award in awards if not award.eligibility.strip()
    ]
    if not awards:
        found.append(Finding("note", "本年度没有单项奖", url))
    chosen = sum(award.chosen for award in awards)  # type: ignore[attr-defined]
    used = f"已有 {chosen} 项申报选择：可以改名，已被选择的不能删除" if chosen else ""
    return Part("单项奖", "、".join(award.name for award in awards) or "没有", url, "修改", found, used)


def _awards(year: Year) -> "QuerySet[SpecialAward]":
    return year.programme.special_awards.annotate(chosen=Count("application"))


@part
def award_levels(year: Year) -> Part:
    names = [level.name for level in year.programme.award_levels.all()]
    url = year.basics("award_levels")
    found = [] if names else [Finding(MISSING, "还没有奖项等级名称", url)]
    return Part("奖项等级", "、".join(names) or "没有", url, "修改", found)


@part
def hosts(year: Year) -> Part:
    rows = list(year.programme.host_rows.all())
    url = year.basics("host_rows")
    found = [] if rows else [Finding(MISSING, "还没有联合主办单位", url)]
    if rows and not any(row.on_certificate for row in rows):
        found.append(Finding("note", "没有一个单位印在证书上", url))
    return Part("联合主办单位", "、".join(row.name for row in rows) or "没有", url, "修改", found)


@part
def checklist(year: Year) -> Part:
    count = year.programme.checklist.filter(is_active=True).count()
    url = year.basics("checklist")
    found = [] if count else [Finding(MISSING, "审查清单是空的", url)]
    return Part("审查清单", f"{count} 条", url, "修改", found, "改动只影响以后开始的审查" if year.submitted else "")


@part
def fields(year: Year) -> Part:
    wanted, found = year.programme.fields, []
    url = reverse("admin:programme_fields", args=[year.programme.year])
    hidden = list(wanted.hidden_keys())
    for key in hidden:
        if key in field_list.CHECKED_BY:
            text = f"“{field_list.DEFAULTS[key].title}”不显示，因此不做{field_list.CHECKED_BY[key]}"
            found.append(Finding("note", text, url))
    if "benefit_basis" in hidden and "economic_benefit" not in hidden:
        found.append(Finding(WRONG, "填写直接经济效益，却不显示效益计算依据", url))
    renamed = sum(bool(rule.get("label")) for rule in wanted.rules.values())
    other = sum(rule.get("need") in (field_list.REQUIRED, field_list.OPTIONAL) for rule in wanted.rules.values())
    summary = "与平台默认一致"
    if wanted.rules:
        summary = f"改名 {renamed} 项，不显示 {len(hidden)} 项，改为必填或选填 {other} 项"
    used = f"已提交的 {year.submitted} 项保留提交时的项目和名称；未提交的随改动变化" if year.submitted else ""
    return Part("填报项目", summary, url, "修改", found, used)


@part
def guidance(year: Year) -> Part:
    """Not of a year; here because the notice's words end up in it."""
    changed = sum(row.is_changed for row in FieldGuidance.objects.all())
    url = reverse("admin:applications_fieldguidance_changelist")
    return Part("填写指导与确认文本", f"指导改过 {changed} 项，确认文本 {_statements()} 种", url, "修改", [])


def _statements() -> int:
    return ConfirmationText.objects.values("kind").distinct().count()


@part
def notice(year: Year) -> Part:
    url, found = reverse("admin:applications_notice_changelist"), []
    number = year.programme.notice_number
    named = Q(title__contains=number) | Q(body__contains=number)
    public = bool(number) and Notice.objects.published(year.now).notices().filter(named).exists()
    if not public:
        found.append(Finding(MISSING, "网站上还没有公布本年度的通知（按文号查找）", url))
    return Part("年度通知", "已公布" if public else "未公布", url, "发布", found)


@part
def extensions(year: Year) -> Part:
    given = list(Extension.objects.filter(round__programme=year.programme).values_list("enterprise", flat=True))
    whole = sum(enterprise is None for enterprise in given)
    url = reverse("admin:applications_extension_changelist")
    summary = f"整期 {whole} 次，单个单位 {len(given) - whole} 次" if given else "没有延期"
    return Part("延期", summary, url, "查看", [])
