"""Paper set, electronic folder, workbook, blank forms."""

import io
import zipfile

import pytest
from django.core.management import call_command
from openpyxl import load_workbook

from applications import exchange, statistics
from applications.actions import drafts
from applications.models import Bundle, DownloadTemplate, Packet, PaperSet
from applications.packets import blanks, handlers, names
from applications.packets.constituents import Constituents
from applications.states import State
from qcportal import files
from tests import factories
from tests.applications import documents

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(owner):
    """Two groups filed in one round; the second is preferred. Both have evidence of the same name."""
    first = documents.submitted(owner)
    round_ = first.application.round
    second = factories.complete_draft(owner, round_, group_name="澄光QC小组", preference=0)
    documents.attach(second, "成果报告.pdf", factories.PDF + b"%more", "application/pdf")
    return first, documents.submit(second, owner)


def place(submission):
    return {"enterprise": submission.application.enterprise_id, "round": submission.application.round_id}


def test_the_paper_set_lists_and_holds_each_part_once(two, tmp_path):
    first, second = two
    handlers.build_set(place(first))
    handlers.build_set(place(first))
    row = PaperSet.objects.get()
    assert [(part["annex"], part["file_number"]) for part in row.parts] == [
        ("附件2", ""), ("附件3", ""), ("附件1", second.file_number), ("附件1", first.file_number),
    ]  # fmt: skip
    pages = [documents.squeezed(page) for page in documents.pages_of(files.read(row.file), tmp_path)]
    assert len(pages) == row.pages == 1 + sum(part["pages"] for part in row.parts)
    for submission in two:
        assert submission.file_number in pages[0]
        assert submission.code in pages[0]
    assert row.code in pages[0]
    assert "秘书处签收" in pages[0]
    assert f"文件编号{first.file_number}·第1版·第1页共{row.parts[-1]['pages']}页·校验码{first.code}" in "".join(pages)


def test_the_cover_says_whose_order_it_is_and_a_new_order_makes_only_the_cover_stale(two, owner, tmp_path):
    first, second = two
    application = first.application
    handlers.build_set(place(first))
    row = PaperSet.objects.get()
    assert [part["place"] for part in row.parts] == [None, None, 1, 2]
    cover = documents.squeezed(documents.pages_of(files.read(row.file), tmp_path)[0])
    assert "择优" in cover
    assert "申报单位自行排定的推荐先后" in cover
    before = Constituents(application.enterprise, application.round)
    drafts.move_application(application, actor=owner, up=True)
    after = Constituents(application.enterprise, application.round)
    assert [one.pk for one in after.submissions] == [first.pk, second.pk]
    assert after.cover.code != before.cover.code
    assert {spec.code for spec in after.parts} == {spec.code for spec in before.parts}


def test_a_withdrawn_filing_leaves_the_set(two):
    first, second = two
    handlers.build_set(place(first))
    type(first.application).objects.filter(pk=second.application_id).update(state=State.WITHDRAWN)
    handlers.build_set(place(first))
    assert PaperSet.objects.count() == 2
    assert [part["file_number"] for part in PaperSet.objects.first().parts] == ["", "", first.file_number]
    type(first.application).objects.update(state=State.WITHDRAWN)
    handlers.build_set(place(first))
    handlers.build_bundle(place(first))
    assert PaperSet.objects.count() == 2
    assert not Bundle.objects.exists()


def test_the_bundle_is_named_by_unit_contact_and_phone_and_repeats_its_bytes(two):
    handlers.build_bundle(place(two[0]))
    handlers.build_bundle(place(two[0]))
    bundle = Bundle.objects.get()
    assert bundle.name == "青海湖光盐化股份有限公司_李文静_13900000043.zip"
    content = files.read(bundle.file)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        paths = [name.partition("/")[2] for name in archive.namelist()]
        assert archive.testzip() is None
    assert len(set(paths)) == len(paths)
    assert "证实性材料/01_澄光QC小组/成果报告（2）.pdf" in paths
    assert sum(name.startswith("附件1_") for name in paths) == 2
    year = two[0].data["programme"]["data_year"]
    assert f"附件2_{year}年企业质量管理小组活动总结.pdf" in paths
    assert {"附件3_企业质量管理小组活动统计表.pdf", "附件3_企业质量管理小组活动统计表.xlsx"} <= set(paths)
    Bundle.objects.all().delete()
    handlers.build_bundle(place(two[0]))
    assert files.read(Bundle.objects.get().file) == content


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../a.pdf", "_.._a.pdf"),
        ('a:b?"c".pdf', "a_b__c_.pdf"),
        ("", "未命名"),
        ("长" * 200 + ".pdf", "长" * 72 + ".pdf"),
    ],
)
def test_names_in_the_folder_are_safe(name, safe):
    assert names.safe_name(name) == safe


def test_the_workbook_holds_the_figures_as_numbers(two):
    report = two[0].report_version
    content = exchange.statistics_workbook(report.data, report.personal)
    assert content == exchange.statistics_workbook(report.data, report.personal)
    sheet = load_workbook(io.BytesIO(content)).active
    values = {sheet.cell(row, 2).value: sheet.cell(row, 4).value for row in range(4, 4 + len(statistics.ROWS))}
    assert values["企业职工总数"] == 1250
    assert values["本年度小组直接经济效益"] == 386.25
    assert values["成果率"] == 60


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", " =", "\u200b@", "\t", "\n"])
def test_what_a_person_typed_is_never_a_formula(start):
    assert exchange.safe_text(f"{start}1+1") == f"'{start}1+1"
    assert exchange.typed_text(exchange.safe_text(f"{start}1+1")) == f"{start}1+1"
    assert exchange.typed_text("'引号'开头") == "'引号'开头", "an apostrophe of the person's own stays"
    data = {"enterprise": {"name": "x"}, "programme": {"data_year": 2025}, "statistics": []}
    content = exchange.statistics_workbook(data, {"filled_by": f"{start}cmd|' /C calc'!A0"})
    sheet = load_workbook(io.BytesIO(content)).active
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_blank_forms_are_installed_once_and_compute_the_rates():
    call_command("install_templates", verbosity=0)
    call_command("install_templates", verbosity=0)
    assert [row.annex for row in DownloadTemplate.objects.all()] == [
        "附件1", "附件1 · Word", "附件2", "附件2 · Word", "附件3",
    ]  # fmt: skip
    sheet = load_workbook(io.BytesIO(blanks.blank_templates()[2].content)).active
    assert sheet["E15"].value.startswith("=IF(")


def test_build_packets_makes_what_is_missing(two, capsys):
    call_command("build_packets")
    assert Packet.objects.count() == 6
    assert PaperSet.objects.count() == Bundle.objects.count() == 1
    call_command("build_packets")
    assert "已生成 0 份" in capsys.readouterr().out
