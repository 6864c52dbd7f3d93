"""axe-core on every main page: nothing serious, and nothing to scroll sideways on a phone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import reverse

from applications.actions import bulk, checking, saved_filters
from applications.models import Application
from events import actions as event_actions
from qcportal import clock, mail
from qcportal.models import MailMessage
from tests.access import world as worlds
from tests.applications import checked
from tests.e2e.conftest import Visitor
from tests.events import builders as event_builders

AXE = Path(__file__).parent / "axe" / "axe.min.js"
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    "resultTypes": ["violations"],
    "iframes": False,  # what is shown in them are PDF files
}
SHOWN_FILES = re.compile(r"/copy\.pdf$|/evidence/[0-9a-f-]{36}/$")
FINDINGS = """rules => axe.run(document, rules).then(answer => answer.violations
  .filter(each => ["serious", "critical"].includes(each.impact))
  .map(each => `${each.id}: ${each.nodes.map(node => `${node.target} ${node.html.slice(0, 120)}`).join("; ")}`))"""
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SECTIONS = ("contact", "group", "topic", "results", "awards", "evidence")

# On a phone axe looks at these; at the others only whether they fit.
PHONE_FIRST = {"home", "account_login", "account_signup", "verify", "event", "workspace", "filed", "section group",
               "section evidence", "viewer", "submit", "receipt", "report_statistics", "dashboard", "reviews:sheet",
               "reviews:confirm", "desk", "queue", "bulk preview"}  # fmt: skip

# Pages of the enterprise whose addresses the access tests' world knows.
OWN = ("versions", "carry_over", "paper", "scan", "import_review", "import_groups", "import_groups_review",
       "application_upload", "summary_upload", "statistics_upload", "evidence_change", "evidence_delete",
       "person_applications", "person_deactivate", "person_hand_over", "invitation")  # fmt: skip

Page = tuple[str, str | None, str]  # name, who looks (column of the access table), address


@pytest.fixture
def world(live_server) -> worlds.World:
    """The access tests' world, with an open check and an event whose list is being made."""
    built = worlds.build()
    built.rows["submitted"] = checked.submitted(built.people["riv"], built.rows["draft"].round)
    checked.checklist(built.rows["submitted"])
    check = checked.open_check(built.rows["submitted"], built.people["secr"])
    checking.propose(check, actor=built.people["secr"], decision=checking.Decision(checking.Outcome.ACCEPT))
    coming = event_builders.event(built.rows["round"], slug="coming", title="第二期成果技术交流发布会")
    event_actions.shortlist_by_hand(
        coming.tracks.get(), built.rows["filing"], actor=built.people["secr"], reason="资料评审突出"
    )
    built.rows["coming"] = coming
    secretary, everything = built.people["secr"], Application.objects.all()
    for name, kind in (("preview", "accept"), ("batch", "paper")):
        built.rows[name] = bulk.preview(everything, kind=kind, actor=secretary, query="queue=all&city=6328")
    bulk.confirm(built.rows["batch"], actor=secretary, rows=everything)
    built.rows["queue_filter"] = saved_filters.save(actor=secretary, name="海西", query="city=6328", is_shared=True)
    built.rows["letter"] = MailMessage.objects.create(
        kind=3, letter="check_returned", to="a@b.example", subject="请补正", body="请核对。\n", created_at=clock.now(),
        state="held", about=mail.about(built.rows["filing"]),
    )  # fmt: skip
    return built


