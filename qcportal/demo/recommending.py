"""The recommending unit with an account: what it was asked, opinions frozen with a version, opinions on a page."""

from datetime import timedelta

from applications import recommendations
from applications.actions import recommending
from applications.models import (
    Application,
    Decision,
    Recommendation,
    RecommendationRequest,
    RecommendingUnit,
    Submission,
    UnitMember,
)
from applications.states import State
from qcportal.demo.source import Source
from qcportal.demo.trail import Trail
from qcportal.models import User

UNIT = "海西蒙古族藏族自治州总工会"
CITY = "6328"
TITLE = "经济技术部部长"
STREAM = "recommendation"
# What comes of the filings that chose the unit, one after the other.
BEFORE, LATER, WAITING = "before", "later", "waiting"
TURNS = (BEFORE, LATER, BEFORE, WAITING, LATER)


class Desk:
    """The unit at work. Everything follows from the stream ``recommendation`` and the order of the filings."""

    def __init__(self, source: Source, trail: Trail, user: User, units: list[RecommendingUnit]) -> None:
        self.source, self.trail, self.user = source, trail, user
        self.unit = next(unit for unit in units if unit.name == UNIT)
        self._turns: dict[int, str] = {}
        self._given: dict[int, Recommendation] = {}
        UnitMember.objects.create(uuid=source.uuid(STREAM), unit=self.unit, user=user, created_at=source.day(-500))

    def before(self, application: Application, submitted_at: object, *, twice: bool) -> None:
        """A draft of the unit, saved and about to be submitted. One that is submitted twice gets no opinion before."""
        if application.recommending_unit_id != self.unit.pk or submitted_at is None:
            return
        turn = TURNS[len(self._turns) % len(TURNS)]
        self._turns[application.pk] = turn = LATER if twice and turn == BEFORE else turn
        if turn != BEFORE:
            return
        at = application.updated_at - timedelta(hours=20)
        asked = self._ask(application, None, at - timedelta(hours=5), answered_at=at, closed_at=application.updated_at)
        results = application.main_results
        if len(self._given) == 1:  # the second one was given before the last changes
            application.main_results = "（整理中）"
        opinion = self._record(application, None, Decision.RECOMMEND, len(self._given), at)
        application.main_results = results
        self._given[application.pk] = opinion
        self.trail.add("recommendation.requested", application, asked.requested_at, asked.requested_by)

    def bind(self, application: Application, submissions: list[Submission]) -> None:
        """What came of it once the versions are stored."""
        turn = self._turns.get(application.pk)
        if turn is None:
            return
        latest = submissions[-1]
        if turn == BEFORE:
            frozen = latest.data["recommendation"]
            Recommendation.objects.filter(pk=self._given[application.pk].pk).update(
                frozen_in=latest, frozen_unchanged=frozen["unchanged"]
            )
            return
        answered = latest.submitted_at + timedelta(hours=30) if turn == LATER else None
        if turn == WAITING or (answered and answered >= self.source.midnight):
            self._ask(application, latest, latest.submitted_at)
            return
        self._ask(application, latest, latest.submitted_at, answered_at=answered)
        declined = application.state == State.RETURNED
        decision = Decision.DECLINE if declined else Decision.RECOMMEND
        assert answered is not None  # noqa: S101 -- a later opinion has its time
        self._record(application, latest, decision, application.pk, answered)

    def ask_about_draft(self, application: Application) -> None:
        """demo-enterprise asks about a draft; the answer is for whoever tries the portal."""
        Application.objects.filter(pk=application.pk).update(recommending_unit=self.unit)
        asked = self._ask(application, None, application.updated_at + timedelta(hours=1))
        self.trail.add("recommendation.requested", application, asked.requested_at, asked.requested_by)

    def _ask(
        self, application: Application, submission: Submission | None, at: object, **fields: object
    ) -> RecommendationRequest:
        return RecommendationRequest.objects.create(
            application=application, unit=self.unit, submission=submission, requested_by=application.created_by,
            requested_at=at, **fields,
        )  # fmt: skip

    def _record(
        self, application: Application, submission: Submission | None, decision: Decision, number: int, at: object
    ) -> Recommendation:
        ready = recommendations.SENTENCES[decision]
        opinion = recommending.record(
            application, self.unit, submission, decision=decision, text=ready[number % len(ready)],
            signer={"signer_name": self.user.name, "signer_title": TITLE}, actor=self.user, now=at,  # type: ignore[arg-type]
            salt=self.source.salt(STREAM), code=self.source.code(STREAM), uuid=self.source.uuid(STREAM),
        )  # fmt: skip
        version = submission.version if submission else 0
        self.trail.add("recommendation.given", application, opinion.given_at, self.user, version=version)
        return opinion
