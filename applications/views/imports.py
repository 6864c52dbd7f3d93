"""Import from Office files: the upload page of one destination, and the review page before anything is stored."""

import uuid as uuids
from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from applications.actions import importing
from applications.actions.enterprises import StaleEdit
from applications.evidence_check import clean_name
from applications.forms.imports import OfficeFileForm
from applications.imports import readers  # noqa: F401 -- fills the registry
from applications.imports.cells import ReadCell, from_json
from applications.imports.destinations import (
    ApplicationDestination,
    Destination,
    StatisticsDestination,
    SummaryDestination,
)
from applications.imports.gate import open_office
from applications.imports.people import Person, compared
from applications.imports.registry import IMPORTERS
from applications.models import PendingImport
from applications.views.members import membership_or_404
from qcportal import clock, files
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import User


def upload(
    request: HttpRequest, kind: str, destination: Destination, template: str, context: dict[str, Any]
) -> HttpResponse:
    """GET: choose a file. POST: it goes through the gate and its reader, then waits on the review page.

    ``template`` extends applications/import_upload.html. The caller has checked that the person may see the
    destination; a person who may not write there gets 403 for POST.
    """
    user: User = request.user  # type: ignore[assignment]
    importer = IMPORTERS[kind]
    refusal = destination.refusal(user, clock.now())
    if isinstance(refusal, NotAllowed) and request.method == "POST":
        raise PermissionDenied(refusal.message)
    form = OfficeFileForm(office=importer.office)
    problem: Refusal | None = None
    if request.method == "POST" and refusal is None:
        form = OfficeFileForm(request.POST, request.FILES, office=importer.office)
        if form.is_valid():
            try:
                pending = take(form.cleaned_data["file"], kind, destination, user)
                return redirect("applications:import_review", uuid=pending.uuid)
            except Refusal as refused:
                problem = refused
                form.add_error("file", refused.message)
    return render(
        request,
        template,
        {"form": form, "importer": importer, "destination": destination, "refusal": refusal, "problem": problem,
         "enterprise": destination.enterprise, "programme": destination.programme, "section": "report", **context},
    )  # fmt: skip


def take(uploaded: UploadedFile, kind: str, destination: Destination, user: User) -> PendingImport:
    """Raises Refusal with what is wrong with the file."""
    importer = IMPORTERS[kind]
    opened = open_office(uploaded, importer.office)  # type: ignore[arg-type]
    reading = importer.read(opened, destination)
    if not any(cell.entry or cell.problem for cell in reading.cells):
        raise Refusal("文件中没有读到任何已填写的内容。请填写后保存，再上传。", "nothing_read")
    return importing.keep(
        kind, destination, actor=user, now=clock.now(), file_name=clean_name(uploaded.name or ""),
        sha256=files.sha256_of(uploaded), reading=reading,  # type: ignore[arg-type]
    )  # fmt: skip


class Line(NamedTuple):
    cell: ReadCell
    value: str  # as it would be stored
    current: str  # as it is stored now
    changed: bool  # somebody saved another value after the upload
    ticked: bool


class Review(NamedTuple):
    overwrites: list[Line]
    additions: list[Line]
    problems: list[Line]
    same: list[Line]

    @property
    def choices(self) -> list[Line]:
        return [*self.overwrites, *self.additions]

    @property
    def moved(self) -> list[Line]:
        return [line for line in self.choices if line.changed]


