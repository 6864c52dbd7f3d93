from datetime import date

import pytest

from applications.actions.programmes import create_programme
from applications.models import Association, DownloadTemplate, Notice
from applications.timeline import chart_of
from qcportal import clock, files
from tests.factories import at

pytestmark = pytest.mark.django_db


def home(client, moment):
    with clock.fixed(moment):
        return client.get("/")


def test_the_home_page_works_with_an_empty_database(client):
    response = client.get("/")
    assert response.status_code == 200
    assert "申报安排尚未公布" in response.content.decode()
    assert "0971-6137890" in response.content.decode()


def test_an_open_round_counts_down_from_the_servers_time(client):
    create_programme(year=2026)
    page = home(client, at(2026, 6, 18, 10, 23, 40)).content.decode()
    assert "距第一期截止" in page
    assert "<b data-days>12</b>" in page
    assert "<b data-hours>13</b>" in page
    assert "<b data-minutes>36</b>" in page
    assert 'data-until="2026-07-01T00:00:00+08:00"' in page
    assert "2026年6月30日24:00 截止" in page
    assert "申报受理中" in page


def test_at_24_00_the_first_round_is_over_and_the_second_is_shown(client):
    create_programme(year=2026)
    assert "距第一期截止" in home(client, at(2026, 6, 30, 23, 59, 59)).content.decode()
    assert "距第二期截止" in home(client, at(2026, 7, 1)).content.decode()


def test_before_the_first_round_the_opening_is_counted_down(client):
    create_programme(year=2026)
    page = home(client, at(2026, 5, 30, 0, 0)).content.decode()
    assert "距第一期开放" in page
    assert "<b data-days>2</b>" in page


def test_after_both_rounds_the_state_is_closed_without_a_countdown(client):
    create_programme(year=2026)
    page = home(client, at(2026, 11, 1)).content.decode()
    assert "第二期申报已截止" in page
    assert "data-countdown" not in page


def test_the_round_that_closes_first_is_shown_of_two_years_that_are_open(client):
    create_programme(year=2026)
    other = create_programme(year=2027)
    other.rounds.filter(number=1).update(opens_at=at(2026, 6, 1), closes_at=at(2026, 6, 20))
    page = home(client, at(2026, 6, 18)).content.decode()
    assert "2027 年度 · 全省第 49 次" in page


def test_an_unpublished_year_is_not_shown(client):
    create_programme(year=2026)
    type(create_programme(year=2027)).objects.update(is_published=False)
    assert "申报安排尚未公布" in home(client, at(2026, 6, 18)).content.decode()


def test_the_calendar_names_rounds_trainings_and_events_with_their_months(client):
    create_programme(year=2026)
    page = home(client, at(2026, 6, 18)).content.decode()
    assert "今天 6月18日" in page
    assert "7月，具体时间另行通知" in page
    assert "第二期　7月1日 — 10月20日24:00" in page
    assert "style=" not in page


def test_notices_of_the_last_seven_days_are_marked_new(client):
    for slug, day in (("old", date(2026, 6, 4)), ("fresh", date(2026, 6, 16))):
        Notice.objects.create(slug=slug, title=f"通知{slug}", body="正文", published_on=day)
    page = home(client, at(2026, 6, 18)).content.decode()
    assert page.count("tag--new") == 1
    assert page.index("通知fresh") < page.index("通知old")


def test_contact_data_comes_from_the_database(client):
    Association.objects.create(
        name="青海省质量管理协会", office="秘书处", phone="0971-1234567", email="a@example.test", address="某路 1 号"
    )
    page = client.get("/").content.decode()
    assert "0971-1234567" in page
    assert "a@example.test" in page


def test_a_blank_form_can_be_downloaded_and_an_unknown_one_is_404(client):
    stored = files.store(b"PK fake", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
    DownloadTemplate.objects.create(
        slug="annex-1", annex="附件 1", title="申报表", file_name="申报表.docx", file=stored
    )
    assert "/templates/annex-1/" in client.get("/").content.decode()
    answer = client.get("/templates/annex-1/")
    assert b"".join(answer.streaming_content) == b"PK fake"
    assert answer["Content-Disposition"].startswith("attachment")
    assert client.get("/templates/nothing/").status_code == 404


def test_the_home_page_asks_the_same_number_of_questions_for_more_rows(client, django_assert_num_queries):
    create_programme(year=2026)

    def notice(number):
        Notice.objects.create(
            slug=f"n{number}", title=f"通知 {number}", body="正文", published_on=date(2026, 6, number)
        )

    notice(1)
    home(client, at(2026, 6, 18))
    with django_assert_num_queries(11):
        home(client, at(2026, 6, 18))
    notice(2)
    notice(3)
    with django_assert_num_queries(11):
        home(client, at(2026, 6, 18))


def test_entries_of_one_day_have_their_label_beside_and_never_overlap(client):
    programme = create_programme(year=2026)
    programme.calendar.all().delete()
    for day in (3, 5):
        programme.calendar.create(
            kind="training", title=f"准则标准讲解第 {day} 讲", starts_on=date(2026, 6, day), ends_on=date(2026, 6, day)
        )
    programme.calendar.create(
        kind="event", title="全省代表会议", starts_on=date(2026, 10, 19), ends_on=date(2026, 10, 19)
    )
    chart = chart_of(programme, at(2026, 6, 18))
    first, second = [bar for bar in chart.bars if "讲" in bar.label]
    assert (first.beside, second.beside) == ("start", "start")
    assert first.y < second.y
    assert next(bar for bar in chart.bars if "代表" in bar.label).beside == "end"
    assert "准则标准讲解第 3 讲，6月3日" in home(client, at(2026, 6, 18)).content.decode()


def test_the_full_notice_of_the_year_is_found_by_its_number(client):
    create_programme(year=2026)
    assert 'href="/notices/">查看通知全文' in home(client, at(2026, 6, 18)).content.decode()
    Notice.objects.create(
        slug="y2026", title="推进工作通知", body="青质协联〔2026〕5号\n\n正文", published_on=date(2026, 6, 4)
    )
    assert 'href="/notices/y2026/">查看通知全文' in home(client, at(2026, 6, 18)).content.decode()
