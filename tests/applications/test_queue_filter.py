"""Filters of the queue: they combine, stand in the address, are taken away one by one, and are kept under names."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from applications.actions import checking, saved_filters
from applications.models import Application, FormerName, RecommendingUnit, SavedFilter, WarningSummary
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from tests import factories
from tests.access.world import scan_of
from tests.applications import checked

pytestmark = pytest.mark.django_db

QUEUE = "/admin/applications/application/"


@pytest.fixture
def three(owner, secretary):
    """Three submitted filings of three enterprises."""
    rows = [checked.submitted(owner)]
    for number in (1, 2):
        person = factories.enterprise_owner(username=f"more{number}", enterprise_name=f"青海测试{number}有限公司")
        rows.append(checked.submitted(person))
    return rows


@pytest.fixture
def desk(client, secretary):
    client.force_login(secretary)
    return client


def found(client, query=""):
    return [row["application"] for row in client.get(f"{QUEUE}?{query}").context["rows"]]


def test_filters_combine_and_several_choices_of_one_are_taken_together(desk, three):
    first, second, third = three
    for row, city in zip(three, ("6301", "6328", "6301"), strict=True):
        row.enterprise.city = city
        row.enterprise.save()
    Application.objects.filter(pk=third.pk).update(topic_type="innovation")
    assert found(desk, "city=6301&city=6328") == [first, second, third]
    assert found(desk, "city=6301") == [first, third]
    assert found(desk, "city=6301&type=innovation") == [third]


def test_each_choice_is_a_chip_whose_link_takes_only_it_away(desk, three):
    chips = desk.get(f"{QUEUE}?city=6301&city=6328&type=self_set&q=青海").context["filter_chips"]
    assert [(chip.title, chip.label) for chip in chips] == [
        ("搜索", "青海"),
        ("所在市（州）", "西宁市"),
        ("所在市（州）", "海西蒙古族藏族自治州"),
        ("课题类型", "问题解决型·自定目标"),
    ]  # fmt: skip
    left = parse_qs(urlsplit(chips[1].remove).query)
    assert left == {"q": ["青海"], "city": ["6328"], "type": ["self_set"]}


def test_choices_carry_how_many_there_are(desk, three):
    checking.start_check(three[0], actor=factories.staff(username="colleague", name="林秀兰"))
    context = desk.get(QUEUE).context
    facets = {facet.title: {option.label: option.count for option in facet.options} for facet in context["facets"]}
    assert facets["课题类型"] == {"问题解决型·自定目标": 3}
    assert {name: facets["领取人"][name] for name in ("我领取的", "同事领取的", "未领取", "林秀兰")} == {
        "我领取的": 0, "同事领取的": 1, "未领取": 2, "林秀兰": 1,
    }  # fmt: skip
    assert [(tab.label, tab.count) for tab in context["tabs"]] == [
        ("待审查", 3), ("已重新提交", 0), ("审查中", 1), ("补正逾期", 0), ("全部已提交过", 3),
    ]  # fmt: skip


def test_by_recommending_unit_and_round(desk, three):
    unit = RecommendingUnit.objects.create(name="海西州总工会")
    Application.objects.filter(pk=three[1].pk).update(recommending_unit=unit)
    assert found(desk, f"unit={unit.pk}") == [three[1]]
    assert found(desk, f"round={three[0].round_id}") == three
    assert found(desk, "round=999999") == three  # an unknown choice is dropped, not an error


def test_by_warnings(desk, three):
    first, second, third = three
    WarningSummary.objects.filter(application=first).update(explained=0, unexplained=1)
    WarningSummary.objects.filter(application=second).update(explained=2, unexplained=0)
    WarningSummary.objects.filter(application=third).update(explained=0)
    assert found(desk, "warnings=open") == [first]
    assert found(desk, "warnings=explained") == [second]
    assert found(desk, "warnings=none") == [third]
    assert "1 条提醒待处理" in desk.get(f"{QUEUE}?warnings=open").content.decode()


def test_by_paper_and_scan(desk, three, owner):
    first, second, third = three
    scan_of(first, owner)
    scan = {state: found(desk, f"paper={state}") for state in ("attention", "scanned", "unscanned")}
    assert first in scan["attention"] + scan["scanned"]
    assert scan["unscanned"] == [second, third]


@pytest.mark.parametrize(
    ("typed", "place"),
    [("0001", 0), ("2", 1), ("1-3", 2), ("曾用名测试", 1), ("扎西多杰", 0), ("0043", 0), ("13900000043", 0)],
)
def test_the_search_also_knows_short_numbers_former_names_members_and_last_digits(desk, three, typed, place):
    FormerName.objects.create(enterprise=three[1].enterprise, name="青海曾用名测试厂", until=clock.now())
    for row in three[1:]:
        row.members.all().delete()
        Application.objects.filter(pk=row.pk).update(contact_phone=f"1381111{row.pk:04d}", member_count=0)
        type(row.enterprise).objects.filter(pk=row.enterprise_id).update(contact_phone="")
    assert three[place] in found(desk, f"q={typed}")
    if typed in {"曾用名测试", "扎西多杰", "1-3", "13900000043"}:
        assert found(desk, f"q={typed}") == [three[place]]


def test_every_word_of_a_search_must_be_found(desk, three):
    assert found(desk, "q=红柳 测试1") == [three[1]]
    assert found(desk, "q=红柳 没有这样的词") == []


def test_a_full_telephone_number_is_not_shown_in_the_list(desk, three):
    assert "13900000043" not in desk.get(f"{QUEUE}?queue=all").content.decode()


def test_nothing_found_says_how_to_go_on(desk, three):
    body = desk.get(f"{QUEUE}?city=6301&queue=deferred").content.decode()
    assert "没有申报符合现在的全部条件" in body
    assert "清除筛选" in body


# --- saved filters ----------------------------------------------------------------------------------


def test_a_filter_is_saved_from_the_page_and_comes_first_when_it_is_the_default(desk, secretary, three):
    desk.get(f"{QUEUE}?type=self_set&city=6328")
    desk.post(reverse("admin:applications_queue_filter_save"), {"name": "海西自定目标", "is_default": "on"})
    saved = SavedFilter.objects.get()
    assert (saved.owner, saved.query) == (secretary, "city=6328&type=self_set")
    assert desk.get(QUEUE)["Location"] == f"{QUEUE}?{saved.query}"
    assert desk.get(f"{QUEUE}?queue=waiting").status_code == 200


def test_there_is_one_default_and_the_same_name_replaces(secretary):
    first = saved_filters.save(actor=secretary, name="甲", query="city=6301", is_default=True)
    saved_filters.save(actor=secretary, name="乙", query="city=6328", is_default=True)
    again = saved_filters.save(actor=secretary, name="甲", query="type=self_set")
    assert (again.pk, again.query, again.is_default) == (first.pk, "type=self_set", False)
    assert [row.name for row in SavedFilter.objects.filter(is_default=True)] == ["乙"]


def test_a_shared_filter_is_seen_by_colleagues_and_changed_by_its_owner_only(client, desk, secretary):
    row = saved_filters.save(actor=secretary, name="甲", query="city=6301", is_shared=True)
    saved_filters.save(actor=secretary, name="乙", query="city=6328")
    colleague = factories.staff(username="colleague", name="林秀兰")
    assert list(SavedFilter.objects.usable_by(colleague)) == [row]
    with pytest.raises(NotAllowed):
        saved_filters.change(row, actor=colleague, name="丙", is_default=False, is_shared=False)
    with pytest.raises(NotAllowed):
        saved_filters.delete(row, actor=colleague)
    client.force_login(colleague)
    assert client.get(reverse("admin:applications_queue_filter", args=[row.pk])).status_code == 404
    assert "甲" in client.get(QUEUE).content.decode()


def test_renaming_and_deleting_on_its_page(desk, secretary):
    row = saved_filters.save(actor=secretary, name="甲", query="city=6301")
    saved_filters.save(actor=secretary, name="乙", query="city=6328")
    address = reverse("admin:applications_queue_filter", args=[row.pk])
    answer = desk.post(address, {"name": "乙"})
    assert answer.status_code == 422
    assert "您已有名为“乙”的筛选" in answer.content.decode()
    desk.post(address, {"name": "西宁", "is_default": "on", "is_shared": "on"})
    row.refresh_from_db()
    assert (row.name, row.is_default, row.is_shared) == ("西宁", True, True)
    desk.post(address, {"delete": "yes"})
    assert [one.name for one in SavedFilter.objects.all()] == ["乙"]


@pytest.mark.parametrize(("name", "query"), [("", "city=6301"), ("甲", ""), ("一" * 21, "city=6301")])
def test_a_filter_without_name_or_without_conditions_is_refused(secretary, name, query):
    with pytest.raises(Refusal):
        saved_filters.save(actor=secretary, name=name, query=query)
    assert not SavedFilter.objects.exists()
