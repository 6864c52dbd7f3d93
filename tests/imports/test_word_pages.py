"""Word forms through the pages: who may, when, and what the review page shows."""

import io
from datetime import timedelta

import docx as docx_module
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from applications.imports.word_exports import application_document, summary_of
from applications.models import AnnualReport, Application, PendingImport
from applications.states import State
from applications.word.document import read_document
from applications.word.package import DOCX_TYPE
from qcportal import clock
from qcportal.models import AuditEvent
from tests import factories
from tests.imports.word_corpus import docx, p, row, t, tbl
from tests.imports.word_filling import fill, fill_members

TITLE = p(t("青海省优秀质量管理小组申报表"))


def send(client, application, content: bytes, *, to="application_upload"):
    address = reverse(f"applications:{to}", args=[application.uuid])
    return client.post(address, {"file": SimpleUploadedFile("附件1.docx", content, DOCX_TYPE)})


def form(*rows: str) -> bytes:
    return docx(TITLE + tbl(*rows))


def page_after(client, answer) -> str:
    assert answer.status_code == 302, answer.content.decode()
    return client.get(answer.url).content.decode()


def test_the_form_that_is_handed_out_holds_everything_typed_so_far(client, owner):
    application = factories.complete_draft(owner)
    client.force_login(owner)
    answer = client.get(reverse("applications:application_word", args=[application.uuid]))
    assert (answer["Content-Type"], answer["Cache-Control"]) == (DOCX_TYPE, "private, no-store")
    assert "attachment" in answer["Content-Disposition"]
    document = read_document(io.BytesIO(answer.content))
    values = {control.tag: control.text for control in document.controls}
    assert values["enterprise.name"] == application.enterprise.name
    assert values["enterprise.credit_code"] == application.enterprise.credit_code
    assert (values["topic_name"], values["economic_benefit"]) == ("提高碳酸锂包装一次合格率", "46.20")
    assert values["activity_starts_on"].endswith("年3月1日")
    assert document.marks["application"] == str(application.uuid)
    assert not AuditEvent.objects.filter(verb="document.read").exists()


def test_a_read_by_the_secretariat_leaves_a_row(client, owner, secretary):
    application = factories.complete_draft(owner)
    client.force_login(secretary)
    client.get(reverse("applications:application_word", args=[application.uuid]))
    assert AuditEvent.objects.filter(verb="document.read", actor=secretary).count() == 1


def test_nothing_changes_before_confirmation_and_the_chosen_cells_after(client, owner):
    application = factories.draft(owner, group_name="红柳QC小组", topic_name="旧的课题")
    client.force_login(owner)
    answer = send(
        client, application, form(row("课题名称", "新的课题"), row("小组名称", "红柳QC小组"), row("活动次数", "26次"))
    )
    text = page_after(client, answer)
    assert "旧的课题" in text
    assert "新的课题" in text
    assert Application.objects.get().topic_name == "旧的课题"
    client.post(answer.url, {"take": ["activity_count"], "seen_version": "1"})
    row_ = Application.objects.get()
    assert (row_.topic_name, row_.activity_count) == ("旧的课题", 26)
    assert AuditEvent.objects.get(verb="application.imported").data["fields"] == ["activity_count"]


def test_members_are_compared_person_by_person(client, owner):
    application = factories.complete_draft(owner)
    client.force_login(owner)
    members = tbl(
        row("姓名", "性别", "组内职务", "组内分工"),
        row("韩志远", "男", "组长", "统筹"),
        row("新来的", "女", "组员", ""),
    )
    text = page_after(client, send(client, application, docx(TITLE + members + tbl(row("活动次数", "24")))))
    for words in ("新增", "修改", "删去", "<s>扎西多杰</s>", "统筹"):
        assert words in text


def test_markup_in_a_file_is_shown_as_text(client, owner):
    application = factories.draft(owner)
    client.force_login(owner)
    answer = send(client, application, form(row("小组名称", "<script>alert(1)</script>"), row("课题名称", "甲<b>乙")))
    text = page_after(client, answer)
    assert "<script>alert(1)</script>" not in text
    assert "&lt;script&gt;" in text


def test_a_form_of_another_application_or_enterprise_is_said_clearly(client, owner, rival):
    mine = factories.draft(owner, group_name="红柳QC小组")
    other = factories.complete_draft(rival, mine.round, group_name="晶潮QC小组")
    client.force_login(owner)
    text = page_after(client, send(client, mine, application_document(other)))
    assert "这个文件是从另一项申报（小组“晶潮QC小组”）导出的，现在要填入的是“红柳QC小组”" in text
    assert f"统一社会信用代码是 {other.enterprise.credit_code}，与本单位不同" in text
    assert "单位名称是“青海瀚澄盐湖化工有限公司”" in text
    text = page_after(client, send(client, mine, form(row("小组名称", "澄湖QC小组"), row("课题名称", "降低能耗"))))
    assert "文件中的小组名称是“澄湖QC小组”" in text


