import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.actions import people
from applications.actions.registration import Person, Taken
from applications.models import Application, Consent, Invitation, Membership
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent, MailMessage, User
from tests import factories

PEOPLE = "/applications/enterprise/people/"
NEWCOMER = Person("lijia", "李佳", "lijia@example.test", "13900000202", factories.PASSWORD)


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


@pytest.fixture
def mine(owner):
    return factories.enterprise_of(owner)


@pytest.fixture
def manager(owner):
    return factories.colleague(owner, username="manager", name="才让卓玛", role="manager")


def invite(owner, **changes):
    defaults = {"email": "lijia@example.test", "name": "李佳", "role": "clerk", "now": clock.now()}
    return people.invite(factories.enterprise_of(owner), actor=owner, **{**defaults, **changes})


def link_of(invitation):
    body = MailMessage.objects.filter(to=invitation.email).latest("id").body
    return re.search(r"/applications/invitation/[\w-]+/", body).group()


def accepted_form(**changes):
    return {
        "name": "李佳", "mobile": "13900000202", "username": "lijia", "password1": factories.PASSWORD,
        "password2": factories.PASSWORD, "consent": "on", **changes,
    }  # fmt: skip


def member(user):
    return Membership.objects.select_related("user", "enterprise").get(user=user)


# --- Inviting -------------------------------------------------------------------------------------


def test_the_owner_invites_and_only_a_hash_is_kept(client, owner):
    client.force_login(owner)
    answer = client.post(PEOPLE, {"name": "李佳", "email": "LiJia@example.test", "role": "clerk"})
    assert answer["Location"] == PEOPLE
    invitation = Invitation.objects.get()
    token = link_of(invitation).split("/")[-2]
    assert invitation.email == "lijia@example.test"
    assert invitation.token_hash == people.token_hash(token)
    assert token not in str(Invitation.objects.values().get())
    assert invitation.expires_at - invitation.created_at == timedelta(days=14)


def test_inviting_the_same_address_twice_is_refused_at_the_field(client, owner, manager):
    invite(owner)
    client.force_login(owner)
    page = client.post(PEOPLE, {"name": "李佳", "email": "lijia@example.test", "role": "clerk"})
    assert page.context["form"].errors["email"] == ["已向该邮箱发出邀请，可在下方重新发送。"]
    page = client.post(PEOPLE, {"name": "才让卓玛", "email": manager.email, "role": "clerk"})
    assert page.context["form"].errors["email"] == ["该邮箱的用户已是本单位成员。"]


def test_a_newcomer_sets_a_password_and_is_in(client, owner, mine):
    application = factories.draft(owner, group_name="红柳QC小组")
    link = link_of(invite(owner, applications=[application]))
    assert mine.name in client.get(link).content.decode()
    answer = client.post(link, accepted_form(email="somebody@else.test"))
    assert answer["Location"] == PEOPLE
    user = User.objects.get(username="lijia")
    # The link was mailed there: the address is proven, and it is the invited one.
    assert user.email == "lijia@example.test"
    assert user.email_verified_at is not None
    assert member(user).role == "clerk"
    assert list(Application.objects.visible_to(user)) == [application]
    assert Consent.objects.get(user=user).version == "2026-1"
    assert client.get(PEOPLE).status_code == 200


def test_a_link_works_once(client, owner):
    link = link_of(invite(owner))
    client.post(link, accepted_form())
    client.logout()
    assert client.get(link).status_code == 404
    assert client.post(link, accepted_form(username="other", mobile="13900000203")).status_code == 404
    assert User.objects.filter(username="other").count() == 0


def test_two_who_hold_the_same_link_make_one_member(owner, mine):
    invitation = invite(owner)
    people.accept_as_new(invitation, NEWCOMER, now=clock.now())
    other = Person("other", "别人", "other@example.test", "13900000203", factories.PASSWORD)
    with pytest.raises(Refusal) as refused:
        people.accept_as_new(invitation, other, now=clock.now())
    assert refused.value.code == "invitation_closed"
    assert not User.objects.filter(username="other").exists()


