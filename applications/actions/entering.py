"""秘书处代录: a reviewed folder becomes drafts that carry the mark until the enterprise has confirmed them."""

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Max

from applications import evidence_check, photos, previews, regions, validators
from applications.actions import drafts, folders, reports
from applications.actions.checking import require_secretariat
from applications.actions.enterprises import StaleEdit
from applications.actions.evidence import require_room
from applications.actions.people import INVITATION_DAYS, token_hash
from applications.imports import folder_reading, folder_zip
from applications.imports.destinations import ApplicationDestination, ReportDestination
from applications.imports.folder_names import EVIDENCE, FORM, STATISTICS, SUMMARY
from applications.intake import PHOTOS
from applications.models import (
    AnnualReport,
    Application,
    Enterprise,
    Evidence,
    FolderFile,
    FolderState,
    Invitation,
    Membership,
    MembershipRole,
    StaffEntry,
    StaffFolder,
)
from applications.sections import REPORT_SUMMARY
from qcportal import audit, clock, files, mail
from qcportal.errors import NotAccepted, Refusal
from qcportal.models import MailKind, StoredFile, User


class Stored(NamedTuple):
    file: StoredFile
    name: str
    pages: int | None


class Entered(NamedTuple):
    """``link``: the secret part of the link with which an enterprise without an account claims itself, shown once."""

    enterprise: Enterprise
    applications: list[Application]
    link: str = ""


def enter(folder: StaffFolder, *, actor: User, keys: Mapping[int, Collection[str]]) -> Entered:
    """Drafts in the chosen round hold the ticked cells (``keys`` by file) and the evidence, marked 秘书处代录.

    One transaction: an enterprise that was to be made is made, unverified; drafts are made or, where one of the
    same group and topic is still a draft, filled in; attachments 2 and 3; marks with the file's sha256; audit rows;
    a mail to owner and 质量主管, or a link to claim the enterprise. Nothing is submitted: that stays the
    enterprise's own press, after it confirmed (actions.entered). Refused: everybody but the secretariat; a round
    that is closed for this enterprise without an extension; files without an answer; texts that somebody saved
    meanwhile (StaleEdit).
    """
    require_secretariat(actor)
    refusal = folders.ready_refusal(folder, clock.now())
    if refusal is not None:
        raise refusal
    stored = _store(folder)
    with transaction.atomic(durable=True):
        row = folders.locked(folder.pk)
        now = clock.now_in_transaction()
        refusal = folders.ready_refusal(row, now)
        if refusal is not None:
            raise refusal
        enterprise = _enterprise(row, actor, now)
        made = _forms(row, enterprise, actor, now, keys, stored)
        _reports(row, enterprise, actor, now, keys, stored)
        link = _tell(row, enterprise, made, actor, now)
        audit.record(
            "folder.entered", row, actor=actor, enterprise=enterprise.credit_code,
            applications=[str(one.uuid) for one in made], sha256=row.file_id,
        )  # fmt: skip
        folders.close(row, FolderState.DONE, actor, now)
    return Entered(enterprise, made, link)


def _store(folder: StaffFolder) -> dict[int, Stored]:
    """Evidence and whole documents, checked and cleaned once more; before the transaction, as always."""
    kept: dict[int, Stored] = {}
    assert folder.file is not None  # noqa: S101 - only a decided folder can have been purged
    with files.open_file(folder.file) as stream:
        entries = dict(enumerate(folder_zip.entries_of(stream), 1))
        for row in folder.files.filter(kind__in=[EVIDENCE, SUMMARY]):
            if row.kind == SUMMARY and row.path.lower().endswith(".docx"):
                continue
            with folder_zip.opened(stream, entries[row.position]) as content:
                try:
                    checked = evidence_check.check(content, row.file_name)
                except NotAccepted as refused:
                    raise Refusal(f"“{row.file_name}”：{refused}", "not_accepted") from refused
                clean = photos.clean(content, checked.content_type) if checked.content_type in PHOTOS else content
                kept[row.pk] = Stored(files.store(clean, checked.content_type), checked.name, checked.pages)
    return kept


def _enterprise(folder: StaffFolder, actor: User, now: datetime) -> Enterprise:
    """The chosen one, locked; or a new one, unverified like any that registers itself."""
    if folder.enterprise_id is not None:
        return Enterprise.objects.select_for_update().get(pk=folder.enterprise_id)
    code = folder.new_code
    validators.check_credit_code(code)
    if Enterprise.objects.filter(credit_code=code).exists():
        raise Refusal("该信用代码的单位刚刚注册，请改选已有单位后再录入。", "new_code")
    enterprise = Enterprise.objects.create(
        credit_code=code, name=folder.new_name, city=regions.city_of_credit_code(code),
        origin_flagged=validators.needs_origin_explanation(code), contact_name=folder.contact_name,
        contact_phone=folder.contact_phone, contact_email=folder.contact_email, created_at=now,
    )  # fmt: skip
    StaffFolder.objects.filter(pk=folder.pk).update(enterprise=enterprise)
    folder.enterprise = enterprise
    audit.record(
        "enterprise.entered", enterprise, actor=actor, after={"credit_code": code, "name": enterprise.name}
    )  # fmt: skip
    return enterprise


