"""Where imported cells go: attachment 1 of an application, attachments 2 and 3 of a year.

Each destination cleans entries with the same forms that people type into, knows what is stored now, and writes
through the same rules as saving by hand. All three speak in keys of applications.sections and statistics.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from applications import gates, report_gate
from applications.actions import drafts, reports
from applications.actions.enterprises import StaleEdit, require_manager
from applications.forms.reports import StatisticsForm, SummaryForm
from applications.forms.sections import FORMS, AwardsForm, members_formset
from applications.imports.cells import Entry
from applications.imports.showing import shown, shown_statistic
from applications.models import AnnualReport, Application, Enterprise, Programme
from applications.sections import REPORT_STATISTICS, REPORT_SUMMARY, SECTIONS, is_open, section_of
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import User

SHUT = "本次补正未开放这一项。"
NOT_ASKED = "本年度不填这一项。"


class Cleaned(NamedTuple):
    values: dict[str, Any]
    problems: dict[str, str]


class Known(NamedTuple):
    """By key as forms send it."""

    awards: dict[str, Any]
    units: dict[str, Any]


class Destination(Protocol):
    enterprise: Enterprise
    programme: Programme

    @property
    def version(self) -> int: ...
    @property
    def url(self) -> str: ...
    def clean(self, entries: Mapping[str, Entry]) -> Cleaned: ...
    def stored(self) -> dict[str, Any]: ...
    def shown(self, key: str, value: Any) -> str: ...
    def refusal(self, actor: User, at: datetime) -> Refusal | None: ...
    def write(self, *, actor: User, now: datetime, values: Mapping[str, Any], seen_version: int, source: str) -> None:
        """Inside the caller's transaction; raises StaleEdit, NotAllowed and Refusal like saving by hand."""


def messages_of(errors: Any) -> str:
    return " ".join(str(message) for message in errors)


class ReportDestination:
    """Attachment 2 or 3 of one enterprise and programme."""

    part = ""
    address = ""
    fields: tuple[str, ...] = ()
    form: type[StatisticsForm] | type[SummaryForm] = StatisticsForm

    def __init__(self, enterprise: Enterprise, programme: Programme) -> None:
        self.enterprise, self.programme = enterprise, programme
        found = AnnualReport.objects.filter(enterprise=enterprise, programme=programme).first()
        self.report = found or AnnualReport(enterprise=enterprise, programme=programme)

    @property
    def version(self) -> int:
        return self.report.edit_version

    @property
    def url(self) -> str:
        return reverse(self.address, args=[self.programme.year])

    def clean(self, entries: Mapping[str, Entry]) -> Cleaned:
        """Of cells that a return did not open, what differs from the stored value is refused one by one."""
        form = self.form({**entries, "seen_version": "0"}, wanted=self.programme.fields)
        form.is_valid()
        gate = report_gate.gate(self.enterprise, self.programme, clock.now())
        values = {key: form.cleaned_data[key] for key in entries if key in form.cleaned_data}
        shut = [key for key, value in values.items() if self._is_shut(gate, key, value)]
        return Cleaned(
            {key: value for key, value in values.items() if key not in shut},
            {
                **{key: messages_of(form.errors[key]) for key in entries if key in form.errors},
                **dict.fromkeys(shut, SHUT),
                **{key: NOT_ASKED for key in entries if key not in form.fields},
            },
        )

    def _is_shut(self, gate: report_gate.Gate, key: str, value: Any) -> bool:
        # A gate that is shut for everything is told once, above the whole review.
        return gate.refusal is None and not gate.opens(key) and getattr(self.report, key) != value

    def stored(self) -> dict[str, Any]:
        return {name: getattr(self.report, name) for name in self.fields}

    def shown(self, key: str, value: Any) -> str:
        return shown_statistic(key, value)

    def refusal(self, actor: User, at: datetime) -> Refusal | None:
        try:
            require_manager(self.enterprise.pk, actor)
        except NotAllowed as refusal:
            return refusal
        return report_gate.refusal_for(self.enterprise, self.programme, self.part, at)

    def write(self, *, actor: User, now: datetime, values: Mapping[str, Any], seen_version: int, source: str) -> None:
        kept = {name: values[name] for name in self.fields if name in values}
        reports.write(self.enterprise, self.programme, self.part, actor, kept, seen_version, source)


