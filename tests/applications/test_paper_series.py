"""连续签收: scan after scan, what speaks against it, taking back, the slip; and the phone's camera."""

import io
from datetime import timedelta

import pytest
import segno
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from applications.actions import paper, paper_desk, paper_undo, submission
from applications.models import DeskScan, PaperBatch, PaperPart, PaperReceipt, PartReceipt, ScanResult
from applications.packets import parts as rendering
from applications.packets.constituents import Constituents
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent
from tests import factories
from tests.applications import checked

pytestmark = pytest.mark.django_db
SERIES = reverse("admin:paper_series")


@pytest.fixture
def filed(owner):
    return checked.submitted(owner)


@pytest.fixture
def batch(secretary):
    return paper_desk.open_batch(actor=secretary)


@pytest.fixture
def parts(filed):
    """The printed set of the one filing: cover, attachments 2 and 3, attachment 1, by kind."""
    held = Constituents(filed.enterprise, filed.round)
    rendering.build(held)
    return {part.kind: part for part in PaperPart.objects.all()}


def scan(batch, secretary, text, **values):
    return paper_desk.scan(batch, text, actor=secretary, **values)


# --- One scan ---------------------------------------------------------------------------------------


def test_a_scan_signs_in_and_the_shelf_stays_for_the_next_one(batch, secretary, filed):
    row = scan(batch, secretary, filed.submissions.get().code, shelf="A-03", giver="SF123")
    receipt = PaperReceipt.objects.get()
    assert (row.result, receipt.shelf, receipt.note, receipt.received_by) == ("received", "A-03", "SF123", secretary)
    batch.refresh_from_db()
    assert (batch.shelf, batch.giver) == ("A-03", "SF123")


def test_each_part_of_a_set_is_signed_in_by_its_own_code(batch, secretary, parts):
    for part in parts.values():
        assert scan(batch, secretary, f"https://x/verify/{part.code}/?p=1/3").result == ScanResult.RECEIVED
    assert (PartReceipt.objects.count(), PaperReceipt.objects.count()) == (3, 1)
    assert {row.label for row in batch.scans.all()} >= {"封面 第 1 版", "附件2 第 1 版", "附件3 第 1 版"}


def test_the_same_paper_again_is_red_and_says_who_when_and_where(batch, secretary, filed):
    code = filed.submissions.get().code
    scan(batch, secretary, code, shelf="B-1")
    again = scan(batch, secretary, code, shelf="B-2")
    assert again.result == ScanResult.ALREADY
    assert "由 陈雪梅 签收，存放于 B-1" in again.message
    assert PaperReceipt.objects.count() == 1


def test_an_old_version_is_red_and_nothing_is_signed_in(batch, secretary, owner, filed):
    old = filed.submissions.get()
    checked.resubmit(filed, owner)
    row = scan(batch, secretary, old.code)
    assert row.result == ScanResult.STALE
    assert "现在是第 2 版" in row.message
    assert not PaperReceipt.objects.exists()


def test_an_old_cover_is_red_too(batch, secretary, owner, filed, parts):
    factories.complete_draft(owner, filed.round, group_name="昆仑QC小组")
    other = filed.enterprise.applications.get(group_name="昆仑QC小组")
    submission.submit(other, actor=owner, confirmations=checked.CONFIRMED, arrived_at=clock.now())
    assert scan(batch, secretary, parts["cover"].code).result == ScanResult.STALE
    assert not PartReceipt.objects.exists()


def test_paper_of_a_withdrawn_filing_is_put_aside(batch, secretary, owner, filed):
    code = filed.submissions.get().code
    submission.withdraw(filed, actor=owner, reason="重复申报")
    row = scan(batch, secretary, code)
    assert (row.result, PaperReceipt.objects.count()) == (ScanResult.NOT_EXPECTED, 0)
    assert "已撤回" in row.message


def test_a_foreign_code_is_listed_and_says_what_to_do(batch, secretary):
    row = scan(batch, secretary, "6901234567892")
    assert (row.result, row.typed) == (ScanResult.UNKNOWN, "6901234567892")
    assert "12 位校验码" in row.message


def test_paper_after_the_day_is_signed_in_and_marked(batch, secretary, filed):
    with clock.fixed(filed.round.paper_due_at + timedelta(hours=1)):
        late = paper_desk.open_batch(actor=secretary)
        row = scan(late, secretary, filed.submissions.get().code)
    assert (row.result, row.is_late) == (ScanResult.RECEIVED, True)


