"""Each list against its rows, cell by cell."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applications import check_keys
from applications.models import Application
from qcportal.exports import kinds, lists
from qcportal.exports.lists import filings
from qcportal.exports.scope import Scope
from qcportal.exports.tables import plain
from tests.qcportal.exports import season
from tests.reviews import builders


def rows_of(table):
    return [[plain(value) for value in row] for row in table.rows]


def local(moment):
    return timezone.localtime(moment).replace(tzinfo=None, microsecond=0)


@pytest.fixture
def scope(year):
    return Scope(programme=year.programme)


def test_applications(year, scope):
    season.give_back(year)
    table = lists.applications(filings.in_order(Application.objects.submitted()))
    heads = [column.title for column in table.columns]
    rows = rows_of(table)
    filed = Application.objects.submitted().order_by("file_number")
    assert [row[0] for row in rows] == [one.file_number for one in filed]
    line = dict(zip(heads, rows[1], strict=True))
    returned, last = year.returned, year.returned.submissions.last()
    assert line == {
        "文件编号": returned.file_number, "年度": year.programme.year, "期": "第一期", "状态": "已提交",
        "单位名称": "青海湖光盐化股份有限公司", "统一社会信用代码": returned.enterprise.credit_code,
        "所在市（州）": returned.enterprise.city_label, "行业": "盐湖化工", "规模": "大型", "小组名称": "沙柳QC小组",
        "课题名称": "降低包装线停机时间", "课题类型": returned.topic_type_label, "组长": "韩志远", "小组人数": 2,
        "活动开始": returned.activity_starts_on, "活动结束": returned.activity_ends_on,
        "直接经济效益（万元）": Decimal("46.20"), "活动投入（万元）": Decimal("9.20"),
        "单项奖": None, "推荐单位": None, "版本": 2, "首次提交": local(returned.submissions.first().submitted_at),
        "最近提交": local(last.submitted_at), "提交后有修改": "否", "校验码": last.code_grouped, "SHA-256": last.sha256,
    }  # fmt: skip
    assert rows[2][heads.index("小组名称")] == "'=1+1小组"


def test_a_draft_is_nobodys_to_export(year, scope):
    season.factories.complete_draft(year.owner, year.round, group_name="草稿小组")
    for kind in kinds.ALL.values():
        if kind.on_form:
            text = str([rows_of(table) for table in kind.make(scope)])
            assert "草稿小组" not in text, kind.key


def test_members_with_the_notice(year, scope):
    (table,) = lists.members(scope)
    assert "个人信息" in "".join(table.notes)
    rows = rows_of(table)
    assert len(rows) == 6
    assert rows[0] == [year.first.file_number, "第一期", "青海湖光盐化股份有限公司", "红柳QC小组", 1, "韩志远", "男",
                       "本科", "工程师", "组长", "现场实施、数据采集", 48]  # fmt: skip


def test_contacts_are_masked_unless_asked(year, scope):
    masked = rows_of(lists.contacts(scope)[0])
    shown = rows_of(lists.contacts(Scope(programme=year.programme, unmasked=True))[0])
    assert [row[3] for row in shown] == ["单位联系人", "单位负责人", "申报联系人", "申报联系人",
                                         "单位联系人", "单位负责人", "申报联系人"]  # fmt: skip
    assert shown[0][4:7] == ["马启明", "13900000042", "zlb@huguang.example"]
    assert masked[0][4:7] == ["马启明", "139****0042", "zl***@huguang.example"]
    assert {row[7] for row in shown if row[7]} == set(
        Application.objects.submitted().values_list("file_number", flat=True)
    )
    assert "13900000042" not in str(masked)
    assert "掩码" in lists.contacts(scope)[0].notes[1]


def test_a_short_number_is_masked_too(year, scope):
    Application.objects.filter(pk=year.first.pk).update(contact_phone="5550000")
    assert "5550000" not in str(rows_of(lists.contacts(scope)[0]))


def test_scores_and_their_points(year, scope, secretary):
    stage = builders.only_documents(year.round)
    judge = builders.judge(programme=year.programme)
    Application.objects.filter(pk=year.first.pk).update(state="accepted")
    year.first.refresh_from_db()
    stage.opens_at, stage.closes_at = year.round.opens_at, year.round.paper_due_at
    stage.save()
    builders.submitted_sheet(builders.assigning.assign(stage, year.first, judge, actor=secretary), 82)
    sheets, items = (rows_of(table) for table in lists.scores(scope))
    assert len(sheets) == 1
    assert sheets[0][:9] == [year.first.file_number, "第一期", year.first.enterprise.name, "红柳QC小组", "资料评审",
                             "祁连山", sheets[0][6], 1, 82]  # fmt: skip
    assert sum(row[5] for row in items) == 82


def test_results_are_the_last_announced_ones(year, scope):
    assert rows_of(lists.results(scope)[0]) == []
    old = season.announce(year)
    new = season.Ranking.objects.create(
        programme=year.programme, round=year.round, version=2, sha256="1" * 64, frozen_by=year.secretary,
        data=old.data, frozen_at=old.frozen_at, announced_at=old.announced_at,
    )  # fmt: skip
    season.Ranking.objects.create(
        programme=year.programme, round=year.round, version=3, sha256="2" * 64, frozen_by=year.secretary,
        data=old.data, frozen_at=old.frozen_at,
    )  # fmt: skip
    (row,) = rows_of(lists.results(scope)[0])
    assert row[1:10] == [2, 1, year.first.file_number, year.first.enterprise.name, "红柳QC小组", "课题", plain(row[7]),
                         "一等奖", local(new.announced_at)]  # fmt: skip
    assert float(row[7]) == 91.5


def test_remarks_with_their_answers(year, scope):
    season.give_back(year)
    (row,) = rows_of(lists.remarks(scope)[0])
    assert row[0] == year.returned.file_number
    assert row[4:6] == [1, "完善后参评"]
    assert row[9:13] == [1, check_keys.label("topic_name"), "课题名称请与报告一致。", "已与报告核对一致。"]


def test_the_number_of_questions_does_not_grow(year, scope):
    season.give_back(year)
    before: dict[str, int] = {}
    for time in range(2):
        for kind in ("applications", "members", "contacts", "scores", "papers", "remarks", "numbers", "corrections"):
            with CaptureQueriesContext(connection) as asked:
                for table in kinds.ALL[kind].make(scope):
                    rows_of(table)
            assert before.setdefault(kind, len(asked)) == len(asked), kind
        if not time:
            for number in range(2):
                season.checked.submitted(year.owner, year.round, group_name=f"新{number}小组")
