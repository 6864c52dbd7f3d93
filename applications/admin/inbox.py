"""留言 as the secretariat reads and answers them: what waits for an answer first. Drafts have threads as well."""

from typing import Any
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
from applications.admin import staff_pages
from applications.forms.messages import MessageForm
from applications.models import Application, Enterprise, Message, ReplyTemplate, Thread
from qcportal import clock
from qcportal.adminsite import FILING, PROGRAMME, StaffAdmin
from qcportal.errors import NotAllowed, Refusal

OPEN, ALL = "open", "all"


class FilterForm(forms.Form):
    q = forms.CharField(label="单位、小组或文件编号", max_length=100, required=False)
    show = forms.ChoiceField(choices=[(OPEN, "等待答复"), (ALL, "全部")], required=False)
    page = forms.IntegerField(required=False, min_value=1)


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Threads whose last word is the enterprise's come first, the longest waiting of them in front."""
    form = FilterForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    threads = Thread.objects.visible_to(staff_pages.user_of(request)).matching(wanted.get("q") or "")
    rows = threads.for_list(unread_from_staff=False).unanswered_first()
    show = wanted.get("show") or ALL
    context = staff_pages.context(
        request,
        "留言",
        form=form,
        show=show,
        words=wanted.get("q") or "",
        shows=FilterForm.base_fields["show"].choices,  # type: ignore[attr-defined]
        page=Paginator(rows.filter(last_from_staff=False) if show == OPEN else rows, 50).get_page(wanted.get("page")),
    )
    return render(request, "admin/messages/inbox.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def thread(request: HttpRequest, uuid: UUID) -> HttpResponse:
    visible = Thread.objects.visible_to(staff_pages.user_of(request))
    found = get_object_or_404(visible.select_related("enterprise", "application__round__programme"), uuid=uuid)
    if request.method == "POST":
        staff_pages.require_secretariat(request)
    form = _form(request)
    if form.is_valid():
        return _answer(request, found, form.cleaned_data["body"])
    rows = list(found.messages.select_related("author"))
    messages.mark_read(found, by=staff_pages.user_of(request), now=clock.now())
    return render(
        request, "admin/messages/thread.html", _context(request, found.enterprise, found.application, form, rows, found)
    )


@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """The first message about a filing; where there is a thread already, that thread."""
    application = get_object_or_404(Application.objects.select_related("enterprise", "round__programme"), pk=pk)
    begun = Thread.objects.filter(application=application).first()
    if begun is not None and request.method != "POST":
        return redirect("admin:message_thread", begun.uuid)
    if request.method == "POST":
        staff_pages.require_secretariat(request)
    form = _form(request)
    if form.is_valid():
        return _answer(request, messages.thread_for(application), form.cleaned_data["body"])
    return render(
        request, "admin/messages/thread.html", _context(request, application.enterprise, application, form, [], None)
    )


def _form(request: HttpRequest) -> MessageForm:
    """?template= fills the field, so that ready answers work without script."""
    if request.method == "POST":
        return MessageForm(request.POST)
    wanted = request.GET.get("template", "")
    found = (
        ReplyTemplate.objects.filter(pk=int(wanted)).first()
        if wanted.isascii() and wanted.isdigit() and len(wanted) < 12
        else None
    )
    return MessageForm(initial={"body": found.text} if found else None)


def _context(
    request: HttpRequest,
    enterprise: Enterprise,
    application: Application | None,
    form: MessageForm,
    rows: list[Message],
    found: Thread | None,
) -> dict[str, Any]:
    return staff_pages.context(
        request,
        f"留言：{enterprise}",
        thread=found,
        enterprise=enterprise,
        application=application,
        rows=rows,
        form=form,
        may_write=staff_pages.may_edit(request),
        filed=bool(application and application.file_number),
        templates=ReplyTemplate.objects.filter(is_active=True),
    )


def _answer(request: HttpRequest, found: Thread, body: str) -> HttpResponse:
    try:
        messages.post_message(found, author=staff_pages.user_of(request), body=body, from_staff=True)
        flash.success(request, "留言已发送，单位会收到邮件。")
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        flash.error(request, refusal.message)
    return redirect(reverse("admin:message_thread", args=[found.uuid]))


@admin.register(ReplyTemplate)
class ReplyTemplateAdmin(StaffAdmin):
    """常用答复, put into a message with one press and changed before it goes."""

    nav_group, nav_order, nav_icon = PROGRAMME, 45, "comment"
    may_delete = True
    list_display = ("title", "position", "is_active")


admin.site.add_page("messages/", inbox, name="message_inbox", title="留言", group=FILING, order=25, icon="comment")
admin.site.add_page("messages/<uuid:uuid>/", thread, name="message_thread", title="", group=FILING)
admin.site.add_page("messages/new/<int:pk>/", write, name="message_new", title="", group=FILING)
