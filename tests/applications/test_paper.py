import pytest

from applications.actions import paper
from applications.models import PaperReceipt
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent
from tests.applications import checked

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed(owner):
    return checked.submitted(owner)


@pytest.mark.parametrize(
    "typed",
    ["ABCD EFGH 2345", "abcdefgh2345", "https://qc.example.org/verify/ABCDEFGH2345/", "HTTP://X/VERIFY/abcdefgh2345\n"],
)
def test_a_scanner_may_send_the_code_or_the_verify_address(typed):
    assert paper.scanned_code(typed) == "ABCDEFGH2345"


def test_a_file_number_keeps_its_dashes():
    assert paper.scanned_code(" qc2026-1-0042 ") == "QC2026-1-0042"


def test_a_code_finds_its_version_and_a_file_number_the_last_one(filed, owner):
    first = filed.submissions.get()
    checked.resubmit(filed, owner)
    assert [row.version for row in paper.find(first.code).submissions] == [1]
    assert [row.version for row in paper.find(filed.file_number).submissions] == [2]
    assert paper.find("ZZZZZZZZZZZZ").kind == ""


def test_the_code_of_attachments_2_and_3_finds_every_filing_that_stands_on_them(filed, owner):
    other = checked.submitted(owner, filed.round, group_name="昆仑QC小组")
    found = paper.find(filed.submissions.get().report_version.code)
    assert found.kind == "report"
    assert [row.application for row in found.submissions] == [filed, other]


def test_paper_is_received_once_with_shelf_and_audit(filed, secretary):
    submission = filed.submissions.get()
    receipt = paper.receive_paper(submission, actor=secretary, shelf="A-03", note="快递")
    assert (receipt.shelf, receipt.received_by) == ("A-03", secretary)
    assert AuditEvent.objects.about(filed).first().verb == "paper.received"
    with pytest.raises(Refusal, match="由 陈雪梅 签收"):
        paper.receive_paper(submission, actor=secretary)


def test_a_stale_version_is_received_only_when_that_is_meant(filed, owner, secretary):
    first = filed.submissions.get()
    checked.resubmit(filed, owner)
    with pytest.raises(Refusal) as caught:
        paper.receive_paper(first, actor=secretary)
    assert caught.value.code == "stale_version"
    paper.receive_paper(first, actor=secretary, accept_stale=True)
    assert PaperReceipt.objects.get().submission == first


def test_only_the_secretariat_receives_paper(filed, auditor):
    with pytest.raises(NotAllowed):
        paper.receive_paper(filed.submissions.get(), actor=auditor)
