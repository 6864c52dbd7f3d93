"""A Word file around a body: page, faces, page number, hidden marks; the same content gives the same bytes."""

import io
from collections.abc import Iterable, Mapping
from copy import deepcopy
from xml.sax.saxutils import escape, quoteattr

import docx
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.ns import qn
from docx.shared import Mm
from lxml import etree
from lxml.etree import _Element

from applications.exchange import without_times
from applications.word.ooxml import FANG, LATIN, SONG, Type, element, paragraph, run, run_properties

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
CUSTOM_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
CUSTOM_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
CUSTOM_NS = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
VT_NS = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
FMTID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
PREFIX = "qcportal."
# GB/T 9704: margins of the page in mm.
MARGINS = {"top_margin": 37, "bottom_margin": 35, "left_margin": 28, "right_margin": 26}
FOOTER_FROM_EDGE = 25
# The empty document of python-docx brings parts that have nothing to do with ours (a thumbnail of another text).
_DROPPED = ("stylesWithEffects", "customXml", "numbering", "thumbnail", "webSettings", "extended-properties")
# A face that is not installed is replaced by its ordinary relative.
_FONTS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:fonts xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">%s</w:fonts>"""
_FONT = '<w:font w:name="%s"><w:altName w:val="%s"/><w:charset w:val="86"/><w:pitch w:val="variable"/></w:font>'
_RELATIVES = (
    ("方正小标宋简体", "小标宋"), ("仿宋_GB2312", "仿宋"), ("楷体_GB2312", "楷体"),
    ("宋体", "SimSun"), ("黑体", "SimHei"),
)  # fmt: skip


def build(body: Iterable[_Element], *, title: str, marks: Mapping[str, str]) -> bytes:
    """``marks`` are hidden properties by which a file that comes back is known again."""
    document = docx.Document()
    _drop_parts(document)
    root = document.element.body
    for child in list(root):
        if child.tag != qn("w:sectPr"):
            root.remove(child)
    for made in body:
        root.insert(len(root) - 1, made)
    _page(document)
    _styles(document)
    _paragraph_styles(document)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = title, "", ""
    properties.last_modified_by, properties.language = "", "zh-CN"
    _mark(document, marks)
    saved = io.BytesIO()
    document.save(saved)
    return without_times(saved)


def _drop_parts(document: docx.document.Document) -> None:
    for rels in (document.part.rels, document.part.package.rels):
        for key, rel in list(rels.items()):
            if rel.reltype.endswith(_DROPPED):
                del rels[key]
    fonts = document.part.part_related_by(RT.FONT_TABLE)
    fonts._blob = (_FONTS % "".join(_FONT % pair for pair in _RELATIVES)).encode()


def _page(document: docx.document.Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    for name, mm in MARGINS.items():
        setattr(section, name, Mm(mm))
    section.footer_distance = Mm(FOOTER_FROM_EDGE)
    number = Type(SONG, 14)
    begin, separate, end = [
        element("r", run_properties(number), element("fldChar", fldCharType=kind))
        for kind in ("begin", "separate", "end")
    ]
    code = element("instrText")
    code.text = " PAGE "
    code.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    footer = section.footer
    footer.is_linked_to_previous = False
    root = footer._element
    for child in list(root):
        root.remove(child)
    instruction = element("r", run_properties(number), code)
    shown = (begin, instruction, separate, run("1", number), end)
    root.append(paragraph(run("— ", number), *shown, run(" —", number), align="center"))


def _styles(document: docx.document.Document) -> None:
    """The default of every paragraph: 仿宋, no space around; Chinese for the spelling check. Only default styles stay:
    the others (300 kB) are used by nothing here."""
    styles = document.styles.element
    for style in list(styles.iterchildren(qn("w:style"))):
        if style.get(qn("w:default")) not in ("1", "true"):
            styles.remove(style)
    normal = document.styles["Normal"]
    normal.font.name = LATIN
    properties = normal.element.get_or_add_rPr()
    properties.rFonts.set(qn("w:eastAsia"), FANG)
    normal.paragraph_format.space_after = normal.paragraph_format.space_before = 0
    normal.paragraph_format.line_spacing = 1
    settings = document.settings.element
    for language in (*document.styles.element.iter(qn("w:lang")), *settings.iter(qn("w:themeFontLang"))):
        language.set(qn("w:eastAsia"), "zh-CN")
    for setting in settings.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), "15")


def _paragraph_styles(document: docx.document.Document) -> None:
    """Each paragraph's style names the face and size of its text. Word shows the runs as they are, but LibreOffice
    drops what stands on a run inside a content control, and falls back to the paragraph."""
    styles, made = document.styles.element, dict[bytes, str]()
    for each in document.element.body.iter(qn("w:p")):
        properties, shown = each.find(qn("w:pPr")), next(each.iter(qn("w:rPr")), None)
        if properties is None or shown is None:
            continue
        type_ = deepcopy(shown)
        for colour in type_.findall(qn("w:color")):  # of a hint; what is typed in its place is black
            type_.remove(colour)
        key = etree.tostring(type_)
        if key not in made:
            made[key] = f"QC{len(made) + 1}"
            based = element("basedOn", val=styles.find(qn("w:style")).get(qn("w:styleId")))
            style = element("style", element("name", val=made[key]), based, element("qFormat"), type_)
            style.set(qn("w:type"), "paragraph")
            style.set(qn("w:customStyle"), "1")
            style.set(qn("w:styleId"), made[key])
            styles.append(style)
        properties.insert(0, element("pStyle", val=made[key]))


def _mark(document: docx.document.Document, marks: Mapping[str, str]) -> None:
    rows = "".join(
        f"<property fmtid={quoteattr(FMTID)} pid={quoteattr(str(number))} name={quoteattr(PREFIX + name)}>"
        f"<vt:lpwstr>{escape(value)}</vt:lpwstr></property>"
        for number, (name, value) in enumerate(marks.items(), 2)
    )
    blob = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<Properties xmlns="{CUSTOM_NS}" xmlns:vt="{VT_NS}">{rows}</Properties>'
    ).encode()
    package = document.part.package
    package.relate_to(Part(PackURI("/docProps/custom.xml"), CUSTOM_TYPE, blob, package), CUSTOM_REL)
