from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from applications.actions.programmes import create_programme
from applications.models import Notice, WorkdayException
from qcportal import clock
from qcportal.models import MailKind, MailMessage
from reviews.models import Ranking
from tests.factories import at

pytestmark = pytest.mark.django_db


def notice(number, **fields):
    defaults = {"title": f"通知 {number}", "body": "第一段\n\n第二段", "published_on": date(2026, 6, number)}
    return Notice.objects.create(slug=f"n{number}", **{**defaults, **fields})


def test_the_notices_list_asks_as_often_for_three_rows_as_for_one(client, django_assert_num_queries):
    notice(1)
    with django_assert_num_queries(4):  # count, rows, association, fixed pages
        client.get("/notices/")
    notice(2)
    notice(3)
    with django_assert_num_queries(4):
        client.get("/notices/")


def test_an_empty_list_says_what_to_do(client):
    assert "还没有通知公告" in client.get("/notices/").content.decode()


def test_a_notice_shows_its_paragraphs_and_an_unpublished_one_is_404(client):
    notice(1)
    notice(2, is_published=False)
    page = client.get("/notices/n1/").content.decode()
    assert "<p>第一段</p><p>第二段</p>" in page.replace("\n", "")
    assert client.get("/notices/n2/").status_code == 404


def test_notices_are_escaped(client):
    notice(1, title="<script>alert(1)</script>", body="<b>x</b>")
    page = client.get("/notices/n1/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;b&gt;x" in page


def test_page_links_keep_the_query_string(client):
    for number in range(1, 23):
        notice(number)
    page = client.get("/notices/?kind=a").content.decode()
    assert "?kind=a&amp;page=2" in page


def test_the_calendar_shows_deadlines_with_the_state_of_each_round(client):
    create_programme(year=2026)
    with clock.fixed(at(2026, 6, 18)):
        page = client.get("/calendar/").content.decode()
    assert "2026年10月27日24:00" in page
    assert "申报受理中" in page
    assert "尚未开放" in page


def test_the_calendar_works_without_a_year(client):
    assert "本年度的安排尚未公布" in client.get("/calendar/").content.decode()


def ranking(secretary, announced=True, version=1, rows=None):
    programme = create_programme(year=2026) if version == 1 else Ranking.objects.get(version=1).programme
    row = {"file_number": "QC2026-1-0001", "enterprise": "青海湖光盐化股份有限公司", "group": "红柳QC小组",
           "topic": "提高包装一次合格率", "rank": 1, "total": "91.25", "award": "一等奖"}  # fmt: skip
    return Ranking.objects.create(
        programme=programme, round=programme.rounds.first(), version=version, data={"rows": rows or [row]},
        sha256="0" * 64, frozen_at=clock.now(), frozen_by=secretary, announced_at=clock.now() if announced else None,
    )  # fmt: skip


def test_announced_results_show_unit_group_topic_and_result_but_no_score(client, secretary):
    ranking(secretary)
    page = client.get("/results/").content.decode()
    for shown in ("青海湖光盐化股份有限公司", "红柳QC小组", "提高包装一次合格率", "一等奖"):
        assert shown in page
    assert "91.25" not in page


def test_results_not_yet_announced_are_not_shown(client, secretary):
    ranking(secretary, announced=False)
    assert "还没有公布的结果" in client.get("/results/").content.decode()


def test_where_awards_were_decided_only_the_awarded_are_named(client, secretary):
    rows = [
        {"enterprise": "青海湖光盐化股份有限公司", "group": "红柳QC小组", "award": "一等奖", "rank": 1},
        {"enterprise": "青海瀚澄盐湖化工有限公司", "group": "澄湖QC小组", "award": "", "rank": 2},
    ]
    ranking(secretary, rows=rows)
    content = client.get("/results/").content.decode()
    assert "红柳QC小组" in content
    assert "澄湖QC小组" not in content


def test_without_an_award_the_place_is_the_result(client, secretary):
    ranking(secretary, rows=[{"enterprise": "青海湖光盐化股份有限公司", "group": "红柳QC小组", "award": "", "rank": 3}])
    assert "第 3 名" in client.get("/results/").content.decode()


def test_rows_without_result_or_of_another_shape_are_left_out(client, secretary):
    ranking(secretary, rows=[{"enterprise": "落选单位", "award": "", "rank": None}, "odd", {"award": "二等奖"}])
    page = client.get("/results/").content.decode()
    assert "落选单位" not in page
    assert "本次没有可公示的结果" in page


def test_the_rules_name_the_handler_the_version_and_the_retention(client):
    page = client.get("/privacy/").content.decode()
    for text in ("青海省质量管理协会", "版本 2026-1", "5 年", "不收集身份证号"):
        assert text in page


def test_every_public_page_answers_get_and_head_and_refuses_post_in_chinese(client):
    notice(1)
    for address in (
        "/",
        "/notices/",
        "/notices/n1/",
        "/calendar/",
        "/results/",
        "/verify/",
        "/privacy/",
        "/accessibility/",
    ):
        assert client.get(address).status_code == 200, address
        assert client.head(address).status_code == 200, address
        refused = client.post(address)
        assert refused.status_code == 405, address
        assert "不能这样打开" in refused.content.decode()
        assert refused["Allow"] == "GET, HEAD"


def test_demo_mail_is_listed_in_demo_mode_only(client, settings, django_assert_num_queries):
    mail = MailMessage.objects.create(
        kind=MailKind.RECEIPT,
        to="a@example.test",
        subject="提交回执",
        body="正文 http://x.test/",
        created_at=clock.now(),
    )
    assert client.get("/demo/mail/").status_code == 404
    assert client.get(f"/demo/mail/{mail.pk}/").status_code == 404
    settings.DEMO = True
    with django_assert_num_queries(4):
        assert "提交回执" in client.get("/demo/mail/").content.decode()
    assert "http://x.test/" in client.get(f"/demo/mail/{mail.pk}/").content.decode()
    assert client.get("/demo/mail/999/").status_code == 404


def test_no_public_template_holds_inline_styles_or_scripts():
    for path in Path(settings.BASE_DIR, "templates").rglob("*.html"):
        if "admin" in path.parts or "pdf" in path.parts or "documents" in path.parts:
            continue
        text = path.read_text()
        assert " style=" not in text, path
        assert " onclick=" not in text, path
        assert "<script>" not in text, path


def test_the_results_page_asks_as_often_for_three_rankings_as_for_one(client, secretary, django_assert_num_queries):
    ranking(secretary)
    with django_assert_num_queries(5):  # count, rankings, days off, association, fixed pages
        client.get("/results/")
    ranking(secretary, version=2)
    ranking(secretary, version=3)
    with django_assert_num_queries(5):
        client.get("/results/")


def test_how_long_a_result_may_be_objected_to_is_said_as_a_date(client, secretary):
    """So many working days as the year says, holidays and exceptions counted; 24:00 of the last one."""
    row = ranking(secretary)
    row.programme.announcement_workdays = 7
    row.programme.save()
    WorkdayException.objects.create(day=date(2026, 7, 14), is_workday=False)
    friday = at(2026, 7, 10, 9)
    Ranking.objects.update(announced_at=friday)
    with clock.fixed(friday + timedelta(hours=1)):
        assert "公示至 2026年7月22日24:00（7 个工作日）" in client.get(reverse("results")).content.decode()
    with clock.fixed(friday + timedelta(days=13)):
        assert "公示已于 2026年7月22日24:00 结束" in client.get(reverse("results")).content.decode()
