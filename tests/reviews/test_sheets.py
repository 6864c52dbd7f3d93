"""Scoring: drafts, the final submission, what is refused, and the versions that stay."""

from datetime import timedelta
from decimal import Decimal

import pytest

from applications.models import Application
from applications.states import State
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent
from reviews.actions import pledging, sheets
from reviews.models import Pledge, ScoreSheet
from reviews.states import SheetState
from tests.reviews import builders

GOLDEN = {"topic": "13.5", "analysis": "26", "measures": "17.5", "effect": "18", "report": "4", "features": "8.5"}


def decimals(values):
    return {code: None if value is None else Decimal(value) for code, value in values.items()}


def test_a_draft_may_be_incomplete_and_keeps_comments(assignment):
    draft = builders.draft_sheet(
        assignment, points=decimals({"topic": "13.5", "analysis": None}), comments={"topic": "数据充分"}, overall="好"
    )
    assert (draft.state, draft.edit_version, draft.comment, draft.total) == (SheetState.DRAFT, 1, "好", None)
    topic = draft.scores.get(item__code="topic")
    assert (topic.points, topic.comment) == (Decimal("13.5"), "数据充分")


def test_submitting_computes_the_total_and_locks(assignment):
    draft = builders.draft_sheet(assignment, points=decimals(GOLDEN))
    sheet = sheets.submit_sheet(assignment, actor=assignment.judge.user, edit_version=draft.edit_version)
    sheet.refresh_from_db()
    assert (sheet.state, sheet.total) == (SheetState.SUBMITTED, Decimal("87.50"))
    assert sheet.submission == assignment.application.latest_submission
    assert AuditEvent.objects.get(verb="sheet.submitted").after == {"version": 1, "total": "87.50"}
    with pytest.raises(Refusal) as refused:
        builders.draft_sheet(assignment, edit_version=sheet.edit_version)
    assert refused.value.code == "locked"


def test_pressing_submit_twice_makes_one_submission(assignment):
    first = builders.submitted_sheet(assignment)
    again = sheets.submit_sheet(assignment, actor=assignment.judge.user, edit_version=first.edit_version)
    assert again == first
    assert AuditEvent.objects.filter(verb="sheet.submitted").count() == 1


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("15.5", "应在 0 至 15 分之间，现填 15.5。"),
        ("-1", "应在 0 至 15 分之间，现填 -1。"),
        ("13.3", "应以 0.5 分为一档，现填 13.3。"),
    ],
)
def test_points_off_range_or_step_are_refused(assignment, typed, message):
    with pytest.raises(sheets.SheetProblems) as refused:
        builders.draft_sheet(assignment, points=decimals({**GOLDEN, "topic": typed}))
    assert refused.value.problems == {"topic": message}
    assert not ScoreSheet.objects.exists()


def test_an_empty_item_is_not_zero_and_stops_the_submission(assignment):
    draft = builders.draft_sheet(assignment, points=decimals({**GOLDEN, "report": None}))
    with pytest.raises(sheets.SheetProblems) as refused:
        sheets.submit_sheet(assignment, actor=assignment.judge.user, edit_version=draft.edit_version)
    assert refused.value.problems == {"report": "尚未评分。"}


def test_zero_is_a_score(assignment):
    draft = builders.draft_sheet(assignment, points=decimals({**GOLDEN, "report": "0"}))
    sheet = sheets.submit_sheet(assignment, actor=assignment.judge.user, edit_version=draft.edit_version)
    assert sheet.total == Decimal("83.5")


def test_a_required_comment_must_be_there(assignment):
    draft = builders.draft_sheet(assignment, points=decimals(GOLDEN))
    draft.rubric.items.filter(code="features").update(comment_required=True)
    with pytest.raises(sheets.SheetProblems) as refused:
        sheets.submit_sheet(assignment, actor=assignment.judge.user, edit_version=draft.edit_version)
    assert refused.value.problems == {"features": "此项须写评语。"}


@pytest.mark.parametrize(("seconds", "accepted"), [(-1, True), (0, False), (1, False)])
def test_the_closing_of_the_window_to_the_second(assignment, seconds, accepted):
    draft = builders.draft_sheet(assignment)
    with clock.fixed(assignment.stage.closes_at + timedelta(seconds=seconds)):
        if accepted:
            assert sheets.submit_sheet(
                assignment, actor=assignment.judge.user, edit_version=draft.edit_version
            ).submitted_at
        else:
            with pytest.raises(Refusal) as refused:
                sheets.submit_sheet(assignment, actor=assignment.judge.user, edit_version=draft.edit_version)
            assert refused.value.code == "closed"


@pytest.mark.parametrize(("seconds", "accepted"), [(-1, False), (0, True), (1, True)])
def test_the_opening_of_the_window_to_the_second(assignment, seconds, accepted):
    with clock.fixed(assignment.stage.opens_at + timedelta(seconds=seconds)):
        if accepted:
            assert builders.draft_sheet(assignment).edit_version == 1
        else:
            with pytest.raises(Refusal):
                builders.draft_sheet(assignment)


