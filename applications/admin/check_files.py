"""What the viewer of the check page shows: evidence, stamped scans, licence, packet, each page as a picture.

Every file belongs to the version under check, to its paper set or to its enterprise; nothing else is served.
"""

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from applications import frozen, previews
from applications.models import (
    Application,
    EnterpriseProof,
    Packet,
    PacketKind,
    PaperPart,
    PartKind,
    Remark,
    ScannedPart,
    StampedScan,
    Submission,
)
from qcportal.models import StoredFile

SCANS, PROOFS = 8, 4  # the newest of each


@dataclass
class Shown:
    """One file as a line of the viewer. ``key`` names it on the page, ``target`` is the place of a remark on it."""

    key: str
    group: str
    kind: str
    name: str
    sha256: str
    pages: int | None = None
    size: int = 0
    target: str = ""
    can_page: bool = False  # a remark may name a page
    state: str = previews.NONE
    links: dict[str, str] = field(default_factory=dict)
    remarks: list[dict[str, Any]] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)
    change: str = ""

    @property
    def by_page(self) -> dict[str, list[str]]:
        """For the script; page 0 is the whole file."""
        found: dict[str, list[str]] = {}
        for one in self.remarks:
            found.setdefault(str(one["page"] or 0), []).append(f"意见 {one['number']}：{one['text']}")
        return found

    @property
    def first_image(self) -> str:
        return self.links["image"].replace("/0/", "/1/")


def of_version(application: Application, submission: Submission) -> list[Shown]:
    """In the order of the viewer. Five queries, whatever there is."""
    found = [*_evidence(submission), *_scans(application, submission), *_others(application, submission)]
    stored = StoredFile.objects.in_bulk({one.sha256 for one in found})
    states = previews.of_files(stored.values())
    for one in found:
        file = stored.get(one.sha256)
        one.size = file.size if file else 0
        if file is not None:
            one.state = states[one.sha256].state
            one.pages = states[one.sha256].pages or one.pages or (1 if one.state != previews.NONE else None)
        one.links = links(application, submission, one.sha256)
    return [one for one in found if one.sha256 in stored]


def links(application: Application, submission: Submission, sha256: str) -> dict[str, str]:
    """``image`` holds page 0; the script and ``image_url`` put the number in its place."""
    at = [application.pk, submission.pk, sha256]
    return {
        "original": reverse("admin:applications_check_file", args=at),
        "view": reverse("admin:applications_check_view", args=at),
        "image": reverse("admin:applications_check_page_image", args=[*at, 0, previews.PAGE]),
        "thumb": reverse("admin:applications_check_page_image", args=[*at, 1, previews.THUMB]),
    }


def _evidence(submission: Submission) -> list[Shown]:
    found = [
        Shown(
            f"file-{item['uuid']}", "证实性材料", item["kind_label"], item["name"], item["sha256"], item["pages"],
            target=f"file:{item['kind']}:{item['uuid']}", can_page=True,
        )
        for item in submission.data["evidence"]
    ]  # fmt: skip
    summary = submission.report_version.data.get("summary_file")
    if summary:
        found.append(
            Shown(
                "file-summary", "证实性材料", "附件 2 总结文件", summary["name"], summary["sha256"], summary["pages"],
                target="report.summary.document",
            )
        )  # fmt: skip
    return found


def _scans(application: Application, submission: Submission) -> list[Shown]:
    rows = StampedScan.objects.filter(enterprise=application.enterprise_id, round=application.round_id)
    found = []
    for scan in rows.select_related("part__submission").order_by("-id"):
        part = scan.part
        if part is not None and part.submission_id and part.submission.application_id != application.pk:  # type: ignore[union-attr]
            continue  # another group's attachment 1
        label = part.get_kind_display() if part else "整套"  # type: ignore[attr-defined]
        version = f" 第 {part.version} 版" if part else ""
        found.append(Shown(f"scan-{scan.pk}", "盖章扫描件", f"{label}{version}", scan.name, scan.file_id, scan.pages))
    return found[:SCANS]


def _others(application: Application, submission: Submission) -> list[Shown]:
    packet = Packet.objects.filter(submission=submission, kind=PacketKind.FULL).order_by("-id").first()
    found = []
    if packet is not None:
        found.append(
            Shown("packet", "材料包", "材料包", f"材料包 第 {submission.version} 版.pdf", packet.file_id, packet.pages)
        )
    proofs = EnterpriseProof.objects.filter(enterprise=application.enterprise_id).order_by("-id")[:PROOFS]
    found += [
        Shown(f"proof-{proof.pk}", "单位证明", proof.get_kind_display(), proof.name, proof.file_id)  # type: ignore[attr-defined]
        for proof in proofs
    ]
    return found


def name_in(application: Application, submission: Submission, sha256: str) -> str | None:
    """The name of a file that may be shown with this version; None for any other. At most four queries."""
    item = frozen.files_of(submission).get(sha256)
    if item is not None:
        return str(item["name"])
    mine = [*_scans(application, submission), *_others(application, submission)]
    return next((one.name for one in mine if one.sha256 == sha256), None)


def add_remarks(files: list[Shown], remarks: list[Remark]) -> None:
    """Each remark at its file, by the file's identity, not by its name."""
    by_target = {one.target: one for one in files if one.target}
    for number, remark in enumerate(remarks, 1):
        kind = remark.field.partition(".")[2]
        target = f"file:{kind}:{remark.file_uuid}" if remark.file_uuid else remark.field
        if target in by_target:
            by_target[target].remarks.append({"number": number, "page": remark.page, "text": remark.text})


LABELS = {PartKind.FORM: "附件 1", PartKind.SUMMARY: "附件 2", PartKind.STATISTICS: "附件 3"}


def stamped(submission: Submission) -> list[tuple[str, str, str, str]]:
    """Attachments 1 to 3: annex, kind of hint, words, where. Of 2 and 3 the newest printed text counts. Two queries."""
    application = submission.application
    parts = PaperPart.objects.filter(
        enterprise=application.enterprise_id, programme=application.round.programme_id, kind__in=LABELS
    ).order_by("version", "id")
    wanted: dict[str, PaperPart] = {}
    for part in parts:
        if part.kind != PartKind.FORM or part.code == submission.code:
            wanted[part.kind] = part
    scanned: dict[int, ScannedPart] = {}
    for one in ScannedPart.objects.filter(part__in=wanted.values()).select_related("scan").order_by("scan_id"):
        scanned[one.part_id] = one
    found = []
    for kind, label in LABELS.items():
        part = wanted.get(kind)
        hit = scanned.get(part.pk) if part else None
        found.append((label, *_words(hit)))
    return found


def _words(scanned: ScannedPart | None) -> tuple[str, str, str]:
    if scanned is None:
        return "look", "没有现版本的扫描件", "#paper"
    href = f"#scan-{scanned.scan_id}"
    if scanned.confirmed_at is not None:
        return "ok", "扫描件已核对", href
    if scanned.problems:
        return "look", "；".join(scanned.problems), href
    return "ok", "扫描件的码和页数一致，请看公章", href
