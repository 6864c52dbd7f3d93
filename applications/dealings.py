"""往来: everything that passed between the secretariat and an enterprise, in one line of time, newest first.

A fixed number of questions whatever the enterprise filed; each kind gives at most ``MOST`` of its newest rows.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q

from applications.models import (
    Application,
    Enterprise,
    FormalCheck,
    Membership,
    Message,
    Note,
    PaperReceipt,
    PartReceipt,
    PhoneCall,
    StampedScan,
    SubmitAttempt,
)
from qcportal import audit_labels
from qcportal.mail import about
from qcportal.models import AuditEvent, MailMessage

MOST = 60
OUTCOMES = {"accepted": "提交成功", "repeated": "重复按了提交，没有新版本"}
# What of the audit trail belongs into the line; the rest shows itself through its own rows.
VERBS = (
    "enterprise.registered", "enterprise.changed", "enterprise.verified", "enterprise.verification_revoked",
    "enterprise.proof_added", "enterprise.owner_transferred", "enterprise.handed_over",
)  # fmt: skip


class Event(NamedTuple):
    """One thing in the line. ``target`` names a row for the page to link to: ("check", pk) and the like."""

    at: datetime
    kind: str
    title: str
    text: str = ""
    who: str = ""
    tone: str = ""  # "red", "amber" or nothing
    about: str = ""  # file number and group
    target: tuple[str, Any] | None = None
    row: Any = None


KINDS = {
    "letter": ("信函", "mail"),
    "message": ("留言", "comment"),
    "note": ("备注", "pin"),
    "call": ("电话", "phone"),
    "attempt": ("提交", "send"),
    "paper": ("纸质件", "box"),
    "check": ("审查", "shield-check"),
    "unit": ("单位", "building"),
}


class Line(NamedTuple):
    events: list[Event]
    has_more: bool


def line(enterprise: Enterprise, *, kind: str = "", before: datetime | None = None, size: int = 50) -> Line:
    """The newest ``size`` events, of one kind or of all, earlier than ``before``."""
    wanted = [kind] if kind in KINDS else list(KINDS)
    applications = list(
        Application.objects.filter(enterprise=enterprise).only("pk", "uuid", "file_number", "group_name")
    )
    found: list[Event] = []
    for name in wanted:
        found.extend(_SOURCES[name](enterprise, applications, before))
    found.sort(key=lambda event: event.at, reverse=True)
    return Line(found[:size], len(found) > size)


def _cut(rows: Any, moment: str, before: datetime | None) -> Any:
    rows = rows.filter(**{f"{moment}__lt": before}) if before is not None else rows
    return rows.order_by(f"-{moment}", "-pk")[:MOST]


def _label(application: Application | None) -> str:
    return f"{application.file_number or '草稿'} {application.display_name}" if application else ""


def _letters(enterprise: Enterprise, applications: list[Application], before: datetime | None) -> Iterator[Event]:
    """Mails about the enterprise or its filings, and to its people; the same text to several people once."""
    subjects = [about(enterprise), *(about(row) for row in applications)]
    people = Membership.objects.filter(enterprise=enterprise).values("user")
    rows = MailMessage.objects.letters().filter(Q(about__in=subjects) | Q(recipient__in=people))
    once: dict[tuple[str, str], Event] = {}
    for row in _cut(rows, "created_at", before):
        key = (row.subject, row.body)
        if key in once:
            continue
        words, tone = ("已发送", "") if row.sent_at else ("等待发送", "amber")
        once[key] = Event(row.created_at, "letter", row.subject, row.body, words, tone)
    yield from once.values()


def _messages(enterprise: Enterprise, applications: list[Application], before: datetime | None) -> Iterator[Event]:
    rows = Message.objects.filter(thread__enterprise=enterprise).select_related("author", "thread__application")
    for row in _cut(rows, "created_at", before):
        side = "秘书处" if row.from_staff else "单位"
        waits = not row.from_staff and row.read_at is None
        who = row.author.name if row.author else "系统"
        yield Event(
            row.created_at, "message", f"{side}留言", row.body, who, "amber" if waits else "",
            _label(row.thread.application), ("thread", row.thread.uuid),
        )  # fmt: skip


def _notes(enterprise: Enterprise, applications: list[Application], before: datetime | None) -> Iterator[Event]:
    rows = Note.objects.filter(enterprise=enterprise, removed_at=None).select_related("application", "created_by")
    for row in _cut(rows, "created_at", before):
        title = "置顶备注" if row.is_pinned else "备注"
        yield Event(
            row.created_at, "note", title, row.text, str(row.created_by), "", _label(row.application), None, row
        )


def _calls(enterprise: Enterprise, applications: list[Application], before: datetime | None) -> Iterator[Event]:
    rows = PhoneCall.objects.filter(enterprise=enterprise).select_related("application", "created_by")
    for row in _cut(rows, "called_at", before):
        who = " ".join(filter(None, [row.caller, row.number]))
        title = f"{'来电' if row.is_incoming else '去电'}　{row.get_outcome_display()}"
        text = row.subject + (f"\n{row.follow_up_on:%Y-%m-%d} 跟进" if row.is_waiting else "")
        tone = "amber" if row.is_waiting else ""
        yield Event(
            row.called_at, "call", title, text, f"{who}　{row.created_by} 记", tone, _label(row.application),
            ("calls", None), row,
        )  # fmt: skip


def _attempts(enterprise: Enterprise, applications: list[Application], before: datetime | None) -> Iterator[Event]:
    rows = SubmitAttempt.objects.filter(application__enterprise=enterprise).select_related("application", "user")
    for row in _cut(rows, "arrived_at", before):
        tone = "" if row.outcome in OUTCOMES else "red"
        title = OUTCOMES.get(row.outcome, "提交没有成功")
        yield Event(
            row.arrived_at, "attempt", title, row.message, str(row.user), tone, _label(row.application),
            ("attempts", enterprise.uuid),
        )  # fmt: skip


def _papers(enterprise: Enterprise, applications: list[Application], before: datetime | None) -> Iterator[Event]:
    forms = PaperReceipt.objects.filter(application__enterprise=enterprise).select_related(
        "application", "submission", "received_by"
    ).defer("submission__data", "submission__personal")  # fmt: skip
    for row in _cut(forms, "received_at", before):
        where = f"存放于 {row.shelf}" if row.shelf else ""
        words = " ".join(filter(None, [f"附件1 第 {row.submission.version} 版", where, row.note]))
        yield Event(row.received_at, "paper", "签收纸质件", words, str(row.received_by), "", _label(row.application))
    parts = PartReceipt.objects.filter(part__enterprise=enterprise).select_related("part", "received_by")
    for part in _cut(parts, "received_at", before):
        where = f"存放于 {part.shelf}" if part.shelf else ""
        words = " ".join(filter(None, [str(part.part), where, part.note]))
        yield Event(part.received_at, "paper", "签收纸质件", words, str(part.received_by))
    scans = StampedScan.objects.filter(enterprise=enterprise).select_related("uploaded_by", "part")
    for scan in _cut(scans, "uploaded_at", before):
        words = f"{scan.name}，{scan.pages} 页{'，晚于截止' if scan.is_late else ''}"
        yield Event(
            scan.uploaded_at, "paper", "上传盖章扫描件", words, str(scan.uploaded_by), "amber" if scan.is_late else "",
            "", ("scan", scan.uuid),
        )  # fmt: skip


def _checks(enterprise: Enterprise, applications: list[Application], before: datetime | None) -> Iterator[Event]:
    rows = FormalCheck.objects.filter(application__enterprise=enterprise).exclude(decided_at=None)
    for row in _cut(rows.select_related("application", "checker"), "decided_at", before):
        yield Event(
            row.decided_at, "check", f"审查：{row.get_outcome_display()}", row.reason, str(row.checker),
            "" if row.outcome == "accept" else "amber", _label(row.application), ("check", row.application_id),
        )  # fmt: skip


def _unit(enterprise: Enterprise, applications: list[Application], before: datetime | None) -> Iterator[Event]:
    rows = AuditEvent.objects.about(enterprise).filter(verb__in=VERBS)
    for row in _cut(rows, "at", before):
        reason = row.data.get("reason") or row.data.get("note") or ""
        yield Event(row.at, "unit", audit_labels.label(row.verb), str(reason), row.actor_label)


_SOURCES: dict[str, Callable[[Enterprise, list[Application], datetime | None], Iterator[Event]]] = {
    "letter": _letters,
    "message": _messages,
    "note": _notes,
    "call": _calls,
    "attempt": _attempts,
    "paper": _papers,
    "check": _checks,
    "unit": _unit,
}
