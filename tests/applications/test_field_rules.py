"""Fields of one year: renamed, demanded, optional, hidden, wherever a field is named."""

import io
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.urls import reverse
from lxml import html
from openpyxl import load_workbook

from applications import comparing, completeness, field_list, field_parts, frozen, statistics
from applications.actions import drafts, evidence, field_rules
from applications.field_list import FieldList
from applications.imports import groups_form, groups_sheet, statistics_form, word_exports
from applications.imports.synonyms import known_as
from applications.models import AnnualReport, Application, EvidenceKind, Membership, Programme
from applications.packets import content
from applications.states import State
from applications.word import form_cells, form_reader, labels
from applications.word.document import read_document
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import AuditEvent, OutboxMessage
from tests import factories
from tests.applications import checked, documents

pytestmark = pytest.mark.django_db

RULES = {
    "group_name": {"label": "班组名称"},
    "honours": {"need": "hidden"},
    "social_benefit": {"need": "required"},
    "member_count": {"need": "optional"},
    "steps.consolidation": {"label": "巩固与推广"},
    "steps.summary_next": {"need": "hidden"},
    "report.summary.problems": {"need": "hidden"},
    "report.summary.plans": {"label": "明年打算"},
    "report.statistics.groups_cumulative": {"need": "hidden"},
    "report.statistics.employees": {"label": "在册职工人数"},
    "report.statistics.filled_by": {"label": "统计员"},
}


@pytest.fixture
def ruled(owner):
    """A complete draft in a programme that names and asks otherwise."""
    round_ = factories.open_round()
    draft = factories.complete_draft(owner, round_, social_benefit="减少粉尘外溢。")
    Programme.objects.filter(pk=round_.programme_id).update(field_rules=RULES)
    return _again(draft)


def _again(draft) -> Application:
    return Application.objects.select_related("enterprise", "round__programme").get(pk=draft.pk)


# --- the list itself -----------------------------------------------------------------------------


def test_without_rules_every_name_and_need_is_the_portals_own():
    fields = FieldList()
    assert all(fields.label(key) == label for key, label in field_list.ALL_LABELS.items())
    assert fields.statistics_rows() is statistics.ROWS
    assert fields.required("group_name")
    assert not fields.required("honours")


@pytest.mark.parametrize("key", sorted(set(field_list.FIXED) & set(field_list.DEFAULTS)))
def test_what_the_portal_works_with_may_be_renamed_but_not_hidden(key):
    assert field_list.cleaned({key: {"label": "别的叫法"}})[1] == {}
    assert "不能" in field_list.cleaned({key: {"need": "hidden"}})[1][key]
    assert not FieldList({key: {"need": "hidden"}}).hidden(key)


@pytest.mark.parametrize(
    ("rules", "key"),
    [
        ({"nothing": {"label": "x"}}, "nothing"),
        ({"honours@unknown": {"label": "x"}}, "honours@unknown"),
        ({"honours": {"need": "perhaps"}}, "honours"),
        ({"honours": {"label": "长" * 31}}, "honours"),
        ({"honours": {"label": "<b>"}}, "honours"),
        ({"honours": {"label": "主要成果"}}, "honours"),
    ],
)
def test_rules_that_make_no_sense_are_refused_by_key(rules, key):
    assert key in field_list.cleaned(rules)[1]


def test_a_name_that_stays_is_not_stored():
    assert field_list.cleaned({"group_name": {"label": "小组名称", "help": " ", "need": ""}}) == ({}, {})


def test_a_rule_for_one_topic_type_wins_over_the_rule_for_all():
    fields = FieldList({"target_value": {"label": "目标"}, "target_value@innovation": {"label": "创新目标"}})
    assert (fields.title("target_value", "self_set"), fields.title("target_value", "innovation")) == (
        "目标",
        "创新目标",
    )


def test_sentences_get_the_new_name_once():
    fields = FieldList({"group_name": {"label": "QC小组名称"}, "economic_benefit": {"label": "直接效益"}})
    assert fields.worded("请填写小组名称。") == "请填写QC小组名称。"
    assert fields.worded("QC小组名称重复") == "QC小组名称重复"
    assert fields.worded("本年度小组直接经济效益") == "本年度小组直接经济效益"


