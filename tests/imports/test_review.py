"""From an uploaded workbook to the draft, by way of the review page."""

import io
from decimal import Decimal

import pytest
from django.urls import reverse
from openpyxl import Workbook

from applications import statistics
from applications.models import AnnualReport, PendingImport
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
