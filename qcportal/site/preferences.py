"""通知设置: what a person wants to get besides what they must get."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from qcportal import channels
from qcportal.errors import Refusal
from qcportal.models import Channel, MailPreference
from qcportal.posting import save_preference
from qcportal.roles import Role, has_role


class PreferenceForm(forms.Form):
    reminders = forms.BooleanField(
        label="接收催办提醒邮件", required=False,
        help_text="草稿未提交、补正和纸质材料到期前的提醒。审查通知、回执和验证码照常发送。",
    )  # fmt: skip
    digest = forms.BooleanField(label="接收每个工作日的工作简报", required=False, help_text="没有待办时不发送。")
    sms = forms.BooleanField(
        label="重要事项同时发短信", required=False, help_text="发到个人信息中的手机号码，秘书处选定的事项才发短信。"
    )

    def __init__(self, *args: Any, is_staff: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_staff:
            del self.fields["digest"]
        if Channel.SMS not in channels.installed():
            del self.fields["sms"]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    user = request.user
    row = MailPreference.objects.filter(user=user).first() or MailPreference()  # type: ignore[misc]
    initial = {"reminders": row.reminders, "digest": row.digest, "sms": row.sms}
    is_staff = has_role(user, Role.SECRETARIAT)
    form = PreferenceForm(request.POST if request.method == "POST" else None, initial=initial, is_staff=is_staff)
    if request.method == "POST" and form.is_valid():
        try:
            save_preference(actor=user, values=form.cleaned_data)  # type: ignore[arg-type]
        except Refusal as refusal:
            form.add_error("sms", refusal.message)
        else:
            messages.success(request, "通知设置已保存。")
            return redirect("mail_preferences")
    return render(request, "account/preferences.html", {"form": form}, status=400 if form.errors else 200)
