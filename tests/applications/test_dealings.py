"""往来, notes among staff, the telephone log: what answers a call in twenty seconds, and who never sees it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from applications import dealings, hindrances
from applications.actions import calls, checking, messages, notes, paper, submission
from applications.models import Note, PhoneCall, ReplyTemplate, Thread
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import AuditEvent
from tests import factories
from tests.applications import checked

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed(owner):
    return checked.submitted(owner)


@pytest.fixture
def mine(filed):
    return filed.enterprise


def page(client, enterprise, **query):
    return client.get(reverse("admin:dealings", args=[enterprise.uuid]), query)


def call(secretary, **values):
    return calls.log_call(actor=secretary, **{"subject": "问何时截止", "outcome": "answered", **values})


# --- Why a filing is not submitted ------------------------------------------------------------------


def test_who_calls_that_it_cannot_be_submitted_hears_what_is_missing_and_of_the_last_press(client, secretary, owner):
    draft = factories.complete_draft(owner, group_name="来电的小组")
    draft.members.all().delete()
    arrived = clock.now()
    with pytest.raises(Refusal):
        submission.submit(draft, actor=owner, confirmations=checked.CONFIRMED, arrived_at=arrived)
    client.force_login(secretary)
    body = page(client, draft.enterprise).content.decode()
    assert "为什么还没有提交" in body
    assert "小组概况与成员：" in body
    assert f"{timezone.localtime(arrived):%H:%M:%S} {owner}按过提交：缺项，没有提交" in body
    assert "为这家单位延期" not in body
    with clock.fixed(draft.round.closes_at + timedelta(minutes=1)):
        body = page(client, draft.enterprise).content.decode()
    assert "已过截止时间" in body
    extend = reverse("admin:programme_extend", args=[draft.round.programme.year])
    assert f"{extend}?round={draft.round_id}&amp;enterprise={draft.enterprise_id}" in body


def test_a_complete_draft_waits_for_the_press_and_a_returned_one_for_its_correction(client, secretary, owner, filed):
    factories.complete_draft(owner, group_name="齐全的小组")
    checking.return_for_correction(
        checked.open_check(filed, secretary), actor=secretary, reason="请补正", open_fields=[],
        remarks=[checking.RemarkText("topic_name", "请核对")], correction_due_at=clock.now() + timedelta(days=3),
    )  # fmt: skip
    by_name = {one.application.display_name: one for one in hindrances.of(filed.enterprise, clock.now())}
    assert by_name["齐全的小组"].reasons == []
    assert by_name[filed.display_name].reasons == ["退回补正，要按审查意见修改后重新提交"]
    client.force_login(secretary)
    assert "材料齐全，请单位负责人或质量主管按“核对并提交”" in page(client, filed.enterprise).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_answer_asks_as_often_for_three_drafts_as_for_one(owner, count, django_assert_num_queries):
    for number in range(count):
        draft = factories.complete_draft(owner, group_name=f"第{number}小组", preference=number + 1)
    with django_assert_num_queries(8):
        assert len(hindrances.of(draft.enterprise, clock.now())) == count


# --- Notes ------------------------------------------------------------------------------------------


def test_a_note_stands_on_the_filing_and_its_words_stay_out_of_the_trail(secretary, filed, mine):
    note = notes.add_note(mine, actor=secretary, text="  联系人下午在  ", application=filed, pinned=True)
    assert (note.text, note.application, note.is_pinned) == ("联系人下午在", filed, True)
    row = AuditEvent.objects.get(verb="note.added")
    assert "下午" not in str(row.data) + str(row.after) + row.target_label


def test_notes_are_refused_to_others_and_without_words(secretary, auditor, owner, rival, mine):
    for actor in (auditor, owner):
        with pytest.raises(NotAllowed):
            notes.add_note(mine, actor=actor, text="备注")
    for text in ("", "  ", "长" * 2001):
        with pytest.raises(Refusal):
            notes.add_note(mine, actor=secretary, text=text)
    foreign = factories.draft(rival)
    with pytest.raises(Refusal, match="该单位"):
        notes.add_note(mine, actor=secretary, text="备注", application=foreign)


def test_a_removed_note_is_seen_by_nobody_and_stays_on_record(secretary, mine):
    note = notes.add_note(mine, actor=secretary, text="写错了")
    notes.remove(note, actor=secretary)
    with pytest.raises(StaleState):
        notes.remove(note, actor=secretary)
    assert not Note.objects.visible_to(secretary).exists()
    note.refresh_from_db()
    assert note.removed_by == secretary


def test_notes_and_calls_are_nobodys_but_the_staffs(client, secretary, owner, mine):
    notes.add_note(mine, actor=secretary, text="内部的话", pinned=True)
    call(secretary, enterprise=mine, subject="内部的事由")
    assert not Note.objects.visible_to(owner).exists()
    assert not PhoneCall.objects.visible_to(owner).exists()
    client.force_login(owner)
    for name in ("workspace", "enterprise", "messages", "letters", "people"):
        body = client.get(reverse(f"applications:{name}"), follow=True).content.decode()
        assert "内部的" not in body
    answer = client.get(reverse("personal_copy"))
    from io import BytesIO

    from openpyxl import load_workbook

    cells = [str(cell.value) for sheet in load_workbook(BytesIO(answer.content)) for row in sheet for cell in row]
    assert not [value for value in cells if "内部的" in value]


def test_notes_are_found_by_their_words_the_unit_and_the_number(client, secretary, filed, mine):
    notes.add_note(mine, actor=secretary, text="执照快到期", application=filed)
    client.force_login(secretary)
    for words in ("快到期", mine.name[:6], filed.file_number):
        assert "执照快到期" in client.get(reverse("admin:notes"), {"q": words}).content.decode()
    assert "没有备注" in client.get(reverse("admin:notes"), {"q": "没有这个"}).content.decode()


# --- The telephone ----------------------------------------------------------------------------------


def test_a_call_is_logged_and_neither_number_nor_name_is_in_the_trail(secretary, mine):
    made = call(secretary, enterprise=mine, caller="马启明", number="139 0000 0042")
    assert (made.number, made.caller) == ("13900000042", "马启明")
    row = AuditEvent.objects.get(verb="call.logged")
    assert "139" not in str(row.data) + row.target_label
    assert "马启明" not in str(row.data) + row.target_label


def test_a_follow_up_stands_on_the_desk_from_its_day_until_it_is_closed(client, secretary, mine):
    today = timezone.localdate(clock.now())
    made = call(secretary, enterprise=mine, outcome="call_back", follow_up_on=today + timedelta(days=2))
    client.force_login(secretary)

    def on_the_desk():
        card = next(one for one in client.get(reverse("admin:index")).context["cards"] if "电话" in one.title)
        return card.number

    assert on_the_desk() == 0
    with clock.fixed(clock.now() + timedelta(days=2)):
        assert on_the_desk() == 1
        assert "问何时截止" in client.get(reverse("admin:calls")).content.decode()
        client.post(reverse("admin:call_close", args=[made.uuid]), {"note": "已回电"})
        assert on_the_desk() == 0
    made.refresh_from_db()
    assert (made.followed_up_by, made.follow_up_note) == (secretary, "已回电")


def test_a_call_is_refused_where_something_is_missing(secretary, auditor, mine, rival):
    yesterday = timezone.localdate(clock.now()) - timedelta(days=1)
    with pytest.raises(NotAllowed):
        call(auditor)
    for values in ({"subject": " "}, {"outcome": "call_back"}, {"follow_up_on": yesterday},
                   {"enterprise": mine, "application": factories.draft(rival)}):  # fmt: skip
        with pytest.raises(Refusal):
            call(secretary, **values)
    assert not PhoneCall.objects.exists()


def test_the_quick_entry_keeps_what_was_typed_when_it_is_refused(client, secretary, mine):
    client.force_login(secretary)
    values = {
        "enterprise": mine.pk,
        "subject": "催交材料",
        "outcome": "call_back",
        "is_incoming": "",
        "number": "0971-1",
    }
    answer = client.post(reverse("admin:call_new"), values)
    assert answer.status_code == 409
    assert "催交材料" in answer.content.decode()
    assert "请填跟进日期" in answer.content.decode()
    day = timezone.localdate(clock.now())
    assert client.post(reverse("admin:call_new"), {**values, "follow_up_on": day.isoformat()}).status_code == 302
    assert (PhoneCall.objects.get().is_incoming, PhoneCall.objects.get().enterprise) == (False, mine)


def test_a_call_from_an_unknown_number_needs_no_enterprise(client, secretary):
    client.force_login(secretary)
    client.post(reverse("admin:call_new"), {"subject": "问如何注册", "outcome": "answered", "is_incoming": "1"})
    assert PhoneCall.objects.get().enterprise is None
    assert "问如何注册" in client.get(reverse("admin:calls"), {"show": "all"}).content.decode()


@pytest.mark.parametrize("words", ["0042", "13900000042", "湖光盐化", "马启明", "昆仑山QC"])
def test_whoever_is_on_the_line_is_found(client, secretary, filed, mine, words):
    filed.group_name = "昆仑山QC小组"
    filed.save()
    client.force_login(secretary)
    answer = client.get(reverse("admin:find"), {"q": words})
    assert answer["Location"] == reverse("admin:dealings", args=[mine.uuid])


def test_nobody_found_leads_to_the_quick_entry(client, secretary):
    client.force_login(secretary)
    body = client.get(reverse("admin:find"), {"q": "0971-5555555"}).content.decode()
    assert f"{reverse('admin:call_new')}?number=0971-5555555" in body


# --- The line ---------------------------------------------------------------------------------------


@pytest.fixture
def busy(filed, mine, secretary, owner):
    """Something of every kind."""
    messages.post_message(messages.thread_for(filed), author=owner, body="请问何时审完？", from_staff=False)
    notes.add_note(mine, actor=secretary, text="老单位")
    call(secretary, enterprise=mine, subject="来电问进度")
    paper.receive_paper(filed.submissions.get(), actor=secretary, shelf="A-1")
    check = checked.open_check(filed, secretary)
    from applications.actions import checking

    checking.accept(check, actor=secretary)
    return mine


def test_everything_that_was_stands_in_one_line_newest_first(busy):
    events = dealings.line(busy).events
    assert {event.kind for event in events} >= {
        "letter",
        "message",
        "note",
        "call",
        "attempt",
        "paper",
        "check",
        "unit",
    }
    assert [event.at for event in events] == sorted((event.at for event in events), reverse=True)


def test_one_kind_alone_and_what_was_earlier(busy, secretary):
    for number in range(5):
        notes.add_note(busy, actor=secretary, text=f"第{number}条")
    first = dealings.line(busy, kind="note", size=3)
    assert ([event.text for event in first.events], first.has_more) == (["第4条", "第3条", "第2条"], True)
    rest = dealings.line(busy, kind="note", size=3, before=first.events[-1].at)
    assert [event.text for event in rest.events] == ["第1条", "第0条", "老单位"]


def test_another_enterprises_line_is_its_own(busy, rival):
    assert dealings.line(factories.enterprise_of(rival)).events == []


def test_the_page_has_everything_for_the_answer_and_reading_it_is_recorded(client, busy, secretary, filed):
    client.force_login(secretary)
    body = page(client, busy).content.decode()
    for words in ("tel:13900000042", filed.file_number, "来电问进度", "老单位", "以其身份查看", "参评"):
        assert words in body
    assert AuditEvent.objects.about(busy).filter(verb="dealings.viewed").count() == 1
    assert page(client, busy, kind="call").content.decode().count("来电问进度") == 1


def test_an_auditor_reads_the_page_and_writes_nothing(client, busy, auditor):
    client.force_login(auditor)
    body = page(client, busy).content.decode()
    assert "记下" not in body
    assert "以其身份查看" not in body
    assert client.post(reverse("admin:note_add", args=[busy.uuid]), {"text": "x"}).status_code == 403


# --- Threads ----------------------------------------------------------------------------------------


def test_what_waits_for_an_answer_comes_first_the_longest_waiting_in_front(owner, rival, filed, secretary):
    second = checked.submitted(rival, filed.round)
    answered = messages.thread_for(checked.submitted(owner, filed.round, group_name="第三小组"))
    messages.post_message(answered, author=secretary, body="已答复", from_staff=True)
    for application in (second, filed):
        thread = messages.thread_for(application)
        messages.post_message(thread, author=application.created_by, body="请问？", from_staff=False)
    rows = Thread.objects.visible_to(secretary).for_list(unread_from_staff=False).unanswered_first()
    assert [row.application for row in rows] == [second, filed, answered.application]


def test_the_inbox_shows_only_what_waits_when_asked(client, owner, filed, secretary):
    thread = messages.thread_for(filed)
    messages.post_message(thread, author=owner, body="请问？", from_staff=False)
    client.force_login(secretary)
    client.get(reverse("admin:message_thread", args=[thread.uuid]))  # read, and still not answered
    address = reverse("admin:message_inbox")
    assert "已读，待答复" in client.get(address, {"show": "open"}).content.decode()
    messages.post_message(thread, author=secretary, body="请看通知", from_staff=True)
    assert "都答复了" in client.get(address, {"show": "open"}).content.decode()


def test_the_first_message_about_a_filing_is_written_from_the_enterprises_page(client, filed, secretary):
    client.force_login(secretary)
    address = reverse("admin:message_new", args=[filed.pk])
    assert address in page(client, filed.enterprise).content.decode()
    client.post(address, {"body": "请补寄附件3"})
    thread = Thread.objects.get(application=filed)
    assert thread.messages.get().body == "请补寄附件3"
    assert client.get(address)["Location"] == reverse("admin:message_thread", args=[thread.uuid])


def test_a_ready_answer_fills_the_field_without_script(client, filed, secretary):
    ready = ReplyTemplate.objects.create(title="补寄", text="请在 5 个工作日内补寄。")
    client.force_login(secretary)
    body = client.get(reverse("admin:message_new", args=[filed.pk]), {"template": ready.pk}).content.decode()
    assert ">请在 5 个工作日内补寄。</textarea>" in body
