"""加入申请 as the secretariat decides them, when an owner does not."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from applications.actions import joining
from applications.models import JoinRequest, JoinState, MembershipRole
from qcportal import clock
from qcportal.adminsite import FILING, ReadOnlyAdmin
from qcportal.errors import Refusal
from qcportal.roles import has_role


@admin.register(JoinRequest)
class JoinRequestAdmin(ReadOnlyAdmin):
    nav_group, nav_order, nav_icon = FILING, 36, "user-plus"
    list_display = (
        "user", "enterprise", "reason", "wants_ownership", "ownership", "state", "created_at", "decided_by",
        "decided_at",
    )  # fmt: skip
    list_filter = ("state", "wants_ownership")
    list_select_related = ("user", "enterprise", "decided_by")
    search_fields = ("user__name", "enterprise__name", "enterprise__credit_code")
    actions = ("accept_as_clerk", "accept_as_manager", "decline")

    @admin.display(description="办理接任")
    def ownership(self, asked: JoinRequest) -> str:
        """Becoming owner is decided on a page of its own, beside the proofs."""
        if not asked.wants_ownership or asked.state != JoinState.WAITING:
            return "—"
        address = reverse("admin:applications_enterprise_owner", args=[asked.enterprise_id])
        return format_html('<a href="{}">变更单位负责人</a>', address)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return has_role(request.user, *self.edit_roles)

    @admin.action(description="同意，任小组填报人", permissions=["decide"])
    def accept_as_clerk(self, request: HttpRequest, queryset: QuerySet[JoinRequest]) -> None:
        self._decide(request, queryset, MembershipRole.CLERK)

    @admin.action(description="同意，任质量主管", permissions=["decide"])
    def accept_as_manager(self, request: HttpRequest, queryset: QuerySet[JoinRequest]) -> None:
        self._decide(request, queryset, MembershipRole.MANAGER)

    @admin.action(description="不同意加入", permissions=["decide"])
    def decline(self, request: HttpRequest, queryset: QuerySet[JoinRequest]) -> None:
        self._decide(request, queryset, "")

    def _decide(self, request: HttpRequest, queryset: QuerySet[JoinRequest], role: str) -> None:
        """The action itself refuses an auditor and requests that are decided already."""
        done = 0
        for asked in queryset.select_related("user", "enterprise"):
            try:
                if role:
                    joining.accept(asked, actor=request.user, role=role, now=clock.now())  # type: ignore[arg-type]
                else:
                    joining.decline(asked, actor=request.user, now=clock.now())  # type: ignore[arg-type]
                done += 1
            except Refusal as refusal:
                messages.warning(request, f"{asked.user}：{refusal.message}")
        if done:
            messages.success(request, f"已处理 {done} 份加入申请，申请人已收到邮件。")
