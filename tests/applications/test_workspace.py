"""工作台: what each kind of person finds there, and that it asks the database the same for one filing or many."""

from datetime import timedelta

import pytest
from django.urls import reverse

from applications.actions import submission as submitting
from applications.models import Application, FormalCheck, Message, Remark, Thread
from applications.states import State
from qcportal import clock
from tests import factories

WORKSPACE = reverse("applications:workspace")
NEW = reverse("applications:new")
QUERIES = 32


def submit(application, actor):
    return submitting.submit(
        application,
        actor=actor,
        confirmations={"truthful": "2026-1", "members_informed": "2026-1"},
        arrived_at=clock.now(),
    )


def test_anonymous_visitors_are_sent_to_the_login(client, db):
    for address in (WORKSPACE, NEW):
        answer = client.get(address)
        assert answer.status_code == 302
        assert "/accounts/login/" in answer["Location"]


def test_people_without_an_enterprise_learn_what_to_do(client, db):
    client.force_login(factories.user())
    answer = client.get(WORKSPACE)
    assert "还没有加入申报单位" in answer.text
    assert client.get(NEW).status_code == 302


def test_an_empty_workspace_offers_the_first_application(client, owner):
    factories.open_round()
    client.force_login(owner)
    text = client.get(WORKSPACE).text
    assert "开始第一项申报" in text
    assert NEW in text


@pytest.mark.parametrize("count", [1, 3])
def test_queries_do_not_grow_with_filings(client, owner, django_assert_num_queries, count):
    round_ = factories.open_round()
    for number in range(count):
        filing = factories.complete_draft(owner, round_, group_name=f"第{number}小组", preference=number + 1)
        submission = submit(filing, owner)
        check = FormalCheck.objects.create(
            application=filing, submission=submission, checker=owner, started_at=clock.now(),
            outcome="return", decided_at=clock.now(),
        )  # fmt: skip
        Remark.objects.create(formal_check=check, field="activity_ends_on", text="请核对")
        Application.objects.filter(pk=filing.pk).update(
            state=State.RETURNED, correction_due_at=clock.now() + timedelta(days=5), open_fields=["activity_ends_on"]
        )
    client.force_login(owner)
    with django_assert_num_queries(QUERIES):
        assert client.get(WORKSPACE).status_code == 200


def test_a_returned_filing_is_the_next_step(client, owner):
    filing = factories.complete_draft(owner)
    submission = submit(filing, owner)
    check = FormalCheck.objects.create(
        application=filing, submission=submission, checker=owner, started_at=clock.now(), outcome="return",
        decided_at=clock.now(),
    )  # fmt: skip
    for field in ("activity_ends_on", "evidence"):
        Remark.objects.create(formal_check=check, field=field, text="请补正")
    Application.objects.update(
        state=State.RETURNED, open_fields=["activity_ends_on", "evidence"],
        correction_due_at=clock.now() + timedelta(days=5),
    )  # fmt: skip
    client.force_login(owner)
    text = client.get(WORKSPACE).text
    assert "红柳QC小组有 2 处需要补正" in text
    assert "活动结束日期、证实性材料" in text
    assert "生成第 2 版，文件编号不变" in text
    assert submission.file_number in text


def test_a_complete_draft_may_be_submitted_by_managers_only(client, owner, clerk):
    filing = factories.complete_draft(owner)
    filing.clerks.add(clerk)
    address = reverse("applications:submit", args=[filing.uuid])
    client.force_login(owner)
    assert address in client.get(WORKSPACE).text
    client.force_login(clerk)
    text = client.get(WORKSPACE).text
    assert "红柳QC小组" in text
    assert address not in text
    assert NEW not in text


def test_a_clerk_sees_only_what_they_were_invited_to(client, owner, clerk):
    factories.draft(owner, group_name="别人的小组")
    client.force_login(clerk)
    assert "别人的小组" not in client.get(WORKSPACE).text


def test_recent_messages_are_shown(client, owner):
    filing = factories.draft(owner)
    thread = Thread.objects.create(enterprise=filing.enterprise, application=filing, created_at=clock.now())
    Message.objects.create(thread=thread, body="效益证明请补盖章", created_at=clock.now())
    client.force_login(owner)
    assert "效益证明请补盖章" in client.get(WORKSPACE).text


def test_a_new_application_is_created_from_the_page(client, owner):
    round_ = factories.open_round()
    client.force_login(owner)
    assert str(round_) in client.get(NEW).text
    answer = client.post(NEW, {"round": round_.pk, "group_name": "澄湖QC小组", "topic_type": "self_set"})
    filing = Application.objects.get()
    assert answer["Location"] == reverse("applications:section", args=[filing.uuid, "contact"])
    assert (filing.group_name, filing.topic_type) == ("澄湖QC小组", "self_set")


def test_closed_and_coming_rounds_are_explained_and_not_taken(client, owner):
    first, second = factories.round_of(2026, 1), factories.round_of(2026, 2)
    client.force_login(owner)
    with clock.fixed(factories.at(2026, 7, 5)):
        text = client.get(NEW).text
        assert f"已于 {first.closes_label} 截止" in text
        answer = client.post(NEW, {"round": first.pk, "group_name": "甲"})
    assert answer.status_code == 200
    assert not Application.objects.exists()
    with clock.fixed(factories.at(2026, 6, 5)):
        assert "2026年7月1日 开放" in client.get(NEW).text
        client.post(NEW, {"round": second.pk, "group_name": "甲"})
    assert not Application.objects.exists()


def test_a_clerk_gets_no_form_for_a_new_application(client, clerk):
    client.force_login(clerk)
    assert client.get(NEW).status_code == 403


def test_the_order_is_moved_with_plain_buttons(client, owner, rival):
    first, second = factories.draft(owner, preference=1), factories.draft(owner, preference=2)
    address = reverse("applications:order", args=[second.uuid])
    client.force_login(rival)
    assert client.post(address, {"direction": "up"}).status_code == 404
    client.force_login(owner)
    assert client.get(address).status_code == 405
    client.post(address, {"direction": "up"})
    assert list(Application.objects.order_by("preference")) == [second, first]
