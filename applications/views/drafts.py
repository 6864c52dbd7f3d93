"""Attachment 1: the overview of one application and its sections as pages of their own."""

import uuid as uuids
from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications import completeness, paper_status, progress
from applications.actions import drafts
from applications.actions.enterprises import StaleEdit
from applications.forms.conflicts import Conflict, with_version
from applications.forms.sections import FORMS, BaseMembers, SectionForm, members_formset
from applications.models import Application, Member, RecommendingUnit, SpecialAward
from applications.sections import BY_CODE, SECTIONS, is_open
from applications.statistics import to_wan
from applications.topics import LABELS, TopicType
from applications.views import evidence, recommend_card
from applications.views.filing_desk import Desk, label_of
from qcportal.errors import NotAllowed, Refusal

CODES = [section.code for section in SECTIONS]
EMPTY_ROWS = 4
MORE_ROWS = 5


@login_required
@require_safe
def detail(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    desk = Desk(request, uuid)
    application = desk.application
    problems = completeness.problems(application) if desk.refusal is None else []
    check, remarks = desk.remarks()
    own = [problem for problem in problems if not problem.key.startswith("report.")]
    last = application.submissions.defer("data", "personal").order_by("-version").first()
    if last is not None:
        last.application = application
    context = desk.context(
        paper=paper_status.of_submission(last) if last is not None and desk.manages else None,
        nav=desk.nav(states=progress.section_states(application, own if desk.refusal is None else None)),
        problems=desk.linked([problem for problem in problems if problem.blocks]),
        warnings=desk.linked([problem for problem in problems if not problem.blocks]),
        submissions=application.submissions.defer("data", "personal")
        .select_related("submitted_by", "report_version")
        .order_by("-version"),
        check=check,
        remarks=remarks,
        clerks=list(application.clerks.all()) if desk.manages else [],
        recommendation=recommend_card.card(desk),
    )
    return render(request, "applications/detail.html", context)


class Page(NamedTuple):
    form: SectionForm
    members: BaseMembers | None

    @property
    def is_valid(self) -> bool:
        valid = self.form.is_valid()
        return (self.members is None or self.members.is_valid()) and valid

    @property
    def values(self) -> dict[str, Any]:
        """Everything that is valid; an invalid row keeps the whole list of members as it is stored."""
        values = self.form.values
        if self.members is not None and self.members.is_valid():
            values["members"] = self.members.values
        return values


@login_required
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
    return _page(request, desk, code, _unbound(request, desk, code))


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
        members = members_formset(extra)(initial=stored, prefix="members")
    return Page(form, members)


def _members_open(desk: Desk) -> bool:
    return desk.keys is None or is_open("members", desk.keys)


def _bound(request: HttpRequest, desk: Desk, code: str, data: Any = None) -> Page:
    data = request.POST if data is None else data
    form = FORMS[code](data, application=desk.application, keys=desk.keys)
    if code != "group" or not _members_open(desk):
        return Page(form, _unbound(request, desk, code).members)
    return Page(form, members_formset(0)(data, prefix="members"))


def _page(
    request: HttpRequest,
    desk: Desk,
    code: str,
    page: Page,
    conflicts: list[Conflict] | None = None,
    *,
    saved: bool = False,
    status: int = 200,
) -> HttpResponse:
    form, members = page
    if not desk.editable:
        _lock(form)
    members_open = desk.editable and _members_open(desk)
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
        saved=saved,
        nav=desk.nav(code, states),
        previous_url=desk.section_url(CODES[position - 1]) if position else "",
        next_url=desk.section_url(CODES[position + 1]) if position + 1 < len(CODES) else "",
        section_problems=[problem for problem in states[position].problems if problem.code != "missing"],
        check=check,
        remarks=[remark for remark in remarks if f"/edit/{code}/" in remark.url],
        open_labels=[label_of(key) for key in desk.keys or []],
        recommendation=recommend_card.card(desk) if code == "awards" else None,
    )
    return render(request, "applications/section.html", context, status=status)


def _lock(form: Any) -> None:
    for field in form.fields.values():
        field.disabled = True
        field.widget.attrs["data-need"] = ""


def _save(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Every valid entry is stored; the others come back with their errors, beside them what was typed."""
    page = _bound(request, desk, code)
    valid = page.is_valid
    values = page.values
    try:
        application = drafts.save_section(
            desk.application,
            actor=request.user,  # type: ignore[arg-type]
            section=code,
            values=values,
            seen_version=page.form.seen,
        )
    except StaleEdit as stale:
        current = Desk(request, desk.application.uuid)
        again = _bound(request, current, code, with_version(request.POST, stale.current.edit_version))
        return _page(request, current, code, again, _conflicts(stale.current, values), status=409)
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return _page(request, desk, code, page, status=409)
    if not valid:
        current = Desk(request, desk.application.uuid)
        again = _bound(request, current, code, with_version(request.POST, application.edit_version))
        return _page(request, current, code, again, saved=current.editable)
    return _after_save(request, desk, application, code, values)


def _after_save(
    request: HttpRequest, desk: Desk, application: Application, code: str, values: dict[str, Any]
) -> HttpResponse:
    here = desk.section_url(code)
    if "add_rows" in request.POST:
        rows = len(values.get("members", [])) + MORE_ROWS
        return redirect(f"{here}?rows={rows}#members")
    new_type = values.get("topic_type", "")
    if code == "topic" and new_type and new_type != desk.application.topic_type:
        messages.success(request, f"已保存。下面是“{LABELS[TopicType(new_type)]}”的步骤，其他步骤已写的内容会保留。")
        return redirect(f"{here}#steps")
    title = BY_CODE[code].title
    if "next" in request.POST:
        messages.success(request, f"“{title}”已保存为草稿。")
        return redirect(desk.section_url(CODES[CODES.index(code) + 1]))
    if "finish" in request.POST:
        return redirect(reverse("applications:detail", args=[application.uuid]))
    messages.success(request, f"“{title}”已保存为草稿。")
    return redirect(here)


def _conflicts(current: Application, values: dict[str, Any]) -> list[Conflict]:
    """The keys in which what is stored now differs from what was typed."""
    found = []
    for key, yours in values.items():
        theirs = drafts.stored_value(current, key)
        if theirs != yours:
            found.append(Conflict(key, label_of(key), _shown(key, theirs), _shown(key, yours)))
    return found


def _shown(key: str, value: Any) -> str:
    if value in (None, "", []):
        return "（空）"
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
