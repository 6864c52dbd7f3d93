"""Deleting personal data when its time is over; what remains can still be verified (design, section 6)."""

from datetime import datetime
from typing import Any, NamedTuple

from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from applications import previews
from applications.models import (
    AnnualReport,
    Application,
    Association,
    Bundle,
    FolderFile,
    Member,
    Note,
    Packet,
    PaperPart,
    PaperSet,
    PendingImport,
    PhoneCall,
    Recommendation,
    RecommendationPage,
    ReportVersion,
    Round,
    ScannedPage,
    StaffFolder,
    StampedScan,
    Submission,
    WarningConfirmation,
)
from qcportal import audit
from qcportal.errors import Refusal
from qcportal.models import MailMessage, StoredFile

CONTACTS = {"contact_name": "", "contact_phone": "", "contact_email": "", "leader_name": ""}
# Notes of autosaves hold digests of what was typed: short ones, such as a phone number's, could be guessed.
NOTES: dict[str, Any] = {"autosaved": {}}
DEFAULT_YEARS = 5


class Purge(NamedTuple):
    """What is (or would be) removed."""

    applications: int
    submissions: int
    report_versions: int
    members: int
    documents: int
    files: int
    mails: int
    opinions: int


def default_years() -> int:
    association = Association.objects.first()
    return association.retention_years if association else DEFAULT_YEARS


def cutoff(now: datetime, years: int) -> datetime:
    """The same day ``years`` ago. Refused below one year: that would reach filings still under way."""
    if years < 1:
        raise Refusal("保存年限至少为 1 年。", "too_short")
    local = timezone.localtime(now)
    day = 28 if (local.month, local.day) == (2, 29) else local.day
    return local.replace(year=local.year - years, day=day)


def purge(*, before: datetime, really: bool) -> Purge:
    """Personal data of rounds that closed before ``before`` is deleted: the personal block and salt of every frozen
    version and opinion, members and contacts of the applications, signers of the reports, PDFs and ZIPs that print
    them, stamped scans, mails. Codes and receipts of printed parts stay.

    Evidence stays: it is named by hash in the frozen rest. Without ``really`` nothing is written. The frozen
    data and its sha256 stay as they are, so verification goes on; a rebuilt packet would show no persons.
    """
    rounds = Round.objects.filter(closes_at__lt=before)
    documents = _documents(rounds)
    todo = _rows(rounds, before)
    files = _files_only_in(documents, [todo["parts"], todo["folders"]])
    mails = MailMessage.objects.filter(created_at__lt=before)
    answer = Purge(
        applications=todo["applications"].count(),
        submissions=todo["submissions"].count(),
        report_versions=todo["versions"].count(),
        members=todo["members"].count(),
        documents=sum(rows.count() for rows in documents),
        files=len(files),
        mails=mails.count(),
        opinions=todo["opinions"].count(),
    )
    if not really or not any(answer):
        return answer
    with transaction.atomic():
        todo["submissions"].update(personal=None, salt="")
        todo["opinions"].update(personal=None, salt="", ip=None)
        todo["versions"].update(personal=None, salt="")
        todo["reports"].update(filled_by="", responsible_person="", **NOTES)
        todo["members"].delete()
        todo["confirmations"].delete()
        todo["applications"].update(**CONTACTS, **NOTES)
        todo["parts"].update(file=None)
        FolderFile.objects.filter(folder__in=todo["folders"].values("pk")).update(cells=[], identity={})
        todo["folders"].update(file=None, contact_name="", contact_phone="", contact_email="")
        for rows in documents:
            rows.delete()
        StoredFile.objects.filter(pk__in=files).delete()
        mails.delete()
        # What the secretariat noted and who telephoned.
        Note.objects.filter(created_at__lt=before).delete()
        PhoneCall.objects.filter(called_at__lt=before).delete()
        # Gone after a day anyway; here for a host whose periodic work does not run.
        PendingImport.objects.filter(created_at__lt=before).delete()
        for round_ in rounds.select_related("programme"):
            audit.record("personal.purged", round_, actor=None, before_date=before.date().isoformat())
    # After the commit: a crash here leaves bytes without a row, never a row without bytes.
    for sha256 in files:
        default_storage.delete(StoredFile(sha256=sha256).storage_name)
        previews.drop_images(sha256)
    return answer


