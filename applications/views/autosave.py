"""Autosave: the fields that changed, through the same forms and the same actions as the save button, in JSON.

A request without ``fields`` only says that the page is open. An answer holds what became true: version, time,
stored fields, digests of everything on the page, entries that others changed meanwhile, errors by input,
fields in which both sides differ (with the choice as HTML), and who else has the page open.
"""

import functools
import uuid as uuids
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from applications import presence, report_gate
from applications.actions import drafts, reports
from applications.actions.enterprises import StaleEdit
from applications.forms.conflicts import Conflict, chosen, conflicts_of, entries, seen_of
from applications.forms.sections import FORMS, members_formset
from applications.merging import digest
from applications.models import AnnualReport, Application
from applications.sections import REPORT_STATISTICS, REPORT_SUMMARY
from applications.views import drafts as section_pages
from applications.views import report_desk
from applications.views.draft_page import TAB_LENGTH, completed, digests
from applications.views.filing_desk import Desk, label_of
from qcportal import clock, kept
from qcportal.errors import NotAllowed, Refusal
from qcportal.middleware import without_prolonging
from qcportal.templatetags.portal import spoken_errors

View = Callable[..., HttpResponse]
CHOICE_PAGE = "applications/section_conflicts.html"
NEW_STEPS = "课题类型已保存。重新打开本页，显示该类型的步骤；其他步骤已写的内容会保留。"


def autosave(view: View) -> View:
    """POST only; nobody logged in is a JSON 401, not a redirect: the page must know and keep what was typed."""

    @never_cache
    @require_POST
    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_authenticated:
            message = "登录已过期，您填写的内容保存在本机，重新登录后自动继续保存。"
            return JsonResponse({"error": "login", "message": message, "login": reverse("account_login")}, status=401)
        try:
            return view(request, *args, **kwargs)
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except Refusal as refusal:
            return JsonResponse({"error": refusal.code, "message": refusal.message}, status=409)

    return guarded


class Typed(NamedTuple):
    """What of a request is valid, and the errors by input name."""

    values: dict[str, Any]
    errors: dict[str, list[str]]
    seen_version: int


class Source:
    """One page with a draft: attachment 1's section, attachment 2 or 3. ``refresh`` after a save."""

    page: str
    enterprise_id: int

    def typed(self, names: list[str]) -> Typed:
        raise NotImplementedError

    def save(self, values: dict[str, Any], seen_version: int, seen: dict[str, str] | None) -> Any:
        """The row as saved."""
        raise NotImplementedError

    def current(self, row: Any) -> dict[str, Any]:
        """What is stored under every open key of the page, as of the save that left ``row``."""
        raise NotImplementedError

    def entry(self, key: str, value: Any) -> list[str] | None:
        """``value`` as the page's inputs show it; None where only opening the page again shows it."""
        raise NotImplementedError

    def conflicts(self, stale: StaleEdit, values: dict[str, Any]) -> list[Conflict]:
        raise NotImplementedError

    def label(self, key: str) -> str:
        raise NotImplementedError

    def note(self, saved: Iterable[str]) -> str:
        return ""


class SectionSource(Source):
    def __init__(self, request: HttpRequest, uuid: uuids.UUID, code: str) -> None:
        self.request, self.code = request, code
        self.desk = Desk(request, uuid, whole=False)
        if self.desk.membership is None:
            raise PermissionDenied
        self.page = section_pages.draft_key(self.desk, code)
        self.enterprise_id = self.desk.application.enterprise_id
        self.stored = FORMS[code](application=self.desk.application, keys=self.desk.keys)

    def typed(self, names: list[str]) -> Typed:
        data = completed(self.request.POST, self.stored, names)
        form = FORMS[self.code](data, application=self.desk.application, keys=self.desk.keys)
        with_members = "members" in names and self.code == "group"
        wanted = self.desk.application.fields
        members = members_formset(0, wanted)(data, prefix="members") if with_members else None
        page = section_pages.Page(form, members)
        errors = {form[name].html_name: spoken_errors(form[name]) for name in form.errors if name in form.fields}
        if members is not None and not members.is_valid():
            errors |= {
                row[name].html_name: spoken_errors(row[name])
                for row in members.forms for name in row.errors if name in row.fields
            } or {"members": [str(one) for one in members.non_form_errors()]}  # fmt: skip
        return Typed({key: value for key, value in page.values.items() if key in names}, errors, form.seen)

    def save(self, values: dict[str, Any], seen_version: int, seen: dict[str, str] | None) -> Application:
        return drafts.save_section(
            self.desk.application,
            actor=self.request.user,  # type: ignore[arg-type]
            section=self.code,
            values=values,
            seen_version=seen_version,
            seen=seen,
            tab=self.request.POST.get("tab", "")[:TAB_LENGTH],
            autosave=True,
        )

    def current(self, row: Any) -> dict[str, Any]:
        unbound = section_pages.Page(self.stored, members_formset(0)() if self.code == "group" else None)
        return {key: drafts.stored_value(row, key) for key in section_pages.open_keys(self.desk, unbound)}

    def entry(self, key: str, value: Any) -> list[str] | None:
        field = self.stored.fields.get(key)
        return None if field is None else entries(field, section_pages.as_initial(value))

    def conflicts(self, stale: StaleEdit, values: dict[str, Any]) -> list[Conflict]:
        return section_pages.conflicts_of(stale, values, self.stored)

    def label(self, key: str) -> str:
        return label_of(key, self.desk.application.fields, self.desk.application.topic_type)

    def note(self, saved: Iterable[str]) -> str:
        return NEW_STEPS if "topic_type" in saved else ""


