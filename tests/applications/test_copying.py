"""Nothing typed twice: copies of earlier filings, carrying over, members of earlier groups; nothing silently."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from applications.actions import copying, reports
from applications.actions.enterprises import StaleEdit
from applications.last_year import as_filed
from applications.models import AnnualReport, Application, Evidence, Member
from applications.states import State
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent
from tests import factories
from tests.applications import documents


@pytest.fixture
def now_round():
    return factories.open_round()


@pytest.fixture
def earlier(owner, now_round):
    """Last year's filing."""
    round_ = factories.round_of(now_round.programme.year - 1, 1)
    return factories.complete_draft(owner, round_, state=State.AWARDED, file_number="QC-OLD-1")


def url(name, filing):
    return reverse(f"applications:{name}", args=[filing.uuid])


def test_a_copy_of_last_years_takes_the_chosen_parts_and_leaves_figures_empty(owner, now_round, earlier):
    made = copying.create_from(
        earlier, now_round, actor=owner, group_name="红柳QC小组", parts=["contact", "group", "members", "results"]
    )
    made.refresh_from_db()
    assert (made.copied_from, made.carried_from, made.state, made.file_number) == (earlier, None, State.DRAFT, None)
    assert (made.contact_phone, made.group_intro) == (earlier.contact_phone, earlier.group_intro)
    assert made.main_results == earlier.main_results
    assert (made.economic_benefit, made.activity_starts_on, made.attendance_rate) == (None, None, None)
    assert (made.group_registration_number, made.topic_name, made.steps) == ("", "", {})
    assert [(one.name, one.training_hours) for one in made.members.all()] == [("韩志远", None), ("扎西多杰", None)]
    assert made.member_count == 2
    assert not made.evidence.exists()
    event = AuditEvent.objects.get(verb="application.copied")
    assert event.data["source"] == str(earlier.uuid)
    assert "韩志远" not in str(event.data)


def test_a_copy_within_the_year_keeps_dates_and_figures(owner, now_round):
    source = factories.complete_draft(owner, now_round, state=State.WITHDRAWN)
    made = copying.create_from(source, now_round, actor=owner, group_name="", parts=copying.PARTS)
    made.refresh_from_db()
    assert (made.economic_benefit, made.activity_starts_on) == (source.economic_benefit, source.activity_starts_on)
    assert made.group_name == source.group_name
    assert made.steps == source.steps


def test_files_come_along_only_when_named_and_are_the_same_bytes(owner, now_round, earlier):
    chosen = earlier.evidence.get(kind="report")
    made = copying.create_from(
        earlier, now_round, actor=owner, group_name="甲", parts=[], evidence=[str(chosen.uuid), "no-such"]
    )
    (item,) = made.evidence.all()
    assert (item.kind, item.file_id, item.uploaded_by) == ("report", chosen.file_id, owner)
    assert item.uuid != chosen.uuid


def test_only_managers_copy_and_only_their_own(owner, clerk, rival, now_round, earlier):
    earlier.clerks.add(clerk)
    for person in (clerk, rival):
        with pytest.raises(NotAllowed):
            copying.create_from(earlier, now_round, actor=person, group_name="甲", parts=[])
    assert Application.objects.count() == 1


def test_nothing_is_copied_into_a_closed_round(owner, earlier):
    with clock.fixed(earlier.round.closes_at), pytest.raises(Refusal) as refused:
        copying.create_from(earlier, earlier.round, actor=owner, group_name="甲", parts=[])
    assert refused.value.code == "after_deadline"


def lapsed(owner, now_round, **fields):
    """A filing of the first period that lapsed; the present round is the second."""
    now = clock.now()
    round_ = factories.round_of(
        now_round.programme.year, 2, opens_at=now - timedelta(days=90), closes_at=now - timedelta(days=60),
        stamped_due_at=now - timedelta(days=50), paper_due_at=now - timedelta(days=50),
    )  # fmt: skip
    return factories.complete_draft(owner, round_, **{"state": State.LAPSED, **fields})


def test_a_lapsed_filing_is_carried_over_whole_once(owner, now_round):
    source = lapsed(owner, now_round, file_number="QC-9-0001")
    award = source.round.programme.special_awards.first()
    source.special_awards.add(award)
    made = copying.carry_over(source, now_round, actor=owner)
    made.refresh_from_db()
    assert (made.carried_from, made.copied_from, made.file_number, made.round) == (source, None, None, now_round)
    assert (made.economic_benefit, made.activity_starts_on) == (Decimal("462000.00"), source.activity_starts_on)
    assert made.members.first().training_hours == Decimal("48.0")
    assert list(made.special_awards.all()) == [award]
    assert not made.evidence.exists()
    source.refresh_from_db()
    assert source.state == State.LAPSED
    with pytest.raises(Refusal) as refused:
        copying.carry_over(source, now_round, actor=owner)
    assert refused.value.code == "already_carried"
    # Withdrawn again, it may be carried over again.
    Application.objects.filter(pk=made.pk).update(state=State.WITHDRAWN)
    assert copying.carry_over(source, now_round, actor=owner).carried_from == source


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.REFUSED, State.WITHDRAWN, State.AWARDED])
def test_only_lapsed_and_deferred_filings_are_carried_over(owner, now_round, state):
    source = lapsed(owner, now_round, state=state)
    with pytest.raises(Refusal) as refused:
        copying.carry_over(source, now_round, actor=owner)
    assert refused.value.code == "bad_state"