def test_numbers_of_attachment_3_close_up_and_formulas_follow():
    rows = {row.field: row for row in FieldList(RULES).statistics_rows()}
    assert "groups_cumulative" not in rows
    assert (rows["groups_registered"].number, rows["result_rate"].note) == ("2", "第 7 项 ÷ 第 2 项")


# --- changing them -------------------------------------------------------------------------------


def test_the_secretariat_changes_them_with_a_trail_and_new_blank_forms(ruled, secretary):
    programme = ruled.round.programme
    field_rules.set_rules(
        programme, actor=secretary, rules={"honours": {"label": "荣誉"}}, seen=field_rules.mark(programme)
    )
    programme.refresh_from_db()
    assert programme.field_rules == {"honours": {"label": "荣誉"}}
    event = AuditEvent.objects.get(verb="programme.fields_changed")
    assert (event.before["honours"], event.after["honours"]) == ({"need": "hidden"}, {"label": "荣誉"})
    assert OutboxMessage.objects.filter(topic="blanks.install").count() == 1


def test_others_and_old_pages_change_nothing(ruled, secretary, owner):
    programme = ruled.round.programme
    with pytest.raises(NotAllowed):
        field_rules.set_rules(programme, actor=owner, rules={}, seen=field_rules.mark(programme))
    with pytest.raises(StaleState):
        field_rules.set_rules(programme, actor=secretary, rules={}, seen="older")
    assert Programme.objects.get().field_rules == RULES


# --- what enterprises see ------------------------------------------------------------------------


def test_the_form_goes_by_them(client, ruled, owner):
    client.force_login(owner)
    group = client.get(reverse("applications:section", args=[ruled.uuid, "group"])).content.decode()
    assert "班组名称" in group
    assert "小组名称" not in group
    results = client.get(reverse("applications:section", args=[ruled.uuid, "results"])).content.decode()
    assert "获奖与知识产权" not in results
    topic = client.get(reverse("applications:section", args=[ruled.uuid, "topic"]))
    labels_ = [field.label for field in topic.context["form"].step_fields]
    assert "巩固与推广" in labels_
    assert "总结和下一步打算" not in labels_


def test_help_of_the_year_stands_beside_the_field_and_is_escaped(client, ruled, owner):
    Programme.objects.update(field_rules={"group_name": {"help": "按<登记>填"}})
    client.force_login(owner)
    page = client.get(reverse("applications:section", args=[ruled.uuid, "group"])).content.decode()
    assert "按&lt;登记&gt;填" in page


def test_hidden_is_never_demanded_and_required_is(ruled):
    Application.objects.filter(pk=ruled.pk).update(
        group_name="", honours="", social_benefit="", member_count=None, steps={**ruled.steps, "summary_next": ""}
    )
    found = {problem.key: problem.message for problem in completeness.own_problems(_again(ruled))}
    assert found == {"group_name": "请填写班组名称。", "social_benefit": "请填写社会效益。"}


def test_attachments_2_and_3_go_by_them(client, ruled, owner):
    client.force_login(owner)
    summary = client.get(reverse("applications:report_summary", args=[2026]))
    titles = [field.label for field, _last in summary.context["guided"]]
    assert titles == [
        "一、基本情况",
        "二、组织领导与制度建设",
        "三、教育培训与推进措施",
        "四、活动成果与效益",
        "五、明年打算",
    ]
    page = client.get(reverse("applications:report_statistics", args=[2026])).content.decode()
    assert "在册职工人数" in page
    assert "历年累计登记注册小组数" not in page
    assert "统计员" in page


def test_a_hidden_row_is_neither_demanded_nor_compared(ruled):
    AnnualReport.objects.update(groups_cumulative=1)  # typed before it was hidden, and less than this year's
    report = AnnualReport.objects.select_related("programme").get()
    found = completeness.report_problems(report, None, report.programme.fields)
    assert [one.key for one in found if "groups_cumulative" in one.key] == []
    AnnualReport.objects.update(employees=None)
    report = AnnualReport.objects.select_related("programme").get()
    messages = [one.message for one in completeness.report_problems(report, None, report.programme.fields)]
    assert "附件 3：请填写“在册职工人数”。没有的填 0。" in messages


# --- what is frozen ------------------------------------------------------------------------------


