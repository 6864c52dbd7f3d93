"""领取 and 放回: who has a filing, how it passes on, and that it comes back by itself."""

from datetime import timedelta

import pytest
from django.urls import reverse

from applications.actions import checking, claiming, submission
from applications.models import Application, Claim, FormalCheck
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent
from tests import factories
from tests.applications import checked

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(db):
    return factories.staff(username="colleague", name="林秀兰")


@pytest.fixture
def filed(owner):
    return checked.submitted(owner)


def another(name):
    return checked.submitted(factories.enterprise_owner(username=name, enterprise_name=f"青海{name}有限公司"))


def verbs(application):
    return list(AuditEvent.objects.about(application).filter(verb__startswith="claim.").values_list("verb", flat=True))


def holder(application):
    return Claim.objects.get(application=application).holder


def test_a_claim_keeps_a_colleague_out_and_says_since_when(filed, secretary, colleague):
    with clock.fixed(factories.at(2026, 6, 18, 9, 12)):
        claiming.claim(filed, actor=secretary)
    with clock.fixed(factories.at(2026, 6, 18, 10, 0)):
        for press in (claiming.claim, checking.start_check):
            with pytest.raises(Refusal, match=r"陈雪梅 于 06-18 09:12 领取了这份申报"):
                press(filed, actor=colleague)
    assert holder(filed) == secretary
    assert not FormalCheck.objects.exists()
    assert verbs(filed) == ["claim.taken"]


def test_claiming_does_not_close_the_filing_for_the_enterprise(filed, secretary, owner):
    claiming.claim(filed, actor=secretary)
    checked.resubmit(filed, owner)
    assert filed.submissions.count() == 2
    assert holder(filed) == secretary


def test_claiming_twice_keeps_it_longer_and_leaves_one_trace(filed, secretary):
    first = claiming.claim(filed, actor=secretary)
    with clock.fixed(clock.now() + timedelta(hours=1)):
        second = claiming.claim(filed, actor=secretary)
    assert (second.pk, second.keeps_until > first.keeps_until) == (first.pk, True)
    assert verbs(filed) == ["claim.taken"]


@pytest.mark.parametrize("outcome", ["accept", "defer"])
def test_a_decision_ends_the_claim(filed, secretary, outcome):
    claiming.claim(filed, actor=secretary)
    check = checked.open_check(filed, secretary)
    if outcome == "accept":
        checking.accept(check, actor=secretary)
    else:
        checking.defer(check, actor=secretary, reason="下一期再报")
    assert not Claim.objects.exists()


def test_only_ones_own_claim_is_put_back_and_only_before_the_check(filed, secretary, colleague):
    claiming.claim(filed, actor=secretary)
    with pytest.raises(Refusal, match="不能由您放回"):
        claiming.release(filed, actor=colleague)
    claiming.release(filed, actor=secretary)
    with pytest.raises(Refusal, match="没有人领取"):
        claiming.release(filed, actor=secretary)
    checking.start_check(filed, actor=secretary)
    with pytest.raises(Refusal, match="审查已经开始"):
        claiming.release(filed, actor=secretary)
    assert verbs(filed) == ["claim.taken", "claim.released", "claim.taken"][::-1]


def test_a_colleague_takes_over_with_a_trace(filed, secretary, colleague):
    claiming.claim(filed, actor=secretary)
    claiming.take_over(filed, actor=colleague)
    assert holder(filed) == colleague
    event = AuditEvent.objects.about(filed).filter(verb="claim.taken_over").get()
    assert (event.before, event.after, event.actor) == ({"holder": "陈雪梅"}, {"holder": "林秀兰"}, colleague)
    with pytest.raises(Refusal, match="没有被同事领取"):
        claiming.take_over(filed, actor=colleague)


def test_taking_over_an_open_check_moves_the_claim_and_keeps_its_draft(filed, secretary, colleague):
    check = checked.open_check(filed, secretary)
    remark = [checking.RemarkText("topic_name", "请改题目")]
    checking.save_check(check, actor=secretary, answers={}, note="看到一半", remarks=remark)
    claiming.take_over(filed, actor=colleague)
    check = filed.checks.get()
    assert (check.checker, check.note, check.remarks.get().text) == (colleague, "看到一半", "请改题目")
    assert holder(filed) == colleague


def test_an_idle_claim_goes_back_but_never_one_with_a_check_under_way(filed, secretary, settings):
    other = another("乙")
    claiming.claim(filed, actor=secretary)
    checking.start_check(other, actor=secretary)
    before = clock.now() + timedelta(minutes=settings.CLAIM_MINUTES - 1)
    assert claiming.release_idle(before) == 0
    assert claiming.release_idle(before + timedelta(minutes=2)) == 1
    assert [claim.application for claim in Claim.objects.all()] == [other]
    assert verbs(filed) == ["claim.expired", "claim.taken"]


def test_renewing_keeps_it_from_going_back(filed, secretary, colleague, settings):
    claiming.claim(filed, actor=secretary)
    late = clock.now() + timedelta(minutes=settings.CLAIM_MINUTES - 5)
    with clock.fixed(late):
        claiming.renew(filed, actor=secretary)
        with pytest.raises(Refusal):
            claiming.renew(filed, actor=colleague)
    assert claiming.release_idle(late + timedelta(minutes=30)) == 0


