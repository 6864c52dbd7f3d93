"""Enterprises and the people in them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join

from applications.actions import enterprises
from applications.admin import owner_transfer, verification
from applications.models import Enterprise, EnterpriseProof, FormerName, Membership
from qcportal.adminsite import FILING, ReadOnlyAdmin, StaffAdmin
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


class RecordInline(admin.TabularInline):  # type: ignore[type-arg]
    """Rows that are looked at here and never changed."""

    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request.user, Role.SECRETARIAT, Role.AUDITOR)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ProofInline(RecordInline):
    model = EnterpriseProof
    fields = readonly_fields = ("kind", "opened", "uploaded_by", "uploaded_at", "asked")

    @admin.display(description="文件")
    def opened(self, row: EnterpriseProof) -> str:
        return format_html('<a href="{}">{}</a>', reverse("applications:proof_file", args=[row.uuid]), row.name)

    @admin.display(description="来自")
    def asked(self, row: EnterpriseProof) -> str:
        return "申请加入的人" if row.join_request_id else "单位"

    def get_queryset(self, request: HttpRequest) -> QuerySet[EnterpriseProof]:
        return super().get_queryset(request).select_related("uploaded_by")  # type: ignore[no-any-return]


class FormerNameInline(RecordInline):
    model = FormerName
    fields = readonly_fields = ("name", "until", "changed_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[FormerName]:
        return super().get_queryset(request).select_related("changed_by")  # type: ignore[no-any-return]


@admin.register(Enterprise)
class EnterpriseAdmin(StaffAdmin):
    """Corrections by staff are possible and audited; the credit code, which keys everything, is not editable."""

    nav_group, nav_order, nav_icon = FILING, 30, "building"
    may_add = False
    list_display = ("name", "credit_code", "city", "industry", "verified", "origin_flagged", "created_at", "ways")
    list_filter = (("verified_at", admin.EmptyFieldListFilter), "origin_flagged", "city", "industry")
    search_fields = ("name", "credit_code", "contact_phone", "former_names__name")
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
    inlines = (MembershipInline, ProofInline, FormerNameInline)
    change_form_template = "admin/applications/enterprise/change_form.html"

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """A table of records that has no row says nothing."""
        made = super().get_inline_instances(request, obj)
        return [
            each for each in made
            if not isinstance(each, RecordInline) or (obj and each.model.objects.filter(enterprise=obj).exists())
        ]  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        pages = (
            ("owner/", owner_transfer.transfer, "owner"),
            ("verify/", verification.verify, "verify"),
            ("revoke/", verification.revoke, "revoke"),
            ("proof/", verification.add_proof, "proof"),
        )
        own = [
            path(f"<int:pk>/{address}", self.admin_site.admin_view(view), name=f"applications_enterprise_{name}")
            for address, view, name in pages
        ]
        return [*own, *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Enterprise, form: Any, change: bool) -> None:
        """A name corrected by staff leaves the old one on record too."""
        if change and "name" in form.changed_data:
            enterprises.record_former_name(obj, form.initial["name"], actor=request.user)  # type: ignore[arg-type]
        super().save_model(request, obj, form, change)

    @admin.display(description="办理")
    def ways(self, row: Enterprise) -> str:
        """From the list straight to what is done most."""
        links = [(reverse("admin:dealings", args=[row.uuid]), "往来")]
        if not row.is_verified:
            links.insert(0, (reverse("admin:applications_enterprise_verify", args=[row.pk]), "核验"))
        return format_html_join("　", '<a href="{}">{}</a>', links)

    @admin.display(description="营业执照", boolean=False)
    def verified(self, row: Enterprise) -> str:
        return "已核验" if row.is_verified else "待核验"


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    nav_group, nav_order, nav_icon = FILING, 35, "users"
    list_display = ("user", "enterprise", "role", "is_active", "created_at")
    list_filter = ("role", "is_active")
    list_select_related = ("user", "enterprise")
    search_fields = ("user__name", "user__username", "enterprise__name")
