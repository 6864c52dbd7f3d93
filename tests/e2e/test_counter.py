"""The paper desk in a real browser: a scanner that types, taking back, and the camera of a phone."""

import io

import pytest
import segno
from PIL import Image
from playwright.sync_api import expect

from applications.models import DeskScan, PaperReceipt
from tests import factories
from tests.applications import checked
from tests.e2e.conftest import CHROMIUM, Visitor

SERIES, CAMERA = "/admin/paper/series/", "/admin/paper/camera/"
LATER = 20_000  # a busy machine is no failure


@pytest.fixture
def secretary(live_server):
    return factories.staff(username="secretary", name="陈雪梅")


@pytest.fixture
def filed(live_server):
    return checked.submitted(factories.enterprise_owner())


def test_scan_after_scan_without_touching_the_mouse_and_taking_back(visit, secretary, filed):
    visitor = visit()
    page = visitor.page
    visitor.enter(secretary)
    visitor.go(SERIES)
    expect(page.locator("#id_q")).to_be_focused()
    code = filed.submissions.get().code
    page.fill("#id_shelf", "A-03")
    page.focus("#id_q")
    for typed, word in (
        (code, "已签收"),
        (f"https：、、x、verify、{code}、", "已签收过"),
        ("6901234567892", "认不出来"),
    ):
        page.keyboard.insert_text(typed)
        page.keyboard.press("Enter")
        expect(page.locator(".scan-result__word")).to_contain_text(word, timeout=LATER)
        expect(page.locator("#id_q")).to_be_focused()
        expect(page.locator("#id_q")).to_have_value("")
    assert PaperReceipt.objects.get().shelf == "A-03"
    assert page.locator(".scan-log tbody tr").count() == 3
    page.click(".scan-log summary")
    page.click(".scan-log .undo button")
    expect(page.locator(".scan-log")).to_contain_text("已撤销", timeout=LATER)
    assert not PaperReceipt.objects.exists()


def test_the_camera_reads_a_sheet_once_as_long_as_it_lies_there(browser, live_server, secretary, filed, tmp_path):
    """Chromium's own camera shows a file: a sheet that does not move."""
    film = tmp_path / "sheet.mjpeg"
    film.write_bytes(sheet(filed.submissions.get().code) * 30)
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    flags.append(f"--use-file-for-fake-video-capture={film}")
    phone = browser.browser_type.launch(executable_path=CHROMIUM, args=flags)
    try:
        visitor = Visitor(phone.new_page(viewport={"width": 390, "height": 844}, locale="zh-CN"), live_server.url)
        visitor.enter(secretary)
        visitor.go(CAMERA)
        expect(visitor.page.locator(".scan-result__word")).to_contain_text("已签收", timeout=LATER)
        visitor.page.wait_for_timeout(4000)
        assert visitor.failures == []
    finally:
        phone.close()
    assert DeskScan.objects.get().result == "received"


def sheet(code: str) -> bytes:
    """One frame, as a camera sends it."""
    mark = io.BytesIO()
    segno.make(f"https://qc.example.org/verify/{code}/?p=1/3", error="m", micro=False).save(mark, kind="png", scale=8)
    frame = Image.new("RGB", (640, 480), "#cccccc")
    with Image.open(mark) as drawn:
        frame.paste(drawn.convert("RGB"), (120, 60))
    out = io.BytesIO()
    frame.save(out, "JPEG", quality=92)
    return out.getvalue()
