"""Evidence: what a file really is decides, each file on its own, and nobody else sees it."""

import io
import zipfile
from datetime import timedelta

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from applications import evidence_check
from applications.actions import submission as submitting
from applications.models import Evidence
from applications.states import State
from qcportal import clock
from qcportal.models import AuditEvent
from tests import factories

TYPES = '<Types><Override ContentType="application/vnd.openxmlformats-officedocument.{}.main+xml"/></Types>'
WORD = "wordprocessingml.document"


def office(main="word/document.xml", types="", more=()):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", types or TYPES.format(WORD))
        archive.writestr(main, "<document/>")
        for name, content in more:
            archive.writestr(name, content)
    return stream.getvalue()


def picture(form="PNG", size=(20, 10)):
    stream = io.BytesIO()
    Image.new("RGB", size).save(stream, form)
    return stream.getvalue()


def encrypted_pdf(password="geheim"):
    stream = io.BytesIO()
    document = pikepdf.new()
    document.add_blank_page()
    document.save(stream, encryption=pikepdf.Encryption(owner="besitzer", user=password))
    return stream.getvalue()


def check(content, name):
    return evidence_check.check(io.BytesIO(content), name)


@pytest.mark.parametrize(
    ("content", "name", "content_type", "pages"),
    [
        (factories.PDF, "成果报告.pdf", "application/pdf", 1),
        (picture("JPEG"), "现场.jpg", "image/jpeg", 1),
        (picture(), "现场.png", "image/png", 1),
        (office(), "标准.docx", f"application/vnd.openxmlformats-officedocument.{WORD}", None),
    ],
)
def test_sound_files_are_taken(content, name, content_type, pages):
    assert check(content, name) == (content_type, name, pages)


def test_the_name_follows_the_content():
    assert check(picture("JPEG"), "C:\\图\\现场.png").name == "现场.png.jpg"


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "空.pdf", "空的"),
        (b"MZ\x90\x00" + b"0" * 100, "报告.pdf", "程序文件"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 100, "记录.doc", "另存为"),
        (b"hello", "说明.txt", "不是可接受的文件"),
        (b"%PDF-1.7 nothing else", "坏.pdf", "已损坏"),
        (encrypted_pdf(), "密.pdf", "已加密"),
        (encrypted_pdf(""), "限.pdf", "已加密"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 50, "坏.png", "已损坏"),
        (office(more=[("word/vbaProject.bin", b"x")]), "宏.docx", "宏"),
        (office(types=TYPES.format("ms-word.document.macroEnabled")), "宏.docx", "宏"),
        (office(types="<Types/>"), "假.docx", "不符合格式"),
        (office(types='<!DOCTYPE a [<!ENTITY b "c">]>'), "实体.docx", "不符合格式"),
        (office(main="readme.txt"), "包.zip", "压缩包不能上传"),
        (office(more=[("word/media/a.bin", b"0" * 60_000_000)]), "炸弹.docx", "解压后过大"),
        (office()[:-30], "断.docx", "已损坏"),
    ],
)
def test_everything_else_is_refused_in_words(content, name, words):
    with pytest.raises(ValueError, match=words):
        check(content, name)


def test_limits_of_size_pages_and_pixels(settings):
    settings.EVIDENCE_MAX_PIXELS = 100
    with pytest.raises(ValueError, match="像素"):
        check(picture(), "大.png")
    settings.EVIDENCE_MAX_PAGES = 0
    with pytest.raises(ValueError, match="页"):
        check(factories.PDF, "长.pdf")
    settings.EVIDENCE_MAX_BYTES = 10
    with pytest.raises(ValueError, match="超过"):
        check(factories.PDF, "大.pdf")


@pytest.fixture
def filing(owner):
    return factories.draft(owner, group_name="红柳QC小组")


def url(name, filing, *more):
    return reverse(f"applications:{name}", args=[filing.uuid, *more])


def upload(client, filing, *uploads, kind="report"):
    sent = [SimpleUploadedFile(name, content) for name, content in uploads]
    return client.post(url("section", filing, "evidence"), {"kind": kind, "files": sent})


def test_one_refused_file_does_not_take_the_others_with_it(client, owner, filing):
    client.force_login(owner)
    answer = upload(client, filing, ("成果报告.pdf", factories.PDF), ("程序.pdf", b"MZ" + b"0" * 99))
    assert [item.name for item in filing.evidence.all()] == ["成果报告.pdf"]
    assert "程序.pdf" in answer.text
    assert "程序文件" in answer.text
    event = AuditEvent.objects.get(verb="evidence.added")
    assert event.after == {"kind": "report", "sha256": filing.evidence.get().file_id}


def test_the_same_bytes_are_not_stored_twice(client, owner, filing):
    client.force_login(owner)
    upload(client, filing, ("成果报告.pdf", factories.PDF))
    answer = upload(client, filing, ("另一个.pdf", factories.PDF), kind="records")
    assert filing.evidence.count() == 1
    assert "内容完全相同" in answer.text


def test_without_file_or_kind_the_form_says_so(client, owner, filing):
    client.force_login(owner)
    answer = client.post(url("section", filing, "evidence"), {"kind": ""})
    assert "请选择要上传的文件" in answer.text
    assert "请选择材料类别" in answer.text


def test_too_many_files(client, owner, filing, settings):
    settings.EVIDENCE_MAX_FILES = 1
    client.force_login(owner)
    answer = upload(client, filing, ("一.pdf", factories.PDF), ("二.png", picture()))
    assert filing.evidence.count() == 1
    assert "最多 1 个文件" in answer.text


