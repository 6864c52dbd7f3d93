"""The person's own page: name, mobile number, e-mail address and its proof by a 6-digit code."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from qcportal.accounts import confirm_email, send_email_code
from qcportal.errors import Refusal
from qcportal.models import MOBILE
from qcportal.people import change_profile


class ProfileForm(forms.Form):
    name = forms.CharField(
        label="姓名", min_length=2, max_length=50, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    mobile = forms.CharField(
        label="手机号码",
        required=False,
        validators=[MOBILE],
        help_text="可以用来登录",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "numeric", "maxlength": "11"}),
    )
    email = forms.EmailField(
        label="邮箱",
        required=False,
        help_text="接收回执和通知，也用来找回密码；修改后须重新验证",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class CodeForm(forms.Form):
    code = forms.RegexField(
        r"^\s*\d{6}\s*$",
        label="验证码",
        error_messages={"invalid": "验证码是 6 位数字。"},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": "6"}),
    )


FIELD_OF = {"mobile_taken": "mobile", "email_taken": "email"}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user = request.user
    initial = {"name": user.name, "mobile": user.mobile or "", "email": user.email}  # type: ignore[union-attr]
    form = ProfileForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            change_profile(actor=user, **form.cleaned_data)  # type: ignore[arg-type]
        except Refusal as refusal:
            form.add_error(FIELD_OF.get(refusal.code), refusal.message)
        else:
            messages.success(request, "个人信息已保存。")
            return redirect("profile")
    return render(request, "account/profile.html", {"form": form}, status=400 if form.errors else 200)


@login_required
@require_POST
def send_code(request: HttpRequest) -> HttpResponse:
    try:
        send_email_code(request.user)  # type: ignore[arg-type]
    except Refusal as refusal:
        messages.warning(request, refusal.message)
        if refusal.code == "no_email":
            return redirect("profile")
    else:
        messages.success(request, "验证码已发送，15 分钟内有效。")
    return redirect("verify_email")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def verify_email(request: HttpRequest) -> HttpResponse:
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            confirm_email(request.user, form.cleaned_data["code"])  # type: ignore[arg-type]
        except Refusal as refusal:
            form.add_error("code", refusal.message)
        else:
            messages.success(request, "邮箱已验证。")
            return redirect("profile")
    return render(request, "account/verify_email.html", {"form": form}, status=400 if form.errors else 200)
