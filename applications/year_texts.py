"""Parts of the year's page about words: the letters' own texts, and texts taken over that name an earlier year."""

import re
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse

from applications.models import Programme
from applications.programme_copy import years_in
from applications.year_parts import REVIEW, WRONG, Finding, Part, Year, part
from qcportal import letter_codes, letter_texts
from qcportal.models import LetterText


@part
def letters(year: Year) -> Part:
    """How many letters have words of their own, and which of these want a look."""
    number, found = year.programme.year, []
    rows = list(LetterText.objects.filter(Q(year=None) | Q(year__in=(number, number - 1))).order_by("code", "year"))
    ours = [row for row in rows if row.year in (None, number)]
    for row in ours:
        found += _findings(row, number)
    here = {row.code for row in ours}
    gone = [row.code for row in rows if row.year == number - 1 and row.is_active and row.code not in here]
    url = reverse("admin:qcportal_lettertext_changelist")
    found += [
        Finding("note", f"“{letter_codes.title(code)}”在 {number - 1} 年度有自己的文本，本年度用自带文本", url)
        for code in gone
    ]
    active = [row for row in ours if row.is_active]
    own = {row.code for row in active}
    of_year = {row.code for row in active if row.year}
    rest = len(letter_codes.CODES) - len(own & set(letter_codes.CODES))
    summary = f"自己的文本 {len(own)} 种（本年度 {len(of_year)} 种），其余 {rest} 种用自带文本"
    return Part("信函文本", summary, url, "修改", found)


def _findings(row: LetterText, year: int) -> list[Finding]:
    url = reverse("admin:qcportal_lettertext_change", args=[row.pk])
    name = f"“{letter_codes.title(row.code)}”的文本"
    if row.to_review:
        years = "、".join(str(one) for one in years_in(f"{row.subject} {row.body}"))
        return [Finding(REVIEW, f"{name}由上一年度带入，写有 {years} 年，请核对后保存", url)]
    if not row.is_active:
        return [Finding("note", f"{name}已停用，按自带文本发送", url)]
    try:
        letter_texts.check(row.code, row.subject, row.body)
    except ValidationError as error:
        return [Finding(WRONG, f"{name}：{error.messages[0]}", url)]
    if row.year is None and (old := [one for one in years_in(f"{row.subject} {row.body}") if one < year]):
        return [Finding("note", f"{name}各年度通用，却写有 {old[0]} 年，请核对", url)]
    return []


# --- Texts of the programme -----------------------------------------------------------------------


class Said(NamedTuple):
    """A text of the year, where it stands, and the page to change it."""

    label: str
    text: str
    url: str


@part
def words(year: Year) -> Part:
    """What was taken over as it was. The year that attachments 2 and 3 report on is named rightly in many places."""
    found = []
    for one in _texts(year):
        old = [number for number in years_in(one.text) if number < year.programme.year]
        if old:
            named = "、".join(str(number) for number in old)
            found.append(Finding("note", f"{one.label}写有 {named} 年，请核对：{_around(one.text, old[0])}", one.url))
    summary = f"{len(found)} 处写有以前的年份，请核对" if found else "没有写着以前年份的文字"
    return Part("文字中的年份", summary, year.basics(), "查看", found)


def _texts(year: Year) -> list[Said]:
    row = year.programme
    said: list[Said] = [Said("名称", row.title, year.basics()), Said("简介", row.intro, year.basics())]
    for one in year.rounds:
        url = reverse("admin:programme_round", args=[row.year, one.number])
        said.append(Said(f"{one.label}的发布会时间说明", one.event_month, url))
    url = year.basics("special_awards")
    for award in row.special_awards.all():
        said.append(Said(f"单项奖“{award.name}”", f"{award.name} {award.eligibility}", url))
    url = year.basics("award_levels")
    said += [Said(f"奖项等级“{level.name}”", f"{level.name} {level.wording}", url) for level in row.award_levels.all()]
    url = year.basics("checklist")
    lines = row.checklist.filter(is_active=True)
    said += [Said("审查清单", f"{line.text} {line.help_text}", url) for line in lines]
    said += [Said("日历事项", entry.title, year.basics("calendar")) for entry in year.calendar]
    return said + _of_fields(row)


def _of_fields(row: Programme) -> list[Said]:
    url, found = reverse("admin:programme_fields", args=[row.year]), []
    for key, rule in row.field_rules.items():
        title = row.fields.title(key.partition("@")[0])
        found.append(Said(f"填报项目“{title}”", f"{rule.get('label', '')} {rule.get('help', '')}", url))
    return found


def _around(text: str, year: int) -> str:
    """Some words on both sides, to know the place by."""
    found = re.search(rf".{{0,8}}{year}.{{0,8}}", text)
    return f"“…{found[0].strip()}…”" if found else ""
