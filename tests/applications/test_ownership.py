"""Proofs, former names, leaving, and a new owner by the secretariat's decision."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from applications.actions import enterprises, joining, ownership, people
from applications.models import EnterpriseProof, FormerName, JoinState, Membership, ProofKind
from qcportal import clock, files
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent, MailMessage
from tests import factories

PROFILE = reverse("applications:enterprise")


@pytest.fixture
def mine(owner):
    return factories.enterprise_of(owner)


@pytest.fixture
def joiner(mine):
    """Somebody whose request to join waits."""
    person = factories.user(username="joiner", name="李佳", email="lijia@example.test")
    person.asked = joining.ask_to_join(mine, user=person, now=clock.now())
    return person


def scan(name="证明.pdf", content=factories.PDF):
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def proof_of(enterprise, actor, kind="ownership", asked=None):
    stored = files.store(factories.PDF, "application/pdf")
    return ownership.add_proof(
        enterprise, actor=actor, kind=kind, file=ownership.ProofFile(stored, "证明.pdf"), join_request=asked
    )


def transfer(enterprise, successor, secretary, proof, **changes):
    values = {"reason": "原负责人离职", "former_stays": False, "now": clock.now(), **changes}
    return ownership.transfer_ownership(enterprise, successor, actor=secretary, proof=proof, **values)


def status(client, address):
    """Of a file, which is sent as a stream and read to its end."""
    answer = client.get(address)
    assert answer.getvalue() == factories.PDF
    return answer.status_code


def role_of(enterprise, person):
    return Membership.objects.active().get(enterprise=enterprise, user=person).role


# --- Proofs ---------------------------------------------------------------------------------------


def test_an_enterprise_gives_in_its_licence_and_staff_can_open_it(client, owner, mine, secretary):
    client.force_login(owner)
    client.post(reverse("applications:proof_add"), {"kind": "licence", "file": scan("营业执照.pdf")})
    proof = EnterpriseProof.objects.get()
    assert (proof.enterprise, proof.kind, proof.name) == (mine, ProofKind.LICENCE, "营业执照.pdf")
    assert "营业执照.pdf" in client.get(PROFILE).content.decode()
    client.force_login(secretary)
    assert status(client, reverse("applications:proof_file", args=[proof.uuid])) == 200


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [("空.pdf", b"", "空"), ("改名.pdf", b"MZ\x90\x00", "PDF"), ("表.xlsx", b"PK\x03\x04", "")],
)
def test_what_is_no_scan_is_refused_in_chinese(client, owner, name, content, word):
    client.force_login(owner)
    values = {"kind": "licence", "file": scan(name, content)}
    answer = client.post(reverse("applications:proof_add"), values, follow=True)
    assert word in answer.content.decode()
    assert not EnterpriseProof.objects.exists()


def test_a_proof_of_who_asks_to_join_is_seen_by_them_and_staff_only(client, owner, mine, joiner, secretary):
    client.force_login(joiner)
    client.post(PROFILE, {"reason": "质量部", "wants_ownership": "on"})
    client.post(reverse("applications:proof_add"), {"kind": "ownership", "file": scan()})
    proof = EnterpriseProof.objects.get()
    address = reverse("applications:proof_file", args=[proof.uuid])
    assert status(client, address) == 200
    joiner.asked.refresh_from_db()
    assert joiner.asked.wants_ownership
    client.force_login(owner)
    assert client.get(address).status_code == 404
    assert "证明.pdf" not in client.get(PROFILE).content.decode()
    client.force_login(secretary)
    assert status(client, address) == 200


def test_a_clerk_gives_in_no_proof(owner, mine):
    clerk = factories.colleague(owner, username="clerk", name="李文静", role="clerk")
    with pytest.raises(NotAllowed):
        proof_of(mine, clerk)


# --- A new owner ----------------------------------------------------------------------------------


def test_staff_make_a_person_who_asked_to_join_the_owner(owner, mine, joiner, secretary):
    proof = proof_of(mine, joiner, asked=joiner.asked)
    transfer(mine, joiner, secretary, proof)
    assert role_of(mine, joiner) == "owner"
    assert not Membership.objects.active().filter(user=owner).exists()
    joiner.asked.refresh_from_db()
    assert joiner.asked.state == JoinState.ACCEPTED
    row = AuditEvent.objects.get(verb="enterprise.owner_transferred")
    assert row.data["proof"] == str(proof.uuid)
    assert set(MailMessage.objects.filter(subject__startswith="单位负责人变更").values_list("to", flat=True)) == {
        owner.email, joiner.email,
    }  # fmt: skip


def test_the_former_owner_may_stay_as_manager(owner, mine, secretary):
    clerk = factories.colleague(owner, username="clerk", name="李文静", role="clerk")
    transfer(mine, clerk, secretary, proof_of(mine, owner), former_stays=True)
    assert (role_of(mine, clerk), role_of(mine, owner)) == ("owner", "manager")


def test_a_transfer_needs_staff_a_proof_of_this_enterprise_and_a_known_person(owner, mine, joiner, secretary):
    proof = proof_of(mine, owner)
    with pytest.raises(NotAllowed):
        transfer(mine, joiner, owner, proof)
    stranger = factories.user(username="stranger", name="外人")
    with pytest.raises(Refusal, match="接任人"):
        transfer(mine, stranger, secretary, proof)
    rival = factories.enterprise_owner(username="rival", name="祁文澜", enterprise_name="青海瀚澄化工有限公司")
    with pytest.raises(Refusal, match="证明"):
        transfer(mine, joiner, secretary, proof_of(factories.enterprise_of(rival), rival))
    assert role_of(mine, owner) == "owner"


def test_somebody_active_elsewhere_is_refused_and_nothing_changes(owner, mine, joiner, secretary):
    other = factories.enterprise()
    Membership.objects.create(enterprise=other, user=joiner, role="clerk", created_at=clock.now())
    with pytest.raises(Refusal, match="其他单位"):
        transfer(mine, joiner, secretary, proof_of(mine, owner))
    assert role_of(mine, owner) == "owner"
    joiner.asked.refresh_from_db()
    assert joiner.asked.state == JoinState.WAITING


def test_the_page_offers_members_and_people_who_ask_and_refuses_without_a_proof(
    client, owner, mine, joiner, secretary, settings
):
    settings.STAFF_SECOND_FACTOR = False
    client.force_login(secretary)
    address = reverse("admin:applications_enterprise_owner", args=[mine.pk])
    text = client.get(address).content.decode()
    assert "李佳" in text
    assert "还没有上传证明材料" in text
    values = {"successor": joiner.pk, "proof": "", "reason": "离职"}
    text = client.post(address, values).content.decode()
    assert "请选择依据的证明材料" in text
    proof = proof_of(mine, joiner, asked=joiner.asked)
    assert client.post(address, {**values, "proof": proof.pk}).status_code == 302
    assert role_of(mine, joiner) == "owner"


# --- Leaving, renaming ----------------------------------------------------------------------------


def test_a_person_leaves_and_the_owner_is_told(client, owner, mine):
    clerk = factories.colleague(owner, username="clerk", name="李文静", role="clerk")
    application = factories.draft(owner)
    application.clerks.add(clerk)
    client.force_login(clerk)
    client.post(reverse("applications:leave"))
    assert not Membership.objects.active().filter(user=clerk).exists()
    assert not application.clerks.exists()
    assert MailMessage.objects.get(subject__startswith="成员退出").to == owner.email


def test_an_owner_hands_over_before_leaving(client, owner, mine):
    client.force_login(owner)
    assert "先在" in client.get(reverse("applications:leave")).content.decode()
    with pytest.raises(Refusal, match="移交"):
        people.leave(Membership.objects.get(user=owner), actor=owner)


def test_a_new_name_keeps_the_old_one_and_what_was_submitted_under_it(owner, mine, client):
    from tests.applications import documents

    submission = documents.submitted(owner)
    old = mine.name
    mine.refresh_from_db()
    values = {"name": "青海湖光新材料有限公司"}
    enterprises.update_profile(mine, actor=owner, values=values, seen_version=mine.edit_version)
    former = FormerName.objects.get()
    assert (former.name, former.changed_by) == (old, owner)
    submission.refresh_from_db()
    assert submission.data["enterprise"]["name"] == old
    client.force_login(owner)
    assert old in client.get(PROFILE).content.decode()


def test_a_name_corrected_by_staff_is_kept_too(client, mine, secretary, settings):
    settings.STAFF_SECOND_FACTOR = False
    client.force_login(secretary)
    address = reverse("admin:applications_enterprise_change", args=[mine.pk])
    form = client.get(address).context["adminform"].form
    values = {name: form[name].value() or "" for name in form.fields}
    inlines = {}
    for formset in client.get(address).context["inline_admin_formsets"]:
        prefix = formset.formset.prefix
        inlines |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    old = mine.name
    assert client.post(address, {**values, **inlines, "name": "青海湖光集团有限公司"}).status_code == 302
    assert FormerName.objects.get().name == old
