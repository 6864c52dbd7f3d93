"""催办: whom a reminder would reach now, about which filings, and who is left out. Reads only; a fixed number of
questions, whatever the number of enterprises.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import DateTimeField, Exists, F, Max, OuterRef, Q, QuerySet, Subquery

from applications.models import (
    AnnualReport,
    Application,
    Association,
    BulkItem,
    BulkKind,
    BulkState,
    Enterprise,
    EnterpriseProof,
    FormalCheck,
    ItemState,
    Membership,
    PaperReceipt,
    ProofKind,
    Round,
    ScannedPart,
    Submission,
)
from applications.models.checking import Outcome
from applications.states import State
from qcportal import bounces, clock, mail, sending
from qcportal.models import MailMessage, MailState, SendingRules

# Paper is expected of these; what is refused, withdrawn or lapsed need not be sent.
PAPER_EXPECTED = (State.SUBMITTED, State.RETURNED, State.ACCEPTED, State.IN_REVIEW)


class Occasion(NamedTuple):
    code: str
    title: str
    letter: str
    hint: str
    tells_contact: bool  # the filing's contact as well as owner and 质量主管
    is_automatic: bool


OCCASIONS = {
    each.code: each
    for each in (
        Occasion("draft", "草稿未提交", "reminder", "本期还在填写、没有提交的申报", False, True),
        Occasion("correction", "补正未交回", "correction_reminder", "已退回补正、还没有重新提交的申报", True, True),
        Occasion("scan", "盖章扫描件未上传", "scan_missing", "已提交、最新版本还没有盖章扫描件的申报", True, True),
        Occasion("paper", "纸质材料未收到", "paper_missing", "已提交、最新版本的纸质件还没有签收的申报", True, True),
        Occasion("licence", "营业执照未上传", "licence_missing", "已提交申报、未核验又无营业执照的单位", False, False),
        Occasion("report", "年度材料未填写", "report_missing", "申报在填、附件 2 或 3 没有填写的单位", False, False),
    )
}  # fmt: skip


# The bulk actions of the queue remind of these; what they would send is judged here like every other reminder.
BULK = {BulkKind.REMIND: ("draft", "correction"), BulkKind.PAPER: ("paper",)}
JUST_TOLD = "刚提醒过"
SOON_TOLD = "已在另一批催办中，稍后发出"


class Wanted(NamedTuple):
    """What the secretariat filters by; nothing means everything."""

    round_: Round | None = None
    city: str = ""
    enterprise: str = ""

    def as_data(self) -> dict[str, Any]:
        return {"round": self.round_.pk if self.round_ else None, "city": self.city, "enterprise": self.enterprise}


class Person(NamedTuple):
    address: str
    user: int | None
    who: str  # names the person in keys, without the address


class LeftOut(NamedTuple):
    address: str
    reason: str


class Target(NamedTuple):
    """One enterprise and one moment that something is due."""

    enterprise: Enterprise
    applications: list[Application]
    deadline: datetime | None
    people: list[Person]
    left_out: list[LeftOut]
    last: datetime | None  # reminded of this occasion last


# --- What waits ----------------------------------------------------------------------------------


def waiting(occasion: str, now: datetime) -> QuerySet[Application]:
    """The filings that ``occasion`` is about, each with ``since``: from when it has been so."""
    rows = Application.objects.select_related("round__programme", "enterprise").prefetch_related("round__extensions")
    newest = Submission.objects.filter(application=OuterRef("pk")).order_by("-version")
    filed = rows.filter(state__in=PAPER_EXPECTED).annotate(since=Subquery(newest.values("submitted_at")[:1]))
    if occasion in {"draft", "report"}:
        drafts = rows.filter(state=State.DRAFT, round__opens_at__lte=now).annotate(since=F("created_at"))
        return drafts if occasion == "draft" else drafts.filter(~Exists(_report()))
    if occasion == "correction":
        decided = FormalCheck.objects.filter(application=OuterRef("pk"), outcome=Outcome.RETURN).order_by("-decided_at")
        returned = rows.filter(state=State.RETURNED, correction_due_at__isnull=False)
        return returned.annotate(since=Subquery(decided.values("decided_at")[:1], output_field=DateTimeField()))
    received = PaperReceipt.objects.filter(
        application=OuterRef("pk"),
        submission=Subquery(
            Submission.objects.filter(application=OuterRef("application")).order_by("-version").values("pk")[:1]
        ),
    )
    if occasion == "paper":
        return filed.filter(~Exists(received))
    if occasion == "scan":
        newest_code = Submission.objects.filter(application=OuterRef("part__submission__application"))
        scanned = ScannedPart.objects.filter(
            part__submission__application=OuterRef("pk"),
            part__code=Subquery(newest_code.order_by("-version").values("code")[:1]),
        )
        return filed.filter(~Exists(received), ~Exists(scanned))
    proofs = EnterpriseProof.objects.filter(enterprise=OuterRef("enterprise"), kind=ProofKind.LICENCE)
    return filed.filter(~Exists(proofs), state=State.SUBMITTED, enterprise__verified_at=None)


def _report() -> QuerySet[AnnualReport]:
    """An annual report with something in both attachments."""
    written = ~Q(summary_basics="") | Q(summary_file__isnull=False)
    return AnnualReport.objects.filter(
        written, enterprise=OuterRef("enterprise"), programme=OuterRef("round__programme"), employees__isnull=False
    )


def narrowed(rows: QuerySet[Application], wanted: Wanted) -> QuerySet[Application]:
    if wanted.round_ is not None:
        rows = rows.filter(round=wanted.round_)
    if wanted.city:
        rows = rows.filter(enterprise__city=wanted.city)
    if wanted.enterprise:
        text = wanted.enterprise
        rows = rows.filter(Q(enterprise__name__icontains=text) | Q(enterprise__credit_code__iexact=text))
    return rows


def deadline_of(occasion: str, application: Application) -> datetime | None:
    if occasion == "scan":
        return application.round.stamped_due_at
    if occasion == "paper":
        return application.round.paper_due_at
    return None if occasion == "licence" else application.deadline()


# --- Whom it reaches -----------------------------------------------------------------------------


def plan(
    occasion: str,
    rows: Iterable[Application],
    now: datetime,
    *,
    rules: SendingRules | None = None,
    but: str = "",
    but_bulk: int | None = None,
    may_repeat: bool = False,
) -> list[Target]:
    """For each enterprise and deadline who is told, and who is not and why. With ``may_repeat`` nobody is left out
    for having been told a short while ago (the clockwork has its own steps). Mails whose keys begin with ``but`` and
    what the bulk action ``but_bulk`` is about to send do not count.
    """
    about = OCCASIONS[occasion]
    grouped: dict[tuple[int, datetime | None], list[Application]] = defaultdict(list)
    for row in rows:
        deadline = deadline_of(occasion, row)
        if deadline is None or deadline > now or occasion in {"paper", "scan"}:
            grouped[row.enterprise_id, deadline].append(row)
    people = _people({enterprise for enterprise, _deadline in grouped}, about, grouped)
    everybody = [person for held in people.values() for person in held]
    known = _Known(
        returned=bounces.returned([person.address for person in everybody]),
        declined=sending.declined([person.user for person in everybody if person.user], "reminders"),
        last=_last(about.letter, [held[0].enterprise for held in grouped.values()], but),
        soon=set() if may_repeat else _soon(occasion, {key[0] for key in grouped}, but_bulk),
        since=None if may_repeat else now - timedelta(hours=(rules or sending.rules()).limit_hours),
    )
    return [_target(grouped[key], key[1], people[key], known) for key in sorted(grouped, key=_place(grouped))]


def _place(grouped: dict[tuple[int, datetime | None], list[Application]]) -> Any:
    return lambda key: (grouped[key][0].enterprise.name, key[0], str(key[1]))


class _Known(NamedTuple):
    returned: dict[str, str]
    declined: set[int]
    last: dict[str, datetime]
    soon: set[int]
    since: datetime | None


def _target(applications: list[Application], deadline: datetime | None, people: list[Person], known: _Known) -> Target:
    enterprise = applications[0].enterprise
    last = known.last.get(mail.about(enterprise))
    told, left_out = [], []
    for person in people:
        reason = _reason(person, last, known) or (SOON_TOLD if enterprise.pk in known.soon else "")
        if reason:
            left_out.append(LeftOut(person.address, reason))
        else:
            told.append(person)
    if not people:
        left_out.append(LeftOut("", "没有邮箱地址"))
    return Target(enterprise, applications, deadline, told, left_out, last)


def _reason(person: Person, last: datetime | None, known: _Known) -> str:
    if person.address.lower() in known.returned:
        return f"退信：{known.returned[person.address.lower()]}"
    if person.user in known.declined:
        return "已关闭催办提醒"
    if last is not None and known.since is not None and last > known.since:
        return JUST_TOLD
    return ""


def _people(
    enterprises: set[int], about: Occasion, grouped: dict[tuple[int, datetime | None], list[Application]]
) -> dict[tuple[int, datetime | None], list[Person]]:
    """Owner and 质量主管, and where the occasion says so the filings' contacts; each address once."""
    managing: dict[int, list[Person]] = defaultdict(list)
    members = Membership.objects.managing().filter(enterprise__in=enterprises).select_related("user").order_by("pk")
    for member in members:
        if member.user.email and member.user.is_active:
            managing[member.enterprise_id].append(Person(member.user.email, member.user_id, str(member.pk)))
    found = {}
    for key, rows in grouped.items():
        people = {person.address.lower(): person for person in managing[key[0]]}
        for row in rows if about.tells_contact else []:
            address = row.contact_email.strip()
            if address:
                mark = hashlib.sha256(address.lower().encode()).hexdigest()[:12]
                people.setdefault(address.lower(), Person(address, None, f"c{mark}"))
        found[key] = list(people.values())
    return found