class StatisticsDestination(ReportDestination):
    part, address, fields = REPORT_STATISTICS, "applications:report_statistics", reports.STATISTICS_FIELDS


class SummaryDestination(ReportDestination):
    part, address, fields = REPORT_SUMMARY, "applications:report_summary", reports.SUMMARY_FIELDS
    form = SummaryForm


class ApplicationDestination:
    """Attachment 1. Of keys that a return did not open, what differs from the stored value is refused cell by cell:
    a form that was filled in before the return holds all of them. ``known`` are the awards and recommending units
    that a page with several destinations has read."""

    def __init__(self, application: Application, known: Known | None = None) -> None:
        self.application, self.known = application, known
        self.enterprise, self.programme = application.enterprise, application.round.programme

    @property
    def version(self) -> int:
        return self.application.edit_version

    @property
    def url(self) -> str:
        return reverse("applications:detail", args=[self.application.uuid])

    def clean(self, entries: Mapping[str, Entry]) -> Cleaned:
        values: dict[str, Any] = {}
        problems: dict[str, str] = {}
        for section in SECTIONS:
            mine = {key: entry for key, entry in entries.items() if section_of(key) is section and key != "members"}
            if mine and section.code in FORMS:
                self._clean_section(section.code, mine, values, problems)
        if "members" in entries:
            self._clean_members(entries["members"], values, problems)
        return Cleaned(values, problems)

    def _clean_section(
        self, code: str, entries: dict[str, Entry], values: dict[str, Any], problems: dict[str, str]
    ) -> None:
        lists = {key: entry if isinstance(entry, list) else [entry] for key, entry in entries.items()}
        data: MultiValueDict[str, Any] = MultiValueDict(lists)
        data["seen_version"] = "0"
        form = FORMS[code](data, application=self.application, keys=None)
        if self.known is not None and isinstance(form, AwardsForm):
            form.choose_among(self.known.awards, self.known.units)
        form.is_valid()
        for key in entries:
            if key in form.errors:
                problems[key] = messages_of(form.errors[key])
            elif key not in form.values:
                problems[key] = NOT_ASKED
            elif self._is_shut(key, form.values[key]):
                problems[key] = SHUT
            else:
                values[key] = form.values[key]

    def _is_shut(self, key: str, value: Any) -> bool:
        opened = gates.open_keys(self.application)
        return opened is not None and not is_open(key, opened) and drafts.stored_value(self.application, key) != value

    def _clean_members(self, rows: Entry, values: dict[str, Any], problems: dict[str, str]) -> None:
        people = [row for row in rows if isinstance(row, dict)]
        data = {"members-TOTAL_FORMS": str(len(people)), "members-INITIAL_FORMS": "0"}
        for position, row in enumerate(people):
            data |= {f"members-{position}-{name}": text for name, text in row.items()}
            data.setdefault(f"members-{position}-group_role", "member")
        formset = members_formset(0, self.application.fields)(data, prefix="members")
        if formset.is_valid():
            if self._is_shut("members", formset.values):
                problems["members"] = SHUT
            else:
                values["members"] = formset.values
            return
        found = [
            f"第 {position} 人：{messages_of(error for errors in form.errors.values() for error in errors)}"
            for position, form in enumerate(formset.forms, 1)
            if form.errors
        ]
        problems["members"] = " ".join([*map(str, formset.non_form_errors()), *found])

    def stored(self) -> dict[str, Any]:
        keys = [key for section in SECTIONS for key in section.fields if key not in ("steps", "evidence")]
        values = {key: drafts.stored_value(self.application, key) for key in keys}
        return values | {f"steps.{code}": text for code, text in self.application.steps.items()}

    def shown(self, key: str, value: Any) -> str:
        if key == "special_awards" and self.known is not None:
            return "、".join(award.name for pk, award in self.known.awards.items() if int(pk) in (value or []))
        return shown(key, value)

    def refusal(self, actor: User, at: datetime) -> Refusal | None:
        if not Application.objects.editable_by(actor).filter(pk=self.application.pk).exists():
            return NotAllowed()
        return gates.edit_refusal(self.application, at)

    def write(self, *, actor: User, now: datetime, values: Mapping[str, Any], seen_version: int, source: str) -> None:
        row, now = drafts.lock_for_edit(self.application.pk, actor)
        if row.edit_version != seen_version:
            raise StaleEdit(row)
        drafts.write_sections(row, actor=actor, now=now, values=values, source=source)