class ReportSource(Source):
    def __init__(self, request: HttpRequest, year: int, part: str) -> None:
        self.request, self.part = request, part
        self.desk = report_desk.Desk(request, year, part)
        self.page = report_desk.draft_key(self.desk)
        self.enterprise_id = self.desk.enterprise.pk
        self.stored: forms.Form = report_desk.stored_form(self.desk)

    def typed(self, names: list[str]) -> Typed:
        """Of a return, only open cells are taken; for others the answer says so beside the cell."""
        known = [name for name in names if name in self.desk.names]
        shut = [name for name in known if self.desk.gate.refusal is None and not self.desk.gate.opens(name)]
        wanted = [name for name in known if name not in shut]
        form = self.desk.form(completed(self.request.POST, self.stored, wanted))
        form.is_valid()
        errors = {name: spoken_errors(form[name]) for name in form.errors if name in self.desk.names}
        errors |= {name: [report_gate.CELL_CLOSED] for name in shut}
        return Typed(report_desk.values_of(form, wanted), errors, form.cleaned_data.get("seen_version") or 0)

    def save(self, values: dict[str, Any], seen_version: int, seen: dict[str, str] | None) -> AnnualReport:
        action = reports.save_summary if self.part == REPORT_SUMMARY else reports.save_statistics
        return action(
            self.desk.enterprise,
            self.desk.programme,
            actor=self.request.user,  # type: ignore[arg-type]
            values=values,
            seen_version=seen_version,
            seen=seen,
            tab=self.request.POST.get("tab", "")[:TAB_LENGTH],
            autosave=True,
        )

    def current(self, row: Any) -> dict[str, Any]:
        return {name: getattr(row, name) for name in self.desk.open_names}

    def label(self, key: str) -> str:
        return str(self.stored.fields[key].label)

    def entry(self, key: str, value: Any) -> list[str]:
        return entries(self.stored.fields[key], value)

    def conflicts(self, stale: StaleEdit, values: dict[str, Any]) -> list[Conflict]:
        theirs = {name: getattr(stale.current, name) for name in values}
        left = [name for name in stale.fields or values if values[name] != theirs[name]]
        return conflicts_of(self.stored, left, theirs, values)


def answer(request: HttpRequest, source: Source) -> JsonResponse:
    """Saves what is valid and tells what became true; fields in which both sides differ are a 409."""
    user = request.user
    presence.mark(source.page, user)  # type: ignore[arg-type]
    names = request.POST.getlist("fields")
    if not names:
        without_prolonging(request)
        return JsonResponse({"people": _people(source, request)})
    typed = source.typed(names)
    values, seen = chosen(request.POST, typed.values, seen_of(request.POST))
    conflicts: list[Conflict] = []
    try:
        row = source.save(values, typed.seen_version, seen)
    except StaleEdit as stale:
        row, conflicts = stale.current, source.conflicts(stale, values)
    kept.forget(request, source.page)
    left = {one.field for one in conflicts}
    saved = [key for key in typed.values if key not in left]
    current = source.current(row)
    return JsonResponse(
        {
            "version": row.edit_version,
            "saved_at": timezone.localtime(clock.now()).strftime("%H:%M:%S"),
            "saved": saved,
            "seen": digests(current),
            "theirs": _theirs(source, current, seen, set(names)),
            "errors": typed.errors,
            "conflicts": [{"field": one.field, "label": one.label, "entry": one.entry} for one in conflicts],
            "choice": render_to_string(CHOICE_PAGE, {"conflicts": conflicts}) if conflicts else "",
            "note": source.note(saved),
            "people": _people(source, request),
        },
        status=409 if conflicts else 200,
    )


def _people(source: Source, request: HttpRequest) -> list[str]:
    """Sentences, as the page shows them without a script."""
    found = presence.others(source.page, source.enterprise_id, request.user)  # type: ignore[arg-type]
    return [one.sentence for one in found]


def _theirs(
    source: Source, current: dict[str, Any], seen: dict[str, str] | None, own: set[str]
) -> dict[str, dict[str, Any]]:
    """What others stored since the page was opened, in fields that this request did not carry."""
    return {
        key: {"label": source.label(key), "entry": source.entry(key, value)}
        for key, value in current.items()
        if seen is not None and key in seen and key not in own and seen[key] != digest(value)
    }


@autosave
def section(request: HttpRequest, uuid: uuids.UUID, code: str) -> HttpResponse:
    if code not in FORMS:
        raise Http404
    return answer(request, SectionSource(request, uuid, code))


@autosave
def summary(request: HttpRequest, year: int) -> HttpResponse:
    return answer(request, ReportSource(request, year, REPORT_SUMMARY))


@autosave
def statistics(request: HttpRequest, year: int) -> HttpResponse:
    return answer(request, ReportSource(request, year, REPORT_STATISTICS))
