"""Who may enter the staff site, what the side list holds, and that every page of it opens."""

import pytest
from django.urls import reverse

from applications.models import DownloadTemplate, Extension, Notice, Programme
from qcportal import outbox
from qcportal.models import AuditEvent, MailKind, MailMessage, OutboxMessage, User
from tests import factories
from tests.applications import checked

pytestmark = pytest.mark.django_db

LISTS = [
    "applications_application",
    "applications_enterprise",
    "applications_membership",
    "applications_programme",
    "applications_extension",
    "applications_recommendingunit",
    "applications_workdayexception",
    "applications_notice",
    "applications_downloadtemplate",
    "applications_association",
    "applications_submission",
    "applications_reportversion",
    "applications_submitattempt",
    "applications_packet",
    "applications_paperreceipt",
    "applications_consent",
    "qcportal_user",
    "qcportal_auditevent",
    "qcportal_outboxmessage",
    "qcportal_mailmessage",
    "qcportal_heartbeat",
]


@pytest.mark.parametrize("address", ["/admin/", "/admin/login/", "/admin/paper/", "/admin/qcportal/user/"])
def test_anonymous_people_go_to_the_portals_login(client, address):
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("address", ["/admin/", "/admin/login/", "/admin/paper/", "/admin/applications/application/"])
@pytest.mark.parametrize("who", ["owner", "event_staff"])
def test_people_without_the_right_get_403(client, address, who, request):
    client.force_login(request.getfixturevalue(who))
    assert client.get(address).status_code == 403


@pytest.mark.parametrize("who", ["secretary", "auditor"])
@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens_in_chinese(client, owner, name, who, request):
    checked.submitted(owner)
    client.force_login(request.getfixturevalue(who))
    answer = client.get(reverse(f"admin:{name}_changelist"))
    assert answer.status_code == 200
    assert "Select " not in answer.content.decode()


@pytest.mark.parametrize("name", [name for name in LISTS if name != "applications_application"])
def test_an_auditor_changes_nothing(client, auditor, name):
    client.force_login(auditor)
    assert client.post(reverse(f"admin:{name}_add"), {}).status_code == 403


def test_the_side_list_is_grouped_by_work(client, secretary):
    client.force_login(secretary)
    groups = [group["name"] for group in client.get("/admin/").context["available_apps"]]
    assert groups == [
        name for name in ("申报与审查", "年度活动", "评审", "活动与公布", "存档记录", "系统") if name in groups
    ]
    assert {"申报与审查", "年度活动", "系统"} <= set(groups)


def test_the_policy_allows_everything_on_the_pages(client, secretary, owner):
    """No inline script, style or handler: the Content-Security-Policy would drop it."""
    filed = checked.submitted(owner)
    client.force_login(secretary)
    for address in ["/admin/", "/admin/paper/", "/admin/applications/application/", "/admin/qcportal/user/add/"]:
        body = client.get(address).content.decode()
        assert " style=" not in body
        assert "<style" not in body
        assert "onclick=" not in body
    body = client.get(reverse("admin:applications_check", args=[filed.pk])).content.decode()
    assert " style=" not in body


# --- programme -------------------------------------------------------------------------------------


def _programme_form(programme: Programme, **changes):
    def prefix(name, total=0, initial=0):
        return {f"{name}-TOTAL_FORMS": total, f"{name}-INITIAL_FORMS": initial, f"{name}-MIN_NUM_FORMS": 0}

    awards = programme.special_awards.count()
    data = {
        "year": programme.year, "edition": programme.edition, "data_year": programme.data_year,
        "title": programme.title, "notice_number": "青质协〔2026〕12号", "is_published": "on", "correction_limit": 3,
        "correction_workdays": 7, "announcement_workdays": 5, "paper_workdays": 5,
        **prefix("special_awards", awards, awards), **prefix("host_rows"), **prefix("award_levels"),
        **prefix("checklist"), **prefix("calendar"),
    }  # fmt: skip
    for number, award in enumerate(programme.special_awards.all()):
        data |= {
            f"special_awards-{number}-id": award.pk, f"special_awards-{number}-programme": programme.pk,
            f"special_awards-{number}-code": award.code, f"special_awards-{number}-name": award.name,
            f"special_awards-{number}-position": award.position,
        }  # fmt: skip
    return {**data, **changes}