def _forms(
    folder: StaffFolder, enterprise: Enterprise, actor: User, now: datetime, keys: Mapping[int, Collection[str]],
    stored: Mapping[int, Stored],
) -> list[Application]:  # fmt: skip
    made = []
    files_of = list(folder.files.all())
    for form in [one for one in files_of if one.kind == FORM]:
        application = _application(folder, form, enterprise, actor, now)
        cells = [one for one in folders.cells_of(form) if one.key in keys.get(form.pk, ()) and not one.problem]
        cleaned = ApplicationDestination(application).clean({one.key: one.entry for one in cells})
        drafts.write_sections(application, actor=actor, now=now, values=cleaned.values, source=form.sha256)
        for item in files_of:
            if item.kind == EVIDENCE and item.belongs_to_id == form.pk:
                _add_evidence(application, item, stored[item.pk], actor, now)
        FolderFile.objects.filter(pk=form.pk).update(application=application)
        _mark(folder, form, actor, now, application=application)
        audit.record("application.entered", application, actor=actor, file_sha256=form.sha256, folder=str(folder.uuid))
        made.append(application)
    return made


def _application(
    folder: StaffFolder, form: FolderFile, enterprise: Enterprise, actor: User, now: datetime
) -> Application:
    """The draft that the review was shown against, unchanged since; else a new one, last in the order."""
    assert folder.round is not None  # noqa: S101 - ready_refusal
    if form.application_id is None:
        name = str(form.identity.get("group", ""))
        return drafts.new_draft(
            enterprise, folder.round, actor, now, group_name=name, contact_name=folder.contact_name,
            contact_phone=folder.contact_phone, contact_email=folder.contact_email or enterprise.contact_email,
        )  # fmt: skip
    rows = Application.objects.select_for_update(of=("self",)).select_related("round__programme", "enterprise")
    application = rows.get(pk=form.application_id)
    if application.edit_version != form.seen_version or application.enterprise_id != enterprise.pk:
        raise StaleEdit(application)
    return application


def _add_evidence(application: Application, item: FolderFile, stored: Stored, actor: User, now: datetime) -> None:
    """The same bytes are not there twice, however often the folder came."""
    if application.evidence.filter(file=stored.file).exists():
        return
    require_room(application, stored.file.size)
    last = application.evidence.aggregate(last=Max("position"))["last"] or 0
    kind = application.fields.kind_taken(item.evidence_kind or "other")
    Evidence.objects.create(
        application=application, kind=kind, name=stored.name, file=stored.file,
        pages=stored.pages, position=last + 1, uploaded_by=actor, uploaded_at=now,
    )  # fmt: skip
    audit.record(
        "evidence.added", application, actor=actor, after={"kind": item.evidence_kind, "sha256": stored.file.sha256}
    )  # fmt: skip
    previews.ask_for(stored.file)


def _reports(
    folder: StaffFolder, enterprise: Enterprise, actor: User, now: datetime, keys: Mapping[int, Collection[str]],
    stored: Mapping[int, Stored],
) -> None:  # fmt: skip
    assert folder.round is not None  # noqa: S101 - ready_refusal
    programme = folder.round.programme
    found = list(folder.files.filter(kind__in=[SUMMARY, STATISTICS]))
    report = AnnualReport.objects.select_for_update().filter(enterprise=enterprise, programme=programme).first()
    version = report.edit_version if report else AnnualReport(enterprise=enterprise, programme=programme).edit_version
    if any(one.pk not in stored and one.seen_version != version for one in found):
        raise StaleEdit(report)
    for one in found:
        if one.pk in stored:
            part, values = REPORT_SUMMARY, dict(zip(reports.FILE_FIELDS, stored[one.pk], strict=True))
        else:
            destination: Any = folder_reading.destination_for(one.kind, enterprise, folder.round, None)
            assert isinstance(destination, ReportDestination)  # noqa: S101 - the kind says so
            cells = [each for each in folders.cells_of(one) if each.key in keys.get(one.pk, ()) and not each.problem]
            part, values = destination.part, destination.clean({each.key: each.entry for each in cells}).values
        report = reports.write_for(enterprise, programme, part, actor, values, one.sha256)
        _mark(folder, one, actor, now, report=report)


def _mark(
    folder: StaffFolder, one: FolderFile, actor: User, now: datetime, *, application: Application | None = None,
    report: AnnualReport | None = None,
) -> None:  # fmt: skip
    StaffEntry.objects.create(
        application=application, report=report, folder=folder, file_name=one.file_name[:200],
        source_sha256=one.sha256, entered_by=actor, entered_at=now,
    )  # fmt: skip


def _tell(folder: StaffFolder, enterprise: Enterprise, made: list[Application], actor: User, now: datetime) -> str:
    """A mail to those who may confirm; with nobody there, a link to claim the enterprise by its credit code."""
    assert folder.round is not None  # noqa: S101 - ready_refusal
    context = {
        "enterprise": enterprise, "applications": made, "round": folder.round, "contact": folder.contact_name,
        "deadline": clock.half_open_label(folder.round.deadline_for(enterprise.pk)), "days": INVITATION_DAYS,
    }  # fmt: skip
    managing = Membership.objects.managing().filter(enterprise=enterprise).select_related("user")
    if managing:
        for member in managing:
            mail.queue_template(
                kind=MailKind.LETTER, to=member.user.email, template="entered", context=context, about_row=enterprise
            )
        return ""
    token = secrets.token_urlsafe(32)
    email = folder.contact_email or enterprise.contact_email
    enterprise.invitations.filter(role=MembershipRole.OWNER, accepted_at=None, revoked_at=None).update(revoked_at=now)
    Invitation.objects.create(
        enterprise=enterprise, email=email, name=folder.contact_name or enterprise.contact_name or "负责人",
        role=MembershipRole.OWNER, token_hash=token_hash(token), invited_by=actor, created_at=now,
        expires_at=now + timedelta(days=INVITATION_DAYS),
    )  # fmt: skip
    audit.record("enterprise.claim_offered", enterprise, actor=actor)
    mail.queue_template(
        kind=MailKind.LETTER, to=email, template="entered_claim", private=True, context={**context, "token": token}
    )
    return token
