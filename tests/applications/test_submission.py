"""Submitting: the deadline to the second, one version per change, a trail of every press."""

from datetime import timedelta

import pytest

from applications import codes, completeness
from applications.actions import submission as actions
from applications.completeness import Problem
from applications.models import Application, FormalCheck, Submission, SubmitAttempt
from applications.states import State
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent, MailMessage, OutboxMessage
from tests import factories

CONFIRMED = {"truthful": "2026-1", "members_informed": "2026-1"}


def press(application, actor, at=None, confirmations=CONFIRMED):
    if at is None:
        return actions.submit(application, actor=actor, confirmations=confirmations, arrived_at=clock.now())
    with clock.fixed(at):
        return actions.submit(application, actor=actor, confirmations=confirmations, arrived_at=at)


@pytest.fixture
def filing(owner):
    return factories.complete_draft(owner, factories.round_of(2026, 1))


DURING = factories.at(2026, 6, 20, 10)
DEADLINE = factories.at(2026, 7, 1)


def test_a_submission_gets_number_version_code_and_hash(filing, owner):
    submission = press(filing, owner, DURING)
    filing.refresh_from_db()
    assert (filing.state, filing.file_number) == (State.SUBMITTED, "QC2026-1-0001")
    assert (submission.version, submission.file_number, submission.submitted_at) == (1, "QC2026-1-0001", DURING)
    assert submission.sha256 == codes.digest(submission.data)
    assert submission.data["personal_digest"] == codes.personal_digest(submission.personal, submission.salt)
    assert len(submission.code) == 12
    assert submission.report_version.version == 1


def test_the_public_part_holds_no_personal_data(filing, owner):
    submission = press(filing, owner, DURING)
    text = codes.canonical(submission.data).decode()
    for personal in ("李文静", "13900000043", "lwj@huguang.example", "韩志远", "扎西多杰", owner.name):
        assert personal not in text
    assert submission.personal["members"][1]["name"] == "扎西多杰"


def test_a_submission_writes_trail_receipt_and_work(filing, owner):
    submission = press(filing, owner, DURING)
    event = AuditEvent.objects.get(verb="application.submitted")
    assert (event.actor, event.after["sha256"]) == (owner, submission.sha256)
    assert set(OutboxMessage.objects.values_list("topic", flat=True)) == {
        "packet.build", "paperset.build", "mail.send", "staff.submissions",
    }  # fmt: skip
    receipt = MailMessage.objects.get(to="lwj@huguang.example")
    assert "QC2026-1-0001" in receipt.subject
    assert "2026年6月20日 10:00:00" in receipt.body
    assert submission.sha256 in receipt.body
    assert filing.consents.count() == 2


@pytest.mark.parametrize(("seconds", "accepted"), [(-1, True), (0, False), (1, False)])
def test_the_deadline_to_the_second(filing, owner, seconds, accepted):
    at = DEADLINE + timedelta(seconds=seconds)
    if accepted:
        assert press(filing, owner, at).version == 1
    else:
        with pytest.raises(Refusal) as refused:
            press(filing, owner, at)
        assert refused.value.code == "after_deadline"
        assert "2026年6月30日24:00" in refused.value.message
        assert not Submission.objects.exists()
    attempt = SubmitAttempt.objects.get()
    assert (attempt.arrived_at, attempt.outcome) == (at, "accepted" if accepted else "after_deadline")


def test_before_the_round_opens_nothing_is_taken(filing, owner):
    with pytest.raises(Refusal) as refused:
        press(filing, owner, factories.at(2026, 5, 31, 23, 59, 59))
    assert refused.value.code == "not_open"


def test_an_extension_moves_the_deadline_for_its_enterprise_only(filing, owner, rival, secretary):
    other = factories.complete_draft(rival, filing.round)
    filing.round.extensions.create(
        enterprise=filing.enterprise, new_deadline=DEADLINE + timedelta(days=2), reason="停电",
        created_by=secretary, created_at=DURING,
    )  # fmt: skip
    assert press(filing, owner, DEADLINE + timedelta(days=1)).version == 1
    with pytest.raises(Refusal):
        press(other, rival, DEADLINE + timedelta(days=1))


def test_pressing_twice_makes_one_version(filing, owner):
    first, second = press(filing, owner, DURING), press(filing, owner, DURING)
    assert first == second
    assert Submission.objects.count() == 1
    assert list(SubmitAttempt.objects.values_list("outcome", flat=True)) == ["repeated", "accepted"]
    assert AuditEvent.objects.filter(verb="application.submitted").count() == 1


