"""A round that a year lacks is added with the dates of the notice, checked against its sister."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from applications.actions import new_rounds, programmes
from applications.actions.rounds import FIELDS, Dates, Wrong
from applications.models import CalendarEntry, Round
from events.models import Event
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent
from tests.factories import at

pytestmark = pytest.mark.django_db
NOW = at(2026, 6, 10, 9)


@pytest.fixture
def programme():
    """2026 without its second round."""
    made = programmes.create_programme(year=2026)
    made.rounds.filter(number=2).delete()
    made.calendar.filter(kind=CalendarEntry.Kind.EVENT, starts_on__month=12).delete()
    return made


def _dates(row, **changes):
    return Dates(**{name: getattr(row, name) for name in FIELDS})._replace(**changes)


def _add(programme, secretary, **changes):
    row = new_rounds.suggested(programme, 2)
    with clock.fixed(NOW):
        return new_rounds.add_round(programme, 2, actor=secretary, dates=_dates(row, **changes))


def test_the_second_round_as_the_notice_has_it(programme):
    row = new_rounds.suggested(programme, 2)
    # 20 October 2026 is a Tuesday: five working days later is the 27th.
    assert (row.opens_at, row.closes_at, row.paper_due_at) == (at(2026, 7, 1), at(2026, 10, 21), at(2026, 10, 28))
    assert row.event_month == "12 月，具体安排另行通知"
    assert row.pk is None
    assert new_rounds.missing_numbers(programme) == [2]


def test_it_is_added_with_its_month_in_the_calendar_and_its_event(programme, secretary):
    row, said = _add(programme, secretary)
    assert Round.objects.get(programme=programme, number=2).closes_at == row.closes_at
    entry = programme.calendar.get(kind=CalendarEntry.Kind.EVENT, starts_on=date(2026, 12, 1))
    assert entry.date_is_month_only
    event = Event.objects.get(round=row)
    assert (event.is_published, event.slug) == (False, "2026-2")
    assert any("第二期发布会" in sentence for sentence in said)
    assert any("未公布" in sentence for sentence in said)
    assert AuditEvent.objects.get(verb="round.added").actor == secretary


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"closes_at": at(2026, 6, 20), "opens_at": at(2026, 6, 11)}, "closes_at"),
        ({"paper_due_at": at(2026, 10, 1)}, "paper_due_at"),
        ({"opens_at": at(2026, 11, 1)}, "closes_at"),
        ({"opens_at": at(2026, 5, 1)}, "opens_at"),
    ],
)
def test_dates_that_contradict_are_refused_and_nothing_is_made(programme, secretary, changes, name):
    with pytest.raises(Wrong) as wrong:
        _add(programme, secretary, **changes)
    assert name in wrong.value.errors
    assert programme.rounds.count() == 1
    assert not AuditEvent.objects.filter(verb="round.added").exists()


def test_a_deadline_that_has_passed_is_refused(programme, secretary):
    row = new_rounds.suggested(programme, 2)
    with clock.fixed(row.closes_at + timedelta(days=1)), pytest.raises(Wrong) as wrong:
        new_rounds.add_round(programme, 2, actor=secretary, dates=_dates(row))
    assert "已经过去" in wrong.value.errors["closes_at"]


def test_twice_and_by_others_it_is_refused(programme, secretary, auditor):
    row = new_rounds.suggested(programme, 2)
    with pytest.raises(NotAllowed):
        new_rounds.add_round(programme, 2, actor=auditor, dates=_dates(row))
    _add(programme, secretary)
    with pytest.raises(Refusal) as refused:
        _add(programme, secretary)
    assert refused.value.code == "exists"


def test_the_years_page_finds_it_missing_and_leads_to_it(client, programme, secretary):
    client.force_login(secretary)
    address = reverse("admin:programme_round_add", args=[2026, 2])
    with clock.fixed(NOW):
        page = client.get(reverse("admin:programme_year", args=[2026])).content.decode()
        assert page.count(f'href="{address}"') == 2, "in the self-check and beside the rounds"
        form = client.get(address)
        typed = {name: str(value) for name, value in form.context["form"].initial.items()}
        refused = client.post(address, {**typed, "closes_on": "2026-06-25", "email_still_required": ""})
        assert "两期的先后次序不符" in refused.content.decode()
        assert 'value="2026-06-25"' in refused.content.decode()
        done = client.post(address, {**typed, "email_still_required": ""}, follow=True)
        assert done.redirect_chain[-1][0] == "/admin/years/2026/"
        assert "新建第二期" not in done.content.decode()
        assert client.get(address).status_code == 302, "it exists now"
    assert Round.objects.get(number=2).closes_at == at(2026, 10, 21)
