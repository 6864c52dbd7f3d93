"""Files from scanners and phones as they come, and the pages around them."""

import io

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from applications.models import PaperPart, StampedScan
from applications.packets import marks, sets
from applications.scans import handlers, judging, upload
from qcportal import files
from qcportal.models import AuditEvent
from tests import factories
from tests.applications import checked, documents, scanner

pytestmark = pytest.mark.django_db


def photo(orientation=1, size=(60, 40), *, place=True) -> bytes:
    """A phone's JPEG with its place in it and a second picture behind its end."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SECRETPHONE"
    if place:
        exif.get_ifd(0x8825)[1] = "N"
    picture = Image.new("RGB", size, "white")
    picture.paste((255, 0, 0), (0, 0, size[0] // 2, size[1] // 2))
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, comment=b"SECRETCOMMENT")
    return out.getvalue() + b"SECRETTRAILER"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_upright_and_says_nothing_of_its_place(orientation):
    content, turn = upload.bare(photo(orientation))
    assert b"SECRET" not in content
    assert b"Exif" not in content
    with Image.open(io.BytesIO(content)) as picture, Image.open(io.BytesIO(photo(orientation))) as original:
        from PIL import ImageOps

        shown = picture.convert("RGB").rotate(-turn, expand=True)
        wanted = ImageOps.exif_transpose(original).convert("RGB")
        assert shown.size == wanted.size
        for x, y in ((3, 3), (shown.width - 4, 3), (3, shown.height - 4), (shown.width - 4, shown.height - 4)):
            assert all(abs(a - b) < 60 for a, b in zip(shown.getpixel((x, y)), wanted.getpixel((x, y)), strict=True))


def test_photos_become_the_pages_of_one_pdf_in_order():
    png = io.BytesIO()
    Image.new("RGBA", (50, 80), "blue").save(png, "PNG")
    made = upload.as_pdf([(io.BytesIO(photo(6)), "甲.jpg"), (io.BytesIO(png.getvalue()), "乙.png")])
    assert (made.name, made.pages) == ("甲等2张.pdf", 2)
    with pikepdf.open(made.stream) as document:
        assert len(document.pages) == 2


@pytest.mark.parametrize(
    ("uploads", "words"),
    [
        ([(factories.PDF, "a.pdf"), (photo(), "b.jpg")], "不要混在一起"),
        ([(b"MZ...", "a.pdf")], "程序文件"),
        ([(b"", "a.pdf")], "空的"),
    ],
)
def test_what_is_no_scan_is_refused_in_words(uploads, words):
    with pytest.raises(ValueError, match=words):
        upload.as_pdf([(io.BytesIO(content), name) for content, name in uploads])


def test_too_many_pages_are_refused_before_they_are_kept(settings):
    settings.SCAN_MAX_PAGES = 2
    with pytest.raises(ValueError, match="最多上传 2 张"):
        upload.as_pdf([(io.BytesIO(photo()), f"{number}.jpg") for number in range(3)])


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("https://qc.example.org/verify/ABCDEFGH2345/?p=3/7", ("ABCDEFGH2345", 3, 7)),
        ("http://old.example/verify/abcdefgh2345/", ("ABCDEFGH2345", 0, 0)),
        ("https://evil.example/verify/ABCDEFGH2345/?p=3/7&x=1", None),
        ("WIFI:S:x;;", None),
    ],
)
def test_what_a_code_says(text, mark):
    found = marks.parse(text)
    assert (tuple(found) if found else None) == mark


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_the_code_stands_at_the_readers_upper_right_however_the_page_is_turned(rotation):
    import pypdfium2

    from applications.scans import reading

    with pikepdf.new() as target:
        target.add_blank_page(page_size=(595, 842))
        target.pages[0].obj["/Rotate"] = rotation
        marks.lay(target.pages[0], "https://x.example/verify/ABCDEFGH2345/?p=1/1")
        out = io.BytesIO()
        target.save(out)
    document = pypdfium2.PdfDocument(out.getvalue())
    picture = document[0].render(scale=2).to_pil()
    document.close()
    corner = picture.crop((picture.width - 140, 0, picture.width, 140))
    found, _other = reading.codes_in(corner)
    assert found is not None


def test_numbers_are_said_in_runs():
    assert judging._numbers([1, 2, 3, 5, 7, 8]) == "1–3、5、7–8"


@pytest.fixture
def filed(owner):
    submission = documents.submitted(owner)
    sets.build_set(submission.application.enterprise, submission.application.round)
    return submission


def place(submission):
    return [submission.application.round.programme.year, submission.application.round.number]


def test_the_page_takes_a_scan_and_shows_what_was_read(client, filed, owner):
    client.force_login(owner)
    page = reverse("applications:paper", args=place(filed))
    assert "未打印" in client.get(page).content.decode()
    b"".join(client.get(reverse("applications:paper_set_pdf", args=place(filed))))
    assert "待盖章上传" in client.get(page).content.decode()
    part = PaperPart.objects.get(kind="annex3")
    content = scanner.as_scan(scanner.pictures(part, 150))
    upload_ = SimpleUploadedFile("扫描.pdf", content, "application/pdf")
    answer = client.post(page, {"part": part.code, "files": upload_}, follow=True)
    assert "识别中" in answer.content.decode()
    progress = reverse("applications:paper_progress", args=place(filed))
    assert client.get(progress).json()["busy"] is True
    scan = StampedScan.objects.get()
    handlers.read_scan({"scan": scan.pk})
    assert client.get(progress).json()["busy"] is False
    assert "扫描件一致" in client.get(page).content.decode()
    shown = client.get(reverse("applications:scan", args=[scan.uuid])).content.decode()
    assert "读到并一致" in shown
    assert reverse("applications:scan_page", args=[scan.uuid, 1]) in shown
    only = client.get(reverse("applications:scan_file", args=[scan.uuid]), {"part": part.code})
    with pikepdf.open(io.BytesIO(only.content)) as document:
        assert len(document.pages) == part.pages


def test_a_wrong_file_keeps_the_page_and_says_why(client, filed, owner):
    client.force_login(owner)
    page = reverse("applications:paper", args=place(filed))
    answer = client.post(page, {"part": "", "files": SimpleUploadedFile("a.pdf", b"PK\x03\x04zip")})
    assert answer.status_code == 200
    assert "error-summary" in answer.content.decode()
    assert not StampedScan.objects.exists()


def test_only_the_parts_that_changed_are_printed_again(client, filed, owner):
    client.force_login(owner)
    b"".join(client.get(reverse("applications:paper_set_pdf", args=place(filed))))
    application = type(filed.application).objects.get(pk=filed.application_id)
    second = checked.resubmit(application, owner).latest_submission
    sets.build_set(application.enterprise, application.round)
    page = client.get(reverse("applications:paper", args=place(filed))).content.decode()
    assert "2 件已有新版本，只需重新打印这几件" in page
    assert "其他各件不变，已盖章的仍然有效" in page
    cover = PaperPart.objects.filter(kind="cover").first()
    answer = client.get(
        reverse("applications:paper_set_pdf", args=place(filed)), {"only": f"{cover.code},{second.code}"}
    )
    with pikepdf.open(io.BytesIO(answer.content)) as document:
        assert len(document.pages) == cover.pages + PaperPart.objects.get(code=second.code).pages


def test_the_desk_receives_a_part_a_set_and_shows_the_scan(client, filed, owner, secretary):
    part = PaperPart.objects.get(kind="annex2")
    scan = scanner.upload(filed, owner, scanner.pictures(part, 150), part)
    client.force_login(secretary)
    desk = reverse("admin:paper")
    shown = client.get(desk, {"q": part.code}).content.decode()
    assert reverse("admin:paper_scan", args=[scan.uuid]) in shown
    client.post(desk, {"part": part.uuid, "q": part.code})
    assert part.receipt.received_by == secretary
    client.post(desk, {"enterprise": filed.application.enterprise.uuid, "round": filed.application.round_id})
    assert filed.paper_receipts.exists()
    assert PaperPart.objects.get(kind="cover").receipt
    page = reverse("admin:paper_scan", args=[scan.uuid])
    assert client.get(page).status_code == 200
    assert AuditEvent.objects.filter(verb="document.read").exists()
    client.post(page, {"scanned": scan.parts.get().pk, "confirmed": "on"})
    assert scan.parts.get().confirmed_by == secretary
    assert "没有待核对的扫描件" in client.get(reverse("admin:paper_scans")).content.decode()


def test_the_code_of_every_part_is_verified_and_a_stale_one_says_so(client, filed, owner):
    def told(part):
        answer = client.get(reverse("verify_code", args=[part.code]))
        assert answer.status_code == 200
        return answer.content.decode()

    parts = list(PaperPart.objects.all())
    for part in parts:
        text = told(part)
        assert "平台出具，是最新版本" in text
        assert "提高碳酸锂包装一次合格率" not in text
    checked.resubmit(type(filed.application).objects.get(pk=filed.application_id), owner)
    by_kind = {part.kind: told(part) for part in parts}
    assert "已有更新的版本" in by_kind["cover"]
    assert "已有更新的版本" in by_kind["annex1"]
    assert "是最新版本" in by_kind["annex2"]


def test_another_enterprises_scan_is_not_there(client, filed, owner, rival):
    part = PaperPart.objects.get(kind="annex3")
    scan = scanner.upload(filed, owner, scanner.pictures(part, 100), part)
    client.force_login(rival)
    assert client.get(reverse("applications:scan", args=[scan.uuid])).status_code == 404
    assert files.read(scan.file)[:4] == b"%PDF"
