"""What somebody typed is not lost when the session ended, without any script."""

import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import AnnualReport, Application
from qcportal import clock, kept
from tests import factories

TEXT = "小组围绕干燥工序能耗开展调查，收集了三个月的数据。"


@pytest.fixture
def filing(owner):
    return factories.draft(owner, topic_type="self_set")


def address(filing, code="topic"):
    return reverse("applications:section", args=[filing.uuid, code])


def carried(client, url):
    text = client.get(url).content.decode()
    return {
        name: html.unescape(re.search(rf'name="{name}"[^>]*value="([^"]*)"', text).group(1))
        for name in ("seen_version", "seen_fields", "draft_page")
    }


def post_after_the_session_ended(client, owner, url, **entries):
    client.force_login(owner)
    values = carried(client, url)
    client.cookies.clear()
    return client.post(url, {**values, **entries})


def log_in(client, person, url):
    return client.post(
        reverse("account_login"), {"login": person.username, "password": factories.PASSWORD, "next": url}, follow=True
    )


def test_the_text_is_back_after_logging_in_again(client, owner, filing):
    url = address(filing)
    answer = post_after_the_session_ended(client, owner, url, topic_name="降低能耗", group_intro=TEXT)
    assert answer["Location"].startswith("/accounts/login/?next=")
    assert "您填写的内容已保留" in client.get(answer["Location"]).content.decode()
    page = log_in(client, owner, url)
    text = page.content.decode()
    assert "登录前填写的内容已恢复，请核对后保存" in text
    assert TEXT in text
    assert Application.objects.get().group_intro == ""
    again = {**carried(client, url), "topic_name": "降低能耗", "topic_type": "self_set", "group_intro": TEXT}
    assert client.post(url, again).status_code == 302
    assert Application.objects.get().group_intro == TEXT
    assert "登录前填写的内容已恢复" not in client.get(url).content.decode()


def test_what_a_colleague_saved_meanwhile_is_not_overwritten_by_restored_entries(client, owner, filing):
    url = address(filing)
    post_after_the_session_ended(client, owner, url, topic_name="我的课题", topic_type="self_set")
    Application.objects.update(topic_name="同事的课题", edit_version=9)
    log_in(client, owner, url)
    page = client.get(url)
    again = {**carried(client, url), "topic_name": "我的课题", "topic_type": "self_set"}
    assert "我的课题" in page.content.decode()
    assert client.post(url, again).status_code == 409
    assert Application.objects.get().topic_name == "同事的课题"


def test_members_and_figures_come_back_too(client, owner, filing):
    rows = {
        "members-TOTAL_FORMS": "1",
        "members-INITIAL_FORMS": "0",
        "members-0-name": "冶成福",
        "members-0-group_role": "leader",
    }
    url = address(filing, "group")
    post_after_the_session_ended(client, owner, url, **rows)
    assert "冶成福" in log_in(client, owner, url).content.decode()
    table = reverse("applications:report_statistics", args=[filing.round.programme.year])
    post_after_the_session_ended(client, owner, table, employees="1250")
    assert 'value="1250"' in log_in(client, owner, table).content.decode()
    assert not AnnualReport.objects.exists()


def test_another_enterprise_on_the_same_computer_sees_nothing_of_it(client, owner, rival, filing):
    table = reverse("applications:report_statistics", args=[filing.round.programme.year])
    post_after_the_session_ended(client, owner, table, filled_by="李文静")
    page = log_in(client, rival, table)
    assert "李文静" not in page.content.decode()
    assert "登录前填写" not in page.content.decode()


def test_after_half_an_hour_it_is_gone(client, owner, filing):
    url = address(filing)
    with clock.fixed(clock.now() - timedelta(minutes=31)):
        post_after_the_session_ended(client, owner, url, group_intro=TEXT)
    assert TEXT not in log_in(client, owner, url).content.decode()


def test_it_can_be_given_up(client, owner, filing):
    url = address(filing)
    post_after_the_session_ended(client, owner, url, group_intro=TEXT)
    log_in(client, owner, url)
    assert TEXT not in client.get(f"{url}?discard=1").content.decode()
    assert TEXT not in client.get(url).content.decode()


def test_only_pages_of_ours_within_the_limit_are_kept_and_never_a_password(client, owner, filing):
    url = address(filing)
    client.post(url, {"group_intro": TEXT})
    assert kept.SESSION_KEY not in client.session
    client.post(url, {"draft_page": "forged", "group_intro": TEXT})
    assert kept.SESSION_KEY not in client.session
    post_after_the_session_ended(client, owner, url, group_intro="字" * (kept.MOST + 1))
    assert kept.SESSION_KEY not in client.session
    post_after_the_session_ended(client, owner, url, group_intro=TEXT, password="Qinghai-2026", csrfmiddlewaretoken="x")
    stored = str(client.session[kept.SESSION_KEY])
    assert TEXT in stored
    assert "Qinghai-2026" not in stored


def test_a_page_with_an_old_token_loses_nothing(owner, filing):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    url = address(filing)
    values = carried(client, url)
    refused = client.post(url, {**values, "group_intro": TEXT, "csrfmiddlewaretoken": "old"})
    assert refused.status_code == 403
    assert "已保留 30 分钟" in refused.content.decode()
    assert TEXT in client.get(url).content.decode()


def test_other_pages_with_an_old_token_show_what_was_typed(owner):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    text = client.post(reverse("applications:messages"), {"body": f"<b>{TEXT}", "password": "P" * 40}).content.decode()
    assert f"&lt;b&gt;{TEXT}" in text
    assert "PPPP" not in text


def test_an_autosave_with_an_old_token_is_told_so_in_json(owner, filing):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    answer = client.post(f"{address(filing)}autosave/", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (403, "csrf")


def test_the_session_says_who_is_there_and_hands_out_the_new_token(owner, filing):
    client = Client(enforce_csrf_checks=True)
    assert client.get(reverse("session_state")).json()["user"] == ""
    client.force_login(owner)
    state = client.get(reverse("session_state"))
    assert state.json()["user"] == str(owner.uuid)
    assert "no-store" in state["Cache-Control"]
    url = f"{address(filing)}autosave/"
    answer = client.post(url, headers={"x-csrftoken": state.json()["token"], "accept": "application/json"})
    assert answer.status_code == 200


def test_asking_for_the_session_does_not_keep_it_alive(client, owner):
    client.force_login(owner)
    assert "sessionid" not in client.get(reverse("session_state")).cookies


def test_the_second_window_ends_on_a_page_that_says_what_to_do(client, owner):
    assert "登录已过期" in client.get(reverse("session_again")).content.decode()
    client.force_login(owner)
    assert "已重新登录" in client.get(reverse("session_again")).content.decode()
