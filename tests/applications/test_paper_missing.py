"""The list of missing papers: who, what, how late, whom to call; as a page and as a workbook."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from applications import paper_missing
from applications.actions import paper, paper_parts
from applications.models import Enterprise, PaperPart
from applications.packets import parts as rendering
from applications.packets.constituents import Constituents
from qcportal import clock
from qcportal.models import AuditEvent
from tests.applications import checked

pytestmark = pytest.mark.django_db
LIST, EXPORT = reverse("admin:paper_missing"), reverse("admin:paper_missing_export")


@pytest.fixture
def filed(owner):
    return checked.submitted(owner)


def lines(**wanted):
    return paper_missing.fill(paper_missing.places(**wanted), clock.now())


def test_a_place_lists_its_missing_parts_and_each_number_once(owner, filed):
    second = checked.submitted(owner, filed.round, group_name="昆仑QC小组")
    (line,) = lines()
    assert [row.pk for row in line.applications] == [filed.pk, second.pk]
    assert line.missing == [f"附件1 {row.file_number} {row.display_name}" for row in (filed, second)]
    numbers = [number for _name, number in line.contacts]
    assert filed.contact_phone in numbers
    assert len(numbers) == len(set(numbers))


def test_what_was_received_is_no_longer_listed_until_a_newer_version_comes(owner, secretary, filed):
    paper.receive_paper(filed.submissions.get(), actor=secretary)
    assert lines() == []
    checked.resubmit(filed, owner)
    assert len(lines()) == 1


def test_cover_and_attachments_count_when_they_are_asked_for(secretary, filed):
    rendering.build(Constituents(filed.enterprise, filed.round))
    paper.receive_paper(filed.submissions.get(), actor=secretary)
    assert lines() == []
    (line,) = lines(any_part=True)
    assert line.missing == ["封面", "附件2", "附件3"]
    for part in PaperPart.objects.exclude(kind="annex1"):
        paper_parts.receive_part(part, actor=secretary)
    assert lines(any_part=True) == []


def test_days_overdue_begin_after_the_last_day(filed):
    due = filed.round.paper_due_at
    for later, days in ((timedelta(seconds=-1), 0), (timedelta(0), 1), (timedelta(days=3), 4)):
        with clock.fixed(due + later):
            assert lines()[0].overdue == days


def test_the_list_filters_by_round_and_city(owner, rival, filed):
    other = checked.submitted(rival, filed.round, contact_phone="13911110000")
    Enterprise.objects.filter(pk=other.enterprise_id).update(city="6301")
    assert [line.enterprise for line in lines(city="6301")] == [other.enterprise]
    assert len(lines(round_=filed.round)) == 2


def test_the_page_has_numbers_to_press_and_a_button_that_logs_the_call(client, secretary, filed):
    client.force_login(secretary)
    body = client.get(LIST, {"round": filed.round_id}).content.decode()
    assert f'href="tel:{filed.contact_phone}"' in body
    assert reverse("admin:call_new") in body
    assert AuditEvent.objects.filter(verb="paper.phones_viewed", actor=secretary).count() == 1


def test_only_the_overdue(client, secretary, filed):
    client.force_login(secretary)
    with clock.fixed(filed.round.paper_due_at - timedelta(days=1)):
        assert "都到齐了" in client.get(LIST, {"late": "on"}).content.decode()
    with clock.fixed(filed.round.paper_due_at + timedelta(days=1)):
        assert "逾期 2 天" in client.get(LIST, {"late": "on"}).content.decode()


def test_the_workbook_holds_the_list_without_formulas_and_the_export_is_recorded(client, secretary, filed):
    Enterprise.objects.filter(pk=filed.enterprise_id).update(name="=HYPERLINK(1)有限公司")
    client.force_login(secretary)
    answer = client.get(EXPORT)
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert [cell.value for cell in sheet[1]][:2] == ["单位", "市（州）"]
    assert sheet["A2"].value == "'=HYPERLINK(1)有限公司"
    assert sheet["F2"].value == filed.contact_phone
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("B2", "$1:$1")
    assert AuditEvent.objects.filter(verb="paper.phones_exported").get().data["rows"] == 1
