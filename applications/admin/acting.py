"""以身份查看: why, as whom, and everything that was looked at so far."""

from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.actions.acting import has_pages, look_as
from applications.admin import staff_pages
from applications.models import Membership
from qcportal import acting, clock
from qcportal.adminsite import SYSTEM
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent, User, Viewing
from qcportal.roles import Role, remember_roles, roles_of

FOUND_AT_MOST = 30


class SearchForm(forms.Form):
    q = forms.CharField(label="姓名、用户名、手机号码或单位", required=False, max_length=100)
    page = forms.IntegerField(required=False, min_value=1)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="查看的原因", max_length=200, min_length=4, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="对方能看到，例如“来电说提交按钮按不动，核对页面”。",
        error_messages={"required": "请写明查看的原因。", "min_length": "请写清楚一些，至少 4 个字。"},
    )  # fmt: skip


@require_safe
def start_list(request: HttpRequest) -> HttpResponse:
    """Whom to look as, and the viewings so far."""
    form = SearchForm(request.GET)
    values = form.cleaned_data if form.is_valid() else {}
    words = (values.get("q") or "").strip()
    viewings = Viewing.objects.select_related("person", "viewer")
    context = staff_pages.context(
        request,
        "以身份查看",
        words=words,
        found=[{"person": person, "kind": _kind(person), "refusal": _refusal(person)} for person in _people(words)],
        page=Paginator(viewings, 50).get_page(values.get("page") or 1),
        minutes=acting.MINUTES,
    )
    return render(request, "admin/acting/list.html", context)


def _people(words: str) -> list[User]:
    if not words:
        return []
    named = Q(name__icontains=words) | Q(username__icontains=words) | Q(mobile__contains=words)
    named |= Q(memberships__enterprise__name__icontains=words, memberships__is_active=True)
    found = User.objects.filter(pk__in=User.objects.filter(named).values("pk")).filter(is_active=True)
    return list(found.prefetch_related("groups", "memberships__enterprise").order_by("name", "pk")[:FOUND_AT_MOST])


def _kind(person: User) -> str:
    """What the person is, in words, from what was fetched with them."""
    words = [f"{row.enterprise.name}　{row.get_role_display()}" for row in person.memberships.all() if row.is_active]  # type: ignore[attr-defined]
    words += [str(Role(group.name).label) for group in person.groups.all() if group.name in Role.values]
    return "，".join(words) or "没有单位和角色"


def _refusal(person: User) -> str:
    names = remember_roles(person)
    reason = acting.refusal_for(person)
    if reason or names & {Role.RECOMMENDER, Role.JUDGE, Role.LEAD_JUDGE}:
        return reason
    return "" if any(row.is_active for row in person.memberships.all()) else "没有可以查看的页面。"  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """GET asks for the reason and says what will happen; POST begins."""
    actor = staff_pages.require_secretariat(request)
    person = get_object_or_404(User, uuid=uuid)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            viewing = look_as(person, actor=actor, reason=form.cleaned_data["reason"], now=clock.now())
        except NotAllowed as refusal:
            messages.error(request, refusal.message)
            return redirect("admin:act_as")
        except Refusal as refusal:
            form.add_error("reason" if refusal.code == "reason" else None, refusal.message)
        else:
            acting.enter(request, viewing)
            return redirect("home_of_user")
    refusal_text = acting.refusal_for(person) or ("" if has_pages(person) else "该用户没有可以查看的页面。")
    context = staff_pages.context(
        request,
        f"以 {person} 的身份查看",
        person=person,
        form=form,
        refusal=refusal_text,
        minutes=acting.MINUTES,
        membership=Membership.objects.of_user(person),
        roles=[str(Role(code).label) for code in sorted(roles_of(person)) if code in Role.values],
    )
    return render(request, "admin/acting/start.html", context)


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """The middleware leaves this address to whoever is logged in."""
    viewing = acting.leave(request)
    if viewing is None:
        messages.info(request, "没有正在进行的查看。")
        return redirect("admin:act_as")
    messages.success(request, f"已结束以 {viewing.person} 的身份查看。")
    return redirect("admin:act_as_trace", viewing.uuid)


@require_safe
def trace(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Which pages were looked at, as the audit trail has them."""
    viewing = get_object_or_404(Viewing.objects.select_related("person", "viewer"), uuid=uuid)
    rows = AuditEvent.objects.about(viewing.person).filter(
        verb__startswith="act_as.", at__gte=viewing.started_at, data__viewing=str(viewing.uuid)
    )
    page = Paginator(rows.order_by("id"), 200).get_page(request.GET.get("page"))
    context = staff_pages.context(request, f"查看记录：{viewing.person}", viewing=viewing, page=page)
    return render(request, "admin/acting/trace.html", context)


admin.site.add_page("act-as/", start_list, name="act_as", title="以身份查看", group=SYSTEM, order=16, icon="eye")
admin.site.add_page("act-as/leave/", leave, name="act_as_leave", title="", group=SYSTEM)
admin.site.add_page("act-as/<uuid:uuid>/", start, name="act_as_start", title="", group=SYSTEM)
admin.site.add_page("act-as/records/<uuid:uuid>/", trace, name="act_as_trace", title="", group=SYSTEM)
