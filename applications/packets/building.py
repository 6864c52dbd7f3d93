"""What the outbox handlers call: render a submission's documents, store them, one row each. Safe to call twice."""

from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import QuerySet

from applications import receipts
from applications.models import Association, Packet, PacketKind, Submission
from applications.packets import assembly, evidence
from applications.packets.content import Frozen, FrozenReport
from qcportal import clock, files, pdf
from qcportal.templatetags import official

PDF_TYPE = "application/pdf"
# Built for every submission; the anonymous judges' copy only when a stage asks for it.
KINDS = (PacketKind.RECEIPT, PacketKind.FULL, PacketKind.JUDGE)


class Annexes(NamedTuple):
    """Layouts of attachments 1 to 3 and the pages of an uploaded summary document."""

    form: Any
    summary: Any
    statistics: Any
    summary_file: evidence.Rendered | None


def build(submission: Submission, kinds: tuple[str, ...] = KINDS) -> list[Packet]:
    """The submission's documents of ``kinds`` exist under the present template version; those there are kept.

    Rendering runs outside any transaction; the unique constraint decides between two workers.
    """
    submission = _with_report(Submission.objects.filter(pk=submission.pk)).get()
    missing = [kind for kind in kinds if current(submission, kind) is None]
    if missing:
        work = Work(submission)
        for kind in missing:
            _keep(submission, kind, _receipt(work) if kind == PacketKind.RECEIPT else _packet(work, kind))
    found = Packet.objects.filter(submission=submission, kind__in=kinds, template_version=pdf.TEMPLATE_VERSION)
    return list(found)


def current(submission: Submission, kind: str) -> Packet | None:
    return submission.packets.filter(kind=kind, template_version=pdf.TEMPLATE_VERSION).select_related("file").first()


def newest(submission: Submission, kind: str) -> Packet | None:
    """The document to hand out: of the present template version, else the last one made before it."""
    before = submission.packets.filter(kind=kind).select_related("file").order_by("-built_at", "-id")
    return current(submission, kind) or before.first()


def unbuilt() -> QuerySet[Submission]:
    """Submissions that lack a document of the present template version."""
    done = Packet.objects.filter(template_version=pdf.TEMPLATE_VERSION)
    complete = done.filter(kind=KINDS[0]).values("submission")
    rows = Submission.objects.exclude(pk__in=complete)
    for kind in KINDS[1:]:
        rows = rows | Submission.objects.exclude(pk__in=done.filter(kind=kind).values("submission"))
    return rows.order_by("pk")


def _with_report(rows: QuerySet[Submission]) -> QuerySet[Submission]:
    return rows.select_related("report_version", "application__round__programme", "application__enterprise")


def _keep(submission: Submission, kind: str, made: assembly.Assembled) -> None:
    Packet.objects.get_or_create(
        submission=submission,
        kind=kind,
        template_version=pdf.TEMPLATE_VERSION,
        defaults={"file": files.store(made.content, PDF_TYPE), "pages": made.pages, "built_at": clock.now()},
    )


class Work:
    """What the documents of one submission share: rendered evidence and the layouts of the full packet."""

    def __init__(self, submission: Submission) -> None:
        self.submission = submission
        self.shown = [(item, evidence.rendered(item)) for item in submission.data["evidence"]]

    @cached_property
    def full(self) -> Annexes:
        frozen = Frozen(self.submission)
        return Annexes(form_layout(frozen), *report_layouts(frozen.report), summary_file_pages(frozen.report))

    def annexes(self, frozen: Frozen) -> Annexes:
        if frozen.kind == PacketKind.FULL:
            return self.full
        summary, statistics = report_layouts(frozen.report)
        return self.full._replace(form=form_layout(frozen), summary=summary, statistics=statistics)


def form_layout(frozen: Frozen) -> Any:
    return pdf.layout_template("annex1.html", frozen.form())


def report_layouts(report: FrozenReport) -> tuple[Any, Any]:
    return (
        pdf.layout_template("annex2.html", report.summary()),
        pdf.layout_template("annex3.html", report.statistics()),
    )


def summary_file_pages(report: FrozenReport) -> evidence.Rendered | None:
    """Pages of an uploaded summary that is a PDF; other formats are named in the text and sit in the folder."""
    file = report.summary_file
    if file is None or file["content_type"] != PDF_TYPE:
        return None
    return evidence.rendered(file)


def document_part(
    title: str, item: dict[str, Any], shown: evidence.Rendered, footer: str, **options: bool
) -> assembly.Part:
    """The pages of one uploaded file, or one page that names it and says why they are not here."""
    if shown.pages:
        return assembly.Part(title, shown.content, shown.pages, footer, **options)
    stand_in = pdf.layout_template("stand_in.html", {**item, "reason": shown.reason})
    return assembly.own(title, stand_in, footer, **options)


Shown = list[tuple[dict[str, Any], evidence.Rendered]]


