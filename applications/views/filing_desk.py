"""What every page about one application shares: who looks at it, whether it may be changed, where the sections lie."""

import uuid as uuids
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Prefetch
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from applications import check_keys, gates, progress, report_keys
from applications.completeness import Problem
from applications.field_list import FieldList
from applications.guidance import Guides
from applications.models import Application, EvidenceKind, FormalCheck, Membership, Remark, RemarkReply
from applications.models.checking import Outcome
from applications.sections import ALL_LABELS, FIELD_LABELS, SECTIONS, Section, is_open, section_of
from applications.states import State
from applications.views.members import membership_of
from qcportal import clock
from qcportal.errors import Refusal


class NavItem(NamedTuple):
    """A line of components/section_nav.html."""

    number: int
    title: str
    url: str
    state: str
    note: str
    current: bool
    writable: bool = True


class LinkedProblem(NamedTuple):
    problem: Problem
    url: str


class OpenPlace(NamedTuple):
    """A field or cell that a return opened."""

    label: str
    url: str


class LinkedRemark(NamedTuple):
    label: str
    text: str
    url: str
    evidence_name: str
    pk: int
    reply: RemarkReply | None


class Desk:
    """One application as ``request.user`` meets it. 404 when it is not visible.

    ``whole`` brings what a page shows of any section; an autosave does without.
    """

    def __init__(self, request: HttpRequest, uuid: uuids.UUID, *, whole: bool = True) -> None:
        user = request.user
        visible = Application.objects.visible_to(user).select_related(  # type: ignore[arg-type]
            "enterprise", "round__programme", "recommending_unit", *(("updated_by",) if whole else ())
        )
        wanted = ("round__extensions", *(("members", "evidence__file") if whole else ()))
        self.application: Application = get_object_or_404(visible.prefetch_related(*wanted), uuid=uuid)
        self.now = clock.now()
        mine = membership_of(request)
        of_this = mine is not None and mine.enterprise_id == self.application.enterprise_id
        self.membership: Membership | None = mine if of_this else None
        self.refusal: Refusal | None = gates.edit_refusal(self.application, self.now)
        self.keys = gates.open_keys(self.application)

    @property
    def manages(self) -> bool:
        return self.membership is not None and self.membership.manages

    @cached_property
    def guides(self) -> Guides:
        """Everything the page says beside fields: one query, made when a page asks."""
        return Guides()

    @property
    def editable(self) -> bool:
        """``visible_to`` showed it to a member who may write, or to staff, who may not."""
        return self.membership is not None and self.refusal is None

    def section_url(self, code: str) -> str:
        return reverse("applications:section", args=[self.application.uuid, code])

    def problem_url(self, key: str) -> str:
        return problem_url(self.application, key)

    def linked(self, problems: list[Problem]) -> list[LinkedProblem]:
        return [LinkedProblem(problem, self.problem_url(problem.key)) for problem in problems]

    def nav(self, current: str = "", states: list[progress.SectionState] | None = None) -> dict[str, Any]:
        states = progress.section_states(self.application) if states is None else states
        items = [self._section_item(number, one, current) for number, one in enumerate(states, 1)]
        done = sum(one.is_done for one in states)
        items.append(self._submit_item(len(items) + 1, ready=done == len(states), current=current == "submit"))
        position = next((item.number for item in items if item.current), 0)
        return {
            "sections": items, "done_count": done, "total": len(states), "position": position, "last": len(items),
        }  # fmt: skip

    def _section_item(self, number: int, state: progress.SectionState, current: str) -> NavItem:
        """A section that a return names asks for a person, whatever its completeness."""
        section = state.section
        url = self.section_url(section.code)
        named = self.keys is not None and any(is_open(key, self.keys) for key in _keys_of(section, self.keys))
        shown, note = state.state, state.note
        if named and shown in {"done", "warning"}:
            shown, note = "warning", "待补正"
        return NavItem(
            number, section.title, url, shown, note, section.code == current,
            self.editable and (self.keys is None or named),
        )  # fmt: skip

    def _submit_item(self, number: int, *, ready: bool, current: bool) -> NavItem:
        url = reverse("applications:submit", args=[self.application.uuid])
        if not self.manages:
            return NavItem(number, "核对与提交", "", "locked", "由质量主管核对并提交", current)
        if self.application.state == State.SUBMITTED and not self.application.has_unsubmitted_changes:
            return NavItem(number, "核对与提交", url, "done", "已提交", current)
        if self.application.state not in {State.DRAFT, State.RETURNED, State.SUBMITTED}:
            return NavItem(number, "核对与提交", url, "locked", self.application.public_state_label, current)
        return NavItem(
            number, "核对与提交", url, "todo" if ready else "locked",
            "可以核对并提交" if ready else "前六部分完成后可提交", current,
        )  # fmt: skip

    def remarks(self) -> tuple[FormalCheck | None, list[LinkedRemark]]:
        """The latest decided check and its remarks; outcomes other than a return carry a reason only."""
        check = (
            self.application.checks.exclude(decided_at=None)
            .filter(outcome__in=[Outcome.RETURN, Outcome.DEFER, Outcome.REFUSE])
            .prefetch_related(Prefetch("remarks", Remark.objects.select_related("evidence", "reply__replied_by")))
            .first()
        )
        if check is None or self.application.state not in {State.RETURNED, State.DEFERRED, State.REFUSED}:
            return None, []
        return check, [
            LinkedRemark(
                label_of(remark.field, self.application.fields, self.application.topic_type), remark.text,
                self.problem_url(remark.field),
                check_keys.file_of(remark), remark.pk, getattr(remark, "reply", None),
            )
            for remark in check.remarks.all()
        ]  # fmt: skip

    def context(self, **more: Any) -> dict[str, Any]:
        application = self.application
        deadline = application.deadline()
        return {
            "application": application,
            "round": application.round,
            "desk": self,
            "editable": self.editable,
            "manages": self.manages,
            "refusal": self.refusal,
            "deadline": deadline,
            "deadline_ahead": deadline > self.now,
            "chip": chip_of(application),
            **more,
        }


