import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.actions import messages, people
from applications.models import Association, Message, Thread
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent, MailMessage
from tests import factories

LIST = "/applications/messages/"


@pytest.fixture
def application(owner):
    return factories.draft(owner, group_name="红柳QC小组")


@pytest.fixture
def thread(application, secretary):
    thread = messages.thread_for(application)
    messages.post_message(thread, author=secretary, body="效益证明请补财务部门盖章页。", from_staff=True)
    return thread


def page_of(thread):
    return reverse("applications:thread", args=[thread.uuid])


def test_an_application_has_one_thread(application):
    assert messages.thread_for(application) == messages.thread_for(application)
    assert Thread.objects.count() == 1


def test_the_enterprise_is_told_and_reads(client, owner, thread):
    assert MailMessage.objects.get().to == owner.email
    assert owner.memberships.get().unread_messages == 1
    client.force_login(owner)
    assert "1 条未读" in client.get(LIST).content.decode()
    assert "效益证明请补财务部门盖章页。" in client.get(page_of(thread)).content.decode()
    assert Message.objects.get().read_at is not None
    assert owner.memberships.get().unread_messages == 0


def test_the_enterprise_answers_and_the_association_is_told_once(client, owner, thread, secretary):
    Association.objects.create(name="青海省质量管理协会", email="office@example.test")
    client.force_login(owner)
    for body in ("已补充。", "另附照片。"):
        assert client.post(page_of(thread), {"body": body})["Location"] == page_of(thread)
    assert list(thread.messages.values_list("from_staff", flat=True)) == [True, False, False]
    assert MailMessage.objects.filter(to="office@example.test").count() == 1
    assert messages.mark_read(thread, by=secretary, now=clock.now()) == 2
    messages.post_message(thread, author=owner, body="再问一句。", from_staff=False)
    assert MailMessage.objects.filter(to="office@example.test").count() == 2


def test_writing_about_an_application_begins_its_thread(client, owner, application):
    client.force_login(owner)
    client.post(LIST, {"application": application.pk, "body": "请问活动记录可以用照片吗？"})
    assert Message.objects.get().thread.application == application


def test_an_empty_message_is_not_sent(client, owner, thread):
    client.force_login(owner)
    page = client.post(page_of(thread), {"body": "   "})
    assert "body" in page.context["form"].errors
    with pytest.raises(Refusal):
        messages.post_message(thread, author=owner, body="  ", from_staff=False)
    assert thread.messages.count() == 1


def test_a_message_is_shown_as_text_not_as_markup(client, owner, thread):
    messages.post_message(thread, author=owner, body="<script>alert(1)</script>", from_staff=False)
    client.force_login(owner)
    assert "<script>alert" not in client.get(page_of(thread)).content.decode()


def test_the_system_speaks_for_the_secretariat_and_may_be_silent(application):
    thread = messages.thread_for(application)
    messages.post_message(thread, author=None, body="材料包已生成。", from_staff=True, tell=False)
    assert not MailMessage.objects.exists()
    assert AuditEvent.objects.get(verb="message.posted").actor is None


def test_nobody_writes_for_the_other_side(thread, owner, rival, secretary, auditor):
    for author, from_staff in [(owner, True), (auditor, True), (rival, False), (secretary, False), (None, False)]:
        with pytest.raises(NotAllowed):
            messages.post_message(thread, author=author, body="……", from_staff=from_staff)


def test_an_auditor_leaves_no_trace(thread, auditor):
    assert messages.mark_read(thread, by=auditor, now=clock.now()) == 0


def test_a_clerk_sees_only_threads_of_invited_applications(client, owner, clerk, thread, application):
    client.force_login(clerk)
    assert client.get(page_of(thread)).status_code == 404
    assert clerk.memberships.get().unread_messages == 0
    people.invite_clerk(application, user=clerk, actor=owner)
    assert clerk.memberships.get().unread_messages == 1
    assert client.get(page_of(thread)).status_code == 200


