"""From plans to frozen submissions, in batches: each batch is one transaction with few inserts."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from django.db import transaction
from django.db.models import prefetch_related_objects

from applications import codes, completeness, explaining, freezing
from applications.actions.submission import CONFIRMATIONS, file_number_text, report_envelope, submission_envelope
from applications.confirmations import FIRST_VERSION
from applications.explaining import Asked
from applications.models import (
    AnnualReport,
    Application,
    CompletingUnit,
    Consent,
    Enterprise,
    Evidence,
    Member,
    ReportVersion,
    Round,
    Submission,
    SubmitAttempt,
    WarningConfirmation,
)
from applications.states import State
from qcportal.demo import drafting, planner, recommending, reporting, timeline
from qcportal.demo.drafting import Drafted, Plan
from qcportal.demo.evidence import Pool
from qcportal.demo.source import Source
from qcportal.demo.trail import Trail
from qcportal.models import User

T = TypeVar("T")
BATCH = 400
EXPLAIN_LIMIT = 200  # above this no cross-checks are run: a benchmark wants rows


class Filed(NamedTuple):
    """An application and its submissions, oldest first (none for a draft)."""

    drafted: Drafted
    submissions: list[Submission]

    @property
    def application(self) -> Application:
        return self.drafted.application

    @property
    def latest(self) -> Submission:
        return self.submissions[-1]


def plans(
    source: Source, season: timeline.Season, count: int, enterprises: list[Enterprise], owners: list[User]
) -> list[Plan]:
    """Which enterprise files what, when, and in which state it stands today; ordered by time within each round."""
    finished, in_review, open_ = timeline.shares(count)
    made: list[Plan] = []
    for round_, states in (
        (season.finished, [State.AWARDED] * finished),
        (season.in_review, [State.IN_REVIEW] * in_review),
        (season.open, [timeline.OPEN_STATES[place % len(timeline.OPEN_STATES)] for place in range(open_)]),
    ):
        made += _round_plans(source, round_, states, enterprises, owners)
    return made


def _round_plans(
    source: Source, round_: Round, states: list[State], enterprises: list[Enterprise], owners: list[User]
) -> list[Plan]:
    """The first filing of each state is demo-enterprise's, so its workspace shows them all."""
    end = min(round_.closes_at, source.midnight)
    seen: set[State] = set()
    rows = []
    for place, state in enumerate(states):
        who = 0 if state not in seen else _who(place, state, enterprises)
        seen.add(state)
        created = source.between(round_.opens_at, round_.opens_at + (end - round_.opens_at) * 0.6, "plan")
        submitted = None
        if state != State.DRAFT:
            submitted = _submitted(source, round_, state, created, end)
        rows.append(Plan(round_, state, enterprises[who], owners[who], created, submitted, place))
    return sorted(rows, key=lambda plan: plan.submitted_at or end)


def _submitted(source: Source, round_: Round, state: State, created: datetime, end: datetime) -> datetime:
    """Most come near the deadline, some on the last day; in the open round checked ones so that the check has been."""
    if round_.closes_at <= source.midnight:
        share = source.stream("pace").random() ** 3  # of the time that is left when it is sent in
        begin = max(created, end - max(timedelta(days=1), (end - created) * share))
        return source.between(begin, min(begin + timedelta(days=2), end), "plan")
    latest = end - timedelta(days=0 if state == State.SUBMITTED else 6)
    return source.between(max(created, round_.opens_at), max(latest, created + timedelta(hours=9)), "plan")


def _who(place: int, state: State, enterprises: list[Enterprise]) -> int:
    who = (place * 5 + 1) % len(enterprises)
    # Only a verified enterprise gets past the formal check.
    if not enterprises[who].is_verified and state not in (State.DRAFT, State.SUBMITTED):
        who = (who + 1) % len(enterprises)
    return who