def _keys_of(section: Section, named: list[str]) -> list[str]:
    """Of the keys that a return names, those of ``section``."""
    return [key for key in named if section_of(key) == section]


def label_of(key: str, fields: FieldList, kind: str = "") -> str:
    """What this year's form calls ``key``."""
    base, _, part = key.partition(".")
    if base == "evidence" and part in EvidenceKind.values:
        return f"{fields.label('evidence')}·{fields.evidence_kind(part)}"
    if key == "awards_section_seen":
        return "是否申报单项奖"
    return fields.label(key if key in ALL_LABELS else base if base in FIELD_LABELS else key, kind)


def problem_url(application: Application, key: str) -> str:
    """Where a key is filled in."""
    if key.startswith("report."):
        return report_url(application.round.programme.year, key)
    section = section_of(key) or SECTIONS[0]
    target = {"members": "members", "evidence": "upload", "steps": "steps"}.get(key.split(".", 1)[0], f"id_{key}")
    if key.startswith("steps."):
        target = f"id_{key}"
    return reverse("applications:section", args=[application.uuid, section.code]) + f"#{target}"


def report_url(year: int, key: str) -> str:
    """The page of attachment 2 or 3, at the very cell when ``key`` names one."""
    cell = report_keys.input_of(key)
    address = reverse(f"applications:report_{key.split('.')[1]}", args=[year])
    return f"{address}#id_{cell}" if cell else address


def open_places(application: Application, keys: list[str] | None) -> list[OpenPlace]:
    """What a return opened, each with its place, in the order of the forms."""
    wanted = set(keys or [])
    fields, kind = application.fields, application.topic_type
    keys_in_order = check_keys.in_order(wanted)
    return [OpenPlace(label_of(key, fields, kind), problem_url(application, key)) for key in keys_in_order]


def chip_of(application: Application) -> tuple[str, str, str]:
    """Kind, icon and word of the state for {% chip %}."""
    kinds = {
        State.DRAFT: ("outline", "pencil"),
        State.SUBMITTED: ("tint", "send"),
        State.RETURNED: ("amber", "return"),
        State.DEFERRED: ("amber", "clock"),
        State.REFUSED: ("red", "ban"),
        State.ACCEPTED: ("solid", "check"),
        State.WITHDRAWN: ("grey", "close"),
        State.LAPSED: ("red", "clock"),
        State.DISQUALIFIED: ("red", "ban"),
        State.REVOKED: ("red", "ban"),
    }
    if application.result_announced_at is not None:
        kinds |= {State.AWARDED: ("solid", "award"), State.NOT_AWARDED: ("grey", "check")}
    kind, icon = kinds.get(State(application.state), ("tint", "scale"))
    return kind, icon, application.public_state_label


def day_label(moment: datetime) -> str:
    """6月30日: the last day of a half-open deadline."""
    local = timezone.localtime(moment - timedelta(seconds=1))
    return f"{local.month}月{local.day}日"