def test_a_submission_keeps_the_names_of_its_time(ruled, owner, secretary):
    first = documents.submit(ruled, owner)
    Programme.objects.update(field_rules={"group_name": {"label": "团队名称"}})
    first.refresh_from_db()
    labels_ = [row.label for part in frozen.attachment_1(first) for row in part.rows]
    assert "班组名称" in labels_
    assert "获奖与知识产权" not in labels_
    assert first.data["fields"] == {key: rule for key, rule in RULES.items() if not key.startswith("report.")}
    assert {row["label"] for row in first.report_version.data["statistics"]} >= {"在册职工人数"}
    assert "groups_cumulative" not in {row["field"] for row in first.report_version.data["statistics"]}


def test_without_rules_nothing_new_is_frozen(owner):
    draft = factories.complete_draft(owner, factories.open_round())
    version = documents.submit(_again(draft), owner)
    assert "fields" not in version.data
    assert "fields" not in version.report_version.data


def test_a_renamed_field_is_the_same_field_in_a_comparison(ruled, owner):
    first = documents.submit(ruled, owner)
    Programme.objects.update(field_rules={"group_name": {"label": "团队名称"}})
    again = _again(ruled)
    again.group_name = "新名称"
    changes = comparing.compare(first, comparing.as_if_frozen(again))
    named = [change for section in changes for change in section.changes if change.label == "团队名称"]
    assert [(change.old, change.new) for change in named] == [(ruled.group_name, "新名称")]


def test_the_printed_form_names_and_leaves_out(ruled, owner):
    version = documents.submit(ruled, owner)
    Programme.objects.update(
        field_rules={**RULES, "group_founded_on": {"need": "hidden"}, "attendance_rate": {"need": "hidden"}}
    )
    context = content.Frozen(comparing.as_if_frozen(_again(ruled))).form()
    page = render_to_string("pdf/annex1.html", context)
    assert "班组名称" in page
    assert "小组名称" not in page
    assert "成立时间" not in page
    assert "获奖与知识产权" not in page
    # Every row of the grid still has its twenty columns.
    for row in html.fromstring(page).xpath("//table[.//th[@data-f]]//tr"):
        width = sum(int(cell.get("colspan", "1")) for cell in row if cell.get("rowspan") is None)
        assert width in (19, 20), html.tostring(row, encoding="unicode")
    old = render_to_string("pdf/annex1.html", content.Frozen(version).form())
    assert "成立时间" in old


# --- files ---------------------------------------------------------------------------------------


def test_the_word_form_names_leaves_out_and_is_read_back(ruled):
    from docx import Document

    text = "\n".join(
        cell.text
        for table in Document(io.BytesIO(word_exports.application_document(ruled))).tables
        for row in table.rows
        for cell in row.cells
    )
    assert "班组名称" in text
    assert "获奖与知识产权" not in text
    with known_as(ruled.fields.synonyms()):
        assert labels.key_of("班组名称") == "group_name"
        assert labels.summary_part("六、明年打算") == "summary_plans"
    assert labels.key_of("班组名称") is None


def test_the_workbooks_name_and_leave_out(ruled):
    filled = statistics_form.Filled(data_year=2025, fields=ruled.fields)
    sheet = load_workbook(io.BytesIO(statistics_form.workbook(filled))).active
    shown = [sheet[f"B{number}"].value for number in filled.places.values()]
    assert shown[:2] == ["在册职工人数", "本年度登记注册小组数"]
    assert len(shown) == len(statistics.ROWS) - 1
    blank = groups_form.Blank("单位", "", 2026, "第一期", [], ruled.fields)
    heads = [cell.value for cell in load_workbook(io.BytesIO(groups_form.workbook(blank)))["小组汇总"][3]]
    assert heads[0] == "班组名称"
    assert "获奖与知识产权" not in heads


def test_the_statistics_of_a_file_with_the_new_names_are_read(client, ruled, owner):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(owner)
    filled = statistics_form.Filled(data_year=2025, fields=ruled.fields, values={"employees": 987})
    upload = SimpleUploadedFile("附件3.xlsx", statistics_form.workbook(filled))
    answer = client.post(reverse("applications:statistics_upload", args=[2026]), {"file": upload}, follow=True)
    assert "在册职工人数" in answer.content.decode()
    assert "987" in answer.content.decode()


# --- the editor ----------------------------------------------------------------------------------