def test_an_expired_or_revoked_link_is_closed(client, owner):
    link = link_of(invite(owner))
    with clock.fixed(clock.now() + timedelta(days=14)):
        assert client.get(link).status_code == 404
    people.revoke(Invitation.objects.get(), actor=owner, now=clock.now())
    assert client.get(link).status_code == 404
    assert client.get("/applications/invitation/nonsense/").status_code == 404


def test_sending_again_replaces_the_link(client, owner):
    invitation = invite(owner)
    old = link_of(invitation)
    client.force_login(owner)
    client.post(reverse("applications:invitation_resend", args=[invitation.uuid]))
    client.logout()
    assert client.get(old).status_code == 404
    assert client.get(link_of(invitation)).status_code == 200


def test_a_known_person_without_enterprise_accepts_by_one_press(client, owner, mine):
    link = link_of(invite(owner))
    somebody = factories.user(username="somebody")
    client.force_login(somebody)
    assert client.post(link)["Location"] == PEOPLE
    assert member(somebody).enterprise == mine


def test_a_member_of_another_enterprise_cannot_accept(client, owner, rival):
    link = link_of(invite(owner))
    client.force_login(rival)
    assert "一个账号只属于一个单位" in client.get(link).content.decode()
    assert client.post(link).status_code == 403
    with pytest.raises(Refusal):
        people.accept_as_user(Invitation.objects.get(), user=rival, now=clock.now())


def test_somebody_elses_username_is_refused(owner, mine):
    factories.user(username="lijia", email="other@example.test")
    with pytest.raises(Taken):
        people.accept_as_new(invite(owner), NEWCOMER, now=clock.now())


def test_applications_of_others_cannot_be_given(owner, rival):
    foreign = factories.draft(rival)
    assert not invite(owner, applications=[foreign]).applications.exists()


# --- Members --------------------------------------------------------------------------------------


def test_the_owner_changes_a_role(client, owner, clerk):
    client.force_login(owner)
    client.post(reverse("applications:person_role", args=[clerk.uuid]), {"role": "manager"})
    assert member(clerk).role == "manager"
    assert AuditEvent.objects.get(verb="person.role_changed").after == {"role": "manager"}


def test_a_deactivated_person_is_out_at_once(client, owner, clerk):
    application = factories.draft(owner)
    people.invite_clerk(application, user=clerk, actor=owner)
    client.force_login(owner)
    address = reverse("applications:person_deactivate", args=[clerk.uuid])
    assert "停用" in client.get(address).content.decode()
    client.post(address)
    assert not member(clerk).is_active
    assert not Application.objects.visible_to(clerk).exists()
    client.force_login(clerk)
    assert client.get(PEOPLE).status_code == 404


def test_the_owner_cannot_be_deactivated_or_demoted(owner):
    for action in (people.deactivate, lambda one, actor: people.change_role(one, actor=actor, role="clerk")):
        with pytest.raises(Refusal) as refused:
            action(member(owner), actor=owner)
        assert refused.value.code == "owner"


def test_ownership_is_handed_over(client, owner, manager):
    client.force_login(owner)
    address = reverse("applications:person_hand_over", args=[manager.uuid])
    assert "您改任质量主管" in client.get(address).content.decode()
    client.post(address)
    assert (member(owner).role, member(manager).role) == ("manager", "owner")
    assert AuditEvent.objects.filter(verb="enterprise.handed_over").count() == 1
    assert MailMessage.objects.count() == 2
    # The second press comes from somebody who is no longer owner.
    assert client.post(address).status_code == 403


def test_the_database_allows_one_owner(owner, clerk):
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(user=clerk).update(role="owner")


def test_a_former_member_cannot_become_owner(owner, clerk):
    people.deactivate(member(clerk), actor=owner)
    with pytest.raises(Refusal) as refused:
        people.hand_over(member(clerk), actor=owner)
    assert refused.value.code == "successor"
    assert member(owner).role == "owner"


# --- Which application a 填报人 may edit -----------------------------------------------------------


def test_a_manager_chooses_the_applications_of_a_clerk(client, owner, manager, clerk):
    first, second = factories.draft(owner, group_name="甲"), factories.draft(owner, group_name="乙")
    client.force_login(manager)
    address = reverse("applications:person_applications", args=[clerk.uuid])
    client.post(address, {"applications": [first.pk, second.pk]})
    assert set(Application.objects.visible_to(clerk)) == {first, second}
    client.post(address, {"applications": [second.pk]})
    assert set(Application.objects.visible_to(clerk)) == {second}
    assert AuditEvent.objects.filter(verb="application.clerk_removed").count() == 1


