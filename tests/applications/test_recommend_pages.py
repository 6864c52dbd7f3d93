"""The pages of a recommending unit, the buttons of the enterprise, and what the secretariat sees of it."""

import pytest
from django.urls import reverse

from applications.actions import recommending
from applications.models import Application, Recommendation, Submission
from applications.packets import opinions
from applications.recommendations import SENTENCES
from qcportal import clock
from qcportal.models import AuditEvent
from tests import factories
from tests.applications import checked, recommenders

pytestmark = pytest.mark.django_db
LIST = "/applications/recommend/"


@pytest.fixture
def unit(db):
    return recommenders.unit()


@pytest.fixture
def person(unit):
    return recommenders.person(unit)


@pytest.fixture
def draft(owner, unit, person):
    return factories.complete_draft(owner, recommending_unit=unit)


@pytest.fixture
def filed(draft, owner):
    checked.submission.submit(draft, actor=owner, confirmations=checked.CONFIRMED, arrived_at=clock.now())
    return Application.objects.get(pk=draft.pk)


def page(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def read(client, address):
    """To the end, which closes the file."""
    return client.get(address).getvalue()


def detail(application):
    return reverse("applications:recommend_detail", args=[application.uuid])


def entries(client, application, **fields):
    seen = client.get(detail(application)).context["form"].initial["seen"]
    return {
        "seen": seen, "decision": "recommend", "sentence": SENTENCES["recommend"][0], "text": "",
        "signer_name": "冶玉珍", "signer_title": "部长", "confirmed": "on", **fields,
    }  # fmt: skip


def test_after_logging_in_the_unit_is_where_its_work_waits(client, person):
    client.force_login(person)
    assert client.get("/accounts/welcome/")["Location"] == LIST
    text = page(client, LIST)
    assert "推荐意见" in text
    assert "没有待出具的意见" in text


def test_a_draft_is_nobodys_business_before_it_is_shown(client, person, draft, owner):
    client.force_login(person)
    item = draft.evidence.first()
    file = reverse("applications:recommend_file", args=[draft.uuid, item.uuid])
    assert draft.group_name not in page(client, f"{LIST}?show=all")
    assert client.get(detail(draft)).status_code == 404
    assert client.get(file).status_code == 404
    recommending.request_opinion(draft, actor=owner)
    assert "提交前草稿" in page(client, LIST)
    assert draft.main_results in page(client, detail(draft))
    assert read(client, file) == factories.PDF
    recommending.cancel_request(draft, actor=owner)
    assert client.get(detail(draft)).status_code == 404


def test_a_submitted_filing_is_read_as_it_was_submitted(client, person, filed):
    Application.objects.filter(pk=filed.pk).update(main_results="尚未提交的修改", group_name="改名小组")
    filed.evidence.all().delete()
    client.force_login(person)
    text = page(client, detail(filed))
    assert "红柳QC小组" in text
    assert "尚未提交的修改" not in text
    assert "改名小组" not in page(client, LIST)
    item = filed.latest_submission.data["evidence"][0]["uuid"]
    assert read(client, reverse("applications:recommend_file", args=[filed.uuid, item])) == factories.PDF
    assert AuditEvent.objects.filter(verb="recommendation.viewed", actor=person).exists()


def test_contacts_mail_and_results_of_judging_are_left_out(client, person, filed):
    Application.objects.filter(pk=filed.pk).update(state="awarded", result_announced_at=clock.now())
    client.force_login(person)
    for text in (page(client, detail(filed)), page(client, f"{LIST}?show=all")):
        assert "lwj@huguang.example" not in text
        assert "已获奖" not in text
        assert "已进入评审" in text


def test_another_unit_finds_nothing(client, filed):
    client.force_login(recommenders.person(recommenders.unit("青海省电力行业协会"), username="other", name="李守义"))
    assert filed.group_name not in page(client, f"{LIST}?show=all")
    assert client.get(detail(filed)).status_code == 404
    assert client.post(detail(filed)).status_code == 404


def test_a_deactivated_person_finds_nothing(client, person, filed):
    person.recommends_for.update(is_active=False)
    client.force_login(person)
    assert client.get(detail(filed)).status_code == 404


def test_filters_by_round_state_opinion_and_words(client, person, filed, rival, unit):
    other = checked.submitted(rival, filed.round, group_name="昆仑QC小组", recommending_unit=unit)
    recommenders.give(other, person, decision="decline")
    client.force_login(person)

    def names(query):
        return {row.group for row in client.get(LIST + query).context["rows"]}

    assert names("") == {"红柳QC小组"}
    assert names("?show=given") == {"昆仑QC小组"}
    assert names("?show=given&decision=recommend") == set()
    assert names("?show=all&q=瀚澄") == {"昆仑QC小组"}
    assert names(f"?show=all&q={filed.file_number}") == {"红柳QC小组"}
    assert names("?show=all&state=submitted") == {"红柳QC小组", "昆仑QC小组"}
    assert names("?show=all&state=draft") == set()
    assert names(f"?show=all&round={filed.round_id}") == {"红柳QC小组", "昆仑QC小组"}
    assert client.get(f"{LIST}?round=nonsense&page=x").status_code == 200


def test_a_ready_sentence_is_enough_and_what_is_typed_wins(client, person, filed):
    client.force_login(person)
    answer = client.post(detail(filed), entries(client, filed))
    assert answer.status_code == 302
    assert Recommendation.objects.get().text == SENTENCES["recommend"][0]
    client.post(detail(filed), entries(client, filed, text="经我会核实，同意推荐。"))
    latest = Recommendation.objects.standing().get()
    assert (latest.text, latest.signer_title) == ("经我会核实，同意推荐。", "部长")
    text = page(client, detail(filed))
    assert "已被新意见取代" in text


def test_errors_stand_beside_the_fields(client, person, filed):
    client.force_login(person)
    answer = client.post(detail(filed), {"seen": "v1"})
    text = answer.content.decode()
    assert answer.status_code == 200
    for message in ("请选择推荐意见", "请选一句常用语", "请填写签署人姓名", "请先阅读并勾选"):
        assert message in text
    wrong = entries(client, filed, decision="decline")
    assert "所选常用语与推荐意见不一致" in client.post(detail(filed), wrong).content.decode()
    assert not Recommendation.objects.exists()


def test_a_page_left_open_does_not_sign_something_else(client, person, filed, owner):
    client.force_login(person)
    sent = entries(client, filed)
    checked.resubmit(filed, owner)
    answer = client.post(detail(filed), sent)
    assert answer.status_code == 409
    assert "刚刚有变化" in answer.content.decode()
    assert not Recommendation.objects.exists()


def test_the_unit_takes_back_an_opinion_about_a_draft(client, person, draft, owner):
    recommending.request_opinion(draft, actor=owner)
    recommenders.give(draft, person)
    client.force_login(person)
    assert "撤回意见" in page(client, detail(draft))
    client.post(reverse("applications:recommend_withdraw", args=[draft.uuid]))
    assert Recommendation.objects.get().withdrawn_by == person


def test_the_enterprise_asks_with_a_button_and_sees_how_it_stands(client, draft, owner, person):
    client.force_login(owner)
    overview = reverse("applications:detail", args=[draft.uuid])
    awards = reverse("applications:section", args=[draft.uuid, "awards"])
    for address in (overview, awards):
        assert "请推荐单位在线出具意见" in page(client, address)
    answer = client.post(reverse("applications:recommend_request", args=[draft.uuid]), {"from": "awards"})
    assert answer["Location"] == awards
    text = page(client, overview)
    assert "已请求" in text
    assert "收回请求" in text
    recommenders.give(draft, person)
    text = page(client, overview)
    assert "意见随提交冻结" in text
    assert "冶玉珍" in text


def test_without_account_the_enterprise_reads_what_to_do(client, owner):
    application = factories.complete_draft(owner, recommending_unit=recommenders.unit("青海省建筑业协会"))
    client.force_login(owner)
    text = page(client, reverse("applications:detail", args=[application.uuid]))
    assert "该推荐单位未开通账户，请打印后由其盖章" in text
    assert "请推荐单位在线出具意见" not in text


def test_without_a_unit_nothing_is_said(client, owner):
    application = factories.complete_draft(owner)
    client.force_login(owner)
    assert 'id="recommendation"' not in page(client, reverse("applications:detail", args=[application.uuid]))


def test_the_page_of_an_opinion_is_for_enterprise_unit_and_staff(client, filed, owner, person, secretary, rival):
    opinion = recommenders.give(filed, person)
    address = reverse("applications:recommend_pdf", args=[filed.uuid, opinion.uuid])
    client.force_login(owner)
    assert client.get(address).status_code == 202
    opinions.build(opinion)
    for who in (owner, person, secretary):
        client.force_login(who)
        answer = client.get(address)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        answer.getvalue()
    client.force_login(rival)
    assert client.get(address).status_code == 404
    assert AuditEvent.objects.filter(verb="document.read", actor=secretary).exists()


def test_the_secretariat_reads_it_on_the_check_page_and_filters_by_it(client, filed, person, secretary):
    opinion = recommenders.give(filed, person, decision="decline")
    client.force_login(secretary)
    text = page(client, reverse("admin:applications_check", args=[filed.pk]))
    assert opinion.text in text
    assert "针对第 1 版" in text
    listing = reverse("admin:applications_application_changelist")
    for chosen in ("decline", "recommend", "none", "older", "direct"):
        shown = filed.file_number in page(client, f"{listing}?opinion={chosen}")
        assert shown is (chosen == "decline"), chosen
    record = page(client, reverse("admin:applications_recommendation_change", args=[opinion.pk]))
    assert opinion.sha256 in record


def test_versions_from_before_know_their_unit_by_name(filed, unit):
    from importlib import import_module

    from django.apps import apps

    Submission.objects.update(recommending_unit=None)
    import_module("applications.migrations.0006_recommendations_backfill").name_units(apps, None)
    assert Submission.objects.get().recommending_unit == unit
