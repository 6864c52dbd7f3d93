"""年度材料: the overview, attachment 2 and attachment 3 of one enterprise and programme."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import check_keys, guidance, last_year, report_gate, report_keys, report_progress
from applications.actions import explaining, reports
from applications.actions.enterprises import StaleEdit
from applications.forms.conflicts import CHOICE, THEIRS, Conflict, chosen, conflicts_of, entries, seen_of, with_version
from applications.forms.reports import SUMMARY_LENGTH, StatisticsForm, SummaryForm
from applications.merging import digest, plain
from applications.models import AnnualReport, Membership, Programme
from applications.models.confirming import REASON_MAX
from applications.report_keys import DOCUMENT, DOCUMENT_INPUT, REPORT_STATISTICS, REPORT_SUMMARY
from applications.views import onward
from applications.views.draft_page import (
    TAB_LENGTH,
    DraftPage,
    completed,
    digests,
    draft_page,
    page_key,
    restored_entries,
)
from applications.views.filing_desk import label_of, report_url
from applications.views.members import membership_or_404
from applications.views.statistics_rows import Reasons, as_typed, computed_rates, summed_benefit, table_of
from qcportal import clock, files, kept
from qcportal.errors import NotAllowed, Refusal

FORMS: dict[str, type[forms.Form]] = {REPORT_SUMMARY: SummaryForm, REPORT_STATISTICS: StatisticsForm}
FIELDS = {REPORT_SUMMARY: reports.SUMMARY_FIELDS, REPORT_STATISTICS: reports.STATISTICS_FIELDS}


class Desk:
    """What the three pages share: whose report of which year it is, and whether this part may be changed now."""

    def __init__(self, request: HttpRequest, year: int, part: str) -> None:
        self.membership: Membership = membership_or_404(request)
        self.enterprise = self.membership.enterprise
        self.programme = get_object_or_404(Programme.objects.published(), year=year)
        mine = AnnualReport.objects.filter(enterprise=self.enterprise, programme__year__in=[year, year - 1])
        found = {row.programme_id: row for row in mine.select_related("summary_file", "updated_by", "programme")}
        self.stored = found.pop(self.programme.pk, None)
        self.last_year, self.last_year_version = last_year.compared(next(iter(found.values()), None))
        self.report = self.stored or AnnualReport(enterprise=self.enterprise, programme=self.programme)
        self.part = part
        self.gate = report_gate.gate(self.enterprise, self.programme, clock.now())
        self.refusal = self.gate.refusal_for(part) if part else self.gate.refusal
        if request.method == "POST" and not self.membership.manages:
            raise PermissionDenied

    @property
    def editable(self) -> bool:
        return self.membership.manages and self.refusal is None

    @property
    def open_names(self) -> list[str]:
        """The fields of this part that may be changed now, by anybody who may."""
        return list(self.gate.opened(self.names)) if self.refusal is None else []

    @property
    def names(self) -> tuple[str, ...]:
        """The fields of this part that this year's programme asks for."""
        fields = self.programme.fields
        return tuple(name for name in FIELDS[self.part] if not fields.hidden(report_keys.KEYS[name]))

    def form(self, *args: Any, **kwargs: Any) -> Any:
        return FORMS[self.part](*args, wanted=self.programme.fields, **kwargs)

    @property
    def places(self) -> list[tuple[str, str]]:
        """What a return opened, with links; nothing while everything is open."""
        keys = check_keys.in_order(set(self.gate.keys or ()))
        return [(label_of(key, self.programme.fields), report_url(self.programme.year, key)) for key in keys]

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
            "places": self.places,
            "until": clock.half_open_label(self.gate.until) if self.gate.until else "",
            "section": "report",
            "onward": onward.after_report(self.enterprise, self.programme, self.part) if self.editable else None,
            **more,
        }


def draft_key(desk: Desk) -> str:
    return page_key(desk.part, desk.enterprise.uuid, desk.programme.year)


