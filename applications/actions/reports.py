"""Saving the working copy of attachments 2 and 3."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.db import transaction

from applications import gates, merging, report_gate, statistics
from applications.actions import autosaved
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
    seen: Mapping[str, str] | None = None,
    document: SummaryFile | None = None,
    autosave: bool = False,
    tab: str = "",
) -> AnnualReport:
    """Attachment 2 holds ``values`` and, when given, ``document``. Nothing is required of a draft.

    ``seen`` and ``autosave`` as in drafts.save_section. Cells that a return did not open stay as they are.
    Refused: people who do not manage the enterprise; a closed gate (report_gate); a save over somebody else's
    (StaleEdit).
    """
    new = {name: values[name] for name in SUMMARY_FIELDS if name in values}
    if document is not None:
        new |= dict(zip(FILE_FIELDS, document, strict=True))
    return _save(enterprise, programme, REPORT_SUMMARY, actor, new, Seen(seen_version, seen, tab), autosave=autosave)


def save_statistics(
    enterprise: Enterprise,
    programme: Programme,
    *,
    actor: User,
    values: Mapping[str, Any],
    seen_version: int,
    seen: Mapping[str, str] | None = None,
    autosave: bool = False,
    tab: str = "",
) -> AnnualReport:
    """Attachment 3 holds ``values``, whatever statistics.check finds odd about them. Refused like save_summary."""
    new = {name: values[name] for name in STATISTICS_FIELDS if name in values}
    return _save(enterprise, programme, REPORT_STATISTICS, actor, new, Seen(seen_version, seen, tab), autosave=autosave)


class Seen(NamedTuple):
    """What the page stood on when it was opened: the version, and digests of its fields (applications.merging).
    ``tab`` is the window it was open in."""

    version: int
    digests: Mapping[str, str] | None
    tab: str = ""


def _save(
    enterprise: Enterprise,
    programme: Programme,
    part: str,
    actor: User,
    new: Mapping[str, Any],
    seen: Seen,
    *,
    autosave: bool,
) -> AnnualReport:
    with transaction.atomic(durable=True):
        report, now, gate = _locked(enterprise, programme, part, actor)
        new = {name: new[name] for name in gate.opened(new)}
        fresh = report.edit_version == seen.version
        if not fresh and seen.digests is None:
            raise StaleEdit(report)
        digests = autosaved.seen_by(report, actor, seen.tab, seen.digests, partial(getattr, report))
        decision = _decide(report, new, digests, fresh=fresh)
        changed = {name: new[name] for name in decision.changed}
        before = _public(report, list(changed))
        note = autosaved.noted(report, actor, changed, seen.tab, before) if autosave else None
        _write(report, actor, now, changed, before, noted=note)
    if decision.conflicts:
        raise StaleEdit(report, decision.conflicts)
    return report


def write(
    enterprise: Enterprise,
    programme: Programme,
    part: str,
    actor: User,
    new: Mapping[str, Any],
    seen_version: int,
    source: str,
) -> AnnualReport:
    """Values read from the file with the sha256 ``source``, inside the caller's transaction; only into open cells,
    StaleEdit as always."""
    report, now, gate = _locked(enterprise, programme, part, actor)
    if report.edit_version != seen_version:
        raise StaleEdit(report)
    changed = {name: new[name] for name in gate.opened(new) if getattr(report, name) != new[name]}
    if changed:
        names = sorted(changed)
        before = _public(report, names)
        _store(report, actor, now, changed)
        after = _public(report, names)
        audit.record(
            "report.imported", report, actor=actor, before=before, after=after, fields=names, file_sha256=source
        )
    return report


def write_for(
    enterprise: Enterprise, programme: Programme, part: str, actor: User, new: Mapping[str, Any], source: str
) -> AnnualReport:
    """What ``write`` does, by the secretariat on behalf of the enterprise: the caller has asked whether it may, and
    has compared versions. Cells that a return did not open stay as they are."""
    report, now, gate = _locked(enterprise, programme, part, None)
    wanted = {name: value for name, value in new.items() if name in FILE_FIELDS or gate.opens(name)}
    changed = {name: value for name, value in wanted.items() if getattr(report, name) != value}
    if changed:
        names = sorted(changed)
        before = _public(report, names)
        _store(report, actor, now, changed)
        after = _public(report, names)
        audit.record(
            "report.entered", report, actor=actor, before=before, after=after, fields=names, file_sha256=source
        )
    return report


def _locked(
    enterprise: Enterprise, programme: Programme, part: str, actor: User | None
) -> tuple[AnnualReport, datetime, report_gate.Gate]:
    """``actor``: who of the enterprise writes; None where the secretariat writes for it."""
    # The enterprise's row is the lock: the report may not exist yet.
    Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    now = clock.now_in_transaction()
    if actor is not None:
        require_manager(enterprise.pk, actor, "只有单位负责人或质量主管可以修改年度材料。")
    gate = report_gate.gate(enterprise, programme, now)
    refusal = gate.refusal_for(part)
    if refusal is not None:
        raise refusal
    report = AnnualReport.objects.filter(enterprise=enterprise, programme=programme).first()
    if report is None:
        report = AnnualReport.objects.create(enterprise=enterprise, programme=programme, created_at=now, updated_at=now)
    return report, now, gate


def _decide(
    report: AnnualReport, new: Mapping[str, Any], digests: Mapping[str, str] | None, *, fresh: bool
) -> merging.Decision:
    """Name and pages of the document go where the document goes."""
    describing = {name: new[name] for name in FILE_FIELDS[1:] if name in new}
    wanted = {name: value for name, value in new.items() if name not in describing}
    decision = merging.decide(wanted, partial(getattr, report), digests, fresh=fresh)
    if "summary_file" in decision.conflicts:
        return decision
    differing = [name for name, value in describing.items() if getattr(report, name) != value]
    return merging.Decision(sorted([*decision.changed, *differing]), decision.conflicts)


def _write(
    report: AnnualReport,
    actor: User,
    now: datetime,
    changed: dict[str, Any],
    before: dict[str, Any],
    *,
    noted: dict[str, Any] | None,
) -> None:
    """``noted``: an autosave's note, instead of a row in the trail."""
    earlier = autosaved.settle(report, actor) if noted is None else {}
    if changed:
        _store(report, actor, now, {**changed, **(noted or {})})
    if noted is None and (changed or earlier):
        record_change(report, actor, before | autosaved.before(earlier), {*changed, *earlier})


def _store(report: AnnualReport, actor: User, now: datetime, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(report, name, value)
    report.edit_version += 1
    report.updated_at, report.updated_by = now, actor
    report.save(update_fields=[*fields, "edit_version", "updated_at", "updated_by"])
    _mark_submitted_applications(report, now)


def record_change(report: AnnualReport, actor: User | None, before: dict[str, Any], names: Iterable[str]) -> None:
    """The audit row of a change to attachments 2 and 3."""
    fields = sorted(names)
    audit.record("report.changed", report, actor=actor, before=before, after=_public(report, fields), fields=fields)


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
