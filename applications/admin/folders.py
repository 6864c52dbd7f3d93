"""代为录入: the ZIP that an enterprise mailed becomes drafts on its behalf, after a review of every file and cell."""

from typing import NamedTuple
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications.actions import entering, folders
from applications.actions.enterprises import StaleEdit
from applications.evidence_check import clean_name
from applications.forms.folders import FileForm, FolderForm, OwnerForm, file_forms
from applications.forms.known import by_pk
from applications.imports.destinations import Destination, Known
from applications.imports.folder_names import EVIDENCE, FORM, SKIP
from applications.imports.folder_reading import destination_for
from applications.imports.people import Person, compared
from applications.models import Application, FolderFile, RecommendingUnit, StaffFolder
from applications.views.imports import Review, review_of
from qcportal import clock, files
from qcportal.adminsite import FILING
from qcportal.errors import NotAllowed, Refusal
from qcportal.roles import Role, has_role


@require_http_methods(["GET", "HEAD", "POST"])
def folder_list(request: HttpRequest) -> HttpResponse:
    """Folders taken in, waiting ones first; upload of the next one."""
    may_edit = has_role(request.user, Role.SECRETARIAT)
    if request.method == "POST" and not may_edit:
        raise PermissionDenied
    form = FolderForm(request.POST, request.FILES) if request.method == "POST" else FolderForm()
    if request.method == "POST" and form.is_valid():
        uploaded = form.cleaned_data["file"]
        try:
            taken = folders.take(uploaded.file, clean_name(uploaded.name or ""), actor=request.user, now=clock.now())  # type: ignore[arg-type]
            return redirect("admin:folder", uuid=taken.uuid)
        except Refusal as refusal:
            form.add_error("file", refusal.message)
    rows = StaffFolder.objects.for_list()
    context = {
        **admin.site.each_context(request),
        "title": "代为录入",
        "form": form,
        "may_edit": may_edit,
        "page": Paginator(rows, 50).get_page(request.GET.get("page")),
    }
    return render(request, "admin/folders/list.html", context)


class Sheet(NamedTuple):
    """One readable file: what it would change where."""

    row: FolderFile
    review: Review | None
    destination: Destination | None
    people: list[Person]

    @property
    def take(self) -> str:
        """Name of its boxes in the page."""
        return f"take-{self.row.pk}"


