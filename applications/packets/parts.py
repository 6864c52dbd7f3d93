"""The parts of a paper set as documents: each rendered once, kept under its code, used in every set that holds it."""

from typing import Any

from applications import codes
from applications.models import Association, PaperPart, PartKind
from applications.packets import assembly, building, marks
from applications.packets.constituents import Constituents, Spec
from applications.packets.content import Frozen, FrozenReport
from qcportal import clock, files, pdf


def build(held: Constituents) -> list[PaperPart]:
    """Every part of the set exists under the present template version, cover first. Those there are kept.

    Rendering runs outside any transaction; the unique code decides between two workers.
    """
    found = {row.code: row for row in _rows(held)}
    parts = [found.get(spec.code) or _made(held, spec, _content_of(spec)) for spec in held.parts]
    cover = found.get(held.cover.code) or _made(held, held.cover, _cover(held, parts))
    return [cover, *parts]


def _rows(held: Constituents) -> list[PaperPart]:
    rows = PaperPart.objects.filter(code__in=[spec.code for spec in held.all_parts]).exclude(file=None)
    return list(rows.filter(template_version=pdf.TEMPLATE_VERSION).select_related("file"))


def _made(held: Constituents, spec: Spec, made: assembly.Assembled) -> PaperPart:
    of_year = spec.kind in (PartKind.SUMMARY, PartKind.STATISTICS)
    rendered = {
        "file": files.store(made.content, building.PDF_TYPE),
        "pages": made.pages,
        "template_version": pdf.TEMPLATE_VERSION,
        "built_at": clock.now(),
    }
    identity = {
        "enterprise": held.enterprise,
        "programme": held.round.programme,
        "round": None if of_year else held.round,
        "kind": spec.kind,
        "version": _cover_version(held) if spec.kind == PartKind.COVER else spec.version,
        "title": _title(held, spec),
        "submission": spec.submission,
        "report_version": spec.report_version,
    }
    row, _created = PaperPart.objects.update_or_create(
        code=spec.code, defaults=rendered, create_defaults={**identity, **rendered}
    )
    return row


def _cover_version(held: Constituents) -> int:
    return PaperPart.objects.filter(enterprise=held.enterprise, round=held.round, kind=PartKind.COVER).count() + 1


def _title(held: Constituents, spec: Spec) -> str:
    if spec.submission is not None:
        return str(spec.submission.data["group"]["group_name"])
    if spec.kind == PartKind.SUMMARY and spec.report_version is not None:
        return f"{spec.report_version.data['programme']['data_year']}年企业质量管理小组活动总结"
    return "企业质量管理小组活动统计表" if spec.kind == PartKind.STATISTICS else "纸质套封面"


def _content_of(spec: Spec) -> assembly.Assembled:
    if spec.submission is not None:
        return form(Frozen(spec.submission))
    assert spec.report_version is not None  # noqa: S101 -- the other kinds of a set's parts stand on a report
    report = FrozenReport(spec.report_version)
    make = summary if spec.kind == PartKind.SUMMARY else statistics
    return make(report, spec.code)


def form(frozen: Frozen) -> assembly.Assembled:
    """Attachment 1 of one group."""
    group = frozen.data["group"]["group_name"]
    part = assembly.own(f"附件1 {group}", building.form_layout(frozen), frozen.footer)
    return assembly.assemble(
        [part],
        title=f"{frozen.submission.file_number} 申报表",
        mark=marks.text_of(frozen.submission.code),
    )


def summary(report: FrozenReport, code: str) -> assembly.Assembled:
    """Attachment 2, with the pages of an uploaded summary; pages are counted over both."""
    footer = _report_footer(report, PartKind.SUMMARY, code)
    layout = pdf.layout_template("annex2.html", report.summary())
    pieces = [assembly.own("附件2 企业质量管理小组活动总结", layout, footer)]
    shown, file = building.summary_file_pages(report), report.summary_file
    if shown is not None and file is not None:
        pieces.append(building.document_part(file["name"], file, shown, footer, under=True))
    title = f"{report.data['programme']['data_year']}年企业质量管理小组活动总结"
    return assembly.assemble(pieces, title=title, mark=marks.text_of(code))


def statistics(report: FrozenReport, code: str) -> assembly.Assembled:
    """Attachment 3."""
    layout = pdf.layout_template("annex3.html", report.statistics())
    part = assembly.own("附件3 企业质量管理小组活动统计表", layout, _report_footer(report, PartKind.STATISTICS, code))
    return assembly.assemble([part], title="企业质量管理小组活动统计表", mark=marks.text_of(code))


def _report_footer(report: FrozenReport, kind: PartKind, code: str) -> str:
    version = report.version.version
    grouped = codes.grouped(code)
    return f"年度材料第 {version} 版 · {kind.label} · 第 {{page}} 页 共 {{total}} 页 · 校验码 {grouped}"


def listed(held: Constituents, parts: list[PaperPart]) -> list[dict[str, Any]]:
    """The lines of the cover list, which the set keeps."""
    return [_line(held, part, spec) for part, spec in zip(parts, held.parts, strict=True)]


def _line(held: Constituents, part: PaperPart, spec: Spec) -> dict[str, Any]:
    submission = spec.submission
    return {
        "place": held.submissions.index(submission) + 1 if submission else None,  # 择优顺序
        "annex": spec.kind.label,
        "title": submission.data["topic"]["topic_name"] if submission else part.title,
        "group": part.title if submission else "",
        "file_number": submission.file_number if submission else "",
        "version": part.version,
        "code": part.code,
        "submission": submission.pk if submission else None,
        "pages": part.pages,
    }


def _cover(held: Constituents, parts: list[PaperPart]) -> assembly.Assembled:
    rows, code = listed(held, parts), held.cover.code
    name, phone = held.contact
    first = held.submissions[0].data
    context = {
        "data": first,
        "rows": rows,
        "groups": len(held.submissions),
        "pages": sum(row["pages"] for row in rows),
        "contact_name": name,
        "contact_phone": phone,
        "code": code,
        "round": held.round,
        "association": Association.objects.first(),
    }
    footer = f"纸质套封面 · 第 {{page}} 页 共 {{total}} 页 · 校验码 {codes.grouped(code)}"
    cover = assembly.own("纸质套封面", pdf.layout_template("set_cover.html", context), footer)
    return assembly.assemble([cover], title="纸质套封面", mark=marks.text_of(code))
