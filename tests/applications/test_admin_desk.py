"""The desk: every number is that of the list behind it, dates ahead, and one round beside the year before."""

import re
from datetime import date, datetime, timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from applications.actions import checking, extending, messages, paper
from applications.models import (
    Application,
    CalendarEntry,
    Extension,
    JoinRequest,
    PhoneCall,
    Programme,
    SubmitAttempt,
    WorkdayException,
)
from events.models import Event
from qcportal import clock, desk, outbox
from qcportal.models import Heartbeat, MailMessage, OutboxMessage, PersonalDataRequest
from reviews.models import Ranking
from tests import factories
from tests.applications import checked

pytestmark = pytest.mark.django_db


def unit(name):
    return factories.enterprise_owner(username=name, enterprise_name=f"青海{name}有限公司")


def returned(application, secretary, due=None):
    checking.return_for_correction(
        checked.open_check(application, secretary), actor=secretary, remarks=[], open_fields=["topic_name"],
        correction_due_at=due or clock.now() + timedelta(days=3), reason="请改",
    )  # fmt: skip
    application.refresh_from_db()
    return application


@pytest.fixture
def filed(owner):
    return checked.submitted(owner)


@pytest.fixture
def season(secretary, owner, rival):
    """Something of everything that a number on the desk counts, and more that it must not count."""
    now = clock.now()
    waiting = checked.submitted(owner)
    # Its benefit is above that of the whole enterprise, and said why; where it is registered nobody has looked at yet.
    warned = checked.submitted(rival, waiting.round, economic_benefit="9999999.00")
    type(warned.enterprise).objects.filter(pk=warned.enterprise_id).update(origin_flagged=True)
    back = returned(checked.submitted(unit("back"), waiting.round), secretary)
    checked.resubmit(back, back.created_by)
    returned(checked.submitted(unit("asked"), waiting.round), secretary)
    late = returned(checked.submitted(unit("late"), waiting.round), secretary)
    Application.objects.filter(pk=late.pk).update(correction_due_at=now - timedelta(hours=1))
    accepted = checked.submitted(unit("accepted"), waiting.round)
    checking.accept(checked.open_check(accepted, secretary), actor=secretary)
    paper.receive_paper(accepted.submissions.get(), actor=secretary)
    factories.draft(owner, waiting.round)
    for application, staff_last in ((waiting, False), (back, True)):
        thread = messages.thread_for(application)
        messages.post_message(thread, author=application.created_by, body="请问？", from_staff=False)
        if staff_last:
            messages.post_message(thread, author=secretary, body="可以。", from_staff=True)
    asking = factories.user(username="asking")
    for state in ("waiting", "declined"):
        JoinRequest.objects.create(
            enterprise=waiting.enterprise, user=asking, reason="质量部", created_at=now, state=state
        )
        PersonalDataRequest.objects.create(user=asking, kind="copy", state=state, created_at=now)
    for days in (0, 5):
        PhoneCall.objects.create(
            caller="祁", subject="回电", called_at=now, created_by=secretary,
            follow_up_on=timezone.localdate(now) + timedelta(days=days),
        )  # fmt: skip
    dead = outbox.add("mail.send", "mail:none", {})
    OutboxMessage.objects.filter(pk=dead.pk).update(state="dead")
    MailMessage.objects.filter(pk=MailMessage.objects.first().pk).update(sent_at=now - timedelta(hours=1))
    MailMessage.objects.filter(pk=MailMessage.objects.last().pk).update(sent_at=now - timedelta(hours=30))
    SubmitAttempt.objects.create(
        application=waiting, user=owner, arrived_at=now, decided_at=now, outcome="late", message="已截止"
    )
    return waiting


def context(client, person, query=""):
    client.force_login(person)
    answer = client.get("/admin/" + query)
    assert answer.status_code == 200
    return answer.context


