"""A judge or a member of staff follows the mailed link and sets the first password: the link is the key."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from applications.views.registration import too_many
from qcportal import clock
from qcportal.errors import Refusal
from qcportal.models import PersonInvitation, User
from qcportal.personnel import inviting


class PasswordForm(forms.Form):
    password1 = forms.CharField(
        label="密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="至少 10 位，须含大写字母、小写字母、数字、符号中的至少三类。",
    )  # fmt: skip
    password2 = forms.CharField(
        label="确认密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    consent = forms.BooleanField(
        label="我已阅读并同意《个人信息处理规则》",
        error_messages={"required": "请阅读并勾选同意《个人信息处理规则》。"},
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        password1, password2 = cleaned.get("password1"), cleaned.get("password2")
        if password1 and password2 and password1 != password2:
            self.add_error("password2", ValidationError("两次输入的密码不一致。", code="password_mismatch"))
        if password1:
            try:
                validate_password(password1, self.person)
            except ValidationError as error:
                self.add_error("password1", error)
        return cleaned


@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """One answer for wrong, used, revoked and expired links. Afterwards the person logs in as always: whoever only
    has the link is not logged in by it."""
    rows = PersonInvitation.objects.open(clock.now()).filter(user__is_active=True).select_related("user")
    found = rows.filter(token_hash=inviting.token_hash(token)).first()
    if found is None:
        return render(request, "applications/people_invitation_closed.html", status=404)
    if request.method == "POST" and too_many("person-invitation"):
        return render(request, "applications/registration_too_many.html", status=429)
    form = PasswordForm(request.POST if request.method == "POST" else None, person=found.user)
    if request.method == "POST" and form.is_valid():
        try:
            inviting.accept(found, password=form.cleaned_data["password1"], now=clock.now())
            messages.success(request, "密码已设置，请用邮箱或手机号码登录。")
            return redirect("account_login")
        except Refusal as refusal:
            form.add_error(None, refusal.message)
    return render(request, "account/person_invitation.html", {"invitation": found, "form": form})