def _draft(request: HttpRequest, desk: Desk, **more: Any) -> DraftPage:
    names = tuple(desk.open_names) if desk.editable else ()
    shown = (*names, DOCUMENT) if desk.part == REPORT_SUMMARY and desk.editable and desk.gate.opens(DOCUMENT) else names
    seen = {**digests({name: getattr(desk.report, name) for name in shown}), **more.pop("seen", {})}
    kind = desk.part.removeprefix("report.")
    url = reverse(f"applications:autosave_{kind}", args=[desk.programme.year]) if shown else ""
    return draft_page(request, draft_key(desk), desk.enterprise.pk, url=url, seen=seen, **more)


def _restored(request: HttpRequest, desk: Desk) -> tuple[QueryDict | None, dict[str, Any]]:
    """Entries that waited for the login, and what the page says about them."""
    typed = restored_entries(request, draft_key(desk)) if desk.editable else None
    if typed is None:
        return None, {}
    shown = seen_of(typed) or {}
    names = desk.open_names
    return typed, {"seen": {name: shown[name] for name in names if name in shown}, "unsaved": names, "restored": True}


def values_of(form: forms.Form, names: Iterable[str]) -> dict[str, Any]:
    return {name: plain(form.cleaned_data[name]) for name in names if name in form.cleaned_data}


def typed_form(desk: Desk, posted: Any, uploaded: Any = None) -> Any:
    """The form with what was posted; closed cells hold what is stored, whatever was posted for them."""
    if desk.gate.keys is not None and desk.refusal is None:
        posted = completed(posted, stored_form(desk), desk.open_names)
    return desk.form(posted, uploaded)


def shut(desk: Desk, form: forms.Form) -> None:
    """Cells that a return did not open can be read and copied, not changed."""
    for name in desk.names:
        if not desk.gate.opens(name):
            form.fields[name].shut = True  # type: ignore[attr-defined]
            form.fields[name].widget.attrs |= {"readonly": True, "data-shut": ""}


def _say_shut(request: HttpRequest, desk: Desk) -> None:
    """Somebody's page was older than the return, or the request was made by hand: nothing is lost without a word."""
    if desk.gate.keys is None or desk.refusal is not None:
        return
    form = desk.form(request.POST)
    form.is_valid()
    typed = values_of(form, [name for name in desk.names if not desk.gate.opens(name) and name in request.POST])
    labels = [str(form.fields[name].label) for name, value in typed.items() if getattr(desk.report, name) != value]
    if request.FILES.get(DOCUMENT_INPUT) and not desk.gate.opens(DOCUMENT):
        labels.append("总结文件")
    if labels:
        messages.warning(request, f"本次补正未开放“{'”“'.join(labels)}”，这些修改没有保存。")


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


@kept.login_keeping_entries
@require_http_methods(["GET", "HEAD", "POST"])
def summary(request: HttpRequest, year: int) -> HttpResponse:
    desk = Desk(request, year, REPORT_SUMMARY)
    if request.method == "POST":
        return _save_summary(request, desk)
    typed, more = _restored(request, desk)
    return _summary_page(request, desk, stored_form(desk) if typed is None else typed_form(desk, typed), **more)


def stored_form(desk: Desk) -> Any:
    initial = {name: getattr(desk.report, name) for name in desk.names}
    return desk.form(initial={**initial, "seen_version": desk.report.edit_version})


def _summary_page(
    request: HttpRequest, desk: Desk, form: SummaryForm, conflicts: list[Conflict] | None = None, **draft: Any
) -> HttpResponse:
    if not desk.editable:
        lock(form)
    else:
        shut(desk, form)
    guidance.attach(form, guidance.Guides(prefix="report."), prefix="report.", wanted=desk.programme.fields)
    carried = _draft(request, desk, **draft)
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
    _say_shut(request, desk)
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
        current, again, conflicts, draft = _choose(request, desk, form, stale, values, seen or {})
        return _summary_page(request, current, again, conflicts, **draft)
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return _summary_page(request, desk, form)
    kept.forget(request, draft_key(desk))
    if not valid:
        current, again = _again(request, desk, form)
        return _summary_page(request, current, again, unsaved=_refused(again))
    if "take" in request.POST:
        messages.success(request, "已带入上年的文字，请按今年的情况修改。")
        address = reverse("applications:report_summary", args=[desk.programme.year])
        return redirect(f"{address}#id_{request.POST['take']}")
    messages.success(request, "附件 2 草稿已保存。")
    return _after(request, desk, "applications:report_summary")


