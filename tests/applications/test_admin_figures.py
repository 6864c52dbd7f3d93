"""全省统计: the page, who has not reported, and the workbook opened again and compared cell by cell."""

import io
from decimal import Decimal

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from applications import statistics
from applications.admin import figures
from applications.figures import reports, sums, workbook
from applications.models import AnnualReport, Enterprise, ReportVersion
from qcportal import clock
from qcportal.models import AuditEvent
from tests import factories
from tests.applications import checked

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:figures")
MISSING = reverse("admin:figures_missing")
EXPORT = reverse("admin:figures_export")
ROW = workbook.HEAD_ROW + 1


def unit(number, *, city="6301", industry="medicine", name=""):
    person = factories.enterprise_owner(username=f"unit{number}", enterprise_name=name or f"青海第{number}有限公司")
    Enterprise.objects.filter(memberships__user=person).update(city=city, industry=industry)
    return person


def reported(person, round_=None, **numbers):
    """Attachment 3 with these numbers, frozen by a submission."""
    round_ = round_ or factories.open_round()
    factories.report(factories.enterprise_of(person), round_.programme, **numbers)
    return checked.submitted(person, round_)


@pytest.fixture
def province(secretary):
    """Two cities; one enterprise that only began, one that did nothing."""
    rows = [
        reported(unit(1), employees=1000, participants=100, groups_registered=10, groups_active=9, results_count=7),
        reported(unit(2, city="6328", industry="salt_lake"), employees=500, participants=110, groups_registered=20,
                 groups_active=20, results_count=8, direct_benefit=Decimal("1234567.89")),
    ]  # fmt: skip
    factories.report(factories.enterprise_of(unit(3)), rows[0].round.programme, employees=7)
    unit(4, name="=HYPERLINK(1)公司")
    return rows


def context(client, person, query=""):
    client.force_login(person)
    answer = client.get(PAGE + query)
    assert answer.status_code == 200
    return answer.context


def values(found):
    return {line["row"].field: line["now"] for line in found["rows"]}


def test_totals_are_those_of_the_frozen_versions_and_rates_come_from_them(client, secretary, province):
    found = context(client, secretary)
    shown = values(found)
    assert (shown["employees"], shown["groups_registered"], shown["results_count"]) == ("1,500", "30", "15")
    assert shown["direct_benefit"] == "509.71"  # 3,862,500.00 + 1,234,567.89 元
    assert (shown["result_rate"], shown["participation_rate"], shown["activity_rate"]) == ("50.00", "14.00", "96.67")
    assert [entry.name for entry in found["figures"].drafts] == ["青海第3有限公司"]


def test_drafts_are_counted_only_when_asked_for(client, secretary, province):
    assert values(context(client, secretary, "?scope=all"))["employees"] == "1,507"
    assert values(context(client, secretary, "?scope=nonsense"))["employees"] == "1,500"


def test_edits_after_the_submission_do_not_count_until_they_are_submitted(client, secretary, province):
    AnnualReport.objects.filter(enterprise=province[0].enterprise).update(employees=9999)
    assert values(context(client, secretary))["employees"] == "1,500"
    factories.explain(province[0], province[0].created_by)
    checked.resubmit(province[0], province[0].created_by)
    assert ReportVersion.objects.filter(report__enterprise=province[0].enterprise).count() == 2
    assert values(context(client, secretary))["employees"] == "10,499"


def test_cities_and_industries_stand_in_their_order_with_those_that_have_nothing(client, secretary, province):
    found = context(client, secretary)
    cities = {line["label"]: line["count"] for line in found["cities"]}
    assert (cities["西宁市"], cities["海东市"], cities["海西蒙古族藏族自治州"], len(cities)) == (1, 0, 1, 8)
    industries = {line["label"]: line["count"] for line in found["industries"]}
    assert (industries["医药卫生"], industries["盐湖化工"], industries["其他"]) == (1, 1, 0)
    results = figures.COLUMNS.index("results_count")
    assert found["cities"][0]["cells"][results] == "7"


