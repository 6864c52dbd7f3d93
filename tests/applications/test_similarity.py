"""How alike names and texts are, and whose filings an applicant may be told of."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications import completeness, similar, similarity
from applications.actions import submission
from applications.models import Application
from applications.states import State
from qcportal import clock
from tests import factories

CONFIRMED = {"truthful": "2026-1", "members_informed": "2026-1"}
TOPIC = "提高碳酸锂包装一次合格率"


@pytest.mark.parametrize(
    ("left", "right", "least", "most"),
    [
        ("降低1号浮选机尾盐中氯化钾含量", "降低１号浮选机 尾盐中氯化钾含量。", 100, 100),
        ("降低1号浮选机尾盐中氯化钾含量", "降低2号浮选机尾盐中氯化钾含量", 85, 99),
        (TOPIC, "提升碳酸锂产品包装一次合格率", 70, 95),
        (TOPIC, "降低水轮机组厂用电率", 0, 40),
        (TOPIC, "", 0, 0),
    ],
)
def test_names_of_topics(left, right, least, most):
    assert least <= similarity.of_names(left, right) <= most
    assert similarity.of_names(left, right) == similarity.of_names(right, left)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("红柳QC小组", "红柳 ＱＣ 小组", 100),
        ("红柳QC小组", "红柳质量管理小组", 100),
        ("红柳QC小组", "雪豹QC小组", 0),
        ("QC小组", "QC小组", 100),
    ],
)
def test_what_every_group_is_called_says_nothing(left, right, expected):
    assert similarity.of_groups(left, right) == expected


def test_short_texts_are_not_compared():
    assert similarity.of_texts("太短的文字", "太短的文字") == 0
    text = "收集包装工序的封口温度与返工记录，分层分析后确认主要原因为温度漂移，据此改造温控模块并制定标准。"
    assert similarity.of_texts(text, text + "另外补充一句。") > 80
    other = "牧场饮水点在冬季容易结冰，小组比较了三种保温方案，选定集热循环，并编制了管护办法和巡检记录。"
    assert similarity.of_texts(text, other) < 20


@given(st.text(max_size=40), st.text(max_size=40))
def test_every_figure_is_a_percentage_and_the_same_name_is_100(left, right):
    assert 0 <= similarity.of_names(left, right) <= 100
    assert similarity.of_names(left, left) in {0, 100}


def test_the_index_finds_what_comparing_each_would_find():
    names = [f"{verb}{n}号{thing}" for verb in ("提高", "降低", "缩短") for n in range(1, 9) for thing in
             ("线氯化钾产品一次合格率", "浮选机尾盐中氯化钾含量", "光伏子阵组串故障查找时间")]  # fmt: skip
    index = similarity.Index((name, name) for name in names)
    for wanted in names[::7]:
        found = {hit.key for hit in index.like(wanted, at_least=65, most=1000)}
        assert found == {name for name in names if similarity.of_names(wanted, name) >= 65}


@pytest.fixture
def filing(owner):
    return factories.complete_draft(owner)


def about(application):
    return {(one.about, one.unit, one.group, one.percent) for one in similar.among_published(application)}


def published(rival, **fields):
    """The rival's filing of an earlier year, submitted, awarded, announced."""
    round_ = factories.round_of(2025, 1)
    row = factories.complete_draft(rival, round_, **fields)
    with clock.fixed(factories.at(2025, 6, 20)):
        submission.submit(row, actor=rival, confirmations=CONFIRMED, arrived_at=clock.now())
    Application.objects.filter(pk=row.pk).update(state=State.AWARDED, result_announced_at=factories.at(2025, 9, 1))
    return row


