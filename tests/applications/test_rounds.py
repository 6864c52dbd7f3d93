"""Dates of a round: free before anybody relies on them, longer only afterwards, with a reason and with letters."""

from datetime import timedelta

import pytest
from django.urls import reverse

from applications.actions import closing, rounds
from applications.actions.rounds import Dates, Wrong, change_round
from applications.extensions import affected
from applications.models import Extension, Round
from qcportal import clock
from qcportal.errors import NotAllowed
from qcportal.models import AuditEvent, MailMessage
from tests import factories

pytestmark = pytest.mark.django_db


def _dates(row: Round, **changes) -> Dates:
    now = Dates(row.opens_at, row.closes_at, row.stamped_due_at, row.paper_due_at, row.event_month, False)
    return now._replace(**changes)


@pytest.fixture
def running():
    return factories.open_round()


@pytest.fixture
def ahead():
    now = clock.now()
    return factories.round_of(
        2026, 1, opens_at=now + timedelta(days=5), closes_at=now + timedelta(days=20),
        stamped_due_at=now + timedelta(days=27), paper_due_at=now + timedelta(days=27),
    )  # fmt: skip


def test_before_anybody_relies_on_it_a_deadline_is_simply_changed(ahead, secretary):
    earlier = ahead.closes_at - timedelta(days=3)
    change_round(ahead, actor=secretary, dates=_dates(ahead, closes_at=earlier))
    ahead.refresh_from_db()
    assert ahead.closes_at == earlier
    assert not Extension.objects.exists()
    assert list(AuditEvent.objects.get(verb="round.changed").after) == ["closes_at"]


def test_a_draft_alone_makes_people_rely_on_it(ahead, owner):
    assert not rounds.is_relied_on(ahead, clock.now())
    factories.draft(owner, ahead)
    assert rounds.is_relied_on(ahead, clock.now())


def test_a_later_deadline_of_a_running_round_is_an_extension_with_letters(running, owner, secretary):
    factories.draft(owner, running)
    later = running.closes_at + timedelta(days=2)
    changed = change_round(running, actor=secretary, dates=_dates(running, closes_at=later), reason="暴雪停电")
    running.refresh_from_db()
    assert changed.extension.new_deadline == later
    assert running.closes_at < later
    assert running.deadline_for(None) == later
    letter = MailMessage.objects.get(subject__startswith="申报延期")
    assert letter.to == owner.email
    assert "暴雪停电" in letter.body
    assert "尚未提交" in letter.body


def test_without_a_reason_it_is_refused_beside_the_field(running, secretary):
    with pytest.raises(Wrong) as wrong:
        change_round(running, actor=secretary, dates=_dates(running, closes_at=running.closes_at + timedelta(days=2)))
    assert list(wrong.value.errors) == ["reason"]
    assert not Extension.objects.exists()


@pytest.mark.parametrize(
    ("name", "days"), [("closes_at", -1), ("opens_at", 1), ("stamped_due_at", -1), ("paper_due_at", -1)]
)
def test_a_running_round_is_not_shortened(running, secretary, name, days):
    with pytest.raises(Wrong) as wrong:
        change_round(
            running,
            actor=secretary,
            reason="改",
            dates=_dates(running, **{name: getattr(running, name) + timedelta(days)}),
        )
    assert name in wrong.value.errors
    running.refresh_from_db()
    assert not AuditEvent.objects.filter(verb="round.changed").exists()


def test_the_deadline_that_holds_is_the_extended_one(running, secretary):
    later = running.closes_at + timedelta(days=4)
    change_round(running, actor=secretary, dates=_dates(running, closes_at=later), reason="停电")
    running = Round.objects.get(pk=running.pk)
    with pytest.raises(Wrong):
        change_round(running, actor=secretary, dates=_dates(running, closes_at=later - timedelta(days=1)), reason="改")
    change_round(running, actor=secretary, dates=_dates(running, closes_at=later))
    assert Extension.objects.count() == 1


