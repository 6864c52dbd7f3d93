"""The queue of formal checks as two people left it in the evening: claims, saved filters, counted warnings."""

from datetime import timedelta

from django.db import transaction

from applications import explaining, warning_summaries
from applications.models import Claim, SavedFilter, WarningSummary
from applications.states import State
from qcportal import clock
from qcportal.demo.filing import Filed
from qcportal.demo.source import Source
from qcportal.demo.trail import Trail
from qcportal.models import User

# Name, query, whether it comes first, whether it is shared.
FILTERS = (
    ("补正交回的", "queue=resubmitted", False, True),
    ("我手上的", "assignee=mine", False, False),
    ("提醒待处理", "queue=waiting&warnings=open", False, True),
)


class Desk:
    def __init__(self, source: Source, trail: Trail, people: list[User]) -> None:
        self.source, self.trail, self.people = source, trail, people

    def leave(self, filed: list[Filed]) -> None:
        """The first two waiting filings are claimed, one by each of the two people."""
        waiting = [item for item in filed if item.application.state == State.SUBMITTED]
        at = self.source.day(-1) + timedelta(hours=17, minutes=40)
        with transaction.atomic():
            for item, person in zip(waiting, self.people, strict=False):
                Claim.objects.create(
                    application=item.application, holder=person, claimed_at=at, keeps_until=at + timedelta(days=3)
                )
                self.trail.add("claim.taken", item.application, at, person, holder=str(person))
            SavedFilter.objects.bulk_create(
                SavedFilter(
                    owner=self.people[0], name=name, query=query, is_default=first, is_shared=shared, created_at=at
                )
                for name, query, first, shared in FILTERS
            )


def count_warnings(filed: list[Filed], *, compare: bool) -> None:
    """As every submission would have: what its version was frozen with; and, if ``compare``, what else there is to ask."""
    last = [(item.application, item.latest) for item in filed if item.submissions]
    with transaction.atomic():
        WarningSummary.objects.bulk_create(
            [
                WarningSummary(
                    application=application,
                    explained=len(explaining.frozen(version.data, version.personal)),
                    refreshed_at=clock.now(),
                )
                for application, version in last
            ],
            batch_size=500,
        )
    if compare:
        warning_summaries.count_all()
