"""推荐意见: asked, given before and after submission, bound to one version, never changing what was stamped."""

from datetime import timedelta

import pytest

from applications import codes, freezing, recommendations
from applications.actions import drafts, recommending
from applications.models import Application, Packet, Recommendation, RecommendationRequest, Submission
from applications.packets import building, opinions, sets
from applications.recommendations import Word
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import AuditEvent, MailMessage, OutboxMessage
from qcportal.site import verify
from tests import factories
from tests.applications import checked, recommenders
from tests.applications.documents import squeezed, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit(db):
    return recommenders.unit()


@pytest.fixture
def person(unit):
    return recommenders.person(unit)


@pytest.fixture
def draft(owner, unit):
    return factories.complete_draft(owner, recommending_unit=unit)


def again(application):
    return Application.objects.get(pk=application.pk)


def submit(application, owner):
    checked.submission.submit(application, actor=owner, confirmations=checked.CONFIRMED, arrived_at=clock.now())
    return again(application).latest_submission


def edit(application, owner, **values):
    now = again(application)
    drafts.save_section(now, actor=owner, section="results", values=values, seen_version=now.edit_version)
    return again(application)


def word(application, account=True):
    return recommendations.standing(again(application), account=account).word


# --- Without account, without unit ---------------------------------------------------------------


def test_without_account_the_unit_stamps_on_paper_and_is_not_asked(draft, owner):
    assert word(draft, account=recommendations.has_account(draft.recommending_unit)) == Word.PAPER
    with pytest.raises(Refusal, match="未开通账户，请打印后由其盖章"):
        recommending.request_opinion(draft, actor=owner)
    submit(draft, owner)
    assert not RecommendationRequest.objects.exists()


def test_an_enterprise_files_without_a_unit(owner, person):
    application = factories.complete_draft(owner)
    submission = submit(application, owner)
    assert "recommendation" not in submission.data
    assert submission.recommending_unit is None
    assert word(application) == Word.NO_UNIT
    with pytest.raises(Refusal, match="请先选择推荐单位"):
        recommending.request_opinion(application, actor=owner)


# --- Asking --------------------------------------------------------------------------------------


def test_a_request_shows_the_draft_and_tells_everybody_of_the_unit(draft, owner, person, unit):
    colleague = recommenders.person(unit, username="colleague", name="祁永福")
    assert not recommendations.visible_to(person).exists()
    recommending.request_opinion(draft, actor=owner)
    assert recommendations.visible_to(person).get().is_shared
    mails = MailMessage.objects.filter(subject__startswith="请出具推荐意见")
    assert {mail.to for mail in mails} == {person.email, colleague.email}
    assert f"/applications/recommend/{draft.uuid}/" in mails[0].body
    with pytest.raises(Refusal, match="请等待答复"):
        recommending.request_opinion(draft, actor=owner)


def test_a_clerk_does_not_ask(draft, clerk, person):
    draft.clerks.add(clerk)
    with pytest.raises(NotAllowed, match="单位负责人或质量主管"):
        recommending.request_opinion(draft, actor=clerk)


def test_a_cancelled_request_or_another_unit_ends_the_view_of_the_draft(draft, owner, person):
    recommending.request_opinion(draft, actor=owner)
    recommending.cancel_request(draft, actor=owner)
    assert not recommendations.visible_to(person).exists()
    recommending.request_opinion(draft, actor=owner)
    Application.objects.filter(pk=draft.pk).update(recommending_unit=recommenders.unit("青海省电力行业协会"))
    assert not recommendations.visible_to(person).exists()
    with pytest.raises(NotAllowed):
        recommenders.give(draft, person, seen=freezing.fingerprint(draft))


# --- Given before submission ---------------------------------------------------------------------


