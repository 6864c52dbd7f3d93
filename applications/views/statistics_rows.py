"""Attachment 3 as a page shows it: rows with last year's value, entry, findings and repairs; the computed rates."""

import copy
from collections.abc import Container, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from django.db.models import Sum
from django.forms import BoundField
from django.utils import timezone

from applications import completeness, explaining, statistics
from applications.forms.reports import StatisticsForm
from applications.models import AnnualReport, Application, Enterprise, Programme
from applications.report_progress import values_of
from applications.states import State

GROUPS = (
    ("人员与小组", ("1", "2", "3", "4", "5", "6", "7")),
    ("成果与效益", ("8", "9", "10")),
    ("培训与参与", ("14", "15", "16")),
    ("获奖", ("17", "18", "19")),
)
ECHO_FROM = 10_000  # below it nobody mistakes the unit
RATE_PARTS = {
    "result_rate": ("results_count", "groups_registered", "成果", "注册小组"),
    "participation_rate": ("participants", "employees", "参加", "职工总数"),
    "activity_rate": ("groups_active", "groups_registered", "活动小组", "注册小组"),
}


class Note(NamedTuple):
    level: str
    message: str
    fix: str = ""
    code: str = ""  # of a warning: what a reason is given for
    fingerprint: str = ""  # of the facts shown
    confirmed: bool = False
    stale: bool = False  # a reason is on record, but for other numbers
    reason: str = ""  # the one on record
    who: str = ""
    ready: tuple[str, ...] = ()
    typed: str = ""  # as the form came back with it
    error: str = ""

    @property
    def entry(self) -> str:
        return self.typed or (self.reason if self.confirmed else "")


class Reasons(NamedTuple):
    """What is known of the reasons for warnings: those on record, and those a form came back with."""

    report: AnnualReport
    typed: Mapping[str, str] = {}
    errors: Mapping[str, str] = {}


class TableRow(NamedTuple):
    row: statistics.Row
    field: BoundField
    last: str
    change: str  # against last year, in percent; "" where there is nothing to compare
    echo: str  # the number again as one reads it aloud: what catches a slip of units
    notes: list[Note]
    state: str  # "", "warning" or "error"
    explained: bool  # every warning has its reason


class Group(NamedTuple):
    title: str
    rows: list[TableRow]


class Rate(NamedTuple):
    field: str
    label: str
    value: Decimal | None
    last: Decimal | None
    numerator: str  # field names, for the script that computes along
    denominator: str
    formula: str
    numbers: str
    odd: bool
    refused: bool  # one of its numbers was typed wrongly and is not stored


def table_of(
    form: StatisticsForm, report: AnnualReport, last_year: AnnualReport | None, reasons: Reasons
) -> list[Group]:
    """Findings are those of what is stored; an entry that was refused shows its own error instead."""
    fields = report.programme.fields
    before = fields.masked(values_of(last_year)) if last_year else {}
    values = fields.masked(values_of(report))
    findings: dict[str, list[Note]] = {}
    for finding, note in zip(found := statistics.check(values, before), _notes(found, reasons), strict=True):
        findings.setdefault(finding.field, []).append(note)
    # The groups go by the numbers of the portal's own list; the rows by those of this year's.
    own = {row.number: row.field for row in statistics.ROWS}
    asked = {row.field: row for row in fields.statistics_rows()}
    groups = [
        Group(
            title,
            [_row(asked[own[number]], form, values, before, findings) for number in numbers if own[number] in asked],
        )
        for title, numbers in GROUPS
    ]
    return [group for group in groups if group.rows]


def _notes(findings: list[statistics.Finding], reasons: Reasons) -> list[Note]:
    """Each finding, a warning with the answer on record for the very facts."""
    asked = explaining.asked_of_report(reasons.report, [completeness.problem_of(one) for one in findings])
    answers = {one.problem.code: one for one in asked}
    notes = []
    worded = reasons.report.programme.fields.worded
    for finding in findings:
        note, one = Note(finding.level, worded(finding.message), finding.fix), answers.get(finding.code)
        if finding.level == "warning" and one is not None:
            note = note._replace(
                code=finding.code, fingerprint=one.problem.fingerprint, confirmed=one.confirmed, stale=one.stale,
                reason=one.reason, who=_who(one), ready=one.ready, typed=reasons.typed.get(finding.code, ""),
                error=reasons.errors.get(finding.code, ""),
            )  # fmt: skip
        notes.append(note)
    return notes