def test_paper_never_comes_before_the_deadline(running, secretary):
    later = running.paper_due_at + timedelta(days=1)
    with pytest.raises(Wrong) as wrong:
        change_round(running, actor=secretary, dates=_dates(running, closes_at=later), reason="停电")
    assert set(wrong.value.errors) == {"stamped_due_at", "paper_due_at"}


def test_the_order_of_both_rounds_holds_for_extensions_too(running, secretary):
    second = factories.round_of(
        running.programme.year, 2, opens_at=running.closes_at, closes_at=running.closes_at + timedelta(days=3),
        stamped_due_at=running.closes_at + timedelta(days=9), paper_due_at=running.closes_at + timedelta(days=9),
    )  # fmt: skip
    with pytest.raises(Wrong) as wrong:
        change_round(
            running,
            actor=secretary,
            reason="停电",
            dates=_dates(running, closes_at=second.closes_at + timedelta(days=1)),
        )
    assert "先后次序不符" in wrong.value.errors["closes_at"]


def test_only_the_secretariat_changes_rounds(running, auditor):
    with pytest.raises(NotAllowed):
        change_round(running, actor=auditor, dates=_dates(running))


def test_whom_an_extension_touches(running, owner, rival):
    mine, other = factories.draft(owner, running), factories.draft(rival, running)
    found = affected(running, None)
    assert ({row.pk for row in found.unfinished}, found.enterprises) == ({mine.pk, other.pk}, 2)
    running.closes_at = clock.now() - timedelta(hours=1)
    running.save()
    closing.close_due_rounds(clock.now())
    found = affected(running, factories.enterprise_of(owner))
    assert [row.pk for row in found.reopened] == [mine.pk]
    assert [one.user for one in found.owners] == [owner]


# --- pages ---------------------------------------------------------------------------------------


def _typed(client, address, **changes):
    form = client.get(address).context["form"]
    typed = {name: str(value) for name, value in form.initial.items() if value not in (False, None)}
    return {**typed, **changes}


def test_the_page_asks_before_it_extends(client, running, owner, secretary):
    factories.draft(owner, running)
    client.force_login(secretary)
    address = reverse("admin:programme_round", args=[running.programme.year, 1])
    later = (running.closes_at + timedelta(days=3)).date()
    typed = _typed(client, address, closes_on=str(later), reason="网络中断")
    page = client.post(address, typed)
    assert "1 个单位" in page.content.decode()
    assert "网络中断" in page.content.decode()
    assert not Extension.objects.exists()
    assert client.post(address, {**typed, "confirm": "1"}).status_code == 302
    assert Extension.objects.get().reason == "网络中断"


def test_the_page_says_beside_the_field_why_it_refuses(client, running, secretary):
    client.force_login(secretary)
    address = reverse("admin:programme_round", args=[running.programme.year, 1])
    earlier = (running.closes_at - timedelta(days=3)).date()
    page = client.post(address, _typed(client, address, closes_on=str(earlier)))
    assert "截止时间不能提前" in str(page.context["form"].errors["closes_on"])
    assert str(earlier) in page.content.decode()


def test_one_enterprise_gets_its_extension_after_a_look(client, running, owner, rival, secretary):
    factories.draft(owner, running)
    factories.draft(rival, running)
    client.force_login(secretary)
    address = reverse("admin:programme_extend", args=[running.programme.year])
    unit = factories.enterprise_of(owner)
    day = (running.closes_at + timedelta(days=3)).date()
    typed = {"round": running.pk, "enterprise": unit.credit_code, "new_day": str(day), "reason": "停电"}
    page = client.post(address, typed)
    assert page.context["asked"].enterprises == 1
    assert client.post(address, {**typed, "confirm": "1"}).status_code == 302
    assert Extension.objects.get().enterprise == unit
    unknown = client.post(address, {**typed, "enterprise": "没有这个单位"})
    assert "没有找到这个单位" in unknown.content.decode()