class Builder:
    """Writes filings batch by batch and keeps what later steps need."""

    def __init__(
        self, source: Source, season: timeline.Season, pool: Pool, trail: Trail, recommender: recommending.Desk
    ) -> None:
        self.source, self.season, self.pool, self.trail = source, season, pool, trail
        self.recommender = recommender
        self._versions: dict[tuple[int, int], ReportVersion] = {}
        self._answers: list[WarningConfirmation] = []
        self._of_reports: dict[tuple[int, str], WarningConfirmation] = {}
        self._explains = True

    def build(self, made: list[Plan]) -> list[Filed]:
        self._explains = len(made) <= EXPLAIN_LIMIT
        drafted = self._draft_all(made)
        for batch in _batches(drafted):
            with transaction.atomic():
                self._save_drafts(batch)
        planner.analyze()
        self._reports(drafted)
        filed: list[Filed] = []
        for batch in _batches(drafted):
            with transaction.atomic():
                filed += self._submit(batch)
        return filed

    def _draft_all(self, made: list[Plan]) -> list[Drafted]:
        counters: dict[int, int] = {}
        serials: dict[int, int] = {}
        drafted = []
        for plan in made:
            number = None
            if plan.submitted_at is not None:
                serial = counters[plan.round.pk] = counters.get(plan.round.pk, 0) + 1
                number = file_number_text(plan.round.programme.year, plan.round.number, serial)
            unit = self._unit(plan) if plan.place % 3 else None
            serial = serials[plan.enterprise.pk] = serials.get(plan.enterprise.pk, -1) + 1
            drafted.append(
                drafting.draft(plan, self.source, self.pool, serial=serial, file_number=number, unit_id=unit)
            )
        for pk, count in counters.items():
            Round.objects.filter(pk=pk).update(file_number_counter=count)
        return drafted

    def _unit(self, plan: Plan) -> int:
        """That of the prefecture for those of 海西, whose unit has an account; any for the others."""
        if plan.enterprise.city == recommending.CITY:
            return self.recommender.unit.pk
        return self.season.units[plan.place % len(self.season.units)].pk

    def _save_drafts(self, batch: list[Drafted]) -> None:
        Application.objects.bulk_create([item.application for item in batch])
        Member.objects.bulk_create([member for item in batch for member in item.members], batch_size=500)
        CompletingUnit.objects.bulk_create([unit for item in batch for unit in item.units], batch_size=500)
        Evidence.objects.bulk_create([row for item in batch for row in item.evidence], batch_size=500)
        through = Application.special_awards.through
        through.objects.bulk_create(
            through(
                application_id=item.application.pk,
                specialaward_id=self.season.awards[item.plan.round.programme_id][item.award].pk,
            )
            for item in batch
            if item.award
        )
        for item in batch:
            self.trail.add("application.created", item.application, item.plan.created_at, item.plan.owner)

    def _reports(self, drafted: list[Drafted]) -> None:
        """One annual report for each enterprise and programme, frozen with its first submission."""
        wanted: dict[tuple[int, int], list[Drafted]] = {}
        for item in drafted:
            wanted.setdefault((item.plan.enterprise.pk, item.plan.round.programme_id), []).append(item)
        reports = [reporting.report(items, self.source) for items in wanted.values()]
        for batch in _batches(reports):
            with transaction.atomic():
                AnnualReport.objects.bulk_create(batch)
        versions = []
        for report, items in zip(reports, wanted.values(), strict=True):
            first = min((item.plan.submitted_at for item in items if item.plan.submitted_at), default=None)
            if first is not None:
                versions.append(self._freeze_report(report, items[0].plan.owner, first))
        ReportVersion.objects.bulk_create(versions, batch_size=200)
        self._versions = {(row.report.enterprise_id, row.report.programme_id): row for row in versions}

    def _freeze_report(self, report: AnnualReport, actor: User, at: datetime) -> ReportVersion:
        public, personal = freezing.freeze_report(report)
        salt = self.source.salt()
        data = report_envelope(public, personal, salt, 1, at)
        return ReportVersion(
            report=report, version=1, data=data, personal=personal, salt=salt, sha256=codes.digest(data),
            code=self.source.code(), frozen_at=at, frozen_by=actor,
        )  # fmt: skip

    def _submit(self, batch: list[Drafted]) -> list[Filed]:
        # Three queries for the whole batch; freezing itself asks two more for each application.
        prefetch_related_objects(
            [item.application for item in batch], "members", "completing_units", "round__programme__special_awards"
        )
        for item in batch:
            self.recommender.before(item.application, item.plan.submitted_at, twice=self._twice(item.plan))
        filed = [Filed(item, self._submissions(item) if item.plan.submitted_at else []) for item in batch]
        WarningConfirmation.objects.bulk_create(self._answers, batch_size=500)
        self._answers = []
        everything = [submission for item in filed for submission in item.submissions]
        Submission.objects.bulk_create(everything, batch_size=200)
        for item in filed:
            self.recommender.bind(item.application, item.submissions)
        SubmitAttempt.objects.bulk_create([_attempt(submission) for submission in everything], batch_size=500)
        Consent.objects.bulk_create(
            [_consent(submission, kind) for submission in everything for kind in CONFIRMATIONS], batch_size=500
        )
        for submission in everything:
            self.trail.add(
                "application.submitted", submission.application, submission.submitted_at, submission.submitted_by,
                version=submission.version, file_number=submission.file_number, sha256=submission.sha256,
            )  # fmt: skip
        return filed

    def _submissions(self, item: Drafted) -> list[Submission]:
        """One version; every fifth filing of the open round was submitted twice before its deadline."""
        plan = item.plan
        assert plan.submitted_at is not None  # noqa: S101 -- the caller asks only for submitted ones
        public, personal = freezing.freeze_application(item.application)
        explaining.with_answers(public, personal, self._answered(item))
        personal["submitted_by"] = plan.owner.name
        rows = []
        if self._twice(plan):
            earlier = {**public, "results": {**public["results"], "honours": "", "main_results": "（整理中）"}}
            rows.append(self._submission(item, earlier, personal, 1, plan.submitted_at - timedelta(hours=2)))
        rows.append(self._submission(item, public, personal, len(rows) + 1, plan.submitted_at))
        return rows

    def _twice(self, plan: Plan) -> bool:
        return plan.round == self.season.open and plan.place % 5 == 1

    def _answered(self, item: Drafted) -> list[Asked]:
        """Whoever submitted had confirmed each warning with a reason."""
        if not self._explains:
            return []
        answered = []
        for one in explaining.asked(item.application, completeness.problems(item.application)):
            answered.append(Asked(one.problem, one.confirmation or self._answer(item, one)))
        return answered

    def _answer(self, item: Drafted, one: Asked) -> WarningConfirmation:
        """About the filing, or once for all filings about the report they stand on."""
        report = self._versions[(item.plan.enterprise.pk, item.plan.round.programme_id)].report
        known = self._of_reports.get((report.pk, one.problem.code)) if one.problem.of_report else None
        if known is not None:
            return known
        given = WarningConfirmation(
            application=None if one.problem.of_report else item.application,
            report=report if one.problem.of_report else None,
            code=one.problem.code, fingerprint=one.problem.fingerprint, message=one.problem.message,
            reason=one.ready[0], confirmed_by=item.plan.owner, confirmed_at=item.plan.submitted_at,
        )  # fmt: skip
        self._answers.append(given)
        if one.problem.of_report:
            self._of_reports[report.pk, one.problem.code] = given
        return given

    def _submission(
        self, item: Drafted, public: dict[str, Any], personal: dict[str, Any], version: int, at: datetime
    ) -> Submission:
        application, plan = item.application, item.plan
        report = self._versions[(plan.enterprise.pk, plan.round.programme_id)]
        at = max(at, report.frozen_at)
        salt = self.source.salt()
        assert application.file_number  # noqa: S101 -- given to every submitted plan
        data = submission_envelope(
            public, personal, salt=salt, file_number=application.file_number, version=version, submitted_at=at,
            report=report,
        )  # fmt: skip
        return Submission(
            uuid=self.source.uuid("submission"), application=application, version=version,
            file_number=application.file_number, report_version=report, data=data, personal=personal, salt=salt,
            recommending_unit_id=application.recommending_unit_id,
            sha256=codes.digest(data), code=self.source.code(), submitted_at=at, submitted_by=plan.owner,
        )  # fmt: skip


def _attempt(submission: Submission) -> SubmitAttempt:
    return SubmitAttempt(
        application=submission.application,
        user=submission.submitted_by,
        arrived_at=submission.submitted_at,
        decided_at=submission.submitted_at,
        outcome="accepted",
        message=f"已提交第 {submission.version} 版。",
        submission=submission,
    )


def _consent(submission: Submission, kind: str) -> Consent:
    return Consent(
        kind=kind,
        version=FIRST_VERSION,
        user=submission.submitted_by,
        enterprise=submission.application.enterprise,
        application=submission.application,
        at=submission.submitted_at,
    )


def _batches(rows: list[T]) -> Iterator[list[T]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]
