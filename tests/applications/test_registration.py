import pytest
from django.core.cache import cache
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError as StdnumError

from applications import validators
from applications.actions import joining, registration
from applications.models import Association, Consent, Enterprise, JoinRequest, Membership
from qcportal import accounts, clock
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import AuditEvent, MailMessage, User
from tests import factories

SIGNUP = "/accounts/signup/"
CODE = "91630104MA0000015T"
ELSEWHERE = "91110105MA0000058W"


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


def person(**changes):
    defaults = {
        "username": "majia", "name": "马佳", "email": "majia@example.test", "mobile": "13900000101",
        "password": factories.PASSWORD,
    }  # fmt: skip
    return registration.Person(**{**defaults, **changes})


def register(who=None, *, code=CODE, unit="青海晨曦机械有限公司", why=""):
    return registration.register_enterprise(
        who or person(), credit_code=code, unit_name=unit, origin_explanation=why, now=clock.now()
    )


def posted(**changes):
    return {
        "credit_code": CODE, "unit_name": "青海晨曦机械有限公司", "origin_explanation": "", "name": "马佳",
        "username": "majia", "email": "MaJia@example.test", "mobile": "13900000101",
        "password1": factories.PASSWORD, "password2": factories.PASSWORD, "consent": "on", **changes,
    }  # fmt: skip


# --- The credit code against an independent oracle ------------------------------------------------


@given(st.text(alphabet=validators.CREDIT_CODE_CHARS, min_size=17, max_size=17), st.integers(0, 30))
def test_our_check_of_credit_codes_agrees_with_python_stdnum(first, last):
    # The oracle knows digits only in the first eight places; the standard allows letters in the first two.
    first = "91" + "".join(c if c.isdigit() else "6" for c in first[2:8]) + first[8:]
    code = first + validators.CREDIT_CODE_CHARS[last]
    try:
        validators.check_credit_code(code)
        ours = True
    except ValueError:
        ours = False
    assert ours == uscc.is_valid(code)


@given(st.text(alphabet=validators.CREDIT_CODE_CHARS, min_size=9, max_size=9))
def test_our_check_character_is_the_oracles(body):
    first = "91630104" + body
    try:
        expected = uscc.calc_check_digit(first)
    except StdnumError:
        return
    assert validators.credit_code_check_char(first) == expected


def test_pasted_codes_are_normalised():
    assert validators.normalise_credit_code("９１６３０１０４ ma00-0001 5t\n") == CODE


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("91630104MA0000015", "统一社会信用代码应为 18 位，现为 17 位。"),
        ("91630104MA00O0015T", "统一社会信用代码中不应出现“O”（不使用 I、O、S、V、Z，请核对是否误为数字）。"),
        ("91630104MA0000016T", "统一社会信用代码校验不通过，请对照营业执照逐位核对。"),
    ],
)
def test_a_wrong_code_is_refused_with_the_reason_at_the_field(client, db, typed, message):
    page = client.post(SIGNUP, posted(credit_code=typed))
    assert page.status_code == 200
    assert page.context["form"].errors["credit_code"] == [message]
    assert not User.objects.exists()


# --- Registering ----------------------------------------------------------------------------------


def test_signing_up_makes_user_enterprise_owner_consent_and_welcome_mail(client, db):
    Association.objects.create(name="青海省质量管理协会", privacy_version="2027-1")
    page = client.post(SIGNUP, posted(), REMOTE_ADDR="203.0.113.9")
    assert page.status_code == 302
    assert page["Location"] == reverse("applications:enterprise")
    member = Membership.objects.select_related("user", "enterprise").get()
    assert (member.role, member.user.username, member.user.email) == ("owner", "majia", "majia@example.test")
    assert (member.enterprise.credit_code, member.enterprise.city) == (CODE, "6301")
    assert not member.enterprise.origin_flagged
    assert not member.enterprise.is_verified
    consent = Consent.objects.get()
    assert (consent.kind, consent.version, consent.ip) == ("privacy", "2027-1", "203.0.113.9")
    assert {"enterprise.registered", "user.registered"} <= set(AuditEvent.objects.values_list("verb", flat=True))
    mail = MailMessage.objects.get()
    assert mail.to == "majia@example.test"
    assert "注册成功，邮箱验证码" in mail.subject
    code = mail.subject[-6:]
    accounts.confirm_email(member.user, code)
    assert member.user.email_verified_at is not None
    # Logged in at once.
    assert client.get(reverse("applications:enterprise")).status_code == 200


