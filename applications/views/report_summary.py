"""年度材料: the overview, and attachment 2 of one enterprise and programme."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications import guidance, report_progress
from applications.actions import reports
from applications.actions.enterprises import StaleEdit
from applications.forms.conflicts import Conflict, chosen, seen_of
from applications.forms.reports import SUMMARY_LENGTH, SummaryForm
from applications.report_keys import DOCUMENT, REPORT_SUMMARY
from applications.views.draft_page import (
    TAB_LENGTH,
)
from applications.views.report_desk import (
    Desk,
    after,
    choose,
    draft_key,
    draft_of,
    lock,
    page_again,
    refused,
    restored,
    say_shut,
    shut,
    stored_form,
    typed_form,
    values_of,
)
from qcportal import files, kept
from qcportal.errors import NotAllowed, Refusal


@login_required
@require_safe
def overview(request: HttpRequest, year: int) -> HttpResponse:
    desk = Desk(request, year, "")
    context = desk.context(
        summary=report_progress.summary_progress(desk.stored),
        statistics=report_progress.statistics_progress(desk.stored, desk.last_year),
        versions=list(desk.stored.versions.order_by("-version")) if desk.stored else [],
    )
    return render(request, "applications/report.html", context)


@kept.login_keeping_entries
@require_http_methods(["GET", "HEAD", "POST"])
def summary(request: HttpRequest, year: int) -> HttpResponse:
    desk = Desk(request, year, REPORT_SUMMARY)
    if request.method == "POST":
        return _save_summary(request, desk)
    typed, more = restored(request, desk)
    return _summary_page(request, desk, stored_form(desk) if typed is None else typed_form(desk, typed), **more)


def _summary_page(
    request: HttpRequest, desk: Desk, form: SummaryForm, conflicts: list[Conflict] | None = None, **draft: Any
) -> HttpResponse:
    if not desk.editable:
        lock(form)
    else:
        shut(desk, form)
    guidance.attach(form, guidance.Guides(prefix="report."), prefix="report.", wanted=desk.programme.fields)
    carried = draft_of(request, desk, **draft)
    context = desk.context(
        form=form,
        conflicts=conflicts or [],
        draft=carried,
        guided=[(form[name], _last_text(desk, name)) for name in desk.names],
        last_year=desk.last_year,
        last_version=desk.last_year_version,
        document_open=desk.editable and desk.gate.opens(DOCUMENT),
        limit=SUMMARY_LENGTH,
        characters=report_progress.characters(desk.report),
    )
    return render(request, "applications/report_summary.html", context)


def _last_text(desk: Desk, name: str) -> str:
    return getattr(desk.last_year, name).strip() if desk.last_year else ""


def _with_last_text(posted: QueryDict, desk: Desk) -> QueryDict:
    """作为底稿 is a submit button named ``take``: last year's text into a part that is empty, never over another."""
    name = posted.get("take", "")
    if name not in desk.names or posted.get(name, "").strip():
        return posted
    data = posted.copy()
    data[name] = _last_text(desk, name)
    return data


def _save_summary(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = typed_form(desk, _with_last_text(request.POST, desk), request.FILES)
    valid = form.is_valid()
    say_shut(request, desk)
    values, seen = chosen(request.POST, values_of(form, desk.names), seen_of(request.POST))
    try:
        reports.save_summary(
            desk.enterprise,
            desk.programme,
            actor=request.user,  # type: ignore[arg-type]
            values=values,
            seen_version=form.cleaned_data.get("seen_version") or 0,
            seen=seen,
            tab=request.POST.get("tab", "")[:TAB_LENGTH],
            document=_document(form) if desk.editable and desk.gate.opens(DOCUMENT) else None,
        )
    except StaleEdit as stale:
        kept.forget(request, draft_key(desk))
        current, again, conflicts, draft = choose(request, desk, form, stale, values, seen or {})
        return _summary_page(request, current, again, conflicts, **draft)
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return _summary_page(request, desk, form)
    kept.forget(request, draft_key(desk))
    if not valid:
        current, again = page_again(request, desk, form)
        return _summary_page(request, current, again, unsaved=refused(again))
    if "take" in request.POST:
        messages.success(request, "已带入上年的文字，请按今年的情况修改。")
        address = reverse("applications:report_summary", args=[desk.programme.year])
        return redirect(f"{address}#id_{request.POST['take']}")
    messages.success(request, "附件 2 草稿已保存。")
    return after(request, desk, "applications:report_summary")


def _document(form: SummaryForm) -> reports.SummaryFile | None:
    checked = form.cleaned_data.get("document")
    if checked is not None:
        stored = files.store(checked.stream, checked.content_type)
        return reports.SummaryFile(stored, checked.name, checked.pages)
    return reports.SummaryFile(None) if form.cleaned_data.get("remove_document") else None


@login_required
@require_safe
def document(request: HttpRequest, year: int) -> FileResponse:
    report = Desk(request, year, "").report
    if report.summary_file is None:
        raise Http404
    return files.response(report.summary_file, report.summary_file_name)
