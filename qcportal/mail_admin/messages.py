"""One letter of the outbox and what may be done with it; sending many held ones at once."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib import messages as flash
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_http_methods, require_POST

from qcportal import bounces, letter_codes, posting, wechat
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import MailMessage, MailState, OutboxMessage
from qcportal.posting import BULK_AT_MOST as BULK_AT_MOST
from qcportal.roles import Role, has_role


class EditForm(forms.Form):
    subject = forms.CharField(label="主题", max_length=200, error_messages={"required": "请填写主题。"})
    body = forms.CharField(
        label="正文", max_length=20_000, widget=forms.Textarea(attrs={"rows": 18}), strip=False,
        error_messages={"required": "请填写正文。"},
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class ResendForm(forms.Form):
    to = forms.CharField(label="发到", max_length=254, required=False)
    seen = forms.IntegerField(required=False, min_value=0)


class ManyForm(forms.Form):
    mail = forms.TypedMultipleChoiceField(coerce=int, choices=[])

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["mail"].choices = [(each, each) for each in data.getlist("mail") if each.isdigit()]  # type: ignore[attr-defined]


def show(request: HttpRequest, message: MailMessage, *, status: int = 200, **more: Any) -> HttpResponse:
    subject, address = _about(message)
    context = {
        **admin.site.each_context(request),
        "title": message.subject,
        "mail": message,
        "letter": letter_codes.title(message.letter),
        "about": subject,
        "about_address": address,
        "attempts": list(message.attempts.all()),
        "versions": list(message.versions.select_related("replaced_by")),
        "resends": list(message.resends.all()),
        "order": OutboxMessage.objects.filter(key=message.key or f"mail:{message.pk}").first(),
        "returned": bounces.returned([message.to]).get(message.to.lower(), ""),
        "wechat": wechat.text(message) if message.shows_body else "",
        "may_act": has_role(request.user, Role.SECRETARIAT),
        **more,
    }
    return render(request, "admin/outbox/message.html", context, status=status)


def _about(message: MailMessage) -> tuple[str, str]:
    """What it is about in words, and where that stands; the platform knows neither beforehand."""
    label, _colon, uuid = message.about.partition(":")
    if not uuid:
        return "", ""
    row = apps.get_model(label).objects.filter(uuid=uuid).first()
    if row is None:
        return "", ""
    try:
        return str(row), reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return str(row), ""


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The words of a letter that has not left. What was typed stays when it is refused."""
    message = get_object_or_404(MailMessage, pk=pk)
    if not has_role(request.user, Role.SECRETARIAT):
        raise PermissionDenied
    if not message.may_edit:
        flash.error(request, posting.GONE)
        return _back(message)
    initial = {"subject": message.subject, "body": message.body, "version": message.versions.count()}
    form = EditForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            posting.edit(message, actor=request.user, **form.cleaned_data)  # type: ignore[arg-type]
            if "send" in request.POST:
                posting.send_now(message, actor=request.user)  # type: ignore[arg-type]
            flash.success(request, "已保存并交付发送。" if "send" in request.POST else "已保存，原来的文本留作旧稿。")
            return _back(message)
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except Refusal as refusal:
            form.add_error(None, refusal.message)
    context = {**admin.site.each_context(request), "title": "修改信函", "mail": message, "form": form}
    return render(request, "admin/outbox/edit.html", context, status=400 if form.errors else 200)


@require_POST
def send(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, posting.send_now, "已交付发送。")


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, posting.cancel, "已取消，这封信不会发出。")


@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, posting.settle, "已记为送达。")


@require_POST
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    message = get_object_or_404(MailMessage, pk=pk)
    form = ResendForm(request.POST)
    values = form.cleaned_data if form.is_valid() else {}
    try:
        new = posting.resend(message, actor=request.user, to=values.get("to") or "", seen=values.get("seen"))  # type: ignore[arg-type]
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        if refusal.code == "address":
            return show(request, message, status=400, resend_error=refusal.message, resend_to=values.get("to", ""))
        flash.error(request, refusal.message)
        return _back(message)
    flash.success(request, f"已作为新的一封重发到 {new.to}。")
    return _back(new)


def _do(request: HttpRequest, pk: int, action: Callable[..., None], words: str) -> HttpResponse:
    message = get_object_or_404(MailMessage, pk=pk)
    try:
        action(message, actor=request.user)
        flash.success(request, words)
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        flash.error(request, refusal.message)
    return _back(message)


def _back(message: MailMessage) -> HttpResponse:
    return redirect(reverse("admin:qcportal_mailmessage_change", args=[message.pk]))


def bulk_context(request: HttpRequest, rows: list[MailMessage]) -> dict[str, Any]:
    returned = bounces.returned([row.to for row in rows])
    shown = [{"mail": row, "returned": returned.get(row.to.lower(), "")} for row in rows]
    return {
        **admin.site.each_context(request),
        "title": "发送暂缓的信函",
        "rows": shown,
        "warned": sum(bool(row["returned"]) for row in shown),
    }


@require_POST
def send_held(request: HttpRequest) -> HttpResponse:
    """The confirmed ones of the list go; what left meanwhile is passed over."""
    form = ManyForm(request.POST)
    wanted = form.cleaned_data["mail"] if form.is_valid() else []
    try:
        count = posting.send_all(wanted, actor=request.user)  # type: ignore[arg-type]
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    if count:
        flash.success(request, f"已交付发送 {count} 封。")
    else:
        flash.warning(request, "没有可以发送的信，可能已经发出。")
    return redirect(f"{reverse('admin:qcportal_mailmessage_changelist')}?state={MailState.HELD}")
