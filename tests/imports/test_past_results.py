"""往年成果: lists as associations keep them, taken in once, used by the checks."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from applications import completeness, similar
from applications.actions import past_results
from applications.imports import past_sheet
from applications.models import PastResult, PastResultFile
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent
from tests import factories

UNIT = "青海湖光盐化股份有限公司"
HEAD = ["序号", "获奖等级", "小组名称", "成果名称", "企业名称", "类型"]
ROWS = [
    [1, "一等奖", "红柳QC小组", "提高碳酸锂包装一次合格率", UNIT, "自定目标"],
    [2, "二等奖", "雪豹QC小组", "降低浮选药剂单耗", "青海瀚澄盐湖化工有限公司", "创新型"],
]


def book(rows, title="2024 年度青海省优秀质量管理小组名单（第一期）", merge=()) -> io.BytesIO:
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.append([title])
    for row in rows:
        sheet.append(row)
    for area in merge:
        sheet.merge_cells(area)
    out = io.BytesIO()
    made.save(out)
    out.seek(0)
    return out


def taken(secretary, rows=(HEAD, *ROWS), **more) -> PastResultFile:
    year = more.pop("default_year", None)
    return past_results.take(
        book(rows, **more), "2024名单.xlsx", actor=secretary, now=clock.now(), default_year=year
    )  # fmt: skip


def test_heads_in_any_order_and_year_and_round_from_the_title(secretary, owner):
    source = taken(secretary)
    assert PastResult.objects.count() == 0
    assert past_results.confirm(source, actor=secretary, numbers={3, 4}) == 2
    first = PastResult.objects.get(group_name="红柳QC小组")
    assert (first.year, first.round_number, first.unit_name, first.topic_type, first.award_level) == (
        2024, 1, UNIT, "self_set", "一等奖",
    )  # fmt: skip
    assert first.enterprise == factories.enterprise_of(owner)
    assert PastResult.objects.get(group_name="雪豹QC小组").enterprise is None
    assert AuditEvent.objects.get(verb="past_results.imported").after == {"rows": 2}


def test_merged_cells_and_lines_that_stand_alone(secretary):
    rows = [
        ["单位名称", "小组名称", "课题"], ["一等奖（2个）"], [UNIT, "甲小组", "课题一"], [None, "乙小组", "课题二"],
        ["二等奖（1个）"], ["青海瀚澄公司", "丙小组", "课题三"], ["单位名称", "小组名称", "课题"],
    ]  # fmt: skip
    source = taken(secretary, rows, merge=("A1:C1", "A4:A5"))
    found = [
        (row.values["unit_name"], row.values["group_name"], row.values["award_level"])
        for row in past_results.rows_of(source)
    ]
    assert found == [(UNIT, "甲小组", "一等奖"), (UNIT, "乙小组", "一等奖"), ("青海瀚澄公司", "丙小组", "二等奖")]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"小组名称": ""}, "缺小组名称"), ({"单位名称": ""}, "缺单位名称"), ({"年度": "去年"}, "看不懂"),
        ({"年度": 1901}, "不在"), ({"期次": "下半年"}, "第一期或第二期"), ({"统一社会信用代码": "916301"}, "18 位"),
        ({"统一社会信用代码": "91630104MA0000001" + "?"}, "不应出现"), ({"小组名称": "长" * 61}, "超过 60 字"),
        ({"备注": "=1+1"}, "公式"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_by_row(secretary, row, problem):
    usual = {
        "年度": 2024,
        "期次": "",
        "单位名称": UNIT,
        "统一社会信用代码": "",
        "小组名称": "甲",
        "课题名称": "题",
        "备注": "",
    }
    source = taken(secretary, [list(usual), list({**usual, **row}.values())], title="名单")
    (found,) = past_results.rows_of(source)
    assert problem in "".join(found.problems)
    with pytest.raises(Refusal):
        past_results.confirm(source, actor=secretary, numbers={found.number})
    assert not PastResult.objects.exists()


def test_one_wrong_row_among_the_chosen_keeps_all_out(secretary):
    source = taken(secretary, [HEAD, *ROWS, [3, "三等奖", "", "题", UNIT, ""]])
    with pytest.raises(Refusal, match="都没有导入"):
        past_results.confirm(source, actor=secretary, numbers={3, 4, 5})
    assert not PastResult.objects.exists()
    assert past_results.confirm(source, actor=secretary, numbers={3}) == 1


def test_the_same_list_again_finds_its_duplicates(secretary):
    past_results.confirm(taken(secretary), actor=secretary, numbers={3, 4})
    again = taken(secretary, [HEAD, [1, "一等奖", "红柳 QC小组", "提高碳酸锂包装 一次合格率", UNIT, ""], *ROWS[1:]])
    assert [bool(row.duplicate) for row in past_results.rows_of(again)] == [True, True]
    with pytest.raises(Refusal):
        past_results.confirm(again, actor=secretary, numbers={3})
    assert PastResult.objects.count() == 2


def test_a_line_twice_in_one_file_is_an_error(secretary):
    source = taken(secretary, [HEAD, ROWS[0], ROWS[0]])
    assert [bool(row.problems) for row in past_results.rows_of(source)] == [False, True]


@pytest.mark.parametrize("rows", [[["甲", "乙"], ["1", "2"]], [["单位名称", "课题"], [UNIT, "题"]]])
def test_a_list_without_its_heads_is_refused(secretary, rows):
    with pytest.raises(Refusal, match="表头"):
        taken(secretary, rows)


def test_only_the_secretariat(auditor, owner, secretary):
    for person in (auditor, owner):
        with pytest.raises(NotAllowed):
            taken(person)
    past_results.confirm(taken(secretary), actor=secretary, numbers={3})
    with pytest.raises(NotAllowed):
        past_results.remove(PastResult.objects.get(), actor=auditor, reason="x")


def test_the_template_is_read_back(secretary):
    filled = openpyxl.load_workbook(io.BytesIO(past_sheet.workbook()))
    sheet = filled["名单"]
    for place, text in enumerate(["2023", "第二期", UNIT, "", "甲小组", "课题", "创新型", "优秀", "", ""], 1):
        sheet.cell(3, place, text)
    out = io.BytesIO()
    filled.save(out)
    rows, _notices = past_sheet.parse(out, None, 2026)
    (row,) = rows  # the sheet with the example is nobody's
    assert (row.values["year"], row.values["round_number"], row.problems) == (2023, 2, [])


def test_applicants_and_staff_are_told_of_past_results(secretary, owner):
    past_results.confirm(taken(secretary), actor=secretary, numbers={3, 4})
    rival = factories.enterprise_owner(username="other", enterprise_name="青海别家有限公司")
    filing = factories.complete_draft(rival, topic_name="降低浮选药剂的单耗")
    (hit,) = similar.among_published(filing)
    assert (hit.unit, hit.where, hit.is_own) == ("青海瀚澄盐湖化工有限公司", "2024 年第一期", False)
    assert [one.topic for one in similar.among_filed(filing)] == ["降低浮选药剂单耗"]
    assert "topic_published" in {one.code for one in completeness.problems(filing)}
    past_results.remove(PastResult.objects.get(group_name="雪豹QC小组"), actor=secretary, reason="名单有误")
    assert similar.among_published(filing) == []


def test_a_winner_of_the_first_round_is_refused_in_the_second(secretary, owner):
    second = factories.round_of(2026, 2, opens_at=factories.at(2026, 7, 1), closes_at=factories.at(2100, 1, 1))
    filing = factories.complete_draft(owner, second)
    won = "该小组的这一课题在本年度第一期已获奖"
    assert not any(won in one.message for one in completeness.problems(filing))
    row = [1, "一等奖", filing.group_name, filing.topic_name, UNIT, ""]
    past_results.confirm(taken(secretary, [HEAD, row], title="2026 年第一期名单"), actor=secretary, numbers={3})
    assert [one.blocks for one in completeness.problems(filing) if won in one.message] == [True]


def test_correcting_and_removing_leave_their_trace(secretary):
    past_results.confirm(taken(secretary), actor=secretary, numbers={3, 4})
    first, second = PastResult.objects.order_by("group_name")
    past_results.change(first, actor=secretary, values={"award_level": "特等奖"})
    same = {name: getattr(second, name) for name in ("unit_name", "group_name", "topic_name")}
    with pytest.raises(Refusal, match="相同"):
        past_results.change(first, actor=secretary, values=same)
    with pytest.raises(Refusal):
        past_results.remove(first, actor=secretary, reason=" ")
    past_results.remove(first, actor=secretary, reason="重复")
    kept = AuditEvent.objects.get(verb="past_result.removed")
    assert (kept.before["award_level"], kept.data["reason"]) == ("特等奖", "重复")


def test_the_pages(client, secretary, owner):
    client.force_login(secretary)
    upload = SimpleUploadedFile("2024名单.xlsx", book([HEAD, *ROWS]).getvalue())
    answer = client.post(reverse("admin:past_results"), {"file": upload, "default_year": ""})
    page = client.get(answer.url).content.decode()
    assert "读到 2 行：2 行可以导入" in page
    assert client.post(answer.url, {"row": []}).status_code == 409
    client.post(answer.url, {"row": ["3", "4"]})
    listed = client.get(reverse("admin:past_results") + "?q=红柳&year=2024").content.decode()
    assert "红柳QC小组" in listed
    assert "雪豹QC小组" not in listed
    found = PastResult.objects.get(group_name="红柳QC小组")
    assert client.post(reverse("admin:past_result", args=[found.pk]), {"remove": "1", "reason": ""}).status_code == 200
    client.post(reverse("admin:past_result", args=[found.pk]), {
        "year": 2023, "round_number": "", "unit_name": UNIT, "group_name": "红柳QC小组", "credit_code": "",
        "topic_name": found.topic_name, "topic_type": "", "award_level": "一等奖", "special_award": "", "note": "",
    })  # fmt: skip
    found.refresh_from_db()
    assert (found.year, found.enterprise) == (2023, factories.enterprise_of(owner))
    client.force_login(owner)
    assert "提高碳酸锂包装一次合格率" in client.get(reverse("applications:history")).content.decode()


def test_no_xlsx_is_refused_beside_the_field(client, secretary):
    client.force_login(secretary)
    upload = SimpleUploadedFile("名单.xlsx", b"%PDF-1.4 nothing")
    answer = client.post(reverse("admin:past_results"), {"file": upload})
    assert "这是 PDF 文件" in answer.content.decode()
