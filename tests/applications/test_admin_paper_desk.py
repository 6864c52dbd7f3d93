"""The paper desk: scanning, signing in, and the list of those whose paper has not come."""

import pytest

from applications.actions import paper
from applications.models import PaperReceipt
from qcportal.models import AuditEvent
from tests.applications import checked

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed(owner):
    return checked.submitted(owner)


def _scan(client, typed):
    return client.get("/admin/paper/", {"q": typed}).content.decode()


@pytest.mark.parametrize("how", ["code", "grouped", "address", "number"])
def test_a_scan_shows_what_the_paper_is(client, secretary, filed, how):
    submission = filed.submissions.get()
    typed = {
        "code": submission.code,
        "grouped": submission.code_grouped.lower(),
        "address": f"https://qc.example.org/verify/{submission.code}/",
        "number": filed.file_number,
    }[how]
    client.force_login(secretary)
    body = _scan(client, typed)
    assert "青海湖光盐化股份有限公司" in body
    assert "最新版本，可签收" in body


def test_signing_in_leads_back_to_an_empty_field(client, secretary, filed):
    submission = filed.submissions.get()
    client.force_login(secretary)
    answer = client.post(
        "/admin/paper/", {"submission": submission.uuid, "shelf": "A-1", "q": submission.code}, follow=True
    )
    assert PaperReceipt.objects.get().shelf == "A-1"
    assert "可继续扫描下一份" in answer.content.decode()
    assert "已签收过" in _scan(client, submission.code)
    again = client.post("/admin/paper/", {"submission": submission.uuid}, follow=True).content.decode()
    assert "由 陈雪梅 签收" in again
    assert PaperReceipt.objects.count() == 1


def test_an_old_version_is_red_and_needs_a_confirmation(client, secretary, owner, filed):
    first = filed.submissions.get()
    checked.resubmit(filed, owner)
    client.force_login(secretary)
    assert "不是最新版本" in _scan(client, first.code)
    client.post("/admin/paper/", {"submission": first.uuid})
    assert not PaperReceipt.objects.exists()
    client.post("/admin/paper/", {"submission": first.uuid, "accept_stale": "on"})
    assert PaperReceipt.objects.get().submission == first


def test_an_unknown_code_says_what_to_do(client, secretary):
    client.force_login(secretary)
    assert "没有找到“ABCD”" in _scan(client, "ABCD")


def test_an_auditor_looks_and_cannot_sign_in(client, auditor, filed):
    submission = filed.submissions.get()
    client.force_login(auditor)
    assert "签收第" not in _scan(client, submission.code)
    assert client.post("/admin/paper/", {"submission": submission.uuid}).status_code == 403


def test_the_list_of_missing_papers_has_whole_numbers_and_reading_it_is_recorded(client, secretary, filed, rival):
    other = checked.submitted(rival, filed.round, contact_phone="13911110000")
    paper.receive_paper(other.submissions.get(), actor=secretary)
    client.force_login(secretary)
    body = client.get("/admin/paper/missing/", {"round": filed.round_id}).content.decode()
    assert "13900000043" in body
    assert "13911110000" not in body
    assert AuditEvent.objects.filter(verb="paper.phones_viewed", actor=secretary).count() == 1


@pytest.mark.parametrize("address", ["/admin/paper/missing/?round=x", "/admin/paper/missing/?round=99&page=-3"])
def test_nonsense_in_the_address_is_no_error(client, secretary, filed, address):
    client.force_login(secretary)
    assert client.get(address).status_code == 200


def test_nonsense_as_submission_is_404(client, secretary):
    client.force_login(secretary)
    assert client.post("/admin/paper/", {"submission": "nonsense"}).status_code == 404
