"""Pages as pictures: drawn once per file by the worker, shown to those who may see the filing, never a dead letter."""

import io
from datetime import timedelta

import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse
from PIL import Image

from applications import previews, tasks
from applications.models import Preview, PreviewPage
from applications.previews import building
from qcportal import clock, files, outbox, retention
from qcportal.backup import rows
from qcportal.models import OutboxMessage, StoredFile
from tests import factories
from tests.applications.test_evidence import office, picture


def pdf(pages=1, size=(595, 842)):
    stream = io.BytesIO()
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page(page_size=size)
        document.save(stream, deterministic_id=True)
    return stream.getvalue()


def stored(content, content_type="application/pdf"):
    return files.store(content, content_type)


def build(file, first=1):
    building.build({"sha256": file.pk, "first": first})


@pytest.fixture
def filing(owner):
    return factories.draft(owner, group_name="红柳QC小组")


def url(name, filing, *more):
    return reverse(f"applications:{name}", args=[filing.uuid, *more])


def shown(file):
    return previews.of_files([file])[file.pk]


def test_the_first_pages_are_drawn_and_others_when_someone_turns_to_them(db):
    file = stored(pdf(15))
    assert shown(file) == ("pending", 0)
    build(file)
    assert shown(file) == ("ready", 15)
    assert sorted(previews.pages_of(file)) == list(range(1, 13))
    assert previews.page_of(file, 14).state == "pending"
    build(file, 13)
    assert previews.page_of(file, 14) == ("ready", 1240, 1754)
    with Image.open(io.BytesIO(previews.image(file, 14, "thumb"))) as image:
        assert (image.format, max(image.size)) == ("JPEG", 320)


def test_drawing_again_changes_nothing(db, monkeypatch):
    file = stored(pdf())
    build(file)
    before = default_storage.get_modified_time(previews.image_name(file.pk, 1, "page"))
    build(file)
    assert default_storage.get_modified_time(previews.image_name(file.pk, 1, "page")) == before
    assert PreviewPage.objects.count() == 1


def test_after_a_worker_died_in_the_middle_the_pictures_are_written_anew(db):
    file = stored(pdf())
    default_storage.save(previews.image_name(file.pk, 1, "page"), io.BytesIO(b"half a pict"))
    build(file)
    with Image.open(io.BytesIO(previews.image(file, 1, "page"))) as image:
        image.load()


@pytest.mark.parametrize(
    ("size", "expected"), [((14400, 14400), (1240, 1240)), ((14400, 10), (1240, 1)), ((30, 40), (120, 160))]
)
def test_pages_of_any_size_stay_within_bounds(db, size, expected):
    file = stored(pdf(size=size))
    build(file)
    page = previews.page_of(file, 1)
    assert abs(page.width - expected[0]) <= 1
    assert abs(page.height - expected[1]) <= 1


def test_pictures_are_drawn_upright_and_small(db):
    exif = Image.Exif()
    exif[0x0112] = 6
    stream = io.BytesIO()
    Image.new("RGB", (4000, 2000), "red").save(stream, "JPEG", exif=exif)
    file = stored(stream.getvalue(), "image/jpeg")
    build(file)
    assert previews.page_of(file, 1) == ("ready", 800, 1600)
    see_through = io.BytesIO()
    Image.new("RGBA", (40, 40), "#00000000").save(see_through, "PNG")
    file = stored(see_through.getvalue(), "image/png")
    build(file)
    with Image.open(io.BytesIO(previews.image(file, 1, "page"))) as image:
        assert image.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"%PDF-1.7 broken", "application/pdf"),
        (b"not a picture", "image/jpeg"),
        (picture("PNG", (400, 400))[:300], "image/png"),
    ],
)
def test_a_broken_file_is_marked_and_the_row_is_done(db, content, content_type):
    file = stored(content, content_type)
    with transaction.atomic():
        previews.ask_for(file)
    message = OutboxMessage.objects.get()
    assert outbox.deliver(message.pk) == "done"
    assert shown(file).state == "failed"
    previews.ask(file, 1)
    with transaction.atomic():
        previews.ask_for(file)
    assert OutboxMessage.objects.filter(state="pending").count() == 1  # asked by hand only, and it draws nothing
    assert outbox.deliver(OutboxMessage.objects.get(state="pending").pk) == "done"


