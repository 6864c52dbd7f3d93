"""Recommending units with their people, and their opinions as a read-only record."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST

from applications import recommendations
from applications.actions import recommenders
from applications.forms.recommending import UnitInvitationForm
from applications.models import Application, Recommendation, RecommendingUnit, UnitInvitation, UnitMember
from qcportal import clock
from qcportal.adminsite import PROGRAMME, RECORDS, ReadOnlyAdmin, StaffAdmin
from qcportal.errors import Refusal
from qcportal.roles import Role, has_role


@admin.register(RecommendingUnit)
class RecommendingUnitAdmin(StaffAdmin):
    nav_group, nav_order, nav_icon = PROGRAMME, 30, "flag"
    list_display = ("name", "is_active", "position", "account")
    list_filter = ("is_active",)
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RecommendingUnit]:
        active = Q(members__is_active=True, members__user__is_active=True)
        return super().get_queryset(request).annotate(people=Count("members", filter=active))  # type: ignore[no-any-return]

    @admin.display(description="账户")
    def account(self, row: RecommendingUnit) -> str:
        count = row.people  # type: ignore[attr-defined]
        word = f"{count} 人" if count else "未开通"
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:applications_unit_people", args=[row.pk]), f"{word}，管理人员"
        )

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            path(f"<int:pk>/people/{address}", self.admin_site.admin_view(view), name=f"applications_unit_{name}")
            for address, view, name in ADDRESSES
        ] + super().get_urls()


def _require_secretariat(request: HttpRequest) -> None:
    if not has_role(request.user, Role.SECRETARIAT):
        raise PermissionDenied


@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """Who works for the unit, who was asked to; POST invites."""
    if request.method == "POST":
        _require_secretariat(request)
    unit = get_object_or_404(RecommendingUnit, pk=pk)
    form = UnitInvitationForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            recommenders.invite(unit, actor=request.user, now=clock.now(), **form.cleaned_data)  # type: ignore[arg-type]
            messages.success(request, f"邀请已发送到 {form.cleaned_data['email']}。")
            return redirect("admin:applications_unit_people", pk=pk)
        except Refusal as refusal:
            form.add_error("email", refusal.message)
    now = clock.now()
    context = {
        **admin.site.each_context(request),
        "title": f"推荐单位人员：{unit}",
        "opts": RecommendingUnit._meta,
        "unit": unit,
        "form": form,
        "may_edit": has_role(request.user, Role.SECRETARIAT),
        "members": list(unit.members.for_list()),
        "invitations": [(one, one.expires_at <= now) for one in unit.invitations.unanswered()],
    }
    return render(request, "admin/applications/recommendingunit/people.html", context)


def _done(request: HttpRequest, pk: int, action: Any, target: Any, done: str, **more: Any) -> HttpResponse:
    try:
        action(target, actor=request.user, **more)
        messages.success(request, done)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("admin:applications_unit_people", pk=pk)


@require_POST
def deactivate(request: HttpRequest, pk: int, member: int) -> HttpResponse:
    _require_secretariat(request)
    found = get_object_or_404(UnitMember.objects.select_related("user", "unit"), pk=member, unit=pk)
    return _done(request, pk, recommenders.deactivate, found, f"{found.user} 已停用。")


@require_POST
def resend(request: HttpRequest, pk: int, invitation: int) -> HttpResponse:
    _require_secretariat(request)
    found = get_object_or_404(UnitInvitation.objects.select_related("unit"), pk=invitation, unit=pk)
    return _done(request, pk, recommenders.resend, found, "邀请已重新发送，原链接失效。", now=clock.now())


@require_POST
def revoke(request: HttpRequest, pk: int, invitation: int) -> HttpResponse:
    _require_secretariat(request)
    found = get_object_or_404(UnitInvitation.objects.select_related("unit"), pk=invitation, unit=pk)
    return _done(request, pk, recommenders.revoke, found, "邀请已撤销。", now=clock.now())


ADDRESSES = (
    ("", people, "people"),
    ("<int:member>/deactivate/", deactivate, "deactivate"),
    ("invitations/<int:invitation>/resend/", resend, "resend"),
    ("invitations/<int:invitation>/revoke/", revoke, "revoke"),
)


@admin.register(Recommendation)
class RecommendationAdmin(ReadOnlyAdmin):
    nav_group, nav_order, nav_icon = RECORDS, 66, "flag"
    list_display = ("application", "unit", "decision", "version_label", "given_at", "given_by", "standing", "code")
    list_filter = ("decision", "unit")
    list_select_related = ("application", "unit", "given_by", "submission", "frozen_in", "superseded_by")
    search_fields = ("application__file_number", "application__enterprise__name", "code", "sha256")
    fields = (
        "application", "unit", "decision", "text", "version_label", "given_at", "given_by", "standing", "withdrawn_at",
        "withdrawn_by", "code", "sha256",
    )  # fmt: skip

    @admin.display(description="针对版本")
    def version_label(self, row: Recommendation) -> str:
        if row.submission is not None:
            return f"第 {row.submission.version} 版（另页）"
        if row.frozen_in is None:
            return "提交前的内容"
        return f"第 {row.frozen_in.version} 版（随其冻结）" + ("" if row.frozen_unchanged else "，之后有修改")

    @admin.display(description="效力")
    def standing(self, row: Recommendation) -> str:
        if row.withdrawn_at:
            return "已撤回"
        return "已被取代" if hasattr(row, "superseded_by") and row.superseded_by else "有效"


OPINIONS = (
    ("recommend", "同意推荐"), ("decline", "不推荐"), ("none", "未出具"), ("older", "仅有旧版意见"),
    ("direct", "不经推荐单位"),
)  # fmt: skip


def with_opinion(rows: QuerySet[Application], chosen: str) -> QuerySet[Application]:
    """By the opinion about the latest version."""
    if chosen == "direct":
        return rows.filter(recommending_unit=None)
    rows = recommendations.with_latest(rows)
    standing = Recommendation.objects.standing().filter(application=OuterRef("pk"))
    latest = standing.filter(Q(submission=OuterRef("latest_pk")) | Q(frozen_in=OuterRef("latest_pk")))
    if chosen in {"recommend", "decline"}:
        return rows.filter(Exists(latest.filter(decision=chosen)))
    older = Exists(standing.exclude(submission=None, frozen_in=None))
    if chosen == "older":
        return rows.filter(~Exists(latest) & older)
    return rows.filter(~Exists(latest), recommending_unit__isnull=False)
