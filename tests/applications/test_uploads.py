"""Files in parts: gone on with after any break, complete once and only once, by those who may, until the deadline."""

import hashlib
import io
from datetime import timedelta

import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from applications.actions import evidence, uploads
from applications.models import Upload, UploadPart
from applications.states import State
from qcportal import clock, files, integrity, outbox
from qcportal.backup import rows
from qcportal.errors import Refusal
from qcportal.models import AuditEvent, StoredFile
from tests import factories

PART = 64 * 1024


def document(size=300_000):
    """A sound PDF of about ``size`` bytes."""
    stream = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        made.Root.Filler = made.make_stream(hashlib.shake_256(b"filler").digest(size))
        made.save(stream, deterministic_id=True)
    return stream.getvalue()


CONTENT = document()


@pytest.fixture
def filing(owner):
    return factories.draft(owner, group_name="红柳QC小组")


@pytest.fixture
def browser(client, owner, filing):
    client.force_login(owner)
    return Browser(client, filing)


class Browser:
    """What the page's script sends."""

    def __init__(self, client, filing):
        self.client, self.filing = client, filing

    def url(self, name, *more):
        return reverse(f"applications:{name}", args=[self.filing.uuid, *more])

    def start(self, name="成果报告.pdf", content=CONTENT, kind="report", **more):
        data = {"name": name, "size": len(content), "kind": kind, **more}
        return self.client.post(self.url("upload_start"), data)

    def send(self, upload, offset, content):
        address = f"{self.url('upload', upload)}?offset={offset}"
        return self.client.post(address, content, content_type="application/octet-stream")

    def send_all(self, upload, content=CONTENT, offset=0):
        for start in range(offset, len(content), PART):
            assert self.send(upload, start, content[start : start + PART]).status_code == 200

    def complete(self, upload, **data):
        return self.client.post(self.url("upload_complete", upload), data)

    def discard(self, upload, **headers):
        return self.client.post(self.url("upload_discard", upload), headers=headers)

    def page(self):
        return self.client.get(self.url("section", "evidence")).text


def stored_parts(upload):
    try:
        return default_storage.listdir(f"uploads/{upload}")[1]
    except FileNotFoundError:
        return []


def test_a_file_in_parts_becomes_one_piece_of_evidence_and_nothing_else_stays(browser, filing, owner):
    upload = browser.start().json()["upload"]
    browser.send_all(upload)
    answer = browser.complete(upload)
    item = filing.evidence.get()
    assert answer.json()["evidence"] == str(item.uuid)
    assert (item.name, item.kind, item.pages, item.uploaded_by) == ("成果报告.pdf", "report", 1, owner)
    assert files.read(item.file) == CONTENT
    assert item.file_id == hashlib.sha256(CONTENT).hexdigest()
    assert stored_parts(upload) == []
    assert not UploadPart.objects.exists()
    assert AuditEvent.objects.filter(verb="evidence.added").count() == 1


def test_complete_twice_is_complete_once(browser, filing):
    upload = browser.start().json()["upload"]
    browser.send_all(upload)
    first, second = browser.complete(upload), browser.complete(upload)
    assert first.json() == second.json()
    assert filing.evidence.count() == 1
    assert browser.send(upload, 0, CONTENT[:PART]).status_code == 200  # a part that comes late changes nothing
    assert stored_parts(upload) == []
    filing.evidence.get().delete()
    assert browser.complete(upload).json()["evidence"] is None
    assert filing.evidence.count() == 0


def test_two_completions_at_once_make_one(browser, filing, owner, monkeypatch):
    """Both have read the file; the second finds, under the application's lock, what the first has made."""
    upload = browser.start().json()["upload"]
    browser.send_all(upload)
    stale = Upload.objects.get()
    browser.complete(upload)
    stored = StoredFile.objects.get(pk=hashlib.sha256(CONTENT).hexdigest())
    again = evidence.add(filing, actor=owner, stored=stored, kind="report", name="x.pdf", pages=1, upload=stale)
    assert again == filing.evidence.get()


def test_a_part_out_of_place_is_told_where_to_go_on(browser):
    upload = browser.start().json()["upload"]
    browser.send(upload, 0, CONTENT[:PART])
    answer = browser.send(upload, 3 * PART, CONTENT[3 * PART : 4 * PART])
    assert (answer.status_code, answer.json()["offset"]) == (409, PART)
    assert browser.complete(upload).status_code == 409
    assert len(stored_parts(upload)) == 1


