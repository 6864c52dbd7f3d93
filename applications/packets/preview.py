"""The packet as it would be, before anything is submitted: frozen in memory, laid out by the same templates.

Nothing is written. As HTML it is there at once; the pages' breaks are those of the PDF only there.
"""

import re
from datetime import datetime
from typing import Any, NamedTuple

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from applications import explaining, freezing
from applications.actions.submission import report_envelope, same_content
from applications.explaining import Asked
from applications.field_list import FieldList
from applications.models import AnnualReport, Application, ReportVersion, Submission
from applications.packets.content import Frozen
from qcportal import pdf

NUMBER_TO_COME = "提交后编号"
_BODY = re.compile(r'<body class="([^"]*)">(.*)</body>', re.DOTALL)
# The portal's pages allow no style attributes; columns say their width as HTML always could.
_WIDTH = re.compile(r'style="width: ([\d.]+%)"')


class Sheet(NamedTuple):
    """One part of the packet as HTML for a page that links templates/pdf/official.css."""

    anchor: str
    title: str
    css_class: str
    body: SafeString


class Draft:
    """What a press of submit would freeze at ``at``. ``report_version`` is the version that it would stand on."""

    def __init__(
        self, application: Application, report: AnnualReport | None, answers: list[Asked], at: datetime
    ) -> None:
        public, personal = freezing.freeze_application(application)
        explaining.with_answers(public, personal, answers)
        self.last = application.submissions.defer("data", "personal").order_by("-version").first()
        self.application = application
        self.report_version, self.report_changes = _report_version(application, report, at)
        self.has_report = bool(self.report_version.data.get("statistics"))
        number = application.file_number or NUMBER_TO_COME
        submission = Submission(
            application=application,
            version=(self.last.version if self.last else 0) + 1,
            file_number=number,
            report_version=self.report_version,
            data={**public, "file_number": number, "submitted_at": at.isoformat(timespec="seconds")},
            personal=personal,
            submitted_at=at,
        )
        self.frozen = Frozen(submission)

    def sheets(self) -> list[Sheet]:
        frozen, report = self.frozen, self.frozen.report
        made = [_sheet("annex-1", "附件 1　申报表", "annex1.html", frozen.form())]
        if self.has_report:
            made.append(_sheet("annex-2", "附件 2　活动总结", "annex2.html", report.summary()))
            made.append(_sheet("annex-3", "附件 3　统计表", "annex3.html", report.statistics()))
        if frozen.explanations():
            made.append(_sheet("explained", "提醒与核实说明", "explanations.html", frozen.explanation_list()))
        made.append(_sheet("evidence", "证实性材料目录", "evidence_list.html", self._evidence()))
        return made

    def _evidence(self) -> dict[str, Any]:
        rows = [
            {
                **item,
                "format": item["name"].rpartition(".")[2].upper()[:5],
                "page_count": item["pages"] or "—",
                "range": "—",
            }
            for item in self.frozen.data["evidence"]
        ]
        return self.frozen.evidence_list(rows, sum(item["pages"] or 0 for item in self.frozen.data["evidence"]))


class Change(NamedTuple):
    """One thing that the next report version has otherwise than the last."""

    label: str
    before: str
    after: str


def _report_version(
    application: Application, report: AnnualReport | None, at: datetime
) -> tuple[ReportVersion, list[Change]]:
    """The last version when nothing changed since, else the next one, unsaved, with what is new in it."""
    if report is None:
        return ReportVersion(version=0, data={"summary": [], "summary_file": None}), []
    report.enterprise = application.enterprise
    public, personal = freezing.freeze_report(report)
    last = report.versions.order_by("-version").first()
    if last is not None and same_content(last, public, personal):
        return last, []
    version = (last.version if last else 0) + 1
    data = report_envelope(public, personal, "", version, at)
    changes = report_changes(last.data, last.personal or {}, public, personal) if last else []
    return ReportVersion(report=report, version=version, data=data, personal=personal), changes


def report_changes(
    before: dict[str, Any], before_people: dict[str, Any], after: dict[str, Any], after_people: dict[str, Any]
) -> list[Change]:
    """Attachment 3 number by number, attachment 2 section by section (lengths, not texts), then the signers."""
    found = []
    old = {row["field"]: row["value"] for row in before.get("statistics", [])}
    for row in after["statistics"]:
        if old.get(row["field"], "") != row["value"]:
            unit = row["unit"]
            was, now = (f"{value} {unit}" if value else "未填" for value in (old.get(row["field"], ""), row["value"]))
            found.append(Change(f"附件 3　{row['label']}", was, now))
    texts = {section["code"]: section["text"] for section in before.get("summary", [])}
    for section in after["summary"]:
        was = texts.get(section["code"], "")
        if was != section["text"]:
            found.append(Change(f"附件 2　{section['title']}", f"{len(was)} 字", f"{len(section['text'])} 字"))
    old_file, new_file = (part.get("summary_file") or {} for part in (before, after))
    if old_file.get("sha256") != new_file.get("sha256"):
        found.append(Change("附件 2　总结文件", old_file.get("name", "无"), new_file.get("name", "无")))
    for name, label in FieldList(after.get("fields")).signers().items():
        if before_people.get(name, "") != after_people.get(name, ""):
            found.append(Change(label, before_people.get(name) or "未填", after_people.get(name) or "未填"))
    return found


def _sheet(anchor: str, title: str, template: str, context: dict[str, Any]) -> Sheet:
    found = _BODY.search(render_to_string(f"pdf/{template}", context))
    assert found is not None  # noqa: S101 -- every template of the forms has a body
    body = _WIDTH.sub(r'width="\1"', found[2])
    return Sheet(anchor, title, found[1], mark_safe(body))  # noqa: S308 -- rendered by an escaping template


def stylesheet() -> str:
    """The forms' own style sheet, for the preview to link."""
    return (pdf.ASSETS / pdf.OFFICIAL_CSS).read_text(encoding="utf-8")
