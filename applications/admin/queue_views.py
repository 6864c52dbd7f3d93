"""The queue and its buttons: next, claim, put back, take over, saved filters. One action each, then a redirect."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.actions import checking, claiming, saved_filters
from applications.admin import queue, queue_page
from applications.admin.queue_filter import Filter
from applications.models import Application, SavedFilter
from qcportal.errors import Refusal
from qcportal.models import User
from qcportal.roles import Role, has_role


class PageForm(forms.Form):
    page = forms.IntegerField(required=False, min_value=1)


class SaveForm(forms.Form):
    name = forms.CharField(label="名称", max_length=20, required=False)
    is_default = forms.BooleanField(label="打开形式审查时默认使用", required=False)
    is_shared = forms.BooleanField(label="与同事共用", required=False)


class NextForm(forms.Form):
    """``start``: the check begins at once; the enterprise can then no longer edit."""

    filter = forms.CharField(max_length=1000, required=False)
    start = forms.BooleanField(required=False)


def user_of(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]


def require_secretariat(request: HttpRequest) -> None:
    if not has_role(request.user, Role.SECRETARIAT):
        raise PermissionDenied


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Without any parameter the person's default filter comes, if there is one."""
    if not request.GET:
        default = SavedFilter.objects.filter(owner=user_of(request), is_default=True).first()
        if default is not None:
            return redirect(queue_page.address(default.query))
    wanted = Filter(request.GET, user_of(request))
    form = PageForm(request.GET)
    page = form.cleaned_data["page"] if form.is_valid() else 1
    if queue.remembered(request) != wanted.query:
        request.session[queue.SESSION_KEY] = wanted.query
    context = {
        **admin.site.each_context(request),
        "title": "形式审查",
        "opts": Application._meta,
        **queue_page.context(request, wanted, page or 1),
    }
    return render(request, "admin/applications/queue/list.html", context)


@require_POST
def next_one(request: HttpRequest) -> HttpResponse:
    """The next unclaimed filing of the filter that the person works through is theirs, and its page opens."""
    require_secretariat(request)
    form = NextForm(request.POST)
    form.is_valid()
    query = form.cleaned_data.get("filter") or queue.remembered(request)
    wanted = Filter.of(query, user_of(request))
    application = claiming.claim_next(wanted.rows(), actor=user_of(request))
    if application is None:
        messages.info(request, "当前筛选里没有未领取的待审查申报了，可以换一个筛选。")
        return redirect(queue_page.address(query))
    if form.cleaned_data.get("start"):
        try:
            checking.start_check(application, actor=user_of(request))
        except Refusal as refusal:
            messages.error(request, refusal.message)
    return redirect("admin:applications_check", pk=application.pk)


def _claiming(action: Callable[..., Any], done: str) -> Callable[..., HttpResponse]:
    """The view of an action on one filing's claim; back to the list or to the check page, wherever it was pressed."""

    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        require_secretariat(request)
        application = get_object_or_404(Application.objects.visible_to(user_of(request)), pk=pk)
        try:
            action(application, actor=user_of(request))
        except Refusal as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, f"{application.file_number or application.display_name} {done}")
        if request.POST.get("back") == "list":
            return redirect(queue_page.address(queue.remembered(request)))
        return redirect("admin:applications_check", pk=pk)

    return view


claim = _claiming(claiming.claim, "已领取。")
release = _claiming(claiming.release, "已放回队列。")
renew = _claiming(claiming.renew, "已续留。")
take_over = _claiming(claiming.take_over, "已由您接手。")


@require_POST
def save_filter(request: HttpRequest) -> HttpResponse:
    require_secretariat(request)
    query = Filter.of(queue.remembered(request), user_of(request)).query
    form = SaveForm(request.POST)
    try:
        if not form.is_valid():
            raise Refusal("名称最多 20 个字。", "too_long")
        saved = saved_filters.save(actor=user_of(request), query=query, **form.cleaned_data)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"已保存为“{saved.name}”。")
    return redirect(queue_page.address(query))


@require_http_methods(["GET", "HEAD", "POST"])
def change_filter(request: HttpRequest, pk: int) -> HttpResponse:
    """One saved filter: its name, whether it comes first, whether colleagues see it; ``delete`` removes it."""
    require_secretariat(request)
    row = get_object_or_404(SavedFilter.objects.filter(owner=user_of(request)), pk=pk)
    form = SaveForm(
        request.POST or None, initial={"name": row.name, "is_default": row.is_default, "is_shared": row.is_shared}
    )
    if request.method == "POST":
        try:
            if "delete" in request.POST:
                saved_filters.delete(row, actor=user_of(request))
                messages.success(request, f"筛选“{row.name}”已删除。")
                return redirect("admin:applications_application_changelist")
            if form.is_valid():
                saved_filters.change(row, actor=user_of(request), **form.cleaned_data)
                messages.success(request, "已保存。")
                return redirect(queue_page.address(row.query))
        except Refusal as refusal:
            form.add_error("name", refusal.message)
    wanted = Filter.of(row.query, user_of(request))
    context = {
        **admin.site.each_context(request),
        "title": f"保存的筛选：{row.name}",
        "row": row,
        "form": form,
        "filter_chips": queue_page.chips(wanted),
        "url": queue_page.address(row.query),
    }
    return render(request, "admin/applications/queue/filter.html", context, status=422 if form.errors else 200)


ADDRESSES: list[tuple[str, Callable[..., HttpResponse], str]] = [
    ("next/", next_one, "queue_next"),
    ("filters/save/", save_filter, "queue_filter_save"),
    ("filters/<int:pk>/", change_filter, "queue_filter"),
    ("<int:pk>/claim/", claim, "queue_claim"),
    ("<int:pk>/release/", release, "queue_release"),
    ("<int:pk>/renew/", renew, "queue_renew"),
    ("<int:pk>/take-over/", take_over, "queue_take_over"),
]
