"""The copiers of the rows that belong to a programme (applications.programme_copy)."""

from datetime import date, datetime, time

from django.utils import timezone

from applications.models import CalendarEntry, Round
from applications.models.programmes import day_end
from applications.next_year import plan
from applications.programme_copy import Copy, copier, copy_rows, shifted_day, years_in
from qcportal import letter_codes
from qcportal.models import LetterText


@copier("期与截止日期")
def rounds(copy: Copy) -> list[str]:
    """Counters, closing marks and extensions stay behind: they are about the filings of their year."""
    days = {one.key: one.day for one in plan(copy.source, copy.target.year)} | dict(copy.dates)
    for row in copy.source.rounds.all():
        key = f"round-{row.number}"
        ends = {
            name: day_end(day.year, day.month, day.day)
            for name in ("closes", "stamped", "paper")
            for day in [days[f"{key}-{name}"]]
        }
        Round.objects.create(
            programme=copy.target,
            number=row.number,
            opens_at=datetime.combine(days[f"{key}-opens"], time(), tzinfo=timezone.get_default_timezone()),
            closes_at=ends["closes"],
            stamped_due_at=ends["stamped"],
            paper_due_at=ends["paper"],
            email_still_required=row.email_still_required,
            event_month=row.event_month,
        )
    given = copy.source.rounds.filter(extensions__isnull=False).distinct().count()
    return [f"{copy.source.year} 年度批准过的延期没有带入。"] if given else []


@copier("活动日历")
def calendar(copy: Copy) -> list[str]:
    """Whole months stay whole months; days keep day and month, or are what was corrected."""
    years = copy.target.year - copy.source.year

    def change(entry: CalendarEntry) -> None:
        key = f"calendar-{keys.pop(0)}"
        if entry.date_is_month_only:
            first = shifted_day(entry.starts_on.replace(day=1), years)
            entry.starts_on, entry.ends_on = first, _last_day(shifted_day(entry.ends_on.replace(day=1), years))
        else:
            entry.starts_on = copy.dates.get(f"{key}-starts") or shifted_day(entry.starts_on, years)
            entry.ends_on = copy.dates.get(f"{key}-ends") or shifted_day(entry.ends_on, years)
        entry.title = entry.title.replace(str(copy.source.year), str(copy.target.year))

    rows = copy.source.calendar.all()
    keys = [row.pk for row in rows]
    copy_rows(rows, copy.target, change)
    return []


def _last_day(first: date) -> date:
    following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1, day=1)
    return first.fromordinal(following.toordinal() - 1)


@copier("联合主办单位")
def hosts(copy: Copy) -> list[str]:
    copy_rows(copy.source.host_rows.all(), copy.target)
    return []


@copier("单项奖")
def special_awards(copy: Copy) -> list[str]:
    copy_rows(copy.source.special_awards.all(), copy.target)
    return []


@copier("奖项等级")
def award_levels(copy: Copy) -> list[str]:
    copy_rows(copy.source.award_levels.all(), copy.target)
    return []


@copier("审查清单")
def checklist(copy: Copy) -> list[str]:
    """Lines that are not used any more stay behind."""
    copy_rows(copy.source.checklist.filter(is_active=True), copy.target)
    return []


@copier("填报项目")
def field_rules(copy: Copy) -> list[str]:
    copy.target.field_rules = copy.source.field_rules
    copy.target.save(update_fields=["field_rules"])
    return []


@copier("信函文本")
def letter_texts(copy: Copy) -> list[str]:
    """The year's own texts, word for word: the years in them may be right or wrong, so nobody changes them here. Texts
    for every year need no copy; a text that the new year has already stays."""
    there = LetterText.objects.filter(year=copy.target.year).values_list("code", flat=True)
    rows = list(LetterText.objects.filter(year=copy.source.year, is_active=True).exclude(code__in=list(there)))
    for row in rows:
        row.pk, row._state.adding = None, True
        row.year = copy.target.year
        row.to_review = bool(years_in(f"{row.subject} {row.body}"))
    LetterText.objects.bulk_create(rows)
    named = "、".join(letter_codes.title(row.code) for row in rows if row.to_review)
    return [f"信函文本“{named}”中写有年份，已原样带入并标为“请核对”。"] if named else []
