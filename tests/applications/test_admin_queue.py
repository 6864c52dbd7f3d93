"""The work queue and the desk: what they hold, and that they ask the database a fixed number of times."""

from datetime import timedelta

import pytest
from django.urls import reverse

from applications.actions import checking, closing, paper
from applications.models import Application
from qcportal import clock
from qcportal.models import Heartbeat
from tests import factories
from tests.applications import checked

pytestmark = pytest.mark.django_db

QUEUE = "/admin/applications/application/"


@pytest.fixture
def filed(owner):
    return checked.submitted(owner)


def _more(count):
    return [
        checked.submitted(factories.enterprise_owner(username=f"more{n}", enterprise_name=f"青海测试{n}有限公司"))
        for n in range(count)
    ]


def _numbers(client, query=""):
    answer = client.get(QUEUE + query)
    assert answer.status_code == 200
    return [row.file_number for row in answer.context["cl"].result_list]


def _returned(application, secretary, due=None):
    checking.return_for_correction(
        checked.open_check(application, secretary),
        actor=secretary,
        remarks=[],
        open_fields=["topic_name"],
        correction_due_at=due or clock.now() + timedelta(days=3),
        reason="请改",
    )
    application.refresh_from_db()


def test_the_queue_shows_what_waits_oldest_first(client, secretary, owner, filed):
    factories.complete_draft(owner, filed.round)
    later = _more(1)[0]
    accepted = _more_named("z")
    checking.accept(checked.open_check(accepted, secretary), actor=secretary)
    client.force_login(secretary)
    assert _numbers(client) == [filed.file_number, later.file_number]


def _more_named(name):
    return checked.submitted(factories.enterprise_owner(username=name, enterprise_name=f"青海{name}有限公司"))


def test_the_queue_is_filtered_by_state_in_the_secretariats_words(client, secretary, owner, filed):
    client.force_login(secretary)
    back, late, lapsed = _more(3)
    _returned(back, secretary)
    checked.resubmit(back, back.created_by)
    _returned(late, secretary)
    _returned(lapsed, secretary, clock.now() + timedelta(hours=1))
    closing.close_due_rounds(clock.now() + timedelta(hours=2))
    checking.start_check(filed, actor=secretary)
    assert _numbers(client, "?queue=resubmitted") == [back.file_number]
    assert _numbers(client, "?queue=returned") == [late.file_number]
    assert _numbers(client, "?queue=overdue") == [lapsed.file_number]
    assert _numbers(client, "?queue=checking") == [filed.file_number]
    assert len(_numbers(client, "?queue=all")) == 4


def test_a_late_correction_is_overdue_before_the_clockwork_has_closed_it(client, secretary, filed):
    _returned(filed, secretary, clock.now() + timedelta(hours=1))
    client.force_login(secretary)
    with clock.fixed(clock.now() + timedelta(hours=2)):
        assert _numbers(client, "?queue=overdue") == [filed.file_number]
        assert "补正逾期" in client.get(QUEUE + "?queue=overdue").content.decode()


@pytest.mark.parametrize("typed", ["number", "青海湖光", "code", "红柳", "碳酸锂", "13900000043"])
def test_the_search_finds_by_number_unit_code_group_topic_and_phone_in_every_state(client, secretary, filed, typed):
    checking.accept(checked.open_check(filed, secretary), actor=secretary)
    other = _more(1)[0]
    Application.objects.filter(pk=other.pk).update(
        group_name="昆仑QC小组", topic_name="降低能耗", contact_phone="13811112222"
    )
    client.force_login(secretary)
    query = {"number": filed.file_number, "code": filed.enterprise.credit_code}.get(typed, typed)
    assert _numbers(client, f"?q={query}") == [filed.file_number]


def test_the_queue_is_filtered_by_city_industry_type_award_and_paper(client, secretary, owner, filed):
    other = _more(1)[0]
    other.enterprise.city, other.enterprise.industry = "6301", "medicine"
    other.enterprise.save()
    Application.objects.filter(pk=other.pk).update(topic_type="innovation")
    other.special_awards.add(other.round.programme.special_awards.get(code="salt-lake"))
    paper.receive_paper(other.submissions.get(), actor=secretary)
    client.force_login(secretary)
    for query in (
        "city=6301",
        "enterprise__industry__exact=medicine",
        "topic_type__exact=innovation",
        "award=salt-lake",
        "paper=received",
    ):
        assert _numbers(client, f"?{query}") == [other.file_number], query
    assert _numbers(client, "?paper=missing") == [filed.file_number]


