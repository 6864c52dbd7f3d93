"""Autosave: the same forms, gates and merging as the save button, in small JSON requests; who else is on the page."""

import html
import json
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.actions import submission as submitting
from applications.models import AnnualReport, Application, SpecialAward
from applications.states import State
from qcportal import clock
from qcportal.models import AuditEvent
from tests import factories

CONFIRMED = {"truthful": "2026-1", "members_informed": "2026-1"}


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


@pytest.fixture
def manager(owner):
    return factories.colleague(owner, username="manager", name="才让卓玛", role="manager")


def address(application, code):
    return reverse("applications:section", args=[application.uuid, code])


def hidden(client, url):
    """What the page at ``url`` carries for its next save."""
    text = client.get(url).content.decode()
    return {
        name: html.unescape(re.search(rf'name="{name}"[^>]*value="([^"]*)"', text).group(1))
        for name in ("seen_version", "seen_fields", "draft_page")
    }


def autosave(client, url, carried, **entries):
    fields = sorted({"members" if name.startswith("members-") else name for name in entries})
    return client.post(
        f"{url}autosave/", {**carried, **entries, "fields": fields}, headers={"accept": "application/json"}
    )


def opened(client, person, url):
    client.force_login(person)
    return hidden(client, url)


# --- Attachment 1 ---------------------------------------------------------------------------------


def test_one_changed_field_is_stored_and_the_answer_says_when(client, owner):
    application = factories.complete_draft(owner)
    url = address(application, "topic")
    answer = autosave(client, url, opened(client, owner, url), topic_name="降低干燥工序单位能耗")
    data = answer.json()
    after = Application.objects.get()
    assert answer.status_code == 200
    assert (after.topic_name, after.group_intro, after.edit_version) == (
        "降低干燥工序单位能耗", application.group_intro, 2,
    )  # fmt: skip
    assert (data["version"], data["saved"], data["errors"], data["conflicts"]) == (2, ["topic_name"], {}, [])
    assert re.fullmatch(r"\d\d:\d\d:\d\d", data["saved_at"])


def test_an_invalid_field_is_not_stored_and_the_others_are(client, owner):
    application = factories.draft(owner)
    url = address(application, "contact")
    carried = opened(client, owner, url)
    data = autosave(client, url, carried, contact_name="李文静", contact_email="不是邮箱").json()
    after = Application.objects.get()
    assert (after.contact_name, after.contact_email) == ("李文静", "")
    assert data["saved"] == ["contact_name"]
    assert data["errors"] == {"contact_email": ["请填写有效的电子邮箱，例如 name@example.com。"]}


def test_a_rule_over_two_fields_meets_what_is_stored_in_the_other(client, owner):
    application = factories.complete_draft(owner)
    url = address(application, "group")
    carried = opened(client, owner, url)
    early = f"{application.activity_starts_on.year - 1}-01-01"
    data = autosave(client, url, carried, activity_ends_on=early).json()
    assert data["saved"] == []
    assert "应晚于活动开始日期" in data["errors"]["activity_ends_on"][0]
    assert Application.objects.get().activity_ends_on == application.activity_ends_on


def test_the_member_rows_are_one_field(client, owner):
    application = factories.complete_draft(owner)
    url = address(application, "group")
    carried = opened(client, owner, url)
    rows = {"members-TOTAL_FORMS": "3", "members-INITIAL_FORMS": "0"}
    for number, name in enumerate(("韩志远", "冶成福", "")):
        rows |= {f"members-{number}-name": name, f"members-{number}-group_role": "member"}
    data = autosave(client, url, carried, **rows).json()
    assert data["saved"] == ["members"]
    assert [member.name for member in application.members.all()] == ["韩志远", "冶成福"]
    bad = autosave(
        client, url, {**carried, "seen_fields": json.dumps(data["seen"])}, **rows, **{"members-2-duty": "记录"}
    )
    assert "members-2-name" in bad.json()["errors"]
    assert application.members.count() == 2


def test_unchecking_every_award_is_a_change(client, owner):
    application = factories.complete_draft(owner)
    application.special_awards.set(SpecialAward.objects.all()[:2])
    url = address(application, "awards")
    carried = opened(client, owner, url)
    answer = client.post(f"{url}autosave/", {**carried, "fields": ["special_awards"]})
    assert answer.json()["saved"] == ["special_awards"]
    assert application.special_awards.count() == 0


