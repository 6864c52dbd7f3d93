"""Attachment 1 from documents of the enterprises' own: by labels, wherever and however they stand."""

import io

import pytest

from applications.word.document import read_document
from applications.word.form_cells import Choices, form_cells, type_notices
from applications.word.form_reader import read_form
from tests.imports.word_corpus import docx, p, row, t, tbl, tc, tr

CHOICES = Choices(
    {"盐湖化工产业质量管理小组奖": "1", "清洁能源产业质量管理小组奖": "2"}, {"salt-lake": "1", "clean-energy": "2"},
    {"海西州质量协会": "7"},
)  # fmt: skip


def found(body: str):
    return read_form(read_document(io.BytesIO(docx(body))))


def read(body: str) -> dict:
    """Entries by key; what was not understood as raw texts under ``left``."""
    cells = form_cells(found(body), CHOICES)
    entries = {cell.key: cell.entry for cell in cells if not cell.problem}
    return entries | {"left": [cell.raw for cell in cells if cell.problem]}


@pytest.mark.parametrize(
    ("label", "value", "key", "entry"),
    [
        ("QC小组名称", "红柳", "group_name", "红柳"),
        ("质量管理小组名称：", "红柳", "group_name", "红柳"),
        ("课 题 名 称", "降低\n能耗", "topic_name", "降低 能耗"),
        ("1、课题名称*", "降低能耗", "topic_name", "降低能耗"),
        ("课题类型", "创新型", "topic_type", "innovation"),
        ("课题类型", "问题解决型（指令性目标）", "topic_type", "directive"),
        ("课题类型", "☑问题解决型·自定目标 □指令性目标 □创新型", "topic_type", "self_set"),
        ("经济效益（万元）", "186.42", "economic_benefit", "186.42"),
        ("经济效益", "1,864,200元", "economic_benefit", "186.42"),
        ("经济效益（元）", "1864200", "economic_benefit", "186.42"),
        ("直接经济效益", "0.5 亿元", "economic_benefit", "5000"),
        ("创造经济效益（单位：万元）", "１８６．４２万元", "economic_benefit", "186.42"),
        ("活动次数", "26 次", "activity_count", "26"),
        ("小组人数", "8人", "member_count", "8"),
        ("出勤率", "97.6％", "attendance_rate", "97.6"),
        ("人均TQM教育学时", "48学时/人", "training_hours", "48"),
        ("注册日期", "2025.2.10", "group_registered_on", "2025-02-10"),
        ("成立时间", "二〇二〇年五月十七日", "group_founded_on", "2020-05-17"),
        ("成立时间", "2020年5月", "group_founded_on", "2020-05-01"),
        ("组长", "才让 · 卓玛", "leader_name", "才让·卓玛"),
        ("联系方式", "0971-6137890", "contact_phone", "0971-6137890"),
        ("推荐单位", "海西州质量协会", "recommending_unit", "7"),
        ("完成单位", "甲厂；乙厂", "completing_units", "甲厂\n乙厂"),
        ("要因确认", "确认两条。", "steps.main_causes", "确认两条。"),
        ("七、对策实施", "实施了。", "steps.implementation", "实施了。"),
        ("总结及今后打算", "下一课题。", "steps.summary_next", "下一课题。"),
        ("单项奖", "☑盐湖化工产业质量管理小组奖 □清洁能源产业质量管理小组奖", "special_awards", ["1"]),
        ("申报单项奖", "清洁能源产业质量管理小组奖", "special_awards", ["2"]),
    ],
)
def test_labels_and_values_as_people_write_them(label, value, key, entry):
    assert read(tbl(row(label, value))) == {key: entry, "left": []}


@pytest.mark.parametrize(
    "text",
    ["2025年3月1日至2025年11月30日", "2025.3.1—2025.11.30", "2025-03-01 至 2025-11-30", "2025年3月1日—11月30日",
     "2025年3月～2025年11月", "２０２５年３月１日到２０２５年１１月３０日"],
)  # fmt: skip
def test_both_ends_of_the_activity_in_one_cell(text):
    entries = read(tbl(row("活动起止时间", text)))
    assert (entries["activity_starts_on"], entries["activity_ends_on"]) == ("2025-03-01", "2025-11-30")


def test_values_below_their_labels():
    entries = read(tbl(row("小组名称", "课题名称", "活动次数"), row("红柳", "降低能耗", "26")))
    assert entries == {"group_name": "红柳", "topic_name": "降低能耗", "activity_count": "26", "left": []}


def test_label_and_value_in_one_cell_or_one_line():
    entries = read(p(t("小组名称：红柳　　课题名称：降低能耗")) + tbl(row("活动次数：26次\n出勤率：97.6%")))
    assert entries == {
        "group_name": "红柳", "topic_name": "降低能耗", "activity_count": "26", "attendance_rate": "97.6", "left": [],
    }  # fmt: skip


def test_benefit_and_cost_of_the_printed_form():
    text = "活动期直接经济效益 186.42 万元（活动投入费用31.60万元）"
    entries = read(tbl(row("经济效益", text)))
    assert (entries["economic_benefit"], entries["activity_cost"], entries["left"]) == ("186.42", "31.6", [])


