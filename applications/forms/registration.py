"""Becoming a user: by registering an enterprise, or by an invitation."""

import re
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from applications import validators
from applications.actions.registration import Person
from qcportal.models import MOBILE, User

USERNAME = re.compile(r"^[A-Za-z][A-Za-z0-9._-]{2,29}$")


def checked_name(name: str) -> str:
    try:
        validators.check_person_name(name)
    except ValueError as error:
        raise ValidationError(str(error), code="name") from error
    return name


class PersonForm(forms.Form):
    """Who somebody is and how they log in."""

    name = forms.CharField(label="您的姓名", max_length=50, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    username = forms.CharField(
        label="用户名",
        max_length=30,
        help_text="3 至 30 位，以字母开头，可用字母、数字和 . _ -。登录时也可以用邮箱或手机号码。",
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    email = forms.EmailField(
        label="电子邮箱",
        help_text="回执和审查通知发到这个邮箱。",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    mobile = forms.CharField(
        label="手机号码",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "tel-national", "inputmode": "tel"}),
    )
    password1 = forms.CharField(
        label="密码",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label="确认密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    consent = forms.BooleanField(
        label="我已阅读并同意《个人信息处理规则》",
        error_messages={"required": "请阅读并勾选同意《个人信息处理规则》。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = "至少 10 位，须含大写字母、小写字母、数字、符号中的至少三类。"

    def clean_name(self) -> str:
        return checked_name(self.cleaned_data["name"])

    def clean_username(self) -> str:
        username = self.cleaned_data["username"]
        if not USERNAME.match(username):
            raise ValidationError("用户名为 3 至 30 位，以字母开头，只用字母、数字和 . _ -。", code="username")
        return username

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def clean_mobile(self) -> str:
        mobile = re.sub(r"\D", "", validators.normalise_phone(self.cleaned_data["mobile"]))
        mobile = mobile.removeprefix("86") if len(mobile) == 13 else mobile
        MOBILE(mobile)
        return mobile

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        password1, password2 = cleaned.get("password1"), cleaned.get("password2")
        if password1 and password2 and password1 != password2:
            self.add_error("password2", ValidationError("两次输入的密码不一致。", code="password_mismatch"))
        if password1:
            someone = User(**{key: cleaned.get(key) or "" for key in ("username", "name", "email")})
            try:
                validate_password(password1, someone)
            except ValidationError as error:
                self.add_error("password1", error)
        return cleaned

    def person(self) -> Person:
        data = self.cleaned_data
        return Person(data["username"], data["name"], data["email"], data["mobile"], data["password1"])


class SignupForm(PersonForm):
    credit_code = forms.CharField(
        label="统一社会信用代码",
        max_length=40,
        help_text="营业执照上的 18 位代码，可直接粘贴，空格和大小写会自动处理。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    unit_name = forms.CharField(
        label="单位名称",
        max_length=100,
        help_text="与营业执照一致的全称。",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    origin_explanation = forms.CharField(
        label="登记地或机构类型说明",
        required=False,
        max_length=500,
        help_text="仅当代码不是青海登记的企业（不以 91 开头，或第 3、4 位不是 63）时填写，"
        "例如“总部在外省，由青海分公司开展活动”。",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    field_order = (
        "credit_code", "unit_name", "origin_explanation",
        "name", "username", "email", "mobile", "password1", "password2", "consent",
    )  # fmt: skip

    def clean_credit_code(self) -> str:
        code = validators.normalise_credit_code(self.cleaned_data["credit_code"])
        try:
            validators.check_credit_code(code)
        except ValueError as error:
            raise ValidationError(str(error), code="credit_code") from error
        return code

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        code = cleaned.get("credit_code")
        explained = (cleaned.get("origin_explanation") or "").strip()
        if code and validators.needs_origin_explanation(code) and not explained:
            kind = "不以 91 开头，不是企业代码" if not code.startswith("91") else "不是青海登记的代码"
            self.add_error(
                "origin_explanation",
                ValidationError(
                    f"该代码{kind}。请说明登记地或机构类型，秘书处将人工核对，不影响填报。", code="origin_explanation"
                ),
            )
        return cleaned


class AcceptInvitationForm(PersonForm):
    """The e-mail address is the invited one and not asked for; only a claimed enterprise may have none.

    ``claims``: the enterprise was entered by the secretariat, and its first person proves to belong to it.
    """

    credit_code = forms.CharField(
        label="统一社会信用代码", max_length=40, help_text="本单位营业执照上的 18 位代码，用来确认您属于该单位。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )  # fmt: skip

    def __init__(self, *args: Any, invited_email: str, claims: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invited_email = invited_email
        if invited_email:
            del self.fields["email"]
        if not claims:
            del self.fields["credit_code"]

    def clean(self) -> dict[str, Any]:
        if self.invited_email:
            self.cleaned_data["email"] = self.invited_email.lower()
        return super().clean()