def test_an_opinion_given_before_is_frozen_with_the_submission_and_printed(draft, owner, person, tmp_path):
    recommending.request_opinion(draft, actor=owner)
    opinion = recommenders.give(draft, person)
    assert word(draft) == Word.RECOMMENDED
    submission = submit(draft, owner)
    frozen = submission.data["recommendation"]
    assert (frozen["decision"], frozen["code"], frozen["unchanged"]) == ("recommend", opinion.code, True)
    assert submission.personal["recommendation_signer"] == {"signer_name": "冶玉珍", "signer_title": "经济部部长"}
    assert "冶玉珍" not in str(submission.data)
    assert codes.digest(submission.data) == submission.sha256
    opinion.refresh_from_db()
    assert (opinion.frozen_in, opinion.frozen_unchanged, opinion.submission) == (submission, True, None)
    assert not RecommendationRequest.objects.filter(closed_at=None).exists()
    packet = building.build(submission, ("full",))[0]
    from qcportal import files

    text = squeezed(text_of(files.read(packet.file), tmp_path))
    assert squeezed(opinion.text) in text
    assert squeezed(opinion.code_grouped) in text
    assert "冶玉珍（经济部部长）" in text


def test_an_opinion_about_earlier_content_is_frozen_with_a_note_and_asked_for_again(draft, owner, person):
    recommending.request_opinion(draft, actor=owner)
    recommenders.give(draft, person)
    edit(draft, owner, main_results="又形成一项工艺标准。")
    assert word(draft) == Word.CHANGED
    submission = submit(again(draft), owner)
    assert submission.data["recommendation"]["unchanged"] is False
    assert word(draft) == Word.CHANGED
    assert RecommendationRequest.objects.get(closed_at=None).submission == submission


def test_the_unit_confirms_changed_content_and_the_first_opinion_is_kept(draft, owner, person):
    recommending.request_opinion(draft, actor=owner)
    first = recommenders.give(draft, person)
    edit(draft, owner, main_results="又形成一项工艺标准。")
    recommending.request_opinion(again(draft), actor=owner)
    second = recommenders.give(draft, person)
    assert second.supersedes == first
    submission = submit(again(draft), owner)
    assert submission.data["recommendation"]["code"] == second.code
    assert submission.data["recommendation"]["unchanged"] is True
    assert Recommendation.objects.count() == 2


def test_contacts_are_no_content(draft):
    before = freezing.fingerprint(draft)
    draft.contact_phone = "13900000999"
    assert freezing.fingerprint(draft) == before
    draft.topic_name = "另一课题"
    assert freezing.fingerprint(draft) != before


def test_nobody_signs_what_was_changed_meanwhile(draft, owner, person):
    recommending.request_opinion(draft, actor=owner)
    seen = recommending.seen_content(draft, None)
    edit(draft, owner, main_results="改过的成果。")
    with pytest.raises(StaleState, match="刚刚有变化"):
        recommenders.give(draft, person, seen=seen)
    assert not Recommendation.objects.exists()


def test_an_opinion_is_withdrawn_until_a_submission_stands_on_it(draft, owner, person):
    recommending.request_opinion(draft, actor=owner)
    opinion = recommenders.give(draft, person)
    recommending.withdraw_opinion(opinion, actor=person)
    assert word(draft) == Word.ASKED
    second = recommenders.give(draft, person)
    submission = submit(draft, owner)
    assert submission.data["recommendation"]["code"] == second.code
    with pytest.raises(Refusal, match="已随提交冻结"):
        recommending.withdraw_opinion(second, actor=person)


# --- Given later ---------------------------------------------------------------------------------


def test_a_later_opinion_changes_nothing_that_was_stamped(draft, owner, person, tmp_path):
    submission = submit(draft, owner)
    before = building.build(submission, ("full", "judge"))
    paper = sets.build_set(draft.enterprise, draft.round)
    opinion = recommenders.give(draft, person)
    fresh = Submission.objects.get(pk=submission.pk)
    assert (fresh.sha256, fresh.code, fresh.data) == (submission.sha256, submission.code, submission.data)
    Packet.objects.all().delete()
    after = building.build(fresh, ("full", "judge"))
    assert {one.file_id for one in after} == {one.file_id for one in before}
    assert sets.build_set(draft.enterprise, draft.round) == paper
    assert opinion.submission == submission
    assert word(draft) == Word.RECOMMENDED


