"""One of everything that has an address, and one person of every kind who may knock at it.

Two filings of the same enterprise: ``draft`` in the open round and ``filing`` under review; the 填报人 called
clk was invited to both, clk0 to none.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group

from applications.actions import messages, ownership, people, recommending, uploads
from applications.models import (
    Application,
    DownloadTemplate,
    FormalCheck,
    Invitation,
    JoinRequest,
    Notice,
    NoticeFile,
    PaperPart,
    PaperSet,
    PastResult,
    PastResultFile,
    Remark,
    ScannedPage,
    ScannedPart,
    StaffEntry,
    StaffFolder,
    StampedScan,
    Submission,
    UnitInvitation,
)
from applications.previews import building
from events import actions as event_actions
from qcportal import clock, files, signing
from qcportal.models import PersonalDataRequest, PersonInvitation, User
from qcportal.pdf import TEMPLATE_VERSION
from qcportal.personnel import inviting
from qcportal.roles import Role
from reviews import scopes
from reviews.actions import recusing
from reviews.actions.rankings import unsaved_ranking
from reviews.models import AssignmentProposal, DeclaredRelation, Panel
from reviews.proposing import Parameters
from tests import factories
from tests.applications import recommenders
from tests.events import builders as event_builders
from tests.imports import builders as import_builders
from tests.reviews import builders

TOKEN = "an-invitation-nobody-guesses"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
CODE = "K7QMX2DR5TNB"


@dataclass
class World:
    """``people`` by column of the table; ``addresses``: name of an address -> its arguments and query."""

    people: dict[str, User | None] = field(default_factory=dict)
    addresses: dict[str, tuple[dict[str, Any], str]] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)  # what the tests of the staff site need


def build() -> World:
    world = World()
    now = clock.now()
    closed = builders.closed_round()
    open_round = factories.round_of(
        2026, 2, opens_at=now - timedelta(days=20), closes_at=now + timedelta(days=10),
        stamped_due_at=now + timedelta(days=17), paper_due_at=now + timedelta(days=17),
    )  # fmt: skip
    _people(world, closed)
    _filings(world, closed, open_round)
    _recommending(world)
    _judging(world, closed)
    _events(world, closed)
    _enterprise(world)
    _site(world)
    _taken_in(world)
    return world


def _people(world: World, round_: Any) -> None:
    owner = factories.enterprise_owner(username="owner")
    judges = {name: builders.judge(name, f"青海省{name}研究所", round_.programme) for name in ("甲", "乙", "丙", "丁")}
    world.rows.update(judge=judges["甲"], recused=judges["丙"], lead=judges["丁"])
    world.people = {
        "anon": None,
        "own": owner,
        "mgr": factories.colleague(owner, username="manager", name="刘质量", role="manager"),
        "clk": factories.colleague(owner, username="clerk", name="李文静", role="clerk"),
        "clk0": factories.colleague(owner, username="clerk0", name="韩小青", role="clerk"),
        "riv": factories.enterprise_owner(username="rival", name="祁文澜", enterprise_name="青海瀚澄化工有限公司"),
        "none": factories.user(username="stranger", name="无单位"),
        "rec": recommenders.person(recommenders.unit()),
        "rec0": recommenders.person(recommenders.unit("青海省电力行业协会"), username="recommender0", name="李守义"),
        "jdg": judges["甲"].user,
        "oth": judges["乙"].user,
        "rcsd": judges["丙"].user,
        "lead": judges["丁"].user,
        "desk": factories.user(username="desk", name="周会务", role=Role.EVENT_STAFF),
        "secr": factories.staff(username="secretary", name="陈雪梅", role=Role.SECRETARIAT),
        "audi": factories.staff(username="auditor", name="赵守正", role=Role.AUDITOR),
    }
    judges["丁"].user.groups.add(Group.objects.get(name=Role.LEAD_JUDGE))


def _filings(world: World, closed: Any, open_round: Any) -> None:
    owner, clerk = world.people["own"], world.people["clk"]
    filing = builders.accepted(owner, closed, serial=90)
    draft = factories.complete_draft(owner, open_round)
    lapsed = factories.draft(owner, closed, state="lapsed", group_name="逾期的小组")
    for application in (filing, draft, lapsed):
        application.clerks.add(clerk)
    report = factories.enterprise_of(owner).reports.get()
    report.summary_file, report.summary_file_name = files.store(factories.PDF, "application/pdf"), "总结.pdf"
    report.save()
    item = draft.evidence.first()
    thread = messages.thread_for(filing)
    messages.post_message(thread, author=world.people["secr"], body="请核对联系电话。", from_staff=True)
    world.rows.update(filing=filing, draft=draft, thread=thread)
    of_draft, of_filing = {"uuid": draft.uuid}, {"uuid": filing.uuid}
    check = FormalCheck.objects.create(
        application=filing, submission=filing.latest_submission, checker=world.people["secr"], started_at=clock.now(),
        outcome="accept", decided_at=clock.now(),
    )  # fmt: skip
    remark = Remark.objects.create(formal_check=check, field="topic_name", text="请核对")
    world.addresses["applications:remark_reply"] = ({**of_filing, "pk": remark.pk}, "")
    of_item = {**of_draft, "item": item.uuid}
    of_round = {"year": 2026, "number": 1}
    enterprise = f"?enterprise={factories.enterprise_of(owner).uuid}"
    for name in ("detail", "order", "filled", "submit", "preview", "withdraw", "copy", "members_from"):
        world.addresses[f"applications:{name}"] = (of_draft, "")
    for name in ("evidence_file", "evidence_change", "evidence_move", "evidence_delete"):
        world.addresses[f"applications:{name}"] = (of_item, "")
    for name in ("evidence_order", "evidence_previews", "upload_start"):
        world.addresses[f"applications:{name}"] = (of_draft, "")
    world.addresses["applications:evidence_view"] = (of_item, "")
    world.addresses["applications:evidence_image"] = ({**of_item, "number": 1, "size": "thumb"}, "")
    building.build({"sha256": item.file_id, "first": 1})
    begun = uploads.start(draft, actor=owner, name="记录.pdf", size=300_000)
    for name in ("upload", "upload_complete", "upload_discard"):
        world.addresses[f"applications:{name}"] = ({**of_draft, "upload": begun.uuid}, "")
    for name in ("versions", "receipt", "receipt_mail", "packet_pdf", "receipt_pdf"):
        world.addresses[f"applications:{name}"] = (of_filing, "")
    reports = ("report", "report_summary", "report_document", "report_statistics", "report_statistics_check")
    for name in (*reports, "autosave_summary", "autosave_statistics", "report_statistics_explain"):
        world.addresses[f"applications:{name}"] = ({"year": 2026}, "")
    world.addresses["applications:topic_type"] = (of_draft, "?to=innovation")
    world.addresses["applications:carry_over"] = ({"uuid": lapsed.uuid}, "")
    for name in ("application_word", "application_upload"):
        world.addresses[f"applications:{name}"] = (of_draft, "")
    for name in ("summary_word", "summary_upload"):
        world.addresses[f"applications:{name}"] = ({"year": 2026}, "")
    world.addresses["applications:section"] = ({**of_draft, "code": "topic"}, "")
    world.addresses["applications:autosave"] = ({**of_draft, "code": "topic"}, "")
    world.addresses["applications:paper_set_pdf"] = (of_round, enterprise)
    for name in ("bundle_zip", "paper", "paper_progress"):
        world.addresses[f"applications:{name}"] = (of_round, enterprise)
    world.addresses["applications:year_zip"] = ({"year": 2026}, enterprise)
    scan = scan_of(filing, owner)
    world.rows["scan"] = scan
    for name in ("scan", "scan_file"):
        world.addresses[f"applications:{name}"] = ({"uuid": scan.uuid}, "")
    world.addresses["applications:scan_page"] = ({"uuid": scan.uuid, "number": 1}, "")
    world.addresses["applications:thread"] = ({"uuid": thread.uuid}, "")
    _imports(world, owner, open_round)


def _imports(world: World, owner: User, open_round: Any) -> None:
    """Files that the owner uploaded and did not confirm yet."""
    cells, groups = import_builders.statistics(owner, open_round, 1), import_builders.groups(owner, open_round, 1)
    world.addresses["applications:import_review"] = ({"uuid": cells.uuid}, "")
    for name in ("import_groups_review", "import_groups_refused"):
        world.addresses[f"applications:{name}"] = ({"uuid": groups.uuid}, "")
    for name in ("statistics_form", "statistics_upload"):
        world.addresses[f"applications:{name}"] = ({"year": 2026}, "")
    for name in ("import_groups", "import_groups_form"):
        world.addresses[f"applications:{name}"] = ({"year": 2026, "number": 2}, "")


def scan_of(filing: Any, owner: User) -> StampedScan:
    """A scan of the filing's attachment 1, as read."""
    pdf, now = files.store(factories.PDF, "application/pdf"), clock.now()
    submission = filing.latest_submission
    part = PaperPart.objects.create(
        enterprise=filing.enterprise, programme=filing.round.programme, round=filing.round, kind="annex1",
        code=submission.code, version=submission.version, title=filing.group_name, submission=submission, file=pdf,
        pages=1, template_version=TEMPLATE_VERSION, built_at=now, printed_at=now,
    )  # fmt: skip
    scan = StampedScan.objects.create(
        enterprise=filing.enterprise, round=filing.round, part=part, file=pdf, name="扫描.pdf", pages=1,
        uploaded_at=now, uploaded_by=owner, state="done", read_at=now,
    )  # fmt: skip
    ScannedPart.objects.create(scan=scan, part=part, pages=1, is_consistent=True)
    ScannedPage.objects.create(
        scan=scan, number=1, result="match", code=part.code, part=part, part_page=1, thumbnail=pdf
    )
    return scan


