"""A season with ``count`` of everything that a page lists, so that one and three can be compared."""

import io
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from applications.actions import (
    bulk,
    calls,
    checking,
    claiming,
    folders,
    messages,
    notes,
    paper,
    paper_desk,
    past_results,
    people,
    recommending,
    saved_filters,
    uploads,
)  # fmt: skip
from applications.actions import recommenders as inviting
from applications.actions.acting import look_as
from applications.models import (
    Application,
    Association,
    AwardLevel,
    BulkItem,
    CalendarEntry,
    Consent,
    DownloadTemplate,
    Enterprise,
    Extension,
    FormalCheck,
    JoinRequest,
    JointHost,
    Notice,
    NoticeFile,
    NoticeVersion,
    Packet,
    PaperBatch,
    PastResult,
    RecommendingUnit,
    Remark,
    RemarkReply,
    ReplyTemplate,
    StaffEntry,
    SubmitAttempt,
    WorkdayException,
)
from events import actions as event_actions
from qcportal import audit, clock, files
from qcportal.exports import actions as export_actions
from qcportal.exports.scope import Scope
from qcportal.models import Heartbeat, LetterText, MailBatch, MailMessage, ServerFault, User
from qcportal.personnel import inviting as inviting_people
from qcportal.roles import Role
from reviews.actions import recusing
from reviews.actions.rubrics import create_stages
from reviews.models import (
    AssignmentProposal,
    DeclaredRelation,
    ExpertiseField,
    Judge,
    Panel,
    Ranking,
    Rubric,
    TieDecision,
)
from reviews.proposing import Parameters
from tests import factories
from tests.access.world import scan_of
from tests.applications import checked, recommenders
from tests.events import builders as event_builders
from tests.imports import builders as import_builders
from tests.imports import folders as packed
from tests.imports import test_past_results as past_builders
from tests.reviews import builders


@dataclass
class Season:
    people: dict[str, User | None] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)


def build(count: int) -> Season:
    season = Season()
    now = clock.now()
    closed = builders.closed_round()
    open_round = factories.round_of(
        2026, 2, opens_at=now - timedelta(days=20), closes_at=now + timedelta(days=10),
        stamped_due_at=now + timedelta(days=17), paper_due_at=now + timedelta(days=17),
    )  # fmt: skip
    lead = builders.judge("孟组长", "青海省孟研究所", closed.programme)
    season.people = {
        "anonymous": None,
        "owner": factories.enterprise_owner(username="owner"),
        "lead": lead.user,
        "secretary": factories.staff(username="secretary", name="陈雪梅", role=Role.SECRETARIAT),
    }
    stage = builders.only_documents(closed)
    season.rows.update(closed=closed, open=open_round, stage=stage, lead=lead)
    season.rows["panel"] = Panel.objects.create(stage=stage, name="第一组", lead=lead)
    Association.objects.create(
        name="青海省质量协会", office="秘书处", phone="0971-0000000", email="a@b.example", address="西宁"
    )
    create_stages(open_round)
    for number in range(1, count + 1):
        _filing(season, number)
        _enterprise(season, number)
        _judging(season, number)
        _site(season, number)
        _taken_in(season, number)
    _event(season, count)
    _draft(season, count)
    _recommending(season, count)
    _queue(season, count)
    _counter(season, count)
    _records(season, count)
    return season


def _queue(season: Season, count: int) -> None:
    """``count`` claimed filings, saved filters and bulk actions."""
    secretary = season.people["secretary"]
    waiting = Application.objects.filter(state="submitted", checks=None).order_by("pk")[:count]
    for application in waiting:
        claiming.claim(application, actor=secretary)
    for number in range(count):
        season.rows["queue_filter"] = saved_filters.save(actor=secretary, name=f"筛选{number}", query="city=6301")
        batch = bulk.preview(Application.objects.all(), kind="paper", actor=secretary, query="queue=all")
        season.rows["batch"] = bulk.confirm(batch, actor=secretary, rows=Application.objects.all())
        BulkItem.objects.all().update(state="left_out", reason="纸质件已签收")