def everywhere(world: worlds.World) -> Iterator[Page]:
    """Pages that people also open on a phone."""
    for name in ("home", "account_login", "account_signup", "account_reset_password", "verify", "notices", "results",
                 "calendar", "events:list", "privacy", "accessibility"):  # fmt: skip
        yield name, None, reverse(name)
    yield "verified", None, reverse("verify_code", args=[worlds.CODE])
    yield "notice", None, reverse("notice", args=["opening"])
    yield "event", None, reverse("events:detail", args=[world.rows["event"].slug])
    yield from _filing(world)
    yield "recommend", "rec", reverse("applications:recommend") + "?show=all"
    for name in ("draft", "filing"):
        yield f"recommend {name}", "rec", reverse("applications:recommend_detail", args=[world.rows[name].uuid])
    yield "recommend invitation", "rec", reverse("applications:recommend_invitation", args=[worlds.TOKEN])
    assignment = world.rows["sheet"].assignment
    for name in ("reviews:sheet", "reviews:confirm", "reviews:recuse"):
        yield name, "jdg", reverse(name, args=[assignment.uuid])
    yield "dashboard", "jdg", reverse("reviews:dashboard")
    yield "pledge", "jdg", reverse("reviews:pledge", args=[2026])
    yield "panel", "lead", reverse("reviews:panel", args=[world.rows["panel"].uuid])
    year = world.rows["round"].programme.year
    yield "page", None, reverse("page", args=["about"])
    yield "year", "secr", reverse("admin:programme_year", args=[year])
    yield "year round", "secr", reverse("admin:programme_round", args=[year, world.rows["round"].number])
    yield "year extend", "secr", reverse("admin:programme_extend", args=[year])
    yield "year fields", "secr", reverse("admin:programme_fields", args=[year])
    yield "next year", "secr", reverse("admin:programme_next") + f"?from={year}"
    yield "desk", "secr", reverse("admin:index")
    yield "paper desk", "secr", reverse("admin:paper")
    yield "figures", "secr", reverse("admin:figures")
    yield "figures missing", "secr", reverse("admin:figures_missing")
    yield "queue", "secr", reverse("admin:applications_application_changelist") + "?queue=all&city=6328&q=青海"
    yield "bulk list", "secr", reverse("admin:applications_bulk_list")
    yield "bulk preview", "secr", reverse("admin:applications_bulk", args=[world.rows["preview"].uuid])
    yield "bulk done", "secr", reverse("admin:applications_bulk", args=[world.rows["batch"].uuid])
    yield "queue filter", "secr", reverse("admin:applications_queue_filter", args=[world.rows["queue_filter"].pk])
    for name in ("folders", "past_results", "personnel", "personnel_judges", "personnel_rights"):
        yield name, "secr", reverse(f"admin:{name}")
    yield "folder", "secr", reverse("admin:folder", args=[world.rows["folder"].uuid])
    yield "past result", "secr", reverse("admin:past_result", args=[world.rows["past"].pk])
    yield "person", "secr", reverse("admin:personnel_person", args=[world.people["own"].pk])
    yield "person invitation", None, reverse("person_invitation", args=[worlds.TOKEN])
    for name in ("paper_series", "paper_camera", "find", "calls"):
        yield name, "secr", reverse(f"admin:{name}")


def _filing(world: worlds.World) -> Iterator[Page]:
    draft, filing = world.rows["draft"].uuid, world.rows["filing"].uuid
    for name in ("workspace", "new", "enterprise", "people", "messages"):
        yield name, "own", reverse(f"applications:{name}")
    yield "workspace of a clerk", "clk", reverse("applications:workspace")
    yield "profile", "own", reverse("profile")
    yield "history", "own", reverse("applications:history")
    for name in ("detail", "submit", "entered", "withdraw", "copy", "members_from"):
        yield name, "own", reverse(f"applications:{name}", args=[draft])
    for code in SECTIONS:
        yield f"section {code}", "own", reverse("applications:section", args=[draft, code])
    yield (
        "viewer",
        "own",
        reverse("applications:evidence_view", args=[draft, world.rows["draft"].evidence.first().uuid]),
    )
    yield "topic type", "own", reverse("applications:topic_type", args=[draft]) + "?to=innovation"
    source = f"?source={filing}"
    yield "members preview", "own", reverse("applications:members_from", args=[draft]) + source
    yield "filed", "own", reverse("applications:detail", args=[filing])
    yield "receipt", "own", reverse("applications:receipt", args=[filing])
    for name in ("report", "report_summary", "report_statistics"):
        yield name, "own", reverse(f"applications:{name}", args=[2026])
    yield "thread", "own", reverse("applications:thread", args=[world.rows["thread"].uuid])
    for name in ("personal_data", "mail_preferences", "verify_email", "verify_keys"):
        yield name, "own", reverse(name)
    for name in OWN:
        arguments, query = world.addresses[f"applications:{name}"]
        yield name, "own", reverse(f"applications:{name}", kwargs=arguments) + query
    for name in ("letters", "leave"):
        yield name, "own", reverse(f"applications:{name}")
    yield "leave of a manager", "mgr", reverse("applications:leave")