def test_a_form_of_another_topic_type_is_said(client, owner):
    application = factories.draft(owner, topic_type="self_set")
    client.force_login(owner)
    body = form(row("课题类型", "创新型"), row("小组名称", "红柳"), row("标准化", "形成标准。"))
    assert "文件是“创新型”的申报表" in page_after(client, send(client, application, body))


def test_a_return_opens_only_what_it_names(client, owner):
    application = factories.complete_draft(
        owner, state=State.RETURNED, file_number="QC2026-1-0001", open_fields=["topic_name"],
        correction_due_at=clock.now() + timedelta(days=3),
    )  # fmt: skip
    client.force_login(owner)
    answer = send(client, application, form(row("课题名称", "改过的课题"), row("目标值", "改过的目标")))
    text = page_after(client, answer)
    assert "本次补正未开放这一项" in text
    client.post(answer.url, {"take": ["topic_name", "target_value"], "seen_version": str(application.edit_version)})
    after = Application.objects.get()
    assert (after.topic_name, after.target_value) == ("改过的课题", application.target_value)


def test_after_a_return_only_differences_are_refused(client, owner):
    application = factories.complete_draft(
        owner, state=State.RETURNED, file_number="QC2026-1-0001", open_fields=["topic_name"],
        correction_due_at=clock.now() + timedelta(days=3),
    )  # fmt: skip
    client.force_login(owner)
    document = docx_module.Document(io.BytesIO(application_document(application)))
    fill(document, "topic_name", "改过的课题")
    fill_members(document, [["改了名", "男", "", "", "组长", "", ""]])
    saved = io.BytesIO()
    document.save(saved)
    text = page_after(client, send(client, application, saved.getvalue()))
    assert text.count("本次补正未开放这一项") == 1
    assert "改过的课题" in text


def test_after_the_deadline_nothing_is_taken(client, owner):
    application = factories.draft(owner, factories.round_of(2020, 1))
    client.force_login(owner)
    answer = send(client, application, form(row("课题名称", "晚了"), row("小组名称", "晚了")))
    assert answer.status_code == 200
    assert "已过截止时间" in answer.content.decode()
    assert not PendingImport.objects.exists()


def test_a_clerk_imports_into_invited_applications_only(client, owner, clerk):
    invited, other = factories.draft(owner), factories.draft(owner)
    invited.clerks.add(clerk)
    client.force_login(clerk)
    body = form(row("课题名称", "填报人的课题"), row("小组名称", "红柳"))
    assert send(client, invited, body).status_code == 302
    assert send(client, other, body).status_code == 404


def test_attachment_2_is_split_and_the_rest_is_listed(client, owner):
    round_ = factories.open_round()
    client.force_login(owner)
    body = docx(
        "".join(p(t(one)) for one in ("各位领导好。", "一、基本情况", "现有职工。", "五、存在的问题", "不足。"))
    )
    address = reverse("applications:summary_upload", args=[round_.programme.year])
    answer = client.post(address, {"file": SimpleUploadedFile("附件2.docx", body, DOCX_TYPE)})
    text = page_after(client, answer)
    assert "各位领导好。" in text
    client.post(answer.url, {"take": ["summary_basics", "summary_problems"], "seen_version": "1"})
    report = AnnualReport.objects.get()
    assert (report.summary_basics, report.summary_problems) == ("现有职工。", "不足。")


def test_attachment_1_is_refused_as_attachment_2(client, owner):
    round_ = factories.open_round()
    client.force_login(owner)
    address = reverse("applications:summary_upload", args=[round_.programme.year])
    uploaded = SimpleUploadedFile("附件1.docx", form(row("课题名称", "降低能耗")), DOCX_TYPE)
    answer = client.post(address, {"file": uploaded})
    assert "这是附件 1《青海省优秀质量管理小组申报表》" in answer.content.decode()


def test_a_summary_of_another_enterprise_or_year_is_said(client, owner, rival):
    round_ = factories.open_round()
    report = factories.report(factories.enterprise_of(rival), round_.programme)
    client.force_login(owner)
    address = reverse("applications:summary_upload", args=[round_.programme.year])
    content = summary_of(report.enterprise, round_.programme, report)
    answer = client.post(address, {"file": SimpleUploadedFile("附件2.docx", content, DOCX_TYPE)})
    text = page_after(client, answer)
    assert "统一社会信用代码是" in text
    assert "单位名称是“青海瀚澄盐湖化工有限公司”" in text


@pytest.mark.parametrize("name", ["detail", "section"])
def test_the_pages_offer_both_ways(client, owner, name):
    application = factories.draft(owner)
    client.force_login(owner)
    more = ["topic"] if name == "section" else []
    text = client.get(reverse(f"applications:{name}", args=[application.uuid, *more])).content.decode()
    assert reverse("applications:application_word", args=[application.uuid]) in text
    assert reverse("applications:application_upload", args=[application.uuid]) in text
