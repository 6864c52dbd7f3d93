"""The requests of a file that comes in parts (decision 0009): start, part, state, complete, give up. JSON answers.

409 with ``offset``: go on from there. 422 with ``message``: this will not be taken, the sentence says why.
"""

import json
import uuid as uuids
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from applications import intake
from applications.actions import uploads as actions
from applications.forms.uploads import PartForm, StartForm, kind_in
from applications.models import Upload
from applications.views.filing_desk import Desk
from qcportal.errors import NotAllowed, Refusal

View = Callable[..., HttpResponse]


def answers_in_json(view: View) -> View:
    """Refusals become 409 or 422 with a sentence; the person's right was checked before (403, 404 as everywhere)."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer = view(request, *args, **kwargs)
        except actions.WrongOffset as wrong:
            answer = JsonResponse({"offset": wrong.received, "message": wrong.message}, status=409)
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except Refusal as refusal:
            answer = JsonResponse({"message": refusal.message, "code": refusal.code}, status=422)
        answer["Cache-Control"] = "no-store"
        return answer

    return wrapped


def _desk(request: HttpRequest, uuid: uuids.UUID) -> Desk:
    desk = Desk(request, uuid)
    if desk.membership is None:
        raise PermissionDenied
    return desk


def _upload(desk: Desk, upload: uuids.UUID) -> Upload:
    return get_object_or_404(Upload.objects.select_related("evidence"), application=desk.application, uuid=upload)


def _state(upload: Upload, **more: Any) -> dict[str, Any]:
    return {"upload": str(upload.uuid), "name": upload.name, "size": upload.size, "offset": upload.received, **more}


@login_required
@require_POST
@answers_in_json
def start(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """A new upload, or the unfinished one of the same file."""
    desk = _desk(request, uuid)
    form = StartForm(request.POST)
    if not form.is_valid():
        raise Refusal("请重新选择文件。", "bad_request")
    upload = actions.start(desk.application, actor=request.user, **form.cleaned_data)  # type: ignore[arg-type]
    return JsonResponse(_state(upload), status=201 if not upload.received else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@answers_in_json
def upload(request: HttpRequest, uuid: uuids.UUID, upload: uuids.UUID) -> HttpResponse:
    """GET: how far it is and what the parts hold, so that a browser can tell its file from another. POST: a part."""
    desk = _desk(request, uuid)
    row = _upload(desk, upload)
    if request.method != "POST":
        parts = list(row.parts.values("offset", "size", "sha256"))
        return JsonResponse(_state(row, parts=parts, refused=row.refused, completed=row.completed_at is not None))
    form = PartForm(request.GET)
    length = request.headers.get("Content-Length", "")
    if not form.is_valid() or not length.isdigit() or int(length) > actions.PART_AT_MOST:
        raise Refusal("上传的数据段大小不正确，请刷新页面后重试。", "part_size")
    row = actions.receive(row, actor=request.user, offset=form.cleaned_data["offset"], content=request.body)  # type: ignore[arg-type]
    return JsonResponse(_state(row))


@login_required
@require_POST
def complete(request: HttpRequest, uuid: uuids.UUID, upload: uuids.UUID) -> HttpResponse:
    """For the script, and for the button of a file that waits for nothing but its kind (``from=page``)."""
    answer = _complete(request, uuid, upload)
    if request.POST.get("from") != "page":
        return answer
    said = json.loads(answer.content)
    if answer.status_code == 200:
        messages.success(request, f"已上传“{said['name']}”。")
    else:
        messages.error(request, said["message"])
    return redirect("applications:section", uuid, "evidence")


@answers_in_json
def _complete(request: HttpRequest, uuid: uuids.UUID, upload: uuids.UUID) -> HttpResponse:
    """The same checks and the same action as the plain form; pressed twice, the same answer."""
    desk = _desk(request, uuid)
    row = _upload(desk, upload)
    if row.refused:
        raise Refusal(row.refused, "not_accepted")
    if row.completed_at is None:
        if not row.is_complete:
            raise actions.WrongOffset(row.received)
        if desk.refusal is not None:
            raise desk.refusal
        kind = kind_in(request.POST) or row.kind
        try:
            with actions.assembled(row) as whole:
                item = intake.take(desk.application, whole, row.name, actor=request.user, kind=kind, upload=row)  # type: ignore[arg-type]
        except ValueError as error:
            actions.refuse(row, str(error))
            raise Refusal(str(error), "not_accepted") from error
        except Refusal as refusal:
            if refusal.code == "duplicate":
                actions.refuse(row, refusal.message)
            raise
        actions.drop_bytes(row)
    else:
        item = row.evidence  # type: ignore[assignment]  # None when it was deleted since
    return JsonResponse(_state(row, evidence=str(item.uuid) if item else None, name=item.name if item else row.name))


@login_required
@require_POST
def discard(request: HttpRequest, uuid: uuids.UUID, upload: uuids.UUID) -> HttpResponse:
    """放弃, from the page's script or from its plain button."""
    desk = _desk(request, uuid)
    row = _upload(desk, upload)
    try:
        actions.discard(row, actor=request.user)  # type: ignore[arg-type]
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({})
    messages.success(request, f"已放弃“{row.name}”的上传。")
    return redirect(desk.section_url("evidence"))
