import pytest

from applications.actions.programmes import create_programme
from qcportal import clock
from tests.factories import at

pytestmark = pytest.mark.django_db


def guide(client, moment=None):
    with clock.fixed(moment or at(2026, 6, 18)):
        response = client.get("/guide/")
    assert response.status_code == 200
    return response.content.decode()


def test_the_guide_says_until_when_from_the_database(client):
    programme = create_programme(year=2026)
    round_ = programme.rounds.get(number=1)
    page = guide(client)
    assert "2026年6月30日24:00" in page
    assert "2026年10月20日24:00" in page
    assert round_.paper_due_label in page


def test_the_guide_names_the_year_of_summary_and_statistics(client):
    create_programme(year=2026)
    page = guide(client)
    assert "2025 年的统计数字" in page
    assert "2025 年的活动总结" in page


def test_the_guide_works_before_a_year_is_published(client):
    page = guide(client)
    assert "本年度的安排尚未公布" in page
    assert "0971-6137890" in page


def test_the_guide_names_the_limits_of_uploads(client, settings):
    settings.EVIDENCE_MAX_BYTES = 7 * 1024 * 1024
    settings.EVIDENCE_MAX_FILES = 11
    page = guide(client)
    assert "不超过 7 MB，最多 11 个" in page


def test_the_guide_asks_one_query_more_for_no_round(client, django_assert_num_queries):
    create_programme(year=2026)
    with clock.fixed(at(2026, 6, 18)), django_assert_num_queries(7):
        client.get("/guide/")


def test_the_home_page_links_to_the_guide(client):
    assert 'href="/guide/"' in client.get("/").content.decode()


def test_only_reading_is_possible(client):
    assert client.post("/guide/").status_code == 405
