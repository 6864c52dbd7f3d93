"""The files of the check page: the original, one page as a picture, and a viewer that needs no script."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from applications import previews
from applications.admin import check_files
from applications.models import Application, Submission
from applications.views.previews import RETRY_SECONDS, picture
from qcportal import files
from qcportal.models import StoredFile
from qcportal.roles import Role, has_role

TURNS, ZOOMS = (0, 90, 180, 270), (1, 2, 3)


def _found(request: HttpRequest, pk: int, submission: int, sha256: str) -> tuple[Submission, str, StoredFile]:
    """404 unless the file belongs to this version, its paper or its enterprise."""
    rows = Submission.objects.select_related("report_version", "application__enterprise", "application__round")
    visible = Application.objects.visible_to(request.user)  # type: ignore[arg-type]
    row = get_object_or_404(rows, pk=submission, application__in=visible.filter(pk=pk))
    name = check_files.name_in(row.application, row, sha256)
    if name is None:
        raise Http404
    return row, name, get_object_or_404(StoredFile, pk=sha256)


@require_safe
def file(request: HttpRequest, pk: int, submission: int, sha256: str) -> HttpResponse:
    """A file exactly as it was submitted with that version, whatever happened to the working copy since."""
    _row, name, stored = _found(request, pk, submission, sha256)
    return files.response(stored, name)


@require_safe
def page_image(request: HttpRequest, pk: int, submission: int, sha256: str, number: int, size: str) -> HttpResponse:
    """One page; 404 with Retry-After while a worker still draws it, 410 when it cannot be drawn."""
    _row, _name, stored = _found(request, pk, submission, sha256)
    state = _state(stored, number)
    if state == previews.READY:
        return picture(request, stored, number, size)
    answer = HttpResponse(status=404 if state == previews.PENDING else 410)
    answer["Cache-Control"] = "no-store"
    if state == previews.PENDING:
        answer["Retry-After"] = str(RETRY_SECONDS)
    return answer


def _state(stored: StoredFile, number: int) -> str:
    """What is missing is asked for, once."""
    shown = previews.of_files([stored])[stored.pk]
    if shown.state in {previews.NONE, previews.FAILED} or (shown.pages and not 1 <= number <= shown.pages):
        return previews.FAILED
    if shown.state == previews.PENDING:
        given_up = previews.ask_missing([stored], {stored.pk: shown})
        return previews.FAILED if given_up else previews.PENDING
    state = previews.page_of(stored, number).state
    if state == previews.PENDING:
        previews.ask(stored, number)
    return state


@require_safe
def view(request: HttpRequest, pk: int, submission: int, sha256: str) -> HttpResponse:
    """?page=, ?turn=, ?zoom= and ?other= with ?other_page= for a second file beside it: all of it plain links."""
    row, _name, _stored = _found(request, pk, submission, sha256)
    shown = check_files.of_version(row.application, row)
    asked = request.GET
    main = _pane(shown, sha256, asked.get("page", ""), asked.get("turn", ""), asked.get("zoom", ""))
    other = _pane(shown, asked.get("other", ""), asked.get("other_page", ""), "", "")
    context = {
        **admin.site.each_context(request),
        "title": main["file"].name if main else "",
        "opts": Application._meta,
        "application": row.application,
        "submission": row,
        "files": shown,
        "panes": [pane for pane in (main, other) if pane],
        "main": main,
        "other": other,
        "may_edit": has_role(request.user, Role.SECRETARIAT),
    }
    answer = render(request, "admin/applications/application/view.html", context)
    if any(pane["state"] == previews.PENDING for pane in context["panes"]):
        answer["Refresh"] = str(RETRY_SECONDS)
    return answer


def _pane(shown: list[check_files.Shown], sha256: str, page: str, turn: str, zoom: str) -> dict[str, Any] | None:
    found = next((one for one in shown if one.sha256 == sha256), None)
    if found is None:
        return None
    number = min(max(int(page) if page.isdigit() and len(page) < 6 else 1, 1), found.pages or 1)
    state = _state(StoredFile.objects.get(pk=sha256), number) if found.state != previews.NONE else previews.NONE
    turned = int(turn) if turn.isdigit() and int(turn) in TURNS else 0
    return {
        "file": found,
        "number": number,
        "state": state,
        "image": found.links["image"].replace("/0/", f"/{number}/"),
        "turn": turned,
        "next_turn": (turned + 90) % 360,
        "zoom": int(zoom) if zoom.isdigit() and int(zoom) in ZOOMS else 1,
        "remarks": [one for one in found.remarks if one["page"] in (None, number)],
        "before": number - 1,
        "after": number + 1 if number < (found.pages or 1) else 0,
    }
