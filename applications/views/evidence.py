"""证实性材料: the section page with its upload, and the pages of one file."""

import uuid as uuids
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import evidence_check, evidence_kinds, guidance, intake, previews
from applications.actions import evidence as actions
from applications.actions import uploads
from applications.forms.filing import EvidenceForm, UploadForm
from applications.forms.uploads import OrderForm
from applications.models import Application, Evidence
from applications.sections import BY_CODE, is_open
from applications.views import onward
from applications.views.filing_desk import Desk, open_places
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
    refused, taken, kind = [], 0, form.cleaned_data["kind"]
    for uploaded in form.cleaned_data["files"]:
        try:
            intake.take(desk.application, uploaded, uploaded.name or "", actor=request.user, kind=kind)
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


def _open_kinds(desk: Desk) -> list[str]:
    kinds = desk.application.fields.evidence_kinds()
    return [kind for kind in kinds if desk.keys is None or is_open(f"evidence.{kind}", desk.keys)]


def _wanted_kind(request: HttpRequest, desk: Desk) -> str:
    """The first required kind that is not there yet, so that most people need not choose."""
    present = {item.kind for item in desk.application.evidence.all()}
    wanted = desk.application.fields.required_kinds()
    return next((kind for kind in wanted if kind not in present and kind in _open_kinds(desk)), "")


def _page(
    request: HttpRequest,
    desk: Desk,
    form: UploadForm,
    refused: list[tuple[str, str]] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    kinds, fields = _open_kinds(desk) if desk.editable else [], desk.application.fields
    form.fields["kind"].choices = [("", "请选择"), *_choices(desk, kinds)]  # type: ignore[attr-defined]
    needed = _listed([fields.evidence_kind(kind) for kind in fields.required_kinds()])
    items = list(desk.application.evidence.all())
    present = {item.kind for item in items}
    shown = previews.of_files([item.file for item in items])
    unfinished = list(desk.application.uploads.unfinished().select_related("user")) if kinds else []
    check, remarks = desk.remarks()
    context = desk.context(
        section=BY_CODE["evidence"],
        section_template="applications/section_evidence.html",
        form=form,
        refused=refused or [],
        can_upload=bool(kinds),
        items=[(item, item.kind in kinds, shown[item.file_id], fields.evidence_kind(item.kind)) for item in items],
        kinds=_choices(desk, kinds),
        kind_words=";".join(f"{kind}:{'|'.join(words)}" for kind, words in evidence_kinds.WORDS.items()),
        unfinished=unfinished,
        total_pages=sum(item.pages or 0 for item in items),
        total_size=sum(item.file.size for item in items),
        waiting=sum(one.size for one in unfinished),
        needs_text=f"{needed}必须上传。" if needed else "请上传能说明活动和成果的材料。",
        required=[(fields.evidence_kind(kind), kind in present) for kind in fields.required_kinds()],
        kind_helps=_helps(desk, kinds),
        limits=_limits(),
        nav=desk.nav("evidence"),
        advice=_advice(desk, needed),
        previous_url=desk.section_url("awards"),
        next_url="",
        onward=onward.after_evidence(desk.application),
        check=check,
        remarks=[remark for remark in remarks if "/edit/evidence/" in remark.url],
        open_places=open_places(desk.application, desk.keys),
    )
    return render(request, "applications/section.html", context, status=status)


def _advice(desk: Desk, needed: str) -> Any:
    """The portal's own advice names the kinds that it asks for; a year that asks for others has its own sentence."""
    advice, own = desk.guides.get("evidence"), guidance.ADVICE["evidence"]
    ruled = any(key.startswith("evidence.") for key in desk.application.fields.rules)
    if advice is None or advice.hint != own.hint or not ruled:
        return advice
    return advice._replace(hint=f"{needed}必须上传，其他材料按需补充。" if needed else "")


def _helps(desk: Desk, kinds: list[str]) -> list[tuple[str, str]]:
    """What this year says about single kinds."""
    helps = [(label, desk.application.fields.help(f"evidence.{kind}")) for kind, label in _choices(desk, kinds)]
    return [(label, said) for label, said in helps if said]


def _listed(names: list[str]) -> str:
    return "和".join(filter(None, ["、".join(names[:-1]), *names[-1:]]))


def _choices(desk: Desk, kinds: list[str]) -> list[tuple[str, str]]:
    return [(kind, label) for kind, label in desk.application.fields.evidence_kinds().items() if kind in kinds]


def _limits() -> dict[str, Any]:
    """The page tells these before anything is sent; the actions ask for the same."""
    return {
        "bytes": settings.EVIDENCE_MAX_BYTES,
        "megabytes": settings.EVIDENCE_MAX_BYTES // 1024 // 1024,
        "pages": settings.EVIDENCE_MAX_PAGES,
        "files": settings.EVIDENCE_MAX_FILES,
        "total_bytes": settings.EVIDENCE_MAX_TOTAL_BYTES,
        "total_megabytes": settings.EVIDENCE_MAX_TOTAL_BYTES // 1024 // 1024,
        "types": ",".join(evidence_check.TAKEN),
        "heic": evidence_check.HEIC,
        "part": uploads.PART_AT_MOST,
    }


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


def _do(
    request: HttpRequest, desk: Desk, action: Any, found: Evidence | Application, success: str, **arguments: Any
) -> HttpResponse:
    """The script of the page asks for JSON and stays where it is; the plain form comes back to the list."""
    in_json = wants_json(request)
    try:
        action(found, actor=request.user, **arguments)
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        if in_json:
            return JsonResponse({"message": refusal.message}, status=422)
        messages.error(request, refusal.message)
    else:
        if in_json:
            return JsonResponse({"message": success})
        if success:
            messages.success(request, success)
    return redirect(desk.section_url("evidence") + "#files")


def wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


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
    form.fields["kind"].choices = _choices(desk, _open_kinds(desk))  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        return _do(request, desk, actions.change, found, "已修改。", **form.cleaned_data)
    if request.method == "POST" and wants_json(request):
        said = " ".join(each for errors in form.errors.values() for each in errors)
        return JsonResponse({"message": said}, status=422)
    return render(request, "applications/evidence_change.html", desk.context(form=form, item=found))


@login_required
@require_POST
def move(request: HttpRequest, uuid: uuids.UUID, item: uuids.UUID) -> HttpResponse:
    desk = _writing_desk(request, uuid)
    return _do(request, desk, actions.move, _item(desk, item), "", up=request.POST.get("direction") == "up")


@login_required
@require_POST
def order(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """All files in the order of the page, after one was dragged."""
    desk = _writing_desk(request, uuid)
    form = OrderForm(request.POST, known=[str(item.uuid) for item in desk.application.evidence.all()])
    wanted = [uuids.UUID(one) for one in form.cleaned_data["item"]] if form.is_valid() else []
    return _do(request, desk, actions.reorder, desk.application, "次序已保存。", order=wanted)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, uuid: uuids.UUID, item: uuids.UUID) -> HttpResponse:
    desk = _writing_desk(request, uuid)
    found = _item(desk, item)
    if request.method == "POST":
        return _do(request, desk, actions.remove, found, f"“{found.name}”已删除。")
    label = desk.application.fields.evidence_kind(found.kind)
    return render(request, "applications/evidence_delete.html", desk.context(item=found, kind_label=label))
