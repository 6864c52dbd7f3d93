import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.urls import NoReverseMatch, reverse

from qcportal.models import AuditEvent, MailMessage
from qcportal.roles import Role
from tests import factories
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def log_in(client, login, password=PASSWORD):
    return client.post("/accounts/login/", {"login": login, "password": password})


@pytest.mark.parametrize("login", ["owner", "OWNER", "owner@example.test", "13912345678"])
def test_username_mail_address_and_mobile_number_log_in(client, owner, login):
    type(owner).objects.filter(pk=owner.pk).update(mobile="13912345678")
    response = log_in(client, login)
    assert response.status_code == 302
    assert response["Location"] == "/accounts/welcome/"


def test_the_login_page_says_what_the_field_takes(client):
    page = client.get("/accounts/login/").content.decode()
    assert "用户名、邮箱或手机号" in page
    assert 'href="/accounts/signup/"' in page


def test_a_wrong_password_is_explained_in_chinese(client, owner):
    page = log_in(client, "owner", "wrong").content.decode()
    assert "error-summary" in page
    summary = page.split("error-summary", 1)[1].split("</ol>")[0]
    assert re.search(r"[A-Za-z]{4,} [A-Za-z]{2,}", re.sub(r"<[^>]+>", "", summary)) is None


def test_five_wrong_passwords_lock_the_login_even_for_the_right_one(client, owner, settings):
    from django.core.cache import cache

    cache.clear()
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "5/15m/key,30/5m/ip"}
    for _ in range(5):
        log_in(client, "owner", "wrong")
    page = log_in(client, "owner").content.decode()
    assert "登录" in page
    assert "_auth_user_id" not in client.session
    cache.clear()


def test_too_many_requests_get_the_chinese_429_page(client, settings):
    from django.core.cache import cache

    cache.clear()
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": "1/m/ip"}
    client.post("/accounts/password/reset/", {"email": "a@example.test"})
    response = client.post("/accounts/password/reset/", {"email": "a@example.test"})
    assert response.status_code == 429
    assert "操作太频繁" in response.content.decode()
    cache.clear()


def test_logging_out_needs_a_press_and_leads_home(client, owner):
    client.force_login(owner)
    assert "退出登录" in client.get("/accounts/logout/").content.decode()
    response = client.post("/accounts/logout/")
    assert response["Location"] == "/"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("role", "staff", "address"),
    [
        (Role.SECRETARIAT, True, "/admin/"),
        (Role.AUDITOR, True, "/admin/"),
        (Role.JUDGE, False, "/reviews/"),
        (Role.LEAD_JUDGE, False, "/reviews/"),
        (Role.EVENT_STAFF, False, "/events/"),
        (Role.RECOMMENDER, False, "/applications/recommend/"),
        (None, False, "/"),
    ],
)
def test_everyone_is_led_to_the_own_work(client, role, staff, address):
    client.force_login(factories.user(username="someone", role=role, is_staff=staff))
    assert client.get("/accounts/welcome/")["Location"] == address


def test_an_enterprises_member_is_led_to_the_workspace_and_a_stranger_to_the_login(client, owner):
    assert client.get("/accounts/welcome/")["Location"] == "/accounts/login/"
    client.force_login(owner)
    assert client.get("/accounts/welcome/")["Location"] == "/applications/"


def test_a_forgotten_password_is_reset_through_a_mailed_link(client, owner):
    assert (
        client.post("/accounts/password/reset/", {"email": owner.email})["Location"] == "/accounts/password/reset/done/"
    )
    mail = MailMessage.objects.get()
    assert mail.subject == "重设密码"
    link = re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", mail.body).group(1)
    page = client.get(link, follow=True)
    assert "设置新密码" in page.content.decode()
    client.post(page.request["PATH_INFO"], {"password1": "Sanjiang-2026", "password2": "Sanjiang-2026"})
    assert log_in(client, "owner", "Sanjiang-2026").status_code == 302
    assert "链接已失效" in client.get(link, follow=True).content.decode()


def test_asking_for_an_unknown_address_tells_nothing(client):
    response = client.post("/accounts/password/reset/", {"email": "nobody@example.test"}, follow=True)
    assert "请查收邮件" in response.content.decode()


def test_the_password_is_changed_with_the_old_one_and_the_rules(client, owner):
    client.force_login(owner)
    weak = client.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}
    )
    assert "至少" in weak.content.decode()
    new = {"oldpassword": PASSWORD, "password1": "Sanjiang-2026", "password2": "Sanjiang-2026"}
    assert client.post("/accounts/password/change/", new).status_code == 302
    owner.refresh_from_db()
    assert owner.check_password("Sanjiang-2026")