def _recommending(world: World) -> None:
    """The unit of ``rec`` was chosen for both filings, gave an opinion about one and was shown the other's draft."""
    unit, owner, now = recommenders.unit(), world.people["own"], clock.now()
    for name in ("filing", "draft"):
        Application.objects.filter(pk=world.rows[name].pk).update(recommending_unit=unit)
        world.rows[name].refresh_from_db()
    Submission.objects.filter(application=world.rows["filing"]).update(recommending_unit=unit)
    recommending.request_opinion(world.rows["draft"], actor=owner)
    opinion = recommenders.give(world.rows["filing"], world.people["rec"])
    invitation = UnitInvitation.objects.create(
        unit=unit, email="neu@unit.example", name="新同事", invited_by=world.people["secr"], created_at=now,
        token_hash=people.token_hash(TOKEN), expires_at=now + timedelta(days=14),
    )  # fmt: skip
    world.rows.update(unit=unit, unit_invitation=invitation)
    of_filing, of_draft = {"uuid": world.rows["filing"].uuid}, {"uuid": world.rows["draft"].uuid}
    filed_item = world.rows["filing"].latest_submission.data["evidence"][0]["uuid"]
    for name in ("detail", "withdraw"):
        world.addresses[f"applications:recommend_{name}"] = (of_filing, "")
    for name in ("request", "cancel"):
        world.addresses[f"applications:recommend_{name}"] = (of_draft, "")
    world.addresses["applications:recommend_detail/draft"] = (of_draft, "")
    world.addresses["applications:recommend_file"] = ({**of_filing, "item": filed_item}, "")
    item = world.rows["draft"].evidence.first().uuid
    world.addresses["applications:recommend_file/draft"] = ({**of_draft, "item": item}, "")
    world.addresses["applications:recommend_pdf"] = ({**of_filing, "item": opinion.uuid}, "")
    world.addresses["applications:recommend_invitation"] = ({"token": TOKEN}, "")