def test_autosaves_write_no_audit_row_and_the_next_save_by_hand_names_their_fields(client, owner):
    application = factories.complete_draft(owner)
    url = address(application, "results")
    carried = opened(client, owner, url)
    autosave(client, url, carried, target_value="降到 360")
    autosave(client, url, hidden(client, url), actual_value="355")
    assert not AuditEvent.objects.exists()
    carried = hidden(client, url)
    client.post(url, {**carried, "honours": "专利一项", "target_value": "降到 360", "actual_value": "355"})
    event = AuditEvent.objects.get(verb="application.saved")
    assert {"actual_value", "honours", "target_value"} <= set(event.data["fields"])
    assert Application.objects.get().autosaved == {}


def test_a_submission_names_what_was_autosaved_by_whom(client, owner, manager):
    application = factories.complete_draft(owner)
    url = address(application, "results")
    autosave(client, url, opened(client, manager, url), actual_value="98.00%")
    submitting.submit(application, actor=owner, confirmations=CONFIRMED, arrived_at=clock.now())
    event = AuditEvent.objects.get(verb="application.saved")
    assert (event.actor, event.data["fields"], event.data["autosaved"]) == (manager, ["actual_value"], True)


def test_nothing_is_autosaved_after_the_deadline(client, owner):
    application = factories.draft(owner)
    url = address(application, "contact")
    carried = opened(client, owner, url)
    with clock.fixed(application.round.closes_at):
        client.force_login(owner)
        answer = autosave(client, url, carried, contact_name="李文静")
    assert (answer.status_code, answer.json()["error"]) == (409, "after_deadline")
    assert Application.objects.get().contact_name == ""


def test_a_return_opens_only_what_it_names(client, owner):
    application = factories.complete_draft(
        owner, state=State.RETURNED, open_fields=["topic_name"], correction_due_at=clock.now() + timedelta(days=3)
    )
    url = address(application, "topic")
    carried = opened(client, owner, url)
    assert set(json.loads(carried["seen_fields"])) == {"topic_name"}
    data = autosave(client, url, carried, topic_name="改了", group_intro="也改").json()
    assert data["saved"] == ["topic_name"]
    assert Application.objects.get().group_intro == application.group_intro


def test_a_logged_out_page_gets_a_401_and_not_the_login_form(client, owner):
    application = factories.draft(owner)
    answer = client.post(
        f"{address(application, 'contact')}autosave/", {"fields": "contact_name", "contact_name": "甲"}
    )
    assert answer.status_code == 401
    assert answer.json()["error"] == "login"
    assert "登录已过期" in answer.json()["message"]


def test_a_section_that_does_not_exist_is_a_404(client, owner):
    client.force_login(owner)
    application = factories.draft(owner)
    for code in ("evidence", "nothing"):
        assert client.post(f"{address(application, code)}autosave/").status_code == 404


def test_an_autosave_costs_as_many_queries_whatever_is_typed(client, owner):
    application = factories.complete_draft(owner)
    url = address(application, "results")
    carried = opened(client, owner, url)
    counts = []
    for entries in ({"target_value": "一"}, {"actual_value": "二", "honours": "三", "main_results": "四"}):
        with CaptureQueriesContext(connection) as captured:
            autosave(client, url, carried, **entries)
        counts.append(len(captured))
    assert counts[0] == counts[1]


# --- Two people -----------------------------------------------------------------------------------


def test_a_stale_save_of_other_fields_simply_goes_through(client, owner, manager):
    application = factories.complete_draft(owner)
    url = address(application, "results")
    mine = opened(client, owner, url)
    theirs = opened(client, manager, url)
    autosave(client, url, theirs, actual_value="98.00%")
    client.force_login(owner)
    data = autosave(client, url, mine, honours="省级工法一项").json()
    after = Application.objects.get()
    assert (after.actual_value, after.honours) == ("98.00%", "省级工法一项")
    assert data["theirs"] == {"actual_value": {"label": "实际值", "entry": ["98.00%"]}}