def test_a_later_opinion_gets_a_page_with_its_own_code_the_same_each_time(draft, owner, person, tmp_path):
    submission = submit(draft, owner)
    opinion = recommenders.give(draft, person)
    assert OutboxMessage.objects.filter(topic="opinion.build", payload={"recommendation": opinion.pk}).exists()
    page = opinions.build(opinion)
    assert opinions.build(opinion) == page
    made = opinions.rendered(Recommendation.objects.get(pk=opinion.pk))
    assert made.pages == page.pages == 1
    assert made.content == opinions.rendered(opinion).content
    text = squeezed(text_of(made.content, tmp_path))
    for expected in (
        opinion.code_grouped, submission.file_number, "第1版", "海西州总工会", "青海湖光盐化股份有限公司", opinion.text,
        "冶玉珍", "经济部部长", submission.sha256, opinion.sha256,
    ):  # fmt: skip
        assert squeezed(expected) in text, expected
    assert opinion.code != submission.code


def test_a_submission_asks_the_unit_and_an_older_opinion_is_shown_as_such(draft, owner, person):
    submit(draft, owner)
    assert word(draft) == Word.ASKED
    recommenders.give(draft, person)
    edit(draft, owner, main_results="又形成一项工艺标准。")
    second = submit(again(draft), owner)
    assert second.version == 2
    assert "recommendation" not in second.data
    assert word(draft) == Word.OLDER
    open_one = RecommendationRequest.objects.get(closed_at=None)
    assert (open_one.submission, open_one.answered_at) == (second, None)
    recommenders.give(draft, person, decision="decline")
    assert word(draft) == Word.DECLINED


def test_the_edited_copy_of_a_submitted_filing_is_seen_only_after_a_request(draft, owner, person):
    submit(draft, owner)
    edit(draft, owner, main_results="未提交的修改。")
    assert not recommendations.visible_to(person).get().is_shared
    recommending.request_opinion(again(draft), actor=owner)
    assert recommendations.visible_to(person).get().is_shared


def test_another_unit_gives_no_opinion_and_none_is_given_once_judging_begins(draft, owner, person):
    submit(draft, owner)
    stranger = recommenders.person(recommenders.unit("青海省电力行业协会"), username="other", name="李守义")
    with pytest.raises(NotAllowed):
        recommenders.give(draft, stranger)
    Application.objects.filter(pk=draft.pk).update(state="in_review")
    with pytest.raises(Refusal, match="不再出具推荐意见"):
        recommenders.give(draft, person)


def test_an_opinion_is_signed_hashed_audited_and_told(draft, owner, person):
    submit(draft, owner)
    opinion = recommenders.give(draft, person)
    assert codes.digest(opinion.data) == opinion.sha256
    assert codes.personal_digest(opinion.personal, opinion.salt) == opinion.data["personal_digest"]
    assert opinion.given_by == person
    assert AuditEvent.objects.filter(verb="recommendation.given", actor=person).exists()
    letter = MailMessage.objects.get(subject__startswith="推荐意见：同意推荐")
    assert letter.to == owner.email
    assert opinion.text in letter.body


def test_a_code_says_whose_opinion_about_which_version_and_nothing_else(draft, owner, person, client):
    recommending.request_opinion(draft, actor=owner)
    before = recommenders.give(draft, person)
    assert verify.look_up(before.code) is None
    submission = submit(draft, owner)
    found = verify.look_up(before.code)
    assert (found.issuer, found.group, found.file_number) == ("海西州总工会", draft.group_name, submission.file_number)
    assert found.is_latest
    page = client.get(f"/verify/{before.code}/").content.decode()
    assert "推荐单位意见" in page
    for hidden in (draft.topic_name, before.text, "同意推荐", "冶玉珍"):
        assert hidden not in page
    recommenders.give(draft, person, decision="decline")
    assert not verify.look_up(before.code).is_latest


def test_one_reminder_and_no_more(draft, owner, person):
    recommending.request_opinion(draft, actor=owner)
    now = clock.now()
    assert recommending.remind(now) == 0
    assert recommending.remind(now + timedelta(days=3, minutes=1)) == 1
    assert recommending.remind(now + timedelta(days=9)) == 0
    assert MailMessage.objects.filter(subject__startswith="提醒：请出具推荐意见").count() == 1
