"""Registering an enterprise, or asking to join one whose code is known already."""

from datetime import datetime
from typing import NamedTuple

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import Q

from applications import regions, validators
from applications.actions import joining
from applications.models import Association, Consent, Enterprise, JoinRequest, Membership, MembershipRole
from qcportal import accounts, audit
from qcportal.errors import Refusal, StaleState
from qcportal.models import User
from qcportal.request_context import current_request


class Person(NamedTuple):
    """A new person, as typed and checked by a form."""

    username: str
    name: str
    email: str
    mobile: str
    password: str


class Registered(NamedTuple):
    """What came of it: either a membership of a new enterprise, or a request to join a known one."""

    user: User
    membership: Membership | None
    join_request: JoinRequest | None


class Taken(Refusal):
    """Username, e-mail or mobile belong to somebody; ``field`` says which."""

    def __init__(self, field: str) -> None:
        labels = {"username": "用户名", "email": "邮箱", "mobile": "手机号码"}
        super().__init__(f"该{labels[field]}已被使用。如果是您本人，请直接登录或找回密码。", "taken")
        self.field = field


def register_enterprise(
    person: Person,
    *,
    credit_code: str,
    unit_name: str,
    origin_explanation: str,
    now: datetime,
) -> Registered:
    """A new user becomes owner of a new enterprise; with a code known already the user asks to join instead.

    Written together: user, enterprise, membership, consent, audit rows, welcome mail with the e-mail code.
    Refused: an invalid credit code; a code from outside Qinghai or not of an enterprise without explanation
    (with one it is flagged, never refused); a username, e-mail or mobile of somebody else (Taken).
    Of two people who register the same code at once the second one asks to join.
    """
    _require_valid_code(credit_code, origin_explanation)
    hashed = make_password(person.password)  # slow by design, so outside the transaction
    for _attempt in range(2):
        try:
            with transaction.atomic(durable=True):
                return _register(person, hashed, credit_code, unit_name, origin_explanation, now)
        except IntegrityError:
            # Somebody was faster: with the person's data (refused) or with the code (second pass asks to join).
            refuse_taken(person)
    raise StaleState


def _require_valid_code(credit_code: str, origin_explanation: str) -> None:
    try:
        validators.check_credit_code(credit_code)
    except ValueError as error:
        raise Refusal(str(error), "credit_code") from error
    if validators.needs_origin_explanation(credit_code) and not origin_explanation.strip():
        raise Refusal("请说明登记地或机构类型。", "origin_explanation")


def refuse_taken(person: Person) -> None:
    """Raises Taken when somebody else has the person's username, e-mail or mobile."""
    # A username that is somebody's e-mail or mobile would answer for them at login.
    names = Q(username__iexact=person.username) | Q(email__iexact=person.username) | Q(mobile=person.username)
    for field, clash in [
        ("username", names),
        ("email", Q(email__iexact=person.email) | Q(username__iexact=person.email)),
        ("mobile", Q(mobile=person.mobile) | Q(username=person.mobile)),
    ]:
        if User.objects.filter(clash).exists():
            raise Taken(field)


def _register(
    person: Person,
    hashed: str,
    credit_code: str,
    unit_name: str,
    origin_explanation: str,
    now: datetime,
) -> Registered:
    refuse_taken(person)
    user = create_person(person, hashed)
    known = Enterprise.objects.filter(credit_code=credit_code).first()
    if known is not None:
        request = joining.ask_to_join(known, user=user, now=now)
        record_consent(user, None, now)
        accounts.send_email_code(user, template="welcome_join")
        return Registered(user, None, request)
    enterprise = Enterprise.objects.create(
        credit_code=credit_code,
        name=unit_name,
        city=regions.city_of_credit_code(credit_code),
        origin_explanation=origin_explanation.strip(),
        origin_flagged=validators.needs_origin_explanation(credit_code),
        contact_name=person.name,
        contact_phone=person.mobile,
        contact_email=person.email,
        created_at=now,
    )
    membership = Membership.objects.create(enterprise=enterprise, user=user, role=MembershipRole.OWNER, created_at=now)
    record_consent(user, enterprise, now)
    audit.record(
        "enterprise.registered",
        enterprise,
        actor=user,
        after={"credit_code": credit_code, "name": unit_name, "origin_flagged": enterprise.origin_flagged},
    )
    accounts.send_email_code(user, template="welcome", context={"enterprise": enterprise})
    return Registered(user, membership, None)


def create_person(person: Person, hashed: str) -> User:
    """The user row of a new person, inside the caller's transaction."""
    user = User(
        username=person.username, name=person.name, email=person.email.lower(), mobile=person.mobile, password=hashed
    )
    user.save(force_insert=True)
    audit.record("user.registered", user, actor=user)
    return user


def create_invited(person: Person, hashed: str, enterprise: Enterprise | None, now: datetime) -> User:
    """The user row of somebody who follows a mailed invitation: the link proves the address. Refused: Taken."""
    refuse_taken(person)
    user = create_person(person, hashed)
    user.email_verified_at = now
    user.save(update_fields=["email_verified_at"])
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    record_consent(user, enterprise, now)
    return user


def create_claiming(person: Person, hashed: str, enterprise: Enterprise, now: datetime) -> User:
    """Like ``create_invited``, for a link that was handed over without an address: the typed one is yet to prove."""
    refuse_taken(person)
    user = create_person(person, hashed)
    record_consent(user, enterprise, now)
    accounts.send_email_code(user, template="welcome", context={"enterprise": enterprise})
    return user


def rules_not_agreed(user: User) -> str:
    """The version of the privacy rules that ``user`` has yet to agree to, "" when they agreed to the present one."""
    version = (Association.objects.first() or Association()).privacy_version
    agreed = Consent.objects.filter(user=user, kind="privacy", version=version)
    return "" if agreed.exists() else version


def record_consent(user: User, enterprise: Enterprise | None, now: datetime) -> None:
    """That the privacy text at /privacy/ was agreed to: which version, when, from where (个人信息保护法 Art 13-17)."""
    version = (Association.objects.first() or Association()).privacy_version
    Consent.objects.create(
        kind="privacy", version=version, user=user, enterprise=enterprise, at=now, ip=current_request.get().ip
    )