def test_a_foreign_application_is_refused_by_the_form(client, owner, clerk, rival):
    foreign = factories.draft(rival)
    client.force_login(owner)
    page = client.post(reverse("applications:person_applications", args=[clerk.uuid]), {"applications": [foreign.pk]})
    assert "applications" in page.context["form"].errors
    assert not foreign.clerks.exists()


def test_only_members_become_clerks_of_an_application(owner, rival, clerk):
    application = factories.draft(owner)
    with pytest.raises(Refusal):
        people.invite_clerk(application, user=rival, actor=owner)
    with pytest.raises(NotAllowed):
        people.invite_clerk(application, user=clerk, actor=clerk)
    people.invite_clerk(application, user=clerk, actor=owner)
    people.invite_clerk(application, user=clerk, actor=owner)
    people.remove_clerk(application, user=clerk, actor=owner)
    assert not application.clerks.exists()
    assert AuditEvent.objects.filter(verb__startswith="application.clerk").count() == 2


# --- Who may --------------------------------------------------------------------------------------


def test_who_may_reach_the_people_page(client, owner, manager, clerk, rival, secretary):
    assert client.get(PEOPLE).status_code == 302
    for person, get, post in [(owner, 200, 200), (manager, 200, 403), (clerk, 200, 403), (secretary, 404, 404)]:
        client.force_login(person)
        assert (client.get(PEOPLE).status_code, client.post(PEOPLE, {}).status_code) == (get, post), person
    client.force_login(rival)
    assert clerk.email not in client.get(PEOPLE).content.decode()


def test_a_clerk_does_not_see_addresses(client, owner, clerk):
    client.force_login(clerk)
    assert owner.email not in client.get(PEOPLE).content.decode()


def test_who_may_change_people(client, owner, manager, clerk, rival):
    invitation = invite(owner)
    targets = [
        reverse("applications:invitation_resend", args=[invitation.uuid]),
        reverse("applications:invitation_revoke", args=[invitation.uuid]),
        reverse("applications:person_role", args=[clerk.uuid]),
        reverse("applications:person_deactivate", args=[clerk.uuid]),
        reverse("applications:person_hand_over", args=[clerk.uuid]),
    ]
    for address in targets:
        client.logout()
        assert client.post(address).status_code == 302, address
        for person, status in [(manager, 403), (clerk, 403), (rival, 404)]:
            client.force_login(person)
            assert client.post(address).status_code == status, (person, address)
    address = reverse("applications:person_applications", args=[clerk.uuid])
    for person, status in [(manager, 200), (clerk, 403), (rival, 404)]:
        client.force_login(person)
        assert client.get(address).status_code == status, person
    client.force_login(owner)
    assert [client.get(address).status_code for address in targets] == [405, 405, 405, 200, 200]


def test_the_people_page_asks_as_many_questions_with_three_rows_as_with_one(client, owner):
    def add(number):
        colleague = factories.colleague(
            owner, username=f"clerk{number}", name=f"填报人{'甲乙丙'[number]}", role="clerk"
        )
        people.invite_clerk(factories.draft(owner), user=colleague, actor=owner)
        invite(owner, email=f"guest{number}@example.test")
        newcomer = factories.user(username=f"asking{number}")
        factories.enterprise_of(owner).join_requests.create(user=newcomer, created_at=clock.now())

    client.force_login(owner)
    add(0)
    client.get(PEOPLE)
    with CaptureQueriesContext(connection) as one:
        client.get(PEOPLE)
    add(1)
    add(2)
    with CaptureQueriesContext(connection) as three:
        client.get(PEOPLE)
    assert len(one) == len(three) <= 17


def test_a_filing_with_several_invited_people_is_there_once(client, owner, clerk):
    application = factories.draft(owner)
    second = factories.colleague(owner, username="clerk2", name="扎西", role="clerk")
    application.clerks.add(clerk, second)
    for person in (owner, clerk, second):
        assert Application.objects.visible_to(person).count() == 1
    client.force_login(owner)
    assert client.get(f"/applications/{application.uuid}/").status_code == 200