def test_who_may_reach_messages(client, rival, secretary, thread):
    for address in (LIST, page_of(thread)):
        client.logout()
        assert client.get(address).status_code == 302
        client.force_login(secretary)
        assert client.get(address).status_code == 404
        assert client.put(address).status_code == 405
    client.force_login(rival)
    assert client.get(page_of(thread)).status_code == 404
    assert client.post(page_of(thread), {"body": "……"}).status_code == 404
    assert "红柳" not in client.get(LIST).content.decode()


def test_lists_ask_as_many_questions_with_three_rows_as_with_one(client, owner, secretary):
    def count(address):
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        return len(queries)

    def add():
        thread = messages.thread_for(factories.draft(owner))
        for _message in range(2):
            messages.post_message(thread, author=secretary, body="请补充。", from_staff=True)
        return thread

    client.force_login(owner)
    thread = add()
    client.get(page_of(thread))
    one = count(LIST), count(page_of(thread))
    add()
    add()
    for _message in range(4):
        messages.post_message(thread, author=secretary, body="请补充。", from_staff=True)
    client.get(page_of(thread))
    assert (count(LIST), count(page_of(thread))) == one
    assert max(one) <= 15


# --- The secretariat's side -----------------------------------------------------------------------

INBOX = "/admin/messages/"


def staff_page(thread):
    return reverse("admin:message_thread", args=[thread.uuid])


def test_the_secretariat_reads_and_answers_also_about_a_draft(client, owner, secretary, application):
    thread = messages.thread_for(application)
    messages.post_message(thread, author=owner, body="活动记录可以用照片吗？", from_staff=False)
    client.force_login(secretary)
    assert "1 条未读" in client.get(INBOX).content.decode()
    assert "活动记录可以用照片吗？" in client.get(staff_page(thread)).content.decode()
    assert Message.objects.get().read_at is not None
    assert client.post(staff_page(thread), {"body": "可以，请注明日期。"})["Location"] == staff_page(thread)
    assert MailMessage.objects.get().to == owner.email
    assert "已回复" in client.get(INBOX).content.decode()
    assert owner.memberships.get().unread_messages == 1


def test_the_inbox_finds_by_unit_group_and_nothing_else(client, secretary, thread, rival):
    messages.thread_for(factories.draft(rival, group_name="碧浪QC小组"))
    client.force_login(secretary)
    text = client.get(INBOX, {"q": "红柳"}).content.decode()
    assert "湖光" in text
    assert "瀚澄" not in text


def test_an_auditor_reads_and_does_not_write(client, owner, auditor, application):
    thread = messages.thread_for(application)
    messages.post_message(thread, author=owner, body="请问……", from_staff=False)
    client.force_login(auditor)
    assert client.get(INBOX).status_code == 200
    page = client.get(staff_page(thread))
    assert "回复单位" not in page.content.decode()
    assert client.post(staff_page(thread), {"body": "……"}).status_code == 403
    assert Message.objects.get().read_at is None


def test_who_may_reach_the_inbox(client, owner, thread):
    for address in (INBOX, staff_page(thread)):
        client.logout()
        assert client.get(address).status_code == 302
        client.force_login(owner)
        assert client.get(address).status_code == 403


def test_the_inbox_asks_as_many_questions_with_three_rows_as_with_one(client, owner, secretary):
    def add():
        thread = messages.thread_for(factories.draft(owner))
        messages.post_message(thread, author=owner, body="请问……", from_staff=False)

    def count():
        with CaptureQueriesContext(connection) as queries:
            client.get(INBOX)
        return len(queries)

    client.force_login(secretary)
    add()
    count()
    one = count()
    add()
    add()
    assert count() == one


def test_writing_begins_at_the_filing_it_is_about(client, owner, rival):
    application = factories.draft(owner, group_name="红柳QC小组")
    address = f"{reverse('applications:messages')}?about={application.uuid}"
    client.force_login(owner)
    assert address in client.get(reverse("applications:detail", args=[application.uuid])).content.decode()
    form = client.get(address).context["form"]
    assert form.initial["application"] == application
    client.post(reverse("applications:messages"), {"application": application.pk, "body": "请问何时公布？"})
    assert client.get(address)["Location"].startswith(reverse("applications:thread", args=[application.thread.uuid]))
    client.force_login(rival)
    assert client.get(address).context["form"].initial["application"] is None
    assert client.get(f"{reverse('applications:messages')}?about=x").status_code == 200
