"""The year on one page: parts, self-check, what is relied on, the picture."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from lxml import html

from applications.actions.programmes import create_programme
from applications.models import CalendarEntry, Notice, Programme, Round
from applications.year_parts import COMPLETE, MISSING, WRONG, Year, parts_of
from qcportal import clock
from tests import factories
from tests.factories import at

pytestmark = pytest.mark.django_db
NOW = at(2026, 6, 10, 9)


@pytest.fixture
def programme():
    return create_programme(year=2026)


def _parts(programme, now=NOW):
    return {part.title: part for part in parts_of(Year(Programme.objects.get(pk=programme.pk), now))}


def _texts(programme, title, level=None):
    return [one.text for one in _parts(programme)[title].findings if level in (None, one.level)]


def test_a_year_as_the_notice_has_it_lacks_only_what_nobody_knows_yet(programme):
    wanting = {title: part.state for title, part in _parts(programme).items() if part.state != COMPLETE}
    assert wanting == {"活动日历与培训": MISSING, "年度通知": MISSING}


def test_the_second_round_before_the_first_is_a_contradiction(programme):
    Round.objects.filter(number=2).update(opens_at=at(2026, 5, 1), closes_at=at(2026, 6, 1))
    assert _parts(programme)["期与截止日期"].state == WRONG
    assert "第二期截止早于第一期" in _texts(programme, "期与截止日期")


def test_a_deadline_on_a_holiday_is_to_be_known(programme):
    Round.objects.filter(number=2).update(
        closes_at=at(2026, 10, 2), stamped_due_at=at(2026, 10, 20), paper_due_at=at(2026, 10, 20)
    )
    assert any("10月1日" in text and "不是工作日" in text for text in _texts(programme, "期与截止日期", "note"))


def test_paper_before_an_extended_deadline_is_a_contradiction(programme, secretary):
    from applications.models import Extension

    Extension.objects.create(
        round=programme.rounds.first(),
        new_deadline=at(2026, 7, 20),
        reason="停电",
        created_by=secretary,
        created_at=NOW,
    )
    assert any("纸质材料截止仍是" in text for text in _texts(programme, "期与截止日期", WRONG))


def test_an_event_without_a_day_and_one_before_the_deadline(programme):
    assert any("还没有确定日期" in text for text in _texts(programme, "活动日历与培训", MISSING))
    CalendarEntry.objects.filter(kind="event", starts_on__month=7).update(
        date_is_month_only=False, starts_on=date(2026, 6, 20), ends_on=date(2026, 6, 20)
    )
    assert any("早于第一期截止" in text for text in _texts(programme, "活动日历与培训", WRONG))


def test_years_the_calendar_of_working_days_does_not_know(programme):
    assert _texts(programme, "工作日与放假") == []
    Round.objects.filter(number=2).update(
        closes_at=at(2027, 1, 5), stamped_due_at=at(2099, 1, 9), paper_due_at=at(2099, 1, 9)
    )
    assert any("2099 年的放假安排尚未收录" in text for text in _texts(programme, "工作日与放假"))


def test_a_hidden_field_that_a_check_needs(programme):
    Programme.objects.update(field_rules={"member_count": {"need": "hidden"}, "benefit_basis": {"need": "hidden"}})
    assert any("小组人数与成员名单" in text for text in _texts(programme, "填报项目", "note"))
    assert _parts(programme)["填报项目"].state == WRONG


def test_what_filings_rely_on_is_said(programme, owner):
    draft = factories.draft(owner, programme.rounds.first())
    draft.special_awards.add(programme.special_awards.first())
    parts = _parts(programme)
    assert "只能延长" in parts["期与截止日期"].used
    assert "不能删除" in parts["单项奖"].used


def test_the_notice_of_the_year_is_looked_for_by_its_number(programme):
    Notice.objects.create(slug="y", title="通知（青质协联〔2026〕5号）", body="正文", published_on=date(2026, 6, 4))
    assert _parts(programme)["年度通知"].state == COMPLETE


def test_the_page_has_parts_links_and_an_accessible_picture(client, programme, secretary):
    client.force_login(secretary)
    with clock.fixed(NOW):
        page = client.get(reverse("admin:programme_year", args=[2026]))
    tree = html.fromstring(page.content.decode())
    drawing = tree.xpath("//svg")
    picture = next(one for one in drawing if one.get("role") == "img" and "calendar-chart" in one.get("class", ""))
    assert picture.xpath("./title")[0].text == "2026 年度全年时间图"
    assert "今天 6月10日" in picture.xpath("string(./desc)")
    assert tree.xpath("//line | //path[@class='today']")
    rows = tree.xpath("//section[contains(@class,'year-picture')]//tbody/tr/th/text()")
    assert {"第一期申报受理", "第一期纸质材料寄送", "第二期发布会"} <= set(rows)
    links = tree.xpath("//section[@aria-labelledby='parts-title']//a/@href")
    assert reverse("admin:programme_fields", args=[2026]) in links
    assert " style=" not in page.content.decode().split("<main", 1)[-1]


def test_auditors_look_and_are_offered_nothing(client, programme, auditor):
    client.force_login(auditor)
    page = client.get(reverse("admin:programme_year", args=[2026])).content.decode()
    assert "以此建立新年度" not in page
    assert "延期</a>" not in page


def test_the_current_year_is_that_of_the_round_opened_last(client, programme, secretary):
    factories.round_of(2020, 1)
    client.force_login(secretary)
    with clock.fixed(NOW):
        answer = client.get(reverse("admin:programme_current"))
    assert answer.url == "/admin/years/2026/"


def test_reviews_announcements_and_corrections_are_on_the_staff_picture(programme, secretary, owner):
    from applications.timeline import chart_of
    from reviews.models import Ranking, Stage

    first = programme.rounds.first()
    Stage.objects.create(round=first, kind="document", weight=1, opens_at=at(2026, 7, 2), closes_at=at(2026, 7, 10))
    Ranking.objects.create(
        programme=programme, round=first, version=1, data={}, sha256="0" * 64, frozen_at=NOW, frozen_by=secretary,
        announced_at=at(2026, 7, 15, 9),
    )  # fmt: skip
    draft = factories.draft(owner, first)
    type(draft).objects.filter(pk=draft.pk).update(correction_due_at=NOW + timedelta(days=9))
    titles = {item.title for item in chart_of(programme, NOW, staff=True).items}
    assert {"第一期资料评审", "结果公示", "第一期补正"} <= titles
    assert titles & {item.title for item in chart_of(programme, NOW).items} == {
        "第一期申报受理", "第二期申报受理", "准则标准讲解", "评审评分培训", "第一期发布会", "第二期发布会",
    }  # fmt: skip
