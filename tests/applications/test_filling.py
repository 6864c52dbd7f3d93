"""填报完成: marked by those who fill in, seen by those who submit."""

import pytest
from django.urls import reverse

from applications.actions import drafts, filling
from applications.models import Application
from applications.states import State
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent, MailMessage
from tests import factories


@pytest.fixture
def clerk(owner):
    return factories.colleague(owner, username="clerk", name="李文静", role="clerk")


@pytest.fixture
def application(owner, clerk):
    row = factories.complete_draft(owner)
    row.clerks.add(clerk)
    return row


def fresh(application):
    return Application.objects.get(pk=application.pk)


def test_a_clerk_marks_a_filing_complete_and_the_managing_people_are_told(application, clerk, owner):
    factories.colleague(owner, username="manager", name="才让卓玛", role="manager")
    filling.mark_filled(application, actor=clerk)
    row = fresh(application)
    assert (row.filling, row.filled_by, row.state) == ("done", clerk, State.DRAFT)
    told = MailMessage.objects.filter(subject__startswith="填报完成")
    assert told.count() == 2
    assert "红柳QC小组" in told[0].subject
    assert AuditEvent.objects.filter(verb="application.filled").count() == 1
    filling.mark_filled(row, actor=clerk)
    assert MailMessage.objects.filter(subject__startswith="填报完成").count() == 2  # once is enough


def test_an_edit_afterwards_shows_and_can_be_marked_again(application, clerk):
    filling.mark_filled(application, actor=clerk)
    row = drafts.save_section(
        fresh(application), actor=clerk, section="contact", values={"contact_name": "马海燕"},
        seen_version=fresh(application).edit_version,
    )  # fmt: skip
    assert fresh(row).filling == "changed"
    filling.mark_filled(row, actor=clerk)
    assert fresh(row).filling == "done"
    filling.unmark_filled(row, actor=clerk)
    assert fresh(row).filling == ""


def test_who_manages_is_not_mailed_about_their_own_mark(application, owner):
    filling.mark_filled(application, actor=owner)
    assert not MailMessage.objects.filter(subject__startswith="填报完成").exists()


def test_marking_is_refused_to_others_and_after_the_deadline(application, clerk, owner):
    uninvited = factories.colleague(owner, username="clerk2", name="韩小青", role="clerk")
    with pytest.raises(NotAllowed):
        filling.mark_filled(application, actor=uninvited)
    application.round.closes_at = clock.now()
    application.round.save()
    with pytest.raises(Refusal) as refused:
        filling.mark_filled(fresh(application), actor=clerk)
    assert refused.value.code == "after_deadline"


def test_the_pages_offer_show_and_undo_it(client, application, clerk, owner):
    detail = reverse("applications:detail", args=[application.uuid])
    client.force_login(clerk)
    assert "标记填报完成" in client.get(detail).content.decode()
    answer = client.post(reverse("applications:filled", args=[application.uuid]), follow=True)
    assert "已通知单位负责人和质量主管" in answer.content.decode()
    assert "李文静" in answer.content.decode()
    client.force_login(owner)
    assert "待核对提交" in client.get(reverse("applications:workspace")).content.decode()
    client.post(reverse("applications:filled", args=[application.uuid]), {"undo": "1"})
    assert fresh(application).filling == ""