def test_the_same_part_again_is_fine_and_another_in_its_place_is_not(browser):
    upload = browser.start().json()["upload"]
    browser.send(upload, 0, CONTENT[:PART])
    again = browser.send(upload, 0, CONTENT[:PART])
    assert (again.status_code, again.json()["offset"]) == (200, PART)
    other = browser.send(upload, 0, b"x" * PART)
    assert (other.status_code, other.json()["offset"]) == (409, PART)
    assert len(stored_parts(upload)) == 1


def test_two_writers_of_one_part_leave_one(browser, owner, monkeypatch):
    """The other one was faster while this one's bytes went to the storage."""
    upload = Upload.objects.get(uuid=browser.start().json()["upload"])
    slow = uploads._require_receiving(upload.pk, owner)
    browser.send(upload.uuid, 0, CONTENT[:PART])
    monkeypatch.setattr(uploads, "_require_receiving", lambda pk, actor: slow)
    uploads.receive(upload, actor=owner, offset=0, content=CONTENT[:PART])
    with pytest.raises(uploads.WrongOffset):
        uploads.receive(upload, actor=owner, offset=0, content=b"y" * PART)
    assert len(stored_parts(upload.uuid)) == 1
    assert UploadPart.objects.count() == 1


def test_after_a_reload_the_page_names_it_and_the_same_file_goes_on(browser, filing, owner):
    first = browser.start(fingerprint="abc").json()["upload"]
    browser.send(first, 0, CONTENT[:PART])
    page = browser.page()
    assert "未完成的上传" in page
    assert "已传 64 KB / 294 KB" in page
    assert "选择同一文件继续" in page
    elsewhere = Browser(Client(), filing)
    elsewhere.client.force_login(owner)
    found = elsewhere.start(name="改过名字.pdf", fingerprint="abc")
    assert (found.status_code, found.json()["upload"], found.json()["offset"]) == (200, first, PART)
    parts = elsewhere.client.get(elsewhere.url("upload", first)).json()["parts"]
    assert parts == [{"offset": 0, "size": PART, "sha256": hashlib.sha256(CONTENT[:PART]).hexdigest()}]
    elsewhere.send_all(first, offset=PART)
    elsewhere.complete(first)
    assert files.read(filing.evidence.get().file) == CONTENT
    assert "未完成的上传" not in browser.page()


def test_another_file_of_the_same_size_is_another_upload(browser):
    one, other = browser.start(fingerprint="abc").json(), browser.start(fingerprint="def").json()
    assert one["upload"] != other["upload"]


def test_giving_up_leaves_nothing(browser):
    upload = browser.start().json()["upload"]
    browser.send(upload, 0, CONTENT[:PART])
    answer = browser.discard(upload)
    assert answer.status_code == 302
    assert stored_parts(upload) == []
    assert not Upload.objects.exists()
    assert browser.send(upload, PART, CONTENT[PART : 2 * PART]).status_code == 404
    upload = browser.start().json()["upload"]
    assert browser.discard(upload, accept="application/json").json() == {}


def test_the_kind_may_be_chosen_while_the_bytes_travel(browser, filing):
    upload = browser.start(kind="").json()["upload"]
    browser.send_all(upload)
    refused = browser.complete(upload)
    assert (refused.status_code, refused.json()["message"]) == (422, "请选择材料类别。")
    browser.complete(upload, kind="records")
    assert filing.evidence.get().kind == "records"


def test_a_file_that_waits_for_its_kind_is_finished_from_the_page(browser, filing):
    upload = browser.start(kind="").json()["upload"]
    browser.send_all(upload)
    assert "已传完，请选择材料类别" in browser.page()
    assert browser.complete(upload, **{"from": "page"})["Location"] == browser.url("section", "evidence")
    assert "请选择材料类别。" in browser.page()
    browser.complete(upload, **{"from": "page", "kind": "records"})
    assert filing.evidence.get().kind == "records"
    assert "已上传“成果报告.pdf”。" in browser.page()


def test_a_file_that_is_not_accepted_says_why_each_time_and_its_bytes_go(browser, filing):
    program = b"MZ" + b"\x00" * 1000
    upload = browser.start("报告.pdf", program).json()["upload"]
    browser.send(upload, 0, program)
    for _again in range(2):
        answer = browser.complete(upload)
        assert (answer.status_code, answer.json()["message"]) == (422, "这是程序文件，不能上传。")
    assert filing.evidence.count() == 0
    assert stored_parts(upload) == []
    assert "未完成的上传" not in browser.page()


