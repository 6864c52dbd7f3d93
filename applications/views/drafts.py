"""Attachment 1: the overview of one application and its sections as pages of their own."""

import uuid as uuids
from functools import partial
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from applications import guidance, merging, progress, type_change
from applications.actions import drafts
from applications.actions.enterprises import StaleEdit
from applications.forms.conflicts import CHOICE, THEIRS, Conflict, chosen, conflict, entries, seen_of, with_version
from applications.forms.money import show_amounts, with_fix
from applications.forms.sections import FORMS, BaseMembers, SectionForm, members_formset
from applications.merging import plain
from applications.models import Application, Member, RecommendingUnit, SpecialAward
from applications.sections import BY_CODE, SECTIONS, is_open
from applications.statistics import to_wan
from applications.topics import LABELS, TopicType
from applications.views import evidence, recommend_card, topic_type
from applications.views.draft_page import TAB_LENGTH, DraftPage, digests, draft_page, page_key, restored_entries
from applications.views.filing_desk import Desk, label_of, open_places
from qcportal import kept
from qcportal.errors import NotAllowed, Refusal

CODES = [section.code for section in SECTIONS]
EMPTY_ROWS = 4
MORE_ROWS = 5


class Page(NamedTuple):
    form: SectionForm
    members: BaseMembers | None

    @property
    def is_valid(self) -> bool:
        return not self.refused

    @property
    def values(self) -> dict[str, Any]:
        """Everything that is valid; an invalid row keeps the whole list of members as it is stored."""
        values = {key: plain(value) for key, value in self.form.values.items()}
        if self.members is not None and self.members.is_bound and self.members.is_valid():
            values["members"] = self.members.values
        return values

    @property
    def refused(self) -> list[str]:
        """The keys whose entries are not valid."""
        keys = list(self.form.errors)
        bound = self.members is not None and self.members.is_bound
        return [*keys, "members"] if bound and not self.members.is_valid() else keys  # type: ignore[union-attr]


@kept.login_keeping_entries
@require_http_methods(["GET", "HEAD", "POST"])
def section(request: HttpRequest, uuid: uuids.UUID, code: str) -> HttpResponse:
    if code not in BY_CODE:
        raise Http404
    desk = Desk(request, uuid)
    if request.method == "POST" and desk.membership is None:
        raise PermissionDenied
    if code == "evidence":
        return evidence.section(request, desk)
    if request.method == "POST":
        return _save(request, desk, code)
    typed = restored_entries(request, draft_key(desk, code)) if desk.editable else None
    if typed is not None:
        page = _bound(request, desk, code, typed)
        keys, shown = open_keys(desk, page), seen_of(typed) or {}
        seen = {key: shown[key] for key in keys if key in shown}
        return _page(request, desk, code, page, seen=seen, unsaved=keys, restored=True)
    return _page(request, desk, code, _unbound(request, desk, code))


def draft_key(desk: Desk, code: str) -> str:
    return page_key("section", desk.application.uuid, code)


def open_keys(desk: Desk, page: Page) -> list[str]:
    """The keys of the page that may be changed now."""
    if not desk.editable:
        return []
    keys = [name for name, field in page.form.fields.items() if name != "seen_version" and not field.disabled]
    return [*keys, "members"] if page.members is not None and _members_open(desk) else keys


def stored_digests(application: Application, keys: list[str]) -> dict[str, str]:
    return digests({key: drafts.stored_value(application, key) for key in keys})


def _draft(request: HttpRequest, desk: Desk, code: str, page: Page, **more: Any) -> DraftPage:
    keys = open_keys(desk, page)
    seen = {**stored_digests(desk.application, keys), **more.pop("seen", {})}
    url = reverse("applications:autosave", args=[desk.application.uuid, code]) if keys else ""
    return draft_page(request, draft_key(desk, code), desk.application.enterprise_id, url=url, seen=seen, **more)


def _unbound(request: HttpRequest, desk: Desk, code: str) -> Page:
    form = FORMS[code](application=desk.application, keys=desk.keys)
    members = None
    if code == "group":
        stored = [
            {name: getattr(member, name) for name in drafts.MEMBER_FIELDS} for member in desk.application.members.all()
        ]
        wanted = request.GET.get("rows", "")
        extra = int(wanted) - len(stored) if wanted.isdigit() and len(wanted) < 4 else 0
        extra = max(extra, 1 if stored else EMPTY_ROWS) if desk.editable and _members_open(desk) else 0
        members = members_formset(extra, desk.application.fields)(initial=stored, prefix="members")
    return Page(form, members)


