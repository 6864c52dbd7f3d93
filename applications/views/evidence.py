"""证实性材料: the section page with its upload, and the pages of one file."""

import uuid as uuids
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import evidence_check
from applications.actions import evidence as actions
from applications.forms.filing import EvidenceForm, UploadForm
from applications.models import Evidence, EvidenceKind
from applications.models.evidence import REQUIRED_KINDS
from applications.sections import BY_CODE, is_open
from applications.views.filing_desk import Desk, label_of
from qcportal import files
from qcportal.errors import NotAllowed, Refusal


def section(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Called by drafts.section, which has checked method and person."""
    if request.method != "POST":
        return _page(request, desk, UploadForm(initial={"kind": _wanted_kind(request, desk)}))
    form = UploadForm(request.POST, request.FILES)
    if desk.refusal is not None:
        messages.error(request, desk.refusal.message)
        return _page(request, desk, form, status=409)
    if not form.is_valid():
        return _page(request, desk, form)
    refused = _take_all(request, desk, form)
    if refused:
        return _page(request, Desk(request, desk.application.uuid), UploadForm(), refused)
    return redirect(desk.section_url("evidence"))


def _take_all(request: HttpRequest, desk: Desk, form: UploadForm) -> list[tuple[str, str]]:
    """Each file on its own: one that is refused never takes the others with it."""
    refused, taken = [], 0
    for uploaded in form.cleaned_data["files"]:
        try:
            _take(request, desk, uploaded, form.cleaned_data["kind"])
            taken += 1
        except ValueError as error:
            refused.append((evidence_check.clean_name(uploaded.name or ""), str(error)))
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except Refusal as refusal:
            refused.append((evidence_check.clean_name(uploaded.name or ""), refusal.message))
    if taken:
        messages.success(request, f"已上传 {taken} 个文件。")
    return refused


def _take(request: HttpRequest, desk: Desk, uploaded: UploadedFile, kind: str) -> None:
    """Bytes are checked and stored outside the transaction; an unused copy is harmless and found by its hash."""
    checked = evidence_check.check(uploaded, uploaded.name or "")  # type: ignore[arg-type]
    stored = files.store(uploaded, checked.content_type)  # type: ignore[arg-type]
    actions.add(
        desk.application,
        actor=request.user,  # type: ignore[arg-type]
        stored=stored,
        kind=kind,
        name=checked.name,
        pages=checked.pages,
    )


def _open_kinds(desk: Desk) -> list[str]:
    return [kind for kind in EvidenceKind.values if desk.keys is None or is_open(f"evidence.{kind}", desk.keys)]


def _wanted_kind(request: HttpRequest, desk: Desk) -> str:
    """The first required kind that is not there yet, so that most people need not choose."""
    present = {item.kind for item in desk.application.evidence.all()}
    return next((kind for kind in REQUIRED_KINDS if kind not in present and kind in _open_kinds(desk)), "")


def _page(
    request: HttpRequest,
    desk: Desk,
    form: UploadForm,
    refused: list[tuple[str, str]] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    kinds = _open_kinds(desk) if desk.editable else []
    form.fields["kind"].choices = [  # type: ignore[attr-defined]
        ("", "请选择"), *((value, label) for value, label in EvidenceKind.choices if value in kinds)
    ]  # fmt: skip
    items = list(desk.application.evidence.all())
    present = {item.kind for item in items}
    check, remarks = desk.remarks()
    context = desk.context(
        section=BY_CODE["evidence"],
        section_template="applications/section_evidence.html",
        form=form,
        refused=refused or [],
        can_upload=bool(kinds),
        items=[(item, item.kind in kinds) for item in items],
        total_pages=sum(item.pages or 0 for item in items),
        total_size=sum(item.file.size for item in items),
        required=[(kind.label, kind.value in present) for kind in REQUIRED_KINDS],
        limits={
            "megabytes": settings.EVIDENCE_MAX_BYTES // 1024 // 1024,
            "pages": settings.EVIDENCE_MAX_PAGES,
            "files": settings.EVIDENCE_MAX_FILES,
        },
        nav=desk.nav("evidence"),
        advice=desk.guides.get("evidence"),
        previous_url=desk.section_url("awards"),
        next_url="",
        check=check,
        remarks=[remark for remark in remarks if "/edit/evidence/" in remark.url],
        open_labels=[label_of(key) for key in desk.keys or []],
    )
    return render(request, "applications/section.html", context, status=status)


def _item(desk: Desk, item: uuids.UUID) -> Evidence:
    return get_object_or_404(Evidence.objects.select_related("file"), application=desk.application, uuid=item)


@login_required
@require_safe
def file(request: HttpRequest, uuid: uuids.UUID, item: uuids.UUID) -> HttpResponse:
    """The bytes, for everyone who may see the application; pictures and PDFs open, the rest is downloaded."""
    found = _item(Desk(request, uuid), item)
    return files.response(found.file, found.name, download="download" in request.GET)


def _writing_desk(request: HttpRequest, uuid: uuids.UUID) -> Desk:
    desk = Desk(request, uuid)
    if desk.membership is None:
        raise PermissionDenied
    return desk


def _do(request: HttpRequest, desk: Desk, action: Any, found: Evidence, success: str, **arguments: Any) -> HttpResponse:
    try:
        action(found, actor=request.user, **arguments)
        if success:
            messages.success(request, success)
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect(desk.section_url("evidence") + "#files")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, uuid: uuids.UUID, item: uuids.UUID) -> HttpResponse:
    desk = _writing_desk(request, uuid)
    found = _item(desk, item)
    form = EvidenceForm(
        request.POST if request.method == "POST" else None,
        initial={"kind": found.kind, "name": found.name},
        extension=found.name.rpartition(".")[2],
    )
    if request.method == "POST" and form.is_valid():
        return _do(request, desk, actions.change, found, "已修改。", **form.cleaned_data)
    return render(request, "applications/evidence_change.html", desk.context(form=form, item=found))


@login_required
@require_POST
def move(request: HttpRequest, uuid: uuids.UUID, item: uuids.UUID) -> HttpResponse:
    desk = _writing_desk(request, uuid)
    return _do(request, desk, actions.move, _item(desk, item), "", up=request.POST.get("direction") == "up")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, uuid: uuids.UUID, item: uuids.UUID) -> HttpResponse:
    desk = _writing_desk(request, uuid)
    found = _item(desk, item)
    if request.method == "POST":
        return _do(request, desk, actions.remove, found, f"“{found.name}”已删除。")
    return render(request, "applications/evidence_delete.html", desk.context(item=found))