def rows_behind(client, address):
    """How many rows the list at ``address`` shows in all."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    found = answer.context
    if "cl" in found:
        return found["cl"].result_count
    return len(found["waiting"]) if "waiting" in found else found["page"].paginator.count


def test_every_number_is_that_of_the_list_behind_it(client, secretary, season):
    cards = context(client, secretary)["cards"]
    assert {card.title: card.number for card in cards} == {
        "新提交": 2, "已重新提交": 1, "待补正": 2, "补正逾期": 1, "提醒待处理": 1, "今天要跟进的电话": 1,
        "纸质件未到": 5, "单位待核验": 2, "加入申请": 1, "留言未答复": 1, "失败事项": 1, "个人信息": 1,
    }  # fmt: skip
    assert {card.title: rows_behind(client, card.url) for card in cards} == {card.title: card.number for card in cards}


def test_the_numbers_of_the_system_are_those_of_their_lists(client, secretary, season):
    MailMessage.objects.filter(pk=MailMessage.objects.order_by("pk")[1].pk).update(state="bounced")
    context(client, secretary)
    page = client.get("/admin/").content.decode().split('class="rows desk-system"')[1].split("</ul>")[0]
    lines = re.findall(r'<a href="([^"]+)">([^<]+)</a><span>(\d+) [项封次]</span>', page)
    counts = {label: int(number) for _address, label, number in lines}
    once = ("今日被拒提交", "失败事项", "24 小时内已发邮件", "退回的信")
    assert [counts[label] for label in once] == [1] * 4
    assert {label: rows_behind(client, unescape(address)) for address, label, _number in lines} == counts


def test_the_numbers_of_the_open_round_are_those_of_their_lists(client, secretary, season):
    round_ = context(client, secretary)["desk_round"]
    assert (round_["filed"], round_["drafts"]) == (6, 1)
    assert [rows_behind(client, round_[name]) for name in ("filed_url", "drafts_url")] == [6, 1]


def test_every_number_of_a_round_leads_to_its_list(client, secretary, season, last_year):
    pace = context(client, secretary)["pace"]
    cells = [cell for step in pace["steps"] for cell in (step["now"], step["before"])]
    cells += [cell for row in pace["cities"] + pace["industries"] for cell in (row.now, row.before)]
    assert len(cells) == 10
    for cell in cells:
        assert rows_behind(client, unescape(cell.url)) == cell.number, cell


def test_a_card_is_calm_at_nothing_and_red_only_when_late():
    assert desk.Card("", 0, "", "", "", "late").colour == "calm"
    assert [desk.Card("", 1, "", "", "", kind).colour for kind in ("todo", "late", "calm")] == ["amber", "red", "calm"]


def test_another_app_adds_a_number_and_a_date(client, secretary, monkeypatch):
    monkeypatch.setattr(desk, "_card_sources", [lambda now: [desk.Card("退信", 3, "mail", "/x/", "地址有误", "late")]])
    monkeypatch.setattr(desk, "_coming_sources", [lambda now: [desk.Coming(now + timedelta(days=1), "开会", "活动")]])
    found = context(client, secretary)
    assert [card.title for card in found["cards"]] == ["退信"]
    assert [line.coming.title for line in found["ahead"]] == ["开会"]


# --- What to do first, and the system ---------------------------------------------------------------


def test_the_desk_puts_late_corrections_first_then_those_that_came_back(client, secretary, filed):
    back, late = (checked.submitted(unit(name)) for name in ("back", "late"))
    returned(back, secretary)
    checked.resubmit(back, back.created_by)
    returned(late, secretary, clock.now() + timedelta(hours=1))
    with clock.fixed(clock.now() + timedelta(hours=2)):
        rows = [row["application"] for row in context(client, secretary)["first_rows"]]
    assert rows == [late, back, filed]


@pytest.mark.parametrize(("minutes", "alive"), [(0, True), (10, False)])
def test_a_silent_worker_is_red_and_a_living_one_is_not(client, secretary, minutes, alive):
    Heartbeat.objects.create(name="worker", at=clock.now() - timedelta(minutes=minutes))
    system = context(client, secretary)["system"]
    assert [process["alive"] for process in system["processes"]] == [alive]
    assert system["well"] is alive
    assert ("系统需要处理" in client.get("/admin/").content.decode()) is not alive


def test_an_auditor_sees_the_desk(client, auditor, filed):
    assert context(client, auditor)["cards"][0].number == 1


def test_the_desk_works_before_there_is_any_programme(client, secretary):
    client.force_login(secretary)
    page = client.get("/admin/").content.decode()
    assert "还没有设置年度活动" in page
    assert "近期没有截止和日程" in page
    assert "charts.js" not in page


# --- Dates ahead ------------------------------------------------------------------------------------

MONDAY = factories.at(2026, 6, 1, 9)


@pytest.fixture
def june(db):
    """The first round of 2026, on its first Monday."""
    round_ = factories.round_of(2026, 1)
    with clock.fixed(MONDAY):
        yield round_


def ahead(client, person):
    return {line.coming.title: line for line in context(client, person)["ahead"]}


def test_deadlines_ahead_say_the_days_and_the_working_days(client, secretary, june):
    WorkdayException.objects.create(day=date(2026, 6, 2), is_workday=False)
    found = ahead(client, secretary)
    assert list(found) == ["2026 年第一期网上提交截止", "2026 年第一期盖章扫描件截止", "2026 年第一期纸质材料截止"]
    close = found["2026 年第一期网上提交截止"]
    # 30 June: 29 days after the 1st; of the 21 weekdays 19 June is the Dragon Boat holiday, the 2nd is an exception.
    assert (close.when, close.left, close.near) == ("2026年6月30日24:00", "还有 29 天，19 个工作日", False)
    with clock.fixed(factories.at(2026, 6, 30, 10)):
        today = ahead(client, secretary)["2026 年第一期网上提交截止"]
    assert (today.left, today.near) == ("今天", True)


def test_what_is_past_is_not_ahead(client, secretary, june):
    with clock.fixed(factories.at(2026, 7, 20)):
        assert ahead(client, secretary) == {}


def test_extensions_corrections_calendar_events_and_publications_stand_among_the_dates(client, secretary, june, owner):
    application = returned(checked.submitted(owner, june), secretary, factories.at(2026, 6, 9))
    longer = Extension(
        round=june, enterprise=application.enterprise, new_deadline=factories.at(2026, 7, 3), reason="停电"
    )
    extending.grant(longer, actor=secretary)
    for kind, title, day in (("training", "标准讲解", 12), ("event", "发布会", 20)):
        CalendarEntry.objects.create(
            programme=june.programme, kind=kind, title=title, starts_on=date(2026, 6, day), ends_on=date(2026, 6, day)
        )
    Event.objects.create(
        slug="e", programme=june.programme, kind="presentation", title="第一期发布会", place="西宁",
        starts_at=factories.at(2026, 6, 20, 9), ends_at=factories.at(2026, 6, 20, 17),
    )  # fmt: skip
    Ranking.objects.create(
        programme=june.programme, version=1, sha256="0" * 64, frozen_by=secretary, data={}, frozen_at=MONDAY,
        announced_at=MONDAY,
    )  # fmt: skip
    found = ahead(client, secretary)
    assert found["补正截止"].coming.note == "1 件"
    assert rows_behind(client, found["补正截止"].coming.url) == 1
    assert found["2026 年第一期延期截止"].coming.note == application.enterprise.name
    # The event itself stands for its line in the calendar.
    assert {"标准讲解", "第一期发布会"} <= set(found)
    assert "发布会" not in found
    assert found["2026 年度 第 1 版排名公示结束"].when == "2026年6月8日24:00"


def test_years_without_a_calendar_of_holidays_are_named(client, secretary):
    factories.round_of(2089, 1)
    with clock.fixed(factories.at(2089, 6, 1)):
        assert context(client, secretary)["unknown_years"] == [2089]
        assert "2089 年的放假安排尚未收录" in client.get("/admin/").content.decode()


# --- One round beside the year before ---------------------------------------------------------------


def backdated(owner_, round_, *moments):
    """Filed at these moments, by the real actions."""
    made = []
    for place, moment in enumerate(moments):
        with clock.fixed(moment):
            names = {"group_name": f"第{place}小组", "topic_name": f"降低第{place}种损耗"}
            made.append(checked.submitted(owner_, round_, **names))
    return made


@pytest.fixture
def last_year(db):
    """Of the year before the open round: one filing ten days before its deadline, one on the last day."""
    now = clock.now()
    year = timezone.localtime(now).year - 1
    closes = now - timedelta(days=300)
    round_ = factories.round_of(
        year, 1, opens_at=closes - timedelta(days=30), closes_at=closes, stamped_due_at=closes, paper_due_at=closes
    )
    backdated(unit("before"), round_, closes - timedelta(days=10, hours=1), closes - timedelta(hours=1))
    return round_


def table_of(page, name):
    rows = re.search(rf'<table[^>]*id="{name}">(.*?)</table>', page, re.S)[1].split("<tbody>")[1]
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows.split("</tr>")[:-1]]


def test_days_are_laid_over_each_other_by_what_is_left_of_them(client, secretary, filed, last_year):
    pace = context(client, secretary)["pace"]
    assert (pace["label"], pace["before"]) == (str(filed.round), str(last_year))
    days = {row["label"]: row for row in pace["days"]}
    assert (days["前10天"]["before"].filed, days["前10天"]["before"].so_far) == (1, 1)
    assert (days["当天"]["before"].filed, days["当天"]["before"].so_far) == (1, 2)
    assert (days["当天"]["now"].filed, sum(row["now"].filed or 0 for row in pace["days"])) == (None, 1)
    shown = {row[0]: row[1:] for row in table_of(client.get("/admin/").content.decode(), "pace-days")}
    assert shown["当天"] == ["—", "1", "—", "2"]


def test_conversion_and_speed_are_compared(client, secretary, filed, last_year):
    factories.draft(filed.created_by, filed.round)
    checking.accept(checked.open_check(filed, secretary), actor=secretary)
    pace = context(client, secretary)["pace"]
    assert [(step["now"].number, step["before"].number) for step in pace["steps"]] == [(2, 2), (1, 2), (1, 0)]
    assert [str(step["share"]) for step in pace["steps"]] == ["None", "50.0", "100.0"]
    spans = {span["label"]: (span["now"], span["before"]) for span in pace["spans"]}
    assert spans["最后一天及延期中提交的占比"] == (0, 50)
    assert spans["从提交到首次审查（中位数）"] == (0, None)


def test_the_round_is_chosen_at_the_top_and_nonsense_shows_the_open_one(client, secretary, filed, last_year):
    assert context(client, secretary, f"?round={last_year.pk}")["pace"]["round"] == last_year
    for wrong in ("?round=x", "?round=999999", "?round="):
        assert context(client, secretary, wrong)["pace"]["round"] == filed.round
    Programme.objects.filter(pk=last_year.programme_id).update(is_published=False)
    assert context(client, secretary, f"?round={last_year.pk}")["pace"]["round"] == filed.round


def test_without_a_year_before_only_this_one_is_shown(client, secretary, filed):
    found = context(client, secretary)
    assert found["pace"]["before"] == ""
    page = client.get("/admin/").content.decode()
    assert "往年同期没有申报数据" in page
    assert table_of(page, "pace-cities") == [[
        filed.enterprise.city_label, re.search(r'(<a href="[^"]*queue=all[^"]*city=6328[^"]*">1</a>)', page)[1]
    ]]  # fmt: skip


def test_each_chart_is_drawn_from_columns_that_are_there(client, secretary, filed, last_year):
    client.force_login(secretary)
    page = client.get("/admin/").content.decode()
    charts = re.findall(r'data-chart="(\w+)" data-table="([\w-]+)" data-columns="([\d ]+)"', page)
    assert [kind for kind, _table, _columns in charts] == ["line", "bar", "lying", "lying"]
    for _kind, table, columns in charts:
        width = len(table_of(page, table)[0])
        assert max(map(int, columns.split())) <= width
    assert page.count("<figcaption>") == page.count('role="img" aria-label="') == 4
    assert "charts.js" in page
    assert "charts.js" not in client.get(reverse("admin:message_inbox")).content.decode()


def test_the_address_of_a_moment_is_read_back(client, secretary):
    from applications.admin.desk_cards import stamp

    moment = timezone.localtime(clock.now())
    assert datetime.fromisoformat(stamp(moment)) == moment