def test_a_program_that_hangs_or_dies_leaves_what_it_had_drawn(db, monkeypatch, tmp_path):
    renderer = tmp_path / "renderer.py"
    renderer.write_text(
        "import json, pathlib, sys, time\n"
        "folder = pathlib.Path(sys.argv[3])\n"
        "for size in ('page', 'thumb'): (folder / f'1-{size}.jpg').write_bytes(b'jpeg')\n"
        "print(json.dumps({'pages': 3})); print(json.dumps({'number': 1, 'width': 9, 'height': 9}), flush=True)\n"
        "print('{\"number\": 2, \"wid', end='', flush=True)\n"
        "time.sleep(60)\n"
    )
    monkeypatch.setattr(building, "RENDERER", renderer)
    monkeypatch.setattr(building, "SECONDS", 1)
    file = stored(pdf(3))
    build(file)
    states = {number: page.state for number, page in previews.pages_of(file).items()}
    assert states == {1: "ready", 2: "failed", 3: "failed"}


def test_the_limits_of_the_program_are_real(db, monkeypatch, tmp_path):
    """A drawing that wants more memory than it may have ends; this process does not feel it."""
    source = building.RENDERER.read_text().replace("MEMORY = 1_500_000_000", "MEMORY = 6_000_000")
    renderer = tmp_path / "renderer.py"
    renderer.write_text(source)
    monkeypatch.setattr(building, "RENDERER", renderer)
    file = stored(pdf())
    build(file)
    assert shown(file).state == "failed"


def test_storage_that_is_away_is_tried_again(db, monkeypatch):
    file = stored(pdf())
    with transaction.atomic():
        previews.ask_for(file)
    default_storage.delete(file.storage_name)
    message = OutboxMessage.objects.get()
    assert outbox.deliver(message.pk) == "failed"
    assert not Preview.objects.exists()


def test_one_file_is_asked_for_once(db):
    file = stored(pdf())
    for _ in range(2):
        with transaction.atomic():
            previews.ask_for(file)
        previews.ask(file, 5)
        previews.ask_missing([file], previews.of_files([file]))
    message = OutboxMessage.objects.get()
    assert (message.topic, message.queue) == ("preview.build", "documents")
    assert outbox._handlers["preview.build"] is tasks.building.build


def test_what_a_restore_lost_is_drawn_again(db):
    file = stored(pdf())
    with transaction.atomic():
        previews.ask_for(file)
    outbox.deliver(OutboxMessage.objects.get().pk)
    Preview.objects.all().delete()
    assert previews.ask_missing([file], previews.of_files([file])) == set()
    outbox.deliver(OutboxMessage.objects.get(state="pending").pk)
    assert shown(file).state == "ready"


def test_files_given_up_on_are_not_waited_for(db):
    file = stored(pdf())
    with transaction.atomic():
        previews.ask_for(file)
    OutboxMessage.objects.update(state="dead")
    assert previews.ask_missing([file], previews.of_files([file])) == {file.pk}
    previews.ask(file, 1)
    assert OutboxMessage.objects.count() == 1


