"""已核实，原因 given beside the cell of attachment 3 that is asked about."""

import pytest
from django.urls import reverse

from applications import completeness, explaining
from applications.actions import explaining as actions
from applications.models import AnnualReport, MembershipRole, WarningConfirmation
from qcportal.models import AuditEvent
from tests import factories

CODE = "statistics_results_above_registered"
REASON = "含上年结转、本年度完成的成果 2 个。"


@pytest.fixture
def report(owner):
    round_ = factories.open_round()
    report = factories.report(factories.enterprise_of(owner), round_.programme)
    AnnualReport.objects.filter(pk=report.pk).update(results_count=report.groups_registered + 2)
    report.refresh_from_db()
    return report


def page(report, name="report_statistics"):
    return reverse(f"applications:{name}", args=[report.programme.year])


def fingerprint(report):
    report.refresh_from_db()
    asked = explaining.asked_of_report(report, completeness.report_problems(report, None, report.programme.fields))
    return next(one.problem.fingerprint for one in asked if one.problem.code == CODE)


def posted(client, report, **more):
    form = client.get(page(report)).context["form"]
    data = {bound.html_name: bound.value() for bound in form if bound.value() is not None}
    return data | more


def note(client, report):
    groups = client.get(page(report)).context["groups"]
    return next(one for group in groups for row in group.rows for one in row.notes if one.code == CODE)


def test_a_reason_is_saved_with_the_form(client, owner, report):
    client.force_login(owner)
    data = posted(client, report, **{f"reason-{CODE}": REASON, f"facts-{CODE}": fingerprint(report)})
    assert client.post(page(report), data).status_code == 302
    row = WarningConfirmation.objects.get()
    assert (row.report, row.code, row.reason, row.confirmed_by) == (report, CODE, REASON, owner)
    assert note(client, report).confirmed
    text = client.get(page(report)).content.decode()
    assert "已说明" in text
    assert f'value="{REASON}"' in text
    event = AuditEvent.objects.get(verb="report.warnings_confirmed")
    assert REASON not in str(event.__dict__)


def test_a_ready_reason_goes_before_what_is_written(client, owner, report):
    client.force_login(owner)
    ready = note(client, report).ready[0]
    more = {f"reason-{CODE}": "半句", f"ready-{CODE}": ready, f"facts-{CODE}": fingerprint(report)}
    client.post(page(report), posted(client, report, **more))
    assert WarningConfirmation.objects.get().reason == ready


def test_a_reason_for_other_numbers_is_asked_again_and_stays_in_the_field(client, owner, report):
    client.force_login(owner)
    seen = fingerprint(report)
    more = {f"reason-{CODE}": REASON, f"facts-{CODE}": seen, "results_count": str(report.results_count + 5)}
    answer = client.post(page(report), posted(client, report, **more))
    assert answer.status_code == 200
    assert actions.CHANGED in answer.content.decode()
    assert f'value="{REASON}"' in answer.content.decode()
    assert not WarningConfirmation.objects.exists()
    report.refresh_from_db()
    assert report.results_count == report.groups_registered + 7  # the numbers are saved all the same


def test_a_changed_number_opens_the_question_again_and_the_old_reason_is_offered(client, owner, report):
    client.force_login(owner)
    client.post(
        page(report, "report_statistics_explain"), {f"reason-{CODE}": REASON, f"facts-{CODE}": fingerprint(report)}
    )
    assert note(client, report).confirmed
    AnnualReport.objects.update(results_count=report.results_count + 9)
    again = note(client, report)
    assert (again.confirmed, again.stale, again.entry) == (False, True, "")
    assert f"沿用：{REASON}" in client.get(page(report)).content.decode()


def test_the_small_request_takes_one_reason_and_says_what_is_wrong(client, owner, report):
    client.force_login(owner)
    address = page(report, "report_statistics_explain")
    short = client.post(address, {f"reason-{CODE}": "好", f"facts-{CODE}": fingerprint(report)}).json()
    assert "至少" in short["errors"][CODE]
    other = client.post(address, {f"reason-{CODE}": REASON, f"facts-{CODE}": "0" * 16}).json()
    assert other["changed"] == [CODE]
    gone = client.post(address, {"reason-statistics_few_employees": REASON, "facts-statistics_few_employees": "x"})
    assert gone.json()["errors"] == {}
    assert not WarningConfirmation.objects.exists()
    good = client.post(address, {f"reason-{CODE}": REASON, f"facts-{CODE}": fingerprint(report)}).json()
    assert good == {"errors": {}, "changed": []}


def test_what_is_said_in_the_grid_holds_on_the_review_page(client, owner, report):
    client.force_login(owner)
    application = factories.draft(owner, report.programme.rounds.get())
    client.post(
        page(report, "report_statistics_explain"), {f"reason-{CODE}": REASON, f"facts-{CODE}": fingerprint(report)}
    )
    asked = {one.problem.code: one for one in explaining.asked(application, completeness.problems(application))}
    assert asked[CODE].confirmed


def test_the_check_while_typing_knows_what_is_explained(client, owner, report):
    client.force_login(owner)
    client.post(
        page(report, "report_statistics_explain"), {f"reason-{CODE}": REASON, f"facts-{CODE}": fingerprint(report)}
    )
    data = posted(client, report)
    row = client.post(page(report, "report_statistics_check"), data).json()["rows"]["results_count"]
    assert (row["explained"], row["notes"][0]["reason"]) == (True, REASON)
    data["results_count"] = str(report.results_count + 1)
    row = client.post(page(report, "report_statistics_check"), data).json()["rows"]["results_count"]
    assert (row["explained"], row["notes"][0]["stale"]) == (False, True)


def test_clerks_see_the_reason_and_cannot_write_one(client, owner, report):
    client.force_login(owner)
    client.post(
        page(report, "report_statistics_explain"), {f"reason-{CODE}": REASON, f"facts-{CODE}": fingerprint(report)}
    )
    clerk = factories.colleague(owner, username="clerk7", name="祁小红", role=MembershipRole.CLERK)
    client.force_login(clerk)
    text = client.get(page(report)).content.decode()
    assert f"已说明：{REASON}" in text
    assert f'name="reason-{CODE}"' not in text
    more = {f"reason-{CODE}": "别人写的原因。", f"facts-{CODE}": fingerprint(report)}
    assert client.post(page(report, "report_statistics_explain"), more).status_code == 403
    assert WarningConfirmation.objects.get().reason == REASON
