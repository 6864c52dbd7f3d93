"""往来: one page per enterprise that answers the telephone. What is now, whom to call, everything that was."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from applications import dealings, hindrances
from applications.actions import notes
from applications.admin import staff_pages
from applications.admin.calls import CallForm
from applications.admin.chips import chip_of
from applications.models import Application, Enterprise, Note
from qcportal import acting, audit, clock
from qcportal.adminsite import FILING
from qcportal.roles import remember_roles

FOUND_AT_MOST = 12


class NoteForm(forms.Form):
    text = forms.CharField(
        label="备注", max_length=notes.LENGTH, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写备注内容。"},
    )  # fmt: skip
    application = forms.ModelChoiceField(
        Application.objects.none(), label="关于", required=False, empty_label="整个单位"
    )
    pinned = forms.BooleanField(label="置顶", required=False)

    def __init__(self, *args: Any, enterprise: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="note_%s", **kwargs)
        self.fields["application"].queryset = Application.objects.filter(enterprise=enterprise)  # type: ignore[attr-defined]


class SearchForm(forms.Form):
    q = forms.CharField(required=False, max_length=100)
    page = forms.IntegerField(required=False, min_value=1)


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """来电: whoever is on the line, by number, name, code or file number. One match opens at once."""
    form = SearchForm(request.GET)
    words = form.cleaned_data["q"].strip() if form.is_valid() else ""
    found = list(Enterprise.objects.answering_to(words).order_by("name")[: FOUND_AT_MOST + 1])
    if len(found) == 1:
        return redirect("admin:dealings", found[0].uuid)
    context = staff_pages.context(
        request, "来电查询", words=words, found=found[:FOUND_AT_MOST], more=len(found) > FOUND_AT_MOST
    )
    return render(request, "admin/dealings/find.html", context)


@require_safe
def page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The whole of one enterprise on one page, with telephone numbers; reading them is recorded."""
    enterprise = get_object_or_404(Enterprise.objects.select_related("verified_by"), uuid=uuid)
    if request.method == "GET":
        with transaction.atomic():
            audit.record("dealings.viewed", enterprise, actor=staff_pages.user_of(request))
    kind = request.GET.get("kind", "") if request.GET.get("kind") in dealings.KINDS else ""
    line = dealings.line(enterprise, kind=kind, before=_before(request))
    context = staff_pages.context(
        request,
        enterprise.name,
        enterprise=enterprise,
        people=_people(enterprise, staff_pages.may_edit(request)),
        filings=_filings(enterprise),
        hindrances=hindrances.of(enterprise, clock.now()),
        pinned=Note.objects.visible_to(staff_pages.user_of(request)).filter(enterprise=enterprise, is_pinned=True)
        .for_list(),
        events=[_shown(event) for event in line.events],
        oldest=line.events[-1].at.isoformat() if line.has_more else "",
        kinds=[(code, word, icon) for code, (word, icon) in dealings.KINDS.items()],
        kind=kind,
        note_form=NoteForm(enterprise=enterprise),
        call_form=CallForm(initial={"enterprise": enterprise.pk}, enterprise=enterprise),
        here=request.get_full_path(),
        now=clock.now(),
    )  # fmt: skip
    return render(request, "admin/dealings/page.html", context)


def _before(request: HttpRequest) -> datetime | None:
    try:
        found = parse_datetime(request.GET.get("before", ""))
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _people(enterprise: Enterprise, may_look: bool) -> list[dict[str, Any]]:
    """Each with why nobody may look as them; empty when one may."""
    rows = list(enterprise.memberships.active().for_list().prefetch_related("user__groups"))
    for row in rows:
        remember_roles(row.user)
    return [
        {"row": row, "may_look_as": may_look and not acting.refusal_for(row.user)} for row in rows
    ]  # fmt: skip


def _filings(enterprise: Enterprise) -> list[dict[str, Any]]:
    rows = Application.objects.filter(enterprise=enterprise).select_related("thread", "round__programme")
    shown = rows.prefetch_related("round__extensions").order_by(
        "-round__programme__year", "-round__number", "preference"
    )
    return [{"row": row, "chip": chip_of(row), "deadline": row.deadline()} for row in shown[:30]]


def _shown(event: dealings.Event) -> dict[str, Any]:
    word, icon = dealings.KINDS[event.kind]
    return {"event": event, "word": word, "icon": icon, "url": _url(event)}


def _url(event: dealings.Event) -> str:
    if event.target is None:
        return ""
    name, key = event.target
    match name:
        case "check":
            return reverse("admin:applications_check", args=[key])
        case "thread":
            return reverse("admin:message_thread", args=[key])
        case "attempts":
            return reverse("admin:attempts_enterprise", args=[key])
        case "scan":
            return reverse("admin:paper_scan", args=[key])
    return reverse("admin:calls")


@require_POST
def add_note(request: HttpRequest, uuid: UUID) -> HttpResponse:
    actor = staff_pages.require_secretariat(request)
    enterprise = get_object_or_404(Enterprise, uuid=uuid)
    form = NoteForm(request.POST, enterprise=enterprise)
    if not form.is_valid():
        messages.error(request, staff_pages.first_error(form))
    else:
        values = form.cleaned_data
        staff_pages.attempt(
            request,
            lambda: notes.add_note(
                enterprise, actor=actor, text=values["text"], application=values["application"], pinned=values["pinned"]
            ),
            "备注已写下，只有秘书处和审计员看得到。",
        )
    return staff_pages.back(request, "admin:dealings", uuid)


@require_POST
def change_note(request: HttpRequest, uuid: UUID, what: str) -> HttpResponse:
    """置顶, 取消置顶, 删除."""
    actor = staff_pages.require_secretariat(request)
    note = get_object_or_404(Note.objects.select_related("enterprise"), uuid=uuid, removed_at=None)
    if what == "remove":
        staff_pages.attempt(request, lambda: notes.remove(note, actor=actor), "备注已删除。")
    else:
        pinned = what == "pin"
        done = "备注已置顶。" if pinned else "备注已取消置顶。"
        staff_pages.attempt(request, lambda: notes.pin(note, actor=actor, pinned=pinned), done)
    return staff_pages.back(request, "admin:dealings", note.enterprise.uuid)


@require_safe
def note_list(request: HttpRequest) -> HttpResponse:
    """Every note, searchable; pinned ones first."""
    form = SearchForm(request.GET)
    values = form.cleaned_data if form.is_valid() else {}
    words = values.get("q") or ""
    rows = Note.objects.visible_to(staff_pages.user_of(request)).matching(words).for_list()
    shown = Paginator(rows, 50).get_page(values.get("page") or 1)
    context = staff_pages.context(request, "内部备注", page=shown, words=words, here=request.get_full_path())
    return render(request, "admin/dealings/notes.html", context)


admin.site.add_page("find/", find, name="find", title="来电查询", group=FILING, order=1, icon="phone")
admin.site.add_page("dealings/<uuid:uuid>/", page, name="dealings", title="", group=FILING)
admin.site.add_page("dealings/<uuid:uuid>/note/", add_note, name="note_add", title="", group=FILING)
admin.site.add_page("notes/", note_list, name="notes", title="内部备注", group=FILING, order=27, icon="pin")
admin.site.add_page("notes/<uuid:uuid>/<slug:what>/", change_note, name="note_change", title="", group=FILING)
