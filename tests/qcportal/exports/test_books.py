"""The books: every number with its versions, what is alike, every return."""

import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from applications.actions import submission
from applications.models import Application, FormalCheck, Round
from qcportal import clock
from qcportal.exports.books import corrections, duplicates, numbers
from qcportal.exports.scope import Scope
from qcportal.models import AuditEvent
from tests import factories
from tests.applications import checked
from tests.qcportal.exports import season


@pytest.fixture
def scope(year):
    cache.clear()
    return Scope(programme=year.programme)


@pytest.fixture
def browser(secretary):
    client = Client()
    client.force_login(secretary)
    return client


def rows_of(table):
    return list(table.rows)


# --- 文件编号簿 ------------------------------------------------------------------------------------


def test_every_number_stands_there_with_its_versions(year, scope):
    season.give_back(year)
    submission.withdraw(year.foreign, actor=year.other, reason="本单位不再申报")
    rows = rows_of(numbers.tables(scope)[0])
    assert [(row[0], row[5]) for row in rows] == [
        (year.first.file_number, 1), (year.returned.file_number, 1), (year.returned.file_number, 2),
        (year.foreign.file_number, 1),
    ]  # fmt: skip
    versions = list(year.returned.submissions.order_by("version"))
    assert [row[8] for row in rows[1:3]] == [version.sha256 for version in versions]
    assert rows[2][4] == versions[0].submitted_at
    assert rows[3][9:] == ["已撤回", "单位已撤回，编号保留不再使用"]
    assert numbers.gaps(scope) == []


def test_a_gap_is_named_and_explained(year, scope, browser):
    Round.objects.filter(pk=year.round.pk).update(file_number_counter=5)
    gaps = [gap.number for gap in numbers.gaps(scope)]
    prefix = f"QC{year.programme.year}-1-"
    assert gaps == [f"{prefix}0004", f"{prefix}0005"]
    page = browser.get(reverse("admin:book_numbers"), {"programme": year.programme.pk}).content.decode()
    assert "空号 2 个" in page
    assert rows_of(numbers.tables(scope)[0])[-1][9] == "空号"


def test_a_number_beyond_the_counter_is_noticed(year, scope):
    Round.objects.filter(pk=year.round.pk).update(file_number_counter=2)
    assert rows_of(numbers.tables(scope)[0])[-1][10] == numbers.OUT_OF_LINE


# --- 重复清单 --------------------------------------------------------------------------------------


def test_the_same_file_is_found_across_enterprises(year, scope):
    """The three filings of the tests share their three files."""
    found = duplicates.matches(scope, duplicates.FILE)
    assert found
    assert {one.number for one in found[0].filings} == {
        year.first.file_number, year.returned.file_number, year.foreign.file_number,
    }  # fmt: skip
    assert not found[0].same_unit
    year.foreign.evidence.all().delete()
    assert all(one.same_unit for one in duplicates.matches(scope, duplicates.FILE))


def test_alike_topics_are_found_in_other_years_and_enterprises(year, scope):
    old = factories.round_of(year.programme.year - 1, 2)
    before = factories.draft(
        year.other,
        old,
        group_name="旧小组",
        topic_name="提高碳酸锂包装一次合格率",
        state="accepted",
        file_number="QC-OLD",
    )
    found = duplicates.matches(scope, duplicates.NAME)
    pairs = {frozenset(one.pk for one in match.filings): match.percent for match in found}
    assert pairs[frozenset({year.first.pk, before.pk})] == 100
    assert pairs[frozenset({year.first.pk, year.foreign.pk})] == 100
    assert frozenset({year.first.pk, year.returned.pk}) not in pairs


def test_what_is_changed_is_compared_again(year, scope):
    assert duplicates.matches(scope, duplicates.NAME)
    topics = ("研制牧区饮水管防冻装置", "缩短变压器检修停电时间", "降低青稞酒灌装破损率")
    for one, topic in zip((year.foreign, year.first, year.returned), topics, strict=True):
        Application.objects.filter(pk=one.pk).update(topic_name=topic, updated_at=clock.now())
    assert not duplicates.matches(scope, duplicates.NAME)


def test_a_match_of_very_many_shows_its_newest_and_says_how_many_more(year, scope, client):
    match = duplicates.matches(scope, duplicates.FILE)[0]
    many = match._replace(filings=[match.filings[0]._replace(number=f"QC2026-1-{n:04}") for n in range(1, 31)])
    assert ([one.number for one in many.shown], many.more) == ([f"QC2026-1-{n:04}" for n in range(19, 31)], 18)
    assert (match.shown, match.more) == (match.filings, 0)
    page = render_to_string("admin/exports/duplicates.html", {"page": [many], "chosen_kind": "file"})
    assert "另有 18 份" in page


