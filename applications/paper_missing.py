"""Whose paper has not come: by enterprise and round, which parts, since when, and whom to call.

A place is an enterprise in a round. Two questions find the places, four more fill a page of them, whatever it holds.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from applications.models import (
    Application,
    Enterprise,
    Membership,
    MembershipRole,
    PaperPart,
    PaperReceipt,
    PartKind,
    Round,
    Submission,
)
from applications.states import State

# Paper is expected of these; what is refused, withdrawn or lapsed need not be sent.
EXPECTED = (State.SUBMITTED, State.RETURNED, State.ACCEPTED, State.IN_REVIEW)


@dataclass
class Place:
    """One line of the list."""

    enterprise: Enterprise
    round: Round
    at: datetime
    owner: Membership | None = None
    applications: list[Application] = field(default_factory=list)  # of which attachment 1 is missing
    others: list[PaperPart] = field(default_factory=list)  # cover, attachments 2 and 3

    @property
    def overdue(self) -> int:
        """Days since the last day on which it should have come; 0 until then."""
        due, now = self.round.paper_due_at, self.at
        if now < due:
            return 0
        return (timezone.localdate(now) - timezone.localdate(due)).days + 1

    @property
    def overdue_text(self) -> str:
        return f"{self.overdue} 天"

    @property
    def missing(self) -> list[str]:
        words = [f"附件1 {row.file_number} {row.display_name}" for row in self.applications]
        named = {part.kind: part for part in self.others}
        before = ["封面"] if PartKind.COVER in named else []
        return before + words + [str(PartKind(kind).label) for kind in (PartKind.SUMMARY, PartKind.STATISTICS)
                                 if kind in named]  # fmt: skip

    @property
    def contacts(self) -> list[tuple[str, str]]:
        """Name and number, each number once: of the filings, of the enterprise, of its owner."""
        found: dict[str, str] = {}
        for row in self.applications:
            found.setdefault(row.contact_phone, row.contact_name)
        found.setdefault(self.enterprise.contact_phone, self.enterprise.contact_name)
        if self.owner is not None:
            found.setdefault(self.owner.user.mobile or "", f"{self.owner.user.name}（负责人）")
        return [(name or "联系人", number) for number, name in found.items() if number]


def places(*, round_: Round | None = None, city: str = "", any_part: bool = False) -> "QuerySet[Application]":
    """One filing for each place that lacks something, standing for (enterprise, round); the longest overdue first.

    Without ``any_part`` a place lacks something when attachment 1 of a group is missing; with it also when only the
    cover or attachments 2 or 3 are. What has not been rendered yet cannot be missing.
    """
    rows = Application.objects.filter(state__in=EXPECTED).exclude(file_number=None)
    if round_ is not None:
        rows = rows.filter(round=round_)
    if city:
        rows = rows.filter(enterprise__city=city)
    lacking = _without_form(rows)
    if any_part:
        of_round = Q(round=OuterRef("round")) | Q(round=None)
        others = _unreceived_parts().filter(of_round, enterprise=OuterRef("enterprise"))
        lacking = rows.filter(~Exists(_receipts()) | Exists(others.filter(programme=OuterRef("round__programme"))))
    first = lacking.order_by().values("enterprise", "round").annotate(first=Min("pk")).values("first")
    found = Application.objects.filter(pk__in=first).select_related("enterprise", "round__programme")
    return found.order_by("round__paper_due_at", "enterprise__name", "pk")


def _receipts() -> "QuerySet[PaperReceipt]":
    """Of the last version of the filing outside."""
    newest = Submission.objects.filter(application=OuterRef("application")).order_by("-version").values("pk")[:1]
    return PaperReceipt.objects.filter(application=OuterRef("pk"), submission=Subquery(newest))


def _without_form(rows: "QuerySet[Application]") -> "QuerySet[Application]":
    return rows.filter(~Exists(_receipts()))


def _unreceived_parts() -> "QuerySet[PaperPart]":
    """Cover lists and attachments 2 and 3 that nothing newer replaced and nobody received."""
    newer = PaperPart.objects.filter(
        Q(round=OuterRef("round")) | Q(round=None), enterprise=OuterRef("enterprise"),
        programme=OuterRef("programme"), kind=OuterRef("kind"), pk__gt=OuterRef("pk"),
    )  # fmt: skip
    return PaperPart.objects.filter(~Exists(newer), receipt=None).exclude(kind=PartKind.FORM)


def fill(rows: Iterable[Application], at: datetime) -> list[Place]:
    """The lines of these places, in three questions."""
    found = {(row.enterprise_id, row.round_id): Place(row.enterprise, row.round, at) for row in rows}
    enterprises = {enterprise for enterprise, _round in found}
    missing = _without_form(Application.objects.filter(state__in=EXPECTED).exclude(file_number=None))
    for application in missing.filter(enterprise__in=enterprises).order_by("file_number"):
        place = found.get((application.enterprise_id, application.round_id))
        if place is not None:
            place.applications.append(application)
    owners = Membership.objects.active().filter(enterprise__in=enterprises, role=MembershipRole.OWNER)
    by_enterprise = {row.enterprise_id: row for row in owners.select_related("user")}
    parts = list(_unreceived_parts().filter(enterprise__in=enterprises))
    for place in found.values():
        place.owner = by_enterprise.get(place.enterprise.pk)
        place.others = [
            part for part in parts
            if part.enterprise_id == place.enterprise.pk
            and part.programme_id == place.round.programme_id
            and part.round_id in (None, place.round.pk)
        ]  # fmt: skip
    return list(found.values())