def test_the_save_button_does_not_carry_old_values_over_newer_ones(client, owner, manager):
    application = factories.complete_draft(owner)
    url = address(application, "results")
    mine = opened(client, owner, url)
    autosave(client, url, opened(client, manager, url), actual_value="98.00%")
    client.force_login(owner)
    whole = {"actual_value": application.actual_value, "target_value": application.target_value, "honours": "工法"}
    assert client.post(url, {**mine, **whole, "economic_benefit": "46.2"}).status_code == 302
    after = Application.objects.get()
    assert (after.actual_value, after.honours) == ("98.00%", "工法")


def test_a_field_that_both_changed_asks_and_the_rest_is_stored(client, owner, manager):
    application = factories.complete_draft(owner)
    url = address(application, "results")
    mine = opened(client, owner, url)
    autosave(client, url, opened(client, manager, url), actual_value="98.00%")
    client.force_login(owner)
    answer = autosave(client, url, mine, actual_value="97.50%", honours="工法")
    data = answer.json()
    after = Application.objects.get()
    assert answer.status_code == 409
    assert (after.actual_value, after.honours, data["saved"]) == ("98.00%", "工法", ["honours"])
    assert data["conflicts"] == [{"field": "actual_value", "label": "实际值", "entry": ["98.00%"]}]
    assert "98.00%" in data["choice"]
    assert "97.50%" in data["choice"]
    choice = re.search(r'value="(mine:\w+)"', data["choice"]).group(1)
    carried = {**mine, "choice.actual_value": choice}
    assert autosave(client, url, carried, actual_value="97.50%").json()["saved"] == ["actual_value"]
    assert Application.objects.get().actual_value == "97.50%"


def test_the_refused_save_lets_each_field_be_chosen_without_script(client, owner, manager):
    application = factories.complete_draft(owner)
    url = address(application, "results")
    mine = opened(client, owner, url)
    theirs = opened(client, manager, url)
    autosave(client, url, theirs, actual_value="98.00%", target_value="他人的目标")
    client.force_login(owner)
    entries = {"actual_value": "97.50%", "target_value": "我的目标", "economic_benefit": "46.2"}
    refused = client.post(url, {**mine, **entries})
    text = refused.content.decode()
    assert refused.status_code == 409
    assert "97.50%" in text
    assert "我的目标" in text
    undecided = client.post(url, {**_carried(text), **entries})
    assert undecided.status_code == 409
    choices = dict(re.findall(r'name="(choice\.actual_value)" value="(mine:\w+)"', text))
    chosen = client.post(url, {**_carried(text), **entries, **choices, "choice.target_value": "theirs"})
    assert chosen.status_code == 302
    after = Application.objects.get()
    assert (after.actual_value, after.target_value) == ("97.50%", "他人的目标")


def test_choosing_over_a_value_that_changed_once_more_asks_again(client, owner, manager):
    application = factories.complete_draft(owner)
    url = address(application, "results")
    mine = opened(client, owner, url)
    autosave(client, url, opened(client, manager, url), actual_value="98.00%")
    client.force_login(owner)
    text = client.post(url, {**mine, "actual_value": "97.50%", "economic_benefit": "46.2"}).content.decode()
    choice = dict(re.findall(r'name="(choice\.actual_value)" value="(mine:\w+)"', text))
    autosave(client, url, opened(client, manager, url), actual_value="99.00%")
    client.force_login(owner)
    again = client.post(url, {**_carried(text), "actual_value": "97.50%", "economic_benefit": "46.2", **choice})
    assert again.status_code == 409
    assert "99.00%" in again.content.decode()


def _carried(text):
    return {
        name: html.unescape(re.search(rf'name="{name}"[^>]*value="([^"]*)"', text).group(1))
        for name in ("seen_version", "seen_fields", "draft_page")
    }


def test_members_that_both_changed_are_chosen_as_a_whole(client, owner, manager):
    application = factories.complete_draft(owner)
    url = address(application, "group")
    mine = opened(client, owner, url)
    theirs = opened(client, manager, url)
    rows = {"members-TOTAL_FORMS": "1", "members-INITIAL_FORMS": "0", "members-0-group_role": "leader"}
    autosave(client, url, theirs, **rows, **{"members-0-name": "马海燕"})
    client.force_login(owner)
    answer = autosave(client, url, mine, **rows, **{"members-0-name": "冶成福"})
    assert answer.status_code == 409
    assert "马海燕（组长）" in answer.json()["choice"]
    assert answer.json()["conflicts"][0]["entry"] is None


