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
    list_display = ("user", "enterprise", "reason", "ownership", "state", "created_at", "decided_by", "decided_at")
    list_filter = ("state", "wants_ownership")
    list_select_related = ("user", "enterprise", "decided_by")
    search_fields = ("user__name", "enterprise__name", "enterprise__credit_code")
    actions = ("accept_as_clerk", "accept_as_manager", "decline")

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """The way to the transfer only for those who may go it."""
        shown = self.list_display
        if self.has_decide_permission(request):
            return shown
        return tuple("wants_ownership" if name == "ownership" else name for name in shown)

    @admin.display(description="接任负责人")
    def ownership(self, asked: JoinRequest) -> str:
        """Becoming owner is decided on a page of its own, beside the proofs."""
        if not asked.wants_ownership or asked.state != JoinState.WAITING:
            return "申请接任" if asked.wants_ownership else "—"
        address = reverse("admin:applications_enterprise_owner", args=[asked.enterprise_id])
        return format_html('<a href="{}">申请接任，去办理</a>', address)

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
