"""Enterprises and the people in them."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from applications.actions import checking
from applications.models import Enterprise, Membership
from qcportal.adminsite import FILING, ReadOnlyAdmin, StaffAdmin
from qcportal.errors import Refusal
from qcportal.roles import Role, has_role


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Membership
    extra = 0
    fields = ("user", "role", "is_active", "created_at")
    readonly_fields = fields
    can_delete = False
    verbose_name_plural = "单位成员"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request.user, Role.SECRETARIAT, Role.AUDITOR)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user")  # type: ignore[no-any-return]


@admin.register(Enterprise)
class EnterpriseAdmin(StaffAdmin):
    """Corrections by staff are possible and audited; the credit code, which keys everything, is not editable."""

    nav_group, nav_order, nav_icon = FILING, 30, "building"
    may_add = False
    list_display = ("name", "credit_code", "city", "industry", "verified", "origin_flagged", "created_at")
    list_filter = (("verified_at", admin.EmptyFieldListFilter), "origin_flagged", "city", "industry")
    search_fields = ("name", "credit_code", "contact_phone")
    fieldsets = (
        (None, {"fields": ("credit_code", "name", "certificate_name", "parent_group")}),
        ("地址与行业", {"fields": ("city", "address", "postcode", "industry", "scale")}),
        ("联系人", {"fields": ("contact_name", "contact_phone", "contact_email")}),
        (
            "登记地与核验",
            {"fields": ("origin_explanation", "origin_flagged", "verified_at", "verified_by", "created_at")},
        ),
    )
    readonly_fields = ("credit_code", "origin_explanation", "verified_at", "verified_by", "created_at")
    inlines = (MembershipInline,)
    actions = ("verify",)

    @admin.display(description="营业执照", boolean=False)
    def verified(self, row: Enterprise) -> str:
        return "已核验" if row.is_verified else "待核验"

    @admin.action(description="营业执照已核验（所选单位）", permissions=["change"])
    def verify(self, request: HttpRequest, queryset: QuerySet[Enterprise]) -> None:
        done = 0
        for enterprise in queryset:
            try:
                checking.verify_enterprise(enterprise, actor=request.user)  # type: ignore[arg-type]
                done += 1
            except Refusal as refusal:
                messages.warning(request, f"{enterprise}：{refusal.message}")
        if done:
            messages.success(request, f"已核验 {done} 个单位。")


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    nav_group, nav_order, nav_icon = FILING, 35, "users"
    list_display = ("user", "enterprise", "role", "is_active", "created_at")
    list_filter = ("role", "is_active")
    list_select_related = ("user", "enterprise")
    search_fields = ("user__name", "user__username", "enterprise__name")
