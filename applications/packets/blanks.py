"""Empty forms to download: attachments 1 and 2 as PDF and Word, attachment 3 as a workbook."""

from typing import Any, NamedTuple

from applications import exchange, topics
from applications.field_list import NOTHING_CHANGED, FieldList
from applications.imports import statistics_form, word_exports
from applications.models import DownloadTemplate, Programme
from applications.packets import content
from applications.packets.building import PDF_TYPE
from applications.word.package import DOCX_TYPE
from qcportal import files, pdf

EMPTY_MEMBERS = 8


class Blank(NamedTuple):
    slug: str
    annex: str
    title: str
    file_name: str
    content: bytes
    content_type: str


def blank_templates(
    data_year: int | None = None, special_awards: tuple[str, ...] = (), fields: FieldList = NOTHING_CHANGED
) -> list[Blank]:
    """The three attachments without anything filled in."""
    year = str(data_year or "")
    titles = ("青海省优秀质量管理小组申报表", "企业质量管理小组活动总结", "企业质量管理小组活动统计表")
    form = pdf.render_template("annex1.html", _form(special_awards, fields))
    summary = pdf.render_template("annex2.html", _summary(year, fields))
    book = statistics_form.workbook(statistics_form.Filled(data_year=data_year, fields=fields))
    summary_title = f"{year}年{titles[1]}" if year else titles[1]
    word = word_exports.blank_form(special_awards, fields), word_exports.blank_summary(year, fields)
    return [
        Blank("annex-1", "附件1", titles[0], f"附件1_{titles[0]}.pdf", form, PDF_TYPE),
        Blank("annex-2", "附件2", summary_title, f"附件2_{summary_title}.pdf", summary, PDF_TYPE),
        Blank("annex-3", "附件3", titles[2], f"附件3_{titles[2]}.xlsx", book, exchange.XLSX_TYPE),
        Blank("annex-1-word", "附件1 · Word", titles[0], f"附件1_{titles[0]}.docx", word[0], DOCX_TYPE),
        Blank("annex-2-word", "附件2 · Word", summary_title, f"附件2_{summary_title}.docx", word[1], DOCX_TYPE),
    ]


def install(
    data_year: int | None = None, special_awards: tuple[str, ...] = (), fields: FieldList = NOTHING_CHANGED
) -> list[DownloadTemplate]:
    """The home page offers these forms; running again replaces their files. File work outside any transaction."""
    rows = []
    blanks = sorted(blank_templates(data_year, special_awards, fields), key=lambda blank: blank.slug)
    for position, blank in enumerate(blanks, 1):
        values = {
            "annex": blank.annex,
            "title": blank.title,
            "file_name": blank.file_name,
            "file": files.store(blank.content, blank.content_type),
            "position": position,
        }
        row, _created = DownloadTemplate.objects.update_or_create(slug=blank.slug, defaults=values)
        rows.append(row)
    return rows


def install_newest() -> list[DownloadTemplate]:
    """The forms of the latest published year. Called when a programme or demo data has been made."""
    programme = Programme.objects.published().order_by("-year").first()
    if programme is None:
        return install()
    awards = tuple(programme.special_awards.values_list("name", flat=True))
    return install(programme.data_year, awards, programme.fields)


def _form(special_awards: tuple[str, ...], fields: FieldList) -> dict[str, Any]:
    nothing: dict[str, str] = {}
    kinds = [(f"活动过程（{topics.LABELS[kind]}，按课题类型选填一表）", kind) for kind in topics.TopicType]
    return {
        "blank": True,
        "fields": fields,
        "members_label": fields.given("members"),
        "data": {"special_awards": [{"name": name, "chosen": False} for name in special_awards]},
        "personal": nothing,
        "show_contact": True,
        **content.members_table([{"name": ""}] * EMPTY_MEMBERS, fields),
        "texts": [(fields.title(key), "") for key in content.TEXTS if not fields.hidden(key)],
        "step_tables": [
            (caption, [{"label": step.label, "text": ""} for step in fields.steps_of(kind)]) for caption, kind in kinds
        ],
        "opinions": content.OPINIONS,
    }


def _summary(year: str, fields: FieldList) -> dict[str, Any]:
    parts = fields.summary_sections()
    sections = [{"title": title, "paragraphs": [("", f"（{help_}）")]} for _name, title, help_ in parts]
    return {"data": {"enterprise": {"name": "（单位名称）"}, "programme": {"data_year": year}}, "sections": sections}
