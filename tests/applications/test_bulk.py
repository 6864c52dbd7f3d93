"""批量操作: what the preview says is what is done, no letter leaves before the window ends, an undo is exact."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from applications import gates, reminders, tasks, warning_summaries  # tasks registers the handlers
from applications.actions import bulk, checking, claiming, paper, reminding
from applications.models import (
    Application,
    BulkAction,
    BulkItem,
    BulkKind,
    BulkState,
    Claim,
    FormalCheck,
    ItemState,
    Message,
    WarningSummary,
)
from applications.states import State
from qcportal import clock, outbox
from qcportal.errors import NotAllowed, Refusal
from qcportal.integrity import checks
from qcportal.mail import about
from qcportal.models import AuditEvent, MailKind, MailMessage, MailPreference, OutboxMessage
from tests import factories
from tests.applications import checked

pytestmark = pytest.mark.django_db

HANDLERS = tasks

QUEUE = "/admin/applications/application/"
TOPICS = ("提高碳酸锂包装一次合格率", "缩短变压器检修停电时间", "降低青稞酒灌装破损率", "减少输电线路覆冰故障")


@pytest.fixture
def colleague(db):
    return factories.staff(username="colleague", name="林秀兰")


def filings(secretary, count, *, verified=True):
    """Submitted, of enterprises of their own, with topics that nothing resembles and no open warning."""
    rows = []
    for number in range(count):
        person = factories.enterprise_owner(username=f"of{number}", enterprise_name=f"青海第{number}有限公司")
        row = checked.submitted(person, topic_name=TOPICS[number % len(TOPICS)] + f"之{number}")
        if verified:
            checked.verify(row.enterprise, actor=secretary)
        rows.append(row)
    WarningSummary.objects.update(refreshed_at=clock.now())
    return rows


def everything():
    return Application.objects.all()


def previewed(kind, actor, **extra):
    return bulk.preview(everything(), kind=kind, actor=actor, query="queue=waiting", **extra)


def done(kind, actor, **extra):
    batch = previewed(kind, actor, **extra)
    return bulk.confirm(batch, actor=actor, rows=everything(), declared=True)


def states(batch):
    return dict(batch.items.order_by().values_list("application__file_number", "state"))


def reasons(batch):
    return {item.application.file_number: item.reason for item in batch.items.select_related("application")}


def letters():
    return MailMessage.objects.filter(kind=MailKind.LETTER).count(), Message.objects.count()


def after_window(batch):
    with clock.fixed(batch.undo_until + timedelta(seconds=1)):
        outbox.deliver(OutboxMessage.objects.get(key=f"bulk.close:{batch.pk}").pk)


# --- preview ----------------------------------------------------------------------------------------


def test_the_preview_says_which_are_left_out_and_why_and_does_nothing(secretary, colleague):
    rows = filings(secretary, 5)
    checked.checklist(rows[0])
    unverified, warned, held, failed, fine = rows
    type(unverified.enterprise).objects.filter(pk=unverified.enterprise_id).update(verified_at=None)
    WarningSummary.objects.filter(application=warned).update(unexplained=2)
    claiming.claim(held, actor=colleague)
    checked.open_check(failed, secretary, answer="no")
    batch = previewed(BulkKind.ACCEPT, secretary)
    assert reasons(batch) == {
        unverified.file_number: "营业执照待核验",
        warned.file_number: "有 2 条提醒未说明",
        held.file_number: "林秀兰 已领取",
        failed.file_number: "清单有 2 项不符",
        fine.file_number: "",
    }
    assert {row.state for row in everything()} == {State.SUBMITTED}
    assert batch.state == BulkState.PREVIEW


@pytest.mark.parametrize("spoilt", ["accepted", "changed", "similar", "uncounted", "returned", "remark", "checking"])
def test_what_needs_a_look_is_never_accepted_in_bulk(secretary, colleague, spoilt):
    row = filings(secretary, 1)[0]
    if spoilt == "accepted":
        checking.accept(checked.open_check(row, secretary), actor=secretary)
    elif spoilt == "changed":
        Application.objects.update(has_unsubmitted_changes=True)
    elif spoilt == "similar":
        WarningSummary.objects.update(similar=1)
    elif spoilt == "uncounted":
        WarningSummary.objects.update(refreshed_at=None)
    elif spoilt == "returned":
        checking.return_for_correction(
            checked.open_check(row, secretary), actor=secretary, remarks=[], open_fields=["topic_name"],
            correction_due_at=clock.now() + timedelta(days=3), reason="请改",
        )  # fmt: skip
        row.refresh_from_db()
        checked.resubmit(row, row.created_by)
        WarningSummary.objects.update(refreshed_at=clock.now())
    elif spoilt == "remark":
        check = checked.open_check(row, secretary)
        remark = checking.RemarkText("topic_name", "改")
        checking.save_check(check, actor=secretary, answers={}, note="", remarks=[remark])
    else:
        checked.open_check(row, colleague)
    batch = previewed(BulkKind.ACCEPT, secretary)
    assert states(batch) == {row.file_number: ItemState.LEFT_OUT}
    assert reasons(batch)[row.file_number]


# --- acceptance -------------------------------------------------------------------------------------


def test_a_bulk_acceptance_leaves_a_check_and_a_trail_for_each(secretary):
    rows = filings(secretary, 2)
    checked.checklist(rows[0])
    batch = done(BulkKind.ACCEPT, secretary)
    assert states(batch) == {row.file_number: ItemState.DONE for row in rows}
    assert batch.state == BulkState.DONE
    for row in rows:
        row.refresh_from_db()
        check = row.checks.get()
        assert (row.state, check.outcome, check.checker) == (State.ACCEPTED, "accept", secretary)
        assert {line["answer"] for line in check.checklist} == {"yes"}
        assert len(check.checklist) == 2
        event = AuditEvent.objects.about(row).get(verb="application.accepted")
        assert event.data["batch"] == batch.number
    assert list(checks.run(fast=True)) == []


def test_filings_nobody_ticked_need_the_declaration(secretary):
    filings(secretary, 1)
    batch = previewed(BulkKind.ACCEPT, secretary)
    with pytest.raises(Refusal, match="请先确认审查清单"):
        bulk.confirm(batch, actor=secretary, rows=everything())
    assert Application.objects.get().state == State.SUBMITTED


def test_ones_own_complete_checks_need_none_and_keep_what_was_written(secretary):
    row = filings(secretary, 1)[0]
    WarningSummary.objects.update(similar=1)  # looked at by whoever ticked the checklist
    check = checked.open_check(row, secretary)
    checking.save_check(check, actor=secretary, answers={}, note="已电话核实", remarks=[])
    batch = previewed(BulkKind.ACCEPT, secretary)
    bulk.confirm(batch, actor=secretary, rows=everything())
    check.refresh_from_db()
    assert (check.outcome, check.note) == ("accept", "已电话核实")


def test_letters_leave_only_when_the_window_is_over_and_once(secretary):
    filings(secretary, 2)
    batch = done(BulkKind.ACCEPT, secretary)
    assert letters() == (0, 0)
    assert outbox.deliver(OutboxMessage.objects.get(key=f"bulk.close:{batch.pk}").pk) == "not claimed"
    after_window(batch)
    mails, messages = letters()
    assert (mails > 0, messages) == (True, 2)
    bulk_state = BulkAction.objects.get().state
    with clock.fixed(batch.undo_until + timedelta(minutes=1)):
        bulk.close({"batch": batch.pk})
        with pytest.raises(Refusal, match="已过可撤销的时间"):
            bulk.undo(batch, actor=secretary)
    assert (bulk_state, letters()) == (BulkState.CLOSED, (mails, messages))


def test_an_undo_is_exact_and_nobody_is_told(secretary, colleague):
    plain, ticked, claimed = filings(secretary, 3)
    check = checked.open_check(ticked, secretary)
    claiming.claim(claimed, actor=secretary)
    before = list(Claim.objects.order_by("application").values("application", "holder", "claimed_at", "keeps_until"))
    batch = done(BulkKind.ACCEPT, secretary)
    assert states(batch) == dict.fromkeys((plain.file_number, ticked.file_number, claimed.file_number), ItemState.DONE)
    batch = bulk.undo(batch, actor=colleague)
    assert batch.state == BulkState.UNDONE
    assert {row.state for row in everything()} == {State.SUBMITTED}
    assert list(Claim.objects.order_by("application").values(*before[0])) == before
    check.refresh_from_db()
    assert (check.outcome, check.decided_at, check.checker) == ("", None, secretary)
    kept = plain.checks.get()
    assert (kept.outcome, kept.undone_by, kept.undone_at is not None) == ("accept", colleague, True)
    assert AuditEvent.objects.about(plain).get(verb="application.acceptance_undone").data["batch"] == batch.number
    after_window(batch)
    assert letters() == (0, 0)
    assert list(checks.run(fast=True)) == []


def test_an_undone_acceptance_can_be_checked_and_accepted_by_hand(secretary):
    row = filings(secretary, 1)[0]
    bulk.undo(done(BulkKind.ACCEPT, secretary), actor=secretary)
    row.refresh_from_db()
    checking.accept(checked.open_check(row, secretary), actor=secretary)
    row.refresh_from_db()
    assert row.state == State.ACCEPTED
    assert letters()[1] == 1


def test_after_an_undo_the_enterprise_may_edit_again_as_before(secretary):
    row = filings(secretary, 1)[0]
    assert gates.edit_refusal(row, clock.now()) is None
    batch = done(BulkKind.ACCEPT, secretary)
    row.refresh_from_db()
    assert gates.edit_refusal(row, clock.now()) is not None
    bulk.undo(batch, actor=secretary)
    row.refresh_from_db()
    assert gates.edit_refusal(row, clock.now()) is None


def test_what_went_on_meanwhile_is_not_undone_and_its_letter_leaves(secretary):
    gone, stays = filings(secretary, 2)
    batch = done(BulkKind.ACCEPT, secretary)
    Application.objects.filter(pk=gone.pk).update(state=State.IN_REVIEW)
    batch = bulk.undo(batch, actor=secretary)
    assert states(batch) == {gone.file_number: ItemState.KEPT, stays.file_number: ItemState.UNDONE}
    after_window(batch)
    assert letters()[1] == 1


def test_a_return_within_the_window_takes_the_place_of_the_letter(secretary):
    row = filings(secretary, 1)[0]
    batch = done(BulkKind.ACCEPT, secretary)
    row.refresh_from_db()
    checking.return_for_correction(
        checked.open_check(row, secretary), actor=secretary, remarks=[], open_fields=["topic_name"],
        correction_due_at=clock.now() + timedelta(days=3), reason="请改",
    )  # fmt: skip
    before = MailMessage.objects.count()
    after_window(batch)
    assert MailMessage.objects.count() == before


# --- bound to what was previewed --------------------------------------------------------------------


def test_a_set_that_changed_since_the_preview_is_not_worked_on(secretary, colleague):
    _kept, taken = filings(secretary, 2)
    batch = previewed(BulkKind.ACCEPT, secretary)
    claiming.claim(taken, actor=colleague)
    person = factories.enterprise_owner(username="late", enterprise_name="青海后到有限公司")
    late = checked.submitted(person, topic_name="后到的一个完全不同的课题")
    checked.verify(late.enterprise, actor=secretary)
    WarningSummary.objects.update(refreshed_at=clock.now())
    with pytest.raises(bulk.Changed) as refused:
        bulk.confirm(batch, actor=secretary, rows=everything(), declared=True)
    assert refused.value.drift == ([taken.file_number], [late.file_number])
    assert {row.state for row in everything()} == {State.SUBMITTED}


def test_what_changes_between_confirmation_and_work_is_left_out_and_said(secretary, colleague, settings):
    settings.BULK_AT_ONCE = 0
    kept, taken = filings(secretary, 2)
    batch = done(BulkKind.ACCEPT, secretary)
    assert batch.state == BulkState.RUNNING
    claiming.claim(taken, actor=colleague)
    bulk.run({"batch": batch.pk})
    assert states(batch) == {kept.file_number: ItemState.DONE, taken.file_number: ItemState.SKIPPED}
    assert reasons(batch)[taken.file_number] == "确认后有变化：林秀兰 已领取"


def test_a_large_set_is_done_by_the_worker_and_twice_does_no_harm(secretary, settings):
    settings.BULK_AT_ONCE = 1
    filings(secretary, 2)
    batch = done(BulkKind.ACCEPT, secretary)
    row = OutboxMessage.objects.get(key=f"bulk.run:{batch.pk}")
    assert {one.state for one in everything()} == {State.SUBMITTED}
    assert outbox.deliver(row.pk) == "done"
    bulk.run({"batch": batch.pk})
    batch.refresh_from_db()
    assert (batch.state, FormalCheck.objects.count()) == (BulkState.DONE, 2)
    batch = bulk.undo(batch, actor=secretary)
    assert batch.state == BulkState.UNDOING
    assert outbox.deliver(OutboxMessage.objects.get(key=f"bulk.undo:{batch.pk}").pk) == "done"
    batch.refresh_from_db()
    assert batch.state == BulkState.UNDONE
    assert {one.state for one in everything()} == {State.SUBMITTED}


def test_a_preview_is_confirmed_by_its_maker_once(secretary, colleague):
    filings(secretary, 1)
    batch = previewed(BulkKind.ASSIGN, secretary)
    with pytest.raises(NotAllowed, match="陈雪梅 的预览"):
        bulk.confirm(batch, actor=colleague, rows=everything())
    bulk.confirm(batch, actor=secretary, rows=everything())
    with pytest.raises(Refusal, match="已经办理过"):
        bulk.confirm(batch, actor=secretary, rows=everything())


def test_an_empty_plan_is_refused(secretary):
    filings(secretary, 1)
    batch = previewed(BulkKind.RELEASE, secretary)
    with pytest.raises(Refusal, match="没有可以办理的申报"):
        bulk.confirm(batch, actor=secretary, rows=everything())


def test_nobody_else_previews_or_undoes(secretary, auditor, owner):
    filings(secretary, 1)
    batch = done(BulkKind.ASSIGN, secretary)
    for actor in (auditor, owner):
        with pytest.raises(NotAllowed):
            previewed(BulkKind.ASSIGN, actor)
        with pytest.raises(NotAllowed):
            bulk.undo(batch, actor=actor)
    with pytest.raises(NotAllowed):
        previewed(BulkKind.ASSIGN, secretary, assignee=auditor)


def test_previews_are_forgotten_after_a_day_and_batches_are_not(secretary):
    filings(secretary, 1)
    done(BulkKind.ASSIGN, secretary)
    previewed(BulkKind.ACCEPT, secretary)
    assert bulk.sweep(clock.now() + timedelta(hours=25)) > 0
    assert [batch.kind for batch in BulkAction.objects.all()] == [BulkKind.ASSIGN]


# --- assign, release, remind --------------------------------------------------------------------------


def test_assigning_and_its_undo(secretary, colleague):
    free, mine = filings(secretary, 2)
    claiming.claim(mine, actor=secretary)
    batch = done(BulkKind.ASSIGN, secretary, assignee=colleague)
    assert reasons(batch) == {free.file_number: "", mine.file_number: "陈雪梅 已领取"}
    claim = Claim.objects.get(application=free)
    assert claim.holder == colleague
    assert claim.keeps_until > clock.now() + timedelta(days=2)
    assert AuditEvent.objects.about(free).get(verb="claim.assigned").data == {"batch": batch.number}
    bulk.undo(batch, actor=secretary)
    assert [one.application for one in Claim.objects.all()] == [mine]


def test_releasing_and_its_undo(secretary, colleague):
    mine, others, checking_ = filings(secretary, 3)
    claiming.claim(mine, actor=secretary)
    claiming.claim(others, actor=colleague)
    checking.start_check(checking_, actor=secretary)
    before = Claim.objects.filter(application=mine).values("holder", "claimed_at", "keeps_until").get()
    batch = done(BulkKind.RELEASE, secretary)
    assert reasons(batch) == {
        mine.file_number: "",
        others.file_number: "由 林秀兰 领取，不能代为放回",
        checking_.file_number: "陈雪梅 已开始审查",
    }  # fmt: skip
    assert not Claim.objects.filter(application=mine).exists()
    bulk.undo(batch, actor=secretary)
    assert Claim.objects.filter(application=mine).values("holder", "claimed_at", "keeps_until").get() == before


def asked():
    return list(MailMessage.objects.filter(letter="paper_missing").order_by("pk"))


def test_papers_are_asked_for_after_the_window_once_a_day(secretary):
    missing, there = filings(secretary, 2)
    paper.receive_paper(there.submissions.get(), actor=secretary)
    batch = done(BulkKind.PAPER, secretary)
    assert states(batch) == {missing.file_number: ItemState.DONE, there.file_number: ItemState.LEFT_OUT}
    assert asked() == []
    after_window(batch)
    assert {mail.subject.partition("：")[0] for mail in asked()} == {"请寄送盖章纸质材料"}
    assert all(missing.file_number in mail.body and there.file_number not in mail.body for mail in asked())
    people = {membership.user.email for membership in missing.enterprise.memberships.all()}
    assert sorted(mail.to for mail in asked()) == sorted(people | {missing.contact_email})
    assert reasons(previewed(BulkKind.PAPER, secretary))[missing.file_number] == "刚提醒过"
    with clock.fixed(clock.now() + timedelta(hours=25)):
        assert reasons(previewed(BulkKind.PAPER, secretary))[missing.file_number] == ""


def reminded(secretary, occasion="paper"):
    """By the reminders page, as far as the worker gets."""
    rows = reminders.waiting(occasion, clock.now())
    seen = reminders.digest(reminders.plan(occasion, rows, clock.now()))
    batch = reminding.send_batch(uuid.uuid4(), occasion, reminders.Wanted(), seen=seen, actor=secretary)
    reminding.write_batch({"batch": batch.pk})
    return batch


def test_the_two_ways_to_remind_never_tell_an_enterprise_twice_a_day(secretary):
    """Whichever comes first, within the window, after it, and for a list that was read before."""
    first, second = filings(secretary, 2)
    batch = done(BulkKind.PAPER, secretary)
    with pytest.raises(Refusal, match="没有可以提醒的人"):  # the letters of the batch are on their way
        reminded(secretary)
    rows = reminders.plan("paper", reminders.waiting("paper", clock.now()), clock.now())
    assert {one.reason for target in rows for one in target.left_out} == {"已在另一批催办中，稍后发出"}
    bulk.undo(batch, actor=secretary)
    reminded(secretary)
    count = len(asked())
    assert {mail.about for mail in asked()} == {about(row.enterprise) for row in (first, second)}
    assert set(reasons(previewed(BulkKind.PAPER, secretary)).values()) == {"刚提醒过"}
    stale = reminders.plan("paper", reminders.waiting("paper", clock.now()), clock.now(), may_repeat=True)
    assert all(target.people for target in stale)
    assert [reminding.tell("paper", target, key="mail:late:", now=clock.now()) for target in stale] == [0, 0]
    assert len(asked()) == count


def test_a_batch_written_after_another_way_was_quicker_is_silent(secretary):
    row = filings(secretary, 1)[0]
    batch = done(BulkKind.PAPER, secretary)
    target = reminders.plan("paper", reminders.waiting("paper", clock.now()), clock.now(), but_bulk=batch.pk)[0]
    assert reminding.tell("paper", target, key="mail:other:", now=clock.now()) == len(asked()) > 0
    count = len(asked())
    after_window(batch)
    assert len(asked()) == count
    assert BulkItem.objects.get(batch=batch, application=row).told_at is not None


def test_who_declined_or_whose_mail_came_back_gets_no_bulk_reminder_and_the_preview_says_so(desk, secretary):
    declined, returned = filings(secretary, 2)
    person = declined.enterprise.memberships.get().user
    MailPreference.objects.create(user=person, reminders=False)
    Application.objects.filter(pk=declined.pk).update(contact_email="")
    owner = returned.enterprise.memberships.get().user
    Application.objects.filter(pk=returned.pk).update(contact_email="lab@example.com")
    MailMessage.objects.create(
        kind=3, to=owner.email, subject="x", body="x", created_at=clock.now(), sent_at=clock.now(), state="bounced",
        bounce="hard", error="对方邮箱地址不存在。",
    )  # fmt: skip
    desk.get(f"{QUEUE}?queue=all")
    answer = desk.post(reverse("admin:applications_bulk_preview"), {"kind": "paper"}, follow=True)
    body = answer.content.decode()
    assert "没有可以提醒的人（已关闭催办提醒）" in body
    assert "将提醒 <b>1</b> 家，共 <b>1</b> 封，另有 <b>1</b> 个收件人不发" in body
    assert "不发的收件人" in body
    assert owner.email in body
    batch = bulk.confirm(answer.context["batch"], actor=secretary, rows=everything())
    after_window(batch)
    assert [mail.to for mail in asked()] == ["lab@example.com"]


def test_a_reminder_is_one_mail_for_an_enterprise_and_none_after_an_undo(secretary, owner):
    round_ = factories.open_round()
    for name in ("甲组", "乙组"):
        factories.draft(owner, round_, group_name=name)
    before = MailMessage.objects.count()
    undone = bulk.undo(done(BulkKind.REMIND, secretary), actor=secretary)
    after_window(undone)
    assert MailMessage.objects.count() == before
    batch = done(BulkKind.REMIND, secretary)
    after_window(batch)
    assert MailMessage.objects.count() == before + 1
    assert "2 项申报尚未提交" in MailMessage.objects.latest("pk").subject


def test_drafts_and_corrections_of_one_bulk_reminder_get_the_letter_of_their_own(secretary, owner):
    factories.draft(owner, factories.open_round(), group_name="还在写")
    filed = checked.submitted(owner)
    checking.return_for_correction(
        checked.open_check(filed, secretary), actor=secretary, reason="请补正", open_fields=[],
        remarks=[checking.RemarkText("topic_name", "课题名称请与报告一致。")],
        correction_due_at=clock.now() + timedelta(days=5),
    )  # fmt: skip
    after_window(done(BulkKind.REMIND, secretary))
    sent = MailMessage.objects.filter(letter__in=["reminder", "correction_reminder"])
    assert {(mail.letter, "还在写" in mail.body, filed.file_number in mail.body) for mail in sent} == {
        ("reminder", True, False), ("correction_reminder", False, True),
    }  # fmt: skip


# --- pages --------------------------------------------------------------------------------------------


@pytest.fixture
def desk(client, secretary):
    client.force_login(secretary)
    return client


def test_the_page_says_the_window_that_is_set(desk, secretary, settings):
    settings.BULK_UNDO_MINUTES = 25
    filings(secretary, 1)
    page = desk.get(QUEUE).content.decode()
    assert "办理后 25 分钟内可以撤销" in page
    assert "10 分钟" not in page


def test_from_the_filter_to_the_undo_by_pages(desk, secretary):
    first, second = filings(secretary, 2)
    checked.checklist(first)
    desk.get(f"{QUEUE}?q={first.file_number}")
    page = desk.post(reverse("admin:applications_bulk_preview"), {"kind": "accept"}, follow=True)
    batch = BulkAction.objects.get()
    body = page.content.decode()
    assert "<b>1</b> 件将办理" in body
    assert "材料齐全" in body  # what is declared is read before it is declared
    page = desk.post(reverse("admin:applications_bulk_confirm", args=[batch.uuid]), {"declared": "yes"}, follow=True)
    assert "撤销这一批" in page.content.decode()
    assert "前可以撤销" in desk.get(QUEUE + "?queue=all").content.decode()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (State.ACCEPTED, State.SUBMITTED)
    page = desk.post(reverse("admin:applications_bulk_undo", args=[batch.uuid]), follow=True)
    assert "<b>1</b> 件已恢复原状" in page.content.decode()
    assert batch.number in desk.get(reverse("admin:applications_bulk_list")).content.decode()


def test_a_changed_set_comes_back_as_a_new_preview_that_says_what_changed(desk, secretary, colleague):
    _kept, taken = filings(secretary, 2)
    desk.get(QUEUE)
    desk.post(reverse("admin:applications_bulk_preview"), {"kind": "accept"})
    batch = BulkAction.objects.get()
    claiming.claim(taken, actor=colleague)
    page = desk.post(reverse("admin:applications_bulk_confirm", args=[batch.uuid]), {"declared": "yes"}, follow=True)
    body = page.content.decode()
    assert f"1 件已有变化（{taken.file_number}）" in body
    assert "<b>1</b> 件将办理，<b>1</b> 件不办理" in body
    assert {row.state for row in everything()} == {State.SUBMITTED}


def test_progress_is_shown_while_the_worker_is_at_it(desk, secretary, settings):
    settings.BULK_AT_ONCE = 0
    filings(secretary, 1)
    batch = done(BulkKind.ACCEPT, secretary)
    page = desk.get(reverse("admin:applications_bulk", args=[batch.uuid]))
    assert page["Refresh"] == "2"
    assert "正在办理：<b>0</b> / 1" in page.content.decode().replace("</b> / 1 件", "</b> / 1")
    bulk.run({"batch": batch.pk})
    assert "Refresh" not in desk.get(reverse("admin:applications_bulk", args=[batch.uuid]))


# --- counted warnings -----------------------------------------------------------------------------------


def test_a_submission_counts_its_own_and_marks_the_others_of_the_enterprise(owner, secretary):
    first = checked.submitted(owner)
    warning_summaries.count_due(clock.now())
    summary = WarningSummary.objects.get(application=first)
    assert (summary.unexplained, summary.refreshed_at is not None) == (0, True)
    second = checked.submitted(owner, first.round, group_name="红柳QC小组")
    summaries = {row.application_id: row for row in WarningSummary.objects.all()}
    assert summaries[second.pk].explained > 0  # the same group twice, answered before the press
    assert summaries[first.pk].refreshed_at is None
    warning_summaries.count_due(clock.now())
    summaries = {row.application_id: row for row in WarningSummary.objects.all()}
    assert summaries[first.pk].refreshed_at is not None
    first_warnings = factories.explain(first, owner)
    warning_summaries.count(Application.objects.get(pk=first.pk), clock.now())
    assert first_warnings
    assert WarningSummary.objects.get(application=first).unexplained == 0


def test_likeness_to_another_enterprise_is_counted_on_both_sides(owner, rival):
    first = checked.submitted(owner)
    warning_summaries.count_due(clock.now())
    assert WarningSummary.objects.get(application=first).similar == 0
    second = checked.submitted(rival)
    for _turn in range(2):
        warning_summaries.count_due(clock.now())
    assert dict(WarningSummary.objects.values_list("application", "similar")) == {first.pk: 1, second.pk: 1}


def test_rows_from_before_are_filled_in_by_the_migration(owner, secretary, rival):
    from importlib import import_module

    from django.apps import apps

    filed = checked.submitted(owner)
    explained = len(filed.submissions.get().data.get("explanations", []))
    checking.start_check(filed, actor=secretary)
    WarningSummary.objects.all().delete()
    Claim.objects.all().delete()
    backfill = import_module("applications.migrations.0017_queue_backfill")
    for fill in (backfill.claim_open_checks, backfill.count_explained):
        fill(apps, None)
        fill(apps, None)  # may run again
    assert Claim.objects.get().holder == secretary
    summary = WarningSummary.objects.get()
    assert (summary.application, summary.explained, summary.refreshed_at) == (filed, explained, None)
