"""Logging in by username, e-mail or mobile; allauth's mail through the outbox; password rules; e-mail codes."""

import hashlib
import hmac
import re
import secrets
from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from qcportal import audit, clock, mail
from qcportal.errors import Refusal
from qcportal.middleware import client_ip
from qcportal.models import EmailCode, MailKind, User

CODE_MINUTES = 15
CODE_TRIES = 5


class LoginBackend(AuthenticationBackend):
    """The login field takes a username, an e-mail address or a mobile number."""

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:  # type: ignore[override]
        identifier = credentials.get("username") or credentials.get("email") or ""
        user = User.objects.by_login(str(identifier))
        return self._check_password(user, credentials.get("password") or "")  # type: ignore[return-value]


class AccountAdapter(DefaultAccountAdapter):
    """Sends allauth's mails through the outbox, and leaves registration to applications.actions."""

    # One sentence whether the account or the password is wrong, so that nothing is told about accounts.
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "账号或密码不正确。连续输错 5 次将锁定 15 分钟。",
        "email_password_mismatch": "账号或密码不正确。连续输错 5 次将锁定 15 分钟。",
        "phone_password_mismatch": "账号或密码不正确。连续输错 5 次将锁定 15 分钟。",
        "too_many_login_attempts": "输错次数过多，请 15 分钟后再试，或用“忘记密码”重设。",
        "incorrect_password": "密码不正确，请重新输入。",
        "enter_current_password": "当前密码不正确，请重新输入。",
        "incorrect_code": "验证码不正确，请重新输入。",
        "rate_limited": "操作太频繁，请稍后再试。",
    }

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """ "I could not log in": the failure is on the person's record. A name that nobody has leaves nothing."""
        self._record_failure("user.login_failed", credentials)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            self._record_failure("user.login_locked", credentials)
            raise

    @staticmethod
    def _record_failure(verb: str, credentials: dict[str, Any]) -> None:
        user = User.objects.by_login(str(credentials.get("username") or credentials.get("email") or ""))
        if user is not None:
            with transaction.atomic():
                audit.record(verb, user, actor=None)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        message = self.render_mail(template_prefix, email, context)
        with transaction.atomic():
            mail.queue(kind=MailKind.CODE, to=email, subject=message.subject, body=str(message.body))

    def format_email_subject(self, subject: str) -> str:
        return subject.strip()

    def get_client_ip(self, request: HttpRequest) -> str:
        """Behind our own proxy all requests come from one address; limits count the visitor's."""
        return client_ip(request) or "0.0.0.0"  # noqa: S104 -- a place in the counters, not an address to bind

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return True


class CharacterClassValidator:
    """At least three of: lower case, upper case, digits, other (等保 level 2 practice, domain.md 5.6)."""

    CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]")

    def validate(self, password: str, user: object = None) -> None:
        if sum(bool(re.search(pattern, password)) for pattern in self.CLASSES) < 3:
            raise ValidationError(self.get_help_text(), code="password_classes")

    def get_help_text(self) -> str:
        return "密码须包含大写字母、小写字母、数字、符号中的至少三类。"


def _hash_code(user: User, code: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), f"{user.pk}:{code}".encode(), hashlib.sha256).hexdigest()


def send_email_code(user: User, *, template: str = "email_code", context: dict[str, Any] | None = None) -> EmailCode:
    """A new 6-digit code goes to the user's address; earlier codes stop working. One a minute at most.

    A welcome mail carries its first code by naming its own ``template``.
    """
    now = clock.now()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if not user.email:
            raise Refusal("您还没有填写邮箱。", "no_email")
        if user.email_codes.filter(created_at__gt=now - timedelta(minutes=1)).exists():
            raise Refusal("验证码刚刚发送过，请 1 分钟后再试。", "too_soon")
        code = f"{secrets.randbelow(1_000_000):06d}"
        user.email_codes.filter(used_at=None, expires_at__gt=now).update(expires_at=now)
        row = EmailCode.objects.create(
            user=user,
            email=user.email,
            code_hash=_hash_code(user, code),
            created_at=now,
            expires_at=now + timedelta(minutes=CODE_MINUTES),
        )
        mail.queue_template(
            kind=MailKind.CODE,
            to=user.email,
            template=template,
            context={"user": user, "code": code, "minutes": CODE_MINUTES, **(context or {})},
        )
    return row


def confirm_email(user: User, code: str) -> None:
    """The address counts as verified when ``code`` is the last one sent, unexpired, within five tries."""
    now = clock.now()
    with transaction.atomic():
        row = user.email_codes.select_for_update().filter(used_at=None, email=user.email).order_by("-id").first()
        usable = row is not None and row.expires_at > now and row.tries < CODE_TRIES
        right = usable and hmac.compare_digest(row.code_hash, _hash_code(user, code.strip()))
        if row is not None and not right:
            EmailCode.objects.filter(pk=row.pk).update(tries=F("tries") + 1)
        if right:
            EmailCode.objects.filter(pk=row.pk).update(used_at=now)
            User.objects.filter(pk=user.pk).update(email_verified_at=now)
            # allauth sends password resets only to addresses it knows.
            EmailAddress.objects.update_or_create(
                user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
            )
            audit.record("user.email_verified", user, actor=user)
    if not usable:
        raise Refusal("验证码已失效，请重新获取。", "expired")
    if not right:
        raise Refusal("验证码不正确，请核对后重新输入。", "wrong_code")
    user.email_verified_at = now