# --- Whose batch ------------------------------------------------------------------------------------


def test_one_open_batch_for_each_person_and_yesterdays_is_over(batch, secretary):
    assert paper_desk.open_batch(actor=secretary) == batch
    with clock.fixed(clock.now() + timedelta(days=1)):
        fresh = paper_desk.open_batch(actor=secretary)
    assert fresh != batch
    assert PaperBatch.objects.get(pk=batch.pk).closed_at is not None


def test_nobody_scans_into_the_batch_of_another_or_into_a_closed_one(batch, secretary, filed, auditor):
    other = factories.staff(username="second", name="李秋萍")
    with pytest.raises(NotAllowed):
        scan(batch, other, filed.submissions.get().code)
    with pytest.raises(NotAllowed):
        paper_desk.open_batch(actor=auditor)
    paper_desk.close_batch(batch, actor=secretary)
    batch.refresh_from_db()
    with pytest.raises(NotAllowed):
        scan(batch, secretary, filed.submissions.get().code)


# --- Taking back ------------------------------------------------------------------------------------


def test_taking_back_leaves_the_reason_and_what_the_receipt_said(batch, secretary, filed):
    row = scan(batch, secretary, filed.submissions.get().code, shelf="A-1")
    paper_undo.undo_scan(row, actor=secretary, reason="扫错了")
    row.refresh_from_db()
    assert (row.undone_by, row.undo_reason, row.counts) == (secretary, "扫错了", False)
    assert not PaperReceipt.objects.exists()
    event = AuditEvent.objects.get(verb="paper.receipt_undone")
    assert (event.before["shelf"], event.before["version"], event.data["reason"]) == ("A-1", 1, "扫错了")
    assert scan(batch, secretary, filed.submissions.get().code).result == ScanResult.RECEIVED


def test_a_part_is_taken_back_as_well(batch, secretary, parts):
    row = scan(batch, secretary, parts["annex3"].code)
    paper_undo.undo_scan(row, actor=secretary, reason="退回单位")
    assert not PartReceipt.objects.exists()


@pytest.mark.parametrize("reason", ["", "   ", "长" * 201])
def test_taking_back_needs_a_reason(batch, secretary, filed, reason):
    row = scan(batch, secretary, filed.submissions.get().code)
    with pytest.raises(Refusal):
        paper_undo.undo_scan(row, actor=secretary, reason=reason)
    assert PaperReceipt.objects.exists()


def test_nothing_is_taken_back_twice_or_where_nothing_was_signed_in(batch, secretary, filed, auditor):
    row = scan(batch, secretary, filed.submissions.get().code)
    with pytest.raises(NotAllowed):
        paper_undo.undo_scan(row, actor=auditor, reason="扫错了")
    paper_undo.undo_scan(row, actor=secretary, reason="扫错了")
    with pytest.raises(Refusal, match="已经撤销"):
        paper_undo.undo_scan(row, actor=secretary, reason="扫错了")
    foreign = scan(batch, secretary, "ABCD")
    with pytest.raises(Refusal):
        paper_undo.undo_scan(foreign, actor=secretary, reason="扫错了")


def test_a_receipt_given_elsewhere_is_taken_back_from_the_desk(client, secretary, filed):
    receipt = paper.receive_paper(filed.submissions.get(), actor=secretary, shelf="C-1")
    client.force_login(secretary)
    page = client.post(reverse("admin:paper_undo", args=["form", receipt.pk]), {"reason": "扫错了"}, follow=True)
    assert "已撤销签收" in page.content.decode()
    assert not PaperReceipt.objects.exists()


# --- Pages ------------------------------------------------------------------------------------------


def test_the_page_takes_a_scan_shows_it_large_and_how_far_the_set_is(client, secretary, parts):
    client.force_login(secretary)
    page = client.post(SERIES, {"q": parts["annex2"].code, "shelf": "A-03"}, follow=True).content.decode()
    assert 'data-result="received"' in page
    assert "存放于 <b>A-03</b>" in page
    assert "共 4 件，已收 <b>1</b> 件" in page
    assert 'name="shelf" value="A-03"' in page


