import pytest
from django.urls import reverse

from applications.actions import enterprises
from applications.models import Enterprise
from qcportal import clock
from qcportal.errors import NotAllowed
from qcportal.models import AuditEvent
from tests import factories

PROFILE = "/applications/enterprise/"


def posted(enterprise, **changes):
    values = {name: getattr(enterprise, name) for name in enterprises.PROFILE_FIELDS}
    return {**values, "seen_version": enterprise.edit_version, **changes}


@pytest.fixture
def mine(owner):
    return factories.enterprise_of(owner)


def test_the_owner_sees_and_saves_the_profile(client, owner, mine):
    client.force_login(owner)
    page = client.get(PROFILE)
    assert mine.credit_code in page.content.decode()
    answer = client.post(PROFILE, posted(mine, address="格尔木市昆仑路 1 号", contact_phone="０９７１－６１３７８９０"))
    assert answer["Location"] == PROFILE
    mine.refresh_from_db()
    assert (mine.address, mine.contact_phone, mine.edit_version) == ("格尔木市昆仑路 1 号", "0971-6137890", 2)
    row = AuditEvent.objects.get(verb="enterprise.changed")
    assert row.data["fields"] == ["address", "contact_phone"]
    # Personal fields are named, their values stay out of the trail.
    assert row.after == {"address": "格尔木市昆仑路 1 号"}


def test_the_credit_code_cannot_be_changed(client, owner, mine):
    client.force_login(owner)
    client.post(PROFILE, posted(mine, credit_code="91630104MA0000015T", address="新址"))
    assert Enterprise.objects.get(pk=mine.pk).credit_code == mine.credit_code


def test_saving_nothing_new_changes_nothing(client, owner, mine):
    client.force_login(owner)
    client.post(PROFILE, posted(mine))
    mine.refresh_from_db()
    assert mine.edit_version == 1
    assert not AuditEvent.objects.exists()


def test_a_stale_save_is_refused_with_both_values(client, owner, mine):
    client.force_login(owner)
    enterprises.update_profile(mine, actor=owner, values={"address": "他人填写的地址"}, seen_version=1)
    page = client.post(PROFILE, posted(mine, address="我填写的地址"))
    assert page.status_code == 200
    text = page.content.decode()
    assert "他人填写的地址" in text
    assert "我填写的地址" in text
    assert [(one.field, one.theirs, one.yours) for one in page.context["conflicts"]] == [
        ("address", "他人填写的地址", "我填写的地址")
    ]
    # Pressing save on the page that shows both is a decision.
    assert 'name="seen_version" value="2"' in text
    client.post(PROFILE, posted(mine, address="我填写的地址", seen_version=2))
    assert Enterprise.objects.get(pk=mine.pk).address == "我填写的地址"


def test_a_new_name_must_be_verified_again(client, owner, mine, secretary):
    Enterprise.objects.filter(pk=mine.pk).update(verified_at=clock.now(), verified_by=secretary)
    client.force_login(owner)
    client.post(PROFILE, posted(mine, name="青海湖光新能源股份有限公司"))
    mine.refresh_from_db()
    assert not mine.is_verified
    assert mine.verified_by is None
    assert AuditEvent.objects.get(verb="enterprise.changed").data["unverified"] is True


def test_other_brackets_are_the_same_name(owner, mine, secretary):
    Enterprise.objects.filter(pk=mine.pk).update(
        name="青海湖光(集团)有限公司", verified_at=clock.now(), verified_by=secretary
    )
    row = enterprises.update_profile(mine, actor=owner, values={"name": "青海湖光（集团）有限公司"}, seen_version=1)
    assert row.name == "青海湖光（集团）有限公司"
    assert row.is_verified


@pytest.mark.parametrize(
    ("field", "value"), [("postcode", "81000"), ("contact_phone", "123"), ("contact_name", "李1"), ("name", "")]
)
def test_each_field_is_checked(client, owner, mine, field, value):
    client.force_login(owner)
    page = client.post(PROFILE, posted(mine, **{field: value}))
    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]


def test_who_may_reach_the_profile(client, owner, clerk, rival, secretary):
    assert client.get(PROFILE)["Location"] == f"{reverse('account_login')}?next={PROFILE}"
    client.force_login(clerk)
    assert client.get(PROFILE).status_code == 200
    assert client.post(PROFILE, posted(factories.enterprise_of(owner), name="改名")).status_code == 403
    client.force_login(rival)
    assert factories.enterprise_of(owner).name not in client.get(PROFILE).content.decode()
    client.force_login(secretary)
    assert client.get(PROFILE).status_code == 404
    assert client.delete(PROFILE).status_code == 405


def test_a_clerk_is_refused_by_the_action_as_well(owner, clerk, rival, mine):
    for stranger in (clerk, rival):
        with pytest.raises(NotAllowed):
            enterprises.update_profile(mine, actor=stranger, values={"name": "改名"}, seen_version=1)
