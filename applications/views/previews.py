"""Pages of evidence as pictures: the viewer, one picture, and what is ready so far. For all who may see the filing."""

import uuid as uuids
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from applications import previews
from applications.models import Application, Evidence
from applications.views.filing_desk import Desk
from qcportal.models import StoredFile, User

SECONDS = 300  # a private copy may be shown again for so long; then the right is asked for again, and 304 answers
RETRY_SECONDS = 3


def picture(request: HttpRequest, stored: StoredFile, number: int, size: str) -> HttpResponse:
    """The JPEG of one page, 404 until it is there. The caller has checked who asks."""
    tag = f'"{stored.pk[:32]}-{previews.VERSION}-{number}-{size}"'
    if request.headers.get("If-None-Match") == tag:
        answer: HttpResponse = HttpResponseNotModified()
    else:
        content = previews.image(stored, number, size) if size in previews.SIZES else None
        if content is None:
            raise Http404
        answer = HttpResponse(content, content_type="image/jpeg")
    answer["ETag"] = tag
    answer["Cache-Control"] = f"private, max-age={SECONDS}"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


@login_required
@require_safe
def image(request: HttpRequest, uuid: uuids.UUID, item: uuids.UUID, number: int, size: str) -> HttpResponse:
    application = get_object_or_404(Application.objects.visible_to(_user(request)), uuid=uuid)
    found = get_object_or_404(Evidence.objects.select_related("file"), application=application, uuid=item)
    return picture(request, found.file, number, size)


@login_required
@require_safe
def states(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """What the page asks every few seconds while something is missing; what nobody asked for yet, it has made."""
    application = get_object_or_404(Application.objects.visible_to(_user(request)), uuid=uuid)
    items = list(application.evidence.select_related("file"))
    stored = [item.file for item in items]
    shown = previews.of_files(stored)
    given_up = previews.ask_missing(stored, shown)
    answer = JsonResponse({"items": [_row(application, item, shown[item.file_id], given_up) for item in items]})
    answer["Cache-Control"] = "no-store"
    return answer


def _row(application: Application, item: Evidence, shown: previews.Shown, given_up: set[str]) -> dict[str, Any]:
    state = previews.FAILED if item.file_id in given_up else shown.state
    return {
        "item": str(item.uuid), "state": state, "pages": shown.pages,
        "image": image_url(application, item, 1, previews.THUMB) if state == previews.READY else "",
    }  # fmt: skip


def image_url(application: Application, item: Evidence, number: int, size: str) -> str:
    return reverse("applications:evidence_image", args=[application.uuid, item.uuid, number, size])


@login_required
@require_safe
def viewer(request: HttpRequest, uuid: uuids.UUID, item: uuids.UUID) -> HttpResponse:
    """One page of one file, large, with the pages and files before and after it."""
    desk = Desk(request, uuid)
    items = list(desk.application.evidence.all())
    place = next((number for number, one in enumerate(items) if one.uuid == item), None)
    if place is None:
        raise Http404
    found = items[place]
    shown = previews.of_files([found.file])[found.file_id]
    total = shown.pages or found.pages or 1
    wanted = request.GET.get("page", "1")
    number = min(max(int(wanted) if wanted.isdigit() and len(wanted) < 6 else 1, 1), total)
    page = previews.page_of(found.file, number) if shown.state != previews.NONE else None
    if page is not None and page.state == previews.PENDING and shown.state != previews.FAILED:
        previews.ask(found.file, number)
    waiting = page is not None and page.state == previews.PENDING and shown.state != previews.FAILED
    context = desk.context(
        item=found,
        kind_label=desk.application.fields.evidence_kind(found.kind),
        number=number,
        total=total,
        numbers=range(1, total + 1),
        page=page if page is not None and page.state == previews.READY else None,
        image=image_url(desk.application, found, number, previews.PAGE),
        waiting=waiting,
        has_preview=shown.state != previews.NONE,
        before=items[place - 1] if place else None,
        after=items[place + 1] if place + 1 < len(items) else None,
        place=place + 1,
        count=len(items),
    )
    answer = render(request, "applications/evidence_view.html", context)
    if waiting:
        answer["Refresh"] = str(RETRY_SECONDS)  # also without script
    return answer


def _user(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]
