"""What Word is picky about: order of elements, a paragraph in every cell, one number a control; and the typography."""

import io
import zipfile
from itertools import pairwise

import docx
import pytest
from docx.shared import Pt

from applications.topics import TopicType, steps_of
from applications.word.document import read_document
from applications.word.forms import FormContent, form_document
from applications.word.summaries import SummaryContent, summary_document

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SECTIONS = [("summary_basics", "一、基本情况", "企业概况。"), ("summary_plans", "六、下一步打算", "目标。")]
FULL = FormContent(
    values={"enterprise.name": "青海湖光盐化股份有限公司", "topic_name": "提高<一次>合格率 & “达标”\x07"},
    members=[{"name": "才让·卓玛", "gender": "女", "group_role": "组长"}],
    awards=[("salt-lake", "盐湖化工产业质量管理小组奖", True)],
    topic_type="innovation", uuid="5c2f9b1e-0000-4000-8000-000000000000", year="2026", edit_version=7,
)  # fmt: skip
DOCUMENTS = {
    "blank form": form_document(FormContent(awards=[("甲", "甲奖", False)])),
    "filled form": form_document(FULL),
    "blank summary": summary_document(SummaryContent(SECTIONS)),
    "filled summary": summary_document(
        SummaryContent(SECTIONS, "青海湖光", "91", "2025", "2026", {"summary_plans": "甲\n乙"})
    ),
}
# ISO/IEC 29500-1, CT_SdtPr; CT_TcPr; CT_RPr; CT_PPr: those children that we use.
ORDER = {
    "sdtPr": ["rPr", "alias", "tag", "id", "lock", "showingPlcHdr", "dropDownList", "text", "checkbox"],
    "tcPr": ["tcW", "gridSpan", "vMerge", "tcBorders", "vAlign"],
    "rPr": ["rFonts", "b", "color", "sz", "szCs"],
    "pPr": ["pStyle", "keepNext", "spacing", "ind", "jc"],
    "tblPr": ["tblW", "jc", "tblBorders", "tblLayout", "tblCellMar"],
    "tcBorders": ["top", "left", "bottom", "right"],
}


@pytest.fixture(params=DOCUMENTS, ids=str)
def body(request):
    return docx.Document(io.BytesIO(DOCUMENTS[request.param])).element.body


def local(element) -> str:
    return element.tag.rpartition("}")[2]


@pytest.mark.parametrize("name", ORDER)
def test_children_stand_in_the_order_of_the_standard(body, name):
    for element in body.iter(f"{W}{name}"):
        places = [ORDER[name].index(local(child)) for child in element]
        assert all(left < right for left, right in pairwise(places)), [local(child) for child in element]


def test_every_cell_holds_a_paragraph_and_the_rows_fill_the_grid(body):
    for table in body.iter(f"{W}tbl"):
        columns = len(table.find(f"{W}tblGrid"))
        for row in table.iter(f"{W}tr"):
            spans = [cell.find(f"{W}tcPr/{W}gridSpan") for cell in row.iter(f"{W}tc")]
            assert sum(1 if span is None else int(span.get(f"{W}val")) for span in spans) == columns
        for cell in table.iter(f"{W}tc"):
            assert local(cell[-1]) == "p"


def test_numbers_of_controls_are_unique_and_tags_short_enough_for_word(body):
    numbers = [one.get(f"{W}val") for one in body.iter(f"{W}id")]
    assert len(set(numbers)) == len(numbers)
    assert all(len(one.get(f"{W}val")) <= 64 for one in body.iter(f"{W}tag"))


def test_the_document_ends_with_a_paragraph_and_its_section(body):
    assert [local(child) for child in list(body)[-2:]] == ["p", "sectPr"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_page_and_title_follow_the_official_form(name):
    document = docx.Document(io.BytesIO(DOCUMENTS[name]))
    section = document.sections[0]
    sides = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert [round(side.mm) for side in sides] == [37, 35, 28, 26]
    title = next(
        sdt for sdt in document.element.body.iter(f"{W}sdt") if sdt.find(f"{W}sdtPr/{W}tag").get(f"{W}val")[:3] == "qc."
    )
    run = docx.text.run.Run(title.find(f".//{W}r"), None)
    assert (run.font.size, run._r.rPr.rFonts.get(f"{W}eastAsia")) == (Pt(22), "方正小标宋简体")


def test_nothing_of_the_library_is_left_in_the_file():
    with zipfile.ZipFile(io.BytesIO(DOCUMENTS["blank form"])) as archive:
        names = set(archive.namelist())
        properties = archive.read("docProps/core.xml").decode()
    assert not any("thumbnail" in name or "customXml" in name for name in names)
    assert "python-docx" not in properties
    assert "2013" not in properties


def test_the_marks_and_values_are_read_back():
    document = read_document(io.BytesIO(DOCUMENTS["filled form"]))
    values = {control.tag: control.text for control in document.controls}
    assert document.marks["edit_version"] == "7"
    assert (document.marks["application"], document.marks["topic_type"]) == (FULL.uuid, "innovation")
    assert values["topic_name"] == "提高<一次>合格率 & “达标”"
    assert values[f"qc.annex1.1.{FULL.uuid}"] == "青海省优秀质量管理小组申报表"


@pytest.mark.parametrize("kind", list(TopicType))
def test_the_steps_are_those_of_the_type(kind):
    document = read_document(io.BytesIO(form_document(FormContent(topic_type=kind))))
    tags = [control.tag for control in document.controls if control.tag.startswith("steps.")]
    assert tags == [f"steps.{step.code}" for step in steps_of(kind)]


def test_the_blank_form_offers_the_steps_of_all_types():
    document = read_document(io.BytesIO(DOCUMENTS["blank form"]))
    tags = [control.tag for control in document.controls if control.tag.startswith("steps.")]
    assert tags == [f"steps.{kind}.{step.code}" for kind in TopicType for step in steps_of(kind)]