def test_paper_of_an_old_version_counts_as_missing_and_says_so(client, secretary, owner, filed):
    paper.receive_paper(filed.submissions.get(), actor=secretary)
    checked.resubmit(filed, owner)
    client.force_login(secretary)
    assert _numbers(client, "?paper=missing") == [filed.file_number]
    assert "旧版（第 1 版）" in client.get(QUEUE).content.decode()


def test_the_queue_names_who_is_checking(client, secretary, filed):
    checking.start_check(filed, actor=secretary)
    client.force_login(secretary)
    body = client.get(QUEUE).content.decode()
    assert "审查中" in body
    assert "陈雪梅" in body


def test_a_row_leads_to_the_check_page_and_djangos_form_is_never_shown(client, secretary, filed):
    client.force_login(secretary)
    address = reverse("admin:applications_check", args=[filed.pk])
    assert f'href="{address}"' in client.get(QUEUE).content.decode()
    answer = client.get(reverse("admin:applications_application_change", args=[filed.pk]))
    assert (answer.status_code, answer["Location"]) == (302, address)


def test_nothing_is_added_or_deleted_by_hand(client, secretary, filed):
    client.force_login(secretary)
    assert client.post(QUEUE + "add/", {}).status_code == 403
    assert client.post(f"{QUEUE}{filed.pk}/delete/", {"post": "yes"}).status_code == 403


def test_an_empty_queue_says_so(client, secretary):
    client.force_login(secretary)
    assert "这里没有申报" in client.get(QUEUE).content.decode()


def _queries(client, address, django_assert_max_num_queries):
    with django_assert_max_num_queries(100) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


@pytest.mark.parametrize(
    "address",
    [
        QUEUE,
        QUEUE + "?queue=all",
        "/admin/",
        "/admin/paper/missing/",
        "/admin/applications/enterprise/",
        "/admin/qcportal/user/",
        "/admin/applications/submission/",
    ],
)
def test_lists_ask_as_often_for_three_rows_as_for_one(client, secretary, filed, address, django_assert_max_num_queries):
    client.force_login(secretary)
    client.get(address)
    with_one = _queries(client, address, django_assert_max_num_queries)
    _more(2)
    assert _queries(client, address, django_assert_max_num_queries) == with_one
    assert with_one < 30


# --- the desk --------------------------------------------------------------------------------------


def _cards(client):
    return {card["title"]: card["count"] for card in client.get("/admin/").context["cards"]}


def test_the_desk_counts_what_waits(client, secretary, owner, filed):
    client.force_login(secretary)
    back, late, accepted = _more(3)
    _returned(back, secretary)
    checked.resubmit(back, back.created_by)
    _returned(late, secretary)
    checking.accept(checked.open_check(accepted, secretary), actor=secretary)
    paper.receive_paper(accepted.submissions.get(), actor=secretary)
    assert _cards(client) == {
        "待审查": 2, "已重新提交": 1, "待补正": 1, "补正逾期": 0, "纸质件未到": 3, "今天要跟进的电话": 0,
        "单位待核验": 1,
    }  # fmt: skip


def test_the_desk_puts_late_corrections_first_then_those_that_came_back(client, secretary, filed):
    back, late = _more(2)
    _returned(back, secretary)
    checked.resubmit(back, back.created_by)
    _returned(late, secretary, clock.now() + timedelta(hours=1))
    client.force_login(secretary)
    with clock.fixed(clock.now() + timedelta(hours=2)):
        rows = [row["application"] for row in client.get("/admin/").context["first_rows"]]
    assert rows == [late, back, filed]


def test_the_desk_shows_the_open_round_and_filings_per_day(client, secretary, filed):
    client.force_login(secretary)
    context = client.get("/admin/").context
    assert context["desk_round"]["round"] == filed.round
    assert (context["desk_round"]["filed"], context["desk_round"]["drafts"]) == (1, 0)
    assert [bar["number"] for bar in context["bars"]["days"]] == [0] * 13 + [1]


@pytest.mark.parametrize(("minutes", "alive"), [(0, True), (10, False)])
def test_a_silent_worker_is_red_and_a_living_one_is_not(client, secretary, minutes, alive):
    client.force_login(secretary)
    Heartbeat.objects.create(name="worker", at=clock.now() - timedelta(minutes=minutes))
    system = client.get("/admin/").context["system"]
    assert [process["alive"] for process in system["processes"]] == [alive]
    assert system["well"] is alive


def test_an_auditor_sees_the_desk(client, auditor, filed):
    client.force_login(auditor)
    assert _cards(client)["待审查"] == 1


def test_the_desk_works_before_there_is_any_programme(client, secretary):
    client.force_login(secretary)
    assert "还没有设置年度活动" in client.get("/admin/").content.decode()
