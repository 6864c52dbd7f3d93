"""A new year from an old one: everything of the notice, shifted; nothing of people and filings."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from applications import next_year, programme_copy
from applications.actions.programmes import create_programme, create_year
from applications.models import Application, Extension, Programme, WorkdayException
from applications.programme_copy import shifted_day
from applications.year_parts import Year, parts_of
from events.models import Event
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent, LetterText
from tests import factories
from tests.factories import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def old():
    """2026 as the notice has it, corrected by the secretariat."""
    programme = create_programme(year=2026)
    first = programme.rounds.get(number=1)
    first.closes_at, first.stamped_due_at, first.paper_due_at = at(2026, 6, 26), at(2026, 7, 1), at(2026, 7, 3)
    first.save()
    programme.calendar.filter(starts_on__month=7).update(
        date_is_month_only=False, starts_on=date(2026, 7, 15), ends_on=date(2026, 7, 16), title="2026 年第一期发布会"
    )
    programme.award_levels.filter(position=1).update(name="特等成果")
    programme.host_rows.filter(position=2).update(on_certificate=False)
    programme.field_rules = {"group_name": {"label": "班组名称"}}
    programme.intro, programme.paper_workdays = "2026 年继续开展。", 4
    programme.save()
    return programme


def test_deadlines_keep_day_and_month_and_working_days_are_counted_anew(old):
    new = create_year(year=2027, source=old).programme
    first, second = new.rounds.all()
    assert (first.opens_at, first.closes_at) == (at(2027, 6, 1), at(2027, 6, 26))
    # 25 June 2026 was a Thursday: three and five working days; 25 June 2027 is a Friday.
    assert (first.stamped_due_at, first.paper_due_at) == (at(2027, 7, 1), at(2027, 7, 3))
    assert second.closes_at == at(2027, 10, 21)
    assert first.file_number_counter == 0


def test_names_levels_hosts_fields_and_limits_come_along(old):
    new = create_year(year=2027, source=old).programme
    assert (new.edition, new.data_year, new.title) == (49, 2026, "2027 年度青海省质量管理小组活动")
    assert [level.name for level in new.award_levels.all()] == ["特等成果", "二等成果", "三等成果"]
    assert [row.on_certificate for row in new.host_rows.all()] == [True, False, True, True]
    assert (new.field_rules, new.paper_workdays) == (old.field_rules, 4)
    assert [award.code for award in new.special_awards.all()] == [award.code for award in old.special_awards.all()]
    assert new.checklist.count() == old.checklist.count()


def test_months_stay_months_and_days_shift(old):
    new = create_year(year=2028, source=old).programme
    entries = {entry.starts_on.month: entry for entry in new.calendar.all()}
    assert (entries[7].starts_on, entries[7].ends_on) == (date(2028, 7, 15), date(2028, 7, 16))
    assert entries[7].title == "2028 年第一期发布会"
    assert (entries[12].starts_on, entries[12].ends_on) == (date(2028, 12, 1), date(2028, 12, 31))
    assert entries[12].date_is_month_only
    assert shifted_day(date(2028, 2, 29), 1) == date(2029, 2, 28)


def test_what_could_not_be_taken_over_is_said(old, secretary):
    Extension.objects.create(
        round=old.rounds.first(), new_deadline=at(2026, 6, 29), reason="停电", created_by=secretary,
        created_at=clock.now(),
    )  # fmt: skip
    made = create_year(year=2027, source=old, actor=secretary)
    assert "2026 年度批准过的延期没有带入。" in made.left_out
    assert any("简介" in sentence for sentence in made.left_out)
    assert any("发布会已建立但未公布" in sentence for sentence in made.left_out)
    assert Event.objects.filter(programme=made.programme, is_published=False).count() == 2
    assert AuditEvent.objects.get(verb="programme.created", actor=secretary).data["source"] == 2026


def test_nothing_of_people_or_filings_is_copied(old, owner):
    factories.draft(owner, old.rounds.first())
    create_year(year=2027, source=old)
    assert Application.objects.filter(round__programme__year=2027).count() == 0


def test_corrected_days_win(old):
    dates = {one.key: one.day for one in next_year.plan(old, 2027)}
    dates["round-1-closes"], dates["round-1-paper"] = date(2027, 6, 28), date(2027, 7, 9)
    new = create_year(year=2027, source=old, dates=dates).programme
    first = new.rounds.first()
    assert (first.closes_at, first.paper_due_at) == (at(2027, 6, 29), at(2027, 7, 10))


def test_all_or_nothing(old, monkeypatch):
    def broken(copy):
        raise RuntimeError("half way")

    monkeypatch.setitem(programme_copy.COPIERS, "坏的", broken)
    with pytest.raises(RuntimeError):
        create_year(year=2027, source=old)
    assert not Programme.objects.filter(year=2027).exists()


def test_a_year_that_exists_is_refused_and_others_may_not(old, owner):
    with pytest.raises(Refusal) as refusal:
        create_year(year=2026, source=old)
    assert refusal.value.code == "exists"
    with pytest.raises(NotAllowed):
        create_year(year=2027, source=old, actor=owner)


def test_days_that_contradict_each_other_are_found_by_key(old):
    planned = next_year.plan(old, 2027)
    dates = {one.key: one.day for one in planned}
    dates["round-1-paper"] = dates["round-1-closes"] - timedelta(days=1)
    dates["round-2-closes"] = date(2029, 1, 1)
    assert set(next_year.wrong(dates, planned, 2027)) == {
        "round-1-paper",
        "round-2-closes",
        "round-2-stamped",
        "round-2-paper",
    }


def test_a_deadline_on_a_day_off_is_noted():
    assert "不是工作日" in next_year.day_note(date(2026, 10, 1), {})
    assert next_year.day_note(date(2026, 10, 1), {date(2026, 10, 1): True}) == ""
    assert "尚未收录" in next_year.day_note(date(2099, 6, 30), {})


def test_the_page_shows_every_day_and_makes_the_year(client, old, secretary):
    WorkdayException.objects.create(day=date(2027, 7, 2), is_workday=False)
    client.force_login(secretary)
    address = f"{reverse('admin:programme_next')}?from=2026"
    page = client.get(address)
    assert {one.key for one, _field in page.context["form"].rows} == {one.key for one in next_year.plan(old, 2027)}
    typed = {one.key: str(one.day) for one in next_year.plan(old, 2027)}
    wrong = client.post(address, {**typed, "year": "2027", "round-2-closes": "2027-06-01"})
    assert "第二期应晚于第一期截止" in wrong.content.decode()
    assert 'value="2027-06-01"' in wrong.content.decode()
    assert not Programme.objects.filter(year=2027).exists()
    made = client.post(address, {**typed, "year": "2027"}, follow=True)
    assert made.redirect_chain[-1][0] == "/admin/years/2027/"
    assert Programme.objects.get(year=2027).is_published is False
    again = client.post(address, {**typed, "year": "2027"})
    assert "2027 年度活动已经存在" in again.content.decode()


# --- Letters and words ----------------------------------------------------------------------------


@pytest.fixture
def texts(old):
    body = "{enterprise}：\n2026 年参评。"
    return [
        LetterText.objects.create(code="check_accepted", year=2026, subject="参评", body=body),
        LetterText.objects.create(code="check_refused", year=2026, subject="不予受理", body="{reason}"),
        LetterText.objects.create(code="receipt", year=2026, subject="停用", body="停用", is_active=False),
        LetterText.objects.create(code="extension", subject="各年度通用", body="{deadline}"),
    ]


def test_the_years_own_letters_come_along_word_for_word(old, texts):
    made = create_year(year=2027, source=old)
    copied = {row.code: row for row in LetterText.objects.filter(year=2027)}
    assert set(copied) == {"check_accepted", "check_refused"}
    assert copied["check_accepted"].body == texts[0].body, "never altered without a person"
    assert (copied["check_accepted"].to_review, copied["check_refused"].to_review) == (True, False)
    assert LetterText.objects.filter(year=2026).count() == 3
    assert any("“参评”中写有年份" in sentence for sentence in made.left_out)


def test_the_new_years_page_asks_to_look_at_them_until_they_are_saved(client, old, texts, secretary):
    create_year(year=2027, source=old)
    client.force_login(secretary)
    address = reverse("admin:programme_year", args=[2027])
    row = LetterText.objects.get(year=2027, code="check_accepted")
    change = reverse("admin:qcportal_lettertext_change", args=[row.pk])
    page = client.get(address).content.decode()
    assert "“参评”的文本由上一年度带入，写有 2026 年，请核对后保存" in page
    assert f'href="{change}"' in page
    assert "自己的文本 3 种（本年度 2 种）" in page
    assert "请核对这份文本" in client.get(change).content.decode()
    body = row.body.replace("2026", "2027")
    client.post(change, {"year": "2027", "subject": row.subject, "body": body, "is_active": "on", "_save": "1"})
    row.refresh_from_db()
    assert (row.body, row.to_review) == (body, False)
    assert "由上一年度带入" not in client.get(address).content.decode()


def test_texts_of_the_year_that_name_an_earlier_one_are_shown_where_they_stand(client, old, secretary):
    old.special_awards.filter(position=1).update(eligibility="以 2026 年通知为准。")
    made = create_year(year=2027, source=old).programme
    client.force_login(secretary)
    page = client.get(reverse("admin:programme_year", args=[2027])).content.decode()
    assert "简介写有 2026 年，请核对：“…2026 年继续开展。…”" in page
    assert made.special_awards.get(position=1).name in page.split("以 2026 年通知")[0]
    assert made.intro == "2026 年继续开展。"


def test_odd_texts_of_letters_are_found(old, texts):
    LetterText.objects.filter(code="extension").update(body="{no_such}")
    LetterText.objects.create(code="lapsed", year=2025, subject="x", body="{link}")
    part = next(part for part in parts_of(Year(old, clock.now())) if part.title == "信函文本")
    found = {(one.level, one.text.split("。")[0]) for one in part.findings}
    assert ("wrong", "“申报延期”的文本：没有这样的占位符：{no_such}") in found
    assert ("note", "“提交回执”的文本已停用，按自带文本发送") in found
    assert ("note", "“逾期失效”在 2025 年度有自己的文本，本年度用自带文本") in found