def test_members_with_columns_in_another_order():
    head = row("组内职务", "姓 名", "学历", "分工", "性别", "职称", "培训学时", "身份证号")
    body = tbl(head, row("组长", "张 三", "本科", "策划", "女", "工程师", "56学时", "630104"), row(*[""] * 8),
               row("组员", "李四", "", "", "男", "", "", ""))  # fmt: skip
    result = found(body)
    members = form_cells(result, CHOICES)[0].entry
    assert members == [
        {"name": "张三", "gender": "f", "education": "本科", "job_title": "工程师", "group_role": "leader",
         "duty": "策划",
         "training_hours": "56"},
        {"name": "李四", "gender": "m", "education": "", "job_title": "", "group_role": "member", "duty": "",
         "training_hours": ""},
    ]  # fmt: skip
    assert result.notes == ["成员表的“身份证号”一列没有对应的项目，没有读取。"]
    assert "630104" not in str(form_cells(result, CHOICES))


def test_two_members_beside_each_other_and_a_row_without_name():
    body = tbl(
        row("序号", "姓名", "性别", "序号", "姓名", "性别"),
        row("1", "甲乙", "男", "2", "丙丁", "女"),
        row("3", "", "男", "4", "", ""),
    )
    cells = form_cells(found(body), CHOICES)
    assert [(one["name"], one["gender"]) for one in cells[0].entry] == [("甲乙", "m"), ("丙丁", "f")]
    assert [(cell.label, cell.raw) for cell in cells[1:]] == [("这一行没有姓名", "男")]


def test_the_members_end_where_other_rows_begin():
    body = tbl(
        row("姓名", "性别", "组内分工"),
        row("甲乙", "男", "策划"),
        row("小组名称", "红柳", ""),
        row("课题名称", "降低能耗", ""),
    )
    entries = read(body)
    assert [one["name"] for one in entries["members"]] == ["甲乙"]
    assert (entries["group_name"], entries["topic_name"], entries["left"]) == ("红柳", "降低能耗", [])


def test_pairs_of_label_and_value_are_no_head_of_members():
    entries = read(tbl(row("姓名", "韩志远", "性别", "男"), row("小组名称", "红柳", "课题名称", "降低能耗")))
    assert "members" not in entries
    assert entries["left"] == ["姓名", "韩志远", "性别", "男"]


def test_texts_under_headings():
    body = (
        p(t("一、选择课题")) + p(t("选题的话。")) + p() + p(t("第二段。")) + p(t("二、现状调查")) + p(t("调查的话。"))
    )
    entries = read(body)
    assert entries == {"steps.select_topic": "选题的话。\n\n第二段。", "steps.current_state": "调查的话。", "left": []}


def test_two_different_values_of_one_field_are_both_shown():
    entries = read(tbl(row("课题名称", "降低能耗"), row("课题名称", "提高产量")))
    assert entries == {"topic_name": "降低能耗", "left": ["提高产量"]}


def test_an_ambiguous_type_is_asked_about():
    entries = read(tbl(row("课题类型", "问题解决型")))
    assert entries == {"left": ["问题解决型"]}


def test_opinions_and_seals_are_not_read_in():
    body = tbl(
        row("小组名称", "红柳"),
        row("企业意见", "同意申报（盖章）2025年3月1日"),
        row("协会意见", "（盖　章）　　年　月　日"),
    )
    cells = form_cells(found(body), CHOICES)
    assert [(cell.label, cell.raw) for cell in cells if cell.problem] == [
        ("意见栏以盖章的纸质件为准，不读入", "同意申报（盖章）2025年3月1日")
    ]


def test_steps_of_another_type_are_kept_by_their_name_and_said():
    result = found(
        tbl(row("课题类型", "创新型"), row("提出方案并确定最佳方案", "三个方案。"), row("原因分析", "末端原因。"))
    )
    notices = type_notices(result, "self_set")
    assert "文件是“创新型”的申报表，网上现为“问题解决型·自定目标”" in notices[0]
    assert "原因分析" in notices[1]
    assert {cell.key for cell in form_cells(result, CHOICES)} >= {"steps.best_plan", "steps.cause_analysis"}


def test_merged_cells_and_a_column_of_upright_names():
    side = tc(p(t("小")), p(t("组")), p(t("概")), p(t("况")), props='<w:vMerge w:val="restart"/>')
    more = tc(props="<w:vMerge/>")
    wide = tc(p(t("降低能耗")), props='<w:gridSpan w:val="3"/>')
    body = tbl(
        tr(side, tc(p(t("小组名称"))), tc(p(t("红柳"))), tc(p(t("活动次数"))), tc(p(t("26")))),
        tr(more, tc(p(t("课题名称"))), wide),
    )
    assert read(body) == {"group_name": "红柳", "activity_count": "26", "topic_name": "降低能耗", "left": []}


@pytest.mark.parametrize(
    ("label", "value", "entry", "note"),
    [
        ("经济效益（万元）", "186.42", "186.42", ""),
        ("经济效益", "186.42", "186.42", "没有写单位，按万元读取"),
        ("经济效益", "186.42万元", "186.42", ""),
        ("经济效益", "约186万元", "186", "原文写有“约”，按 186 万元读取"),
        ("经济效益（元）", "18642", "1.8642", "原文“18642”按元换算为 1.8642 万元"),
        ("经济效益", "每年可观", "每年可观", ""),
        ("活动时间", "2025年3月至2025年11月30日", "2025-03-01", "原文“2025年3月至2025年11月30日”没有日，按整月读取"),
    ],
)
def test_what_was_converted_or_assumed_is_said(label, value, entry, note):
    cell = form_cells(found(tbl(row(label, value))), CHOICES)[0]
    assert (cell.entry, cell.note) == (entry, note)