def proposed(stage, given, secretary):
    """A proposal that waits to be confirmed, with the one assignment there is; and a relation that a judge told."""
    DeclaredRelation.objects.create(
        judge=given.judge, kind="kin", unit_name="青海远山机电有限公司", declared_at=clock.now(), declared_by=secretary
    )
    proposal = AssignmentProposal.objects.create(
        stage=stage, mode="each", state="proposed", parameters=Parameters("each", 1).dump(), author=secretary,
        created_at=clock.now(), solved_at=clock.now(), seconds=0.5, inputs_sha256="0" * 64,
    )  # fmt: skip
    proposal.lines.create(application=given.application, judge=given.judge)
    return proposal


def _judging(world: World, closed: Any) -> None:
    stage = builders.stage_of(closed)
    panel = Panel.objects.create(stage=stage, name="第一组", lead=world.rows["lead"])
    filing, secretary = world.rows["filing"], world.people["secr"]
    given, recused = builders.assigned(stage, filing, [world.rows["judge"], world.rows["recused"]], secretary)
    recusing.record_recusal(world.rows["recused"], filing, actor=secretary, reason="曾任该单位顾问")
    sheet = builders.draft_sheet(given)
    world.rows.update(stage=stage, panel=panel, sheet=sheet, round=closed, proposal=proposed(stage, given, secretary))
    scope = scopes.of_round(closed)
    frozen = unsaved_ranking(scope, scope.compute())
    frozen.frozen_at, frozen.frozen_by = clock.now(), secretary
    frozen.save()
    world.rows["frozen"] = frozen
    world.addresses["reviews:panel"] = ({"uuid": panel.uuid}, "")
    world.addresses["reviews:pledge"] = ({"year": 2026}, "")
    evidence = filing.latest_submission.data["evidence"][0]["uuid"]
    for name in ("sheet", "confirm", "recuse", "copy", "evidence"):
        more = {"evidence": evidence} if name == "evidence" else {}
        world.addresses[f"reviews:{name}"] = ({"uuid": given.uuid, **more}, "")
        world.addresses[f"reviews:{name}/recused"] = ({"uuid": recused.uuid, **more}, "")