def told_since(occasion: str, enterprise: Enterprise, since: datetime, but: str) -> bool:
    """Asked under the enterprise's lock, just before a letter is written: whether another way was quicker."""
    last = _last(OCCASIONS[occasion].letter, [enterprise], but).get(mail.about(enterprise))
    return last is not None and last > since


def _soon(occasion: str, enterprises: set[int], but_bulk: int | None) -> set[int]:
    """Whom a confirmed bulk action will tell as soon as it can no longer be undone."""
    kinds = [kind for kind, occasions in BULK.items() if occasion in occasions]
    pending = BulkItem.objects.filter(
        batch__kind__in=kinds, batch__state__in=[BulkState.RUNNING, BulkState.DONE], told_at=None,
        state__in=[ItemState.PLANNED, ItemState.DONE], application__enterprise__in=enterprises,
    )  # fmt: skip
    if occasion in {"draft", "correction"}:
        state = State.DRAFT if occasion == "draft" else State.RETURNED
        pending = pending.filter(application__state=state)
    return set(pending.exclude(batch=but_bulk).values_list("application__enterprise", flat=True))


def _last(letter: str, enterprises: list[Enterprise], but: str) -> dict[str, datetime]:
    sent = MailMessage.objects.filter(letter=letter, about__in=[mail.about(each) for each in enterprises])
    sent = sent.exclude(state=MailState.CANCELLED)
    if but:
        sent = sent.exclude(key__startswith=but)
    found = sent.order_by().values("about").annotate(last=Max("created_at"))
    return {row["about"]: row["last"] for row in found}