def test_a_stale_tab_is_refused_with_what_is_stored(assignment):
    builders.draft_sheet(assignment, total=80)
    builders.draft_sheet(assignment, total=90, edit_version=1)
    with pytest.raises(sheets.StaleSheet) as refused:
        builders.draft_sheet(assignment, total=70, edit_version=1)
    assert sum(score.points for score in refused.value.stored.scores.all()) == 90
    with pytest.raises(sheets.StaleSheet):
        sheets.submit_sheet(assignment, actor=assignment.judge.user, edit_version=1)


def test_a_second_first_save_is_stale_too(assignment):
    builders.draft_sheet(assignment, total=80)
    with pytest.raises(sheets.StaleSheet):
        builders.draft_sheet(assignment, total=70, edit_version=0)


def test_nobody_fills_in_another_judges_sheet(assignment, secretary):
    other = builders.judge("文海清", "西宁市质量协会")
    for person in (secretary, other.user):
        with pytest.raises(NotAllowed):
            builders_save_as(assignment, person)


def builders_save_as(assignment, person):
    return sheets.save_sheet(assignment, actor=person, points={}, comments={}, overall="", edit_version=0)


def test_without_a_pledge_nothing_is_scored(assignment, judge):
    Pledge.objects.all().delete()
    with pytest.raises(Refusal) as refused:
        builders.draft_sheet(assignment)
    assert refused.value.code == "no_pledge"
    with pytest.raises(Refusal):
        pledging.accept_pledge(judge, assignment.stage.round.programme, actor=judge.user, version="1999-1")
    from reviews import pledge

    first = pledging.accept_pledge(judge, assignment.stage.round.programme, actor=judge.user, version=pledge.VERSION)
    assert first == pledging.accept_pledge(
        judge, assignment.stage.round.programme, actor=judge.user, version=pledge.VERSION
    )
    assert builders.draft_sheet(assignment)


def test_only_the_judge_accepts_the_pledge(judge, round_, secretary):
    with pytest.raises(NotAllowed):
        pledging.accept_pledge(judge, round_.programme, actor=secretary, version="2026-1")


def test_a_returned_filing_is_not_scored_until_it_is_back(assignment, filing):
    Application.objects.filter(pk=filing.pk).update(state=State.RETURNED)
    with pytest.raises(Refusal) as refused:
        builders.draft_sheet(assignment)
    assert refused.value.code == "closed"


def test_a_new_version_of_the_filing_must_be_seen_before_submitting(assignment, filing):
    draft = builders.draft_sheet(assignment)
    builders.frozen(filing, filing.file_number, version=2)
    with pytest.raises(Refusal) as refused:
        sheets.submit_sheet(assignment, actor=assignment.judge.user, edit_version=draft.edit_version)
    assert refused.value.code == "new_version"
    draft = builders.draft_sheet(assignment, edit_version=draft.edit_version)
    sheet = sheets.submit_sheet(assignment, actor=assignment.judge.user, edit_version=draft.edit_version)
    assert sheet.submission.version == 2


def test_reopening_keeps_the_old_version_and_copies_it_into_a_draft(assignment, secretary):
    old = builders.submitted_sheet(assignment, total=80)
    draft = sheets.reopen_sheet(old, actor=secretary, reason="误将效果项评为另一小组")
    old.refresh_from_db()
    assert (old.state, old.total, old.reopened_by) == (SheetState.REOPENED, Decimal(80), secretary)
    assert (draft.version, draft.state, draft.total) == (2, SheetState.DRAFT, None)
    assert sum(score.points for score in draft.scores.all()) == 80
    builders.draft_sheet(assignment, total=85, edit_version=draft.edit_version)
    again = sheets.submit_sheet(assignment, actor=assignment.judge.user, edit_version=draft.edit_version + 1)
    assert again.total == 85
    assert sum(score.points for score in old.scores.all()) == 80
    assert AuditEvent.objects.get(verb="sheet.reopened").before == {"version": 1, "total": "80.00"}


def test_reopening_is_refused_without_right_reason_state_or_window(assignment, secretary, auditor):
    draft = builders.draft_sheet(assignment)
    with pytest.raises(Refusal) as refused:
        sheets.reopen_sheet(draft, actor=secretary, reason="草稿")
    assert refused.value.code == "bad_state"
    sheet = sheets.submit_sheet(assignment, actor=assignment.judge.user, edit_version=draft.edit_version)
    with pytest.raises(Refusal) as refused:
        sheets.reopen_sheet(sheet, actor=secretary, reason=" ")
    assert refused.value.code == "reason_missing"
    for person in (auditor, assignment.judge.user):
        with pytest.raises(NotAllowed):
            sheets.reopen_sheet(sheet, actor=person, reason="想改")
    with clock.fixed(assignment.stage.closes_at), pytest.raises(Refusal) as refused:
        sheets.reopen_sheet(sheet, actor=secretary, reason="误评")
    assert refused.value.code == "closed"


def test_reopening_brings_a_scored_filing_back_to_review(assignment, filing, secretary):
    sheet = builders.submitted_sheet(assignment)
    Application.objects.filter(pk=filing.pk).update(state=State.SCORED)
    sheets.reopen_sheet(sheet, actor=secretary, reason="误评")
    filing.refresh_from_db()
    assert filing.state == State.IN_REVIEW