def _events(world: World, closed: Any) -> None:
    secretary = world.people["secr"]
    event = event_builders.drawn_event(world.people["riv"], secretary, closed, groups=1)
    event.is_published = True
    event.save()
    event_actions.publish_order(event, actor=secretary, now=clock.now())
    hidden = event_builders.event(closed, slug="hidden", title="尚未公布的培训")
    world.rows["event"] = event
    for name in ("detail", "agenda_pdf"):
        world.addresses[f"events:{name}"] = ({"slug": event.slug}, "")
    world.addresses["events:detail/hidden"] = ({"slug": hidden.slug}, "")
    world.addresses["events:agenda_pdf/hidden"] = ({"slug": hidden.slug}, "")


def _enterprise(world: World) -> None:
    owner, now = world.people["own"], clock.now()
    enterprise = factories.enterprise_of(owner)
    invitation = Invitation.objects.create(
        enterprise=enterprise, email="neu@huguang.example", name="新同事", role="clerk", invited_by=owner,
        token_hash=people.token_hash(TOKEN), created_at=now, expires_at=now + timedelta(days=14),
    )  # fmt: skip
    asked = JoinRequest.objects.create(
        enterprise=enterprise, user=factories.user(username="joiner", name="申请人"), reason="质量部", created_at=now
    )
    world.rows["join_request"] = asked
    asking = PersonalDataRequest.objects.create(user=owner, kind="copy", created_at=now)
    world.addresses["personal_take_back"] = ({"uuid": asking.uuid}, "")
    for name in ("role", "deactivate", "hand_over", "applications"):
        world.addresses[f"applications:person_{name}"] = ({"uuid": world.people["clk0"].uuid}, "")
    for name in ("resend", "revoke"):
        world.addresses[f"applications:invitation_{name}"] = ({"uuid": invitation.uuid}, "")
    licence = files.store(factories.PDF, "application/pdf")
    proof = ownership.add_proof(
        enterprise, actor=owner, kind="licence", file=ownership.ProofFile(licence, "营业执照.pdf")
    )
    world.addresses["applications:proof_file"] = ({"uuid": proof.uuid}, "")
    world.addresses["applications:join_decide"] = ({"uuid": asked.uuid}, "")
    world.addresses["applications:invitation"] = ({"token": TOKEN}, "")