def test_the_page_waits_for_pictures_and_then_shows_them(client, owner, filing):
    item = factories.evidence(filing, "report", "报告.pdf", pdf(2))
    factories.evidence(
        filing,
        "records",
        "记录.docx",
        office(),
    )
    client.force_login(owner)
    assert "预览<br>生成中" in client.get(url("section", filing, "evidence")).text
    asked = client.get(url("evidence_previews", filing)).json()["items"]
    assert asked[0]["state"] == "pending"
    for message in OutboxMessage.objects.filter(topic="preview.build"):
        outbox.deliver(message.pk)
    ready = client.get(url("evidence_previews", filing)).json()["items"][0]
    assert (ready["state"], ready["pages"]) == ("ready", 2)
    assert ready["image"] == url("evidence_image", filing, item.uuid, 1, "thumb")
    assert ready["image"] in client.get(url("section", filing, "evidence")).text
    answer = client.get(ready["image"])
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Cache-Control"] == "private, max-age=300"
    assert answer.content[:3] == b"\xff\xd8\xff"
    again = client.get(ready["image"], headers={"if-none-match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_pictures_are_for_those_who_may_see_the_filing(client, filing, owner, rival, clerk, secretary):
    item = factories.evidence(filing, "report", "报告.pdf", pdf())
    build(item.file)
    address = url("evidence_image", filing, item.uuid, 1, "page")
    assert client.get(address).status_code == 302
    for person, status in [(owner, 200), (secretary, 200), (rival, 404), (clerk, 404)]:
        client.force_login(person)
        assert client.get(address).status_code == status
        assert client.get(url("evidence_view", filing, item.uuid)).status_code == status
        # Nobody learns from a remembered picture's name either.
        tag = {"if-none-match": f'"{item.file_id[:32]}-{previews.VERSION}-1-page"'}
        assert client.get(address, headers=tag).status_code == (304 if status == 200 else 404)
    client.force_login(owner)
    for missing in (url("evidence_image", filing, item.uuid, 2, "page"), address.replace("1-page", "1-huge")):
        assert client.get(missing).status_code == 404


def test_the_viewer_turns_pages_without_script(client, owner, filing):
    item = factories.evidence(filing, "report", "报告.pdf", pdf(15))
    other = factories.evidence(filing, "photo", "现场.png", picture())
    client.force_login(owner)
    waiting = client.get(url("evidence_view", filing, item.uuid))
    assert "预览生成中" in waiting.text
    assert waiting["Refresh"] == "3"
    build(item.file)
    first = client.get(url("evidence_view", filing, item.uuid))
    assert "Refresh" not in first
    assert url("evidence_image", filing, item.uuid, 1, "page") in first.text
    assert 'href="?page=2" rel="next"' in first.text
    assert 'rel="prev"' not in first.text
    assert url("evidence_view", filing, other.uuid) in first.text
    late = client.get(url("evidence_view", filing, item.uuid) + "?page=14")
    assert "预览生成中" in late.text
    assert OutboxMessage.objects.filter(topic="preview.build", payload__first=13).count() == 1
    for odd in ("0", "99999", "x", "-1", "1" * 50):
        assert client.get(url("evidence_view", filing, item.uuid), {"page": odd}).status_code == 200


def test_what_has_no_preview_is_said_plainly(client, owner, filing):
    word = factories.evidence(filing, "records", "记录.docx", office())
    StoredFile.objects.filter(pk=word.file_id).update(content_type="application/vnd.openxmlformats-officedocument")
    broken = factories.evidence(filing, "report", "坏.pdf", b"%PDF-1.7 broken")
    build(broken.file)
    client.force_login(owner)
    assert "Office 文件没有预览" in client.get(url("evidence_view", filing, word.uuid)).text
    assert "这一页无法预览" in client.get(url("evidence_view", filing, broken.uuid)).text


def test_previews_stand_outside_backups_and_never_keep_a_file(db):
    file = stored(pdf())
    build(file)
    assert not {Preview, PreviewPage} & set(rows.tables())
    assert all(relation.related_model is not Preview for relation in retention._references())
    StoredFile.objects.filter(pk=file.pk).delete()
    previews.drop_images(file.pk)
    assert not Preview.objects.exists()
    assert previews.image(file, 1, "page") is None


def test_a_new_version_of_the_drawing_draws_again(db, monkeypatch):
    file = stored(pdf())
    build(file)
    Preview.objects.update(built_at=clock.now() - timedelta(days=1))
    monkeypatch.setattr(previews, "VERSION", 2)
    assert shown(file).state == "pending"
    build(file)
    assert shown(file).state == "ready"
    assert Preview.objects.get().version == 2