def _packet(work: Work, kind: str) -> assembly.Assembled:
    """Cover, attachments 1 to 3, list of evidence, the evidence itself."""
    submission, shown = work.submission, work.shown
    frozen = Frozen(submission, kind)
    footer = frozen.footer
    annexes = work.annexes(frozen)
    year = frozen.report.data["programme"]["data_year"]
    attachments = [
        assembly.own("附件1 青海省优秀质量管理小组申报表", annexes.form, footer),
        assembly.own(f"附件2 {year}年企业质量管理小组活动总结", annexes.summary, footer),
    ]
    summary_file = frozen.report.summary_file
    if annexes.summary_file is not None and summary_file is not None:
        part = document_part(summary_file["name"], summary_file, annexes.summary_file, footer, under=True)
        attachments.append(part)
    attachments.append(assembly.own("附件3 企业质量管理小组活动统计表", annexes.statistics, footer))
    if frozen.explanations():
        explained = pdf.layout_template("explanations.html", frozen.explanation_list())
        attachments.append(assembly.own("提醒与核实说明", explained, footer))
    proofs = [document_part(item["name"], item, pages, footer, under=True) for item, pages in shown]
    listing = _evidence_list(frozen, shown, proofs, 1 + sum(part.pages for part in attachments))
    listed = assembly.own("证实性材料目录", listing, footer)
    contents = _contents(attachments, listed, proofs, year)
    cover = assembly.own("材料包封面", pdf.layout_template("cover.html", frozen.cover(contents)), footer)
    title = f"{submission.file_number} 第{submission.version}版 青海省优秀质量管理小组申报材料"
    return assembly.assemble([cover, *attachments, listed, *proofs], title=title)


def _evidence_list(frozen: Frozen, shown: Shown, proofs: list[assembly.Part], before: int) -> Any:
    """Laid out for one page of its own; when it turns out longer, again with the right page numbers."""
    own_pages = 1
    while True:
        rows, page = [], before + own_pages + 1
        for (item, _pages), part in zip(shown, proofs, strict=True):
            kind = item["name"].rpartition(".")[2].upper()[:5]
            rows.append({**item, "format": kind, "page_count": part.pages, "range": page_range(page, part.pages)})
            page += part.pages
        total = sum(part.pages for part in proofs)
        document = pdf.layout_template("evidence_list.html", frozen.evidence_list(rows, total))
        if len(document.pages) <= own_pages:
            return document
        own_pages = len(document.pages)


def page_range(first: int, count: int) -> str:
    return str(first) if count == 1 else f"{first}–{first + count - 1}"


def _contents(
    attachments: list[assembly.Part], listed: assembly.Part, proofs: list[assembly.Part], year: int
) -> list[dict[str, str]]:
    page, lines = 2, [{"annex": "", "title": "材料包封面", "pages": "1"}]
    for part in attachments:
        if not part.under:
            annex, _space, name = part.title.partition(" ")
            line = {"annex": annex, "title": f"《{name}》"} if name else {"annex": "", "title": annex}
            lines.append({**line, "pages": str(page)})
        page += part.pages
    lines.append({"annex": "", "title": listed.title, "pages": str(page)})
    if proofs:
        pages = page_range(page + listed.pages, sum(part.pages for part in proofs))
        lines.append({"annex": "", "title": f"证实性材料（{len(proofs)}件）", "pages": pages})
    return lines


def _receipt(work: Work) -> assembly.Assembled:
    """提交回执: says what arrived and when, and what follows. Says nothing about the outcome of the check."""
    submission, shown, annexes = work.submission, work.shown, work.full
    frozen = Frozen(submission)
    round_ = submission.application.round
    deadline = round_.deadline_for(submission.application.enterprise_id)
    extra = annexes.summary_file.pages or 1 if annexes.summary_file else 0
    year = frozen.report.data["programme"]["data_year"]
    v, rv = submission.version, submission.report_version.version
    context = {
        **frozen.cover([]),
        "sha256": submission.sha256,
        "submitted_at": frozen.data["submitted_at"],
        "submitted_by": frozen.personal.get("submitted_by", ""),
        "deadline": clock.half_open_label(deadline),
        "in_time": "按期提交" if submission.submitted_at < deadline else "补正提交",
        "materials": [
            ("附件1", "《青海省优秀质量管理小组申报表》", f"第 {v} 版", len(annexes.form.pages)),
            ("附件2", f"《{year}年企业质量管理小组活动总结》", f"第 {rv} 版", len(annexes.summary.pages) + extra),
            ("附件3", "《企业质量管理小组活动统计表》", f"第 {rv} 版", len(annexes.statistics.pages)),
            ("证实性材料", f"{len(shown)}件", "—", sum(pages.pages or 1 for _item, pages in shown)),
        ],
        "round": round_,
        "association": Association.objects.first(),
        "issued_on": official.cn_date(submission.data["submitted_at"]),
        "explained": len(receipts.explained(submission)),
        "signed_code": receipts.signed_code(submission),
        "signed_qr": pdf.qr_svg(receipts.signed_url(submission)),
    }
    document = pdf.layout_template("receipt.html", context)
    part = assembly.own("提交回执", document, frozen.footer)
    return assembly.assemble([part], title=f"{submission.file_number} 第{submission.version}版 提交回执")