def _who(one: explaining.Asked) -> str:
    if one.confirmation is None:
        return ""
    at = timezone.localtime(one.confirmation.confirmed_at)
    return f"{one.confirmation.confirmed_by.name} {at.month}月{at.day}日"


def as_typed(form: StatisticsForm, report: AnnualReport) -> AnnualReport:
    """``report`` as it would be with the entries of a validated ``form``; a refused entry counts as empty."""
    typed = copy.copy(report)
    for name in statistics.FIELDS:
        setattr(typed, name, form.cleaned_data.get(name))
    return typed


def _row(
    row: statistics.Row,
    form: StatisticsForm,
    values: dict[str, Any],
    before: dict[str, Any],
    findings: dict[str, list[Note]],
) -> TableRow:
    bound = form[row.field]
    notes = [Note("error", str(message), form.fix_for(row.field)) for message in bound.errors]
    if not notes:
        notes = findings.get(row.field, [])
    state = next((level for level in ("error", "warning") if any(note.level == level for note in notes)), "")
    attrs = {"class": f"input number {'is-' + state if state else ''}".strip(), "data-field": row.field}
    if notes:
        help_id = f" {bound.auto_id}_helptext" if row.note else ""
        attrs |= {"aria-describedby": f"notes-{row.field}{help_id}"}
    if state == "error":
        attrs |= {"aria-invalid": "true"}
    bound.field.widget.attrs.update(attrs)
    explained = state == "warning" and all(note.confirmed for note in notes)
    now, last = values.get(row.field), before.get(row.field)
    return TableRow(row, bound, shown(row.field, last), change(now, last), echo(row, now), notes, state, explained)


def change(now: Any, before: Any) -> str:
    """+12.5% against last year; from 0 there is no percentage."""
    if now is None or not before:
        return ""
    percent = ((Decimal(now) - before) * 100 / before).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return "持平" if percent == 0 else f"{percent:+,f}%"


def echo(row: statistics.Row, value: Any) -> str:
    if value is None or value < ECHO_FROM:
        return ""
    if row.field in statistics.MONEY:
        return f"= {value:,.2f} 元"
    return f"= {format(statistics.to_wan(Decimal(value)) or 0, ',f')} 万{row.unit}"


def shown(field: str, value: Any) -> str:
    """With thousands separators; money in 万元 with two places at least."""
    if value is None:
        return ""
    return f"{statistics.to_wan(value):,f}" if field in statistics.MONEY else f"{value:,}"


def computed_rates(report: AnnualReport, last_year: AnnualReport | None, refused: Container[str] = ()) -> list[Rate]:
    values = values_of(report)
    now, before = statistics.rates(values), statistics.rates(values_of(last_year)) if last_year else {}
    found = []
    asked = {row.field: row for row in report.programme.fields.statistics_rows()}
    for field, (top, bottom, top_label, bottom_label) in RATE_PARTS.items():
        numbers = (
            f"{top_label} {shown(top, values[top]) or '—'} ÷ {bottom_label} {shown(bottom, values[bottom]) or '—'}"
        )
        row = asked[field]
        rate = now[field]
        wrong = top in refused or bottom in refused
        odd = rate is not None and rate > 100 and not wrong
        found.append(Rate(field, row.label, rate, before.get(field), top, bottom, row.note, numbers, odd, wrong))
    return found


class Benefit(NamedTuple):
    applications: int
    total: Decimal


def summed_benefit(enterprise: Enterprise, programme: Programme) -> Benefit:
    """What the filings of the year claim together, to hold against row 9."""
    rows = Application.objects.filter(enterprise=enterprise, round__programme=programme)
    rows = rows.exclude(state__in=[State.WITHDRAWN, State.LAPSED, State.REFUSED]).exclude(economic_benefit=None)
    total = rows.aggregate(total=Sum("economic_benefit"))["total"]
    return Benefit(rows.count(), total or Decimal(0))
