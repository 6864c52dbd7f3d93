"""From an uploaded workbook to the draft, by way of the review page."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from openpyxl import Workbook

from applications import statistics
from applications.actions import importing, reports
from applications.imports.cells import ReadCell, Reading
from applications.imports.destinations import ApplicationDestination
from applications.imports.registry import IMPORTERS, Importer
from applications.models import AnnualReport, PendingImport
from qcportal import clock
from qcportal.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db


def workbook(rows, *, title="Sheet1") -> io.BytesIO:
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    stream.name = "统计表.xlsx"
    return stream


OWN_TABLE = [
    ["某公司统计"],
    ["项目", "单位", "2025年"],
    ["职工总数", "人", "1,250"],
    ["累计注册小组数", "个", 120],
    ["本年注册小组数", "个", 20],
    ["开展活动小组数", "个", 18],
    ["参加活动人数", "人", "１６０"],
    ["成果数", "个", 12],
    ["直接经济效益", "元", 3862500],
]


@pytest.fixture
def round_(owner):
    return factories.open_round()


def upload(client, round_, stream):
    return client.post(reverse("applications:statistics_upload", args=[round_.programme.year]), {"file": stream})


def test_a_table_of_the_enterprises_own_fills_the_empty_form_after_confirmation(client, owner, round_):
    client.force_login(owner)
    answer = upload(client, round_, workbook(OWN_TABLE))
    pending = PendingImport.objects.get()
    assert answer.url == reverse("applications:import_review", args=[pending.uuid])
    assert not AnnualReport.objects.exists()
    page = client.get(answer.url)
    assert page.status_code == 200
    keys = [line.cell.key for line in page.context["review"].additions]
    answer = client.post(answer.url, {"take": keys, "seen_version": "1"})
    assert answer.url == reverse("applications:report_statistics", args=[round_.programme.year])
    report = AnnualReport.objects.get()
    assert (report.employees, report.participants, report.direct_benefit) == (1250, 160, Decimal("3862500.00"))
    event = AuditEvent.objects.get(verb="report.imported")
    assert event.data["file_sha256"] == pending.sha256
    pending.refresh_from_db()
    assert pending.confirmed_at is not None
    assert pending.cells == []
    assert set(keys) <= set(statistics.FIELDS)


def year_of(round_):
    return round_.programme.year


def test_what_would_overwrite_is_not_ticked_and_stays_unless_chosen(client, owner, round_):
    factories.report(factories.enterprise_of(owner), round_.programme, employees=1000, participants=None)
    client.force_login(owner)
    url = upload(client, round_, workbook(OWN_TABLE)).url
    review = client.get(url).context["review"]
    assert [(line.cell.key, line.ticked) for line in review.overwrites] == [("employees", False)]
    assert [(line.cell.key, line.ticked) for line in review.additions] == [("participants", True)]
    client.post(url, {"take": ["participants"], "seen_version": "1"})
    report = AnnualReport.objects.get()
    assert (report.employees, report.participants) == (1000, 160)


def test_a_change_in_between_is_refused_shown_and_taken_only_after_another_look(client, owner, round_):
    report = factories.report(factories.enterprise_of(owner), round_.programme, employees=1000)
    client.force_login(owner)
    url = upload(client, round_, workbook(OWN_TABLE)).url
    reports.save_statistics(
        report.enterprise, round_.programme, actor=owner, values={"employees": 1111}, seen_version=1
    )
    answer = client.post(url, {"take": ["employees"], "seen_version": "1"})
    assert answer.status_code == 409
    (line,) = answer.context["review"].overwrites
    assert (line.current, line.value, line.changed) == ("1,111 人", "1,250 人", True)
    assert AnnualReport.objects.get().employees == 1111
    client.post(url, {"take": ["employees"], "seen_version": str(answer.context["destination"].version)})
    assert AnnualReport.objects.get().employees == 1250


def test_a_second_press_changes_nothing_and_is_no_error(client, owner, round_):
    client.force_login(owner)
    url = upload(client, round_, workbook(OWN_TABLE)).url
    for _press in range(2):
        answer = client.post(url, {"all": "1", "seen_version": "1"})
        assert answer.status_code == 302
    assert AnnualReport.objects.get().edit_version == 2
    assert AuditEvent.objects.filter(verb="report.imported").count() == 1


def test_nobody_else_sees_an_import_and_after_a_day_nobody_does(client, owner, rival, round_):
    manager = factories.colleague(owner, username="manager", name="刘质量", role="manager")
    client.force_login(owner)
    url = upload(client, round_, workbook(OWN_TABLE)).url
    for other in (manager, rival):
        client.force_login(other)
        assert client.get(url).status_code == 404
    client.force_login(owner)
    with clock.fixed(clock.now() + timedelta(hours=25)):
        assert client.get(url).status_code == 404
        assert importing.remove_expired(clock.now()) == 1
    assert not PendingImport.objects.exists()


def test_giving_up_leaves_nothing(client, owner, round_):
    client.force_login(owner)
    url = upload(client, round_, workbook(OWN_TABLE)).url
    client.post(url, {"discard": "1"})
    assert not PendingImport.objects.exists()
    assert not AnnualReport.objects.exists()


def test_a_clerk_may_not_import_and_a_closed_year_is_refused(client, owner, clerk, round_):
    client.force_login(clerk)
    assert upload(client, round_, workbook(OWN_TABLE)).status_code == 403
    client.force_login(owner)
    url = upload(client, round_, workbook(OWN_TABLE)).url
    round_.closes_at = round_.opens_at + timedelta(days=1)
    round_.save()
    answer = client.post(url, {"all": "1", "seen_version": "1"})
    assert answer.status_code == 409
    assert not AnnualReport.objects.exists()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([["青海省优秀质量管理小组申报表"], ["小组简介", "……"]], "附件 1"),
        ([["2025年企业质量管理小组活动总结"]], "附件 2"),
        ([["序号", "小组名称", "课题名称", "课题类型"], [1, "红柳", "提高", "创新型"]], "小组汇总表"),
        ([["姓名", "工资"], ["张三", 3]], "没有找到附件 3 的统计项目"),
    ],
)
def test_a_wrong_table_is_refused_and_named(client, owner, round_, rows, words):
    client.force_login(owner)
    answer = upload(client, round_, workbook(rows))
    assert answer.status_code == 200
    assert words in answer.context["problem"].message
    assert not PendingImport.objects.exists()


def test_a_form_of_many_groups_is_named_by_its_id(client, owner, round_):
    client.force_login(owner)
    address = reverse("applications:import_groups_form", args=[year_of(round_), round_.number])
    stream = io.BytesIO(b"".join(client.get(address).streaming_content))
    stream.name = "表.xlsx"
    assert "小组汇总表" in upload(client, round_, stream).context["problem"].message


def test_cells_of_an_application_go_through_its_sections_in_one_audit_row(client, owner):
    application = factories.draft(owner, group_name="旧名小组")
    cells = [
        ReadCell("group_name", "小组名称", "表 1 第 1 行", "红柳QC小组", "红柳QC小组"),
        ReadCell("topic_type", "课题类型", "表 1 第 2 行", "创新型", "innovation"),
        ReadCell("steps.best_plan", "最佳方案", "表 2 第 3 行", "方案", "方案"),
        ReadCell("economic_benefit", "直接经济效益", "表 3", "46.2", "46.2"),
        ReadCell("activity_starts_on", "活动开始日期", "表 1", "三月", "三月"),
        ReadCell("members", "小组成员", "表 1", "韩志远", [{"name": "韩志远", "group_role": "leader"}]),
        ReadCell("completing_units", "完成单位", "表 1", "青海甲公司", "青海甲公司\n青海乙公司"),
    ]
    pending = importing.keep(
        "application", ApplicationDestination(application), actor=owner, now=clock.now(), file_name="附件1.docx",
        sha256="a" * 64, reading=Reading(cells),
    )  # fmt: skip
    client.force_login(owner)
    url = reverse("applications:import_review", args=[pending.uuid])
    IMPORTERS.setdefault("application", Importer("application", "附件 1 申报表", "docx", None))
    page = client.get(url)
    assert [line.cell.key for line in page.context["review"].problems] == ["activity_starts_on"]
    assert [person.name for person in page.context["people"]] == ["韩志远"]
    client.post(url, {"all": "1", "seen_version": str(application.edit_version)})
    application.refresh_from_db()
    assert (application.group_name, application.topic_type) == ("红柳QC小组", "innovation")
    assert application.steps == {"best_plan": "方案"}
    assert application.economic_benefit == Decimal("462000.00")
    assert [one.name for one in application.members.all()] == ["韩志远"]
    assert application.completing_units.count() == 2
    event = AuditEvent.objects.get(verb="application.imported")
    assert (event.data["file_sha256"], "members" in event.data["fields"]) == ("a" * 64, True)