# --- Attachments 2 and 3, the profile -------------------------------------------------------------


@pytest.fixture
def year(owner):
    return factories.open_round().programme.year


def test_figures_and_paragraphs_are_autosaved_without_a_row_in_the_trail(client, owner, year):
    client.force_login(owner)
    table, text = (reverse(f"applications:report_{name}", args=[year]) for name in ("statistics", "summary"))
    data = autosave(client, table, hidden(client, table), employees="1,250", direct_benefit="386.25").json()
    assert set(data["saved"]) == {"employees", "direct_benefit"}
    assert autosave(client, text, hidden(client, text), summary_basics="本单位共有职工。").json()["saved"]
    report = AnnualReport.objects.get()
    assert (report.employees, report.direct_benefit, report.summary_basics) == (
        1250, Decimal("3862500.00"), "本单位共有职工。",
    )  # fmt: skip
    assert not AuditEvent.objects.exists()


def test_the_trail_gets_figures_from_before_the_autosaves(client, owner, year):
    factories.report(factories.enterprise_of(owner), factories.open_round().programme)
    client.force_login(owner)
    url = reverse("applications:report_statistics", args=[year])
    autosave(client, url, hidden(client, url), employees="1300")
    autosave(client, url, hidden(client, url), employees="1400")
    whole = {"employees": "1400", "seen_version": hidden(client, url)["seen_version"]}
    client.post(url, {**hidden(client, url), **whole})
    event = AuditEvent.objects.get(verb="report.changed")
    assert (event.before["employees"], event.after["employees"]) == ("1250", "1400")


def test_a_wrong_figure_is_told_beside_its_field(client, owner, year):
    client.force_login(owner)
    url = reverse("applications:report_statistics", args=[year])
    data = autosave(client, url, hidden(client, url), employees="0.125", participants="160").json()
    assert data["errors"] == {"employees": ["单位是人，0.125 万人请填 1250。"]}
    assert data["saved"] == ["participants"]


def test_attachment_3_merges_and_asks_like_attachment_1(client, owner, manager, year):
    url = reverse("applications:report_statistics", args=[year])
    mine = opened(client, owner, url)
    autosave(client, url, opened(client, manager, url), employees="1300", participants="160")
    client.force_login(owner)
    answer = autosave(client, url, mine, employees="1250", suggestions="7")
    assert answer.status_code == 409
    assert answer.json()["conflicts"] == [{"field": "employees", "label": "企业职工总数", "entry": ["1300"]}]
    report = AnnualReport.objects.get()
    assert (report.employees, report.participants, report.suggestions) == (1300, 160, 7)
    page = client.post(url, {**mine, "employees": "1250"}).content.decode()
    assert 'name="choice.employees"' in page


def test_an_uploaded_summary_is_not_lost_to_somebody_elses_autosave(client, owner, manager, year):
    url = reverse("applications:report_summary", args=[year])
    mine = opened(client, owner, url)
    autosave(client, url, opened(client, manager, url), summary_plans="下一步继续。")
    client.force_login(owner)
    scan = SimpleUploadedFile("总结.pdf", factories.PDF)
    assert client.post(url, {**mine, "document": scan}).status_code == 302
    report = AnnualReport.objects.get()
    assert (report.summary_file_name, report.summary_plans) == ("总结.pdf", "下一步继续。")


def test_of_two_uploaded_summaries_the_second_is_told(client, owner, manager, year):
    url = reverse("applications:report_summary", args=[year])
    mine = opened(client, owner, url)
    theirs = opened(client, manager, url)
    client.post(url, {**theirs, "document": SimpleUploadedFile("甲.pdf", factories.PDF)})
    client.force_login(owner)
    other = factories.PDF.replace(b"595 842", b"595 843")
    answer = client.post(url, {**mine, "document": SimpleUploadedFile("乙.pdf", other)})
    assert "他人刚刚换过总结文件" in answer.content.decode()
    assert AnnualReport.objects.get().summary_file_name == "甲.pdf"