def test_a_programme_is_saved_with_its_rows_and_the_change_is_recorded(client, secretary):
    programme = factories.programme()
    client.force_login(secretary)
    address = reverse("admin:applications_programme_change", args=[programme.pk])
    rows = {
        "award_levels-TOTAL_FORMS": 1, "award_levels-0-programme": programme.pk, "award_levels-0-position": 1,
        "award_levels-0-name": "特等成果", "award_levels-0-wording": "",
        "host_rows-TOTAL_FORMS": 1, "host_rows-0-programme": programme.pk, "host_rows-0-position": 1,
        "host_rows-0-name": "青海省总工会办公室",
    }  # fmt: skip
    answer = client.post(address, _programme_form(programme, **rows))
    assert answer.status_code == 302, answer.context["errors"]
    programme.refresh_from_db()
    assert programme.correction_workdays == 7
    assert [(one.name, one.on_certificate) for one in programme.award_levels.all()] == [("特等成果", "特等成果")]
    assert [(one.name, one.on_certificate) for one in programme.host_rows.all()] == [("青海省总工会办公室", False)]
    event = AuditEvent.objects.get(verb="programme.changed")
    assert event.actor == secretary
    assert any("奖项等级" in change for change in event.after["changes"])


def test_an_award_that_filings_chose_is_renamed_and_not_deleted(client, secretary, owner):
    draft = factories.draft(owner, factories.round_of(2026, 1))
    programme = draft.round.programme
    draft.special_awards.add(programme.special_awards.first())
    client.force_login(secretary)
    address = reverse("admin:applications_programme_change", args=[programme.pk])
    answer = client.post(address, _programme_form(programme, **{"special_awards-0-DELETE": "on"}))
    assert "不能删除" in answer.content.decode()
    assert programme.special_awards.count() == 3
    answer = client.post(address, _programme_form(programme, **{"special_awards-2-DELETE": "on"}))
    assert answer.status_code == 302
    assert programme.special_awards.count() == 2


@pytest.mark.parametrize("days", [0, 61])
def test_limits_in_working_days_are_sensible(client, secretary, days):
    programme = factories.programme()
    client.force_login(secretary)
    address = reverse("admin:applications_programme_change", args=[programme.pk])
    answer = client.post(address, _programme_form(programme, correction_workdays=days))
    assert "请填 1 至 60 个工作日" in answer.content.decode()


def test_an_extension_names_who_gave_it_and_cannot_be_edited(client, secretary):
    round_ = factories.round_of(2026, 1)
    client.force_login(secretary)
    form = {
        "round": round_.pk,
        "enterprise": "",
        "new_deadline_0": "2026-07-05",
        "new_deadline_1": "00:00",
        "reason": "停电",
    }
    assert client.post(reverse("admin:applications_extension_add"), form).status_code == 302
    extension = Extension.objects.get()
    assert extension.created_by == secretary
    assert AuditEvent.objects.filter(verb="extension.added", actor=secretary).exists()
    address = reverse("admin:applications_extension_change", args=[extension.pk])
    assert client.post(address, {**form, "reason": "改"}).status_code == 403


def test_an_extension_before_the_deadline_is_refused(client, secretary):
    round_ = factories.round_of(2026, 1)
    client.force_login(secretary)
    form = {"round": round_.pk, "new_deadline_0": "2026-06-05", "new_deadline_1": "00:00", "reason": "停电"}
    answer = client.post(reverse("admin:applications_extension_add"), form)
    assert "新的截止时间应晚于原截止时间" in answer.content.decode()


def test_a_programme_is_not_deleted(client, secretary):
    programme = factories.programme()
    client.force_login(secretary)
    assert client.post(reverse("admin:applications_programme_delete", args=[programme.pk])).status_code == 403
    assert Programme.objects.exists()


def test_a_notice_is_published_and_recorded(client, secretary):
    client.force_login(secretary)
    form = {
        "slug": "notice-1",
        "title": "关于申报的通知",
        "body": "正文",
        "published_on": "2026-05-20",
        "is_published": "on",
    }
    assert client.post(reverse("admin:applications_notice_add"), form).status_code == 302
    assert Notice.objects.get().title == "关于申报的通知"
    assert AuditEvent.objects.filter(verb="notice.added").exists()


@pytest.mark.parametrize(
    ("name", "content", "accepted"),
    [("附件1.pdf", factories.PDF, True), ("附件1.exe", b"MZ", False), ("附件1.pdf", b"MZ program", False)],
)
def test_a_blank_form_is_uploaded_only_as_what_it_says_it_is(client, secretary, name, content, accepted):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(secretary)
    form = {
        "annex": "附件 1", "title": "申报表", "slug": "annex-1", "file_name": "附件1.pdf", "position": 1,
        "upload": SimpleUploadedFile(name, content),
    }  # fmt: skip
    answer = client.post(reverse("admin:applications_downloadtemplate_add"), form)
    assert answer.status_code == (302 if accepted else 200)
    assert DownloadTemplate.objects.exists() is accepted


# --- platform --------------------------------------------------------------------------------------


def _role(name):
    from django.contrib.auth.models import Group

    return Group.objects.get(name=name).pk


