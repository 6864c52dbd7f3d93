"""allauth's forms and messages in the portal's words."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp

PASSWORD_RULE = "至少 10 位，含大写字母、小写字母、数字、符号中的三类，不要与账号、姓名相近。"  # noqa: S105

LABELS = {
    "oldpassword": "当前密码",
    "password1": "新密码",
    "password2": "再输入一次新密码",
    "password": "密码",
    "code": "验证码",
    "email": "邮箱",
    "login": "账号",
}
HELP = {"password1": PASSWORD_RULE}


class _Worded:
    """Labels from LABELS, help from HELP, no placeholders that repeat the label."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = LABELS.get(name, field.label)
            field.help_text = HELP.get(name, "")
            field.widget.attrs.pop("placeholder", None)
            if name == "code":
                field.widget.attrs["maxlength"] = "20"


class LoginForm(_Worded, account.LoginForm):
    """One field for username, e-mail or mobile number (accounts.LoginBackend)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs.update(
            {"placeholder": "用户名、邮箱或手机号", "autocomplete": "username", "autocapitalize": "none"}
        )


class ResetForm(_Worded, account.ResetPasswordForm):
    pass


class ResetKeyForm(_Worded, account.ResetPasswordKeyForm):
    pass


class ChangePasswordForm(_Worded, account.ChangePasswordForm):
    pass


class SetPasswordForm(_Worded, account.SetPasswordForm):
    pass


class ReauthenticateForm(_Worded, account.ReauthenticateForm):
    pass


class ActivateTotpForm(_Worded, totp.ActivateTOTPForm):
    pass


class SecondFactorForm(_Worded, mfa.AuthenticateForm):
    pass


class SecondFactorAgainForm(_Worded, mfa.ReauthenticateForm):
    pass


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "验证码不正确，请核对手机时间后重新输入。",
        "unverified_email": "请先在“个人信息”页验证邮箱，再开启双重验证。",
        "cannot_delete_authenticator": "您的身份必须使用双重验证，不能关闭。",
        "cannot_generate_recovery_codes": "请先开启双重验证，再生成备用验证码。",
    }
