"""The working copy: who may change what and when, and what happens when two people do."""

from datetime import timedelta
from decimal import Decimal

import pytest

from applications.actions import drafts
from applications.actions import submission as submitting
from applications.actions.enterprises import StaleEdit
from applications.models import Application
from applications.states import State
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent
from tests import factories

CONFIRMED = {"truthful": "2026-1", "members_informed": "2026-1"}


def save(application, actor, section, values, seen=None):
    seen = Application.objects.get(pk=application.pk).edit_version if seen is None else seen
    return drafts.save_section(application, actor=actor, section=section, values=values, seen_version=seen)


def test_a_new_application_is_prefilled_from_the_enterprise_and_stands_last(owner):
    first = factories.draft(owner)
    enterprise = factories.enterprise_of(owner)
    application = drafts.create_application(
        enterprise, first.round, actor=owner, group_name=" 澄湖QC小组 ", topic_type="innovation"
    )
    assert (application.group_name, application.topic_type, application.preference) == ("澄湖QC小组", "innovation", 2)
    assert application.contact_phone == enterprise.contact_phone
    assert application.certificate_unit_name == enterprise.name
    assert AuditEvent.objects.filter(verb="application.created").count() == 1


def test_a_clerk_creates_no_application(owner, clerk):
    with pytest.raises(NotAllowed):
        drafts.create_application(factories.enterprise_of(owner), factories.open_round(), actor=clerk, group_name="甲")


@pytest.mark.parametrize(("at", "code"), [((2026, 5, 31), "not_open"), ((2026, 7, 1), "after_deadline")])
def test_nothing_is_created_outside_the_round(owner, at, code):
    round_ = factories.round_of(2026, 1)
    with clock.fixed(factories.at(*at)), pytest.raises(Refusal) as refused:
        drafts.create_application(factories.enterprise_of(owner), round_, actor=owner, group_name="甲")
    assert refused.value.code == code


def test_a_save_stores_the_section_and_names_fields_without_values_in_the_trail(owner):
    application = factories.draft(owner)
    save(application, owner, "contact", {"contact_name": "李文静", "contact_phone": "13900000043"})
    application.refresh_from_db()
    assert (application.contact_name, application.edit_version, application.updated_by) == ("李文静", 2, owner)
    event = AuditEvent.objects.get(verb="application.saved")
    assert event.data["fields"] == ["contact_name", "contact_phone"]
    assert "李文静" not in str(event.data) + str(event.before) + str(event.after)


def test_a_save_without_a_change_writes_nothing(owner):
    application = factories.draft(owner, contact_name="李文静")
    save(application, owner, "contact", {"contact_name": "李文静"})
    application.refresh_from_db()
    assert application.edit_version == 1
    assert not AuditEvent.objects.exists()


def test_a_stale_save_stores_nothing_and_brings_what_is_stored(owner):
    application = factories.draft(owner)
    save(application, owner, "contact", {"contact_name": "甲乙"}, seen=1)
    with pytest.raises(StaleEdit) as refused:
        save(application, owner, "contact", {"contact_name": "丙丁"}, seen=1)
    assert refused.value.current.contact_name == "甲乙"
    application.refresh_from_db()
    assert application.contact_name == "甲乙"


def test_keys_of_other_sections_are_left_out(owner):
    application = factories.draft(owner)
    save(application, owner, "contact", {"contact_name": "李文静", "topic_name": "不该在这里", "state": "accepted"})
    application.refresh_from_db()
    assert (application.topic_name, application.state) == ("", State.DRAFT)


def test_steps_of_another_type_keep_their_texts(owner):
    application = factories.draft(owner, topic_type="self_set", steps={"current_state": "调查了三个月。"})
    save(application, owner, "topic", {"topic_type": "innovation", "steps.best_plan": "三个方案比较。"})
    application.refresh_from_db()
    assert application.steps == {"current_state": "调查了三个月。", "best_plan": "三个方案比较。"}


def test_members_are_replaced_in_their_order(owner):
    application = factories.complete_draft(owner)
    rows = drafts.stored_value(application, "members")
    save(application, owner, "group", {"members": list(reversed(rows))})
    assert [member.name for member in application.members.all()] == ["扎西多杰", "韩志远"]
    assert AuditEvent.objects.get(verb="application.saved").data["fields"] == ["members"]


def test_strangers_and_uninvited_clerks_save_nothing(owner, clerk, rival, secretary):
    application = factories.draft(owner)
    for stranger in (clerk, rival, secretary):
        with pytest.raises(NotAllowed):
            save(application, stranger, "contact", {"contact_name": "外人"})
    application.clerks.add(clerk)
    save(application, clerk, "contact", {"contact_name": "李文静"})
    assert Application.objects.get().contact_name == "李文静"


def test_a_returned_filing_takes_only_what_the_return_names(owner):
    application = factories.complete_draft(
        owner, state=State.RETURNED, file_number="QC2026-1-0001",
        open_fields=["economic_benefit", "steps.effect_check"], correction_due_at=clock.now() + timedelta(days=3),
    )  # fmt: skip
    save(application, owner, "results", {"economic_benefit": Decimal("1.00"), "actual_value": "99%"})
    save(application, owner, "topic", {"steps.effect_check": "改了。", "steps.current_state": "也改。"})
    after = Application.objects.get()
    assert (after.economic_benefit, after.actual_value) == (Decimal("1.00"), "97.95%")
    assert after.steps["effect_check"] == "改了。"
    assert after.steps["current_state"] == application.steps["current_state"]


def test_a_returned_filing_closes_with_its_correction_deadline(owner):
    application = factories.complete_draft(
        owner, state=State.RETURNED, open_fields=["topic_name"], correction_due_at=clock.now()
    )
    with pytest.raises(Refusal) as refused:
        save(application, owner, "topic", {"topic_name": "迟了"})
    assert refused.value.code == "after_deadline"


def test_editing_a_submitted_filing_marks_it_and_leaves_its_version(owner):
    application = factories.complete_draft(owner)
    submission = submitting.submit(application, actor=owner, confirmations=CONFIRMED, arrived_at=clock.now())
    save(application, owner, "topic", {"topic_name": "新的课题名称"})
    application.refresh_from_db()
    assert (application.state, application.has_unsubmitted_changes) == (State.SUBMITTED, True)
    submission.refresh_from_db()
    assert submission.data["topic"]["topic_name"] == "提高碳酸锂包装一次合格率"


def test_the_order_of_preference_is_moved_by_managers_only(owner, clerk):
    first, second = factories.draft(owner, preference=1), factories.draft(owner, preference=2)
    second.clerks.add(clerk)
    drafts.move_application(second, actor=owner, up=True)
    drafts.move_application(second, actor=owner, up=True)
    assert list(Application.objects.order_by("preference")) == [second, first]
    with pytest.raises(NotAllowed):
        drafts.move_application(second, actor=clerk, up=False)