def test_the_new_person_can_log_in_by_mobile(client, db):
    register()
    assert client.login(username="13900000101", password=factories.PASSWORD)


def test_a_code_from_elsewhere_asks_for_an_explanation_and_is_flagged(client, db):
    page = client.post(SIGNUP, posted(credit_code=ELSEWHERE))
    assert "不是青海登记的代码" in page.context["form"].errors["origin_explanation"][0]
    assert not Enterprise.objects.exists()
    client.post(SIGNUP, posted(credit_code=ELSEWHERE, origin_explanation="总部在北京，由青海分公司开展活动。"))
    enterprise = Enterprise.objects.get()
    assert enterprise.origin_flagged
    assert enterprise.city == ""


def test_the_action_itself_refuses_a_code_from_elsewhere_without_explanation(db):
    with pytest.raises(Refusal) as refused:
        register(code=ELSEWHERE, why=" ")
    assert refused.value.code == "origin_explanation"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"password1": "short", "password2": "short"}, "password1"),
        ({"password2": "Another-2026"}, "password2"),
        ({"mobile": "12345"}, "mobile"),
        ({"username": "13900000101"}, "username"),
        ({"name": "马1"}, "name"),
        ({"consent": ""}, "consent"),
        ({"email": "nonsense"}, "email"),
    ],
)
def test_each_field_is_checked(client, db, changes, field):
    page = client.post(SIGNUP, posted(**changes))
    assert page.status_code == 200
    assert field in page.context["form"].errors
    assert not User.objects.exists()


@pytest.mark.parametrize("field", ["username", "email", "mobile"])
def test_somebody_elses_username_email_or_mobile_is_refused_at_the_field(client, db, field):
    factories.user(username="taken", email="taken@example.test", mobile="13900000999")
    value = {"username": "Taken", "email": "TAKEN@example.test", "mobile": "139 0000 0999"}[field]
    page = client.post(SIGNUP, posted(**{field: value}))
    assert list(page.context["form"].errors) == [field]
    assert not Enterprise.objects.exists()


def test_signing_up_is_limited_per_address(client, db):
    for _press in range(30):
        assert client.post(SIGNUP, posted(consent=""), REMOTE_ADDR="203.0.113.7").status_code == 200
    assert client.post(SIGNUP, posted(), REMOTE_ADDR="203.0.113.7").status_code == 429
    assert client.post(SIGNUP, posted(), REMOTE_ADDR="203.0.113.8").status_code == 302


def test_people_who_are_logged_in_do_not_sign_up(client, owner):
    client.force_login(owner)
    assert client.get(SIGNUP)["Location"] == reverse("home_of_user")


# --- A code that is known already -----------------------------------------------------------------


@pytest.fixture
def known(owner):
    Association.objects.create(name="青海省质量管理协会", email="office@example.test")
    return factories.enterprise_of(owner)


def test_a_second_registration_asks_to_join_and_learns_no_names(client, known, owner):
    page = client.post(SIGNUP, posted(credit_code=known.credit_code), follow=True)
    asked = JoinRequest.objects.get()
    assert (asked.enterprise, asked.user.username, asked.state) == (known, "majia", "waiting")
    assert not Membership.objects.filter(user=asked.user).exists()
    text = page.content.decode()
    assert "加入申请" in text
    for secret in (known.name, owner.name, owner.email, known.contact_name, known.contact_phone):
        assert secret not in text
    recipients = set(MailMessage.objects.values_list("to", flat=True))
    assert recipients == {owner.email, "office@example.test", "majia@example.test"}
    own = MailMessage.objects.get(to="majia@example.test")
    assert known.name not in own.body + own.subject
    assert owner.name not in own.body