def test_a_change_before_the_deadline_makes_the_next_version_on_the_same_report(filing, owner):
    first = press(filing, owner, DURING)
    Application.objects.filter(pk=filing.pk).update(group_name="澄湖QC小组", has_unsubmitted_changes=True)
    second = press(filing, owner, DURING + timedelta(hours=1))
    assert (second.version, second.file_number) == (2, first.file_number)
    assert second.report_version == first.report_version
    assert first.data["group"]["group_name"] == "红柳QC小组"
    assert second.data["group"]["group_name"] == "澄湖QC小组"


def test_a_changed_report_makes_a_new_report_version(filing, owner):
    first = press(filing, owner, DURING)
    report = filing.enterprise.reports.get()
    report.employees = 1300
    report.save()
    Application.objects.filter(pk=filing.pk).update(has_unsubmitted_changes=True)
    second = press(filing, owner, DURING + timedelta(hours=1))
    assert (first.report_version.version, second.report_version.version) == (1, 2)


def test_once_a_check_has_begun_the_version_stands(filing, owner, secretary):
    submission = press(filing, owner, DURING)
    FormalCheck.objects.create(application=filing, submission=submission, checker=secretary, started_at=DURING)
    Application.objects.filter(pk=filing.pk).update(has_unsubmitted_changes=True)
    with pytest.raises(Refusal) as refused:
        press(filing, owner, DURING + timedelta(hours=1))
    assert refused.value.code == "check_begun"


def test_a_returned_filing_is_taken_until_its_correction_deadline(filing, owner):
    press(filing, owner, DURING)
    due = factories.at(2026, 7, 8)
    Application.objects.filter(pk=filing.pk).update(
        state=State.RETURNED, correction_due_at=due, open_fields=["economic_benefit"]
    )
    with pytest.raises(Refusal):
        press(filing, owner, due)
    assert press(filing, owner, due - timedelta(seconds=1)).version == 2
    filing.refresh_from_db()
    assert (filing.state, filing.open_fields, filing.correction_due_at) == (State.SUBMITTED, [], None)


def test_incomplete_material_is_refused_and_says_what_is_missing(filing, owner, monkeypatch):
    lacking = [Problem("error", "topic_name", "请填写课题名称。"), Problem("warning", "members", "请核对人数。")]
    monkeypatch.setattr(completeness, "problems", lambda application: lacking)
    with pytest.raises(actions.Incomplete) as refused:
        press(filing, owner, DURING)
    assert [problem.key for problem in refused.value.problems] == ["topic_name"]
    assert SubmitAttempt.objects.get().missing == ["topic_name"]


def test_without_confirmations_nothing_is_submitted(filing, owner):
    with pytest.raises(Refusal) as refused:
        press(filing, owner, DURING, {"truthful": "2026-1"})
    assert refused.value.code == "unconfirmed"


def test_a_clerk_and_a_stranger_cannot_submit(filing, clerk, rival):
    filing.clerks.add(clerk)
    for person in (clerk, rival):
        with pytest.raises(NotAllowed):
            press(filing, person, DURING)


def test_file_numbers_count_up_within_the_round(filing, owner, rival):
    press(filing, owner, DURING)
    press(factories.complete_draft(rival, filing.round), rival, DURING)
    second_round = factories.complete_draft(rival, factories.round_of(2026, 2))
    press(second_round, rival, factories.at(2026, 8, 1))
    assert list(Submission.objects.order_by("id").values_list("file_number", flat=True)) == [
        "QC2026-1-0001",
        "QC2026-1-0002",
        "QC2026-2-0001",
    ]


def test_withdrawing_before_the_deadline(filing, owner):
    press(filing, owner, DURING)
    with clock.fixed(DURING):
        actions.withdraw(filing, actor=owner, reason="课题需继续验证")
    filing.refresh_from_db()
    assert filing.state == State.WITHDRAWN
    assert Submission.objects.count() == 1


def test_withdrawing_after_the_deadline_is_refused(filing, owner):
    press(filing, owner, DURING)
    with clock.fixed(DEADLINE), pytest.raises(Refusal) as refused:
        actions.withdraw(filing, actor=owner, reason="")
    assert refused.value.code == "after_deadline"