def _document(form: SummaryForm) -> reports.SummaryFile | None:
    checked = form.cleaned_data.get("document")
    if checked is not None:
        stored = files.store(checked.stream, checked.content_type)
        return reports.SummaryFile(stored, checked.name, checked.pages)
    return reports.SummaryFile(None) if form.cleaned_data.get("remove_document") else None


def _again(request: HttpRequest, desk: Desk, form: forms.Form) -> tuple[Desk, Any]:
    """The same entries with their errors, on top of what is stored now. Where the person chose the other's value,
    or had changed nothing, what is stored is shown: else the next save would carry an old value over a newer one."""
    current = Desk(request, desk.programme.year, desk.part)
    shown = seen_of(request.POST) or {}
    data = with_version(form.data, current.report.edit_version)
    for name, value in values_of(form, desk.names).items():
        if shown.get(name) == digest(value) or request.POST.get(CHOICE + name) == THEIRS:
            data.setlist(name, entries(form.fields[name], getattr(current.report, name)))
    form.data = data  # the errors stay, also those of a file, which nobody can post again
    return current, form


def _refused(form: forms.Form) -> list[str]:
    return [name for name in form.errors if name in form.fields and name != "document"]


def _choose(
    request: HttpRequest, desk: Desk, form: forms.Form, stale: StaleEdit, values: dict[str, Any], seen: dict[str, str]
) -> tuple[Desk, Any, list[Conflict], dict[str, Any]]:
    """The page again with everything that was typed, and a choice for each field that both sides changed."""
    current, again = _again(request, desk, form)
    stored = {name: getattr(stale.current, name) for name in values}
    left = [name for name in stale.fields or values if name in values and values[name] != stored[name]]
    if "summary_file" in stale.fields:
        messages.error(request, "他人刚刚换过总结文件，您选择的文件没有保存。请核对后重新选择文件。")
    draft = {"seen": {name: seen[name] for name in left if name in seen}, "unsaved": [*left, *_refused(again)]}
    return current, again, conflicts_of(again, left, stored, values), draft


def _after(request: HttpRequest, desk: Desk, stay: str) -> HttpResponse:
    """``finish`` leads on to what a filing still lacks, ``stay`` is the page itself."""
    if "finish" not in request.POST:
        return redirect(stay, year=desk.programme.year)
    return redirect(onward.after_report(desk.enterprise, desk.programme, desk.part).url)


@login_required
@require_safe
def document(request: HttpRequest, year: int) -> FileResponse:
    report = Desk(request, year, "").report
    if report.summary_file is None:
        raise Http404
    return files.response(report.summary_file, report.summary_file_name)


@kept.login_keeping_entries
@require_http_methods(["GET", "HEAD", "POST"])
def statistics_table(request: HttpRequest, year: int) -> HttpResponse:
    desk = Desk(request, year, REPORT_STATISTICS)
    if request.method == "POST":
        return _save_statistics(request, desk)
    typed, more = _restored(request, desk)
    return _statistics_page(request, desk, stored_form(desk) if typed is None else typed_form(desk, typed), **more)