def test_carrying_over_is_offered_and_asked_about(client, owner, clerk, rival, now_round):
    source = lapsed(owner, now_round, state=State.DEFERRED)
    source.clerks.add(clerk)
    client.force_login(owner)
    assert url("carry_over", source) in client.get(url("detail", source)).text
    page = client.get(url("carry_over", source))
    assert "重新附上原来的材料" in page.text
    assert page.context["form"]["evidence"].value() in (None, [])
    wanted = source.evidence.first()
    answer = client.post(url("carry_over", source), {"evidence": [str(wanted.uuid)]})
    made = Application.objects.get(carried_from=source)
    assert answer["Location"] == url("detail", made)
    assert Evidence.objects.get(application=made).file_id == wanted.file_id
    text = client.get(url("detail", made)).text
    assert "结转自" in text
    assert "已结转到" in client.get(url("detail", source)).text
    for person, expected in [(clerk, 403), (rival, 404)]:
        client.force_login(person)
        assert client.get(url("carry_over", source)).status_code == expected
        assert client.post(url("carry_over", source)).status_code == expected


def test_the_page_for_copying_asks_what_to_take(client, owner, clerk, rival, now_round, earlier):
    client.force_login(owner)
    assert url("copy", earlier) in client.get(reverse("applications:new")).text
    page = client.get(url("copy", earlier))
    assert "出勤率" in page.text
    assert set(page.context["form"].initial["parts"]) == {"contact", "units", "group", "members"}
    answer = client.post(
        url("copy", earlier), {"round": now_round.pk, "group_name": "新小组", "parts": ["members", "topic"]}
    )
    made = Application.objects.get(copied_from=earlier)
    assert answer["Location"] == url("detail", made)
    assert (made.group_name, made.topic_name, made.leader_name) == ("新小组", earlier.topic_name, "")
    assert "内容复制自" in client.get(url("detail", made)).text
    earlier.clerks.add(clerk)
    for person, expected in [(clerk, 403), (rival, 404)]:
        client.force_login(person)
        assert client.get(url("copy", earlier)).status_code == expected
        assert client.post(url("copy", earlier), {"round": now_round.pk, "group_name": "甲"}).status_code == expected


def carry(filing, source, actor, names=("韩志远", "扎西多杰"), **more):
    seen = Application.objects.get(pk=filing.pk).edit_version
    return copying.carry_members(
        filing, source, actor=actor, names=names, **{"replace": False, "seen_version": seen, **more}
    )


def test_members_are_added_behind_and_nobody_twice(owner, now_round, earlier):
    filing = factories.draft(owner, now_round, member_count=1)
    Member.objects.create(application=filing, name="扎西多杰", group_role="leader", duty="现在的分工")
    carry(filing, earlier, owner)
    assert [(one.name, one.duty) for one in filing.members.all()] == [
        ("扎西多杰", "现在的分工"), ("韩志远", "现场实施、数据采集"),
    ]  # fmt: skip
    filing.refresh_from_db()
    assert (filing.member_count, filing.edit_version) == (2, 2)
    event = AuditEvent.objects.get(verb="application.members_carried")
    assert event.data["count"] == 1
    with pytest.raises(Refusal):
        carry(filing, earlier, owner)


def test_replacing_members_is_a_choice(owner, now_round, earlier):
    filing = factories.draft(owner, now_round)
    Member.objects.create(application=filing, name="马小军")
    carry(filing, earlier, owner, names=["韩志远"], replace=True)
    assert [one.name for one in filing.members.all()] == ["韩志远"]


def test_members_are_not_carried_over_a_change_that_was_not_seen(owner, now_round, earlier):
    filing = factories.draft(owner, now_round, edit_version=3)
    with pytest.raises(StaleEdit):
        carry(filing, earlier, owner, seen_version=2)
    assert not filing.members.exists()


def test_a_clerk_takes_members_only_from_filings_they_see(owner, clerk, rival, now_round, earlier):
    filing = factories.draft(owner, now_round)
    filing.clerks.add(clerk)
    with pytest.raises(NotAllowed):
        carry(filing, earlier, clerk)
    with pytest.raises(NotAllowed):
        carry(filing, earlier, rival)
    earlier.clerks.add(clerk)
    carry(filing, earlier, clerk)
    assert filing.members.count() == 2