def _filing(season: Season, number: int) -> None:
    owner, secretary, closed = season.people["owner"], season.people["secretary"], season.rows["closed"]
    other = factories.enterprise_owner(username=f"other{number}", enterprise_name=f"青海第{number}有限公司")
    filing = builders.accepted(owner, closed, serial=number, group_name=f"第{number}小组", preference=number)
    foreign = builders.accepted(other, closed, serial=30 + number)
    checked.submitted(other, season.rows["open"], group_name=f"外{number}小组")
    for one in (filing, foreign):
        messages.post_message(messages.thread_for(one), author=secretary, body="请核对。", from_staff=True)
        messages.post_message(messages.thread_for(one), author=one.created_by, body="已核对。", from_staff=False)
    submission = foreign.latest_submission
    paper.receive_paper(submission, actor=secretary, shelf="A1", note="", accept_stale=False)
    pdf = files.store(factories.PDF, "application/pdf")
    Packet.objects.create(
        submission=submission, kind="full", template_version="1", file=pdf, pages=1, built_at=clock.now()
    )
    scan_of(filing, owner)
    season.rows[f"filing{number}"], season.rows[f"foreign{number}"] = filing, foreign


def _draft(season: Season, count: int) -> None:
    """The filing whose own pages list ``count`` versions, files, remarks and messages, and one being checked."""
    owner, secretary = season.people["owner"], season.people["secretary"]
    draft = factories.complete_draft(owner, season.rows["open"], group_name="红柳小组")
    for number in range(count):
        factories.evidence(draft, "other", f"附图{number}.pdf", factories.PDF + b"%" * number)
        uploads.start(draft, actor=owner, name=f"照片{number}.jpg", size=9000 + number, kind="photo")
        draft.clerks.add(factories.colleague(owner, username=f"of-draft{number}", name="张填报", role="clerk"))
        messages.post_message(messages.thread_for(draft), author=secretary, body="请补充。", from_staff=True)
    season.rows["draft"] = draft
    for _number in range(count):
        StaffEntry.objects.create(
            application=draft, folder=season.rows["folder"], file_name="附件1.docx", source_sha256="0" * 64,
            entered_by=secretary, entered_at=clock.now(),
        )  # fmt: skip
    season.rows["import"] = import_builders.statistics(owner, season.rows["open"], count)
    season.rows["groups"] = import_builders.groups(owner, season.rows["open"], count)
    filed = checked.submitted(
        factories.enterprise_owner(username="checked", enterprise_name="青海受检有限公司"), season.rows["open"]
    )
    checked.checklist(filed, *(f"第{number}项" for number in range(count)))
    for number in range(count):
        factories.evidence(filed, "other", f"附图{number}.pdf", factories.PDF + b"%" * number)
        checked.resubmit(filed, filed.created_by)
    checking.start_check(filed, actor=secretary)
    season.rows["filed"] = filed


def _recommending(season: Season, count: int) -> None:
    """A unit with ``count`` people, drafts and versions; ``count`` opinions about one draft and one version."""
    unit, owner, secretary = recommenders.unit(), season.people["owner"], season.people["secretary"]
    season.rows["unit"], season.people["recommender"] = unit, recommenders.person(unit)
    recommender = season.people["recommender"]
    for number in range(1, count + 1):
        recommenders.person(unit, username=f"of-unit{number}", name="祁永福")
        inviting.invite(unit, actor=secretary, email=f"unit{number}@b.example", name="新人", now=clock.now())
        other = User.objects.get(username=f"other{number}")
        shared = factories.complete_draft(other, season.rows["open"], recommending_unit=unit)
        recommending.request_opinion(shared, actor=other)
        recommenders.give(shared, recommender)
        _chosen(Application.objects.get(group_name=f"外{number}小组"), unit)
    draft = _chosen(season.rows["draft"], unit)
    recommending.request_opinion(draft, actor=owner)
    filed = _chosen(season.rows["filed"], unit)
    for _number in range(count):
        recommenders.give(draft, recommender)
        recommenders.give(filed, recommender)


