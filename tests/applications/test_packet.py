"""Packet, judges' copies, receipt: what is printed, for whom, and that nothing keeps them from being made."""

import io

import pikepdf
import pytest

from applications.models import Packet, PacketKind, Submission
from applications.packets import building, evidence, handlers
from qcportal import files, pdf
from tests.applications import documents

pytestmark = pytest.mark.django_db


@pytest.fixture
def rich(owner):
    """A submission with every sort of evidence; the group's name has characters outside GB 2312."""
    application = documents.factories.complete_draft(owner, group_name="喆堃玥昇QC小组")
    documents.attach(application, "现场照片.jpg", documents.picture(), "image/jpeg", "photo")
    documents.attach(application, "透明图.png", documents.picture("PNG", (600, 900), "RGBA"), "image/png")
    documents.attach(application, "损坏.pdf", b"%PDF-1.4 nothing", "application/pdf")
    documents.attach(application, "加密.pdf", documents.sealed_pdf(), "application/pdf")
    documents.attach(application, "数据.xlsx", b"PK", "application/vnd.ms-excel")
    return documents.submit(application, owner)


def content_of(submission, kind):
    return files.read(building.current(submission, kind).file)


def test_the_full_packet_holds_everything_with_a_footer_on_every_page(rich, tmp_path, monkeypatch):
    monkeypatch.setattr(evidence.shutil, "which", lambda _name: None)
    building.build(rich, (PacketKind.FULL,))
    packet = building.current(rich, PacketKind.FULL)
    pages = [documents.squeezed(page) for page in documents.pages_of(files.read(packet.file), tmp_path)]
    assert len(pages) == packet.pages
    for number, page in enumerate(pages, 1):
        footer = f"文件编号{rich.file_number}·第1版·第{number}页共{len(pages)}页·校验码{rich.code}"
        assert documents.squeezed(footer) in page
    text = "".join(pages)
    assert "喆堃玥昇QC小组" in pages[0]
    assert rich.file_number in pages[0]
    for words in ["申报表", "13900000043", "扎西多杰", "46.20", "386.25"]:
        assert words in text
    for item in rich.data["evidence"]:
        assert item["sha256"][:32] in text
    assert "损坏.pdf" in pages[-3]
    assert "文件内容损坏" in pages[-3]
    assert "文件设有密码" in pages[-2]
    assert "Office文件未转换" in pages[-1]


def test_contents_and_bookmarks_point_to_the_pages(rich, tmp_path):
    building.build(rich, (PacketKind.FULL,))
    content = content_of(rich, PacketKind.FULL)
    pages = [documents.squeezed(page) for page in documents.pages_of(content, tmp_path)]
    with pikepdf.open(io.BytesIO(content)) as document, document.open_outline() as outline:
        tops = [(item.title, list(document.pages).index(pikepdf.Page(item.destination[0]))) for item in outline.root]
        assert len(outline.root[-1].children) == 8
    assert [title.split(" ")[0] for title, _page in tops] == ["材料包封面", "附件1", "附件2", "附件3", "证实性材料目录"]
    for title, page in tops[1:]:
        assert documents.squeezed(title.split(" ")[-1])[-6:] in pages[page]
        assert f"{page + 1}" in pages[0]
    assert "证实性材料（8件）" in pages[0]


def test_rendering_again_gives_the_same_bytes(rich):
    first = building._packet(building.Work(rich), PacketKind.FULL)
    again = building._packet(building.Work(Submission.objects.get(pk=rich.pk)), PacketKind.FULL)
    assert first.content == again.content


def test_the_judges_copy_has_names_but_no_contacts(rich, tmp_path):
    building.build(rich, (PacketKind.JUDGE,))
    text = documents.squeezed(documents.text_of(content_of(rich, PacketKind.JUDGE), tmp_path))
    assert "扎西多杰" in text
    assert "喆堃玥昇QC小组" in text
    assert "青海湖光盐化股份有限公司" in text
    for hidden in ["13900000043", "lwj@huguang.example", "李文静", "创新路8号", "816000"]:
        assert hidden not in text


def test_the_anonymous_copy_names_neither_unit_nor_group_nor_members(rich, tmp_path):
    building.build(rich, (PacketKind.BLIND,))
    text = documents.squeezed(documents.text_of(content_of(rich, PacketKind.BLIND), tmp_path))
    assert "提高碳酸锂包装一次合格率" in text
    for hidden in ["扎西多杰", "喆堃玥昇", "青海湖光", "13900000043", "李文静", rich.data["enterprise"]["credit_code"]]:
        assert hidden not in text


def test_the_receipt_says_what_arrived_and_when_to_the_second(rich, tmp_path):
    building.build(rich, (PacketKind.RECEIPT,))
    text = documents.squeezed(documents.text_of(content_of(rich, PacketKind.RECEIPT), tmp_path))
    local = documents.clock.timezone.localtime(rich.submitted_at)
    for words in [
        rich.file_number,
        f"{local:%H:%M:%S}",
        rich.sha256,
        rich.code,
        "马启明",
        "按期提交",
        "无需另发电子邮件",
    ]:
        assert words in text


def test_the_handler_twice_makes_one_row_of_each_kind(owner):
    submission = documents.submitted(owner)
    handlers.build_packet({"submission": submission.pk})
    handlers.build_packet({"submission": submission.pk})
    kinds = Packet.objects.values_list("kind", "template_version").order_by("kind")
    assert list(kinds) == [(kind, pdf.TEMPLATE_VERSION) for kind in ("full", "judge", "receipt")]
    assert not building.unbuilt().exists()