def test_a_claim_that_ran_out_passes_on_without_asking_and_says_from_whom(filed, secretary, colleague, settings):
    claiming.claim(filed, actor=secretary)
    with clock.fixed(clock.now() + timedelta(minutes=settings.CLAIM_MINUTES + 1)):
        claiming.claim(filed, actor=colleague)
    assert holder(filed) == colleague
    assert AuditEvent.objects.about(filed).filter(verb="claim.taken_over").get().before == {"holder": "陈雪梅"}


def test_a_withdrawn_filing_is_no_longer_claimed(filed, secretary, owner):
    claiming.claim(filed, actor=secretary)
    submission.withdraw(filed, actor=owner, reason="不报了")
    assert claiming.release_idle(clock.now()) == 1
    with pytest.raises(Refusal, match="不需要审查"):
        claiming.claim(filed, actor=secretary)


def test_nobody_else_claims(filed, owner, auditor):
    for actor in (owner, auditor):
        for press in (claiming.claim, claiming.release, claiming.renew, claiming.take_over):
            with pytest.raises(NotAllowed):
                press(filed, actor=actor)
        with pytest.raises(NotAllowed):
            claiming.claim_next(Application.objects.all(), actor=actor)


# --- 下一件 -----------------------------------------------------------------------------------------


def test_next_takes_what_came_back_first_then_by_time_of_submission(secretary, colleague, owner):
    first, second, back = checked.submitted(owner), another("乙"), another("丙")
    checking.return_for_correction(
        checked.open_check(back, secretary), actor=secretary, remarks=[], open_fields=["topic_name"],
        correction_due_at=clock.now() + timedelta(days=3), reason="请改",
    )  # fmt: skip
    back.refresh_from_db()
    checked.resubmit(back, back.created_by)
    checked.resubmit(first, owner)  # submitted later than the second by now
    rows = Application.objects.all()
    given = [claiming.claim_next(rows, actor=person) for person in (secretary, colleague, secretary, colleague)]
    assert given == [back, second, first, None]
    assert [claim.holder for claim in Claim.objects.order_by("pk")] == [secretary, colleague, secretary]


def test_next_keeps_to_the_filter_and_leaves_open_checks_alone(secretary, colleague, owner, filed):
    other = another("乙")
    FormalCheck.objects.create(
        application=other, submission=other.submissions.get(), checker=colleague, started_at=clock.now()
    )
    assert claiming.claim_next(Application.objects.filter(pk=other.pk), actor=secretary) is None
    assert claiming.claim_next(Application.objects.all(), actor=secretary) == filed


# --- pages -----------------------------------------------------------------------------------------


def test_next_opens_the_check_page_of_a_filing_in_my_filter(client, secretary, filed):
    other = another("乙")
    other.enterprise.city = "6301"
    other.enterprise.save()
    client.force_login(secretary)
    client.get("/admin/applications/application/?city=6301")
    answer = client.post(reverse("admin:applications_queue_next"))
    assert answer["Location"] == reverse("admin:applications_check", args=[other.pk])
    answer = client.post(reverse("admin:applications_queue_next"), follow=True)
    assert answer.redirect_chain[-1][0].endswith("?city=6301")
    assert "没有未领取的待审查申报了" in answer.content.decode()


def test_next_may_begin_the_check_at_once(client, secretary, filed):
    client.force_login(secretary)
    client.post(reverse("admin:applications_queue_next"), {"start": "on"})
    assert filed.checks.get().checker == secretary


def test_the_check_page_says_who_has_it_and_offers_what_is_possible(client, secretary, colleague, filed):
    address = reverse("admin:applications_check", args=[filed.pk])
    client.force_login(colleague)
    assert "还没有人领取" in client.get(address).content.decode()
    claiming.claim(filed, actor=secretary)
    body = client.get(address).content.decode()
    assert "陈雪梅</b> 于" in body
    assert reverse("admin:applications_queue_take_over", args=[filed.pk]) in body
    answer = client.post(reverse("admin:applications_check_start", args=[filed.pk]), follow=True)
    assert "领取了这份申报" in answer.content.decode()
    client.force_login(secretary)
    with clock.fixed(clock.now() + timedelta(minutes=110)):
        body = client.get(address).content.decode()
    assert "分钟后自动放回" in body
    assert reverse("admin:applications_queue_renew", args=[filed.pk]) in body


def test_the_list_says_whose_they_are_and_filters_by_it(client, secretary, colleague, filed):
    other, third = another("乙"), another("丙")
    claiming.claim(filed, actor=secretary)
    checking.start_check(other, actor=colleague)
    client.force_login(secretary)
    found = {}
    for choice in ("mine", "others", "none", str(colleague.pk)):
        answer = client.get(f"/admin/applications/application/?assignee={choice}")
        found[choice] = [row["application"] for row in answer.context["rows"]]
    assert found == {"mine": [filed], "others": [other], "none": [third], str(colleague.pk): [other]}


def test_claim_and_release_from_the_list_come_back_to_the_same_filter(client, secretary, filed):
    client.force_login(secretary)
    client.get("/admin/applications/application/?type=self_set")
    answer = client.post(reverse("admin:applications_queue_claim", args=[filed.pk]), {"back": "list"})
    assert answer["Location"] == "/admin/applications/application/?type=self_set"
    assert holder(filed) == secretary
    client.post(reverse("admin:applications_queue_release", args=[filed.pk]), {"back": "list"})
    assert not Claim.objects.exists()
