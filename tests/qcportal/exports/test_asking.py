"""Asking, building, downloading, expiring: who may, what is recorded, what stays."""

import hashlib
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from applications.models import Association
from qcportal import clock, files, outbox
from qcportal.errors import NotAllowed, Refusal
from qcportal.exports import actions, tasks
from qcportal.exports.scope import Scope
from qcportal.models import AuditEvent, Export, ExportState, OutboxMessage, StoredFile
from tests.qcportal.exports import season

assert tasks  # registers the handler


@pytest.fixture
def scope(year):
    return Scope(programme=year.programme)


def in_browser(person):
    client = Client()
    client.force_login(person)
    return client


def address(export, number=1):
    return reverse("admin:export_file", args=[export.uuid, number])


def taken(answer):
    """Status and bytes; the file is closed as a server would."""
    content = b"".join(answer.streaming_content)
    for close in answer._resource_closers:  # not answer.close(): that would end the test's connection
        close()
    return answer.status_code, content


def test_a_short_list_is_there_at_once_with_its_checksum(year, scope, secretary):
    export = actions.ask("applications", scope, actor=secretary, file_format="xlsx")
    piece = export.pieces.get()
    assert (export.state, export.rows) == (ExportState.DONE, 3)
    assert piece.sha256 == hashlib.sha256(files.read(piece.file)).hexdigest()
    assert export.expires_at == export.asked_at + timedelta(days=7)
    assert set(AuditEvent.objects.about(export).values_list("verb", flat=True)) == {"export.asked", "export.built"}


def test_a_long_list_is_built_by_the_worker_once(year, scope, secretary):
    export = actions.ask("applications", scope, actor=secretary, file_format="csv", at_once=0)
    assert export.state == ExportState.WAITING
    message = OutboxMessage.objects.get(topic="export.build")
    assert outbox.deliver(message.pk) == "done"
    tasks.actions.handle(message.payload)  # a second message does nothing
    export.refresh_from_db()
    assert (export.state, export.rows, export.pieces.count()) == (ExportState.DONE, 3, 1)
    assert AuditEvent.objects.filter(verb="export.built").count() == 1


@pytest.mark.parametrize("kind", ["members", "scores"])
def test_the_auditor_gets_no_members_and_no_scores(year, scope, auditor, kind):
    with pytest.raises(NotAllowed):
        actions.ask(kind, scope, actor=auditor, file_format="xlsx", reason="审计")


def test_the_auditor_gets_masked_contacts_only(year, scope, auditor):
    assert actions.ask("contacts", scope, actor=auditor, file_format="xlsx").state == ExportState.DONE
    with pytest.raises(NotAllowed):
        actions.ask(
            "contacts", Scope(programme=year.programme, unmasked=True), actor=auditor, file_format="xlsx", reason="审计"
        )
    with pytest.raises(NotAllowed):
        actions.ask_for_archive(scope, actor=auditor, reason="审计")


@pytest.mark.parametrize("kind", ["applications", "results", "papers", "remarks", "numbers", "duplicates",
                                  "corrections", "trail", "reads"])  # fmt: skip
def test_the_auditor_gets_books_and_trail(year, scope, auditor, kind):
    assert actions.ask(kind, scope, actor=auditor, file_format="csv").state == ExportState.DONE


def test_an_enterprise_gets_nothing(year, scope):
    with pytest.raises(NotAllowed):
        actions.ask("applications", scope, actor=year.owner, file_format="xlsx")


@pytest.mark.parametrize(("kind", "unmasked"), [("members", False), ("contacts", True)])
def test_personal_data_needs_a_purpose_which_is_kept(year, secretary, kind, unmasked):
    scope = Scope(programme=year.programme, unmasked=unmasked)
    with pytest.raises(Refusal, match="用途"):
        actions.ask(kind, scope, actor=secretary, file_format="xlsx", reason="  ")
    assert not Export.objects.exists()
    export = actions.ask(kind, scope, actor=secretary, file_format="xlsx", reason="发放证书")
    assert export.with_personal
    event = AuditEvent.objects.get(verb="export.asked")
    assert (event.data["reason"], event.data["personal"]) == ("发放证书", True)


def test_a_download_is_recorded_and_can_go_on(year, scope, secretary):
    export = actions.ask("applications", scope, actor=secretary, file_format="xlsx")
    content = files.read(export.pieces.get().file)
    client = in_browser(secretary)
    assert taken(client.get(address(export))) == (200, content)
    assert taken(client.get(address(export), headers={"Range": "bytes=100-"})) == (206, content[100:])
    downloads = AuditEvent.objects.filter(verb="export.downloaded").order_by("id")
    assert [event.data["continued"] for event in downloads] == [False, True]
    assert taken(client.head(address(export)))[0] == 200
    assert downloads.count() == 2