def test_the_editor_saves_previews_and_says_what_is_wrong(client, ruled, secretary):
    client.force_login(secretary)
    address = reverse("admin:programme_fields", args=[2026])
    page = client.get(address)
    assert "可以改名，不能隐藏：名单、证书和查重都用它" in page.content.decode()
    seen = page.context["seen"]
    typed = {"seen": seen, "label-honours": "荣誉", "help-honours": "", "need-honours": "", "preview": "1"}
    shown = client.post(address, typed)
    assert "荣誉" in [row.label for _title, rows in shown.context["preview"] for row in rows]
    assert Programme.objects.get().field_rules == RULES
    typed.pop("preview")
    assert client.post(address, typed).status_code == 302
    assert Programme.objects.get().field_rules["honours"] == {"label": "荣誉"}
    wrong = client.post(address, {"seen": seen, "label-honours": "主要成果", "help-honours": "", "need-honours": ""})
    assert "同名" in wrong.content.decode()
    assert 'value="主要成果"' in wrong.content.decode()


def test_one_topic_type_has_its_own_page(client, ruled, secretary):
    client.force_login(secretary)
    address = reverse("admin:programme_fields", args=[2026]) + "?type=innovation"
    page = client.get(address)
    keys = [line.key for group in page.context["groups"] for line in group.lines]
    assert "steps.best_plan" in keys
    assert "steps.cause_analysis" not in keys
    typed = {
        "seen": page.context["seen"],
        "label-target_value": "创新目标",
        "help-target_value": "",
        "need-target_value": "",
    }
    client.post(address, typed)
    assert Programme.objects.get().field_rules["target_value@innovation"] == {"label": "创新目标"}


# --- Columns of the table of members, kinds of evidence -------------------------------------------

PARTS = {
    "members.education": {"label": "学历", "need": "required"},
    "members.job_title": {"need": "hidden"},
    "members.training_hours": {"need": "hidden"},
    "members.duty": {"help": "写清承担的工作"},
    "evidence.benefit": {"label": "效益证明（财务）", "need": "optional"},
    "evidence.photo": {"need": "required", "help": "至少两张，能看清人和现场"},
    "evidence.standard": {"need": "hidden"},
}


@pytest.fixture
def parted(owner):
    """A complete draft in a year with other columns and kinds."""
    round_ = factories.open_round()
    draft = factories.complete_draft(owner, round_)
    Programme.objects.filter(pk=round_.programme_id).update(field_rules=PARTS)
    return _again(draft)


def test_columns_and_kinds_are_those_of_the_models():
    assert list(field_parts.EVIDENCE_KINDS.items()) == [(kind, str(label)) for kind, label in EvidenceKind.choices]
    assert set(field_parts.MEMBER_COLUMNS) == set(drafts.MEMBER_FIELDS)
    assert field_list.cleaned(PARTS) == (PARTS, {})


@pytest.mark.parametrize("key", ["members.name", "members.group_role", "evidence.report", "evidence.other"])
def test_what_the_portal_needs_of_them_may_be_renamed_and_says_why_it_stays(key):
    assert field_list.cleaned({key: {"label": "别的叫法"}})[1] == {}
    said = field_list.cleaned({key: {"need": "hidden"}})[1][key]
    assert said == f"可以改名，不能改为选填或不显示：{field_list.FIXED[key]}。"


def test_they_know_no_topic_type_and_two_of_one_table_have_two_names():
    assert "members.duty@innovation" in field_list.cleaned({"members.duty@innovation": {"label": "分工"}})[1]
    assert "members.duty" in field_list.cleaned({"members.duty": {"label": "文化程度"}})[1]
    assert field_list.cleaned({"members.duty": {"label": "小组人数"}})[1] == {}, "a head of the table, not a field"


def test_the_table_of_members_on_the_page_goes_by_them(client, parted, owner):
    client.force_login(owner)
    page = client.get(reverse("applications:section", args=[parted.uuid, "group"]))
    row = page.context["members"].forms[0]
    assert [(field.name, field.label) for field in row.shown] == [
        ("name", "姓名"), ("group_role", "组内职务"), ("gender", "性别"), ("education", "学历"), ("duty", "组内分工"),
    ]  # fmt: skip
    text = page.content.decode()
    assert "写清承担的工作" in text
    assert "提交前必填" in text
    assert "members-0-job_title" not in text


