"""Evidence in a real browser: dropped, cut off, gone on with after a reload, arranged, looked at."""

import base64
import hashlib
import re

import pytest
from playwright.sync_api import expect

from applications import tasks
from applications.models import Evidence, Upload
from qcportal import files, outbox
from qcportal.models import OutboxMessage
from tests import factories
from tests.applications.test_uploads import document

DROP = """([files]) => {
  const transfer = new DataTransfer();
  files.forEach(([name, content]) => {
    const bytes = Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
    transfer.items.add(new File([bytes], name));
  });
  const box = document.querySelector("[data-drop]");
  ["dragover", "drop"].forEach((kind) => {
    box.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
  });
}"""
expect.set_options(timeout=15_000)  # a busy machine is no failure
PARTS = re.compile(r"/uploads/[0-9a-f-]+/\?offset=")


@pytest.fixture
def owner(live_server):
    return factories.enterprise_owner()


@pytest.fixture
def filing(owner):
    return factories.draft(owner, group_name="红柳QC小组")


class Desk:
    """The evidence page of one filing, as its owner has it open."""

    def __init__(self, visitor, owner, filing) -> None:
        self.visitor, self.page, self.filing = visitor, visitor.page, filing
        visitor.enter(owner)
        self.open()

    def open(self) -> None:
        self.visitor.go(f"/applications/{self.filing.uuid}/edit/evidence/")

    def drop(self, *named) -> None:
        self.page.evaluate(DROP, [[(name, base64.b64encode(content).decode()) for name, content in named]])

    def choose(self, *paths) -> None:
        self.page.set_input_files("[name=files]", list(paths))

    def row(self, name):
        return self.page.locator(".upload-row", has_text=name)

    def listed(self, number: int) -> None:
        expect(self.page.locator("[data-item]")).to_have_count(number, timeout=30_000)

    def hold_part(self, number: int) -> list:
        """The ``number``-th part waits in the network; the list holds it as soon as it is there."""
        held, seen = [], []

        def handle(route) -> None:
            seen.append(route)
            if len(seen) == number:
                held.append(route)
            else:
                route.continue_()

        self.page.route(PARTS, handle)
        return held

    def until(self, condition) -> None:
        for _ in range(150):
            if condition():
                return
            self.page.wait_for_timeout(100)
        pytest.fail("did not happen within 15 s")

    def names(self) -> list[str]:
        return self.page.locator(".evidence-name").all_inner_texts()


@pytest.fixture
def desk(visit, owner, filing):
    return Desk(visit(), owner, filing)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_three_files_dropped_at_once_are_three_pieces_of_their_kinds(desk, filing):
    contents = {
        f"{name}.pdf": document(200_000 + number) for number, name in enumerate(["成果报告", "活动记录", "效益证明"])
    }
    desk.drop(*contents.items())
    desk.listed(3)
    kept = {item.name: (item.kind, item.file_id) for item in filing.evidence.all()}
    kinds = dict(zip(contents, ["report", "records", "benefit"], strict=True))
    assert kept == {name: (kinds[name], sha256(content)) for name, content in contents.items()}
    expect(desk.page.locator(".evidence-needs .text-amber")).to_have_count(0)


def test_a_refused_file_stands_beside_those_that_are_taken(desk, filing):
    good = document(100_000)
    desk.drop(
        ("照片.heic", b"x"), ("旧记录.doc", b"x"), ("空.pdf", b""), ("不是PDF的报告.pdf", b"MZ" + b"0" * 99),
        ("成果报告.pdf", good),
    )  # fmt: skip
    desk.listed(1)
    said = {
        "照片.heic": "兼容性最佳",
        "旧记录.doc": "另存为新格式",
        "空.pdf": "文件是空的",
        "不是PDF的报告.pdf": "程序文件",
    }
    for name, words in said.items():
        expect(desk.row(name).locator("[data-error]")).to_contain_text(words)
    desk.visitor.picture("evidence-refused")
    assert Upload.objects.unfinished().count() == 0
    desk.row("旧记录.doc").get_by_role("button", name="取消 旧记录.doc").click()
    expect(desk.row("旧记录.doc")).to_have_count(0)


def test_the_limits_of_the_page_stop_a_file_before_it_leaves(desk, settings, tmp_path):
    settings.EVIDENCE_MAX_BYTES, settings.EVIDENCE_MAX_FILES = 1024 * 1024, 1
    desk.open()
    sent = []
    desk.page.on("request", lambda request: sent.append(request.url) if "/uploads/" in request.url else None)
    desk.drop(("大的报告.pdf", b"x" * (1024 * 1024 + 1)))
    expect(desk.row("大的报告.pdf").locator("[data-error]")).to_contain_text("文件超过 1 MB")
    assert sent == []
    desk.drop(("成果报告.pdf", document(1000)), ("活动记录.pdf", document(1001)))
    expect(desk.row("活动记录.pdf").locator("[data-error]")).to_contain_text("最多 1 个文件")
    desk.listed(1)


def test_a_cut_in_the_network_is_waited_out(desk, filing, tmp_path):
    content = document(6_000_000)
    path = tmp_path / "成果报告.pdf"
    path.write_bytes(content)
    held = desk.hold_part(3)
    desk.choose(path)
    desk.until(lambda: held)
    expect(desk.row("成果报告.pdf").locator("[data-text]")).to_contain_text("%")
    desk.page.context.set_offline(True)
    held[0].abort("internetdisconnected")
    expect(desk.row("成果报告.pdf")).to_contain_text("网络已断开，恢复后自动继续")
    desk.visitor.picture("evidence-offline")
    desk.page.unroute(PARTS)
    desk.page.context.set_offline(False)
    desk.listed(1)
    assert filing.evidence.get().file_id == sha256(content)