def review_of(pending: PendingImport, destination: Destination, ticked: set[str] | None = None) -> Review:
    """What would happen, by kind. Ticked at first: what fills something empty. What would overwrite is ticked only
    when the file was exported from the version that is stored now: then its changes were made to that."""
    cells = from_json(pending.cells)
    cleaned = destination.clean({cell.key: cell.entry for cell in cells if not cell.problem})
    stored = destination.stored()
    answer = Review([], [], [], [])
    trusted = pending.base_version == destination.version
    for cell in cells:
        current = destination.shown(cell.key, stored.get(cell.key))
        problem = cell.problem or cleaned.problems.get(cell.key, "")
        if problem:
            answer.problems.append(Line(cell._replace(problem=problem), "", current, False, False))
            continue
        value = destination.shown(cell.key, cleaned.values[cell.key])
        changed = current != cell.was
        group = answer.overwrites if current else answer.additions
        if value == current or not value:
            group = answer.same
        usual = not changed and (not current or trusted)
        group.append(Line(cell, value, current, changed, cell.key in ticked if ticked is not None else usual))
    return answer


def destination_of(pending: PendingImport) -> Destination:
    if pending.kind == PendingImport.Kind.APPLICATION and pending.application is not None:
        return ApplicationDestination(pending.application)
    report = SummaryDestination if pending.kind == PendingImport.Kind.SUMMARY else StatisticsDestination
    return report(pending.enterprise, pending.programme)


def pending_or_404(request: HttpRequest, uuid: uuids.UUID) -> PendingImport:
    """Only the uploader's own, and only while that person belongs to the enterprise."""
    membership = membership_or_404(request)
    rows = PendingImport.objects.visible_to(request.user, clock.now())  # type: ignore[arg-type]
    rows = rows.filter(enterprise=membership.enterprise_id)
    return get_object_or_404(
        rows.select_related(
            "enterprise", "programme", "round__programme", "application__enterprise", "application__round__programme"
        ),
        uuid=uuid,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    pending = pending_or_404(request, uuid)
    if pending.kind == PendingImport.Kind.GROUPS:
        return redirect("applications:import_groups_review", uuid=pending.uuid)
    destination = destination_of(pending)
    if pending.confirmed_at is not None:
        messages.info(request, "这个文件的内容已经导入。")
        return redirect(destination.url)
    if request.method == "POST":
        return _decide(request, pending, destination)
    return _review_page(request, pending, destination)


def _decide(request: HttpRequest, pending: PendingImport, destination: Destination) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    if "discard" in request.POST:
        importing.discard(pending, actor=user)
        messages.success(request, "已放弃这次导入，没有改动任何内容。")
        return redirect(destination.url)
    keys = set(request.POST.getlist("take"))
    if "all" in request.POST:
        keys = {line.cell.key for line in review_of(pending, destination).choices}
    seen = request.POST.get("seen_version", "")
    try:
        count = importing.confirm(
            pending, destination, actor=user, keys=keys, seen_version=int(seen) if seen.isdigit() else 0
        )
    except StaleEdit:
        messages.error(
            request, "您打开页面之后，他人保存过修改，还没有导入任何内容。下面是最新的对照，请核对后再次确认。"
        )
        pending.refresh_from_db()
        return _review_page(request, pending, destination_of(pending), keys, status=409)
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return _review_page(request, pending, destination, keys, status=409)
    messages.success(request, f"已从文件填入 {count} 项，保存为草稿，请核对。" if count else "这个文件的内容已经导入。")
    return redirect(destination.url)


def _people(review: Review, destination: Destination) -> list[Person]:
    """Members before and after, when the file would change them."""
    line = next((line for line in review.choices if line.cell.key == "members"), None)
    if line is None:
        return []
    cleaned = destination.clean({"members": line.cell.entry})
    return compared(destination.stored()["members"], cleaned.values["members"], destination.application.fields)


def _review_page(
    request: HttpRequest,
    pending: PendingImport,
    destination: Destination,
    ticked: set[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    importer = IMPORTERS[pending.kind]
    review = review_of(pending, destination, ticked)
    context = {
        "pending": pending,
        "importer": importer,
        "destination": destination,
        "review": review,
        "people": _people(review, destination),
        "refusal": destination.refusal(request.user, clock.now()),  # type: ignore[arg-type]
        "enterprise": destination.enterprise,
        "programme": destination.programme,
        "section": "report",
    }
    return render(request, "applications/import_review.html", context, status=status)