def test_a_purged_submission_still_renders(owner, tmp_path):
    submission = documents.submitted(owner)
    Submission.objects.filter(pk=submission.pk).update(personal=None, salt="")
    building.build(submission, (PacketKind.FULL,))
    text = documents.squeezed(documents.text_of(content_of(submission, PacketKind.FULL), tmp_path))
    assert "红柳QC小组" in text
    assert "13900000043" not in text


def test_a_turned_page_gets_its_footer_where_the_reader_sees_the_bottom(owner, tmp_path):
    application = documents.factories.complete_draft(owner)
    out = io.BytesIO()
    with pikepdf.new() as target:
        for turn in (0, 90, 180, 270):
            target.add_blank_page(page_size=(842, 595)).rotate(turn, relative=False)
        target.save(out)
    documents.attach(application, "横向.pdf", out.getvalue(), "application/pdf")
    submission = documents.submit(application, owner)
    building.build(submission, (PacketKind.FULL,))
    pages = documents.pages_of(content_of(submission, PacketKind.FULL), tmp_path)
    for page in pages[-4:]:
        assert documents.squeezed(page).startswith(f"文件编号{submission.file_number}")


def test_scripts_of_uploaded_documents_stay_behind():
    out = io.BytesIO()
    with pikepdf.new() as target:
        page = target.add_blank_page()
        page.obj["/AA"] = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)"))
        target.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(2)")
        target.save(out)
    clean, pages = evidence._clean(out.getvalue())
    assert pages == 1
    assert b"JavaScript" not in clean


def test_a_jpeg_is_passed_through_as_it_is():
    picture = documents.picture(size=(400, 300), quality=90)
    page = evidence._image_page(picture)
    assert picture in page


def test_an_uploaded_summary_follows_attachment_2_when_it_is_a_pdf(owner, tmp_path):
    application = documents.factories.complete_draft(owner)
    stored = files.store(pdf.render("<p>上传的活动总结正文</p>"), "application/pdf")
    application.enterprise.reports.update(summary_file=stored, summary_file_name="总结.pdf", summary_file_pages=1)
    submission = documents.submit(application, owner)
    building.build(submission, (PacketKind.FULL,))
    text = documents.text_of(content_of(submission, PacketKind.FULL), tmp_path)
    assert "上传的活动总结正文" in text
    assert "活动总结文件《总结.pdf》附后" in documents.squeezed(text)


def test_an_uploaded_summary_of_another_format_is_named(owner, tmp_path):
    application = documents.factories.complete_draft(owner)
    stored = files.store(b"PK", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
    application.enterprise.reports.update(summary_file=stored, summary_file_name="总结.docx")
    submission = documents.submit(application, owner)
    building.build(submission, (PacketKind.FULL,))
    text = documents.text_of(content_of(submission, PacketKind.FULL), tmp_path)
    assert "《总结.docx》随电子文件夹报送" in documents.squeezed(text)


def test_page_numbers_stay_right_when_the_evidence_list_is_long(owner, tmp_path):
    application = documents.factories.complete_draft(owner)
    for number in range(40):
        name = f"小组活动记录及原始数据记录第{number:02d}号.pdf"
        documents.attach(application, name, documents.factories.PDF + b"%%%d" % number, "application/pdf")
    submission = documents.submit(application, owner)
    building.build(submission, (PacketKind.FULL,))
    packet = building.current(submission, PacketKind.FULL)
    pages = [documents.squeezed(page) for page in documents.pages_of(files.read(packet.file), tmp_path)]
    assert sum("文件摘要" in page and "类别" in page for page in pages) > 1
    last_listed = max(index for index, page in enumerate(pages, 1) if "提交版本摘要" in page)
    assert f"{last_listed + 1}–{packet.pages}" in pages[0]
    assert packet.pages - last_listed == 43


def test_an_office_file_is_converted_once_and_kept(owner, monkeypatch):
    calls = []

    def convert(program, suffix, content):
        calls.append(suffix)
        return documents.factories.PDF

    monkeypatch.setattr(evidence.shutil, "which", lambda _name: "/usr/bin/soffice")
    monkeypatch.setattr(evidence, "_convert", convert)
    stored = files.store(b"PK", "application/vnd.ms-excel")
    item = {"sha256": stored.pk, "name": "数据.xlsx", "content_type": stored.content_type}
    assert evidence.rendered(item).pages == evidence.rendered(item).pages == 1
    assert calls == [".xlsx"]


def test_an_image_that_is_no_image_and_a_lost_file_are_explained(db):
    stored = files.store(b"no picture", "image/jpeg")
    item = {"sha256": stored.pk, "name": "a.jpg", "content_type": "image/jpeg"}
    assert "文件内容损坏" in evidence.rendered(item).reason
    assert "没有找到" in evidence.rendered({**item, "sha256": "0" * 64}).reason


def test_markup_in_what_people_typed_is_printed_as_typed(owner, tmp_path):
    typed = '<img src="file:///etc/passwd"><b>&amp;小组'
    submission = documents.submitted(owner, group_name=typed)
    building.build(submission, (PacketKind.FULL,))
    text = documents.text_of(content_of(submission, PacketKind.FULL), tmp_path)
    assert documents.squeezed(typed) in documents.squeezed(text)


def test_the_longest_names_leave_the_cover_one_page(owner, tmp_path):
    type(owner.memberships.get().enterprise).objects.update(name="青海某某盐湖化工股份有限公司钾肥分公司" * 5)
    submission = documents.submitted(owner, group_name="长" * 60, topic_name="提高碳酸锂包装一次合格率" * 8)
    cover = building._packet(building.Work(submission), PacketKind.FULL)
    pages = [documents.squeezed(page) for page in documents.pages_of(cover.content, tmp_path)]
    assert "材料目录" in pages[0]
    assert submission.code in pages[0]
    assert "附件1" in pages[1]