def test_what_was_taken_back_or_carried_on_is_no_duplicate(year, scope):
    Application.objects.filter(pk=year.foreign.pk).update(state="withdrawn", updated_at=clock.now())
    Application.objects.filter(pk=year.returned.pk).update(carried_from=year.first, updated_at=clock.now())
    assert duplicates.matches(scope, duplicates.FILE) == []


def test_people_in_several_groups_of_one_enterprise(year, scope, browser):
    found = duplicates.matches(scope, duplicates.MEMBER)
    assert [(one.what, len(one.filings), one.same_unit) for one in found] == [
        ("扎西多杰", 2, True), ("韩志远", 2, True),
    ]  # fmt: skip
    page = browser.get(reverse("admin:book_duplicates"), {"programme": year.programme.pk, "kind": "member"})
    assert "扎西多杰" in page.content.decode()
    assert AuditEvent.objects.filter(verb="application.members_compared").count() == 1


def test_search_narrows(year, scope):
    assert duplicates.matches(scope, duplicates.FILE, "没有这样的") == []
    assert duplicates.matches(scope, duplicates.FILE, "瀚澄")


def test_a_thousand_names_are_compared_in_seconds():
    stems = ["降低", "提高", "缩短", "研制", "减少"]
    things = ["碳酸锂包装", "钾肥转晶", "变压器巡检", "牦牛乳杀菌", "光伏清洗", "盐田采输", "隧道衬砌", "电缆接头"]
    known = {
        number: duplicates.Filing(
            number, f"QC{number}", 2026, 1, number // 5, "单位", f"第{number}小组",
            f"{stems[number % 5]}{things[number % 8]}{number}号装置的{'合格率' if number % 3 else '停机时间'}", None,
        )
        for number in range(1000)
    }  # fmt: skip
    started = time.process_time()
    assert duplicates._compare(known)
    assert time.process_time() - started < 30


# --- 补正史 ----------------------------------------------------------------------------------------


def test_a_return_that_came_back(year, scope):
    season.give_back(year)
    check = FormalCheck.objects.get()
    FormalCheck.objects.filter(pk=check.pk).update(decided_at=check.decided_at - timedelta(days=2, hours=12))
    (row,) = rows_of(corrections.tables(scope)[0])
    assert row[0] == year.returned.file_number
    assert row[4:6] == [1, 1]
    assert row[7:11] == [str(year.secretary), 1, row[9], "已与报告核对一致。"]
    assert "课题名称请与报告一致。" in row[9]
    assert row[13] == year.returned.submissions.get(version=2).submitted_at
    assert row[14:] == [2.5, "已补正"]
    sums = rows_of(corrections.tables(scope)[1])
    assert sums[0] == ["审查人", str(year.secretary), 1, 1, 0, 2.5]
    assert sums[1][:5] == ["单位", year.returned.enterprise.name, 1, 1, 0]


def test_one_that_waits_and_one_that_is_late(year, scope, browser):
    season.give_back(year, reply=False)
    address, only = reverse("admin:book_corrections"), {"programme": year.programme.pk}
    for state, shown in (("waiting", True), ("back", False), ("late", False)):
        page = browser.get(address, {**only, "state": state}).content.decode()
        assert (year.returned.file_number in page) is shown, state
    FormalCheck.objects.update(correction_due_at=clock.now() - timedelta(days=1))
    assert year.returned.file_number in browser.get(address, {**only, "state": "late"}).content.decode()
    assert corrections.sums(scope, "checker")[0].late == 1


def test_the_second_return_is_the_second(year, scope):
    season.give_back(year)
    check = checked.open_check(year.returned, year.secretary)
    season.checking.return_for_correction(
        check, actor=year.secretary, remarks=[season.RemarkText("group_name", "请核对")], open_fields=[],
        correction_due_at=clock.now() + timedelta(days=5),
    )  # fmt: skip
    rows = rows_of(corrections.tables(scope)[0])
    assert [(row[4], row[5], row[15]) for row in rows] == [(2, 2, "等待补正"), (1, 1, "已补正")]


@pytest.mark.parametrize("query", ["?programme=999999", "?round=x", "?page=99", "?page=-1", "?checker=abc", "?kind=zz"])
def test_odd_addresses_show_a_page(year, browser, query):
    for name in ("book_numbers", "book_duplicates", "book_corrections"):
        assert browser.get(reverse(f"admin:{name}") + query).status_code == 200