def test_what_was_typed_in_a_hidden_column_stays_in_the_working_copy(parted, owner):
    member = parted.members.order_by("position").first()
    type(member).objects.filter(pk=member.pk).update(job_title="高级工程师")
    row = _again(parted)
    values = drafts.stored_value(row, "members")
    assert "job_title" not in values[0]
    drafts.save_section(row, actor=owner, section="group", values={"members": values}, seen_version=row.edit_version)
    assert _again(parted).members.get(name=member.name).job_title == "高级工程师"


def test_a_demanded_column_is_asked_for_with_the_lines_that_lack_it(parted):
    parted.members.update(education="大专", job_title="")
    assert [one.message for one in completeness.own_problems(_again(parted)) if one.key == "members"] == []
    first = parted.members.order_by("position").first()
    type(first).objects.filter(pk=first.pk).update(education="")
    said = [one.message for one in completeness.own_problems(_again(parted)) if one.key == "members"]
    assert said == ["成员名单第 1 位还没有填写学历。"]


def test_kinds_of_evidence_are_asked_for_as_the_year_says(client, parted, owner):
    parted.evidence.filter(kind="benefit").delete()
    said = [one.message for one in completeness.own_problems(_again(parted)) if one.key == "evidence"]
    assert said == ["请上传现场照片。"]
    client.force_login(owner)
    page = client.get(reverse("applications:section", args=[parted.uuid, "evidence"]))
    assert dict(page.context["kinds"])["benefit"] == "效益证明（财务）"
    assert "standard" not in dict(page.context["kinds"])
    text = page.content.decode()
    assert "缺现场照片" in text
    assert "至少两张，能看清人和现场" in text
    assert "请上传现场照片" in client.get(reverse("applications:submit", args=[parted.uuid])).content.decode()


def test_a_file_of_a_hidden_kind_is_refused(parted, owner):
    with pytest.raises(Refusal) as refused:
        evidence.require_taken(parted, "standard")
    assert refused.value.message == "本年度不收“标准化文件”，请选择其他类别。"
    assert parted.fields.kind_taken("standard") == "other"


def test_a_kind_that_has_files_is_not_hidden(client, parted, secretary):
    programme = parted.round.programme
    count = parted.evidence.filter(kind="records").count()
    client.force_login(secretary)
    address = reverse("admin:programme_fields", args=[programme.year])
    typed = {"label-evidence.records": "", "help-evidence.records": "", "need-evidence.records": "hidden"}
    page = client.post(address, {**typed, "seen": field_rules.mark(programme)}).content.decode()
    assert f"已有 {count} 个文件归在这一类，不能改为不显示，可以改为选填。" in page
    assert Programme.objects.get().field_rules == PARTS
    typed["need-evidence.records"] = "optional"
    assert client.post(address, {**typed, "seen": field_rules.mark(programme)}).status_code == 302
    assert Programme.objects.get().field_rules["evidence.records"] == {"need": "optional"}


def test_they_are_frozen_printed_and_shown_as_asked_for(parted, owner):
    parted.members.update(education="大专", job_title="工程师", training_hours=40)
    documents.attach(parted, "现场.jpg", documents.picture(), "image/jpeg", kind="photo")
    version = documents.submit(_again(parted), owner)
    first = version.personal["members"][0]
    assert (first["education"], first["job_title"], first["training_hours"]) == ("大专", "", "")
    assert {one["kind_label"] for one in version.data["evidence"]} >= {"效益证明（财务）", "现场照片"}
    part = next(part for part in frozen.attachment_1(version) if part.table)
    assert part.head == ("序号", "姓名", "性别", "学历", "组内职务", "分工")
    page = render_to_string("pdf/annex1.html", content.Frozen(version).form())
    table = html.fromstring(page).xpath("//table[.//th[text()='学历']]")[0]
    assert [head.text for head in table.xpath(".//tr[@class='head']/th")][1:] == [
        "序号", "姓　名", "性别", "学历", "组内职务", "组内分工",
    ]  # fmt: skip
    assert [len(row) for row in table.xpath(".//tr[not(@class)]")] == [6] * len(version.personal["members"])
    widths = [float(re.search(r"[\d.]+", col.get("style"))[0]) for col in table.xpath("./col")]
    assert sum(widths) == pytest.approx(100, abs=0.05)
    Programme.objects.update(field_rules={})
    assert part.head == next(part for part in frozen.attachment_1(version) if part.table).head