def test_the_year_before_stands_beside_with_the_change(client, secretary):
    person, now = unit(1), clock.now()
    last = factories.round_of(2024, 1, opens_at=factories.at(2024, 6, 1), closes_at=factories.at(2024, 7, 1))
    with clock.fixed(factories.at(2024, 6, 10)):
        reported(person, last, employees=1000, participants=100, groups_registered=20, results_count=10)
    reported(person, employees=1500, participants=100, groups_registered=20, results_count=12)
    found = context(client, secretary)
    lines = {line["row"].field: line for line in found["rows"]}
    assert (lines["employees"]["before"], lines["employees"]["change"]) == ("1,000", "+50.0%")
    assert (lines["result_rate"]["before"], lines["result_rate"]["change"]) == ("50.00", "+10.00 个百分点")
    assert [line["label"] for line in found["years"]] == ["2023 年", f"{now.year - 1} 年"]
    assert values(context(client, secretary, f"?programme={last.programme_id}"))["employees"] == "1,000"


def test_a_jump_is_shown_with_its_reason_what_the_enterprise_said_and_the_way_to_the_report(client, secretary):
    person = unit(1)
    with clock.fixed(factories.at(2024, 6, 10)):
        last = factories.round_of(2024, 1, opens_at=factories.at(2024, 6, 1), closes_at=factories.at(2024, 7, 1))
        reported(person, last, employees=100, participants=50)
    reported(person, employees=5000, participants=160)
    Enterprise.objects.get()  # one enterprise only: no province to compare with
    found = context(client, secretary)
    one = next(one for one in found["outliers"] if one.code == "statistics_jump_employees")
    assert one.reason == "企业职工总数与上次填报相差 5 倍以上，请核对单位和小数点。"
    page = client.get(PAGE).content.decode()
    assert reverse("admin:applications_check", args=[one.entry.filing]) in page
    client.force_login(person)
    form = client.get(reverse("applications:report_statistics", args=[factories.open_round().programme.year]))
    assert one.reason in form.content.decode()  # the enterprise is asked the same, against the same year


def test_what_was_said_about_a_warning_is_taken_from_the_frozen_version(client, secretary):
    person = unit(1)
    round_ = factories.open_round()
    factories.report(factories.enterprise_of(person), round_.programme, results_count=30, groups_registered=20)
    checked.submitted(person, round_)
    found = context(client, secretary)
    one = next(one for one in found["outliers"] if one.code == "statistics_results_above_registered")
    assert one.explanation == "已与财务、人事部门核对，填写无误。"
    assert found["unexplained"] == sum(not each.explained for each in found["outliers"])


# --- Who has not reported ---------------------------------------------------------------------------


def test_missing_are_those_without_a_frozen_report_and_looking_is_recorded(client, secretary, province):
    found = context(client, secretary)
    assert found["missing"] == 2
    answer = client.get(MISSING)
    rows = {row.name: row.has_draft for row in answer.context["page"]}
    assert rows == {"青海第3有限公司": True, "=HYPERLINK(1)公司": False}
    assert 'href="tel:13900000042"' in answer.content.decode()
    event = AuditEvent.objects.get(verb="figures.phones_viewed")
    assert (event.actor, event.data) == (secretary, {"rows": 2})


def test_who_reported_last_year_comes_first_and_who_registered_later_is_not_asked(client, secretary):
    round_ = factories.open_round()
    with clock.fixed(factories.at(2024, 6, 10)):
        last = factories.round_of(2024, 1, opens_at=factories.at(2024, 6, 1), closes_at=factories.at(2024, 7, 1))
        reported(unit(9), last)
    unit(1)
    late = factories.enterprise_of(unit(2))
    Enterprise.objects.filter(pk=late.pk).update(created_at=round_.closes_at)
    rows = [(row.name, row.reported_before) for row in reports.missing(round_.programme)]
    assert rows == [("青海第9有限公司", True), ("青海第1有限公司", False)]


# --- The workbook -----------------------------------------------------------------------------------


def book_of(client, person, query=""):
    client.force_login(person)
    answer = client.get(EXPORT + query)
    assert answer.status_code == 200
    return load_workbook(io.BytesIO(answer.content))


def as_cell(value):
    """What openpyxl reads back of a number of ours."""
    return None if value is None else float(value)


def column(sheet, letter, count):
    return [sheet[f"{letter}{ROW + place}"].value for place in range(count)]