def test_the_same_bytes_as_another_file_are_not_kept_twice(browser, filing):
    item = factories.evidence(filing, "report", "报告.pdf", CONTENT)
    upload = browser.start().json()["upload"]
    browser.send_all(upload)
    answer = browser.complete(upload)
    assert "内容完全相同" in answer.json()["message"]
    assert filing.evidence.get() == item


def test_a_photo_in_parts_is_cleaned_like_any_other(browser, filing):
    from tests.applications.test_photos import SECRETS, jpeg, with_iptc

    photo = with_iptc(jpeg(6))
    upload = browser.start("现场.jpg", photo, "photo").json()["upload"]
    browser.send_all(upload, photo)
    browser.complete(upload)
    kept = files.read(filing.evidence.get().file)
    assert [secret for secret in SECRETS if secret in kept] == []


@pytest.mark.parametrize(
    ("limits", "size", "words"),
    [
        ({"EVIDENCE_MAX_BYTES": 1024 * 1024}, 1024 * 1024 + 1, "超过 1 MB"),
        ({}, 0, "空的"),
        ({"EVIDENCE_MAX_FILES": 0}, 9, "最多 0 个文件"),
        ({"EVIDENCE_MAX_TOTAL_BYTES": 1024 * 1024}, 1024 * 1024 + 1, "合计不超过 1 MB"),
    ],
)
def test_limits_are_told_before_anything_is_sent(browser, settings, limits, size, words):
    for name, value in limits.items():
        setattr(settings, name, value)
    answer = browser.client.post(browser.url("upload_start"), {"name": "报告.pdf", "size": size})
    assert answer.status_code == 422
    assert words in answer.json()["message"]


def test_unfinished_uploads_count_against_the_limits(browser, filing, owner, settings):
    settings.EVIDENCE_MAX_FILES = 2
    browser.start("一.pdf")
    upload = browser.start("二.pdf").json()["upload"]
    assert "包括未完成的上传" in browser.start("三.pdf").json()["message"]
    browser.send_all(upload)
    assert browser.complete(upload).status_code == 200  # its own place was kept for it
    settings.EVIDENCE_MAX_FILES, settings.EVIDENCE_MAX_TOTAL_BYTES = 9, 2 * len(CONTENT)
    assert "合计不超过" in browser.start("三.pdf").json()["message"]


@pytest.mark.parametrize("limit", ["data-max-bytes", "data-max-files", "data-max-total", "data-types"])
def test_the_page_carries_the_servers_own_limits(browser, settings, limit):
    settings.EVIDENCE_MAX_BYTES, settings.EVIDENCE_MAX_FILES, settings.EVIDENCE_MAX_TOTAL_BYTES = 1111, 22, 3333
    told = {
        "data-max-bytes": "1111", "data-max-files": "22", "data-max-total": "3333",
        "data-types": "pdf,jpg,jpeg,jfif,png,docx,xlsx,pptx",
    }  # fmt: skip
    assert f'{limit}="{told[limit]}"' in browser.page()


@pytest.mark.parametrize(
    ("offset", "length", "status"),
    [(0, 0, 422), (0, PART - 1, 422), (0, uploads.PART_AT_MOST + 1, 422), ("x", PART, 422), (len(CONTENT), PART, 409)],
)
def test_parts_of_odd_sizes_are_refused(browser, offset, length, status):
    upload = browser.start().json()["upload"]
    assert browser.send(upload, offset, b"x" * length).status_code == status
    assert stored_parts(upload) == []


def test_more_than_was_said_is_refused(browser):
    upload = browser.start(content=b"x" * 100).json()["upload"]
    assert browser.send(upload, 0, b"x" * 101).status_code == 422


def test_the_deadline_in_the_middle_ends_it_in_words(browser, filing):
    upload = browser.start().json()["upload"]
    browser.send_all(upload)
    late = browser.start("第二.pdf").json()["upload"]
    filing.round.closes_at = clock.now() - timedelta(seconds=1)
    filing.round.save()
    for answer in (browser.complete(upload), browser.send(late, 0, CONTENT[:PART]), browser.start("三.pdf")):
        assert answer.status_code == 422
        assert "已过截止时间" in answer.json()["message"]
    assert filing.evidence.count() == 0
    filing.round.closes_at = clock.now() + timedelta(days=1)  # extended: what has arrived is still there
    filing.round.save()
    assert browser.complete(upload).status_code == 200