def test_after_a_reload_the_same_file_goes_on_from_where_it_was(desk, filing, tmp_path):
    content = document(6_000_000)
    path, other = tmp_path / "成果报告.pdf", tmp_path / "另一个.pdf"
    path.write_bytes(content)
    other.write_bytes(document(5000))
    held = desk.hold_part(3)
    desk.choose(path)
    desk.until(lambda: held)
    desk.page.unroute(PARTS)
    desk.open()
    expect(desk.page.locator("#unfinished")).to_contain_text("成果报告.pdf")
    desk.visitor.picture("evidence-unfinished")
    with desk.page.expect_file_chooser() as chooser:
        desk.page.get_by_role("button", name="选择同一文件继续").click()
    chooser.value.set_files(other)
    expect(desk.row("另一个.pdf").locator("[data-error]")).to_contain_text("不是同一个文件")
    offsets, received = [], Upload.objects.get().received
    assert 0 < received < len(content)
    desk.page.on("request", lambda request: offsets.append(request.url) if PARTS.search(request.url) else None)
    with desk.page.expect_file_chooser() as chooser:
        desk.page.get_by_role("button", name="选择同一文件继续").click()
    chooser.value.set_files(path)
    desk.listed(1)
    assert offsets[0].endswith(f"offset={received}")
    assert filing.evidence.get().file_id == sha256(content)
    assert Upload.objects.unfinished().count() == 0


def test_another_file_of_the_same_name_and_size_begins_anew(desk, filing, tmp_path):
    """Same name, size and samples, other bytes in between: the parts that have arrived tell."""
    content = document(6_000_000)
    path = tmp_path / "成果报告.pdf"
    path.write_bytes(content)
    held = desk.hold_part(3)
    desk.choose(path)
    desk.until(lambda: held)
    desk.page.unroute(PARTS)
    changed = content[:100_000] + b"another text" + content[100_012:]
    path.write_bytes(changed)
    desk.open()
    desk.choose(path)
    desk.listed(1)
    assert filing.evidence.get().file_id == sha256(changed)


def test_a_kind_that_the_name_does_not_say_is_asked_for_and_cancelling_leaves_nothing(desk, filing):
    desk.drop(("扫描件0001.pdf", document(3000)), ("扫描件0002.pdf", document(3001)))
    first, second = desk.row("扫描件0001.pdf"), desk.row("扫描件0002.pdf")
    expect(first).to_contain_text("请选择材料类别")
    first.locator("[data-kind]").select_option("standard")
    desk.listed(1)
    assert filing.evidence.get().kind == "standard"
    expect(second).to_contain_text("请选择材料类别")
    second.locator("[data-cancel]").click()
    desk.until(lambda: Upload.objects.unfinished().count() == 0)
    expect(second).to_have_count(0)
    assert Evidence.objects.count() == 1


def test_files_are_dragged_moved_by_key_renamed_and_given_another_kind(desk, filing):
    for number, name in enumerate("甲乙丙"):
        factories.evidence(filing, "other", f"{name}.pdf", factories.PDF + b"\n" * number)
    desk.open()
    page = desk.page
    start, goal = page.locator("[data-handle]").nth(2).bounding_box(), page.locator("[data-item]").nth(0).bounding_box()
    page.mouse.move(start["x"] + 8, start["y"] + 20)
    page.mouse.down()
    page.mouse.move(start["x"] + 8, start["y"] - 60, steps=6)
    page.mouse.move(start["x"] + 8, goal["y"] + 4, steps=12)
    page.mouse.up()
    expect(page.locator("[data-said]")).to_have_text("次序已保存。")
    assert [item.name for item in filing.evidence.all()] == ["丙.pdf", "甲.pdf", "乙.pdf"] == desk.names()
    page.locator("[data-handle]").nth(0).press("ArrowDown")
    desk.until(lambda: [item.name for item in filing.evidence.all()] == ["甲.pdf", "丙.pdf", "乙.pdf"])
    page.get_by_role("button", name="乙.pdf上移").click()
    desk.until(lambda: [item.name for item in filing.evidence.all()] == ["甲.pdf", "乙.pdf", "丙.pdf"])
    page.locator("[data-rename]").nth(0).click()
    page.keyboard.type("作业标准")
    page.keyboard.press("Enter")
    expect(page.locator(".evidence-name").nth(0)).to_have_text("作业标准.pdf")
    page.locator("[data-kind-of]").nth(0).select_option("standard")
    expect(page.locator("[data-said]")).to_have_text("类别已修改。")
    item = filing.evidence.first()
    assert (item.name, item.kind) == ("作业标准.pdf", "standard")


def test_previews_appear_by_themselves_and_open_large(desk, filing):
    desk.drop(("成果报告.pdf", document(2000)))
    desk.listed(1)
    expect(desk.page.locator("[data-preview]")).to_contain_text("生成中")
    assert tasks.building  # which knows what to do with the rows
    for message in OutboxMessage.objects.filter(topic="preview.build"):
        assert outbox.deliver(message.pk) == "done"
    expect(desk.page.locator("[data-preview=ready] img")).to_be_visible()
    desk.visitor.picture("evidence-preview")
    desk.page.locator(".evidence-name a").click()
    image = desk.page.locator(".viewer__paper img")
    expect(image).to_be_visible()
    desk.until(lambda: image.evaluate("image => image.naturalWidth") > 1000)
    desk.visitor.picture("evidence-viewer")
    desk.page.get_by_role("link", name="返回材料清单").click()
    assert files.read(filing.evidence.get().file)