# --- The letter ----------------------------------------------------------------------------------


def context(occasion: str, target: Target, left: str = "") -> dict[str, Any]:
    """What the letter's template and placeholders are filled from."""
    programme = target.applications[0].round.programme
    rows = target.applications
    more = {"round": rows[0].round, "association": Association.objects.first()} if occasion == "paper" else {}
    return {
        **more,
        "enterprise": target.enterprise,
        "rows": rows,
        "drafts": rows,
        "deadline": target.deadline,
        "due": clock.half_open_label(target.deadline) if target.deadline else "",
        "left": left,
        "year": programme.year,
        "data_year": programme.data_year,
    }


def left_words(deadline: datetime | None, now: datetime) -> str:
    """How long is left, rounded up: nobody is told more than there is after the number of days is gone."""
    if deadline is None or deadline <= now:
        return "0 天"
    left = deadline - now
    hours = -(-int(left.total_seconds()) // 3600)
    return f"{hours} 小时" if hours < 24 else f"{-(-hours // 24)} 天"


def digest(targets: list[Target]) -> str:
    """Of who would be told of what: the confirming form carries it, so that nobody confirms another list."""
    said = [
        [target.enterprise.pk, sorted(row.pk for row in target.applications), [p.address for p in target.people]]
        for target in targets
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]
