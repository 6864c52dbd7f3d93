"""Readers of attachments 1 and 2 from Word documents (applications.word does the reading)."""

from collections.abc import Mapping
from typing import Any, BinaryIO

from applications.imports.cells import ReadCell, Reading
from applications.imports.destinations import ApplicationDestination, Destination, SummaryDestination
from applications.imports.registry import register
from applications.imports.synonyms import known_as
from applications.models import RecommendingUnit
from applications.validators import comparable_name, normalise_credit_code
from applications.word import labels, values
from applications.word.document import read_document
from applications.word.form_cells import Choices, form_cells, type_notices
from applications.word.form_reader import read_form
from applications.word.found import FormFound
from applications.word.identity import Identity, identity_of
from applications.word.summary_reader import read_summary, summary_cells
from qcportal.errors import Refusal

FIELDS_AT_LEAST = 2  # found by label: one alone may be any letter
_OTHERS = {
    labels.ANNEX_1: "这是附件 1《青海省优秀质量管理小组申报表》，请到该小组的申报页面上传。",
    labels.ANNEX_2: "这是附件 2《企业质量管理小组活动总结》，请到“年度材料 → 附件 2”页面上传。",
    "annex3": "这像是附件 3《企业质量管理小组活动统计表》，请到“年度材料 → 附件 3”页面上传 Excel 表。",
}


@register("application", "附件 1 申报表", "docx")
def read_application(stream: BinaryIO, destination: Destination) -> Reading:
    assert isinstance(destination, ApplicationDestination)  # noqa: S101 - the kind says so
    document = read_document(stream)
    identity = identity_of(document)
    _refuse_other(identity, labels.ANNEX_1)
    fields = destination.programme.fields
    with known_as(fields.synonyms()):
        found = read_form(document)
    known = {key for key in found.fields if not key.startswith("enterprise.")} | (
        {"members"} if found.members else set()
    )
    if not identity.ours and len(known) < FIELDS_AT_LEAST:
        raise Refusal(
            "没有找到申报表的栏目（如“课题名称”“小组名称”）。请下载本页的 Word 表填写，或核对是否选错了文件。",
            "wrong_template",
        )
    notices = [
        *_other_application(found, identity, destination),
        *_other_enterprise(found.first("enterprise.name"), _code_of(found, identity), destination),
        *_other_year(identity, destination),
        *type_notices(found, destination.application.topic_type),
        *document.notes,
        *found.notes,
    ]
    cells = _as_stored(form_cells(found, choices_of(destination), fields), destination.stored())
    mine = identity.application == str(destination.application.uuid)
    return Reading(cells, notices, identity.edit_version if mine else None)


@register("summary", "附件 2 活动总结", "docx")
def read_annual_summary(stream: BinaryIO, destination: Destination) -> Reading:
    assert isinstance(destination, SummaryDestination)  # noqa: S101 - the kind says so
    document = read_document(stream)
    identity = identity_of(document)
    _refuse_other(identity, labels.ANNEX_2)
    fields = destination.programme.fields
    with known_as(fields.synonyms()):
        found = read_summary(document, destination.fields)
    if not found.texts and not identity.ours:
        raise Refusal(
            "没有找到总结的六个部分（基本情况、组织领导、教育培训、活动成果、存在的问题、下一步打算）的标题。"
            "请下载本页的 Word 表，把内容复制到各部分后再上传。",
            "wrong_template",
        )
    notices = [
        *_other_enterprise(found.enterprise, identity.credit_code, destination),
        *_other_year(identity, destination),
        *document.notes,
    ]
    cells = summary_cells(found, [(field, title) for field, title, _help in fields.summary_sections()])
    mine = identity.credit_code == destination.enterprise.credit_code and not _other_year(identity, destination)
    return Reading(_as_stored(cells, destination.stored()), notices, identity.edit_version if mine else None)


def choices_of(destination: ApplicationDestination) -> Choices:
    awards = list(destination.programme.special_awards.all())
    units = RecommendingUnit.objects.filter(is_active=True)
    return Choices(
        {award.name: str(award.pk) for award in awards},
        {name: str(award.pk) for award in awards for name in (award.code, award.name)},
        {unit.name: str(unit.pk) for unit in units},
    )


def _refuse_other(identity: Identity, wanted: str) -> None:
    if identity.annex and identity.annex != wanted:
        raise Refusal(_OTHERS[identity.annex], "wrong_template")


def _other_application(found: FormFound, identity: Identity, destination: ApplicationDestination) -> list[str]:
    mine, name = destination.application, values.one_line(found.first("group_name"))
    if identity.application and identity.application != str(mine.uuid):
        shown = f"（小组“{name[:40]}”）" if name else ""
        return [f"这个文件是从另一项申报{shown}导出的，现在要填入的是“{mine.display_name}”。请核对是否拿错了文件。"]
    if name and mine.group_name and comparable_name(name) != comparable_name(mine.group_name):
        return [f"文件中的小组名称是“{name[:40]}”，现在要填入的是“{mine.group_name}”。请核对是否拿错了文件。"]
    return []


def _code_of(found: FormFound, identity: Identity) -> str:
    return normalise_credit_code(found.first("enterprise.credit_code")) or identity.credit_code


def _other_enterprise(name: str, code: str, destination: Destination) -> list[str]:
    own = destination.enterprise
    said = []
    if code and code != own.credit_code:
        said.append(f"文件中的统一社会信用代码是 {code[:18]}，与本单位不同，请核对是否拿错了文件。")
    name = values.one_line(name)
    # Names of years ago and short forms are common: a different name alone is worth a look, no more.
    if name and comparable_name(name) != comparable_name(own.name):
        said.append(f"文件中的单位名称是“{name[:40]}”，本单位是“{own.name}”，请核对。")
    return said


def _other_year(identity: Identity, destination: Destination) -> list[str]:
    year = str(destination.programme.year)
    if identity.year and identity.year != year:
        return [f"文件是为 {identity.year} 年度导出的，现在要填入的是 {year} 年度，请核对。"]
    return []


def _as_stored(cells: list[ReadCell], stored: Mapping[str, Any]) -> list[ReadCell]:
    """Texts that differ from what is stored in their kind of line break only are no change."""
    made = []
    for cell in cells:
        now = stored.get(cell.key)
        same = isinstance(now, str) and isinstance(cell.entry, str) and values.long_text(now) == cell.entry
        made.append(cell._replace(entry=now) if same and isinstance(now, str) else cell)
    return made