def test_with_a_script_only_the_lower_half_comes_back(client, secretary, filed):
    client.force_login(secretary)
    answer = client.post(SERIES, {"q": filed.submissions.get().code, "part": "live"})
    assert answer.status_code == 200
    body = answer.content.decode()
    assert body.lstrip().startswith('<div class="scan-result')
    assert "最近 20 次扫描" in body


def test_an_empty_scan_says_so_and_lists_nothing(client, secretary):
    client.force_login(secretary)
    assert "没有读到内容" in client.post(SERIES, {"q": "  "}).content.decode()
    assert not DeskScan.objects.exists()


def test_the_list_has_twenty_lines_and_takes_back(client, secretary, filed):
    client.force_login(secretary)
    for number in range(22):
        client.post(SERIES, {"q": f"nonsense{number}"})
    client.post(SERIES, {"q": filed.submissions.get().code})
    page = client.get(SERIES)
    assert len(page.context["rows"]) == 20
    row = DeskScan.objects.get(result="received")
    after = client.post(reverse("admin:paper_series_undo", args=[row.uuid]), {"reason": "扫错了"}, follow=True)
    assert "已撤销" in after.content.decode()
    assert not PaperReceipt.objects.exists()


def test_closing_leads_to_the_slip_with_what_was_put_aside(client, secretary, filed):
    client.force_login(secretary)
    client.post(SERIES, {"q": filed.submissions.get().code, "shelf": "A-9", "giver": "马师傅"})
    client.post(SERIES, {"q": "6901234567892", "giver": "马师傅"})
    slip = client.post(reverse("admin:paper_series_close"), follow=True).content.decode()
    for words in ("纸质件签收单", "青海湖光盐化股份有限公司", "马师傅", "A-9", "没有签收的 1 件", "陈雪梅"):
        assert words in slip
    assert filed.submissions.get().code_grouped in slip


def test_the_slip_of_a_set_says_what_is_missing(client, secretary, filed, parts):
    paper.receive_paper(filed.submissions.get(), actor=secretary, shelf="A-1")
    client.force_login(secretary)
    slip = client.get(reverse("admin:paper_slip", args=[filed.enterprise.uuid, filed.round_id])).content.decode()
    assert "共 4 件，已收 1 件，尚缺 3 件：封面、附件2、附件3" in slip


def test_an_auditor_looks_and_signs_nothing_in(client, auditor, filed):
    client.force_login(auditor)
    assert "不能签收" in client.get(SERIES).content.decode()
    assert client.post(SERIES, {"q": filed.submissions.get().code}).status_code == 403


# --- The phone --------------------------------------------------------------------------------------


def photo(code, *, name="photo.jpg", scale=6):
    """A photograph of the code, as a PNG."""
    out = io.BytesIO()
    segno.make(f"https://qc.example.org/verify/{code}/?p=1/3", error="m", micro=False).save(
        out, kind="png", scale=scale
    )
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/png")


def test_a_photograph_signs_in(client, secretary, filed):
    client.force_login(secretary)
    values = {"photo": photo(filed.submissions.get().code), "shelf": "D-1"}
    page = client.post(reverse("admin:paper_camera"), values, follow=True).content.decode()
    assert 'data-result="received"' in page
    assert PaperReceipt.objects.get().shelf == "D-1"


def test_a_picture_of_the_camera_is_read_and_signs_nothing_in(client, secretary, filed):
    client.force_login(secretary)
    code = filed.submissions.get().code
    answer = client.post(reverse("admin:paper_camera_look"), {"photo": photo(code)})
    assert code in answer.json()["text"]
    assert not PaperReceipt.objects.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"MZ\x90\x00nothing", "不是可以识别的照片"), (b"", "照片是空的"), (factories.PDF, "不是可以识别的照片")],
)
def test_what_is_no_photograph_is_refused_in_chinese(client, secretary, content, words):
    client.force_login(secretary)
    bad = SimpleUploadedFile("a.jpg", content, content_type="image/jpeg")
    page = client.post(reverse("admin:paper_camera"), {"photo": bad}).content.decode()
    assert words in page
    assert not DeskScan.objects.exists()


def test_a_photograph_without_code_says_what_to_do(client, secretary):
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(out, "PNG")
    client.force_login(secretary)
    values = {"photo": SimpleUploadedFile("a.png", out.getvalue(), content_type="image/png")}
    assert "没有找到二维码" in client.post(reverse("admin:paper_camera"), values).content.decode()
