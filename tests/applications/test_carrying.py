"""缓评: only the enterprise's click carries a filing to the next round, also while that round is not there yet."""

from datetime import timedelta

import pytest
from django.urls import reverse

from applications.actions import carrying, checking, copying
from applications.models import Application, CarryAnswer, Membership, Round
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent, MailMessage
from tests import factories
from tests.applications import checked

pytestmark = pytest.mark.django_db


@pytest.fixture
def deferred(owner, secretary):
    filed = checked.submitted(owner)
    return checking.defer(checked.open_check(filed, secretary), actor=secretary, reason="效果尚需验证")


def later_round(deferred, *, opens_in=-1):
    now = clock.now()
    return Round.objects.create(
        programme=factories.programme(deferred.round.programme.year + 1), number=1,
        opens_at=now + timedelta(days=opens_in), closes_at=now + timedelta(days=90),
        stamped_due_at=now + timedelta(days=95), paper_due_at=now + timedelta(days=95),
    )  # fmt: skip


def url(name, filing):
    return reverse(f"applications:{name}", args=[filing.uuid])


def refused(code, function, *args, **kwargs):
    with pytest.raises(Refusal) as caught:
        function(*args, **kwargs)
    assert caught.value.code == code


def drafts(deferred):
    return Application.objects.filter(carried_from=deferred)


def test_nothing_is_carried_without_a_click(deferred):
    later_round(deferred)
    assert carrying.carry_waiting(clock.now()) == 0
    assert not drafts(deferred).exists()


def test_the_page_asks_clearly_and_yes_makes_the_draft(client, owner, deferred):
    target = later_round(deferred)
    client.force_login(owner)
    assert "是否转入下一期？" in client.get(url("detail", deferred)).text
    page = client.get(url("carry_over", deferred)).text
    assert "不转入" in page
    assert str(target) in page
    wanted = deferred.evidence.first()
    client.post(url("carry_over", deferred), {"answer": "yes", "evidence": [str(wanted.uuid)]})
    made = drafts(deferred).get()
    assert made.round == target
    assert made.evidence.get().file_id == wanted.file_id
    assert CarryAnswer.objects.get().wants


def test_no_is_kept_and_may_be_taken_back(client, owner, deferred, secretary):
    later_round(deferred)
    client.force_login(owner)
    client.post(url("carry_over", deferred), {"answer": "no"})
    assert not drafts(deferred).exists()
    assert "已选择不转入下一期" in client.get(url("detail", deferred)).text
    assert carrying.carry_waiting(clock.now()) == 0
    client.force_login(secretary)
    staff_page = reverse("admin:applications_check", args=[deferred.pk])
    assert "单位已选择不转入下一期" in client.get(staff_page).text
    client.force_login(owner)
    client.post(url("carry_over", deferred), {"answer": "yes"})
    assert drafts(deferred).exists()


def test_a_yes_before_the_round_opens_waits_and_then_makes_one_draft(client, owner, deferred):
    client.force_login(owner)
    assert "下一期还没有开放" in client.get(url("detail", deferred)).text
    wanted = deferred.evidence.first()
    client.post(url("carry_over", deferred), {"answer": "yes", "evidence": [str(wanted.uuid)]})
    assert "已选择转入下一期" in client.get(url("detail", deferred)).text
    assert carrying.carry_waiting(clock.now()) == 0
    target = later_round(deferred, opens_in=2)
    assert f"{target}于" in client.get(url("carry_over", deferred)).text
    assert carrying.carry_waiting(clock.now()) == 0
    opened = clock.now() + timedelta(days=3)
    with clock.fixed(opened):
        assert carrying.carry_waiting(opened) == 1
        assert carrying.carry_waiting(opened) == 0
    made = drafts(deferred).get()
    assert (made.round, made.state) == (target, "draft")
    assert made.evidence.get().file_id == wanted.file_id
    mail = MailMessage.objects.latest("id")
    assert str(made.uuid) in mail.body
    assert mail.subject.startswith(f"已转入{target}")


def test_who_left_meanwhile_carries_nothing(owner, deferred):
    carrying.answer(deferred, actor=owner, wants=True)
    later_round(deferred)
    Membership.objects.filter(user=owner).update(is_active=False)
    assert carrying.carry_waiting(clock.now()) == 0
    assert not drafts(deferred).exists()


def test_every_answer_is_on_the_trail(owner, deferred):
    carrying.answer(deferred, actor=owner, wants=False)
    event = AuditEvent.objects.about(deferred).get(verb="application.carry_answered")
    assert (event.actor, event.after) == (owner, {"wants": False})


def test_only_managers_of_a_deferred_filing_answer(owner, clerk, rival, deferred):
    deferred.clerks.add(clerk)
    for person in (clerk, rival):
        with pytest.raises(NotAllowed):
            carrying.answer(deferred, actor=person, wants=True)
    refused("bad_state", carrying.answer, checked.submitted(rival, deferred.round), actor=rival, wants=True)
    copying.carry_over(deferred, later_round(deferred), actor=owner)
    refused("already_carried", carrying.answer, deferred, actor=owner, wants=False)