def test_a_return_opens_only_the_kinds_it_names(client, owner):
    filing = factories.complete_draft(
        owner, state=State.RETURNED, open_fields=["evidence.benefit"],
        correction_due_at=clock.now() + timedelta(days=2),
    )  # fmt: skip
    client.force_login(owner)
    browser = Browser(client, filing)
    assert "未开放" in browser.start(kind="report").json()["message"]
    upload = browser.start(kind="benefit").json()["upload"]
    browser.send_all(upload)
    assert "未开放" in browser.complete(upload, kind="records").json()["message"]
    assert browser.complete(upload).status_code == 200


def test_only_those_who_may_write(browser, filing, rival, clerk, secretary):
    upload = browser.start().json()["upload"]
    for person, status in [(rival, 404), (clerk, 404), (secretary, 403)]:
        other = Browser(Client(), filing)
        other.client.force_login(person)
        for answer in (
            other.start(), other.send(upload, 0, CONTENT[:PART]), other.complete(upload), other.discard(upload),
            other.client.get(other.url("upload", upload)),
        ):  # fmt: skip
            assert answer.status_code == status
    filing.clerks.add(clerk)
    colleague = Browser(Client(), filing)
    colleague.client.force_login(clerk)
    colleague.send_all(upload)
    assert colleague.complete(upload).status_code == 200
    assert filing.evidence.get().uploaded_by == clerk


def test_an_upload_of_another_application_is_not_there(browser, owner, filing):
    other = factories.draft(owner, group_name="另一个小组")
    upload = uploads.start(other, actor=owner, name="x.pdf", size=100)
    assert browser.send(upload.uuid, 0, b"x" * 100).status_code == 404


def test_what_nobody_goes_on_with_is_swept_with_its_bytes(browser, filing, owner):
    old = browser.start("旧.pdf", fingerprint="a").json()["upload"]
    browser.send(old, 0, CONTENT[:PART])
    Upload.objects.update(expires_at=clock.now())
    kept = browser.start("新.pdf", fingerprint="b").json()["upload"]
    browser.send(kept, 0, CONTENT[:PART])
    default_storage.save("uploads/0b0e7a52-0000-4000-8000-000000000000/000000000000-ab", io.BytesIO(b"left behind"))
    assert uploads.sweep(clock.now()) == 1
    assert default_storage.listdir("uploads")[0] == [kept]
    assert [str(one.uuid) for one in Upload.objects.all()] == [kept]
    assert uploads.sweep(clock.now() + uploads.KEPT + timedelta(minutes=1)) == 1
    assert default_storage.listdir("uploads")[0] == []


def test_each_part_gives_another_week(browser):
    upload = browser.start().json()["upload"]
    Upload.objects.update(expires_at=clock.now() + timedelta(hours=1))
    browser.send(upload, 0, CONTENT[:PART])
    assert Upload.objects.get().expires_at > clock.now() + timedelta(days=6)


def test_bytes_that_the_storage_lost_are_said_to_be_gone(browser, filing):
    upload = browser.start().json()["upload"]
    browser.send_all(upload)
    default_storage.delete(UploadPart.objects.first().storage_name)
    answer = browser.complete(upload)
    assert answer.status_code == 422
    assert "重新选择文件" in answer.json()["message"]
    assert filing.evidence.count() == 0


def test_a_sweep_while_a_part_arrives_refuses_the_part(browser, owner, monkeypatch):
    upload = Upload.objects.get(uuid=browser.start().json()["upload"])
    stale = uploads._require_receiving(upload.pk, owner)
    upload.delete()
    monkeypatch.setattr(uploads, "_require_receiving", lambda pk, actor: stale)
    with pytest.raises(Refusal, match="已被放弃或清除"):
        uploads.receive(stale, actor=owner, offset=0, content=CONTENT[:PART])
    assert stored_parts(stale.uuid) == []


def test_integrity_finds_an_upload_that_lost_a_part_and_backups_leave_uploads_out(browser):
    upload = browser.start().json()["upload"]
    browser.send(upload, 0, CONTENT[:PART])
    assert [one for one in integrity.run() if one.check == "未完成的上传"] == []
    UploadPart.objects.all().delete()
    assert [one.row for one in integrity.run() if one.check == "未完成的上传"] == [upload]
    assert not {Upload, UploadPart} & set(rows.tables())


def test_completing_asks_for_the_preview(browser, django_capture_on_commit_callbacks):
    upload = browser.start().json()["upload"]
    browser.send_all(upload)
    browser.complete(upload)
    message = outbox.OutboxMessage.objects.get(topic="preview.build")
    assert message.payload == {"sha256": hashlib.sha256(CONTENT).hexdigest(), "first": 1}
