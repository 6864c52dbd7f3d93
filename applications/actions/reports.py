"""Saving the working copy of attachments 2 and 3."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import transaction

from applications import gates, report_gate, statistics
from applications.actions.enterprises import StaleEdit, require_manager
from applications.models import AnnualReport, Application, Enterprise, Programme
from applications.models.reports import SUMMARY_SECTIONS
from applications.sections import REPORT_STATISTICS, REPORT_SUMMARY
from applications.states import State
from qcportal import audit, clock
from qcportal.models import StoredFile, User

SUMMARY_FIELDS = tuple(name for name, _title, _help in SUMMARY_SECTIONS)
FILE_FIELDS = ("summary_file", "summary_file_name", "summary_file_pages")
PERSONAL_FIELDS = frozenset({"filled_by", "responsible_person"})
STATISTICS_FIELDS = (*statistics.FIELDS, *sorted(PERSONAL_FIELDS))


class SummaryFile(NamedTuple):
    """A checked and stored document for attachment 2; without ``file`` the present one is taken away."""

    file: StoredFile | None
    name: str = ""
    pages: int | None = None


def save_summary(
    enterprise: Enterprise,
    programme: Programme,
    *,
    actor: User,
    values: Mapping[str, Any],
    seen_version: int,
    document: SummaryFile | None = None,
) -> AnnualReport:
    """Attachment 2 holds ``values`` and, when given, ``document``. Nothing is required of a draft.

    Refused: people who do not manage the enterprise; a closed gate (report_gate); a save over somebody
    else's (StaleEdit).
    """
    new = {name: values[name] for name in SUMMARY_FIELDS if name in values}
    if document is not None:
        new |= dict(zip(FILE_FIELDS, document, strict=True))
    return _save(enterprise, programme, REPORT_SUMMARY, actor, new, seen_version)


def save_statistics(
    enterprise: Enterprise, programme: Programme, *, actor: User, values: Mapping[str, Any], seen_version: int
) -> AnnualReport:
    """Attachment 3 holds ``values``, whatever statistics.check finds odd about them. Refused like save_summary."""
    new = {name: values[name] for name in STATISTICS_FIELDS if name in values}
    return _save(enterprise, programme, REPORT_STATISTICS, actor, new, seen_version)


def _save(
    enterprise: Enterprise, programme: Programme, part: str, actor: User, new: Mapping[str, Any], seen_version: int
) -> AnnualReport:
    with transaction.atomic(durable=True):
        return write(enterprise, programme, part, actor, new, seen_version)


def write(
    enterprise: Enterprise,
    programme: Programme,
    part: str,
    actor: User,
    new: Mapping[str, Any],
    seen_version: int,
    source: str = "",
) -> AnnualReport:
    """Inside the caller's transaction. ``source`` is the sha256 of the file that the values were read from."""
    # The enterprise's row is the lock: the report may not exist yet.
    Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    now = clock.now_in_transaction()
    require_manager(enterprise.pk, actor, "只有单位负责人或质量主管可以修改年度材料。")
    refusal = report_gate.refusal_for(enterprise, programme, part, now)
    if refusal is not None:
        raise refusal
    report = AnnualReport.objects.filter(enterprise=enterprise, programme=programme).first()
    if report is None:
        report = AnnualReport.objects.create(enterprise=enterprise, programme=programme, created_at=now, updated_at=now)
    if report.edit_version != seen_version:
        raise StaleEdit(report)
    changed = [name for name, value in new.items() if getattr(report, name) != value]
    if not changed:
        return report
    before = _public(report, changed)
    for name in changed:
        setattr(report, name, new[name])
    report.edit_version += 1
    report.updated_at, report.updated_by = now, actor
    report.save(update_fields=[*changed, "edit_version", "updated_at", "updated_by"])
    _mark_submitted_applications(report, now)
    audit.record(
        "report.imported" if source else "report.changed",
        report,
        actor=actor,
        before=before,
        after=_public(report, changed),
        fields=sorted(changed),
        **({"file_sha256": source} if source else {}),
    )
    return report


def _public(report: AnnualReport, changed: list[str]) -> dict[str, Any]:
    """Figures before and after; long texts, files and names of persons are only named (``fields``)."""
    values = {name: getattr(report, name) for name in changed if name in statistics.FIELDS}
    return {name: None if value is None else str(value) for name, value in values.items()}


def _mark_submitted_applications(report: AnnualReport, now: Any) -> None:
    """A filing that may still be submitted again now differs from what it stands on: pressing submit counts."""
    submitted = Application.objects.filter(
        enterprise=report.enterprise_id, round__programme=report.programme_id, state=State.SUBMITTED,
        has_unsubmitted_changes=False,
    ).select_related("round__programme")  # fmt: skip
    for application in submitted.prefetch_related("round__extensions"):
        if gates.edit_refusal(application, now) is None:
            Application.objects.filter(pk=application.pk, state=State.SUBMITTED).update(has_unsubmitted_changes=True)