def test_members_are_closed_with_the_gate_and_with_a_return_that_does_not_name_them(owner, now_round, earlier):
    filing = factories.draft(owner, now_round)
    with clock.fixed(now_round.closes_at), pytest.raises(Refusal) as refused:
        carry(filing, earlier, owner)
    assert refused.value.code == "after_deadline"
    Application.objects.filter(pk=filing.pk).update(
        state=State.RETURNED, open_fields=["topic_name"], correction_due_at=clock.now() + timedelta(days=1)
    )
    with pytest.raises(Refusal) as refused:
        carry(filing, earlier, owner)
    assert refused.value.code == "closed_key"


def test_the_preview_shows_both_lists_and_marks_who_is_there(client, owner, rival, now_round, earlier):
    filing = factories.draft(owner, now_round)
    Member.objects.create(application=filing, name="扎西多杰", position=1)
    client.force_login(owner)
    section = reverse("applications:section", args=[filing.uuid, "group"])
    assert url("members_from", filing) in client.get(section).text
    assert f"?source={earlier.uuid}" in client.get(url("members_from", filing)).text
    page = client.get(f"{url('members_from', filing)}?source={earlier.uuid}")
    assert "已在现有名单中" in page.text
    assert [ticked for _one, _there, ticked in page.context["incoming"]] == [True, False]
    sent = {"source": str(earlier.uuid), "seen_version": filing.edit_version, "mode": "append"}
    assert "请选择要带入的成员" in client.post(url("members_from", filing), sent).text
    answer = client.post(url("members_from", filing), sent | {"names": ["韩志远"]})
    assert answer["Location"] == f"{section}#members"
    assert filing.members.count() == 2
    foreign = factories.complete_draft(rival, now_round)
    assert client.get(f"{url('members_from', filing)}?source={foreign.uuid}").status_code == 404
    assert client.get(f"{url('members_from', filing)}?source=nonsense").status_code == 404


# Attachment 2 and 3: last year's.


@pytest.fixture
def last_report(owner, now_round):
    programme = factories.programme(now_round.programme.year - 1)
    return factories.report(factories.enterprise_of(owner), programme, summary_plans="上年的打算。" * 10)


def test_last_years_text_is_taken_into_an_empty_part_and_never_over_another(client, owner, now_round, last_report):
    client.force_login(owner)
    address = reverse("applications:report_summary", args=[now_round.programme.year])
    page = client.get(address)
    assert "上年的打算。" in page.text
    assert 'name="take" value="summary_plans"' in page.text
    sent = {"seen_version": 1, "summary_basics": "今年写的", "take": "summary_plans"}
    answer = client.post(address, sent)
    assert answer["Location"].endswith("#id_summary_plans")
    report = AnnualReport.objects.get(programme=now_round.programme)
    assert (report.summary_basics, report.summary_plans) == ("今年写的", "上年的打算。" * 10)
    client.post(address, {"seen_version": report.edit_version, "summary_plans": "我写的", "take": "summary_plans"})
    report.refresh_from_db()
    assert report.summary_plans == "我写的"


def test_last_year_is_what_was_frozen_not_what_was_edited_later(client, owner, now_round, last_report, db):
    from applications.actions import submission as submitting

    filing = factories.complete_draft(owner, factories.round_of(last_report.programme.year, 1))
    with clock.fixed(filing.round.opens_at + timedelta(days=1)):
        submitting.submit(filing, actor=owner, confirmations=documents.CONFIRMED, arrived_at=clock.now())
    version = last_report.versions.get()
    AnnualReport.objects.filter(pk=last_report.pk).update(employees=9999, summary_plans="没有提交的修改")
    last_report.refresh_from_db()
    filed = as_filed(last_report, version)
    assert (filed.employees, filed.direct_benefit) == (1250, Decimal("3862500.00"))
    assert filed.summary_plans == "上年的打算。" * 10
    assert as_filed(last_report, None).employees == 9999
    client.force_login(owner)
    text = client.get(reverse("applications:report_statistics", args=[now_round.programme.year])).text
    assert "1,250" in text
    assert "9,999" not in text
    text = client.get(reverse("applications:report_summary", args=[now_round.programme.year])).text
    assert "没有提交的修改" not in text
    assert "第 1 版" in text


def test_taking_last_years_text_is_for_managers(client, owner, clerk, now_round, last_report):
    client.force_login(clerk)
    address = reverse("applications:report_summary", args=[now_round.programme.year])
    assert client.post(address, {"take": "summary_plans"}).status_code == 403
    assert "作为底稿" not in client.get(address).text
    assert reports.SUMMARY_FIELDS
