"""What the pages of attachments 2 and 3 share: whose report it is, what may be changed, saving side by side."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from applications import check_keys, last_year, report_gate, report_keys
from applications.actions import reports
from applications.actions.enterprises import StaleEdit
from applications.forms.conflicts import CHOICE, THEIRS, Conflict, conflicts_of, entries, seen_of, with_version
from applications.forms.reports import StatisticsForm, SummaryForm
from applications.merging import digest, plain
from applications.models import AnnualReport, Membership, Programme
from applications.report_keys import DOCUMENT, DOCUMENT_INPUT, REPORT_STATISTICS, REPORT_SUMMARY
from applications.views import onward
from applications.views.draft_page import (
    DraftPage,
    completed,
    digests,
    draft_page,
    page_key,
    restored_entries,
)
from applications.views.filing_desk import label_of, report_url
from applications.views.members import membership_or_404
from qcportal import clock

FORMS: dict[str, type[forms.Form]] = {REPORT_SUMMARY: SummaryForm, REPORT_STATISTICS: StatisticsForm}
FIELDS = {REPORT_SUMMARY: reports.SUMMARY_FIELDS, REPORT_STATISTICS: reports.STATISTICS_FIELDS}


class Desk:
    """What the three pages share: whose report of which year it is, and whether this part may be changed now."""

    def __init__(self, request: HttpRequest, year: int, part: str) -> None:
        self.membership: Membership = membership_or_404(request)
        self.enterprise = self.membership.enterprise
        self.programme = get_object_or_404(Programme.objects.published(), year=year)
        mine = last_year.up_to(self.programme).filter(enterprise=self.enterprise)
        mine = mine.select_related("summary_file", "updated_by", "programme")
        self.stored, before = last_year.split(mine, self.programme)
        self.last_year, self.last_year_version = last_year.compared(before)
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


def draft_of(request: HttpRequest, desk: Desk, **more: Any) -> DraftPage:
    names = tuple(desk.open_names) if desk.editable else ()
    shown = (*names, DOCUMENT) if desk.part == REPORT_SUMMARY and desk.editable and desk.gate.opens(DOCUMENT) else names
    seen = {**digests({name: getattr(desk.report, name) for name in shown}), **more.pop("seen", {})}
    kind = desk.part.removeprefix("report.")
    url = reverse(f"applications:autosave_{kind}", args=[desk.programme.year]) if shown else ""
    return draft_page(request, draft_key(desk), desk.enterprise.pk, url=url, seen=seen, **more)


def restored(request: HttpRequest, desk: Desk) -> tuple[QueryDict | None, dict[str, Any]]:
    """Entries that waited for the login, and what the page says about them."""
    typed = restored_entries(request, draft_key(desk)) if desk.editable else None
    if typed is None:
        return None, {}
    shown = seen_of(typed) or {}
    names = desk.open_names
    return typed, {"seen": {name: shown[name] for name in names if name in shown}, "unsaved": names, "restored": True}


def values_of(form: forms.Form, names: Iterable[str]) -> dict[str, Any]:
    return {name: plain(form.cleaned_data[name]) for name in names if name in form.cleaned_data}


def stored_form(desk: Desk) -> Any:
    initial = {name: getattr(desk.report, name) for name in desk.names}
    return desk.form(initial={**initial, "seen_version": desk.report.edit_version})


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


def say_shut(request: HttpRequest, desk: Desk) -> None:
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


def page_again(request: HttpRequest, desk: Desk, form: forms.Form) -> tuple[Desk, Any]:
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


def refused(form: forms.Form) -> list[str]:
    return [name for name in form.errors if name in form.fields and name != "document"]


def choose(
    request: HttpRequest, desk: Desk, form: forms.Form, stale: StaleEdit, values: dict[str, Any], seen: dict[str, str]
) -> tuple[Desk, Any, list[Conflict], dict[str, Any]]:
    """The page again with everything that was typed, and a choice for each field that both sides changed."""
    current, again = page_again(request, desk, form)
    stored = {name: getattr(stale.current, name) for name in values}
    left = [name for name in stale.fields or values if name in values and values[name] != stored[name]]
    if "summary_file" in stale.fields:
        messages.error(request, "他人刚刚换过总结文件，您选择的文件没有保存。请核对后重新选择文件。")
    draft = {"seen": {name: seen[name] for name in left if name in seen}, "unsaved": [*left, *refused(again)]}
    return current, again, conflicts_of(again, left, stored, values), draft


def after(request: HttpRequest, desk: Desk, stay: str) -> HttpResponse:
    """``finish`` leads on to what a filing still lacks, ``stay`` is the page itself."""
    if "finish" not in request.POST:
        return redirect(stay, year=desk.programme.year)
    return redirect(onward.after_report(desk.enterprise, desk.programme, desk.part).url)
