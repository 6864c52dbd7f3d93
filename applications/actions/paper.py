"""纸质件签收: what the desk reads off the paper, and the receipt of the stamped paper of one version."""

from typing import NamedTuple

from django.db import IntegrityError, models, transaction

from applications import codes
from applications.actions.rights import require_secretariat
from applications.models import Application, PaperPart, PaperReceipt, PaperSet, ReportVersion, Submission
from qcportal import audit, clock
from qcportal.errors import Refusal
from qcportal.models import User


def scanned_code(text: str) -> str:
    """The code or file number in what was scanned or typed (codes.from_scan)."""
    return codes.from_scan(text)


class Found(NamedTuple):
    """What a scan names: one submission, or a part that stands for several filings of one enterprise and round."""

    kind: str  # "submission", "set", "report" or ""
    submissions: list[Submission]


def find(text: str) -> Found:
    """The submissions meant by a scan: a code, a file number (last version), a paper set's or a report's code."""
    code = scanned_code(text)
    rows = Submission.objects.select_related("application__enterprise", "application__round__programme")
    if codes.is_file_number(code):
        last = rows.filter(file_number=code).order_by("-version").first()
        return Found("submission", [last]) if last else Found("", [])
    exact = rows.filter(code=code).first()
    if exact is not None:
        return Found("submission", [exact])
    paper_set = PaperSet.objects.filter(code=code).first()
    if paper_set is not None:
        return Found(
            "set",
            _latest(
                rows.filter(application__enterprise=paper_set.enterprise_id, application__round=paper_set.round_id)
            ),
        )
    part = PaperPart.objects.filter(code=code).first()
    if part is not None:
        # Attachment 2 or 3: its text may be older than the report version that the filings stand on by now.
        of_year = rows.filter(application__round__programme=part.programme_id)
        return Found("report", _latest(of_year.filter(application__enterprise=part.enterprise_id)))
    report = ReportVersion.objects.filter(code=code).first()
    return Found("report", _latest(rows.filter(report_version=report))) if report is not None else Found("", [])


def _latest(rows: models.QuerySet[Submission]) -> list[Submission]:
    last: dict[int, Submission] = {}
    for row in rows.order_by("file_number", "version"):
        last[row.application_id] = row
    return list(last.values())


def latest_version(application: Application) -> int:
    return application.submissions.order_by("-version").values_list("version", flat=True).first() or 0


def receive_paper(
    submission: Submission, *, actor: User, shelf: str = "", note: str = "", accept_stale: bool = False
) -> PaperReceipt:
    """The stamped paper of ``submission`` has arrived.

    Refused: a second receipt of the same version; a version that is no longer the last one, unless the
    person says that it is meant (``accept_stale``; design, section 5, item 6: late or stale paper is flagged,
    never refused automatically).
    """
    require_secretariat(actor)
    with transaction.atomic(durable=True):
        application = Application.objects.select_for_update().get(pk=submission.application_id)
        latest = latest_version(application)
        if submission.version < latest and not accept_stale:
            raise Refusal(
                f"这份纸质件是第 {submission.version} 版，最新为第 {latest} 版。确认仍要签收旧版时请勾选确认。",
                "stale_version",
            )
        receipt = _create_receipt(application, submission, actor, shelf, note)
        audit.record(
            "paper.received",
            application,
            actor=actor,
            after={"version": submission.version, "latest_version": latest, "shelf": shelf},
        )
    return receipt


def _create_receipt(
    application: Application, submission: Submission, actor: User, shelf: str, note: str
) -> PaperReceipt:
    before = PaperReceipt.objects.filter(submission=submission).select_related("received_by").first()
    if before is not None:
        at = clock.half_open_label(before.received_at)
        raise Refusal(f"第 {submission.version} 版的纸质件已于 {at} 由 {before.received_by} 签收。", "already_received")
    try:
        with transaction.atomic():  # a savepoint: two desks scanning at the same moment
            return PaperReceipt.objects.create(
                application=application,
                submission=submission,
                received_at=clock.now_in_transaction(),
                received_by=actor,
                shelf=shelf.strip(),
                note=note.strip(),
            )
    except IntegrityError as error:
        raise Refusal(f"第 {submission.version} 版的纸质件刚刚已被签收。", "already_received") from error
