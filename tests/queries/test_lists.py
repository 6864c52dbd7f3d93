"""Every page that lists rows asks the database as often for three of them as for one: the number stands here."""

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.queries import season


def _result_page(rows: dict, name: str, scope: str = "round") -> str:
    pk = rows["closed"].programme_id if scope == "year" else rows["closed"].pk
    return reverse(f"admin:reviews_results{name}", args=[f"{scope}-{pk}"])


def _viewer(draft) -> str:
    return reverse("applications:evidence_view", args=[draft.uuid, draft.evidence.first().uuid])


# Who looks, at what, and how many questions the page asks, whatever the number of rows.
PAGES: dict[str, tuple[str, Callable[[dict], str], int]] = {
    "home": ("anonymous", lambda rows: reverse("home"), 10),
    "notices": ("anonymous", lambda rows: reverse("notices"), 4),
    "calendar": ("anonymous", lambda rows: reverse("calendar"), 7),
    "results": ("anonymous", lambda rows: reverse("results"), 5),
    "events": ("anonymous", lambda rows: reverse("events:list"), 4),
    "event": ("anonymous", lambda rows: reverse("events:detail", args=[rows["event"].slug]), 5),
    "demo mail": ("anonymous", lambda rows: reverse("demo_mail"), 4),
    "workspace": ("owner", lambda rows: reverse("applications:workspace"), 32),
    "paper": ("owner", lambda rows: reverse("applications:paper", args=[2026, 1]), 18),
    "new": ("owner", lambda rows: reverse("applications:new"), 12),
    "people": ("owner", lambda rows: reverse("applications:people"), 13),
    "messages": ("owner", lambda rows: reverse("applications:messages"), 10),
    "letters": ("owner", lambda rows: reverse("applications:letters"), 10),
    "thread": ("owner", lambda rows: reverse("applications:thread", args=[rows["draft"].thread.uuid]), 11),
    "report": ("owner", lambda rows: reverse("applications:report", args=[2026]), 16),
    "summary": ("owner", lambda rows: reverse("applications:report_summary", args=[2026]), 17),
    "statistics": ("owner", lambda rows: reverse("applications:report_statistics", args=[2026]), 19),
    "import": ("owner", lambda rows: reverse("applications:import_review", args=[rows["import"].uuid]), 16),
    "groups": ("owner", lambda rows: reverse("applications:import_groups_review", args=[rows["groups"].uuid]), 10),
    "filing": ("owner", lambda rows: reverse("applications:detail", args=[rows["draft"].uuid]), 32),
    "evidence": ("owner", lambda rows: reverse("applications:section", args=[rows["draft"].uuid, "evidence"]), 17),
    "evidence states": ("owner", lambda rows: reverse("applications:evidence_previews", args=[rows["draft"].uuid]), 7),
    "evidence viewer": ("owner", lambda rows: _viewer(rows["draft"]), 15),
    "copy": ("owner", lambda rows: reverse("applications:copy", args=[rows["draft"].uuid]), 15),
    "members from": ("owner", lambda rows: reverse("applications:members_from", args=[rows["draft"].uuid]), 13),
    "group": ("owner", lambda rows: reverse("applications:section", args=[rows["draft"].uuid, "group"]), 16),
    "submit": ("owner", lambda rows: reverse("applications:submit", args=[rows["draft"].uuid]), 31),
    "preview": ("owner", lambda rows: reverse("applications:preview", args=[rows["draft"].uuid]), 24),
    "recommend": ("recommender", lambda rows: f"{reverse('applications:recommend')}?show=all", 19),
    "recommend detail": (
        "recommender",
        lambda rows: reverse("applications:recommend_detail", args=[rows["filed"].uuid]),
        19,
    ),
    "recommend draft": (
        "recommender",
        lambda rows: reverse("applications:recommend_detail", args=[rows["draft"].uuid]),
        22,
    ),
    "reviews": ("judge", lambda rows: reverse("reviews:dashboard"), 13),
    "panel": ("lead", lambda rows: reverse("reviews:panel", args=[rows["panel"].uuid]), 10),
    "reminders": ("secretary", lambda rows: f"{reverse('admin:reminders')}?occasion=paper", 17),
    "reminder batch": ("secretary", lambda rows: reverse("admin:reminder_batch", args=[rows["mail_batch"].uuid]), 8),
    "mail": ("secretary", lambda rows: reverse("admin:qcportal_mailmessage_change", args=[rows["mail"].pk]), 12),
    "sending rules": ("secretary", lambda rows: reverse("admin:sending_rules"), 5),
    "letter text": ("secretary", lambda rows: f"{reverse('admin:qcportal_lettertext_add')}?code=receipt", 4),
    "desk": ("secretary", lambda rows: reverse("admin:index"), 40),
    "figures": ("secretary", lambda rows: reverse("admin:figures"), 15),
    "figures of drafts too": ("secretary", lambda rows: reverse("admin:figures") + "?scope=all", 15),
    "figures missing": ("secretary", lambda rows: reverse("admin:figures_missing"), 14),
    "figures export": ("secretary", lambda rows: reverse("admin:figures_export"), 15),
    "history": ("owner", lambda rows: reverse("applications:history"), 9),
    "entered": ("owner", lambda rows: reverse("applications:entered", args=[rows["draft"].uuid]), 14),
    "folders": ("secretary", lambda rows: reverse("admin:folders"), 6),
    "folder": ("secretary", lambda rows: reverse("admin:folder", args=[rows["folder"].uuid]), 27),
    "past results": ("secretary", lambda rows: reverse("admin:past_results"), 8),
    "past list": ("secretary", lambda rows: reverse("admin:past_results_import", args=[rows["past_source"].uuid]), 6),
    "personnel": ("secretary", lambda rows: reverse("admin:personnel"), 8),
    "one person": ("secretary", lambda rows: reverse("admin:personnel_person", args=[rows["invited"].pk]), 19),
    "rights": ("secretary", lambda rows: reverse("admin:personnel_rights"), 5),
    "check": ("secretary", lambda rows: reverse("admin:applications_check", args=[rows["filed"].pk]), 43),
    "bulk action": ("secretary", lambda rows: reverse("admin:applications_bulk", args=[rows["batch"].uuid]), 12),
    "bulk actions": ("secretary", lambda rows: reverse("admin:applications_bulk_list"), 6),
    "queue filter": (
        "secretary",
        lambda rows: reverse("admin:applications_queue_filter", args=[rows["queue_filter"].pk]),
        9,
    ),
    "unit people": ("secretary", lambda rows: reverse("admin:applications_unit_people", args=[rows["unit"].pk]), 7),
    "inbox": ("secretary", lambda rows: reverse("admin:message_inbox"), 6),
    "staff thread": ("secretary", lambda rows: reverse("admin:message_thread", args=[rows["draft"].thread.uuid]), 9),
    "exports": ("secretary", lambda rows: reverse("admin:exports"), 12),
    "number book": ("secretary", lambda rows: reverse("admin:book_numbers"), 15),
    "same files": ("secretary", lambda rows: f"{reverse('admin:book_duplicates')}?kind=file", 10),
    "alike names": ("secretary", lambda rows: f"{reverse('admin:book_duplicates')}?kind=name", 10),
    "same members": ("secretary", lambda rows: f"{reverse('admin:book_duplicates')}?kind=member", 14),
    "corrections": ("secretary", lambda rows: reverse("admin:book_corrections"), 14),
    "audit search": ("secretary", lambda rows: reverse("admin:audit_search"), 6),
    "audit reads": ("secretary", lambda rows: reverse("admin:audit_reads"), 6),
    "data requests": ("secretary", lambda rows: reverse("admin:personal_requests"), 6),
    "paper desk": ("secretary", lambda rows: reverse("admin:paper"), 6),
    "paper scans": ("secretary", lambda rows: reverse("admin:paper_scans"), 7),
    "paper missing": ("secretary", lambda rows: reverse("admin:paper_missing"), 13),
    "paper series": ("secretary", lambda rows: reverse("admin:paper_series"), 6),
    "paper camera": ("secretary", lambda rows: reverse("admin:paper_camera"), 6),
    "paper batches": ("secretary", lambda rows: reverse("admin:paper_batches"), 6),
    "paper batch": ("secretary", lambda rows: reverse("admin:paper_batch", args=[rows["paper_batch"].uuid]), 7),
    "paper slip": (
        "secretary",
        lambda rows: reverse("admin:paper_slip", args=[rows["unit of owner"].uuid, rows["closed"].pk]),
        16,
    ),
    "call search": ("secretary", lambda rows: f"{reverse('admin:find')}?q=公司", 5),
    "dealings": ("secretary", lambda rows: reverse("admin:dealings", args=[rows["unit of owner"].uuid]), 35),
    "notes": ("secretary", lambda rows: reverse("admin:notes"), 6),
    "calls": ("secretary", lambda rows: reverse("admin:calls"), 9),
    "attempts": ("secretary", lambda rows: reverse("admin:attempts"), 8),
    "attempts of one": (
        "secretary",
        lambda rows: reverse("admin:attempts_enterprise", args=[rows["unit of owner"].uuid]),
        19,
    ),
    "verification": ("secretary", lambda rows: reverse("admin:verification"), 6),
    "verify": (
        "secretary",
        lambda rows: reverse("admin:applications_enterprise_verify", args=[rows["unit of owner"].pk]),
        10,
    ),
    "claims": ("secretary", lambda rows: reverse("admin:claims"), 6),
    "claim": ("secretary", lambda rows: reverse("admin:claim", args=[rows["unit of owner"].pk]), 10),
    "act as": ("secretary", lambda rows: f"{reverse('admin:act_as')}?q=other", 10),
    "act as trace": ("secretary", lambda rows: reverse("admin:act_as_trace", args=[rows["viewing"].uuid]), 7),
    "stages": ("secretary", lambda rows: reverse("admin:reviews_assign_stages"), 5),
    "assignment": ("secretary", lambda rows: reverse("admin:reviews_assign", args=[rows["stage"].pk]), 20),
    "proposals": ("secretary", lambda rows: reverse("admin:reviews_proposals", args=[rows["stage"].pk]), 11),
    "proposal": ("secretary", lambda rows: reverse("admin:reviews_proposal", args=[rows["proposal"].uuid]), 21),
    "proposal filing": (
        "secretary",
        lambda rows: reverse("admin:reviews_proposal_filing", args=[rows["proposal"].uuid, rows["filing1"].pk]),
        25,
    ),
    "rankings": ("secretary", lambda rows: reverse("admin:reviews_rankings"), 8),
    "ranking": ("secretary", lambda rows: reverse("admin:reviews_ranking", args=[rows["closed"].pk]), 23),
    "rules": ("secretary", lambda rows: reverse("admin:reviews_scoring_rules", args=[rows["closed"].pk]), 12),
    "year ranking": ("secretary", lambda rows: _result_page(rows, "", "year"), 20),
    "levels": (
        "secretary",
        lambda rows: _result_page(rows, "_levels") + "?method=quota&ties=panel&base=ranked&absent=same&value_0=1",
        20,
    ),
    "derivation": (
        "secretary",
        lambda rows: reverse("admin:reviews_results_entry", args=[f"round-{rows['closed'].pk}", rows["filing1"].uuid]),
        19,
    ),
    "calibration": ("secretary", lambda rows: reverse("admin:reviews_calibration", args=[rows["closed"].pk]), 9),
    "frozen ranking": ("secretary", lambda rows: reverse("admin:reviews_frozen", args=[rows["frozen"].uuid]), 8),
    "shortlist by rank": (
        "secretary",
        lambda rows: f"{reverse('admin:events_event_shortlist', args=[rows['event'].pk])}?by=type&quota_self_set=2",
        14,
    ),
    "page": ("anonymous", lambda rows: reverse("page", args=["about"]), 4),
    "year": ("secretary", lambda rows: reverse("admin:programme_year", args=[2026]), 28),
    "year round": ("secretary", lambda rows: reverse("admin:programme_round", args=[2026, 1]), 11),
    "year fields": ("secretary", lambda rows: reverse("admin:programme_fields", args=[2026]), 10),
    "next year": ("secretary", lambda rows: f"{reverse('admin:programme_next')}?from=2026", 10),
    "notice editor": (
        "secretary",
        lambda rows: reverse("admin:applications_notice_change", args=[rows["notice"].pk]),
        8,
    ),
    "running order": ("secretary", lambda rows: reverse("admin:events_event_order", args=[rows["event"].pk]), 12),
}