def test_of_two_at_once_the_second_asks_to_join(db, monkeypatch):
    # The other registration commits between our look and our insert: the database refuses, the second pass asks.
    first = register(person(username="first", email="first@example.test", mobile="13900000111"))
    look = Enterprise.objects.filter
    blind = iter([True])

    def looked(*args, **kwargs):
        found = look(*args, **kwargs)
        return found.none() if next(blind, False) else found

    monkeypatch.setattr(Enterprise.objects, "filter", looked)
    second = register()
    assert Enterprise.objects.get() == first.membership.enterprise
    assert second.membership is None
    assert second.join_request.enterprise == first.membership.enterprise
    assert User.objects.filter(username="majia").count() == 1


def test_a_username_taken_at_the_same_moment_is_refused_as_taken(db, monkeypatch):
    register(person(username="majia", email="first@example.test", mobile="13900000111"))
    real, looks = registration.refuse_taken, []

    def second_look_sees(who):
        looks.append(who)
        if len(looks) > 1:  # the first look came too early to see the other one
            real(who)

    monkeypatch.setattr(registration, "refuse_taken", second_look_sees)
    with pytest.raises(registration.Taken) as taken:
        register(code="91632801MA00000237")
    assert taken.value.field == "username"


def test_the_owner_accepts_with_a_role(client, known, owner):
    client.post(SIGNUP, posted(credit_code=known.credit_code))
    asked = JoinRequest.objects.get()
    client.force_login(owner)
    page = client.get(reverse("applications:people"))
    assert "majia@example.test" in page.content.decode()
    client.post(reverse("applications:join_decide", args=[asked.uuid]), {"decision": "clerk"})
    assert Membership.objects.get(user=asked.user).role == "clerk"
    assert MailMessage.objects.filter(to="majia@example.test", subject__startswith="加入申请已同意").exists()
    with pytest.raises(StaleState):
        joining.decline(asked, actor=owner, now=clock.now())


def test_a_declined_person_stays_outside(client, known, owner):
    client.post(SIGNUP, posted(credit_code=known.credit_code))
    asked = JoinRequest.objects.get()
    joining.decline(asked, actor=owner, now=clock.now())
    assert not Membership.objects.filter(user=asked.user).exists()
    page = client.get(reverse("applications:enterprise")).content.decode()
    assert "加入申请未获同意" in page
    assert known.name not in page


def test_staff_decide_and_strangers_do_not(known, secretary, rival):
    asked = register(code=known.credit_code).join_request
    with pytest.raises(NotAllowed):
        joining.accept(asked, actor=rival, role="clerk", now=clock.now())
    assert joining.accept(asked, actor=secretary, role="manager", now=clock.now()).enterprise == known


def test_somebody_who_joined_elsewhere_meanwhile_cannot_be_accepted(known, owner, rival):
    asked = register(code=known.credit_code).join_request
    Membership.objects.create(
        enterprise=factories.enterprise_of(rival), user=asked.user, role="clerk", created_at=clock.now()
    )
    with pytest.raises(Refusal) as refused:
        joining.accept(asked, actor=owner, role="clerk", now=clock.now())
    assert refused.value.code == "already_member"
    asked.refresh_from_db()
    assert asked.state == "waiting"


def test_a_rival_owner_cannot_decide_by_guessing_the_address(client, known, rival):
    asked = register(code=known.credit_code).join_request
    client.force_login(rival)
    page = client.post(reverse("applications:join_decide", args=[asked.uuid]), {"decision": "manager"})
    assert page.status_code == 404


def test_the_one_who_asked_may_explain(client, known):
    client.post(SIGNUP, posted(credit_code=known.credit_code))
    client.post(reverse("applications:enterprise"), {"reason": "质量部，负责小组活动。"})
    assert JoinRequest.objects.get().reason == "质量部，负责小组活动。"


def test_the_secretariat_decides_in_the_admin_and_an_auditor_does_not(client, known, secretary, auditor):
    asked = register(code=known.credit_code).join_request
    address = reverse("admin:applications_joinrequest_changelist")
    press = {"action": "accept_as_clerk", "_selected_action": [asked.pk]}
    client.force_login(auditor)
    assert client.get(address).status_code == 200
    client.post(address, press)
    assert not Membership.objects.filter(user=asked.user).exists()
    client.force_login(secretary)
    client.post(address, press)
    assert Membership.objects.get(user=asked.user).role == "clerk"