def test_a_rivals_draft_and_unpublished_filing_give_no_hint(filing, rival):
    factories.complete_draft(rival, topic_name=TOPIC)
    other = factories.complete_draft(rival, factories.round_of(2025, 1), topic_name=TOPIC)
    with clock.fixed(factories.at(2025, 6, 20)):
        submission.submit(other, actor=rival, confirmations=CONFIRMED, arrived_at=clock.now())
    for state in (State.SUBMITTED, State.IN_REVIEW, State.SCORED, State.AWARDED, State.NOT_AWARDED):
        Application.objects.filter(pk=other.pk).update(state=state)  # awarded, but not announced
        assert similar.among_published(filing) == []
        assert completeness.problems(filing) == []
    Application.objects.filter(pk=other.pk).update(state=State.NOT_AWARDED, result_announced_at=clock.now())
    assert similar.among_published(filing) == []  # the results page names nobody who got nothing


def test_a_published_result_is_named_with_year_unit_group_and_topic(filing, rival):
    published(rival, topic_name="提高碳酸锂包装线一次合格率", group_name="晶澄QC小组")
    (one,) = similar.among_published(filing)
    assert (one.unit, one.group, one.year) == ("青海瀚澄盐湖化工有限公司", "晶澄QC小组", 2025)
    assert one.figure.startswith("名称相似 9")
    (problem,) = completeness.problems(filing)
    assert problem.code == "topic_published"
    assert "2025 年第一期 青海瀚澄盐湖化工有限公司“晶澄QC小组”" in problem.message


def test_a_published_name_is_the_frozen_one_and_a_revoked_award_is_gone(filing, rival):
    row = published(rival, topic_name=TOPIC)
    Application.objects.filter(pk=row.pk).update(topic_name="完全不同的课题名称")
    assert len(similar.among_published(filing)) == 1
    Application.objects.filter(pk=row.pk).update(state=State.REVOKED)
    assert similar.among_published(filing) == []


def test_own_filings_of_all_years_are_compared_and_the_carried_one_is_not(owner, filing):
    before = factories.complete_draft(owner, factories.round_of(2025, 2))
    found = similar.among_own(filing, similar.own_filings(filing))
    assert {(one.about, one.figure, one.uuid) for one in found} == {
        ("group_name", "名称相同", str(before.uuid)), ("topic_name", "名称相同", str(before.uuid)),
    }  # fmt: skip
    filing.carried_from = before
    filing.save()
    assert similar.own_filings(filing) == []


def test_nearly_the_same_text_under_another_name_is_found(owner, filing):
    text = "收集包装工序的封口温度与返工记录，分层分析后确认主要原因为温度漂移，据此改造温控模块并制定标准。"
    steps = dict.fromkeys(filing.steps, text)
    Application.objects.filter(pk=filing.pk).update(steps=steps)
    filing.refresh_from_db()
    factories.complete_draft(
        owner, factories.round_of(2025, 2), topic_name="减少粉尘外溢的技术改造", group_name="雪豹QC小组", steps=steps
    )
    (one,) = similar.among_own(filing, similar.own_filings(filing))
    assert one.figure.startswith("内容相似")


def test_staff_see_matches_with_every_submitted_filing_and_with_no_draft(filing, rival):
    other = factories.complete_draft(rival, filing.round, topic_name=TOPIC)
    assert similar.among_filed(filing) == []
    submission.submit(other, actor=rival, confirmations=CONFIRMED, arrived_at=clock.now())
    assert [one.unit for one in similar.among_filed(filing)] == ["青海瀚澄盐湖化工有限公司"]


@pytest.mark.parametrize("count", [1, 3])
def test_two_questions_to_the_database_however_much_was_published(filing, django_assert_num_queries, count):
    for number in range(count):
        person = factories.enterprise_owner(username=f"unit{number}", enterprise_name=f"青海第{number}化工有限公司")
        published(person, topic_name=f"{TOPIC}{number}")
    similar.among_published(filing)
    with django_assert_num_queries(2):
        assert len(similar.among_published(filing)) == count


def test_a_later_announcement_is_seen_at_once(filing, rival):
    assert similar.among_published(filing) == []
    row = published(rival, topic_name=TOPIC)
    assert len(similar.among_published(filing)) == 1
    Application.objects.filter(pk=row.pk).update(updated_at=clock.now() + timedelta(days=1))
    assert len(similar.among_published(filing)) == 1
