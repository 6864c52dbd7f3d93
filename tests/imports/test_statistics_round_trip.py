"""Attachment 3: out as a workbook, filled by a script, in again, compared field by field."""

import io
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.formula import Tokenizer

from applications import exchange, statistics
from applications.actions import reports
from applications.field_list import FieldList
from applications.imports import statistics_form, statistics_sheet
from applications.imports.destinations import StatisticsDestination
from applications.imports.gate import open_office
from applications.models import PendingImport
from tests import factories

VALUES = {
    "employees": 1250,
    "groups_cumulative": 120,
    "groups_registered": 20,
    "groups_problem_solving": 15,
    "groups_innovation": 5,
    "groups_active": 18,
    "participants": 160,
    "results_count": 12,
    "direct_benefit": Decimal("3862500.01"),
    "cumulative_benefit": Decimal("38625000.00"),
    "training_attendances": 320,
    "suggestions": 88,
    "promoters": 3,
    "awards_national": 0,
    "awards_provincial": 2,
    "awards_municipal": 4,
    "filled_by": "李文静",
    "responsible_person": "才让·卓玛",
}


def filled_by_script(content: bytes, values: dict) -> io.BytesIO:
    book = load_workbook(io.BytesIO(content))
    sheet = book.active
    for field, value in values.items():
        if field in statistics_form.Filled().signers:
            sheet[f"C{statistics_form.Filled().signers[field][1]}"] = value
        else:
            typed = float(statistics.to_wan(value)) if field in statistics.MONEY else value
            sheet[f"E{statistics_form.Filled().places[field]}"] = typed
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    stream.name = "附件3.xlsx"
    return stream


@pytest.fixture
def round_(owner):
    return factories.open_round()


@pytest.mark.django_db
def test_every_field_comes_back_as_it_was_filled_in(client, owner, round_):
    client.force_login(owner)
    year = round_.programme.year
    form = client.get(reverse("applications:statistics_form", args=[year]))
    content = b"".join(form.streaming_content)
    stream = filled_by_script(content, VALUES)
    answer = client.post(reverse("applications:statistics_upload", args=[year]), {"file": stream})
    page = client.get(answer.url)
    review = page.context["review"]
    assert not review.problems
    assert {line.cell.key for line in review.additions} == set(VALUES)
    assert PendingImport.objects.get().notices == []
    client.post(answer.url, {"all": "1", "seen_version": page.context["destination"].version})
    report = factories.enterprise_of(owner).reports.get()
    assert {field: getattr(report, field) for field in VALUES} == VALUES


@pytest.mark.django_db
def test_a_form_exported_from_the_stored_version_is_trusted_with_its_changes(client, owner, round_):
    factories.report(factories.enterprise_of(owner), round_.programme)
    client.force_login(owner)
    year = round_.programme.year
    content = b"".join(client.get(reverse("applications:statistics_form", args=[year])).streaming_content)
    stream = filled_by_script(content, {"employees": 1300})
    answer = client.post(reverse("applications:statistics_upload", args=[year]), {"file": stream})
    (line,) = client.get(answer.url).context["review"].overwrites
    assert (line.cell.key, line.current, line.value, line.ticked) == ("employees", "1,250 人", "1,300 人", True)


@pytest.mark.django_db
def test_the_frozen_workbook_of_the_bundle_reads_as_well(owner, round_):
    enterprise = factories.enterprise_of(owner)
    rows = [
        {"field": field, "value": str(statistics.to_wan(value) if field in statistics.MONEY else value)}
        for field, value in VALUES.items()
        if field in statistics.FIELDS
    ]
    data = {"enterprise": {"name": enterprise.name}, "programme": {"data_year": 2025}, "statistics": rows}
    content = exchange.statistics_workbook(data, {"filled_by": "李文静", "responsible_person": "才让·卓玛"})
    destination = StatisticsDestination(enterprise, round_.programme)
    reading = statistics_sheet.read(open_office(io.BytesIO(content), "xlsx"), destination)
    cleaned = destination.clean({cell.key: cell.entry for cell in reading.cells})
    assert cleaned.values == VALUES
    assert cleaned.problems == {}


def nobody(year: int = 2026) -> SimpleNamespace:
    """A destination as far as a reader looks at it."""
    return SimpleNamespace(
        programme=SimpleNamespace(year=year, data_year=year - 1, fields=FieldList()),
        enterprise=SimpleNamespace(credit_code=""),
    )


COUNTS = st.integers(0, 10_000_000)
MONEY = st.decimals(0, 90_000_000_000, places=2)


@given(
    st.fixed_dictionaries(
        {}, optional={name: MONEY if name in statistics.MONEY else COUNTS for name in statistics.FIELDS}
    )
)
def test_whatever_numbers_are_filled_in_come_back(values):
    if not values:
        return
    content = statistics_form.workbook(statistics_form.Filled(year=2026, data_year=2025, values=values))
    reading = statistics_sheet.read(open_office(io.BytesIO(content), "xlsx"), nobody())
    cells = {cell.key: cell for cell in reading.cells}
    form = StatisticsDestination.form({**_entries(cells), "seen_version": "0"})
    assert form.is_valid(), form.errors
    assert {name: form.cleaned_data[name] for name in values} == values


def _entries(cells):
    return {key: cell.entry for key, cell in cells.items()}


def test_the_form_is_locked_but_for_its_input_cells_and_its_formulas_are_well_formed():
    content = statistics_form.workbook(statistics_form.Filled(year=2026, data_year=2025))
    assert content == statistics_form.workbook(statistics_form.Filled(year=2026, data_year=2025))
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet.protection.sheet
    assert not sheet.protection.password
    unlocked = {cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
    inputs = {f"E{place}" for field, place in statistics_form.Filled().places.items() if field in statistics.FIELDS}
    assert inputs <= unlocked
    assert len(unlocked - inputs) == 4
    checks = sheet.data_validations.dataValidation
    assert {check.type for check in checks} == {"whole", "decimal", "textLength"}
    formulas = [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert len(formulas) == len(statistics.ROWS) + len(statistics.COMPUTED)
    for formula in formulas:
        assert formula.count("(") == formula.count(")")
        assert Tokenizer(formula).items


@pytest.mark.django_db
def test_names_cannot_become_formulas_in_the_form(owner, round_):
    content = statistics_form.workbook(
        statistics_form.Filled(unit="=cmd|' /C calc'!A0", year=2026, data_year=2025, values={"filled_by": "@SUM(A1)"})
    )
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet["C25"].value == "'@SUM(A1)"
    assert sheet["A2"].data_type == "s"
    assert reports.STATISTICS_FIELDS