def test_the_word_form_has_the_columns_and_reads_them_again(parted, owner):
    parted.members.update(education="大专", job_title="工程师")
    made = read_document(io.BytesIO(word_exports.application_document(_again(parted))))
    with known_as(parted.fields.synonyms()):
        found = form_reader.read_form(made)
        cells = {cell.key: cell for cell in form_cells.form_cells(found, form_cells.Choices({}, {}, {}), parted.fields)}
    person = cells["members"].entry[0]
    assert person["education"] == "大专"
    assert "job_title" not in person
    assert not [note for note in found.notes if "没有对应的项目" in note]


def test_the_sheet_of_members_has_them_and_is_read_under_the_new_names(parted):
    fields = parted.fields
    blank = groups_form.Blank("单位", "", 2026, "第一期", [], fields)
    book = load_workbook(io.BytesIO(groups_form.workbook(blank)))
    heads = [cell.value for cell in book["成员"][1]]
    assert heads == ["小组名称", "姓名", "组内职务", "性别", "学历", "组内分工"]
    sheet = book["小组汇总"]
    titles = {cell.value: cell.column for cell in sheet[groups_form.HEAD_ROW]}
    sheet.cell(groups_form.FIRST_ROW, titles["小组名称"], "红柳QC小组")
    sheet.cell(groups_form.FIRST_ROW, titles["课题名称"], "提高合格率")
    book["成员"].append(["红柳QC小组", "韩志远", "组长", "男", "大专", "实施"])
    filled = io.BytesIO()
    book.save(filled)
    filled.seek(0)
    with known_as(fields.synonyms()):
        table = groups_sheet.read(filled, {}, fields)
    assert table.rows[0].entries["members"][0]["education"] == "大专"


def test_the_review_of_an_imported_table_speaks_in_the_years_words(client, owner):
    round_ = factories.open_round()
    labels_ = {"group_name": "班组名称", "economic_benefit": "年效益", "activity_count": "活动场次"}
    rules = {key: {"label": label} for key, label in labels_.items()}
    Programme.objects.update(field_rules=rules)
    membership = Membership.objects.get(user=owner)
    fields = FieldList(rules)
    blank = groups_form.Blank("单位", "", 2026, "第一期", [], fields)
    book = load_workbook(io.BytesIO(groups_form.workbook(blank)))
    sheet = book["小组汇总"]
    titles = {cell.value: cell.column for cell in sheet[groups_form.HEAD_ROW]}
    rows = [("红柳班", "提高合格率", "24"), ("", "缩短时间", "=1+1")]
    for number, (group, topic, count) in enumerate(rows, groups_form.FIRST_ROW):
        for title, value in (("班组名称", group), ("课题名称", topic), ("活动场次", count)):
            sheet.cell(number, titles[title], value)
    filled = io.BytesIO()
    book.save(filled)
    client.force_login(owner)
    address = reverse("applications:import_groups", args=[round_.programme.year, round_.number])
    answer = client.post(address, {"file": SimpleUploadedFile("汇总.xlsx", filled.getvalue())}, follow=True)
    text = answer.content.decode()
    assert membership.manages
    assert "请填写班组名称。" in text
    assert "活动场次" in text
    assert "班组名称与课题" in text
    assert "年效益（万元）" in text
    assert "小组名称" not in text
    refused = client.get(reverse("applications:import_groups_refused", args=[answer.context["pending"].uuid]))
    again = load_workbook(io.BytesIO(b"".join(refused.streaming_content)))["待改正"]
    assert "活动场次" in [cell.value for cell in again[1]]


@pytest.mark.parametrize(("opened", "asked"), [(["topic_name"], False), (["evidence"], True)])
def test_a_demand_made_after_a_return_stops_no_correction_that_did_not_open_it(owner, opened, asked):
    draft = factories.complete_draft(owner, factories.open_round())
    factories.explain(draft, owner)
    row = checked.submitted_draft(draft, owner)
    Programme.objects.filter(pk=row.round.programme_id).update(field_rules=PARTS)
    Application.objects.filter(pk=row.pk).update(
        state=State.RETURNED, open_fields=opened, correction_due_at=clock.now() + timedelta(days=5)
    )
    row.evidence.filter(kind="photo").delete()
    said = [one.message for one in completeness.problems(_again(row)) if one.code == "missing"]
    assert ("请上传现场照片。" in said) is asked
