"""The audit trail for people: found by what one knows, told in sentences, exported; who looked at what."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from qcportal import audit, audit_labels, files
from qcportal.exports import actions
from qcportal.exports.scope import Scope
from qcportal.exports.trail import reads, search, words
from qcportal.models import AuditEvent, Export
from tests.qcportal.exports import season


def recorded(verb, target, actor, **data):
    with transaction.atomic():
        return audit.record(verb, target, actor=actor, **data)


@pytest.fixture
def browser(auditor):
    client = Client()
    client.force_login(auditor)
    return client


def found(**filters):
    return list(search.events(filters))


def test_a_filing_is_found_by_number_and_code_from_its_beginning(year):
    draft_time = recorded("application.created", year.first, year.owner)
    for q in (year.first.file_number, year.first.file_number.lower(), year.first.latest_submission.code,
              year.first.latest_submission.code_grouped):  # fmt: skip
        verbs = {event.verb for event in found(q=q)}
        assert "application.submitted" in verbs, q
        assert draft_time in found(q=q)
    assert all(event.target_id == str(year.first.pk) for event in found(q=year.first.latest_submission.code))


def test_by_person_time_act_request_and_address(year, secretary):
    event = recorded("paper.received", year.first, secretary)
    assert event in found(actor="陈雪")
    assert event in found(actor="secretary")
    assert event not in found(actor="马启明")
    assert event in found(verb="paper.received")
    assert event in found(group="paper")
    assert event not in found(group="judging")
    assert event in found(start="2020-01-01")
    assert event not in found(start="2020-01-01", end="2020-12-31")
    assert found(request="no-such-request") == []
    assert found(ip="10.9.9.9") == []
    assert event in found(about=f"applications.application:{year.first.pk}")


def test_a_request_and_an_address_lead_to_their_rows(year, browser, auditor):
    actions.ask("results", Scope(programme=year.programme), actor=auditor, file_format="csv")
    export = Export.objects.get()
    answer = browser.get(reverse("admin:export_file", args=[export.uuid, 1]))
    b"".join(answer.streaming_content)
    for close in answer._resource_closers:  # not answer.close(): that would end the test's connection
        close()
    event = AuditEvent.objects.get(verb="export.downloaded")
    assert found(request=event.request_id) == [event]
    assert event in found(ip="127.0.0.1")


def test_every_act_has_one_group_and_every_group_its_acts():
    groups = {verb: words.group_of(verb) for verb in audit_labels.LABELS}
    assert set(groups.values()) == set(words.GROUPS)
    assert groups["application.personal_viewed"] == groups["document.read"] == groups["scores.viewed"] == words.READS
    assert groups["export.downloaded"] == words.READS
    assert groups["application.returned"] == "checking"
    assert groups["application.saved"] == "filling"


def test_groups_part_the_trail(year):
    everything = {event.pk for event in found()}
    parts = [{event.pk for event in found(group=key)} for key in words.GROUPS]
    assert set().union(*parts) == everything
    assert sum(map(len, parts)) == len(everything)


def test_rows_are_told_in_sentences(year, secretary):
    season.give_back(year, reply=False)
    event = AuditEvent.objects.get(verb="application.returned")
    assert words.sentence(event) == (
        f"{secretary} 审查：完善后参评：{year.returned.file_number} 沙柳QC小组（已提交 → 完善后参评）"
    )
    changed = {one.label: (one.before, one.after) for one in words.changes(event)}
    assert changed["状态"] == ("已提交", "完善后参评")
    assert changed["开放补正的项目"] == ("", "课题名称")
    told = dict(words.more(event))
    assert told["理由"] == "请完善"
    assert "T" not in told["补正截止"]


def test_no_letter_of_json_and_no_key_reaches_the_page(year, browser):
    season.give_back(year)
    page = browser.get(reverse("admin:audit_search")).content.decode()
    for raw in ("open_fields", "correction_due_at", "{&#x27;", "&quot;state", "returned</td>"):
        assert raw not in page, raw


def test_the_timeline_of_an_object_runs_forward(year, browser):
    page = browser.get(reverse("admin:audit_search"), {"about": f"applications.application:{year.first.pk}"})
    lines = page.context["lines"]
    assert [line.event.pk for line in lines] == sorted(line.event.pk for line in lines)
    assert {line.event.target_id for line in lines} == {str(year.first.pk)}
    assert lines[0].link == reverse("admin:applications_check", args=[year.first.pk])
    assert year.first.file_number in page.content.decode()


def test_paging_and_counting_take_one_look(year, secretary):
    for _number in range(7):
        recorded("document.read", year.first, secretary, document="甲.pdf")
    rows = search.events({"verb": "document.read"})
    pages = [search.page(rows, number, 3) for number in (1, 2, 3)]
    assert [(len(one.events), one.total, one.has_next) for one in pages] == [(3, 7, True), (3, 7, True), (1, 7, False)]
    assert [event.pk for one in pages for event in one.events] == list(rows.values_list("pk", flat=True))


def test_the_trail_is_exported_as_it_is_shown(year, auditor):
    season.give_back(year)
    scope = Scope(filters={"group": "checking"})
    export = actions.ask("trail", scope, actor=auditor, file_format="csv")
    lines = files.read(export.pieces.get().file).decode("utf-8-sig").strip().split("\r\n")
    assert lines[0].startswith("时间,操作人,操作,对象")
    assert [line.rsplit(",", 1)[1] for line in lines[1:]] == [str(event.pk) for event in found(group="checking")]
    assert AuditEvent.objects.filter(verb="export.asked").exists()


def test_wrong_conditions_are_said_and_show_nothing(browser, db):
    page = browser.get(reverse("admin:audit_search"), {"start": "2026-02-02", "end": "2026-01-01", "ip": "x"})
    text = page.content.decode()
    assert "结束日期不应早于开始日期。" in text
    assert page.context["lines"] == []


# --- 查看记录 --------------------------------------------------------------------------------------


def test_who_looked_at_this_filing(year, secretary, auditor, browser):
    for _time in range(2):
        recorded("application.personal_viewed", year.first, secretary)
    recorded("document.read", year.first.latest_submission, auditor, document="成果报告.pdf")
    recorded("application.personal_viewed", year.foreign, secretary)
    key = f"applications.application:{year.first.pk}"
    groups = [reads.group(row) for row in reads.groups({"about": key})]
    assert {(one.who, one.how, one.times) for one in groups} == {
        (str(secretary), "查看含个人信息的申报", 2), (str(auditor), "查看材料文件", 1),
    }  # fmt: skip
    page = browser.get(reverse("admin:audit_reads"), {"about": key}).content.decode()
    assert year.first.file_number in page
    assert year.foreign.file_number not in page


def test_what_one_person_looked_at(year, secretary, auditor):
    recorded("application.personal_viewed", year.first, secretary)
    recorded("scores.viewed", year.round, secretary, what="ranking:all")
    recorded("application.personal_viewed", year.first, auditor)
    rows = [reads.group(row) for row in reads.groups({"by": "person", "actor": "陈雪梅"})]
    assert {one.how for one in rows} == {"查看含个人信息的申报", "查看评分"}
    assert {one.who for one in rows} == {str(secretary)}
    people = {row["actor_label"]: (row["times"], row["things"]) for row in reads.people({})}
    assert people == {str(secretary): (2, 2), str(auditor): (1, 1)}


def test_the_check_page_leads_there(year, secretary):
    client = Client()
    client.force_login(secretary)
    page = client.get(reverse("admin:applications_check", args=[year.first.pk])).content.decode()
    assert f"{reverse('admin:audit_reads')}?about=applications.application:{year.first.pk}" in page
    shown = client.get(reverse("admin:audit_reads"), {"about": f"applications.application:{year.first.pk}"})
    assert "查看含个人信息的申报" in shown.content.decode()