def _statistics_page(
    request: HttpRequest,
    desk: Desk,
    form: StatisticsForm,
    conflicts: list[Conflict] | None = None,
    *,
    reason_errors: dict[str, str] | None = None,
    **draft: Any,
) -> HttpResponse:
    if not desk.editable:
        lock(form)
    else:
        shut(desk, form)
    carried = _draft(request, desk, **draft)
    typed = {code: given.reason for code, given in given_reasons(request.POST).items()}
    groups = table_of(form, desk.report, desk.last_year, Reasons(desk.report, typed, reason_errors or {}))
    rows = [row for group in groups for row in group.rows]
    context = desk.context(
        form=form,
        conflicts=conflicts or [],
        draft=carried,
        groups=groups,
        errors=[row for row in rows if row.state == "error"],
        warnings=[row for row in rows if row.state == "warning" and not row.explained],
        explained=sum(row.explained for row in rows),
        reason_errors=reason_errors or {},
        explaining_open=desk.membership.manages and desk.gate.refusal is None,
        reason_max=REASON_MAX,
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
    form = typed_form(desk, request.POST)
    form.is_valid()
    typed = as_typed(form, desk.report)
    rows = [row for group in table_of(form, typed, desk.last_year, Reasons(desk.report)) for row in group.rows]
    rates = computed_rates(typed, desk.last_year, form.errors)
    return JsonResponse(
        {
            "rows": {
                row.row.field: {
                    "state": row.state,
                    "explained": row.explained,
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
    form = typed_form(desk, _with_fix(request.POST))
    valid = form.is_valid()
    _say_shut(request, desk)
    values, seen = chosen(request.POST, values_of(form, desk.names), seen_of(request.POST))
    try:
        reports.save_statistics(
            desk.enterprise,
            desk.programme,
            actor=request.user,  # type: ignore[arg-type]
            values=values,
            seen_version=form.cleaned_data.get("seen_version") or 0,
            seen=seen,
            tab=request.POST.get("tab", "")[:TAB_LENGTH],
        )
        errors = explaining.confirm_report_warnings(
            desk.enterprise,
            desk.programme,
            actor=request.user,  # type: ignore[arg-type]
            reasons=given_reasons(request.POST),
        )
    except StaleEdit as stale:
        kept.forget(request, draft_key(desk))
        current, again, conflicts, draft = _choose(request, desk, form, stale, values, seen or {})
        return _statistics_page(request, current, again, conflicts, **draft)
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return _statistics_page(request, desk, form)
    kept.forget(request, draft_key(desk))
    if not valid:
        current, again = _again(request, desk, form)
        return _statistics_page(request, current, again, reason_errors=errors, unsaved=_refused(again))
    if errors:
        current = Desk(request, year=desk.programme.year, part=desk.part)
        messages.warning(request, f"数字已保存；有 {len(errors)} 条说明还没有保存，请看标出的地方。")
        return _statistics_page(request, current, stored_form(current), reason_errors=errors)
    messages.success(request, "附件 3 草稿已保存。")
    return _after(request, desk, "applications:report_statistics")


def given_reasons(posted: QueryDict) -> dict[str, explaining.Given]:
    """By code of the warning; the ready reason that was chosen, else what was written."""
    found = {}
    for name in posted:
        code = name.removeprefix("reason-")
        if code != name:
            reason = posted.get(f"ready-{code}", "").strip() or posted[name].strip()
            if reason:
                found[code] = explaining.Given(reason, posted.get(f"facts-{code}", ""))
    return found


@login_required
@require_POST
def statistics_explain(request: HttpRequest, year: int) -> JsonResponse:
    """已核实，原因 of single warnings while one types. Refused reasons come back with what is wrong with them."""
    desk = Desk(request, year, REPORT_STATISTICS)
    try:
        errors = explaining.confirm_report_warnings(
            desk.enterprise,
            desk.programme,
            actor=request.user,  # type: ignore[arg-type]
            reasons=given_reasons(request.POST),
        )
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        return JsonResponse({"error": refusal.code, "message": refusal.message}, status=409)
    return JsonResponse({"errors": errors, "changed": [code for code in errors if errors[code] == explaining.CHANGED]})


def _with_fix(posted: QueryDict) -> QueryDict:
    """A repair button is a submit button named ``fix`` with ``field:value``: the value goes through the form."""
    field, _, value = posted.get("fix", "").partition(":")
    if field not in StatisticsForm().fields or field == "seen_version":
        return posted
    data = posted.copy()
    data[field] = value
    return data