def test_what_holds_whole_numbers_is_not_the_auditors_to_download(year, secretary, auditor):
    unmasked = Scope(programme=year.programme, unmasked=True)
    export = actions.ask("contacts", unmasked, actor=secretary, file_format="xlsx", reason="通知开会")
    assert in_browser(auditor).get(address(export)).status_code == 403
    assert in_browser(auditor).get(reverse("admin:exports")).status_code == 200


def test_files_go_after_their_days_and_the_row_stays(year, scope, secretary):
    Association.objects.create(
        name="青海省质量协会", office="秘书处", phone="0971-0", email="a@b.example", address="西宁", export_days=3
    )
    export = actions.ask("applications", scope, actor=secretary, file_format="xlsx")
    piece = export.pieces.get()
    assert actions.remove_expired(export.asked_at + timedelta(days=2)) == 0
    assert actions.remove_expired(export.asked_at + timedelta(days=3)) == 1
    export.refresh_from_db()
    assert export.state == ExportState.EXPIRED
    assert export.pieces.get().sha256 == piece.sha256
    assert not StoredFile.objects.filter(pk=piece.sha256).exists()
    assert not default_storage.exists(StoredFile(sha256=piece.sha256).storage_name)
    assert in_browser(secretary).get(address(export)).status_code == 404
    assert tasks.remove_expired() == 0


def test_bytes_that_something_else_keeps_stay(year, scope, secretary):
    with clock.fixed(clock.now()):
        first = actions.ask("applications", scope, actor=secretary, file_format="csv")
        second = actions.ask("applications", scope, actor=secretary, file_format="csv")
    assert first.pieces.get().sha256 == second.pieces.get().sha256
    Export.objects.filter(pk=second.pk).update(expires_at=clock.now() + timedelta(days=100))
    actions.remove_expired(first.expires_at)
    assert files.exists(second.pieces.get().file)


def test_the_page_asks_for_a_purpose_beside_the_field_and_keeps_what_was_chosen(year, secretary):
    client = in_browser(secretary)
    answer = client.post(
        reverse("admin:exports"), {"step": "list", "kind": "members", "programme": year.programme.pk, "format": "csv"}
    )
    page = answer.content.decode()
    assert "这份清单含个人信息，请写明用途。" in page
    assert 'value="members" checked' in page
    assert not Export.objects.exists()


def test_the_auditor_is_not_offered_what_is_refused(year, auditor):
    client = in_browser(auditor)
    page = client.get(reverse("admin:exports")).content.decode()
    assert 'value="members"' not in page
    assert 'value="scores"' not in page
    assert "生成整年档案" not in page
    asked = {"step": "list", "kind": "contacts", "programme": year.programme.pk, "format": "csv", "unmasked": "on"}
    assert client.post(reverse("admin:exports"), {**asked, "reason": "x"}).status_code == 403
    assert client.post(reverse("admin:exports"), {"step": "archive"}).status_code == 403


def test_what_the_queue_shows_is_what_comes_out(year, secretary):
    client = in_browser(secretary)
    queue = reverse("admin:applications_application_changelist")
    assert "导出筛选结果" in client.get(f"{queue}?q=沙柳").content.decode()
    filtered = reverse("admin:exports_filtered") + "?q=沙柳"
    assert "共 <b>1</b> 份" in client.get(filtered).content.decode()
    answer = client.post(filtered, {"format": "csv"})
    assert answer.status_code == 302
    export = Export.objects.get()
    content = files.read(export.pieces.get().file).decode("utf-8-sig")
    assert [line.split(",")[0] for line in content.split("\r\n")[1:-1]] == [year.returned.file_number]


def test_a_page_that_waits_comes_again_by_itself(year, scope, secretary):
    actions.ask("applications", scope, actor=secretary, file_format="csv", at_once=0)
    client = in_browser(secretary)
    assert "Refresh" not in client.get(reverse("admin:exports")).headers
    assert client.get(reverse("admin:exports") + "?watch=1").headers["Refresh"] == "5"
    OutboxMessage.objects.filter(topic="export.build").update(state="dead")
    page = client.get(reverse("admin:exports") + "?watch=1")
    assert "Refresh" not in page.headers
    assert "未能生成" in page.content.decode()


def test_a_book_is_exported_with_the_conditions_of_its_page(year, secretary):
    season.give_back(year)
    client = in_browser(secretary)
    asked = {"step": "page", "kind": "corrections", "format": "csv"}
    query = f"programme={year.programme.pk}&q=没有这家"
    answer = client.post(reverse("admin:exports"), {**asked, "query": query})
    assert answer.status_code == 302
    assert Export.objects.get().rows == 0
    client.post(reverse("admin:exports"), {**asked, "query": ""})
    assert Export.objects.first().rows == 1