# The lists of the staff site.
CHANGELISTS = {
    "qcportal.user": 7,
    "qcportal.auditevent": 6,
    "qcportal.outboxmessage": 7,
    "qcportal.mailmessage": 6,
    "qcportal.lettertext": 7,
    "qcportal.heartbeat": 6,
    "applications.application": 16,
    "applications.enterprise": 6,
    "applications.membership": 6,
    "applications.joinrequest": 6,
    "applications.notice": 6,
    "applications.downloadtemplate": 6,
    "applications.association": 7,
    "applications.programme": 6,
    "applications.extension": 7,
    "applications.recommendingunit": 6,
    "applications.recommendation": 7,
    "applications.replytemplate": 6,
    "applications.fieldguidance": 6,
    "applications.workdayexception": 6,
    "applications.textblock": 6,
    "applications.submission": 6,
    "applications.reportversion": 6,
    "applications.submitattempt": 6,
    "applications.packet": 6,
    "applications.paperreceipt": 6,
    "applications.paperpart": 6,
    "applications.consent": 6,
    "applications.upload": 6,
    "applications.warningconfirmation": 6,
    "applications.confirmationtext": 6,
    "reviews.judge": 9,
    "reviews.panel": 7,
    "reviews.recusal": 7,
    "reviews.expertisefield": 6,
    "reviews.declaredrelation": 6,
    "reviews.pledge": 8,
    "reviews.tiedecision": 7,
    "reviews.rubric": 7,
    "reviews.stage": 7,
    "reviews.scoresheet": 7,
    "events.event": 7,
}


def test_every_list_of_the_staff_site_has_its_number():
    assert set(CHANGELISTS) == {model._meta.label_lower for model in admin.site._registry}


@pytest.mark.parametrize("count", [1, 3])
def test_each_page_asks_its_number_of_questions_for_one_row_and_for_three(
    db, settings, django_assert_num_queries, count
):
    settings.DEMO = True  # for the list of mails
    there = season.build(count)
    asked = [(person, address(there.rows), number) for person, address, number in PAGES.values()]
    for label, number in CHANGELISTS.items():
        asked.append(("secretary", reverse(f"admin:{label.replace('.', '_')}_changelist"), number))
    for person, address, number in asked:
        client = Client()
        if there.people[person] is not None:
            client.force_login(there.people[person])
        assert client.get(address).status_code == 200, address  # whatever is kept in memory is kept from here on
        with django_assert_num_queries(number, info=address):
            client.get(address)
