"""Attachment 3 of one enterprise and programme: the grid, its live check, reasons for warnings."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from applications.actions import explaining, reports
from applications.actions.enterprises import StaleEdit
from applications.forms.conflicts import Conflict, chosen, seen_of
from applications.forms.reports import StatisticsForm
from applications.models.confirming import REASON_MAX
from applications.report_keys import REPORT_STATISTICS
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
from applications.views.statistics_rows import Reasons, as_typed, computed_rates, summed_benefit, table_of
from qcportal import kept
from qcportal.errors import NotAllowed, Refusal


@kept.login_keeping_entries
@require_http_methods(["GET", "HEAD", "POST"])
def statistics_table(request: HttpRequest, year: int) -> HttpResponse:
    desk = Desk(request, year, REPORT_STATISTICS)
    if request.method == "POST":
        return _save_statistics(request, desk)
    typed, more = restored(request, desk)
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
    carried = draft_of(request, desk, **draft)
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
    say_shut(request, desk)
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
        current, again, conflicts, draft = choose(request, desk, form, stale, values, seen or {})
        return _statistics_page(request, current, again, conflicts, **draft)
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return _statistics_page(request, desk, form)
    kept.forget(request, draft_key(desk))
    if not valid:
        current, again = page_again(request, desk, form)
        return _statistics_page(request, current, again, reason_errors=errors, unsaved=refused(again))
    if errors:
        current = Desk(request, year=desk.programme.year, part=desk.part)
        messages.warning(request, f"数字已保存；有 {len(errors)} 条说明还没有保存，请看标出的地方。")
        return _statistics_page(request, current, stored_form(current), reason_errors=errors)
    messages.success(request, "附件 3 草稿已保存。")
    return after(request, desk, "applications:report_statistics")


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