@require_http_methods(["GET", "HEAD", "POST"])
def folder(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = get_object_or_404(StaffFolder.objects.for_list().select_related("file"), uuid=uuid)
    if request.method == "POST":
        if not has_role(request.user, Role.SECRETARIAT):
            raise PermissionDenied
        return _decide(request, found)
    return _page(request, found)


def _decide(request: HttpRequest, found: StaffFolder) -> HttpResponse:
    what = request.POST.get("what", "")
    try:
        if what == "discard":
            folders.discard(found, actor=request.user)  # type: ignore[arg-type]
            messages.success(request, "已放弃，没有改动任何申报。压缩包仍保留备查。")
            return redirect("admin:folders")
        if what == "enter":
            return _enter(request, found)
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("admin:folder", uuid=found.uuid)
    return _assign(request, found)


def _assign(request: HttpRequest, found: StaffFolder) -> HttpResponse:
    candidates = folders.candidates(found, list(found.files.all()))
    owner = OwnerForm(request.POST, folder=found, candidates=candidates)
    each = file_forms(found, request.POST)
    sound = [form.is_valid() for form in each]  # every one, so that all errors show
    if not owner.is_valid() or not all(sound):
        return _page(request, found, owner, each)
    data = owner.cleaned_data
    contact = {name: data[name] for name in ("contact_name", "contact_phone", "contact_email")}
    try:
        folders.assign(
            found, actor=request.user, round_=data["round"], enterprise=data["enterprise"], new_name=data["new_name"],  # type: ignore[arg-type]
            new_code=data["code"], contact=contact, choices={form.row.pk: form.choice() for form in each},
        )  # fmt: skip
    except Refusal as refusal:
        owner.add_error(refusal.code if refusal.code in {"code", "new_name"} else None, refusal.message)
        return _page(request, found, owner, each)
    messages.success(request, "已按您的选择重新读取，请核对下面的内容。")
    return redirect(reverse("admin:folder", args=[found.uuid]) + "#read")


def _enter(request: HttpRequest, found: StaffFolder) -> HttpResponse:
    keys = {row.pk: request.POST.getlist(f"take-{row.pk}") for row in found.files.all()}
    try:
        made = entering.enter(found, actor=request.user, keys=keys)  # type: ignore[arg-type]
    except StaleEdit:
        folders.read(found, actor=request.user)  # type: ignore[arg-type]
        messages.error(request, "单位刚刚保存过修改，还没有录入任何内容。下面是最新的对照，请核对后再次录入。")
        return redirect(reverse("admin:folder", args=[found.uuid]) + "#read")
    messages.success(request, f"已为“{made.enterprise}”录入 {len(made.applications)} 项申报草稿，等待单位核对确认。")
    if made.link:
        address = request.build_absolute_uri(reverse("applications:invitation", args=[made.link]))
        request.session[f"claim-{found.uuid}"] = address
    return redirect("admin:folder", uuid=found.uuid)


def _page(
    request: HttpRequest, found: StaffFolder, owner: OwnerForm | None = None, each: list[FileForm] | None = None
) -> HttpResponse:
    rows = list(found.files.select_related("belongs_to", "application__recommending_unit"))
    candidates = folders.candidates(found, rows) if found.is_open else []
    refusal = folders.ready_refusal(found, clock.now()) if found.is_open else None
    context = {
        **admin.site.each_context(request),
        "title": "代为录入",
        "folder": found,
        "owner": owner or OwnerForm(folder=found, candidates=candidates),
        "files": each or file_forms(found),
        "rows": rows,
        "sheets": _sheets(found, rows) if found.is_open else [],
        "evidence": [row for row in rows if row.kind == EVIDENCE],
        "skipped": [row for row in rows if row.kind == SKIP],
        "groups": [row for row in rows if row.kind == FORM],
        "refusal": refusal,
        "may_edit": has_role(request.user, Role.SECRETARIAT),
        # Shown once, to the person who entered it: whoever has the link can claim the enterprise.
        "claim_link": request.session.pop(f"claim-{found.uuid}", ""),
        "entries": found.entries.select_related("application", "report", "confirmed_by", "entered_by").order_by("id"),
    }
    return render(request, "admin/folders/folder.html", context, status=200)


def _sheets(found: StaffFolder, rows: list[FolderFile]) -> list[Sheet]:
    """What the forms are compared with is read once for all of them, however many groups the folder holds."""
    readable = [row for row in rows if row.kind in folders.READ_KINDS]
    if found.round is None:
        return [Sheet(row, None, None, []) for row in readable]
    owner, programme = folders.owner_of(found), found.round.programme
    known = Known(
        awards=by_pk(programme.special_awards.all()), units=by_pk(RecommendingUnit.objects.filter(is_active=True))
    )
    drafts = [row.application or Application(pk=0, enterprise=owner, round=found.round) for row in readable]
    for draft in drafts:
        draft.enterprise, draft.round = owner, found.round
        if draft.pk and draft.recommending_unit_id and draft.recommending_unit is not None:
            known.units.setdefault(str(draft.recommending_unit_id), draft.recommending_unit)
    prefetch_related_objects(drafts, "members", "completing_units", "special_awards")
    return [_sheet(found, row, draft, known) for row, draft in zip(readable, drafts, strict=True)]


def _sheet(found: StaffFolder, row: FolderFile, draft: Application, known: Known) -> Sheet:
    if found.round is None or row.problem or not row.cells:
        return Sheet(row, None, None, [])
    destination = destination_for(row.kind, folders.owner_of(found), found.round, draft, known)
    review = review_of(row, destination)  # type: ignore[arg-type]
    members = next((line for line in review.choices if line.cell.key == "members"), None)
    people = []
    if members is not None:
        cleaned = destination.clean({"members": members.cell.entry})
        people = compared(destination.stored()["members"], cleaned.values["members"], destination.application.fields)
    return Sheet(row, review, destination, people)


@require_safe
def folder_file(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The ZIP as it arrived."""
    found = get_object_or_404(StaffFolder.objects.select_related("file"), uuid=uuid)
    if found.file is None:
        raise Http404("purged")
    folders.record_read(found, actor=request.user)  # type: ignore[arg-type]
    return files.response(found.file, found.name, download=True)


admin.site.add_page(
    "folders/", folder_list, name="folders", title="代为录入", group=FILING, order=28, icon="folder"
)  # fmt: skip
admin.site.add_page("folders/<uuid:uuid>/", folder, name="folder", title="", group=FILING)
admin.site.add_page("folders/<uuid:uuid>/file/", folder_file, name="folder_file", title="", group=FILING)
