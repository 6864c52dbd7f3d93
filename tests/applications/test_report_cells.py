"""A return that names single cells of attachments 2 and 3: exactly these open, the others stay as they are."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from applications import check_keys, report_gate, report_keys, sections
from applications.actions import checking, reports
from applications.actions.checking import RemarkText
from applications.admin import check_forms
from applications.imports.destinations import SHUT, StatisticsDestination, SummaryDestination
from applications.models import AnnualReport, Application
from applications.models.reports import SUMMARY_SECTIONS
from applications.views.filing_desk import label_of, problem_url
from qcportal import clock
from tests import factories
from tests.applications import checked

EMPLOYEES = "report.statistics.employees"


@pytest.fixture
def mine(owner):
    return factories.enterprise_of(owner)


def returned(owner, secretary, *keys):
    application = checked.submitted(owner)
    check = checked.open_check(application, secretary)
    checking.return_for_correction(
        check, actor=secretary, open_fields=keys[1:], correction_due_at=clock.now() + timedelta(days=5),
        remarks=[RemarkText(keys[0], "请核对。")],
    )  # fmt: skip
    return Application.objects.select_related("round__programme").get(pk=application.pk)


def address(name, application):
    return reverse(f"applications:{name}", args=[application.round.programme.year])


def test_every_cell_has_a_key_a_label_and_an_input():
    for field in reports.SUMMARY_FIELDS + reports.STATISTICS_FIELDS:
        key = report_keys.KEYS[field]
        assert report_keys.input_of(key) == field
        assert key in check_keys.LABELS
    assert len({check_keys.LABELS[key] for key in check_keys.LABELS}) == len(check_keys.LABELS)
    assert report_keys.input_of("report.summary.document") == "document"
    assert report_keys.input_of("report.summary") == ""
    assert [name for name, _title, _help in SUMMARY_SECTIONS] == list(reports.SUMMARY_FIELDS)


@pytest.mark.parametrize(
    ("key", "named", "opened"),
    [
        (EMPLOYEES, [EMPLOYEES], True),
        (EMPLOYEES, ["report.statistics"], True),
        (EMPLOYEES, ["report.statistics.participants"], False),
        (EMPLOYEES, ["report.summary"], False),
        ("report.statistics", [EMPLOYEES], False),
        ("report.statistics.employees_more", [EMPLOYEES], False),
        ("report.summary.plans", ["report.summary"], True),
        ("steps.effect_check", ["steps"], True),
        ("steps.effect_check", ["steps.effect_check"], True),
        ("steps", ["steps.effect_check"], False),
        ("evidence.benefit", ["evidence"], True),
        ("members", ["member_count"], False),
        ("members", [], False),
    ],
)
def test_a_whole_opens_its_cells_and_a_cell_only_itself(key, named, opened):
    assert sections.is_open(key, named) is opened


def test_only_the_named_cell_is_saved_whatever_is_posted(client, owner, secretary, mine):
    application = returned(owner, secretary, EMPLOYEES)
    before = AnnualReport.objects.get()
    client.force_login(owner)
    answer = client.post(
        address("report_statistics", application),
        {"seen_version": before.edit_version, "employees": "1333", "participants": "7", "filled_by": "他人"},
        follow=True,
    )
    after = AnnualReport.objects.get()
    assert after.employees == 1333
    unchanged = [name for name in reports.STATISTICS_FIELDS if name != "employees"]
    assert [getattr(after, name) for name in unchanged] == [getattr(before, name) for name in unchanged]
    assert "未开放“参加小组活动人数”“填表人”" in answer.content.decode()


def test_a_repair_button_of_a_closed_cell_changes_nothing(client, owner, secretary):
    application = returned(owner, secretary, EMPLOYEES)
    before = AnnualReport.objects.get()
    client.force_login(owner)
    data = {"seen_version": before.edit_version, "employees": before.employees, "fix": "participants:3"}
    client.post(address("report_statistics", application), data)
    assert AnnualReport.objects.get().participants == before.participants


def test_the_page_locks_the_others_readable_and_links_what_is_open(client, owner, secretary):
    application = returned(owner, secretary, EMPLOYEES, "report.summary.plans")
    client.force_login(owner)
    page = client.get(address("report_statistics", application))
    text = page.content.decode()
    assert "只能修改下列项目" in text
    assert f'{address("report_statistics", application)}#id_employees"' in text
    assert f'{address("report_summary", application)}#id_summary_plans"' in text
    fields = page.context["form"].fields
    open_fields = [name for name in reports.STATISTICS_FIELDS if not fields[name].widget.attrs.get("readonly")]
    assert open_fields == ["employees"]
    assert list(page.context["draft"].seen) == ["employees"]
    summary = client.get(address("report_summary", application))
    assert 'name="document"' not in summary.content.decode()
    assert list(summary.context["draft"].seen) == ["summary_plans"]


def test_one_part_of_the_summary_is_open_and_the_document_is_not(client, owner, secretary):
    application = returned(owner, secretary, "report.summary.plans")
    before = AnnualReport.objects.get()
    client.force_login(owner)
    client.post(
        address("report_summary", application),
        {
            "seen_version": before.edit_version, "summary_plans": "改过的打算", "summary_basics": "改过的概况",
            "document": SimpleUploadedFile("新.pdf", factories.PDF, "application/pdf"), "remove_document": "on",
        },
    )  # fmt: skip
    after = AnnualReport.objects.get()
    assert (after.summary_plans, after.summary_basics) == ("改过的打算", before.summary_basics)
    assert after.summary_file_id == before.summary_file_id
    assert "未开放这一部分" in client.get(address("report_statistics", application)).content.decode()


def test_the_document_alone_can_be_opened(client, owner, secretary):
    application = returned(owner, secretary, "report.summary.document")
    before = AnnualReport.objects.get()
    client.force_login(owner)
    client.post(
        address("report_summary", application),
        {
            "seen_version": before.edit_version, "summary_plans": "改过的打算",
            "document": SimpleUploadedFile("新.pdf", factories.PDF, "application/pdf"),
        },
    )  # fmt: skip
    after = AnnualReport.objects.get()
    assert (after.summary_file_name, after.summary_plans) == ("新.pdf", before.summary_plans)


def test_autosave_takes_open_cells_and_names_the_others(client, owner, secretary):
    application = returned(owner, secretary, EMPLOYEES)
    before = AnnualReport.objects.get()
    client.force_login(owner)
    data = {
        "seen_version": before.edit_version, "seen_fields": "{}", "tab": "t",
        "fields": ["employees", "participants"], "employees": "1444", "participants": "8",
    }  # fmt: skip
    said = client.post(address("autosave_statistics", application), data).json()
    after = AnnualReport.objects.get()
    assert (after.employees, after.participants) == (1444, before.participants)
    assert said["saved"] == ["employees"]
    assert said["errors"] == {"participants": [report_gate.CELL_CLOSED]}
    assert list(said["seen"]) == ["employees"]


def test_an_import_fills_open_cells_only_and_says_so(owner, secretary, mine):
    application = returned(owner, secretary, EMPLOYEES, "report.summary.plans")
    programme = application.round.programme
    figures = StatisticsDestination(mine, programme)
    cleaned = figures.clean(
        {"employees": "1555", "participants": "9", "results_count": str(figures.report.results_count)}
    )
    assert cleaned.problems == {"participants": SHUT}
    assert set(cleaned.values) == {"employees", "results_count"}
    assert SummaryDestination(mine, programme).clean({"summary_basics": "别的"}).problems == {"summary_basics": SHUT}
    before = figures.report.participants
    with transaction.atomic():
        figures.write(
            actor=owner, now=clock.now(), values={"employees": 1555, "participants": 9},
            seen_version=figures.version, source="0" * 64,
        )  # fmt: skip
    report = AnnualReport.objects.get()
    assert (report.employees, report.participants) == (1555, before)


def test_another_draft_of_an_open_round_keeps_the_report_open(owner, secretary, mine):
    application = returned(owner, secretary, EMPLOYEES)
    programme = application.round.programme
    assert report_gate.gate(mine, programme, clock.now()).keys == (EMPLOYEES,)
    factories.draft(owner, application.round, group_name="另一个小组")
    assert report_gate.gate(mine, programme, clock.now()).keys is None


def test_a_return_that_names_nothing_of_the_report_leaves_it_closed(owner, secretary, mine):
    application = returned(owner, secretary, "topic_name")
    refusal = report_gate.refusal_for(mine, application.round.programme, "report.summary", clock.now())
    assert refusal.code == "part_closed"


def test_remarks_and_problems_lead_to_the_very_cell(owner, secretary):
    application = returned(owner, secretary, EMPLOYEES)
    assert problem_url(application, EMPLOYEES).endswith("/statistics/#id_employees")
    assert problem_url(application, "report.summary").endswith("/summary/")
    assert label_of(EMPLOYEES, application.fields) == "附件 3·第 1 项 企业职工总数"


def test_the_secretariat_can_remark_on_one_cell(client, owner, secretary, settings):
    settings.STAFF_SECOND_FACTOR = False
    application = checked.submitted(owner)
    check = checked.open_check(application, secretary)
    choices = dict(check_forms.field_choices(application))
    assert (EMPLOYEES, "附件 3·第 1 项 企业职工总数") in choices["附件 3 统计表"]
    assert [key for key, _label in choices["附件 2 活动总结"]][-1] == "report.summary.document"
    client.force_login(secretary)
    text = client.get(reverse("admin:applications_check", args=[application.pk])).content.decode()
    for key in (EMPLOYEES, "report.summary.plans", "report.summary", "report.statistics", "topic_name"):
        assert f'data-remark="{key}"' in text
    checking.save_check(check, actor=secretary, answers={}, note="", remarks=[RemarkText(EMPLOYEES, "单位似乎错了。")])
    text = client.get(reverse("admin:applications_check", args=[application.pk])).content.decode()
    assert '<p class="annex__note">意见 1：单位似乎错了。</p>' in text