def _members_open(desk: Desk) -> bool:
    return desk.keys is None or is_open("members", desk.keys)


def _bound(request: HttpRequest, desk: Desk, code: str, data: Any = None) -> Page:
    data = with_fix(request.POST if data is None else data, FORMS[code])
    form = FORMS[code](data, application=desk.application, keys=desk.keys)
    if code != "group" or not _members_open(desk):
        return Page(form, _unbound(request, desk, code).members)
    return Page(form, members_formset(0, desk.application.fields)(data, prefix="members"))


def _page(
    request: HttpRequest,
    desk: Desk,
    code: str,
    page: Page,
    conflicts: list[Conflict] | None = None,
    *,
    saved: bool = False,
    status: int = 200,
    **draft: Any,
) -> HttpResponse:
    form, members = page
    carried = _draft(request, desk, code, page, **draft)
    if not desk.editable:
        _lock(form)
    members_open = desk.editable and _members_open(desk)
    guidance.attach(form, desk.guides, topic_type=desk.application.topic_type, wanted=desk.application.fields)
    show_amounts(form)
    if members is not None and not members_open:
        for row in members.forms:
            _lock(row)
    position = CODES.index(code)
    states = progress.section_states(desk.application)
    check, remarks = desk.remarks()
    context = desk.context(
        section=BY_CODE[code],
        section_template=f"applications/section_{code}.html",
        form=form,
        members=members,
        members_open=members_open,
        conflicts=conflicts or [],
        draft=carried,
        saved=saved,
        nav=desk.nav(code, states),
        previous_url=desk.section_url(CODES[position - 1]) if position else "",
        next_url=desk.section_url(CODES[position + 1]) if position + 1 < len(CODES) else "",
        section_problems=[problem for problem in states[position].problems if problem.code != "missing"],
        check=check,
        remarks=[remark for remark in remarks if f"/edit/{code}/" in remark.url],
        open_places=open_places(desk.application, desk.keys),
        recommendation=recommend_card.card(desk) if code == "awards" else None,
        **_help(request, desk, code),
    )
    return render(request, "applications/section.html", context, status=status)


def _help(request: HttpRequest, desk: Desk, code: str) -> dict[str, Any]:
    """What a section offers besides its fields."""
    application = desk.application
    if code == "topic" and application.topic_type and desk.editable:
        return {"type_changes": type_change.others(application.steps, application.topic_type, application.fields)}
    if code == "group":
        sources = Application.objects.visible_to(request.user).filter(enterprise=application.enterprise_id)  # type: ignore[arg-type]
        return {
            "members_advice": desk.guides.get("members"),
            "members_label": application.fields.title("members", application.topic_type),
            "has_sources": desk.editable and sources.exclude(pk=application.pk).exclude(members=None).exists(),
        }
    return {}


def _lock(form: Any) -> None:
    for field in form.fields.values():
        field.disabled = True
        field.widget.attrs["data-need"] = ""