def _records(season: Season, count: int) -> None:
    """``count`` exports, returns with a remark, and reads."""
    secretary, programme = season.people["secretary"], season.rows["closed"].programme
    for number in range(1, count + 1):
        filing, now = season.rows[f"foreign{number}"], clock.now()
        export_actions.ask("results", Scope(programme=programme), actor=secretary, file_format="csv")
        check = FormalCheck.objects.create(
            application=filing, submission=filing.latest_submission, checker=secretary, started_at=now, decided_at=now,
            outcome="return", correction_due_at=now, open_fields=["topic_name"],
        )  # fmt: skip
        remark = Remark.objects.create(formal_check=check, field="topic_name", text="请核对")
        RemarkReply.objects.create(remark=remark, text="已核对", replied_by=filing.created_by, replied_at=now)
        with transaction.atomic():
            audit.record("application.personal_viewed", filing, actor=secretary)


def _chosen(application: Application, unit: RecommendingUnit) -> Application:
    Application.objects.filter(pk=application.pk).update(recommending_unit=unit)
    application.submissions.update(recommending_unit=unit)
    application.refresh_from_db()
    return application


def _enterprise(season: Season, number: int) -> None:
    owner, now = season.people["owner"], clock.now()
    enterprise = factories.enterprise_of(owner)
    clerk = factories.colleague(owner, username=f"clerk{number}", name=f"填报{number}", role="clerk")
    season.rows[f"filing{number}"].clerks.add(clerk)
    people.invite(enterprise, actor=owner, email=f"neu{number}@b.example", name="新人", role="clerk", now=now)
    asking = factories.user(username=f"asking{number}", name="申请人")
    JoinRequest.objects.create(enterprise=enterprise, user=asking, reason="质量部", created_at=now)
    Consent.objects.create(kind="privacy", version="2026-1", user=clerk, enterprise=enterprise, at=now)


def _judging(season: Season, number: int) -> None:
    secretary, stage, lead = season.people["secretary"], season.rows["stage"], season.rows["lead"]
    filing, foreign = season.rows[f"filing{number}"], season.rows[f"foreign{number}"]
    judge = builders.judge(builders.NAMES[number], f"青海省{number}研究所", stage.round.programme)
    if number == 1:
        season.people["judge"] = judge.user
        season.rows["first judge"] = judge
    first = season.rows["first judge"]
    for one in (first, lead):
        assignment = builders.assigning.assign(stage, filing, one, actor=secretary, panel=season.rows["panel"])
        builders.submitted_sheet(assignment, 80 + number)
    builders.draft_sheet(builders.assigning.assign(stage, foreign, first, actor=secretary))
    recusing.record_recusal(lead, foreign, actor=secretary, reason="曾任顾问")
    Panel.objects.create(stage=stage, name=f"小组{number}", lead=judge).judges.add(judge)
    _proposing(season, number, judge)
    Rubric.objects.create(sheet="result", name=f"试用表{number}")
    TieDecision.objects.create(
        round=stage.round, application=foreign, position=number, reason="合议", decided_at=clock.now(),
        decided_by=secretary,
    )  # fmt: skip
    season.rows["frozen"] = Ranking.objects.create(
        programme=stage.round.programme, round=stage.round, version=number, sha256="0" * 64, frozen_by=secretary,
        data={"rows": [{"enterprise": "单位", "group": "小组", "topic": "课题", "rank": 1}] * number},
        frozen_at=clock.now(), announced_at=clock.now(),
    )  # fmt: skip


