"""allauth's forms in the portal's words."""

from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm


class LoginForm(AllauthLoginForm):
    """One field for username, e-mail or mobile number (accounts.LoginBackend)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "账号"
        self.fields["login"].widget.attrs.update(
            {"placeholder": "用户名、邮箱或手机号", "autocomplete": "username", "autocapitalize": "none"}
        )
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs.pop("placeholder", None)


class ResetForm(AllauthResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "邮箱"
        self.fields["email"].widget.attrs.pop("placeholder", None)