def _save(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Every valid entry is stored; the others come back with their errors, beside them what was typed."""
    page = _bound(request, desk, code)
    valid = page.is_valid
    values, seen = chosen(request.POST, page.values, seen_of(request.POST))
    asked = topic_type.take_unconfirmed(request, desk, values) if code == "topic" else ""
    try:
        application = drafts.save_section(
            desk.application,
            actor=request.user,  # type: ignore[arg-type]
            section=code,
            values=values,
            seen_version=page.form.seen,
            seen=seen,
            tab=request.POST.get("tab", "")[:TAB_LENGTH],
        )
    except StaleEdit as stale:
        kept.forget(request, draft_key(desk, code))
        return _choose(request, desk, code, stale, values, seen or {})
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return _page(request, desk, code, page, status=409)
    kept.forget(request, draft_key(desk, code))
    if not valid:
        current = Desk(request, desk.application.uuid)
        again = _again(request, current, code, application.edit_version)
        return _page(request, current, code, again, saved=current.editable, unsaved=again.refused)
    if asked:
        return topic_type.question(desk, asked)
    return _after_save(request, desk, application, code, values)


def _choose(
    request: HttpRequest, desk: Desk, code: str, stale: StaleEdit, values: dict[str, Any], seen: dict[str, str]
) -> HttpResponse:
    """The page again with everything that was typed, and a choice for each key that both sides changed."""
    current = Desk(request, desk.application.uuid)
    again = _again(request, current, code, stale.current.edit_version)
    conflicts = conflicts_of(stale, values, again.form)
    left = [one.field for one in conflicts]
    return _page(
        request, current, code, again, conflicts,
        seen={key: seen[key] for key in left if key in seen}, unsaved=[*left, *again.refused], status=409,
    )  # fmt: skip


def _again(request: HttpRequest, desk: Desk, code: str, version: int) -> Page:
    """What was typed, on top of what is stored now. Where the person chose the other's value, or had changed
    nothing, what is stored is shown: else the next save would carry an old value over a newer one."""
    typed, shown = _bound(request, desk, code), seen_of(request.POST) or {}
    alone = {key for key, value in typed.values.items() if shown.get(key) == merging.digest(value)}
    alone |= {key for key in typed.values if request.POST.get(CHOICE + key) == THEIRS}
    data = with_version(request.POST, version)
    stored = FORMS[code](application=desk.application, keys=desk.keys)
    for name in alone & set(stored.fields):
        data.setlist(name, entries(stored.fields[name], stored[name].initial))
    page = _bound(request, desk, code, data)
    return Page(page.form, _unbound(request, desk, code).members) if "members" in alone else page


def _after_save(
    request: HttpRequest, desk: Desk, application: Application, code: str, values: dict[str, Any]
) -> HttpResponse:
    here = desk.section_url(code)
    if "add_rows" in request.POST:
        rows = len(values.get("members", [])) + MORE_ROWS
        return redirect(f"{here}?rows={rows}#members")
    new_type = values.get("topic_type", "")
    # The page may have autosaved the new type already; what it has not shown yet are its steps.
    shown = request.POST.get("type_seen") == new_type
    if code == "topic" and new_type and (shown or new_type != desk.application.topic_type):
        messages.success(request, f"已保存。下面是“{LABELS[TopicType(new_type)]}”的步骤，其他步骤已写的内容会保留。")
        return redirect(f"{here}#steps")
    title = BY_CODE[code].title
    if "next" in request.POST:
        messages.success(request, f"“{title}”已保存为草稿。")
        return redirect(desk.section_url(CODES[CODES.index(code) + 1]))
    if "later" in request.POST:
        place = progress.next_problem(progress.section_states(Application.objects.get(pk=application.pk)))
        on = f"下次从“{label_of(place.key, application.fields)}”继续。" if place else "各部分已填完。"
        messages.success(request, f"“{title}”已保存，可以离开。{on}")
    if "finish" in request.POST or "later" in request.POST:
        return redirect(reverse("applications:detail", args=[application.uuid]))
    messages.success(request, f"“{title}”已保存为草稿。")
    return redirect(here)


def conflicts_of(stale: StaleEdit, values: dict[str, Any], form: SectionForm) -> list[Conflict]:
    """For a choice per key. A page without digests asks for every key that differs now."""
    found = []
    for key in stale.fields or values:
        theirs = drafts.stored_value(stale.current, key)
        if theirs != values[key]:
            shown = partial(_shown, key)
            entry = entries(form.fields[key], as_initial(theirs)) if key in form.fields else None
            found.append(conflict(key, label_of(key, form.application.fields), theirs, values[key], shown, entry))
    return found


def as_initial(value: Any) -> Any:
    """A stored value in the shape in which the form takes it as initial."""
    return "\n".join(value) if isinstance(value, list) and value and isinstance(value[0], str) else value


def _shown(key: str, value: Any) -> str:
    if value in (None, "", []):
        return "（空）"
    if isinstance(value, bool):
        return "已选择" if value else "未选择"
    if key == "members":
        roles = dict(Member.GroupRole.choices)
        return "、".join(f"{one['name']}（{roles.get(one['group_role'], '')}）" for one in value)
    if key == "completing_units":
        return "、".join(value)
    if key == "special_awards":
        return "、".join(SpecialAward.objects.filter(pk__in=value).values_list("name", flat=True))
    if isinstance(value, RecommendingUnit):
        return value.name
    if key == "topic_type":
        return LABELS[TopicType(value)]
    if key in {"economic_benefit", "activity_cost"}:
        return f"{to_wan(value):f} 万元"
    return str(value)