def test_only_used_addresses_of_allauth_exist(client):
    for name in ("account_request_login_code", "mfa_add_webauthn", "socialaccount_connections", "account_change_phone"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
    assert client.get("/accounts/login/code/").status_code == 404
    assert client.get("/accounts/email/")["Location"] == "/accounts/profile/"


def test_two_factor_is_set_up_used_and_removed(client, owner):
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    log_in(client, "owner")
    asked = client.get("/accounts/2fa/totp/activate/")
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert "确认是您本人" in client.get(asked["Location"]).content.decode()
    client.post(asked["Location"], {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    assert "开启双重验证" in page
    secret = client.session["mfa.totp.secret"]

    def code():
        return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))

    wrong = client.post("/accounts/2fa/totp/activate/", {"code": "000000"}).content.decode()
    assert "验证码不正确" in wrong
    assert client.post("/accounts/2fa/totp/activate/", {"code": code()}).status_code == 302
    assert Authenticator.objects.filter(user=owner, type="totp").exists()
    codes = client.get("/accounts/2fa/recovery-codes/").content.decode()
    recovery = re.findall(r"<li>([0-9a-z]{8,})</li>", codes.replace(" ", ""))
    assert len(recovery) == 10
    assert "备用验证码" in client.get("/accounts/2fa/").content.decode()
    assert "关闭双重验证" in client.get("/accounts/2fa/totp/deactivate/").content.decode()
    assert "生成备用验证码" in client.get("/accounts/2fa/recovery-codes/generate/").content.decode()
    client.post("/accounts/logout/")
    assert log_in(client, "owner")["Location"].startswith("/accounts/2fa/authenticate/")
    assert "双重验证" in client.get("/accounts/2fa/authenticate/").content.decode()
    assert client.post("/accounts/2fa/authenticate/", {"code": recovery[0]})["Location"] == "/accounts/welcome/"


def test_the_profile_is_saved_with_an_audit_row_that_names_fields_only(client, owner):
    client.force_login(owner)
    saved = client.post("/accounts/profile/", {"name": "马启华", "mobile": "13912345678", "email": owner.email})
    assert saved["Location"] == "/accounts/profile/"
    owner.refresh_from_db()
    assert (owner.name, owner.mobile) == ("马启华", "13912345678")
    event = AuditEvent.objects.get(verb="user.profile_changed")
    assert event.data == {"fields": ["name", "mobile"]}


def test_a_new_mail_address_has_to_be_proved_again(client, owner):
    from qcportal import clock

    type(owner).objects.filter(pk=owner.pk).update(email_verified_at=clock.now())
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    client.force_login(owner)
    client.post("/accounts/profile/", {"name": owner.name, "mobile": "", "email": "new@example.test"})
    owner.refresh_from_db()
    assert owner.email == "new@example.test"
    assert owner.email_verified_at is None
    assert not EmailAddress.objects.filter(user=owner).exists()


def test_another_persons_number_or_address_is_refused_beside_the_field(client, owner, rival):
    type(rival).objects.filter(pk=rival.pk).update(mobile="13912345678")
    client.force_login(owner)
    response = client.post(
        "/accounts/profile/", {"name": "马启明", "mobile": "13912345678", "email": rival.email.upper()}
    )
    assert response.status_code == 400
    assert "该手机号码已被其他用户使用。" in response.content.decode()
    response = client.post("/accounts/profile/", {"name": "马启明", "mobile": "", "email": rival.email.upper()})
    assert 'id="id_email_error"' in response.content.decode()
    assert not AuditEvent.objects.filter(verb="user.profile_changed").exists()


def test_nothing_changed_writes_no_audit_row(client, owner):
    client.force_login(owner)
    client.post("/accounts/profile/", {"name": owner.name, "mobile": "", "email": owner.email})
    assert not AuditEvent.objects.exists()


def test_the_mail_address_is_proved_with_the_mailed_code(client, owner):
    client.force_login(owner)
    assert client.post("/accounts/email/send/")["Location"] == "/accounts/email/verify/"
    mail = MailMessage.objects.get()
    code = re.search(r"\d{6}", mail.subject).group()
    assert "15 分钟内有效" in mail.body
    wrong = client.post("/accounts/email/verify/", {"code": f"{(int(code) + 1) % 1_000_000:06d}"})
    assert "验证码不正确" in wrong.content.decode()
    assert client.post("/accounts/email/verify/", {"code": code})["Location"] == "/accounts/profile/"
    owner.refresh_from_db()
    assert owner.email_verified_at is not None


def test_a_second_code_within_a_minute_is_refused_kindly(client, owner):
    client.force_login(owner)
    client.post("/accounts/email/send/")
    page = client.post("/accounts/email/send/", follow=True).content.decode()
    assert "请 1 分钟后再试" in page
    assert MailMessage.objects.count() == 1


def test_own_pages_send_strangers_to_the_login(client):
    for address in ("/accounts/profile/", "/accounts/email/verify/", "/accounts/password/change/", "/accounts/2fa/"):
        response = client.get(address)
        assert response.status_code == 302, address
        assert response["Location"].startswith("/accounts/login/"), address
    assert client.get("/accounts/email/send/").status_code in {302, 405}


def test_the_session_ends_after_30_idle_minutes(settings):
    assert settings.SESSION_COOKIE_AGE == 30 * 60
    assert settings.SESSION_SAVE_EVERY_REQUEST is True


def test_the_head_shows_each_kind_of_person_the_own_links(client, owner, clerk, secretary):
    def labels(person):
        if person:
            client.force_login(person)
        page = client.get("/notices/").content.decode()
        nav = page.split('class="site-nav"', 1)[1].split("</nav>")[0]
        return re.findall(r">([^<>]+)</a>", nav)

    assert labels(None) == ["首页", "通知公告", "活动日历", "结果公示", "证书核验"]
    assert "单位与成员" in labels(owner)
    assert "单位与成员" not in labels(clerk)
    assert "管理后台" in labels(secretary)


def test_limits_count_the_visitors_address_behind_our_own_proxy(rf, settings):
    from qcportal.accounts import AccountAdapter

    settings.PRODUCTION = True
    request = rf.get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.9, 198.51.100.7")
    assert AccountAdapter(request).get_client_ip(request) == "198.51.100.7"