def test_the_workbook_holds_every_computed_figure(client, secretary, province):
    book = book_of(client, secretary)
    assert tuple(book.sheetnames) == workbook.SHEETS
    gathered = reports.frozen([province[0].round.programme])[0].entries
    total = sums.total(gathered)
    fields = [row.field for row in statistics.ROWS]
    expected = [as_cell(workbook.cell_value(field, total)) for field in fields]
    assert column(book["汇总"], "D", 19) == expected
    assert column(book["汇总"], "B", 19) == [row.label for row in statistics.ROWS]
    cities = reports.by_city(gathered)
    for place, line in enumerate([*cities, sums.Line("", "合计", total)]):
        cells = [cell.value for cell in list(book["分市州"].columns)[3 + place]][workbook.HEAD_ROW - 1 : ROW + 19]
        assert cells == [
            line.label, line.total.enterprises, *(as_cell(workbook.cell_value(field, line.total)) for field in fields)
        ]  # fmt: skip
    industries = [cell.value for cell in book["分行业"][workbook.HEAD_ROW]][3:]
    assert industries == [*(line.label for line in reports.by_industry(gathered)), "合计"]
    for place, entry in enumerate(gathered):
        cells = [cell.value for cell in book["分企业"][ROW + place]]
        one = sums.total([entry])
        assert cells[1] == entry.name
        assert cells[5:] == [as_cell(workbook.cell_value(field, one)) for field in fields]
    last = [cell.value for cell in book["分企业"][ROW + len(gathered)]]
    assert last[5:] == expected


def test_the_same_numbers_stand_on_the_page_and_in_the_workbook(client, secretary, province):
    shown = [line["now"] for line in context(client, secretary)["rows"]]
    cells = [book_of(client, secretary)["汇总"][f"D{ROW + place}"] for place in range(19)]

    def printed(cell):
        if cell.value is None:
            return "—"
        return f"{cell.value:,.2f}" if cell.number_format in {workbook.MONEY, workbook.RATE} else f"{cell.value:,}"

    assert [printed(cell) for cell in cells] == shown


def test_what_a_person_typed_never_becomes_a_formula(client, secretary, province):
    book = book_of(client, secretary)
    names = [row[1].value for row in book["缺报单位"].iter_rows(min_row=ROW)]
    assert names == ["'=HYPERLINK(1)公司", "青海第3有限公司"]
    assert [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []


def test_each_sheet_prints_on_a4_landscape_with_titles_and_page_numbers(client, secretary, province):
    for sheet in book_of(client, secretary):
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage is True
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.print_title_rows == "$1:$4"
        assert sheet.freeze_panes.endswith(str(ROW))
        assert "&P" in sheet.oddFooter.center.text
        assert "&D" in sheet.oddFooter.left.text
        assert "金额单位：万元" in sheet["A3"].value


def test_missing_ones_and_outliers_are_in_the_workbook_and_the_export_is_recorded(client, secretary):
    person = unit(1)
    round_ = factories.open_round()
    factories.report(factories.enterprise_of(person), round_.programme, results_count=30, groups_registered=20)
    checked.submitted(person, round_)
    unit(2)
    book = book_of(client, secretary)
    row = [cell.value for cell in book["缺报单位"][ROW]]
    assert row[1:6] == ["青海第2有限公司", "西宁市", "医药卫生", "未报", "未填写"]
    assert row[6:] == ["马启明", "13900000042", "zlb@huguang.example"]
    row = [cell.value for cell in book["异常值"][ROW]]
    assert (row[1], row[5]) == ("青海第1有限公司", "已与财务、人事部门核对，填写无误。")
    event = AuditEvent.objects.get(verb="figures.exported")
    assert (event.actor, event.data) == (secretary, {"scope": "frozen", "rows": 1})


def test_the_same_content_gives_the_same_bytes(client, secretary, province):
    client.force_login(secretary)
    with clock.fixed(clock.now()):
        assert client.get(EXPORT).content == client.get(EXPORT).content


def test_an_auditor_looks_and_exports_and_before_any_year_the_page_says_what_to_do(client, auditor):
    client.force_login(auditor)
    assert "还没有年度活动" in client.get(PAGE).content.decode()
    assert client.get(EXPORT).status_code == 404
    assert client.get(MISSING).status_code == 200
    factories.programme(2026)
    assert "这一年还没有单位提交附件 3" in client.get(PAGE).content.decode()
    assert client.get(EXPORT).status_code == 200
