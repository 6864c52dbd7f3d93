"""核验单位, 同码多方注册: the licence beside the facts, and claims beside each other."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from applications import areas
from applications.actions import joining, ownership, verification
from applications.models import Enterprise, EnterpriseProof, JoinState, LicenceCheck, Membership
from qcportal import clock, files
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db
AGREES = {"name_agrees": True, "code_agrees": True, "area_agrees": True}


@pytest.fixture
def mine(owner):
    return factories.enterprise_of(owner)


@pytest.fixture
def licence(mine, owner):
    stored = files.store(factories.PDF, "application/pdf")
    return ownership.add_proof(mine, actor=owner, kind="licence", file=ownership.ProofFile(stored, "执照.pdf"))


def see(enterprise, actor, **changes):
    values = {"seen_name": enterprise.name, **AGREES, **changes}
    return verification.see_licence(enterprise, actor=actor, **values)


# --- The licence ------------------------------------------------------------------------------------


def test_what_was_compared_is_kept_with_the_proof(mine, licence, secretary):
    see(mine, secretary, proof=licence, note="看过原件")
    mine.refresh_from_db()
    check = LicenceCheck.objects.get()
    assert (mine.verified_by, mine.is_verified) == (secretary, True)
    assert (check.proof, check.name, check.credit_code, check.note) == (
        licence,
        mine.name,
        mine.credit_code,
        "看过原件",
    )
    assert AuditEvent.objects.get(verb="enterprise.verified").data["note"] == "看过原件"


@pytest.mark.parametrize("changes", [{"name_agrees": False}, {"code_agrees": False}, {"area_agrees": False}])
def test_what_does_not_agree_is_not_verified(mine, secretary, changes):
    with pytest.raises(Refusal):
        see(mine, secretary, **changes)
    mine.refresh_from_db()
    assert not mine.is_verified


def test_a_place_outside_qinghai_passes_with_a_note(mine, secretary):
    check = see(mine, secretary, area_agrees=False, note="省外企业在青分公司")
    assert not check.area_agrees


def test_a_name_that_changed_meanwhile_must_be_compared_again(mine, secretary):
    with pytest.raises(Refusal, match="刚刚改为"):
        see(mine, secretary, seen_name="旧名称")
    assert not LicenceCheck.objects.exists()


def test_taking_back_needs_a_reason_and_shows_on_the_record(mine, secretary, auditor):
    with pytest.raises(Refusal, match="没有核验过"):
        verification.revoke(mine, actor=secretary, reason="执照过期")
    see(mine, secretary)
    with pytest.raises(NotAllowed):
        verification.revoke(mine, actor=auditor, reason="执照过期")
    with pytest.raises(Refusal, match="原因"):
        verification.revoke(mine, actor=secretary, reason=" ")
    verification.revoke(mine, actor=secretary, reason="执照过期")
    mine.refresh_from_db()
    check = LicenceCheck.objects.get()
    assert (mine.is_verified, check.revoked_by, check.revoke_reason) == (False, secretary, "执照过期")
    see(mine, secretary)
    assert LicenceCheck.objects.count() == 2


def test_the_page_shows_the_licence_beside_the_code_and_looking_is_recorded(client, mine, licence, secretary):
    client.force_login(secretary)
    address = reverse("admin:applications_enterprise_verify", args=[mine.pk])
    body = client.get(address).content.decode()
    assert reverse("applications:proof_file", args=[licence.uuid]) in body
    assert "青海省西宁市" in body
    assert "校验码，正确" in body
    assert AuditEvent.objects.about(mine).filter(verb="document.read").count() == 1
    values = {
        "seen_name": mine.name,
        "proof": licence.pk,
        "name_agrees": "on",
        "code_agrees": "on",
        "area_agrees": "on",
    }
    assert client.post(address, values).status_code == 302
    assert LicenceCheck.objects.get().proof == licence


def test_a_refused_verification_keeps_what_was_typed(client, mine, secretary):
    client.force_login(secretary)
    address = reverse("admin:applications_enterprise_verify", args=[mine.pk])
    answer = client.post(address, {"seen_name": mine.name, "name_agrees": "on", "note": "代码差一位"})
    assert answer.status_code == 409
    body = answer.content.decode()
    assert "代码差一位" in body
    assert "才能核验" in body


def test_the_secretariat_puts_in_what_came_by_letter(client, mine, secretary, auditor):
    address = reverse("admin:applications_enterprise_proof", args=[mine.pk])
    client.force_login(secretary)
    scan = SimpleUploadedFile("来函.pdf", factories.PDF, content_type="application/pdf")
    client.post(address, {"kind": "ownership", "file": scan})
    assert EnterpriseProof.objects.get().uploaded_by == secretary
    client.force_login(auditor)
    assert client.post(address, {"kind": "ownership"}).status_code == 403


def test_who_has_filed_waits_in_front(rival, mine):
    Enterprise.objects.filter(pk=mine.pk).update(created_at=clock.now())
    assert Enterprise.objects.to_verify()[0].filed == 0
    from tests.applications import checked

    filed = checked.submitted(rival)
    assert Enterprise.objects.to_verify()[0] == filed.enterprise


# --- The code in words ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("area", "words"),
    [("630104", "青海省西宁市"), ("632801", "青海省海西蒙古族藏族自治州"), ("630000", "青海省"), ("610100", "陕西省")],
)
def test_the_area_of_a_code_in_words(area, words):
    code = areas.read(factories.credit_code(1, area))
    assert (code.area, code.in_qinghai, code.is_valid, code.kind) == (words, area.startswith("63"), True, "企业")


def test_a_code_that_is_nonsense_is_called_so():
    code = areas.read("ZZ9999")
    assert (code.is_valid, code.is_enterprise, code.department) == (False, False, "未知登记部门")


# --- Claims -----------------------------------------------------------------------------------------


@pytest.fixture
def joiner(mine):
    person = factories.user(username="joiner", name="李佳", email="lijia@example.test")
    person.asked = joining.ask_to_join(mine, user=person, now=clock.now())
    return person


def test_claims_stand_side_by_side_with_proofs_and_history(client, owner, mine, joiner, secretary):
    other = factories.user(username="other", name="王强")
    joining.decline(joining.ask_to_join(mine, user=other, now=clock.now()), actor=secretary, now=clock.now())
    stored = files.store(factories.PDF, "application/pdf")
    ownership.add_proof(
        mine, actor=joiner, kind="ownership", file=ownership.ProofFile(stored, "任命.pdf"), join_request=joiner.asked
    )
    client.force_login(secretary)
    body = client.get(reverse("admin:claim", args=[mine.pk])).content.decode()
    for words in ("马启明", "李佳", "王强", "任命.pdf", "未同意", "待处理"):
        assert words in body
    assert client.get(reverse("admin:claims")).content.decode().count(mine.name) >= 1


@pytest.mark.parametrize(("decision", "role"), [("clerk", "clerk"), ("manager", "manager")])
def test_a_claim_is_approved_on_the_page(client, mine, joiner, secretary, decision, role):
    client.force_login(secretary)
    client.post(reverse("admin:claim", args=[mine.pk]), {"join_request": joiner.asked.pk, "decision": decision})
    assert Membership.objects.active().get(user=joiner).role == role


def test_a_claim_is_declined_and_never_twice(client, mine, joiner, secretary):
    client.force_login(secretary)
    address, values = reverse("admin:claim", args=[mine.pk]), {"join_request": joiner.asked.pk, "decision": "decline"}
    client.post(address, values)
    joiner.asked.refresh_from_db()
    assert joiner.asked.state == JoinState.DECLINED
    assert "已处理" in client.post(address, {**values, "decision": "clerk"}, follow=True).content.decode()
    assert not Membership.objects.filter(user=joiner).exists()


def test_a_claim_of_another_enterprise_is_not_there(client, mine, rival, joiner, secretary):
    client.force_login(secretary)
    address = reverse("admin:claim", args=[factories.enterprise_of(rival).pk])
    assert client.post(address, {"join_request": joiner.asked.pk, "decision": "clerk"}).status_code == 404
