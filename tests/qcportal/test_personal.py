"""A person's rights over their data: a copy, requests, deletion of the account, agreeing to new rules."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from applications.models import Association, Consent, Membership
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent, MailMessage, PersonalDataRequest, User
from qcportal.personal import export, requests
from qcportal.roles import Role
from reviews.actions import relating
from reviews.models import ExpertiseField, RelationKind
from tests import factories
from tests.applications import documents
from tests.reviews import builders

PAGE = reverse("personal_data")


@pytest.fixture
def clerk(owner):
    return factories.colleague(owner, username="clerk", name="李文静", role="clerk")


def asked(person, kind="delete", text=""):
    return requests.ask(person, kind=kind, text=text, now=clock.now())


def sheets(content):
    book = load_workbook(io.BytesIO(content), read_only=True)
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def test_the_copy_holds_what_is_known_of_the_person_and_nobody_else(client, owner, rival):
    submission = documents.submitted(owner)
    found = sheets(export.workbook(owner))
    assert ["姓名", "马启明"] in found["账号"]
    assert found["单位与身份"][1][0] == "青海湖光盐化股份有限公司"
    assert found["参与填报的申报"][1][2] == submission.file_number
    assert found["提交记录"][1][2] == "accepted"
    assert any("提交申报" in row for row in found["操作记录"])
    assert submission.file_number in found["收到的通知"][1][2]
    assert "password" not in str(found).lower()
    assert "湖光" not in str(sheets(export.workbook(rival)))
    client.force_login(owner)
    assert client.get(reverse("personal_copy")).status_code == 200
    assert AuditEvent.objects.filter(verb="personal.copied", actor=owner).exists()


def test_a_judge_s_copy_holds_fields_and_what_the_judge_declared(db):
    row = builders.judge("祁连山")
    row.expertise_fields.add(ExpertiseField.objects.get(name="统计方法"))
    relating.declare_relation(row, RelationKind.KIN, actor=row.user, unit_name="青海远山机电有限公司")
    account = sheets(export.workbook(row.user))["账号"]
    assert ["评委·专业领域", "统计方法"] in account
    assert any(label == "评委·申报的关系" and "亲属在该单位，青海远山机电有限公司" in text for label, text in account)


def test_a_formula_typed_as_a_name_stays_text(owner):
    User.objects.filter(pk=owner.pk).update(name="=1+1")
    owner.refresh_from_db()
    assert ["姓名", "'=1+1"] in sheets(export.workbook(owner))["账号"]


def test_a_request_waits_once_is_answered_and_told(client, clerk, secretary, settings):
    settings.STAFF_SECOND_FACTOR = False
    client.force_login(clerk)
    values = {"kind": "copy", "text": "请更正我的学时"}
    assert client.post(PAGE, values).status_code == 302
    assert "同类请求正在处理中" in client.post(PAGE, values).content.decode()
    client.force_login(secretary)
    staff = reverse("admin:personal_requests")
    assert "请更正我的学时" in client.get(staff).content.decode()
    row = PersonalDataRequest.objects.get()
    client.post(staff, {"request": row.uuid, "text": "已更正", "decision": "done"})
    client.force_login(clerk)
    assert "已更正" in client.get(PAGE).content.decode()
    assert MailMessage.objects.filter(to=clerk.email, subject="个人信息请求的答复").exists()


def test_an_account_is_deleted_on_request_and_names_nobody(client, owner, clerk, secretary):
    application = factories.draft(owner)
    application.clerks.add(clerk)
    client.force_login(clerk)
    email, mobile = clerk.email, clerk.mobile
    requests.delete_account(asked(clerk), actor=secretary, now=clock.now())
    clerk.refresh_from_db()
    assert (clerk.name, clerk.email, clerk.mobile, clerk.is_active) == ("已注销用户", "", None, False)
    assert clerk.username.startswith("deleted-")
    assert not clerk.has_usable_password()
    assert not Membership.objects.active().filter(user=clerk).exists()
    assert not application.clerks.exists()
    assert client.get(PAGE).status_code == 302  # the session has ended too
    assert MailMessage.objects.filter(to=email, subject="个人信息请求的答复").exists()
    for row in AuditEvent.objects.filter(verb="user.deleted"):
        assert email not in str(row.before) + str(row.after) + str(row.data)
        assert str(mobile) not in str(row.before) + str(row.after) + str(row.data)


def test_an_owner_with_colleagues_or_filings_under_way_is_not_deleted(owner, clerk, secretary):
    request = asked(owner)
    with pytest.raises(Refusal, match="移交"):
        requests.delete_account(request, actor=secretary, now=clock.now())
    Membership.objects.filter(user=clerk).update(is_active=False)
    application = factories.draft(owner)
    with pytest.raises(Refusal, match="尚未结束"):
        requests.delete_account(request, actor=secretary, now=clock.now())
    application.delete()
    requests.delete_account(request, actor=secretary, now=clock.now())
    assert not User.objects.get(pk=owner.pk).is_active


@pytest.mark.parametrize("role", [Role.JUDGE, Role.SECRETARIAT, Role.EVENT_STAFF])
def test_judges_and_staff_stay_answerable(db, secretary, role):
    person = factories.user(username="person", name="某人", role=role)
    with pytest.raises(Refusal, match="可追溯"):
        requests.delete_account(asked(person), actor=secretary, now=clock.now())


def test_only_the_secretariat_answers_and_only_once(clerk, owner, secretary):
    request = asked(clerk)
    with pytest.raises(NotAllowed):
        requests.delete_account(request, actor=owner, now=clock.now())
    with pytest.raises(NotAllowed):
        requests.take_back(request, actor=owner, now=clock.now())
    requests.take_back(request, actor=clerk, now=clock.now())
    with pytest.raises(Refusal):
        requests.delete_account(request, actor=secretary, now=clock.now())


def test_a_new_version_of_the_rules_is_asked_for_and_agreed_to(client, owner):
    Association.objects.create(
        name="青海省质量协会", office="秘书处", phone="0971-0000000", email="a@b.example", address="西宁",
        privacy_version="2027-1",
    )  # fmt: skip
    client.force_login(owner)
    workspace = reverse("applications:workspace")
    assert "2027-1 版" in client.get(workspace).content.decode()
    assert client.post(reverse("personal_agree"), {"next": workspace})["Location"] == workspace
    assert Consent.objects.get(user=owner, kind="privacy").version == "2027-1"
    assert "2027-1 版" not in client.get(workspace).content.decode()
    assert client.post(reverse("personal_agree"), {"next": "https://evil.example/"})["Location"] == PAGE
