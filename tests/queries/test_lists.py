"""Every page that lists rows asks the database as often for three of them as for one: the number stands here."""

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.queries import season


def _viewer(draft) -> str:
    return reverse("applications:evidence_view", args=[draft.uuid, draft.evidence.first().uuid])


# Who looks, at what, and how many questions the page asks, whatever the number of rows.
PAGES: dict[str, tuple[str, Callable[[dict], str], int]] = {
    "home": ("anonymous", lambda rows: reverse("home"), 8),
    "notices": ("anonymous", lambda rows: reverse("notices"), 3),
    "calendar": ("anonymous", lambda rows: reverse("calendar"), 5),
    "results": ("anonymous", lambda rows: reverse("results"), 3),
    "events": ("anonymous", lambda rows: reverse("events:list"), 3),
    "event": ("anonymous", lambda rows: reverse("events:detail", args=[rows["event"].slug]), 4),
    "demo mail": ("anonymous", lambda rows: reverse("demo_mail"), 3),
    "workspace": ("owner", lambda rows: reverse("applications:workspace"), 35),
    "paper": ("owner", lambda rows: reverse("applications:paper", args=[2026, 1]), 23),
    "new": ("owner", lambda rows: reverse("applications:new"), 16),
    "people": ("owner", lambda rows: reverse("applications:people"), 17),
    "messages": ("owner", lambda rows: reverse("applications:messages"), 14),
    "letters": ("owner", lambda rows: reverse("applications:letters"), 14),
    "thread": ("owner", lambda rows: reverse("applications:thread", args=[rows["draft"].thread.uuid]), 15),
    "report": ("owner", lambda rows: reverse("applications:report", args=[2026]), 17),
    "summary": ("owner", lambda rows: reverse("applications:report_summary", args=[2026]), 18),
    "statistics": ("owner", lambda rows: reverse("applications:report_statistics", args=[2026]), 19),
    "import": ("owner", lambda rows: reverse("applications:import_review", args=[rows["import"].uuid]), 16),
    "groups": ("owner", lambda rows: reverse("applications:import_groups_review", args=[rows["groups"].uuid]), 14),
    "filing": ("owner", lambda rows: reverse("applications:detail", args=[rows["draft"].uuid]), 36),
    "evidence": ("owner", lambda rows: reverse("applications:section", args=[rows["draft"].uuid, "evidence"]), 20),
    "evidence states": ("owner", lambda rows: reverse("applications:evidence_previews", args=[rows["draft"].uuid]), 10),
    "evidence viewer": ("owner", lambda rows: _viewer(rows["draft"]), 19),
    "copy": ("owner", lambda rows: reverse("applications:copy", args=[rows["draft"].uuid]), 19),
    "members from": ("owner", lambda rows: reverse("applications:members_from", args=[rows["draft"].uuid]), 17),
    "group": ("owner", lambda rows: reverse("applications:section", args=[rows["draft"].uuid, "group"]), 21),
    "submit": ("owner", lambda rows: reverse("applications:submit", args=[rows["draft"].uuid]), 38),
    "preview": ("owner", lambda rows: reverse("applications:preview", args=[rows["draft"].uuid]), 29),
    "recommend": ("recommender", lambda rows: f"{reverse('applications:recommend')}?show=all", 22),
    "recommend detail": (
        "recommender",
        lambda rows: reverse("applications:recommend_detail", args=[rows["filed"].uuid]),
        22,
    ),
    "recommend draft": (
        "recommender",
        lambda rows: reverse("applications:recommend_detail", args=[rows["draft"].uuid]),
        26,
    ),
    "reviews": ("judge", lambda rows: reverse("reviews:dashboard"), 16),
    "panel": ("lead", lambda rows: reverse("reviews:panel", args=[rows["panel"].uuid]), 13),
    "desk": ("secretary", lambda rows: reverse("admin:index"), 24),
    "check": ("secretary", lambda rows: reverse("admin:applications_check", args=[rows["filed"].pk]), 33),
    "unit people": ("secretary", lambda rows: reverse("admin:applications_unit_people", args=[rows["unit"].pk]), 10),
    "inbox": ("secretary", lambda rows: reverse("admin:message_inbox"), 9),
    "staff thread": ("secretary", lambda rows: reverse("admin:message_thread", args=[rows["draft"].thread.uuid]), 11),
    "data requests": ("secretary", lambda rows: reverse("admin:personal_requests"), 9),
    "paper desk": ("secretary", lambda rows: reverse("admin:paper"), 8),
    "paper scans": ("secretary", lambda rows: reverse("admin:paper_scans"), 10),
    "paper missing": ("secretary", lambda rows: reverse("admin:paper_missing"), 13),
    "stages": ("secretary", lambda rows: reverse("admin:reviews_assign_stages"), 8),
    "assignment": ("secretary", lambda rows: reverse("admin:reviews_assign", args=[rows["stage"].pk]), 21),
    "rankings": ("secretary", lambda rows: reverse("admin:reviews_rankings"), 9),
    "ranking": ("secretary", lambda rows: reverse("admin:reviews_ranking", args=[rows["closed"].pk]), 21),
    "running order": ("secretary", lambda rows: reverse("admin:events_event_order", args=[rows["event"].pk]), 15),
}

# The lists of the staff site.
CHANGELISTS = {
    "qcportal.user": 10,
    "qcportal.auditevent": 9,
    "qcportal.outboxmessage": 10,
    "qcportal.mailmessage": 9,
    "qcportal.heartbeat": 9,
    "applications.application": 11,
    "applications.enterprise": 9,
    "applications.membership": 9,
    "applications.joinrequest": 9,
    "applications.notice": 9,
    "applications.downloadtemplate": 9,
    "applications.association": 10,
    "applications.programme": 9,
    "applications.extension": 10,
    "applications.recommendingunit": 9,
    "applications.recommendation": 10,
    "applications.fieldguidance": 9,
    "applications.workdayexception": 9,
    "applications.submission": 9,
    "applications.reportversion": 9,
    "applications.submitattempt": 9,
    "applications.packet": 9,
    "applications.paperreceipt": 9,
    "applications.paperpart": 9,
    "applications.consent": 9,
    "applications.upload": 9,
    "applications.warningconfirmation": 9,
    "applications.confirmationtext": 9,
    "reviews.judge": 10,
    "reviews.panel": 10,
    "reviews.recusal": 10,
    "reviews.pledge": 11,
    "reviews.tiedecision": 10,
    "reviews.rubric": 10,
    "reviews.stage": 10,
    "reviews.scoresheet": 10,
    "events.event": 10,
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