def test_the_profile_asks_per_field_too(client, owner, manager):
    url = reverse("applications:enterprise")
    mine = opened(client, owner, url)
    theirs = opened(client, manager, url)
    base = {name: getattr(factories.enterprise_of(owner), name) for name in (
        "name", "city", "address", "postcode", "industry", "scale", "contact_name", "contact_phone", "contact_email",
    )}  # fmt: skip
    client.post(url, {**theirs, **base, "address": "他人的地址", "postcode": "810000"})
    client.force_login(owner)
    answer = client.post(url, {**mine, **base, "address": "我的地址", "contact_name": "李文静"})
    text = answer.content.decode()
    enterprise = factories.enterprise_of(owner)
    assert (enterprise.address, enterprise.postcode, enterprise.contact_name) == ("他人的地址", "810000", "李文静")
    choice = dict(re.findall(r'name="(choice\.address)" value="(mine:\w+)"', text))
    client.post(
        url, {**_carried(text), **base, "address": "我的地址", "contact_name": "李文静", "postcode": "810000", **choice}
    )
    assert factories.enterprise_of(owner).address == "我的地址"


# --- Presence -------------------------------------------------------------------------------------


def test_colleagues_on_the_same_page_see_each_other(client, owner, manager, clerk):
    application = factories.draft(owner)
    url = address(application, "topic")
    opened(client, owner, url)
    client.force_login(manager)
    assert "马启明 也正在编辑本页（" in client.get(url).content.decode()
    assert "也正在编辑本页" not in client.get(address(application, "results")).content.decode()
    client.force_login(owner)
    people = client.post(f"{url}autosave/").json()["people"]
    assert [sentence.split(" ")[0] for sentence in people] == ["才让卓玛"]


def test_people_of_another_enterprise_and_staff_are_never_shown(client, owner, rival, secretary):
    application = factories.draft(owner)
    url = address(application, "topic")
    client.force_login(secretary)
    client.get(url)
    client.force_login(owner)
    assert "也正在编辑本页" not in client.get(url).content.decode()


def test_saying_that_a_page_is_open_writes_nothing_and_keeps_no_session_alive(client, owner):
    application = factories.draft(owner)
    url = address(application, "topic")
    client.force_login(owner)
    with CaptureQueriesContext(connection) as captured:
        answer = client.post(f"{url}autosave/")
    assert answer.status_code == 200
    assert not [one["sql"] for one in captured if one["sql"].split()[0] in {"INSERT", "UPDATE", "DELETE"}]
    assert "sessionid" not in answer.cookies


def test_without_the_cache_nobody_is_shown_and_everything_is_saved(client, owner, settings):
    settings.CACHES = {
        "default": {"BACKEND": "qcportal.cache.TolerantRedisCache", "LOCATION": "unix:///nonexistent/redis.sock"}
    }
    application = factories.draft(owner)
    url = address(application, "topic")
    data = autosave(client, url, opened(client, owner, url), topic_name="降低能耗").json()
    assert (data["saved"], data["people"]) == (["topic_name"], [])


# --- Answers that get lost ------------------------------------------------------------------------


def test_an_answer_lost_on_the_way_is_no_conflict_with_oneself(client, owner):
    application = factories.complete_draft(owner)
    url = address(application, "results")
    carried = {**opened(client, owner, url), "tab": "abc"}
    autosave(client, url, carried, honours="专利")  # stored, but the page never hears of it
    answer = autosave(client, url, carried, honours="专利一项")
    assert (answer.status_code, Application.objects.get().honours) == (200, "专利一项")
    whole = {"honours": "专利两项", "economic_benefit": "46.2"}
    assert client.post(url, {**carried, **whole}).status_code == 302
    assert Application.objects.get().honours == "专利两项"


def test_the_same_person_in_another_window_is_asked(client, owner):
    application = factories.complete_draft(owner)
    url = address(application, "results")
    carried = opened(client, owner, url)
    autosave(client, url, {**carried, "tab": "abc"}, honours="专利")
    assert autosave(client, url, {**carried, "tab": "xyz"}, honours="工法").status_code == 409


def test_a_lost_answer_does_not_hide_what_somebody_else_stored_after_it(client, owner, manager, year):
    url = reverse("applications:report_statistics", args=[year])
    mine = {**opened(client, owner, url), "tab": "abc"}
    autosave(client, url, mine, employees="1250")
    autosave(client, url, opened(client, manager, url), employees="1300")
    client.force_login(owner)
    assert autosave(client, url, mine, employees="1260").status_code == 409
    assert AnnualReport.objects.get().employees == 1300
