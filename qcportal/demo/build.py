"""All demo data in order. Everything is committed in pieces, so that a large load never holds one long transaction."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction

from applications.actions import documents
from applications.actions import recommending as opinions
from applications.models import Application, Enterprise, Recommendation
from applications.states import State
from events.models import Event
from qcportal import clock, mail, outbox
from qcportal.demo import (
    asking,
    checking,
    dealing,
    enterprises,
    events,
    evidence,
    filing,
    intake,
    judging,
    planner,
    posting,
    public,
    queueing,
    recommending,
    results,
    scanning,
    timeline,
)
from qcportal.demo.filing import Filed
from qcportal.demo.judging import Bench
from qcportal.demo.logins import Logins
from qcportal.demo.source import Source
from qcportal.demo.trail import Trail
from qcportal.errors import Refusal
from qcportal.models import MailKind, MailState, OutboxMessage, User
from reviews import scopes
from reviews.models import Stage

DEFAULT_APPLICATIONS = 46
DEFAULT_JUDGES = 8
# Above this nothing is queued for the workers: a benchmark wants rows, not packets.
QUEUE_LIMIT = 200
SETUP_DAY = -520  # before anything else happened


@dataclass
class Summary:
    counts: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - started


def seed(
    *, applications: int = DEFAULT_APPLICATIONS, judges: int = DEFAULT_JUDGES, seed_: int = 1, today: date,
    small_pool: bool = False,
) -> Summary:  # fmt: skip
    """Fill an empty database. The same arguments give the same rows bit for bit.

    Refused in production, and where there are users already.
    """
    if settings.PRODUCTION:
        raise Refusal("生产环境不能装入演示数据。", "production")
    if User.objects.exists():
        raise Refusal("数据库中已有用户，演示数据只能装入空的数据库。", "not_empty")
    return _Seeder(Source(seed_, today), applications, judges, small_pool).run()


class _Seeder:
    def __init__(self, source: Source, applications: int, judges: int, small_pool: bool) -> None:
        self.source, self.applications, self.judges, self.small_pool = source, applications, judges, small_pool
        self.summary, self.trail, self.logins = Summary(), Trail(), Logins(source)

    def run(self) -> Summary:
        summary = self.summary
        with clock.fixed(self.source.day(SETUP_DAY)):
            with summary.timed("基础数据"):
                self._people_and_programmes()
            with summary.timed("文件"):
                pool = evidence.build_pool(self.source, small=self.small_pool)
                public.install_templates(self.season)
            with summary.timed("申报"):
                filed = self._filings(pool)
            with summary.timed("评审"):
                self._reviews(filed)
            with summary.timed("往来"):
                self._waiting(filed)
        with clock.fixed(self.source.midnight), summary.timed("收尾"):
            small = len(filed) <= QUEUE_LIMIT
            queueing.count_warnings(filed, compare=small)
            if small:
                people = [self.secretary, self.staff["demo-secretary-2"]]
                queueing.Desk(self.source, self.trail, people).leave(filed)
            summary.counts["审计记录"] = self.trail.write()
            self._queue(filed)
        planner.analyze()
        return summary

    def _people_and_programmes(self) -> None:
        self.season = timeline.build(self.source)
        public.build(self.source)
        self.staff = self.logins.staff()
        self.secretary = self.staff["demo-secretary"]
        companies = enterprises.companies(max(len(enterprises.COMPANIES), self.applications // 4))
        self.enterprises = [
            enterprises.build(self.source, company, serial, self.secretary.pk)
            for serial, company in enumerate(companies)
        ]
        Enterprise.objects.bulk_create(self.enterprises, batch_size=500)
        self.owners = self.logins.owners(self.enterprises, companies)
        self.clerk = self.logins.clerk(self.enterprises[0])
        self.summary.counts["申报单位"] = len(self.enterprises)

    def _filings(self, pool: evidence.Pool) -> list[Filed]:
        plans = filing.plans(self.source, self.season, self.applications, self.enterprises, self.owners)
        recommender = recommending.Desk(self.source, self.trail, self.staff["demo-recommender"], self.season.units)
        filed = filing.Builder(self.source, self.season, pool, self.trail, recommender).build(plans)
        self._invite_clerk(filed)
        recommender.ask_about_draft(self._draft_of_demo_enterprise(filed))
        checking.Desk(self.source, self.season, self.trail, self.secretary).check_all(filed)
        self.summary.counts["申报"] = len(filed)
        self.summary.counts["提交版本"] = sum(len(item.submissions) for item in filed)
        return filed

    def _invite_clerk(self, filed: list[Filed]) -> None:
        """demo-clerk fills in one draft and the returned filing of demo-enterprise."""
        for state in (State.DRAFT, State.RETURNED):
            own = (item.application for item in filed if item.application.enterprise == self.enterprises[0])
            chosen = next((application for application in own if application.state == state), None)
            if chosen is not None:
                chosen.clerks.add(self.clerk)

    def _draft_of_demo_enterprise(self, filed: list[Filed]) -> Application:
        return next(
            item.application for item in filed
            if item.application.enterprise == self.enterprises[0] and item.application.state == State.DRAFT
        )  # fmt: skip

    def _reviews(self, filed: list[Filed]) -> None:
        season, source = self.season, self.source
        bench = Bench(source, self.trail, self.secretary)
        bench.appoint(self.logins, self.staff, self.judges, self.enterprises[0])
        past = events.event(
            season.finished, source.day(timeline.EVENT_DAYS[0]), place="西宁市民大会堂", address="西宁市城西区"
        )
        ahead = events.event(
            season.in_review, source.day(timeline.EVENT_DAYS[1]), place="青海会议中心", address="西宁市城西区海湖新区"
        )
        events.training(season.open, source.day(30))
        stages = {round_.pk: judging.stages(round_) for round_ in (season.finished, season.in_review, season.open)}
        self._finished(bench, judging.of_round(filed, season.finished), stages[season.finished.pk], past)
        self._half_done(bench, judging.of_round(filed, season.in_review), stages[season.in_review.pk])
        if self.judges == DEFAULT_JUDGES:  # a number asked for is that number
            bench.reserve(self.logins, season.in_review)
        self.summary.counts |= {"评委": len(bench.judges), "活动": 3}
        self.ahead, self.past = ahead, past

    def _finished(self, bench: Bench, filed: list[Filed], stages: dict[str, Stage], past: Event) -> None:
        source = self.source
        bench.pledge(self.season.finished.programme, source.day(-292))
        document = judging.document_stage(stages)
        window = (source.day(-288), source.day(-262))
        judging.set_window(document, *window)
        given = bench.assign(document, filed, source.day(-290))
        recused = bench.recuse(given, source.day(-290))
        documents = bench.score(given, filed, recused, window, share=1)
        presenting = results.shortlist(filed, documents)
        events.run(source, self.trail, past, presenting, self.secretary, source.day(-258))
        stage = stages["presentation"]
        window = (past.starts_at, past.ends_at)
        judging.set_window(stage, past.starts_at - timedelta(hours=2), past.ends_at + timedelta(days=1))
        given = bench.assign(stage, [item for item, _rank in presenting], source.day(-250))
        bench.score(given, [item for item, _rank in presenting], recused, window, share=1)
        results.announce(bench, self.season.finished, source.day(-200))

    def _half_done(self, bench: Bench, filed: list[Filed], stages: dict[str, Stage]) -> None:
        source = self.source
        bench.pledge(self.season.in_review.programme, source.day(-27))
        document = judging.document_stage(stages)
        judging.set_window(document, source.day(-25), source.day(6))
        given = bench.assign(document, filed, source.day(-26))
        recused = bench.recuse(given, source.day(-26))
        if len(given) > 2:
            recused.add(bench.declare(given[2][-1], source.day(-24)))
        bench.score(given, filed, recused, (source.day(-20), source.day(-1)), share=0.5)
        results.cut(bench, scopes.of_round(self.season.in_review), source.day(-3))

    def _waiting(self, filed: list[Filed]) -> None:
        """What a newcomer should find waiting at least once; a benchmark does without."""
        if len(filed) > QUEUE_LIMIT:
            return
        desk = asking.Desk(self.source, self.trail, self.secretary)
        desk.ask(self.enterprises, self.owners, self.logins)
        desk.mark_filled(self._draft_of_demo_enterprise(filed), self.clerk)
        for item in filed:
            application = item.application
            if application.state == State.RETURNED and application.enterprise == self.enterprises[0]:
                desk.reply(application, self.clerk)
        dealing.Desk(self.source, self.trail, self.secretary).work(self.enterprises, self.owners[0])
        taken = intake.Desk(self.source, self.trail, self.secretary)
        taken.past_results(self.enterprises)
        taken.folder(self.enterprises[12], self.season.open)
        scans = scanning.Desk(self.source, self.trail, self.secretary)
        scans.scan(self.enterprises[0], self.season.open, self.owners[0])

    def _queue(self, filed: list[Filed]) -> None:
        """Packets of the latest versions are asked for; the workers build them. Receipts of demo-enterprise as sent."""
        if len(filed) > QUEUE_LIMIT:
            return
        with _without_broker_noise(), transaction.atomic():
            # The open round first: its documents are looked at first.
            for item in sorted(filed, key=lambda each: -each.application.round_id):
                if item.submissions and item.application.state != State.WITHDRAWN:
                    documents.request(item.latest)
            for opinion in Recommendation.objects.exclude(submission=None).order_by("pk"):
                opinions.request_page(opinion)
            outbox.add("agenda.build", f"agenda:{self.past.pk}", {"event": self.past.pk}, queue="documents", priority=4)
        with transaction.atomic():
            for item in filed:
                if item.submissions and item.application.enterprise == self.enterprises[0]:
                    self._receipt(item)
            posting.Desk(self.source, self.owners[0]).write(filed)

    def _receipt(self, item: Filed) -> None:
        """A mail of the past: written as sent, so nothing leaves."""
        context = {"application": item.application, "submission": item.latest, "round": item.application.round}
        letter = mail.queue_template(
            kind=MailKind.RECEIPT, to=self.owners[0].email, template="receipt", context=context,
            about_row=item.application,
        )  # fmt: skip
        assert letter is not None  # noqa: S101 -- demo owners have addresses
        at = item.latest.submitted_at
        type(letter).objects.filter(pk=letter.pk).update(
            created_at=at, sent_at=at + timedelta(minutes=1), state=MailState.SENT
        )
        OutboxMessage.objects.filter(key=f"mail:{letter.pk}").delete()


@contextmanager
def _without_broker_noise() -> Iterator[None]:
    """Seeding usually comes before the broker starts; the relay sends the rows later."""
    logger = logging.getLogger("qcportal.outbox")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
