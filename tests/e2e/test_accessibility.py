"""axe-core on every main page: nothing serious, and nothing to scroll sideways on a phone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import reverse

from events import actions as event_actions
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
               "reviews:confirm", "desk"}  # fmt: skip

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
    checked.open_check(built.rows["submitted"], built.people["secr"])
    coming = event_builders.event(built.rows["round"], slug="coming", title="第二期成果技术交流发布会")
    event_actions.shortlist_by_hand(
        coming.tracks.get(), built.rows["filing"], actor=built.people["secr"], reason="资料评审突出"
    )
    built.rows["coming"] = coming
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
    yield "desk", "secr", reverse("admin:index")
    yield "paper desk", "secr", reverse("admin:paper")
    for name in ("paper_series", "paper_camera", "find", "calls"):
        yield name, "secr", reverse(f"admin:{name}")


def _filing(world: worlds.World) -> Iterator[Page]:
    draft, filing = world.rows["draft"].uuid, world.rows["filing"].uuid
    for name in ("workspace", "new", "enterprise", "people", "messages"):
        yield name, "own", reverse(f"applications:{name}")
    yield "workspace of a clerk", "clk", reverse("applications:workspace")
    yield "profile", "own", reverse("profile")
    for name in ("detail", "submit", "withdraw", "copy", "members_from"):
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
    for name in ("personal_data", "verify_email", "verify_keys"):
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
                 "notes", "attempts", "claims", "verification", "act_as", "paper_batches", "call_new",
                 "applications_joinrequest_changelist", "applications_recommendingunit_changelist"):  # fmt: skip
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
        "applications_programme_change": round_.programme_id,
        "reviews_assign": world.rows["stage"].pk,
        "reviews_ranking": round_.pk,
        "events_event_order": world.rows["coming"].pk,
        "events_event_change": world.rows["coming"].pk,
        "reviews_stage_change": world.rows["stage"].pk,
    }.items():
        yield name, "secr", reverse(f"admin:{name}", args=[pk])
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
