"""Who gets which document, and what they see while it is being made."""

import pytest
from django.urls import reverse

import applications.tasks  # noqa: F401 - registers the outbox handlers
from applications.models import Enterprise, PacketKind, Submission
from applications.packets import building, sets
from qcportal import outbox
from qcportal.models import AuditEvent, OutboxMessage
from tests.applications import documents

pytestmark = pytest.mark.django_db
DOCUMENTS = ["packet_pdf", "receipt_pdf"]


@pytest.fixture
def submission(owner):
    return documents.submitted(owner)


def address(submission, name):
    return reverse(f"applications:{name}", args=[submission.application.uuid])


def round_address(submission, name):
    round_ = submission.application.round
    return reverse(f"applications:{name}", args=[round_.programme.year, round_.number])


def status(client, page, query=None, method="get"):
    """The status of an answer that is read to its end, which closes the file."""
    answer = getattr(client, method)(page, query)
    if answer.streaming:
        b"".join(answer)
    return answer.status_code


def run_outbox(topic):
    for row in OutboxMessage.objects.filter(topic=topic, state="pending"):
        assert outbox.deliver(row.pk) == "done"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_access_to_the_documents_of_an_application(client, submission, owner, clerk, rival, secretary, auditor, name):
    page = address(submission, name)
    assert status(client, page) == 302
    for person, expected in [(owner, 202), (clerk, 404), (rival, 404), (secretary, 202), (auditor, 202)]:
        client.force_login(person)
        assert status(client, page) == expected
        assert status(client, page, method="head") == expected
    assert client.post(page).status_code == 405
    submission.application.clerks.add(clerk)
    client.force_login(clerk)
    assert status(client, page) == 202


def test_a_draft_has_no_packet(client, owner):
    application = documents.factories.complete_draft(owner)
    client.force_login(owner)
    assert client.get(reverse("applications:packet_pdf", args=[application.uuid])).status_code == 404


@pytest.mark.parametrize("name", ["paper_set_pdf", "bundle_zip"])
def test_access_to_the_documents_of_a_round(client, submission, owner, clerk, rival, secretary, name):
    page = round_address(submission, name)
    assert status(client, page) == 302
    for person, expected in [(owner, 202), (clerk, 403), (rival, 404), (secretary, 404)]:
        client.force_login(person)
        assert status(client, page) == expected
    enterprise = Enterprise.objects.get(pk=submission.application.enterprise_id)
    assert status(client, page, {"enterprise": enterprise.uuid}) == 202
    assert status(client, page, {"enterprise": "nonsense"}) == 404
    assert client.post(page).status_code == 405


def test_while_building_the_page_says_when_to_come_back_then_the_file_comes(client, submission, owner):
    client.force_login(owner)
    page = address(submission, "packet_pdf")
    waiting = client.get(page)
    assert waiting["Retry-After"] == "5"
    assert "正在生成" in waiting.content.decode()
    assert OutboxMessage.objects.filter(topic="packet.build").count() == 1
    run_outbox("packet.build")
    answer = client.get(page)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer).startswith(b"%PDF")
    assert not AuditEvent.objects.filter(verb="document.read").exists()


def test_a_packet_that_nobody_asked_for_is_asked_for_once(client, submission, owner):
    OutboxMessage.objects.all().delete()
    client.force_login(owner)
    client.get(address(submission, "receipt_pdf"))
    client.get(address(submission, "receipt_pdf"))
    row = OutboxMessage.objects.get(topic="packet.build")
    assert row.queue == "documents"
    assert outbox.deliver(row.pk) == "done"
    assert status(client, address(submission, "receipt_pdf")) == 200


def test_an_older_version_is_found_by_its_number(client, submission, owner):
    application = submission.application
    application.has_unsubmitted_changes = True
    application.save()
    second = documents.submit(application, owner)
    building.build(submission, (PacketKind.RECEIPT,))
    client.force_login(owner)
    page = address(submission, "receipt_pdf")
    assert second.version == 2
    assert status(client, page) == 202
    assert status(client, page, {"v": 1}) == 200
    for wrong in ("3", "x", "²", "9999999"):
        assert status(client, page, {"v": wrong}) == 404


def test_reading_by_staff_is_recorded(client, submission, secretary):
    building.build(submission, (PacketKind.RECEIPT,))
    client.force_login(secretary)
    assert status(client, address(submission, "receipt_pdf")) == 200
    event = AuditEvent.objects.get(verb="document.read")
    assert event.actor == secretary
    assert event.data["version"] == 1


def test_a_set_of_older_versions_is_not_handed_out(client, submission, owner):
    application = submission.application
    sets.build_set(application.enterprise, application.round)
    client.force_login(owner)
    page = round_address(submission, "paper_set_pdf")
    assert status(client, page) == 200
    Submission.objects.filter(pk=submission.pk).update(sha256="0" * 64)
    assert status(client, page) == 202
