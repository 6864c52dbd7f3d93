"""What an enterprise filed in a round, and which printed parts follow from that."""

import base64
import hashlib
from functools import cached_property
from typing import NamedTuple

from django.db.models import Prefetch

from applications import codes
from applications.models import Application, Enterprise, PartKind, ReportVersion, Round, Submission
from applications.states import State
from qcportal import pdf


class Spec(NamedTuple):
    """A part as it should be printed now, whether it was rendered yet or not."""

    kind: PartKind
    code: str
    version: int
    submission: Submission | None = None
    report_version: ReportVersion | None = None


class Constituents:
    """The latest submission of every filing that was not withdrawn, in the enterprise's order, and the report.

    ``light`` leaves the frozen texts of the submissions out, for pages that only list.
    """

    def __init__(self, enterprise: Enterprise, round_: Round, *, light: bool = False) -> None:
        self.enterprise, self.round = enterprise, round_
        latest = Submission.objects.select_related("application").order_by("-version")
        latest = latest.defer("data", "personal") if light else latest.select_related("report_version", "application")
        rows = Application.objects.filter(enterprise=enterprise, round=round_).exclude(state=State.WITHDRAWN)
        rows = rows.submitted().order_by("preference", "id").prefetch_related(Prefetch("submissions", latest))
        self.submissions: list[Submission] = [row.submissions.all()[0] for row in rows if row.submissions.all()]

    @cached_property
    def _report_versions(self) -> list[ReportVersion]:
        """The newest that a filing stands on, and all before it."""
        ids = {submission.report_version_id for submission in self.submissions}
        rows = ReportVersion.objects.filter(report__enterprise=self.enterprise)
        versions = list(rows.filter(report__programme=self.round.programme_id).order_by("version"))
        last = max(version.version for version in versions if version.pk in ids)
        return [version for version in versions if version.version <= last]

    @property
    def report(self) -> ReportVersion:
        return self._report_versions[-1]

    @cached_property
    def parts(self) -> list[Spec]:
        """Attachments 2 and 3, then attachment 1 of each group; the cover list comes from these (``cover``)."""
        specs = []
        for kind in (PartKind.SUMMARY, PartKind.STATISTICS):
            origin = first_with_same_text(self._report_versions, kind)
            specs.append(Spec(kind, annex_code(origin, kind), origin.version, report_version=origin))
        for submission in self.submissions:
            specs.append(Spec(PartKind.FORM, submission.code, submission.version, submission))
        return specs

    @property
    def fingerprint(self) -> str:
        """Of what the cover list says. Not of the template: a new layout makes no printed paper stale."""
        return codes.digest(
            {
                "parts": [[spec.kind.value, spec.code] for spec in self.parts],
                "submissions": [[s.file_number, s.version, s.sha256] for s in self.submissions],
            }
        )

    @property
    def cover(self) -> Spec:
        digest = hashlib.sha256(f"{self.enterprise.credit_code}:{self.fingerprint}".encode()).digest()
        return Spec(PartKind.COVER, _code(digest), max(spec.version for spec in self.parts))

    @property
    def all_parts(self) -> list[Spec]:
        return [self.cover, *self.parts]

    @property
    def folder_fingerprint(self) -> str:
        """Of the electronic folder, which holds whole documents and so changes with their layout."""
        return codes.digest(
            {
                "template": pdf.TEMPLATE_VERSION,
                "submissions": [[s.file_number, s.version, s.sha256] for s in self.submissions],
                "report": self.report.sha256,
            }
        )

    @property
    def contact(self) -> tuple[str, str]:
        """Of the first filing that still has one; a purge takes it away."""
        for submission in self.submissions:
            if submission.personal:
                return submission.personal["contact_name"], submission.personal["contact_phone"]
        return "", ""


def _code(digest: bytes) -> str:
    return base64.b32encode(digest).decode()[: codes.CODE_LENGTH]


def annex_code(origin: ReportVersion, kind: str) -> str:
    """Attachments 2 and 3 have a code each; it follows from the version's random one and cannot be guessed."""
    return _code(hashlib.sha256(f"{origin.code}:{kind}".encode()).digest())


def first_with_same_text(versions: list[ReportVersion], kind: str) -> ReportVersion:
    """Of the run that ends with the last version, the first that prints the same attachment.

    A correction of attachment 3 thus leaves the printed attachment 2 as it is, with version and code.
    """
    wanted = _text_digest(versions[-1], kind)
    origin = versions[-1]
    for version in reversed(versions):
        if _text_digest(version, kind) != wanted:
            break
        origin = version
    return origin


def _text_digest(version: ReportVersion, kind: str) -> str:
    data = version.data
    shared = [data["enterprise"], data["programme"]]
    if kind == PartKind.SUMMARY:
        return codes.digest([shared, data["summary"], data["summary_file"]])
    return codes.digest([shared, data["statistics"], version.personal])
