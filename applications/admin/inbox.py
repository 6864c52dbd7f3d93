"""留言 as the secretariat reads and answers them: what waits for an answer first. Drafts have threads as well."""

from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib import messages as flash
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications.actions import messages
from applications.forms.messages import MessageForm
from applications.models import Thread
from qcportal import clock
from qcportal.adminsite import FILING
from qcportal.errors import NotAllowed, Refusal
from qcportal.roles import Role, has_role


class FilterForm(forms.Form):
    q = forms.CharField(label="单位、小组或文件编号", max_length=100, required=False)
    show = forms.ChoiceField(label="显示", choices=[("", "全部"), ("unanswered", "未答复")], required=False)
    page = forms.IntegerField(required=False, min_value=1)


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    threads = Thread.objects.visible_to(request.user).matching(wanted.get("q", ""))  # type: ignore[arg-type]
    if wanted.get("show"):
        threads = threads.unanswered()
    rows = threads.for_list(unread_from_staff=False).order_by("-unread", "-last_at", "-id")
    context = {
        **admin.site.each_context(request),
        "title": "留言：未答复" if wanted.get("show") else "留言",
        "form": form,
        "page": Paginator(rows, 50).get_page(wanted.get("page")),
    }
    return render(request, "admin/messages/inbox.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def thread(request: HttpRequest, uuid: UUID) -> HttpResponse:
    visible = Thread.objects.visible_to(request.user)  # type: ignore[arg-type]
    found = get_object_or_404(visible.select_related("enterprise", "application__round__programme"), uuid=uuid)
    may_write = has_role(request.user, Role.SECRETARIAT)
    if request.method == "POST" and not may_write:
        raise PermissionDenied
    form = MessageForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _answer(request, found, form.cleaned_data["body"])
    rows = list(found.messages.select_related("author"))
    messages.mark_read(found, by=request.user, now=clock.now())  # type: ignore[arg-type]
    context = {
        **admin.site.each_context(request),
        "title": f"留言：{found.enterprise}",
        "thread": found,
        "rows": rows,
        "form": form,
        "may_write": may_write,
        "filed": bool(found.application and found.application.file_number),
    }
    return render(request, "admin/messages/thread.html", context)


def _answer(request: HttpRequest, found: Thread, body: str) -> HttpResponse:
    try:
        messages.post_message(found, author=request.user, body=body, from_staff=True)  # type: ignore[arg-type]
        flash.success(request, "留言已发送，单位会收到邮件。")
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        flash.error(request, refusal.message)
    return redirect(reverse("admin:message_thread", args=[found.uuid]))


admin.site.add_page("messages/", inbox, name="message_inbox", title="留言", group=FILING, order=25, icon="comment")
admin.site.add_page("messages/<uuid:uuid>/", thread, name="message_thread", title="", group=FILING)
