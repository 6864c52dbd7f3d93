"""Photos are stored upright and without place, time or camera; their colours and pixels stay."""

import io
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from applications import photos
from qcportal import files
from tests import factories

PLACE = {1: "N", 2: (36.0, 37.0, 12.34), 3: "E", 4: (101.0, 46.0, 41.2)}
SECRETS = (
    b"GPSLatitude",
    b"Xining-36.62",
    b"SM-G9980",
    b"Exif\x00\x00",
    b"http://ns.adobe.com/xap",
    b"Photoshop 3.0",
    b"Geheim",
)


PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def drawing():
    """Red in the upper left corner, blue in the lower right, on white."""
    image = Image.new("RGB", (320, 200), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 60, 60), fill="red")
    draw.rectangle((259, 139, 319, 199), fill="blue")
    return image


def exif(orientation=1):
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x0110] = "SM-G9980"
    data[0x9286] = "Xining-36.62"
    data.get_ifd(0x8825).update(PLACE)
    return data


def jpeg(orientation=1, **options):
    stream = io.BytesIO()
    drawing().save(
        stream, "JPEG", quality=95, exif=exif(orientation), icc_profile=PROFILE, comment=b"Geheim",
        xmp=b'<x:xmpmeta xmlns:x="adobe:ns:meta/">36.62N</x:xmpmeta>', **options,
    )  # fmt: skip
    return stream.getvalue()


def with_iptc(raw):
    block = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x08\x1c\x02\x5a\x00\x06Xining"
    return raw[:2] + b"\xff\xed" + (len(block) + 2).to_bytes(2) + block + raw[2:]


def png(orientation=1):
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "Geheim")
    text.add_itxt("XML:com.adobe.xmp", "http://ns.adobe.com/xap/1.0/ 36.62N", zip=True)
    stream = io.BytesIO()
    drawing().save(stream, "PNG", pnginfo=text, exif=exif(orientation), icc_profile=PROFILE, dpi=(300, 300))
    return stream.getvalue()


def clean(raw, content_type="image/jpeg"):
    return photos.clean(io.BytesIO(raw), content_type).read()


def test_the_photo_of_the_test_says_where_it_was_taken():
    with Image.open(io.BytesIO(jpeg())) as image:
        assert image.getexif().get_ifd(0x8825)[2] == (36.0, 37.0, 12.34)


@pytest.mark.parametrize(("raw", "content_type"), [(with_iptc(jpeg()), "image/jpeg"), (png(), "image/png")])
def test_nothing_but_the_picture_stays_and_the_picture_is_the_same(raw, content_type):
    cleaned = clean(raw, content_type)
    assert [secret for secret in SECRETS if secret in cleaned] == []
    with Image.open(io.BytesIO(cleaned)) as after, Image.open(io.BytesIO(raw)) as before:
        assert dict(after.getexif()) == {}
        assert after.info["icc_profile"] == PROFILE
        assert "xmp" not in after.info
        assert after.tobytes() == before.tobytes()


@pytest.mark.parametrize("content_type", ["image/jpeg", "image/png"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright(orientation, content_type):
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    held = drawing().transpose(back[orientation]) if orientation > 1 else drawing()
    stream = io.BytesIO()
    held.save(stream, "JPEG" if content_type == "image/jpeg" else "PNG", exif=exif(orientation), icc_profile=PROFILE)
    with Image.open(io.BytesIO(clean(stream.getvalue(), content_type))) as image:
        assert image.size == (320, 200)
        assert image.getpixel((20, 20))[0] > 200 > 60 > image.getpixel((20, 20))[2]
        assert image.getpixel((300, 180))[2] > 200 > 60 > image.getpixel((300, 180))[0]
        assert dict(image.getexif()) == {}
        assert image.info["icc_profile"] == PROFILE


@pytest.mark.parametrize("options", [{"progressive": True}, {"optimize": True}, {"restart_marker_rows": 1}])
def test_every_kind_of_jpeg_keeps_its_pixels(options):
    raw = jpeg(**options)
    with Image.open(io.BytesIO(clean(raw))) as after, Image.open(io.BytesIO(raw)) as before:
        assert after.tobytes() == before.tobytes()


def test_what_lies_behind_the_picture_goes_too():
    """A film of a moving photo, a second picture, an archive: all are there for programs that look for them."""
    hidden = b"ftypmp42-location PK\x03\x04"
    assert hidden not in clean(jpeg() + hidden)
    assert hidden not in clean(png() + hidden, "image/png")


def test_a_cmyk_jpeg_keeps_its_colours():
    stream = io.BytesIO()
    drawing().convert("CMYK").save(stream, "JPEG", exif=exif())
    with Image.open(io.BytesIO(clean(stream.getvalue()))) as after, Image.open(stream) as before:
        assert (after.mode, after.tobytes()) == ("CMYK", before.tobytes())


def test_a_transparent_and_an_animated_png_become_one_plain_picture():
    stream = io.BytesIO()
    frames = [Image.new("RGBA", (20, 20), colour) for colour in ("#ff000080", "#0000ff80")]
    frames[0].save(stream, "PNG", save_all=True, append_images=frames[1:])
    cleaned = clean(stream.getvalue(), "image/png")
    assert b"acTL" not in cleaned
    assert b"fdAT" not in cleaned
    with Image.open(io.BytesIO(cleaned)) as image:
        assert image.getpixel((3, 3)) == (255, 0, 0, 128)


def test_damaged_exif_does_not_keep_a_photo_out():
    raw = jpeg()
    start = raw.index(b"Exif\x00\x00")
    with Image.open(io.BytesIO(clean(raw[: start + 6] + b"\xff" * 20 + raw[start + 26 :]))) as image:
        assert image.size == (320, 200)


def test_the_same_photo_again_is_the_same_file():
    assert clean(jpeg(6)) == clean(jpeg(6))
    assert zlib.crc32(clean(jpeg())) == zlib.crc32(clean(clean(jpeg())))


def test_what_is_stored_from_the_plain_form_is_the_clean_photo(client, owner):
    filing = factories.draft(owner)
    client.force_login(owner)
    sent = SimpleUploadedFile("现场.jpg", with_iptc(jpeg(6)))
    client.post(reverse("applications:section", args=[filing.uuid, "evidence"]), {"kind": "photo", "files": [sent]})
    kept = files.read(filing.evidence.get().file)
    assert [secret for secret in SECRETS if secret in kept] == []
    with Image.open(io.BytesIO(kept)) as image:
        assert image.size == (200, 320)
