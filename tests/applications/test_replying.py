"""An answer to each remark of a return."""

from datetime import timedelta

import pytest
from django.urls import reverse

from applications.actions import checking, replying
from applications.actions.checking import RemarkText
from applications.models import Application, RemarkReply
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent
from tests import factories
from tests.applications import checked


@pytest.fixture
def returned(owner, secretary):
    application = checked.submitted(owner)
    check = checked.open_check(application, secretary)
    checking.return_for_correction(
        check, actor=secretary, open_fields=[], correction_due_at=clock.now() + timedelta(days=5),
        remarks=[RemarkText("economic_benefit", "请核对效益"), RemarkText("evidence.benefit", "请补盖章")],
    )  # fmt: skip
    return Application.objects.get(pk=application.pk)


def remark(application, number=0):
    return application.checks.get().remarks.all()[number]


def test_each_remark_takes_an_answer_that_can_be_bettered(returned, owner):
    replying.reply_to_remark(remark(returned), actor=owner, text="已按财务口径更正。")
    replying.reply_to_remark(remark(returned), actor=owner, text="已按财务口径更正为 52 万元。")
    assert RemarkReply.objects.get().text == "已按财务口径更正为 52 万元。"
    assert AuditEvent.objects.filter(verb="remark.replied").count() == 2


@pytest.mark.parametrize("text", ["", "  ", "长" * 501])
def test_an_empty_or_too_long_answer_is_refused(returned, owner, text):
    with pytest.raises(Refusal):
        replying.reply_to_remark(remark(returned), actor=owner, text=text)


def test_others_and_late_answers_are_refused(returned, owner, rival):
    with pytest.raises(NotAllowed):
        replying.reply_to_remark(remark(returned), actor=rival, text="已改")
    Application.objects.filter(pk=returned.pk).update(correction_due_at=clock.now())
    with pytest.raises(Refusal) as refused:
        replying.reply_to_remark(remark(returned), actor=owner, text="已改")
    assert refused.value.code == "after_deadline"


def test_after_the_next_submission_an_answer_is_final_and_the_checker_reads_it(
    client, returned, owner, secretary, settings
):
    settings.STAFF_SECOND_FACTOR = False
    client.force_login(owner)
    detail = reverse("applications:detail", args=[returned.uuid])
    assert "答复这条意见" in client.get(detail).content.decode()
    client.post(
        reverse("applications:remark_reply", args=[returned.uuid, remark(returned).pk]), {"text": "已更正为 52 万元。"}
    )
    assert "已更正为 52 万元。" in client.get(detail).content.decode()
    application = checked.resubmit(Application.objects.get(pk=returned.pk), owner)
    with pytest.raises(Refusal):
        replying.reply_to_remark(remark(application), actor=owner, text="再改")
    client.force_login(secretary)
    text = client.get(reverse("admin:applications_check", args=[application.pk])).content.decode()
    assert "单位答复：已更正为 52 万元。" in text
    assert "单位没有答复这条" in text


def test_a_remark_of_another_filing_is_not_there(client, returned, owner):
    other = factories.draft(owner, returned.round)
    client.force_login(owner)
    address = reverse("applications:remark_reply", args=[other.uuid, remark(returned).pk])
    assert client.post(address, {"text": "已改"}).status_code == 404


def test_the_submit_page_shows_remarks_and_takes_an_answer_with_one_press(client, returned, owner):
    client.force_login(owner)
    submit = reverse("applications:submit", args=[returned.uuid])
    page = client.get(submit)
    assert "2 条还没有答复" in page.content.decode()
    assert page.content.decode().count("已按意见修改<span") == 2
    first = remark(returned)
    answer = client.post(submit, {"reply": first.pk})
    assert answer.status_code == 302
    assert answer.url == f"{submit}#remark-{first.pk}"
    assert RemarkReply.objects.get().text == replying.DONE
    text = client.get(submit).content.decode()
    assert "1 条还没有答复" in text
    assert "马启明 答复：已按意见修改。" in text


def test_the_press_answers_only_remarks_of_this_filing(client, returned, owner, secretary):
    client.force_login(owner)
    submit = reverse("applications:submit", args=[returned.uuid])
    for number in ("0", "999999", "x", "9" * 40):
        assert client.post(submit, {"reply": number}).status_code == 404
    assert not RemarkReply.objects.exists()
