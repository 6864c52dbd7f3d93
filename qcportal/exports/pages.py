"""导出与台账: choose a list, get a file; what was exported by whom; downloads that can go on."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications.admin.queue_filter import Filter
from qcportal import files, jobs
from qcportal.adminsite import PROGRAMME
from qcportal.errors import NotAllowed, Refusal
from qcportal.exports import actions
from qcportal.exports.books import pages as book_pages
from qcportal.exports.forms import ArchiveForm, FilteredForm, ListForm, PageForm, chosen, newest_programme
from qcportal.exports.scope import CHOSEN_AT_MOST, Scope
from qcportal.exports.trail.forms import ReadsForm, SearchForm, filters_of
from qcportal.models import Export, ExportPiece, ExportState, OutboxMessage, OutboxState
from qcportal.roles import Role, has_role

PER_PAGE = 30
WATCH_SECONDS = 5


@require_http_methods(["GET", "HEAD", "POST"])
def exports(request: HttpRequest) -> HttpResponse:
    """GET shows what can be exported and what was; POST asks for one. The page comes again by itself only after
    something was asked for that takes longer (``?watch=1``): a form half filled in is never taken away."""
    if request.method == "POST":
        step = request.POST.get("step", "")
        return {"archive": _archive, "page": _of_page}.get(step, _list)(request)
    year = newest_programme()
    form = ListForm(
        user=request.user, initial={"programme": year, "format": "xlsx", "kind": "applications"}  # type: ignore[arg-type]
    )  # fmt: skip
    return _page(request, form, ArchiveForm(initial={"programme": year}, auto_id="archive_%s"))


def _page(request: HttpRequest, form: ListForm, archive_form: ArchiveForm) -> HttpResponse:
    page = Paginator(Export.objects.for_list(), PER_PAGE).get_page(request.GET.get("page"))
    waiting = [row for row in page if row.state == ExportState.WAITING]
    dead = _dead(waiting)
    context = {
        **admin.site.each_context(request),
        "title": "导出与台账",
        "form": form,
        "archive_form": archive_form,
        "page": page,
        "lines": [_line(row, dead, request) for row in page],
        "days": actions.days_kept(),
        "may_archive": has_role(request.user, Role.SECRETARIAT),
    }
    answer = render(request, "admin/exports/list.html", context)
    if "watch" in request.GET and any(row.pk not in dead for row in waiting):
        answer["Refresh"] = str(WATCH_SECONDS)
    return answer


def _dead(waiting: list[Export]) -> set[int]:
    """Whose building failed for good: a person must look (后台事项)."""
    keys = {f"export:{row.uuid}": row.pk for row in waiting}
    rows = OutboxMessage.objects.filter(key__in=keys, state=OutboxState.DEAD) if keys else []
    return {keys[row.key] for row in rows}


def _line(row: Export, dead: set[int], request: HttpRequest) -> dict[str, Any]:
    state = ExportState.FAILED if row.pk in dead else ExportState(row.state)
    chips = {
        ExportState.WAITING: ("grey", "clock"), ExportState.DONE: ("tint", "check"),
        ExportState.FAILED: ("red", "alert"), ExportState.EXPIRED: ("outline", "archive"),
    }  # fmt: skip
    kind, icon = chips[state]
    return {
        "row": row,
        "chip": {"kind": kind, "icon": icon, "word": state.label},
        "progress": jobs.read(actions.job_of(row)) if state == ExportState.WAITING else None,
        "may_download": state == ExportState.DONE and actions.may_download(row, request.user),  # type: ignore[arg-type]
    }


def _list(request: HttpRequest) -> HttpResponse:
    form = ListForm(request.POST, user=request.user)  # type: ignore[arg-type]
    if form.is_valid():
        values = form.cleaned_data
        unmasked = values["unmasked"] and values["kind"] == "contacts"
        scope = form.scope(unmasked=unmasked)
        try:
            export = actions.ask(
                values["kind"], scope, actor=request.user, file_format=values["format"], reason=values["reason"]  # type: ignore[arg-type]
            )  # fmt: skip
            return _told(request, export)
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except Refusal as refusal:
            form.add_error(refusal.code if refusal.code in form.fields else None, refusal.message)
    return _page(request, form, ArchiveForm(initial={"programme": newest_programme()}, auto_id="archive_%s"))


def _archive(request: HttpRequest) -> HttpResponse:
    form = ArchiveForm(request.POST, auto_id="archive_%s")
    if form.is_valid():
        try:
            scope = Scope(programme=form.cleaned_data["programme"])
            return _told(
                request, actions.ask_for_archive(scope, actor=request.user, reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
            )  # fmt: skip
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except Refusal as refusal:
            form.add_error(refusal.code if refusal.code in form.fields else None, refusal.message)
    elif not has_role(request.user, Role.SECRETARIAT):
        raise PermissionDenied
    empty = ListForm(user=request.user, initial={"programme": newest_programme(), "format": "xlsx"})  # type: ignore[arg-type]
    return _page(request, empty, form)


def _of_page(request: HttpRequest) -> HttpResponse:
    """The rows of a book or of a search, with the conditions of its address."""
    form = PageForm(request.POST)
    if not form.is_valid():
        messages.error(request, "没有识别到要导出的内容，请从台账页面再试。")
        return redirect("admin:exports")
    kind = form.cleaned_data["kind"]
    try:
        export = actions.ask(
            kind, scope_of(kind, form.cleaned_data["query"]), actor=request.user,  # type: ignore[arg-type]
            file_format=form.cleaned_data["format"],
        )  # fmt: skip
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("admin:exports")
    return _told(request, export)


def scope_of(kind: str, query: str) -> Scope:
    """Conditions are read by the form of their own page; what it would refuse is left out."""
    data = QueryDict(query)
    if kind in ("trail", "reads"):
        asked = SearchForm(data) if kind == "trail" else ReadsForm(data)
        return Scope(filters=filters_of(asked) if asked.is_valid() else {})
    form = book_pages.FORMS[kind](chosen(data, newest_programme()))
    return form.scope() if form.is_valid() else Scope(programme=newest_programme())


def _told(request: HttpRequest, export: Export) -> HttpResponse:
    if export.state == ExportState.DONE:
        messages.success(request, f"“{export}”已生成，共 {export.rows} 行，可在下面下载。")
        return redirect(reverse("admin:exports") + "#built")
    messages.info(request, f"“{export}”正在后台生成，完成后可在下面下载。")
    return redirect(reverse("admin:exports") + "?watch=1#built")


@require_safe
def download(request: HttpRequest, uuid: UUID, number: int) -> HttpResponse:
    """The file, whole or from where a broken download stopped (Range). Every download is audited."""
    rows = ExportPiece.objects.select_related("export", "file").defer("entries")
    piece = get_object_or_404(rows, export__uuid=uuid, number=number)
    if not actions.may_download(piece.export, request.user):  # type: ignore[arg-type]
        raise PermissionDenied
    if piece.file is None or piece.export.state != ExportState.DONE:
        raise Http404
    wanted = request.headers.get("Range", "")
    if request.method == "GET":
        goes_on = bool(wanted) and not wanted.replace(" ", "").startswith("bytes=0-")
        actions.record_download(piece, actor=request.user, goes_on=goes_on)  # type: ignore[arg-type]
    return files.response(piece.file, piece.name, download=True, wanted=wanted)  # type: ignore[return-value]


@require_http_methods(["GET", "HEAD", "POST"])
def filtered(request: HttpRequest) -> HttpResponse:
    """导出筛选结果: what the list of applications shows under the conditions of this very address."""
    keys = Filter(request.GET, request.user).in_order().values_list("pk", flat=True)  # type: ignore[arg-type]
    form = FilteredForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        scope = Scope(chosen=tuple(keys[:CHOSEN_AT_MOST]))
        try:
            export = actions.ask("applications", scope, actor=request.user, file_format=form.cleaned_data["format"])  # type: ignore[arg-type]
            return _told(request, export)
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
    context = {
        **admin.site.each_context(request),
        "title": "导出筛选结果",
        "form": form,
        "count": keys.count(),
        "back": f"{reverse('admin:applications_application_changelist')}?{request.GET.urlencode()}",
    }
    return render(request, "admin/exports/filtered.html", context)


admin.site.add_page(  # type: ignore[attr-defined]
    "exports/", exports, name="exports", title="导出与台账", group=PROGRAMME, order=90, icon="download"
)
admin.site.add_page("exports/filtered/", filtered, name="exports_filtered", title="", group=PROGRAMME)  # type: ignore[attr-defined]
admin.site.add_page(  # type: ignore[attr-defined]
    "exports/<uuid:uuid>/<int:number>/", download, name="export_file", title="", group=PROGRAMME
)