def _proposing(season: Season, number: int, judge: Judge) -> None:
    """One proposal, with a panel, its judge and a filing more each time."""
    secretary, stage, now = season.people["secretary"], season.rows["stage"], clock.now()
    if number == 1:
        season.rows["proposal"] = AssignmentProposal.objects.create(
            stage=stage, mode="panels", state="proposed", parameters=Parameters("panels", 1, standing=True).dump(),
            author=secretary, created_at=now, solved_at=now, seconds=0.5,
        )  # fmt: skip
    else:
        AssignmentProposal.objects.create(
            stage=stage, mode="each", state="dropped", parameters=Parameters("each", 1).dump(), author=secretary,
            created_at=now,
        )  # fmt: skip
    proposal = season.rows["proposal"]
    judge.expertise_fields.add(ExpertiseField.objects.all()[number])
    panel = proposal.panels.create(number=number, name=f"第 {number} 组", lead=judge)
    panel.judges.set([judge, season.rows["first judge"]])
    proposal.lines.create(application=season.rows[f"filing{number}"], judge=judge, panel=panel)
    proposal.lines.create(application=season.rows[f"foreign{number}"], judge=judge, panel=panel)
    DeclaredRelation.objects.create(
        judge=judge, kind="kin", unit_name="青海远山机电有限公司", declared_at=now, declared_by=secretary
    )


def _site(season: Season, number: int) -> None:
    now, secretary = clock.now(), season.people["secretary"]
    pdf = files.store(factories.PDF, "application/pdf")
    Notice.objects.create(slug=f"n{number}", title=f"通知{number}", body="正文", published_on=date(2026, 6, number))
    about, _made = Notice.objects.get_or_create(
        slug="about", defaults={"kind": "page", "title": "关于", "body": "正文", "published_on": date(2026, 6, 1)}
    )
    NoticeFile.objects.create(notice=about, name=f"附件{number}.pdf", file=pdf)
    NoticeVersion.objects.create(
        notice=about, number=number, title="关于", body="正文", is_published=True, saved_by=secretary, saved_at=now
    )
    season.rows["notice"] = about
    programme = season.rows["open"].programme
    AwardLevel.objects.create(programme=programme, position=number, name=f"{number}等")
    JointHost.objects.create(programme=programme, position=number, name=f"主办{number}")
    CalendarEntry.objects.create(
        programme=programme, kind="event", title=f"发布{number}", starts_on=date(2026, 7, number),
        ends_on=date(2026, 7, number),
    )  # fmt: skip
    DownloadTemplate.objects.create(slug=f"t{number}", annex="附件", title="表", file_name="表.pdf", file=pdf)
    RecommendingUnit.objects.create(name=f"第{number}协会")
    WorkdayException.objects.create(day=date(2026, 10, number), is_workday=True)
    factories.programme(2010 + number)
    factories.round_of(2010 + number, 1)
    Heartbeat.objects.create(name=f"worker{number}", at=now)
    LetterText.objects.create(code="receipt", year=2000 + number, subject="回执", body="已收到。")
    _mails(season, number)
    Extension.objects.create(
        round=season.rows["open"], enterprise=factories.enterprise_of(season.people["owner"]), reason="停电",
        new_deadline=now + timedelta(days=20), created_by=secretary, created_at=now,
    )  # fmt: skip


def _mails(season: Season, number: int) -> None:
    """A letter with ``number`` tries, texts and repeats, in a batch of as many."""
    now, secretary = clock.now(), season.people["secretary"]
    if number == 1:
        season.rows["mail_batch"] = MailBatch.objects.create(occasion="paper", created_by=secretary, created_at=now)
    words = {"kind": 3, "subject": "请补正", "body": "请核对。", "created_at": now, "batch": season.rows["mail_batch"]}
    letter = MailMessage.objects.create(to=f"a{number}@b.example", state="unsure", **words)
    season.rows.setdefault("mail", letter)
    first = season.rows["mail"]
    first.attempts.create(started_at=now)
    first.versions.create(number=number, subject="旧", body="旧", replaced_at=now, replaced_by=secretary)
    MailMessage.objects.create(to="c@b.example", resend_of=first, **words)


