"""缓评: only the enterprise's click carries a filing to the next round, also while that round is not there yet."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

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


# --- in the workspace ---------------------------------------------------------------------------------


def workspace(client):
    return client.get(reverse("applications:workspace"))


def test_the_workspace_says_what_being_put_off_means_and_until_when_one_may_choose(client, owner, deferred):
    client.force_login(owner)
    answer = workspace(client)
    body = answer.content.decode()
    assert "缓评不是不通过" in body
    assert "不选择就不转入" in body
    assert "下一期的日期还没有公布" in body
    assert "还没有选择" in body
    row = answer.context["deferred"][0]
    assert (row.note, row.action, row.url) == (
        "请选择是否转入下一期", "选择", reverse("applications:carry_over", args=[deferred.uuid]),
    )  # fmt: skip
    assert answer.context["step"].url == row.url
    round_ = later_round(deferred)
    body = workspace(client).content.decode()
    local = timezone.localtime(round_.closes_at - timedelta(seconds=1))
    assert f"转入{round_}，现在开放" in body
    assert f"{local.month}月{local.day}日" in body


def test_after_the_choice_the_workspace_says_which_and_where_the_draft_is(client, owner, clerk, deferred):
    carrying.answer(deferred, actor=owner, wants=False)
    client.force_login(owner)
    answer = workspace(client)
    assert "已选择不转入" in answer.content.decode()
    assert (answer.context["deferred"][0].action, answer.context["step"]) != ("选择", None)
    carrying.answer(deferred, actor=owner, wants=True)
    assert "已选择转入" in workspace(client).content.decode()
    later_round(deferred)
    carrying.carry_waiting(clock.now())
    draft = drafts(deferred).get()
    body = workspace(client).content.decode()
    assert f"已转入{draft.round}，请核对新草稿后提交" in body
    assert reverse("applications:detail", args=[draft.uuid]) in body


def test_a_clerk_reads_who_may_choose_and_chooses_nothing(client, clerk, deferred):
    deferred.clerks.add(clerk)
    client.force_login(clerk)
    answer = workspace(client)
    assert "由单位负责人或质量主管选择。" in answer.content.decode()
    assert reverse("applications:carry_over", args=[deferred.uuid]) not in answer.content.decode()