def test_rename_move_and_delete(client, owner, filing):
    first, second = factories.evidence(filing), factories.evidence(filing, "records", "记录.pdf", factories.PDF + b"\n")
    client.force_login(owner)
    client.post(url("evidence_change", filing, first.uuid), {"kind": "standard", "name": "作业标准"})
    first.refresh_from_db()
    assert (first.kind, first.name) == ("standard", "作业标准.pdf")
    client.post(url("evidence_move", filing, second.uuid), {"direction": "up"})
    assert list(filing.evidence.all()) == [second, first]
    assert "删除后不能恢复" in client.get(url("evidence_delete", filing, first.uuid)).text
    client.post(url("evidence_delete", filing, first.uuid))
    assert list(filing.evidence.all()) == [second]


def test_a_submitted_version_keeps_a_deleted_file(client, owner):
    filing = factories.complete_draft(owner)
    submission = submitting.submit(
        filing, actor=owner, confirmations={"truthful": "2026-1", "members_informed": "2026-1"}, arrived_at=clock.now()
    )
    item = filing.evidence.first()
    client.force_login(owner)
    client.post(url("evidence_delete", filing, item.uuid))
    filing.refresh_from_db()
    assert filing.has_unsubmitted_changes
    assert item.file_id in {one["sha256"] for one in submission.data["evidence"]}


def test_a_return_opens_only_the_kinds_it_names(client, owner):
    filing = factories.complete_draft(
        owner, state=State.RETURNED, open_fields=["evidence.benefit"],
        correction_due_at=clock.now() + timedelta(days=2),
    )  # fmt: skip
    client.force_login(owner)
    upload(client, filing, ("新证明.png", picture()), kind="benefit")
    assert filing.evidence.filter(name="新证明.png").exists()
    before = Evidence.objects.count()
    answer = upload(client, filing, ("新报告.png", picture(size=(5, 5))), kind="report")
    assert Evidence.objects.count() == before
    assert "本次补正未开放" in answer.text


def test_files_are_served_with_safe_headers_to_those_who_may_see_them(client, owner, clerk, rival, secretary, filing):
    item = factories.evidence(filing)
    address = url("evidence_file", filing, item.uuid)
    assert client.get(address).status_code == 302
    for person, expected in [(owner, 200), (secretary, 200), (rival, 404), (clerk, 404)]:
        client.force_login(person)
        answer = client.get(address)
        assert answer.status_code == expected
        if expected == 200:
            assert b"".join(answer.streaming_content) == factories.PDF
    client.force_login(owner)
    answer = client.get(address)
    assert b"".join(answer.streaming_content) == factories.PDF
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert client.post(address).status_code == 405


def test_staff_look_but_do_not_touch(client, secretary, filing):
    item = factories.evidence(filing)
    client.force_login(secretary)
    assert client.get(url("section", filing, "evidence")).status_code == 200
    assert upload(client, filing, ("外.pdf", factories.PDF)).status_code == 403
    assert client.post(url("evidence_delete", filing, item.uuid)).status_code == 403
    assert client.post(url("evidence_move", filing, item.uuid)).status_code == 403


JSON = {"accept": "application/json"}


def test_the_order_of_the_page_is_kept_as_a_whole(client, owner, filing):
    items = [factories.evidence(filing, "other", f"{n}.pdf", factories.PDF + b"\n" * n) for n in range(3)]
    client.force_login(owner)
    order = [str(items[n].uuid) for n in (2, 0, 1)]
    answer = client.post(url("evidence_order", filing), {"item": order}, headers=JSON)
    assert answer.json() == {"message": "次序已保存。"}
    assert [str(item.uuid) for item in filing.evidence.all()] == order
    assert AuditEvent.objects.filter(verb="evidence.moved").count() == 1
    client.post(url("evidence_order", filing), {"item": order})
    assert AuditEvent.objects.filter(verb="evidence.moved").count() == 1
    for stale in (order[:2], [*order, order[0]], []):
        refused = client.post(url("evidence_order", filing), {"item": stale}, headers=JSON)
        assert refused.status_code == 422
        assert "请刷新页面" in refused.json()["message"]
    assert [str(item.uuid) for item in filing.evidence.all()] == order


def test_a_return_lets_open_files_pass_closed_ones_and_no_others(client, owner):
    filing = factories.complete_draft(
        owner, state=State.RETURNED, open_fields=["evidence.benefit"],
        correction_due_at=clock.now() + timedelta(days=2),
    )  # fmt: skip
    report, records, benefit = filing.evidence.order_by("position")
    client.force_login(owner)
    closed = [str(one.uuid) for one in (records, report, benefit)]
    assert "未开放" in client.post(url("evidence_order", filing), {"item": closed}, headers=JSON).json()["message"]
    opened = [str(one.uuid) for one in (benefit, report, records)]
    assert client.post(url("evidence_order", filing), {"item": opened}, headers=JSON).status_code == 200
    assert list(filing.evidence.all()) == [benefit, report, records]


def test_kind_and_name_change_in_place(client, owner, filing):
    item = factories.evidence(filing)
    client.force_login(owner)
    address = url("evidence_change", filing, item.uuid)
    assert client.post(address, {"kind": "benefit", "name": "证明"}, headers=JSON).status_code == 200
    item.refresh_from_db()
    assert (item.kind, item.name) == ("benefit", "证明.pdf")
    refused = client.post(address, {"kind": "benefit", "name": ""}, headers=JSON)
    assert refused.status_code == 422
    assert refused.json()["message"]


def test_all_files_together_stay_below_their_limit(client, owner, filing, settings):
    settings.EVIDENCE_MAX_TOTAL_BYTES = 1024 * 1024
    factories.evidence(filing, "report", "大.pdf", factories.PDF + b"\n" * (1024 * 1024 - len(factories.PDF) - 10))
    client.force_login(owner)
    assert "合计不超过 1 MB" in upload(client, filing, ("图.png", picture())).text