def _rows(rounds: models.QuerySet[Round], before: datetime) -> dict[str, models.QuerySet]:  # type: ignore[type-arg]
    """Rows that still hold something personal. A report is over when the last of its programme's rounds is."""
    open_programmes = Round.objects.exclude(pk__in=rounds.values("pk")).values("programme")
    reports = AnnualReport.objects.filter(programme__rounds__in=rounds).exclude(programme__in=open_programmes)
    kept = Q(**CONTACTS, **NOTES)
    return {
        "applications": Application.objects.filter(round__in=rounds).exclude(kept),
        "submissions": Submission.objects.filter(application__round__in=rounds).exclude(personal__isnull=True, salt=""),
        "opinions": Recommendation.objects.filter(application__round__in=rounds).filter(
            models.Q(personal__isnull=False) | models.Q(ip__isnull=False) | ~models.Q(salt="")
        ),
        "versions": ReportVersion.objects.filter(report__in=reports.values("pk")).exclude(
            personal__isnull=True, salt=""
        ),
        "reports": AnnualReport.objects.filter(pk__in=reports.values("pk")),
        "parts": PaperPart.objects.filter(
            Q(round__in=rounds) | Q(report_version__report__in=reports.values("pk"))
        ).exclude(file=None),
        # Also what was given up before a round was chosen: by its day.
        "folders": StaffFolder.objects.filter(Q(round__in=rounds) | Q(round=None, uploaded_at__lt=before)).exclude(
            file=None
        ),
        "members": Member.objects.filter(application__round__in=rounds),
        # What was said of warnings; what a version froze of it and names people is in its personal part.
        "confirmations": WarningConfirmation.objects.filter(
            models.Q(application__round__in=rounds) | models.Q(report__in=reports.values("pk"))
        ),
    }


def _documents(rounds: models.QuerySet[Round]) -> list[models.QuerySet]:  # type: ignore[type-arg]
    return [
        Packet.objects.filter(submission__application__round__in=rounds),
        PaperSet.objects.filter(round__in=rounds),
        # A year's folder goes with the first of its rounds.
        Bundle.objects.filter(Q(round__in=rounds) | Q(programme__rounds__in=rounds)),
        ScannedPage.objects.filter(scan__round__in=rounds),
        StampedScan.objects.filter(round__in=rounds),
        RecommendationPage.objects.filter(recommendation__application__round__in=rounds),
    ]


def _files_only_in(
    documents: list[models.QuerySet],  # type: ignore[type-arg]
    emptied: list[models.QuerySet],  # type: ignore[type-arg]
) -> list[str]:
    """Files of these documents, and of rows that stay without them (printed parts, folders), that nothing else points
    to."""
    candidates: set[str] = set()
    for rows in emptied:
        candidates |= set(rows.values_list("file_id", flat=True))
    for rows in documents:
        name = "thumbnail_id" if rows.model is ScannedPage else "file_id"
        candidates |= set(rows.exclude(**{name: None}).values_list(name, flat=True))
    going = {rows.model: set(rows.values_list("pk", flat=True)) for rows in [*documents, *emptied]}
    for relation in _references():
        model, name = relation.related_model, relation.field.attname
        rows = model._base_manager.filter(**{f"{name}__in": candidates}).exclude(pk__in=going.get(model, set()))
        candidates -= set(rows.values_list(name, flat=True))
    return sorted(candidates)


def _references() -> list[Any]:
    """The relations that point to stored files; most have no name to be reached by. A preview goes with its file."""
    fields = StoredFile._meta.get_fields(include_hidden=True)
    return [field for field in fields if field.one_to_many and field.auto_created]