def _taken_in(season: Season, number: int) -> None:
    """``number`` folders, lists and invitations, of which the last ones have as many rows."""
    now, secretary = clock.now(), season.people["secretary"]
    content = packed.zipped(packed.usual() | {f"{packed.NAME}/附图{one}.pdf": factories.PDF for one in range(number)})
    folder = folders.take(io.BytesIO(content), f"{packed.NAME}.zip", actor=secretary, now=now)
    head, rows = ["年度", "单位名称", "小组名称"], [[2024, "青海某公司", f"第{one}小组"] for one in range(number)]
    source = past_results.take(
        past_builders.book([head, *rows]), "名单.xlsx", actor=secretary, now=now, default_year=None
    )  # fmt: skip
    enterprise = factories.enterprise_of(season.people["owner"])
    PastResult.objects.create(
        year=2020, unit_name=enterprise.name, enterprise=enterprise, group_name=f"旧{number}小组",
        identity=f"{number:064d}", created_at=now, updated_at=now,
    )  # fmt: skip
    invited = inviting_people.invite(
        inviting_people.Invitee(f"会务{'一二三'[number - 1]}", f"desk{number}@b.example"), "event_staff",
        actor=secretary, now=now,
    )  # fmt: skip
    for role in ("auditor", "judge", "secretariat")[: number - 1]:
        inviting_people.invite(
            inviting_people.Invitee(invited.user.name, invited.user.email), role, actor=secretary, now=now
        )
    season.rows.update(folder=folder, past_source=source, invited=invited.user)


def _event(season: Season, count: int) -> None:
    """One presentation with ``count`` groups in its order, and ``count`` events more."""
    secretary = season.people["secretary"]
    performer = factories.enterprise_owner(username="performer", enterprise_name="青海发表有限公司")
    season.rows["event"] = event = event_builders.event(season.rows["closed"], is_published=True)
    track = event.tracks.get()
    for number in range(1, count + 1):
        group = event_builders.accepted(performer, season.rows["closed"], 70 + number)
        event_actions.shortlist_by_hand(track, group, actor=secretary, reason="突出")
        event_builders.event(season.rows["closed"], slug=f"training-{number}", is_published=True)
    event_actions.commit_draw(track, actor=secretary)
    event_actions.perform_draw(track, actor=secretary)
    event_actions.publish_order(event, actor=secretary, now=clock.now())


def _counter(season: Season, count: int) -> None:
    """What the secretariat's counter lists: ``count`` notes, calls, attempts, scans, claims, viewings."""
    secretary, owner, now = season.people["secretary"], season.people["owner"], clock.now()
    enterprise, draft = factories.enterprise_of(owner), season.rows["draft"]
    batch = paper_desk.open_batch(actor=secretary)
    season.rows["paper_batch"], today = batch, timezone.localdate(now)
    for number in range(1, count + 1):
        notes.add_note(enterprise, actor=secretary, text=f"第{number}条", application=draft, pinned=True)
        calls.log_call(
            actor=secretary, subject="问", outcome="call_back", enterprise=enterprise, application=draft,
            follow_up_on=today,
        )  # fmt: skip
        other = User.objects.get(username=f"other{number}")
        SubmitAttempt.objects.create(
            application=draft, user=owner, arrived_at=now, decided_at=now, outcome="incomplete", message="缺项",
            missing=["topic_name"],
        )  # fmt: skip
        ServerFault.objects.create(at=now, method="GET", path="/", kind="ValueError", user=owner)
        paper_desk.scan(batch, season.rows[f"filing{number}"].latest_submission.code, actor=secretary)
        JoinRequest.objects.create(
            enterprise=factories.enterprise_of(other), user=factories.user(username=f"claims{number}"), created_at=now
        )
        ReplyTemplate.objects.create(title=f"答复{number}", text="请补寄。")
        season.rows["viewing"] = look_as(owner, actor=secretary, reason="核对页面", now=now)
        Enterprise.objects.filter(pk=factories.enterprise_of(other).pk).update(verified_at=None)
        PaperBatch.objects.create(opened_by=secretary, opened_at=now, closed_at=now)
    season.rows["unit of owner"] = enterprise
