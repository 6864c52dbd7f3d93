"""年度材料: the overview, attachment 2 and attachment 3 of one enterprise and programme."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import report_gate, report_progress
from applications.actions import reports
from applications.actions.enterprises import StaleEdit
from applications.forms.conflicts import Conflict, conflicts_of, with_version
from applications.forms.reports import SUMMARY_LENGTH, StatisticsForm, SummaryForm
from applications.models import AnnualReport, Membership, Programme
from applications.sections import REPORT_STATISTICS, REPORT_SUMMARY
from applications.views.members import membership_or_404
from applications.views.statistics_rows import as_typed, computed_rates, summed_benefit, table_of
from qcportal import clock, files
from qcportal.errors import NotAllowed, Refusal


class Desk:
    """What the three pages share: whose report of which year it is, and whether this part may be changed now."""

    def __init__(self, request: HttpRequest, year: int, part: str) -> None:
        self.membership: Membership = membership_or_404(request)
        self.enterprise = self.membership.enterprise
        self.programme = get_object_or_404(Programme.objects.published(), year=year)
        mine = AnnualReport.objects.filter(enterprise=self.enterprise).select_related("summary_file", "updated_by")
        found = {row.programme_id: row for row in mine.filter(programme__year__in=[year, year - 1])}
        self.stored = found.pop(self.programme.pk, None)
        self.last_year = next(iter(found.values()), None)
        self.report = self.stored or AnnualReport(enterprise=self.enterprise, programme=self.programme)
        self.part = part
        self.gate = report_gate.gate(self.enterprise, self.programme, clock.now())
        self.refusal = self.gate.refusal
        if part and self.refusal is None and part not in self.gate.parts:
            self.refusal = Refusal("本次补正未开放这一部分，如需修改请联系秘书处。", "part_closed")
        if request.method == "POST" and not self.membership.manages:
            raise PermissionDenied

    @property
    def editable(self) -> bool:
        return self.membership.manages and self.refusal is None

    def context(self, **more: Any) -> dict[str, Any]:
        version = self.stored.versions.order_by("-version").first() if self.stored else None
        return {
            "membership": self.membership,
            "enterprise": self.enterprise,
            "programme": self.programme,
            "report": self.report,
            "stored": self.stored,
            "version": version,
            "next_version": version.version + 1 if version else None,
            "editable": self.editable,
            "refusal": self.refusal,
            "until": clock.half_open_label(self.gate.until) if self.gate.until else "",
            "section": "report",
            **more,
        }


def lock(form: forms.Form) -> None:
    """A form that is only looked at."""
    for field in form.fields.values():
        field.disabled = True


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


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def summary(request: HttpRequest, year: int) -> HttpResponse:
    desk = Desk(request, year, REPORT_SUMMARY)
    if request.method == "POST":
        return _save_summary(request, desk)
    initial = {name: getattr(desk.report, name) for name in reports.SUMMARY_FIELDS}
    form = SummaryForm(initial={**initial, "seen_version": desk.report.edit_version})
    return _summary_page(request, desk, form)


def _summary_page(
    request: HttpRequest, desk: Desk, form: SummaryForm, conflicts: list[Conflict] | None = None
) -> HttpResponse:
    if not desk.editable:
        lock(form)
    context = desk.context(
        form=form,
        conflicts=conflicts or [],
        guided=[form[name] for name in reports.SUMMARY_FIELDS],
        limit=SUMMARY_LENGTH,
        characters=report_progress.characters(desk.report),
    )
    return render(request, "applications/report_summary.html", context)


def _save_summary(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = SummaryForm(request.POST, request.FILES)
    valid = form.is_valid()
    values = {name: form.cleaned_data[name] for name in reports.SUMMARY_FIELDS if name in form.cleaned_data}
    try:
        reports.save_summary(
            desk.enterprise,
            desk.programme,
            actor=request.user,  # type: ignore[arg-type]
            values=values,
            seen_version=form.cleaned_data.get("seen_version", 0),
            document=_document(form) if desk.editable else None,
        )
    except StaleEdit as stale:
        again = SummaryForm(with_version(request.POST, stale.current.edit_version))
        stored = {name: getattr(stale.current, name) for name in values}
        return _summary_page(request, desk, again, conflicts_of(again, stored, values))
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return _summary_page(request, desk, form)
    if not valid:
        return _summary_page(request, Desk(request, desk.programme.year, REPORT_SUMMARY), _on_stored(form, desk))
    messages.success(request, "附件 2 草稿已保存。")
    return redirect(_next(request, "applications:report_summary"), year=desk.programme.year)


def _document(form: SummaryForm) -> reports.SummaryFile | None:
    checked = form.cleaned_data.get("document")
    if checked is not None:
        stored = files.store(checked.stream, checked.content_type)
        return reports.SummaryFile(stored, checked.name, checked.pages)
    return reports.SummaryFile(None) if form.cleaned_data.get("remove_document") else None


def _on_stored(form: Any, desk: Desk) -> Any:
    """The same entries with their errors, on top of what was just stored."""
    version = AnnualReport.objects.values_list("edit_version", flat=True).get(
        enterprise=desk.enterprise, programme=desk.programme
    )
    form.data = with_version(form.data, version)
    return form


def _next(request: HttpRequest, stay: str) -> str:
    return "applications:report" if "finish" in request.POST else stay


@login_required
@require_safe
def document(request: HttpRequest, year: int) -> FileResponse:
    report = Desk(request, year, "").report
    if report.summary_file is None:
        raise Http404
    return files.response(report.summary_file, report.summary_file_name)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def statistics_table(request: HttpRequest, year: int) -> HttpResponse:
    desk = Desk(request, year, REPORT_STATISTICS)
    if request.method == "POST":
        return _save_statistics(request, desk)
    initial = {name: getattr(desk.report, name) for name in reports.STATISTICS_FIELDS}
    form = StatisticsForm(initial={**initial, "seen_version": desk.report.edit_version})
    return _statistics_page(request, desk, form)


def _statistics_page(
    request: HttpRequest, desk: Desk, form: StatisticsForm, conflicts: list[Conflict] | None = None
) -> HttpResponse:
    if not desk.editable:
        lock(form)
    groups = table_of(form, desk.report, desk.last_year)
    rows = [row for group in groups for row in group.rows]
    context = desk.context(
        form=form,
        conflicts=conflicts or [],
        groups=groups,
        errors=[row for row in rows if row.state == "error"],
        warnings=[row for row in rows if row.state == "warning"],
        rates=computed_rates(desk.report, desk.last_year, form.errors if form.is_bound else ()),
        last_year=desk.last_year,
        benefit=summed_benefit(desk.enterprise, desk.programme),
    )
    return render(request, "applications/report_statistics.html", context)


@login_required
@require_POST
def statistics_check(request: HttpRequest, year: int) -> JsonResponse:
    """What the page would say of the entries as typed; nothing is stored. Asked by the grid while one types."""
    desk = Desk(request, year, REPORT_STATISTICS)
    form = StatisticsForm(request.POST)
    form.is_valid()
    typed = as_typed(form, desk.report)
    rows = [row for group in table_of(form, typed, desk.last_year) for row in group.rows]
    rates = computed_rates(typed, desk.last_year, form.errors)
    return JsonResponse(
        {
            "rows": {
                row.row.field: {
                    "state": row.state,
                    "notes": [note._asdict() for note in row.notes],
                    "change": row.change,
                    "echo": row.echo,
                }
                for row in rows
            },
            "rates": {
                rate.field: {"value": rate.value, "numbers": rate.numbers, "odd": rate.odd, "refused": rate.refused}
                for rate in rates
            },
        }
    )


def _save_statistics(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every entry of the right type is saved; the others come back with their errors."""
    form = StatisticsForm(_with_fix(request.POST))
    valid = form.is_valid()
    values = {name: form.cleaned_data[name] for name in reports.STATISTICS_FIELDS if name in form.cleaned_data}
    try:
        reports.save_statistics(
            desk.enterprise,
            desk.programme,
            actor=request.user,  # type: ignore[arg-type]
            values=values,
            seen_version=form.cleaned_data.get("seen_version", 0),
        )
    except StaleEdit as stale:
        again = StatisticsForm(with_version(form.data, stale.current.edit_version))
        stored = {name: getattr(stale.current, name) for name in values}
        return _statistics_page(request, desk, again, conflicts_of(again, stored, values))
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return _statistics_page(request, desk, form)
    if not valid:
        return _statistics_page(request, Desk(request, desk.programme.year, REPORT_STATISTICS), _on_stored(form, desk))
    messages.success(request, "附件 3 草稿已保存。")
    return redirect(_next(request, "applications:report_statistics"), year=desk.programme.year)


def _with_fix(posted: QueryDict) -> QueryDict:
    """A repair button is a submit button named ``fix`` with ``field:value``: the value goes through the form."""
    field, _, value = posted.get("fix", "").partition(":")
    if field not in StatisticsForm().fields or field == "seen_version":
        return posted
    data = posted.copy()
    data[field] = value
    return data