def _taken_in(world: World) -> None:
    """A folder and a list that wait, a result of a past year, an invitation, a draft entered by the secretariat."""
    now, secretary = clock.now(), world.people["secr"]
    kept = files.store(b"PK", "application/zip")
    folder = StaffFolder.objects.create(file=kept, name="单位.zip", uploaded_by=secretary, uploaded_at=now)
    StaffEntry.objects.create(
        application=world.rows["draft"], folder=folder, file_name="附件1.docx", source_sha256="0" * 64,
        entered_by=secretary, entered_at=now,
    )  # fmt: skip
    source = PastResultFile.objects.create(file=kept, name="名单.xlsx", uploaded_by=secretary, uploaded_at=now)
    past = PastResult.objects.create(
        year=2024, unit_name="青海某公司", group_name="某小组", identity="0" * 64, created_at=now, updated_at=now
    )
    PersonInvitation.objects.create(
        user=factories.user(username="asked", name="新评委"), role="judge", token_hash=inviting.token_hash(TOKEN),
        invited_by=secretary, created_at=now, sent_at=now, expires_at=now + timedelta(days=14),
    )  # fmt: skip
    world.rows.update(folder=folder, past_source=source, past=past)
    world.addresses["person_invitation"] = ({"token": TOKEN}, "")
    world.addresses["applications:entered"] = ({"uuid": world.rows["draft"].uuid}, "")


def _site(world: World) -> None:
    now = clock.now()
    pdf = files.store(factories.PDF, "application/pdf")
    enterprise, round_ = factories.enterprise_of(world.people["own"]), world.rows["filing"].round
    PaperSet.objects.create(
        enterprise=enterprise, round=round_, fingerprint="0" * 64, code=CODE, file=pdf, pages=1, built_at=now
    )
    world.rows["notice"] = Notice.objects.create(slug="opening", title="申报通知", body="正文", published_on=now.date())
    world.rows["template"] = DownloadTemplate.objects.create(
        slug="annex-1", annex="附件 1", title="申报表", file_name="附件1.pdf", file=pdf
    )
    world.addresses["notice"] = ({"slug": "opening"}, "")
    page = Notice.objects.create(kind="page", slug="about", title="关于平台", body="正文", published_on=now.date())
    world.addresses["page"] = ({"slug": page.slug}, "")
    hidden = Notice.objects.create(slug="later", title="草稿", body="", published_on=now.date(), is_published=False)
    for notice, name in ((world.rows["notice"], "notice_file"), (hidden, "notice_file/draft")):
        row = NoticeFile.objects.create(notice=notice, name="附件.pdf", file=pdf)
        world.addresses[name] = ({"uuid": row.uuid, "name": row.name}, "")
    world.rows["notice_file"] = world.rows["notice"].files.get()
    world.addresses["verify_code"] = ({"code": CODE}, "")
    world.addresses["verify_key_file"] = ({"key_id": signing.public_keys()[0].key_id}, "")
    world.addresses["template_file"] = ({"slug": "annex-1"}, "")
    world.addresses["demo_mail_message"] = ({"pk": 1}, "")
    world.addresses["account_reset_password_from_key"] = ({"uidb36": "1", "key": "bad-key"}, "")