def at_a_desk(world: worlds.World) -> Iterator[Page]:
    """Pages of the secretariat, made for a large screen."""
    round_ = world.rows["round"]
    for name in ("applications_application_changelist", "applications_enterprise_changelist", "paper_missing",
                 "reviews_assign_stages", "reviews_rankings", "events_event_changelist", "message_inbox",
                 "paper_scans", "personal_requests", "applications_warningconfirmation_changelist",
                 "applications_confirmationtext_changelist", "applications_confirmationtext_add",
                 "applications_fieldguidance_changelist", "applications_recommendation_changelist",
                 "exports", "exports_filtered", "book_numbers", "book_duplicates", "book_corrections", "audit_search",
                 "audit_reads",
                 "applications_textblock_changelist", "applications_textblock_add",
                 "applications_joinrequest_changelist", "applications_recommendingunit_changelist",
                 "qcportal_mailmessage_changelist", "qcportal_lettertext_changelist", "sending_rules",
                 "notes", "attempts", "claims", "verification", "act_as", "paper_batches", "call_new",
                 "reminders"):  # fmt: skip
        yield name, "secr", reverse(f"admin:{name}")
    enterprise = world.rows["filing"].enterprise
    for name in ("dealings", "attempts_enterprise", "attempts_statement"):
        yield name, "secr", reverse(f"admin:{name}", args=[enterprise.uuid])
    yield "act_as_start", "secr", reverse("admin:act_as_start", args=[world.people["own"].uuid])
    yield "paper_slip", "secr", reverse("admin:paper_slip", args=[enterprise.uuid, round_.pk])
    for name, pk in {
        "claim": enterprise.pk,
        "applications_enterprise_verify": enterprise.pk,
        "applications_unit_people": world.rows["unit"].pk,
        "applications_enterprise_owner": world.rows["filing"].enterprise_id,
        "applications_enterprise_change": world.rows["filing"].enterprise_id,
        "applications_check": world.rows["submitted"].pk,
        "applications_check_letter": world.rows["submitted"].pk,
        "applications_programme_change": round_.programme_id,
        "applications_notice_change": world.rows["notice"].pk,
        "reviews_assign": world.rows["stage"].pk,
        "reviews_proposals": world.rows["stage"].pk,
        "reviews_ranking": round_.pk,
        "reviews_calibration": round_.pk,
        "reviews_scoring_rules": round_.pk,
        "reviews_results": f"year-{round_.programme_id}",
        "reviews_results_levels": f"round-{round_.pk}",
        "events_event_shortlist": world.rows["coming"].pk,
        "events_event_order": world.rows["coming"].pk,
        "events_event_change": world.rows["coming"].pk,
        "reviews_stage_change": world.rows["stage"].pk,
    }.items():
        yield name, "secr", reverse(f"admin:{name}", args=[pk])
    for name, query in {"reminders": "?occasion=paper", "qcportal_lettertext_add": "?code=check_returned"}.items():
        yield f"{name} filled", "secr", reverse(f"admin:{name}") + query
    proposal = world.rows["proposal"]
    yield "proposal", "secr", reverse("admin:reviews_proposal", args=[proposal.uuid])
    by_hand = [proposal.uuid, proposal.lines.first().application_id]
    yield "judges by hand", "secr", reverse("admin:reviews_proposal_filing", args=by_hand)
    given = world.rows["sheet"].assignment.application
    yield "derivation", "secr", reverse("admin:reviews_results_entry", args=[f"round-{given.round_id}", given.uuid])
    yield "frozen ranking", "secr", reverse("admin:reviews_frozen", args=[world.rows["frozen"].uuid])
    letter = world.rows["letter"]
    for name in ("qcportal_mailmessage_change", "qcportal_mailmessage_edit"):
        yield name, "secr", reverse(f"admin:{name}", args=[letter.pk])
    yield "built-in words", "secr", reverse("admin:qcportal_lettertext_built_in", args=["receipt"])
    version = world.rows["submitted"].submissions.get()
    shown = [world.rows["submitted"].pk, version.pk, version.data["evidence"][0]["sha256"]]
    yield "page of a file", "secr", reverse("admin:applications_check_view", args=shown)
    # Sheets of paper: as wide as they are printed, on any screen.
    yield "preview", "own", reverse("applications:preview", args=[world.rows["draft"].uuid])
    yield "paper scan", "secr", reverse("admin:paper_scan", args=[world.rows["scan"].uuid])
    yield "drawn order", "secr", reverse("admin:events_event_order", args=[world.rows["event"].pk])


def test_no_page_has_a_serious_finding(world, visit):
    visitor = visit(bypass_csp=True)
    visitor.page.route(SHOWN_FILES, lambda route: route.abort())
    findings: dict[str, list[str]] = {}
    phone, desk = list(everywhere(world)), list(at_a_desk(world))
    # Each person's pages in one go, so that each logs in once.
    for page in sorted(phone + desk, key=lambda page: page[1] or ""):
        findings |= found_at(visitor, page, world, on_a_phone=page in phone)
    assert findings == {}


def found_at(visitor: Visitor, page: Page, world: worlds.World, *, on_a_phone: bool) -> dict[str, list[str]]:
    """What is wrong with one page, at 1280 px and, without loading it again, at 390."""
    name, who, address = page
    if who != getattr(visitor, "who", None):
        visitor.enter(world.people[who])
        visitor.who = who
    visitor.page.set_viewport_size(WIDE)
    answer = visitor.page.goto(visitor.base + address, wait_until="domcontentloaded")
    if answer.status != 200:
        return {name: [f"answered {answer.status}"]}
    visitor.page.add_script_tag(path=str(AXE))
    visitor.picture(f"{name.replace(':', '-')}-1280")
    found = {f"{name} at 1280": visitor.page.evaluate(FINDINGS, RULES)}
    if on_a_phone:
        visitor.page.set_viewport_size(NARROW)
        visitor.picture(f"{name.replace(':', '-')}-390")
        found[f"{name} at 390"] = sideways(visitor)
        if name in PHONE_FIRST:
            found[f"{name} at 390"] += visitor.page.evaluate(FINDINGS, RULES)
    return {where: what for where, what in found.items() if what}


def sideways(visitor: Visitor) -> list[str]:
    width = visitor.page.evaluate("document.documentElement.scrollWidth")
    return [f"is {width} px wide"] if width > NARROW["width"] else []
