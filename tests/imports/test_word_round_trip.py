"""Attachment 1 and 2 out to Word and back: what is stored afterwards is what stood in the document."""

import io
from datetime import date
from decimal import Decimal

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from applications.actions import drafts, importing
from applications.imports import readers  # noqa: F401
from applications.imports.cells import from_json
from applications.imports.destinations import ApplicationDestination, SummaryDestination
from applications.imports.word_exports import application_document, blank_form, summary_of
from applications.models import AnnualReport, Application
from applications.models.reports import SUMMARY_SECTIONS
from applications.sections import SECTIONS
from applications.topics import TopicType, steps_of
from applications.views.imports import review_of, take
from applications.word.package import DOCX_TYPE
from tests import factories
from tests.imports.word_filling import fill, fill_members, remove_controls

NASTY = "第一行：A<B & C>D “引号” 😀\n第二行\t制表\n\n第四行　全角空格 =1+1 @x"
KEYS = [key for section in SECTIONS for key in section.fields if key not in ("steps", "evidence")]


def file_of(content: bytes, name: str = "附件1.docx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, DOCX_TYPE)


def stored(application: Application) -> dict:
    row = Application.objects.get(pk=application.pk)
    return {key: drafts.stored_value(row, key) for key in KEYS} | {"steps": row.steps}


def imported(content: bytes, application: Application, actor):
    """Uploaded, everything confirmed; the cells as read."""
    destination = ApplicationDestination(Application.objects.get(pk=application.pk))
    pending = take(file_of(content), "application", destination, actor)
    cells = from_json(pending.cells)
    keys = {cell.key for cell in cells if not cell.problem}
    importing.confirm(pending, destination, actor=actor, keys=keys, seen_version=destination.version)
    return cells


def full_draft(owner, kind: str) -> Application:
    application = factories.complete_draft(
        owner, topic_type=kind, group_intro=NASTY, main_results=NASTY, honours="省级一等奖\n发明专利 1 项",
        economic_benefit=Decimal("462000.01"), activity_cost=Decimal("0.01"), group_founded_on=date(2020, 5, 17),
        topic_registration_number="HG-KT-011", steps={step.code: f"{step.label}\n{NASTY}" for step in steps_of(kind)},
    )  # fmt: skip
    drafts._save_special(application, "completing_units", ["青海湖光钾肥分厂", "青海湖光研究院（有限合伙）"])
    application.special_awards.set(application.round.programme.special_awards.all()[:2])
    return application


@pytest.mark.parametrize("kind", list(TopicType))
def test_attachment_1_comes_back_as_it_went_out(owner, kind):
    source = full_draft(owner, kind)
    document = application_document(source)
    empty = factories.draft(owner, source.round)
    cells = imported(document, empty, owner)
    assert [cell for cell in cells if cell.problem] == []
    after, before = stored(empty), stored(source)
    assert after == before


@pytest.mark.parametrize("kind", list(TopicType))
def test_what_was_filled_in_by_script_is_stored(owner, kind):
    application = factories.draft(owner, topic_type=kind)
    document = docx.Document(io.BytesIO(application_document(application)))
    steps = {step.code: f"填写的{step.label}，{NASTY}" for step in steps_of(kind)}
    wanted = {
        "group_name": "澄湖<QC>小组", "topic_name": "降低“2号”线 & 3号线不合格率", "leader_name": "才让·卓玛",
        "member_count": "8", "activity_starts_on": "2025.3.1", "activity_ends_on": "2025年11月30日",
        "activity_count": "26", "attendance_rate": "97.6", "training_hours": "48.5", "economic_benefit": "186.42",
        "activity_cost": "31.6", "target_value": "由 4.8% 降至 1.5%", "actual_value": "1.2%", "social_benefit": NASTY,
        "group_intro": NASTY, "contact_phone": "0971-6137890", "contact_email": "zlb@hancheng.example",
        "group_registered_on": "2025/2/10", "completing_units": "甲分厂、乙分厂",
        **{f"steps.{code}": text for code, text in steps.items()},
    }  # fmt: skip
    for key, text in wanted.items():
        fill(document, key, text)
    fill_members(
        document, [["才让·卓玛", "女", "本科", "工程师", "组长", "策划", "56"], ["张三", "男", "", "", "组员", "", ""]]
    )
    saved = io.BytesIO()
    document.save(saved)
    cells = imported(saved.getvalue(), application, owner)
    assert [cell for cell in cells if cell.problem] == []
    row = Application.objects.get(pk=application.pk)
    assert (row.group_name, row.topic_name, row.leader_name) == ("澄湖<QC>小组", wanted["topic_name"], "才让·卓玛")
    assert (row.activity_starts_on, row.activity_ends_on) == (date(2025, 3, 1), date(2025, 11, 30))
    assert row.group_registered_on == date(2025, 2, 10)
    assert (row.member_count, row.activity_count) == (8, 26)
    assert (row.attendance_rate, row.training_hours) == (Decimal("97.60"), Decimal("48.5"))
    assert (row.economic_benefit, row.activity_cost) == (Decimal("1864200.00"), Decimal("316000.00"))
    assert (row.group_intro, row.social_benefit, row.steps) == (NASTY, NASTY, steps)
    assert (row.contact_phone, row.contact_email) == ("0971-6137890", "zlb@hancheng.example")
    assert drafts.stored_value(row, "completing_units") == ["甲分厂", "乙分厂"]
    people = drafts.stored_value(row, "members")
    assert [(one["name"], one["gender"], one["group_role"], one["duty"]) for one in people] == [
        ("才让·卓玛", "f", "leader", "策划"), ("张三", "m", "member", "")
    ]  # fmt: skip
    assert people[0]["training_hours"] == Decimal("56.0")


def test_attachment_2_comes_back_as_it_went_out(owner):
    enterprise = factories.enterprise_of(owner)
    round_ = factories.open_round()
    texts = {name: f"{title}\n（一）健全组织。{NASTY}" for name, title, _help in SUMMARY_SECTIONS}
    report = factories.report(enterprise, round_.programme, **texts)
    document = summary_of(enterprise, round_.programme, report)
    AnnualReport.objects.filter(pk=report.pk).update(**dict.fromkeys(texts, ""))
    destination = SummaryDestination(enterprise, round_.programme)
    pending = take(file_of(document, "附件2.docx"), "summary", destination, owner)
    cells = from_json(pending.cells)
    assert [cell for cell in cells if cell.problem] == []
    importing.confirm(
        pending, destination, actor=owner, keys={cell.key for cell in cells}, seen_version=destination.version
    )
    after = AnnualReport.objects.get(pk=report.pk)
    assert {name: getattr(after, name) for name in texts} == texts


@pytest.mark.parametrize("kind", list(TopicType))
def test_a_form_whose_controls_were_removed_is_read_by_its_labels(owner, kind):
    """As after copying into another document, or in a program that knows no content controls."""
    source = full_draft(owner, kind)
    document = docx.Document(io.BytesIO(application_document(source)))
    remove_controls(document)
    saved = io.BytesIO()
    document.save(saved)
    empty = factories.draft(owner, source.round)
    cells = imported(saved.getvalue(), empty, owner)
    assert [cell for cell in cells if cell.problem] == []
    assert stored(empty) == stored(source)


def test_hints_that_were_left_standing_are_no_entries(owner):
    """Without controls they are words like any other."""
    application = factories.draft(owner, topic_type="self_set")
    document = docx.Document(io.BytesIO(application_document(application)))
    remove_controls(document)
    saved = io.BytesIO()
    document.save(saved)
    pending = take(file_of(saved.getvalue()), "application", ApplicationDestination(application), owner)
    assert [(cell["key"], cell["entry"]) for cell in pending.cells] == [("topic_type", "self_set")]


def test_texts_with_line_breaks_of_the_browser_are_no_change(owner):
    application = factories.complete_draft(owner, group_intro="第一行\r\n第二行", steps={"current_state": "甲\r\n乙"})
    destination = ApplicationDestination(application)
    pending = take(file_of(application_document(application)), "application", destination, owner)
    review = review_of(pending, destination)
    assert (review.overwrites, review.additions, review.problems) == ([], [], [])
    assert {line.cell.key for line in review.same} >= {"group_intro", "steps.current_state", "members"}


def test_the_blank_form_of_the_site_is_read_like_any_other(owner):
    """It has the steps of all three types; one of them is filled in."""
    names = tuple(factories.open_round().programme.special_awards.values_list("name", flat=True))
    document = docx.Document(io.BytesIO(blank_form(names)))
    fill(document, "topic_type", "创新型")
    fill(document, "group_name", "澄湖QC小组")
    fill(document, "steps.innovation.select_topic", "选题。")
    fill(document, "steps.innovation.best_plan", "方案。")
    fill(document, f"special_awards.{names[1]}", "☑")
    saved = io.BytesIO()
    document.save(saved)
    application = factories.draft(owner)
    cells = imported(saved.getvalue(), application, owner)
    assert [cell for cell in cells if cell.problem] == []
    row = Application.objects.get(pk=application.pk)
    assert (row.topic_type, row.group_name) == ("innovation", "澄湖QC小组")
    assert row.steps == {"select_topic": "选题。", "best_plan": "方案。"}
    assert [award.name for award in row.special_awards.all()] == [names[1]]


def test_two_exports_of_the_same_state_are_the_same_bytes(owner):
    application = factories.complete_draft(owner)
    assert application_document(application) == application_document(Application.objects.get(pk=application.pk))