def test_a_person_of_the_secretariat_is_made_with_a_role_and_may_enter(client, secretary):
    client.force_login(secretary)
    form = {
        "username": "chenlan", "name": "陈兰", "email": "chenlan@example.test", "mobile": "13900000077",
        "groups": [_role("secretariat")], "usable_password": "true",
        "password1": "Kunlun-Shan-88", "password2": "Kunlun-Shan-88",
    }  # fmt: skip
    assert client.post(reverse("admin:qcportal_user_add"), form).status_code == 302
    person = User.objects.get(username="chenlan")
    assert person.is_staff
    assert AuditEvent.objects.filter(verb="user.roles_changed", after={"roles": ["secretariat"]}).exists()
    client.force_login(person)
    assert client.get("/admin/").status_code == 200


def test_a_judge_does_not_become_staff_and_losing_the_role_closes_the_staff_site(client, secretary, auditor):
    client.force_login(secretary)
    form = {"username": auditor.username, "name": auditor.name, "email": auditor.email, "mobile": ""}
    address = reverse("admin:qcportal_user_change", args=[auditor.pk])
    assert client.post(address, {**form, "groups": [_role("judge")]}).status_code == 302
    auditor.refresh_from_db()
    assert not auditor.is_staff
    client.force_login(auditor)
    assert client.get("/admin/").status_code == 403


def test_people_are_deactivated_not_deleted(client, secretary, auditor):
    client.force_login(secretary)
    assert client.post(reverse("admin:qcportal_user_delete", args=[auditor.pk])).status_code == 403
    form = {"username": auditor.username, "name": auditor.name, "email": auditor.email, "groups": [_role("auditor")]}
    client.post(reverse("admin:qcportal_user_change", args=[auditor.pk]), form)
    auditor.refresh_from_db()
    assert auditor.is_active  # not by a box among others: "人员与角色" shows the effects and asks for the reason
    client.post(reverse("admin:personnel_person", args=[auditor.pk]), {"what": "deactivate", "reason": "离职"})
    auditor.refresh_from_db()
    assert not auditor.is_active


def test_nobody_changes_their_own_roles(client, secretary):
    client.force_login(secretary)
    form = {"username": secretary.username, "name": "陈雪梅", "email": secretary.email, "groups": [_role("judge")]}
    client.post(reverse("admin:qcportal_user_change", args=[secretary.pk]), form)
    secretary.refresh_from_db()
    assert secretary.is_active
    assert list(secretary.groups.values_list("name", flat=True)) == ["secretariat"]


def test_the_secretariat_cannot_touch_the_system_administrator(client, secretary):
    root = User.objects.create_superuser("root", "root@example.test", factories.PASSWORD)
    client.force_login(secretary)
    address = reverse("admin:qcportal_user_change", args=[root.pk])
    assert client.post(address, {"username": "root", "email": "x@example.test"}).status_code == 403
    assert client.post(reverse("admin:auth_user_password_change", args=[root.pk]), {}).status_code == 403


def test_setting_a_password_is_recorded(client, secretary, auditor):
    client.force_login(secretary)
    form = {"usable_password": "true", "password1": "Kunlun-Shan-88", "password2": "Kunlun-Shan-88"}
    answer = client.post(reverse("admin:auth_user_password_change", args=[auditor.pk]), form)
    assert answer.status_code == 302
    assert AuditEvent.objects.filter(verb="user.changed", target_id=str(auditor.pk), actor=secretary).exists()


@pytest.fixture
def dead_letter(db):
    from django.db import transaction

    with transaction.atomic():
        message = outbox.add("packet.build", "packet:1", {"submission": 1})
    OutboxMessage.objects.filter(pk=message.pk).update(state="dead", attempts=8)
    return message


def test_a_dead_letter_is_queued_again_and_that_is_recorded(client, secretary, dead_letter):
    client.force_login(secretary)
    form = {"action": "retry", "_selected_action": [dead_letter.pk]}
    client.post(reverse("admin:qcportal_outboxmessage_changelist"), form)
    dead_letter.refresh_from_db()
    assert (dead_letter.state, dead_letter.attempts) == ("pending", 0)
    assert AuditEvent.objects.filter(verb="outbox.revived", actor=secretary).exists()


def test_an_auditor_cannot_retry(client, auditor, dead_letter):
    client.force_login(auditor)
    form = {"action": "retry", "_selected_action": [dead_letter.pk]}
    client.post(reverse("admin:qcportal_outboxmessage_changelist"), form)
    dead_letter.refresh_from_db()
    assert dead_letter.state == "dead"


@pytest.mark.parametrize(("kind", "shown"), [(MailKind.CODE, False), (MailKind.LETTER, True)])
def test_the_body_of_code_mails_is_hidden(client, secretary, kind, shown):
    from qcportal import clock

    mail = MailMessage.objects.create(
        kind=kind, to="a@example.test", subject="主题", body="654321", created_at=clock.now()
    )
    client.force_login(secretary)
    body = client.get(reverse("admin:qcportal_mailmessage_change", args=[mail.pk])).content.decode()
    assert ("654321" in body) is shown
